"""The search index: one row per text that can be found, with the stems of its words."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Integer, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.care import no_fact
from portfolio.db.engine import Base, enum_column
from portfolio.db.full_text import create_index


class SearchKind(StrEnum):
    """The text that an entry of the index holds; results come in this order."""

    EVIDENCE = "evidence"
    CLAIM = "claim"
    NARRATIVE = "narrative"
    PAGE = "page"
    SEALED_EXHIBIT = "sealed_exhibit"
    SEALED_CLAIM = "sealed_claim"
    SEALED_NARRATIVE = "sealed_narrative"


class SearchEntry(Base):
    """The stems of one text. The row is deleted with the row whose text it holds."""

    __tablename__ = "search_entry"
    __care__ = no_fact(
        "the stems of texts kept elsewhere, made again when lost", not_exported="derived from the texts", is_draft=True
    )
    __table_args__ = (
        UniqueConstraint("submission_id", "kind", "exhibit", "competency"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    kind: Mapped[SearchKind] = mapped_column(enum_column(SearchKind, "kind"))
    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id", ondelete="CASCADE"), index=True)
    evidence_id: Mapped[UUID | None] = mapped_column(ForeignKey("evidence.id", ondelete="CASCADE"), index=True)
    claim_id: Mapped[UUID | None] = mapped_column(ForeignKey("claim.id", ondelete="CASCADE"), unique=True)
    narrative_id: Mapped[UUID | None] = mapped_column(ForeignKey("narrative.id", ondelete="CASCADE"), unique=True)
    # A page of a version of a file, and its number.
    page_id: Mapped[UUID | None] = mapped_column(ForeignKey("page.id", ondelete="CASCADE"), unique=True)
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("evidence_file.id", ondelete="CASCADE"), index=True)
    page: Mapped[int | None]
    # A text of a sealed dossier: its exhibit (« B2-03 ») and its competency (« 2.1 »), empty when it has
    # none.
    submission_id: Mapped[UUID | None] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    exhibit: Mapped[str | None] = mapped_column(String(20))
    competency: Mapped[str | None] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text, deferred=True)


event.listen(SearchEntry.__table__, "after_create", create_index)
