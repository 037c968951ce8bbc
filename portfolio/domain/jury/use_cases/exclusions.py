"""Who is kept away from one candidate, as conditions that a query asks of each hearing (J10)."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import AdvisorAssignment, Candidacy
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.holdings.models.events import GrantStatusChange
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.jury.models.minutes import Minutes
from portfolio.domain.jury.models.pool import Juror, JurorConflict
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft, Hearing, HearingMember, JurySession, Who
from portfolio.domain.jury.models.statements import stated_by
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.submission.models import Submission


def is_excluded(person: Who) -> ColumnElement[bool]:
    """Return whether this person recused, or is barred, for the candidate of the hearing of the row."""
    return or_(stated_by(person, StatementKind.RECUSAL), is_barred(person))


def is_barred(person: Who) -> ColumnElement[bool]:
    """Return whether this person may not judge the candidate of the hearing of the row, whatever they declare.

    The body recorded a conflict, or found one; while the minutes are open, also who accompanies or accompanied the candidate at
    this body, and who judged them in a decision annulled for bias: the people of `load_barred`.
    """
    return or_(_has_conflict(person), and_(Hearing.closed_at.is_(None), or_(_advises(person), _advised(person), _judged(person))))


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


def readable_drafts(table: type[Draft], hearings: Collection[UUID]) -> Select[Draft]:
    """Return the drafts of these hearings that the jury reads: without those that a member recused or barred since wrote."""
    query = select(table).join(Hearing, Hearing.id == table.hearing_id)
    return query.where(Hearing.id.in_(hearings), table.written_by.is_(None) | ~is_excluded(table.written_by))


def _has_conflict(person: Who) -> Exists:
    sealed, heard, jury, who = aliased(Submission), aliased(Candidacy), aliased(JurySession), aliased(Person)
    juror, conflict = aliased(Juror), aliased(JurorConflict)
    return exists().where(
        sealed.id == Hearing.submission_id,
        heard.id == sealed.candidacy_id,
        jury.id == Hearing.session_id,
        conflict.candidate_id == heard.candidate_id,
        conflict.lifted_at.is_(None),
        juror.id == conflict.juror_id,
        juror.body_id == jury.body_id,
        who.email == juror.email,
        who.id == person,
    )


def _advises(person: Who) -> Exists:
    sealed, heard = aliased(Submission), aliased(Candidacy)
    return exists().where(sealed.id == Hearing.submission_id, heard.id == sealed.candidacy_id, heard.advisor_id == person)


def _advised(person: Who) -> Exists:
    """Return whether the person accompanied the candidate once, in any candidacy of the body."""
    sealed, heard, other, given = aliased(Submission), aliased(Candidacy), aliased(Candidacy), aliased(AdvisorAssignment)
    return exists().where(
        sealed.id == Hearing.submission_id,
        heard.id == sealed.candidacy_id,
        other.candidate_id == heard.candidate_id,
        given.candidacy_id == other.id,
        given.person_id == person,
        *_same_body(other),
    )


def _judged(person: Who) -> Exists:
    """Return whether the person deliberated in a decision about the candidate that was annulled for bias."""
    sealed, heard = aliased(Submission), aliased(Candidacy)
    former, other, earlier, minutes = aliased(Submission), aliased(Candidacy), aliased(Hearing), aliased(Minutes)
    member, change = aliased(HearingMember), aliased(GrantStatusChange)
    return exists().where(
        sealed.id == Hearing.submission_id,
        heard.id == sealed.candidacy_id,
        other.candidate_id == heard.candidate_id,
        former.candidacy_id == other.id,
        earlier.submission_id == former.id,
        member.hearing_id == earlier.id,
        member.person_id == person,
        member.deliberated.is_(True),
        minutes.hearing_id == earlier.id,
        change.minutes_id == minutes.id,
        change.kind == StatusChangeKind.ANNULMENT,
        change.bias.is_(True),
        *_same_body(other),
    )


def _same_body(other: type[Candidacy]) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions: this candidacy is of the body of the session, which learns nothing of another body."""
    version, certification, jury = aliased(CertificationVersion), aliased(Certification), aliased(JurySession)
    return (
        version.id == other.version_id,
        certification.id == version.certification_id,
        jury.id == Hearing.session_id,
        certification.body_id == jury.body_id,
    )
