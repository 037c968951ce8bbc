"""The French sentences about the day of a session: its hours, its summons, its move, its cancellation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from portfolio.calendar import PARIS, is_sunday, public_holiday
from portfolio.domain.candidacy.rules.deadlines import Deadline
from portfolio.domain.jury.rules.passage import ScheduleRefusal, SendingReason, SummonsEvent
from portfolio.french_text import date_fr, elide_de, enumeration, hour_fr

SENDINGS = {
    SendingReason.FIRST: "convocation",
    SendingReason.CHANGED: "convocation modifiée",
    SendingReason.CANCELLED: "annulation",
    SendingReason.REMINDER: "rappel",
}
REFUSALS: dict[ScheduleRefusal, Callable[[dict[str, Any]], str]] = {
    ScheduleRefusal.REVERSED: lambda _facts: "Une fin est avant son début. Corrigez les heures.",
    ScheduleRefusal.NO_INTERVIEW: lambda _facts: "Donnez la durée d’un passage, en minutes, de 1 à 480.",
    ScheduleRefusal.NO_ROOM: lambda facts: (
        f"Ces heures tiennent {facts['places']} passages, et {facts['candidates']} candidats sont inscrits. "
        "Allongez la journée, raccourcissez les passages, ou reportez un candidat à une autre session."
    ),
    ScheduleRefusal.ALREADY_CLOSED: lambda facts: (
        "Un procès-verbal de cette session est clos depuis le "
        f"{date_fr(date.fromisoformat(facts['closed_on']))}. Le jour et les heures ne changent plus. "
        "Reportez un à un les candidats qui restent à entendre."
    ),
    ScheduleRefusal.CANCELLED: lambda facts: (
        f"La session du {date_fr(date.fromisoformat(facts['day']))} est annulée. Planifiez une autre session."
    ),
    ScheduleRefusal.PAST_DAY: lambda _facts: (
        "Cette date est passée. Choisissez aujourd’hui ou un jour à venir."
    ),
    ScheduleRefusal.PAST_HOUR: lambda facts: (
        f"La séance commencerait aujourd’hui à {hour_fr(facts['minute'])}, et cette heure est passée. "
        "Donnez une heure à venir, ou un autre jour."
    ),
    ScheduleRefusal.SEALED_LATER: lambda facts: (
        f"Le dossier de {facts['candidate']} a été déposé après ce jour. Choisissez un jour plus tardif."
    ),
    ScheduleRefusal.UNKNOWN_ORDER: lambda _facts: (
        "La liste des candidats a changé. Relisez-la, puis changez l’ordre."
    ),
    ScheduleRefusal.NOTHING_TO_SUMMON_TO: lambda _facts: (
        "Fixez d’abord les heures et le lieu de la session : une convocation les donne."
    ),
    ScheduleRefusal.IRREGULAR_JURY: lambda _facts: (
        "La composition du jury n’est pas régulière. Relisez ce qui manque avant d’écrire les convocations."
    ),
}


def passage_message(start: int | None, end: int | None) -> str:
    """Say when a candidate is heard, as a list of the day tells it: « 9 h – 9 h 45 »; nothing while it is not
    fixed.
    """
    return "" if start is None or end is None else f"{hour_fr(start)} – {hour_fr(end)}"


def order_message(*, by_deposit: bool) -> str:
    """Say how the order of passage of a session was made."""
    made = (
        "les dépôts les plus anciens passent d’abord"
        if by_deposit
        else "ce n’est plus celui des dépôts : l’organisme l’a changé, ou une personne inscrite "
        "ensuite a pris la première heure libre"
    )
    return f"Ordre de passage : {made}. « Passer avant » et « Passer après » le changent."


def hours_message(start: int | None, end: int | None) -> str:
    """Say when something begins and ends."""
    return "heure à fixer" if start is None or end is None else f"de {hour_fr(start)} à {hour_fr(end)}"


def summons_due_message(people: Sequence[Any]) -> str:
    """Say who has no summons yet, and whose summons is no longer true; `people`: each with `name` and
    `held`.
    """
    first = [person.name for person in people if not person.held]
    changed = [person.name for person in people if person.held]
    says = [f"Aucune convocation n’est encore écrite pour {enumeration(first)}."] if first else []
    if changed:
        says.append(
            f"La convocation {elide_de(enumeration(changed))} ne donne plus le bon jour, la bonne heure ou "
            "le bon lieu."
        )
    return " ".join(says)


def event_message(event: SummonsEvent) -> str:
    """Say the day, the hours and the place that a summons gave."""
    start, end = (moment.astimezone(PARIS) for moment in (event.starts_at, event.ends_at))
    minutes = (None, None) if event.is_whole_day else (minute_of_day(start), minute_of_day(end))
    return f"le {date_fr(start)}, {hours_message(*minutes)}, {event.place}"


def minute_of_day(moment: datetime) -> int:
    """Return the minutes since midnight of a local moment."""
    return moment.hour * 60 + moment.minute


def day_off_message(day: date) -> str:
    """Say that a session falls on a Sunday or on a public holiday, '' on any other day."""
    names = ["un dimanche"] if is_sunday(day) else []
    if holiday := public_holiday(day):
        names.append(f"un jour férié ({holiday})")
    return f"Le {date_fr(day)} est {enumeration(names)}." if names else ""


def deadline_message(deadline: Deadline, held_on: date) -> str:
    """Say how many days are left between a session and the end of the delay of a candidate, or that it comes
    too late.
    """
    days = (deadline.until - held_on).days
    limit = f"délai de {deadline.source}, jusqu’au {date_fr(deadline.until)}"
    if days < 0:
        return f"{limit}, dépassé de {-days} jour{'s' if days < -1 else ''} à cette session"
    return f"{limit}, soit {days} jour{'s' if days > 1 else ''} après cette session"
