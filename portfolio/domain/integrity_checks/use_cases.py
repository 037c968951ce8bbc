"""Damaged files and the outcome of the checks: written down, read for the certifier and for those who monitor
the server.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, Uuid, bindparam, delete, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portfolio.calendar import day_of
from portfolio.db.engine import insert_if_absent
from portfolio.domain.candidacy.models import Candidacy, SealedFile
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.models.renditions import Page, PageImage, Rendition
from portfolio.domain.integrity_checks.models import DamagedFile, IntegrityCheck
from portfolio.domain.integrity_checks.verification import WHOLE, Part, Verifier
from portfolio.domain.ledger.checkpoints import last_head_seq
from portfolio.domain.ledger.models import LedgerCheckpoint
from portfolio.domain.ledger.raw_rows import checkpoint_at, entry_at

# A check is late when the last one ended before this long.
LATE = timedelta(days=2)
RETENTION = timedelta(days=400)


class Health(StrEnum):
    """States of the checks as a whole."""

    CLEAN = "clean"
    FAILED = "failed"
    LATE = "late"


@dataclass(frozen=True)
class DamagedDossier:
    """The damaged files of one candidacy, or those of which no row says whose they are."""

    candidacy_id: UUID | None
    candidate: str
    files: int
    found_at: datetime
    # Its sealed exhibits among these files.
    exhibits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Integrity:
    """State of the checks as a certifier reads it: the last check, whether it is late, the damaged files
    of their body.
    """

    last: IntegrityCheck | None
    is_late: bool
    damaged: Sequence[DamagedDossier] = ()

    @property
    def has_difference(self) -> bool:
        """Return whether the last check found that the database, the ledger or the grants differ."""
        return self.last is not None and False in (self.last.database, self.last.ledger, self.last.grants)

    @property
    def is_damaged(self) -> bool:
        """Return whether the last check could not read the database to its end."""
        return self.last is not None and not self.last.database

    @property
    def is_unfinished(self) -> bool:
        """Return whether a part of the last check could not be run to its end."""
        return self.last is not None and None in (self.last.ledger, self.last.grants, self.last.files)


def report_damage(session: Session, key: str, *, at: datetime) -> bool:
    """Write down that a file of the store is not what its row says, with whose it is; True the first time."""
    candidacy_id = session.scalar(_candidacy_of(key))
    body = (
        select(Certification.body_id)
        .join(CertificationVersion)
        .join(Candidacy, Candidacy.version_id == CertificationVersion.id)
    )
    body_id = session.scalar(body.where(Candidacy.id == candidacy_id)) if candidacy_id else None
    return insert_if_absent(
        session, DamagedFile, ("key",), key=key, found_at=at, body_id=body_id, candidacy_id=candidacy_id
    )


def delete_damage(session: Session, keys: Collection[str]) -> None:
    """Forget that these files were damaged: a check found them restored, or nothing names them any more."""
    session.execute(delete(DamagedFile).where(DamagedFile.key.in_(list(keys))))


def list_damaged_keys(session: Session) -> Sequence[str]:
    """Return the keys of the files found damaged and not yet restored."""
    return session.scalars(select(DamagedFile.key).order_by(DamagedFile.key)).all()


def record_check(session: Session, found: IntegrityCheck) -> None:
    """Write down the outcome of a run of the checks; those of more than a year ago are forgotten."""
    session.add(found)
    session.execute(delete(IntegrityCheck).where(IntegrityCheck.ended_at < found.ended_at - RETENTION))


def find_last_check(session: Session) -> IntegrityCheck | None:
    """Return the run of the checks that ended last."""
    return session.scalars(select(IntegrityCheck).order_by(IntegrityCheck.ended_at.desc()).limit(1)).first()


def load_health(session: Session, at: datetime) -> Health:
    """Return whether the last checks found everything as it was recorded, or are too old to say."""
    last = find_last_check(session)
    damaged = session.scalar(select(func.count()).select_from(DamagedFile))
    if damaged or (last is not None and not last.ok):
        return Health.FAILED
    return Health.LATE if last is None or at - last.ended_at > LATE else Health.CLEAN


def load_integrity(session: Session, body_id: UUID, today: date) -> Integrity:
    """Return what a body is told: its own damaged files, and those of which no row says whose they are."""
    return integrity_of(find_last_check(session), list_damaged_dossiers(session, body_id), today)


def integrity_of(last: IntegrityCheck | None, damaged: Sequence[DamagedDossier], today: date) -> Integrity:
    """Return what a body is told, from what was read."""
    return Integrity(last, last is not None and day_of(last.ended_at) < today - LATE, damaged)


def any_damaged() -> ColumnElement[bool]:
    """Return whether the body bound as `body` has a damaged file, as a column."""
    return exists().where(_is_told_to(bindparam("body", type_=Uuid())))


def _is_told_to(body_id: UUID | BindParameter[UUID]) -> ColumnElement[bool]:
    return or_(DamagedFile.body_id == body_id, DamagedFile.body_id.is_(None))


def list_damaged_dossiers(session: Session, body_id: UUID) -> tuple[DamagedDossier, ...]:
    """List the dossiers of a body that have damaged files, and the files of which no row says whose they are."""
    counted = select(DamagedFile.candidacy_id, func.count(), func.min(DamagedFile.found_at))
    counted = counted.where(_is_told_to(body_id))
    rows = session.execute(counted.group_by(DamagedFile.candidacy_id)).all()
    if not rows:
        return ()
    ids = [candidacy_id for candidacy_id, _count, _at in rows if candidacy_id is not None]
    named = select(Candidacy).where(Candidacy.id.in_(ids)).options(joinedload(Candidacy.candidate))
    names: dict[UUID | None, str] = {candidacy.id: candidacy.candidate_name for candidacy in session.scalars(named)}
    sealed = select(DamagedFile.candidacy_id, SealedFile.exhibit).distinct()
    sealed = sealed.join(SealedFile, SealedFile.key == DamagedFile.key).where(_is_told_to(body_id))
    exhibits: dict[UUID | None, list[str]] = {}
    for candidacy_id, exhibit in session.execute(sealed.order_by(SealedFile.exhibit)):
        exhibits.setdefault(candidacy_id, []).append(exhibit)
    found = [
        DamagedDossier(candidacy_id, names.get(candidacy_id, ""), files, at, tuple(exhibits.get(candidacy_id, ())))
        for candidacy_id, files, at in rows
    ]
    return tuple(sorted(found, key=lambda dossier: (dossier.found_at, dossier.candidate)))


def _candidacy_of(key: str) -> Select[UUID]:
    return (
        select(Evidence.candidacy_id)
        .join(Evidence.files)
        .outerjoin(Rendition, Rendition.file_id == EvidenceFile.id)
        .outerjoin(Rendition.drawn_pages)
        .outerjoin(Page.images)
        .where(or_(EvidenceFile.key == key, Rendition.key == key, PageImage.key == key))
        .limit(1)
    )


# A ledger of fewer entries is read whole every night, in a minute or so.
WHOLE_BELOW = 50_000
NIGHTS = 30


def nightly_parts(
    session: Session, keys: Verifier, head: int | None, old: int, whole_below: int = WHOLE_BELOW
) -> tuple[Part, ...]:
    """Return the part of the old that comes after entry `old`, and what follows the head checked last.

    Both begin on a signed head that is still true: without one the whole is read.
    """
    if head is None or head < whole_below or last_head_seq(session) < head:
        return WHOLE
    begin = _head_before(session, old) if old < head else 0
    end = _head_from(session, begin + -(-head // NIGHTS)) or head
    if not all(_is_true(session, keys, seq) for seq in (begin, head)):
        return WHOLE
    return ((begin, min(end, head)), (head, None))


def _head_before(session: Session, seq: int) -> int:
    return session.scalar(select(func.max(LedgerCheckpoint.seq)).where(LedgerCheckpoint.seq <= seq)) or 0


def _head_from(session: Session, seq: int) -> int | None:
    return session.scalar(select(func.min(LedgerCheckpoint.seq)).where(LedgerCheckpoint.seq >= seq))


def _is_true(session: Session, keys: Verifier, seq: int) -> bool:
    """Return whether the entry of this number is the one under a head of ours; the beginning is."""
    head, entry = checkpoint_at(session, seq), entry_at(session, seq)
    return seq == 0 or bool(head and entry and entry.hash == head.hash and keys.verify(head.token))
