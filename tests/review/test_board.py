"""Words between candidate and advisor, and the board that says who awaits them."""

from datetime import date, datetime

import pytest

from portfolio.db.engine import Database
from portfolio.domain.candidacy.rules.deadlines import DeadlineKind
from portfolio.domain.dossier.rules.assessment import Assessment, ReviewRefusal
from portfolio.domain.dossier.rules.draft import CoverageState
from portfolio.domain.review.rules.priority import AttentionReason, Order, WaitingFor
from portfolio.domain.review.use_cases.messages import post_message
from portfolio.domain.review.use_cases.thread import load_thread
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.errors import Refusal
from portfolio.screens.advisor.board.queries import list_dossiers, load_board
from tests import factories
from tests.factories import AT, World
from tests.review.actions import LATER, counted, edit_narrative, hold, mark, reading, refused, remark


def test_candidate_and_advisor_talk_and_nobody_else(db: Database, made: World) -> None:
    with db.transaction() as session:
        remark(session, made, "  Faut-il l’organigramme ?  ", made.candidate.id)
        remark(session, made, "Oui, daté.", made.advisor.id, LATER)
    with reading(db) as session:
        told = load_thread(session, made.candidacy.id, made.competencies[0].id, made.advisor.id)
        assert load_thread(session, made.candidacy.id, made.competencies[1].id, made.advisor.id) == []
    assert [(thread_entry.author_name, thread_entry.by_candidate, thread_entry.text) for thread_entry in told] == [
        ("Samia Benali", True, "Faut-il l’organigramme ?"),
        ("Claire Morel", False, "Oui, daté."),
    ]
    with pytest.raises(Refusal) as caught, db.transaction() as session:
        remark(session, made, "Bonjour", made.certifier.id)
    assert refused(caught) is ReviewRefusal.NOT_IN_THE_CONVERSATION


def test_an_empty_remark_is_refused(db: Database, made: World) -> None:
    with pytest.raises(Refusal) as caught, db.transaction() as session:
        remark(session, made, " \n", made.candidate.id)
    assert refused(caught) is ReviewRefusal.REMARK_EMPTY


def board(db: Database, made: World, at: datetime = LATER):
    with reading(db) as session:
        return list_dossiers(session, made.advisor.id, at)


def causes(db: Database, made: World) -> list[AttentionReason]:
    return [ground.cause for ground in board(db, made)[0].need.grounds]


def test_the_board_shows_only_the_dossiers_that_were_given(db: Database, made: World) -> None:
    with db.transaction() as session:
        other = factories.person(session, "Paul Autre")
        factories.candidacy(session, made.version, factories.person(session, "Zoé Petit"), other)
    assert [line.candidate for line in board(db, made)] == ["Samia Benali"]
    with db.transaction() as session:
        session.get_one(type(made.candidacy), made.candidacy.id).advisor_id = other.id
    assert board(db, made) == []


def test_an_answer_of_the_advisor_ends_the_wait(db: Database, made: World) -> None:
    with db.transaction() as session:
        remark(session, made, "Une question", made.candidate.id)
    assert causes(db, made)[0] is AttentionReason.UNANSWERED
    with db.transaction() as session:
        remark(session, made, "Une réponse", made.advisor.id, LATER)
    assert AttentionReason.UNANSWERED not in causes(db, made)


def test_a_commented_mark_answers_and_a_bare_one_does_not(db: Database, made: World) -> None:
    with db.transaction() as session:
        remark(session, made, "Est-ce assez ?", made.candidate.id)
        mark(session, made, Assessment.COVERED, at=LATER)
    assert causes(db, made)[0] is AttentionReason.UNANSWERED
    with db.transaction() as session:
        mark(session, made, Assessment.COVERED, "Oui, c’est assez.", at=LATER)
    assert AttentionReason.UNANSWERED not in causes(db, made)


def test_the_board_puts_most_in_need_first_and_says_why(db: Database, made: World) -> None:
    with db.transaction() as session:
        quiet, asking = (factories.person(session, name) for name in ("Zoé Petit", "Yann Leroy"))
        factories.candidacy(session, made.version, quiet, made.advisor)
        second = factories.candidacy(session, made.version, asking, made.advisor)
        post_message(session, second.id, made.competencies[0].id, "Par où commencer ?", by=asking.id, at=AT)
    assert [(line.candidate, line.need.first.cause) for line in board(db, made)] == [
        ("Zoé Petit", AttentionReason.LAPSE),
        ("Yann Leroy", AttentionReason.UNANSWERED),
        ("Samia Benali", AttentionReason.UNMARKED),
    ]


def test_the_board_shows_the_state_of_each_competency_and_the_blocks_held(db: Database, made: World) -> None:
    hold(db, made, 3)
    with db.transaction() as session:
        mark(session, made, Assessment.PARTLY, "Il manque le budget.")
        mark(session, made, Assessment.COVERED, place=1)
    with db.transaction() as session:
        edit_narrative(session, made)
    line = board(db, made)[0]
    assert line.blocks[0].states == (CoverageState.OUTDATED, CoverageState.COVERED)
    assert line.blocks[1].states == (CoverageState.CLAIMED,) * 3
    assert (line.blocks[3].held, line.blocks[3].states) == (True, ())
    assert [(ground.cause, ground.count) for ground in line.need.grounds] == [
        (AttentionReason.OUTDATED, 1),
        (AttentionReason.UNMARKED, 6),
    ]


def test_when_every_block_asked_is_held_nothing_is_left_to_do(db: Database, made: World) -> None:
    for block in range(4):
        hold(db, made, block)
    assert causes(db, made) == [AttentionReason.COMPLETE]
    assert board(db, made)[0].need.needs_nothing


def test_the_activity_of_the_candidate_is_told_and_not_the_advisors(db: Database, made: World) -> None:
    with db.transaction() as session:
        mark(session, made, Assessment.COVERED, at=LATER)
        remark(session, made, "Bravo", made.advisor.id, LATER)
    assert board(db, made)[0].last_activity == AT
    with db.transaction() as session:
        remark(session, made, "Merci", made.candidate.id, LATER)
    assert board(db, made)[0].last_activity == LATER


def test_the_board_of_thirty_dossiers_asks_no_more_than_the_board_of_one(db: Database, made: World) -> None:
    with db.transaction() as session:
        mark(session, made, Assessment.COVERED)
    with counted(db) as one:
        assert len(board(db, made)) == 1
    with db.transaction() as session:
        for number in range(29):
            candidate = factories.person(session, f"Personne {number}")
            candidacy = factories.candidacy(session, made.version, candidate, made.advisor)
            piece = factories.evidence(session, candidacy.id)
            factories.claim(session, piece, made.competencies[0])
            factories.narrative(session, candidacy.id, made.competencies[0])
            post_message(session, candidacy.id, made.competencies[0].id, "Une question", by=candidate.id, at=AT)
    with counted(db) as thirty:
        assert len(board(db, made)) == 30
    assert len(thirty) == len(one) <= 8


def looked(db: Database, made: World, awaited: WaitingFor | None = None, order: Order = Order.NEED):
    with reading(db) as session:
        return load_board(session, made.advisor.id, LATER, awaited, order)


def test_the_board_is_looked_through_by_what_is_awaited_and_in_a_chosen_order(db: Database, made: World) -> None:
    with db.transaction() as session:
        quiet, asking = (factories.person(session, name) for name in ("Zoé Petit", "Amine Leroy"))
        factories.candidacy(session, made.version, quiet, made.advisor)
        second = factories.candidacy(session, made.version, asking, made.advisor)
        post_message(session, second.id, made.competencies[0].id, "Par où commencer ?", by=asking.id, at=LATER)
    whole = looked(db, made)
    assert (whole.total, whole.first.candidate) == (3, "Zoé Petit")
    assert whole.counts == dict.fromkeys(WaitingFor, 0) | {
        WaitingFor.ANSWER: 1,
        WaitingFor.MARK: 1,
        WaitingFor.NUDGE: 1,
    }
    assert [line.unread for line in whole.lines] == [0, 1, 0]
    answer = looked(db, made, WaitingFor.ANSWER)
    assert ([line.candidate for line in answer.lines], answer.total, answer.first.candidate) == (
        ["Amine Leroy"],
        3,
        "Zoé Petit",
    )
    assert looked(db, made, WaitingFor.JURY).lines == []
    orders = {order: [line.candidate.split()[0] for line in looked(db, made, order=order).lines] for order in Order}
    assert orders == {
        Order.NEED: ["Zoé", "Amine", "Samia"],
        Order.DEADLINE: ["Zoé", "Amine", "Samia"],
        Order.ACTIVITY: ["Zoé", "Samia", "Amine"],
        Order.NAME: ["Samia", "Amine", "Zoé"],  # Benali, Leroy, Petit
    }


def test_the_board_tells_the_delay_that_runs_and_none_that_does_not(db: Database, made: World) -> None:
    assert looked(db, made).lines[0].clock is None, "the first step is made"
    with db.transaction() as session:
        factories.candidacy(session, made.version, factories.person(session, "Zoé Petit"), made.advisor)
        submit(session, made.candidacy.id, "J’atteste.", by=made.candidate.id, at=AT)
    clocks = {line.candidate: line.clock for line in looked(db, made).lines}
    assert (clocks["Zoé Petit"].kind, clocks["Zoé Petit"].until) == (DeadlineKind.FIRST_STEP, date(2022, 5, 12))
    assert (clocks["Samia Benali"].kind, clocks["Samia Benali"].until) == (DeadlineKind.JURY, date(2026, 6, 2))
