"""Each juror tries every writing route on what is not theirs: not one byte of the store changes, on both stores."""

import io
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from config import Config
from portfolio.all_models import metadata
from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.models import AuditEvent as Line
from portfolio.web.errors import DENIED
from tests import factories
from tests.applications import config_for
from tests.jury.panels import Benches, Heard, benches
from tests.page import CheckedClient, Page

# What would be accepted, were it theirs.
TYPED: dict[str, Any] = {
    "kind": "no_relation", "reason": "Un motif.", "attendance": "heard", "value": "acquired", "outcome": "validated",
    "sure": "y", "password": factories.PASSWORD, "text": "Une rectification.", "recommendation": "Un conseil.",
    "signed_on": "2026-06-16", "kinds": "read", "name": "Paul", "email": "paul@exemple.fr", "quality": "Chef",
    "college": "employers", "held_on": "2030-01-01", "place": "Lyon", "revision": "0", "sworn": "y", "comment": "Un mot.",
    "decided_on": "2026-06-16", "statement": "Un mot.",
}  # fmt: skip


@pytest.fixture
def config(database_url: str, tmp_path: Any) -> Config:
    """Return the application on each store in turn."""
    return config_for(database_url, tmp_path)


@pytest.fixture
def made(store: Database) -> Benches:
    return benches(store)


def dump(store: Database) -> dict[str, list[str]]:
    """Every row of every table, but the lines of the audit log about refused accesses: see `denials`."""
    with store.reader() as session:
        rows = {table.name: list(session.execute(select(table))) for table in metadata.sorted_tables}
    rows["audit_event"] = [row for row in rows["audit_event"] if row.action != DENIED]
    return {name: sorted(repr(tuple(row)) for row in kept) for name, kept in rows.items()}


def denials(store: Database) -> Counter[UUID | None]:
    """Count the refused accesses that the audit log holds, by who was refused."""
    with store.reader() as session:
        return Counter(session.scalars(select(Line.actor_id).where(Line.action == DENIED)))


def writing(app: Flask, made: Benches, heard: Heard, *names: str) -> list[str]:
    """Return the address of every route that writes about this candidate, through one of these ids."""
    block = made.scene.blocks[1]
    values = {
        "hearing_id": heard.hearing_id, "session_id": heard.session_id, "candidacy_id": heard.candidacy_id,
        "submission_id": heard.submission_id, "block_id": block.id, "competency_id": block.competencies[0].id,
        "member_id": uuid4(), "seat": "teacher_trainer", "number": 1, "certificate_number": "AAAA-BBBB-CCCC-DDDD",
        "evidence_id": uuid4(), "claim_id": uuid4(), "experience_id": uuid4(), "acquisition_id": uuid4(),
    }  # fmt: skip
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        found = []
        for rule in app.url_map.iter_rules():
            wanted = rule.arguments & set(names)
            # A call of the API reads no session: tests/api crosses its tokens.
            if "POST" in (rule.methods or ()) and wanted and not rule.endpoint.startswith("api."):
                filled = {name: values.get(name, uuid4()) for name in rule.arguments}
                found.append(adapter.build(rule.endpoint, filled, method="POST"))
    return found


def enter(client: CheckedClient, person: Person) -> dict[str, str]:
    """Log in, and bring what a form of the product carries."""
    client.log_in(person.email, factories.PASSWORD)
    page = Page(client.get("/jurys").text)
    return {"csrf_token": page.hidden("csrf_token")}


def leave(client: CheckedClient, token: dict[str, str]) -> None:
    client.post("/deconnexion", data=token)


def attempt(client: CheckedClient, url: str, token: dict[str, str]) -> int:
    scan = (io.BytesIO(b"%PDF-1.4"), "formulaire.pdf")
    data = TYPED | token | {"nonce": uuid4().hex, "scan": scan, "file": (io.BytesIO(b"%PDF-1.4"), "a.pdf")}
    return client.post(url, data=data, content_type="multipart/form-data").status_code


@pytest.mark.slow
def test_every_writing_route_on_another_sessions_candidate_does_not_exist_for_any_juror(
    app: Flask, client: CheckedClient, store: Database, made: Benches
) -> None:
    urls = writing(app, made, made.elsewhere, "hearing_id", "session_id", "candidacy_id", "submission_id")
    assert len([url for url in urls if url.startswith("/jurys/")]) >= 8
    for person in (*made.scene.members.values(), made.substitute):
        token = enter(client, person)
        before = dump(store)
        answers = {url: attempt(client, url, token) for url in urls}
        assert {url: status for url, status in answers.items() if status != 404} == {}, person.name
        assert dump(store) == before, person.name
        assert not denials(store), person.name
        leave(client, token)


@pytest.mark.slow
def test_the_other_jury_finds_nothing_of_the_first_sessions_candidates_either(
    app: Flask, client: CheckedClient, store: Database, made: Benches
) -> None:
    urls = writing(app, made, made.open_to_all, "hearing_id", "session_id", "candidacy_id", "submission_id")
    for person in made.others.values():
        token = enter(client, person)
        before = dump(store)
        assert {attempt(client, url, token) for url in urls} == {404}, person.name
        assert dump(store) == before
        leave(client, token)


@pytest.mark.slow
def test_a_recused_member_writes_nothing_about_the_candidate_they_are_barred_from(
    app: Flask, client: CheckedClient, store: Database, made: Benches
) -> None:
    own = ("/recusation", "/retrait")  # theirs to withdraw; what it opens again is tested with the pages of the sitting
    urls = [url for url in writing(app, made, made.barred_from, "hearing_id", "submission_id") if not url.endswith(own)]
    token = enter(client, made.barred)
    before = dump(store)
    answers = {url: attempt(client, url, token) for url in urls}
    assert set(answers.values()) <= {403, 404, 409}, answers
    assert answers[f"/jurys/{made.barred_from.hearing_id}/declaration"] == 409, (
        "a recusal is withdrawn before declaring"
    )
    assert dump(store) == before
    assert denials(store) == Counter({made.barred.id: list(answers.values()).count(403)})


@pytest.mark.slow
def test_members_who_do_not_preside_write_nothing_that_is_the_presidents(
    app: Flask, client: CheckedClient, store: Database, made: Benches
) -> None:
    own = (
        "declaration",
        "lecture",
        "recusation",
        "retrait",
        "notes",
        "avis",
        "entretien",
        "signature",
        "defi",
    )  # what each member says for themselves; said already, saying it again changes nothing
    # A note, an entry or a vote of their own is found by its own id: none of these exists.
    theirs = ("/notes/", "/entretien/", "/votes/")
    found = writing(app, made, made.open_to_all, "hearing_id")
    urls = [
        url
        for url in found
        if not url.endswith(own) and (url.endswith("cloture") or not any(part in url for part in theirs))
    ]
    for person in made.scene.members.values():
        if person.id == made.scene.president.id:
            continue
        token = enter(client, person)
        before = dump(store)
        answers = [attempt(client, url, token) for url in urls]
        assert set(answers) <= {403, 404}, person.name
        assert dump(store) == before, person.name
        assert denials(store)[person.id] == answers.count(403), person.name
        leave(client, token)


def test_the_hands_that_try_would_write_where_they_may(
    app: Flask, client: CheckedClient, store: Database, made: Benches
) -> None:
    """The same requests, by the president on their own candidate, do change the store: the tests above can fail."""
    token = enter(client, made.scene.president)
    before = dump(store)
    block = made.scene.blocks[1]
    url = f"/jurys/{made.open_to_all.hearing_id}/competences/{block.competencies[0].id}"
    assert attempt(client, url, token) == 303
    assert dump(store) != before
