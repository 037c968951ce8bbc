"""A jury that has begun keeps its hearing: no other jury takes over what it noted, voted or suspended."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portfolio.db.engine import Base, Database
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury.rules.opinions import InterviewInput, InterviewKind, OpinionInput
from portfolio.domain.jury_session.use_cases import ballots, deliberation, interview, planning, schedule
from portfolio.domain.jury_session.use_cases.planning import MADE_IN_A_SITTING
from portfolio.web.clock import now, today
from tests import factories
from tests.jury.builders import ACQUIRED, VALIDATED, Scene
from tests.jury.pages import as_certifier, hearing, staged
from tests.page import CheckedClient, Page

Work = Callable[[Session, Scene], object]


def _note_a_finding(session: Session, made: Scene) -> None:
    one, by = made.competencies[0].id, made.president.id
    deliberation.record_finding(session, made.hearing_id, one, ACQUIRED, revision=0, by=by, at=now())


def _note_a_decision(session: Session, made: Scene) -> None:
    one, by = made.blocks[0].id, made.president.id
    deliberation.record_decision(session, made.hearing_id, one, VALIDATED, revision=0, by=by, at=now())


def _note_an_opinion(session: Session, made: Scene) -> None:
    one, by = made.competencies[0].id, made.president.id
    deliberation.record_opinion(
        session, made.hearing_id, one, OpinionInput(ACQUIRED.value), revision=0, by=by, at=now()
    )


def _note_an_answer(session: Session, made: Scene) -> None:
    entry = InterviewInput(InterviewKind.INTERVIEW, "Chiffrez ce budget.", "En trois postes.")
    interview.write_entry(session, made.hearing_id, entry, by=made.president.id, at=now())


def _open_a_vote(session: Session, made: Scene) -> None:
    ballots.open_ballot(session, made.hearing_id, made.blocks[0].id, by=made.president.id, at=now())


def _suspend(session: Session, made: Scene) -> None:
    day = today() + timedelta(days=20)
    ballots.adjourn(session, made.hearing_id, "Pièce à relire.", day, by=made.president.id, at=now())


WORK = (_note_a_finding, _note_a_decision, _note_an_opinion, _note_an_answer, _open_a_vote, _suspend)


@pytest.fixture
def made(store: Database) -> Scene:
    return staged(store)


@pytest.fixture
def other(store: Database, made: Scene) -> str:
    """Return another session of the same certification."""
    with store.transaction() as session:
        plan = Planning(made.version_id, today() + timedelta(days=30), "Lyon")
        return str(planning.plan_session(session, made.body_id, plan, by=made.certifier.id, at=now()).id)


@pytest.mark.parametrize("work", WORK)
def test_a_hearing_in_which_a_jury_worked_is_not_moved(client: CheckedClient, store: Database, made, other, work: Work):
    as_certifier(client, made)
    url = f"/jurys/{made.hearing_id}/report"
    page = client.page(url)
    typed = {name: page.hidden(name) for name in ("csrf_token", "nonce")} | {"session_id": other}
    with store.transaction() as session:
        work(session, made)
    answer = client.post(url, data=typed)
    assert answer.status_code == 409
    assert "Un autre jury ne peut pas décider à partir de ce travail" in Page(answer.text).text
    with store.reader() as session:
        assert session.get_one(Hearing, made.hearing_id).session_id == made.session_id
    page = client.page(url)
    assert "L’audition ne peut pas être reportée" in page.text
    assert not page.all("select", name="session_id")
    assert not page.all("input", name="session_id")


def _ways_out(client: CheckedClient, made: Scene) -> list[bool]:
    """Return whether the session and the presence page offer to move the hearing."""
    url = f"/jurys/{made.hearing_id}/report"
    return [url in client.get(page).text for page in (f"/sessions/{made.session_id}", hearing(made, "/presence"))]


def test_the_move_is_offered_until_a_jury_has_worked_and_then_a_sitting_without_effect_is(
    client: CheckedClient, store: Database, made, other
):
    as_certifier(client, made)
    assert _ways_out(client, made) == [True, True]
    with store.transaction() as session:
        _note_a_finding(session, made)
    assert _ways_out(client, made) == [False, False]
    assert f"/jurys/{made.hearing_id}/sans-effet" in client.get(f"/jurys/{made.hearing_id}/report").text


def test_a_cancelled_session_in_which_a_jury_worked_ends_without_effect_and_the_dossier_waits_again(
    client: CheckedClient, store: Database, made, other
):
    with store.transaction() as session:
        _note_a_finding(session, made)
        schedule.cancel_session(session, made.session_id, "Grève", by=made.certifier.id, at=now())
    as_certifier(client, made)
    page = client.page(f"/sessions/{made.session_id}")
    assert "déclarez la séance sans effet" in page.text
    assert f"/jurys/{made.hearing_id}/report" not in client.get(f"/sessions/{made.session_id}").text
    url = f"/jurys/{made.hearing_id}/sans-effet"
    form = client.page(url)
    typed = {name: form.hidden(name) for name in ("csrf_token", "nonce")}
    answer = client.post(url, data=typed | {"reason": "Session annulée.", "password": factories.PASSWORD})
    assert answer.status_code == 303
    with store.transaction() as session:
        added = planning.add_hearing(session, UUID(other), made.submission_id, by=made.certifier.id, at=now())
        assert str(added.session_id) == other


# What else is kept of a hearing, and why it does not tie it to the jury that sat.
NOT_MADE_IN_A_SITTING = {
    "exhibit_opening": "the reading of one member",
    "juror_note": "private to one member",
    "juror_statement": "about the candidate and the dossier, whatever the day",
    "member_attendance": "checked again on the new day",
    "presence_signature": "signed for the presence that is checked again",
    "summons": "written again",
    "hearing_member": "written when the minutes are closed",
    "hearing_review": "written when the minutes are closed",
    "minutes": "written when they are closed",
}


def test_each_table_of_a_hearing_says_whether_it_ties_the_hearing_to_its_jury():
    of_hearing = {
        table.name
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == "hearing" for key in column.foreign_keys)
    }
    made = {table.__tablename__ for table in MADE_IN_A_SITTING}
    assert made.isdisjoint(NOT_MADE_IN_A_SITTING)
    assert of_hearing == made | NOT_MADE_IN_A_SITTING.keys()
