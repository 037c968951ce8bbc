"""Check what remains of a request: its experience, its address, its place on the pages of the certifier."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portfolio.domain.dossier.models.attestation import Attestation, AttestationRequest
from portfolio.domain.dossier.rules.attestation import RequestState
from portfolio.domain.dossier.use_cases import attestation_requests as requests
from portfolio.domain.dossier.use_cases.texts import remove_experience
from portfolio.domain.email.rules import WithheldReason
from portfolio.screens.candidate.attestations import views
from portfolio.screens.certifier.letters.queries import OutboxQuery, load_outbox
from tests.attestation.actions import LATER
from tests.attestation.builders import AT, ask, last_letter, sign, write


def test_an_experience_may_go_while_its_request_stays(signing, made):
    key, _ = ask(signing, made)
    with signing.transaction() as session:
        remove_experience(session, made.candidacy_id, made.experience_id, by=made.candidate_id, at=AT)
    with signing.reader() as session:
        request = session.get_one(AttestationRequest, key)
        assert request.experience_id is None
        assert request.experience == "Cheffe de projet, Agence du Port"


@pytest.mark.records(
    "attestation_asked", "attestation_code_sent", "attestation_signed", "attester_forgotten", "evidence_collected"
)
def test_an_address_is_forgotten_thirty_days_after_the_end(signing, made, files):
    key, token = ask(signing, made)
    waiting, _ = ask(signing, made, email="attend@exemple.fr", at=AT + timedelta(days=20))
    sign(signing, files, token)
    with signing.transaction() as session:
        assert requests.purge_expired(session, at=AT + timedelta(days=29)) == []
    with signing.transaction() as session:
        requests.purge_expired(session, at=AT + timedelta(days=31))
    with signing.reader() as session:
        assert session.get_one(AttestationRequest, key).email == ""
        assert session.get_one(AttestationRequest, waiting).email == "attend@exemple.fr"
        assert last_letter(session, "g.legoff@agence-du-port.fr") == ""
        assert session.scalars(select(Attestation)).one().record, "what was signed stays"


def test_the_outbox_shows_the_links_that_wait_and_no_dead_one(signing, made):
    key, _ = ask(signing, made)
    with signing.reader() as session:
        page = load_outbox(session, made.world.body.id, OutboxQuery(), has_server=False, at=AT)
        assert [(letter.mail.email, letter.opens) for letter in page.letters] == [("g.legoff@agence-du-port.fr", True)]
    with signing.transaction() as session:
        requests.withdraw(session, made.candidacy_id, key, by=made.candidate_id, at=AT)
    with signing.reader() as session:
        page = load_outbox(session, made.world.body.id, OutboxQuery(), has_server=False, at=AT)
        assert [(letter.opens, letter.withheld) for letter in page.letters] == [(False, WithheldReason.EXPIRED)]


def test_a_certifier_sees_where_requests_stand_and_no_text(signing, made):
    _, token = ask(signing, made)
    write(signing, token)
    with signing.reader() as session:
        lines = views.list_requests(session, made.candidacy_id, LATER)
    assert [line.state for line in lines] == [RequestState.OPENED]
    assert "refonte" not in repr(lines)
