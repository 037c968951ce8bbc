"""A rhythm: the draft cut in steps of about twenty minutes until a chosen day; when a silence is written about."""

from datetime import date, datetime, time, timedelta

from portfolio.calendar import PARIS, day_of

STEP_MINUTES = 20
SILENCE = timedelta(days=14)
MAX_LETTERS = 3
# When people write their dossier: after work (design).
DEFAULT_HOUR = 18
HOURS = range(6, 23)
# A dossier is deposited so long before its session (design): the body checks it, and the jury reads it.
BEFORE_SESSION = timedelta(days=30)


def step_days(count: int, today: date, until: date) -> list[date]:
    """Return the day of each step: spread from tomorrow to the chosen day, the last step on it."""
    days = max(1, (until - today).days)
    return [today + timedelta(days=-(-(place + 1) * days // count)) for place in range(count)]


def steps_a_week(count: int, today: date, until: date) -> int:
    """Return how many steps a week lead to the chosen day, rounded up."""
    return -(-count * 7 // max(7, (until - today).days))


def silence_letter_due(last_done: datetime, reminded_at: datetime | None, reminders: int, hour: int) -> datetime | None:
    """Return when the next letter about a silence is due, at the chosen hour in Paris; None after the last one.

    The first comes once nothing moved for fourteen days, the others each fourteen days after the letter before.
    """
    if reminded_at is None or reminded_at <= last_done:
        moment = datetime.combine(day_of(last_done + SILENCE), time(hour), PARIS)
        return moment if moment >= last_done + SILENCE else moment + timedelta(days=1)
    if reminders >= MAX_LETTERS:
        return None
    return datetime.combine(day_of(reminded_at) + SILENCE, time(hour), PARIS)
