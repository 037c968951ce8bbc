"""Rows of one hearing before and after an act: what its jury made, when, by whom, and what is kept of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Select, bindparam, select

from portfolio.domain.account.models import Person
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.jury.models.deliberation import (
    Adjournment,
    AttendanceChange,
    Ballot,
    InterviewEntry,
    MemberVote,
    Minutes,
    OpinionsGiven,
    OpinionsOpened,
    RecordedDecision,
    RecordedFinding,
)
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft, Hearing, JuryMember, JurySession
from portfolio.domain.jury.models.sittings import Sitting
from portfolio.domain.jury.models.statements import MemberAttendance, Statement


class Made(NamedTuple):
    """One thing that a jury made: its table and what it is about, by whom and when, and the words that tell it."""

    kind: str
    about: Any
    by: UUID | None
    at: datetime
    tells: str = ""
    value: Any = None


class Seated(NamedTuple):
    """A member of a session, in a seat; rank 0 holds it."""

    person: UUID
    seat: str
    place: int
    rank: int
    id: UUID
    revision: int
    email: str


class Ended(NamedTuple):
    """The row of a sitting that ended."""

    number: int
    session_id: UUID
    held_on: date
    ended_at: datetime
    ending: str
    reason: str
    record: str


@dataclass(frozen=True)
class Rows:
    """A hearing as its rows stand: `hearing` has its columns and those of its session, None once it was taken off the
    list of it.
    """

    hearing: Any = None
    members: tuple[Seated, ...] = ()
    made: dict[tuple[str, Any], Made] = field(default_factory=dict)
    present: dict[UUID, bool] = field(default_factory=dict)
    said: frozenset[tuple[UUID, str]] = frozenset()
    votes: dict[UUID, dict[UUID, str]] = field(default_factory=dict)
    suspended: bool = False
    ended: tuple[Ended, ...] = ()
    minutes: Any = None
    decisions: tuple[Any, ...] = ()
    # The day of each grant.
    grants: tuple[date, ...] = ()
    minutes_told: str = ""
    # Who was written that the session is cancelled.
    written: frozenset[UUID | None] = frozenset()

    @property
    def is_open(self) -> bool:
        """Return whether the hearing may still be written."""
        return self.hearing is not None and self.hearing.closed_at is None

    @property
    def is_cancelled(self) -> bool:
        """Return whether the session of the hearing is cancelled."""
        return self.hearing is not None and self.hearing.cancelled_at is not None

    @property
    def closed_ballots(self) -> dict[tuple[str, Any], Made]:
        """Return the ballots that are closed."""
        return {key: made for key, made in self.made.items() if made.kind == "ballot" and made.value["closed_at"]}

    @property
    def heard_something(self) -> bool:
        """Return whether an interview, a finding or a ballot exists."""
        return any(made.kind in ("interview", "finding", "ballot") for made in self.made.values())

    def sitting(self) -> frozenset[UUID]:
        """Return who sits: in each seat the first member who is not away, nor recused."""
        seats: dict[tuple[str, int], UUID] = {}
        for member in sorted(self.members, key=lambda row: row.rank):
            away = self.present.get(member.person) is False or (member.person, "recusal") in self.said
            if not away and (not self.present or member.person in self.present):
                seats.setdefault((member.seat, member.place), member.person)
        return frozenset(seats.values())

    def presiding(self) -> UUID:
        """Return who presides: the first of its seat who sits, else its holder."""
        seat = [row for row in sorted(self.members, key=lambda row: row.rank) if row.seat == "president"]
        return next((row.person for row in seat if row.person in self.sitting()), seat[0].person)

    @cached_property
    def records(self) -> tuple[Any, ...]:
        """Return what is kept of the sittings that ended, and of the minutes."""
        ended = tuple({"reason": row.reason, "record": json.loads(row.record)} for row in self.ended)
        return (*ended, json.loads(self.minutes_told)) if self.minutes_told else ended

    def tells(self, made: Made) -> bool:
        """Return whether a record of a sitting, or the minutes, tells what was made."""
        return any(tells(record, made) for record in self.records)


def tells(record: Any, made: Made) -> bool:
    """Return whether a record tells a thing: by its words, or by what was counted, and when."""
    if made.kind == "ballot":
        wanted = {name: value for name, value in made.value.items() if value is not None}
        return any(wanted.items() <= each.items() for each in _walk(record))
    if made.kind == "presence":
        wanted = {"person": str(made.about), "present": made.value}
        return any(wanted.items() <= each.items() for each in _walk(record))
    return any(made.tells in text for each in _walk(record) for text in each.values() if isinstance(text, str))


def _walk(record: Any) -> Iterator[dict[str, Any]]:
    if isinstance(record, dict):
        yield record
        for each in record.values():
            yield from _walk(each)
    elif isinstance(record, list):
        for each in record:
            yield from _walk(each)


_HEARING = bindparam("hearing")


def _of_hearing(*columns: Any) -> Select[Any]:
    """Return the statement that reads these columns of one hearing; built once, for it is asked after every act."""
    return select(*columns).where(columns[0].class_.hearing_id == _HEARING)


_HEARD = (
    select(
        Hearing.session_id, Hearing.attendance, Hearing.closed_at, JurySession.held_on, JurySession.place,
        JurySession.schedule_revision, JurySession.cancelled_at,
    )
    .join(JurySession, JurySession.id == Hearing.session_id)
    .where(Hearing.id == _HEARING)
)  # fmt: skip
_MEMBERS = (
    select(
        JuryMember.person_id, JuryMember.seat, JuryMember.place, JuryMember.rank, JuryMember.id, JuryMember.revision,
        Person.email,
    )
    .join(Person, Person.id == JuryMember.person_id)
    .join(Hearing, Hearing.session_id == JuryMember.session_id)
    .where(Hearing.id == _HEARING)
)  # fmt: skip
_WRITTEN = select(OutgoingEmail.person_id).where(OutgoingEmail.kind.in_(("session_cancelled", "hearing_cancelled")))
_SAID = _of_hearing(Statement.person_id, Statement.kind)
_VOTES = (
    select(MemberVote.ballot_id, MemberVote.person_id, MemberVote.choice)
    .join(Ballot, Ballot.id == MemberVote.ballot_id)
    .where(Ballot.hearing_id == _HEARING)
)
_PRESENT = _of_hearing(
    MemberAttendance.person_id, MemberAttendance.recorded_by, MemberAttendance.recorded_at, MemberAttendance.present
)
# What a jury makes, as the columns of `Made`: about what, by whom, when, in which words.
_MADE = {
    "correction": _of_hearing(
        AttendanceChange.id, AttendanceChange.noted_by, AttendanceChange.noted_at, AttendanceChange.reason
    ),
    "finding": _of_hearing(
        FindingDraft.competency_id, FindingDraft.written_by, FindingDraft.changed_at, FindingDraft.reason
    ),
    "interview": _of_hearing(
        InterviewEntry.id, InterviewEntry.written_by, InterviewEntry.changed_at, InterviewEntry.heard
    ),
    "opinions given": _of_hearing(OpinionsGiven.person_id, OpinionsGiven.person_id, OpinionsGiven.given_at),
    "opinions opened": _of_hearing(OpinionsOpened.id, OpinionsOpened.opened_by, OpinionsOpened.opened_at),
    "suspension": _of_hearing(
        Adjournment.id, Adjournment.adjourned_by, Adjournment.adjourned_at, Adjournment.reason, Adjournment.resumed_at
    ),
}
_DRAFTS = _of_hearing(
    DecisionDraft.block_id, DecisionDraft.written_by, DecisionDraft.changed_at, DecisionDraft.reason,
    DecisionDraft.outcome,
)  # fmt: skip
_BALLOTS = _of_hearing(
    Ballot.id, Ballot.block_id, Ballot.round, Ballot.opened_at, Ballot.opened_by, Ballot.closed_at, Ballot.outcome
)
_ENDED = _of_hearing(
    Sitting.number, Sitting.session_id, Sitting.held_on, Sitting.ended_at, Sitting.ending, Sitting.reason,
    Sitting.record,
).order_by(Sitting.number)  # fmt: skip
_MINUTES = _of_hearing(
    Minutes.id, Minutes.decided_on, Minutes.attendance, Minutes.void_reason, Minutes.composition, Minutes.signed_at
)
_FOUND = select(RecordedFinding.reason, RecordedFinding.value).where(RecordedFinding.minutes_id == bindparam("minutes"))
_DECIDED = select(
    RecordedDecision.outcome, RecordedDecision.reason, RecordedDecision.recommendation, RecordedDecision.votes_for,
    RecordedDecision.votes_against, RecordedDecision.votes_abstained, RecordedDecision.votes_presidency,
).where(RecordedDecision.minutes_id == bindparam("minutes"))  # fmt: skip
_GRANTED = select(Grant.granted_on).where(Grant.minutes_id == bindparam("minutes"))


def read(connection: Connection, hearing_id: UUID, numbers: Mapping[UUID, int]) -> Rows:
    """Read the rows of a hearing; `numbers`: that of each block."""

    def rows(statement: Select[Any]) -> Sequence[Any]:
        return connection.execute(statement, {"hearing": hearing_id}).all()

    heard = rows(_HEARD)
    if not heard:
        return Rows()
    votes: dict[UUID, dict[UUID, str]] = {}
    for vote in rows(_VOTES):
        votes.setdefault(vote.ballot_id, {})[vote.person_id] = str(vote.choice)
    made = [Made("presence", row[0], row[1], row[2], "", row.present) for row in rows(_PRESENT)]
    for kind, statement in _MADE.items():
        made += [Made(kind, *row[:3], _words(kind, row)) for row in rows(statement)]
    made += [Made("decision", *row[:4], str(row.outcome)) for row in rows(_DRAFTS)]
    made += [_ballot(row, numbers[row.block_id], votes.get(row.id, {})) for row in rows(_BALLOTS)]
    stops = [row for row in rows(_MADE["suspension"]) if row.resumed_at is None]
    ended = [(*row[:4], str(row.ending), row.reason, _json(row.record)) for row in rows(_ENDED)]
    found = Rows(
        heard[0],
        tuple(Seated(row[0], str(row[1]), row[2] or 1, *row[3:]) for row in rows(_MEMBERS)),
        {(each.kind, each.about): each for each in made},
        {each.about: each.value for each in made if each.kind == "presence"},
        frozenset((row.person_id, str(row.kind)) for row in rows(_SAID)),
        votes,
        bool(stops),
        tuple(Ended(*row) for row in ended),
        written=frozenset(connection.scalars(_WRITTEN)) if heard[0].cancelled_at else frozenset(),
    )
    return _closed(connection, found, rows(_MINUTES)[0]) if heard[0].closed_at else found


def _closed(connection: Connection, found: Rows, minutes: Any) -> Rows:
    asked = {"minutes": minutes.id}
    decisions = connection.execute(_DECIDED, asked).all()
    told = {
        "composition": minutes.composition,
        "findings": [{"reason": row.reason, "value": str(row.value)} for row in connection.execute(_FOUND, asked)],
        "decisions": [{"reason": row.reason, "outcome": str(row.outcome)} for row in decisions],
        "void": {"reason": minutes.void_reason or ""},
    }
    grants = tuple(connection.scalars(_GRANTED, asked))
    return replace(found, minutes=minutes, decisions=tuple(decisions), grants=grants, minutes_told=_json(told))


def _json(record: Any) -> str:
    return json.dumps(record, ensure_ascii=False, sort_keys=True)


def _words(kind: str, row: Any) -> str:
    if kind == "opinions opened":
        return str(row.opened_at.isoformat())
    return "" if kind == "opinions given" else row[3] or ""


def _ballot(row: Any, number: int, votes: dict[UUID, str]) -> Made:
    value: dict[str, Any] = {"block": number, "round": row.round, "opened_at": row.opened_at.isoformat()}
    value["closed_at"] = row.closed_at.isoformat() if row.closed_at else None
    if row.closed_at:
        chosen = list(votes.values())
        value |= {"in_favour": chosen.count("for"), "against": chosen.count("against")}
        value |= {"abstained": chosen.count("abstain"), "outcome": str(row.outcome)}
    return Made("ballot", row.id, row.opened_by, row.opened_at, "", value)
