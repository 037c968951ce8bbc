"""A result is read with its notification: until then the candidate and the advisor read that the jury has
deliberated.
"""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.holdings.models.grants import Certificate, Grant
from portfolio.domain.holdings.rules.granting import GrantGround
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.holdings.use_cases.recompute import explain
from portfolio.domain.holdings.use_cases.status_history import load_status_history
from portfolio.domain.jury.models.deliberation import RecordedDecision
from portfolio.domain.submission.rules.returns import SubmissionRefusal
from portfolio.domain.submission.use_cases.submit import open_next_draft
from portfolio.errors import Refusal
from portfolio.screens.candidate.results.queries import load_results_page
from tests import factories
from tests.holdings.status_changes import acquire, later
from tests.jury import builders
from tests.notification.builders import decided, speak, tell
from tests.page import CheckedClient

TELLING = (
    "Acquis définitivement",
    "acquis définitivement",
    "non acquis",
    "Validation",
    "Aucun bloc",
    "Préparez le dépôt",
)


@pytest.fixture
def made(app: Flask, store: Database) -> builders.Scene:
    """A hearing closed with block 2 refused, and a body that can notify."""
    made = decided(store)
    speak(store, made)
    return made


def numbers(store: Database) -> list[str]:
    with store.reader() as session:
        return list(session.scalars(select(Certificate.number)))


def reasons(store: Database) -> list[str]:
    with store.reader() as session:
        return [one for one in session.scalars(select(RecordedDecision.reason)) if one]


def pages(made: builders.Scene) -> list[str]:
    own = f"/dossiers/{made.candidacy_id}"
    competencies = [f"{own}/competences/{competency.id}" for competency in (made.competencies[0], made.competencies[4])]
    return [
        own,
        f"{own}/resultats",
        f"{own}/grille",
        f"{own}/naissance",
        f"/depots/{made.submission_id}",
        *competencies,
    ]


@pytest.mark.slow
@pytest.mark.parametrize("who", ["candidate", "advisor"])
def test_nothing_of_a_result_is_read_before_its_notification(client: CheckedClient, made, store, who):
    person = getattr(made, who)
    client.log_in(person.email, factories.PASSWORD)
    told = [*TELLING, *numbers(store), *reasons(store)]
    read = 0
    for url in [*pages(made), "/accompagnement", f"/accompagnement/{made.candidacy_id}", "/mes-dossiers"]:
        answer = client.get(url)
        if answer.status_code != 200:
            continue
        read += 1
        for words in told:
            assert words not in answer.text, (url, words)
    assert read >= 4
    assert "Le jury a délibéré" in client.page(f"/dossiers/{made.candidacy_id}/resultats").text
    for number in numbers(store):
        assert client.get(f"/certificats/{number}/certificat.pdf").status_code == 404


def test_the_first_page_says_that_the_jury_has_deliberated_and_the_results_say_when_the_letter_is_due(
    client, made, store
):
    client.log_in(made.candidate.email, factories.PASSWORD)
    home = client.page(f"/dossiers/{made.candidacy_id}").text
    assert "Le jury a délibéré" in home
    assert "Lire mes résultats" not in home
    results = client.page(f"/dossiers/{made.candidacy_id}/resultats").text.replace("\u00a0", " ")
    assert "Elle est due au plus tard le" in results
    assert "R6412-7" in results


def test_the_notification_opens_the_results_and_the_findings_of_the_jury(client, made, store):
    tell(store, made)
    client.log_in(made.candidate.email, factories.PASSWORD)
    results = client.page(f"/dossiers/{made.candidacy_id}/resultats").text.replace("\u00a0", " ")
    assert "Bloc 1 acquis définitivement" in results
    home = client.page(f"/dossiers/{made.candidacy_id}").text
    assert "non acquise, selon le jury" in home
    assert "preuve proposée" not in home
    assert all(client.get(f"/certificats/{number}/certificat.pdf").status_code == 200 for number in numbers(store))


def test_the_certifier_reads_the_results_at_once(client, made, store):
    client.log_in(made.certifier.email, factories.PASSWORD)
    assert all(number in client.get(f"/dossiers/{made.candidacy_id}/resultats").text for number in numbers(store))


def test_the_next_deposit_is_not_prepared_before_the_notification(db: Database):
    made = decided(db)
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        open_next_draft(session, made.candidacy_id, by=made.candidate.id, at=factories.AT)
    assert refused.value.code is SubmissionRefusal.NOT_NOTIFIED
    with db.reader() as session:
        assert session.get_one(Dossier, made.candidacy_id).state is DossierState.SUBMITTED


def test_a_later_act_on_a_result_that_was_not_notified_tells_nothing_of_it(db: Database):
    made = decided(db)
    later(db, StatusChangeKind.SUSPENSION, made.candidate.id, made.blocks[0], made.certifier.id)
    with db.reader() as session:
        page = load_results_page(session, made.candidacy_id, notified=True, on=date.max)
        assert {block.answer.ground for block in page.blocks} == {GrantGround.AWAITING_NOTIFICATION}
        assert not load_status_history(session, made.candidacy_id, notified=True)
        assert load_status_history(session, made.candidacy_id)


def test_a_suspension_is_on_the_first_page_of_its_holder_and_asked_of_the_certifier(app, client, made, store):
    tell(store, made)
    later(store, StatusChangeKind.SUSPENSION, made.candidate.id, made.blocks[0], made.certifier.id)
    client.log_in(made.candidate.email, factories.PASSWORD)
    assert "Une décision est suspendue" in client.page(f"/dossiers/{made.candidacy_id}").text
    certifier = app.test_client()
    certifier.log_in(made.certifier.email, factories.PASSWORD)
    home = certifier.page("/organisme").text
    assert "Confirmez ou annulez la décision suspendue de Samia Benali" in home
    later(store, StatusChangeKind.CONFIRMATION, made.candidate.id, made.blocks[0], made.certifier.id)
    assert "Confirmez ou annulez la décision suspendue" not in certifier.page("/organisme").text
    assert "Une décision est suspendue" not in client.page(f"/dossiers/{made.candidacy_id}").text


def test_a_block_withdrawn_for_fraud_stays_withdrawn_once_its_session_is_annulled(client, made, store):
    tell(store, made)
    later(store, StatusChangeKind.WITHDRAWAL, made.candidate.id, made.blocks[0], made.certifier.id)
    later(store, StatusChangeKind.ANNULMENT, made.candidate.id, made.blocks[2], made.certifier.id)
    with store.reader() as session:
        answers = {
            answer.block.number: answer.ground for answer in explain(session, made.candidacy_id, on=date.max).answers
        }
        number = session.scalar(
            select(Certificate.number)
            .join(Grant, Grant.id == Certificate.grant_id)
            .where(Grant.block_id == made.blocks[0].id)
        )
        acts = {act.kind: act.blocks for act in load_status_history(session, made.candidacy_id, notified=True).acts}
    assert (answers[1], answers[3]) == (GrantGround.WITHDRAWN, GrantGround.ANNULLED_AWAITING_JURY)
    assert acts == {StatusChangeKind.WITHDRAWAL: (1,), StatusChangeKind.ANNULMENT: (2, 3, 4)}
    assert "a été retiré" in client.page(f"/certificats/{number}").text


def test_a_candidacy_whose_blocks_were_acquired_without_a_jury_shows_none_on_its_path(app, client, store):
    with store.transaction() as session:
        made = factories.world(session)
    for block in made.version.blocks:
        acquire(store, made.candidacy.id, block, made.certifier.id)
    client.log_in(made.candidate.email, factories.PASSWORD)
    home = client.page(f"/dossiers/{made.candidacy.id}").text
    assert "Vous avez obtenu toute la certification" in home
    assert "Jury, fait" not in home.replace(" ,", ",")
    certifier = app.test_client()
    certifier.log_in(made.certifier.email, factories.PASSWORD)
    listed = certifier.page("/organisme").text
    assert "tous les blocs demandés sont acquis" in listed
    assert "en rédaction" not in listed


def test_a_body_that_cannot_notify_is_asked_for_its_text_on_remedies(client, app, store):
    made = decided(store)
    client.log_in(made.certifier.email, factories.PASSWORD)
    assert "Écrivez le texte sur les voies et délais de recours" in client.page("/organisme").text
    speak(store, made)
    assert "Écrivez le texte sur les voies" not in client.page("/organisme").text
