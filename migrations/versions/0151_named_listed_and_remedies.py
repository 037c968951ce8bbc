"""When a member was named to a jury, and when a candidate joined its list; the texts on remedies of each kind of decision.

The text that stands stays that of the jury; the other kinds start without one.
"""

import sqlalchemy as sa
from alembic import op

from portfolio.db.engine import UtcDateTime

revision = "0151"
down_revision = "0150"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two moments and the three texts; rows of before have none."""
    op.add_column("jury_member", sa.Column("named_at", UtcDateTime(), nullable=True))
    op.add_column("hearing", sa.Column("listed_at", UtcDateTime(), nullable=True))
    for kind in ("admissibility", "annulment", "complaint"):
        op.add_column("certifying_body_settings", sa.Column(f"remedies_{kind}", sa.Text(), nullable=True))
