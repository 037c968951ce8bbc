"""Asking a third party: to whom, how many times, and by whom."""

import hashlib
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.dossier.models.attestation import AttestationLink, AttestationRequest
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.rules.attestation import AttestationRefusal, RequestState
from portfolio.domain.dossier.rules.draft import DossierRefusal, DossierState
from portfolio.domain.dossier.use_cases import attestation_requests as requests
from portfolio.domain.dossier.use_cases import attestation_responses as responses
from portfolio.domain.email.models import OutgoingEmail
from portfolio.screens.candidate.attestations import views
from tests.attestation.actions import refusal_of
from tests.attestation.builders import AT, ask, last_letter, scene, token_in


def test_asking_writes_to_the_third_party_and_keeps_only_the_digest_of_the_link(signing, made):
    key, token = ask(signing, made)
    with signing.reader() as session:
        request = session.get_one(AttestationRequest, key)
        assert request.experience == "Cheffe de projet, Agence du Port"
        assert [competency.number for competency in request.competencies] == [2]
        link = session.scalars(select(AttestationLink)).one()
        assert link.token_digest == hashlib.sha256(token.encode()).digest()
        letter = session.scalars(select(OutgoingEmail).where(OutgoingEmail.to_email != "")).one()
        assert letter.email == "g.legoff@agence-du-port.fr"
        assert letter.is_sensitive
        assert "Samia Benali" in letter.text
        assert "Institut de l’exemple" in letter.text, "the contact of the certifier"
        lines = session.scalars(select(AuditEvent).where(AuditEvent.object_kind == "attestation_request")).all()
        assert [line.action for line in lines] == ["attestation_asked"]
        assert token not in json.dumps(lines[0].details)


def test_whom_and_what_a_candidate_may_not_ask(signing, made):
    ask(signing, made)
    assert refusal_of(lambda: ask(signing, made)) == AttestationRefusal.ALREADY_ASKED
    own = made.world.candidate.email.upper()
    assert refusal_of(lambda: ask(signing, made, email=own)) == AttestationRefusal.OWN_ADDRESS
    other = scene(signing)
    assert refusal_of(lambda: ask(signing, made, email="b@exemple.fr", experience_id=other.experience_id)) == (
        DossierRefusal.NOT_YOURS
    )
    foreign = (other.world.competencies[0].id,)
    assert (
        refusal_of(lambda: ask(signing, made, email="b@exemple.fr", competency_ids=foreign))
        == DossierRefusal.NOT_IN_SCOPE
    )
    with signing.transaction() as session:
        session.get_one(Dossier, made.candidacy_id).state = DossierState.SUBMITTED
    assert refusal_of(lambda: ask(signing, made, email="b@exemple.fr")) == DossierRefusal.SEALED


@pytest.mark.records("attestation_reminded")
def test_a_reminder_waits_three_days_and_both_links_work(signing, made):
    key, token = ask(signing, made)

    def remind(at):
        with signing.transaction() as session:
            requests.remind(session, made.candidacy_id, key, by=made.candidate_id, at=at)

    assert refusal_of(lambda: remind(AT + timedelta(days=2))) == AttestationRefusal.REMINDED_LATELY
    for days in (3, 6, 9):
        remind(AT + timedelta(days=days))
    assert refusal_of(lambda: remind(AT + timedelta(days=20))) == AttestationRefusal.REMINDED_ENOUGH
    with signing.reader() as session:
        again = last_letter(session, "g.legoff@agence-du-port.fr")
        assert "Rappel" in session.scalars(select(OutgoingEmail.subject).where(OutgoingEmail.text == again)).one()
        for one in (token, token_in(again)):
            assert responses.load_respondent(session, one, at=AT + timedelta(days=20)).state is RequestState.SENT


def test_a_stranger_to_the_candidacy_touches_no_request(signing, made):
    key, _ = ask(signing, made)
    other = scene(signing)
    with signing.transaction() as session:
        assert views.find_request(session, other.candidacy_id, key, AT) is None
    for act in (requests.remind, requests.withdraw):

        def acting(act=act):
            with signing.transaction() as session:
                act(session, other.candidacy_id, key, by=other.candidate_id, at=AT + timedelta(days=4))

        assert refusal_of(acting) == AttestationRefusal.NOT_YOURS
