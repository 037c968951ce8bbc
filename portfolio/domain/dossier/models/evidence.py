"""A piece of evidence, the versions of its file, what it says about itself.

The hints about a piece that its candidate set aside.

What a candidate masks in a file, which files only they read, and which files are flattened copies.

Data that restores a removed piece of evidence.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    and_,
    exists,
    or_,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column, relationship
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from portfolio.db.care import care, no_fact, tracked
from portfolio.db.engine import REPEATED_KEY, Base, UuidPrimaryKey, enum_column
from portfolio.domain.dossier.rules.description import (
    Anonymity,
    Authorship,
    Confidentiality,
    EvidenceDescription,
    EvidenceKind,
)
from portfolio.domain.dossier.rules.rendition import QuarantineState

DRAFT = no_fact("a draft: what a jury reads of it is copied into the manifest of the submission", is_draft=True)


class Evidence(UuidPrimaryKey, Base):
    """One document of the candidate; removed, a tombstone stays, for a manifest may name it."""

    __tablename__ = "evidence"
    __care__ = replace(DRAFT, is_emptied=True)
    __table_args__ = (
        UniqueConstraint("candidacy_id", "number"),
        Index("ix_evidence_changes", "candidacy_id", "revision", "changed_at", "removed_at", "is_left_out", "id"),
    )

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    # What follows is said after the upload: until then the piece shows what it lacks.
    kind: Mapped[EvidenceKind | None] = mapped_column(enum_column(EvidenceKind, "kind"))
    dated_from: Mapped[date | None]
    dated_to: Mapped[date | None]
    experience_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("experience.id"), info=care(erased_as=None), index=True
    )
    own_role: Mapped[str] = mapped_column(Text, default="")
    authorship: Mapped[Authorship | None] = mapped_column(enum_column(Authorship, "authorship"))
    own_part: Mapped[str] = mapped_column(Text, default="")
    confidentiality: Mapped[Confidentiality | None] = mapped_column(enum_column(Confidentiality, "confidentiality"))
    anonymity: Mapped[Anonymity | None] = mapped_column(enum_column(Anonymity, "anonymity"))
    web_address: Mapped[str] = mapped_column(Text, default="")
    captured_on: Mapped[date | None]
    revision: Mapped[int] = mapped_column(default=1)
    added_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    # « Ne pas joindre »: the piece stays in the draft, and a submission omits it. NULL before the choice
    # existed.
    is_left_out: Mapped[bool | None]
    files: Mapped[list[EvidenceFile]] = relationship(back_populates="evidence", order_by="EvidenceFile.number")

    def to_value(self, pages: int | None = None) -> EvidenceDescription:
        """Return what the piece says of itself, for the rules; `pages` are those of its current file."""
        return description_of(self, pages)

    @property
    def file(self) -> EvidenceFile:
        """Return the current version of its file."""
        return self.files[-1]


def description_of(piece: Any, pages: int | None) -> EvidenceDescription:
    """Return what a piece says of itself; `piece` is a row of the table, or of `description_columns`."""
    return EvidenceDescription(
        title=piece.title,
        kind=piece.kind,
        dated_from=piece.dated_from,
        dated_to=piece.dated_to,
        has_experience=piece.experience_id is not None,
        own_role=piece.own_role,
        authorship=piece.authorship,
        own_part=piece.own_part,
        confidentiality=piece.confidentiality,
        anonymity=piece.anonymity,
        web_address=piece.web_address,
        captured_on=piece.captured_on,
        pages=pages,
    )


def description_columns() -> tuple[InstrumentedAttribute[Any], ...]:
    """Return the columns that `description_of` reads: a list needs no other, nor objects that follow their changes."""
    return (
        Evidence.title, Evidence.kind, Evidence.dated_from, Evidence.dated_to, Evidence.experience_id,
        Evidence.own_role, Evidence.authorship, Evidence.own_part, Evidence.confidentiality,
        Evidence.anonymity, Evidence.web_address, Evidence.captured_on,
    )  # fmt: skip


def is_joined(piece: Any) -> ColumnElement[bool]:
    """Return the condition: a deposit takes the piece, which is neither removed nor left out.

    `piece` is the class, or the columns of the table or of an alias of it.
    """
    return and_(piece.removed_at.is_(None), piece.is_left_out.is_not(True))


def may_be_incomplete(piece: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    """Tell whether a piece may lack a fact: true of all that `missing_facts` finds wanting, and of a few more.

    The rule decides. `piece` holds the columns of the table or of an alias of it. Texts are kept without
    spaces around them.
    """
    return or_(
        *(text == "" for text in (piece.title, piece.own_role)),
        *(fact.is_(None) for fact in (piece.kind, piece.dated_from, piece.experience_id)),
        *(fact.is_(None) for fact in (piece.authorship, piece.confidentiality, piece.anonymity)),
        piece.authorship == Authorship.SHARED,
        piece.anonymity == Anonymity.NOT_YET,
        piece.kind == EvidenceKind.WEB_ADDRESS,
    )


class EvidenceFile(UuidPrimaryKey, Base):
    """One version of the file of a piece, as it was received; never overwritten."""

    __tablename__ = "evidence_file"
    __care__ = tracked("version d’une pièce déposée", is_emptied=True)
    __table_args__ = (UniqueConstraint("evidence_id", "number"), CheckConstraint("size > 0", name="not_empty"))

    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"))
    number: Mapped[int]
    key: Mapped[str] = mapped_column(
        String(200), unique=True, info=care(kept="the store names the content by it", secret=True)
    )
    name: Mapped[str] = mapped_column(Text)
    mime: Mapped[str] = mapped_column(String(200), info=care(kept="a type"))
    family: Mapped[str] = mapped_column(String(40), info=care(kept="a type"))
    pages: Mapped[int | None]
    # How long it plays, in whole seconds, where its container says so.
    seconds: Mapped[int | None]
    # The day that a camera wrote into a photograph: proposed as the date of the piece.
    taken_on: Mapped[date | None] = mapped_column(info=care(kept="the ledger records it"))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), info=care(kept="the ledger records it"))
    received_at: Mapped[datetime]
    evidence: Mapped[Evidence] = relationship(back_populates="files")


def is_current_file() -> ColumnElement[bool]:
    """Return the condition: the file is the last version of its piece."""
    newer = EvidenceFile.__table__.alias("newer")
    return ~exists().where(newer.c.evidence_id == EvidenceFile.evidence_id, newer.c.number > EvidenceFile.number)


class QuarantinedFile(Base):
    """A file received while the antivirus did not answer: nothing is kept under its key before it is clean.

    One that was refused keeps its row, which says why; its content is gone.
    """

    __tablename__ = "quarantined_file"
    __care__ = no_fact("a file that waits for its scan", not_exported="told on its page")

    key: Mapped[str] = mapped_column(String(200), primary_key=True, info={REPEATED_KEY: True})
    # Where its content waits; empty once it is refused.
    held_key: Mapped[str] = mapped_column(String(200))
    held_sha256: Mapped[str] = mapped_column(String(64))
    held_size: Mapped[int] = mapped_column(BigInteger)
    # Who sent it; None for a third party without an account.
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[QuarantineState] = mapped_column(enum_column(QuarantineState, "state"))
    since: Mapped[datetime]
    # When it may be scanned; None once it is refused.
    run_after: Mapped[datetime | None] = mapped_column(index=True)


class Upload(UuidPrimaryKey, Base):
    """A file that comes in parts, until a piece takes it.

    Its content, and the list of its parts, wait in `storage.partial`.
    """

    __tablename__ = "upload"
    __care__ = no_fact("a file that is still being received", not_exported="not received yet", is_draft=True)
    __table_args__ = (UniqueConstraint("candidacy_id", "fingerprint"), CheckConstraint("size > 0", name="not_empty"))

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    # How the browser knows the file again: a digest of its name, its size, its first and last bytes.
    fingerprint: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    # The name of the multipart upload in the S3; empty in the folder of a machine.
    store_upload_id: Mapped[str] = mapped_column(Text, default="")
    # The SHA-256 of the parts that went to the S3, by number; None of an upload begun before they were kept.
    digests: Mapped[dict[str, str] | None] = mapped_column(JSON)
    started_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class DismissedHint(Base):
    """One hint that the candidate does not want to see about a piece, and why in a word.

    A hint that no longer exists stays.
    """

    __tablename__ = "dismissed_hint"
    __care__ = DRAFT

    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id", ondelete="CASCADE"), primary_key=True)
    hint: Mapped[str] = mapped_column(String(20), primary_key=True)
    reason: Mapped[str] = mapped_column(String(200), default="")
    dismissed_at: Mapped[datetime]


class PageMask(UuidPrimaryKey, Base):
    """A rectangle painted over a page, in thousandths of its width and height."""

    __tablename__ = "page_mask"
    __care__ = replace(DRAFT, not_exported="told by the piece")

    file_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_file.id", ondelete="CASCADE"), index=True)
    page: Mapped[int]
    left: Mapped[int]
    top: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]


class PrivateFile(Base):
    """A version that nobody but the candidate reads: something is masked in it, or a flattened copy replaces it."""

    __tablename__ = "private_file"
    __care__ = replace(DRAFT, not_exported="told by the piece")

    file_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_file.id", ondelete="CASCADE"), primary_key=True)
    since: Mapped[datetime]


class FlattenedFile(Base):
    """A version made of the pictures of another one, with its masks painted over."""

    __tablename__ = "flattened_file"
    __care__ = replace(DRAFT, not_exported="told by the file")

    file_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_file.id", ondelete="CASCADE"), primary_key=True)
    source_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_file.id", ondelete="CASCADE"), index=True)
    masks: Mapped[int]


def is_private() -> ColumnElement[bool]:
    """Return the condition: only the candidate reads the version of the row."""
    return exists().where(PrivateFile.file_id == EvidenceFile.id).correlate(EvidenceFile)


class RemovedClaims(Base):
    """The claims that a piece had when it was removed.

    Deleted when the piece comes back, or when it is erased.
    """

    __tablename__ = "removed_claims"
    __care__ = replace(DRAFT, not_exported="restored with the piece")

    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id", ondelete="CASCADE"), primary_key=True)
    # `{"claims": [...]}`: the columns of each claim.
    claims: Mapped[dict[str, Any]]
