"""Letters about conversations: who gets one, when, once; what they say and never say; how they stop.

On both stores.
"""

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.dossier.rules.assessment import Assessment
from portfolio.domain.email.delivery import send_pending
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.review.models import DigestEmail
from portfolio.domain.review.rules.messages import Frequency, digest_of, is_news
from portfolio.domain.review.use_cases.assessments import assess_competency
from portfolio.domain.review.use_cases.email_notifications import (
    list_due_digests,
    load_frequency,
    queue_digests,
    save_frequency,
)
from portfolio.domain.review.use_cases.messages import mark_thread_read, post_message, withdraw_message
from portfolio.screens.advisor.dossier.queries import find_competency_page
from tests import factories
from tests.email.test_delivery import post_office as post_office
from tests.factories import PASSWORD, World
from tests.page import CheckedClient, Page

# The evening of a Monday in Paris, and the morning after.
EVENING = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)
CANARY = "canari-message-7e11"


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (MORNING, date(2026, 3, 3)),
        (MORNING - timedelta(seconds=1), date(2026, 3, 2)),
        (datetime(2026, 7, 3, 5, 0, tzinfo=UTC), date(2026, 7, 3)),  # summer time
        (datetime(2026, 7, 3, 4, 59, tzinfo=UTC), date(2026, 7, 2)),
    ],
)
def test_a_digest_is_due_from_seven_in_paris(at: datetime, day: date) -> None:
    assert digest_of(at)[0] == day


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda one: one.replace(tzinfo=UTC)))
def test_a_digest_never_tells_the_future_nor_more_than_a_day_late(at: datetime) -> None:
    _, until = digest_of(at)
    assert until <= at < until + timedelta(days=1, hours=1)


def test_nobody_is_told_twice_of_the_same_words() -> None:
    assert is_news(EVENING, None)
    assert is_news(MORNING, MORNING)
    assert not is_news(EVENING, MORNING)


@pytest.fixture
def made(db: Database) -> World:
    return factories.begin_world(db)


def told(db: Database, made: World, by: UUID, at: datetime = EVENING, place: int = 0) -> UUID:
    with db.transaction() as session:
        said = post_message(session, made.candidacy.id, made.competencies[place].id, CANARY, by=by, at=at)
        session.flush()
        return said.id


def written(db: Database, at: datetime = MORNING) -> int:
    with db.transaction() as session:
        return queue_digests(session, at=at)


def mails(db: Database) -> list[tuple[UUID, str, str]]:
    with db.reader() as session:
        rows = session.scalars(select(OutgoingEmail).order_by(OutgoingEmail.created_at, OutgoingEmail.subject))
        return [(mail.person_id, mail.subject, mail.text) for mail in rows]


def test_once_a_day_each_is_told_how_much_waits_and_nothing_of_it(db: Database, made: World) -> None:
    told(db, made, made.candidate.id)
    told(db, made, made.advisor.id, EVENING + timedelta(minutes=5))
    with db.transaction() as session:
        ids = made.candidacy.id, made.competencies[0].id
        basis = find_competency_page(session, *ids, made.advisor.id).basis
        assess_competency(
            session, *ids, Assessment.PARTLY, CANARY, basis, by=made.advisor.id, at=EVENING + timedelta(minutes=6)
        )
    assert mails(db) == [], "nothing is sent in the evening"
    assert written(db, MORNING) == 2
    assert written(db, MORNING + timedelta(hours=5)) == 0
    letters = {person: text for person, _, text in mails(db)}
    assert "- 1 message\n- 1 avis" in letters[made.candidate.id]
    assert "- 1 message, dans 1 dossier" in letters[made.advisor.id]
    for text in letters.values():
        for secret in (CANARY, "1.1", str(made.candidacy.id), "couverte"):
            assert secret not in text
    assert "Samia" not in letters[made.advisor.id]


@pytest.mark.both
def test_two_workers_at_once_write_one_digest(db: Database, made: World) -> None:
    told(db, made, made.candidate.id)
    together, answers = Barrier(2), []

    def work() -> None:
        together.wait()
        answers.append(written(db))

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert sorted(answers) == [0, 1]
    assert len(mails(db)) == 1


def test_what_was_told_once_is_told_no_more_until_there_is_something_new(db: Database, made: World) -> None:
    told(db, made, made.candidate.id)
    assert written(db) == 1
    assert written(db, MORNING + timedelta(days=1)) == 0
    told(db, made, made.candidate.id, MORNING + timedelta(days=1, hours=2), place=3)
    assert written(db, MORNING + timedelta(days=1, hours=3)) == 0, "today's words wait for tomorrow"
    assert written(db, MORNING + timedelta(days=2)) == 1
    assert "- 2 messages, dans 1 dossier" in mails(db)[-1][2]


@pytest.mark.records("remark_withdrawn")
def test_what_was_read_or_taken_back_is_not_told(db: Database, made: World) -> None:
    told(db, made, made.candidate.id)
    other = told(db, made, made.candidate.id, place=1)
    with db.transaction() as session:
        ids = made.candidacy.id, made.competencies[0].id
        mark_thread_read(session, *ids, EVENING, by=made.advisor.id, at=EVENING)
        withdraw_message(session, made.candidacy.id, other, by=made.candidate.id, at=EVENING)
    assert written(db) == 0


@pytest.mark.parametrize("gone", ["suspended_at", "password_hash"])
def test_who_cannot_enter_gets_no_letter(db: Database, made: World, gone: str) -> None:
    told(db, made, made.candidate.id)
    with db.transaction() as session:
        setattr(session.get_one(Person, made.advisor.id), gone, EVENING if gone == "suspended_at" else None)
        save_frequency(session, made.advisor.id, Frequency.DAILY, at=EVENING)
    assert written(db) == 0


def test_each_chooses_their_rhythm(db: Database, made: World) -> None:
    with db.transaction() as session:
        assert load_frequency(session, made.advisor.id) is Frequency.DAILY
        save_frequency(session, made.advisor.id, Frequency.AT_ONCE, at=EVENING)
        save_frequency(session, made.candidate.id, Frequency.NEVER, at=EVENING)
    told(db, made, made.candidate.id)
    told(db, made, made.advisor.id)
    [(person, subject, text)] = mails(db)
    assert (person, subject) == (made.advisor.id, "Un message vous attend sur Acquis")
    assert CANARY not in text
    assert "Samia" not in text
    assert written(db) == 0, "neither of them wants a digest"


def test_the_digests_of_thirty_ask_no_more_than_those_of_one(db: Database, made: World) -> None:
    def asked() -> int:
        statements: list[str] = []

        def listen(_connection, _cursor, statement, *_more) -> None:
            statements.append(statement)

        with db.reader() as session:
            event.listen(db.engine, "before_cursor_execute", listen)
            list_due_digests(session, MORNING)
            event.remove(db.engine, "before_cursor_execute", listen)
        return len(statements)

    told(db, made, made.candidate.id)
    one = asked()
    with db.transaction() as session:
        for number in range(29):
            advisor = factories.person(session, f"Personne {number}")
            candidacy = factories.candidacy(session, made.version, made.candidate, advisor)
            post_message(session, candidacy.id, made.competencies[0].id, "Mot", by=made.candidate.id, at=EVENING)
    assert asked() == one
    with db.reader() as session:
        assert len(list_due_digests(session, MORNING)) == 30


def test_a_digest_leaves_with_a_link_that_a_mail_program_knows_how_to_use(db, made, post_office, tmp_path) -> None:
    from tests.applications import config_for

    kept, smtp = post_office
    told(db, made, made.candidate.id)
    written(db)
    config = config_for("sqlite://", tmp_path).with_changes(smtp=smtp, address="https://acquis.exemple.fr")
    assert send_pending(db, config, MORNING) == 1
    [(_, message)] = kept.messages
    assert message["List-Unsubscribe"].startswith("<https://acquis.exemple.fr/courriels/arret/")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Unsubscribe"].strip("<>") in message.get_payload(decode=True).decode()


@pytest.fixture
def here(store: Database) -> World:
    return factories.begin_world(store)


def link(store: Database, here: World) -> str:
    told(store, here, here.candidate.id)
    written(store)
    with store.reader() as session:
        return session.scalar(select(OutgoingEmail.unsubscribe))


def rhythm(store: Database, who: Person) -> Frequency:
    with store.reader() as session:
        return load_frequency(session, who.id)


@pytest.mark.records("letters_chosen")
def test_a_link_stops_the_letters_of_its_person_logged_out_and_only_when_asked(
    client: CheckedClient, store: Database, here: World
) -> None:
    url = link(store, here)
    assert "Ne plus recevoir ces courriels" in client.page(url).text
    assert rhythm(store, here.advisor) is Frequency.DAILY, "opening it does nothing"
    assert "C’est fait" in Page(client.send(url).text).text
    assert rhythm(store, here.advisor) is Frequency.NEVER
    assert rhythm(store, here.candidate) is Frequency.DAILY
    assert client.post(url).status_code == 200, "twice, or from a mail program without our form"


def test_a_link_that_nobody_signed_stops_nothing(client: CheckedClient, store: Database, here: World) -> None:
    url = link(store, here)
    place, _, token = url.rpartition("/")
    for wrong in (token[:-5] + "AAAAA", token[:22], "x", "é", "a" * 300, "%00"):
        assert client.get(f"{place}/{wrong}").status_code == 404
        assert client.post(f"{place}/{wrong}", data={"List-Unsubscribe": "One-Click"}).status_code == 404
    assert rhythm(store, here.advisor) is Frequency.DAILY


def test_the_page_of_notifications_keeps_a_choice(client: CheckedClient, store: Database, here: World) -> None:
    assert client.get("/compte/notifications").status_code == 303
    client.log_in(here.advisor.email, PASSWORD)
    page = client.page("/compte/notifications")
    assert page.all("input", value="daily")[0].get("checked") is not None
    assert client.send("/compte/notifications", {"rhythm": "weekly"}).status_code == 422
    assert client.send("/compte/notifications", {"rhythm": "at_once"}).status_code == 303
    assert "Votre choix est enregistré." in client.page("/compte/notifications").text
    assert rhythm(store, here.advisor) is Frequency.AT_ONCE


def test_the_command_writes_what_is_due(app, store: Database, here: World) -> None:
    told(store, here, here.candidate.id, datetime.now(UTC) - timedelta(days=2))
    for expected in ("1", "0"):
        assert f"Récapitulatifs écrits : {expected}." in app.test_cli_runner().invoke(args=["send-digests"]).output
    with store.reader() as session:
        assert session.scalar(select(func.count()).select_from(DigestEmail)) == 1


def test_a_certifier_who_hands_letters_over_sees_none_about_conversations(
    client: CheckedClient, store: Database, here: World
) -> None:
    link(store, here)
    client.log_in(here.certifier.email, PASSWORD)
    assert "Ce qui vous attend" not in client.page("/courriers").text
