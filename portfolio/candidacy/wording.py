"""What candidacies say in French."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from portfolio.candidacy.rules import CandidacyRefusal, Clock, ClockKind, Regime, Route, Scope
from portfolio.web.filters import day

ROUTES = {
    Route.VAE: "Validation des acquis de l’expérience (VAE)",
    Route.INITIAL_TRAINING: "Formation initiale",
    Route.APPRENTICESHIP: "Apprentissage",
    Route.CONTINUING_TRAINING: "Formation continue",
    Route.PROFESSIONALISATION: "Contrat de professionnalisation",
    Route.INDIVIDUAL: "Candidature individuelle",
}
REGIMES = {
    Regime.FRANCE_VAE: "France VAE",
    Regime.CERFA: "Cerfa (procédure antérieure)",
    Regime.OTHER: "Règles propres au certificateur",
}
SCOPES = {Scope.WHOLE: "Toute la certification", Scope.BLOCKS: "Certains blocs seulement"}


def _expired(facts: dict[str, Any]) -> str:
    until, asked = date.fromisoformat(facts["until"]), date.fromisoformat(facts["admissible_on"])
    successor = f" La fiche {facts['successor']} lui succède." if facts.get("successor") else ""
    return (
        f"L’enregistrement de cette certification au répertoire a pris fin le {day(until)} : une recevabilité du {day(asked)} "
        f"ne permet pas d’ouvrir la candidature.{successor}"
    )


REFUSALS: dict[CandidacyRefusal, Callable[[dict[str, Any]], str]] = {
    CandidacyRefusal.ENTRY_EXPIRED: _expired,
    CandidacyRefusal.VERSION_NOT_PUBLISHED: lambda _: (
        "Cette version n’est pas publiée. Publiez-la avant d’ouvrir une candidature."
    ),
    CandidacyRefusal.FOREIGN_BLOCK: lambda _: (
        "Un des blocs choisis n’appartient pas à cette certification. Choisissez de nouveau."
    ),
    CandidacyRefusal.NO_BLOCK: lambda _: "Choisissez au moins un bloc.",
    CandidacyRefusal.ADVISOR_IS_CANDIDATE: lambda _: "Une personne ne peut pas accompagner son propre dossier.",
    CandidacyRefusal.ADVISOR_SITS: lambda _: "Cette personne siège au jury de ce candidat : elle ne peut pas l’accompagner.",
    CandidacyRefusal.ADMISSIBLE_TOMORROW: lambda _: "La recevabilité ne peut pas être datée d’un jour à venir.",
    CandidacyRefusal.ALREADY_OPEN: lambda _: "Cette personne a déjà une candidature ouverte sur cette certification.",
}

CLOCKS = {
    ClockKind.FIRST_STEP: "Première démarche à faire avant le {until}",
    ClockKind.JURY: "Jury à réunir avant le {until}",
    ClockKind.NOTIFICATION: "Résultat à notifier avant le {until}",
}


def clock_sentence(clock: Clock) -> str:
    """Say a clock with the earlier date, then the other reading when it differs, and its source."""
    sentence = CLOCKS[clock.kind].format(until=day(clock.until))
    other = f" (ou le {day(clock.latest)}, selon la lecture du texte)" if clock.latest != clock.until else ""
    return f"{sentence}{other}, article {clock.source} du code du travail."
