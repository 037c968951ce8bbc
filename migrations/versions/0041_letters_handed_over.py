"""Letters record their failure and their handing over, are searched by name, and carry attachments."""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

FAILURES = ("unreachable", "certificate", "no_tls", "login", "refused")


def upgrade() -> None:
    """Add the columns, the table and the indexes; fill the words of the letters already written."""
    with op.batch_alter_table("mail") as table:
        table.add_column(sa.Column("failure", sa.String(40), nullable=True))
        table.add_column(sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("handed_over_by", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("search_words", sa.String(500), nullable=False, server_default=""))
        table.create_foreign_key(op.f("fk_mail_handed_over_by"), "person", ["handed_over_by"], ["id"])
        table.create_check_constraint(op.f("ck_mail_failure"), f"failure IN {FAILURES}")
    op.create_table(
        "mail_attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_mail_attachment_mail_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_attachment")),
    )
    op.create_index(op.f("ix_mail_attachment_mail_id"), "mail_attachment", ["mail_id"])
    _fill_words()
    waiting = sa.text("sent_at IS NULL AND handed_over_at IS NULL")
    op.create_index(
        "ix_mail_undelivered", "mail", ["body_id", "written_at"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_index(op.f("ix_mail_person_id"), "mail", ["person_id"])


def _fill_words() -> None:
    mail = sa.table("mail", *(sa.column(name) for name in ("id", "person_id", "to_name", "to_email", "search_words")))
    person = sa.table("person", *(sa.column(name) for name in ("id", "name", "email")))
    rows = sa.select(mail.c.id, mail.c.to_name, mail.c.to_email, person.c.name, person.c.email)
    connection = op.get_bind()
    for key, to_name, to_email, name, email in connection.execute(
        rows.select_from(mail.outerjoin(person, person.c.id == mail.c.person_id))
    ).all():
        words = _plain(f"{to_name or name or ''} {email or to_email}")
        connection.execute(sa.update(mail).where(mail.c.id == key).values(search_words=words))


def _plain(words: str) -> str:
    """Return the words as the search compares them: without case, accents and repeated spaces."""
    decomposed = unicodedata.normalize("NFD", " ".join(words.split()).casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))[:500]
