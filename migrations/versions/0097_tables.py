"""The tables of revision 0097, made at once: what the steps before it made one after the other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import erasure_statements, statements
from portfolio.db.care import append_only_tables
from portfolio.db.full_text import create_statements as full_text_statements
from portfolio.db.trigrams import TrigramIndex
from portfolio.db.trigrams import create_statements as trigram_statements

revision = "0097"
down_revision = None
branch_labels = None
depends_on = None

TRIGRAMS = (TrigramIndex("candidacy_listing", "candidacy_id"), TrigramIndex("certificate_listing", "certificate_id"))


def upgrade() -> None:
    """Create the tables, then guards and indexes that SQLAlchemy does not describe."""
    _create_tables()
    dialect = op.get_bind().dialect.name
    # The others are guarded by the migration that creates them.
    guarded = [table for table in append_only_tables() if sa.inspect(op.get_bind()).has_table(table)]
    for statement in (
        *statements(dialect, guarded),
        *erasure_statements(dialect),
        *full_text_statements(dialect),
        *(statement for index in TRIGRAMS for statement in trigram_statements(dialect, index)),
    ):
        op.execute(statement)


def _create_tables() -> None:
    op.create_table(
        "audit_event",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("object_kind", sa.String(length=60), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_event")),
    )
    op.create_index(op.f("ix_audit_event_actor_id"), "audit_event", ["actor_id"], unique=False)
    op.create_index(op.f("ix_audit_event_object_id"), "audit_event", ["object_id"], unique=False)
    op.create_table(
        "certifying_body",
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("city", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certifying_body")),
    )
    op.create_table(
        "erased_row",
        sa.Column("table_name", sa.String(length=60), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("replacement", sa.LargeBinary(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erased_row")),
        sa.UniqueConstraint("row_id", name=op.f("uq_erased_row_row_id")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("nonce", sa.String(length=100), nullable=False),
        sa.Column("redirect_to", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_idempotency_key")),
        sa.UniqueConstraint("nonce", name=op.f("uq_idempotency_key_nonce")),
    )
    op.create_table(
        "integrity_check",
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ledger", sa.Boolean(), nullable=True),
        sa.Column("grants", sa.Boolean(), nullable=True),
        sa.Column("files", sa.Boolean(), nullable=True),
        sa.Column("files_until", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integrity_check")),
    )
    op.create_index(op.f("ix_integrity_check_ended_at"), "integrity_check", ["ended_at"], unique=False)
    op.create_table(
        "ledger_entry",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record_type", sa.String(length=60), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("digests", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("entry_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("entry_hash", name=op.f("uq_ledger_entry_entry_hash")),
        sa.UniqueConstraint("record_type", "row_id", name=op.f("uq_ledger_entry_record_type_row_id")),
    )
    op.create_table(
        "login_attempt",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("account_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("address_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_login_attempt")),
    )
    op.create_index("ix_login_attempt_account_at", "login_attempt", ["account_digest", "attempted_at"], unique=False)
    op.create_index("ix_login_attempt_address_at", "login_attempt", ["address_digest", "attempted_at"], unique=False)
    op.create_table(
        "periodic_run",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_periodic_run")),
    )
    op.create_table(
        "person",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_index(
        "ix_person_no_password",
        "person",
        ["id"],
        unique=False,
        sqlite_where=sa.text("password_hash IS NULL"),
        postgresql_where=sa.text("password_hash IS NULL"),
    )
    op.create_table(
        "access_record",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("resource_hash", sa.String(length=32), nullable=False),
        sa.Column("hour_bucket", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_access_record_body_id")),
        sa.ForeignKeyConstraint(["reader_id"], ["person.id"], name=op.f("fk_access_record_reader_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["person.id"], name=op.f("fk_access_record_subject_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_access_record")),
        sa.UniqueConstraint(
            "reader_id",
            "body_id",
            "subject_id",
            "resource_hash",
            "hour_bucket",
            name=op.f("uq_access_record_reader_id_body_id_subject_id_resource_hash_hour_bucket"),
        ),
    )
    op.create_index("ix_access_record_reader_body_at", "access_record", ["reader_id", "body_id", "at"], unique=False)
    op.create_index("ix_access_record_subject_body_at", "access_record", ["subject_id", "body_id", "at"], unique=False)
    op.create_table(
        "account_token",
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("invitation", "reset", name="purpose", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_token_person_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_account_token")),
    )
    op.create_index(op.f("ix_account_token_person_id"), "account_token", ["person_id"], unique=False)
    op.create_table(
        "body_look",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("logo_mime", sa.String(length=40), nullable=False),
        sa.Column("logo_width", sa.Integer(), nullable=False),
        sa.Column("logo_height", sa.Integer(), nullable=False),
        sa.Column("accent", sa.String(length=7), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_body_look_body_id")),
        sa.ForeignKeyConstraint(["chosen_by"], ["person.id"], name=op.f("fk_body_look_chosen_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_body_look")),
        sa.UniqueConstraint("body_id", "revision", name=op.f("uq_body_look_body_id_revision")),
    )
    op.create_table(
        "bulk_access_alert",
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_bulk_access_alert_body_id")),
        sa.ForeignKeyConstraint(["reader_id"], ["person.id"], name=op.f("fk_bulk_access_alert_reader_id")),
        sa.PrimaryKeyConstraint("reader_id", "body_id", "day", name=op.f("pk_bulk_access_alert")),
    )
    op.create_table(
        "bulk_opening",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("shared", sa.JSON(), nullable=False),
        sa.Column("ordered_by", sa.Uuid(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_bulk_opening_body_id")),
        sa.ForeignKeyConstraint(["ordered_by"], ["person.id"], name=op.f("fk_bulk_opening_ordered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_opening")),
    )
    op.create_index("ix_bulk_opening_ended_at", "bulk_opening", ["ended_at", "ordered_at"], unique=False)
    op.create_table(
        "certification",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("successor_code", sa.String(length=40), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_certification_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification")),
        sa.UniqueConstraint("body_id", "code", name=op.f("uq_certification_body_id_code")),
    )
    op.create_table(
        "certifying_body_member",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "member_right",
            sa.Enum(
                "manager",
                "signatory",
                "reader",
                name="member_right",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_certifying_body_member_body_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certifying_body_member_person_id")),
        sa.PrimaryKeyConstraint("body_id", "person_id", name=op.f("pk_certifying_body_member")),
    )
    op.create_table(
        "certifying_body_settings",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("legal_name", sa.String(length=300), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("city", sa.String(length=200), nullable=False),
        sa.Column("signatory_id", sa.Uuid(), nullable=True),
        sa.Column("signatory_quality", sa.String(length=300), nullable=False),
        sa.Column("remedies", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_certifying_body_settings_body_id")),
        sa.ForeignKeyConstraint(["signatory_id"], ["person.id"], name=op.f("fk_certifying_body_settings_signatory_id")),
        sa.PrimaryKeyConstraint("body_id", name=op.f("pk_certifying_body_settings")),
    )
    op.create_table(
        "digest_email",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_digest_email_person_id")),
        sa.PrimaryKeyConstraint("person_id", "day", name=op.f("pk_digest_email")),
    )
    op.create_table(
        "email_change",
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_email_change_person_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_email_change")),
    )
    op.create_index(op.f("ix_email_change_person_id"), "email_change", ["person_id"], unique=False)
    op.create_table(
        "group_act",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("invite", "assign", "write", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("advisor_name", sa.String(length=200), nullable=False),
        sa.Column("advisor_email", sa.String(length=254), nullable=False),
        sa.Column("ordered_by", sa.Uuid(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_group_act_body_id")),
        sa.ForeignKeyConstraint(["ordered_by"], ["person.id"], name=op.f("fk_group_act_ordered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_act")),
    )
    op.create_index("ix_group_act_ended_at", "group_act", ["ended_at", "ordered_at"], unique=False)
    op.create_table(
        "group_equivalence",
        sa.Column(
            "kind",
            sa.Enum("identical", "partial", "none", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_group_equivalence_has_reason")),
        sa.ForeignKeyConstraint(["declared_by"], ["person.id"], name=op.f("fk_group_equivalence_declared_by")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["group_equivalence.id"], name=op.f("fk_group_equivalence_replaces_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_equivalence")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_group_equivalence_replaces_id")),
    )
    op.create_table(
        "holder_import",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("recorded", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_holder_import_body_id")),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_holder_import_closed_by")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_holder_import_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holder_import")),
    )
    op.create_index("ix_holder_import_body_id", "holder_import", ["body_id", "created_at"], unique=False)
    op.create_table(
        "information_page",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "help",
                "legal_notice",
                "personal_data",
                "accessibility",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_information_page_body_id")),
        sa.PrimaryKeyConstraint("body_id", "kind", name=op.f("pk_information_page")),
    )
    op.create_table(
        "juror",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("quality", sa.String(length=300), nullable=False),
        sa.Column("profession", sa.String(length=200), nullable=False),
        sa.Column("employer", sa.String(length=300), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column(
            "college",
            sa.Enum(
                "employers", "employees", "none", name="college", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "gender",
            sa.Enum("woman", "man", "unsaid", name="gender", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("in_activity", sa.Boolean(), nullable=False),
        sa.Column("is_professional", sa.Boolean(), nullable=False),
        sa.Column("is_director", sa.Boolean(), nullable=False),
        sa.Column("delegated_from", sa.Date(), nullable=True),
        sa.Column("delegated_until", sa.Date(), nullable=True),
        sa.Column("seats", sa.JSON(), nullable=False),
        sa.Column(
            "ties_answer",
            sa.Enum(
                "unanswered", "none", "listed", name="ties_answer", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("distance_km", sa.Integer(), nullable=True),
        sa.Column("attends_on_site", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("attends_by_video", sa.Boolean(), nullable=False),
        sa.Column("search_words", sa.String(length=1000), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("link_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("link_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_juror_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror")),
        sa.UniqueConstraint("body_id", "email", name=op.f("uq_juror_body_id_email")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_juror_link_hash")),
    )
    op.create_table(
        "juror_fees",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("session_cents", sa.Integer(), nullable=False),
        sa.Column("hearing_cents", sa.Integer(), nullable=False),
        sa.Column("km_cents", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_juror_fees_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror_fees")),
        sa.UniqueConstraint("body_id", name=op.f("uq_juror_fees_body_id")),
    )
    op.create_table(
        "known_browser",
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_known_browser_person_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_known_browser")),
    )
    op.create_index(op.f("ix_known_browser_person_id"), "known_browser", ["person_id"], unique=False)
    op.create_table(
        "ledger_checkpoint",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("first_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kid", sa.String(length=60), nullable=False),
        sa.Column("signature", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["ledger_entry.seq"], name=op.f("fk_ledger_checkpoint_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger_checkpoint")),
    )
    op.create_table(
        "ledger_erasure",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("erased_by", sa.Uuid(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["erased_by"], ["person.id"], name=op.f("fk_ledger_erasure_erased_by")),
        sa.ForeignKeyConstraint(["seq"], ["ledger_entry.seq"], name=op.f("fk_ledger_erasure_seq")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_erasure")),
        sa.UniqueConstraint("seq", name=op.f("uq_ledger_erasure_seq")),
    )
    op.create_table(
        "ledger_salt",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("fact_salt", sa.LargeBinary(length=32), nullable=False),
        sa.Column("personal_salt", sa.LargeBinary(length=32), nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["ledger_entry.seq"], name=op.f("fk_ledger_salt_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger_salt")),
    )
    op.create_table(
        "linked_identity",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=30), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_linked_identity_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_linked_identity_issuer_subject")),
    )
    op.create_index(op.f("ix_linked_identity_person_id"), "linked_identity", ["person_id"], unique=False)
    op.create_table(
        "listing_count",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("facet", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_listing_count_body_id")),
        sa.PrimaryKeyConstraint("body_id", "facet", "value", name=op.f("pk_listing_count")),
    )
    op.create_index("ix_listing_count_number", "listing_count", ["body_id", "facet", "number"], unique=False)
    op.create_table(
        "login_session",
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("browser", sa.String(length=120), server_default="", nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_login_session_person_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_login_session")),
    )
    op.create_index(op.f("ix_login_session_person_id"), "login_session", ["person_id"], unique=False)
    op.create_table(
        "notification_preference",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "frequency",
            sa.Enum(
                "at_once", "daily", "never", name="frequency", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("unsubscribe_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notification_preference_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notification_preference")),
    )
    op.create_table(
        "outgoing_email",
        sa.Column("body_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("to_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("to_email", sa.String(length=254), server_default="", nullable=False),
        sa.Column("is_sensitive", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=True),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unsubscribe", sa.String(length=200), nullable=True),
        sa.Column(
            "failure",
            sa.Enum(
                "unreachable",
                "certificate",
                "no_tls",
                "login",
                "refused",
                name="failure",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_by", sa.Uuid(), nullable=True),
        sa.Column("search_words", sa.String(length=500), server_default="", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("person_id IS NOT NULL OR to_email <> ''", name=op.f("ck_outgoing_email_has_an_address")),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_outgoing_email_body_id")),
        sa.ForeignKeyConstraint(["handed_over_by"], ["person.id"], name=op.f("fk_outgoing_email_handed_over_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_outgoing_email_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_email")),
    )
    op.create_index(op.f("ix_outgoing_email_body_id"), "outgoing_email", ["body_id"], unique=False)
    op.create_index(op.f("ix_outgoing_email_created_at"), "outgoing_email", ["created_at"], unique=False)
    op.create_index(
        "ix_outgoing_email_handed_over",
        "outgoing_email",
        ["body_id", "handed_over_at"],
        unique=False,
        sqlite_where=sa.text("handed_over_at IS NOT NULL"),
        postgresql_where=sa.text("handed_over_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_outgoing_email_person_id"), "outgoing_email", ["person_id"], unique=False)
    op.create_index(
        "ix_outgoing_email_search", "outgoing_email", ["body_id", "created_at", "search_words", "id"], unique=False
    )
    op.create_index(op.f("ix_outgoing_email_to_email"), "outgoing_email", ["to_email"], unique=False)
    op.create_index(
        "ix_outgoing_email_undelivered",
        "outgoing_email",
        ["body_id", "unsubscribe", "created_at", "kind", "person_id", "attempts", "failure"],
        unique=False,
        sqlite_where=sa.text("sent_at IS NULL AND handed_over_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL AND handed_over_at IS NULL"),
    )
    op.create_table(
        "passkey",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=2000), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("verifies_user", sa.Boolean(), nullable=False),
        sa.Column("is_synced", sa.Boolean(), nullable=False),
        sa.Column("transports", sa.String(length=100), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_passkey_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_person_id"), "passkey", ["person_id"], unique=False)
    op.create_table(
        "passkey_challenge",
        sa.Column("challenge_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "add", "log_in", "sign", name="passkey_purpose", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_passkey_challenge_person_id")),
        sa.PrimaryKeyConstraint("challenge_digest", name=op.f("pk_passkey_challenge")),
    )
    op.create_index(op.f("ix_passkey_challenge_expires_at"), "passkey_challenge", ["expires_at"], unique=False)
    op.create_table(
        "provider_login",
        sa.Column("state_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("provider", sa.String(length=30), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("code_verifier", sa.String(length=128), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("invitation_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("issuer", sa.String(length=300), nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.Column("label", sa.String(length=300), nullable=True),
        sa.Column("id_token", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_provider_login_person_id")),
        sa.PrimaryKeyConstraint("state_digest", name=op.f("pk_provider_login")),
    )
    op.create_index(op.f("ix_provider_login_expires_at"), "provider_login", ["expires_at"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("person_id", "code_digest", name=op.f("uq_recovery_code_person_id_code_digest")),
    )
    op.create_table(
        "retention_settings",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("appeal_months", sa.Integer(), nullable=False),
        sa.Column("drafts_months", sa.Integer(), nullable=False),
        sa.Column("sealed_months", sa.Integer(), nullable=False),
        sa.Column("inactive_months", sa.Integer(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_retention_settings_body_id")),
        sa.PrimaryKeyConstraint("body_id", name=op.f("pk_retention_settings")),
    )
    op.create_table(
        "second_factor",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_period", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_second_factor_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor")),
        sa.UniqueConstraint("person_id", name=op.f("uq_second_factor_person_id")),
    )
    op.create_table(
        "certification_version",
        sa.Column("certification_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("entry", sa.JSON(), nullable=False),
        sa.Column("source_sha256", sa.String(length=64), nullable=False),
        sa.Column("resolved_doubts", sa.JSON(), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column(
            "decision_rule",
            sa.Enum(
                "every", "threshold", "mean", name="decision_rule", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("decision_threshold", sa.Integer(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certification_id"], ["certification.id"], name=op.f("fk_certification_version_certification_id")
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["certification_version.id"], name=op.f("fk_certification_version_corrects_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_version")),
        sa.UniqueConstraint(
            "certification_id", "number", name=op.f("uq_certification_version_certification_id_number")
        ),
    )
    op.create_table(
        "email_attachment",
        sa.Column("email_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["email_id"], ["outgoing_email.id"], name=op.f("fk_email_attachment_email_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_attachment")),
    )
    op.create_index(op.f("ix_email_attachment_email_id"), "email_attachment", ["email_id"], unique=False)
    op.create_table(
        "holder_import_file",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("file_key", sa.String(length=80), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_mime", sa.String(length=200), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["holder_import.id"], name=op.f("fk_holder_import_file_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holder_import_file")),
    )
    op.create_index("ix_holder_import_file_import_id", "holder_import_file", ["import_id"], unique=False)
    op.create_table(
        "juror_affiliation",
        sa.Column("juror_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "employment", "mandate", "teaching", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "organisation_kind",
            sa.Enum(
                "certifier",
                "co_certifier",
                "training_body",
                name="organisation_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organisation", sa.String(length=300), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["juror_id"], ["juror.id"], name=op.f("fk_juror_affiliation_juror_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror_affiliation")),
    )
    op.create_index(op.f("ix_juror_affiliation_juror_id"), "juror_affiliation", ["juror_id"], unique=False)
    op.create_table(
        "juror_availability",
        sa.Column("juror_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column(
            "half",
            sa.Enum("morning", "afternoon", name="half", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("is_available", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["juror_id"], ["juror.id"], name=op.f("fk_juror_availability_juror_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror_availability")),
    )
    op.create_index(op.f("ix_juror_availability_juror_id"), "juror_availability", ["juror_id"], unique=False)
    op.create_table(
        "juror_conflict",
        sa.Column("juror_id", sa.Uuid(), nullable=False),
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "collaborator",
                "adviser",
                "institution",
                "personal",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("organisation", sa.String(length=300), server_default="", nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lift_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidate_id"], ["person.id"], name=op.f("fk_juror_conflict_candidate_id")),
        sa.ForeignKeyConstraint(
            ["juror_id"], ["juror.id"], name=op.f("fk_juror_conflict_juror_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["lifted_by"], ["person.id"], name=op.f("fk_juror_conflict_lifted_by")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_juror_conflict_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror_conflict")),
        sa.UniqueConstraint("juror_id", "candidate_id", name=op.f("uq_juror_conflict_juror_id_candidate_id")),
    )
    op.create_index(op.f("ix_juror_conflict_candidate_id"), "juror_conflict", ["candidate_id"], unique=False)
    op.create_table(
        "juror_qualification",
        sa.Column("juror_id", sa.Uuid(), nullable=False),
        sa.Column("certification_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certification_id"],
            ["certification.id"],
            name=op.f("fk_juror_qualification_certification_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["juror_id"], ["juror.id"], name=op.f("fk_juror_qualification_juror_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror_qualification")),
        sa.UniqueConstraint(
            "juror_id", "certification_id", name=op.f("uq_juror_qualification_juror_id_certification_id")
        ),
    )
    op.create_index(
        op.f("ix_juror_qualification_certification_id"), "juror_qualification", ["certification_id"], unique=False
    )
    op.create_table(
        "partner",
        sa.Column("certification_id", sa.Uuid(), nullable=False),
        sa.Column("identity", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("siret", sa.String(length=20), nullable=True),
        sa.Column(
            "habilitation",
            sa.Enum(
                "train",
                "organise",
                "train_and_organise",
                name="habilitation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "active", "inactive", "removed", name="state", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("is_by_hand", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certification_id"], ["certification.id"], name=op.f("fk_partner_certification_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
        sa.UniqueConstraint("certification_id", "identity", name=op.f("uq_partner_certification_id_identity")),
    )
    op.create_table(
        "provider_session",
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("provider", sa.String(length=30), nullable=False),
        sa.Column("id_token", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_digest"], ["login_session.token_digest"], name=op.f("fk_provider_session_token_digest")
        ),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_provider_session")),
    )
    op.create_table(
        "register_state",
        sa.Column("certification_id", sa.Uuid(), nullable=False),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("source_digest", sa.String(length=64), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certification_id"],
            ["certification.id"],
            name=op.f("fk_register_state_certification_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_state")),
        sa.UniqueConstraint("certification_id", name=op.f("uq_register_state_certification_id")),
    )
    op.create_table(
        "assessment_plan",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("presentation_minutes", sa.Integer(), nullable=True),
        sa.Column("questions_minutes", sa.Integer(), nullable=True),
        sa.Column(
            "retry",
            sa.Enum("any_jury", "next_cohort", name="retry", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["certification_version.id"], name=op.f("fk_assessment_plan_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_plan")),
        sa.UniqueConstraint("version_id", name=op.f("uq_assessment_plan_version_id")),
    )
    op.create_table(
        "block",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("assessments", sa.JSON(), nullable=False),
        sa.Column(
            "decision_rule",
            sa.Enum(
                "every", "threshold", "mean", name="decision_rule", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("decision_threshold", sa.Integer(), nullable=True),
        sa.Column("validity_months", sa.Integer(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["certification_version.id"], name=op.f("fk_block_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block")),
        sa.UniqueConstraint("version_id", "number", name=op.f("uq_block_version_id_number")),
    )
    op.create_table(
        "cohort",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column(
            "route",
            sa.Enum(
                "initial_training",
                "apprenticeship",
                "continuing_training",
                "professionalisation_contract",
                "individual",
                "vae",
                name="route",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_cohort_days")),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_cohort_body_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_cohort_created_by")),
        sa.ForeignKeyConstraint(["version_id"], ["certification_version.id"], name=op.f("fk_cohort_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort")),
        sa.UniqueConstraint("version_id", "route", "name", name=op.f("uq_cohort_version_id_route_name")),
    )
    op.create_index(op.f("ix_cohort_body_id"), "cohort", ["body_id"], unique=False)
    op.create_table(
        "jury_rule",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("half_external", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["certification_version.id"], name=op.f("fk_jury_rule_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_rule")),
    )
    op.create_index(op.f("ix_jury_rule_version_id"), "jury_rule", ["version_id"], unique=False)
    op.create_table(
        "register_notice",
        sa.Column("certification_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "entry_changed",
                "ends_soon",
                "successor_published",
                "route_closed",
                "habilitation_lost",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("fact", sa.String(length=400), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("noticed_on", sa.Date(), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certification_id"],
            ["certification.id"],
            name=op.f("fk_register_notice_certification_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["dismissed_by"], ["person.id"], name=op.f("fk_register_notice_dismissed_by")),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["certification_version.id"],
            name=op.f("fk_register_notice_version_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_notice")),
        sa.UniqueConstraint(
            "certification_id", "kind", "fact", name=op.f("uq_register_notice_certification_id_kind_fact")
        ),
    )
    op.create_table(
        "registration_period",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_registration_period_in_order")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["certification_version.id"], name=op.f("fk_registration_period_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_period")),
    )
    op.create_index(op.f("ix_registration_period_version_id"), "registration_period", ["version_id"], unique=False)
    op.create_table(
        "site",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_site_body_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_site_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    op.create_index(op.f("ix_site_body_id"), "site", ["body_id"], unique=False)
    op.create_table(
        "word_template",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["uploaded_by"], ["person.id"], name=op.f("fk_word_template_uploaded_by")),
        sa.ForeignKeyConstraint(["version_id"], ["certification_version.id"], name=op.f("fk_word_template_version_id")),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_word_template")),
        sa.UniqueConstraint("key", name=op.f("uq_word_template_key")),
    )
    op.create_table(
        "candidacy",
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("advisor_id", sa.Uuid(), nullable=True),
        sa.Column(
            "route",
            sa.Enum(
                "initial_training",
                "apprenticeship",
                "continuing_training",
                "professionalisation_contract",
                "individual",
                "vae",
                name="route",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "regime",
            sa.Enum(
                "france_vae", "cerfa", "other", name="regime", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "scope",
            sa.Enum("whole", "blocks", name="scope", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("admissible_on", sa.Date(), nullable=False),
        sa.Column("expiry_override", sa.Text(), nullable=True),
        sa.Column("route_override", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("cohort_id", sa.Uuid(), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("birth_place", sa.String(length=200), nullable=True),
        sa.Column("birth_name", sa.String(length=200), nullable=True),
        sa.Column("candidate_display_name", sa.String(length=200), nullable=True),
        sa.Column("advisor_display_name", sa.String(length=200), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["advisor_id"], ["person.id"], name=op.f("fk_candidacy_advisor_id")),
        sa.ForeignKeyConstraint(["candidate_id"], ["person.id"], name=op.f("fk_candidacy_candidate_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_candidacy_cohort_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_candidacy_partner_id")),
        sa.ForeignKeyConstraint(["version_id"], ["certification_version.id"], name=op.f("fk_candidacy_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidacy")),
    )
    op.create_index(op.f("ix_candidacy_advisor_id"), "candidacy", ["advisor_id"], unique=False)
    op.create_index(op.f("ix_candidacy_candidate_id"), "candidacy", ["candidate_id"], unique=False)
    op.create_index(op.f("ix_candidacy_version_id"), "candidacy", ["version_id"], unique=False)
    op.create_table(
        "competency",
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_competency_block_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competency")),
        sa.UniqueConstraint("block_id", "number", name=op.f("uq_competency_block_id_number")),
    )
    op.create_table(
        "equivalence",
        sa.Column("held_block_id", sa.Uuid(), nullable=False),
        sa.Column("granted_block_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("identical", "partial", "none", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("held_block_id <> granted_block_id", name=op.f("ck_equivalence_two_blocks")),
        sa.ForeignKeyConstraint(["declared_by"], ["person.id"], name=op.f("fk_equivalence_declared_by")),
        sa.ForeignKeyConstraint(["granted_block_id"], ["block.id"], name=op.f("fk_equivalence_granted_block_id")),
        sa.ForeignKeyConstraint(["held_block_id"], ["block.id"], name=op.f("fk_equivalence_held_block_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["equivalence.id"], name=op.f("fk_equivalence_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equivalence")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_equivalence_replaces_id")),
    )
    op.create_index(op.f("ix_equivalence_granted_block_id"), "equivalence", ["granted_block_id"], unique=False)
    op.create_index("ix_equivalence_held_block_id", "equivalence", ["held_block_id"], unique=False)
    op.create_index(
        "uq_equivalence_first",
        "equivalence",
        ["held_block_id", "granted_block_id"],
        unique=True,
        sqlite_where=sa.text("replaces_id IS NULL"),
        postgresql_where=sa.text("replaces_id IS NULL"),
    )
    op.create_table(
        "group_equivalence_block",
        sa.Column("equivalence_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("held", "counts_for", name="side", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_group_equivalence_block_block_id")),
        sa.ForeignKeyConstraint(
            ["equivalence_id"], ["group_equivalence.id"], name=op.f("fk_group_equivalence_block_equivalence_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_equivalence_block")),
        sa.UniqueConstraint(
            "equivalence_id", "block_id", name=op.f("uq_group_equivalence_block_equivalence_id_block_id")
        ),
    )
    op.create_index(
        "ix_group_equivalence_block_block_id", "group_equivalence_block", ["block_id", "side"], unique=False
    )
    op.create_table(
        "jury_rule_line",
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "term",
            sa.Enum(
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
                name="term",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("share", sa.String(length=30), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "seat",
            sa.Enum(
                "president",
                "employee_representative",
                "director_or_delegate",
                "teacher_trainer",
                "pedagogical_manager",
                "employer_representative",
                "external_professional",
                "professional",
                "member",
                name="seat",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "college",
            sa.Enum("employers", "employees", name="college", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("appointed_by", sa.Text(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "entry", "certifier", "design", name="source", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column(
            "basis",
            sa.Enum("named", "present", name="basis", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(seat IS NULL) = (term <> 'seats')", name=op.f("ck_jury_rule_line_seats_have_kind")),
        sa.ForeignKeyConstraint(["rule_id"], ["jury_rule.id"], name=op.f("fk_jury_rule_line_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_rule_line")),
        sa.UniqueConstraint("rule_id", "position", name=op.f("uq_jury_rule_line_rule_id_position")),
    )
    op.create_table(
        "jury_rule_route",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column(
            "route",
            sa.Enum(
                "initial_training",
                "apprenticeship",
                "continuing_training",
                "professionalisation_contract",
                "individual",
                "vae",
                name="route",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "taken_from",
            sa.Enum(
                "initial_training",
                "apprenticeship",
                "continuing_training",
                "professionalisation_contract",
                "individual",
                "vae",
                name="taken_from",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["rule_id"], ["jury_rule.id"], name=op.f("fk_jury_rule_route_rule_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["certification_version.id"], name=op.f("fk_jury_rule_route_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_rule_route")),
    )
    op.create_index(op.f("ix_jury_rule_route_rule_id"), "jury_rule_route", ["rule_id"], unique=False)
    op.create_index(op.f("ix_jury_rule_route_version_id"), "jury_rule_route", ["version_id"], unique=False)
    op.create_table(
        "jury_session",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("external_months", sa.Integer(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "route",
            sa.Enum(
                "initial_training",
                "apprenticeship",
                "continuing_training",
                "professionalisation_contract",
                "individual",
                "vae",
                name="route",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("parity_reason", sa.Text(), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=True),
        sa.Column("end_minute", sa.Integer(), nullable=True),
        sa.Column("interview_minutes", sa.Integer(), nullable=True),
        sa.Column("pause_minutes", sa.Integer(), nullable=True),
        sa.Column("lunch_start_minute", sa.Integer(), nullable=True),
        sa.Column("lunch_end_minute", sa.Integer(), nullable=True),
        sa.Column("video_link", sa.String(length=500), nullable=True),
        sa.Column("to_bring", sa.Text(), nullable=True),
        sa.Column("day_contact", sa.String(length=300), nullable=True),
        sa.Column("schedule_revision", sa.Integer(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_jury_session_body_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_jury_session_site_id")),
        sa.ForeignKeyConstraint(["version_id"], ["certification_version.id"], name=op.f("fk_jury_session_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_session")),
    )
    op.create_index(op.f("ix_jury_session_body_id"), "jury_session", ["body_id"], unique=False)
    op.create_index("ix_jury_session_held_on", "jury_session", ["body_id", "held_on", "id"], unique=False)
    op.create_table(
        "planned_assessment",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "practical_case",
                "deliverable",
                "written_test",
                "workplace",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_planned_assessment_block_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["certification_version.id"], name=op.f("fk_planned_assessment_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_assessment")),
        sa.UniqueConstraint("version_id", "number", name=op.f("uq_planned_assessment_version_id_number")),
    )
    op.create_table(
        "prior_holding",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("holder_name", sa.Text(), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("obtained_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("proof_reference", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("verified_by", sa.Uuid(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_key", sa.String(length=80), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_mime", sa.String(length=200), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("trim(proof_reference) <> ''", name=op.f("ck_prior_holding_has_reference")),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_prior_holding_block_id")),
        sa.ForeignKeyConstraint(["import_id"], ["holder_import.id"], name=op.f("fk_prior_holding_import_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_prior_holding_person_id")),
        sa.ForeignKeyConstraint(["verified_by"], ["person.id"], name=op.f("fk_prior_holding_verified_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prior_holding")),
    )
    op.create_index("ix_prior_holding_block_id", "prior_holding", ["block_id"], unique=False)
    op.create_index("ix_prior_holding_import_id", "prior_holding", ["import_id"], unique=False)
    op.create_index("ix_prior_holding_person_id", "prior_holding", ["person_id"], unique=False)
    op.create_table(
        "acquisition",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("acquired_on", sa.Date(), nullable=False),
        sa.Column("obtained_at", sa.Text(), nullable=False),
        sa.Column("verified_by", sa.Uuid(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_key", sa.String(length=80), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_mime", sa.String(length=200), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_acquisition_block_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_acquisition_candidacy_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_acquisition_person_id")),
        sa.ForeignKeyConstraint(["verified_by"], ["person.id"], name=op.f("fk_acquisition_verified_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acquisition")),
        sa.UniqueConstraint("file_key", name=op.f("uq_acquisition_file_key")),
    )
    op.create_index(op.f("ix_acquisition_candidacy_id"), "acquisition", ["candidacy_id"], unique=False)
    op.create_index(op.f("ix_acquisition_person_id"), "acquisition", ["person_id"], unique=False)
    op.create_table(
        "advisor_assignment",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_advisor_assignment_candidacy_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_advisor_assignment_person_id")),
        sa.PrimaryKeyConstraint("candidacy_id", "person_id", name=op.f("pk_advisor_assignment")),
        sa.UniqueConstraint("id", name=op.f("uq_advisor_assignment_id")),
    )
    op.create_table(
        "bulk_opening_line",
        sa.Column("opening_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "opened", "refused", "failed", name="outcome", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("refusal", sa.String(length=60), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_bulk_opening_line_candidacy_id")),
        sa.ForeignKeyConstraint(["opening_id"], ["bulk_opening.id"], name=op.f("fk_bulk_opening_line_opening_id")),
        sa.PrimaryKeyConstraint("opening_id", "rank", name=op.f("pk_bulk_opening_line")),
    )
    op.create_index(op.f("ix_bulk_opening_line_candidacy_id"), "bulk_opening_line", ["candidacy_id"], unique=False)
    op.create_index(
        "ix_bulk_opening_line_outcome", "bulk_opening_line", ["opening_id", "outcome", "rank"], unique=False
    )
    op.create_table(
        "candidacy_block",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_candidacy_block_block_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_candidacy_block_candidacy_id")),
        sa.PrimaryKeyConstraint("candidacy_id", "block_id", name=op.f("pk_candidacy_block")),
        sa.UniqueConstraint("id", name=op.f("uq_candidacy_block_id")),
    )
    op.create_table(
        "candidacy_closure",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "abandoned", "closed", "reopened", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_candidacy_closure_has_reason")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_candidacy_closure_candidacy_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_candidacy_closure_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidacy_closure")),
        sa.UniqueConstraint("candidacy_id", "rank", name=op.f("uq_candidacy_closure_candidacy_id_rank")),
    )
    op.create_table(
        "candidacy_listing",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("advisor_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column(
            "route",
            sa.Enum(
                "initial_training",
                "apprenticeship",
                "continuing_training",
                "professionalisation_contract",
                "individual",
                "vae",
                name="route",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "stage",
            sa.Enum(
                "invited",
                "writing",
                "sealed",
                "called",
                "decided",
                "obtained",
                "closed",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "reached",
            sa.Enum(
                "invited",
                "writing",
                "sealed",
                "called",
                "decided",
                "obtained",
                "closed",
                name="reached",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stage_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sort_name", sa.String(length=200), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=False),
        sa.Column("jury_on", sa.Date(), nullable=True),
        sa.Column("to_notify_since", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=200), nullable=False),
        sa.Column("awaits_first_step", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["advisor_id"], ["person.id"], name=op.f("fk_candidacy_listing_advisor_id")),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_candidacy_listing_body_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_candidacy_listing_candidacy_id")),
        sa.ForeignKeyConstraint(["candidate_id"], ["person.id"], name=op.f("fk_candidacy_listing_candidate_id")),
        sa.ForeignKeyConstraint(["session_id"], ["jury_session.id"], name=op.f("fk_candidacy_listing_session_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["certification_version.id"], name=op.f("fk_candidacy_listing_version_id")
        ),
        sa.PrimaryKeyConstraint("candidacy_id", name=op.f("pk_candidacy_listing")),
    )
    op.create_index(
        "ix_candidacy_listing_advisor_id",
        "candidacy_listing",
        ["body_id", "advisor_id", "opened_at", "candidacy_id"],
        unique=False,
    )
    op.create_index(
        "ix_candidacy_listing_board", "candidacy_listing", ["advisor_id", "deadline_on", "candidacy_id"], unique=False
    )
    op.create_index(op.f("ix_candidacy_listing_candidate_id"), "candidacy_listing", ["candidate_id"], unique=False)
    op.create_index(
        "ix_candidacy_listing_deadline_on",
        "candidacy_listing",
        ["body_id", "deadline_on", "candidacy_id"],
        unique=False,
    )
    op.create_index(
        "ix_candidacy_listing_opened_at", "candidacy_listing", ["body_id", "opened_at", "candidacy_id"], unique=False
    )
    op.create_index(
        "ix_candidacy_listing_route",
        "candidacy_listing",
        ["body_id", "route", "opened_at", "candidacy_id"],
        unique=False,
    )
    op.create_index(
        "ix_candidacy_listing_session_id",
        "candidacy_listing",
        ["body_id", "session_id", "opened_at", "candidacy_id"],
        unique=False,
    )
    op.create_index(
        "ix_candidacy_listing_sort_name", "candidacy_listing", ["body_id", "sort_name", "candidacy_id"], unique=False
    )
    op.create_index(
        "ix_candidacy_listing_stage",
        "candidacy_listing",
        ["body_id", "stage", "opened_at", "candidacy_id"],
        unique=False,
    )
    op.create_index(
        "ix_candidacy_listing_stage_deadline_on",
        "candidacy_listing",
        ["body_id", "stage", "deadline_on", "candidacy_id"],
        unique=False,
    )
    op.create_index(
        "ix_candidacy_listing_stage_since",
        "candidacy_listing",
        ["body_id", "stage", "stage_since", "candidacy_id"],
        unique=False,
    )
    op.create_index(
        "ix_candidacy_listing_to_notify_since",
        "candidacy_listing",
        ["body_id", "to_notify_since", "candidacy_id"],
        unique=False,
    )
    op.create_index(
        "ix_candidacy_listing_version_id",
        "candidacy_listing",
        ["body_id", "version_id", "opened_at", "candidacy_id"],
        unique=False,
    )
    op.create_table(
        "coverage_review",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=False),
        sa.Column("advisor_id", sa.Uuid(), nullable=False),
        sa.Column(
            "value",
            sa.Enum(
                "covered", "partly", "not_covered", name="value", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("reviewed_digest", sa.String(length=64), nullable=False),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("seen_versions", sa.Text(), nullable=False),
        sa.Column("content_snapshot", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["advisor_id"], ["person.id"], name=op.f("fk_coverage_review_advisor_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_coverage_review_candidacy_id")),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_coverage_review_competency_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_coverage_review")),
    )
    op.create_index(
        "ix_coverage_review_candidacy_competency",
        "coverage_review",
        ["candidacy_id", "competency_id", "seq"],
        unique=False,
    )
    op.create_table(
        "damaged_file",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=True),
        sa.Column("candidacy_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_damaged_file_body_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_damaged_file_candidacy_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_damaged_file")),
    )
    op.create_table(
        "dossier",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("is_required", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "submitted", name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("career", sa.Text(), nullable=False),
        sa.Column("motivation", sa.Text(), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_dossier_candidacy_id")),
        sa.PrimaryKeyConstraint("candidacy_id", name=op.f("pk_dossier")),
    )
    op.create_table(
        "equivalence_proposal",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column(
            "origin",
            sa.Enum("correspondence", "successor", name="origin", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("other_code", sa.String(length=40), nullable=False),
        sa.Column("other_block", sa.String(length=300), nullable=False),
        sa.Column("group_size", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_by", sa.Uuid(), nullable=True),
        sa.Column("equivalence_id", sa.Uuid(), nullable=True),
        sa.Column("group_equivalence_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_equivalence_proposal_block_id")),
        sa.ForeignKeyConstraint(["dismissed_by"], ["person.id"], name=op.f("fk_equivalence_proposal_dismissed_by")),
        sa.ForeignKeyConstraint(
            ["equivalence_id"], ["equivalence.id"], name=op.f("fk_equivalence_proposal_equivalence_id")
        ),
        sa.ForeignKeyConstraint(
            ["group_equivalence_id"],
            ["group_equivalence.id"],
            name=op.f("fk_equivalence_proposal_group_equivalence_id"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["certification_version.id"], name=op.f("fk_equivalence_proposal_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equivalence_proposal")),
        sa.UniqueConstraint(
            "version_id",
            "block_id",
            "other_code",
            "other_block",
            name=op.f("uq_equivalence_proposal_version_id_block_id_other_code_other_block"),
        ),
    )
    op.create_table(
        "erasure",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column(
            "extent",
            sa.Enum("drafts", "whole", name="extent", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "cause",
            sa.Enum("due", "asked", name="cause", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_by", sa.Uuid(), nullable=True),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("files_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_erasure_body_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_erasure_candidacy_id")),
        sa.ForeignKeyConstraint(["planned_by"], ["person.id"], name=op.f("fk_erasure_planned_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
        sa.UniqueConstraint("candidacy_id", "extent", name=op.f("uq_erasure_candidacy_id_extent")),
    )
    op.create_index(op.f("ix_erasure_body_id"), "erasure", ["body_id"], unique=False)
    op.create_table(
        "erasure_request",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("is_accepted", sa.Boolean(), nullable=True),
        sa.Column(
            "ground",
            sa.Enum(
                "legal_claims",
                "legal_obligation",
                "public_interest",
                name="ground",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_erasure_request_answered_by")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_erasure_request_candidacy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_request")),
    )
    op.create_index(op.f("ix_erasure_request_candidacy_id"), "erasure_request", ["candidacy_id"], unique=False)
    op.create_table(
        "experience",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("structure", sa.String(length=300), nullable=False),
        sa.Column("post", sa.String(length=300), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("perimeter", sa.Text(), nullable=False),
        sa.Column("responsibilities", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_experience_candidacy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experience")),
    )
    op.create_index(op.f("ix_experience_candidacy_id"), "experience", ["candidacy_id"], unique=False)
    op.create_table(
        "group_act_line",
        sa.Column("act_id", sa.Uuid(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "done",
                "erased",
                "closed",
                "has_come",
                "same_advisor",
                "same_person",
                "refused",
                "failed",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("refusal", sa.String(length=60), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["act_id"], ["group_act.id"], name=op.f("fk_group_act_line_act_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_group_act_line_candidacy_id")),
        sa.PrimaryKeyConstraint("act_id", "candidacy_id", name=op.f("pk_group_act_line")),
    )
    op.create_index(op.f("ix_group_act_line_candidacy_id"), "group_act_line", ["candidacy_id"], unique=False)
    op.create_index("ix_group_act_line_outcome", "group_act_line", ["act_id", "outcome", "rank"], unique=False)
    op.create_table(
        "lapse_ruling",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column(
            "deadline_kind",
            sa.Enum(
                "first_step",
                "jury",
                "notification",
                name="deadline_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "outcome",
            sa.Enum("legitimate", "lapsed", name="outcome", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_lapse_ruling_has_reason")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_lapse_ruling_candidacy_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_lapse_ruling_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lapse_ruling")),
    )
    op.create_index(op.f("ix_lapse_ruling_candidacy_id"), "lapse_ruling", ["candidacy_id"], unique=False)
    op.create_table(
        "legal_hold",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_legal_hold_has_reason")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_legal_hold_candidacy_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_legal_hold_ended_by")),
        sa.ForeignKeyConstraint(["placed_by"], ["person.id"], name=op.f("fk_legal_hold_placed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    op.create_index(op.f("ix_legal_hold_candidacy_id"), "legal_hold", ["candidacy_id"], unique=False)
    op.create_table(
        "narrative",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=False),
        sa.Column("situation", sa.Text(), nullable=False),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.Column("choices", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_narrative_candidacy_id")),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_narrative_competency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_narrative")),
        sa.UniqueConstraint("candidacy_id", "competency_id", name=op.f("uq_narrative_candidacy_id_competency_id")),
    )
    op.create_table(
        "open_deadline",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "first_step", "jury", "notification", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("latest", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("is_seen", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_open_deadline_body_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_open_deadline_candidacy_id")),
        sa.PrimaryKeyConstraint("candidacy_id", "kind", name=op.f("pk_open_deadline")),
    )
    op.create_index(
        "ix_open_deadline_kind", "open_deadline", ["body_id", "kind", "until", "candidacy_id"], unique=False
    )
    op.create_index(
        "ix_open_deadline_latest", "open_deadline", ["body_id", "kind", "latest", "candidacy_id"], unique=False
    )
    op.create_index("ix_open_deadline_until", "open_deadline", ["body_id", "until", "candidacy_id"], unique=False)
    op.create_table(
        "post_jury_meeting",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("after_number", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_post_jury_meeting_candidacy_id")),
        sa.ForeignKeyConstraint(["noted_by"], ["person.id"], name=op.f("fk_post_jury_meeting_noted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_jury_meeting")),
        sa.UniqueConstraint(
            "candidacy_id", "after_number", name=op.f("uq_post_jury_meeting_candidacy_id_after_number")
        ),
    )
    op.create_table(
        "postponed_block",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_postponed_block_block_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_postponed_block_candidacy_id")),
        sa.PrimaryKeyConstraint("candidacy_id", "block_id", name=op.f("pk_postponed_block")),
    )
    op.create_table(
        "prior_holding_end",
        sa.Column("holding_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("file_key", sa.String(length=80), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_mime", sa.String(length=200), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_prior_holding_end_has_reason")),
        sa.ForeignKeyConstraint(["holding_id"], ["prior_holding.id"], name=op.f("fk_prior_holding_end_holding_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_prior_holding_end_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prior_holding_end")),
        sa.UniqueConstraint("holding_id", name=op.f("uq_prior_holding_end_holding_id")),
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
            "candidacy_id",
            "competency_id",
            "author_id",
            name=op.f("uq_private_note_candidacy_id_competency_id_author_id"),
        ),
    )
    op.create_table(
        "recommendation_done",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("minutes_number", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_recommendation_done_candidacy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation_done")),
        sa.UniqueConstraint(
            "candidacy_id",
            "minutes_number",
            "label",
            name=op.f("uq_recommendation_done_candidacy_id_minutes_number_label"),
        ),
    )
    op.create_table(
        "retention_clock",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "drafts",
                "sealed",
                "decisions",
                "access",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column(
            "ground",
            sa.Enum(
                "after_decision",
                "after_closure",
                "inactive",
                "awaits_decision",
                "awaits_notification",
                "permanent",
                "rolling",
                "erased",
                name="ground",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("noticed_due_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_retention_clock_body_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_retention_clock_candidacy_id")),
        sa.PrimaryKeyConstraint("candidacy_id", "kind", name=op.f("pk_retention_clock")),
    )
    op.create_index(
        "ix_retention_clock_list", "retention_clock", ["body_id", "due_on", "candidacy_id", "kind"], unique=False
    )
    op.create_table(
        "self_assessment",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "value",
            sa.Enum("able", "partly", "not_yet", name="value", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_self_assessment_candidacy_id")),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_self_assessment_competency_id")),
        sa.PrimaryKeyConstraint("candidacy_id", "competency_id", name=op.f("pk_self_assessment")),
    )
    op.create_table(
        "signed_document",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mime", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["received_by"], ["person.id"], name=op.f("fk_signed_document_received_by")),
        sa.ForeignKeyConstraint(["session_id"], ["jury_session.id"], name=op.f("fk_signed_document_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_document")),
        sa.UniqueConstraint("key", name=op.f("uq_signed_document_key")),
    )
    op.create_index(op.f("ix_signed_document_session_id"), "signed_document", ["session_id"], unique=False)
    op.create_table(
        "submission",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("assessment_record", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_submission_candidacy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("candidacy_id", "number", name=op.f("uq_submission_candidacy_id_number")),
    )
    op.create_table(
        "text_version",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=True),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_ended", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_text_version_candidacy_id")),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_text_version_competency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_version")),
    )
    op.create_index("ix_text_version_text", "text_version", ["candidacy_id", "competency_id", "saved_at"], unique=False)
    op.create_table(
        "thread_read_marker",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("read_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_thread_read_marker_candidacy_id")),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_thread_read_marker_competency_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_thread_read_marker_person_id")),
        sa.PrimaryKeyConstraint("candidacy_id", "competency_id", "person_id", name=op.f("pk_thread_read_marker")),
    )
    op.create_table(
        "upload",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("store_upload_id", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_upload_not_empty")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_upload_candidacy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sa.UniqueConstraint("candidacy_id", "fingerprint", name=op.f("uq_upload_candidacy_id_fingerprint")),
    )
    op.create_table(
        "attestation_request",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column(
            "relationship_claimed",
            sa.Enum(
                "employer",
                "manager",
                "colleague",
                "client",
                "partner",
                "other",
                name="relationship_claimed",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organisation", sa.String(length=300), nullable=False),
        sa.Column("experience_id", sa.Uuid(), nullable=True),
        sa.Column("experience", sa.String(length=700), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("request_text", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("emailed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_attestation_request_candidacy_id")),
        sa.ForeignKeyConstraint(
            ["experience_id"], ["experience.id"], name=op.f("fk_attestation_request_experience_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestation_request")),
    )
    op.create_index(op.f("ix_attestation_request_candidacy_id"), "attestation_request", ["candidacy_id"], unique=False)
    op.create_table(
        "book_edition",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "reading",
                "archival",
                "booklet",
                "zip",
                "francevae",
                "draft",
                "word",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "making",
                "ready",
                "failed",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("contents", sa.JSON(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_book_edition_candidacy_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["person.id"], name=op.f("fk_book_edition_requested_by")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_book_edition_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_edition")),
        sa.UniqueConstraint("key", name=op.f("uq_book_edition_key")),
        sa.UniqueConstraint("root", "kind", name=op.f("uq_book_edition_root_kind")),
    )
    op.create_index(op.f("ix_book_edition_candidacy_id"), "book_edition", ["candidacy_id"], unique=False)
    op.create_index(op.f("ix_book_edition_run_after"), "book_edition", ["run_after"], unique=False)
    op.create_index(op.f("ix_book_edition_submission_id"), "book_edition", ["submission_id"], unique=False)
    op.create_table(
        "dossier_return",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returned_by", sa.Uuid(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=True),
        sa.Column(
            "ending",
            sa.Enum("submitted", "lifted", name="ending", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_dossier_return_has_reason")),
        sa.ForeignKeyConstraint(["answer_id"], ["submission.id"], name=op.f("fk_dossier_return_answer_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_dossier_return_candidacy_id")),
        sa.ForeignKeyConstraint(["returned_by"], ["person.id"], name=op.f("fk_dossier_return_returned_by")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_dossier_return_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_return")),
        sa.UniqueConstraint("candidacy_id", "is_open", name=op.f("uq_dossier_return_candidacy_id_is_open")),
    )
    op.create_index(op.f("ix_dossier_return_submission_id"), "dossier_return", ["submission_id"], unique=False)
    op.create_table(
        "erased_file",
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("erasure_id", sa.Uuid(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["erasure_id"], ["erasure.id"], name=op.f("fk_erased_file_erasure_id")),
        sa.PrimaryKeyConstraint("file", name=op.f("pk_erased_file")),
    )
    op.create_index(op.f("ix_erased_file_erasure_id"), "erased_file", ["erasure_id"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "employer_attestation",
                "third_party_attestation",
                "deliverable",
                "report",
                "plan",
                "budget",
                "dashboard",
                "screenshot",
                "photo",
                "recording",
                "email",
                "meeting_minutes",
                "contract",
                "published_content",
                "web_address",
                "training_certificate",
                "prior_certificate",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("dated_from", sa.Date(), nullable=True),
        sa.Column("dated_to", sa.Date(), nullable=True),
        sa.Column("experience_id", sa.Uuid(), nullable=True),
        sa.Column("own_role", sa.Text(), nullable=False),
        sa.Column(
            "authorship",
            sa.Enum("mine", "shared", "other", name="authorship", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("own_part", sa.Text(), nullable=False),
        sa.Column(
            "confidentiality",
            sa.Enum("open", "restricted", name="confidentiality", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column(
            "anonymity",
            sa.Enum(
                "done", "not_needed", "not_yet", name="anonymity", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("web_address", sa.Text(), nullable=False),
        sa.Column("captured_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_left_out", sa.Boolean(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_evidence_candidacy_id")),
        sa.ForeignKeyConstraint(["experience_id"], ["experience.id"], name=op.f("fk_evidence_experience_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("candidacy_id", "number", name=op.f("uq_evidence_candidacy_id_number")),
    )
    op.create_table(
        "hearing",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=True),
        sa.Column(
            "attendance",
            sa.Enum(
                "heard", "absent", "excused", name="attendance", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_void", sa.Boolean(), nullable=True),
        sa.Column("moved_from_id", sa.Uuid(), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("start_minute", sa.Integer(), nullable=True),
        sa.Column("end_minute", sa.Integer(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["moved_from_id"], ["jury_session.id"], name=op.f("fk_hearing_moved_from_id")),
        sa.ForeignKeyConstraint(["session_id"], ["jury_session.id"], name=op.f("fk_hearing_session_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_hearing_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hearing")),
        sa.UniqueConstraint("session_id", "submission_id", name=op.f("uq_hearing_session_id_submission_id")),
        sa.UniqueConstraint("submission_id", "is_current", name=op.f("uq_hearing_submission_id_is_current")),
    )
    op.create_table(
        "jury_member",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "seat",
            sa.Enum(
                "president",
                "employee_representative",
                "director_or_delegate",
                "teacher_trainer",
                "pedagogical_manager",
                "employer_representative",
                "external_professional",
                "professional",
                "member",
                name="seat",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=True),
        sa.Column("quality", sa.String(length=300), nullable=False),
        sa.Column(
            "gender",
            sa.Enum("woman", "man", "unsaid", name="gender", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "college",
            sa.Enum(
                "employers", "employees", "none", name="college", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("in_activity", sa.Boolean(), nullable=False),
        sa.Column("is_director", sa.Boolean(), nullable=False),
        sa.Column("delegated_from", sa.Date(), nullable=True),
        sa.Column("delegated_until", sa.Date(), nullable=True),
        sa.Column("is_qualified", sa.Boolean(), nullable=False),
        sa.Column("is_professional", sa.Boolean(), nullable=True),
        sa.Column("trade", sa.String(length=200), nullable=True),
        sa.Column("meets_seat", sa.Boolean(), nullable=True),
        sa.Column(
            "ties_answer",
            sa.Enum(
                "unanswered", "none", "listed", name="ties_answer", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("appointed_on", sa.Date(), nullable=True),
        sa.Column("appointed_by_director", sa.Boolean(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("appointed_by", sa.String(length=300), nullable=True),
        sa.Column("quality_basis", sa.String(length=500), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["appointment_id"], ["signed_document.id"], name=op.f("fk_jury_member_appointment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_jury_member_person_id")),
        sa.ForeignKeyConstraint(["session_id"], ["jury_session.id"], name=op.f("fk_jury_member_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_member")),
        sa.UniqueConstraint("session_id", "person_id", name=op.f("uq_jury_member_session_id_person_id")),
        sa.UniqueConstraint(
            "session_id", "seat", "place", "rank", name=op.f("uq_jury_member_session_id_seat_place_rank")
        ),
    )
    op.create_index(op.f("ix_jury_member_person_id"), "jury_member", ["person_id"], unique=False)
    op.create_index(
        "uq_jury_member_first_seat",
        "jury_member",
        ["session_id", "seat", "rank"],
        unique=True,
        sqlite_where=sa.text("place IS NULL"),
        postgresql_where=sa.text("place IS NULL"),
    )
    op.create_table(
        "sealed_file",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("exhibit", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mime", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_sealed_file_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_file")),
        sa.UniqueConstraint("submission_id", "exhibit", name=op.f("uq_sealed_file_submission_id_exhibit")),
    )
    op.create_table(
        "submitted_block",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_submitted_block_block_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_submitted_block_submission_id")),
        sa.PrimaryKeyConstraint("submission_id", "block_id", name=op.f("pk_submitted_block")),
        sa.UniqueConstraint("id", name=op.f("uq_submitted_block_id")),
    )
    op.create_table(
        "adjournment",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("resumes_on", sa.Date(), nullable=True),
        sa.Column("adjourned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("adjourned_by", sa.Uuid(), nullable=False),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resumed_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["adjourned_by"], ["person.id"], name=op.f("fk_adjournment_adjourned_by")),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_adjournment_hearing_id")),
        sa.ForeignKeyConstraint(["resumed_by"], ["person.id"], name=op.f("fk_adjournment_resumed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjournment")),
    )
    op.create_index(op.f("ix_adjournment_hearing_id"), "adjournment", ["hearing_id"], unique=False)
    op.create_table(
        "attendance_change",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_attendance_change_hearing_id")),
        sa.ForeignKeyConstraint(["noted_by"], ["person.id"], name=op.f("fk_attendance_change_noted_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attendance_change_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_change")),
    )
    op.create_index(op.f("ix_attendance_change_hearing_id"), "attendance_change", ["hearing_id"], unique=False)
    op.create_table(
        "attestation",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("attachment_id", sa.Uuid(), nullable=True),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("record_sha256", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["evidence.id"], name=op.f("fk_attestation_attachment_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_attestation_evidence_id")),
        sa.ForeignKeyConstraint(["request_id"], ["attestation_request.id"], name=op.f("fk_attestation_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestation")),
        sa.UniqueConstraint("attachment_id", name=op.f("uq_attestation_attachment_id")),
        sa.UniqueConstraint("evidence_id", name=op.f("uq_attestation_evidence_id")),
        sa.UniqueConstraint("request_id", name=op.f("uq_attestation_request_id")),
    )
    op.create_index(op.f("ix_attestation_pdf_sha256"), "attestation", ["pdf_sha256"], unique=False)
    op.create_table(
        "attestation_competency",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["competency_id"], ["competency.id"], name=op.f("fk_attestation_competency_competency_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["attestation_request.id"], name=op.f("fk_attestation_competency_request_id")
        ),
        sa.PrimaryKeyConstraint("request_id", "competency_id", name=op.f("pk_attestation_competency")),
    )
    op.create_table(
        "attestation_draft",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column(
            "quality",
            sa.Enum(
                "employer",
                "manager",
                "colleague",
                "client",
                "partner",
                "other",
                name="quality",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("organisation", sa.String(length=300), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("often", sa.Text(), nullable=False),
        sa.Column("more", sa.Text(), nullable=False),
        sa.Column(
            "tie",
            sa.Enum("none", "family", "interest", name="tie", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("attachment_key", sa.String(length=200), nullable=False),
        sa.Column("attachment_name", sa.Text(), nullable=False),
        sa.Column("attachment_mime", sa.String(length=200), nullable=False),
        sa.Column("attachment_family", sa.String(length=40), nullable=False),
        sa.Column("attachment_pages", sa.Integer(), nullable=True),
        sa.Column("attachment_size", sa.BigInteger(), nullable=True),
        sa.Column("attachment_sha256", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["attestation_request.id"], name=op.f("fk_attestation_draft_request_id")
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_attestation_draft")),
    )
    op.create_table(
        "attestation_link",
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("is_download_link", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["attestation_request.id"], name=op.f("fk_attestation_link_request_id")
        ),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_attestation_link")),
    )
    op.create_index(op.f("ix_attestation_link_request_id"), "attestation_link", ["request_id"], unique=False)
    op.create_table(
        "attestation_otp",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failed_attempts", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["attestation_request.id"], name=op.f("fk_attestation_otp_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestation_otp")),
    )
    op.create_index(op.f("ix_attestation_otp_request_id"), "attestation_otp", ["request_id"], unique=False)
    op.create_table(
        "ballot",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_ballot_block_id")),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_ballot_hearing_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["person.id"], name=op.f("fk_ballot_opened_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot")),
        sa.UniqueConstraint("hearing_id", "block_id", "round", name=op.f("uq_ballot_hearing_id_block_id_round")),
    )
    op.create_table(
        "claim",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=False),
        sa.Column("passage", sa.String(length=200), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("anchors", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("file_version", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_claim_candidacy_id")),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_claim_competency_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_claim_evidence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("evidence_id", "competency_id", name=op.f("uq_claim_evidence_id_competency_id")),
    )
    op.create_index(
        "ix_claim_bare",
        "claim",
        ["candidacy_id", "competency_id"],
        unique=False,
        sqlite_where=sa.text("comment = ''"),
        postgresql_where=sa.text("comment = ''"),
    )
    op.create_index(op.f("ix_claim_competency_id"), "claim", ["competency_id"], unique=False)
    op.create_index(
        "ix_claim_matrix", "claim", ["candidacy_id", "competency_id", "evidence_id", "id", "revision"], unique=False
    )
    op.create_table(
        "decision_draft",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("validated", "not_validated", name="outcome", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("override_reason", sa.Text(), nullable=False),
        sa.Column("recommendation", sa.Text(), nullable=False),
        sa.Column("no_recommendation", sa.Text(), nullable=True),
        sa.Column("votes_for", sa.Integer(), nullable=True),
        sa.Column("votes_against", sa.Integer(), nullable=True),
        sa.Column("votes_abstained", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_decision_draft_block_id")),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_decision_draft_hearing_id")),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("fk_decision_draft_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_draft")),
        sa.UniqueConstraint("hearing_id", "block_id", name=op.f("uq_decision_draft_hearing_id_block_id")),
    )
    op.create_table(
        "defence",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("presentation_minutes", sa.Integer(), nullable=False),
        sa.Column("questions_minutes", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_defence_hearing_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_defence_recorded_by")),
        sa.ForeignKeyConstraint(["replaces_id"], ["defence.id"], name=op.f("fk_defence_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_defence")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_defence_replaces_id")),
    )
    op.create_index(op.f("ix_defence_hearing_id"), "defence", ["hearing_id"], unique=False)
    op.create_table(
        "dismissed_hint",
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("hint", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_dismissed_hint_evidence_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("evidence_id", "hint", name=op.f("pk_dismissed_hint")),
    )
    op.create_table(
        "evidence_file",
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mime", sa.String(length=200), nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("taken_on", sa.Date(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_evidence_file_not_empty")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_evidence_file_evidence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_file")),
        sa.UniqueConstraint("evidence_id", "number", name=op.f("uq_evidence_file_evidence_id_number")),
        sa.UniqueConstraint("key", name=op.f("uq_evidence_file_key")),
    )
    op.create_table(
        "exhibit_opening",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("exhibit", sa.String(length=20), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_exhibit_opening_hearing_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_exhibit_opening_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exhibit_opening")),
        sa.UniqueConstraint(
            "hearing_id",
            "person_id",
            "exhibit",
            "page",
            name=op.f("uq_exhibit_opening_hearing_id_person_id_exhibit_page"),
        ),
    )
    op.create_table(
        "finding_draft",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "value",
            sa.Enum(
                "acquired",
                "partially",
                "not_acquired",
                name="value",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "ground",
            sa.Enum(
                "demonstrated_at_interview",
                "demonstrated_in_work_simulation",
                "other",
                name="ground",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("ground_text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_finding_draft_competency_id")),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_finding_draft_hearing_id")),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("fk_finding_draft_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_draft")),
        sa.UniqueConstraint("hearing_id", "competency_id", name=op.f("uq_finding_draft_hearing_id_competency_id")),
    )
    op.create_table(
        "hearing_member",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "seat",
            sa.Enum(
                "president",
                "employee_representative",
                "director_or_delegate",
                "teacher_trainer",
                "pedagogical_manager",
                "employer_representative",
                "external_professional",
                "professional",
                "member",
                name="seat",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("deliberated", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_hearing_member_hearing_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hearing_member_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hearing_member")),
        sa.UniqueConstraint("hearing_id", "person_id", name=op.f("uq_hearing_member_hearing_id_person_id")),
        sa.UniqueConstraint(
            "hearing_id", "seat", "place", "rank", name=op.f("uq_hearing_member_hearing_id_seat_place_rank")
        ),
    )
    op.create_index(op.f("ix_hearing_member_person_id"), "hearing_member", ["person_id"], unique=False)
    op.create_index(
        "uq_hearing_member_first_seat",
        "hearing_member",
        ["hearing_id", "seat", "rank"],
        unique=True,
        sqlite_where=sa.text("place IS NULL"),
        postgresql_where=sa.text("place IS NULL"),
    )
    op.create_table(
        "hearing_review",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column(
            "conclusion",
            sa.Enum(
                "sound",
                "to_improve",
                "irregular",
                name="conclusion",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_hearing_review_hearing_id")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["person.id"], name=op.f("fk_hearing_review_reviewed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hearing_review")),
        sa.UniqueConstraint("hearing_id", name=op.f("uq_hearing_review_hearing_id")),
    )
    op.create_table(
        "interview_entry",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("interview", "practical_case", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("heard", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("trim(heard) <> ''", name=op.f("ck_interview_entry_has_answer")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_interview_entry_asked_by")),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_interview_entry_competency_id")),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_interview_entry_hearing_id")),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("fk_interview_entry_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview_entry")),
    )
    op.create_index(op.f("ix_interview_entry_hearing_id"), "interview_entry", ["hearing_id"], unique=False)
    op.create_table(
        "juror_note",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("note", "question", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("competency_id", sa.Uuid(), nullable=True),
        sa.Column("exhibit", sa.String(length=20), nullable=True),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("second", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("trim(text) <> ''", name=op.f("ck_juror_note_has_text")),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_juror_note_competency_id")),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_juror_note_hearing_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_juror_note_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror_note")),
    )
    op.create_index("ix_juror_note_hearing_id_person_id", "juror_note", ["hearing_id", "person_id"], unique=False)
    op.create_table(
        "juror_opinion",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "value",
            sa.Enum(
                "acquired",
                "partially",
                "not_acquired",
                name="value",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_juror_opinion_competency_id")),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_juror_opinion_hearing_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_juror_opinion_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror_opinion")),
        sa.UniqueConstraint(
            "hearing_id", "person_id", "competency_id", name=op.f("uq_juror_opinion_hearing_id_person_id_competency_id")
        ),
    )
    op.create_table(
        "juror_statement",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "no_relation",
                "recusal",
                "read",
                "recusal_withdrawn",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("withdraws_id", sa.Uuid(), nullable=True),
        sa.Column("opened_exhibits", sa.Integer(), nullable=True),
        sa.Column("sealed_exhibits", sa.Integer(), nullable=True),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["signed_document.id"], name=op.f("fk_juror_statement_document_id")),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_juror_statement_hearing_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_juror_statement_person_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_juror_statement_recorded_by")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_juror_statement_submission_id")),
        sa.ForeignKeyConstraint(["withdraws_id"], ["juror_statement.id"], name=op.f("fk_juror_statement_withdraws_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror_statement")),
        sa.UniqueConstraint("withdraws_id", name=op.f("uq_juror_statement_withdraws_id")),
    )
    op.create_index(op.f("ix_juror_statement_person_id"), "juror_statement", ["person_id"], unique=False)
    op.create_index(
        "uq_juror_statement_declared",
        "juror_statement",
        ["hearing_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'no_relation'"),
        postgresql_where=sa.text("kind = 'no_relation'"),
    )
    op.create_index(
        "uq_juror_statement_read",
        "juror_statement",
        ["hearing_id", "person_id", "submission_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'read'"),
        postgresql_where=sa.text("kind = 'read'"),
    )
    op.create_table(
        "jury_member_affiliation",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "employment", "mandate", "teaching", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "organisation_kind",
            sa.Enum(
                "certifier",
                "co_certifier",
                "training_body",
                name="organisation_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organisation", sa.String(length=300), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["jury_member.id"], name=op.f("fk_jury_member_affiliation_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_member_affiliation")),
    )
    op.create_index(
        op.f("ix_jury_member_affiliation_member_id"), "jury_member_affiliation", ["member_id"], unique=False
    )
    op.create_table(
        "member_attendance",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_member_attendance_hearing_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_member_attendance_person_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_member_attendance_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_attendance")),
        sa.UniqueConstraint("hearing_id", "person_id", name=op.f("uq_member_attendance_hearing_id_person_id")),
    )
    op.create_table(
        "message",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evidence_id", sa.Uuid(), nullable=True),
        sa.Column("anchor", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_message_author_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_message_candidacy_id")),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_message_competency_id")),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_message_evidence_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_candidacy_competency", "message", ["candidacy_id", "competency_id"], unique=False)
    op.create_index("ix_message_evidence", "message", ["evidence_id"], unique=False)
    op.create_table(
        "minutes",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "attendance",
            sa.Enum(
                "heard", "absent", "excused", name="attendance", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("composition", sa.JSON(), nullable=False),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_minutes_closed_by")),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_minutes_hearing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes")),
        sa.UniqueConstraint("hearing_id", name=op.f("uq_minutes_hearing_id")),
        sa.UniqueConstraint("number", name=op.f("uq_minutes_number")),
    )
    op.create_table(
        "opinions_given",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_opinions_given_hearing_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_opinions_given_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinions_given")),
        sa.UniqueConstraint("hearing_id", "person_id", name=op.f("uq_opinions_given_hearing_id_person_id")),
    )
    op.create_table(
        "opinions_opened",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_opinions_opened_hearing_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["person.id"], name=op.f("fk_opinions_opened_opened_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinions_opened")),
        sa.UniqueConstraint("hearing_id", name=op.f("uq_opinions_opened_hearing_id")),
    )
    op.create_table(
        "removed_claims",
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("claims", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_removed_claims_evidence_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_removed_claims")),
    )
    op.create_table(
        "return_request",
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("trim(text) <> ''", name=op.f("ck_return_request_has_text")),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_return_request_competency_id")),
        sa.ForeignKeyConstraint(["return_id"], ["dossier_return.id"], name=op.f("fk_return_request_return_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_request")),
        sa.UniqueConstraint("return_id", "rank", name=op.f("uq_return_request_return_id_rank")),
    )
    op.create_table(
        "summons",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "summoned_as",
            sa.Enum("candidate", "juror", name="summoned_as", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("hearing_id", sa.Uuid(), nullable=True),
        sa.Column(
            "method",
            sa.Enum("request", "cancel", name="method", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_whole_day", sa.Boolean(), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("video_link", sa.String(length=500), nullable=False),
        sa.Column("answer_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "answer",
            sa.Enum("received", "cannot_come", name="answer", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_summons_answered_by")),
        sa.ForeignKeyConstraint(
            ["hearing_id"], ["hearing.id"], name=op.f("fk_summons_hearing_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_summons_person_id")),
        sa.ForeignKeyConstraint(["session_id"], ["jury_session.id"], name=op.f("fk_summons_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summons")),
        sa.UniqueConstraint("hearing_id", name=op.f("uq_summons_hearing_id")),
        sa.UniqueConstraint(
            "session_id", "person_id", "summoned_as", name=op.f("uq_summons_session_id_person_id_summoned_as")
        ),
    )
    op.create_index(op.f("ix_summons_person_id"), "summons", ["person_id"], unique=False)
    op.create_index(op.f("ix_summons_run_after"), "summons", ["run_after"], unique=False)
    op.create_table(
        "appeal",
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "certifier", "hierarchical", "court", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("file_key", sa.String(length=80), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("file_mime", sa.String(length=200), nullable=True),
        sa.Column("file_size", sa.BigInteger(), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("trim(grounds) <> ''", name=op.f("ck_appeal_has_grounds")),
        sa.ForeignKeyConstraint(["minutes_id"], ["minutes.id"], name=op.f("fk_appeal_minutes_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_appeal_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
    )
    op.create_index(op.f("ix_appeal_minutes_id"), "appeal", ["minutes_id"], unique=False)
    op.create_table(
        "assessment_result",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("planned_id", sa.Uuid(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("examiner", sa.String(length=200), nullable=False),
        sa.Column("examiner_id", sa.Uuid(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "passed",
                "failed",
                "not_taken",
                "withdrawn",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_assessment_result_candidacy_id")),
        sa.ForeignKeyConstraint(["examiner_id"], ["person.id"], name=op.f("fk_assessment_result_examiner_id")),
        sa.ForeignKeyConstraint(["file_id"], ["evidence_file.id"], name=op.f("fk_assessment_result_file_id")),
        sa.ForeignKeyConstraint(
            ["planned_id"], ["planned_assessment.id"], name=op.f("fk_assessment_result_planned_id")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_assessment_result_recorded_by")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["assessment_result.id"], name=op.f("fk_assessment_result_replaces_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_result")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_assessment_result_replaces_id")),
    )
    op.create_index(op.f("ix_assessment_result_candidacy_id"), "assessment_result", ["candidacy_id"], unique=False)
    op.create_index(op.f("ix_assessment_result_planned_id"), "assessment_result", ["planned_id"], unique=False)
    op.create_table(
        "block_grant",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "jury",
                "acquisition",
                "equivalence",
                "prior",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("minutes_id", sa.Uuid(), nullable=True),
        sa.Column("acquisition_id", sa.Uuid(), nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(minutes_id IS NULL) <> (acquisition_id IS NULL)", name=op.f("ck_block_grant_one_act")),
        sa.ForeignKeyConstraint(["acquisition_id"], ["acquisition.id"], name=op.f("fk_block_grant_acquisition_id")),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_block_grant_block_id")),
        sa.ForeignKeyConstraint(["minutes_id"], ["minutes.id"], name=op.f("fk_block_grant_minutes_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_block_grant_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block_grant")),
        sa.UniqueConstraint("person_id", "block_id", "serial", name=op.f("uq_block_grant_person_id_block_id_serial")),
    )
    op.create_index("ix_block_grant_minutes_id", "block_grant", ["minutes_id"], unique=False)
    op.create_table(
        "flattened_file",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("masks", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["evidence_file.id"], name=op.f("fk_flattened_file_file_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["evidence_file.id"], name=op.f("fk_flattened_file_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_flattened_file")),
    )
    op.create_index(op.f("ix_flattened_file_source_id"), "flattened_file", ["source_id"], unique=False)
    op.create_table(
        "member_vote",
        sa.Column("ballot_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "choice",
            sa.Enum("for", "against", "abstain", name="choice", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("cast_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("fk_member_vote_ballot_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_member_vote_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_vote")),
        sa.UniqueConstraint("ballot_id", "person_id", name=op.f("uq_member_vote_ballot_id_person_id")),
    )
    op.create_table(
        "minutes_rectification",
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["minutes_id"], ["minutes.id"], name=op.f("fk_minutes_rectification_minutes_id")),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("fk_minutes_rectification_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_rectification")),
    )
    op.create_index(op.f("ix_minutes_rectification_minutes_id"), "minutes_rectification", ["minutes_id"], unique=False)
    op.create_table(
        "page_mask",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("top", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["evidence_file.id"], name=op.f("fk_page_mask_file_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_mask")),
    )
    op.create_index(op.f("ix_page_mask_file_id"), "page_mask", ["file_id"], unique=False)
    op.create_table(
        "private_file",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["evidence_file.id"], name=op.f("fk_private_file_file_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_private_file")),
    )
    op.create_table(
        "recorded_decision",
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("validated", "not_validated", name="outcome", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("override_reason", sa.Text(), nullable=False),
        sa.Column("recommendation", sa.Text(), nullable=False),
        sa.Column("no_recommendation", sa.Text(), nullable=True),
        sa.Column("votes_for", sa.Integer(), nullable=True),
        sa.Column("votes_against", sa.Integer(), nullable=True),
        sa.Column("votes_abstained", sa.Integer(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "outcome <> 'not_validated' OR trim(reason) <> ''", name=op.f("ck_recorded_decision_refusal_has_reason")
        ),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_recorded_decision_block_id")),
        sa.ForeignKeyConstraint(["minutes_id"], ["minutes.id"], name=op.f("fk_recorded_decision_minutes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recorded_decision")),
        sa.UniqueConstraint("minutes_id", "block_id", name=op.f("uq_recorded_decision_minutes_id_block_id")),
    )
    op.create_table(
        "recorded_finding",
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "value",
            sa.Enum(
                "acquired",
                "partially",
                "not_acquired",
                name="value",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "ground",
            sa.Enum(
                "demonstrated_at_interview",
                "demonstrated_in_work_simulation",
                "other",
                name="ground",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("ground_text", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_recorded_finding_competency_id")),
        sa.ForeignKeyConstraint(["minutes_id"], ["minutes.id"], name=op.f("fk_recorded_finding_minutes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recorded_finding")),
        sa.UniqueConstraint("minutes_id", "competency_id", name=op.f("uq_recorded_finding_minutes_id_competency_id")),
    )
    op.create_table(
        "rendition",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("pages", "copy", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "making",
                "ready",
                "refused",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("starts_since_progress", sa.Integer(), nullable=False),
        sa.Column(
            "failure_reason",
            sa.Enum(
                "no_original",
                "too_heavy",
                "not_made",
                "fell",
                "unreadable",
                "no_converter",
                name="failure_reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("method", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("media_type", sa.String(length=200), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("converter", sa.String(length=40), nullable=True),
        sa.Column("is_cut", sa.Boolean(), nullable=True),
        sa.Column("contents", sa.JSON(), nullable=True),
        sa.Column("awaits_inspection", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["evidence_file.id"], name=op.f("fk_rendition_file_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rendition")),
        sa.UniqueConstraint("file_id", "kind", name=op.f("uq_rendition_file_id_kind")),
        sa.UniqueConstraint("key", name=op.f("uq_rendition_key")),
    )
    op.create_index(
        "ix_rendition_awaits_inspection",
        "rendition",
        ["requested_at"],
        unique=False,
        sqlite_where=sa.text("awaits_inspection IS 1"),
        postgresql_where=sa.text("awaits_inspection IS true"),
    )
    op.create_index(
        "ix_rendition_pending",
        "rendition",
        ["priority", "run_after"],
        unique=False,
        sqlite_where=sa.text("run_after IS NOT NULL"),
        postgresql_where=sa.text("run_after IS NOT NULL"),
    )
    op.create_index(op.f("ix_rendition_run_after"), "rendition", ["run_after"], unique=False)
    op.create_table(
        "result_notification",
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("letter", sa.JSON(), nullable=False),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notified_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_result_notification_candidacy_id")),
        sa.ForeignKeyConstraint(["minutes_id"], ["minutes.id"], name=op.f("fk_result_notification_minutes_id")),
        sa.ForeignKeyConstraint(["notified_by"], ["person.id"], name=op.f("fk_result_notification_notified_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_notification")),
        sa.UniqueConstraint("candidacy_id", "number", name=op.f("uq_result_notification_candidacy_id_number")),
        sa.UniqueConstraint("minutes_id", name=op.f("uq_result_notification_minutes_id")),
    )
    op.create_table(
        "summons_email",
        sa.Column("summons_id", sa.Uuid(), nullable=False),
        sa.Column("email_id", sa.Uuid(), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "first",
                "changed",
                "cancelled",
                "reminder",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["email_id"], ["outgoing_email.id"], name=op.f("fk_summons_email_email_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["summons_id"], ["summons.id"], name=op.f("fk_summons_email_summons_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summons_email")),
    )
    op.create_index(op.f("ix_summons_email_email_id"), "summons_email", ["email_id"], unique=False)
    op.create_index(op.f("ix_summons_email_summons_id"), "summons_email", ["summons_id"], unique=False)
    op.create_table(
        "appeal_answer",
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "rejected", "granted", "withdrawn", name="outcome", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_answer_appeal_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_appeal_answer_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_answer")),
        sa.UniqueConstraint("appeal_id", name=op.f("uq_appeal_answer_appeal_id")),
    )
    op.create_table(
        "award",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("completed_by", sa.Uuid(), nullable=False),
        sa.Column("obtained_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["completed_by"], ["block_grant.id"], name=op.f("fk_award_completed_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_award_person_id")),
        sa.ForeignKeyConstraint(["version_id"], ["certification_version.id"], name=op.f("fk_award_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award")),
        sa.UniqueConstraint("person_id", "version_id", "serial", name=op.f("uq_award_person_id_version_id_serial")),
    )
    op.create_index("ix_award_completed_by", "award", ["completed_by"], unique=False)
    op.create_table(
        "grant_status_change",
        sa.Column(
            "kind",
            sa.Enum(
                "suspension",
                "confirmation",
                "annulment",
                "withdrawal",
                "rectification",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("minutes_id", sa.Uuid(), nullable=True),
        sa.Column("grant_id", sa.Uuid(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("heard_on", sa.Date(), nullable=True),
        sa.Column("is_for_bias", sa.Boolean(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_key", sa.String(length=80), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("file_mime", sa.String(length=200), nullable=True),
        sa.Column("file_size", sa.BigInteger(), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'withdrawal' OR heard_on IS NOT NULL", name=op.f("ck_grant_status_change_withdrawal_hears")
        ),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_grant_status_change_has_reason")),
        sa.CheckConstraint(
            "(minutes_id IS NULL) <> (grant_id IS NULL)", name=op.f("ck_grant_status_change_one_target")
        ),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("fk_grant_status_change_confirmed_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_grant_status_change_decided_by")),
        sa.ForeignKeyConstraint(["grant_id"], ["block_grant.id"], name=op.f("fk_grant_status_change_grant_id")),
        sa.ForeignKeyConstraint(["minutes_id"], ["minutes.id"], name=op.f("fk_grant_status_change_minutes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_status_change")),
        sa.UniqueConstraint("grant_id", "sequence", name=op.f("uq_grant_status_change_grant_id_sequence")),
        sa.UniqueConstraint("minutes_id", "sequence", name=op.f("uq_grant_status_change_minutes_id_sequence")),
    )
    op.create_index(op.f("ix_grant_status_change_grant_id"), "grant_status_change", ["grant_id"], unique=False)
    op.create_index(op.f("ix_grant_status_change_minutes_id"), "grant_status_change", ["minutes_id"], unique=False)
    op.create_table(
        "observation_invitation",
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("invited_on", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["grant_id"], ["block_grant.id"], name=op.f("fk_observation_invitation_grant_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_observation_invitation_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation_invitation")),
    )
    op.create_index(op.f("ix_observation_invitation_grant_id"), "observation_invitation", ["grant_id"], unique=False)
    op.create_table(
        "page",
        sa.Column("rendition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "error",
            sa.Enum(
                "not_pages",
                "no_such_page",
                "broken_page",
                "too_heavy",
                "beyond",
                "not_drawn",
                name="error",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hidden", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("word_boxes", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rendition_id"], ["rendition.id"], name=op.f("fk_page_rendition_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page")),
        sa.UniqueConstraint("rendition_id", "number", name=op.f("uq_page_rendition_id_number")),
    )
    op.create_table(
        "page_request",
        sa.Column("rendition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column(
            "size",
            sa.Enum(
                "vignette",
                "page",
                "grande",
                "detail",
                name="size",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["rendition_id"], ["rendition.id"], name=op.f("fk_page_request_rendition_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("rendition_id", "number", name=op.f("pk_page_request")),
    )
    op.create_table(
        "certificate",
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=True),
        sa.Column("award_id", sa.Uuid(), nullable=True),
        sa.Column("rectifies_id", sa.Uuid(), nullable=True),
        sa.Column("printed_text", sa.JSON(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(grant_id IS NULL) <> (award_id IS NULL)", name=op.f("ck_certificate_one_subject")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_certificate_award_id")),
        sa.ForeignKeyConstraint(["grant_id"], ["block_grant.id"], name=op.f("fk_certificate_grant_id")),
        sa.ForeignKeyConstraint(["rectifies_id"], ["certificate.id"], name=op.f("fk_certificate_rectifies_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
        sa.UniqueConstraint("rectifies_id", name=op.f("uq_certificate_rectifies_id")),
    )
    op.create_index("ix_certificate_award", "certificate", ["award_id"], unique=False)
    op.create_index("ix_certificate_grant", "certificate", ["grant_id"], unique=False)
    op.create_index(
        "uq_certificate_award_id",
        "certificate",
        ["award_id"],
        unique=True,
        sqlite_where=sa.text("rectifies_id IS NULL"),
        postgresql_where=sa.text("rectifies_id IS NULL"),
    )
    op.create_index(
        "uq_certificate_grant_id",
        "certificate",
        ["grant_id"],
        unique=True,
        sqlite_where=sa.text("rectifies_id IS NULL"),
        postgresql_where=sa.text("rectifies_id IS NULL"),
    )
    op.create_table(
        "observation",
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "manner",
            sa.Enum("heard", "written", "none", name="manner", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("file_key", sa.String(length=80), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("file_mime", sa.String(length=200), nullable=True),
        sa.Column("file_size", sa.BigInteger(), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["observation_invitation.id"], name=op.f("fk_observation_invitation_id")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_observation_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation")),
    )
    op.create_index(op.f("ix_observation_invitation_id"), "observation", ["invitation_id"], unique=False)
    op.create_table(
        "page_image",
        sa.Column("page_id", sa.Uuid(), nullable=False),
        sa.Column(
            "width",
            sa.Enum(
                "vignette",
                "page",
                "grande",
                "detail",
                name="width",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name=op.f("fk_page_image_page_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_image")),
        sa.UniqueConstraint("key", name=op.f("uq_page_image_key")),
        sa.UniqueConstraint("page_id", "width", name=op.f("uq_page_image_page_id_width")),
    )
    op.create_table(
        "search_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "evidence",
                "claim",
                "narrative",
                "page",
                "sealed_exhibit",
                "sealed_claim",
                "sealed_narrative",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=True),
        sa.Column("claim_id", sa.Uuid(), nullable=True),
        sa.Column("narrative_id", sa.Uuid(), nullable=True),
        sa.Column("page_id", sa.Uuid(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("exhibit", sa.String(length=20), nullable=True),
        sa.Column("competency", sa.String(length=20), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidacy_id"], ["candidacy.id"], name=op.f("fk_search_entry_candidacy_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_search_entry_claim_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_search_entry_evidence_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["evidence_file.id"], name=op.f("fk_search_entry_file_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["narrative_id"], ["narrative.id"], name=op.f("fk_search_entry_narrative_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name=op.f("fk_search_entry_page_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_search_entry_submission_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("claim_id", name=op.f("uq_search_entry_claim_id")),
        sa.UniqueConstraint("narrative_id", name=op.f("uq_search_entry_narrative_id")),
        sa.UniqueConstraint("page_id", name=op.f("uq_search_entry_page_id")),
        sa.UniqueConstraint(
            "submission_id",
            "kind",
            "exhibit",
            "competency",
            name=op.f("uq_search_entry_submission_id_kind_exhibit_competency"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_search_entry_candidacy_id"), "search_entry", ["candidacy_id"], unique=False)
    op.create_index(op.f("ix_search_entry_evidence_id"), "search_entry", ["evidence_id"], unique=False)
    op.create_index(op.f("ix_search_entry_file_id"), "search_entry", ["file_id"], unique=False)
    op.create_table(
        "status_change_proposal",
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "suspension",
                "confirmation",
                "annulment",
                "withdrawal",
                "rectification",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("heard_on", sa.Date(), nullable=True),
        sa.Column("bias", sa.Boolean(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("file_key", sa.String(length=80), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_mime", sa.String(length=200), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("act_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["grant_status_change.id"], name=op.f("fk_status_change_proposal_act_id")),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_status_change_proposal_closed_by")),
        sa.ForeignKeyConstraint(["grant_id"], ["block_grant.id"], name=op.f("fk_status_change_proposal_grant_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_status_change_proposal_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_change_proposal")),
    )
    op.create_index(
        "uq_status_change_proposal_pending",
        "status_change_proposal",
        ["grant_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "certificate_listing",
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "held",
                "suspended",
                "withdrawn",
                "annulled",
                "replaced",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("obtained_on", sa.Date(), nullable=False),
        sa.Column("sort_name", sa.String(length=200), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_certificate_listing_body_id")),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_listing_certificate_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_listing_person_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["certification_version.id"], name=op.f("fk_certificate_listing_version_id")
        ),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate_listing")),
    )
    op.create_index(
        "ix_certificate_listing_is_whole",
        "certificate_listing",
        ["body_id", "is_whole", "obtained_on", "certificate_id"],
        unique=False,
    )
    op.create_index(
        "ix_certificate_listing_number", "certificate_listing", ["body_id", "number", "certificate_id"], unique=False
    )
    op.create_index(
        "ix_certificate_listing_obtained_on",
        "certificate_listing",
        ["body_id", "obtained_on", "certificate_id"],
        unique=False,
    )
    op.create_index(op.f("ix_certificate_listing_person_id"), "certificate_listing", ["person_id"], unique=False)
    op.create_index(
        "ix_certificate_listing_sort_name",
        "certificate_listing",
        ["body_id", "sort_name", "certificate_id"],
        unique=False,
    )
    op.create_index(
        "ix_certificate_listing_status",
        "certificate_listing",
        ["body_id", "status", "obtained_on", "certificate_id"],
        unique=False,
    )
    op.create_index(
        "ix_certificate_listing_version_id",
        "certificate_listing",
        ["body_id", "version_id", "obtained_on", "certificate_id"],
        unique=False,
    )
    op.create_table(
        "certificate_signature",
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("quality", sa.String(length=300), nullable=False),
        sa.Column("legal_name", sa.String(length=300), nullable=False),
        sa.Column("city", sa.String(length=200), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_signature_certificate_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_signature_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_signature")),
        sa.UniqueConstraint("certificate_id", name=op.f("uq_certificate_signature_certificate_id")),
    )
    op.create_table(
        "certificate_to_sign",
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_certificate_to_sign_body_id")),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_to_sign_certificate_id")
        ),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate_to_sign")),
    )
    op.create_index(
        "ix_certificate_to_sign_issued_at",
        "certificate_to_sign",
        ["body_id", "issued_at", "certificate_id"],
        unique=False,
    )
