"""Observations, decisions that wait for a second member, and appeals, in French."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from portfolio.domain.holdings.rules.contests import (
    MIN_OBSERVATION_DAYS,
    AppealKind,
    AppealOutcome,
    AppealState,
    ContestRefusal,
    ObservationManner,
)
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.holdings.use_cases.appeals import AppealDetails
from portfolio.domain.holdings.use_cases.contest_tasks import LaterAct, LaterEntry
from portfolio.french_text import NBSP, date_fr, enumeration
from portfolio.wording.holdings.grants import decided_again_message

MANNERS: Mapping[ObservationManner, str] = {
    ObservationManner.HEARD: "La personne a été entendue",
    ObservationManner.WRITTEN: "La personne a répondu par écrit",
    ObservationManner.NONE: "La personne n’a pas répondu dans le délai",
}
APPEAL_KINDS: Mapping[AppealKind, str] = {
    AppealKind.CERTIFIER: "Recours gracieux, devant l’organisme certificateur",
    AppealKind.HIERARCHICAL: "Recours hiérarchique",
    AppealKind.COURT: "Recours devant un tribunal",
}
OUTCOMES: Mapping[AppealOutcome, str] = {
    AppealOutcome.REJECTED: "Rejeté",
    AppealOutcome.GRANTED: "Accueilli",
    AppealOutcome.WITHDRAWN: "Abandonné par la personne",
}
REFUSALS: dict[Any, Callable[[dict[str, Any]], str]] = {
    ContestRefusal.TOO_SHORT: lambda _: (
        f"Laissez au moins {MIN_OBSERVATION_DAYS} jours à la personne pour répondre. Choisissez une date plus tardive."
    ),
    ContestRefusal.IN_THE_FUTURE: lambda _: "Ces dates ne se suivent pas, ou l’une d’elles est à venir. Corrigez-les.",
    ContestRefusal.BEFORE_INVITATION: lambda _: (
        "La personne ne peut pas avoir répondu avant l’invitation. Corrigez la date."
    ),
    ContestRefusal.DELAY_RUNNING: lambda facts: (
        f"La personne peut encore répondre jusqu’au {date_fr(facts['answer_by'])}. Attendez la fin du délai."
    ),
    ContestRefusal.NOT_INVITED: lambda _: "Cette invitation n’existe pas. Rechargez la page.",
    ContestRefusal.NO_OBSERVATION: lambda _: (
        "Un retrait se décide après avoir invité la personne à s’expliquer. Enregistrez l’invitation, puis sa réponse."
    ),
    ContestRefusal.SAME_PERSON: lambda _: (
        "Vous avez proposé cette décision : une autre personne de l’organisme doit la confirmer. "
        "Demandez-le à un collègue, ou invitez un second membre."
    ),
    ContestRefusal.ALREADY_PROPOSED: lambda _: (
        "Une décision attend déjà une confirmation pour ce certificat. Réglez-la d’abord."
    ),
    ContestRefusal.NOT_PENDING: lambda _: "Cette proposition n’attend plus : elle a été confirmée ou abandonnée.",
    ContestRefusal.BEFORE_DECISION: lambda _: "Un recours ne peut pas précéder la décision du jury. Corrigez la date.",
    ContestRefusal.GRANT_PROPOSED: lambda _: (
        "Accueillir ce recours attend déjà la confirmation d’une autre personne. Confirmez-le ou abandonnez-le d’abord."
    ),
    ContestRefusal.GRANT_NOT_PENDING: lambda _: (
        "Cette proposition n’attend plus : elle a été confirmée ou abandonnée. Rechargez la page."
    ),
    ContestRefusal.NO_SUCH_BLOCK: lambda _: (
        "Un bloc choisi n’a pas été décidé par ce jury, ou n’est pas contesté par ce recours. Choisissez "
        "parmi les blocs proposés."
    ),
    ContestRefusal.NEEDS_SECOND_MEMBER: lambda _: (
        "Un recours est accueilli par deux personnes de l’organisme : l’une le propose, l’autre le confirme."
    ),
    ContestRefusal.ALREADY_ANSWERED: lambda _: (
        "Ce recours a déjà reçu sa réponse. Pour la suite, enregistrez un autre recours."
    ),
}


STATES: Mapping[AppealState, str] = {
    AppealState.WAITING: "En attente de réponse",
    AppealState.LAPSED: "Rejeté par le silence de l’organisme",
    AppealState.REJECTED: "Rejeté",
    AppealState.GRANTED: "Accueilli",
    AppealState.WITHDRAWN: "Abandonné par la personne",
}


def contested_message(blocks: Sequence[int]) -> str:
    """Say on what an appeal, or its answer, bears: these blocks, or everything that the jury wrote."""
    if not blocks:
        return "toute la décision du jury"
    numbers = enumeration([str(number) for number in blocks])
    return f"la décision sur {'les blocs' if len(blocks) > 1 else 'le bloc'}{NBSP}{numbers}"


def due_message(details: AppealDetails, today: date) -> str:
    """Say by which day an appeal is answered and what silence means, or how it ended."""
    state, due = details.state(today), details.due_on
    if details.answer is not None:
        return f"{STATES[state]}, le {date_fr(details.answer.answered_on)}."
    if due is None:
        return "Le tribunal est saisi : il répond à la date qu’il fixe."
    if state is AppealState.LAPSED:
        return f"Aucune réponse n’a été donnée jusqu’au {date_fr(due)}{NBSP}: ce silence vaut rejet du recours."
    return f"Réponse attendue jusqu’au {date_fr(due)}. Passé ce jour, le silence vaut rejet."


PROPOSED_TITLE = "La réponse au recours attend une autre personne"
PROPOSED_TEXT = (
    "Il est proposé de l’accueillir. Rien ne change tant qu’une autre personne de l’organisme ne l’a pas confirmé."
)


def follow_message(details: AppealDetails) -> str:
    """Say what follows an appeal that was granted; nothing for another one."""
    ended = details.answer
    if ended is None or ended.outcome is not AppealOutcome.GRANTED:
        return ""
    new = ", dont tous les membres seront nouveaux," if ended.is_for_bias else ""
    what = contested_message(details.annulled)
    annulled = f"{what[:1].upper()}{what[1:]} est annulée."
    if any(each.on for each in details.again):
        return f"{annulled} Ce n’est pas un échec{NBSP}: {decided_again_message(details.again)}."
    return f"{annulled} Un autre jury{new} doit en décider{NBSP}: ce n’est pas un échec."


_LATER: Mapping[StatusChangeKind | AppealState | LaterEntry, str] = {
    AppealState.WAITING: "recours reçu le {on}, en attente de réponse",
    AppealState.LAPSED: "recours rejeté par le silence de l’organisme, le {on}",
    AppealState.REJECTED: "recours rejeté le {on}",
    AppealState.GRANTED: "recours accueilli le {on}",
    AppealState.WITHDRAWN: "recours abandonné par la personne le {on}",
    StatusChangeKind.SUSPENSION: "effets suspendus le {on}",
    StatusChangeKind.CONFIRMATION: "décision confirmée le {on}",
    StatusChangeKind.ANNULMENT: "décision annulée le {on}",
    StatusChangeKind.WITHDRAWAL: "retrait pour fraude le {on}",
    StatusChangeKind.RECTIFICATION: "erreur rectifiée le {on}",
    LaterEntry.RECTIFIED: "procès-verbal rectifié le {on}",
    LaterEntry.VOID: "séance sans effet",
}


def later_message(acts: Sequence[LaterAct]) -> str:
    """Say to a juror what happened to the decision after the minutes were closed."""
    return f"{NBSP}; ".join(_LATER[act.what].format(on=date_fr(act.on)) for act in acts)


def clock_message(days: int | None) -> str:
    """Return how long is left to answer an appeal, or that silence is a refusal by now."""
    if days is None:
        return ""
    if days < 0:
        return "délai passé : le silence vaut rejet"
    return "à répondre aujourd’hui" if days == 0 else f"{days} jour{'s' if days > 1 else ''} pour répondre"
