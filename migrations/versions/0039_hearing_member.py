"""A composition belongs to each hearing: who sat is recorded at closing; a recusal can be withdrawn; a hearing can be moved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

KINDS = "kind IN ('no_relation', 'recusal', 'read', 'recusal_withdrawn')"
ONCE = sa.text("kind IN ('no_relation', 'read')")
SEATS = (
    "president",
    "employee_representative",
    "director_or_delegate",
    "teacher_trainer",
    "pedagogical_manager",
    "employer_representative",
    "external_professional",
)
Row = Mapping[str, Any]


def upgrade() -> None:
    """Create the table of who sat, fill it from the closed minutes, and add what recusals, moves and votes need."""
    dialect = op.get_bind().dialect.name
    _create_members()
    _record_closed_hearings()
    for statement in create_trigger_statements(dialect, "hearing_member"):
        op.execute(statement)
    _let_recusals_be_withdrawn(dialect)
    _let_hearings_move(dialect)
    for table in ("decision_draft", "block_decision"):
        op.add_column(table, sa.Column("votes_abstained", sa.Integer(), nullable=True))


def _create_members() -> None:
    seat = sa.Enum(*SEATS, name="seat", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "hearing_member",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("seat", seat, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("named", sa.String(length=200), nullable=False),
        sa.Column("deliberated", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_hearing_member_hearing_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hearing_member_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hearing_member")),
        sa.UniqueConstraint("hearing_id", "person_id", name=op.f("uq_hearing_member_hearing_id_person_id")),
        sa.UniqueConstraint("hearing_id", "seat", "rank", name=op.f("uq_hearing_member_hearing_id_seat_rank")),
    )
    op.create_index(op.f("ix_hearing_member_person_id"), "hearing_member", ["person_id"])


def _record_closed_hearings() -> None:
    """Copy who sat from the composition of each closed minutes; the rank of a substitute from the session, where it still stands."""
    id_ = sa.Uuid()
    minutes = sa.table("minutes", sa.column("hearing_id", id_), sa.column("composition", sa.Text()))
    hearing = sa.table("hearing", sa.column("id", id_), sa.column("session_id", id_))
    member = sa.table(
        "member", *(sa.column(name, id_) for name in ("session_id", "person_id")), sa.column("seat"), sa.column("rank")
    )
    target = sa.table(
        "hearing_member",
        *(sa.column(name, id_) for name in ("id", "hearing_id", "person_id")),
        *(sa.column(name) for name in ("seat", "rank", "named", "deliberated")),
    )
    connection = op.get_bind()
    ranks = {(one.session_id, one.person_id, one.seat): one.rank for one in connection.execute(sa.select(member))}
    closed = sa.select(minutes.c.hearing_id, hearing.c.session_id, sa.cast(minutes.c.composition, sa.Text()).label("told"))
    rows: list[Row] = []
    for one in connection.execute(closed.join(hearing, hearing.c.id == minutes.c.hearing_id)).all():
        seated = {key[1:]: rank for key, rank in ranks.items() if key[0] == one.session_id}
        rows += _members_of(one.hearing_id, json.loads(one.told), seated)
    if rows:
        connection.execute(sa.insert(target), rows)


def _members_of(hearing_id: UUID, composition: Row, ranks: Mapping[tuple[UUID, str], int]) -> list[Row]:
    sat = [(one, True) for one in composition.get("members", [])]
    named = [*sat, *((one, False) for one in composition.get("others", []))]
    taken: set[tuple[str, int]] = set()
    rows = []
    for one, deliberated in named:
        person, seat = UUID(one["person"]), one["seat"]
        rank = ranks.get((person, seat), 1 if one.get("substitute") else 0)
        while (seat, rank) in taken:
            rank += 1
        taken.add((seat, rank))
        rows.append(
            {
                "id": uuid4(),
                "hearing_id": hearing_id,
                "person_id": person,
                "seat": seat,
                "rank": rank,
                "named": one["name"],
                "deliberated": deliberated,
            }
        )
    return rows


def _let_recusals_be_withdrawn(dialect: str) -> None:
    """Admit the new kind, and more than one recusal; put back the guards that a table made again has lost."""
    old = op.f("uq_juror_statement_hearing_id_person_id_kind")
    check, key = op.f("ck_juror_statement_kind"), op.f("fk_juror_statement_withdraws_id")
    unique = op.f("uq_juror_statement_withdraws_id")
    if dialect == "postgresql":
        op.drop_constraint(check, "juror_statement", type_="check")
        op.drop_constraint(old, "juror_statement", type_="unique")
        op.create_check_constraint(check, "juror_statement", KINDS)
        op.add_column("juror_statement", sa.Column("withdraws_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(key, "juror_statement", "juror_statement", ["withdraws_id"], ["id"])
        op.create_unique_constraint(unique, "juror_statement", ["withdraws_id"])
    else:
        with op.batch_alter_table("juror_statement", recreate="always") as table:
            table.drop_constraint(old, type_="unique")
            table.drop_constraint(check, type_="check")
            table.create_check_constraint(check, KINDS)
            table.add_column(sa.Column("withdraws_id", sa.Uuid(), nullable=True))
            table.create_foreign_key(key, "juror_statement", ["withdraws_id"], ["id"])
            table.create_unique_constraint(unique, ["withdraws_id"])
        for statement in create_trigger_statements("sqlite", "juror_statement"):
            op.execute(statement)
    op.create_index(
        "uq_juror_statement_once",
        "juror_statement",
        ["hearing_id", "person_id", "kind"],
        unique=True,
        sqlite_where=ONCE,
        postgresql_where=ONCE,
    )


def _let_hearings_move(dialect: str) -> None:
    moved = (
        sa.Column("moved_from_id", sa.Uuid(), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
    )
    key = op.f("fk_hearing_moved_from_id")
    if dialect == "postgresql":
        for column in moved:
            op.add_column("hearing", column)
        op.create_foreign_key(key, "hearing", "jury_session", ["moved_from_id"], ["id"])
        return
    with op.batch_alter_table("hearing") as table:
        for column in moved:
            table.add_column(column)
        table.create_foreign_key(key, "jury_session", ["moved_from_id"], ["id"])
