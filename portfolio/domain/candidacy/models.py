"""One person, one certification version, one route, one scope; and the versions sealed of the dossier."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    exists,
    func,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from portfolio.db.care import ERASED, care, no_fact, recorded, tracked
from portfolio.db.engine import CARE, Base, Numbered, UuidPrimaryKey, enum_column, new_id
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.rules.deadlines import DeadlineKind, Regime
from portfolio.domain.candidacy.rules.missed_deadlines import LapseOutcome, Ruling
from portfolio.domain.candidacy.rules.opening import AccommodationOutcome, Arrangement, Birth, Scope
from portfolio.domain.candidacy.rules.stage import Cause, ClosureKind, Extent, SubmissionKind
from portfolio.domain.certification.models import Block, CertificationVersion
from portfolio.domain.certification.rules.entry import Route

ARRANGED = no_fact("arranged for the day of a jury; no decision rests on it")
candidacy_block = Table(
    "candidacy_block",
    Base.metadata,
    Column("candidacy_id", ForeignKey("candidacy.id"), primary_key=True),
    Column("block_id", ForeignKey("block.id"), primary_key=True),
    Column("id", Uuid(), unique=True, nullable=False, default=new_id),
    info={CARE: tracked("bloc demandé par une candidature", "candidacy_id", kept="which blocks were asked for")},
)


class Candidacy(UuidPrimaryKey, Base):
    """The path of one candidate towards one version of a certification."""

    __tablename__ = "candidacy"
    __care__ = tracked("candidature", is_emptied=True)

    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("certification_version.id"), index=True)
    advisor_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    route: Mapped[Route] = mapped_column(enum_column(Route, "route"))
    regime: Mapped[Regime] = mapped_column(enum_column(Regime, "regime"))
    scope: Mapped[Scope] = mapped_column(enum_column(Scope, "scope"))
    admissible_on: Mapped[date] = mapped_column(info=care(kept="clocks start from it"))
    # Why the certifier went on although the entry had expired (R9).
    expiry_override: Mapped[str | None] = mapped_column(Text)
    # Why the certifier went on although the entry closes the route.
    route_override: Mapped[str | None] = mapped_column(Text)
    opened_at: Mapped[datetime]
    # The partner that the candidacy comes through; None when it comes to the certifier directly, or nobody
    # recorded it.
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner.id"), index=True)
    # The cohort of a route without a livret 2; its name and days are copied into each record that a jury
    # reads.
    cohort_id: Mapped[UUID | None] = mapped_column(ForeignKey("cohort.id"), index=True)
    # The request that was found admissible, and says on what; None when the body opened the candidacy by itself.
    request_id: Mapped[UUID | None] = mapped_column(info=care(kept="on what the admissibility was decided"))
    # For the certificate only (domain §7); of a candidacy, not of a person: another body never learns it by
    # an address.
    born_on: Mapped[date | None] = mapped_column(info=care(personal=True))
    birth_place: Mapped[str | None] = mapped_column(String(200), info=care(personal=True))
    birth_name: Mapped[str | None] = mapped_column(String(200), info=care(personal=True))
    # Where letters on paper go; of a candidacy, for the same reason.
    postal_address: Mapped[str | None] = mapped_column(Text, info=care(personal=True))
    phone: Mapped[str | None] = mapped_column(String(40), info=care(personal=True))
    # The people who come together: those of an employer, of a class.
    group_name: Mapped[str | None] = mapped_column(String(200), info=care(personal=True))
    # As the body typed them: an account may bear a name that another body gave. Candidacies opened before
    # have none.
    candidate_display_name: Mapped[str | None] = mapped_column(
        String(200), info=care(kept="the name that minutes speak of", personal=True)
    )
    advisor_display_name: Mapped[str | None] = mapped_column(
        String(200), info=care(kept="no later jury may name them (J10)", personal=True)
    )
    candidate: Mapped[Person] = relationship(foreign_keys=[candidate_id])
    advisor: Mapped[Person | None] = relationship(foreign_keys=[advisor_id])
    version: Mapped[CertificationVersion] = relationship()
    # The blocks asked for; every block of the version when the scope is the whole.
    blocks: Mapped[list[Block]] = relationship(secondary=candidacy_block, order_by=Block.number)

    @property
    def candidate_name(self) -> str:
        """Return the candidate, as this body knows them."""
        return self.candidate_display_name or self.candidate.name

    @property
    def birth(self) -> Birth | None:
        """Return what certificates say of the birth, when it was given."""
        return Birth(self.born_on, self.birth_place or "", self.birth_name or "") if self.born_on else None


def is_closed_candidacy() -> ColumnElement[bool]:
    """Tell whether the candidacy of a query was closed or abandoned, and not opened again since."""
    later = aliased(CandidacyClosure)
    after = exists().where(later.candidacy_id == CandidacyClosure.candidacy_id, later.rank > CandidacyClosure.rank)
    last = (CandidacyClosure.candidacy_id == Candidacy.id, CandidacyClosure.kind != ClosureKind.REOPENED)
    return exists().where(*last, ~after.correlate(CandidacyClosure)).correlate(Candidacy)


def candidate_display_name(account: type[Person]) -> ColumnElement[str]:
    """Return the candidate of the row as its body knows them, in SQL; `account` is joined as the candidate."""
    return func.coalesce(Candidacy.candidate_display_name, account.name)


def advisor_display_name(account: type[Person]) -> ColumnElement[str]:
    """Return the advisor of the row as its body knows them, in SQL; `account` is joined as the advisor."""
    return func.coalesce(Candidacy.advisor_display_name, account.name)


class AdvisorAssignment(Numbered, Base):
    """Someone who accompanied a candidacy, then or now: they never judge its candidate (J10)."""

    __tablename__ = "advisor_assignment"
    __care__ = tracked("accompagnement d’une candidature", "candidacy_id", kept="no later jury may name them (J10)")

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    assigned_at: Mapped[datetime]
    # As the body typed it. Those who accompanied before it was kept have none.
    display_name: Mapped[str | None] = mapped_column(String(200), info=care(personal=True))


class LapseRuling(UuidPrimaryKey, Base):
    """The certifier's word on a delay that had passed; written once, the latest on each delay stands (R6412-4)."""

    __tablename__ = "lapse_ruling"
    __care__ = recorded("décision sur une caducité")
    __table_args__ = (CheckConstraint("trim(reason) <> ''", name="has_reason"),)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), index=True)
    # Which delay; without one, the six months of the admissibility.
    deadline_kind: Mapped[DeadlineKind | None] = mapped_column(enum_column(DeadlineKind, "deadline_kind"))
    outcome: Mapped[LapseOutcome] = mapped_column(enum_column(LapseOutcome, "outcome"))
    reason: Mapped[str] = mapped_column(Text, info=care(erased_as=ERASED))
    decided_on: Mapped[date]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]

    def to_value(self) -> Ruling:
        """Hand the ruling to the rules."""
        return Ruling(self.deadline_kind or DeadlineKind.FIRST_STEP, self.outcome, self.reason, self.decided_on)


class CandidacyClosure(UuidPrimaryKey, Base):
    """The certifier closes a candidacy, records that it is abandoned, or opens it again.

    Written once; the last one counts.
    """

    __tablename__ = "candidacy_closure"
    __care__ = recorded("fermeture d’une candidature")
    __table_args__ = (
        UniqueConstraint("candidacy_id", "rank"),
        CheckConstraint("trim(reason) <> ''", name="has_reason"),
    )

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    rank: Mapped[int]
    kind: Mapped[ClosureKind] = mapped_column(enum_column(ClosureKind, "kind"))
    reason: Mapped[str] = mapped_column(Text, info=care(erased_as=ERASED))
    decided_on: Mapped[date]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]


class Accommodation(UuidPrimaryKey, Base):
    """An arrangement asked for the day of the jury because of a disability, whose cause is never asked."""

    __tablename__ = "accommodation"
    __care__ = ARRANGED

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), index=True)
    asked: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))


class AccommodationDecision(UuidPrimaryKey, Base):
    """The decision of the body on what is asked; those who organise and the jury read the arrangements alone."""

    __tablename__ = "accommodation_decision"
    __care__ = ARRANGED

    accommodation_id: Mapped[UUID] = mapped_column(ForeignKey("accommodation.id"), unique=True)
    outcome: Mapped[AccommodationOutcome] = mapped_column(enum_column(AccommodationOutcome, "outcome"))
    arrangements: Mapped[str] = mapped_column(Text)
    extra_minutes: Mapped[int]
    interpreter: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))

    def to_value(self) -> Arrangement:
        """Return the decision as the rules read it."""
        return Arrangement(self.outcome, self.arrangements, self.extra_minutes, self.interpreter, self.reason)


class Submission(UuidPrimaryKey, Base):
    """A sealed dossier or assessment record: its manifest as canonical JSON, and the Merkle root of its items."""

    __tablename__ = "submission"
    __care__ = tracked("dossier déposé", is_append_only=True)
    __table_args__ = (UniqueConstraint("candidacy_id", "number"),)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    number: Mapped[int]
    submitted_at: Mapped[datetime]
    # None: a livret 2. An assessment record (routes without a livret 2) is sealed by the certifier.
    kind: Mapped[SubmissionKind | None] = mapped_column(enum_column(SubmissionKind, "kind"))
    # The version that it presents again, unchanged, to another jury once a decision on it was annulled.
    renews_id: Mapped[UUID | None] = mapped_column(ForeignKey("submission.id"), index=True)
    manifest: Mapped[bytes] = mapped_column(LargeBinary, info=care(erased_as=b"", secret=True))
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
    __care__ = tracked(
        "bloc d’un dossier déposé", "submission_id", is_append_only=True, kept="which blocks were presented"
    )

    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    block_id: Mapped[UUID] = mapped_column(ForeignKey("block.id"), primary_key=True)


class SealedFile(UuidPrimaryKey, Base):
    """Key in the store of the file of an exhibit that the manifest names."""

    __tablename__ = "sealed_file"
    __care__ = tracked("pièce d’un dossier déposé", "submission_id", is_append_only=True)
    __table_args__ = (UniqueConstraint("submission_id", "exhibit"),)

    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"))
    exhibit: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(200), info=care(secret=True))
    name: Mapped[str] = mapped_column(Text, info=care(erased_as=""))
    mime: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))


class Erasure(UuidPrimaryKey, Base):
    """The erasure of a dossier: what is to go, from which moment, and how far it got.

    It is the task and the proof.
    """

    __tablename__ = "erasure"
    __care__ = no_fact("what an erasure takes from the ledger is in `ledger_erasure`", kept="the proof of the erasure")
    __table_args__ = (UniqueConstraint("candidacy_id", "extent"),)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), index=True)
    extent: Mapped[Extent] = mapped_column(enum_column(Extent, "extent"))
    cause: Mapped[Cause] = mapped_column(enum_column(Cause, "cause"))
    planned_at: Mapped[datetime]
    planned_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    run_after: Mapped[datetime]
    # The rows are erased in one transaction; the files they named go after it.
    rows_at: Mapped[datetime | None]
    files_at: Mapped[datetime | None]


def is_erased() -> ColumnElement[bool]:
    """Return the condition: the candidacy of a query was erased as a whole."""
    erased = Erasure.extent == Extent.WHOLE, Erasure.rows_at.is_not(None)
    return exists().where(Erasure.candidacy_id == Candidacy.id, *erased).correlate(Candidacy)
