"""Keep each sitting of a jury: its day, how it ended, and what it did."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from alembic import op

from portfolio.calendar import day_of
from portfolio.db.append_only import create_trigger_statements
from portfolio.db.engine import UtcDateTime

revision = "0149"
down_revision = "0148"
branch_labels = None
depends_on = None

_ENDINGS = ("decided", "absent", "suspended", "moved", "day_changed", "members_changed", "cancelled", "void")
_VOICES = ("for", "against", "abstained", "absent")


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Create the table, give each closed or suspended hearing the sitting that it had, and guard the rows."""
    op.create_table(
        "sitting",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ending", _enum("ending", *_ENDINGS), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_sitting_hearing_id_hearing")),
        sa.ForeignKeyConstraint(["session_id"], ["jury_session.id"], name=op.f("fk_sitting_session_id_jury_session")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_sitting_ended_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting")),
        sa.UniqueConstraint("hearing_id", "number", name=op.f("uq_sitting_hearing_id_number")),
    )
    op.create_index(op.f("ix_sitting_session_id"), "sitting", ["session_id"])
    op.add_column("hearing", sa.Column("sits_on", sa.Date(), nullable=True))
    op.add_column("hearing", sa.Column("sits_since", UtcDateTime(), nullable=True))
    op.add_column("attendance_change", sa.Column("reason", sa.Text(), nullable=True))
    _add_code("attendance_change", "attendance", ("heard", "absent", "excused"))
    for table in ("finding_draft", "decision_draft"):
        op.add_column(table, sa.Column("voters", sa.String(64), nullable=True))
    for name in ("decision_draft", "recorded_decision"):
        _add_code(name, "votes_presidency", _VOICES)
    _write_sittings(op.get_bind())
    for statement in create_trigger_statements(op.get_bind().dialect.name, "sitting"):
        op.execute(statement)


def _add_code(table: str, column: str, codes: tuple[str, ...]) -> None:
    """Add a column of a closed list with its check, in one statement: SQLite adds no constraint later."""
    listed = ", ".join(f"'{code}'" for code in codes)
    check = f"CONSTRAINT ck_{table}_{column} CHECK ({column} IN ({listed}))"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR(40) {check}")


def _tables() -> dict[str, sa.TableClause]:
    columns: dict[str, tuple[sa.ColumnClause[Any], ...]] = {
        "hearing": (sa.column("id", sa.Uuid()), sa.column("session_id", sa.Uuid()), sa.column("closed_at")),
        "minutes": (
            *(sa.column(name, sa.Uuid()) for name in ("hearing_id", "closed_by")),
            *(sa.column("decided_on", sa.Date()), sa.column("closed_at", UtcDateTime())),
            *(sa.column("attendance", sa.String()), sa.column("void_reason", sa.Text())),
        ),
        "adjournment": (
            *(sa.column("hearing_id", sa.Uuid()), sa.column("adjourned_by", sa.Uuid()), sa.column("reason", sa.Text())),
            *(sa.column("adjourned_at", UtcDateTime()), sa.column("resumed_at", UtcDateTime())),
        ),
        "member_attendance": (
            *(sa.column("hearing_id", sa.Uuid()), sa.column("person_id", sa.Uuid())),
            sa.column("present", sa.Boolean()),
        ),
        "sitting": (
            *(sa.column(name, sa.Uuid()) for name in ("id", "hearing_id", "session_id", "ended_by")),
            *(sa.column("number", sa.Integer()), sa.column("held_on", sa.Date()), sa.column("ended_at", UtcDateTime())),
            *(sa.column("ending", sa.String()), sa.column("reason", sa.Text()), sa.column("record", sa.JSON())),
        ),
    }
    return {name: sa.table(name, *of) for name, of in columns.items()}


def _write_sittings(bind: sa.Connection) -> None:
    tables = _tables()
    hearing, minutes, stop = tables["hearing"], tables["minutes"], tables["adjournment"]
    closed = sa.select(minutes, hearing.c.session_id).join_from(minutes, hearing, hearing.c.id == minutes.c.hearing_id)
    rows = [
        {
            "hearing_id": row.hearing_id, "session_id": row.session_id, "held_on": row.decided_on,
            "ended_at": row.closed_at, "ended_by": row.closed_by, "reason": row.void_reason or "", "record": {},
            "ending": "void" if row.void_reason else "decided" if row.attendance == "heard" else "absent",
        }
        for row in bind.execute(closed)
    ]  # fmt: skip
    suspended = (
        sa.select(stop, hearing.c.session_id)
        .join_from(stop, hearing, hearing.c.id == stop.c.hearing_id)
        .where(stop.c.resumed_at.is_(None), hearing.c.closed_at.is_(None))
    )
    there = tables["member_attendance"]
    for row in bind.execute(suspended).all():
        present = sa.select(there.c.person_id).where(there.c.hearing_id == row.hearing_id, there.c.present.is_(True))
        voters = sorted(str(person) for person in bind.scalars(present))
        rows.append({
            "hearing_id": row.hearing_id, "session_id": row.session_id, "held_on": day_of(row.adjourned_at),
            "ended_at": row.adjourned_at, "ended_by": row.adjourned_by, "reason": row.reason, "ending": "suspended",
            "record": {"voters": voters} if voters else {},
        })  # fmt: skip
    if rows:
        bind.execute(sa.insert(tables["sitting"]), [{"id": uuid.uuid4(), "number": 1, **row} for row in rows])
