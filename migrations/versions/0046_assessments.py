"""Routes without a livret 2: planned assessments, their results, cohorts, assessment records and defences."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

ROUTES = ("initial_training", "apprenticeship", "continuing_training", "professionalisation_contract", "individual", "vae")
KINDS = ("practical_case", "deliverable", "written_test", "workplace", "other")
OUTCOMES = ("passed", "failed", "not_taken", "withdrawn")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables, add the nullable columns, and mark the dossiers that nobody writes."""
    _create_cohorts()
    _create_plans()
    _create_results()
    _create_defences()
    dialect = op.get_bind().dialect.name
    for table in ("assessment_result", "defence"):
        for statement in create_trigger_statements(dialect, table):
            op.execute(statement)
    _add_columns(dialect)
    _mark_unwritten_dossiers()


def _codes(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _create_cohorts() -> None:
    op.create_table(
        "cohort",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("route", _codes("route", ROUTES), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("cohort", "body_id", "certifying_body"),
        _key("cohort", "version_id", "certification_version"),
        _key("cohort", "created_by", "person"),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_cohort_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort")),
        sa.UniqueConstraint("version_id", "route", "name", name=op.f("uq_cohort_version_id_route_name")),
    )
    op.create_index(op.f("ix_cohort_body_id"), "cohort", ["body_id"])


def _create_plans() -> None:
    op.create_table(
        "assessment_plan",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("presentation_minutes", sa.Integer(), nullable=True),
        sa.Column("questions_minutes", sa.Integer(), nullable=True),
        sa.Column("retry", _codes("retry", ("any_jury", "next_cohort")), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("assessment_plan", "version_id", "certification_version"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_plan")),
        sa.UniqueConstraint("version_id", name=op.f("uq_assessment_plan_version_id")),
    )
    op.create_table(
        "planned_assessment",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", _codes("kind", KINDS), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("planned_assessment", "version_id", "certification_version"),
        _key("planned_assessment", "block_id", "block"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_assessment")),
        sa.UniqueConstraint("version_id", "number", name=op.f("uq_planned_assessment_version_id_number")),
    )


def _create_results() -> None:
    op.create_table(
        "assessment_result",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("planned_id", sa.Uuid(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("examiner", sa.String(200), nullable=False),
        sa.Column("outcome", _codes("outcome", OUTCOMES), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("assessment_result", "candidacy_id", "candidacy"),
        _key("assessment_result", "planned_id", "planned_assessment"),
        _key("assessment_result", "file_id", "evidence_file"),
        _key("assessment_result", "recorded_by", "person"),
        _key("assessment_result", "replaces_id", "assessment_result"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_result")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_assessment_result_replaces_id")),
    )
    op.create_index(op.f("ix_assessment_result_candidacy_id"), "assessment_result", ["candidacy_id"])
    op.create_index(op.f("ix_assessment_result_planned_id"), "assessment_result", ["planned_id"])


def _create_defences() -> None:
    op.create_table(
        "defence",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("presentation_minutes", sa.Integer(), nullable=False),
        sa.Column("questions_minutes", sa.Integer(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("defence", "hearing_id", "hearing"),
        _key("defence", "recorded_by", "person"),
        _key("defence", "replaces_id", "defence"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_defence")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_defence_replaces_id")),
    )
    op.create_index(op.f("ix_defence_hearing_id"), "defence", ["hearing_id"])


def _add_columns(dialect: str) -> None:
    """Add columns in statements that rebuild no guarded table: SQLite takes a key and a check in ADD COLUMN."""
    op.add_column("dossier", sa.Column("is_required", sa.Boolean(), nullable=False, server_default=sa.true()))
    if dialect == "sqlite":
        op.execute(
            "ALTER TABLE submission ADD COLUMN kind VARCHAR(40) CONSTRAINT ck_submission_kind CHECK (kind IN ('assessment_record'))"
        )
        op.execute("ALTER TABLE candidacy ADD COLUMN cohort_id CHAR(32) CONSTRAINT fk_candidacy_cohort_id REFERENCES cohort (id)")
        return
    op.add_column("submission", sa.Column("kind", sa.String(40), nullable=True))
    op.create_check_constraint(op.f("ck_submission_kind"), "submission", "kind IN ('assessment_record')")
    op.add_column("candidacy", sa.Column("cohort_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_candidacy_cohort_id"), "candidacy", "cohort", ["cohort_id"], ["id"])


def _mark_unwritten_dossiers() -> None:
    """Mark the dossiers of the other routes in which nothing was written; one begun there before stays a livret 2."""
    begun = " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {table} t WHERE t.candidacy_id = dossier.candidacy_id)"  # nosec B608
        for table in ("experience", "narrative", "claim", "evidence", "submission", "attestation_request")
    )
    op.execute(
        f"UPDATE dossier SET is_required = {'0' if op.get_bind().dialect.name == 'sqlite' else 'false'} "  # noqa: S608  # nosec B608
        "WHERE career = '' AND motivation = '' AND conclusion = '' "
        "AND EXISTS (SELECT 1 FROM candidacy c WHERE c.id = dossier.candidacy_id AND c.route <> 'vae') "
        f"AND {begun}"
    )
