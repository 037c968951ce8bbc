"""Effective status of grants after their status changes (R10–R12)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, or_, select
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_together, read_once
from portfolio.db.together import Together
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.holdings.models.events import GrantStatusChange
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.holdings.rules.status_changes import GrantStatus, StatusChangeKind, status_after
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing

_WORST = (GrantStatus.WITHDRAWN, GrantStatus.ANNULLED, GrantStatus.SUSPENDED)


# Asked at every closing, so built once.
_PEOPLE: BindParameter[UUID] = bindparam("people", expanding=True)
_GRANTS = select(Grant.id, Grant.serial, Grant.block_id, Grant.minutes_id, Grant.acquisition_id).where(
    Grant.person_id.in_(_PEOPLE)
)
_HEARD = (
    select(Minutes.id)
    .join(Minutes.hearing)
    .join(Hearing.submission)
    .join(Submission.candidacy)
    .where(Candidacy.candidate_id.in_(_PEOPLE))
)
_CHANGES = select(
    GrantStatusChange.minutes_id,
    GrantStatusChange.block_id,
    GrantStatusChange.grant_id,
    GrantStatusChange.kind,
    GrantStatusChange.sequence,
).where(
    or_(
        GrantStatusChange.minutes_id.in_(_HEARD),
        GrantStatusChange.grant_id.in_(select(Grant.id).where(Grant.person_id.in_(_PEOPLE))),
    )
)
# The grants of these people and the later acts on them, which `status_changes` puts together.
STATUS_CHANGES = (_GRANTS, _CHANGES)
_TOGETHER = Together(*STATUS_CHANGES)


class _Granted(Protocol):
    """A grant, as a row of the table or of columns."""

    @property
    def id(self) -> UUID: ...
    @property
    def block_id(self) -> UUID: ...
    @property
    def minutes_id(self) -> UUID | None: ...


@dataclass(frozen=True, slots=True)
class StatusChanges:
    """The later acts of one person or several, in the order of their recording, by what they bear on."""

    on_minutes: Mapping[UUID, list[StatusChangeKind]]
    # By the minutes and the block, for an act that bears on what they decided for one block alone.
    on_block: Mapping[tuple[UUID, UUID], list[StatusChangeKind]]
    on_grant: Mapping[UUID, list[StatusChangeKind]]
    # The grants by the minutes, or by the acquisition, that they come from.
    by_act: Mapping[UUID, Sequence[_Granted]]

    def of_minutes(self, minutes_id: UUID) -> GrantStatus:
        """Return what became of everything one jury decided for the person."""
        return status_after(self.on_minutes.get(minutes_id, []))

    def of_grant(self, grant: _Granted) -> GrantStatus:
        """Return what became of one grant, by acts on itself or on the minutes it comes from."""
        of_jury = grant.minutes_id or grant.id
        return combined_status(
            [*self.on_grant.get(grant.id, []), *self.on_block.get((of_jury, grant.block_id), [])],
            self.on_minutes.get(of_jury, []),
        )

    def of_acquisition(self, acquisition_id: UUID) -> GrantStatus:
        """Return what became of a block acquired by another route."""
        found = (self.of_grant(grant) for grant in self.by_act.get(acquisition_id, ()))
        return next(found, GrantStatus.HELD)

    def annulled_in(self, minutes_id: UUID) -> frozenset[UUID]:
        """Return the blocks whose decision alone, in these minutes, was annulled (R12)."""
        return frozenset(
            block_id
            for (decided_in, block_id), kinds in self.on_block.items()
            if decided_in == minutes_id and StatusChangeKind.ANNULMENT in kinds
        )

    def withdrawn_in(self, minutes_id: UUID) -> frozenset[UUID]:
        """Return the blocks granted by these minutes that were taken back (R11)."""
        return frozenset(
            grant.block_id
            for grant in self.by_act.get(minutes_id, ())
            if StatusChangeKind.WITHDRAWAL in self.on_grant.get(grant.id, [])
        )


def combined_status(on_grant: Sequence[StatusChangeKind], on_minutes: Sequence[StatusChangeKind]) -> GrantStatus:
    """Return what acts on a grant, and acts on the minutes it comes from, made of it: the gravest of both."""
    found = status_after(on_grant), status_after(on_minutes)
    return next((status for status in _WORST if status in found), GrantStatus.HELD)


@read_once
def load_status_changes(session: Session, *people: UUID) -> StatusChanges:
    """Read the grants of one person, or of several, and every later act that bears on them, in one query."""
    return status_changes(*fetch_together(session, _TOGETHER, {"people": people}))


def status_changes(granted: Iterable[Any], changes: Iterable[Any]) -> StatusChanges:
    """Return the later acts by what they bear on, from the rows of `STATUS_CHANGES`."""
    on_minutes: defaultdict[UUID, list[StatusChangeKind]] = defaultdict(list)
    on_block: defaultdict[tuple[UUID, UUID], list[StatusChangeKind]] = defaultdict(list)
    on_grant: defaultdict[UUID, list[StatusChangeKind]] = defaultdict(list)
    for row in sorted(changes, key=attrgetter("sequence")):
        if row.minutes_id is not None and row.block_id is not None:
            on_block[row.minutes_id, row.block_id].append(row.kind)
        elif row.minutes_id is not None:
            on_minutes[row.minutes_id].append(row.kind)
        elif row.grant_id is not None:
            on_grant[row.grant_id].append(row.kind)
    by_act: defaultdict[UUID, list[_Granted]] = defaultdict(list)
    for grant in sorted(granted, key=attrgetter("serial")):
        by_act[grant.minutes_id or grant.acquisition_id or grant.id].append(grant)
    return StatusChanges(on_minutes, on_block, on_grant, by_act)
