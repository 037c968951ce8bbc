"""Sentences about complaints (réclamations)."""

from collections.abc import Callable
from datetime import date
from typing import Any

from portfolio.domain.complaint.models import Complaint
from portfolio.domain.complaint.rules import (
    Channel,
    ComplaintFigures,
    ComplaintRefusal,
    ComplaintState,
    Outcome,
    Subject,
    answer_due_on,
    state_of,
)
from portfolio.french_text import count, date_fr

SUBJECTS = {
    Subject.INFORMATION: "L’information reçue",
    Subject.DELAYS: "Les délais",
    Subject.SUPPORT: "L’accompagnement",
    Subject.SESSION: "L’organisation du jury ou des épreuves",
    Subject.ACCESSIBILITY: "L’accessibilité, un aménagement",
    Subject.PERSONAL_DATA: "Mes données personnelles",
    Subject.COSTS: "Les frais",
    Subject.OTHER: "Autre chose",
}
CHANNELS = {
    Channel.ACCOUNT: "sur ce site",
    Channel.LETTER: "par courrier",
    Channel.EMAIL: "par courriel",
    Channel.TELEPHONE: "par téléphone",
    Channel.IN_PERSON: "sur place",
}
OUTCOMES = {Outcome.FOUNDED: "Fondée", Outcome.PARTLY: "Fondée en partie", Outcome.UNFOUNDED: "Non fondée"}
STATES = {
    ComplaintState.WAITING: "Réponse attendue",
    ComplaintState.ANSWERED: "Mesure à faire",
    ComplaintState.CLOSED: "Close",
}
REFUSALS: dict[ComplaintRefusal, Callable[[dict[str, Any]], str]] = {
    ComplaintRefusal.ALREADY_ANSWERED: lambda _: (
        "Une réponse a déjà été donnée à cette réclamation. Rien n’est changé."
    ),
    ComplaintRefusal.NOT_ANSWERED: lambda _: "Répondez d’abord : une réclamation se clôt une fois la réponse donnée.",
    ComplaintRefusal.ALREADY_CLOSED: lambda _: "Cette réclamation est déjà close.",
    ComplaintRefusal.TOO_MANY: lambda facts: (
        f"{facts['number']} de vos réclamations attendent une réponse. Attendez-la, "
        "ou écrivez au contact de l’organisme."
    ),
}
HEADER = (
    *("Reçue le", "Par", "Comment", "Sujet", "Réclamation", "À répondre avant le", "Répondue le", "Constat"),
    *("Réponse", "Mesure", "Close le"),
)


def state_message(complaint: Complaint) -> str:
    """Say where a complaint stands."""
    return STATES[state_of(complaint.answered_at, complaint.closed_at)]


def answered_message(figures: ComplaintFigures, days: int) -> str:
    """Say how many of a year were answered within the delay that the body announces, and how many later."""
    told = f"{count(figures.in_time, 'réponse')} en {count(days, 'jour')} au plus"
    return f"{told}, {figures.late} au-delà" if figures.late else told


def export_row(complaint: Complaint, who: str, days: int) -> tuple[Any, ...]:
    """Return the cells of a complaint in the exported list."""
    return (
        complaint.received_on,
        who,
        CHANNELS[complaint.channel],
        SUBJECTS[complaint.subject],
        complaint.message,
        answer_due_on(complaint.received_on, days),
        complaint.answered_at,
        OUTCOMES[complaint.outcome] if complaint.outcome else "",
        complaint.answer,
        complaint.measure,
        complaint.closed_at,
    )


def due_message(received_on: date, days: int) -> str:
    """Say by when the answer is promised."""
    return f"Réponse promise avant le {date_fr(answer_due_on(received_on, days))}"
