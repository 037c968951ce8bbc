"""The audit log is read by those it concerns: who opened a dossier, who did what."""

import ast
from pathlib import Path

import pytest

import portfolio
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.holdings.rules.status_changes import CONFIRMED_BY_TWO, StatusChangeKind
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.screens.account.audit_log.views import DRAFT_KINDS, PRIVATE_VERBS
from portfolio.web.clock import now
from portfolio.web.errors import DENIED
from portfolio.wording.audit_log import VERBS
from tests import factories
from tests.audit_log.test_every_verb import verbs_written


@pytest.fixture
def world(store):
    return factories.begin_world(store)


@pytest.fixture
def address(world):
    return f"/candidatures/{world.candidacy.id}/journal"


def read(app, person, url):
    client = app.test_client()
    client.log_in(person.email, factories.PASSWORD)
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_a_candidate_reads_who_opened_their_dossier(app, world, address):
    assert "Personne d’autre que vous" in read(app, world.candidate, address)
    read(app, world.advisor, f"/dossiers/{world.candidacy.id}")
    shown = read(app, world.candidate, address)
    assert world.advisor.name in shown
    assert "a ouvert le dossier" in shown


@pytest.mark.records("advisor_assigned", "evidence_removed", "private_note_saved", "remark_said")
def test_the_acts_of_a_draft_are_read_by_its_candidate_only(app, world, address, store):
    with store.transaction() as session:
        subject = ("candidacy", world.candidacy.id)
        record_event(session, "evidence_removed", ("evidence", world.pieces[0].id), by=world.candidate.id, at=now())
        record_event(session, "remark_said", subject, by=world.advisor.id, at=now())
        record_event(session, "private_note_saved", subject, by=world.advisor.id, at=now())
        record_event(session, "advisor_assigned", subject, by=world.certifier.id, at=now())
    own = read(app, world.candidate, f"{address}?liste=actes")
    assert "a retiré une preuve" in own
    assert "a écrit un message" in own
    theirs = read(app, world.certifier, f"{address}?liste=actes")
    assert "a confié l’accompagnement" in theirs
    assert "a retiré une preuve" not in theirs
    assert "a écrit un message" not in theirs
    assert "private_note_saved" not in own + theirs


def test_pages_of_fifty_lines_and_a_page_that_is_too_far_shows_the_last_one(app, world, address, store):
    with store.transaction() as session:
        for _ in range(60):
            record_event(session, "delay_ruled", ("candidacy", world.candidacy.id), by=world.certifier.id, at=now())
    first = read(app, world.certifier, f"{address}?liste=actes")
    assert first.count("a décidé d’un délai dépassé") == 50
    assert "page 1 / 2" in first
    assert "page 2 / 2" in read(app, world.certifier, f"{address}?liste=actes&page=99")
    assert "page 1 / 2" in read(app, world.certifier, f"{address}?liste=actes&page=-3")


def test_an_advisor_does_not_read_the_log(app, world, address):
    client = app.test_client()
    client.log_in(world.advisor.email, factories.PASSWORD)
    assert client.get(address).status_code == 404


def test_every_act_on_a_candidacy_or_a_session_has_its_words():
    kinds = {"candidacy", "submission", "hearing", "minutes", "jury_session", "attestation_request", *DRAFT_KINDS}
    written = set()
    for path in Path(portfolio.__file__).parent.rglob("use_cases/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record_event":
                verb, subject = node.args[1:3]
                if isinstance(verb, ast.Constant) and isinstance(subject, ast.Tuple) and subject.elts[0].value in kinds:
                    written.add(verb.value)
    assert len(written) > 40
    written |= {f"juror_{kind}" for kind in StatementKind} | {f"grant_{kind}" for kind in StatusChangeKind}
    assert written <= {*VERBS, *PRIVATE_VERBS}


def test_every_act_that_is_recorded_has_its_words():
    """A journal never shows a code."""
    recorded = set(verbs_written()) | {
        f"grant_{kind}_{end}" for kind in CONFIRMED_BY_TWO for end in ("proposed", "dropped")
    }
    assert len(recorded) > 250
    assert recorded | {DENIED} <= set(VERBS)
