"""Members who deliberate for one candidate, and the status of each: declared, read, present (J10, J13, J14)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.rules.composition import MemberValue
from portfolio.domain.jury.rules.enums import Declaration, RelationAsked, StatementKind


class JurorStep(StrEnum):
    """The one thing that a member has to do next for a candidate."""

    DECLARE = "declare"
    READ = "read"
    READY = "ready"
    RECUSED = "recused"
    BARRED = "barred"


@dataclass(frozen=True, slots=True)
class MemberDeclarations:
    """Declarations of a member about one candidate, on line, or on a signed form whose day is kept."""

    person: UUID
    kind: StatementKind
    reason: str = ""
    signed_on: date | None = None


@dataclass(frozen=True, slots=True)
class SignedStatement:
    """A statement as it was kept; `on_paper` when the certifier recorded a signed form, whose day is `signed_on`."""

    kind: StatementKind
    at: datetime
    on_paper: bool
    reason: str = ""
    signed_on: date | None = None
    # A recusal that a later statement withdraws.
    withdrawn: bool = False
    # The exhibits opened before a reading was attested here, of how many.
    opened_exhibits: int | None = None
    sealed_exhibits: int | None = None
    # Which relations the sentence denies (J10).
    relation: RelationAsked = RelationAsked.ANY


@dataclass(frozen=True, slots=True)
class MemberState:
    """A member before one candidate.

    `rank` 0 holds the seat, 1 and more are its substitutes; `present` None: not checked. `deliberated` is
    what the closing recorded; None while the minutes are open.
    """

    member: MemberValue
    rank: int = 0
    statements: tuple[SignedStatement, ...] = ()
    present: bool | None = None
    deliberated: bool | None = None
    # Known before any declaration: they accompany or accompanied the candidate, or judged them with bias
    # (J10).
    is_barred: bool = False
    # What they answered to the summons to the day as it stands; None: nothing.
    comes: bool | None = None

    @property
    def has_declined(self) -> bool:
        """Tell whether they answered that they do not come, while nobody has checked who is there."""
        return self.comes is False and self.present is None

    @property
    def is_excluded(self) -> bool:
        """Tell whether a substitute takes the seat for this candidate: barred, or recused."""
        return self.is_barred or self.declaration is Declaration.RELATED

    @property
    def person(self) -> UUID:
        """Return who it is."""
        return self.member.person

    def said(self, kind: StatementKind) -> SignedStatement | None:
        """Find what the member stated, and did not withdraw."""
        return next(
            (
                statement
                for statement in reversed(self.statements)
                if statement.kind is kind and not statement.withdrawn
            ),
            None,
        )

    @property
    def declaration(self) -> Declaration | None:
        """Return what the member declares of the candidate; a recusal outweighs an earlier word (J10)."""
        if self.said(StatementKind.RECUSAL):
            return Declaration.RELATED
        return Declaration.FREE if self.said(StatementKind.NO_RELATION) else None

    @property
    def has_read(self) -> bool:
        """Tell whether the member attested having read the sealed dossier (J13)."""
        return self.said(StatementKind.READ) is not None

    @property
    def step(self) -> JurorStep:
        """Return what the member does next."""
        if self.declaration is Declaration.RELATED:
            return JurorStep.RECUSED
        if self.is_barred:
            return JurorStep.BARRED
        if self.declaration is None:
            return JurorStep.DECLARE
        return JurorStep.READY if self.has_read else JurorStep.READ


def deliberating(sitting: Iterable[MemberState]) -> tuple[MemberState, ...]:
    """Say who deliberates, a member for each seat (domain §4), in the order in which the seats come.

    The holder of the seat, unless recused or noted absent; then its first substitute who is present and not
    recused. The substitute of a recused holder takes the seat before presence is checked, and so does one who
    answered that they come when the holder answered that they do not: someone has to read, and to preside. Without
    a substitute, the holder stays in the seat, so that J10 or J14 says what is wrong. For closed minutes, the
    member whom the closing recorded.
    """
    by_seat: dict[tuple[str, int], list[MemberState]] = {}
    for member_state in sitting:
        by_seat.setdefault(_place(member_state), []).append(member_state)
    return tuple(
        _of_seat(sorted(group, key=lambda state: (state.rank, state.person.int))) for group in by_seat.values()
    )


@dataclass(frozen=True, slots=True)
class SeatChange:
    """A seat, or a substitute of it (`rank`), that someone takes, or is taken from."""

    seat: Seat
    place: int
    rank: int
    former: UUID | None

    def changes(self, sitting: Iterable[MemberState]) -> bool:
        """Return whether others deliberate for a candidate, or someone noted present goes: a substitute who does not
        sit changes nothing.
        """
        sitting = tuple(sitting)
        if not self.rank or any(member.person == self.former and member.present for member in sitting):
            return True
        sits = [member for member in deliberating(sitting) if _place(member) == (self.seat, self.place)]
        return any(member.person == self.former or member.is_excluded for member in sits)


def _place(member_state: MemberState) -> tuple[str, int]:
    return member_state.member.seat, member_state.member.place


def president_of(sitting: Iterable[MemberState]) -> UUID | None:
    """Return who presides now (J11); None without a seat of the presidency."""
    seated = deliberating(state for state in sitting if state.member.seat is Seat.PRESIDENT)
    return seated[0].person if seated else None


def voting(sitting: Iterable[MemberState], quorum: int | None) -> tuple[MemberState, ...]:
    """Say who votes: those who deliberate; where there is a quorum, without those noted absent (J14).

    Without one everybody is waited for, and an absent member still counts among them.
    """
    return tuple(
        member_state for member_state in deliberating(sitting) if quorum is None or member_state.present is not False
    )


def voters_now(sitting: Iterable[MemberState], quorum: int | None) -> frozenset[UUID]:
    """Return the members who can vote now: those who deliberate, without those noted absent, recused or barred."""
    return frozenset(
        member.person for member in voting(sitting, quorum) if member.present is not False and not member.is_excluded
    )


def presidency_votes(sitting: Iterable[MemberState], quorum: int | None) -> bool:
    """Tell whether one member presides and can vote: of two who do, neither is the presidency (J11)."""
    presiding = [member for member in voting(sitting, quorum) if member.member.seat is Seat.PRESIDENT]
    return len(presiding) == 1 and bool(presiding[0].present) and not presiding[0].is_excluded


def voters_digest(voters: Iterable[UUID]) -> str:
    """Return the same value for the same members, whatever their order."""
    return sha256("\n".join(sorted(person.hex for person in voters)).encode()).hexdigest()


def voters_among(sitting: Iterable[MemberState], quorum: int | None) -> int:
    """Count the members who can vote, the president among them, once: those present, or all while presence is
    not checked.
    """
    deliberates = voting(sitting, quorum)
    present = [deliberate for deliberate in deliberates if deliberate.present]
    return len(present) if present else len(deliberates)


def voters_recorded(members: Iterable[Mapping[str, Any]]) -> int:
    """Count the members of a composition recorded at closing who could vote: all but those noted absent."""
    return sum(1 for member in members if member.get("present", True))


def vacated(sitting: Iterable[MemberState]) -> tuple[MemberState, ...]:
    """List the holders, recused or barred, whose seat no substitute can take: someone has to be named (J10)."""
    return tuple(member_state for member_state in deliberating(sitting) if member_state.is_excluded)


def missing(sitting: Iterable[MemberState]) -> tuple[MemberState, ...]:
    """List those who answered that they do not come and whose seat nobody takes: someone has to be named (J14)."""
    return tuple(member_state for member_state in deliberating(sitting) if member_state.has_declined)


def stand_ins(sitting: Collection[MemberState]) -> dict[UUID, MemberState]:
    """Return, by the substitute who sits, the holder who answered that they do not come."""
    holders = {_place(state): state for state in sitting if state.rank == 0 and state.has_declined}
    return {
        seated.person: holders[_place(seated)]
        for seated in deliberating(sitting)
        if seated.rank and _place(seated) in holders
    }


def _of_seat(ranked: list[MemberState]) -> MemberState:
    recorded = next((member_state for member_state in ranked if member_state.deliberated), None)
    if recorded is not None:
        return recorded
    holder, *substitutes = ranked
    if not holder.is_excluded and holder.present is not False and not holder.has_declined:
        return holder
    able = [substitute for substitute in substitutes if substitute.present is not False and not substitute.is_excluded]
    unchecked: list[MemberState] = []
    if holder.is_excluded:
        unchecked = sorted(able, key=lambda substitute: substitute.has_declined)
    elif holder.has_declined:
        unchecked = [substitute for substitute in able if substitute.comes]
    return next(iter([*(member_state for member_state in able if member_state.present), *unchecked]), holder)
