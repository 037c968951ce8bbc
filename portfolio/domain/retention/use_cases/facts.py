"""Read what the clocks of candidacies are counted from, some hundred at a time, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from portfolio.domain.candidacy.models import Candidacy, CandidacyClosure, Erasure, Submission
from portfolio.domain.candidacy.rules.stage import Extent, is_closed
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.dossier.models.attestation import AttestationRequest
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.holdings.models.contests import (
    Appeal,
    AppealAnswer,
    Observation,
    ObservationInvitation,
    StatusChangeProposal,
)
from portfolio.domain.holdings.models.events import GrantStatusChange, NotificationReceipt, ResultNotification
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.holdings.rules.contests import lapses_by_silence
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.retention.models import LegalHold, RetentionSettings
from portfolio.domain.retention.rules import DossierFacts, Hold, Periods, first_day_that_holds
from portfolio.domain.review.models import Message

CHUNK = 400


@dataclass(frozen=True, slots=True)
class Dated:
    """A candidacy with its facts, its body, and the periods of that body."""

    candidacy_id: UUID
    candidate_id: UUID
    body_id: UUID
    facts: DossierFacts
    periods: Periods


def load_periods(session: Session, body_id: UUID) -> Periods:
    """Return how long a body keeps each kind of data."""
    row = session.get(RetentionSettings, body_id)
    return row.to_value() if row is not None else Periods()


def load_dated(session: Session, ids: Collection[UUID], day: date) -> dict[UUID, Dated]:
    """Return the facts of these candidacies as they are on a day."""
    chosen = list(ids)
    if not chosen:
        return {}
    rows = session.execute(_candidacies().where(Candidacy.id.in_(chosen))).all()
    settings = session.scalars(
        select(RetentionSettings).where(RetentionSettings.body_id.in_({row.body_id for row in rows}))
    )
    periods = {each.body_id: each.to_value() for each in settings}
    around = _Around(session, chosen, day)
    return {
        row.id: Dated(row.id, row.candidate_id, row.body_id, around.facts_of(row), periods.get(row.body_id, Periods()))
        for row in rows
    }


def _candidacies() -> Any:
    return (
        select(Candidacy.id, Candidacy.candidate_id, Certification.body_id, Candidacy.opened_at, Dossier.changed_at)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .outerjoin(Dossier, Dossier.candidacy_id == Candidacy.id)
    )


class _Around:
    """Rows of other tables about some candidacies: one query each."""

    def __init__(self, session: Session, ids: Collection[UUID], day: date) -> None:
        self._session, self._ids, self._day = session, ids, day
        self._activity = self._latest_activity()
        self._decisions = self._load_decisions()
        self._awaiting = self._load_awaiting()
        self._submitted = set(session.scalars(select(Submission.candidacy_id).where(Submission.candidacy_id.in_(ids))))
        self._closed = self._load_closed()
        self._appeals, self._answered = self._load_appeals()
        self._holds = self._load_holds()
        self._erased = self._load_erased()

    def facts_of(self, row: Any) -> DossierFacts:
        """Put together the facts of one candidacy."""
        decided, notified, untold = self._decisions.get(row.id, (None, None, False))
        moments = [row.opened_at, row.changed_at, *self._activity.get(row.id, ())]
        return DossierFacts(
            last_activity=max(_day(moment) for moment in moments if moment is not None),
            has_submission=row.id in self._submitted,
            awaits_decision=row.id in self._awaiting,
            decided_on=decided,
            notified_on=None if untold else notified,
            appeal_answered_on=self._answered.get(row.id),
            closed_on=self._closed.get(row.id),
            holds=tuple(hold for hold in Hold if row.id in self._holds[hold]),
            erased=frozenset(self._erased[row.id]),
        )

    def _latest_activity(self) -> Mapping[UUID, list[datetime]]:
        columns = (
            (Evidence.candidacy_id, Evidence.changed_at),
            (Submission.candidacy_id, Submission.submitted_at),
            (Message.candidacy_id, Message.sent_at),
            (AttestationRequest.candidacy_id, AttestationRequest.signed_at),
        )
        found: defaultdict[UUID, list[datetime]] = defaultdict(list)
        for key, moment in columns:
            query = select(key, func.max(moment)).where(key.in_(self._ids)).group_by(key)
            for candidacy_id, latest in self._session.execute(query):
                if latest is not None:
                    found[candidacy_id].append(latest)
        return found

    def _load_decisions(self) -> Mapping[UUID, tuple[date, date | None, bool]]:
        """Return the day of the last decision, that of its last notification, and whether one was not notified."""
        query = (
            select(
                Submission.candidacy_id,
                Minutes.decided_on,
                func.max(ResultNotification.notified_at),
                func.min(NotificationReceipt.received_on),
            )
            .join(Hearing, Hearing.submission_id == Submission.id)
            .join(Minutes, Minutes.hearing_id == Hearing.id)
            .outerjoin(ResultNotification, ResultNotification.minutes_id == Minutes.id)
            .outerjoin(NotificationReceipt, NotificationReceipt.notification_id == ResultNotification.id)
            .where(Submission.candidacy_id.in_(self._ids), Minutes.void_reason.is_(None))
            .group_by(Submission.candidacy_id, Minutes.id, Minutes.decided_on)
        )
        found: dict[UUID, tuple[date, date | None, bool]] = {}
        for candidacy_id, decided, told, received in self._session.execute(query):
            known = found.get(candidacy_id, (date.min, None, False))
            # Remedies run from the proof of receipt; without one, from the letter.
            days = [day for day in (known[1], received or (_day(told) if told else None)) if day is not None]
            found[candidacy_id] = (max(known[0], decided), max(days, default=None), known[2] or told is None)
        return found

    def _load_awaiting(self) -> set[UUID]:
        later, heard = aliased(Submission), aliased(Hearing)
        after = exists().where(later.candidacy_id == Submission.candidacy_id, later.number > Submission.number)
        decided = exists().where(
            heard.submission_id == Submission.id, Minutes.hearing_id == heard.id, Minutes.void_reason.is_(None)
        )
        query = select(Submission.candidacy_id).where(Submission.candidacy_id.in_(self._ids), ~after, ~decided)
        return set(self._session.scalars(query))

    def _load_closed(self) -> Mapping[UUID, date]:
        query = (
            select(CandidacyClosure.candidacy_id, CandidacyClosure.kind, CandidacyClosure.recorded_at)
            .where(CandidacyClosure.candidacy_id.in_(self._ids))
            .order_by(CandidacyClosure.rank)
        )
        last = {key: (kind, at) for key, kind, at in self._session.execute(query)}
        return {key: _day(at) for key, (kind, at) in last.items() if is_closed(kind)}

    def _load_appeals(self) -> tuple[set[UUID], Mapping[UUID, date]]:
        query = (
            select(Submission.candidacy_id, AppealAnswer.answered_on, Appeal.kind, Appeal.answer_by)
            .join(Hearing, Hearing.submission_id == Submission.id)
            .join(Minutes, Minutes.hearing_id == Hearing.id)
            .join(Appeal, Appeal.minutes_id == Minutes.id)
            .outerjoin(AppealAnswer, AppealAnswer.appeal_id == Appeal.id)
            .where(Submission.candidacy_id.in_(self._ids))
        )
        under_way: set[UUID] = set()
        answered: dict[UUID, date] = {}
        rows: Any = self._session.execute(query)
        for candidacy_id, answered_on, kind, answer_by in rows:
            # Silence past its day is an answer: a refusal.
            is_lapsed = lapses_by_silence(kind) and self._day > answer_by
            day = answered_on or (answer_by if is_lapsed else None)
            if day is not None:
                answered[candidacy_id] = max(day, answered.get(candidacy_id, day))
            else:
                under_way.add(candidacy_id)
        return under_way, answered

    def _load_holds(self) -> Mapping[Hold, set[UUID]]:
        held = select(LegalHold.candidacy_id).where(LegalHold.candidacy_id.in_(self._ids), LegalHold.ended_at.is_(None))
        return {
            Hold.LEGAL_HOLD: set(self._session.scalars(held)),
            Hold.APPEAL: self._appeals,
            Hold.OBSERVATIONS: self._of_grants(_invited(self._day)),
            Hold.PROPOSAL: self._of_grants(_proposed()),
            Hold.SUSPENDED: self._suspended(),
        }

    def _of_grants(self, grants: Select[Any]) -> set[UUID]:
        """Return the candidacies whose minutes gave one of these grants, or whose candidate got it by another way."""
        query = (
            select(Candidacy.id)
            .join(Grant, Grant.person_id == Candidacy.candidate_id)
            .where(Candidacy.id.in_(self._ids), Grant.id.in_(grants))
        )
        return set(self._session.scalars(query))

    def _suspended(self) -> set[UUID]:
        query = (
            select(Submission.candidacy_id)
            .join(Hearing, Hearing.submission_id == Submission.id)
            .join(Minutes, Minutes.hearing_id == Hearing.id)
            .join(GrantStatusChange, GrantStatusChange.minutes_id == Minutes.id)
            .where(Submission.candidacy_id.in_(self._ids), *_last_is_suspension(GrantStatusChange.minutes_id))
        )
        of_grants = select(GrantStatusChange.grant_id).where(*_last_is_suspension(GrantStatusChange.grant_id))
        return set(self._session.scalars(query)) | self._of_grants(of_grants)

    def _load_erased(self) -> Mapping[UUID, set[Extent]]:
        query = select(Erasure.candidacy_id, Erasure.extent).where(
            Erasure.candidacy_id.in_(self._ids), Erasure.rows_at.is_not(None)
        )
        found: defaultdict[UUID, set[Extent]] = defaultdict(set)
        for candidacy_id, extent in self._session.execute(query):
            found[candidacy_id].add(extent)
        return found


def _invited(day: date) -> Select[Any]:
    """Find the grants whose holder was invited to observe not long ago, on which nothing was decided since
    the invitation.
    """
    first = first_day_that_holds(day)
    recent = or_(
        ObservationInvitation.answer_by >= first,
        exists().where(Observation.invitation_id == ObservationInvitation.id, Observation.given_on >= first),
    )
    since = exists().where(
        GrantStatusChange.grant_id == ObservationInvitation.grant_id,
        GrantStatusChange.recorded_at >= ObservationInvitation.recorded_at,
    )
    dropped = exists().where(
        StatusChangeProposal.grant_id == ObservationInvitation.grant_id,
        StatusChangeProposal.proposed_at >= ObservationInvitation.recorded_at,
        StatusChangeProposal.closed_at.is_not(None),
    )
    return select(ObservationInvitation.grant_id).where(recent, ~since, ~dropped)


def _proposed() -> Select[Any]:
    return select(StatusChangeProposal.grant_id).where(StatusChangeProposal.closed_at.is_(None))


def _last_is_suspension(target: Any) -> Iterable[Any]:
    later = aliased(GrantStatusChange)
    same = later.minutes_id if target.key == "minutes_id" else later.grant_id
    after = exists().where(same == target, later.block_id.is_(None), later.sequence > GrantStatusChange.sequence)
    return (target.is_not(None), GrantStatusChange.kind == StatusChangeKind.SUSPENSION, ~after)


def _day(moment: datetime | date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def candidacies_of(session: Session, person_id: UUID) -> list[UUID]:
    """Return the candidacies of a person, the oldest first."""
    query = select(Candidacy.id).where(Candidacy.candidate_id == person_id).order_by(Candidacy.opened_at, Candidacy.id)
    return list(session.scalars(query))
