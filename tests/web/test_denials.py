"""Check that what is refused to people who are connected is in the audit log, without what was sent."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from portfolio.domain.audit_log.models import AuditEvent
from portfolio.web import errors
from tests import factories


@pytest.fixture
def samia(client, store):
    with store.transaction() as session:
        person = factories.person(session, email="samia@exemple.fr")
    client.log_in(person.email, factories.PASSWORD)
    return person


def denied(store) -> list[AuditEvent]:
    with store.reader() as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.action == "access_denied")))


def from_another_site(client):
    return client.post("/deconnexion", data={"text": "kanari"}, headers={"Sec-Fetch-Site": "cross-site"})


def test_a_refusal_is_written_with_who_and_which_page(client, store, samia):
    assert from_another_site(client).status_code == 403
    [line] = denied(store)
    assert (line.actor_id, line.object_kind, line.details) == (samia.id, "account.login.logout", {"method": "POST"})


def test_a_stranger_has_nothing_written(client, store):
    assert from_another_site(client).status_code == 403
    assert denied(store) == []


def test_a_store_that_does_not_answer_does_not_change_the_refusal(client, store, samia, monkeypatch):
    def away():
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(errors, "transaction", away)
    assert from_another_site(client).status_code == 403
