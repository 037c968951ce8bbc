"""A body tells France VAE that a validation file is complete, or what must be sent again."""

from __future__ import annotations

from alembic import op

revision = "0140"
down_revision = "0139"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a sending be about a validation file."""
    with op.batch_alter_table("france_vae_push") as table:
        table.drop_constraint(op.f("ck_france_vae_push_act"), type_="check")
        table.create_check_constraint(
            op.f("ck_france_vae_push_act"), "act IN ('feasibility', 'validation', 'session', 'result')"
        )
