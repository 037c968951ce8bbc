"""Programs are told of events at their addresses: none lost, in order, signed, and never inside."""

import json
import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from portfolio import outgoing_http
from portfolio.db.engine import Database
from portfolio.domain.api_access import webhooks
from portfolio.domain.api_access.models import ApiAnswer, Webhook, WebhookDelivery
from portfolio.domain.api_access.rules import (
    RETRIES,
    STOPPED_AFTER,
    TOLD,
    ApiRefusal,
    ApiScope,
    DeliveryState,
    EventType,
    draw_secret,
    next_try,
    signature_of,
)
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy_listing.events import OF_ACTS
from portfolio.domain.candidacy_listing.models import CertificateListing
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.holdings.models.grants import Certificate, CertificateSignature
from portfolio.domain.holdings.rules.status_changes import StatusChange, StatusChangeKind
from portfolio.domain.holdings.use_cases.status_changes import change_status
from portfolio.errors import Refusal
from portfolio.outgoing_http import AddressFault, BadAddressError, is_public, post, resolve
from portfolio.web.clock import now
from portfolio.wording.audit_log import VERBS
from tests import factories
from tests.api.test_api import LINE, Program, program_of


class Receiver:
    """A program that receives, and can be down."""

    def __init__(self) -> None:
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.status: int | None = 204
        # The object of which no event is taken.
        self.refused: str | None = None
        received = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if received.status is None:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                received.taken.append(({name.lower(): value for name, value in self.headers.items()}, body))
                is_refused = received.refused is not None and received.refused.encode() in body
                self.send_response(422 if is_refused else received.status)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()

            def log_message(self, *_parts: Any) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/acquis?from=1"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def told(self) -> list[Any]:
        return [json.loads(body) for _, body in self.taken]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


class Clock:
    """A moment that the test moves."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def program(app: Flask) -> Program:
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = settings.with_changes(private_webhooks=True)
    return program_of(app)


def _made(program: Program, url: str, events: Any = TOLD) -> tuple[str, str]:
    answer = program.post("/webhooks", {"url": url, "events": list(events)})
    assert answer.status_code == 200, answer.text
    return answer.json["webhook"]["id"], answer.json["secret"]


def _send(app: Flask, clock: Any = now) -> int:
    """Send all that is due, as the worker does."""
    sent = 0
    while task := webhooks.claim_webhook(app.extensions["database"], app.config["SETTINGS"], clock):
        sent += task()
    return sent


def _open(program: Program, *ranks: int) -> list[str]:
    lines = [{**LINE, "email": f"p{rank}@exemple.fr", "external_reference": f"R{rank}"} for rank in ranks]
    return [line["id"] for line in program.post("/candidacies", {"candidacies": lines}).json["lines"]]


def test_a_receiver_down_three_hours_loses_nothing(app: Flask, program: Program, receiver: Receiver):
    _, secret = _made(program, receiver.url)
    clock = Clock(now() - timedelta(hours=5))
    with app.extensions["database"].transaction() as session:
        session.execute(update(Webhook).values(next_at=clock.at))
    receiver.status = None
    opened = []
    for rank in range(6):
        opened += _open(program, rank)
        assert _send(app, clock) == 0
        clock.at += timedelta(minutes=30)
    assert receiver.taken == []
    receiver.status = 503  # it took the message, and answered that it did not
    clock.at = now() - timedelta(seconds=1)
    assert (_send(app, clock), len(receiver.taken)) == (0, 1)
    receiver.status = 204
    with app.extensions["database"].transaction() as session:
        session.execute(update(Webhook).values(next_at=now() - timedelta(seconds=1)))
    assert _send(app) == 6
    verifier = Verifier(secret)
    told = [verifier.verify(body.decode(), headers) for headers, body in receiver.taken]
    assert [each["data"]["id"] for each in told] == [opened[0], *opened]
    assert [each["data"]["sequence"] for each in told] == [1, 1, 2, 3, 4, 5, 6]
    ids = [headers["webhook-id"] for headers, _ in receiver.taken]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 6
    assert all("@" not in body.decode() and "Inès" not in body.decode() for _, body in receiver.taken)
    headers, body = receiver.taken[0]
    with pytest.raises(WebhookVerificationError):
        Verifier(secret).verify(body.decode() + " ", headers)
    found = program.get(told[0]["data"]["url"].partition("/api/v1")[2])
    assert found.json["id"] == opened[0]


def test_an_event_that_is_refused_holds_those_of_its_object_alone(
    app: Flask, program: Program, receiver: Receiver, store: Database
):
    _made(program, receiver.url)
    clock, (refused, first) = Clock(now()), _open(program, 0, 1)
    receiver.refused = refused
    with store.transaction() as session:
        hook = session.scalars(select(Webhook)).one()
        path = session.scalars(select(WebhookDelivery.path).where(WebhookDelivery.path.contains(refused))).one()
        webhooks.queue_events(session, [(hook.body_id, EventType.CANDIDACY_CLOSED, path)], at=now())
    assert _send(app, clock) == 1
    clock.at += RETRIES[0]
    (second,) = _open(program, 2)
    assert _send(app, clock) == 1
    told = [(each["type"], each["data"]["id"]) for each in receiver.told()]
    opened = EventType.CANDIDACY_OPENED
    assert told == [(opened, refused), (opened, first), (opened, refused), (opened, second)]
    with store.reader() as session:
        hook = session.scalars(select(Webhook)).one()
        row = session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.seq).limit(1)).one()
    assert (hook.failing_since, hook.stopped_at, row.state, row.tries) == (None, None, DeliveryState.WAITING, 2)
    for delay in RETRIES[1:]:
        clock.at += delay
        assert _send(app, clock) == 0
    receiver.refused, receiver.taken = None, []
    clock.at += RETRIES[0]
    assert _send(app, clock) == 1, "the opening was given up after eight tries, the closing is told"
    assert [each["type"] for each in receiver.told()] == [EventType.CANDIDACY_CLOSED]


def test_a_message_is_tried_eight_times_over_three_days():
    begun = now()
    at, tries = begun, 1
    while (later := next_try(tries, begun, at)) is not None:
        at, tries = later, tries + 1
    assert (tries, at - begun) == (8, timedelta(days=3))
    # The moment at which the address is stopped is not skipped.
    assert next_try(7, begun, begun + timedelta(days=4)) == begun + STOPPED_AFTER
    assert sum(RETRIES, timedelta()) == timedelta(days=3)


@pytest.mark.records("webhook_stopped")
def test_an_address_that_takes_nothing_for_five_days_is_stopped_and_put_back(
    app: Flask, program: Program, receiver: Receiver, store: Database
):
    hook, _ = _made(program, receiver.url)
    receiver.status = 500
    opened, clock = _open(program, *range(3)), Clock(now())
    begun = clock.at
    while not program.get("/webhooks").json["webhooks"][0]["stopped_at"]:
        _send(app, clock)
        with store.reader() as session:
            clock.at = session.scalars(select(Webhook.next_at)).one()
        assert clock.at <= begun + timedelta(days=6)
    with store.reader() as session:
        stopped = session.scalars(select(Webhook.stopped_at)).one()
        letter = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "webhook_stopped")).one()
        states = session.scalars(select(WebhookDelivery.state).order_by(WebhookDelivery.seq)).all()
    assert stopped - begun == STOPPED_AFTER
    assert receiver.url in letter.text
    assert states == [DeliveryState.GIVEN_UP, DeliveryState.WAITING, DeliveryState.WAITING]
    receiver.status, receiver.taken = 204, []
    with store.transaction() as session:
        row = session.get_one(Webhook, UUID(hook))
        webhooks.resume_webhook(session, row, by=row.made_by, at=clock.at)
        given_up = session.scalars(select(WebhookDelivery).where(WebhookDelivery.state == DeliveryState.GIVEN_UP)).one()
        assert webhooks.send_again(session, row, given_up.id, by=row.made_by, at=clock.at)
    assert _send(app, clock) == 3
    assert [each["data"]["id"] for each in receiver.told()] == opened


def test_both_secrets_sign_while_a_receiver_is_given_the_new_one(
    app: Flask, program: Program, receiver: Receiver, store: Database
):
    hook, former = _made(program, receiver.url)
    with store.transaction() as session:
        row = session.get_one(Webhook, UUID(hook))
        new = webhooks.renew_secret(session, row, by=row.made_by, installation="test", at=now())
        assert former.encode() not in row.secret + (row.former_secret or b"")
    assert program.post(f"/webhooks/{hook}/test").json["waiting"] == 1
    assert _send(app) == 1
    headers, body = receiver.taken[0]
    for secret in (former, new):
        assert Verifier(secret).verify(body.decode(), headers)["type"] == "webhook.test"
    with store.transaction() as session:
        session.execute(update(Webhook).values(former_until=now()))
    program.post(f"/webhooks/{hook}/test")
    _send(app)
    with pytest.raises(WebhookVerificationError):
        Verifier(former).verify(receiver.taken[1][1].decode(), receiver.taken[1][0])


def test_a_secret_is_told_once_and_kept_nowhere_in_clear(program: Program, receiver: Receiver, store: Database):
    asked = {"url": receiver.url, "events": ["candidacy.opened"]}
    first = program.post("/webhooks", asked, key="un").json
    again = program.post("/webhooks", asked, key="un").json
    assert (first["secret"].startswith("whsec_"), again["secret"]) == (True, "")
    assert again["webhook"] == first["webhook"]
    with store.reader() as session:
        assert first["secret"] not in "".join(session.scalars(select(ApiAnswer.answer)))
    assert first["secret"] not in program.get("/webhooks").text
    removed = program.client.delete(
        f"/api/v1/webhooks/{first['webhook']['id']}", headers={"Authorization": f"Bearer {program.token}"}
    )
    assert (removed.status_code, program.get("/webhooks").json) == (200, {"webhooks": []})


def test_another_body_knows_no_webhook(app: Flask, program: Program, receiver: Receiver):
    hook, _ = _made(program, receiver.url)
    stranger = program_of(app, "Autre organisme")
    assert stranger.get("/webhooks").json == {"webhooks": []}
    assert stranger.post(f"/webhooks/{hook}/test").status_code == 404
    headers = {"Authorization": f"Bearer {stranger.token}"}
    assert stranger.client.delete(f"/api/v1/webhooks/{hook}", headers=headers).status_code == 404
    _open(stranger, 1)
    assert _send(app) == 0
    reader = program_of(app, "Lecteur", scopes=[ApiScope.CANDIDACIES_READ])
    assert reader.post("/webhooks", {"url": receiver.url, "events": ["candidacy.opened"]}).status_code == 403


FORBIDDEN = (
    "127.0.0.1", "127.9.9.9", "10.0.0.8", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
    "168.63.129.16", "::ffff:168.63.129.16", "fe80::1", "fe80::1%lo", "fc00::1", "64:ff9b::7f00:1", "2002:7f00:1::1", "2001:0:7f00:1::1", "ff02::1",
)  # fmt: skip


@pytest.mark.parametrize("address", FORBIDDEN)
def test_no_address_of_the_inside_is_public(address: str):
    assert not is_public(address)


def test_addresses_of_the_outside_are_public_but_those_of_this_machine(monkeypatch: pytest.MonkeyPatch):
    assert is_public("93.184.215.14")
    assert is_public("2606:2800:220:1::1")
    assert is_public("::ffff:93.184.215.14")
    monkeypatch.setattr(outgoing_http, "_is_ours", lambda text: text == "93.184.215.14")
    assert not is_public("93.184.215.14")


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://0/", "https://2130706433/",
        "https://0x7f.1/", "https://localhost:8000/x",
    ],
)  # fmt: skip
def test_a_webhook_to_the_inside_is_refused_by_its_sentence(app: Flask, url: str):
    answer = program_of(app).post("/webhooks", {"url": url, "events": ["candidacy.opened"]})
    assert (answer.status_code, answer.json["code"]) == (422, AddressFault.PRIVATE.value)
    assert answer.json["errors"][0]["pointer"] == "/url"
    assert "réseau privé" in answer.json["detail"]


@pytest.mark.parametrize(
    "url",
    [
        "http://exemple.fr/", "https://u:p@exemple.fr/", "https://exemple.fr/#a", "file:///etc/passwd", "https://é.fr/",
        "https:///x", "https://exemple.fr:0/", "https://exemple.fr:99999/", "https://a b/", "https://a\n.fr/",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(app: Flask, url: str):
    with pytest.raises(BadAddressError) as refused:
        resolve(url)
    assert refused.value.fault is AddressFault.FORM


@pytest.mark.parametrize("port", [22, 25, 53, 587, 993])
def test_a_port_of_another_service_is_refused(app: Flask, port: int):
    answer = program_of(app).post("/webhooks", {"url": f"https://exemple.fr:{port}/", "events": ["candidacy.opened"]})
    assert (answer.status_code, answer.json["code"]) == (422, AddressFault.PORT.value)


def _answers(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """Make each look-up of a name give the next answer."""
    left = list(answers)

    def look_up(_host: str, port: int, **_more: Any) -> Any:
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(outgoing_http.socket, "getaddrinfo", look_up)


def test_a_name_that_becomes_the_inside_is_refused(monkeypatch: pytest.MonkeyPatch, receiver: Receiver):
    port = receiver.server.server_port
    _answers(monkeypatch, ["93.184.215.14"], ["127.0.0.1"])
    resolve(f"https://exemple.fr:{port}/")  # when the webhook was made
    with pytest.raises(BadAddressError):
        post(f"https://exemple.fr:{port}/", b"{}", {})
    # One address of several is enough to refuse.
    _answers(monkeypatch, ["93.184.215.14", "10.0.0.1"])
    with pytest.raises(BadAddressError):
        resolve("https://exemple.fr/")
    assert receiver.taken == []


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch):
    """The name would lead inside at the second look-up: there is none."""
    _answers(monkeypatch, ["93.184.215.14"], ["127.0.0.1"])
    reached = []

    def connect(address: tuple[str, int], *_more: Any) -> Any:
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(outgoing_http.socket, "create_connection", connect)
    with pytest.raises(ConnectionRefusedError):
        post("https://exemple.fr/", b"{}", {})
    assert reached == [("93.184.215.14", 443)]


def test_a_redirect_is_not_followed(app: Flask, program: Program, receiver: Receiver, store: Database):
    _made(program, receiver.url)
    receiver.status = 307
    _open(program, 1)
    assert _send(app) == 0
    with store.reader() as session:
        row = session.scalars(select(WebhookDelivery)).one()
        assert (row.state, row.last_status, len(receiver.taken)) == (DeliveryState.WAITING, 307, 1)


@pytest.mark.records(
    "candidacy_closure",
    "candidacy_opened",
    "dossier_presented_again",
    "dossier_returned",
    "dossier_submitted",
    "grant_withdrawal",
    "result_notified",
    "webhook_made",
)
def test_each_act_is_told_as_its_event(db: Database):
    assert set(OF_ACTS) <= set(VERBS)
    with db.transaction() as session:
        world = factories.world(session, filled=False)
        candidacy_id, body_id = world.candidacy.id, world.body.id
        hook, _ = webhooks.make_webhook(
            session, body_id, "https://exemple.fr/", TOLD, by=world.certifier.id, has_second_factor=True,
            installation="test", at=now(),
        )  # fmt: skip
    with db.transaction() as session:
        for verb, (_, place) in OF_ACTS.items():
            if place == "candidacies":
                of_submission = verb in ("dossier_submitted", "dossier_presented_again")
                subject = ("submission", UUID(int=1)) if of_submission else ("candidacy", candidacy_id)
                facts = {"candidacy": candidacy_id} if of_submission else {}
                record_event(session, verb, subject, by=None, at=now(), **facts)
        record_event(session, "candidacy_closure", ("candidacy", candidacy_id), by=None, at=now(), kind="reopened")
        try:
            with session.begin_nested():
                record_event(session, "dossier_returned", ("candidacy", candidacy_id), by=None, at=now())
                session.flush()
                raise Refusal(ApiRefusal.ACCESS_ENDED)
        except Refusal:
            pass
    with db.transaction() as session:
        grant = factories.held(
            session, session.get_one(Candidacy, candidacy_id), world.version.blocks[0].id, now().date()
        )
    with db.transaction() as session:
        signed = session.scalars(select(Certificate.id)).one()
        session.add(
            CertificateSignature(
                certificate_id=signed,
                person_id=world.certifier.id,
                name="H",
                quality="Q",
                legal_name="I",
                city="Lyon",
                signed_at=now(),
            )
        )
    with db.transaction() as session:
        today = now().date()
        said = StatusChange(StatusChangeKind.WITHDRAWAL, "Une pièce est contestée.", today, today)
        change_status(session, grant.id, said, by=world.certifier.id, at=now())
    with db.reader() as session:
        told = session.execute(
            select(WebhookDelivery.event_type, WebhookDelivery.path)
            .where(WebhookDelivery.webhook_id == hook.id)
            .order_by(WebhookDelivery.occurred_at)
        ).all()
        number = session.scalars(select(CertificateListing.number)).one()
    path = f"candidacies/{candidacy_id}"
    kinds = [kind for kind, place in OF_ACTS.values() if place == "candidacies"]
    expected = [(kind, path) for kind in dict.fromkeys(kinds)]
    assert [tuple(row) for row in told] == [
        *expected,
        (EventType.CANDIDACY_REOPENED, path),
        (EventType.CERTIFICATE_ISSUED, f"certificates/{number}"),
        (EventType.CERTIFICATE_WITHDRAWN, f"certificates/{number}"),
    ]


def test_signatures_are_ours_and_verified_by_a_stranger():
    secret, body = draw_secret(), b'{"type":"webhook.test"}'
    stamp = int(now().timestamp())
    signed = {"webhook-id": "un", "webhook-timestamp": str(stamp)}
    signed["webhook-signature"] = signature_of(secret, "un", stamp, body)
    assert Verifier(secret).verify(body.decode(), signed) == {"type": "webhook.test"}


@pytest.mark.records(
    "api_token_made", "webhook_removed", "webhook_resumed", "webhook_secret_renewed", "webhook_sent_again"
)
def test_a_member_with_a_second_factor_makes_and_ends_a_webhook(app: Flask, program: Program, store: Database):
    with store.transaction() as session:
        email = factories.certifier(session, program.body.id, "Nadia Roy").email
    client = app.test_client()
    client.log_in(email, factories.PASSWORD)
    page = "/organisme/webhooks"
    asked = {"url": "https://127.0.0.1:8008/", "events": "candidacy.opened", "password": factories.PASSWORD}
    refused = client.send(page, asked)
    assert (refused.status_code, "double authentification" in refused.text) == (409, True)
    assert "https://127.0.0.1:8008/" in refused.text
    hook, _ = _made(program, "https://127.0.0.1:8008/")
    assert "127.0.0.1:8008" in client.get(page).text
    one = f"{page}/{hook}"
    assert client.send(f"{one}/essai", form=one).status_code == 303
    _send(app)
    shown = client.get(one)
    assert "ne répond pas" in shown.text
    with store.reader() as session:
        event = session.scalars(select(WebhookDelivery)).one()
    assert client.send(f"{one}/evenements/{event.id}/renvoyer", form=one).status_code == 303
    assert client.send(f"{one}/reprendre", form=one).status_code == 303
    renewed = client.send(f"{one}/secret", {"password": factories.PASSWORD}, form=one)
    assert renewed.status_code == 303
    assert "whsec_" in client.get(one).text
    assert "whsec_" not in client.get(one).text
    assert client.send(f"{one}/supprimer", form=one).status_code == 303
    assert client.get(one).status_code == 404
