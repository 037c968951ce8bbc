"""Messages that are corrected or taken back, what each person has read, the advisor's own notes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# Nobody knows what was read before readings were kept: what had been said counts as read, for both.
_READ = """
INSERT INTO thread_reading (candidacy_id, competency_id, person_id, read_until)
SELECT said.candidacy_id, said.competency_id, c.{person}, max(said.moment)
FROM (SELECT candidacy_id, competency_id, said_at AS moment FROM remark
      UNION ALL SELECT candidacy_id, competency_id, made_at FROM mark) said
JOIN candidacy c ON c.id = said.candidacy_id
WHERE c.{person} IS NOT NULL GROUP BY said.candidacy_id, said.competency_id, c.{person}
"""


def upgrade() -> None:
    """Give messages their revision, and create the tables."""
    op.add_column("remark", sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("remark", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("remark", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "thread_reading",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("read_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_thread_reading_candidacy_id")),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_thread_reading_competency_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_thread_reading_person_id")),
        sa.PrimaryKeyConstraint("candidacy_id", "competency_id", "person_id", name=op.f("pk_thread_reading")),
    )
    op.create_table(
        "private_note",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_private_note_author_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_private_note_candidacy_id")),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_private_note_competency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_private_note")),
        sa.UniqueConstraint(
            "candidacy_id", "competency_id", "author_id", name=op.f("uq_private_note_candidacy_id_competency_id_author_id")
        ),
    )
    for person in ("candidate_id", "advisor_id"):
        op.execute(_READ.format(person=person))
