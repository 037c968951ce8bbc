"""A rehearsal: five questions from one’s own claims, answers for oneself or the advisor, never for a jury."""

import io
from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.dossier.rules.rehearsal import (
    MAX_SOUND_BYTES,
    QUESTIONS,
    ClaimedCompetency,
    ClaimedPiece,
    RehearsalKind,
    rehearsal_questions,
    sound_type,
)
from portfolio.domain.review.models import RehearsalAnswer
from portfolio.domain.review.use_cases.pace import save_answer, share_answer
from portfolio.web.clock import now
from portfolio.wording.dossier.names import question_message
from tests import factories, samples
from tests.factories import PASSWORD
from tests.jury.pages import as_member, staged
from tests.page import CheckedClient

TODAY = date(2026, 3, 2)


def competency(label: str, told: str, choices: str = "Moins cher.") -> ClaimedCompetency:
    return ClaimedCompetency(uuid4(), label, "Organiser", told, choices, "")


def test_questions_come_from_what_the_claims_lack() -> None:
    asked = rehearsal_questions(
        [
            competency("1.1", "Nous avons organisé le salon pour 300 personnes."),
            competency("1.2", "J’ai organisé le salon."),
            competency("2.1", "J’ai suivi 4 devis.", choices=""),
        ],
        [ClaimedPiece(uuid4(), 4, "Affiche", date(2019, 1, 1)), ClaimedPiece(uuid4(), 5, "Bilan", date(2025, 1, 1))],
        TODAY,
    )
    found = {(question.kind, question.label) for question in asked}
    assert {
        (RehearsalKind.SAYS_WE, "1.1"),
        (RehearsalKind.NO_FIGURE, "1.2"),
        (RehearsalKind.OLD_PIECE, "4"),
        (RehearsalKind.NO_CHOICE, "2.1"),
    } <= found
    assert len(asked) == QUESTIONS
    assert "vous-même" in question_message(asked[0])


@given(st.lists(st.tuples(st.sampled_from(["", "Nous avons fait.", "J’ai fait 3 fois."]), st.booleans()), max_size=8))
def test_never_more_than_five_questions_nor_twice_the_same(told: list[tuple[str, bool]]) -> None:
    asked = rehearsal_questions([competency(str(n), text, "x" * has) for n, (text, has) in enumerate(told)], [], TODAY)
    assert len(asked) <= QUESTIONS
    assert len({question.code for question in asked}) == len(asked)
    assert bool(asked) == bool(told)


def test_only_a_sound_is_kept() -> None:
    assert sound_type(samples.webm()) == "audio/webm"
    assert sound_type(b"<html>") is None


@pytest.mark.records("rehearsal_deleted")
def test_an_answer_is_heard_again_and_by_the_advisor_once_shared(client: CheckedClient, store: Database) -> None:
    made = factories.begin_world(store)
    address = f"/dossiers/{made.candidacy.id}/entrainement"
    client.log_in(made.candidate.email, PASSWORD)
    page = client.page(address)
    assert len([field for field in page.all("input") if field.get("name") == "question"]) == QUESTIONS
    longest = [int(voice["data-longest"]) for voice in page.all("div") if "data-longest" in voice]
    assert longest == [180] * QUESTIONS
    assert longest[0] * 48_000 / 8 < MAX_SOUND_BYTES, "a voice that was recorded is never refused as too long"
    sound = {"sound": (io.BytesIO(b"not a sound"), "voix.webm")}
    assert client.send(address, sound, content_type="multipart/form-data").status_code == 422
    sound = {"sound": (io.BytesIO(samples.webm()), "voix.webm")}
    assert client.send(address, sound, content_type="multipart/form-data").status_code == 303
    (player,) = client.page(address).all("audio")
    heard = client.get(player["src"])
    assert (heard.mimetype, heard.data) == ("audio/webm", samples.webm())
    other = client.application.test_client()
    other.log_in(made.advisor.email, PASSWORD)
    assert "Aucune réponse n’est partagée" in other.page(address).text
    assert other.get(player["src"]).status_code == 404
    change = player["src"].removesuffix("/son")
    assert client.send(change, {"act": "share"}, form=address).status_code == 303
    assert other.get(player["src"]).data == samples.webm()
    assert client.send(change, {"act": "delete"}, form=address).status_code == 303
    assert client.get(player["src"]).status_code == 404


def test_a_question_on_what_somebody_else_wrote_is_no_question(client: CheckedClient, store: Database) -> None:
    made = factories.begin_world(store)
    with store.transaction() as session:
        other = factories.candidacy(session, made.version, factories.person(session, "Karim Haddad", "k@exemple.fr"))
        theirs = factories.fill(session, other.id, made.competencies)
        codes = [f"{kind}:{piece.id}" for kind in RehearsalKind for piece in theirs[:3]]
    client.log_in(made.candidate.email, PASSWORD)
    address = f"/dossiers/{made.candidacy.id}/entrainement"
    for code in codes:
        said = {"question": code, "sound": (io.BytesIO(samples.webm()), "voix.webm")}
        assert client.send(address, said, content_type="multipart/form-data").status_code == 422, code
    with store.reader() as session:
        assert session.scalars(select(RehearsalAnswer)).all() == []


@pytest.mark.records("logged_in", "rehearsal_answered", "rehearsal_shared")
def test_a_juror_never_hears_a_rehearsal(client: CheckedClient, store: Database) -> None:
    made = staged(store)
    with store.transaction() as session:
        path = session.scalars(select(Candidacy)).one()
        asked = (path.id, "tell:1", "Racontez.", samples.webm())
        answer = save_answer(session, *asked, by=path.candidate_id, at=now())
        share_answer(session, answer, shared=True, by=path.candidate_id, at=now())
        session.flush()
        address = f"/dossiers/{path.id}/entrainement"
        sound = f"{address}/{answer.id}/son"
    as_member(client, made)
    assert client.get(address).status_code == 404
    assert client.get(sound).status_code == 404
