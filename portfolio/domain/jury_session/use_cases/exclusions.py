"""Exclusion of people from one candidate, as conditions that a query asks of each hearing (J10)."""

from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import AdvisorAssignment, Candidacy, Submission
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.holdings.models.events import GrantStatusChange
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.jury.models.deliberation import Minutes, OpinionsGiven, OpinionsOpened
from portfolio.domain.jury.models.pool import Juror, JurorConflict
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft, Hearing, HearingMember, JurySession, Who
from portfolio.domain.jury.models.statements import stated_by
from portfolio.domain.jury.rules.enums import StatementKind

# Each condition is a subquery of its own: these names never meet those of the query that asks. They are made
# once, for guards ask at every request.
_sealed, _former = aliased(Submission), aliased(Submission)
_heard, _other = aliased(Candidacy), aliased(Candidacy)
_jury, _who, _juror, _conflict = aliased(JurySession), aliased(Person), aliased(Juror), aliased(JurorConflict)
_given, _earlier, _member = aliased(AdvisorAssignment), aliased(Hearing), aliased(HearingMember)
_minutes, _change = aliased(Minutes), aliased(GrantStatusChange)
_version, _certification = aliased(CertificationVersion), aliased(Certification)
# What these conditions ask of the hearing of the row are scalar subqueries, which a planner takes one by one.
# Joined to what surrounds them they were eleven tables in one list, of which PostgreSQL tries every order
# at each request: 35 to 80 ms of planning for half a millisecond of work.
_CANDIDATE = (
    select(_heard.candidate_id)
    .join(_sealed, _sealed.candidacy_id == _heard.id)
    .where(_sealed.id == Hearing.submission_id)
    .correlate(Hearing)
    .scalar_subquery()
)
_BODY = select(_jury.body_id).where(_jury.id == Hearing.session_id).correlate(Hearing).scalar_subquery()
_BODY_OF_OTHER = (
    select(_certification.body_id)
    .join(_version, _version.certification_id == _certification.id)
    .where(_version.id == _other.version_id)
    .correlate(_other)
    .scalar_subquery()
)
# Any candidacy of the candidate heard at the body of the session, which learns nothing of another body.
_OF_BODY = (_other.candidate_id == _CANDIDATE, _BODY_OF_OTHER == _BODY)
_ANNULLED_FOR_BIAS = (
    select(_minutes.hearing_id)
    .join(_change, _change.minutes_id == _minutes.id)
    .where(_change.kind == StatusChangeKind.ANNULMENT, _change.is_for_bias.is_(True))
)


def is_excluded(person: Who) -> ColumnElement[bool]:
    """Return whether this person recused, or is barred, for the candidate of the hearing of the row."""
    return or_(stated_by(person, StatementKind.RECUSAL), is_barred(person))


def is_barred(person: Who) -> ColumnElement[bool]:
    """Return whether this person may not judge the candidate of the hearing of the row, whatever they declare.

    The body recorded a conflict, or found one; while the minutes are open, also who accompanies or accompanied the
    candidate at this body, and who judged them in a decision annulled for bias: the people of `load_barred`.
    """
    return or_(
        _has_conflict(person),
        and_(Hearing.closed_at.is_(None), or_(_advises(person), _advised(person), _judged(person))),
    )


def find_conflict(session: Session, hearing_id: UUID, person_id: UUID) -> JurorConflict | None:
    """Find the conflict that the pool of the body holds between a person and the candidate of a hearing."""
    return session.scalar(
        select(JurorConflict)
        .join(Juror, Juror.id == JurorConflict.juror_id)
        .join(Person, Person.email == Juror.email)
        .join(Candidacy, Candidacy.candidate_id == JurorConflict.candidate_id)
        .join(Submission, Submission.candidacy_id == Candidacy.id)
        .join(Hearing, Hearing.submission_id == Submission.id)
        .join(JurySession, (JurySession.id == Hearing.session_id) & (JurySession.body_id == Juror.body_id))
        .where(Hearing.id == hearing_id, Person.id == person_id, JurorConflict.lifted_at.is_(None))
    )


Draft = TypeVar("Draft", FindingDraft, DecisionDraft)


def is_readable(table: type[FindingDraft | DecisionDraft]) -> ColumnElement[bool]:
    """Return whether the jury of the hearing of the row reads this draft: no member recused or barred
    since wrote it.
    """
    return _READABLE[table]


def drafts_are_open_to(person: Who) -> ColumnElement[bool]:
    """Return whether a member reads the presidency's drafts for the hearing of the row: their own opinions
    are given, or open to all, or the minutes are closed (domain §4).
    """
    given = exists().where(OpinionsGiven.hearing_id == Hearing.id, OpinionsGiven.person_id == person)
    opened = exists().where(OpinionsOpened.hearing_id == Hearing.id)
    return or_(Hearing.closed_at.is_not(None), given.correlate(Hearing), opened.correlate(Hearing))


def _has_conflict(person: Who) -> Exists:
    return exists().where(
        _conflict.candidate_id == _CANDIDATE,
        _conflict.lifted_at.is_(None),
        _juror.id == _conflict.juror_id,
        _juror.body_id == _BODY,
        _who.email == _juror.email,
        _who.id == person,
    )


def _advises(person: Who) -> Exists:
    return exists().where(
        _sealed.id == Hearing.submission_id, _heard.id == _sealed.candidacy_id, _heard.advisor_id == person
    )


def _advised(person: Who) -> Exists:
    """Return whether the person accompanied the candidate once, in any candidacy of the body."""
    return exists().where(*_OF_BODY, _given.candidacy_id == _other.id, _given.person_id == person)


def _judged(person: Who) -> Exists:
    """Return whether the person deliberated in a decision about the candidate that was annulled for bias."""
    return exists().where(
        *_OF_BODY,
        _former.candidacy_id == _other.id,
        _earlier.submission_id == _former.id,
        _member.hearing_id == _earlier.id,
        _member.person_id == person,
        _member.deliberated.is_(True),
        _earlier.id.in_(_ANNULLED_FOR_BIAS),
    )


# Built once, for every page of a jury asks them.
_READABLE: Mapping[type[FindingDraft | DecisionDraft], ColumnElement[bool]] = {
    table: table.written_by.is_(None) | ~is_excluded(table.written_by) for table in (FindingDraft, DecisionDraft)
}
