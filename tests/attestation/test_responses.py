"""Check what a third party reads, writes, declines by their link."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portfolio.domain.dossier.models.attestation import AttestationDraft
from portfolio.domain.dossier.rules.attestation import AttestationRefusal, RequestState, Statement
from portfolio.domain.dossier.use_cases import attestation_requests as requests
from portfolio.domain.dossier.use_cases import attestation_responses as responses
from portfolio.domain.email.models import OutgoingEmail
from portfolio.errors import Conflict
from portfolio.screens.candidate.attestations import views
from tests.attestation.actions import LATER, refusal_of
from tests.attestation.builders import AT, ask, write


def test_reading_changes_nothing_and_beginning_is_told(signing, made):
    key, token = ask(signing, made)
    with signing.reader() as session:
        assert responses.load_respondent(session, token, at=LATER).state is RequestState.SENT
        assert responses.load_respondent(session, "x" * 43, at=LATER) is None
    with signing.transaction() as session:
        responses.start(session, token, at=LATER)
    with signing.reader() as session:
        page = views.find_request(session, made.candidacy_id, key, LATER)
        assert (page.line.state, page.line.moment) == (RequestState.OPENED, LATER)


def test_what_is_written_is_kept_and_two_devices_are_both_shown(signing, made):
    _, token = ask(signing, made)
    with signing.transaction() as session:
        assert responses.save_statement(session, token, Statement(seen="Un début"), 0, at=AT) == 1
    with signing.transaction() as session:
        assert responses.save_statement(session, token, Statement(seen="Un début"), 0, at=AT) == 1, (
            "the same text changes nothing"
        )
    with pytest.raises(Conflict) as conflict, signing.transaction() as session:
        responses.save_statement(session, token, Statement(seen="Autre chose"), 0, at=AT)
    assert conflict.value.theirs["seen"] == "Un début"


def test_declining_tells_the_candidate_and_erases_the_draft(signing, made):
    key, token = ask(signing, made)
    write(signing, token)
    with signing.transaction() as session:
        responses.decline(session, token, "Je ne m’en souviens plus.", at=LATER)
    with signing.reader() as session:
        assert session.scalar(select(func.count()).select_from(AttestationDraft)) == 0
        page = views.find_request(session, made.candidacy_id, key, LATER)
        assert (page.line.state, page.reason) == (RequestState.DECLINED, "Je ne m’en souviens plus.")
        told = session.scalars(select(OutgoingEmail).where(OutgoingEmail.person_id == made.candidate_id)).one()
        assert "souviens" not in told.text
        assert responses.load_respondent(session, token, at=LATER).state is RequestState.DECLINED
    assert refusal_of(lambda: write(signing, token)) == AttestationRefusal.IS_DECLINED


@pytest.mark.records("attestation_withdrawn")
def test_a_withdrawn_or_expired_link_writes_nothing(signing, made):
    key, token = ask(signing, made)
    assert refusal_of(lambda: write(signing, token, at=AT + timedelta(days=30))) == AttestationRefusal.HAS_EXPIRED
    with signing.transaction() as session:
        requests.withdraw(session, made.candidacy_id, key, by=made.candidate_id, at=AT)
    assert refusal_of(lambda: write(signing, token)) == AttestationRefusal.IS_WITHDRAWN
