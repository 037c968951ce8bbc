"""Transmission of holders to the Caisse des Dépôts: settings, identities, files, awards that were told."""

import sqlalchemy as sa
from alembic import op

from portfolio.db.engine import UtcDateTime

revision = "0130"
down_revision = "0129"
branch_labels = None
depends_on = None

_STATES = ("sent", "accepted", "rejected", "to_remove", "removing", "removed")


def _codes(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "si_cpf_flow",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("flow_id", sa.String(length=50), nullable=False),
        sa.Column("action", _codes("action", "CREATION", "SUPPRESSION"), nullable=False),
        sa.Column("schema_version", _codes("schema_version", "1.1.2", "1.1.5"), nullable=False),
        sa.Column("client_id", sa.String(length=8), nullable=False),
        sa.Column("contract_id", sa.String(length=20), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("passages", sa.Integer(), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=False),
        sa.Column("generated_at", UtcDateTime(), nullable=False),
        sa.Column("generated_by", sa.Uuid(), nullable=True),
        sa.Column("deposited_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("treatment_id", sa.String(length=100), nullable=False),
        sa.Column("receipt_digest", sa.String(length=64), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_si_cpf_flow_body_id")),
        sa.ForeignKeyConstraint(["generated_by"], ["person.id"], name=op.f("fk_si_cpf_flow_generated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_si_cpf_flow")),
        sa.UniqueConstraint("body_id", "number", name=op.f("uq_si_cpf_flow_body_id_number")),
        sa.UniqueConstraint("flow_id", name=op.f("uq_si_cpf_flow_flow_id")),
    )
    op.create_table(
        "si_cpf_settings",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(length=8), nullable=False),
        sa.Column("contract_id", sa.String(length=20), nullable=False),
        sa.Column("schema_version", _codes("schema_version", "1.1.2", "1.1.5"), nullable=False),
        sa.Column("send_blocks", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_si_cpf_settings_body_id")),
        sa.PrimaryKeyConstraint("body_id", name=op.f("pk_si_cpf_settings")),
    )
    op.create_table(
        "si_cpf_identity",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("birth_name", sa.String(length=60), nullable=False),
        sa.Column("usual_name", sa.String(length=60), nullable=False),
        sa.Column("first_name", sa.String(length=60), nullable=False),
        sa.Column("second_name", sa.String(length=60), nullable=False),
        sa.Column("third_name", sa.String(length=60), nullable=False),
        sa.Column("sex", _codes("sex", "F", "M"), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.Column("file_number", sa.String(length=13), nullable=False),
        sa.Column("nir", sa.LargeBinary(length=300), nullable=True),
        sa.Column("nir_received_at", UtcDateTime(), nullable=True),
        sa.Column("nir_erased_at", UtcDateTime(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_si_cpf_identity_candidacy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_si_cpf_identity")),
        sa.UniqueConstraint("candidacy_id", name=op.f("uq_si_cpf_identity_candidacy_id")),
    )
    op.create_table(
        "si_cpf_passage",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=True),
        sa.Column("grant_id", sa.Uuid(), nullable=True),
        sa.Column("flow_id", sa.Uuid(), nullable=False),
        sa.Column("state", _codes("state", *_STATES), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("previous", _codes("previous", *_STATES), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(grant_id IS NULL) <> (award_id IS NULL)", name=op.f("ck_si_cpf_passage_one_subject")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_si_cpf_passage_award_id")),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_si_cpf_passage_body_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_si_cpf_passage_candidacy_id")),
        sa.ForeignKeyConstraint(["flow_id"], ["si_cpf_flow.id"], name=op.f("fk_si_cpf_passage_flow_id")),
        sa.ForeignKeyConstraint(["grant_id"], ["block_grant.id"], name=op.f("fk_si_cpf_passage_grant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_si_cpf_passage")),
        sa.UniqueConstraint("award_id", name=op.f("uq_si_cpf_passage_award_id")),
        sa.UniqueConstraint("grant_id", name=op.f("uq_si_cpf_passage_grant_id")),
    )
    op.create_index("ix_si_cpf_passage_body_id", "si_cpf_passage", ["body_id", "state"], unique=False)
    op.create_index("ix_si_cpf_passage_candidacy_id", "si_cpf_passage", ["candidacy_id"], unique=False)
    op.create_index("ix_si_cpf_passage_flow_id", "si_cpf_passage", ["flow_id"], unique=False)
