"""The French name of each code of the jury.

The French words of the payment sheet of jurors.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from portfolio.documents.minutes import FeeStatement, StatementLine
from portfolio.domain.certification.rules.jury_rule import CONDITION_TERMS, JuryTerm, Seat, SeatCollege, SeatTerms
from portfolio.domain.jury.rules.composition import Predicate, PredicateId, Remedy
from portfolio.domain.jury.rules.enums import (
    AffiliationKind,
    Attendance,
    College,
    Demonstration,
    FindingValue,
    Gender,
    OrganisationKind,
    Outcome,
    RelationAsked,
    SigningMethod,
    StatementKind,
    TiesAnswer,
)
from portfolio.domain.jury.rules.juror_sheet import DatedRates, FeeLine
from portfolio.domain.jury.rules.member_status import JurorStep
from portfolio.french_text import NBSP, date_fr, enumeration
from portfolio.wording.certification import SEAT_NAMES
from portfolio.wording.certification.names import TERM_NAMES

SEATS = SEAT_NAMES
# The seat inside a sentence: « le siège de la présidence ».
OF_SEAT = {
    Seat.PRESIDENT: "de la présidence",
    Seat.EMPLOYEE_REPRESENTATIVE: "de la représentation des salariés",
    Seat.DIRECTOR_OR_DELEGATE: "de la direction",
    Seat.TEACHER_TRAINER: "de l’enseignement et de la formation",
    Seat.PEDAGOGICAL_MANAGER: "de responsable pédagogique",
    Seat.EMPLOYER_REPRESENTATIVE: "de la représentation des employeurs",
    Seat.EXTERNAL_PROFESSIONAL: "de la personne extérieure",
    Seat.PROFESSIONAL: "de la personne du métier",
    Seat.MEMBER: "de membre du jury",
}


def seat_name(view: Any) -> str:
    """Name a seat; with its number when the jury has several of its kind."""
    return f"{SEATS[view.seat]} {view.place}" if view.alike > 1 else SEATS[view.seat]


def of_seat(view: Any) -> str:
    """Name a seat inside a sentence, with its number when the jury has several of its kind."""
    return f"{OF_SEAT[view.seat]} {view.place}" if view.alike > 1 else OF_SEAT[view.seat]


COLLEGES = {
    College.EMPLOYERS: "Les employeurs de la profession",
    College.EMPLOYEES: "Les salariés de la profession",
    College.NONE: "Ni l’un ni l’autre",
}
SHORT_COLLEGES = {College.EMPLOYERS: "employeurs", College.EMPLOYEES: "salariés"}
TIE_KINDS = {
    AffiliationKind.EMPLOYMENT: "Contrat de travail",
    AffiliationKind.MANDATE: "Mandat (administrateur, membre d’un conseil…)",
    AffiliationKind.TEACHING: "Contrat d’enseignement ou d’intervention",
}
TIE_WITHS = {
    OrganisationKind.CERTIFIER: "Avec l’organisme certificateur",
    OrganisationKind.CO_CERTIFIER: "Avec un co-certificateur",
    OrganisationKind.TRAINING_BODY: "Avec un organisme de formation ou d’accompagnement",
}
TIES_CONTRADICTED = (
    "La réponse sur les liens et les liens décrits se contredisent. Répondez « Des liens » et décrivez-les, "
    "ou répondez « Aucun lien » et effacez les liens décrits."
)
SIGNING_METHODS = {
    SigningMethod.PASSWORD: "signé avec le mot de passe",
    SigningMethod.PASSWORD_AND_CODE: "signé avec le mot de passe et un second facteur",
    SigningMethod.PASSKEY: "signé avec une clé d’accès",
}
FINDINGS = {
    FindingValue.ACQUIRED: "Acquise",
    FindingValue.PARTIALLY: "Partiellement acquise",
    FindingValue.NOT_ACQUIRED: "Non acquise",
}
GROUNDS = {
    Demonstration.INTERVIEW: "Démontrée pendant l’entretien",
    Demonstration.WORK_SIMULATION: "Démontrée en mise en situation professionnelle",
    Demonstration.OTHER: "Autre constat, à préciser",
}
OUTCOMES = {Outcome.VALIDATED: "Validé", Outcome.NOT_VALIDATED: "Non validé"}
GENDERS = {Gender.WOMAN: "Une femme", Gender.MAN: "Un homme", Gender.UNSAID: "Ne se prononce pas"}
# What is signed, word for word; {candidate} is the person before the jury, {of_candidate} the same after
# « de ».
STATEMENTS = {
    StatementKind.NO_RELATION: (
        "Je déclare n’avoir et n’avoir eu aucun lien professionnel ou personnel avec {candidate}, "
        "et n’avoir jamais accompagné cette personne dans sa démarche."
    ),
    StatementKind.RECUSAL: ("Je me récuse : je ne juge pas {candidate}, et je ne lis plus ce qui est soumis au jury."),
    StatementKind.RECUSAL_WITHDRAWN: (
        "Je retire ma récusation : je déclare n’avoir et n’avoir eu aucun lien professionnel ou personnel "
        "avec {candidate}."
    ),
    StatementKind.READ: "J’atteste avoir lu le dossier scellé {of_candidate} avant la délibération.",
}
# Which relations are denied, after « n’avoir ».
RELATIONS = {RelationAsked.ANY: "aucun lien", RelationAsked.PERSONAL: "aucun lien personnel ni intérêt personnel"}
_PERSONAL = (
    "e déclare n’avoir aucun lien personnel avec {candidate}, et aucun intérêt personnel à la décision du "
    "jury. Lui avoir enseigné, ici ou ailleurs, n’est pas un tel lien."
)
# Where the certification seats teachers, on the routes other than VAE.
PERSONAL_STATEMENTS = {
    StatementKind.NO_RELATION: f"J{_PERSONAL}",
    StatementKind.RECUSAL_WITHDRAWN: f"Je retire ma récusation : j{_PERSONAL}",
}
RECORD_READ = "J’atteste avoir lu le relevé d’évaluation {of_candidate} avant la délibération."
SHORT_STATEMENTS = {
    StatementKind.NO_RELATION: "Déclaration sur les liens avec la personne candidate",
    StatementKind.RECUSAL: "Récusation",
    StatementKind.RECUSAL_WITHDRAWN: "Récusation retirée",
    StatementKind.READ: "Lecture attestée",
}
STEPS = {
    JurorStep.DECLARE: "n’a pas encore déclaré",
    JurorStep.READ: "a déclaré, lecture à attester",
    JurorStep.READY: "a déclaré et lu",
    JurorStep.RECUSED: "récusation",
    JurorStep.BARRED: "lien connu",
}
# To a member whose own opinions are awaited.
DRAFTS_HIDDEN = (
    "Le brouillon de la présidence (constats et décisions) s’affiche quand vous avez remis vos avis, ou "
    "quand les avis sont ouverts à tous."
)
ATTENDANCES = {
    Attendance.HEARD: "La personne est là : le jury l’entend",
    Attendance.EXCUSED: "Absence excusée",
    Attendance.ABSENT: "Absence sans excuse",
}
SHORT_ATTENDANCES = {Attendance.HEARD: "présence", Attendance.EXCUSED: "absence excusée", Attendance.ABSENT: "absence"}


def affiliations_short_message(answer: TiesAnswer) -> str:
    """Return the answer about a member's ties, as a list or the seat of a member tells it."""
    return _TIES_WORDS[answer]


def affiliations_message(answer: TiesAnswer, external: bool, months: int, *, directs: bool = False) -> str:
    """Return what minutes record of a member's ties, and whether the member counted as external (J7);
    `directs`: the director of the body, or who sits by delegation.
    """
    if directs:
        return "Membre interne : direction de l’organisme, ou sa délégation"
    if answer == TiesAnswer.UNANSWERED:
        return "Ni extérieur ni interne : question des liens sans réponse"
    counted = "Membre extérieur" if external else "Membre interne"
    return f"{counted} : {_TIES_WORDS[answer]}" + (f" depuis {months} mois" if answer == TiesAnswer.NONE else "")


_TIES_WORDS = {
    TiesAnswer.UNANSWERED: "question des liens sans réponse",
    TiesAnswer.NONE: "aucun lien avec l’organisme",
    TiesAnswer.LISTED: "liens avec l’organisme déclarés",
}


def ties_answers(months: int) -> dict[TiesAnswer, str]:
    """Return the three states of the question of ties, with the months of the setting (J7)."""
    return {
        TiesAnswer.UNANSWERED: "Pas encore répondu",
        TiesAnswer.NONE: f"Aucun lien avec l’organisme depuis {months} mois",
        TiesAnswer.LISTED: "Des liens, décrits ci-dessous",
    }


COLUMNS = (
    "Date de la session",
    "Personne",
    "Adresse électronique",
    "Siège",
    "Candidats entendus",
    "Kilomètres aller et retour",
    "Vacation (euros)",
    "Déplacement (euros)",
    "Total (euros)",
)
_AMOUNT = re.compile(r"(\d{1,6})(?:[.,](\d{1,2}))?")


def euros(cents: int) -> str:
    """Return an amount as people write it in France: « 120,00 »."""
    return f"{cents // 100},{cents % 100:02d}"


def cents_of(text: str) -> int | None:
    """Return the cents of an amount typed in euros; 0 for nothing typed, None for what is no amount."""
    typed = "".join(text.replace("€", "").split())
    if not typed:
        return 0
    match = _AMOUNT.fullmatch(typed)
    return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0")) if match else None


def fee_statement(
    body: Any, words: Any, lines: Sequence[FeeLine], rates: DatedRates | None, period: tuple[date, date], at: datetime
) -> FeeStatement:
    """Say what a juror is owed; without amounts, or without a distance, a sum is to be fixed and not counted."""

    def money(cents: int) -> str:
        return f"{euros(cents)}{NBSP}€" if rates else "à fixer"

    said, total, lacks = [], 0, False
    for line in lines:
        present = (rates or DatedRates()).on(line.held_on)
        total, lacks = total + line.total_cents(present), lacks or line.lacks_distance(present)
        travel = "à fixer" if line.lacks_distance(present) else money(line.travel_cents(present))
        where = f"{date_fr(line.held_on)}, {line.place}" if line.place else date_fr(line.held_on)
        seat = SEATS[Seat(line.seat)]
        sums = (money(line.vacation_cents(present)), travel, money(line.total_cents(present)))
        said.append(StatementLine(where, seat, str(line.heard), *sums))
    return FeeStatement(
        words.legal_name or body.name,
        tuple(line for line in words.address.splitlines() if line.strip()),
        words.siret or "",
        words.city or body.city,
        lines[0].juror_name if lines else "",
        f"Du {date_fr(period[0])} au {date_fr(period[1])}",
        tuple(said),
        money(total),
        "Un déplacement n’est pas compté : l’organisme ne connaît pas encore la distance." if lacks else "",
        at,
    )


Facts = Mapping[str, Any]

# A condition is asked of a jury by its name, but for those that are better asked otherwise.
CONDITION_QUESTIONS: Mapping[Predicate, str] = {
    PredicateId.SEAT_TERMS: "Ce que chaque siège demande",
    **{term: TERM_NAMES[term] for term in CONDITION_TERMS},
    JuryTerm.TRADE_MAX: "Pas trop de professionnels d’un même métier",
    JuryTerm.TRADE_MIN: "Assez de professionnels d’un même métier",
    JuryTerm.EMPLOYERS_MIN: "Assez de membres du collège employeurs",
    JuryTerm.EMPLOYERS_MAX: "Pas trop de membres du collège employeurs",
    JuryTerm.EMPLOYEES_MIN: "Assez de membres du collège salariés",
    JuryTerm.EMPLOYEES_MAX: "Pas trop de membres du collège salariés",
}
_COLLEGES = {College.EMPLOYERS: "employeurs", College.EMPLOYEES: "salariés"}
SEAT_COLLEGES = {SeatCollege.EMPLOYERS: "le collège employeurs", SeatCollege.EMPLOYEES: "le collège salariés"}


def _who(names: tuple[str, ...]) -> str:
    return f" ({enumeration(names)})" if names else ""


def _plural(number: int, singular: str, plural: str) -> str:
    return f"{number} {singular if number < 2 else plural}"


def _seat_terms(facts: Facts) -> str:
    said = []
    if facts["unfit"]:
        said.append(
            f"Rien ne confirme que le siège convient à {enumeration(facts['unfit'])} : collège, qualité ou désignation."
        )
    if facts.get("unproven"):
        said.append(f"Rien ne montre la qualité que le siège demande pour {enumeration(facts['unproven'])}.")
    if facts.get("unappointed"):
        said.append(
            f"La désignation n’est pas prouvée pour {enumeration(facts['unappointed'])} : "
            "qui désigne, une date au plus tard le jour de la session, et l’acte joint."
        )
    return " ".join(said) or "Chaque personne remplit ce que son siège demande."


def _among(facts: Facts) -> str:
    return {"named": " parmi les membres nommés", "present": " parmi les membres présents"}.get(
        facts.get("basis", ""), ""
    )


def _college_parity(facts: Facts) -> str:
    employers = f"{len(facts['employers'])} du collège employeurs{_who(facts['employers'])}"
    employees = f"{len(facts['employees'])} du collège salariés{_who(facts['employees'])}"
    return f"{employers}, {employees} ; il en faut autant{_among(facts)}."


def _teaching_parity(facts: Facts) -> str:
    teachers = _plural(len(facts["teachers"]), "membre enseignant", "membres enseignants")
    profession = _plural(len(facts["profession"]), "membre de la profession", "membres de la profession")
    return (
        f"{teachers}{_who(facts['teachers'])}, {profession}{_who(facts['profession'])} ; il en faut "
        f"autant{_among(facts)}."
    )


def _professionals(facts: Facts) -> str:
    said = _plural(facts["found"], "membre professionnel", "membres professionnels")
    return f"{said} sur {facts['members']}{_who(facts['who'])} ; il en faut au moins {facts['needed']}."


def _trade(facts: Facts, bound: str) -> str:
    trade = f"du métier « {facts['trade']} »" if facts["trade"] else "d’un même métier"
    said = _plural(facts["found"], "membre professionnel", "membres professionnels")
    silent = f" Métier à indiquer pour {enumeration(facts['silent'])}." if facts["silent"] else ""
    return f"{said} {trade}{_who(facts['who'])} ; {bound}.{silent}"


def _college(facts: Facts, bound: str) -> str:
    said = _plural(facts["found"], "membre", "membres")
    return f"{said} du collège {_COLLEGES[College(facts['college'])]}{_who(facts['who'])} ; {bound}."


def _at_least(facts: Facts) -> str:
    return _college(facts, f"il en faut au moins {facts['needed']}")


def _at_most(facts: Facts) -> str:
    return _college(facts, f"il en faut au plus {facts['most']}")


CONDITION_SENTENCES: Mapping[Predicate, Callable[[Facts], str]] = {
    PredicateId.SEAT_TERMS: _seat_terms,
    JuryTerm.COLLEGE_PARITY: _college_parity,
    JuryTerm.TEACHING_PARITY: _teaching_parity,
    JuryTerm.PROFESSIONALS_MIN: _professionals,
    JuryTerm.TRADE_MAX: lambda facts: _trade(facts, f"il en faut au plus {facts['most']}"),
    JuryTerm.TRADE_MIN: lambda facts: _trade(facts, f"il en faut au moins {facts['needed']}"),
    JuryTerm.EMPLOYERS_MIN: _at_least,
    JuryTerm.EMPLOYERS_MAX: _at_most,
    JuryTerm.EMPLOYEES_MIN: _at_least,
    JuryTerm.EMPLOYEES_MAX: _at_most,
}
CONDITION_MENDS: Mapping[Remedy, str] = {
    Remedy.MEET_SEAT_TERMS: (
        "Ouvrez le siège de chaque personne nommée ici : complétez ce que le siège demande, ou nommez "
        "quelqu’un d’autre."
    ),
    Remedy.BALANCE_COLLEGES: (
        "Remplacez un membre pour qu’il y ait autant d’employeurs que de salariés, ou corrigez leur collège."
    ),
    Remedy.BALANCE_TEACHING: (
        "Remplacez un membre pour qu’il y ait autant d’enseignants que de membres de la profession, "
        "ou corrigez ce qui est déclaré."
    ),
    Remedy.MORE_PROFESSIONALS: (
        "Nommez davantage de personnes qui exercent un métier visé par la certification, ou indiquez-le sur leur siège."
    ),
    Remedy.NAME_TRADES: "Indiquez le métier de chaque personne professionnelle, sur son siège.",
    Remedy.OTHER_TRADES: (
        "Trop de personnes exercent le même métier : remplacez-en une par quelqu’un d’un autre métier, "
        "ou corrigez le métier inscrit sur son siège."
    ),
    Remedy.MORE_OF_TRADE: (
        "Nommez davantage de personnes de ce métier, ou indiquez le métier de chacune sur son siège."
    ),
    Remedy.MORE_OF_COLLEGE: "Nommez davantage de membres de ce collège, ou corrigez le collège déclaré.",
    Remedy.FEWER_OF_COLLEGE: "Remplacez un membre de ce collège, ou corrigez le collège déclaré.",
}


def seat_terms_sentence(terms: SeatTerms) -> str:
    """Say what a seat asks of the person, beside its kind; nothing when it asks nothing more."""
    asked = [f"collège : {SEAT_COLLEGES[terms.college].removeprefix('le collège ')}"] if terms.college else []
    asked += [f"qualité : {terms.quality}"] if terms.quality else []
    asked += [f"désignation par {terms.appointed_by}"] if terms.appointed_by else []
    return ", ".join(asked)
