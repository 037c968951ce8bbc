"""Figures, in French."""

from collections.abc import Iterator, Mapping
from typing import Any

from portfolio.domain.candidacy.rules.funnel import Funnel, FunnelStep
from portfolio.domain.follow_up.rules import Change, Contract, Situation, Wave, percent
from portfolio.domain.jury.rules.conditions import Agreement, Delays
from portfolio.domain.jury.rules.enums import FindingValue
from portfolio.french_text import NBSP, count
from portfolio.wording.candidacy import ROUTES
from portfolio.wording.dossier.pace import LEAVING

STEPS: Mapping[str, str] = {
    "admissible": "Candidatures recevables",
    "submitted": "Dossier déposé",
    "heard": "Personne entendue par un jury",
    "granted": "Au moins un bloc accordé",
    "certified": "Certification entière obtenue",
}


FUNNEL: Mapping[FunnelStep, str] = {
    FunnelStep.INVITED: "Invitées",
    FunnelStep.ENTERED: "Entrées",
    FunnelStep.FIRST_PIECE: "Première pièce",
    FunnelStep.HALF_COVERED: "À moitié couvert",
    FunnelStep.SEALED: "Déposé",
    FunnelStep.HEARD: "Entendues",
    FunnelStep.CERTIFIED: "Certifiées",
}
HIDDEN = "moins de 5"


def funnel_tables(funnel: Funnel) -> list[tuple[str, list[str], list[list[str]]]]:
    """Return the tables of the path, from the invitation to the certification: title, columns, lines."""
    names = list(FUNNEL.values())
    whole = ["Ensemble", *map(_cell, funnel.total.counts)]
    routes = [[ROUTES[route], *map(_cell, row.counts)] for route, row in funnel.routes.items()]
    months = [
        [_month(month), *map(_cell, row.counts)]
        for month, row in reversed(list(funnel.months.items()))
        if row.counts[0]
    ]
    days = ["Jours depuis l’invitation, médiane", *(_median(value) for value in funnel.total.days)]
    tables = [
        ("Personnes par voie, et délais", ["Voie", *names], [whole, *routes, days]),
        *([("Personnes par mois d’invitation", ["Mois", *names], months[:24])] if months else []),
    ]
    reasons = [[LEAVING[reason], _cell(number)] for reason, number in funnel.leaving.items()]
    return tables + ([("Pourquoi des personnes arrêtent", ["Raison", "Personnes"], reasons)] if reasons else [])


def active_minutes_message(minutes: float | None) -> str:
    """Return the median of the active minutes before the deposit."""
    return "trop peu de dossiers pour le dire" if minutes is None else f"{_median(minutes)}{NBSP}minutes"


def funnel_rows(funnel: Funnel) -> Iterator[tuple[str, ...]]:
    """Yield the lines of the CSV about the path; a cell under five says so."""
    groups = [("Ensemble", funnel.total), *((ROUTES[route], row) for route, row in funnel.routes.items())]
    groups += list(funnel.months.items())
    for name, row in groups:
        for place, words in enumerate(FUNNEL.values()):
            yield ("Parcours par étape", name, words, _cell(row.counts[place]))
            yield ("Parcours par étape", name, f"{words}, médiane en jours", _median(row.days[place]))
        yield ("Parcours par étape", name, "Minutes actives avant le dépôt, médiane", _median(row.minutes))
    for reason, number in funnel.leaving.items():
        yield ("Arrêts", LEAVING[reason], "Personnes", _cell(number))


def _cell(number: int | None) -> str:
    return HIDDEN if number is None else str(number)


def _median(value: float | None) -> str:
    return "" if value is None else f"{value:g}".replace(".", ",")


def _month(code: str) -> str:
    return f"{code[5:]}/{code[:4]}"


def agreement_message(agreement: Agreement) -> str:
    """Return how far members agreed before deliberating; the number is Krippendorff's alpha."""
    if agreement.unanimous:
        return "tous du même avis"
    if agreement.alpha is None:
        return "trop peu de dossiers pour le dire"
    value = float(agreement.alpha)
    words = "accord fort" if value >= 0.8 else "accord moyen" if value >= 0.667 else "accord faible"
    return f"{words} (alpha {value:.2f})".replace(".", ",")


def delays_message(delays: Delays) -> str:
    """Return the median and the longest of some delays."""
    if delays.median is None or delays.longest is None:
        return "aucun dossier"
    middle = f"{delays.median:g}".replace(".", ",")
    most = f"{count(delays.longest, 'jour')} au plus ({count(delays.dossiers, 'dossier')})"
    days = "jour" if delays.median < 2 else "jours"
    return f"{middle}{NBSP}{days} pour la moitié des dossiers, {most}"


def table_rows(figures: Any) -> Iterator[tuple[str, ...]]:
    """Yield the lines of the CSV: what is counted, of what, and the number."""
    yield ("Thème", "Objet", "Mesure", "Nombre")
    yield ("Jurys", "Auditions", "Personnes entendues", str(figures.heard))
    yield ("Jurys", "Auditions", "Absences", str(figures.absent))
    yield ("Jurys", "Auditions", "Séances sans effet", str(figures.void))
    for step in figures.steps:
        yield ("Parcours", "Candidatures", STEPS[step.step], str(step.number))
    for block in figures.blocks:
        name = f"{block.code}, bloc {block.number} : {block.title}"
        yield ("Blocs", name, "Présentés", str(block.presented))
        yield ("Blocs", name, "Accordés", str(block.granted))
        yield ("Blocs", name, "Refusés", str(block.refused))
    for line in figures.competencies:
        name = f"{line.label} {line.text}"
        for value, words in (
            (FindingValue.ACQUIRED, "Acquise"),
            (FindingValue.PARTIALLY, "Partiellement acquise"),
            (FindingValue.NOT_ACQUIRED, "Non acquise"),
        ):
            yield ("Compétences", name, words, str(line.found.get(value, 0)))
        alpha = line.agreement.alpha
        yield ("Compétences", name, "Accord entre membres (alpha)", "" if alpha is None else f"{float(alpha):.3f}")
    for year in figures.years:
        yield ("Renouvellement", str(year.year), "Personnes certifiées", str(year.certified))
        yield ("Renouvellement", str(year.year), "Certifiées par la VAE", str(year.by_vae))
        yield ("Renouvellement", str(year.year), "Blocs accordés par un jury", str(year.blocks))
    for name, delays in (
        ("Du dépôt au jury", figures.to_jury),
        ("De la décision à la notification", figures.to_letter),
    ):
        yield ("Délais", name, "Médiane en jours", "" if delays.median is None else f"{delays.median:g}")
        yield ("Délais", name, "Maximum en jours", "" if delays.longest is None else str(delays.longest))
    yield ("Délais", "De la décision à la notification", "Notifications après 15 jours", str(figures.late_letters))


WAVES: Mapping[Wave, str] = {Wave.M6: "6 mois", Wave.M12: "12 mois", Wave.M24: "24 mois"}
SITUATIONS: Mapping[Situation, str] = {
    Situation.EMPLOYED: "En emploi, y compris à votre compte",
    Situation.SEEKING: "En recherche d’emploi",
    Situation.STUDYING: "En poursuite d’études ou en formation",
    Situation.INCAPABLE: "Dans l’impossibilité de travailler, pour un temps ou définitivement",
    Situation.OTHER: "Autre situation",
}
CONTRACTS: Mapping[Contract, str] = {
    Contract.PERMANENT: "CDI",
    Contract.FIXED_TERM: "CDD",
    Contract.TEMPORARY: "Intérim",
    Contract.APPRENTICE: "Contrat en alternance",
    Contract.PUBLIC: "Fonction publique",
    Contract.SELF_EMPLOYED: "À votre compte",
}
CHANGES: Mapping[Change, str] = {
    Change.JOB: "Elle a aidé à trouver un emploi",
    Change.PROMOTION: "Elle a donné accès à plus de responsabilités",
    Change.PAY: "Elle a augmenté la rémunération",
    Change.SKILLS: "Elle a servi au travail, sans autre effet",
    Change.NONE: "Elle n’a rien changé",
}
YES_NO: Mapping[str, str] = {"oui": "Oui", "non": "Non"}
# Columns of the table of a renewal, named as the public file of the register names them.
COLUMNS = (
    *("CERTIFICATION", "ANNEE", "VOIE", "ENQUETE_MOIS", "NOMBRE_CERTIFIES", "NOMBRE_REPONDANTS", "TAUX_REPONSE"),
    *("EN_EMPLOI", "EN_EMPLOI_OU_EN_RECHERCHE", "TAUX_INSERTION_GLOBAL"),
    *("DANS_LE_METIER_VISE", "REPONDANTS_HORS_CAS_NEUTRES", "TAUX_INSERTION_METIER", "CAS_NEUTRES"),
)


def rate_message(numerator: int, denominator: int) -> str:
    """Say a rate with its numerator and its denominator: « 24 sur 30, 80 % »."""
    share = percent(numerator, denominator)
    return (
        "sans réponse à compter" if share is None else f"{numerator} sur {denominator}, {share:g} %".replace(".", ",")
    )


def rate_cell(numerator: int, denominator: int) -> str:
    """Write a rate for a spreadsheet, empty without anybody to divide by."""
    share = percent(numerator, denominator)
    return "" if share is None else f"{share:g}".replace(".", ",")
