"""A password typed again to sign has a count of its own: nobody else's tries stop it."""

from types import SimpleNamespace

import pytest
from flask_login import login_user
from sqlalchemy import select

from portfolio.access.login import load_user
from portfolio.domain.account import use_cases
from portfolio.domain.account.rules import TRIES
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.screens.account.reauthentication import WRONG, signature_error
from portfolio.web.clock import now
from tests import factories


@pytest.fixture
def president(app, store):
    """Someone connected in two sessions of login."""
    from datetime import timedelta

    with store.transaction() as session:
        person = factories.person(session, email="president@exemple.fr")
        tokens = [use_cases.start_session(session, person.id, timedelta(hours=12), at=now()) for _ in range(2)]
    return SimpleNamespace(id=person.id, email=person.email, tokens=tokens)


def signed(app, token: str, password: str) -> str | None:
    with app.test_request_context("/", method="POST"):
        login_user(load_user(token))
        return signature_error(password)


def test_a_president_signs_while_strangers_try_to_log_in_as_them(app, president):
    for number in range(6):
        stranger = app.test_client()
        stranger.environ_base["REMOTE_ADDR"] = f"203.0.113.{number}"
        for _ in range(5):
            stranger.log_in(president.email, "pas le bon mot de passe")
    assert signed(app, president.tokens[0], factories.PASSWORD) is None


@pytest.mark.records("signature_throttled")
def test_wrong_passwords_in_one_session_stop_neither_another_one_nor_a_login(app, client, president, store):
    here, elsewhere = president.tokens
    assert [signed(app, here, "faux") for _ in range(TRIES)] == [WRONG] * TRIES
    fault = signed(app, here, factories.PASSWORD)
    assert fault is not None
    assert "Trop d’essais dans cette session" in fault
    assert "minute" in fault
    assert signed(app, elsewhere, factories.PASSWORD) is None
    assert client.log_in(president.email, factories.PASSWORD).status_code == 303
    with store.reader() as session:
        verbs = [line.action for line in session.scalars(select(AuditEvent).where(AuditEvent.actor_id == president.id))]
    assert (verbs.count("signature_failed"), verbs.count("signature_throttled")) == (TRIES, 1)


def test_a_right_password_never_uses_up_the_count(app, president):
    assert [signed(app, president.tokens[0], factories.PASSWORD) for _ in range(TRIES + 5)] == [None] * (TRIES + 5)
