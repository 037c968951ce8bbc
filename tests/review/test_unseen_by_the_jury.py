"""Nothing of the advisor's is sealed, and nothing of it is on any page that a juror can open."""

from datetime import timedelta

import pytest

from portfolio.db.engine import Database
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.dossier.models.dossier import CoverageReview
from portfolio.domain.dossier.rules.assessment import Assessment
from portfolio.domain.review.use_cases.assessments import assess_competency
from portfolio.domain.review.use_cases.messages import post_message
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.screens.advisor.dossier.queries import find_competency_page
from tests import factories
from tests.factories import AT, PASSWORD
from tests.jury.builders import SEALED_AT, STATEMENT, scene
from tests.page import CheckedClient, Page

OPINION = "canari-avis-7f3a"
QUESTION = "canari-question-c41e"
ANSWER = "canari-reponse-09bd"


def test_a_seal_holds_neither_marks_nor_remarks(db: Database) -> None:
    with db.transaction() as session:
        made = factories.world(session)
        ids = made.candidacy.id, made.competencies[0].id
        seen = find_competency_page(session, *ids, made.advisor.id).basis
        assess_competency(session, *ids, Assessment.PARTLY, OPINION, seen, by=made.advisor.id, at=AT)
        post_message(session, *ids, QUESTION, by=made.candidate.id, at=AT)
        post_message(session, *ids, ANSWER, by=made.advisor.id, at=AT)
        session.flush()
        manifest = submit(
            session, made.candidacy.id, STATEMENT, by=made.candidate.id, at=AT + timedelta(days=1)
        ).manifest.decode()
    assert "L’agence perdait des clients." in manifest
    assert not [word for word in (OPINION, QUESTION, ANSWER, "Claire Morel", "partly") if word in manifest]


@pytest.mark.slow
@pytest.mark.parametrize("seat", [Seat.PRESIDENT, Seat.TEACHER_TRAINER])
def test_no_page_of_a_juror_shows_a_word_of_the_advisor(client: CheckedClient, store: Database, seat: Seat) -> None:
    made = scene(store)
    with store.transaction() as session:
        for competency in made.competencies:
            ids = made.candidacy_id, competency.id
            session.add(
                CoverageReview(
                    candidacy_id=ids[0], competency_id=ids[1], advisor_id=made.advisor.id, value=Assessment.PARTLY, comment=OPINION,
                    reviewed_digest="", seen_versions="", created_at=SEALED_AT,
                )
            )  # fmt: skip
            post_message(session, *ids, QUESTION, by=made.candidate.id, at=SEALED_AT)
            post_message(session, *ids, ANSWER, by=made.advisor.id, at=SEALED_AT)
    client.log_in(made.members[seat].email, PASSWORD)
    pages = crawled(client, "/jurys")
    assert len(pages) > 20
    for url, text in pages.items():
        for word in (OPINION, QUESTION, ANSWER, made.advisor.name, made.advisor.email):
            assert word not in text, url
    for url in (f"/accompagnement/{made.candidacy_id}", f"/dossiers/{made.candidacy_id}"):
        assert client.get(url).status_code == 404


def crawled(client: CheckedClient, start: str) -> dict[str, str]:
    """Every page that links lead to from here, files left out."""
    pages, waiting = {}, [start]
    while waiting:
        url = waiting.pop()
        if url in pages:
            continue
        response = client.get(url)
        assert response.status_code < 400, url
        pages[url] = response.text if response.mimetype == "text/html" else ""
        links = [link["href"].split("#")[0] for link in Page(response.text).all("a")] if pages[url] else []
        waiting += [link for link in links if link.startswith("/jurys") and "/fichier" not in link]
    return pages
