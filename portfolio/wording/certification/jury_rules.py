"""A rule of the jury read back in French, one sentence a condition, and the words of its screens; what a
version changes, in words.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portfolio.domain.certification.rules.book_frame import FrameSection
from portfolio.domain.certification.rules.entry import (
    Entry,
    EntryBlock,
    EntryCompetency,
    Holders,
    Registration,
    Route,
    RouteEntry,
    Site,
)
from portfolio.domain.certification.rules.juries import ConditionLine, SeatLine, condition_lines, seat_lines
from portfolio.domain.certification.rules.jury_rule import (
    DecisionRule,
    JuryRule,
    JuryTerm,
    ParityBasis,
    Seat,
    SeatCollege,
    TermSource,
)
from portfolio.domain.certification.rules.publication import JurySample
from portfolio.domain.certification.rules.watching import Change
from portfolio.domain.jury.rules.enums import RelationAsked
from portfolio.domain.jury.rules.predicates import relation_asked
from portfolio.french_text import NBSP, count, date_fr, enumeration
from portfolio.wording.certification.names import ROUTE_NAMES, SITE_KIND_NAMES, TERM_SENTENCES, TERM_SOURCES
from portfolio.wording.certification.versions import (
    DECISION_RULES,
    decision_message,
    field_location_message,
    part_title,
    value_message,
)

SEAT_COLLEGES = {SeatCollege.EMPLOYERS: "Collège employeurs", SeatCollege.EMPLOYEES: "Collège salariés"}
COMMON = "commune"
# Each route in an address.
ROUTE_KEYS = {
    Route.VAE: "vae",
    Route.INITIAL_TRAINING: "formation-initiale",
    Route.APPRENTICESHIP: "apprentissage",
    Route.CONTINUING_TRAINING: "formation-continue",
    Route.PROFESSIONALISATION: "professionnalisation",
    Route.INDIVIDUAL: "individuelle",
}
SAMPLE_NAMES = {
    JurySample.TWO: "Deux personnes, comme l’article D6412-6 le demande au moins",
    JurySample.PARITY: "Quatre personnes, à parité d’employeurs et de salariés",
    JurySample.SCHOOL: (
        "Quatre personnes : deux enseignants, un employeur, un salarié, à parité même si un membre est absent"
    ),
    JurySample.PROFESSIONALS: "Sept personnes, dont six professionnels, quatre au plus d’un même métier",
}
# Among whom a parity is counted.
PARITY_ALWAYS = "quand le jury est nommé, puis parmi les membres qui délibèrent"
PARITY_BASES = {
    ParityBasis.NAMED: "quand le jury est nommé : une absence ne l’empêche pas de délibérer",
    ParityBasis.PRESENT: "le jour du jury, parmi les membres présents seulement",
}
SAVED = "La règle du jury est enregistrée."
CONFLICT = (
    "Quelqu’un a enregistré ce brouillon entre-temps. Votre saisie est ci-dessous : relisez, puis "
    "enregistrez de nouveau."
)
LAW = "Article D6412-6 du code du travail, pour les parcours France VAE commencés depuis le 13 avril 2024"
_RELATIONS = {
    RelationAsked.ANY: "aucun membre n’a de lien avec la personne candidate, et chacun le déclare.",
    RelationAsked.PERSONAL: (
        "aucun membre n’a de lien personnel avec la personne candidate ni d’intérêt personnel, et chacun le "
        "déclare ; lui avoir enseigné n’empêche pas de siéger."
    ),
}
_BY_LAW = ("un membre au moins est qualifié pour la certification.", _RELATIONS[RelationAsked.ANY])
_SEATS = {
    Seat.PRESIDENT: "présidence",
    Seat.EMPLOYEE_REPRESENTATIVE: "représentation des salariés",
    Seat.DIRECTOR_OR_DELEGATE: "direction de l’établissement, ou sa délégation",
    Seat.TEACHER_TRAINER: "enseignement et formation",
    Seat.PEDAGOGICAL_MANAGER: "responsable pédagogique",
    Seat.EMPLOYER_REPRESENTATIVE: "représentation des employeurs",
    Seat.EXTERNAL_PROFESSIONAL: "personne extérieure, du métier",
    Seat.PROFESSIONAL: "personne du métier",
    Seat.MEMBER: "membre du jury",
}


@dataclass(frozen=True, slots=True)
class RuleSentence:
    """One condition in words, and who asks for it."""

    text: str
    source: str = ""


def rule_sentences(rule: JuryRule, routes: Sequence[Route] = tuple(Route)) -> list[RuleSentence]:
    """Say the rule of some routes, one sentence a condition, each with who asks for it; the conditions that
    no rule writes come last.
    """
    said = [_condition(line) for line in condition_lines(rule) if line.term is JuryTerm.SIZE]
    said += [RuleSentence(_seats(line), _source(rule.source_of(JuryTerm.SEATS))) for line in seat_lines(rule)]
    said += [_condition(line) for line in condition_lines(rule) if line.term is not JuryTerm.SIZE]
    if rule.half_external:
        said.append(
            RuleSentence(
                "Un jury dont moins de la moitié des membres est extérieure est signalé, sans être empêché.", "Usage"
            )
        )
    if rule.quorum is None:
        said.append(RuleSentence("Tous les membres sont présents pour délibérer.", TERM_SOURCES[TermSource.DESIGN]))
    if Route.VAE in routes:
        said += _common(_BY_LAW, rule, LAW, "Par la VAE : " if len(routes) > 1 else "")
    elsewhere = [route for route in routes if route is not Route.VAE]
    if elsewhere:
        denied = _RELATIONS[relation_asked(elsewhere[0], rule.seats)]
        before = "Par les autres voies : " if Route.VAE in routes else ""
        said += _common((denied,), rule, TERM_SOURCES[TermSource.DESIGN], before)
    return said


def _common(sentences: Sequence[str], rule: JuryRule, source: str, before: str) -> list[RuleSentence]:
    casting = ("en cas de partage des voix, celle de la présidence l’emporte.",) if rule.casting_vote else ()
    said = [f"{before}{sentence}" for sentence in (*sentences, *casting)]
    return [RuleSentence(sentence[:1].upper() + sentence[1:], source) for sentence in said]


def _source(source: TermSource | None) -> str:
    return TERM_SOURCES[source] if source is not None else ""


def _seats(line: SeatLine) -> str:
    said = f"{'Un siège' if line.count == 1 else f'{line.count} sièges'} : {_SEATS[line.seat]}"
    asked = [SEAT_COLLEGES[line.terms.college].lower()] if line.terms.college else []
    asked += [f"qualité demandée : {line.terms.quality}"] if line.terms.quality else []
    asked += [f"désignation par {line.terms.appointed_by}"] if line.terms.appointed_by else []
    return f"{said} ({' ; '.join(asked)})." if asked else f"{said}."


def _condition(line: ConditionLine) -> RuleSentence:
    return RuleSentence(TERM_SENTENCES[line.term](line), _source(line.source))


def routes_sentence(routes: Sequence[Route]) -> str:
    """Name the routes that take a rule: « VAE, contrat d’apprentissage »."""
    return ", ".join(ROUTE_NAMES[route] for route in routes)


def whole_sentences(entry: Entry) -> list[str]:
    """Say which blocks make the whole where some are options, and where that is written (R7)."""
    if not entry.options:
        return []
    common = [str(block.number) for block in entry.blocks if not block.option]
    options = [f"{name} ({_numbered(map(str, numbers))})" for name, numbers in entry.options.items()]
    asked = f"{_numbered(common)}, et " if common else ""
    said = (
        f"La certification entière est obtenue avec {asked}{count(entry.options_needed, 'option')} complète"
        f"{'s' if entry.options_needed > 1 else ''} parmi {len(options)}{NBSP}: {'; '.join(options)}."
    ).replace(";", f"{NBSP};")
    source = entry.whole_source.strip().rstrip(".")
    return [said, f"Source de cette règle{NBSP}: {source}."] if source else [said]


def _numbered(numbers: Iterable[str]) -> str:
    found = list(numbers)
    return f"{'les blocs' if len(found) > 1 else 'le bloc'}{NBSP}{enumeration(found)}"


def block_sentences(entry: Entry) -> list[str]:
    """Say which blocks make the whole, how each block that has a rule of its own is decided (R4), and how
    long it stays acquired when that is limited (R6).
    """
    said = whole_sentences(entry)
    for block in entry.blocks:
        if block.decision_rule is not None:
            rule = decision_message(block.decision_rule, block.decision_threshold)
            said.append(rule.replace("Un bloc est", f"Le bloc {block.number} est", 1))
        if block.validity_months is not None:
            said.append(f"Le bloc {block.number} reste acquis {block.validity_months} mois.")
    return said


def _registration(line: Registration) -> str:
    since, until = (date_fr(day) if day else "date inconnue" for day in (line.since, line.until))
    return f"{line.act or line.title} : du {since} au {until}"


def _holders(line: Holders) -> str:
    return f"{line.site} : {count(line.holders, 'titulaire')} par an"


_LINES: Mapping[type, Callable[[Any], str]] = {
    EntryBlock: lambda block: f"{block.title} ({count(len(block.competencies), 'compétence')})",
    EntryCompetency: lambda competency: competency.text,
    Registration: _registration,
    RouteEntry: lambda route: {True: "ouverte", False: "fermée", None: "sans réponse"}[route.open],
    Site: lambda site: f"{SITE_KIND_NAMES[site.kind]} : {site.site}",
    Holders: _holders,
    FrameSection: lambda section: part_title(section),
    JuryRule: lambda rule: " ".join(sentence.text for sentence in rule_sentences(rule)),
}


def change_cells(change: Change) -> tuple[str, str, str]:
    """Say where something differs, and both values; of two rules of a jury, what only one of them says."""
    if isinstance(change.before, JuryRule) and isinstance(change.after, JuryRule):
        old, new = ([sentence.text for sentence in rule_sentences(rule)] for rule in (change.before, change.after))
        values = (" ".join(text for text in old if text not in new), " ".join(text for text in new if text not in old))
    else:
        values = (_said(change.before), _said(change.after))
    return field_location_message(change.where), values[0] or "rien", values[1] or "rien"


def _said(value: Any) -> str:
    if isinstance(value, tuple) and value and isinstance(value[0], DecisionRule):
        return decision_message(*value)
    if isinstance(value, tuple):
        return " ; ".join(_said(item) for item in value) or "rien"
    if isinstance(value, date):
        return date_fr(value)
    if isinstance(value, DecisionRule):
        return DECISION_RULES[value]
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    say = _LINES.get(type(value))
    return say(value) if say else value_message(value)
