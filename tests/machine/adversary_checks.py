"""Sentences of domain.md §10, asked of the rows before and after an act; nothing of the product's rules is used."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from portfolio.calendar import day_of
from tests.machine.adversary_acts import Act, Moment
from tests.machine.adversary_rows import Made, Rows

SENTENCES = {
    "exception": "every act ends with an answer: a refusal is the only exception",
    "cancelled": "a cancelled session: no act is accepted any more",
    "mail": "a cancelled session: each person and juror has a letter or a mail the same day",
    "silent": "what an ended sitting did stays in the minutes, with its reason",
    "row": "what an ended sitting did stays in the minutes: its row says the day, how and why it ended",
    "lost": "nothing disappears",
    "inherited": "each of these acts ends the sitting and opens another, empty",
    "rewritten": "what an ended sitting did stays: rows and minutes never change",
    "absent after a vote": "absent or excused is said of someone whom the jury has not heard",
    "absent after a suspended vote": "absent or excused is said of someone whom the jury has not heard",
    "corrected silently": "once something was heard, presence can only be corrected with a reason",
    "correction not told": "… with a reason that the minutes print beside what was done",
    "ballot outside": "a closed ballot is never outside the minutes",
    "ended outside": "what an ended sitting did stays in the minutes, with its reason",
    "suspended": "only a suspension that resumes goes on",
    "of another sitting": "what is made in a sitting stays with it",
    "of another day": "one composition, on one day, for one candidate",
    "of others": "each draft is confirmed again by the new composition, each ballot taken again",
    "day": "the date of a decision is the day of the sitting that made it",
    "granted": "all are read on that day: the grant too",
    "counts": "the same counts never give two outcomes",
}
_ACT = re.compile(r"acte \d+\.")
AWAY = ("absent", "excused")


class Fault(NamedTuple):
    """A sentence that the rows belie, in which order of acts, and what was seen."""

    sentence: str
    order: tuple[str, ...]
    seen: str

    def __str__(self) -> str:
        return f"[{self.sentence}] {' → '.join(self.order)}: {self.seen} (« {SENTENCES[self.sentence]} »)"


@dataclass(frozen=True)
class Story:
    """State that an order of acts has come to: the rows, the clock, and what the domain asks to remember of it."""

    rows: Rows
    at: datetime
    # The day of the sitting under way; the moment when the last one ended, and the day of the one that followed, which a
    # suspension may have put off.
    day: date
    since: datetime
    first_day: date
    # Who sat from which moment on, nobody where presence is not known; and who sat when it was suspended.
    compositions: tuple[tuple[datetime, frozenset[UUID]], ...] = ()
    sat_before: frozenset[UUID] = frozenset()
    # The words of the corrections of presence, and every ballot that was closed, by whichever sitting.
    corrections: tuple[str, ...] = ()
    closed: tuple[Made, ...] = ()
    has_voted: bool = False
    number: int = 0
    order: tuple[str, ...] = ()


def after(story: Story, act: Act, moment: Moment, rows: Rows) -> tuple[Story, list[Fault]]:
    """Return the story after an act that was accepted, with the faults that its rows show."""
    faults = [Fault(sentence, (*story.order, act.name), seen) for sentence, seen in _seen(story, act, moment, rows)]
    return _go_on(story, act, moment, rows), faults


def _go_on(story: Story, act: Act, moment: Moment, rows: Rows) -> Story:
    before = story.rows
    ended = _ends(act, before, rows) and act.ends != "suspended" and (not before.suspended or not rows.suspended)
    known = {(made.about, made.value["closed_at"]) for made in story.closed}
    new = tuple(made for made in rows.closed_ballots.values() if (made.about, made.value["closed_at"]) not in known)
    sits = rows.sitting() if rows.present else frozenset()
    is_other = not story.compositions or sits != story.compositions[-1][1]
    if act.ends == "moved" and rows.hearing is not None:
        day = rows.hearing.held_on
    else:
        day = act.to_day(replace(moment, rows=before)) or story.day
    if before.suspended and act.ends == "day_changed":
        day = story.day
    words = moment.words("")
    is_correction = _is_correction(before, rows) and any(words in each for each in _reasons_of(act, moment))
    return replace(
        story,
        rows=rows,
        day=day,
        since=moment.at if ended else story.since,
        first_day=day if ended else story.first_day,
        compositions=(*story.compositions, (moment.at, sits)) if is_other else story.compositions,
        sat_before=before.sitting() if act.ends == "suspended" else story.sat_before,
        corrections=(*story.corrections, words) if is_correction else story.corrections,
        closed=(*story.closed, *new),
        has_voted=(not ended and story.has_voted) or bool(rows.closed_ballots),
        number=moment.number,
        order=(*story.order, act.name),
    )


def _ends(act: Act, before: Rows, rows: Rows) -> bool:
    """Return whether an act ended a sitting: not for a hearing that was moved where it is, nor for a substitute who does
    not sit.
    """
    if before.hearing is None or rows.hearing is None:
        return bool(act.ends)
    if act.ends == "members_changed":
        others = replace(before, members=rows.members).sitting() != before.sitting()
        return others or len(rows.ended) > len(before.ended)
    return bool(act.ends) and not (act.ends == "moved" and rows.hearing.session_id == before.hearing.session_id)


def _reasons_of(act: Act, moment: Moment) -> tuple[str, ...]:
    return () if "without a word" in act.name or act.name == "everybody is there" else (moment.words(""),)


def _is_correction(before: Rows, rows: Rows) -> bool:
    """Return whether presence was corrected once an interview, a finding or a ballot existed."""
    if before.hearing is None or rows.hearing is None or not before.heard_something or before.suspended:
        return False
    known = {person: there for person, there in rows.present.items() if person in before.present}
    changed = bool(before.present) and bool(rows.present) and known != before.present
    return changed or (bool(rows.present) and rows.hearing.attendance != before.hearing.attendance)


def _seen(story: Story, act: Act, moment: Moment, rows: Rows) -> Iterator[tuple[str, str]]:
    before = story.rows
    if before.is_cancelled and not act.is_elsewhere:
        yield "cancelled", "accepted"
    if rows.ended[: len(before.ended)] != before.ended:
        yield "rewritten", "the row of a sitting changed"
    if before.minutes_told and rows.minutes_told != before.minutes_told:
        yield "rewritten", "the minutes changed"
    if before.suspended and act.name.startswith("resumed") and story.sat_before not in (frozenset(), rows.sitting()):
        for made in rows.made.values():
            if made.kind in ("interview", "opinions given", "ballot"):
                yield "inherited", f"by others: {_named(made)}"
    if before.is_open:
        yield from _ending(story, act, moment, rows)
        yield from _presence(story, act, rows)
    if rows.minutes is not None and before.minutes is None:
        yield from _closing(story, act, moment, rows)
    else:
        yield from _lost(before, rows)
    if rows.minutes is None or before.minutes is None:
        for made in story.closed:
            if not (("ballot", made.about) in rows.made and not rows.minutes) and not rows.tells(made):
                yield "ballot outside", str(made.value)


def _ending(story: Story, act: Act, moment: Moment, rows: Rows) -> Iterator[tuple[str, str]]:
    """Ask of an act that ends a sitting that it says why, keeps what was made, and begins the next one empty."""
    before = story.rows
    if (
        not _ends(act, before, rows)
        or not before.made
        or (before.suspended and act.ends in ("members_changed", "day_changed"))
    ):
        return
    if not act.gives_reason:
        yield "silent", f"accepted after {_kinds(before)}"
    if act.ends == "cancelled":
        people = {row.person for row in before.members} | {moment.start.candidate}
        if missing := people - rows.written:
            yield "mail", f"{len(missing)} people are not written"
    if act.ends != "suspended" and rows.made:
        yield "inherited", _kinds(rows)
    if before.suspended:
        return
    new = rows.ended[len(before.ended) :]
    if len(new) != 1:
        yield "row", f"{len(new)} rows after {_kinds(before)}"
        return
    expected = (act.ends, before.hearing.session_id, story.day)
    if (new[0].ending, new[0].session_id, new[0].held_on) != expected or moment.words("") not in new[0].reason + " ":
        yield "row", f"{new[0].ending}, {new[0].held_on}, {new[0].reason!r}; expected {act.ends}, {story.day}"
    for made in before.made.values():
        if made.kind != "opinions given" and not replace(rows, ended=new).tells(made):
            yield "lost", f"{_named(made)} is not in the record of its sitting"


def _kinds(rows: Rows) -> str:
    return ", ".join(sorted({made.kind for made in rows.made.values()}))


def _named(made: Made) -> str:
    return f"{made.kind} {made.tells or made.value}"


def _lost(before: Rows, rows: Rows) -> Iterator[tuple[str, str]]:
    """Ask that what is no longer among the rows of the hearing is told by a record."""
    for key, made in before.made.items():
        if key not in rows.made and made.kind != "opinions given" and not rows.tells(made):
            yield "lost", f"{_named(made)} is nowhere"


def _presence(story: Story, act: Act, rows: Rows) -> Iterator[tuple[str, str]]:
    before = story.rows
    if rows.hearing is None or before.hearing is None or act.ends or act.name.startswith("resumed"):
        return
    says_away = str(rows.hearing.attendance) in AWAY and act.name.startswith("the candidate")
    if says_away and before.closed_ballots:
        yield "absent after a vote", f"{len(before.closed_ballots)} ballots are closed"
    elif says_away and story.has_voted:
        yield "absent after a suspended vote", f"{len(story.closed)} ballots are closed"
    if _is_correction(before, rows) and "without a word" in act.name:
        yield "corrected silently", f"after {_kinds(before)}"


def _closing(story: Story, act: Act, moment: Moment, rows: Rows) -> Iterator[tuple[str, str]]:
    """Ask of minutes that they tell everything, and that what they decide was made by those who sit, in their sitting."""
    before, minutes, today = story.rows, rows.minutes, day_of(moment.at)
    assert minutes is not None
    is_void, is_away = minutes.void_reason is not None, str(minutes.attendance) in AWAY
    if before.suspended and not is_void:
        yield "suspended", "closed"
    yield from _told(story, rows, decides=not is_void and not is_away)
    last = rows.ended[-1] if len(rows.ended) > len(before.ended) else None
    ending = "void" if is_void else str(minutes.attendance) if is_away else "decided"
    if last is None or (last.ending != ending and not (is_away and last.ending == "absent")):
        yield "row", f"no row of a sitting that ended: {ending}"
    elif last.held_on != story.day and not is_void:
        yield "row", f"the sitting of {story.day} is said to be of {last.held_on}"
    if is_void:
        return
    if not story.day <= minutes.decided_on <= today:
        yield "day", f"{minutes.decided_on}, sitting of {story.day}, closed on {today}"
    if is_away:
        return
    yield from _used(story)
    yield from _day(story, act, minutes.decided_on, today)
    for granted_on in rows.grants:
        if granted_on != minutes.decided_on:
            yield "granted", f"{granted_on}, decided on {minutes.decided_on}"


def _told(story: Story, rows: Rows, *, decides: bool) -> Iterator[tuple[str, str]]:
    before = story.rows
    told = replace(rows, ended=())
    for row in before.ended:
        words = {*_ACT.findall(row.reason), *_ACT.findall(row.record)}
        if missing := sorted(each for each in words if each not in rows.minutes_told):
            yield "ended outside", f"sitting {row.number}: {missing}"
    for made in story.closed:
        if not told.tells(made):
            yield "ballot outside", str(made.value)
    if missing := [each for each in story.corrections if each not in rows.minutes_told]:
        yield "correction not told", str(missing)
    voted = {made.value["block"] for made in before.closed_ballots.values()}
    for made in before.made.values():
        is_recused = made.by is not None and (made.by, "recusal") in before.said
        is_voided = made.kind == "decision" and decides and bool(voted)
        if made.kind == "opinions given" or is_recused or is_voided or told.tells(made):
            continue
        yield "lost", f"{_named(made)} is not in the minutes"


def _last_ballots(rows: Rows) -> dict[int, Made]:
    found: dict[int, Made] = {}
    for made in rows.made.values():
        if made.kind == "ballot":
            block = made.value["block"]
            if block not in found or found[block].value["round"] < made.value["round"]:
                found[block] = made
    return found


def _used(story: Story) -> Iterator[tuple[str, str]]:
    """Ask of what a closing used that it was made in its sitting, by those who sit."""
    before, sitting = story.rows, story.rows.sitting()
    ballots = _last_ballots(before)
    used = [made for made in before.made.values() if made.kind in ("presence", "finding")]
    used += ballots.values() if ballots else [made for made in before.made.values() if made.kind == "decision"]
    for made in used:
        if made.at <= story.since:
            yield "of another sitting", _named(made)
        elif day_of(made.at) < story.first_day:
            yield "of another day", f"{_named(made)}, made on {day_of(made.at)} for a sitting of {story.first_day}"
        elif made.kind != "presence" and _sat_at(story, made.at) not in (frozenset(), sitting):
            yield "of others", f"{_named(made)} was made while others sat"
        if made.kind == "ballot" and before.votes.get(made.about, {}).keys() != sitting:
            yield "of others", "those who voted are not those who sit"
        if made.kind in ("finding", "decision") and made.by not in sitting:
            yield "of others", f"{_named(made)} is of someone who does not sit"


def _sat_at(story: Story, moment: datetime) -> frozenset[UUID]:
    return next((sat for since, sat in reversed(story.compositions) if since <= moment), frozenset())


def _day(story: Story, act: Act, decided_on: date, today: date) -> Iterator[tuple[str, str]]:
    ballots = _last_ballots(story.rows)
    voted = [day_of(datetime.fromisoformat(made.value["closed_at"])) for made in ballots.values()]
    stated = {"closed, decided yesterday": -1, "closed, decided tomorrow": 1, "closed, decided today": 0}.get(act.name)
    if voted and decided_on < max(voted):
        yield "day", f"{decided_on}, before the ballot of {max(voted)}"
    if len(ballots) == 2 and decided_on != max(voted):
        yield "day", f"{decided_on}, and the last ballot was on {max(voted)}"
    if voted:
        return
    if stated is None and not story.day == decided_on == today:
        yield "day", f"{decided_on} without being stated, sitting of {story.day}, closed on {today}"
    if stated is not None and story.day != today and (decided_on - today).days != stated:
        yield "day", f"{decided_on}, and {stated} days from {today} was stated"


class Counts:
    """Outcomes that typed counts gave, in whatever order of acts."""

    def __init__(self) -> None:
        self.seen: dict[tuple[Any, ...], str] = {}

    def note(self, story: Story) -> Iterator[Fault]:
        """Keep what closed minutes decided by typed counts; yield the counts that gave another outcome elsewhere."""
        balloted = {made.value["block"] for made in story.closed}
        for row in story.rows.decisions if not balloted else ():
            key = (row.votes_for, row.votes_against, row.votes_abstained, str(row.votes_presidency))
            if row.votes_for is None:
                continue
            if self.seen.setdefault(key, str(row.outcome)) != str(row.outcome):
                yield Fault("counts", story.order, f"{key}: {row.outcome}, and {self.seen[key]} elsewhere")
