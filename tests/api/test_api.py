"""A program of a body opens candidacies and reads what changed, within its scopes and nothing of another body."""

import csv
import json
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from portfolio.db.engine import Database
from portfolio.domain.account.models import CertifyingBodyMember, Person
from portfolio.domain.account.rules import MemberRight
from portfolio.domain.api_access import use_cases
from portfolio.domain.api_access.models import ApiCall, ApiToken
from portfolio.domain.api_access.rules import CALLS, ApiScope
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy_listing.events import number_changes, waiting_changes
from portfolio.domain.candidacy_listing.models import ListingChange
from portfolio.domain.email.models import OutgoingEmail
from portfolio.screens.api.v1.operations import OPERATIONS
from portfolio.web.clock import now
from tests import factories

LINE = {
    "name": "Inès Marchand",
    "email": "ines@exemple.fr",
    "certification": "RNCP16959",
    "admissible_on": "2021-03-01",
    "external_reference": "ERP-1",
}


class Program:
    """A program with its token."""

    def __init__(self, app: Flask, body: Any, token: str) -> None:
        self.client, self.body, self.token = app.test_client(), body, token

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(f"/api/v1{path}", headers=self._headers(more.pop("headers", {})), **more)

    def post(self, path: str, value: Any = None, key: str = "", **headers: str) -> TestResponse:
        named = {"Idempotency-Key": key} if key else {}
        body = {} if value is None else {"json": value}
        return self.client.post(f"/api/v1{path}", headers=self._headers({**named, **headers}), **body)

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **more}


def program_of(app: Flask, name: str = "Institut de l’exemple", scopes: Any = tuple(ApiScope)) -> Program:
    """A body with a published version, and a program that calls for it."""
    store: Database = app.extensions["database"]
    with store.transaction() as session:
        body = factories.body(session, name)
        factories.published_version(session, body.id)
        member = factories.certifier(session, body.id)
        made = use_cases.make_token(
            session, body.id, "Logiciel", scopes, 90, by=member.id, has_second_factor=True, at=now()
        )
        return Program(app, body, made.text)


@pytest.fixture
def program(app: Flask) -> Program:
    return program_of(app)


def _number_of(store: Database, model: Any = Candidacy) -> int:
    with store.reader() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.slow
def test_a_hundred_lines_and_the_same_call_again(program: Program, store: Database):
    lines = [{**LINE, "email": f"p{rank}@exemple.fr", "external_reference": f"ERP-{rank}"} for rank in range(100)]
    lines[41] = {**lines[41], "certification": "RNCP1"}
    first = program.post("/candidacies", {"candidacies": lines}, key="lot-1")
    assert (first.status_code, first.json["opened"], first.json["refused"]) == (200, 99, 1)
    assert first.json["lines"][41]["sentence"] == "Votre organisme n’a pas publié « RNCP1 »."
    again = program.post("/candidacies", {"candidacies": lines}, key="lot-1")
    assert (again.data, again.headers["Idempotent-Replayed"]) == (first.data, "true")
    other = program.post("/candidacies", {"candidacies": lines[:1]}, key="lot-1")
    assert (other.status_code, other.mimetype) == (422, "application/problem+json")
    later = program.post("/candidacies", {"candidacies": lines}, key="lot-2")
    assert (later.json["opened"], later.json["known"], later.json["refused"]) == (0, 99, 1)
    assert _number_of(store) == 99


@pytest.mark.records("api_candidacies_opened")
def test_lines_of_one_call_that_contradict_each_other_are_refused(program: Program, store: Database):
    same_reference = program.post("/candidacies", {"candidacies": [LINE, {**LINE, "email": "b@exemple.fr"}]})
    assert [line["code"] for line in same_reference.json["lines"]] == ["reference_twice"] * 2
    same_person = program.post("/candidacies", {"candidacies": [LINE, {**LINE, "external_reference": "ERP-2"}]})
    assert [line["code"] for line in same_person.json["lines"]] == ["email_twice"] * 2
    assert _number_of(store) == 0


@pytest.mark.parametrize(
    ("change", "pointer", "sentence"),
    [
        ({"admissible_on": "hier"}, "/candidacies/0/admissible_on", "Donnez une date, comme 2026-03-01."),
        ({"name": ""}, "/candidacies/0/name", "Il en faut 1 au moins."),
        ({"route": "poste"}, "/candidacies/0/route", "Cette valeur n’est pas de la liste que donne la description."),
        ({"nom": "x"}, "/candidacies/0", "« nom » n’existe pas ici."),
        ({"blocks": ["un"]}, "/candidacies/0/blocks/0", "Donnez un nombre entier."),
    ],
)
def test_a_value_to_correct_is_named_in_french(
    program: Program, store: Database, change: Any, pointer: str, sentence: str
):
    answer = program.post("/candidacies", {"candidacies": [{**LINE, **change}]})
    assert answer.status_code == 422
    assert answer.json["errors"] == [{"pointer": pointer, "sentence": sentence}]
    assert _number_of(store) == 0


@pytest.mark.parametrize("email", ["ines", "ines@exemple", "\u0000\u0000@x.fr\ud800"])
def test_an_address_that_is_none_is_a_refused_line(program: Program, email: str):
    line = program.post("/candidacies", {"candidacies": [{**LINE, "email": email}]})
    assert line.status_code in (200, 400, 422)
    assert line.status_code != 200 or line.json["lines"][0]["outcome"] == "refused"


@pytest.mark.parametrize("data", [b"{", b"\xff", b"[" * 100_000, b"null", b'"x"'])
def test_a_body_that_is_no_json_is_told(program: Program, data: bytes):
    headers = {"Authorization": f"Bearer {program.token}", "Content-Type": "application/json"}
    answer = program.client.post("/api/v1/candidacies", data=data, headers=headers)
    assert (answer.status_code in (400, 422), answer.mimetype) == (True, "application/problem+json")
    plain = program.client.post("/api/v1/candidacies", data=data, headers={**headers, "Content-Type": "text/plain"})
    assert plain.status_code == 415


def test_changes_are_read_in_their_order_and_none_is_missed(program: Program, store: Database):
    lines = [{**LINE, "email": f"p{rank}@exemple.fr", "external_reference": f"ERP-{rank}"} for rank in range(5)]
    ids = [line["id"] for line in program.post("/candidacies", {"candidacies": lines}).json["lines"]]
    seen: list[str] = []
    since, more = 0, True
    while more:
        page = program.get(f"/candidacies?limit=2&changed_since={since}").json
        seen += [each["id"] for each in page["candidacies"]]
        since, more = page["next"], page["has_more"]
    assert sorted(seen) == sorted(ids)
    assert program.get(f"/candidacies?changed_since={since}").json == {
        "candidacies": [],
        "next": since,
        "has_more": False,
    }
    with store.transaction() as session:
        changed = session.scalars(select(Candidacy).where(Candidacy.id == UUID(ids[2]))).one()
        changed.postal_address = "1 rue Neuve"
    page = program.get(f"/candidacies?changed_since={since}").json
    assert [each["id"] for each in page["candidacies"]] == [ids[2]]
    assert page["candidacies"][0]["external_reference"] == "ERP-2"
    assert page["candidacies"][0]["candidate"] == {"name": "Inès Marchand", "email": "p2@exemple.fr"}
    assert page["next"] > since


def test_one_object_is_read_again_only_when_it_changed(program: Program):
    (opened,) = program.post("/candidacies", {"candidacies": [LINE]}).json["lines"]
    first = program.get(f"/candidacies/{opened['id']}")
    assert first.json["stage"] == "invited"
    assert [block["number"] for block in first.json["blocks"]] == [1, 2, 3, 4]
    again = program.get(f"/candidacies/{opened['id']}", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_an_invitation_is_written_again(program: Program, store: Database):
    (opened,) = program.post("/candidacies", {"candidacies": [LINE]}).json["lines"]
    before = _number_of(store, OutgoingEmail)
    assert program.post(f"/candidacies/{opened['id']}/invitation").json == {"id": opened["id"]}
    assert _number_of(store, OutgoingEmail) == before + 1


def test_nothing_is_answered_without_a_live_token(app: Flask, program: Program, store: Database):
    for given in ("", "Bearer", "Bearer acq_x", f"Bearer {program.token[:-1]}x", f"Basic {program.token}"):
        answer = app.test_client().get("/api/v1/me", headers={"Authorization": given} if given else {})
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert program.get("/me").json["body"] == "Institut de l’exemple"
    for change in ({"revoked_at": now()}, {"revoked_at": None, "expires_at": now() - timedelta(seconds=1)}):
        with store.transaction() as session:
            session.execute(update(ApiToken).values(**change))
        assert program.get("/me").status_code == 401


def test_a_token_ends_with_the_task_of_its_maker(program: Program, store: Database):
    with store.transaction() as session:
        session.execute(update(CertifyingBodyMember).values(member_right=MemberRight.READER, tasks={"reading": []}))
    assert program.get("/me").status_code == 401


def test_a_scope_permits_its_operations_alone(app: Flask):
    reader = program_of(app, scopes=[ApiScope.CANDIDACIES_READ])
    assert reader.get("/candidacies").status_code == 200
    refused = reader.post("/candidacies", {"candidacies": [LINE]})
    assert refused.status_code == 403
    assert "candidacies:write" in refused.json["detail"]


def test_a_body_knows_nothing_of_another(app: Flask, program: Program):
    (opened,) = program.post("/candidacies", {"candidacies": [LINE]}).json["lines"]
    stranger = program_of(app, "Autre organisme")
    for row in OPERATIONS:
        path = row.path.replace("<uuid:candidacy_id>", opened["id"]).replace("<uuid:session_id>", str(uuid4()))
        path = path.replace("<uuid:webhook_id>", str(uuid4())).replace("<number>", "AC-0").replace("<code>", "RNCP0")
        if row.method == "GET":
            answer = stranger.get(path)
            assert answer.status_code == (404 if "<" in row.path else 200), row.name
            assert "Inès" not in answer.text
            assert opened["id"] not in answer.text
    assert stranger.post(f"/candidacies/{opened['id']}/invitation").status_code == 404
    # The same reference is theirs to give.
    assert stranger.post("/candidacies", {"candidacies": [LINE]}).json["opened"] == 1


def test_too_many_calls_wait(program: Program, store: Database):
    program.get("/me")
    with store.transaction() as session:
        token = session.scalars(select(ApiToken)).one()
        rest = {"operation": "read_token", "object_id": "", "status": 200, "milliseconds": 1}
        session.add_all(ApiCall(token_id=token.id, called_at=now(), **rest) for _ in range(CALLS - 2))
    last = program.get("/me")
    assert (last.status_code, last.headers["RateLimit"]) == (200, '"token";r=0;t=60')
    over = program.get("/me")
    assert (over.status_code, over.headers["Retry-After"]) == (429, "60")


def test_calls_are_kept_without_what_was_sent(program: Program, store: Database):
    program.post("/candidacies", {"candidacies": [LINE]})
    program.get("/candidacies/" + str(uuid4()))
    with store.reader() as session:
        calls = session.execute(select(ApiCall.operation, ApiCall.status).order_by(ApiCall.seq)).all()
        kept = session.scalars(select(ApiCall.object_id)).all()
    assert [tuple(call) for call in calls] == [("open_candidacies", 200), ("read_candidacy", 404)]
    assert "Inès" not in json.dumps(kept)


def test_an_error_outside_the_operations_is_a_problem(program: Program):
    for path, status in (("/nowhere", 404), ("/candidacies?limit=900", 422), ("/candidacies?nom=x", 422)):
        answer = program.get(path)
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert program.client.delete("/api/v1/me").mimetype == "application/problem+json"


@pytest.mark.records("api_token_revoked")
def test_a_member_makes_renews_and_stops_a_token(app: Flask, store: Database):
    with store.transaction() as session:
        body = factories.body(session)
        factories.published_version(session, body.id)
        email = factories.certifier(session, body.id).email
    client = app.test_client()
    client.log_in(email, factories.PASSWORD)
    asked = {"name": "Logiciel", "scopes": "candidacies:read", "days": "90", "password": factories.PASSWORD}
    without = client.send("/organisme/acces", asked)
    assert without.status_code == 409
    assert "double authentification" in without.text
    with store.transaction() as session:
        member = session.scalars(select(Person).where(Person.email == email)).one()
        made = use_cases.make_token(
            session, body.id, "Logiciel", list(ApiScope), 90, by=member.id, has_second_factor=True, at=now()
        )
    token_id = re.search(r"/organisme/acces/([0-9a-f-]{36})", client.get("/organisme/acces").text)
    assert token_id
    stopped = client.send(f"/organisme/acces/{token_id[1]}/arreter", form=f"/organisme/acces/{token_id[1]}")
    assert stopped.status_code == 303
    assert Program(app, body, made.text).get("/me").status_code == 401


def test_a_twin_keeps_scopes_and_references(app: Flask, program: Program, store: Database):
    program.post("/candidacies", {"candidacies": [LINE]})
    with store.transaction() as session:
        former = session.scalars(select(ApiToken)).one()
        twin = use_cases.renew_token(
            session, former.body_id, former.id, by=former.made_by, has_second_factor=True, at=now()
        )
    renewed = Program(app, program.body, twin.text)
    assert renewed.post("/candidacies", {"candidacies": [LINE]}).json["known"] == 1
    assert program.get("/me").status_code == 200
    with store.reader() as session:
        former = session.scalars(select(ApiToken).where(ApiToken.twin_of.is_(None))).one()
        assert former.expires_at <= now() + timedelta(days=30)


def test_letters_say_once_that_a_token_ends(program: Program, store: Database):
    with store.transaction() as session:
        session.execute(update(ApiToken).values(expires_at=now() + timedelta(days=20)))
        assert use_cases.warn_of_expiry(session, at=now()) == 1
        assert use_cases.warn_of_expiry(session, at=now()) == 0
        assert use_cases.warn_of_expiry(session, at=now() + timedelta(days=14)) == 1
        letters = session.scalars(select(OutgoingEmail.subject)).all()
    assert sum("prend fin" in subject for subject in letters) == 2
    assert program.get("/me").status_code == 200


def test_a_change_is_numbered_again_after_what_was_read(db: Database):
    with db.transaction() as session:
        factories.world(session, filled=False)
    with db.reader() as session:
        body_id = session.scalars(select(ListingChange.body_id)).one()
        assert waiting_changes(session, body_id)
    for number in (1, 2):
        with db.transaction() as session:
            number_changes(session, body_id)
        with db.reader() as session:
            assert session.scalars(select(ListingChange.seq)).all() == [number]
            assert not waiting_changes(session, body_id)
        with db.transaction() as session:
            session.scalars(select(Candidacy)).one().postal_address = f"ailleurs {number}"


def test_figures_are_those_of_the_body_alone(app: Flask, program: Program):
    program.post("/candidacies", {"candidacies": [LINE]})
    found = program.get("/figures").json
    assert [step["number"] for step in found["steps"] if step["step"] == "admissible"] == [1]
    assert program.get("/figures?year=2021&certification=RNCP16959").json["steps"] == found["steps"]
    assert {step["number"] for step in program.get("/figures?year=2019").json["steps"]} == {0}
    assert {step["number"] for step in program_of(app, "Autre organisme").get("/figures").json["steps"]} == {0}
    assert program.get("/figures?certification=RNCP1").status_code == 404


def test_a_list_is_a_file_whose_columns_have_the_names_of_the_api(app: Flask, program: Program, store: Database):
    lines = [{**LINE, "email": f"p{rank}@exemple.fr", "external_reference": f"R{rank}"} for rank in range(3)]
    lines[2]["name"] = "=1+1"
    program.post("/candidacies", {"candidacies": lines})
    with store.transaction() as session:
        email = factories.certifier(session, program.body.id, "Nadia Roy").email
    browser = app.test_client()
    browser.log_in(email, factories.PASSWORD)
    text = browser.get("/organisme/acces/listes").data.decode()
    header, *rows = csv.reader(text.removeprefix("\ufeff").splitlines(), delimiter=";")
    assert text[0] == "\ufeff"
    assert {"id", "certification.code", "candidate.email", "stage", "deadlines", "blocks"} <= set(header)
    found = [dict(zip(header, row, strict=True)) for row in rows]
    assert sorted(row["candidate.email"] for row in found) == [line["email"] for line in lines]
    assert {row["candidate.name"] for row in found} == {"Inès Marchand", "'=1+1"}
    assert found[0]["blocks"].startswith("1 ")
    for name in ("sessions", "results", "certificates"):
        (columns,) = csv.reader(
            browser.get(f"/organisme/acces/listes?liste={name}").data.decode().splitlines(), delimiter=";"
        )
        assert len(columns) > 5
    sheet = browser.get("/organisme/acces/listes?format=ods")
    assert sheet.mimetype == "application/vnd.oasis.opendocument.spreadsheet"
    assert browser.get("/organisme/acces/listes?liste=people").status_code == 404
