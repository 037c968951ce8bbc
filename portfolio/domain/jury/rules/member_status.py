"""Members who deliberate for one candidate, and the status of each: declared, read, present (J10, J13, J14)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
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
    recused. The substitute of a recused holder takes the seat before presence is checked: someone has to
    read, and to preside. Without a substitute, the holder stays in the seat, so that J10 or J14 says what is
    wrong. For closed minutes, the member whom the closing recorded.
    """
    by_seat: dict[tuple[str, int], list[MemberState]] = {}
    for member_state in sitting:
        by_seat.setdefault(_place(member_state), []).append(member_state)
    return tuple(
        _of_seat(sorted(group, key=lambda state: (state.rank, state.person.int))) for group in by_seat.values()
    )


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


def _of_seat(ranked: list[MemberState]) -> MemberState:
    recorded = next((member_state for member_state in ranked if member_state.deliberated), None)
    if recorded is not None:
        return recorded
    holder, *substitutes = ranked
    if not holder.is_excluded and holder.present is not False:
        return holder
    able = [substitute for substitute in substitutes if substitute.present is not False and not substitute.is_excluded]
    unchecked = able if holder.is_excluded else []
    return next(iter([*(member_state for member_state in able if member_state.present), *unchecked]), holder)
