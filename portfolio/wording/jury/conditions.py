"""French answers of the conditions that only some rules have."""

from collections.abc import Callable, Mapping
from typing import Any

from portfolio.domain.certification.rules.jury_rule import CONDITION_TERMS, JuryTerm, SeatCollege, SeatTerms
from portfolio.domain.jury.rules.composition import Predicate, PredicateId, Remedy
from portfolio.domain.jury.rules.enums import College
from portfolio.french_text import enumeration
from portfolio.wording.certification.names import TERM_NAMES

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
