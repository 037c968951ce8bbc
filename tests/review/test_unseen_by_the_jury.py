"""Nothing of the advisor's is sealed, and nothing of it is on any page that a juror can open."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portfolio.db import Database
from portfolio.jury.rules import Seat
from portfolio.review.models import Mark
from portfolio.review.rules import MarkValue
from portfolio.review.services import find_competency_page, mark_competency, say
from portfolio.submission.services import submit
from tests import factories
from tests.factories import AT, PASSWORD
from tests.jury.scene import SEALED_AT, STATEMENT, scene
from tests.page import CheckedClient, Page

OPINION = "canari-avis-7f3a"
QUESTION = "canari-question-c41e"
ANSWER = "canari-reponse-09bd"


def test_a_seal_holds_neither_marks_nor_remarks(db: Database) -> None:
    with db.transaction() as session:
        made = factories.world(session)
        ids = made.candidacy.id, made.competencies[0].id
        seen = find_competency_page(session, *ids, made.advisor.id).basis
        mark_competency(session, *ids, MarkValue.PARTLY, OPINION, seen, by=made.advisor.id, at=AT)
        say(session, *ids, QUESTION, by=made.candidate.id, at=AT)
        say(session, *ids, ANSWER, by=made.advisor.id, at=AT)
        session.flush()
        manifest = submit(
            session, made.candidacy.id, STATEMENT, by=made.candidate.id, at=AT + timedelta(days=1)
        ).manifest.decode()
    assert "L’agence perdait des clients." in manifest
    assert not [word for word in (OPINION, QUESTION, ANSWER, "Claire Morel", "partly") if word in manifest]


@pytest.mark.parametrize("seat", [Seat.PRESIDENT, Seat.TEACHER_TRAINER])
def test_no_page_of_a_juror_shows_a_word_of_the_advisor(client: CheckedClient, store: Database, seat: Seat) -> None:
    made = scene(store)
    with store.transaction() as session:
        for competency in made.competencies:
            ids = made.candidacy_id, competency.id
            session.add(
                Mark(
                    candidacy_id=ids[0], competency_id=ids[1], advisor_id=made.advisor.id, value=MarkValue.PARTLY, comment=OPINION,
                    basis="", seen="", made_at=SEALED_AT,
                )
            )  # fmt: skip
            say(session, *ids, QUESTION, by=made.candidate.id, at=SEALED_AT)
            say(session, *ids, ANSWER, by=made.advisor.id, at=SEALED_AT)
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
