"""The whole certification from two sessions, with real juries: obtained once, dated by the second (must be seen, 3)."""

from dataclasses import replace
from datetime import UTC, date, datetime

from sqlalchemy import func, select

from portfolio.db.engine import Database
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.rules.completion import Label
from portfolio.domain.holdings.rules.granting import GrantGround
from portfolio.domain.holdings.use_cases.holdings import held_blocks
from portfolio.domain.holdings.use_cases.recompute import explain
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury_session.use_cases import closing as use_cases
from portfolio.domain.jury_session.use_cases import planning as planning_use_cases
from portfolio.domain.submission.use_cases.submit import open_next_draft, submit
from portfolio.domain.submission.use_cases.verification import load_sealed_dossier
from portfolio.screens.candidate.results.queries import load_results_page
from portfolio.screens.public.certificate.views import find_public_certificate
from tests.holdings.closings import give_letters
from tests.jury.builders import DAY, STATEMENT, Scene, close, decide, find, get_all_ready, scene, seat_five

AUTUMN = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
SECOND_DAY = date(2026, 12, 10)
THEN = datetime(2026, 12, 10, 12, 0, tzinfo=UTC)


def second_session(db: Database, made: Scene) -> Scene:
    """Return the same candidate submits again and is heard by another jury."""
    with db.transaction() as session:
        give_letters(session, made.candidacy_id)
        open_next_draft(session, made.candidacy_id, by=made.candidate.id, at=AUTUMN)
        submission = submit(session, made.candidacy_id, STATEMENT, by=made.candidate.id, at=AUTUMN)
        planning = Planning(made.version_id, SECOND_DAY, "Lyon")
        other = planning_use_cases.plan_session(session, made.body_id, planning, by=made.certifier.id, at=AUTUMN)
        seat_five(session, other.id, made.certifier.id, AUTUMN)
        hearing = planning_use_cases.add_hearing(session, other.id, submission.id, by=made.certifier.id, at=AUTUMN)
        get_all_ready(session, hearing.id, [member.id for member in made.members.values()], made.certifier.id, AUTUMN)
        return replace(made, submission_id=submission.id, session_id=other.id, hearing_id=hearing.id)


def test_two_blocks_then_the_other_two_make_the_whole_once_dated_by_the_second_session(db: Database) -> None:
    made = scene(db, refused=(2, 3))
    close(db, made)
    with db.reader() as session:
        first = explain(session, made.candidacy_id, on=date.max)
    assert [answer.ground for answer in first.answers] == [
        GrantGround.GRANTED,
        GrantGround.NOT_VALIDATED,
        GrantGround.NOT_VALIDATED,
        GrantGround.GRANTED,
    ]
    assert (first.result.label, first.whole.obtained) == (Label.PARTIAL, False)

    again = second_session(db, made)
    with db.reader() as session:
        dossier = load_sealed_dossier(session, again.submission_id)
    assert [block.number for block in dossier.blocks] == [2, 3]
    assert [(sealed_held_block.number, sealed_held_block.held_on) for sealed_held_block in dossier.held_blocks] == [
        (1, DAY),
        (4, DAY),
    ]
    for block in (made.blocks[1], made.blocks[2]):
        for competency in block.competencies:
            find(db, again, competency)
        decide(db, again, block)
    close(db, again, THEN)

    with db.reader() as session:
        assert [session.scalar(select(func.count()).select_from(kind)) for kind in (Grant, Award, Certificate)] == [
            4,
            1,
            5,
        ]
        held = held_blocks(session, made.candidate.id, made.version_id, on=None)
        page = load_results_page(session, made.candidacy_id, on=date.max)
        proof = find_public_certificate(session, page.whole.number)
    assert [held_block.granted_on for held_block in held.values()] == [DAY, SECOND_DAY, SECOND_DAY, DAY]
    assert (page.whole.obtained_on, page.explanation.whole.on) == (SECOND_DAY, SECOND_DAY)
    assert (page.explanation.result.label, page.may_prepare) == (Label.FULL, False)
    assert (proof.is_whole, proof.labels["session"]["place"]) == (True, "Lyon")


def test_what_the_jury_was_shown_before_closing_is_what_is_granted(db: Database) -> None:
    made = scene(db, refused=(3,))
    with db.reader() as session:
        shown = use_cases.preview_closing(session, made.hearing_id, DAY).grants.answers
    close(db, made)
    with db.reader() as session:
        told = explain(session, made.candidacy_id, on=date.max).answers
    assert [(grant_answer.block.number, grant_answer.granted, grant_answer.missing) for grant_answer in shown] == [
        (grant_answer.block.number, grant_answer.granted, grant_answer.missing) for grant_answer in told
    ]
