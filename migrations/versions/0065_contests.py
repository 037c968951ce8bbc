"""Observations before a withdrawal, decisions that wait for a second member, appeals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KINDS = ("suspension", "confirmation", "annulment", "withdrawal", "rectification")
APPEND_ONLY = ("observation_invitation", "observation", "appeal", "appeal_answer")


def upgrade() -> None:
    """Create the tables and guard those that are never changed; acts recorded before have no second member."""
    _create_observations()
    _create_proposals()
    _create_appeals()
    dialect = op.get_bind().dialect.name
    for table in APPEND_ONLY:
        for statement in create_trigger_statements(dialect, table):
            op.execute(statement)
    # No batch: rebuilding the table would drop the triggers that guard it.
    if dialect == "sqlite":
        op.execute("ALTER TABLE later_act ADD COLUMN confirmed_by CHAR(32) REFERENCES person (id)")
    else:
        op.add_column("later_act", sa.Column("confirmed_by", sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f("fk_later_act_confirmed_by"), "later_act", "person", ["confirmed_by"], ["id"])


def _codes(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _ids(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (sa.Column("id", sa.Uuid(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")))


def _recorded() -> tuple[sa.Column[object], ...]:
    return (sa.Column("recorded_at", MOMENT, nullable=False), sa.Column("recorded_by", sa.Uuid(), nullable=False))


def _file(*, nullable: bool) -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("file_key", sa.String(80), nullable=nullable),
        sa.Column("file_name", sa.Text(), nullable=nullable),
        sa.Column("file_mime", sa.String(200), nullable=nullable),
        sa.Column("file_size", sa.BigInteger(), nullable=nullable),
        sa.Column("file_sha256", sa.String(64), nullable=nullable),
    )


def _create_observations() -> None:
    op.create_table(
        "observation_invitation",
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("invited_on", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        *_recorded(),
        *_ids("observation_invitation"),
        _key("observation_invitation", "grant_id", "block_grant"),
        _key("observation_invitation", "recorded_by", "person"),
    )
    op.create_index(op.f("ix_observation_invitation_grant_id"), "observation_invitation", ["grant_id"])
    op.create_table(
        "observation",
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("manner", _codes("manner", "heard", "written", "none"), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        *_file(nullable=True),
        *_recorded(),
        *_ids("observation"),
        _key("observation", "invitation_id", "observation_invitation"),
        _key("observation", "recorded_by", "person"),
    )
    op.create_index(op.f("ix_observation_invitation_id"), "observation", ["invitation_id"])


def _create_proposals() -> None:
    op.create_table(
        "status_change_proposal",
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _codes("kind", *KINDS), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("heard_on", sa.Date(), nullable=True),
        sa.Column("bias", sa.Boolean(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        *_file(nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("act_id", sa.Uuid(), nullable=True),
        *_ids("status_change_proposal"),
        _key("status_change_proposal", "grant_id", "block_grant"),
        _key("status_change_proposal", "proposed_by", "person"),
        _key("status_change_proposal", "closed_by", "person"),
        _key("status_change_proposal", "act_id", "later_act"),
    )
    open_only = sa.text("closed_at IS NULL")
    op.create_index(
        "uq_status_change_proposal_pending",
        "status_change_proposal",
        ["grant_id"],
        unique=True,
        sqlite_where=open_only,
        postgresql_where=open_only,
    )


def _create_appeals() -> None:
    op.create_table(
        "appeal",
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _codes("kind", "certifier", "hierarchical", "court"), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        *_file(nullable=True),
        *_recorded(),
        *_ids("appeal"),
        _key("appeal", "minutes_id", "minutes"),
        _key("appeal", "recorded_by", "person"),
        sa.CheckConstraint("trim(grounds) <> ''", name=op.f("ck_appeal_has_grounds")),
    )
    op.create_index(op.f("ix_appeal_minutes_id"), "appeal", ["minutes_id"])
    op.create_table(
        "appeal_answer",
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", _codes("outcome", "rejected", "granted", "withdrawn"), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        *_recorded(),
        *_ids("appeal_answer"),
        _key("appeal_answer", "appeal_id", "appeal"),
        _key("appeal_answer", "recorded_by", "person"),
        sa.UniqueConstraint("appeal_id", name=op.f("uq_appeal_answer_appeal_id")),
    )
