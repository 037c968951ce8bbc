"""Tables of planned assessments, assessment results, cohorts of a body, and the defence of a hearing."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.care import care, no_fact, recorded
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.account.models import Person
from portfolio.domain.assessment.rules import AssessmentKind, AssessmentOutcome, CohortValue, ResultLine, RetryRule
from portfolio.domain.certification.models import Block
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.dossier.models.evidence import EvidenceFile

PLANNED = no_fact("what is planned; its words are copied into the record that a jury reads")


class Cohort(UuidPrimaryKey, Base):
    """A cohort of a certifying body: the candidates of one version and one route who go through it together."""

    __tablename__ = "cohort"
    __care__ = PLANNED
    __table_args__ = (
        UniqueConstraint("version_id", "route", "name"),
        CheckConstraint("ends_on >= starts_on", name="days"),
    )

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), index=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("certification_version.id"))
    route: Mapped[Route] = mapped_column(enum_column(Route, "route"))
    name: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))

    def to_value(self) -> CohortValue:
        """Return the cohort as the rules read it."""
        return CohortValue(self.id, self.name, self.starts_on, self.ends_on)


class AssessmentPlan(UuidPrimaryKey, Base):
    """Settings of a version for the routes without a livret 2: the minutes of the defence, and the retry rule."""

    __tablename__ = "assessment_plan"
    __care__ = PLANNED

    version_id: Mapped[UUID] = mapped_column(ForeignKey("certification_version.id"), unique=True)
    presentation_minutes: Mapped[int | None]
    questions_minutes: Mapped[int | None]
    retry: Mapped[RetryRule] = mapped_column(enum_column(RetryRule, "retry"), default=RetryRule.ANY_JURY)
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]


class PlannedAssessment(UuidPrimaryKey, Base):
    """A deliverable or a practical case that a version plans, for one block or for the whole certification.

    It may be reworded: each sealed record copies the words that the jury read.
    """

    __tablename__ = "planned_assessment"
    __care__ = PLANNED
    __table_args__ = (UniqueConstraint("version_id", "number"),)

    version_id: Mapped[UUID] = mapped_column(ForeignKey("certification_version.id"))
    number: Mapped[int]
    kind: Mapped[AssessmentKind] = mapped_column(enum_column(AssessmentKind, "kind"))
    title: Mapped[str] = mapped_column(Text)
    # None: it is about the whole certification.
    block_id: Mapped[UUID | None] = mapped_column(ForeignKey("block.id"))
    changed_at: Mapped[datetime]
    block: Mapped[Block | None] = relationship()


class AssessmentResult(UuidPrimaryKey, Base):
    """The result of one assessment of one candidacy.

    Written once; a correction is a later row that replaces it.
    """

    __tablename__ = "assessment_result"
    __care__ = recorded("résultat d’une évaluation")
    __table_args__ = (UniqueConstraint("replaces_id"),)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), index=True)
    planned_id: Mapped[UUID] = mapped_column(ForeignKey("planned_assessment.id"), index=True)
    assessed_on: Mapped[date]
    examiner: Mapped[str] = mapped_column(String(200))
    # The same person, when they are known here; NULL where only a name was typed.
    examiner_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[AssessmentOutcome] = mapped_column(enum_column(AssessmentOutcome, "outcome"))
    # The mark or the appreciation, in the words of the examiner.
    detail: Mapped[str] = mapped_column(Text, info=care(erased_as=""))
    # The paper that proves the results of a whole group, by the words that find it; None for none.
    proof: Mapped[str | None] = mapped_column(String(300))
    # The document of the assessment; None when there is none.
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("evidence_file.id"), index=True)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("assessment_result.id"))
    planned: Mapped[PlannedAssessment] = relationship()
    file: Mapped[EvidenceFile | None] = relationship()
    author: Mapped[Person] = relationship(foreign_keys=recorded_by)

    def to_value(self) -> ResultLine:
        """Return the result as the rules read it."""
        return ResultLine(self.id, self.planned_id, self.assessed_on, self.outcome, self.replaces_id)


class Defence(UuidPrimaryKey, Base):
    """The defence of a candidate before the jury of one hearing.

    Written once; a correction is a later row.
    """

    __tablename__ = "defence"
    __care__ = recorded("soutenance devant un jury", not_exported="told by the letters", kept="in figures")
    __table_args__ = (UniqueConstraint("replaces_id"),)

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"), index=True)
    presentation_minutes: Mapped[int]
    questions_minutes: Mapped[int]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("defence.id"))
