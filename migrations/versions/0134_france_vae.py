"""A body reads its candidacies at France VAE, and sends there what it decides."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.engine import UtcDateTime

revision = "0134"
down_revision = "0133"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "france_vae_access",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(4000), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("fault", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_id"], ["certifying_body.id"], name=op.f("fk_france_vae_access_body_id_certifying_body")
        ),
        sa.ForeignKeyConstraint(["set_by"], ["person.id"], name=op.f("fk_france_vae_access_set_by_person")),
        sa.PrimaryKeyConstraint("body_id", name=op.f("pk_france_vae_access")),
    )
    op.create_index(op.f("ix_france_vae_access_set_by"), "france_vae_access", ["set_by"])
    op.create_table(
        "france_vae_candidacy",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("there", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("postal_address", sa.Text(), nullable=False),
        sa.Column("is_partial", sa.Boolean(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("validation_sent_at", UtcDateTime(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_id"], ["certifying_body.id"], name=op.f("fk_france_vae_candidacy_body_id_certifying_body")
        ),
        sa.ForeignKeyConstraint(
            ["candidacy_id"], ["candidacy.id"], name=op.f("fk_france_vae_candidacy_candidacy_id_candidacy")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_france_vae_candidacy")),
        sa.UniqueConstraint("body_id", "there", name=op.f("uq_france_vae_candidacy_body_id_there")),
    )
    op.create_index(op.f("ix_france_vae_candidacy_seen_at"), "france_vae_candidacy", ["seen_at"])
    op.create_index(op.f("ix_france_vae_candidacy_candidacy_id"), "france_vae_candidacy", ["candidacy_id"])
    op.create_table(
        "france_vae_push",
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("decision", sa.String(20), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("act IN ('feasibility', 'session', 'result')", name=op.f("ck_france_vae_push_act")),
        sa.CheckConstraint(
            "state IN ('queued', 'confirmed', 'refused', 'differs', 'done_there')",
            name=op.f("ck_france_vae_push_state"),
        ),
        sa.ForeignKeyConstraint(
            ["link_id"], ["france_vae_candidacy.id"], name=op.f("fk_france_vae_push_link_id_france_vae_candidacy")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_france_vae_push_asked_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_france_vae_push")),
    )
    op.create_index(op.f("ix_france_vae_push_link_id"), "france_vae_push", ["link_id"])
    op.create_index(op.f("ix_france_vae_push_next_at"), "france_vae_push", ["next_at"])
    op.create_index(op.f("ix_france_vae_push_asked_by"), "france_vae_push", ["asked_by"])
