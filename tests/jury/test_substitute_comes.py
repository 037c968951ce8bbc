"""A member who does not come is replaced by the substitute who does: nothing is to name, and the substitute knows it."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.jury.models.sessions import JurySession
from portfolio.domain.jury.models.statements import Summons
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.jury.rules.passage import SummonsAnswer
from portfolio.domain.jury_session.use_cases import summons_answers
from portfolio.domain.jury_session.use_cases.letters import summon_member
from portfolio.french_text import NBSP
from portfolio.screens.certifier.sessions.session_follow_up import list_sessions_to_follow_up
from portfolio.web.clock import now, today
from tests import factories
from tests.jury import builders
from tests.jury.builders import DAY, SEALED_AT, SUBSTITUTE, TEACHER, Scene
from tests.jury.pages import as_certifier, hearing
from tests.page import CheckedClient

COMES, DECLINES = SummonsAnswer.RECEIVED, SummonsAnswer.CANNOT_COME


def staged(db: Database, **changes: object) -> tuple[Scene, UUID, UUID]:
    """A session whose teacher has a substitute, both summoned: the scene, the holder, the substitute."""
    made = builders.scene(db, **{"ready": False} | changes)
    with db.transaction() as session:
        builders.account(session, SUBSTITUTE)
    builders.name(db, made, SUBSTITUTE)
    builders.summon(db, made, changes.get("sealed_at", SEALED_AT))
    with db.reader() as session:
        substitute = session.scalars(select(Person.id).where(Person.email == SUBSTITUTE.email)).one()
    return made, made.members[Seat.TEACHER_TRAINER].id, substitute


def reply(db: Database, person: UUID, answer: SummonsAnswer) -> None:
    with db.transaction() as session:
        row = session.scalars(select(Summons).where(Summons.person_id == person)).one()
        summons_answers.answer_summons(session, row, answer, by=None, at=now())


def letters(db: Database) -> list[tuple[str, str]]:
    with db.reader() as session:
        query = select(OutgoingEmail).where(OutgoingEmail.kind == EmailTemplate.STANDING_IN)
        rows = session.scalars(query.order_by(OutgoingEmail.created_at, OutgoingEmail.id))
        return [(row.person_id, row.subject) for row in rows]


def absent(db: Database, made: Scene) -> tuple[str, ...]:
    with db.reader() as session:
        (followed,) = list_sessions_to_follow_up(session, made.body_id, DAY - timedelta(days=30), ())
        return followed.absent


def test_a_hole_is_told_until_a_substitute_comes(db: Database) -> None:
    made, holder, substitute = staged(db)
    reply(db, holder, DECLINES)
    assert absent(db, made) == (TEACHER.name,)
    reply(db, substitute, COMES)
    assert absent(db, made) == ()
    reply(db, substitute, DECLINES)
    assert absent(db, made) == (TEACHER.name,)


def test_a_substitute_who_is_recused_leaves_the_hole(db: Database) -> None:
    made, holder, substitute = staged(db)
    reply(db, substitute, COMES)
    reply(db, holder, DECLINES)
    builders.say(db, made, substitute, StatementKind.RECUSAL, "Nous sommes de la même famille.")
    assert absent(db, made) == (TEACHER.name,)


def test_an_answer_about_another_place_replaces_nobody(db: Database) -> None:
    made, holder, substitute = staged(db)
    reply(db, holder, DECLINES)
    with db.transaction() as session:
        session.get_one(JurySession, made.session_id).place = "Lyon"
    reply(db, substitute, COMES)
    assert len(letters(db)) == 1, "the first of them was written while the place stood"


def test_the_substitute_is_written_to_once_and_told_when_the_holder_comes_after_all(db: Database) -> None:
    _made, holder, substitute = staged(db)
    reply(db, substitute, COMES)
    assert letters(db) == []
    reply(db, holder, DECLINES)
    reply(db, holder, DECLINES)
    ((who, subject),) = letters(db)
    assert who == substitute
    assert subject.replace(NBSP, " ").endswith("vous siégez au jury du 18 juin 2026 à la place d’Inès Faure")
    reply(db, holder, COMES)
    assert [who for who, _ in letters(db)] == [substitute, substitute]
    assert "vous ne siégez pas" in letters(db)[1][1]


def test_the_next_substitute_is_written_to_when_the_first_declines(db: Database) -> None:
    made, holder, substitute = staged(db)
    reply(db, holder, DECLINES)
    assert [who for who, _ in letters(db)] == [substitute]
    second = builders.name(db, made, SUBSTITUTE, rank=2, email="second@exemple.fr", name="Lou Second")
    assert second
    with db.transaction() as session:
        jury = session.get_one(JurySession, made.session_id)
        (member,) = [row for row in jury.members if row.rank == 2]
        summon_member(session, member, jury, at=SEALED_AT)
        person = member.person_id
    reply(db, substitute, DECLINES)
    assert [who for who, _ in letters(db)] == [substitute, person]


def test_the_pages_say_who_sits_in_place_of_whom(client: CheckedClient, store: Database) -> None:
    made, holder, substitute = staged(store, held_on=today() + timedelta(days=9), sealed_at=now() - timedelta(days=1))
    reply(store, substitute, COMES)
    reply(store, holder, DECLINES)
    as_certifier(client, made)
    page = client.page(f"/sessions/{made.session_id}")
    assert "Nommez une autre personne" not in page.text
    assert "siège à la place d’Inès Faure" in page.text
    page = client.page(hearing(made, "/presence"))
    assert "à la place d’Inès Faure" in page.text
    client.log_in(SUBSTITUTE.email, factories.PASSWORD)
    text = client.page("/jurys").text
    assert "à la place d’Inès Faure" in text
    assert "Inès Faure a répondu ne pas pouvoir venir." in text
    client.log_in(TEACHER.email, factories.PASSWORD)
    assert "Ivan Perrin siège à votre place." in client.page("/jurys").text
