"""After a partial result: what the jury recommends, the blocks presented next, the advisor's meeting."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.dossier.models.dossier import PostponedBlock
from portfolio.domain.dossier.rules.draft import DossierRefusal
from portfolio.domain.dossier.rules.next_action import JuryPoint, NextAction, NextStep, Reason, second_try_action
from portfolio.domain.dossier.use_cases import next_dossier
from portfolio.domain.dossier.use_cases.matrix import load_matrix
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.submission.use_cases import verification
from portfolio.domain.submission.use_cases.submit import open_next_draft
from portfolio.errors import Refusal
from tests import factories
from tests.factories import PASSWORD
from tests.holdings.closings import JUNE, SEALED_AT, hearing, minutes, sealed

AFTER = SEALED_AT + timedelta(days=200)


def half_held(database: Database) -> factories.World:
    """Blocks 1 and 4 granted, 2 and 3 refused and notified, the draft open again."""
    with database.transaction() as session:
        world = factories.world(session)
        one, two, three, four = world.version.blocks
        closed = minutes(session, hearing(session, sealed(session, world)), [one, four], [two, three])
        grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
        open_next_draft(session, world.candidacy.id, by=world.candidate.id, at=factories.AT)
    return world


@pytest.fixture
def world(db: Database) -> factories.World:
    return half_held(db)


def postpone(db, world, number: int, *, postponed: bool = True) -> None:
    with db.transaction() as session:
        block = world.version.blocks[number - 1].id
        next_dossier.postpone_block(
            session, world.candidacy.id, block, postponed=postponed, by=world.candidate.id, at=AFTER
        )


def refusal_of(act) -> object:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def test_a_block_kept_for_later_is_neither_asked_for_nor_sealed(db, world):
    postpone(db, world, 3)
    with db.reader() as session:
        matrix = load_matrix(session, world.candidacy.id)
        assert {fact.block for fact in matrix.draft.competencies} == {2}
        assert [block.number for block in matrix.blocks if block.postponed] == [3]
    with db.transaction() as session:
        submission = sealed(session, world, AFTER)
        dossier = verification.load_sealed_dossier(session, submission.id)
    assert [block.number for block in dossier.blocks] == [2]
    assert {exhibit.label[:2] for exhibit in dossier.exhibits} == {"B2"}
    assert [held.number for held in dossier.held_blocks] == [1, 4]


@pytest.mark.records("block_postponed", "block_presented_again")
def test_a_block_is_presented_again_and_one_at_least_stays(db, world):
    postpone(db, world, 3)
    postpone(db, world, 3)
    assert refusal_of(lambda: postpone(db, world, 2)) is DossierRefusal.ONE_BLOCK_LEFT
    assert refusal_of(lambda: postpone(db, world, 1)) is DossierRefusal.NOT_IN_SCOPE
    postpone(db, world, 3, postponed=False)
    with db.reader() as session:
        assert not session.scalars(select(PostponedBlock)).all()


def test_the_choice_is_made_again_after_each_decision(db, world):
    postpone(db, world, 3)
    with db.transaction() as session:
        submission = sealed(session, world, AFTER)
        closed = minutes(session, hearing(session, submission, JUNE + timedelta(days=250)), [world.version.blocks[1]])
        grant_from_minutes(session, closed.id, by=world.certifier.id, at=AFTER)
        open_next_draft(session, world.candidacy.id, by=world.candidate.id, at=AFTER)
    with db.reader() as session:
        assert {fact.block for fact in load_matrix(session, world.candidacy.id).draft.competencies} == {3}


def test_a_first_deposit_presents_every_block_asked_for(db):
    with db.transaction() as session:
        world = factories.world(session)
    assert refusal_of(lambda: postpone(db, world, 3)) is DossierRefusal.NOTHING_DECIDED


def test_the_meeting_is_on_the_day_of_the_decision_or_after_and_not_to_come(db, world):
    def note(day, at=AFTER):
        with db.transaction() as session:
            next_dossier.note_meeting(session, world.candidacy.id, day, by=world.advisor.id, at=at)

    assert refusal_of(lambda: note(JUNE - timedelta(days=1))) is DossierRefusal.MEETING_BEFORE_JURY
    assert refusal_of(lambda: note(AFTER.date() + timedelta(days=1))) is DossierRefusal.MEETING_TOMORROW
    note(JUNE)
    note(JUNE + timedelta(days=3))
    with db.reader() as session:
        assert next_dossier.find_meeting(session, world.candidacy.id).held_on == JUNE + timedelta(days=3)


@pytest.fixture
def pages(app, store, client):
    """Return the same, with pages; the candidate is logged in."""
    world = half_held(store)
    client.log_in(world.candidate.email, PASSWORD)
    return world, client, f"/dossiers/{world.candidacy.id}/reprise"


@pytest.mark.records("recommendation_ticked")
def test_the_page_tells_what_is_held_what_is_recommended_and_takes_the_choice(pages):
    world, client, url = pages
    page = client.page(url)
    assert "Joindre un budget d’embauche." in page.text
    assert "Les besoins ne sont pas estimés." in page.text
    assert page.text.count("Certificat n°") == 2
    block = world.version.blocks[2]
    assert client.send(f"{url}/blocs/{block.id}", form=url).status_code == 303
    assert "Pour plus tard" in client.page(url).text
    checklist = client.page(f"/dossiers/{world.candidacy.id}/depot").text
    assert "gardé pour plus tard" in checklist
    assert "Gardé pour plus tard." in client.page(f"/dossiers/{world.candidacy.id}").text
    minutes_number = "2026-01"
    assert client.send(f"{url}/preconisations/{minutes_number}/2", form=url).status_code == 303
    assert "Fait" in client.page(url).text
    token = client.page(url).hidden_fields(f"{url}/entretien")
    assert client.post(f"{url}/preconisations/{minutes_number}/9.9", data=token).status_code == 404


@pytest.mark.records("post_jury_meeting_noted")
def test_the_advisor_notes_the_meeting_and_does_not_choose(pages):
    world, client, url = pages
    client = client.application.test_client()
    client.log_in(world.advisor.email, PASSWORD)
    assert "plus tard" not in client.page(url).text.lower()
    assert client.send(f"{url}/entretien", {"held_on": ""}, form=url).status_code == 422
    assert client.send(f"{url}/entretien", {"held_on": "2026-06-17"}, form=url).status_code == 409
    assert client.send(f"{url}/entretien", {"held_on": "2026-06-20"}, form=url).status_code == 303
    assert "Le 20 juin 2026" in client.page(url).text


def test_a_second_try_starts_from_what_the_jury_wrote(pages):
    world, client, url = pages
    own = f"/dossiers/{world.candidacy.id}"
    home = client.page(own)
    (link,) = [one for one in home.all("a") if one.get("href", "").endswith("#jury")]
    page = client.page(link["href"])
    assert "Ce que le jury a écrit" in page.text
    assert "Non acquise" in page.text
    assert "Joindre un budget d’embauche." in page.text
    linked = [one["href"] for one in client.page(url).all("a") if "/competences/" in one.get("href", "")]
    assert link["href"].partition("#")[0] in linked
    deposit = client.page(f"{own}/depot").text
    assert "Ce que vous n’avez pas coché" in deposit
    assert "Joindre un budget d’embauche." in deposit


def test_a_second_try_goes_on_as_usual_once_everything_is_ticked():
    usual = NextAction(NextStep.ADD_EVIDENCE, Reason.LAST_OF_ALL)
    point = JuryPoint("Joindre un budget.")
    assert second_try_action(usual, [point]).step is NextStep.FOLLOW_JURY
    assert second_try_action(usual, []) is usual
    sealed_now = NextAction(NextStep.WAIT, Reason.SUBMITTED)
    assert second_try_action(sealed_now, [point]) is sealed_now
