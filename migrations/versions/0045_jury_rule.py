"""The jury rule of a published version as rows, route by route; several seats of one kind; how one block is decided.

Published versions get the rule that their entry holds now, so that the predicates answer as before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import complete_statements, create_trigger_statements
from portfolio.domain.certification.readers.cncp_text.jury_sources import sourced
from portfolio.domain.certification.rules.jury_rule import JuryRule, JuryTerm
from portfolio.domain.certification.rules.json_reading import MalformedEntry, entry_from_json
from portfolio.domain.certification.rules.juries import condition_lines, normalised, route_juries, seat_lines

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

TABLES = ("jury_rule", "jury_rule_route", "jury_rule_line")
ROUTES = ("initial_training", "apprenticeship", "continuing_training", "professionalisation_contract", "individual", "vae")
SEATS = (
    "president",
    "employee_representative",
    "director_or_delegate",
    "teacher_trainer",
    "pedagogical_manager",
    "employer_representative",
    "external_professional",
    "professional",
    "member",
)
TERMS = (
    "size",
    "seats",
    "president_college",
    "president_appointed",
    "employee_in_activity",
    "director_or_delegate",
    "external_min",
    "representatives_min",
    "college_parity",
    "teaching_parity",
    "professionals_min",
    "trade_max",
    "trade_min",
    "employers_min",
    "employers_max",
    "employees_min",
    "employees_max",
    "quorum",
    "no_casting_vote",
)
FIRST_SEAT = sa.text("place IS NULL")
Row = Mapping[str, Any]


def upgrade() -> None:
    """Create the tables, fill them for the published versions, guard them; let a jury have several seats of one kind."""
    _create_tables()
    _fill()
    dialect = op.get_bind().dialect.name
    for table in TABLES:
        for statement in (*create_trigger_statements(dialect, table), *complete_statements(dialect, table)):
            op.execute(statement)
    _let_blocks_differ()
    _let_seats_repeat("member", "session_id", dialect)
    _let_seats_repeat("hearing_member", "hearing_id", dialect)
    for column in (
        sa.Column("trade", sa.String(200), nullable=True),
        sa.Column("is_professional", sa.Boolean(), nullable=True),
        sa.Column("meets_seat", sa.Boolean(), nullable=True),
    ):
        op.add_column("member", column)
    _add_codes("jury_session", "route", ROUTES)


def _codes(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _create_tables() -> None:
    op.create_table(
        "jury_rule",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("half_external", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["certification_version.id"], name=op.f("fk_jury_rule_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_rule")),
    )
    op.create_index(op.f("ix_jury_rule_version_id"), "jury_rule", ["version_id"])
    op.create_table(
        "jury_rule_route",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("route", _codes("route", ROUTES), nullable=False),
        sa.Column("taken_from", _codes("taken_from", ROUTES), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["certification_version.id"], name=op.f("fk_jury_rule_route_version_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["jury_rule.id"], name=op.f("fk_jury_rule_route_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_rule_route")),
    )
    for column in ("version_id", "rule_id"):
        op.create_index(op.f(f"ix_jury_rule_route_{column}"), "jury_rule_route", [column])
    op.create_table(
        "jury_rule_line",
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("term", _codes("term", TERMS), nullable=False),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("share", sa.String(length=30), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("seat", _codes("seat", SEATS), nullable=True),
        sa.Column("college", _codes("college", ("employers", "employees")), nullable=True),
        sa.Column("appointed_by", sa.Text(), nullable=False),
        sa.Column("source", _codes("source", ("entry", "certifier", "design")), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(seat IS NULL) = (term <> 'seats')", name=op.f("ck_jury_rule_line_seats_have_kind")),
        sa.ForeignKeyConstraint(["rule_id"], ["jury_rule.id"], name=op.f("fk_jury_rule_line_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_rule_line")),
        sa.UniqueConstraint("rule_id", "position", name=op.f("uq_jury_rule_line_rule_id_position")),
    )


def _table(name: str, *columns: str) -> sa.TableClause:
    ids = {"id", "version_id", "rule_id"}
    return sa.table(name, *(sa.column(column, sa.Uuid() if column in ids else None) for column in columns))


RULE = _table("jury_rule", "id", "version_id", "half_external")
ROUTE = _table("jury_rule_route", "id", "version_id", "rule_id", "route", "taken_from")
_LINE = ("id", "rule_id", "position", "term", "count", "share", "text", "seat", "college", "appointed_by", "source")
LINE = _table("jury_rule_line", *_LINE)


def _fill() -> None:
    """Write the rule of each published version from its entry; one whose entry cannot be read has none to write."""
    version = sa.table(
        "certification_version", sa.column("id", sa.Uuid()), sa.column("entry", sa.Text()), sa.column("published_at")
    )
    query = sa.select(version.c.id, sa.cast(version.c.entry, sa.Text()).label("entry")).where(version.c.published_at.is_not(None))
    rows: dict[sa.TableClause, list[Row]] = {RULE: [], ROUTE: [], LINE: []}
    for row in op.get_bind().execute(query).all():
        for table, values in _rows_of(row.id, json.loads(row.entry)):
            rows[table].append(values)
    for table, listed in rows.items():
        if listed:
            op.get_bind().execute(sa.insert(table), listed)


def _rows_of(version_id: UUID, stored: Any) -> Iterator[tuple[sa.TableClause, Row]]:
    try:
        entry = entry_from_json(stored)
    except MalformedEntry:
        return
    known: dict[JuryRule, UUID] = {}
    for jury in route_juries(entry, sourced(entry)):
        if jury.rule is None:
            continue
        rule = normalised(jury.rule)
        if rule not in known:
            known[rule] = uuid4()
            yield from _rule_rows(known[rule], version_id, jury.rule)
        taken_from = str(jury.taken_from) if jury.taken_from else None
        place = {"id": uuid4(), "version_id": version_id, "rule_id": known[rule]}
        yield ROUTE, {**place, "route": str(jury.route), "taken_from": taken_from}


def _rule_rows(rule_id: UUID, version_id: UUID, rule: JuryRule) -> Iterator[tuple[sa.TableClause, Row]]:
    yield RULE, {"id": rule_id, "version_id": version_id, "half_external": rule.half_external}
    for position, line in enumerate((*_seats(rule), *_conditions(rule)), 1):
        yield LINE, {**dict.fromkeys(_LINE), "id": uuid4(), "rule_id": rule_id, "position": position, **line}


def _seats(rule: JuryRule) -> Iterator[Row]:
    source = rule.source_of(JuryTerm.SEATS)
    for line in seat_lines(rule):
        asked = {"college": _code(line.terms.college), "text": line.terms.quality, "appointed_by": line.terms.appointed_by}
        yield {"term": "seats", "seat": str(line.seat), "count": line.count, "source": _code(source), **asked}


def _conditions(rule: JuryRule) -> Iterator[Row]:
    for line in condition_lines(rule):
        share = None if line.share is None else repr(line.share)
        asked = {"term": str(line.term), "count": line.count, "share": share, "text": line.text}
        yield {**asked, "appointed_by": "", "source": _code(line.source)}


def _code(value: StrEnum | None) -> str | None:
    return None if value is None else str(value)


def _let_blocks_differ() -> None:
    _add_codes("block", "decision_rule", ("every", "threshold", "mean"))
    for name in ("decision_threshold", "validity_months"):
        op.add_column("block", sa.Column(name, sa.Integer(), nullable=True))


def _add_codes(table: str, column: str, values: tuple[str, ...]) -> None:
    """Add a checked list of codes without making the table again: triggers that name it would be lost."""
    listed = ", ".join(f"'{value}'" for value in values)
    check = f"CONSTRAINT ck_{table}_{column} CHECK ({column} IN ({listed}))"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR(40) {check}")


def _let_seats_repeat(table: str, parent: str, dialect: str) -> None:
    """Number the seats of one kind from the second on, and admit the two new kinds; the first seat keeps no number."""
    old, new = op.f(f"uq_{table}_{parent}_seat_rank"), op.f(f"uq_{table}_{parent}_seat_place_rank")
    check = op.f(f"ck_{table}_seat")
    kinds = "seat IN (" + ", ".join(f"'{seat}'" for seat in SEATS) + ")"
    place = sa.Column("place", sa.Integer(), nullable=True)
    if dialect == "postgresql":
        op.add_column(table, place)
        op.drop_constraint(old, table, type_="unique")
        op.drop_constraint(check, table, type_="check")
        op.create_check_constraint(check, table, kinds)
        op.create_unique_constraint(new, table, [parent, "seat", "place", "rank"])
    else:
        with op.batch_alter_table(table, recreate="always") as batch:
            batch.add_column(place)
            batch.drop_constraint(old, type_="unique")
            batch.drop_constraint(check, type_="check")
            batch.create_check_constraint(check, kinds)
            batch.create_unique_constraint(new, [parent, "seat", "place", "rank"])
        for statement in create_trigger_statements("sqlite", table) if table == "hearing_member" else ():
            op.execute(statement)
    op.create_index(
        f"uq_{table}_first_seat",
        table,
        [parent, "seat", "rank"],
        unique=True,
        sqlite_where=FIRST_SEAT,
        postgresql_where=FIRST_SEAT,
    )
