"""Entries of made-up certifications, and the styles they are written in, for the properties of the reader."""

from datetime import date

from hypothesis import strategies as st

from portfolio.domain.certification.rules.entry import (
    Entry,
    EntryBlock,
    EntryCompetency,
    Holders,
    Permanence,
    Registration,
    Route,
    RouteEntry,
    Site,
    SiteKind,
)
from portfolio.domain.certification.rules.entry_schema import entry_as_json, entry_from_json
from portfolio.domain.certification.rules.jury_rule import JuryRule, Seat
from tests.certification.readers.writing import SEATS, Style, day_in_french, jury_text, one_line

VERBS = [
    "Préparer",
    "Conduire",
    "Évaluer",
    "Concevoir",
    "Tenir",
    "Négocier",
    "Élaborer",
    "Transmettre",
    "Vérifier",
    "Établir",
]
OBJECTS = [
    "la mise en culture d'une parcelle",
    "un plan de charge, du devis à la livraison",
    "les relations avec les fournisseurs, les clients et les services de l'État",
    "une démarche d'auto-évaluation au sein de l'équipe",
    "l'accueil d'un groupe en start-up, elle-même en croissance, ou dans une association",
    "son budget (achats et ventes) en tenant compte de l'aléa climatique et des contraintes de saison",
    "le suivi sanitaire des lots en cours, selon la réglementation",
    "l'e-commerce des produits de la ferme",
]
TITLES = [
    "Maître(sse) d'ouvrage horticole",
    "Responsable d'atelier",
    "Expert(e) en miellerie",
    "Chargé de projet rural et forestier",
]
NAMES = ["Institut des Jardins", "École du Miel", "CFA de la Vallée", "Union Rurale"]
SITES = [
    "Institut des Jardins – 5 rue du Puits – 75002 Paris",
    "École du Miel, 2 place Haute- 33000 Bordeaux",
    "CFA - 27 Bis rue du Pré-93100 Montreuil",
]
PARAGRAPH = "le candidat présente son travail pendant 20 minutes, puis répond au jury pendant 15 minutes."


@st.composite
def styles(draw: st.DrawFn) -> Style:
    return Style(
        bullet=draw(st.sampled_from(["• ", "- ", "– ", "\uf0b7 ", ""])),
        width=draw(st.sampled_from([50, 70, 120])),
        curly=draw(st.booleans()),
        heads_on_one_line=draw(st.booleans()),
        ratio_in_words=draw(st.booleans()),
        size_in_figures=draw(st.booleans()),
        line_end=draw(st.sampled_from(["\n", "\r\n"])),
        page_breaks=draw(st.booleans()),
    )


@st.composite
def blocks(draw: st.DrawFn) -> tuple[EntryBlock, ...]:
    texts = draw(st.permutations([f"{verb} {what}" for verb in VERBS for what in OBJECTS[:4]]))
    found = []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        count = draw(st.integers(1, 5))
        ones = tuple(EntryCompetency(n, texts.pop()) for n in range(1, count + 1))
        cases = draw(st.integers(1, 3))
        told = (
            ["étude d'un cas d'entreprise."]
            if cases == 1
            else [f"Cas pratique n°{n} : étude d'un cas." for n in range(1, cases + 1)]
        )
        found.append(
            EntryBlock(
                number,
                f"{draw(st.sampled_from(VERBS))} l'activité {number} de l'exploitation",
                ones,
                tuple(told),
                draw(st.booleans()),
            )
        )
    return tuple(found)


@st.composite
def registrations(draw: st.DrawFn) -> tuple[Registration, ...]:
    start = draw(st.dates(date(2001, 1, 1), date(2010, 1, 1)))
    found = []
    for _ in range(draw(st.integers(1, 4))):
        published = start.replace(month=3, day=1)
        until = draw(st.dates(start.replace(year=start.year + 1, day=1), start.replace(year=start.year + 4, day=28)))
        act = f"Arrêté du 12 février {start.year} publié au Journal Officiel du {day_in_french(published)}"
        found.append(Registration(draw(st.sampled_from(TITLES)), act, start, until))
        start = until
    return tuple(found)


# The seats that a text names; the others are those of a rule made on the screen.
NAMED = [seat for seat in SEATS if seat is not Seat.PRESIDENT]


@st.composite
def juries(draw: st.DrawFn) -> JuryRule:
    others = draw(st.lists(st.sampled_from(NAMED), min_size=1, max_size=6))
    share = st.sampled_from([None, 0.25, 0.4, 0.5, 0.335])
    return JuryRule(len(others) + 1, (Seat.PRESIDENT, *others), draw(share), draw(share))


@st.composite
def entries(draw: st.DrawFn, style: Style) -> Entry:
    """An entry such as the form preserves it: `read(entry_text(entry, style))` gives it back, but for the doubts."""
    title, acts, jury = draw(st.sampled_from(TITLES)), draw(registrations()), draw(juries())
    opened = {route: draw(st.booleans()) for route in Route}
    entry = Entry(
        code=f"RNCP{draw(st.integers(10, 39999))}",
        title=title,
        titles_seen=tuple(dict.fromkeys([title, *(act.title for act in reversed(acts))])),
        blocks=draw(blocks()),
        level=draw(st.sampled_from(["5", "6", "7"])),
        level_1969=draw(st.sampled_from(["I", "II", "III"])),
        nsf=tuple(draw(st.lists(st.sampled_from(["326", "210s", "310p"]), unique=True, min_size=1))),
        rome=tuple(draw(st.lists(st.sampled_from(["A1203", "E1103", "M1705"]), unique=True, min_size=1))),
        certifiers=tuple(draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=2))),
        signatory=draw(st.sampled_from(["Directrice de l'établissement", "Président", "Le directeur général"])),
        predecessor=draw(st.sampled_from([None, "RNCP7"])),
        registrations=acts,
        routes=tuple(
            RouteEntry(r, True if is_open else None, one_line(jury_text(jury, style)) if is_open else None)
            for r, is_open in opened.items()
        ),
        jury=jury if any(opened.values()) else None,
        deliverables=tuple(
            draw(
                st.sampled_from(
                    [(), ("Un plan de culture.", "Un compte rendu de visite"), ("Un devis", "Un plan", "Un bilan")]
                )
            )
        ),
        defence=draw(st.sampled_from([None, f"Soutenance : {PARAGRAPH}"])),
        permanence=draw(st.sampled_from(list(Permanence))),
        sites=tuple(
            Site(kind, site) for kind in SiteKind for site in draw(st.lists(st.sampled_from(SITES), unique=True))
        ),
        holders_per_year=tuple(
            Holders(name, draw(st.integers(1, 300))) for name in draw(st.lists(st.sampled_from(NAMES), unique=True))
        ),
    )
    return curled(entry) if style.curly else entry


def curled(entry: Entry) -> Entry:
    """Return the same entry with typographic apostrophes everywhere, as its text was given them."""

    def curl(value: object) -> object:
        if isinstance(value, str):
            return value.replace("'", "’")
        if isinstance(value, dict):
            return {key: curl(one) for key, one in value.items()}
        return [curl(one) for one in value] if isinstance(value, list) else value

    return entry_from_json(curl(entry_as_json(entry)))


SAMPLE = Entry(
    code="RNCP12345",
    title="Responsable d'atelier",
    titles_seen=("Responsable d'atelier",),
    blocks=(
        EntryBlock(1, "Tenir l'atelier", (EntryCompetency(1, "Tenir les comptes"),), ("étude de cas",), True),
        EntryBlock(
            2, "Ouvrir l'atelier", (EntryCompetency(1, "Accueillir"), EntryCompetency(2, "Vendre")), ("oral",), True
        ),
    ),
    level="6",
    level_1969="II",
    nsf=("326",),
    rome=("E1103",),
    certifiers=("École du Miel",),
    signatory="Directrice",
    registrations=(
        Registration(
            "Responsable d'atelier",
            "Arrêté du 2 mai 2012 publié au Journal Officiel du 12 mai 2012",
            date(2012, 5, 12),
            date(2015, 5, 12),
        ),
    ),
    routes=tuple(RouteEntry(route, True) for route in Route),
    jury=JuryRule(2, (Seat.PRESIDENT, Seat.TEACHER_TRAINER), 0.5, 0.5),
    permanence=Permanence.UNLIMITED,
)
