"""Messages corrected, taken back and read; the advisor's own notes. On both stores."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.dossier.rules.assessment import Assessment, ReviewRefusal
from portfolio.domain.review.models import Message, PrivateNote
from portfolio.domain.review.rules.messages import ConversationEntry, Unread, prevents_change
from portfolio.domain.review.use_cases.assessments import assess_competency
from portfolio.domain.review.use_cases.email_notifications import load_unread, unread_as_advisor, unread_as_candidate
from portfolio.domain.review.use_cases.messages import edit_message, mark_thread_read, post_message, withdraw_message
from portfolio.domain.review.use_cases.thread import load_thread, save_note
from portfolio.errors import Conflict, Refusal
from portfolio.screens.advisor.board.queries import list_dossiers
from portfolio.screens.advisor.dossier.queries import find_competency_page
from tests import factories
from tests.factories import AT, World

ME, YOU = uuid4(), uuid4()
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("said", "thread", "answer"),
    [
        (ConversationEntry(ME, AT), [], None),
        (ConversationEntry(YOU, AT), [], ReviewRefusal.NOT_YOUR_WORDS),
        (ConversationEntry(ME, AT, withdrawn=True), [], ReviewRefusal.ALREADY_WITHDRAWN),
        (ConversationEntry(ME, AT), [ConversationEntry(YOU, AT - HOUR), ConversationEntry(ME, AT + HOUR)], None),
        (ConversationEntry(ME, AT), [ConversationEntry(YOU, AT + HOUR)], ReviewRefusal.ANSWERED_SINCE),
        (ConversationEntry(ME, AT), [ConversationEntry(YOU, AT + HOUR, withdrawn=True)], None),
    ],
)
def test_words_change_until_the_other_has_spoken(
    said: ConversationEntry, thread: list[ConversationEntry], answer: ReviewRefusal | None
) -> None:
    assert prevents_change(said, thread, ME) is answer


@pytest.fixture
def made(db: Database) -> World:
    return factories.begin_world(db)


def ids(made: World, place: int = 0) -> tuple[UUID, UUID]:
    return made.candidacy.id, made.competencies[place].id


def told(db: Database, made: World, by: UUID, text: str = "Un mot", at: datetime = AT, place: int = 0) -> Message:
    with db.transaction() as session:
        return post_message(session, *ids(made, place), text, by=by, at=at)


def shown(db: Database, made: World, reader: UUID) -> list[tuple[str, bool, bool, bool]]:
    with db.reader() as session:
        thread = load_thread(session, *ids(made), reader)
    return [(entry.text, entry.changed_at is not None, entry.withdrawn, entry.may_change) for entry in thread]


def test_ones_own_words_are_corrected_and_say_so(db: Database, made: World) -> None:
    remark = told(db, made, made.candidate.id, "Faute de frape")
    with db.transaction() as session:
        edit_message(session, made.candidacy.id, remark.id, " Faute de frappe ", 1, by=made.candidate.id, at=AT + HOUR)
    assert shown(db, made, made.candidate.id) == [("Faute de frappe", True, False, True)]
    assert shown(db, made, made.advisor.id) == [("Faute de frappe", True, False, False)]


def test_the_same_words_saved_again_are_not_a_change(db: Database, made: World) -> None:
    remark = told(db, made, made.candidate.id)
    with db.transaction() as session:
        edit_message(session, made.candidacy.id, remark.id, "Un mot", 9, by=made.candidate.id, at=AT + HOUR)
    assert shown(db, made, made.candidate.id) == [("Un mot", False, False, True)]


def test_two_tabs_that_disagree_are_told_what_is_stored(db: Database, made: World) -> None:
    remark = told(db, made, made.candidate.id)
    with db.transaction() as session:
        edit_message(session, made.candidacy.id, remark.id, "Premier onglet", 1, by=made.candidate.id, at=AT)
    with pytest.raises(Conflict) as caught, db.transaction() as session:
        edit_message(session, made.candidacy.id, remark.id, "Second onglet", 1, by=made.candidate.id, at=AT)
    assert (caught.value.theirs, caught.value.revision) == ({"text": "Premier onglet"}, 2)


def refusal_of(db: Database, made: World, remark: Message, by: UUID, text: str = "Autre") -> ReviewRefusal:
    with pytest.raises(Refusal) as caught, db.transaction() as session:
        edit_message(session, made.candidacy.id, remark.id, text, 1, by=by, at=AT + 2 * HOUR)
    return caught.value.code


def test_words_that_were_answered_stay_as_they_were(db: Database, made: World) -> None:
    first, second = told(db, made, made.candidate.id), told(db, made, made.candidate.id, place=1)
    told(db, made, made.advisor.id, "Réponse", AT + HOUR)
    with db.transaction() as session:
        basis = find_competency_page(session, *ids(made, 1), made.advisor.id).basis
        assess_competency(session, *ids(made, 1), Assessment.COVERED, "", basis, by=made.advisor.id, at=AT + HOUR)
    assert refusal_of(db, made, first, made.candidate.id) is ReviewRefusal.ANSWERED_SINCE
    assert refusal_of(db, made, second, made.candidate.id) is ReviewRefusal.ANSWERED_SINCE, "a mark answers too"


def test_nobody_changes_or_takes_back_the_words_of_another(db: Database, made: World) -> None:
    remark = told(db, made, made.candidate.id)
    assert refusal_of(db, made, remark, made.advisor.id) is ReviewRefusal.NOT_YOUR_WORDS
    assert refusal_of(db, made, remark, made.certifier.id) is ReviewRefusal.NOT_IN_THE_CONVERSATION
    with pytest.raises(Refusal) as caught, db.transaction() as session:
        withdraw_message(session, made.candidacy.id, remark.id, by=made.advisor.id, at=AT)
    assert caught.value.code is ReviewRefusal.NOT_YOUR_WORDS
    assert refusal_of(db, made, remark, made.candidate.id, "  ") is ReviewRefusal.REMARK_EMPTY


def test_a_message_of_another_dossier_does_not_exist_here(db: Database, made: World) -> None:
    with db.transaction() as session:
        other = factories.candidacy(session, made.version, made.candidate, made.advisor)
        remark = post_message(session, other.id, made.competencies[0].id, "Ailleurs", by=made.candidate.id, at=AT)
    assert refusal_of(db, made, remark, made.candidate.id) is ReviewRefusal.NO_SUCH_WORDS


def test_words_taken_back_leave_their_place_and_nothing_else_even_after_an_answer(db: Database, made: World) -> None:
    remark = told(db, made, made.candidate.id, "canari-retiré")
    told(db, made, made.advisor.id, "Réponse", AT + HOUR)
    for _ in range(2):
        with db.transaction() as session:
            withdraw_message(session, made.candidacy.id, remark.id, by=made.candidate.id, at=AT + 2 * HOUR)
    assert shown(db, made, made.advisor.id)[0] == ("", False, True, False)
    with db.reader() as session:
        assert "canari" not in session.get_one(Message, remark.id).text
    assert refusal_of(db, made, remark, made.candidate.id) is ReviewRefusal.ALREADY_WITHDRAWN


def test_a_question_taken_back_waits_for_no_answer(db: Database, made: World) -> None:
    remark = told(db, made, made.candidate.id)
    with db.reader() as session:
        assert list_dossiers(session, made.advisor.id, AT)[0].need.first.cause.value == "unanswered"
    with db.transaction() as session:
        withdraw_message(session, made.candidacy.id, remark.id, by=made.candidate.id, at=AT)
    with db.reader() as session:
        assert list_dossiers(session, made.advisor.id, AT)[0].need.first.cause.value != "unanswered"
        assert load_unread(session, [made.candidacy.id], made.advisor.id) == {}


def unread(db: Database, made: World, reader: UUID) -> dict[UUID, Unread]:
    with db.reader() as session:
        return dict(load_unread(session, [made.candidacy.id], reader).get(made.candidacy.id, {}))


def counts(session: Session, reader: UUID) -> tuple[int, int]:
    """Return what this person has not read, as an advisor and as a candidate."""
    asked = select(unread_as_advisor(Person.id), unread_as_candidate(Person.id)).where(Person.id == reader)
    as_advisor, as_candidate = session.execute(asked).one()
    return as_advisor, as_candidate


def test_each_has_what_the_other_said_to_read_and_a_mark_is_news_to_the_candidate(db: Database, made: World) -> None:
    told(db, made, made.candidate.id)
    told(db, made, made.advisor.id, at=AT + HOUR)
    with db.transaction() as session:
        basis = find_competency_page(session, *ids(made), made.advisor.id).basis
        assess_competency(session, *ids(made), Assessment.COVERED, "", basis, by=made.advisor.id, at=AT + 2 * HOUR)
    first = made.competencies[0].id
    assert unread(db, made, made.advisor.id) == {first: Unread(1, 0, AT)}
    assert unread(db, made, made.candidate.id) == {first: Unread(1, 1, AT + HOUR)}
    assert unread(db, made, made.certifier.id) == {}
    with db.reader() as session:
        assert [counts(session, person.id) for person in (made.advisor, made.candidate, made.certifier)] == [
            (1, 0),
            (0, 2),
            (0, 0),
        ]


def test_what_was_read_is_read_and_what_came_meanwhile_is_not(db: Database, made: World) -> None:
    told(db, made, made.advisor.id)
    told(db, made, made.advisor.id, at=AT + 2 * HOUR)
    later = AT + 3 * HOUR
    with db.transaction() as session:
        mark_thread_read(session, *ids(made), AT, by=made.candidate.id, at=later)
    assert [one.count for one in unread(db, made, made.candidate.id).values()] == [1]
    with db.transaction() as session:
        mark_thread_read(session, *ids(made), later + 9 * HOUR, by=made.candidate.id, at=later)
        mark_thread_read(session, *ids(made), AT, by=made.candidate.id, at=later)
    assert unread(db, made, made.candidate.id) == {}
    told(db, made, made.advisor.id, at=later + HOUR)
    assert [one.count for one in unread(db, made, made.candidate.id).values()] == [1], "nobody reads the future"


def test_who_answers_has_read_what_they_saw(db: Database, made: World) -> None:
    told(db, made, made.advisor.id)
    with db.transaction() as session:
        post_message(session, *ids(made), "Réponse", by=made.candidate.id, at=AT + HOUR, read_until=AT)
    assert unread(db, made, made.candidate.id) == {}


def test_a_next_advisor_has_the_words_of_the_candidate_to_read_and_not_those_of_the_one_before(
    db: Database, made: World
) -> None:
    told(db, made, made.candidate.id)
    told(db, made, made.advisor.id, at=AT + HOUR)
    with db.transaction() as session:
        after = factories.person(session, "Paul Autre")
        session.get_one(type(made.candidacy), made.candidacy.id).advisor_id = after.id
    assert [one.count for one in unread(db, made, after.id).values()] == [1]
    assert unread(db, made, made.advisor.id) == {}
    with db.reader() as session:
        assert [entry.is_new for entry in load_thread(session, *ids(made), after.id)] == [True, False]


def noted(db: Database, made: World, text: str, revision: int) -> int:
    with db.transaction() as session:
        return save_note(session, *ids(made), text, revision, by=made.advisor.id, at=AT)


def test_a_note_is_kept_for_its_author_alone(db: Database, made: World) -> None:
    assert noted(db, made, "", 0) == 0
    assert noted(db, made, "Fragile sur le budget", 0) == 1
    assert noted(db, made, "Fragile sur le budget", 1) == 1
    assert noted(db, made, "Solide sur le budget", 1) == 2
    with db.transaction() as session:
        after = factories.person(session, "Paul Autre")
        session.get_one(type(made.candidacy), made.candidacy.id).advisor_id = after.id
    with db.reader() as session:
        assert find_competency_page(session, *ids(made), made.advisor.id).note.text == "Solide sur le budget"
        others = (after, made.candidate, made.certifier)
        assert [find_competency_page(session, *ids(made), person.id).note for person in others] == [None] * 3
    with pytest.raises(Refusal) as caught:
        noted(db, made, "Encore là", 2)
    assert caught.value.code is ReviewRefusal.NOT_THE_ADVISOR


def test_two_tabs_of_notes_that_disagree_are_told_what_is_stored(db: Database, made: World) -> None:
    noted(db, made, "Premier onglet", 0)
    with pytest.raises(Conflict) as caught:
        noted(db, made, "Second onglet", 0)
    assert (caught.value.theirs, caught.value.revision) == ({"note": "Premier onglet"}, 1)
    with db.reader() as session:
        assert len(session.scalars(select(PrivateNote)).all()) == 1
