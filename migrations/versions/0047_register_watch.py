"""The register as it was last read, its notices and proposed equivalences; partners and sites, of a candidacy and of a session."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

NOTICES = ("entry_changed", "ends_soon", "successor_published", "route_closed", "habilitation_lost")
ORIGINS = ("correspondence", "successor")
HABILITATIONS = ("train", "organise", "train_and_organise")
STATES = ("active", "inactive", "removed")


def upgrade() -> None:
    """Create the tables, then add the two links, empty in every row: nobody recorded them before."""
    _create_state()
    _create_notices()
    _create_proposals()
    _create_partners()
    _create_sites()
    _add_link("jury_session", "site")
    _add_link("candidacy", "partner")
    _take_partners()


def _key(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def _codes(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _create_state() -> None:
    op.create_table(
        "register_state",
        sa.Column("certification_id", sa.Uuid(), nullable=False),
        sa.Column("content_digest", sa.String(64), nullable=False),
        sa.Column("source_digest", sa.String(64), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("register_state", "certification_id", "certification", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_state")),
        sa.UniqueConstraint("certification_id", name=op.f("uq_register_state_certification_id")),
    )


def _create_notices() -> None:
    op.create_table(
        "register_notice",
        sa.Column("certification_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _codes(NOTICES, "kind"), nullable=False),
        sa.Column("fact", sa.String(400), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("noticed_on", sa.Date(), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("register_notice", "certification_id", "certification", "CASCADE"),
        _key("register_notice", "version_id", "certification_version", "SET NULL"),
        _key("register_notice", "dismissed_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_notice")),
        sa.UniqueConstraint(
            "certification_id", "kind", "fact", name=op.f("uq_register_notice_certification_id_kind_fact")
        ),
    )


def _create_proposals() -> None:
    key = ("version_id", "block_id", "other_code", "other_block")
    op.create_table(
        "equivalence_proposal",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("origin", _codes(ORIGINS, "origin"), nullable=False),
        sa.Column("other_code", sa.String(40), nullable=False),
        sa.Column("other_block", sa.String(300), nullable=False),
        sa.Column("group_size", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_by", sa.Uuid(), nullable=True),
        sa.Column("equivalence_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("equivalence_proposal", "version_id", "certification_version"),
        _key("equivalence_proposal", "block_id", "block"),
        _key("equivalence_proposal", "dismissed_by", "person"),
        _key("equivalence_proposal", "equivalence_id", "equivalence"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equivalence_proposal")),
        sa.UniqueConstraint(*key, name=op.f(f"uq_equivalence_proposal_{'_'.join(key)}")),
    )


def _create_partners() -> None:
    op.create_table(
        "partner",
        sa.Column("certification_id", sa.Uuid(), nullable=False),
        sa.Column("identity", sa.String(320), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("siret", sa.String(20), nullable=True),
        sa.Column("habilitation", _codes(HABILITATIONS, "habilitation"), nullable=True),
        sa.Column("state", _codes(STATES, "state"), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("is_by_hand", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("partner", "certification_id", "certification", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
        sa.UniqueConstraint("certification_id", "identity", name=op.f("uq_partner_certification_id_identity")),
    )


def _create_sites() -> None:
    op.create_table(
        "site",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("address", sa.String(300), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("site", "body_id", "certifying_body"),
        _key("site", "partner_id", "partner"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    op.create_index(op.f("ix_site_body_id"), "site", ["body_id"])


def _add_link(table: str, target: str) -> None:
    """Add a nullable link; on SQLite in one statement, so that the table is not rebuilt."""
    column, name = f"{target}_id", f"fk_{table}_{target}_id"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} CHAR(32) CONSTRAINT {name} REFERENCES {target} (id)")
        return
    op.add_column(table, sa.Column(column, sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f(name), table, target, [column], ["id"])


def _take_partners() -> None:
    """Take the partners that published versions name in their entries; the latest version comes first."""
    id_ = sa.Uuid()
    version = sa.table(
        "certification_version",
        *(sa.column("certification_id", id_), sa.column("number"), sa.column("published_at"), sa.column("entry", sa.JSON())),
    )
    query = sa.select(version.c.certification_id, version.c.entry).where(version.c.published_at.is_not(None))
    found: dict[tuple[UUID, str], dict[str, Any]] = {}
    for row in op.get_bind().execute(query.order_by(version.c.certification_id, version.c.number.desc())):
        for one in (row.entry.get("details") or {}).get("partners") or []:
            siret = "".join((one.get("siret") or "").split())
            key = siret or " ".join(one["name"].casefold().split())[:300]
            found.setdefault((row.certification_id, key), _partner(row.certification_id, key, siret, one))
    if found:
        op.bulk_insert(_PARTNER, list(found.values()))


def _partner(certification_id: UUID, key: str, siret: str, one: dict[str, Any]) -> dict[str, Any]:
    since = one.get("active_since")
    return {
        "id": uuid4(), "certification_id": certification_id, "identity": key, "name": one["name"][:300], "siret": siret or None,
        "habilitation": one.get("habilitation"), "state": one.get("state"), "ends_on": None, "is_by_hand": False, "revision": 1,
        "starts_on": date.fromisoformat(since) if since else None,
    }  # fmt: skip


_PARTNER = sa.table(
    "partner",
    *(sa.column(name, sa.Uuid()) for name in ("id", "certification_id")),
    *(sa.column(name, sa.String()) for name in ("identity", "name", "siret", "habilitation", "state")),
    *(sa.column(name, sa.Date()) for name in ("starts_on", "ends_on")),
    sa.column("is_by_hand", sa.Boolean()),
    sa.column("revision", sa.Integer()),
)
