"""Letters say of which kind they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and fill it for the letters that tell whether an account existed, known by what they said."""
    op.add_column("mail", sa.Column("kind", sa.String(40), nullable=True))
    mail = sa.table("mail", sa.column("kind"), sa.column("subject"), sa.column("text"))
    for kind, said in (
        ("news", mail.c.subject.like("% : du nouveau vous attend sur Acquis")),
        ("invitation", mail.c.text.like("%/invitation/%")),
        ("reset", mail.c.subject == "Choisir un nouveau mot de passe"),
    ):
        op.execute(sa.update(mail).where(said).values(kind=kind))
