"""Earlier versions of a text: one a sitting, read by their author, restored and undone."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.dossier.models.dossier import Narrative, TextVersion
from portfolio.domain.dossier.rules.draft import DossierRefusal, GeneralText, NarrativeText
from portfolio.domain.dossier.rules.texts import LARGE_LOSS_WORDS, MAX_VERSIONS, begins_sitting, is_large_loss
from portfolio.domain.dossier.use_cases import texts
from portfolio.domain.submission.rules.comparison import word_diff
from portfolio.errors import Refusal
from tests import factories
from tests.factories import AT, PASSWORD

HOUR = timedelta(hours=1)


@pytest.fixture
def world(db: Database) -> factories.World:
    return factories.begin_world(db)


def save(db, world, actions: str, at) -> None:
    competency = world.competencies[0].id
    with db.transaction() as session:
        row = session.scalar(select(Narrative).filter_by(candidacy_id=world.candidacy.id, competency_id=competency))
        story = NarrativeText(row.situation, actions, row.choices, row.result)
        texts.save_narrative(session, world.candidacy.id, competency, story, row.revision, by=world.candidate.id, at=at)


def kept(db, world, competency=True) -> list[str]:
    with db.reader() as session:
        of = world.competencies[0].id if competency else None
        return [
            row.texts.get("actions", row.texts.get("career"))
            for row in texts.list_versions(session, world.candidacy.id, of)
        ]


def test_saves_of_one_sitting_make_one_version_and_the_first_keeps_what_was_there(db, world):
    for minute, text in enumerate(("un", "un deux", "un deux trois")):
        save(db, world, text, AT + HOUR + timedelta(minutes=minute))
    assert kept(db, world) == ["un deux trois", "J’ai mené l’audit."]
    save(db, world, "autre chose", AT + 3 * HOUR)
    assert kept(db, world) == ["autre chose", "un deux trois", "J’ai mené l’audit."]


def test_what_a_mistake_takes_away_is_kept_though_it_is_saved_a_moment_later(db, world):
    written = " ".join(f"mot{number}" for number in range(60))
    save(db, world, written, AT + HOUR)
    save(db, world, "x", AT + HOUR + timedelta(seconds=4))
    save(db, world, "x y", AT + HOUR + timedelta(seconds=8))
    assert kept(db, world) == ["x y", written, "J’ai mené l’audit."]


@given(before=st.lists(st.sampled_from("abcdefgh")), kept_words=st.integers(0, 40))
def test_a_text_that_only_grows_loses_nothing(before, kept_words):
    text = " ".join(before)
    assert not is_large_loss({"a": text}, {"a": f"{text} et {kept_words} mots"})
    many = " ".join(["mot"] * 60)
    assert is_large_loss({"a": many}, {"a": " ".join(["mot"] * min(kept_words, 60 - LARGE_LOSS_WORDS))})


def test_a_version_is_compared_without_the_marks_of_bold_words(db, world):
    shown = word_diff("Un **mot** gras.", "Un mot gras, et un **autre**.")
    assert all("*" not in run.text for run in shown)
    assert "mot" in shown[0].text, "what is only bold did not change"


def test_a_version_is_restored_and_the_restoration_is_undone(db, world):
    save(db, world, "mieux", AT + HOUR)
    with db.reader() as session:
        rows = texts.list_versions(session, world.candidacy.id, world.competencies[0].id)
        first, last = rows[-1].id, rows[0].id
    for version, text in ((first, "J’ai mené l’audit."), (last, "mieux")):
        with db.transaction() as session:
            texts.restore_version(session, world.candidacy.id, version, by=world.candidate.id, at=AT + HOUR)
        with db.reader() as session:
            assert session.scalar(select(Narrative).filter_by(competency_id=world.competencies[0].id)).actions == text
    assert set(kept(db, world)) == {"mieux", "J’ai mené l’audit."}


@pytest.mark.records("texts_saved")
def test_the_dossier_s_own_texts_have_their_versions(db, world):
    for hours, career in ((1, "Mon parcours."), (5, "Mon parcours, mieux dit.")):
        values = {text: career if text is GeneralText.CAREER else "" for text in GeneralText}
        with db.transaction() as session:
            texts.save_texts(
                session, world.candidacy.id, values, hours // 5 + 1, by=world.candidate.id, at=AT + hours * HOUR
            )
    assert kept(db, world, competency=False) == ["Mon parcours, mieux dit.", "Mon parcours."]


def test_the_oldest_versions_are_forgotten(db, world):
    for rank in range(MAX_VERSIONS + 3):
        save(db, world, f"version {rank}", AT + rank * HOUR)
    assert len(kept(db, world)) == MAX_VERSIONS


def test_a_version_of_another_dossier_is_refused(db, world):
    save(db, world, "mieux", AT + HOUR)
    with db.transaction() as session:
        version = session.scalars(select(TextVersion.id)).first()
        stranger = factories.candidacy(session, world.version, factories.person(session, "Paul Morel")).id
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        texts.restore_version(session, stranger, version, by=world.candidate.id, at=AT)
    assert refused.value.code is DossierRefusal.NOT_YOURS


def test_a_rest_of_half_an_hour_begins_a_version():
    assert begins_sitting(None, AT)
    assert not begins_sitting(AT, AT + timedelta(minutes=30))
    assert begins_sitting(AT, AT + timedelta(minutes=31))
    assert begins_sitting(AT, AT, is_ended=True)


@pytest.mark.records("text_restored")
def test_the_author_compares_and_restores_on_the_page_and_nobody_else_reads_it(app, store, client):
    with store.transaction() as session:
        world = factories.world(session)
    save(store, world, "J’ai mené une étude.", AT + HOUR)
    client.log_in(world.candidate.email, PASSWORD)
    url = f"/dossiers/{world.candidacy.id}/competences/{world.competencies[0].id}"
    assert "Versions précédentes" in client.page(url).text
    with store.reader() as session:
        version = texts.list_versions(session, world.candidacy.id, world.competencies[0].id)[-1].id
    page = client.page(f"{url}/versions?version={version}")
    assert page.all("del")
    assert page.all("ins")
    restore = f"/dossiers/{world.candidacy.id}/versions/{version}"
    assert client.send(restore, form=f"{url}/versions?version={version}").status_code == 303
    assert "J’ai mené l’audit." in client.get(url).text
    assert "Aucune version" in client.page(f"/dossiers/{world.candidacy.id}/textes/versions").text
    advisor = client.application.test_client()
    advisor.log_in(world.advisor.email, PASSWORD)
    assert advisor.get(f"{url}/versions").status_code == 403
