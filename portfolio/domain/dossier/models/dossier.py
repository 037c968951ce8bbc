"""Tables of the draft that the candidate writes: general texts, experiences, narratives, claims."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text, UniqueConstraint, case, text, true, type_coerce
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from portfolio.db.care import care, no_fact
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.funnel import LeavingReason
from portfolio.domain.certification.models import Competency
from portfolio.domain.dossier.models.evidence import DRAFT, Evidence
from portfolio.domain.dossier.rules.assessment import Assessment
from portfolio.domain.dossier.rules.draft import DossierState

ADVICE = no_fact("advice between a candidate and their advisor, which no jury reads", is_draft=True)


class Dossier(Base):
    """The draft of the livret 2 of one candidacy, and whether it can still be written in."""

    __tablename__ = "dossier"
    __care__ = replace(DRAFT, is_emptied=True)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), primary_key=True)
    # False: the route has no livret 2, and nobody writes this one.
    is_required: Mapped[bool] = mapped_column(default=True, server_default=true())
    state: Mapped[DossierState] = mapped_column(enum_column(DossierState, "state"), default=DossierState.DRAFT)
    career: Mapped[str] = mapped_column(Text, default="")
    motivation: Mapped[str] = mapped_column(Text, default="")
    conclusion: Mapped[str] = mapped_column(Text, default="")
    # The helps (`draft.WritingHelp`) that the candidate used, in the order of their first use.
    helps: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]", info=care(erased_as=[]))
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]
    candidacy: Mapped[Candidacy] = relationship()


class Pace(Base):
    """The rhythm of one candidate: the day they aim at, the letters about their silence, why they stop."""

    __tablename__ = "pace"
    __care__ = no_fact("a plan of the candidate, which no jury reads", is_draft=True)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), primary_key=True)
    # The day of the deposit that they aim at; a session gives it when one is chosen.
    target_on: Mapped[date | None]
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("jury_session.id"), index=True)
    # The last letter about a silence, and how many since the candidate last did something.
    reminded_at: Mapped[datetime | None]
    reminders: Mapped[int] = mapped_column(default=0)
    left_at: Mapped[datetime | None]
    left_reason: Mapped[LeavingReason | None] = mapped_column(enum_column(LeavingReason, "left_reason"))


class Experience(UuidPrimaryKey, Base):
    """A post held: where, in which context, with which perimeter and responsibilities."""

    __tablename__ = "experience"
    __care__ = DRAFT

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), index=True)
    structure: Mapped[str] = mapped_column(String(300))
    post: Mapped[str] = mapped_column(String(300))
    began_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    context: Mapped[str] = mapped_column(Text, default="")
    perimeter: Mapped[str] = mapped_column(Text, default="")
    responsibilities: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]


class Narrative(UuidPrimaryKey, Base):
    """Narrative of one competency by its candidate, from the four prompts."""

    __tablename__ = "narrative"
    __care__ = DRAFT
    __table_args__ = (UniqueConstraint("candidacy_id", "competency_id"),)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    competency_id: Mapped[UUID] = mapped_column(ForeignKey("competency.id"))
    situation: Mapped[str] = mapped_column(Text, default="")
    actions: Mapped[str] = mapped_column(Text, default="")
    choices: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]


_BARE = text("comment = ''")


class Claim(UuidPrimaryKey, Base):
    """This piece, at these pages or minutes, shows this competency, because…"""

    __tablename__ = "claim"
    __care__ = DRAFT
    __table_args__ = (
        UniqueConstraint("evidence_id", "competency_id"),
        # The matrix reads thousands of claims, and not one of their texts.
        Index("ix_claim_matrix", "candidacy_id", "competency_id", "evidence_id", "id", "revision"),
        # How many, their revisions and the last change, without a look at the rows (`draft_changes`).
        Index("ix_claim_changes", "candidacy_id", "revision", "changed_at"),
        Index("ix_claim_bare", "candidacy_id", "competency_id", sqlite_where=_BARE, postgresql_where=_BARE),
    )

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"))
    competency_id: Mapped[UUID] = mapped_column(ForeignKey("competency.id"), index=True)
    # Pages or minutes, as the candidate says them: « 4-5, 9 » or « 12:30-14:00 ».
    passage: Mapped[str] = mapped_column(String(200), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    # The regions and the quoted passages that it names (`evidence.rules.anchors`); None when it names none.
    anchors: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    # The version of the file that its author had before them; None of a claim saved before it was kept.
    file_version: Mapped[int | None]
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]
    evidence: Mapped[Evidence] = relationship()
    competency: Mapped[Competency] = relationship()


class TextVersion(UuidPrimaryKey, Base):
    """Version that a narrative, or the dossier's own texts (without a competency), held at the end of one sitting
    of their author.
    """

    __tablename__ = "text_version"
    __care__ = DRAFT
    __table_args__ = (Index("ix_text_version_text", "candidacy_id", "competency_id", "saved_at"),)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    competency_id: Mapped[UUID | None] = mapped_column(ForeignKey("competency.id"))
    texts: Mapped[dict[str, str]] = mapped_column(JSON)
    saved_at: Mapped[datetime]
    # Saves no longer change it: a version was restored after it.
    is_ended: Mapped[bool] = mapped_column(default=False)


class PostponedBlock(Base):
    """A block still to obtain that its candidate keeps for a later deposit; the choice is made again after
    each decision.
    """

    __tablename__ = "postponed_block"
    __care__ = DRAFT

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), primary_key=True)
    block_id: Mapped[UUID] = mapped_column(ForeignKey("block.id"), primary_key=True)
    since: Mapped[datetime]


class RecommendationDone(UuidPrimaryKey, Base):
    """The candidate did what a jury recommended: for a block (« 2 »), or for a competency of it (« 2.1 »)."""

    __tablename__ = "recommendation_done"
    __care__ = DRAFT
    __table_args__ = (UniqueConstraint("candidacy_id", "minutes_number", "label"),)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    minutes_number: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(20))
    done_at: Mapped[datetime]


class PostJuryMeeting(UuidPrimaryKey, Base):
    """The advisor met the candidate again after a jury's result (arrêté of July 2025): the day, and who noted it."""

    __tablename__ = "post_jury_meeting"
    __care__ = no_fact("a meeting of a candidate with their advisor; it grants nothing", is_draft=True)
    __table_args__ = (UniqueConstraint("candidacy_id", "after_number"),)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    # The number of the deposit that the jury decided on.
    after_number: Mapped[int]
    held_on: Mapped[date]
    noted_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    noted_at: Mapped[datetime]


class CoverageReview(Base):
    """One mark; a later one replaces it without erasing it."""

    __tablename__ = "coverage_review"
    __care__ = ADVICE
    __table_args__ = (Index("ix_coverage_review_candidacy_competency", "candidacy_id", "competency_id", "seq"),)

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    competency_id: Mapped[UUID] = mapped_column(ForeignKey("competency.id"))
    advisor_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    value: Mapped[Assessment] = mapped_column(enum_column(Assessment, "value"))
    comment: Mapped[str] = mapped_column(Text, default="")
    # Digest of the revisions on which it stands: those the advisor had before them, or later ones that mean
    # the same.
    reviewed_digest: Mapped[str] = mapped_column(String(64))
    # Digest of the revisions of now, written when the candidate saves; of a mark that a later one replaced,
    # of that moment.
    content_digest: Mapped[str] = mapped_column(String(64), default="")
    # The revisions that were before them (`str(Seen)`): so that the page says what has changed since.
    seen_versions: Mapped[str] = mapped_column(Text, default="")
    # What was before them, to tell whether it means something else now, and what changed (`Told.as_json`);
    # marks made before it was kept have none: for them every change counts. It holds all that the competency says.
    content_snapshot: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    # The same, of a mark that is out of date: pages compare it with what is there now.
    outdated_snapshot: Mapped[dict[str, Any] | None] = column_property(
        type_coerce(case((reviewed_digest != content_digest, content_snapshot)), JSON), deferred=True
    )
    created_at: Mapped[datetime]
    advisor: Mapped[Person] = relationship()
