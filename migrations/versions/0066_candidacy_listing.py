"""What lists of candidacies sort and filter by, their counts, and the closing of a candidacy; indexes that closings lacked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

ROUTES = ("vae", "initial_training", "apprenticeship", "continuing_training", "professionalisation", "individual")
STAGES = ("invited", "writing", "sealed", "called", "decided", "obtained", "closed")
DEADLINES = ("first_step", "jury", "notification")
CLOSURES = ("abandoned", "closed", "reopened")
INDEXES = (
    ("certificate", ["grant_id"], "ix_certificate_grant"),
    ("certificate", ["award_id"], "ix_certificate_award"),
    ("block_grant", ["minutes_id"], "ix_block_grant_minutes_id"),
    ("award", ["completed_by"], "ix_award_completed_by"),
    ("equivalence", ["held_id"], "ix_equivalence_held_id"),
    ("jury_session", ["body_id", "held_on", "id"], "ix_jury_session_held_on"),
)


def _codes(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    """Create the tables; `flask migrate` fills them from the facts."""
    _create_closure()
    _create_listing()
    op.create_table(
        "open_deadline",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _codes(DEADLINES, "kind"), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("latest", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("is_seen", sa.Boolean(), nullable=False),
        _key("open_deadline", "candidacy_id", "candidacy"),
        _key("open_deadline", "body_id", "certifying_body"),
        sa.PrimaryKeyConstraint("candidacy_id", "kind", name=op.f("pk_open_deadline")),
    )
    op.create_index("ix_open_deadline_until", "open_deadline", ["body_id", "until", "candidacy_id"])
    op.create_table(
        "listing_count",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("facet", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _key("listing_count", "body_id", "certifying_body"),
        sa.PrimaryKeyConstraint("body_id", "facet", "value", name=op.f("pk_listing_count")),
    )
    op.create_index("ix_listing_count_number", "listing_count", ["body_id", "facet", "number"])
    for table, columns, name in INDEXES:
        op.create_index(name, table, columns)


def _create_closure() -> None:
    op.create_table(
        "candidacy_closure",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("kind", _codes(CLOSURES, "kind"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_candidacy_closure_has_reason")),
        _key("candidacy_closure", "candidacy_id", "candidacy"),
        _key("candidacy_closure", "decided_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidacy_closure")),
        sa.UniqueConstraint("candidacy_id", "rank", name=op.f("uq_candidacy_closure_candidacy_id_rank")),
    )
    for statement in create_trigger_statements(op.get_bind().dialect.name, "candidacy_closure"):
        op.execute(statement)


def _create_listing() -> None:
    table = "candidacy_listing"
    op.create_table(
        table,
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("body_id", "candidate_id", "version_id")),
        *(sa.Column(name, sa.Uuid(), nullable=True) for name in ("advisor_id", "session_id")),
        sa.Column("route", _codes(ROUTES, "route"), nullable=False),
        sa.Column("stage", _codes(STAGES, "stage"), nullable=False),
        sa.Column("reached", _codes(STAGES, "reached"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stage_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sort_name", sa.String(length=200), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=False),
        sa.Column("jury_on", sa.Date(), nullable=True),
        sa.Column("to_notify_since", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=200), nullable=False),
        sa.Column("awaits_first_step", sa.Boolean(), nullable=False),
        _key(table, "candidacy_id", "candidacy"),
        _key(table, "body_id", "certifying_body"),
        _key(table, "candidate_id", "person"),
        _key(table, "version_id", "certification_version"),
        _key(table, "advisor_id", "person"),
        _key(table, "session_id", "jury_session"),
        sa.PrimaryKeyConstraint("candidacy_id", name=op.f("pk_candidacy_listing")),
    )
    op.create_index(op.f("ix_candidacy_listing_candidate_id"), table, ["candidate_id"])
    for column in ("stage", "version_id", "route", "advisor_id", "session_id"):
        op.create_index(f"ix_candidacy_listing_{column}", table, ["body_id", column, "opened_at", "candidacy_id"])
    for column in ("opened_at", "sort_name", "deadline_on", "to_notify_since"):
        op.create_index(f"ix_candidacy_listing_{column}", table, ["body_id", column, "candidacy_id"])
    op.create_index("ix_candidacy_listing_stage_deadline_on", table, ["body_id", "stage", "deadline_on", "candidacy_id"])
    op.create_index("ix_candidacy_listing_stage_since", table, ["body_id", "stage", "stage_since", "candidacy_id"])
