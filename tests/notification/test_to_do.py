"""Check what waits for a certifier: what is late or near first, each task until it is done, whatever the number of
candidacies.
"""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.account.models import CertifyingBodyMember
from portfolio.domain.account.rules import MemberRight, MemberTask
from portfolio.domain.candidacy.rules.deadlines import months_after
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.holdings.use_cases import signatures
from portfolio.domain.jury.models.sessions import JuryMember, JurySession
from portfolio.domain.jury.models.statements import Summons
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.jury.rules.passage import SummonsAnswer
from portfolio.domain.jury_session.use_cases import summons_answers
from portfolio.domain.notification.rules.to_do import (
    DUE_SOON,
    HomeFacts,
    HomeStep,
    Task,
    TaskKind,
    home_step,
    sort_tasks,
)
from portfolio.domain.retention.use_cases import requests
from portfolio.domain.si_cpf.rules import SchemaVersion
from portfolio.domain.si_cpf.use_cases.transmission import save_settings
from portfolio.run.maintenance import queue_to_do_letters
from portfolio.screens.certifier.home.to_do import load_console
from portfolio.wording.documents import ACTS, due_message, task_message
from tests import factories
from tests.candidacy.test_rulings import late, rule
from tests.jury import builders
from tests.notification.builders import speak, tell

TODAY = date(2026, 6, 18)
days = st.dates(date(2026, 1, 1), date(2027, 1, 1))
tasks = st.builds(
    Task,
    kind=st.sampled_from(TaskKind),
    who=st.lists(st.sampled_from(["Samia", "Inès", "Karim"]), min_size=1, max_size=6).map(tuple),
    until=st.none() | days,
    since=st.none() | days,
    number=st.integers(0, 40),
)


# --- In which order ---


@given(st.lists(tasks, max_size=30), days)
def test_what_is_late_or_near_comes_first_by_its_day_and_nothing_is_lost(listed, today):
    found = sort_tasks(listed, today)
    assert sorted(map(repr, found)) == sorted(map(repr, listed))
    near = [task.until is not None and task.until <= today + DUE_SOON for task in found]
    assert near == sorted(near, reverse=True)
    dates = [one.until for one, is_near in zip(found, near, strict=True) if is_near]
    assert dates == sorted(dates)


@given(st.lists(tasks, max_size=12).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))), days)
def test_the_order_does_not_depend_on_how_things_were_found(two, today):
    first, second = ([(task.kind, task.until, task.since) for task in sort_tasks(some, today)] for some in two)
    assert first == second


def test_a_result_that_waits_comes_before_a_session_in_two_months():
    far = Task(TaskKind.SEATS, until=TODAY + timedelta(days=60), number=2)
    told = Task(TaskKind.NOTIFY, ("Samia",), since=TODAY)
    assert sort_tasks([far, told], TODAY) == (told, far)
    assert sort_tasks([told, Task(TaskKind.SEATS, until=TODAY + DUE_SOON, number=2)], TODAY)[0].kind is TaskKind.SEATS


@given(tasks, days)
def test_every_task_says_what_to_do_for_whom_and_where(task, today):
    what, why = task_message(task, today)
    assert what
    assert why.endswith(".")
    assert ACTS[task.kind]


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (0, "aujourd’hui"),
        (1, "demain"),
        (4, "dans 4\u00a0jours"),
        (-1, "dépassé d’un jour"),
        (-12, "dépassé de 12\u00a0jours"),
    ],
)
def test_how_near_a_day_is_is_said_in_words(left, words):
    assert due_message(Task(TaskKind.NOTIFY, ("Samia",), TODAY + timedelta(days=left)), TODAY) == words


# --- From the stores ---


def _load(session: Session, body_id: UUID, today: date) -> tuple[Task, ...]:
    """Return the tasks but the letters, which have tests of their own."""
    found = load_console(session, body_id, today, has_server=True, at=builders.ON_THE_DAY)
    return tuple(task for task in found.tasks if task.kind is not TaskKind.LETTERS)


def agenda(db: Database, made: builders.Scene, today: date) -> list[tuple[TaskKind, tuple[str, ...], date | None, int]]:
    with db.reader() as session:
        found = _load(session, made.body_id, today)
    return [(task.kind, task.who, task.until, task.number) for task in found]


def test_a_sealed_dossier_waits_for_a_jury_until_the_third_month(db):
    made = builders.scene(db, heard=False)
    until = date(2026, 6, 3)
    assert agenda(db, made, builders.DAY - timedelta(days=1))[0] == (TaskKind.JURY, ("Samia Benali",), until, 1)


def test_a_jury_is_completed_then_reminded_then_followed_on_its_day(db):
    made = builders.scene(db, members=builders.FIVE[:3], ready=False)
    week, month = builders.DAY - timedelta(days=7), builders.DAY - timedelta(days=30)
    assert agenda(db, made, month) == [(TaskKind.SEATS, ("Samia Benali",), builders.DAY, 2)]
    for naming in builders.FIVE[3:]:
        with db.transaction() as session:
            builders.account(session, naming)
        builders.name(db, made, naming)
    to_write = (TaskKind.SUMMONS, ("Samia Benali",), builders.DAY, 6)
    assert agenda(db, made, month) == [to_write], "a regular jury in a month waits for its summons"
    builders.summon(db, made)
    assert agenda(db, made, month) == [], "a regular jury in a month waits for nothing of the certifier"
    assert agenda(db, made, week) == [(TaskKind.READING, ("Samia Benali",), builders.DAY, 0)]
    with db.reader() as session:
        people = list(session.scalars(select(JuryMember.person_id).where(JuryMember.session_id == made.session_id)))
    builders.get_ready(db, made, people)
    assert agenda(db, made, week) == []
    assert agenda(db, made, builders.DAY) == [(TaskKind.MINUTES, ("Samia Benali",), builders.DAY, 0)]
    assert agenda(db, made, builders.DAY + timedelta(days=3)) == [
        (TaskKind.MINUTES, ("Samia Benali",), builders.DAY, 0)
    ]


def test_an_enrolled_body_reads_how_long_it_may_still_declare_a_whole(db):
    made = builders.scene(db, refused=())
    builders.close(db, made)
    assert TaskKind.SI_CPF not in {kind for kind, *_ in agenda(db, made, builders.DAY)}
    with db.transaction() as session:
        enrolled = (made.body_id, "03VML243", "MCFCER000209", SchemaVersion.V1_1_5)
        save_settings(
            session, *enrolled, send_blocks=False, revision=0, by=made.certifier.id, at=builders.ON_THE_DAY
        )  # fmt: skip
    found = [task for task in agenda(db, made, builders.DAY) if task[0] is TaskKind.SI_CPF]
    assert found == [(TaskKind.SI_CPF, (), months_after(builders.DAY, 3), 1)]


def test_closed_minutes_leave_a_result_to_tell_within_fifteen_days_and_certificates_to_sign(db):
    made = builders.scene(db, refused=(2,))
    builders.close(db, made)
    notify = (TaskKind.NOTIFY, ("Samia Benali",), builders.DAY + timedelta(days=15), 1)
    remedies = (TaskKind.REMEDIES, (), builders.DAY + timedelta(days=15), 1)
    assert agenda(db, made, builders.DAY) == [notify, remedies, (TaskKind.SIGN, (), None, 3)]
    speak(db, made)
    assert agenda(db, made, builders.DAY) == [notify, (TaskKind.SIGN, (), None, 3)]
    tell(db, made)
    with db.transaction() as session:
        ids = [
            unsigned_certificate.id
            for unsigned_certificate in signatures.load_signing_page(session, made.body_id).waiting
        ]
        signatures.sign(session, made.body_id, ids, by=made.certifier.id, at=builders.ON_THE_DAY)
    assert agenda(db, made, builders.DAY) == []


def test_an_admissibility_whose_delay_passed_waits_for_a_ruling_and_no_longer(db):
    made = late(db)
    after = date(2026, 11, 3)
    waits = (TaskKind.LAPSE, ("Samia Benali",), date(2026, 9, 2), 0)
    assert waits in agenda(db, made, after)
    rule(db, made)
    assert not [one for one in agenda(db, made, after) if one[0] is TaskKind.LAPSE]


def test_hours_changed_after_the_summons_and_a_juror_who_cannot_come_wait(db):
    made = builders.scene(db, ready=False)
    builders.summon(db, made)
    with db.transaction() as session:
        row = session.scalars(select(Summons).where(Summons.person_id == made.president.id)).one()
        summons_answers.answer_summons(session, row, SummonsAnswer.CANNOT_COME, by=None, at=builders.SEALED_AT)
    month = builders.DAY - timedelta(days=30)
    assert agenda(db, made, month) == [(TaskKind.ABSENCE, (builders.PRESIDENT.name,), builders.DAY, 1)]
    with db.transaction() as session:
        session.get_one(JurySession, made.session_id).place = "Lyon"
    (only,) = agenda(db, made, month)
    assert (only[0], only[3]) == (TaskKind.UPDATE, 6), "what was answered was about another place"


def test_a_request_for_erasure_is_answered_within_a_month(db):
    made = builders.scene(db, refused=(2,))
    builders.close(db, made)
    with db.transaction() as session:
        requests.ask_erasure(
            session, made.candidacy_id, "", by=made.candidate.id, at=builders.ON_THE_DAY + timedelta(days=1)
        )
    found = agenda(db, made, builders.DAY + timedelta(days=2))
    assert (TaskKind.ERASURE, ("Samia Benali",), date(2026, 7, 19), 0) in found


def test_the_body_reads_the_same_list_by_mail_each_morning_and_nothing_when_nothing_waits(db):
    made = builders.scene(db, heard=False)
    at = datetime(2026, 6, 17, 5, tzinfo=UTC)
    with db.transaction() as session:
        factories.body(session, "Autre institut")
    assert queue_to_do_letters(db, at, has_server=False) == 1
    with db.reader() as session:
        (letter,) = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "to_do")).all()
        assert letter.person_id == made.certifier.id
        for task in load_console(session, made.body_id, date(2026, 6, 17), has_server=False, at=at).tasks:
            for sentence in task_message(task, date(2026, 6, 17)):
                assert sentence in letter.text


def test_another_body_has_nothing_of_it(db):
    made = builders.scene(db, heard=False)
    with db.transaction() as session:
        other = factories.body(session, "Autre institut")
    with db.reader() as session:
        assert _load(session, other.id, builders.DAY) == ()
    assert agenda(db, made, builders.DAY)


def test_what_waits_is_read_in_as_many_queries_for_one_candidacy_as_for_many(db):
    made = builders.scene(db, refused=(2,))
    builders.close(db, made)
    first = queries_of(db, made)
    for number in range(4):
        with db.transaction() as session:
            person = factories.person(session, f"Candidat {number}", f"candidat{number}@exemple.fr")
            factories.candidacy(session, session.get_one(CertificationVersion, made.version_id), person)
    assert queries_of(db, made) == first


def queries_of(db: Database, made: builders.Scene) -> int:
    asked: list[str] = []

    def listen(*said: object) -> None:
        asked.append(str(said[2]))

    with db.reader() as session:
        event.listen(db.engine, "before_cursor_execute", listen)
        _load(session, made.body_id, builders.DAY)
        event.remove(db.engine, "before_cursor_execute", listen)
    return len(asked)


@pytest.mark.records("juror_recusal")
def test_a_jury_of_today_that_nobody_presides_is_said_to_be_without_presidency(db: Database):
    made = builders.scene(db, held_on=TODAY)
    builders.say(db, made, made.president.id, StatementKind.RECUSAL, "Ancien collègue.")
    with db.reader() as session:
        found = load_console(session, made.body_id, TODAY, has_server=True, at=builders.ON_THE_DAY)
    kinds = [task.kind for task in found.tasks]
    assert TaskKind.PRESIDENCY in kinds
    assert TaskKind.MINUTES not in kinds


# --- What each member reads ---

EACH = frozenset(MemberTask)


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        (HomeFacts(EACH, False, False), HomeStep.IMPORT),
        (HomeFacts(EACH, True, False, tasks=1), HomeStep.PUBLISH),
        (HomeFacts(frozenset({MemberTask.SESSIONS}), True, False), HomeStep.NOT_YOURS),
        (HomeFacts(EACH, True, True, tasks=1, late=1), HomeStep.TASK),
        (HomeFacts(EACH, True, True, late=1, near=1), HomeStep.LATE),
        (HomeFacts(frozenset({MemberTask.SIGNATURE}), True, True, late=1), HomeStep.NOT_YOURS),
        (HomeFacts(EACH, True, True, near=1, candidacies=2), HomeStep.NEAR),
        (HomeFacts(EACH, True, True), HomeStep.OPEN),
        (HomeFacts(EACH, True, True, candidacies=2), HomeStep.UP_TO_DATE),
        (HomeFacts(frozenset({MemberTask.READING}), True, True, candidacies=2), HomeStep.NOT_YOURS),
    ],
)
def test_a_member_is_proposed_first_what_one_of_their_tasks_does(facts, step):
    assert home_step(facts) is step


def test_each_member_reads_and_receives_what_waits_for_their_tasks_and_their_certifications(db):
    made = builders.scene(db, heard=False)
    at = datetime(2026, 6, 17, 5, tzinfo=UTC)
    with db.transaction() as session:
        own = session.get_one(CertificationVersion, made.version_id).certification_id
        limited: dict[str, dict[str, list[str]]] = {
            "sessions": {"sessions": []},
            "own": {"sessions": [str(own)]},
            "other": {"sessions": [str(uuid4())]},
            "mixed": {"sessions": [str(uuid4())], "signature": [str(own)]},
            "signs": {"signature": []},
            "reads": {"reading": []},
        }
        members = {}
        for name, tasks in limited.items():
            person = factories.person(session, name, f"{name}@exemple.fr")
            person.password_hash = "x"
            row = CertifyingBodyMember(body_id=made.body_id, person_id=person.id, added_at=at)
            row.member_right, row.tasks = MemberRight.READER, tasks
            session.add(row)
            members[person.id] = name
    queue_to_do_letters(db, at, has_server=False)
    with db.reader() as session:
        letters = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "to_do"))
        written = {members[mail.person_id]: mail.text for mail in letters if mail.person_id in members}
    assert written.keys() == {"sessions", "own"}
    assert all("Samia Benali" in text for text in written.values())
