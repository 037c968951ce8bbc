"""Marks, remarks and the board, on both stores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from threading import Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from portfolio.candidacy.rules import ClockKind
from portfolio.db import Database
from portfolio.dossier.models import Claim, Dossier, Narrative
from portfolio.dossier.rules import CoverageState, DossierState
from portfolio.evidence.models import Evidence, EvidenceFile
from portfolio.journal.models import JournalLine
from portfolio.refusal import Refusal
from portfolio.review.models import Mark
from portfolio.review.rules import Awaited, Cause, Change, ChangeKind, MarkValue, Order, ReviewRefusal
from portfolio.review.services import (
    board_of,
    dossier_page,
    find_competency_page,
    list_dossiers,
    mark_competency,
    marks_of,
    say,
    thread_of,
)
from portfolio.submission.services import submit
from tests import factories
from tests.factories import AT, World

LATER = AT + timedelta(days=1)


@pytest.fixture
def made(db: Database) -> World:
    """A candidate, an advisor, a draft in which every competency has a piece and a story."""
    with db.transaction() as session:
        return factories.world(session)


@contextmanager
def reading(db: Database) -> Iterator[Session]:
    session = db.reader()
    yield session
    session.close()


def basis(session: Session, made: World, place: int = 0) -> str:
    return find_competency_page(session, made.candidacy.id, made.competencies[place].id, made.advisor.id).basis


def mark(session: Session, made: World, value: MarkValue, comment: str = "", at: datetime = AT, place: int = 0) -> Mark:
    ids = made.candidacy.id, made.competencies[place].id
    return mark_competency(session, *ids, value, comment, basis(session, made, place), by=made.advisor.id, at=at)


def remark(session: Session, made: World, text: str, by: UUID, at: datetime = AT, place: int = 0) -> None:
    say(session, made.candidacy.id, made.competencies[place].id, text, by=by, at=at)


def refused(caught: pytest.ExceptionInfo[Refusal]) -> ReviewRefusal:
    return caught.value.code


def standing(db: Database, made: World, place: int = 0):
    with reading(db) as session:
        return marks_of(session, made.candidacy.id)[made.competencies[place].id]


def test_the_last_mark_stands_and_the_first_is_kept(db: Database, made: World) -> None:
    with db.transaction() as session:
        mark(session, made, MarkValue.PARTLY, "Il manque le budget.")
    with db.transaction() as session:
        mark(session, made, MarkValue.COVERED, at=LATER)
    view = standing(db, made)
    assert (view.value, view.advisor_name, view.made_at, view.outdated) == (MarkValue.COVERED, "Claire Morel", LATER, False)
    with reading(db) as session:
        assert [entry.mark for entry in thread_of(session, made.candidacy.id, made.competencies[0].id, made.advisor.id)] == [
            MarkValue.PARTLY,
            MarkValue.COVERED,
        ]


def test_a_mark_writes_one_journal_line_without_its_comment(db: Database, made: World) -> None:
    with db.transaction() as session:
        mark(session, made, MarkValue.PARTLY, "Il manque le budget.")
    with reading(db) as session:
        line = session.scalars(select(JournalLine)).one()
    assert (line.verb, line.actor_id, line.object_id) == ("competency_marked", made.advisor.id, made.candidacy.id)
    assert line.facts == {"competency": str(made.competencies[0].id), "value": "partly"}


@pytest.mark.parametrize("value", [MarkValue.PARTLY, MarkValue.NOT_COVERED])
def test_a_mark_that_asks_for_more_says_what(db: Database, made: World, value: MarkValue) -> None:
    with pytest.raises(Refusal) as caught, db.transaction() as session:
        mark(session, made, value, "  \n ")
    assert refused(caught) is ReviewRefusal.COMMENT_MISSING


def test_nobody_but_the_advisor_of_the_candidacy_marks_it(db: Database, made: World) -> None:
    with db.transaction() as session:
        other = factories.person(session, "Paul Autre")
    for by in (other.id, made.candidate.id, made.certifier.id):
        with pytest.raises(Refusal) as caught, db.transaction() as session:
            mark_competency(
                session, made.candidacy.id, made.competencies[0].id, MarkValue.COVERED, "", basis(session, made), by=by, at=AT
            )
        assert refused(caught) is ReviewRefusal.NOT_THE_ADVISOR


def test_a_competency_of_another_certification_or_out_of_scope_is_refused(db: Database, made: World) -> None:
    with db.transaction() as session:
        foreign = factories.published_version(session, made.body.id, "RNCP99999").blocks[0].competencies[0]
        candidacy = session.get_one(type(made.candidacy), made.candidacy.id)
        candidacy.blocks = candidacy.blocks[1:]
    for competency_id in (foreign.id, made.competencies[0].id, uuid4()):
        with pytest.raises(Refusal) as caught, db.transaction() as session:
            mark_competency(session, made.candidacy.id, competency_id, MarkValue.COVERED, "", "", by=made.advisor.id, at=AT)
        assert refused(caught) is ReviewRefusal.OUT_OF_SCOPE
        with pytest.raises(Refusal) as caught, db.transaction() as session:
            say(session, made.candidacy.id, competency_id, "Bonjour", by=made.advisor.id, at=AT)
        assert refused(caught) is ReviewRefusal.OUT_OF_SCOPE


def test_a_submitted_dossier_takes_no_mark_but_still_a_word(db: Database, made: World) -> None:
    with db.transaction() as session:
        session.get_one(Dossier, made.candidacy.id).state = DossierState.SUBMITTED
    with pytest.raises(Refusal) as caught, db.transaction() as session:
        mark(session, made, MarkValue.COVERED)
    assert refused(caught) is ReviewRefusal.DOSSIER_SUBMITTED
    with db.transaction() as session:
        remark(session, made, "Comment préparer l’entretien ?", made.candidate.id)


def test_a_block_held_takes_no_mark(db: Database, made: World) -> None:
    hold(db, made, 0)
    with pytest.raises(Refusal) as caught, db.transaction() as session:
        mark(session, made, MarkValue.COVERED)
    assert refused(caught) is ReviewRefusal.BLOCK_HELD


def hold(db: Database, made: World, block: int) -> None:
    with db.transaction() as session:
        factories.held(session, made.candidacy, made.version.blocks[block].id, AT.date())


def edit_narrative(session: Session, made: World) -> None:
    row = session.scalars(select(Narrative).where(Narrative.competency_id == made.competencies[0].id)).one()
    row.situation, row.revision = "Autre chose.", row.revision + 1


def reword_claim(session: Session, made: World) -> None:
    row = session.scalars(select(Claim).where(Claim.competency_id == made.competencies[0].id)).one()
    row.passage, row.revision = "9", row.revision + 1


def remove_claim(session: Session, made: World) -> None:
    session.delete(session.scalars(select(Claim).where(Claim.competency_id == made.competencies[0].id)).one())


def add_claim(session: Session, made: World) -> None:
    factories.claim(session, made.pieces[4], made.competencies[0])


def describe_piece(session: Session, made: World) -> None:
    row = session.get_one(Evidence, made.pieces[0].id)
    row.own_role, row.revision = "Autre rôle.", row.revision + 1


def remove_piece(session: Session, made: World) -> None:
    session.get_one(Evidence, made.pieces[0].id).removed_at = LATER


def replace_file(session: Session, made: World) -> None:
    piece = session.get_one(Evidence, made.pieces[0].id)
    piece.files.append(
        EvidenceFile(
            number=2,
            key=uuid4().hex,
            name="b.pdf",
            mime="application/pdf",
            family="document",
            size=9,
            sha256="cd" * 32,
            received_at=AT,
        )
    )


CHANGES = [
    (edit_narrative, Change(0, ChangeKind.NARRATIVE)),
    (reword_claim, Change(1, ChangeKind.CLAIM_REWORDED)),
    (remove_claim, Change(1, ChangeKind.CLAIM_REMOVED)),
    (remove_piece, Change(1, ChangeKind.CLAIM_REMOVED)),
    (add_claim, Change(5, ChangeKind.CLAIM_ADDED)),
    (describe_piece, Change(1, ChangeKind.PIECE_DESCRIBED)),
    (replace_file, Change(1, ChangeKind.FILE_REPLACED)),
]


@pytest.mark.parametrize(("change", "told"), CHANGES)
def test_a_mark_older_than_a_change_is_outdated_and_says_what_changed(db: Database, made: World, change, told: Change) -> None:
    with db.transaction() as session:
        mark(session, made, MarkValue.COVERED)
        mark(session, made, MarkValue.COVERED, place=1)
    with db.transaction() as session:
        change(session, made)
    view = standing(db, made)
    assert (view.outdated, view.changes) == (True, (told,))
    other = standing(db, made, place=1)
    assert (other.outdated, other.changes) == (False, ())


@pytest.mark.parametrize(("change", "told"), CHANGES)
def test_a_mark_on_a_page_that_has_changed_meanwhile_is_refused_and_says_what(
    db: Database, made: World, change, told: Change
) -> None:
    with reading(db) as session:
        opened = basis(session, made)
    with db.transaction() as session:
        change(session, made)
    ids = made.candidacy.id, made.competencies[0].id
    with pytest.raises(Refusal) as caught, db.transaction() as session:
        mark_competency(session, *ids, MarkValue.PARTLY, "Il manque…", opened, by=made.advisor.id, at=LATER)
    assert refused(caught) is ReviewRefusal.CHANGED_MEANWHILE
    assert caught.value.facts["changes"] == (told,)
    with reading(db) as session:
        assert session.scalar(select(func.count(Mark.seq))) == 0


def test_a_mark_waits_for_the_candidate_who_is_saving_and_then_sees_what_was_saved(db: Database, made: World) -> None:
    with reading(db) as session:
        opened = basis(session, made)
    ids = made.candidacy.id, made.competencies[0].id
    answers: list[ReviewRefusal] = []

    def marking() -> None:
        try:
            with db.transaction() as session:
                mark_competency(session, *ids, MarkValue.COVERED, "", opened, by=made.advisor.id, at=LATER)
        except Refusal as refusal:
            answers.append(refusal.code)

    with db.transaction() as session:
        session.get_one(Dossier, made.candidacy.id, with_for_update=True)
        edit_narrative(session, made)
        session.flush()
        waiting = Thread(target=marking)
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
    waiting.join(10)
    assert answers == [ReviewRefusal.CHANGED_MEANWHILE]


def test_an_autosave_of_the_same_text_between_reading_and_marking_is_no_change(db: Database, made: World) -> None:
    with reading(db) as session:
        opened = basis(session, made)
    with db.transaction() as session:
        row = session.scalars(select(Narrative).where(Narrative.competency_id == made.competencies[0].id)).one()
        row.situation, row.revision = row.situation + "\n", row.revision + 1
    ids = made.candidacy.id, made.competencies[0].id
    with db.transaction() as session:
        mark_competency(session, *ids, MarkValue.COVERED, "", opened, by=made.advisor.id, at=LATER)
    assert not standing(db, made).outdated


def test_a_mark_made_before_its_text_was_kept_is_outdated_by_every_change(db: Database, made: World) -> None:
    with db.transaction() as session:
        mark(session, made, MarkValue.COVERED)
    with db.transaction() as session:
        session.scalars(select(Mark)).one().told = None
        edit_narrative(session, made)
    view = standing(db, made)
    assert (view.changes, view.compared) == ((Change(0, ChangeKind.NARRATIVE),), ())


def test_a_competency_with_nothing_yet_can_be_marked(db: Database) -> None:
    with db.transaction() as session:
        made = factories.world(session, filled=False)
        mark(session, made, MarkValue.NOT_COVERED, "Commencez par l’organigramme.")
    assert not standing(db, made).outdated


def test_candidate_and_advisor_talk_and_nobody_else(db: Database, made: World) -> None:
    with db.transaction() as session:
        remark(session, made, "  Faut-il l’organigramme ?  ", made.candidate.id)
        remark(session, made, "Oui, daté.", made.advisor.id, LATER)
    with reading(db) as session:
        told = thread_of(session, made.candidacy.id, made.competencies[0].id, made.advisor.id)
        assert thread_of(session, made.candidacy.id, made.competencies[1].id, made.advisor.id) == []
    assert [(one.author_name, one.by_candidate, one.text) for one in told] == [
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


def causes(db: Database, made: World) -> list[Cause]:
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
    assert causes(db, made)[0] is Cause.UNANSWERED
    with db.transaction() as session:
        remark(session, made, "Une réponse", made.advisor.id, LATER)
    assert Cause.UNANSWERED not in causes(db, made)


def test_a_commented_mark_answers_and_a_bare_one_does_not(db: Database, made: World) -> None:
    with db.transaction() as session:
        remark(session, made, "Est-ce assez ?", made.candidate.id)
        mark(session, made, MarkValue.COVERED, at=LATER)
    assert causes(db, made)[0] is Cause.UNANSWERED
    with db.transaction() as session:
        mark(session, made, MarkValue.COVERED, "Oui, c’est assez.", at=LATER)
    assert Cause.UNANSWERED not in causes(db, made)


def test_the_board_puts_most_in_need_first_and_says_why(db: Database, made: World) -> None:
    with db.transaction() as session:
        quiet, asking = (factories.person(session, name) for name in ("Zoé Petit", "Yann Leroy"))
        factories.candidacy(session, made.version, quiet, made.advisor)
        second = factories.candidacy(session, made.version, asking, made.advisor)
        say(session, second.id, made.competencies[0].id, "Par où commencer ?", by=asking.id, at=AT)
    assert [(line.candidate, line.need.first.cause) for line in board(db, made)] == [
        ("Zoé Petit", Cause.LAPSE),
        ("Yann Leroy", Cause.UNANSWERED),
        ("Samia Benali", Cause.UNMARKED),
    ]


def test_the_board_shows_the_state_of_each_competency_and_the_blocks_held(db: Database, made: World) -> None:
    hold(db, made, 3)
    with db.transaction() as session:
        mark(session, made, MarkValue.PARTLY, "Il manque le budget.")
        mark(session, made, MarkValue.COVERED, place=1)
    with db.transaction() as session:
        edit_narrative(session, made)
    line = board(db, made)[0]
    assert line.blocks[0].states == (CoverageState.OUTDATED, CoverageState.COVERED)
    assert line.blocks[1].states == (CoverageState.CLAIMED,) * 3
    assert (line.blocks[3].held, line.blocks[3].states) == (True, ())
    assert [(ground.cause, ground.count) for ground in line.need.grounds] == [(Cause.OUTDATED, 1), (Cause.UNMARKED, 6)]


def test_when_every_block_asked_is_held_nothing_is_left_to_do(db: Database, made: World) -> None:
    for block in range(4):
        hold(db, made, block)
    assert causes(db, made) == [Cause.COMPLETE]
    assert board(db, made)[0].need.rests


def test_the_activity_of_the_candidate_is_told_and_not_the_advisors(db: Database, made: World) -> None:
    with db.transaction() as session:
        mark(session, made, MarkValue.COVERED, at=LATER)
        remark(session, made, "Bravo", made.advisor.id, LATER)
    assert board(db, made)[0].last_activity == AT
    with db.transaction() as session:
        remark(session, made, "Merci", made.candidate.id, LATER)
    assert board(db, made)[0].last_activity == LATER


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    told: list[str] = []

    def listen(_connection, _cursor, statement, *_more) -> None:
        told.append(statement)

    event.listen(db.engine, "before_cursor_execute", listen)
    yield told
    event.remove(db.engine, "before_cursor_execute", listen)


def test_the_board_of_thirty_dossiers_asks_no_more_than_the_board_of_one(db: Database, made: World) -> None:
    with db.transaction() as session:
        mark(session, made, MarkValue.COVERED)
    with counted(db) as one:
        assert len(board(db, made)) == 1
    with db.transaction() as session:
        for number in range(29):
            candidate = factories.person(session, f"Personne {number}")
            candidacy = factories.candidacy(session, made.version, candidate, made.advisor)
            piece = factories.evidence(session, candidacy.id)
            factories.claim(session, piece, made.competencies[0])
            factories.narrative(session, candidacy.id, made.competencies[0])
            say(session, candidacy.id, made.competencies[0].id, "Une question", by=candidate.id, at=AT)
    with counted(db) as thirty:
        assert len(board(db, made)) == 30
    assert len(thirty) == len(one) <= 15


def looked(db: Database, made: World, awaited: Awaited | None = None, order: Order = Order.NEED):
    with reading(db) as session:
        return board_of(session, made.advisor.id, LATER, awaited, order)


def test_the_board_is_looked_through_by_what_is_awaited_and_in_a_chosen_order(db: Database, made: World) -> None:
    with db.transaction() as session:
        quiet, asking = (factories.person(session, name) for name in ("Zoé Petit", "Amine Leroy"))
        factories.candidacy(session, made.version, quiet, made.advisor)
        second = factories.candidacy(session, made.version, asking, made.advisor)
        say(session, second.id, made.competencies[0].id, "Par où commencer ?", by=asking.id, at=LATER)
    whole = looked(db, made)
    assert (whole.total, whole.first.candidate) == (3, "Zoé Petit")
    assert whole.counts == dict.fromkeys(Awaited, 0) | {Awaited.ANSWER: 1, Awaited.MARK: 1, Awaited.NUDGE: 1}
    assert [line.unread for line in whole.lines] == [0, 1, 0]
    answer = looked(db, made, Awaited.ANSWER)
    assert ([line.candidate for line in answer.lines], answer.total, answer.first.candidate) == (["Amine Leroy"], 3, "Zoé Petit")
    assert looked(db, made, Awaited.JURY).lines == []
    orders = {order: [line.candidate.split()[0] for line in looked(db, made, order=order).lines] for order in Order}
    assert orders == {
        Order.NEED: ["Zoé", "Amine", "Samia"],
        Order.DEADLINE: ["Zoé", "Amine", "Samia"],
        Order.ACTIVITY: ["Zoé", "Samia", "Amine"],
        Order.NAME: ["Amine", "Samia", "Zoé"],
    }


def test_the_board_tells_the_delay_that_runs_and_none_that_does_not(db: Database, made: World) -> None:
    assert looked(db, made).lines[0].clock is None, "the first step is made"
    with db.transaction() as session:
        factories.candidacy(session, made.version, factories.person(session, "Zoé Petit"), made.advisor)
        submit(session, made.candidacy.id, "J’atteste.", by=made.candidate.id, at=AT)
    clocks = {line.candidate: line.clock for line in looked(db, made).lines}
    assert (clocks["Zoé Petit"].kind, clocks["Zoé Petit"].until) == (ClockKind.FIRST_STEP, date(2022, 5, 12))
    assert (clocks["Samia Benali"].kind, clocks["Samia Benali"].until) == (ClockKind.JURY, date(2026, 6, 2))


def test_the_page_of_a_competency_has_all_that_the_candidate_says_of_it(db: Database, made: World) -> None:
    with db.transaction() as session:
        add_claim(session, made)
        remark(session, made, "Une question", made.candidate.id, place=1)
    with reading(db) as session:
        page = find_competency_page(session, made.candidacy.id, made.competencies[0].id, made.advisor.id)
    assert [(one.piece.number, one.file.number, one.also) for one in page.claims] == [(1, 1, ()), (5, 1, ("2.3",))]
    assert page.narrative is not None
    assert (page.previous, page.next and page.next.label) == (None, "1.2")
    assert [line.waits for line in page.toc[0].lines] == [False, True]
    assert page.closed is None


def test_the_page_of_a_competency_asks_the_same_for_one_piece_or_twenty(db: Database, made: World) -> None:
    def asked() -> int:
        with counted(db) as told, reading(db) as session:
            find_competency_page(session, made.candidacy.id, made.competencies[0].id, made.advisor.id)
        return len(told)

    one = asked()
    assert one <= 30
    with db.transaction() as session:
        for number in range(20, 40):
            factories.claim(session, factories.evidence(session, made.candidacy.id, number), made.competencies[0])
    assert asked() == one


def test_a_competency_out_of_scope_has_no_page(db: Database, made: World) -> None:
    with reading(db) as session:
        assert find_competency_page(session, made.candidacy.id, uuid4(), made.advisor.id) is None


def test_what_to_see_next_is_the_next_competency_that_expects_something(db: Database, made: World) -> None:
    with db.transaction() as session:
        for place in (1, 2):
            mark(session, made, MarkValue.COVERED, place=place)
    with reading(db) as session:
        page = find_competency_page(session, made.candidacy.id, made.competencies[0].id, made.advisor.id)
        assert page.then.label == "2.2"
        assert find_competency_page(session, made.candidacy.id, made.competencies[10].id, made.advisor.id).then.label == "1.1"


def test_the_page_of_a_dossier_has_its_need_and_its_matrix(db: Database, made: World) -> None:
    with db.transaction() as session:
        remark(session, made, "Une question", made.candidate.id, place=3)
    with reading(db) as session:
        page = dossier_page(session, made.candidacy.id, made.advisor.id, LATER)
    assert (page.matrix.path.candidate, page.need.first.cause, page.need.first.label) == ("Samia Benali", Cause.UNANSWERED, "2.2")
    assert page.waiting == {made.competencies[3].id}
    assert [one.post for one in page.experiences] == ["Cheffe de projet"]
