"""Attestations that third parties sign on line, and letters to people without an account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

QUALITIES = ("employer", "manager", "colleague", "client", "partner", "other")
TIES = ("none", "family", "interest")


def upgrade() -> None:
    """Create the tables, guard what is signed, let a letter go to someone without an account."""
    _request()
    _links()
    _draft()
    _signed()
    with op.batch_alter_table("mail") as mail:
        mail.alter_column("person_id", existing_type=sa.Uuid(), nullable=True)
        mail.add_column(sa.Column("to_name", sa.String(length=200), nullable=False, server_default=""))
        mail.add_column(sa.Column("to_email", sa.String(length=254), nullable=False, server_default=""))
        mail.add_column(sa.Column("secret", sa.Boolean(), nullable=False, server_default=sa.false()))
        mail.create_check_constraint(op.f("ck_mail_has_an_address"), "person_id IS NOT NULL OR to_email <> ''")
        mail.create_index(op.f("ix_mail_to_email"), ["to_email"])
    for statement in create_trigger_statements(op.get_bind().dialect.name, "attestation"):
        op.execute(statement)


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _request() -> None:
    op.create_table(
        "attestation_request",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("quality", _one_of("quality", QUALITIES), nullable=False),
        sa.Column("organisation", sa.String(length=300), nullable=False),
        sa.Column("experience_id", sa.Uuid(), nullable=True),
        sa.Column("experience", sa.String(length=700), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_attestation_request_candidacy_id")),
        sa.ForeignKeyConstraint(["experience_id"], ["experience.id"], name=op.f("fk_attestation_request_experience_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestation_request")),
    )
    op.create_index(op.f("ix_attestation_request_candidacy_id"), "attestation_request", ["candidacy_id"])
    op.create_table(
        "attestation_competency",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["attestation_request.id"], name=op.f("fk_attestation_competency_request_id")
        ),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_attestation_competency_competency_id")),
        sa.PrimaryKeyConstraint("request_id", "competency_id", name=op.f("pk_attestation_competency")),
    )


def _links() -> None:
    op.create_table(
        "attestation_link",
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("is_copy", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["attestation_request.id"], name=op.f("fk_attestation_link_request_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_attestation_link")),
    )
    op.create_index(op.f("ix_attestation_link_request_id"), "attestation_link", ["request_id"])
    op.create_table(
        "attestation_code",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["attestation_request.id"], name=op.f("fk_attestation_code_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestation_code")),
    )
    op.create_index(op.f("ix_attestation_code_request_id"), "attestation_code", ["request_id"])


def _draft() -> None:
    op.create_table(
        "attestation_draft",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("quality", _one_of("quality", QUALITIES), nullable=True),
        sa.Column("organisation", sa.String(length=300), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("often", sa.Text(), nullable=False),
        sa.Column("more", sa.Text(), nullable=False),
        sa.Column("tie", _one_of("tie", TIES), nullable=True),
        sa.Column("annex_key", sa.String(length=200), nullable=False),
        sa.Column("annex_name", sa.Text(), nullable=False),
        sa.Column("annex_mime", sa.String(length=200), nullable=False),
        sa.Column("annex_family", sa.String(length=40), nullable=False),
        sa.Column("annex_pages", sa.Integer(), nullable=True),
        sa.Column("annex_size", sa.BigInteger(), nullable=True),
        sa.Column("annex_sha256", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["attestation_request.id"], name=op.f("fk_attestation_draft_request_id")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_attestation_draft")),
    )


def _signed() -> None:
    op.create_table(
        "attestation",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("annex_id", sa.Uuid(), nullable=True),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["attestation_request.id"], name=op.f("fk_attestation_request_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_attestation_evidence_id")),
        sa.ForeignKeyConstraint(["annex_id"], ["evidence.id"], name=op.f("fk_attestation_annex_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestation")),
        sa.UniqueConstraint("annex_id", name=op.f("uq_attestation_annex_id")),
        sa.UniqueConstraint("evidence_id", name=op.f("uq_attestation_evidence_id")),
        sa.UniqueConstraint("request_id", name=op.f("uq_attestation_request_id")),
    )
    op.create_index(op.f("ix_attestation_pdf_sha256"), "attestation", ["pdf_sha256"])
