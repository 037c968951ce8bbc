"""Sentences about requests of admissibility (livret 1)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from portfolio.domain.admissibility.models import AdmissibilityRequest
from portfolio.domain.admissibility.rules import (
    Missing,
    ProofKind,
    RequestClock,
    RequestRefusal,
    RequestState,
    hours_of,
)
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import AccommodationOutcome, AccommodationRefusal, Arrangement
from portfolio.french_text import NBSP, count, date_fr, enumeration

STATES = {
    RequestState.DRAFT: "À écrire",
    RequestState.SENT: "Envoyée",
    RequestState.QUESTION: "À compléter",
    RequestState.COMPLETE: "Complète",
    RequestState.ADMISSIBLE: "Recevable",
    RequestState.REFUSED: "Refusée",
    RequestState.APPEALED: "Refus contesté",
    RequestState.UPHELD: "Refus maintenu",
}
KINDS = {ProofKind.PROOF: "Justificatif", ProofKind.FEASIBILITY: "Dossier de faisabilité"}
_MISSING = {
    Missing.FEASIBILITY: "le dossier de faisabilité",
    Missing.ACTIVITY: "au moins une activité",
    Missing.HOURS: "le nombre d’heures de chaque activité",
    Missing.PROOF: "au moins un justificatif",
    Missing.ANSWER: "votre réponse à la question",
}
REFUSALS: Mapping[StrEnum, Callable[[dict[str, Any]], str]] = {
    RequestRefusal.NOT_COMPLETE: lambda facts: (
        f"Avant d’envoyer, ajoutez {enumeration(_MISSING[Missing(each)] for each in facts['missing'])}."
    ),
    RequestRefusal.NOT_NOW: lambda _: "Cette demande a avancé entre-temps. Relisez la page : rien n’a changé ici.",
    RequestRefusal.NO_REASON: lambda _: "Écrivez le motif : la personne le lit dans sa lettre.",
    RequestRefusal.SILENCE: lambda facts: (
        f"Le délai de deux mois a fini le {date_fr(facts['until'])} : le silence vaut recevabilité "
        "(R6412-4 du code du travail). Déclarez la demande recevable."
    ),
    RequestRefusal.TOO_MANY_PROOFS: lambda facts: (
        f"Une demande porte {facts['number']} fichiers au plus. Retirez-en, ou réunissez-en en un seul PDF."
    ),
    RequestRefusal.OPEN_ALREADY: lambda _: "Une demande est déjà ouverte pour cette personne et cette certification.",
    AccommodationRefusal.NOTHING_ARRANGED: lambda _: (
        "Dites ce qui est prévu : du temps en plus, un interprète, ou un autre aménagement."
    ),
    AccommodationRefusal.NO_REASON: lambda _: "Écrivez le motif du refus : la personne le lira.",
    AccommodationRefusal.DECIDED_ALREADY: lambda _: (
        "Cette demande a déjà sa décision. Pour la changer, inscrivez une nouvelle demande."
    ),
}


def day_message(kept: str) -> str:
    """Return a day as it is kept in a request."""
    return date_fr(date.fromisoformat(kept))


def clock_message(clock: RequestClock, today: date) -> str:
    """Say by when the body answers, and what its silence is worth."""
    until = date_fr(clock.until)
    if clock.is_appeal:
        worth = "vaut rejet du recours" if not clock.is_over(today) else "a rejeté le recours"
        return f"Réponse au recours attendue avant le {until} ; ensuite, le silence {worth}."
    if not clock.is_law:
        return f"Réponse attendue avant le {until}."
    if clock.is_over(today):
        return f"Le délai a fini le {until} : le silence vaut recevabilité (R6412-4)."
    return f"Décision attendue avant le {until} ; ensuite, le silence vaut recevabilité (R6412-4)."


def basis_message(row: AdmissibilityRequest) -> str:
    """Say on what a request was decided."""
    told, kinds = row.told, [proof.kind for proof in row.proofs]
    parts = [f"demande du {date_fr(row.sent_on)}"]
    if row.regime is Regime.FRANCE_VAE and ProofKind.FEASIBILITY in kinds:
        parts.append("dossier de faisabilité")
    if activities := told.get("activities"):
        parts.append(f"{count(len(activities), 'activité')} et {count(hours_of(told), 'heure')}")
    if proofs := kinds.count(ProofKind.PROOF):
        parts.append(count(proofs, "justificatif"))
    return ", ".join(parts)


def next_message(row: AdmissibilityRequest, today: date) -> str:
    """Say to the candidate where their request stands and what comes next."""
    clock = clock_message(row.clock, today) if row.clock else ""
    said = {
        RequestState.DRAFT: "Décrivez vos activités, joignez vos justificatifs, puis envoyez la demande.",
        RequestState.SENT: f"L’organisme vérifie qu’elle est complète. {clock}",
        RequestState.QUESTION: "L’organisme vous demande un complément : répondez, puis renvoyez la demande.",
        RequestState.COMPLETE: f"Votre demande est complète. {clock}",
        RequestState.ADMISSIBLE: "Votre dossier est ouvert : vous pouvez écrire votre livret 2.",
        RequestState.REFUSED: "Vous pouvez contester ce refus, ou faire une nouvelle demande.",
        RequestState.APPEALED: clock,
        RequestState.UPHELD: "Vous pouvez faire une nouvelle demande.",
    }
    return said[row.state]


OUTCOMES = {AccommodationOutcome.GRANTED: "Aménagement accordé", AccommodationOutcome.REFUSED: "Aménagement refusé"}


def arrangement_message(arrangement: Arrangement) -> str:
    """Say what is arranged for the day, and nothing of why."""
    said = [arrangement.text.strip().rstrip(".")] if arrangement.text.strip() else []
    if arrangement.extra_minutes:
        said.append(f"{count(arrangement.extra_minutes, 'minute')} de plus")
    if arrangement.interpreter:
        said.append("un interprète est présent")
    return f"{NBSP}; ".join(said)


def arrangements_message(arrangements: Sequence[Arrangement]) -> str:
    """Say everything that is arranged for one person."""
    return f"{NBSP}; ".join(map(arrangement_message, arrangements))
