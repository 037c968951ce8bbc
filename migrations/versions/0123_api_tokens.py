"""Programs of a body call by tokens, and read what changed in the order of the changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.engine import UtcDateTime

revision = "0123"
down_revision = "0122"
branch_labels = None
depends_on = None

_KINDS = {"candidacy": ("candidacy_listing", "candidacy_id"), "certificate": ("certificate_listing", "certificate_id")}


def upgrade() -> None:
    """Create the tables, and number what stands in the lists."""
    op.create_table(
        "api_token",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("visible", sa.String(8), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("scopes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("twin_of", sa.Uuid(), nullable=True),
        sa.Column("namespace", sa.Uuid(), nullable=False),
        sa.Column("warned_days", sa.Integer(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_id"], ["certifying_body.id"], name=op.f("fk_api_token_body_id_certifying_body")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_api_token_made_by_person")),
        sa.ForeignKeyConstraint(["twin_of"], ["api_token.id"], name=op.f("fk_api_token_twin_of_api_token")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_api_token_token_digest")),
    )
    op.create_index("ix_api_token_body_id", "api_token", ["body_id", "made_at"])
    op.create_index(op.f("ix_api_token_made_by"), "api_token", ["made_by"])
    op.create_index(op.f("ix_api_token_twin_of"), "api_token", ["twin_of"])
    op.create_table(
        "api_call",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("called_at", UtcDateTime(), nullable=False),
        sa.Column("operation", sa.String(60), nullable=False),
        sa.Column("object_id", sa.String(60), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["api_token.id"], name=op.f("fk_api_call_token_id_api_token")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_api_call")),
    )
    op.create_index("ix_api_call_token_id", "api_call", ["token_id", "called_at"])
    op.create_index(op.f("ix_api_call_called_at"), "api_call", ["called_at"])
    op.create_table(
        "api_answer",
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("nonce", sa.String(100), nullable=False),
        sa.Column("request_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["api_token.id"], name=op.f("fk_api_answer_token_id_api_token")),
        sa.PrimaryKeyConstraint("token_id", "nonce", name=op.f("pk_api_answer")),
    )
    op.create_index(op.f("ix_api_answer_answered_at"), "api_answer", ["answered_at"])
    op.create_table(
        "candidacy_reference",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("namespace", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidacy_id"], ["candidacy.id"], name=op.f("fk_candidacy_reference_candidacy_id_candidacy")
        ),
        sa.PrimaryKeyConstraint("candidacy_id", "namespace", name=op.f("pk_candidacy_reference")),
        sa.UniqueConstraint("namespace", "reference", name=op.f("uq_candidacy_reference_namespace_reference")),
    )
    op.create_table(
        "listing_sequence",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_id"], ["certifying_body.id"], name=op.f("fk_listing_sequence_body_id_certifying_body")
        ),
        sa.PrimaryKeyConstraint("body_id", name=op.f("pk_listing_sequence")),
    )
    op.create_table(
        "listing_change",
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('candidacy', 'certificate')", name=op.f("ck_listing_change_kind")),
        sa.ForeignKeyConstraint(
            ["body_id"], ["certifying_body.id"], name=op.f("fk_listing_change_body_id_certifying_body")
        ),
        sa.PrimaryKeyConstraint("object_id", name=op.f("pk_listing_change")),
    )
    for kind, (table, key) in _KINDS.items():  # their numbers are given by the first read
        op.execute(
            f"INSERT INTO listing_change (object_id, kind, body_id, seq) SELECT {key}, '{kind}', body_id, NULL FROM {table}"  # noqa: S608
        )
    op.create_index("ix_listing_change_seq", "listing_change", ["body_id", "seq", "kind"])
