"""Sentences about the presence that is signed on the day of a jury."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from portfolio.calendar import PARIS
from portfolio.domain.jury.rules.passage import SummonedAs
from portfolio.domain.presence.rules import Convened, PresenceMeans, PresenceRefusal
from portfolio.french_text import NBSP, count, date_fr, hour_fr
from portfolio.wording.jury.schedule import minute_of_day, passage_message

ROLES = {SummonedAs.JUROR: "membre du jury", SummonedAs.CANDIDATE: "candidat ou candidate"}
_MEANS = {PresenceMeans.OWN_CODE: "par son code", PresenceMeans.PAPER_SHEET: "sur la feuille"}
REFUSALS: dict[PresenceRefusal, Callable[[dict[str, Any]], str]] = {
    PresenceRefusal.NOT_THE_DAY: lambda facts: (
        f"Les présences se signent le jour du jury, le {date_fr(date.fromisoformat(facts['day']))}."
    ),
    PresenceRefusal.BEFORE_THE_DAY: lambda facts: (
        f"Le jury se réunit le {date_fr(date.fromisoformat(facts['day']))}{NBSP}: "
        "personne n’a encore pu signer la feuille."
    ),
    PresenceRefusal.CANCELLED: lambda _: "Cette session est annulée. Aucune présence ne s’y signe.",
    PresenceRefusal.CLOSED: lambda _: "Le procès-verbal est clos. La présence qu’il dit ne change plus.",
    PresenceRefusal.NOT_CONVENED: lambda _: "Cette personne n’est pas attendue à cette session. Rien n’est signé.",
    PresenceRefusal.SIGNED_ALREADY: lambda facts: f"{facts['name']} a déjà signé. Une présence se signe une fois.",
}
WRONG_CODE = (
    "Ce code n’est pas celui de cette personne. Vérifiez votre nom, puis les six chiffres de votre page ou de votre "
    "convocation."
)


def wait_message(wait: timedelta) -> str:
    """Say that too many codes were tried for a person, and how long to wait."""
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    return (
        f"Trop de codes faux pour cette personne. Réessayez dans {count(minutes, 'minute')}, "
        "ou signez la feuille en papier."
    )


def spaced_code(code: str) -> str:
    """Cut a code in two, as it is read aloud."""
    return f"{code[: len(code) // 2]}{NBSP}{code[len(code) // 2 :]}"


def clock(moment: datetime) -> str:
    """Say the hour of a moment in Paris."""
    return hour_fr(minute_of_day(moment.astimezone(PARIS)))


def person_label(person: Convened) -> str:
    """Name a person in the list where they choose their name."""
    passage = passage_message(person.start_minute, person.end_minute)
    return f"{person.name}, {ROLES[person.role]}{f', {passage}' if passage else ''}"


def signed_message(signed_at: datetime, means: PresenceMeans, held_on: date) -> str:
    """Say when and by which means a presence was signed."""
    local = signed_at.astimezone(PARIS)
    day = "" if local.date() == held_on else f"le {date_fr(local.date())} "
    if means is PresenceMeans.PAPER_SHEET:
        return f"Signature {_MEANS[means]}, enregistrée {day}à {clock(signed_at)}"
    return f"Signature {_MEANS[means]}, {day}à {clock(signed_at)}"


def signed_count_message(people: Sequence[Convened]) -> str:
    """Say how many of those expected have signed."""
    done = sum(person.signed_at is not None for person in people)
    return f"{count(done, 'présence signée', 'présences signées')} sur {len(people)}"
