"""One FICHE element as an entry with its doubts (V4.x and V3; V2 by the names its elements have).

The registration of an entry: its days, its act, and what is deduced of them.

What else the published data says of an entry: organisations, acts, texts, nomenclatures, statistics, correspondences.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lxml import etree

from portfolio.domain.certification.readers.acts import act_of_registration
from portfolio.domain.certification.readers.cncp_text.listing import years_after
from portfolio.domain.certification.readers.france_competences.blocks import blocks_of, twice_in
from portfolio.domain.certification.readers.france_competences.jury import ROUTE_ELEMENT, jury_of, routes_of
from portfolio.domain.certification.readers.france_competences.stream import number_of
from portfolio.domain.certification.readers.france_competences.texts import (
    MARKUP,
    answer_of,
    day_of,
    has_markup,
    line_of,
    raw_of,
    squeeze,
    text_of,
    whole_of,
)
from portfolio.domain.certification.readers.validity import partial_doubts, with_duration
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import (
    Act,
    ActKind,
    CohortStatistics,
    Correspondence,
    Entry,
    EntryDetails,
    Habilitation,
    HabilitationState,
    Labelled,
    Partner,
    Passage,
    RegisteredCertifier,
    Registration,
)
from portfolio.domain.certification.rules.registration import (
    Part,
    PartFinding,
    RejectionReason,
    UnreadableEntry,
    act_covers,
)

ON_REQUEST, BY_LAW = "sur demande", "de droit"
# From the day that counts to the one that stands in for it.
STARTS_BY_LAW = ("DATE_EFFET", "DATE_DE_PUBLICATION", "DATE_DERNIER_JO")
STARTS_ON_REQUEST = ("DATE_EFFET", "DATE_DECISION", "DATE_DE_PUBLICATION")
DAYS = ("DATE_FIN_ENREGISTREMENT", "DATE_DECISION", "DATE_EFFET", "DATE_DE_PUBLICATION", "DATE_LIMITE_DELIVRANCE")
WHERE = "registrations.1"


def registrations_of(entry: etree._Element, title: str) -> tuple[tuple[Registration, ...], list[Doubt]]:
    """Return the one registration that the published data describes; a day that is absent or unreadable stays None."""
    kind = line_of(entry, "TYPE_ENREGISTREMENT")
    names = STARTS_ON_REQUEST if ON_REQUEST in kind.lower() else STARTS_BY_LAW
    days = {name: day_of(raw_of(entry, name)) for name in {*names, *DAYS}}
    start = next((name for name in names if days[name]), None)
    since, until = days[start] if start else None, days["DATE_FIN_ENREGISTREMENT"]
    doubts = [*_unreadable(entry, days)]
    if since is None and until is None and not kind:
        return (), [*doubts, Doubt("registrations", DoubtCode.SECTION_MISSING, ("registrations",))]
    if since is None or until is None:
        doubts.append(Doubt(WHERE, DoubtCode.REGISTRATION_DATES_MISSING))
    elif start not in names[:2]:
        doubts.append(Doubt(WHERE, DoubtCode.REGISTRATION_START_DEDUCED, (since.isoformat(),)))
    doubts += _duration(entry, since, until)
    if kind and not any(known in kind.lower() for known in (ON_REQUEST, BY_LAW)):
        doubts.append(Doubt(WHERE, DoubtCode.REGISTRATION_KIND_UNKNOWN, (kind[:200],)))
    act, about_act = _act(entry, kind, since, until)
    return (Registration(title, " – ".join(filter(None, (kind, act))), since, until),), doubts + about_act


def _act(entry: etree._Element, kind: str, since: date | None, until: date | None) -> tuple[str, list[Doubt]]:
    """Return the words of the act of a registration: on request, its own decision; else the act cited, as the
    entry writes it.
    """
    decided = squeeze(raw_of(entry, "DATE_DECISION"))
    chosen, doubts = act_of_registration(_acts(entry), since, until)
    if not decided or (chosen and ON_REQUEST not in kind.lower()):
        return (chosen.title if chosen else ""), doubts
    decision = f"décision du {decided}"
    kept = [doubt for doubt in doubts if doubt.where == "registrations"]
    if not act_covers(day_of(decided), since, until):
        kept.append(Doubt(WHERE, DoubtCode.ACT_OUTSIDE_REGISTRATION, (decision[:500],)))
    return decision, kept


def _duration(entry: etree._Element, since: date | None, until: date | None) -> Iterator[Doubt]:
    years = whole_of(raw_of(entry, "DUREE_ENREGISTREMENT"))
    decided = day_of(raw_of(entry, "DATE_DECISION"))
    if not years or until is None:
        return
    if until not in {years_after(day, years) for day in (since, decided) if day}:
        yield Doubt(WHERE, DoubtCode.REGISTRATION_DURATION_DIFFERS, (str(years), until.isoformat()))


def _unreadable(entry: etree._Element, days: dict[str, date | None]) -> Iterator[Doubt]:
    for name in sorted(days):
        written = squeeze(raw_of(entry, name))
        if written and days[name] is None:
            yield Doubt("registrations", DoubtCode.DATE_UNREADABLE, (name, written[:40]))


ACT_KINDS = {"GENERAL": ActKind.GENERAL, "CREATION": ActKind.CREATION, "AUTRE": ActKind.OTHER}
HABILITATIONS = {
    "HABILITATION_FORMER": Habilitation.TRAIN,
    "HABILITATION_ORGANISER": Habilitation.ORGANISE,
    "HABILITATION_ORGA_FORM": Habilitation.BOTH,
}
STATES = {
    "actif": HabilitationState.ACTIVE,
    "inactif": HabilitationState.INACTIVE,
    "supprimé": HabilitationState.REMOVED,
}
# The name of each text, then its older names.
PASSAGES = (
    ("OBJECTIFS_CONTEXTE",),
    ("ACTIVITES_VISEES",),
    ("CAPACITES_ATTESTEES",),
    ("SECTEURS_ACTIVITE", "SECTEUR_ACTIVITE"),
    ("TYPE_EMPLOI_ACCESSIBLES",),
    ("REGLEMENTATIONS_ACTIVITES",),
    ("PREREQUIS_ENTREE_FORMATION",),
    ("PREREQUIS_VALIDATION_CERTIFICATION",),
    ("VALIDATION_PARTIELLE_PERIMETRE",),
    ("NIVEAU_MAITRISE_COMPETENCES",),
    ("MODALITES_RENOUVELLEMENT",),
)
RATES = ("TAUX_INSERTION_GLOBAL_6MOIS", "TAUX_INSERTION_METIER_6MOIS", "TAUX_INSERTION_METIER_2ANS")


def details_of(entry: etree._Element) -> EntryDetails:
    """Return the details of an entry; what is absent stays None or empty."""
    award = Labelled(line_of(entry, "ABREGE/CODE"), line_of(entry, "ABREGE/LIBELLE", "ABREGE/INTITULE"))
    return EntryDetails(
        award=award if award.code or award.label else None,
        page_state=line_of(entry, "ETAT_FICHE") or None,
        is_active=answer_of(raw_of(entry, "ACTIF")),
        registration_kind=line_of(entry, "TYPE_ENREGISTREMENT") or None,
        delivery_until=day_of(raw_of(entry, "DATE_LIMITE_DELIVRANCE")),
        web_address=web_address_of(entry),
        new_caledonia=answer_of(raw_of(entry, "ACCESSIBLE_NOUVELLE_CALEDONIE")),
        french_polynesia=answer_of(raw_of(entry, "ACCESSIBLE_POLYNESIE_FRANCAISE")),
        predecessors=other_entries(entry, "ANCIENNE"),
        successors=other_entries(entry, "NOUVELLE"),
        nsf=labelled(entry, "CODES_NSF/NSF"),
        rome=labelled(entry, "CODES_ROME/ROME"),
        formacodes=labelled(entry, "FORMACODES/FORMACODE"),
        agreements=(*labelled(entry, "CODES_IDCC/IDCC"), *_agreements(entry)),
        certifiers=tuple(dict.fromkeys(_certifiers(entry))),
        partners=tuple(_partners(entry)),
        acts=tuple(_acts(entry)),
        passages=tuple(_passages(entry)),
        statistics=tuple(_statistics(entry)),
        correspondences=tuple(_correspondences(entry)),
    )


def web_address_of(entry: etree._Element) -> str | None:
    """Return the address of the certifier's page; a filling of stars and spaces is none."""
    address = line_of(entry, "LIEN_URL_DESCRIPTION", "LIEN_STATIQUES")
    return address if address.lower().startswith(("http://", "https://", "www.")) else None


def other_entries(entry: etree._Element, which: str) -> tuple[str, ...]:
    """Return the numbers of the entries before (ANCIENNE) or after (NOUVELLE): their "ID" holds a number of
    the register.
    """
    found = []
    for element in [*entry.iterfind(f"{which}S_CERTIFICATIONS/*"), *entry.iterfind(f"{which}_CERTIFICATION")]:
        numbers = [element.text or "", *(child.text or "" for child in element)]
        found += ["".join(number.split()).upper() for number in numbers if number.strip()]
    return tuple(dict.fromkeys(found))


def labelled(entry: etree._Element, path: str) -> tuple[Labelled, ...]:
    """Return the codes at a path with their labels."""
    rows = [
        Labelled(line_of(element, "CODE"), line_of(element, "LIBELLE", "INTITULE")) for element in entry.iterfind(path)
    ]
    return tuple(row for row in rows if row.code or row.label)


def _agreements(entry: etree._Element) -> Iterator[Labelled]:
    for rank in (1, 2, 3):
        row = Labelled(line_of(entry, f"CCN_{rank}/NUMERO"), line_of(entry, f"CCN_{rank}/LIBELLE"))
        if row.code or row.label:
            yield row


def _certifiers(entry: etree._Element) -> Iterator[RegisteredCertifier]:
    for certifier in entry.iterfind("CERTIFICATEURS/CERTIFICATEUR"):
        if name := line_of(certifier, "NOM_CERTIFICATEUR"):
            state = line_of(certifier, "ETAT_CERTIFICATEUR").lower()
            yield RegisteredCertifier(
                name=name,
                siret=line_of(certifier, "SIRET_CERTIFICATEUR") or None,
                is_active={"actif": True, "inactif": False}.get(state),
                trade_name=line_of(certifier, "NOM_COMMERCIAL") or None,
                website=line_of(certifier, "SITE_INTERNET") or None,
            )


def _partners(entry: etree._Element) -> Iterator[Partner]:
    for partner in entry.iterfind("PARTENAIRES/PARTENAIRE"):
        if name := line_of(partner, "NOM_PARTENAIRE"):
            yield Partner(
                name=name,
                siret=line_of(partner, "SIRET_PARTENAIRE") or None,
                habilitation=HABILITATIONS.get(line_of(partner, "HABILITATION_PARTENAIRE").upper()),
                state=STATES.get(line_of(partner, "ETAT_HABILITATION").lower()),
                active_since=day_of(raw_of(partner, "DATE_ACTIF")),
            )


def _acts(entry: etree._Element) -> Iterator[Act]:
    for name, kind in ACT_KINDS.items():
        for publication in entry.iterfind(f"PUBLICATION_DECRET_{name}/PUBLICATION_JO"):
            if title := line_of(publication, "TITRE"):
                yield Act(kind, title, day_of(raw_of(publication, "DATE_PUBLICATION_JO")))
    if reference := line_of(entry, "REFERENCE_DECRET_CREATION"):
        yield Act(ActKind.CREATION, reference)


def _passages(entry: etree._Element) -> Iterator[Passage]:
    for names in PASSAGES:
        if text := text_of(entry, *names):
            yield Passage(names[0], text)


def _statistics(entry: etree._Element) -> Iterator[CohortStatistics]:
    for cohort in entry.iterfind("STATISTIQUES_PROMOTIONS/*"):
        if cohort.tag in ("STATISTIQUES_PROMOTION", "STATISTIQUE_PROMOTION"):
            yield CohortStatistics(
                year=line_of(cohort, "ANNEE"),
                holders=whole_of(raw_of(cohort, "NOMBRE_CERTIFIES")),
                holders_vae=whole_of(raw_of(cohort, "NOMBRE_CERTIFIES_VAE")),
                rates=tuple(Labelled(name, rate) for name in RATES if (rate := line_of(cohort, name))),
            )


def _correspondences(entry: etree._Element) -> Iterator[Correspondence]:
    for correspondence in entry.iterfind("CORRESPONDANCES/CORRESPONDANCE"):
        codes = "BLOC_COMPETENCES/CODE"
        yield Correspondence(
            blocks=tuple(" ".join((code.text or "").split()) for code in correspondence.iterfind(f"SOURCE/{codes}")),
            entry=line_of(correspondence, "DESTINATION/NUMERO_FICHE"),
            other_blocks=tuple(
                " ".join((code.text or "").split()) for code in correspondence.iterfind(f"DESTINATION/{codes}")
            ),
        )


LEVEL = re.compile(r"NIV(?:EAU)?\s*([1-8])", re.IGNORECASE)
TERRITORIES = {
    "new_caledonia": ("ACCESSIBLE_NOUVELLE_CALEDONIE", "Nouvelle-Calédonie"),
    "french_polynesia": ("ACCESSIBLE_POLYNESIE_FRANCAISE", "Polynésie française"),
}


def entry_of(element: etree._Element) -> Entry:
    """Return the entry of a FICHE element, with a doubt beside each thing that is absent, unreadable or deduced.

    An entry of the specific register is read with its one block. Raise UnreadableEntry for an entry without a number,
    a route that is none of the six, or a block code that two blocks share.
    """
    number, title = number_of(element), line_of(element, "INTITULE")
    _refuse(number, title)
    blocks, about_blocks = blocks_of(element, number)
    routes, about_routes = routes_of(element)
    jury, about_jury = jury_of(routes)
    registrations, about_registrations = registrations_of(element, title)
    details = details_of(element)
    level = LEVEL.fullmatch(line_of(element, "NOMENCLATURE_EUROPE/NIVEAU"))
    entry = Entry(
        code=number,
        title=title,
        blocks=blocks,
        titles_seen=(title,) if title else (),
        level=level[1] if level else None,
        nsf=tuple(labelled.code for labelled in details.nsf if labelled.code),
        rome=tuple(labelled.code for labelled in details.rome if labelled.code),
        certifiers=tuple(
            dict.fromkeys(certifier.name for certifier in details.certifiers if certifier.is_active is not False)
        ),
        predecessor=next(iter(details.predecessors), None),
        registrations=registrations,
        routes=routes,
        jury=jury,
        details=details,
    )
    doubts = [
        *_heading(entry, element),
        *_written_twice(element),
        *_not_kept(element),
        *about_registrations,
        *about_routes,
        *_territories(element, details),
        *about_jury,
    ]
    partial = raw_of(element, "VALIDATION_PARTIELLE").strip()
    doubts += [*about_blocks, *partial_doubts(entry, partial, answer_of(partial))]
    doubts.append(Doubt("permanence", DoubtCode.PERMANENCE_UNKNOWN))
    read = replace(entry, doubts=tuple(dict.fromkeys(doubts)))
    return with_duration(read, line_of(element, "DUREE_VALIDITE"))


def _refuse(number: str, title: str) -> None:
    if not re.fullmatch(r"(?:RNCP|RS)\d{1,6}", number):
        understood = [PartFinding(Part.TITLE, (title[:200],))] if title else []
        raise UnreadableEntry(RejectionReason.NOT_AN_ENTRY, understood, [PartFinding(Part.CODE)])


def _heading(entry: Entry, element: etree._Element) -> Iterator[Doubt]:
    if not entry.title:
        yield Doubt("title", DoubtCode.TITLE_MISSING)
    elif has_markup(raw_of(element, "INTITULE")):
        yield Doubt("title", DoubtCode.MARKUP_REMOVED)
    written = line_of(element, "NOMENCLATURE_EUROPE/NIVEAU")
    label = line_of(element, "NOMENCLATURE_EUROPE/LIBELLE", "NOMENCLATURE_EUROPE/INTITULE")
    if written and not entry.level:
        yield Doubt("level", DoubtCode.LEVEL_UNKNOWN, (written[:40],))
    elif entry.level and label and entry.level not in re.findall(r"\d+", label):
        yield Doubt("level", DoubtCode.LEVEL_DIFFERS, (written[:40], label[:80]))
    if (answer := raw_of(element, "ACTIF").strip()) and answer_of(answer) is None:
        yield Doubt("details.is_active", DoubtCode.ANSWER_UNREADABLE, (answer[:40],))
    for name in ("level", "nsf", "rome", "certifiers"):
        if not getattr(entry, name):
            yield Doubt(name, DoubtCode.SECTION_MISSING, (name,))


# Elements of an entry, of each version of the flux, that are read, or that say nothing of what is granted.
_KNOWN = (
    "ID_FICHE NUMERO_FICHE INTITULE ABREGE ETAT_FICHE ACTIF TYPE_ENREGISTREMENT NOMENCLATURE_EUROPE CODES_NSF"
    " CODES_ROME FORMACODES CODES_IDCC CERTIFICATEURS PARTENAIRES EXISTENCE_PARTENAIRES BLOCS_COMPETENCES"
    " CORRESPONDANCES ACCESSIBLE_NOUVELLE_CALEDONIE ACCESSIBLE_POLYNESIE_FRANCAISE ANCIENNES_CERTIFICATIONS"
    " NOUVELLES_CERTIFICATIONS ANCIENNE_CERTIFICATION NOUVELLE_CERTIFICATION DATE_FIN_ENREGISTREMENT DATE_DECISION"
    " DATE_EFFET DATE_DE_PUBLICATION DATE_DERNIER_JO DATE_LIMITE_DELIVRANCE DATE_DERNIERE_MODIFICATION"
    " DUREE_ENREGISTREMENT DUREE_VALIDITE PUBLICATION_DECRET_GENERAL PUBLICATION_DECRET_CREATION"
    " PUBLICATION_DECRET_AUTRE REFERENCE_DECRET_CREATION STATISTIQUES_PROMOTIONS ANNEES_PROMOTIONS_NIVEAU"
    " LIEN_URL_DESCRIPTION LIEN_STATIQUES VALIDATION_PARTIELLE MODALITES_EVALUATION CCN_1 CCN_2 CCN_3"
)
KNOWN = frozenset(_KNOWN.split()) | {name for names in PASSAGES for name in names}
KNOWN_OF_ROUTE = frozenset({"ACTIF", "COMPOSITION", "DATE_DERNIERE_MODIFICATION"})


def _not_kept(element: etree._Element) -> Iterator[Doubt]:
    """Yield a doubt for each element that no field holds: it may set a condition."""
    for child in element:
        is_route = ROUTE_ELEMENT.fullmatch(str(child.tag))
        unknown = [inner for inner in child if inner.tag not in KNOWN_OF_ROUTE] if is_route else [child]
        for found in unknown if is_route or child.tag not in KNOWN else ():
            text = squeeze("".join(found.itertext()))[:200]
            if text and not MARKUP.match(f"<{found.tag}>"):
                yield Doubt("file", DoubtCode.FIELD_NOT_KEPT, (str(found.tag), text))


# Elements of an entry that may come several times.
REPEATED = ("ANCIENNE_CERTIFICATION", "NOUVELLE_CERTIFICATION", "PUBLICATION_DECRET_")


def _written_twice(element: etree._Element) -> Iterator[Doubt]:
    """Yield what an entry writes twice where the register writes it once: the first one is read."""
    found = [doubt for doubt in twice_in(element, "file") if not doubt.facts[0].startswith(REPEATED)]
    yield from found
    for child in element:
        if str(child.tag).startswith("SI_JURY_") or child.tag == "NOMENCLATURE_EUROPE":
            yield from twice_in(child, "routes" if child.tag != "NOMENCLATURE_EUROPE" else "level")


def _territories(element: etree._Element, details: EntryDetails) -> Iterator[Doubt]:
    for name, (tag, label) in TERRITORIES.items():
        if getattr(details, name) is None and element.find(tag) is not None:
            yield Doubt(f"territories.{name}", DoubtCode.ANSWER_UNREADABLE, (raw_of(element, tag)[:40] or label,))
