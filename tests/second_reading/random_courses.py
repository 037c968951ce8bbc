"""Random sittings of a hearing: suspended and resumed, moved, with other members; who was heard; the day of the closing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random

from tests.second_reading.course import carried
from tests.second_reading.deliberations import last
from tests.second_reading.facts import (
    ABSENT,
    CANCELLED,
    CLOSED,
    EXCUSED,
    HEARD,
    REPLACED,
    SUSPENDED,
    VALIDATED,
    VOID,
    Ballot,
    Block,
    Deliberation,
    Draft,
    Finding,
    Jury,
    Presence,
    Sitting,
    Version,
)
from tests.second_reading.random_deliberations import some_deliberation, some_draft

ENDINGS = (*(SUSPENDED,) * 5, *REPLACED, CANCELLED)
LAST_ENDINGS = (*(CLOSED,) * 30, SUSPENDED, CANCELLED, VOID)
NOTHING = Finding(None)


def some_sittings(random: Random, version: Version, blocks: Sequence[Block], jury: Jury) -> tuple[Sitting, ...]:
    """Return the sittings of a hearing: one most of the time; the last one closes the minutes, or tries."""
    number = random.choice((1,) * 7 + (2, 2, 3))
    sittings: list[Sitting] = []
    for rank in range(number):
        takes = "rien"
        if sittings:
            before = sittings[-1]
            jury = _next_jury(random, before, jury)
            takes = carried(before, Sitting(jury, ()))
        made = tuple(_made(random, version, block, jury, takes, is_next=rank > 0) for block in blocks)
        is_last = rank == number - 1
        if is_last:
            made = tuple(replace(told, acts=tuple(_later(random, act, jury.on) for act in told.acts)) for told in made)
        ending = random.choice(LAST_ENDINGS if is_last else ENDINGS)
        resumes_on = random.choice((None, jury.on + timedelta(3))) if ending == SUSPENDED else None
        sittings.append(Sitting(jury, made, ending, some_presences(random, made), resumes_on))
    return tuple(sittings)


def _next_jury(random: Random, before: Sitting, jury: Jury) -> Jury:
    """Return the jury of the sitting that follows: another day, and other members where that ended the one before."""
    on = jury.on + timedelta(0 if before.ending == "members_changed" else random.choice((1, 3, 3, 30)))
    jury = replace(jury, on=on)
    if before.ending == "members_changed" or random.random() < 0.35:
        return _with_others(random, jury)
    return jury


def _with_others(random: Random, jury: Jury) -> Jury:
    """Return a jury of which somebody else holds a seat, or where a member goes, or comes."""
    if not jury.members:
        return jury
    rank = random.randrange(len(jury.members))
    known = jury.members[rank]
    if random.choice((True, False)):
        other = replace(known, person=known.person + 10)
        return replace(jury, members=(*jury.members[:rank], other, *jury.members[rank + 1 :]))
    # Who sits twice, against J1, is there or not for both seats: nobody is present and absent.
    return replace(
        jury,
        members=tuple(
            replace(member, present=not known.present) if member.person == known.person else member
            for member in jury.members
        ),
    )


def _made(random: Random, version: Version, block: Block, jury: Jury, takes: str, *, is_next: bool) -> Deliberation:
    """Return what a sitting makes on a block, from what it takes over: nothing more, a part, or everything again."""
    told = some_deliberation(random, version, block, jury)
    again = random.random()
    if is_next and takes == "rien" and again < 0.35:
        return replace(told, findings=(NOTHING,) * len(told.findings), acts=())
    if takes == "tout":
        if again < 0.65:
            return replace(told, findings=(NOTHING,) * len(told.findings), acts=())
        return told if again < 0.8 else replace(told, findings=_some(random, told.findings))
    if takes == "à confirmer":
        if again < 0.1:
            return replace(told, findings=(NOTHING,) * len(told.findings), acts=())
        if again < 0.2:
            return replace(told, findings=_some(random, told.findings), acts=())
        # A ballot of theirs decides, and they draft the decision again too.
        if last(told, Draft) is None:
            return replace(told, acts=(*told.acts, some_draft(random, VALIDATED, None)))
        return told
    if again < 0.06:
        return replace(told, acts=())
    return replace(told, findings=_some(random, told.findings)) if again < 0.1 else told


def _some(random: Random, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Leave some findings out."""
    return tuple(finding if random.random() < 0.5 else NOTHING for finding in findings)


def _later(random: Random, act: Draft | Ballot, on: date) -> Draft | Ballot:
    """Close a few ballots on a day after that of the sitting."""
    return replace(act, on=on + timedelta(random.choice((0, 0, 0, 1, 4)))) if isinstance(act, Ballot) else act


def some_presences(random: Random, made: Sequence[Deliberation]) -> tuple[Presence, ...]:
    """Return what is said of presences: most of the time that everybody came; or nobody did, and it is corrected."""
    if random.random() < 0.84:
        return ()
    ballots = [act for told in made for act in told.acts if isinstance(act, Ballot)]
    found = any(finding.value is not None for told in made for finding in told.findings)
    moments = ["", "", "interview", *["finding"] * found, *["ballot"] * bool(ballots)]
    moments += ["closed ballot"] * any(ballot.closed for ballot in ballots)
    chosen = sorted(random.choice((0, 0, random.randrange(len(moments)))) for _ in range(random.choice((1, 1, 2, 3))))
    return tuple(
        Presence(
            random.choice((ABSENT, EXCUSED, HEARD)),
            random.choice(("", " ", "Erreur de saisie.")),
            moments[rank],
            random.random() < 0.3,
        )
        for rank in chosen
    )


def some_closing(random: Random, sittings: Sequence[Sitting]) -> tuple[datetime | None, date | None]:
    """Return when the minutes are closed, if somebody tries, and the day that the presidency states."""
    sitting = sittings[-1]
    on = sitting.jury.on
    voted = [act.on for told in sitting.deliberations for act in told.acts if isinstance(act, Ballot) and act.on]
    end = max((on, *voted))
    day = on - timedelta(1) if random.random() < 0.05 else end + timedelta(random.choice((0, 0, 0, 2, 20)))
    between = end + timedelta(random.randrange(max((day - end).days, 0) + 1))
    stated = random.choice((between, between, between, between, None, on - timedelta(1), day + timedelta(1)))
    if day <= end and random.random() < 0.8:
        stated = None
    return None if random.random() < 0.07 else some_moment(random, day), stated


def some_moment(random: Random, day: date) -> datetime:
    """Return a moment of a day, which is never that of another act."""
    return datetime.combine(day, time(random.randrange(7, 21), random.randrange(60), random.randrange(60)))
