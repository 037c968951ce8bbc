"""The question of a member's ties has an answer of its own: silence is not "no tie" (J7)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

ANSWERS = "ties_answer IN ('unanswered', 'none', 'listed')"


def upgrade() -> None:
    """Add the answer: the members whose ties are listed have answered, the others have not."""
    with op.batch_alter_table("member") as table:
        table.add_column(sa.Column("ties_answer", sa.String(40), nullable=False, server_default="unanswered"))
        table.create_check_constraint(op.f("ck_member_ties_answer"), ANSWERS)
    member = sa.table("member", sa.column("id"), sa.column("ties_answer"))
    tie = sa.table("member_tie", sa.column("member_id"))
    op.execute(sa.update(member).where(member.c.id.in_(sa.select(tie.c.member_id))).values(ties_answer="listed"))
    with op.batch_alter_table("member") as table:
        table.alter_column("ties_answer", server_default=None)
