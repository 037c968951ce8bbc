"""What later acts made of what a person was granted (R10–R12)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portfolio.candidacy.models import Candidacy
from portfolio.certificate.acts import GrantLaterAct
from portfolio.certificate.models import Grant
from portfolio.certificate.rules import GrantStatus, LaterKind, status_after
from portfolio.jury.minutes import Minutes
from portfolio.jury.models import Hearing
from portfolio.submission.models import Submission

_WORST = (GrantStatus.WITHDRAWN, GrantStatus.ANNULLED, GrantStatus.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Endings:
    """The later acts of one person or several, in the order of their recording, by what they bear on."""

    on_minutes: Mapping[UUID, list[LaterKind]]
    on_grant: Mapping[UUID, list[LaterKind]]
    grants: tuple[Grant, ...]

    def of_minutes(self, minutes_id: UUID) -> GrantStatus:
        """What became of everything one jury decided for the person."""
        return status_after(self.on_minutes.get(minutes_id, []))

    def of_grant(self, grant: Grant) -> GrantStatus:
        """What became of one grant, by acts on itself or on the minutes it comes from."""
        return standing_after(self.on_grant.get(grant.id, []), self.on_minutes.get(grant.minutes_id or grant.id, []))

    def of_acquisition(self, acquisition_id: UUID) -> GrantStatus:
        """What became of a block acquired by another route."""
        found = (self.of_grant(one) for one in self.grants if one.acquisition_id == acquisition_id)
        return next(found, GrantStatus.HELD)

    def withdrawn_in(self, minutes_id: UUID) -> frozenset[UUID]:
        """The blocks granted by these minutes that were taken back (R11)."""
        return frozenset(
            one.block_id
            for one in self.grants
            if one.minutes_id == minutes_id and LaterKind.WITHDRAWAL in self.on_grant.get(one.id, [])
        )


def standing_after(on_grant: Sequence[LaterKind], on_minutes: Sequence[LaterKind]) -> GrantStatus:
    """What acts on a grant, and acts on the minutes it comes from, made of it: the gravest of both."""
    found = status_after(on_grant), status_after(on_minutes)
    return next((status for status in _WORST if status in found), GrantStatus.HELD)


def endings_of(session: Session, *people: UUID) -> Endings:
    """Read the grants of one person, or of several, and every later act that bears on them, in two queries."""
    grants = tuple(session.scalars(select(Grant).where(Grant.person_id.in_(people)).order_by(Grant.serial)))
    heard = (
        select(Minutes.id)
        .join(Hearing, Hearing.id == Minutes.hearing_id)
        .join(Submission, Submission.id == Hearing.submission_id)
        .join(Candidacy, Candidacy.id == Submission.candidacy_id)
        .where(Candidacy.candidate_id.in_(people))
    )
    mine = or_(GrantLaterAct.minutes_id.in_(heard), GrantLaterAct.grant_id.in_([one.id for one in grants]))
    rows = session.scalars(select(GrantLaterAct).where(mine).order_by(GrantLaterAct.rank))
    on_minutes: defaultdict[UUID, list[LaterKind]] = defaultdict(list)
    on_grant: defaultdict[UUID, list[LaterKind]] = defaultdict(list)
    for row in rows:
        if row.minutes_id is not None:
            on_minutes[row.minutes_id].append(row.kind)
        elif row.grant_id is not None:
            on_grant[row.grant_id].append(row.kind)
    return Endings(on_minutes, on_grant, grants)
