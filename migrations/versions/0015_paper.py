"""What bodies say on their documents, who signed them, which results were notified."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "body_settings",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("legal_name", sa.String(length=300), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("city", sa.String(length=200), nullable=False),
        sa.Column("signatory_id", sa.Uuid(), nullable=True),
        sa.Column("signatory_quality", sa.String(length=300), nullable=False),
        sa.Column("remedies", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_body_settings_body_id")),
        sa.ForeignKeyConstraint(["signatory_id"], ["person.id"], name=op.f("fk_body_settings_signatory_id")),
        sa.PrimaryKeyConstraint("body_id", name=op.f("pk_body_settings")),
    )
    op.create_table(
        "notification",
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("letter", sa.JSON(), nullable=False),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notified_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_notification_candidacy_id")),
        sa.ForeignKeyConstraint(["minutes_id"], ["minutes.id"], name=op.f("fk_notification_minutes_id")),
        sa.ForeignKeyConstraint(["notified_by"], ["person.id"], name=op.f("fk_notification_notified_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("candidacy_id", "number", name=op.f("uq_notification_candidacy_id_number")),
        sa.UniqueConstraint("minutes_id", name=op.f("uq_notification_minutes_id")),
    )
    op.create_table(
        "certificate_signature",
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("quality", sa.String(length=300), nullable=False),
        sa.Column("legal_name", sa.String(length=300), nullable=False),
        sa.Column("city", sa.String(length=200), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_signature_certificate_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_signature_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_signature")),
        sa.UniqueConstraint("certificate_id", name=op.f("uq_certificate_signature_certificate_id")),
    )
