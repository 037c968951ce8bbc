"""Tables of sealed submissions. Append-only, by triggers of the database."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    exists,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from portfolio.db.care import care
from portfolio.db.engine import Base, Numbered, UuidPrimaryKey, enum_column
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.submission.rules.returns import EditionKind, EditionState, ReturnEnding, SubmissionKind


class Submission(UuidPrimaryKey, Base):
    """A sealed dossier or assessment record: its manifest as canonical JSON, and the Merkle root of its
    items.
    """

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("candidacy_id", "number"),)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    number: Mapped[int]
    submitted_at: Mapped[datetime]
    # None: a livret 2. An assessment record (routes without a livret 2) is sealed by the certifier.
    kind: Mapped[SubmissionKind | None] = mapped_column(enum_column(SubmissionKind, "kind"))
    # The version that it presents again, unchanged, to another jury once a decision on it was annulled.
    renews_id: Mapped[UUID | None] = mapped_column(ForeignKey("submission.id"))
    manifest: Mapped[bytes] = mapped_column(LargeBinary, info=care(secret=True))
    root: Mapped[str] = mapped_column(String(64))
    candidacy: Mapped[Candidacy] = relationship()
    blocks: Mapped[list[SubmittedBlock]] = relationship()
    files: Mapped[list[SealedFile]] = relationship(order_by="SealedFile.exhibit")


def is_superseded() -> ColumnElement[bool]:
    """Return the SQL condition: the candidacy of the submission of the row has a later one, which a jury
    reads instead.
    """
    later = aliased(Submission)
    after = exists().where(later.candidacy_id == Submission.candidacy_id, later.number > Submission.number)
    return after.correlate(Submission)


class SubmittedBlock(Numbered, Base):
    """A block presented in a submission; blocks already held are not presented again."""

    __tablename__ = "submitted_block"

    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    block_id: Mapped[UUID] = mapped_column(ForeignKey("block.id"), primary_key=True)


class SealedFile(UuidPrimaryKey, Base):
    """Where the store keeps the file of an exhibit that the manifest names."""

    __tablename__ = "sealed_file"
    __table_args__ = (UniqueConstraint("submission_id", "exhibit"),)

    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"))
    exhibit: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(200), info=care(secret=True))
    name: Mapped[str] = mapped_column(Text)
    mime: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))


class BookEdition(UuidPrimaryKey, Base):
    """A document made from a dossier, kept once made.

    `root` names its contents: a sealed root, or the digest of a draft.
    """

    __tablename__ = "book_edition"
    __table_args__ = (UniqueConstraint("root", "kind"),)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), index=True)
    # None: an edition of the draft.
    submission_id: Mapped[UUID | None] = mapped_column(ForeignKey("submission.id"), index=True)
    kind: Mapped[EditionKind] = mapped_column(enum_column(EditionKind, "kind"))
    root: Mapped[str] = mapped_column(String(64))
    state: Mapped[EditionState] = mapped_column(enum_column(EditionState, "state"))
    # When a worker may take it: at once, after the lease of the worker that has it, after a failure. None
    # once it is ended.
    run_after: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    requested_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    requested_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    key: Mapped[str | None] = mapped_column(String(200), unique=True)
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None] = mapped_column(BigInteger)
    # Facts of what was made: pages laid as images, files of a package with their digests.
    contents: Mapped[dict[str, Any] | None]


class DossierReturn(UuidPrimaryKey, Base):
    """The certifier returned a sealed dossier for completion.

    What was sealed is untouched; one return is open at a time.
    """

    __tablename__ = "dossier_return"
    __table_args__ = (
        UniqueConstraint("candidacy_id", "is_open"),
        CheckConstraint("trim(reason) <> ''", name="has_reason"),
    )

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    # The version that was returned, and the one that answers it.
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"), index=True)
    answer_id: Mapped[UUID | None] = mapped_column(ForeignKey("submission.id"))
    reason: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date]
    returned_at: Mapped[datetime]
    returned_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # True, or NULL once it ended.
    is_open: Mapped[bool | None] = mapped_column(default=True)
    ending: Mapped[ReturnEnding | None] = mapped_column(enum_column(ReturnEnding, "ending"))
    ended_at: Mapped[datetime | None]
    requests: Mapped[list[ReturnRequest]] = relationship(
        order_by="ReturnRequest.rank", cascade="all, delete-orphan"
    )


class ReturnRequest(UuidPrimaryKey, Base):
    """One thing that a return asks for; its candidate says when it is done."""

    __tablename__ = "return_request"
    __table_args__ = (
        UniqueConstraint("return_id", "rank"),
        CheckConstraint("trim(text) <> ''", name="has_text"),
    )

    return_id: Mapped[UUID] = mapped_column(ForeignKey("dossier_return.id"))
    rank: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    competency_id: Mapped[UUID | None] = mapped_column(ForeignKey("competency.id"))
    done_at: Mapped[datetime | None]
