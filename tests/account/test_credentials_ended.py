"""Whatever happens to an account, all that lets somebody in or act in the name of its person serves no more."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import Config
from portfolio.db.credentials import declared_credentials
from portfolio.db.engine import Base, Database
from portfolio.domain.account import second_factor, use_cases
from portfolio.domain.account.credentials import AccountEvent, count_credentials, end_credentials
from portfolio.domain.account.models import (
    CertifyingBodyMember,
    EmailChange,
    KnownBrowser,
    PasskeyChallenge,
    Person,
    ProviderLogin,
)
from portfolio.domain.account.rules import MemberRight, PasskeyPurpose, TokenPurpose
from portfolio.domain.api_access import use_cases as tokens
from portfolio.domain.api_access import webhooks
from portfolio.domain.api_access.models import ApiToken, Webhook, WebhookDelivery
from portfolio.domain.api_access.rules import ApiScope, EventType
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.holdings.models.grants import Certificate, WalletOffer
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury_session.use_cases import planning
from portfolio.domain.presence.models import PresenceOpening
from portfolio.web.clock import now, today
from portfolio.wording.credentials import KINDS
from tests import factories
from tests.page import CheckedClient

NEW_PASSWORD = "cormoran lilas 47 ardoise"
# What a table with a secret or the digest of one is, when ending an account's credentials does not end it.
NOT_A_CREDENTIAL = {
    "person": "the password itself: changed or forgotten by what ends the rest",
    "second_factor": "what a person has, beside what they know; removed by itself",
    "recovery_code": "replaces the second factor once; removed with it",
    "passkey": "what a person has, beside what they know; removed by itself",
    "provider_session": "closes a session at its provider; opens nothing",
    "attestation_link": "of a third party",
    "attestation_otp": "of a third party",
    "candidate_group": "of a body and an employer",
    "funding": "of a funder",
    "juror": "of whoever a body asked to fill in a card, with or without an account",
    "summons": "answers one summons",
    "notification_preference": "stops letters",
    "certificate_share": "shows one certificate, which its holder withdraws",
    "verifiable_credential": "a certificate",
    "france_vae_access": "of a body, at another site",
}
_NAMES = re.compile(
    r"(token|code|link|password|challenge|state|digits|unsubscribe|answer)_(digest|hash|key)|token|secret|credential_id"
)


def _holds_a_secret(table: Any) -> bool:
    return any(_NAMES.fullmatch(column.name) for column in table.columns)


def test_each_table_with_a_secret_is_a_credential_or_says_why_it_is_not():
    declared = {row_class.__tablename__ for row_class, _ in declared_credentials()}
    with_secret = {table.name for table in Base.metadata.sorted_tables if _holds_a_secret(table)}
    assert declared <= with_secret
    assert with_secret - declared == NOT_A_CREDENTIAL.keys(), "a new kind declares how it ends, or says why it does not"
    assert declared == KINDS.keys(), "each kind has its words"


@dataclass
class Scene:
    """Someone who manages two bodies and is a candidate elsewhere, with a credential of each kind."""

    person: Person
    body: UUID
    other: UUID
    manager: Person
    token: str
    other_token: str
    link: str


@pytest.fixture
def scene(app: Flask, store: Database) -> Scene:
    with store.transaction() as session:
        world = factories.world(session)
        person, other = world.certifier, factories.body(session, "Autre institut")
        session.add(CertifyingBodyMember(body_id=other.id, person_id=person.id))
        manager = factories.certifier(session, world.body.id, "Paul Adam")
        factories.certifier(session, other.id, "Noé Blanc")
        link = use_cases.issue_token(session, person.id, TokenPurpose.RESET, at=now())
        use_cases.start_session(session, person.id, timedelta(hours=3), at=now())
        _add_rows(session, person.id, now())
        texts = [_programs(session, body, person.id, app) for body in (world.body.id, other.id)]
        plan = Planning(world.version.id, today() + timedelta(days=9), "Lyon")
        jury = planning.plan_session(session, world.body.id, plan, by=person.id, at=now())
        later = now() + timedelta(hours=2)
        session.add(
            PresenceOpening(
                session_id=jury.id, code_digest=b"p" * 32, opened_by=person.id, opened_at=now(), expires_at=later
            )
        )
        own = factories.candidacy(session, world.version, person, world.advisor)
        grant = factories.held(session, own, world.version.blocks[0].id, date(2020, 1, 1))
        certificate = session.scalars(select(Certificate.id).where(Certificate.grant_id == grant.id)).one()
        session.add(WalletOffer(certificate_id=certificate, code_hash="c", digits_hash="d", tries=0, ends_at=later))
        return Scene(person, world.body.id, other.id, manager, *texts, link)


def _add_rows(session: Any, person: UUID, at: Any) -> None:
    later = at + timedelta(hours=2)
    session.add(KnownBrowser(token_digest=b"b" * 32, person_id=person, known_at=at))
    session.add(
        EmailChange(token_digest=b"e" * 32, person_id=person, email="n@exemple.fr", created_at=at, expires_at=later)
    )
    session.add(
        PasskeyChallenge(challenge_digest=b"k" * 32, person_id=person, purpose=PasskeyPurpose.ADD, expires_at=later)
    )
    session.add(
        ProviderLogin(
            state_digest=b"s" * 32, provider="x", nonce="n", code_verifier="v", started_at=at, expires_at=later,
            person_id=person,
        )
    )  # fmt: skip


def _programs(session: Any, body: UUID, person: UUID, app: Flask) -> str:
    """Make a token, whose text is returned, and a webhook for which an event waits."""
    settings: Config = app.config["SETTINGS"]
    made: dict[str, Any] = {"by": person, "has_second_factor": True, "at": now()}
    hook, _ = webhooks.make_webhook(
        session, body, "https://exemple.fr/x", [EventType.RESULT_NOTIFIED], installation=settings.secret_key, **made
    )
    session.flush()
    webhooks.send_test(session, hook, at=now())
    return tokens.make_token(session, body, "Logiciel", tuple(ApiScope), 90, **made).text


def _suspend(app: Flask, client: CheckedClient, scene: Scene) -> None:
    result = app.test_cli_runner().invoke(args=["suspend-person", scene.person.email])
    assert "ses accès de logiciel" in result.output


def _change_password(app: Flask, client: CheckedClient, scene: Scene) -> None:
    client.log_in(scene.person.email, factories.PASSWORD)
    _says_what_ends(client, "/compte/mot-de-passe")
    typed = {"password": NEW_PASSWORD, "password_again": NEW_PASSWORD, "current_password": factories.PASSWORD}
    assert client.send("/compte/mot-de-passe", typed).status_code == 303


def _reset_password(app: Flask, client: CheckedClient, scene: Scene) -> None:
    page = client.page(f"/invitation/{scene.link}")
    assert "vos accès de logiciel et vos webhooks ne serviront plus" in page.text
    typed = {"password": NEW_PASSWORD, "password_again": NEW_PASSWORD}
    assert client.send(f"/invitation/{scene.link}", typed).status_code == 303


def _remove_factor(app: Flask, client: CheckedClient, scene: Scene) -> None:
    client.log_in(scene.person.email, factories.PASSWORD)
    store: Database = app.extensions["database"]
    with store.transaction() as session:
        second_factor.prepare(session, scene.person.id, str(app.config["SECRET_KEY"]), at=now())
        session.flush()
        session.scalars(select(second_factor.SecondFactor)).one().confirmed_at = now()
        code, *_ = second_factor.renew_recovery_codes(session, scene.person.id, at=now())
    _says_what_ends(client, "/compte/double-authentification")
    typed = {"current_password": factories.PASSWORD, "code": code}
    url = "/compte/double-authentification"
    assert client.send(f"{url}/retirer", typed, form=url).status_code == 303


def _leave_team(app: Flask, client: CheckedClient, scene: Scene) -> None:
    client.log_in(scene.manager.email, factories.PASSWORD)
    assert "les webhooks que cette personne a créés" in client.page("/organisme/equipe").text
    assert client.send(f"/organisme/equipe/{scene.person.id}/depart", {}, form="/organisme/equipe").status_code == 303


def _says_what_ends(client: CheckedClient, page: str) -> None:
    text = client.page(page).text.replace("\u00a0", " ")
    assert "2 accès de logiciel" in text
    assert "2 webhooks" in text


OF_ALL = {
    AccountEvent.SUSPENDED: _suspend,
    AccountEvent.PASSWORD_CHANGED: _change_password,
    AccountEvent.PASSWORD_RESET: _reset_password,
    AccountEvent.FACTOR_REMOVED: _remove_factor,
}
LEFT = {
    AccountEvent.SUSPENDED: {},
    AccountEvent.PASSWORD_CHANGED: {"login_session": 1},
    AccountEvent.PASSWORD_RESET: {"login_session": 1, "known_browser": 1},
    AccountEvent.FACTOR_REMOVED: {"login_session": 1},
}
ALONE = {row_class.__tablename__: 1 for row_class, _ in declared_credentials()} | {"api_token": 2, "webhook": 2}
Act = Callable[[Flask, CheckedClient, Scene], None]


def _counted(store: Database, scene: Scene, **more: Any) -> dict[str, int]:
    with store.reader() as session:
        return dict(count_credentials(session, scene.person.id, at=now(), **more))


def _answers(app: Flask, token: str) -> int:
    return app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code


def _waiting(app: Flask, store: Database) -> set[UUID]:
    """Return the bodies of the webhooks that a worker finds to send, each taken once."""
    found = set()
    while webhooks.claim_webhook(store, app.config["SETTINGS"], now) is not None:
        with store.transaction() as session:
            hook = session.scalars(select(Webhook).order_by(Webhook.next_at.desc()).limit(1)).one()
            found.add(hook.body_id)
    return found


def test_the_scene_has_a_credential_of_each_kind(app: Flask, store: Database, scene: Scene):
    assert _counted(store, scene) == ALONE
    assert [_answers(app, token) for token in (scene.token, scene.other_token)] == [200, 200]
    assert _waiting(app, store) == {scene.body, scene.other}


@pytest.mark.records("credentials_ended")
@pytest.mark.parametrize("event", OF_ALL)
def test_every_credential_ends_with(app: Flask, store: Database, client: CheckedClient, scene: Scene, event):
    OF_ALL[event](app, client, scene)
    left = _counted(store, scene)
    assert left == LEFT[event], "who acts stays in, or comes in again, and nobody else"
    assert [_answers(app, token) for token in (scene.token, scene.other_token)] == [401, 401]
    assert _waiting(app, store) == set()
    assert app.test_client().get(f"/invitation/{scene.link}").status_code == 404
    _assert_told(store, scene, event, bodies={scene.body, scene.other})


def test_who_leaves_a_team_keeps_what_belongs_to_another_body(app, store: Database, client: CheckedClient, scene):
    _leave_team(app, client, scene)
    assert _counted(store, scene, body_id=scene.body) == {}
    kept = ALONE | {"api_token": 1, "webhook": 1}
    del kept["presence_opening"]
    assert _counted(store, scene) == kept
    assert [_answers(app, token) for token in (scene.token, scene.other_token)] == [401, 200]
    assert _waiting(app, store) == {scene.other}
    _assert_told(store, scene, AccountEvent.LEFT_TEAM, bodies={scene.body})


def _assert_told(store: Database, scene: Scene, event: AccountEvent, bodies: set[UUID]) -> None:
    """The person is told, the other managers of each body too, and the audit log holds what ended."""
    with store.reader() as session:
        mails = {
            row.person_id: row for row in session.scalars(select(OutgoingEmail)) if row.kind == "credentials_ended"
        }
        assert mails.keys() == {scene.person.id}
        text = mails[scene.person.id].text.replace("\u00a0", " ")
        assert f"{len(bodies)} accès de logiciel" in text
        to_managers = select(OutgoingEmail.body_id).where(OutgoingEmail.kind == "programs_ended")
        assert set(session.scalars(to_managers)) == bodies
        row = session.scalars(select(AuditEvent).where(AuditEvent.action == "credentials_ended")).one()
        assert row.details["because"] == event
        assert row.details["api_token"] == len(bodies)


def test_who_no_longer_manages_a_team_has_no_program_there(app: Flask, store: Database, client: CheckedClient, scene):
    client.log_in(scene.manager.email, factories.PASSWORD)
    url = f"/organisme/equipe/{scene.person.id}/droits"
    assert client.send(url, {"tasks": "reading"}).status_code == 303
    assert [_answers(app, token) for token in (scene.token, scene.other_token)] == [401, 200]
    assert _waiting(app, store) == {scene.other}


@pytest.mark.parametrize("how", ["suspended", "left", "reader"])
def test_a_program_is_refused_when_it_is_used_whatever_was_ended(app: Flask, store: Database, scene: Scene, how):
    with store.transaction() as session:
        member = session.get_one(CertifyingBodyMember, (scene.body, scene.person.id))
        if how == "suspended":
            session.get_one(Person, scene.person.id).suspended_at = now()
        elif how == "left":
            session.delete(member)
        else:
            member.member_right = MemberRight.READER
    assert _answers(app, scene.token) == 401
    assert _answers(app, scene.other_token) == (401 if how == "suspended" else 200)
    assert _waiting(app, store) == (set() if how == "suspended" else {scene.other})
    with store.transaction() as session:
        told = select(func.count()).select_from(WebhookDelivery).join(Webhook).where(Webhook.body_id == scene.body)
        before = session.scalar(told)
        webhooks.queue_events(session, [(scene.body, EventType.RESULT_NOTIFIED, "x")], at=now())
        session.flush()
        assert session.scalar(told) == before, "nothing waits for an address that nobody answers for"


def test_a_webhook_resumed_by_another_manager_is_theirs(app: Flask, store: Database, scene: Scene):
    with store.transaction() as session:
        end_credentials(
            session, scene.person.id, AccountEvent.LEFT_TEAM, by=scene.manager.id, at=now(), body_id=scene.body
        )
        hook = session.scalars(select(Webhook).where(Webhook.body_id == scene.body)).one()
        webhooks.resume_webhook(session, hook, by=scene.manager.id, at=now())
    assert _waiting(app, store) == {scene.body, scene.other}
    with store.transaction() as session:
        assert session.scalars(select(Webhook.made_by).where(Webhook.body_id == scene.body)).one() == scene.manager.id
        assert session.scalars(select(ApiToken.revoked_at).where(ApiToken.body_id == scene.other)).one() is None


@pytest.mark.parametrize("event", AccountEvent)
def test_a_person_without_any_credential_is_told_all_the_same(store: Database, event: AccountEvent):
    with store.transaction() as session:
        body = factories.body(session)
        person = factories.person(session)
        named = body.id if event in (AccountEvent.LEFT_TEAM, AccountEvent.RIGHT_REDUCED) else None
        assert end_credentials(session, person.id, event, by=None, at=now(), body_id=named) == {}
        session.flush()
        assert "logiciel" not in session.scalars(select(OutgoingEmail.text)).one()
