"""Appointments of candidates, what funders pay, and the certificates of attendance."""

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements

revision = "0129"
down_revision = "0128"
branch_labels = None
depends_on = None

STEPS = ("diagnostic", "feasibility", "individual", "group", "training", "mock_interview", "jury", "post_jury")
HELD = ("planned", "held", "excused", "absent")
FUNDERS = (
    *("cpf", "transitions_pro", "opco", "employer", "region", "france_travail", "agefiph", "self", "other"),
)
COMMITMENTS = ("asked", "promised", "granted", "refused")


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    """Add the three tables; a certificate that was given is guarded."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "appointment",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("kind", STEPS), nullable=False),
        sa.Column("starts_at", moment, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("held", _one_of("held", HELD), nullable=False),
        sa.Column("attended", sa.Integer(), nullable=True),
        sa.Column("signed_at", moment, nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", moment, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("held = 'held' OR attended IS NULL", name=op.f("ck_appointment_attended_when_held")),
        _to("appointment", "candidacy_id", "candidacy"),
        _to("appointment", "recorded_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    op.create_index(op.f("ix_appointment_candidacy_id"), "appointment", ["candidacy_id"], unique=False)
    op.create_table(
        "funding",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("kind", FUNDERS), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("commitment", _one_of("commitment", COMMITMENTS), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("cents", sa.Integer(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", moment, nullable=False),
        sa.Column("link_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _to("funding", "candidacy_id", "candidacy"),
        _to("funding", "recorded_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding")),
        sa.UniqueConstraint("link_digest", name=op.f("uq_funding_link_digest")),
    )
    op.create_index(op.f("ix_funding_candidacy_id"), "funding", ["candidacy_id"], unique=False)
    table = "attendance_certificate"
    op.create_table(
        "attendance_certificate",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("year", "rank", "version")),
        sa.Column("sheet_digest", sa.String(length=64), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("issued_at", moment, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _to(table, "body_id", "certifying_body"),
        _to(table, "candidacy_id", "candidacy"),
        _to(table, "issued_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("body_id", "year", "rank", name=op.f(f"uq_{table}_body_id_year_rank")),
        sa.UniqueConstraint("candidacy_id", "version", name=op.f(f"uq_{table}_candidacy_id_version")),
    )
    op.create_index(
        op.f("ix_attendance_certificate_candidacy_id"), "attendance_certificate", ["candidacy_id"], unique=False
    )
    for statement in create_trigger_statements(op.get_bind().dialect.name, table):
        op.execute(statement)
