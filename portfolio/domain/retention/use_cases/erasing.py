"""Plan and carry out erasures: a row is the task; rows go in one transaction, files after it, and a stop loses nothing.

Erase the account of a person whose last dossier is erased, and the letters that speak of them.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Text, cast, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.db.care import erased_values
from portfolio.db.engine import Base, Database, new_id
from portfolio.db.maintenance import compact
from portfolio.db.sql_functions import contains_text
from portfolio.domain.account.models import CertifyingBodyMember, Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import AdvisorAssignment, Candidacy, Erasure, Submission
from portfolio.domain.candidacy.rules.stage import Cause, Extent
from portfolio.domain.candidacy_listing.certificates import refresh_certificates
from portfolio.domain.candidacy_listing.use_cases import refresh
from portfolio.domain.dossier.models.attestation import AttestationRequest
from portfolio.domain.dossier.models.evidence import Upload
from portfolio.domain.email.models import EmailAttachment, OutgoingEmail
from portfolio.domain.holdings.models.endings import EndingProposal
from portfolio.domain.holdings.models.grants import Grant, HolderImport, PriorHolding
from portfolio.domain.holdings.rules.prior_lines import Column
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing, JuryMember
from portfolio.domain.retention.models import ErasedFile
from portfolio.domain.retention.use_cases.clocks import store_clocks
from portfolio.domain.retention.use_cases.erased_rows import delete_rows, erase_dossier
from portfolio.domain.retention.use_cases.facts import load_dated
from portfolio.files.storage.store import FileStore
from portfolio.files.uploads.partial import PartialUpload, PartialUploads

_TABLES = Base.metadata.tables
# A letter that has not left after so long is of no more use to its reader.
STALE = timedelta(days=30)


def erase_letters(session: Session, candidacy_id: UUID, *, at: datetime) -> None:
    """Delete the letters of a dossier: those to third parties, and those to anybody that name the candidate or the
    dossier.

    A letter to somebody else that names the candidate and has not left yet is left alone: it may be of a namesake.
    """
    row = session.execute(
        select(Candidacy.candidate_id, Candidacy.candidate_display_name, Person.name, Person.email)
        .join(Candidacy.candidate)
        .where(Candidacy.id == candidacy_id)
    ).one()
    outsiders = select(AttestationRequest.email).where(
        AttestationRequest.candidacy_id == candidacy_id, AttestationRequest.email != ""
    )
    has_left = or_(
        OutgoingEmail.sent_at.is_not(None),
        OutgoingEmail.handed_over_at.is_not(None),
        OutgoingEmail.created_at < at - STALE,
    )
    names = {name for name in (row.candidate_display_name, row.name, row.email) if name}
    conditions = [
        OutgoingEmail.to_email.in_(outsiders),
        *_mentions(str(candidacy_id)),
        *(has_left & mention for name in names for mention in _mentions(name)),
    ]
    _delete_letters(session, or_(*conditions))


def _mentions(words: str) -> Iterator[ColumnElement[bool]]:
    yield contains_text(OutgoingEmail.text, words)
    yield contains_text(OutgoingEmail.subject, words)
    attached = EmailAttachment.email_id == OutgoingEmail.id
    yield exists().where(attached, contains_text(EmailAttachment.text, words))


def _delete_letters(session: Session, condition: ColumnElement[bool]) -> None:
    ids = session.scalars(select(OutgoingEmail.id).where(condition)).all()
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        summons_email = _TABLES["summons_email"]
        session.execute(update(summons_email).where(summons_email.c.email_id.in_(some)).values(email_id=None))
        for table, link in (("email_attachment", "email_id"), ("outgoing_email", "id")):
            session.execute(delete(_TABLES[table]).where(_TABLES[table].c[link].in_(some)))


def keep_name_of_decided(session: Session, candidacy_id: UUID) -> bool:
    """Fix the name that the minutes of a candidacy speak of, and return whether there are any (domain.md §8)."""
    decided = exists().where(
        Submission.candidacy_id == candidacy_id,
        Hearing.submission_id == Submission.id,
        Minutes.hearing_id == Hearing.id,
    )
    candidacy, person = _TABLES["candidacy"], _TABLES["person"]
    row = session.execute(
        select(candidacy.c.candidate_display_name, person.c.name, decided.label("decided"), candidacy.c.candidate_id)
        .join(person, person.c.id == candidacy.c.candidate_id)
        .where(candidacy.c.id == candidacy_id)
    ).one()
    keeps = row.decided or holds_a_grant(session, row.candidate_id)
    named = (row.candidate_display_name or row.name) if keeps else None
    session.execute(update(candidacy).where(candidacy.c.id == candidacy_id).values(candidate_display_name=named))
    return bool(keeps)


def holds_a_grant(session: Session, person_id: UUID) -> bool:
    """Return whether something was granted to a person, whatever became of it."""
    return session.scalar(select(Grant.id).where(Grant.person_id == person_id).limit(1)) is not None


def may_erase_account(session: Session, person_id: UUID) -> bool:
    """Return whether nothing but erased dossiers is left of an account: no dossier, body, jury or person
    accompanied.
    """
    erased = exists().where(
        Erasure.candidacy_id == Candidacy.id, Erasure.extent == Extent.WHOLE, Erasure.rows_at.is_not(None)
    )
    uses: Sequence[Any] = (
        select(Candidacy.id).where(Candidacy.candidate_id == person_id, ~erased),
        select(Candidacy.id).where(Candidacy.advisor_id == person_id),
        select(AdvisorAssignment.candidacy_id).where(AdvisorAssignment.person_id == person_id),
        select(CertifyingBodyMember.body_id).where(CertifyingBodyMember.person_id == person_id),
        select(JuryMember.id).where(JuryMember.person_id == person_id),
    )
    return all(session.scalar(query.limit(1)) is None for query in uses)


def erase_account(session: Session, person_id: UUID, *, at: datetime) -> None:
    """Erase an account: nobody logs in with it any more; its id stays, for facts refer to it."""
    person = session.get_one(Person, person_id)
    _erase_import_lines(session, person.email)
    _forget_proposals(session, person_id)
    _delete_letters(session, or_(OutgoingEmail.person_id == person_id, OutgoingEmail.to_email == person.email))
    delete_rows(session, {"person": [person_id]}, Extent.WHOLE)
    for name, value in erased_values(_TABLES["person"]).items():
        setattr(person, name, value.format(id=person_id.hex) if name == "email" else value)
    person.suspended_at = at


def _erase_import_lines(session: Session, email: str) -> None:
    """Take the lines of a person out of the spreadsheets of holders; what was recorded of them stands without these."""
    typed = func.lower(cast(HolderImport.lines, Text))
    for row in session.scalars(select(HolderImport).where(contains_text(typed, email.lower())).with_for_update()):
        lines = row.lines["lines"]
        kept = [line for line in lines if str(line.get(Column.EMAIL.value, "")).strip().casefold() != email.casefold()]
        row.lines = {**row.lines, "lines": kept}


def _forget_proposals(session: Session, person_id: UUID) -> None:
    """Delete what was proposed on the holdings of a person and was not done."""
    holdings = select(PriorHolding.id).where(PriorHolding.person_id == person_id)
    undone = (EndingProposal.holding_id.in_(holdings), EndingProposal.is_confirmed.is_(None))
    session.execute(delete(EndingProposal).where(*undone))


log = structlog.get_logger("acquis")
_AT_ONCE = 500


def find_erasure(session: Session, candidacy_id: UUID, extent: Extent, *, lock: bool = False) -> Erasure | None:
    """Find the erasure of a dossier that was ordered."""
    query = select(Erasure).where(Erasure.candidacy_id == candidacy_id, Erasure.extent == extent)
    return session.scalars(query.with_for_update() if lock else query).first()


def plan_erasure(
    session: Session,
    candidacy_id: UUID,
    extent: Extent,
    cause: Cause,
    *,
    by: UUID | None,
    at: datetime,
    run_after: datetime,
) -> bool:
    """Order the erasure of a dossier, and return whether it was not ordered before."""
    if find_erasure(session, candidacy_id, extent, lock=True) is not None:
        return False
    dated = load_dated(session, [candidacy_id], day_of(at))[candidacy_id]
    session.add(
        Erasure(
            id=new_id(), candidacy_id=candidacy_id, body_id=dated.body_id, extent=extent, cause=cause,
            planned_at=at, planned_by=by, run_after=run_after,
        )
    )  # fmt: skip
    record_event(session, "erasure_planned", ("candidacy", candidacy_id), by=by, at=at, extent=extent, cause=cause)
    return True


def run_due_erasures(
    database: Database, files: FileStore, uploads: PartialUploads, clock: Callable[[], datetime]
) -> int:
    """Carry out every erasure whose moment has come, and those that a stop interrupted; return how many ended.

    An erasure ends when no byte of it is left in the file of the database. Raise StoreUnavailable when the store of
    files does not answer, OperationalError when the database cannot be written anew: the next run goes on from there.
    """
    with database.reader() as session:
        waiting = select(Erasure.id).where(Erasure.files_at.is_(None), Erasure.run_after <= clock())
        ids = session.scalars(waiting.order_by(Erasure.run_after, Erasure.id)).all()
    erased = [each for each in ids if _erase(database, files, uploads, each, clock)]
    if erased:
        compact(database)
    for each in erased:
        _end(database, each, clock)
    return len(erased)


def _erase(
    database: Database, files: FileStore, uploads: PartialUploads, erasure_id: UUID, clock: Callable[[], datetime]
) -> bool:
    """Erase the rows, then the files; return False while something holds the dossier."""
    with database.transaction() as session:
        partial = erase_rows_of(session, erasure_id, at=clock())
    if partial is None:
        return False
    for upload in partial:
        uploads.discard(upload)
    while keys := _waiting_files(database, erasure_id):
        for key in keys:
            files.delete(key)
        with database.transaction() as session:
            session.execute(update(ErasedFile).where(ErasedFile.file.in_(keys)).values(deleted_at=clock()))
    return True


def _end(database: Database, erasure_id: UUID, clock: Callable[[], datetime]) -> None:
    with database.transaction() as session:
        erasure = session.get_one(Erasure, erasure_id, with_for_update=True)
        if erasure.files_at is None:
            erasure.files_at = clock()
            record_event(
                session, "dossier_erased", ("candidacy", erasure.candidacy_id), by=erasure.planned_by,
                at=clock(), extent=erasure.extent, cause=erasure.cause,
            )  # fmt: skip


def _waiting_files(database: Database, erasure_id: UUID) -> list[str]:
    with database.reader() as session:
        query = select(ErasedFile.file).where(ErasedFile.erasure_id == erasure_id, ErasedFile.deleted_at.is_(None))
        return list(session.scalars(query.order_by(ErasedFile.file).limit(_AT_ONCE)))


def erase_rows_of(session: Session, erasure_id: UUID, *, at: datetime) -> list[PartialUpload] | None:
    """Erase the rows that an erasure takes, and return the uploads to give up; None while something holds the dossier.

    Done already, it returns an empty list: only files are left to delete.
    """
    erasure = session.get_one(Erasure, erasure_id, with_for_update=True)
    if erasure.rows_at is not None:
        return []
    candidacy_id = erasure.candidacy_id
    session.execute(select(Candidacy.id).where(Candidacy.id == candidacy_id).with_for_update())
    dated = load_dated(session, [candidacy_id], day_of(at))[candidacy_id]
    if dated.facts.holds:
        log.warning("erasure_held", candidacy=str(candidacy_id), holds=[hold.value for hold in dated.facts.holds])
        return None
    partial = _load_uploads(session, candidacy_id)
    is_whole = erasure.extent is Extent.WHOLE
    if is_whole:
        erase_letters(session, candidacy_id, at=at)
    keys = erase_dossier(session, candidacy_id, erasure.extent, by=erasure.planned_by, at=at)
    if keys:
        _keep_keys(session, erasure_id, keys)
    if is_whole:
        keep_name_of_decided(session, candidacy_id)
    erasure.rows_at = at
    session.flush()
    if is_whole and may_erase_account(session, dated.candidate_id):
        erase_account(session, dated.candidate_id, at=at)
        session.flush()
    store_clocks(session, [candidacy_id], day_of(at))
    refresh(session, [candidacy_id])
    refresh_certificates(session, [dated.candidate_id])
    return partial


def _keep_keys(session: Session, erasure_id: UUID, keys: list[str]) -> None:
    known: set[str] = set()
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        known |= set(session.scalars(select(ErasedFile.file).where(ErasedFile.file.in_(some))))
    rows = [{"file": key, "erasure_id": erasure_id, "deleted_at": None} for key in keys if key not in known]
    if rows:
        session.execute(insert(ErasedFile), rows)


def _load_uploads(session: Session, candidacy_id: UUID) -> list[PartialUpload]:
    query = select(Upload.id, Upload.size, Upload.store_upload_id).where(Upload.candidacy_id == candidacy_id)
    return [PartialUpload(*row) for row in session.execute(query)]
