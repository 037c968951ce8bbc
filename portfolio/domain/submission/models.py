"""Tables of editions of a sealed dossier, and of its returns for completion."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.care import no_fact
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.dossier.models.renditions import RENDERED
from portfolio.domain.submission.rules.returns import EditionKind, EditionState, ReturnEnding

RETURN = no_fact("what a certifier asks before the jury; each version that is sealed is in `submission`")


class Prepared:
    """A document that a worker makes and that is kept once made; `root` names its contents."""

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
    # Facts of what was made: pages laid as images, files of a package with their digests. Of a pack: its title
    # and the hearings that it is about.
    contents: Mapped[dict[str, Any] | None]


class BookEdition(Prepared, UuidPrimaryKey, Base):
    """A document made from a dossier: its root is a sealed one, or the digest of a draft."""

    __tablename__ = "book_edition"
    __care__ = replace(RENDERED, not_exported="made from the dossier", is_draft=True)
    __table_args__ = (UniqueConstraint("root", "kind"),)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), index=True)
    # None: an edition of the draft.
    submission_id: Mapped[UUID | None] = mapped_column(ForeignKey("submission.id"), index=True)
    kind: Mapped[EditionKind] = mapped_column(enum_column(EditionKind, "kind"))


class ControlPack(Prepared, UuidPrimaryKey, Base):
    """Control pack of a body: the ZIP of what an inspection reads of its sessions."""

    __tablename__ = "control_pack"
    __care__ = no_fact("made from the minutes and letters, and made again", not_exported="of many people, made again")
    __table_args__ = (UniqueConstraint("root"),)

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), index=True)


class DossierReturn(UuidPrimaryKey, Base):
    """The certifier returned a sealed dossier for completion.

    What was sealed is untouched; one return is open at a time.
    """

    __tablename__ = "dossier_return"
    __care__ = RETURN
    __table_args__ = (
        UniqueConstraint("candidacy_id", "is_open"),
        CheckConstraint("trim(reason) <> ''", name="has_reason"),
    )

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    # The version that was returned, and the one that answers it.
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"), index=True)
    answer_id: Mapped[UUID | None] = mapped_column(ForeignKey("submission.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date]
    returned_at: Mapped[datetime]
    returned_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # True, or NULL once it ended.
    is_open: Mapped[bool | None] = mapped_column(default=True)
    ending: Mapped[ReturnEnding | None] = mapped_column(enum_column(ReturnEnding, "ending"))
    ended_at: Mapped[datetime | None]
    requests: Mapped[list[ReturnRequest]] = relationship(order_by="ReturnRequest.rank", cascade="all, delete-orphan")


class ReturnRequest(UuidPrimaryKey, Base):
    """One thing that a return asks for; its candidate says when it is done."""

    __tablename__ = "return_request"
    __care__ = RETURN
    __table_args__ = (UniqueConstraint("return_id", "rank"), CheckConstraint("trim(text) <> ''", name="has_text"))

    return_id: Mapped[UUID] = mapped_column(ForeignKey("dossier_return.id"))
    rank: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    competency_id: Mapped[UUID | None] = mapped_column(ForeignKey("competency.id"))
    done_at: Mapped[datetime | None]
