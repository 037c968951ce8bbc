"""Read what the clocks of candidacies are counted from, some hundred at a time, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import BindParameter, Date, Select, bindparam, exists, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from portfolio.calendar import day_of
from portfolio.db.engine import fetch_together
from portfolio.db.together import Together
from portfolio.domain.candidacy.models import Candidacy, CandidacyClosure, Erasure, Submission
from portfolio.domain.candidacy.rules.stage import is_closed
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.dossier.models.attestation import AttestationRequest
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.holdings.models.events import (
    Appeal,
    AppealAnswer,
    GrantStatusChange,
    NotificationReceipt,
    Observation,
    ObservationInvitation,
    ResultNotification,
    StatusChangeProposal,
)
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind, lapses_by_silence
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
    """Rows of other tables about some candidacies, read in one query."""

    def __init__(self, session: Session, ids: Collection[UUID], day: date) -> None:
        self._day = day
        activity, decided, awaiting, submitted, closures, appeals, legal, *of_grants, suspended, erased = (
            fetch_together(session, _around(), {"ids": list(ids), "first": first_day_that_holds(day)})
        )
        self._activity = _by_candidacy((row.candidacy_id, row.moment) for row in activity if row.moment is not None)
        self._decisions = _decisions(decided)
        self._awaiting, self._submitted = _keys(awaiting), _keys(submitted)
        last = {row.candidacy_id: row for row in sorted(closures, key=attrgetter("rank"))}
        self._closed = {key: _day(row.recorded_at) for key, row in last.items() if is_closed(row.kind)}
        under_way, self._answered = self._sort_appeals(appeals)
        invited, proposed, suspended_grants = (_keys(rows) for rows in of_grants)
        self._holds: Mapping[Hold, set[UUID]] = {
            Hold.LEGAL_HOLD: _keys(legal),
            Hold.APPEAL: under_way,
            Hold.OBSERVATIONS: invited,
            Hold.PROPOSAL: proposed,
            Hold.SUSPENDED: _keys(suspended) | suspended_grants,
        }
        self._erased = _by_candidacy((row.candidacy_id, row.extent) for row in erased)

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
            erased=frozenset(self._erased.get(row.id, ())),
        )

    def _sort_appeals(self, rows: Iterable[Any]) -> tuple[set[UUID], Mapping[UUID, date]]:
        """Return the candidacies with an appeal under way, and the day of the last answer of the others."""
        under_way: set[UUID] = set()
        answered: dict[UUID, date] = {}
        for row in rows:
            # Silence past its day is an answer: a refusal.
            is_lapsed = lapses_by_silence(row.kind) and self._day > row.answer_by
            day = row.answered_on or (row.answer_by if is_lapsed else None)
            if day is not None:
                answered[row.candidacy_id] = max(day, answered.get(row.candidacy_id, day))
            else:
                under_way.add(row.candidacy_id)
        return under_way, answered


def _keys(rows: Iterable[Any]) -> set[UUID]:
    return {row.candidacy_id for row in rows}


Told = TypeVar("Told")


def _by_candidacy(pairs: Iterable[tuple[UUID, Told]]) -> Mapping[UUID, list[Told]]:
    found: defaultdict[UUID, list[Told]] = defaultdict(list)
    for candidacy_id, told in pairs:
        found[candidacy_id].append(told)
    return found


def _decisions(rows: Iterable[Any]) -> Mapping[UUID, tuple[date, date | None, bool]]:
    """Return the day of the last decision, that of its last notification, and whether one was not notified."""
    found: dict[UUID, tuple[date, date | None, bool]] = {}
    for candidacy_id, decided, told, received in rows:
        known = found.get(candidacy_id, (date.min, None, False))
        # Remedies run from the proof of receipt; without one, from the letter.
        days = [day for day in (known[1], received or (_day(told) if told else None)) if day is not None]
        found[candidacy_id] = (max(known[0], decided), max(days, default=None), known[2] or told is None)
    return found


_IDS: BindParameter[UUID] = bindparam("ids", expanding=True)
_OF_SUBMISSIONS = Submission.candidacy_id.in_(_IDS)


@cache
def _around() -> Together:
    later, heard = aliased(Submission), aliased(Hearing)
    after = exists().where(later.candidacy_id == Submission.candidacy_id, later.number > Submission.number)
    decided = exists().where(
        heard.submission_id == Submission.id, Minutes.hearing_id == heard.id, Minutes.void_reason.is_(None)
    )
    judged = (
        select(Submission.candidacy_id)
        .join(Hearing, Hearing.submission_id == Submission.id)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
        .where(_OF_SUBMISSIONS)
    )
    return Together(
        _latest_activity(),
        judged.add_columns(
            Minutes.decided_on,
            func.max(ResultNotification.notified_at).label("told"),
            func.min(NotificationReceipt.received_on).label("received"),
        )
        .outerjoin(ResultNotification, ResultNotification.minutes_id == Minutes.id)
        .outerjoin(NotificationReceipt, NotificationReceipt.notification_id == ResultNotification.id)
        .where(Minutes.void_reason.is_(None))
        .group_by(Submission.candidacy_id, Minutes.id, Minutes.decided_on),
        select(Submission.candidacy_id).where(_OF_SUBMISSIONS, ~after, ~decided),
        select(Submission.candidacy_id).where(_OF_SUBMISSIONS),
        select(
            CandidacyClosure.candidacy_id, CandidacyClosure.kind, CandidacyClosure.recorded_at, CandidacyClosure.rank
        ).where(CandidacyClosure.candidacy_id.in_(_IDS)),
        judged.add_columns(AppealAnswer.answered_on, Appeal.kind, Appeal.answer_by)
        .join(Appeal, Appeal.minutes_id == Minutes.id)
        .outerjoin(AppealAnswer, AppealAnswer.appeal_id == Appeal.id),
        select(LegalHold.candidacy_id).where(LegalHold.candidacy_id.in_(_IDS), LegalHold.ended_at.is_(None)),
        _of_grants(_invited()),
        _of_grants(select(StatusChangeProposal.grant_id).where(StatusChangeProposal.closed_at.is_(None))),
        _of_grants(select(GrantStatusChange.grant_id).where(*_last_is_suspension(GrantStatusChange.grant_id))),
        judged.join(GrantStatusChange, GrantStatusChange.minutes_id == Minutes.id).where(
            *_last_is_suspension(GrantStatusChange.minutes_id)
        ),
        select(Erasure.candidacy_id, Erasure.extent).where(
            Erasure.candidacy_id.in_(_IDS), Erasure.rows_at.is_not(None)
        ),
    )


def _latest_activity() -> Select[*tuple[Any, ...]]:
    moments = union_all(
        *(
            select(table.candidacy_id.label("candidacy_id"), func.max(moment).label("moment"))
            .where(table.candidacy_id.in_(_IDS))
            .group_by(table.candidacy_id)
            for table, moment in (
                (Evidence, Evidence.changed_at),
                (Submission, Submission.submitted_at),
                (Message, Message.sent_at),
                (AttestationRequest, AttestationRequest.signed_at),
            )
        )
    ).subquery()
    return select(moments.c.candidacy_id, moments.c.moment)


def _of_grants(grants: Select[Any]) -> Select[UUID]:
    """Find the candidacies whose minutes gave one of these grants, or whose candidate got it by another way."""
    return (
        select(Candidacy.id.label("candidacy_id"))
        .join(Grant, Grant.person_id == Candidacy.candidate_id)
        .where(Candidacy.id.in_(_IDS), Grant.id.in_(grants))
    )


def _invited() -> Select[Any]:
    """Find the grants whose holder was invited to observe not long ago, on which nothing was decided since
    the invitation.
    """
    first: BindParameter[date] = bindparam("first", type_=Date)
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


def _last_is_suspension(target: Any) -> Iterable[Any]:
    later = aliased(GrantStatusChange)
    same = later.minutes_id if target.key == "minutes_id" else later.grant_id
    after = exists().where(same == target, later.block_id.is_(None), later.sequence > GrantStatusChange.sequence)
    return (target.is_not(None), GrantStatusChange.kind == StatusChangeKind.SUSPENSION, ~after)


def _day(moment: datetime | date) -> date:
    return day_of(moment) if isinstance(moment, datetime) else moment


def candidacies_of(session: Session, person_id: UUID) -> list[UUID]:
    """Return the candidacies of a person, the oldest first."""
    query = select(Candidacy.id).where(Candidacy.candidate_id == person_id).order_by(Candidacy.opened_at, Candidacy.id)
    return list(session.scalars(query))
