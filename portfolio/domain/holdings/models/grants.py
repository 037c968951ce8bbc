"""Tables of grants, awards and certificates. Append-only.

Rows of what people held before this product was used: read in a spreadsheet, confirmed, then written once.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    exists,
    text,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from portfolio.db.care import DERIVED, care, no_fact, recorded
from portfolio.db.credentials import Credential
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.account.models import Person
from portfolio.domain.certification.models import Block, CertificationVersion
from portfolio.domain.holdings.rules.facts import Source


class Grant(UuidPrimaryKey, Base):
    """One block held by one person (R1, R6).

    `serial` stays 1 unless another act came to stand for it (R13).
    """

    __tablename__ = "block_grant"
    __care__ = recorded("attribution d’un bloc", not_exported="told by the certificates", kept="unlimited")
    __table_args__ = (
        UniqueConstraint("person_id", "block_id", "serial"),
        CheckConstraint("(minutes_id IS NULL) <> (acquisition_id IS NULL)", name="one_act"),
        Index("ix_block_grant_minutes_id", "minutes_id"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    block_id: Mapped[UUID] = mapped_column(ForeignKey("block.id"))
    serial: Mapped[int] = mapped_column(default=1)
    source: Mapped[Source] = mapped_column(enum_column(Source, "source"))
    minutes_id: Mapped[UUID | None] = mapped_column(ForeignKey("minutes.id"))
    acquisition_id: Mapped[UUID | None] = mapped_column(ForeignKey("acquisition.id"), index=True)
    granted_on: Mapped[date]
    recorded_at: Mapped[datetime]
    person: Mapped[Person] = relationship()
    block: Mapped[Block] = relationship()


class Award(UuidPrimaryKey, Base):
    """The whole certification, dated by the act that completed the set of blocks (R7)."""

    __tablename__ = "award"
    __care__ = recorded("certification entière", not_exported="told by the certificates", kept="unlimited")
    __table_args__ = (
        UniqueConstraint("person_id", "version_id", "serial"),
        Index("ix_award_completed_by", "completed_by"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("certification_version.id"))
    serial: Mapped[int] = mapped_column(default=1)
    completed_by: Mapped[UUID] = mapped_column(ForeignKey("block_grant.id"))
    obtained_on: Mapped[date]
    recorded_at: Mapped[datetime]
    person: Mapped[Person] = relationship()
    version: Mapped[CertificationVersion] = relationship()


_FIRST = text("rectifies_id IS NULL")


class Certificate(UuidPrimaryKey, Base):
    """The number anyone can check, and the immutable labels of what it certifies (R13)."""

    __tablename__ = "certificate"
    __care__ = recorded("certificat", not_exported="told on the page of results", kept="unlimited")
    __table_args__ = (
        CheckConstraint("(grant_id IS NULL) <> (award_id IS NULL)", name="one_subject"),
        # One first certificate a grant or award, and one that rectifies each: the certificates of one subject
        # are a line.
        Index("uq_certificate_grant_id", "grant_id", unique=True, sqlite_where=_FIRST, postgresql_where=_FIRST),
        Index("uq_certificate_award_id", "award_id", unique=True, sqlite_where=_FIRST, postgresql_where=_FIRST),
        UniqueConstraint("rectifies_id"),
        # The unique indexes above hold the first certificates only: a query by subject cannot use them.
        Index("ix_certificate_grant", "grant_id"),
        Index("ix_certificate_award", "award_id"),
    )

    number: Mapped[str] = mapped_column(String(40), unique=True)
    grant_id: Mapped[UUID | None] = mapped_column(ForeignKey("block_grant.id"))
    award_id: Mapped[UUID | None] = mapped_column(ForeignKey("award.id"))
    # The one whose words were wrong (R12): both stay, and only this one stands.
    rectifies_id: Mapped[UUID | None] = mapped_column(ForeignKey("certificate.id"))
    # Holder, exact title, codes, level, body, session, date and standing as they were.
    printed_text: Mapped[dict[str, Any]]
    issued_at: Mapped[datetime]
    grant: Mapped[Grant | None] = relationship()
    award: Mapped[Award | None] = relationship()


class CertificateToSign(Base):
    """A certificate that nobody signed yet: written with it, removed by its signature.

    A list of them scans nothing else.
    """

    __tablename__ = "certificate_to_sign"
    __care__ = DERIVED
    __table_args__ = (Index("ix_certificate_to_sign_issued_at", "body_id", "issued_at", "certificate_id"),)

    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    issued_at: Mapped[datetime]


def is_latest() -> ColumnElement[bool]:
    """Say of the certificate of a query whether no later one rectifies it: it is the one that a grant or an
    award has today.
    """
    later = aliased(Certificate)
    return ~exists().where(later.rectifies_id == Certificate.id)


class HolderImport(UuidPrimaryKey, Base):
    """A spreadsheet of holders that waits for a person to confirm it; its lines stay as they were typed."""

    __tablename__ = "holder_import"
    __care__ = no_fact("what is confirmed is in `prior_holding`")
    __table_args__ = (Index("ix_holder_import_body_id", "body_id", "created_at"),)

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    name: Mapped[str] = mapped_column(Text)
    # The cells of each line under the names of the template, with the number of the line.
    lines: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # Confirmed or dropped, when and by whom.
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    recorded: Mapped[int] = mapped_column(default=0)


class HolderImportFile(UuidPrimaryKey, Base):
    """A proof that came with a spreadsheet of holders."""

    __tablename__ = "holder_import_file"
    __care__ = no_fact("what is confirmed is in `prior_holding`")
    __table_args__ = (Index("ix_holder_import_file_import_id", "import_id"),)

    import_id: Mapped[UUID] = mapped_column(ForeignKey("holder_import.id"))
    file_key: Mapped[str] = mapped_column(String(80))
    file_name: Mapped[str] = mapped_column(Text)
    file_mime: Mapped[str] = mapped_column(String(200))
    file_size: Mapped[int] = mapped_column(BigInteger)
    file_sha256: Mapped[str] = mapped_column(String(64))


class PriorHolding(UuidPrimaryKey, Base):
    """A block that a person held before this product was used, with the proof that someone of the certifier
    verified (R2 b).
    """

    __tablename__ = "prior_holding"
    __care__ = recorded("bloc détenu avant l’usage d’Acquis", kept="unlimited, as what a jury grants")
    __table_args__ = (
        Index("ix_prior_holding_person_id", "person_id"),
        Index("ix_prior_holding_import_id", "import_id"),
        Index("ix_prior_holding_block_id", "block_id"),
        CheckConstraint("trim(proof_reference) <> ''", name="has_reference"),
    )

    import_id: Mapped[UUID] = mapped_column(ForeignKey("holder_import.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    block_id: Mapped[UUID] = mapped_column(ForeignKey("block.id"))
    # As the certificate of before names its holder.
    holder_name: Mapped[str] = mapped_column(Text)
    born_on: Mapped[date | None]
    obtained_on: Mapped[date]
    # The number of the certificate of before; empty where it has none.
    number: Mapped[str] = mapped_column(Text, default="")
    # Whether the certificate is that of the whole certification, whose blocks are all written.
    is_whole: Mapped[bool]
    proof_reference: Mapped[str] = mapped_column(Text)
    valid_until: Mapped[date | None]
    verified_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    verified_at: Mapped[datetime]
    # Several holdings of one import may share a file.
    file_key: Mapped[str] = mapped_column(String(80))
    file_name: Mapped[str] = mapped_column(Text)
    file_mime: Mapped[str] = mapped_column(String(200))
    file_size: Mapped[int] = mapped_column(BigInteger)
    file_sha256: Mapped[str] = mapped_column(String(64))
    block: Mapped[Block] = relationship()

    @property
    def reference(self) -> str:
        """Return how documents and sentences name it."""
        return reference_of(self.id, self.obtained_on)

    @property
    def shown_number(self) -> str:
        """Return the number of the certificate of before, or the reference where it has none."""
        return self.number or self.reference


def reference_of(holding_id: UUID, obtained_on: date) -> str:
    """Return the reference of a holding of before."""
    return f"ANT-{obtained_on:%Y%m%d}-{holding_id.hex[:10].upper()}"


class PriorHoldingEnd(UuidPrimaryKey, Base):
    """A rectification: this holding was written by mistake, and counts no more (R12).

    Written once; it edits nothing.
    """

    __tablename__ = "prior_holding_end"
    __care__ = recorded(
        "rectification d’un bloc détenu avant l’usage d’Acquis",
        not_exported="told on the page of results",
        kept="unlimited",
    )
    __table_args__ = (UniqueConstraint("holding_id"), CheckConstraint("trim(reason) <> ''", name="has_reason"))

    holding_id: Mapped[UUID] = mapped_column(ForeignKey("prior_holding.id"))
    reason: Mapped[str] = mapped_column(Text)
    decided_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # The second member of the body; empty in acts recorded before two were asked.
    confirmed_by: Mapped[UUID | None]
    file_key: Mapped[str] = mapped_column(String(80))
    file_name: Mapped[str] = mapped_column(Text)
    file_mime: Mapped[str] = mapped_column(String(200))
    file_size: Mapped[int] = mapped_column(BigInteger)
    file_sha256: Mapped[str] = mapped_column(String(64))


class CertificateSignature(UuidPrimaryKey, Base):
    """Signature of a certificate: who, in which quality, and how the body was named that day. Written once."""

    __tablename__ = "certificate_signature"
    __care__ = recorded(
        "signature d’un certificat",
        is_late=True,
        not_exported="printed on the certificate",
        kept="part of the certificate",
    )

    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificate.id"), unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(200))
    quality: Mapped[str] = mapped_column(String(300))
    legal_name: Mapped[str] = mapped_column(String(300))
    city: Mapped[str] = mapped_column(String(200))
    signed_at: Mapped[datetime]
    certificate: Mapped[Certificate] = relationship()


class CertificateSeal(UuidPrimaryKey, Base):
    """A paper of a certificate as the seal of the body closed it: the bytes that are given from then on.

    A certificate sealed again, before the certificate of seal ends, has a second row; the first file is kept.
    """

    __tablename__ = "certificate_seal"
    __care__ = recorded(
        "cachet d’un certificat", not_exported="given on the page of results", kept="part of the certificate"
    )
    __table_args__ = (
        UniqueConstraint("certificate_id", "sequence"),
        Index("ix_certificate_seal_file_sha256", "file_sha256"),
    )

    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificate.id"))
    sequence: Mapped[int]
    file_key: Mapped[str] = mapped_column(String(80), unique=True)
    file_size: Mapped[int] = mapped_column(BigInteger)
    file_sha256: Mapped[str] = mapped_column(String(64))
    # The body that the certificate of seal names, and when that one ends.
    sealed_by: Mapped[str] = mapped_column(String(300))
    valid_until: Mapped[datetime]
    # Whether an outside authority dated it (PAdES B-T).
    is_timestamped: Mapped[bool]
    sealed_at: Mapped[datetime]
    certificate: Mapped[Certificate] = relationship()


class CertificateShare(UuidPrimaryKey, Base):
    """A link to the public page of a certificate that its holder gave, and may withdraw; one is open at a time."""

    __tablename__ = "certificate_share"
    __care__ = no_fact(
        "a link that its holder gives and withdraws",
        not_exported="shown on the page of results",
        kept="it leads to a certificate, which is kept, and its holder withdraws it",
    )

    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificate.id"), index=True)
    token: Mapped[str] = mapped_column(String(40), unique=True, info=care(secret=True))
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    certificate: Mapped[Certificate] = relationship()


class WalletOffer(UuidPrimaryKey, Base):
    """An offer of a certificate to a wallet, which lasts ten minutes; only digests of its codes are kept."""

    __tablename__ = "wallet_offer"
    __care__ = no_fact("an offer of ten minutes", not_exported="gone once taken", kept="it names a certificate alone")
    __credential__ = Credential(
        person=("certificate_id", "grant_id", "person_id"),
        or_person=("certificate_id", "award_id", "person_id"),
        until="ends_at",
    )

    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificate.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True, info=care(secret=True))
    digits_hash: Mapped[str] = mapped_column(String(64), info=care(secret=True))
    # Of the token that was given for the two codes; None until then.
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True, info=care(secret=True))
    tries: Mapped[int]
    ends_at: Mapped[datetime]


class VerifiableCredential(UuidPrimaryKey, Base):
    """A certificate as strangers' tools read it, signed once: the bytes that are given, and the bit of the list that
    tells its withdrawal.
    """

    __tablename__ = "verifiable_credential"
    __care__ = no_fact(
        "it repeats a certificate, and carries its own signature",
        is_append_only=True,
        not_exported="given on the page of results",
        kept="part of the certificate",
    )
    __table_args__ = (UniqueConstraint("status_list", "status_index"),)

    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificate.id"), unique=True)
    status_list: Mapped[int]
    status_index: Mapped[int]
    # What proves that the hash of an identifier is that of the holder's name: for the holder alone.
    holder_salt: Mapped[str] = mapped_column(String(64), info=care(secret=True))
    document: Mapped[str] = mapped_column(Text)
    token: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime]
    certificate: Mapped[Certificate] = relationship()
