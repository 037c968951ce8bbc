"""Who accompanied a candidate never judges them; an annulment may be for bias; a sitting may end without effect."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the columns (in statements that keep the triggers), and carry over the advisors there were."""
    op.create_table(
        "accompaniment",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_accompaniment_candidacy_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_accompaniment_person_id")),
        sa.PrimaryKeyConstraint("candidacy_id", "person_id", name=op.f("pk_accompaniment")),
    )
    op.add_column("later_act", sa.Column("bias", sa.Boolean(), nullable=True))
    op.add_column("minutes", sa.Column("void_reason", sa.Text(), nullable=True))
    op.add_column("hearing", sa.Column("voided", sa.Boolean(), nullable=True))
    _carry_over()


def _carry_over() -> None:
    """Those who accompany now, those whom the journal saw named, those who marked a dossier."""
    id_, at = sa.Uuid(), sa.DateTime(timezone=True)
    candidacy = sa.table("candidacy", sa.column("id", id_), sa.column("advisor_id", id_), sa.column("opened_at", at))
    journal = sa.table(
        "journal_line", sa.column("verb"), sa.column("object_id", id_), sa.column("at", at), sa.column("facts", sa.Text())
    )
    mark = sa.table("mark", sa.column("candidacy_id", id_), sa.column("advisor_id", id_), sa.column("made_at", at))
    connection = op.get_bind()
    found: dict[tuple[UUID, UUID], datetime] = {}
    for row in connection.execute(sa.select(candidacy).where(candidacy.c.advisor_id.is_not(None))):
        found.setdefault((row.id, row.advisor_id), row.opened_at)
    known = set(connection.scalars(sa.select(candidacy.c.id)))
    lines = sa.select(journal.c.object_id, journal.c.at, sa.cast(journal.c.facts, sa.Text()).label("facts"))
    for row in connection.execute(lines.where(journal.c.verb == "advisor_assigned")):
        advisor = _advisor(row.facts)
        if advisor and row.object_id in known:
            found.setdefault((row.object_id, advisor), row.at)
    for row in connection.execute(sa.select(mark)):
        found.setdefault((row.candidacy_id, row.advisor_id), row.made_at)
    table = sa.table("accompaniment", sa.column("candidacy_id", id_), sa.column("person_id", id_), sa.column("since", at))
    rows = [{"candidacy_id": of, "person_id": person, "since": since} for (of, person), since in found.items()]
    if rows:
        connection.execute(sa.insert(table), rows)


def _advisor(facts: Any) -> UUID | None:
    told = json.loads(facts or "{}").get("advisor")
    return UUID(told) if told else None
