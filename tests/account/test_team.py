"""The members of a body: invited with a right, changed, removed; a reader writes nothing, and a manager
always stays.
"""

import re
from uuid import uuid4

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.account.models import CertifyingBodyMember, Person
from portfolio.domain.account.rules import MemberRight, MemberTask, tasks_of
from portfolio.domain.certifying_body import members
from portfolio.domain.certifying_body.rules import MemberRefusal
from portfolio.errors import Refusal
from tests import factories
from tests.factories import AT
from tests.page import CheckedClient


@pytest.mark.records("member_invited", "member_removed")
def test_the_last_manager_who_can_enter_stays(db: Database):
    with db.transaction() as session:
        body = factories.body(session)
        only = factories.certifier(session, body.id)
        members.invite_member(session, body.id, "ines@exemple.fr", "Inès", MemberRight.MANAGER, by=only.id, at=AT)
    for act in (
        lambda session: members.remove_member(session, body.id, only.id, by=only.id, at=AT),
        lambda session: members.change_right(session, body.id, only.id, MemberRight.READER, by=only.id, at=AT),
    ):
        with pytest.raises(Refusal) as caught, db.transaction() as session:
            act(session)
        assert caught.value.code is MemberRefusal.LAST_MANAGER, "Inès has not chosen a password"
    with db.transaction() as session:
        assert members.last_managers(members.list_members(session, body.id)) == {only.id}
        second = factories.certifier(session, body.id, "Paul Adam")
        session.flush()
        assert not members.last_managers(members.list_members(session, body.id))
        members.remove_member(session, body.id, only.id, by=second.id, at=AT)
        assert session.get(CertifyingBodyMember, (body.id, only.id)) is None


def test_a_reader_reads_everything_and_writes_nothing(client: CheckedClient, store: Database):
    with store.transaction() as session:
        world = factories.world(session, filled=False)
        reader = factories.certifier(session, world.body.id, "Paul Adam")
        session.get_one(CertifyingBodyMember, (world.body.id, reader.id)).member_right = MemberRight.READER
    client.log_in(reader.email, factories.PASSWORD)
    path = f"/candidatures/{world.candidacy.id}"
    for page in ("/organisme", "/candidatures", path, "/sessions", "/organisme/equipe"):
        assert client.get(page).status_code == 200, page
    assert client.send(f"{path}/fermeture", {"kind": "closed", "reason": "Non."}).status_code == 403
    assert client.send("/organisme/equipe", {"name": "x"}, form="/compte").status_code == 403


@pytest.mark.records("member_right_changed")
def test_a_manager_invites_changes_and_removes_on_the_screen(client: CheckedClient, store: Database):
    with store.transaction() as session:
        body = factories.body(session)
        manager = factories.certifier(session, body.id)
        leaver = factories.certifier(session, body.id, "Paul Adam")
    client.log_in(manager.email, factories.PASSWORD)
    typed = {"name": "Inès Duval", "email": "ines.duval@exemple.fr", "tasks": "reading"}
    assert client.send("/organisme/equipe", typed).status_code == 303
    page = client.page("/organisme/equipe")
    assert "Inès Duval" in page.text
    with store.reader() as session:
        ines = session.scalars(select(Person.id).where(Person.email == "ines.duval@exemple.fr")).one()
        assert session.get(CertifyingBodyMember, (body.id, ines)).member_right is MemberRight.READER
    page = f"/organisme/equipe/{ines}/droits"
    assert "Fait ce qui engage l’organisme" in client.page(page).text
    assert client.send(page, {}).status_code == 422
    assert client.send(page, {"tasks": "sessions", "on_sessions": str(uuid4())}).status_code == 422
    assert client.send(page, {"tasks": "sessions"}).status_code == 303
    assert "Sessions" in client.page("/organisme/equipe").text
    with store.reader() as session:
        row = session.get_one(CertifyingBodyMember, (body.id, ines))
        assert tasks_of(row.member_right, row.tasks) == {MemberTask.SESSIONS: frozenset()}
    assert client.send(page, {"tasks": "team"}).status_code == 303
    with store.reader() as session:
        assert session.get(CertifyingBodyMember, (body.id, ines)).member_right is MemberRight.MANAGER
    assert client.send(f"/organisme/equipe/{leaver.id}/depart", {}, form="/organisme/equipe").status_code == 303
    assert not re.search("Paul Adam", client.page("/organisme/equipe").text)
