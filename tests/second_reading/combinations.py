"""The product's rules beside the tables on every combination of their answers, rather than on those drawn."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from itertools import permutations, product

from portfolio.calendar import day_of
from portfolio.domain.certification.rules.registration import act_covers
from portfolio.domain.holdings.rules.completion import end_of_validity
from portfolio.domain.jury.rules.composition import months_before
from tests.second_reading import (
    deliberations,
    holdings,
    juries,
    our_deliberations,
    our_holdings,
    our_juries,
    reading,
    registers,
    sittings_and_days,
)
from tests.second_reading import tables as t
from tests.second_reading.comparing import compare
from tests.second_reading.days import FOREVER, after_months
from tests.second_reading.facts import (
    ABSTAINS,
    AGAINST,
    FOR,
    NOT_VALIDATED,
    PRESIDENT,
    TEACHER,
    VALIDATED,
    Ballot,
    Hearing,
    Jury,
    JuryRule,
    LaterAct,
    Member,
    Sitting,
)
from tests.second_reading.histories import some_history

DAY = date(2025, 6, 18)


def differences() -> Iterator[tuple[object, object, object]]:
    """Yield what differs: the case, what the second reading says, what the product says."""
    yield from _ballots()
    yield from sittings_and_days.differences()
    yield from _grants()
    yield from _held_before()
    yield from _statuses()
    yield from _days()
    yield from _months()
    yield from _juries()
    yield from _registrations()
    yield from _last_days()


def _months() -> Iterator[tuple[object, object, object]]:
    """Months counted from each day of four years: back for ties (J7), on for a validity (R6)."""
    for rank, months in product(range(1461), (1, 2, 12, 23)):
        day = date(2023, 1, 1) + timedelta(rank)
        second = after_months(day, -months), after_months(day, months)
        found = months_before(day, months), end_of_validity(day, months)
        if second != found:
            yield (day, months), second, found


def _days() -> Iterator[tuple[object, object, object]]:
    """Yield the day of a moment is that of Paris, where juries sit: before midnight in winter and in summer."""
    for month, hour in product((1, 7), (21, 22, 23)):
        moment = datetime(2025, month, 10, hour, 30, tzinfo=UTC)
        second = date(2025, month, 11 if hour + (1 if month == 1 else 2) >= 24 else 10)
        found = day_of(moment.astimezone(timezone(timedelta(hours=-5))))
        if second != found:
            yield moment, second, found


def _last_days() -> Iterator[tuple[object, object, object]]:
    """Hearings on the last day of the validity of a block that they refuse, and on the day after."""
    for seed in range(60):
        history = some_history(seed)
        acts = reading.read(history).acts
        ends = {act.until for stand in acts.values() for act in stand if act.until < history.today}
        for hearing, end, later in product(history.hearings, sorted(ends), (0, 1)):
            moved = on_one_day(hearing, end + timedelta(later))
            others = tuple(moved if other is hearing else other for other in history.hearings)
            changed = replace(history, hearings=others)
            yield from ((changed, each.second, each.ours) for each in compare(changed)[1])


def on_one_day(hearing: Hearing, day: date) -> Hearing:
    """Return a hearing whose last sitting, its ballots and its closing are of one day."""
    told = tuple(
        replace(one, acts=tuple(replace(act, on=None) if isinstance(act, Ballot) else act for act in one.acts))
        for one in hearing.last.deliberations
    )
    sitting = replace(hearing.last, jury=replace(hearing.last.jury, on=day), deliberations=told)
    closed_at = datetime.combine(day, hearing.closed_at.time()) if hearing.closed_at else None
    return replace(hearing, sittings=(sitting,), closed_at=closed_at, stated_on=None)


def _registrations() -> Iterator[tuple[object, object, object]]:
    """Registrations that follow one another, overlap, leave a gap or have an unread day, and each day around."""
    day = [DAY + timedelta(number) for number in range(7)]
    known = ((day[1], day[2]), (day[2], day[4]), (day[2], day[3]), (day[1], day[5]), (None, day[3]), (day[5], None))
    for periods in (some for size in range(4) for some in permutations(known, size)):
        for on in day:
            if registers.why_opening(periods, on) != our_holdings.why_opening(periods, on):
                yield (periods, on), registers.why_opening(periods, on), our_holdings.why_opening(periods, on)
            for begun, other in product((None, *day[::3]), (None, *day[1::3])):
                second = registers.why_standing(periods, on, begun, other)
                found = our_holdings.why_standing(periods, on, begun, other)
                if second != found:
                    yield (periods, on, begun, other), second, found
    far = (None, *(DAY + timedelta(number) for number in (0, 365, 366, 367, 400)))
    for published, since, until in product(far, repeat=3):
        second, found = registers.act_covers(published, (since, until)), act_covers(published, since, until)
        if second != found:
            yield (published, since, until), second, found


def _juries() -> Iterator[tuple[object, object, object]]:
    """Juries that have nobody to hear yet, and the shares asked of them, down to a jury in which nobody is named."""
    drawn = [hearing for seed in range(300) for hearing in some_history(seed).hearings]
    rule = JuryRule(None, (), Fraction(1), Fraction(2, 5), quorum=1)
    for hearing in drawn[:60]:
        jury = hearing.last.jury
        away = tuple(replace(member, present=False) for member in jury.members)
        changed = (
            replace(jury, members=()),
            replace(jury, rule=rule, members=()),
            replace(jury, rule=rule, members=away),
        )
        with_seats = replace(rule, size=5, external=Fraction(2, 5))
        changed += (replace(jury, rule=with_seats, members=()), replace(jury, rule=with_seats, members=away))
        drawn += [replace(hearing, sittings=(replace(hearing.last, jury=one),)) for one in changed]
    for hearing in drawn:
        regular = juries.regularity(hearing)
        later = {"J4", "J10", "J12", "J13", "J14", "J15"}
        second = regular.blocking - later, frozenset(each for each in regular.asked if each[0] not in later)
        answers = our_juries.answers_before_a_candidate(hearing)
        blocking, _, asked = our_juries.names_of(answers)
        if second != (blocking, asked):
            yield hearing, second, (blocking, asked)
        if juries.shares(hearing.last.jury) != our_juries.shares_of(answers):
            yield hearing, juries.shares(hearing.last.jury), our_juries.shares_of(answers)


def _ballots() -> Iterator[tuple[object, object, object]]:
    """Every ballot of four members or fewer, with each rule and each member able to vote or not."""
    for size, casting_vote in product((1, 2, 3, 4), (True, False)):
        for choices in product((FOR, AGAINST, ABSTAINS, None), repeat=size):
            for away in (None, 0, 1):
                members = tuple(
                    Member(person, PRESIDENT if person == 0 else TEACHER, present=person != away)
                    for person in range(size)
                )
                rule = JuryRule(None, (PRESIDENT,), None, None, quorum=1, casting_vote=casting_vote)
                jury = Jury(DAY, rule, members)
                votes = tuple((p, choice) for p, choice in enumerate(choices) if choice is not None)
                ballot = Ballot(votes)
                second = (
                    deliberations.ballot_outcome(ballot, jury),
                    deliberations.counts_of(ballot, jury),
                    deliberations.settled_by(ballot, jury),
                    deliberations.everyone_voted(ballot, jury),
                )
                found = our_deliberations.ballot_of(ballot, jury)
                if second != found:
                    yield (choices, away, casting_vote), second, found


def _grants() -> Iterator[tuple[object, object, object]]:
    """Every combination of what R3 asks of a decision."""
    jury = Jury(DAY, JuryRule(None, (), None, None), ())
    for attendance, lapse, begun, outcome in product(
        ("heard", "absent", "excused"),
        ("none", "ruled", "not_ruled", "lapsed"),
        (None, DAY - timedelta(1), DAY, DAY + timedelta(1)),
        (None, VALIDATED, NOT_VALIDATED),
    ):
        for closed, regular, in_scope, withdrawn, appealed in product((True, False), repeat=5):
            for status in (t.HELD, t.SUSPENDED, t.ANNULLED):
                hearing = Hearing(
                    "PV",
                    1,
                    "vae",
                    begun,
                    "france_vae",
                    DAY,
                    lapse,
                    frozenset({11}) if in_scope else frozenset(),
                    (Sitting(jury, ()),),
                    withdrawn=frozenset({11}) if withdrawn else frozenset(),
                    appealed=frozenset({11}) if appealed else frozenset(),
                )
                blocking = frozenset() if regular else frozenset({"J7"})
                answer = holdings.HearingAnswer(
                    juries.Regularity(blocking, frozenset(), frozenset()),
                    frozenset(),
                    {11: outcome} if outcome and attendance == "heard" else {},
                    frozenset(),
                    holdings.Status(status, ()),
                    closed,
                    DAY,
                    attendance,
                )
                second = holdings.refusals(hearing, answer, 11)
                found = our_holdings.refusals(hearing, blocking, outcome, status, closed, attendance)
                if second != found:
                    yield (hearing, blocking, outcome, status, closed), second, found


def _held_before() -> Iterator[tuple[object, object, object]]:
    """A block already held when a jury decides it, for ever or for a time, under each length of validity."""
    ends = (None, FOREVER, *(DAY + timedelta(days) for days in (1, 364, 365, 366)))
    quoted = ((), ("1.2",)), (("J7", "J13"), ("1.1", "1.2"))
    for end, months, outcome, (faults, missing) in product(ends, (None, 12), (VALIDATED, NOT_VALIDATED), quoted):
        own = FOREVER if months is None else after_months(DAY, months)
        act = holdings.Act(DAY, own, "jury", "PV")
        held = None if end is None else holdings.Act(DAY - timedelta(30), end, "jury", "PV-0")
        fails = frozenset({"not_validated"} if outcome == NOT_VALIDATED else ())
        fails |= {"irregular_composition"} if faults else set()
        why = holdings.at_hearing(fails, act, held)
        by = act if not why else held
        told = ("PV", tuple(sorted(faults)), missing) if by is None else ("", (), ())
        second = why, 11, by and (by.reference, by.until), *told
        found = our_holdings.at_hearing(DAY, outcome, months, end, faults, missing)
        if second != found:
            yield (end, months, outcome, faults), second, found


def _statuses() -> Iterator[tuple[object, object, object]]:
    """Every sequence of three later acts, and each act on each day around the grant, the hearing and today."""
    kinds = ("suspension", "confirmation", "annulment", "withdrawal", "rectification")
    today = DAY + timedelta(10)
    near = (DAY - timedelta(1), DAY, DAY + timedelta(1), today, today + timedelta(1))
    sequences = [
        tuple(LaterAct(kind, DAY + timedelta(2), heard_on=DAY + timedelta(1)) for kind in chosen)
        for chosen in product(kinds, repeat=3)
    ]
    sequences += [
        (LaterAct(kind, on, reason, heard),)
        for kind in kinds
        for on in near
        for reason in ("Motif", " ")
        for heard in (None, *near)
    ]
    for stand in (statuses for size in range(4) for statuses in product(t.WHOLE_LOST, repeat=size)):
        lost = next((status for status in t.WHOLE_LOST if status in stand), "replaced")
        if lost != our_holdings.status_of_whole_of(stand):
            yield stand, lost, our_holdings.status_of_whole_of(stand)
    for acts in sequences:
        second = tuple(holdings.status_of(acts, DAY, today))
        found = our_holdings.status_of(acts, DAY, today)
        if second != found:
            yield acts, second, found
