"""Settings, identities, files and awards of the transmission to the Caisse des Dépôts (SI-CPF)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.care import care, no_fact
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.si_cpf.rules import FlowAction, PassageState, SchemaVersion, Sex


class SiCpfSettings(Base):
    """Identifiers that the Caisse des Dépôts gave a body on its enrolment, and the choice of what it sends."""

    __tablename__ = "si_cpf_settings"
    __care__ = no_fact("settings of a body; each file copies those it is made with")

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(8))
    contract_id: Mapped[str] = mapped_column(String(20))
    schema_version: Mapped[SchemaVersion] = mapped_column(enum_column(SchemaVersion, "schema_version"))
    send_blocks: Mapped[bool]
    revision: Mapped[int]
    changed_at: Mapped[datetime]


class SiCpfIdentity(UuidPrimaryKey, Base):
    """Identity of a holder as the Caisse des Dépôts asks for it, given for that alone."""

    __tablename__ = "si_cpf_identity"
    __care__ = no_fact("asked for one transmission, corrected until it is accepted; certificates print their own")

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), unique=True)
    birth_name: Mapped[str] = mapped_column(String(60))
    usual_name: Mapped[str] = mapped_column(String(60), default="")
    first_name: Mapped[str] = mapped_column(String(60))
    second_name: Mapped[str] = mapped_column(String(60), default="")
    third_name: Mapped[str] = mapped_column(String(60), default="")
    sex: Mapped[Sex] = mapped_column(enum_column(Sex, "sex"))
    born_on: Mapped[date]
    commune_code: Mapped[str] = mapped_column(String(5), default="")
    file_number: Mapped[str] = mapped_column(String(13), default="")
    # The social security number, encrypted under the key of the installation; empty again once it is accepted.
    nir: Mapped[bytes | None] = mapped_column(LargeBinary(300), info=care(secret=True))
    nir_received_at: Mapped[datetime | None]
    nir_erased_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class SiCpfFlow(UuidPrimaryKey, Base):
    """A file for the Caisse des Dépôts: prepared, deposited by hand, then answered by a receipt, or dropped."""

    __tablename__ = "si_cpf_flow"
    __care__ = no_fact("a file that is made again from the acts; the receipt of another body answers it")
    __table_args__ = (UniqueConstraint("body_id", "number"),)

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    number: Mapped[int]
    flow_id: Mapped[str] = mapped_column(String(50), unique=True)
    action: Mapped[FlowAction] = mapped_column(enum_column(FlowAction, "action"))
    schema_version: Mapped[SchemaVersion] = mapped_column(enum_column(SchemaVersion, "schema_version"))
    client_id: Mapped[str] = mapped_column(String(8))
    contract_id: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(Text)
    passages: Mapped[int]
    file_digest: Mapped[str] = mapped_column(String(64))
    generated_at: Mapped[datetime]
    generated_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    deposited_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    # Of its receipt; empty for a file that was dropped.
    treatment_id: Mapped[str] = mapped_column(String(100), default="")
    receipt_digest: Mapped[str] = mapped_column(String(64), default="")
    accepted: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)

    @property
    def is_live(self) -> bool:
        """Tell whether its receipt is awaited."""
        return self.closed_at is None


class SiCpfPassage(UuidPrimaryKey, Base):
    """An award that was told to the Caisse des Dépôts, under the id of the award or of the block, for ever."""

    __tablename__ = "si_cpf_passage"
    __care__ = no_fact(
        "the answers of another body, which change", kept="proof that the certification was declared (L6113-8)"
    )
    __table_args__ = (
        CheckConstraint("(grant_id IS NULL) <> (award_id IS NULL)", name="one_subject"),
        Index("ix_si_cpf_passage_flow_id", "flow_id"),
        Index("ix_si_cpf_passage_candidacy_id", "candidacy_id"),
        Index("ix_si_cpf_passage_body_id", "body_id", "state"),
    )

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    award_id: Mapped[UUID | None] = mapped_column(ForeignKey("award.id"), unique=True)
    grant_id: Mapped[UUID | None] = mapped_column(ForeignKey("block_grant.id"), unique=True)
    flow_id: Mapped[UUID] = mapped_column(ForeignKey("si_cpf_flow.id"))
    state: Mapped[PassageState] = mapped_column(enum_column(PassageState, "state"))
    # The sentence of the last rejection; and the state that a dropped file gives back.
    message: Mapped[str] = mapped_column(Text, default="")
    previous: Mapped[PassageState | None] = mapped_column(enum_column(PassageState, "previous"))
    changed_at: Mapped[datetime]
