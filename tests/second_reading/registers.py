"""Words by which a document may speak of the register (R9), and when an act can be that of a registration."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from tests.second_reading import tables as t
from tests.second_reading.days import is_registered
from tests.second_reading.facts import TRAINING, VAE, Version


def standing(version: Version, route: str, begun_on: date | None, delivered_on: date) -> str:
    """Return how a document may speak of the register (R9)."""
    began = begun_on is not None and is_registered(version, begun_on)
    answers = {
        "délivré pendant un enregistrement": is_registered(version, delivered_on),
        "VAE": route == VAE,
        "recevable pendant un enregistrement": began,
        "formation": route in TRAINING,
        "formation commencée pendant un enregistrement": began,
    }
    return t.STANDING.decide(answers).then


Period = tuple[date | None, date | None]


def registration_on(periods: Iterable[Period], day: date) -> Period | None:
    """Return the registration to which a day belongs, both ends included; of several, the last one to begin."""
    covering = [(since, until) for since, until in periods if since and until and since <= day <= until]
    return max(covering, default=None)


def why_standing(
    periods: Sequence[Period], delivered_on: date, admissible_on: date | None, training_on: date | None
) -> tuple[str, date | None, Period | None]:
    """Return why a document may speak of the register or not: the ground, its day, the registration (R9)."""
    if not periods:
        return "no_registration_known", None, None
    days = (
        ("delivered_while_registered", delivered_on),
        ("admissible_while_registered", admissible_on),
        ("training_begun_while_registered", training_on),
    )
    for ground, day in days:
        if day is not None and (covering := registration_on(periods, day)):
            return ground, day, covering
    return "nothing_while_registered", delivered_on, None


def why_opening(periods: Sequence[Period], day: date) -> tuple[str, Period | None, date | None]:
    """Return why a candidacy may be opened on a day or not, by which registration, and when the entry had expired;
    its successor is then proposed (R9).
    """
    if (covering := registration_on(periods, day)) is not None:
        return "registered", covering, None
    if not any(since and until for since, until in periods):
        return "no_registration_known", None, None
    ended = max((until for _, until in periods if until and until < day), default=None)
    last = next((period for period in periods if period[1] == ended), None)
    return ("expired", last, ended) if ended else ("not_yet_registered", None, None)


def act_covers(published: date | None, period: Period) -> bool:
    """Return whether an act can be that of a registration: of a known day, not after its end, at most a year of
    366 days before it begins.
    """
    since, until = period
    too_late = published is not None and until is not None and published > until
    too_early = published is not None and since is not None and published < since - timedelta(366)
    return published is not None and not too_late and not too_early


def opening(version: Version, day: date) -> str:
    """Return whether a candidacy is stopped because the entry had expired (R9)."""
    answers = {
        "pendant un enregistrement": is_registered(version, day),
        "après la fin d’un enregistrement": any(until < day for _, until in version.registrations),
    }
    return t.OPENING.decide(answers).then
