"""Every form succeeds for someone, and refuses the ids of other people's things and fields that are not its own."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from portfolio.all_models import metadata
from tests.rights.application import Differences, Installation, Row
from tests.rights.filling import UUID, Form, send
from tests.rights.table import SCRIPTED, TABLE

POSTS = {line.endpoint for line in TABLE if line.method == "POST"} - SCRIPTED
# Fields that a form without them takes from another form of its page.
ALSO = {"respondent.attestation.request_code": {"name"}}
# A nonce may look like an id; a token of CSRF never counts.
NOT_IDS = {"nonce", "csrf_token"}


@pytest.fixture(autouse=True)
def _as_built(installed: Installation) -> Iterator[None]:
    return


def test_every_writing_route_has_a_form_that_succeeds(forms: dict[str, Form]):
    assert sorted(POSTS - forms.keys()) == [], "no page has a form for these, or it fails when filled: see filling.py"
    assert sorted(forms.keys() - POSTS - SCRIPTED) == []


def _rows_of(installed: Installation) -> dict[str, str]:
    """Every id that is the key of a row: the id → its table."""
    found = {}
    with installed.store.engine.connect() as connection:
        for name, table in metadata.tables.items():
            if "id" in table.columns:
                found |= {str(row[0]): name for row in connection.execute(table.select().with_only_columns(table.c.id))}
    return found


def _ids_in(form: Form) -> Iterator[tuple[str, str, set[str]]]:
    """Each field that carries an id: its name, the id that is sent, every id that it offers."""
    for name, value in form.filled().items(multi=True):
        if name not in NOT_IDS and isinstance(value, str) and UUID.search(value):
            offered = {one for field in form.fields if field.name == name for one in (*field.offered, field.value)}
            yield name, value, offered


# Any row of the same owner may be named there, offered or not; one of another owner is 404.
ANY_OF_ONES_OWN = {
    ("certifier.sessions.replace_member", "juror_id"),
    ("candidate.evidence.change_pieces", "pieces"),
    # A question on another piece of one's own stands in a form of its own, beside it.
    ("candidate.dossier.answer_question", "question"),
}


@pytest.mark.slow
def test_an_id_of_somebody_elses_thing_is_refused_in_every_field(installed: Installation, forms: dict[str, Form]):
    rows, before, tried, faults = _rows_of(installed), installed.digest(), {}, []
    for endpoint, form in sorted(forms.items()):
        for name, value, offered in _ids_in(form):
            if (endpoint, name) in ANY_OF_ONES_OWN:
                continue
            kind = rows[UUID.search(value)[0]]
            for other in sorted(one for one, table in rows.items() if table == kind and one not in offered)[:12]:
                body = form.filled()
                body.setlist(name, [value.replace(UUID.search(value)[0], other)])
                answer = send(installed, form, body)
                tried[endpoint, name] = tried.get((endpoint, name), 0) + 1
                if answer.status_code not in {404, 409, 422}:
                    faults.append(f"{endpoint}: {name}={kind} of someone else: {answer.status_code}")
                if changed := installed.changed_since(before) - {"login_attempt"}:
                    faults.append(f"{endpoint}: {name}={kind} of someone else changes {changed}")
                    installed.restore()
    assert not faults, "\n".join(sorted(set(faults)))
    named = {name for _, name in tried}
    assert {"version_id", "block_ids", "piece", "competencies", "experience_id", "block_id", "submission_id", "present",
            "person_id", "signatory_id", "certificates"} <= named, named  # fmt: skip
    assert sum(tried.values()) >= 60, tried


# Sent again, they do something again, or answer otherwise, and say so.
AGAIN = {
    "account.login.log_in",  # another session, and the letter that a new device gets
    "candidate.dossier.remove_claim",  # it leads to the dossier: the competency is no longer known by a link
    "respondent.attestation.request_code",  # a code left a minute ago: it is said
    "account.security.save_password",  # the same password, hashed again
    "candidate.evidence.dismiss",  # the same hint, put aside again
}
# What an act that replaces a value with itself may write once more.
ITSELF = {"audit_event", "login_attempt", "pace", "rehearsal_answer", "follow_up_settings", "attestation_draft"}


def test_a_form_sent_twice_leads_where_it_led_and_acts_once(found: dict[str, Any]):
    faults = []
    for endpoint, one in sorted(found.items()):
        again = one.repeated
        if endpoint not in AGAIN and (again.status != one.status or not again.leads_there or again.changed - ITSELF):
            faults.append(f"{endpoint}: {one.status} {again.status} {again.leads_there} {again.changed - ITSELF}")
    assert not faults, "\n".join(faults)
    assert found.keys() >= AGAIN


STRANGE = "kanari-extra"
DAY = "1999-12-31"


def _extra(installed: Installation) -> dict[str, str]:
    """Fields that no form has, each with a value of the right type that would be recognised in any row."""
    far = installed.world.places["far"]
    people = installed.world.people
    ids = {"owner_id": people["certifier south"], "person_id": people["certifier south"], "candidate_id": people["candidate far"],
           "advisor_id": people["advisor south"], "body_id": far["body_id"], "candidacy_id": far["candidacy_id"],
           "submission_id": far["submission_id"], "hearing_id": far["hearing_id"], "session_id": far["session_id"],
           "version_id": far["version_id"], "evidence_id": far["evidence_id"], "author_id": people["advisor south"],
           "decided_by": people["certifier south"], "by": people["certifier south"], "id": far["evidence_id"]}  # fmt: skip
    moments = ("suspended_at", "sealed_at", "submitted_at", "closed_at", "removed_at", "published_at", "created_at", "signed_at",
               "recorded_at", "issued_at", "changed_at", "granted_on", "decided_on", "made_at", "at")  # fmt: skip
    words = (
        "role",
        "roles",
        "status",
        "state",
        "password_hash",
        "name",
        "email",
        "key",
        "sha256",
        "root",
        "manifest",
        "seat",
    )
    numbers = ("version", "number", "serial", "size", "pages", "rank")
    flags = ("is_admin", "admin", "external", "stands", "whole", "verified", "signed", "sworn", "superuser")
    return (
        {name: str(value) for name, value in ids.items()}
        | {name: f"{DAY}T23:59:59+00:00" if name.endswith("_at") or name == "at" else DAY for name in moments}
        | dict.fromkeys(words, STRANGE)
        | dict.fromkeys(numbers, "987654321")
        | dict.fromkeys(flags, "1")
    )


_DRAWN = re.compile(
    f"{UUID.pattern}|[0-9a-f]{{32,}}|[0-9A-Z]{{4}}(-[0-9A-Z]{{4}}){{3}}|[0-9a-f]{{2}}/|-[0-9A-F]{{10}}\\b|[\\w-]{{40,}}|\\d{{4}}-\\d\\d-\\d\\d[T ][\\d:.+]+|"
    # The address by which a holder shares a certificate.
    "(?m:^[\\w-]{27}$)|"
    # In letters: the code of a third party, and the hour until which it holds.
    "(?m:^\\d{6}$)|\\d+\xa0h\xa0\\d\\d|"
    # The code by which one joins a group.
    "(?m:^[0-9A-Z]{8}$)"
)


# What is drawn by lot no matter who writes, and the log of logging in.
NOT_COMPARED = {
    "login_session",
    "login_attempt",
    "idempotency_key",
    "ledger_salt",
    "ledger_checkpoint",
    "ledger_entry",
    "access_record",
    "exhibit_opening",
}


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return type(value).__name__
    return "a password" if "$argon2" in str(value) else _DRAWN.sub("…", str(value))


def _count(rows: list[Row], extra: dict[str, str]) -> dict[str, int]:
    """Return how often each strange value stands in these rows."""
    text = "\n".join(map(repr, rows))
    return {
        value: text.count(value.replace("-", "") if UUID.fullmatch(value) else value)
        for value in {*extra.values()} - {"1"}
    }


# Made from other rows, or holding moments inside a text: what they say is looked at by their own tests.
DERIVED = {"candidacy_listing", "certificate_listing", "listing_count", "open_deadline", "email_attachment"}


def _told(status: int, differences: Differences, extra: dict[str, str]) -> tuple[Any, ...]:
    """Return what a form answers, the rows that it writes or removes, what is drawn by lot or read on the clock put
    aside, and what of the extra stands there.
    """
    written: list[Row] = []
    rows = {}
    for name in differences.keys() - DERIVED:
        new, gone = differences[name]
        written += new
        if name not in NOT_COMPARED:
            signed = [("written", row) for row in new] + [("removed", row) for row in gone]
            rows[name] = sorted(f"{sign} {[_plain(one) for one in row]}" for sign, row in signed)
    return status, rows, _count(written, extra)


@pytest.mark.slow
def test_a_field_that_is_not_the_forms_own_has_no_effect(installed: Installation, found: dict[str, Any]):
    """The same form was sent without them when it was found."""
    faults, before, every = [], installed.rows(), _extra(installed)
    for endpoint, plainly in sorted(found.items()):
        form = plainly.form
        own = {field.name for field in form.fields} | ALSO.get(endpoint, set())
        body: MultiDict[str, Any] = form.filled()
        for name in every.keys() - own:
            body.setdefault(name, every[name])
        installed.restore()
        answer = send(installed, form, body)
        plain = _told(plainly.status, plainly.differences, every)
        strange = _told(answer.status_code, installed.differences(before), every)
        for what, one, other in zip(("answers", "writes", "keeps"), plain, strange, strict=True):
            if one != other:
                faults.append(
                    f"{endpoint}: {what} something else with fields that are not its own: {_differ(one, other)}"
                )
    assert not faults, "\n".join(faults)
    assert len(found) >= 140


def _differ(one: Any, other: Any) -> str:
    if not isinstance(one, dict):
        return f"{one} {other}"
    keys = sorted(one.keys() | other.keys())
    return "; ".join(
        f"{key}: {_only(one.get(key, []), other.get(key, []))}" for key in keys if one.get(key) != other.get(key)
    )


def _only(one: Any, other: Any) -> str:
    """Return the rows that only one of two lists has."""
    if not isinstance(one, list):
        return f"{one} {other}"
    return f"{[row for row in one if row not in other]!s:.900} / {[row for row in other if row not in one]!s:.900}"
