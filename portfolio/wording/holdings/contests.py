"""Observations, decisions that wait for a second member, and appeals, in French."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from portfolio.domain.holdings.rules.contests import (
    MIN_OBSERVATION_DAYS,
    AppealKind,
    AppealOutcome,
    ContestRefusal,
    ObservationManner,
)
from portfolio.french_text import date_fr

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
        f"Laissez au moins {MIN_OBSERVATION_DAYS} jours à la personne pour répondre. Choisissez une date "
        "plus tardive."
    ),
    ContestRefusal.IN_THE_FUTURE: lambda _: (
        "Ces dates ne se suivent pas, ou l’une d’elles est à venir. Corrigez-les."
    ),
    ContestRefusal.BEFORE_INVITATION: lambda _: (
        "La personne ne peut pas avoir répondu avant l’invitation. Corrigez la date."
    ),
    ContestRefusal.DELAY_RUNNING: lambda facts: (
        f"La personne peut encore répondre jusqu’au {date_fr(facts['answer_by'])}. Attendez la fin du délai."
    ),
    ContestRefusal.NOT_INVITED: lambda _: "Cette invitation n’existe pas. Rechargez la page.",
    ContestRefusal.NO_OBSERVATION: lambda _: (
        "Un retrait se décide après avoir invité la personne à s’expliquer. Enregistrez l’invitation, puis "
        "sa réponse."
    ),
    ContestRefusal.SAME_PERSON: lambda _: (
        "Vous avez proposé cette décision : une autre personne de l’organisme doit la confirmer. "
        "Demandez-le à un collègue, ou invitez un second membre."
    ),
    ContestRefusal.ALREADY_PROPOSED: lambda _: (
        "Une décision attend déjà une confirmation pour ce certificat. Réglez-la d’abord."
    ),
    ContestRefusal.NOT_PENDING: lambda _: (
        "Cette proposition n’attend plus : elle a été confirmée ou abandonnée."
    ),
    ContestRefusal.BEFORE_DECISION: lambda _: (
        "Un recours ne peut pas précéder la décision du jury. Corrigez la date."
    ),
    ContestRefusal.ALREADY_ANSWERED: lambda _: (
        "Ce recours a déjà reçu sa réponse. Pour la suite, enregistrez un autre recours."
    ),
}


def clock_message(days: int | None) -> str:
    """Return how long is left to answer an appeal, or that silence is a refusal by now."""
    if days is None:
        return ""
    if days < 0:
        return "délai passé : le silence vaut rejet"
    return "à répondre aujourd’hui" if days == 0 else f"{days} jour{'s' if days > 1 else ''} pour répondre"
