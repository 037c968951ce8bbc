"""French sentences of assessments."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from portfolio.domain.assessment.rules import (
    AssessmentKind,
    AssessmentOutcome,
    AssessmentRefusal,
    DefenceMinutes,
    PlannedValue,
    RetryRule,
)
from portfolio.domain.assessment.use_cases.grids import GridCell
from portfolio.domain.candidacy.rules.opening import TRAINING
from portfolio.domain.candidacy.rules.stage import PathStep
from portfolio.domain.certification.rules.case_package import folded
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.jury_session.use_cases.cohort_sessions import CohortJury, CohortMember, OfferedSession
from portfolio.french_text import NBSP, count, date_fr, shortened

KINDS = {
    AssessmentKind.PRACTICAL_CASE: "Cas pratique",
    AssessmentKind.DELIVERABLE: "Livrable",
    AssessmentKind.WRITTEN_TEST: "Épreuve écrite",
    AssessmentKind.WORKPLACE: "Évaluation en entreprise",
    AssessmentKind.OTHER: "Autre évaluation",
}
OUTCOMES = {
    AssessmentOutcome.PASSED: "Réussie",
    AssessmentOutcome.FAILED: "Non réussie",
    AssessmentOutcome.NOT_TAKEN: "Non passée",
    AssessmentOutcome.WITHDRAWN: "Inscrite par erreur",
}
RETRIES = {
    RetryRule.ANY_JURY: "Devant tout jury à venir",
    RetryRule.NEXT_COHORT: "Devant le jury de la promotion suivante",
}
RETRY_SENTENCES = {
    RetryRule.ANY_JURY: "En cas d’échec, la personne peut être présentée à tout jury à venir.",
    RetryRule.NEXT_COHORT: "En cas d’échec, la personne est présentée au jury de la promotion suivante.",
}
OWN_RETRIES = {
    RetryRule.ANY_JURY: "Vous pouvez passer de nouveau devant tout jury à venir.",
    RetryRule.NEXT_COHORT: "Vous passerez de nouveau devant le jury de la promotion suivante.",
}
PATHS = {
    Route.INITIAL_TRAINING: "Ma formation",
    Route.APPRENTICESHIP: "Mon apprentissage",
    Route.CONTINUING_TRAINING: "Ma formation",
    Route.PROFESSIONALISATION: "Ma formation",
    Route.INDIVIDUAL: "Ma candidature",
}
FOLLOWED_BY = {
    Route.VAE: "Accompagnement",
    Route.INITIAL_TRAINING: "Référent de formation",
    Route.APPRENTICESHIP: "Référent de formation",
    Route.CONTINUING_TRAINING: "Référent de formation",
    Route.PROFESSIONALISATION: "Référent de formation",
    Route.INDIVIDUAL: "Personne référente",
}


def planned_label(value: PlannedValue) -> str:
    """Name a planned assessment in a list: its block, its nature, its words cut short."""
    where = f"Bloc{NBSP}{value.block}" if value.block else "Certification"
    return f"{where}, {KINDS[value.kind].lower()}{NBSP}: {shortened(value.title, 90)}"


# What people write in a column of results, folded; what follows a semicolon or stands between brackets is the detail.
_SAID = {
    AssessmentOutcome.PASSED: (
        "reussi",
        "reussie",
        "acquis",
        "acquise",
        "valide",
        "validee",
        "admis",
        "admise",
        "oui",
        "r",
        "ok",
    ),
    AssessmentOutcome.FAILED: (
        *("non reussi", "non reussie", "echec", "echoue", "non acquis", "non acquise", "non valide", "non validee"),
        *("refuse", "refusee", "ajourne", "ajournee", "non", "e"),
    ),
    AssessmentOutcome.NOT_TAKEN: ("non passe", "non passee", "absent", "absente", "abs", "dispense", "a"),
}
_OUTCOME_OF = {word: outcome for outcome, said in _SAID.items() for word in said}
GRID_CONFLICT = (
    "Entre-temps, un résultat de ce tableau a été inscrit ailleurs. Rien n’est enregistré. Ce que vous aviez saisi est "
    "ci-dessous. Rechargez la page pour lire l’autre."
)


def read_outcome(text: str) -> tuple[AssessmentOutcome | None, str]:
    """Return the outcome that a cell says, and its detail; None for other words."""
    found = re.fullmatch(r"([^;(]*?)\s*(?:[;(]\s*(.*?)\)?)?", text, re.S)
    return (_OUTCOME_OF.get(folded(found[1])), found[2] or "") if found else (None, "")


def outcome_cell(cell: GridCell | None) -> str:
    """Write a result as `read_outcome` reads it."""
    if cell is None:
        return ""
    return f"{OUTCOMES[cell.outcome]}{NBSP}; {cell.detail}" if cell.detail else OUTCOMES[cell.outcome]


def recorded_message(number: int) -> str:
    """Say how many results a table recorded."""
    return count(number, "résultat est inscrit.", "résultats sont inscrits.") if number else "Rien n’a changé."


def filled_message(changed: int, read: int) -> str:
    """Say how much a file changes in the table; a file sent before changes nothing."""
    if not read:
        return "Ce fichier ne donne aucun résultat de ces évaluations."
    if not changed:
        return f"Tout ce que dit ce fichier est déjà inscrit{NBSP}: il a sans doute déjà été envoyé."
    known = count(read - changed, "autre est déjà inscrit", "autres sont déjà inscrits") if read > changed else ""
    told = count(changed, "résultat du fichier est nouveau", "résultats du fichier sont nouveaux")
    return f"{told}{f', {known}' if known else ''}. Relisez, donnez la date et qui a évalué."


def unknown_line_message(number: int, cells: Sequence[str]) -> str:
    """Say that a line of a file names nobody of the cohort."""
    said = shortened(", ".join(filter(None, cells[:2])), 80)
    return f"Ligne {number}, «{NBSP}{said}{NBSP}»{NBSP}: personne de cette promotion n’a ce nom ou cette adresse."


def unknown_outcome_message(number: int, name: str, text: str) -> str:
    """Say that a cell is no result."""
    return (
        f"Ligne {number}, {name}{NBSP}: «{NBSP}{shortened(text, 40)}{NBSP}» n’est pas un résultat. "
        "Écrivez Réussie, Non réussie ou Non passée, puis la note après un point-virgule."
    )


NOBODY_TO_MOVE = "Personne n’est à rattacher à une autre promotion."


def cohort_member_label(member: CohortMember) -> str:
    """Name a person who may go before a jury, and say what misses."""
    again = ", se représente" if member.has_failed else ""
    if not member.missing:
        return f"{member.name}{again}"
    return f"{member.name}{again}, {count(member.missing, 'évaluation sans résultat', 'évaluations sans résultat')}"


def session_label(offered: OfferedSession) -> str:
    """Name a session to come."""
    return f"{date_fr(offered.held_on)}, {offered.place}" if offered.place else date_fr(offered.held_on)


def next_session_message(jury: CohortJury) -> str:
    """Propose the next session to those who failed, as the rule allows."""
    if jury.next_session is not None:
        return f"Prochaine session possible{NBSP}: {session_label(jury.next_session)}."
    if jury.retry is RetryRule.NEXT_COHORT and jury.next_cohort is None:
        return "Aucune promotion suivante n’existe encore."
    return "Aucune session n’est encore planifiée."


def moved_message(number: int, cohort: str) -> str:
    """Say how many people joined the next cohort."""
    people = count(number, "personne est rattachée", "personnes sont rattachées")
    return f"{people} à la promotion «{NBSP}{cohort}{NBSP}». Inscrivez leurs nouveaux résultats."


def began_words(route: Route) -> str:
    """Name the first day of a path, as its route calls it."""
    if route is Route.VAE:
        return "Recevable le"
    return "Formation commencée le" if route in TRAINING else "Candidature acceptée le"


def defence_words(lasted: DefenceMinutes) -> str:
    """Say how long a defence lasts, or lasted."""
    return (
        f"soutenance de {count(lasted.presentation, 'minute')}, puis {count(lasted.questions, 'minute')} "
        "d’échange avec le jury"
    )


def jury_day_title(on: date, today: date) -> str:
    """Say when the jury of a path without a livret 2 meets, meets today, or was to meet."""
    if on == today:
        return "Le jury se réunit aujourd’hui"
    return f"Le jury {'se réunit le' if on > today else 'était fixé au'} {date_fr(on)}"


# The next step of a path without a livret 2, as its candidate and who follows them read it.
PATH_STEPS: Mapping[PathStep, tuple[str, str]] = {
    PathStep.NOTIFY: ("Le jury a délibéré", "Son résultat est donné par une lettre. Rien n’est à faire en attendant."),
    PathStep.SUSPENDED: (
        "La séance du jury est suspendue",
        "Rien n’est perdu : le jury délibère encore, et rien n’est décidé.",
    ),
    PathStep.DECIDED: ("Le résultat du jury est là", "Chaque bloc, avec les raisons du jury."),
    PathStep.ABSENT: (
        "L’absence est notée",
        "La présidence clôt un procès-verbal sans décision : rien n’est perdu, et un autre jury entendra la personne.",
    ),
    PathStep.HEAR: ("Le jury se réunit", "Le résultat s’affiche ici le jour où sa lettre est envoyée."),
    PathStep.NOT_HEARD: (
        "Le jury n’a pas entendu la personne",
        "Le procès-verbal indique une absence, sans aucune décision : rien n’est perdu. L’organisme certificateur "
        "choisit une autre session.",
    ),
    PathStep.SCHEDULE: (
        "Une date de jury va être choisie",
        "Les évaluations sont prêtes pour le jury. L’organisme certificateur choisit la session.",
    ),
    PathStep.RECORD: (
        "{whose} évaluations s’inscrivent ici",
        "L’organisme certificateur inscrit chaque résultat. Le jury décide ensuite, bloc par bloc, d’après ces "
        "résultats{defence}.",
    ),
}


def _same_cohort(facts: dict[str, Any]) -> str:
    former = f" (promotion «{NBSP}{facts['cohort']}{NBSP}»)" if facts.get("cohort") else ""
    return (
        f"Un jury a déjà décidé pour cette personne{former}. Selon la règle de cette certification, elle "
        f"passe devant le jury de la promotion suivante{NBSP}: rattachez-la d’abord à une promotion qui se "
        "termine plus tard."
    )


def _too_soon(facts: dict[str, Any]) -> str:
    return (
        f"Cette personne repasse avec la promotion «{NBSP}{facts['cohort']}{NBSP}», qui commence le "
        f"{date_fr(date.fromisoformat(facts['date_fr']))}. Choisissez une session à partir de cette date."
    )


REFUSALS: dict[AssessmentRefusal, Callable[[dict[str, Any]], str]] = {
    AssessmentRefusal.HAS_DOSSIER: lambda _: (
        f"Cette candidature suit la VAE, avec un livret{NBSP}2{NBSP}: aucune évaluation ne s’y inscrit."
    ),
    AssessmentRefusal.PLAN_NOT_PUBLISHED: lambda _: (
        "Cette version n’est pas publiée. Publiez-la avant de prévoir ses évaluations."
    ),
    AssessmentRefusal.FOREIGN_BLOCK: lambda _: "Ce bloc n’appartient pas à cette version. Choisissez de nouveau.",
    AssessmentRefusal.FOREIGN_PLANNED: lambda _: (
        "Cette évaluation n’est pas prévue pour cette certification. Rechargez la page, puis choisissez de nouveau."
    ),
    AssessmentRefusal.PLANNED_IN_USE: lambda _: (
        f"Un résultat porte déjà sur cette évaluation{NBSP}: elle ne se retire plus. Vous pouvez en corriger les mots."
    ),
    AssessmentRefusal.NOT_TODAY: lambda _: "Cette date est à venir. Donnez celle à laquelle l’évaluation a eu lieu.",
    AssessmentRefusal.BEFORE_START: lambda _: (
        "Cette date est avant le début de la formation ou de la candidature. Vérifiez les deux dates."
    ),
    AssessmentRefusal.ALREADY_CORRECTED: lambda _: (
        "Ce résultat a déjà été corrigé. Rechargez la page, puis corrigez le résultat le plus récent."
    ),
    AssessmentRefusal.FOREIGN_RESULT: lambda _: "Ce résultat n’est pas celui de cette personne. Rechargez la page.",
    AssessmentRefusal.FOREIGN_COHORT: lambda _: (
        "Cette promotion n’est pas celle de cette certification et de cette voie. Choisissez une autre promotion."
    ),
    AssessmentRefusal.COHORT_IN_USE: lambda _: (
        f"Des personnes appartiennent à cette promotion{NBSP}: sa certification et sa voie ne changent plus."
    ),
    AssessmentRefusal.COHORT_NAME_TAKEN: lambda _: (
        "Une promotion de cette certification et de cette voie porte déjà ce nom. Choisissez un autre nom."
    ),
    AssessmentRefusal.RECORD_EMPTY: lambda _: (
        f"Aucun résultat n’est inscrit pour les blocs à présenter{NBSP}: le jury n’aurait rien à lire. "
        "Inscrivez-en au moins un."
    ),
    AssessmentRefusal.RECORD_READ: lambda _: (
        f"Un membre du jury a déjà attesté sa lecture{NBSP}: le relevé présenté ne change plus. Déclarez "
        "d’abord la séance sans effet si ce relevé est faux."
    ),
    AssessmentRefusal.NOT_NOTIFIED: lambda _: (
        f"Le dernier résultat n’est pas encore notifié{NBSP}: envoyez d’abord sa lettre, puis présentez la "
        "personne de nouveau."
    ),
    AssessmentRefusal.NOTHING_LEFT: lambda _: (
        f"Aucun bloc demandé n’est à présenter{NBSP}: chacun est acquis, ou suspendu jusqu’à votre décision."
    ),
    AssessmentRefusal.SAME_COHORT: _same_cohort,
    AssessmentRefusal.NO_COHORT: _same_cohort,
    AssessmentRefusal.SESSION_TOO_SOON: _too_soon,
    AssessmentRefusal.DEFENCE_CLOSED: lambda _: (
        f"Le procès-verbal est clos{NBSP}: la soutenance ne change plus. Une erreur se corrige par une rectification."
    ),
    AssessmentRefusal.DEFENCE_DAY: lambda facts: (
        f"La soutenance s’inscrit le jour du jury, le {date_fr(date.fromisoformat(facts['date_fr']))}, ou après."
    ),
}
