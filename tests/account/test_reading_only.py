"""A member who only reads is offered no form of the body that would end in a refusal."""

import pytest

from portfolio.db.engine import Database
from portfolio.domain.account.models import CertifyingBodyMember
from portfolio.domain.account.rules import MemberRight
from tests import factories
from tests.jury import builders as stage
from tests.jury.builders import Scene
from tests.jury.pages import staged
from tests.page import CheckedClient

# What a page may still send: leave, and act for another body.
ALLOWED = {"/deconnexion", "/organisme/agir-pour"}


@pytest.fixture
def made(store: Database) -> Scene:
    found = staged(store, ready=False)
    stage.summon(store, found)
    with store.transaction() as session:
        row = session.get_one(CertifyingBodyMember, (found.body_id, found.certifier.id))
        row.member_right = MemberRight.READER
    return found


def test_no_page_of_the_body_offers_a_form_to_who_only_reads(client: CheckedClient, store: Database, made: Scene):
    client.log_in(made.certifier.email, factories.PASSWORD)
    for address in (
        "/organisme",
        "/organisme/equipe",
        "/organisme/reglages",
        "/courriers",
        "/candidatures/nouvelle",
        f"/candidatures/{made.candidacy_id}",
        "/sessions/nouvelle",
        f"/sessions/{made.session_id}",
        f"/sessions/{made.session_id}/journee",
        f"/jurys/{made.hearing_id}/presence",
    ):
        page = client.page(address)
        sent = [form.get("action", address) for form in page.all("form", method="post")]
        assert set(sent) <= ALLOWED, (address, sent)


def test_who_may_write_is_still_offered_them(client: CheckedClient, store: Database):
    made = staged(store, ready=False)
    client.log_in(made.certifier.email, factories.PASSWORD)
    assert client.page(f"/sessions/{made.session_id}/journee").all("form", method="post")
