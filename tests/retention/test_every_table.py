"""Every table that leads to a dossier or to a person's account is erased, blanked, or kept for a reason."""

from __future__ import annotations

import inspect
import re

from portfolio.all_models import metadata
from portfolio.db.erasable import ERASABLE
from portfolio.domain.retention.use_cases import erased_rows, erasing

# Tables by which others are reached; a table of the certification, of the jury or of the body is nobody's
# dossier.
_DOSSIER = {
    "candidacy",
    "evidence",
    "evidence_file",
    "submission",
    "hearing",
    "minutes",
    "rendition",
    "page",
    "attestation_request",
}
# What stays after the erasure of an account: people who act keep theirs, and a candidate's rows go with the
# dossier.
_OF_OTHERS = {
    "certifying_body_member": "members of a body: their account is not erased",
    "certifying_body_settings": "who signs for a body",
    "bulk_access_alert": "of the person who read, not of the candidate",
    "hearing_member": "jurors",
    "jury_member": "jurors",
    "member_vote": "jurors",
    "result_notification": "kept",
    "award": "kept",
    "block_grant": "kept",
}


def handled() -> set[str]:
    words = "".join(inspect.getsource(module) for module in (erased_rows, erasing))
    return {*re.findall(r'"([a-z_]+)"', words), *erased_rows.KEPT, *ERASABLE, "outgoing_email", "person"}


def test_every_table_that_leads_to_a_dossier_is_erased_or_kept_for_a_reason():
    leads = {
        table.name
        for table in metadata.sorted_tables
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name in _DOSSIER
    }
    assert leads <= handled(), leads - handled()


def test_every_table_of_an_account_is_erased_or_of_other_people():
    owned = {
        table.name
        for table in metadata.sorted_tables
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name == "person" and column.name in {"person_id", "candidate_id", "subject_id", "holder_id"}
    }
    of_jury = {
        "attendance_change",
        "exhibit_opening",
        "juror_note",
        "juror_opinion",
        "juror_statement",
        "member_attendance",
    }
    left = owned - handled() - {*_OF_OTHERS} - of_jury
    assert not left, left


def test_what_is_blanked_is_a_column_that_exists():
    for table, columns in ERASABLE.items():
        assert {*columns} <= {*metadata.tables[table].columns.keys()}, table
