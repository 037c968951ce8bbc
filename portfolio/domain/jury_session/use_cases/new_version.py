"""A jury that is named reads the new sealed version of a dossier that was returned for completion."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.email.use_cases import EmailTemplate, queue_email
from portfolio.domain.jury.models.deliberation import ExhibitOpening, JurorNote
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession
from portfolio.domain.jury.models.statements import Statement
from portfolio.domain.jury.rules.enums import JuryRefusal, StatementKind
from portfolio.domain.jury_session.use_cases.exclusions import is_excluded
from portfolio.domain.jury_session.use_cases.pool import compare_members
from portfolio.domain.submission.models import DossierReturn
from portfolio.domain.submission.rules.dossier import SealedDossier
from portfolio.domain.submission.rules.manifest import read_manifest
from portfolio.errors import Refusal

# Asked at every write of a hearing, so built once.
_RETURNED = select(DossierReturn).where(
    DossierReturn.submission_id == bindparam("submission"), DossierReturn.is_open.is_(True)
)


def require_not_returned(session: Session, hearing: Hearing) -> None:
    """Raise Refusal while the dossier of a hearing is returned for completion: its jury waits for the
    version to read.
    """
    row = find_return_of_version(session, hearing.submission_id)
    if row is not None:
        raise Refusal(JuryRefusal.DOSSIER_RETURNED, due_on=row.due_on.isoformat())


def find_return_of_version(session: Session, submission_id: UUID) -> DossierReturn | None:
    """Find the open return of a sealed version."""
    return session.scalar(_RETURNED, {"submission": submission_id})


def read_new_version(session: Session, hearing: Hearing, submission: Submission, *, by: UUID, at: datetime) -> None:
    """Give a hearing another sealed version to read, and write to the members who declared.

    A declaration is about the candidate and stays; an attestation of reading names the version that was read,
    so that each member reads again (J13). What a member opened or noted on an exhibit follows it to its new
    label while its file is the same.
    """
    former = session.get_one(Submission, hearing.submission_id)
    labels = moved_labels(read_manifest(former.manifest), read_manifest(submission.manifest))
    _move_openings(session, hearing.id, labels)
    _move_notes(session, hearing.id, labels)
    readers = _people(session, hearing.id, StatementKind.READ)
    hearing.submission = submission
    session.flush()
    compare_members(session, hearing.session_id, at=at)
    record_event(session, "jury_reads_new_version", ("hearing", hearing.id), by=by, at=at, number=submission.number)
    _write_to_members(session, hearing, submission, readers, at)


def find_version_read(session: Session, hearing_id: UUID, person_id: UUID, *, before: UUID) -> Submission | None:
    """Find the last sealed version, other than `before`, whose reading a member attested for a hearing."""
    query = (
        select(Submission)
        .join(Statement, Statement.submission_id == Submission.id)
        .where(
            Statement.hearing_id == hearing_id, Statement.person_id == person_id, Statement.kind == StatementKind.READ
        )
        .where(Submission.id != before)
    )
    return session.scalar(query.order_by(Submission.number.desc()).limit(1))


def moved_labels(former: SealedDossier, new: SealedDossier) -> dict[str, str]:
    """Map the label of each exhibit to its label in another sealed version, when the same piece has the same
    file there.
    """
    known = {(exhibit.piece, exhibit.sha256): exhibit.label for exhibit in new.exhibits}
    places = ((exhibit.label, (exhibit.piece, exhibit.sha256)) for exhibit in former.exhibits)
    return {label: known[place] for label, place in places if place in known}


def _move_openings(session: Session, hearing_id: UUID, labels: Mapping[str, str]) -> None:
    rows = session.scalars(select(ExhibitOpening).where(ExhibitOpening.hearing_id == hearing_id)).all()
    kept = [
        ExhibitOpening(
            hearing_id=hearing_id,
            person_id=row.person_id,
            exhibit=labels[row.exhibit],
            page=row.page,
            opened_at=row.opened_at,
        )
        for row in rows
        if row.exhibit in labels
    ]
    session.execute(delete(ExhibitOpening).where(ExhibitOpening.hearing_id == hearing_id))
    session.add_all(kept)


def _move_notes(session: Session, hearing_id: UUID, labels: Mapping[str, str]) -> None:
    query = select(JurorNote).where(JurorNote.hearing_id == hearing_id, JurorNote.exhibit.is_not(None))
    for note in session.scalars(query):
        note.exhibit = labels.get(note.exhibit or "")
        if note.exhibit is None:
            note.page = note.second = None


def _people(session: Session, hearing_id: UUID, kind: StatementKind) -> frozenset[UUID]:
    query = select(Statement.person_id).where(Statement.hearing_id == hearing_id, Statement.kind == kind)
    return frozenset(session.scalars(query))


def _excluded(session: Session, hearing: Hearing) -> frozenset[UUID]:
    """Return the members who recused or are barred: nothing of the candidate is written to them any more."""
    query = select(JuryMember.person_id).join(Hearing, Hearing.session_id == JuryMember.session_id)
    return frozenset(session.scalars(query.where(Hearing.id == hearing.id, is_excluded(JuryMember.person_id))))


def _write_to_members(
    session: Session, hearing: Hearing, submission: Submission, readers: frozenset[UUID], at: datetime
) -> None:
    jury = session.get_one(JurySession, hearing.session_id)
    body = session.get_one(CertifyingBody, jury.body_id)
    declared = _people(session, hearing.id, StatementKind.NO_RELATION) - _excluded(session, hearing)
    facts = {"body": body.name, "candidate": submission.candidacy.candidate_name, "held_on": jury.held_on}
    facts |= {"number": submission.number, "hearing_id": hearing.id}
    for member in jury.members:
        if member.person_id in declared:
            had_read = member.person_id in readers
            letter = EmailTemplate.NEW_VERSION
            queue_email(
                session, member.person, letter, at=at, body_id=body.id, name=member.name, had_read=had_read, **facts
            )
