"""A sealed dossier returned for completion: what is asked, the new version, and the jury that reads it."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from portfolio.domain.candidacy.models import Submission
from portfolio.domain.dossier.models.dossier import Dossier, Narrative
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.models.statements import Statement
from portfolio.domain.jury.rules.enums import Attendance, JuryRefusal, StatementKind
from portfolio.domain.jury.rules.member_status import JurorStep, MemberDeclarations
from portfolio.domain.jury_session.use_cases import closing, declarations
from portfolio.domain.submission.models import DossierReturn
from portfolio.domain.submission.rules.returns import (
    RequestInput,
    ReturnableValue,
    ReturnEnding,
    ReturnInput,
    ReturnState,
    SubmissionRefusal,
    requests_of,
    return_refusal,
    return_state,
)
from portfolio.domain.submission.use_cases import returns
from portfolio.domain.submission.use_cases.submit import find_open_return, submit
from portfolio.errors import Refusal
from tests import factories
from tests.holdings.closings import SEALED_AT, STATEMENT, sealed
from tests.jury.builders import DAY, ON_THE_DAY, scene

AT = SEALED_AT + timedelta(days=2)
DUE = (AT + timedelta(days=10)).date()
LATER = AT + timedelta(days=5)


@pytest.fixture
def world(db):
    with db.transaction() as session:
        made = factories.world(session)
        submission = sealed(session, made)
        return SimpleNamespace(world=made, submission_id=submission.id, candidacy_id=made.candidacy.id)


def ask(session, world, due_on: date = DUE, at=AT):
    asked = (
        RequestInput("Joignez la page 2 du contrat."),
        RequestInput("Dites votre rôle.", world.world.competencies[0].id),
    )
    value = ReturnInput("La pièce B1-01 est incomplète.", due_on, asked)
    return returns.return_dossier(session, world.candidacy_id, value, by=world.world.certifier.id, at=at)


def submit_again(session, world, at=LATER):
    return submit(session, world.candidacy_id, STATEMENT, by=world.world.candidate.id, at=at)


def refusal_of(db, act) -> object:
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        act(session)
    return refused.value.code


def test_a_returned_dossier_is_written_in_again_and_its_candidate_is_told(db, world):
    with db.transaction() as session:
        ask(session, world)
    with db.reader() as session:
        assert session.get(Dossier, world.candidacy_id).state is DossierState.DRAFT
        row = find_open_return(session, world.candidacy_id)
        assert [request.text for request in row.requests] == ["Joignez la page 2 du contrat.", "Dites votre rôle."]
        letter = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "dossier_returned")).one()
        assert letter.subject == "Institut de l’exemple\u00a0: votre dossier est à compléter"
        assert "2 points" in letter.text
        assert "incomplète" not in letter.text, "the reason is read behind the login"


def test_the_new_version_answers_the_return_and_the_first_one_stays(db, world):
    with db.transaction() as session:
        ask(session, world)
    with db.transaction() as session:
        session.scalars(select(Narrative)).first().actions = "J’ai tout refait."
        second = submit_again(session, world)
        assert second.number == 2
    with db.reader() as session:
        first = session.get(Submission, world.submission_id)
        assert "J’ai tout refait." not in first.manifest.decode()
        (row,) = session.scalars(select(DossierReturn))
        assert (row.is_open, row.ending, row.answer_id) == (None, ReturnEnding.SUBMITTED, second.id)
        assert session.get(Dossier, world.candidacy_id).state is DossierState.SUBMITTED


def test_a_dossier_is_returned_once_at_a_time_and_not_to_a_day_that_passed(db, world):
    assert refusal_of(db, lambda session: ask(session, world, due_on=AT.date() - timedelta(days=1))) == (
        SubmissionRefusal.DUE_DAY_PASSED
    )
    with db.transaction() as session:
        ask(session, world)
    assert refusal_of(db, lambda session: ask(session, world)) is SubmissionRefusal.RETURNED_ALREADY


def test_a_lifted_return_closes_the_draft_and_the_last_version_is_read(db, world):
    with db.transaction() as session:
        ask(session, world)
        returns.extend_return(session, world.candidacy_id, DUE + timedelta(days=7), by=world.world.certifier.id, at=AT)
    with db.transaction() as session:
        returns.lift_return(session, world.candidacy_id, by=world.world.certifier.id, at=LATER)
    with db.reader() as session:
        assert session.get(Dossier, world.candidacy_id).state is DossierState.SUBMITTED
        kinds = session.scalars(select(OutgoingEmail.kind)).all()
        assert kinds.count("dossier_returned") == 2
        assert kinds.count("return_lifted") == 1
    lift = lambda session: returns.lift_return(  # noqa: E731
        session, world.candidacy_id, by=world.world.certifier.id, at=LATER
    )
    assert refusal_of(db, lift) is SubmissionRefusal.NOT_RETURNED


@pytest.mark.records("return_request_ticked")
def test_a_request_is_ticked_by_its_candidate_and_unticked(db, world):
    with db.transaction() as session:
        first = ask(session, world).requests[0].id
    for done in (True, True, False):
        with db.transaction() as session:
            returns.tick_request(session, world.candidacy_id, first, done=done, by=world.world.candidate.id, at=LATER)
        with db.reader() as session:
            assert (find_open_return(session, world.candidacy_id).requests[0].done_at is not None) is done


@pytest.fixture
def heard(db):
    """A sealed dossier before a jury of five, which nobody declared for yet."""
    made = scene(db, ready=False)
    people = SimpleNamespace(certifier=made.certifier, candidate=made.candidate, competencies=made.competencies)
    members = [member.id for member in made.members.values()]
    return SimpleNamespace(
        world=people,
        submission_id=made.submission_id,
        candidacy_id=made.candidacy_id,
        hearing_id=made.hearing_id,
        members=members,
        president=made.president.id,
    )


def say(session, world, person, kind, at):
    return declarations.record_statement(session, world.hearing_id, MemberDeclarations(person, kind), by=person, at=at)


def step_of(db, world, person):
    with db.reader() as session:
        states = declarations.load_member_states(session, session.get(Hearing, world.hearing_id))
        return next(state.step for state in states if state.person == person)


def test_a_jury_that_read_reads_the_new_version_and_attests_again(db, heard):
    person = heard.members[0]
    with db.transaction() as session:
        for kind in (StatementKind.NO_RELATION, StatementKind.READ):
            say(session, heard, person, kind, AT)
    with db.transaction() as session:
        ask(session, heard)
    with db.transaction() as session:
        second = submit_again(session, heard).id
    assert step_of(db, heard, person) is JurorStep.READ
    with db.reader() as session:
        assert session.get(Hearing, heard.hearing_id).submission_id == second
        own = select(OutgoingEmail.text).where(OutgoingEmail.kind == "dossier_sealed")
        told = session.scalars(own.order_by(OutgoingEmail.created_at.desc())).first()
        assert "lit cette version" in told
        assert "fixe la date de votre jury" not in told, "the jury is named already"
        letters = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "new_version")).all()
        assert [letter.person_id for letter in letters] == [person]
        assert "Vous aviez attesté la lecture" in letters[0].text
    with db.transaction() as session:
        say(session, heard, person, StatementKind.READ, LATER)
        say(session, heard, person, StatementKind.READ, LATER)
    assert step_of(db, heard, person) is JurorStep.READY
    with db.reader() as session:
        read = (
            select(Statement.submission_id).where(Statement.kind == StatementKind.READ).order_by(Statement.created_at)
        )
        assert session.scalars(read).all() == [heard.submission_id, second]


def test_a_jury_waits_while_the_dossier_is_returned(db, heard):
    with db.transaction() as session:
        ask(session, heard)
    check = lambda session: declarations.check_presence(  # noqa: E731
        session, heard.hearing_id, heard.members, Attendance.HEARD, by=heard.members[0], at=LATER
    )
    assert refusal_of(db, check) is JuryRefusal.DOSSIER_RETURNED
    close = lambda session: closing.close(session, heard.hearing_id, by=heard.members[0], at=LATER)  # noqa: E731
    assert refusal_of(db, close) is JuryRefusal.DOSSIER_RETURNED


def test_a_dossier_whose_jury_has_begun_is_not_returned(db, heard):
    with db.transaction() as session:
        declarations.check_presence(
            session, heard.hearing_id, heard.members, Attendance.HEARD, by=heard.members[0], at=ON_THE_DAY
        )
    assert refusal_of(db, lambda session: ask(session, heard)) is SubmissionRefusal.JURY_HAS_BEGUN


def test_the_day_comes_before_the_jury(db, heard):
    assert refusal_of(db, lambda session: ask(session, heard, due_on=DAY)) is SubmissionRefusal.DUE_DAY_AFTER_JURY


TODAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (ReturnableValue(is_sealed=False), SubmissionRefusal.NOT_RETURNABLE),
        (ReturnableValue(is_sealed=True, is_record=True), SubmissionRefusal.NOT_RETURNABLE),
        (ReturnableValue(is_sealed=True, is_closed=True, is_draft=True), SubmissionRefusal.NOT_RETURNABLE),
        (ReturnableValue(is_sealed=True, is_draft=True), SubmissionRefusal.RETURNED_ALREADY),
        (ReturnableValue(is_sealed=True, held_on=TODAY), SubmissionRefusal.JURY_HAS_BEGUN),
        (ReturnableValue(is_sealed=True, jury_has_begun=True), SubmissionRefusal.JURY_HAS_BEGUN),
        (ReturnableValue(is_sealed=True, held_on=TODAY + timedelta(days=1)), None),
        (ReturnableValue(is_sealed=True), None),
    ],
)
def test_what_prevents_a_return(value, code):
    assert return_refusal(value, TODAY) is code


def test_the_day_that_is_given_is_still_in_time():
    assert return_state(TODAY, None, TODAY) is ReturnState.AWAITED
    assert return_state(TODAY, None, TODAY + timedelta(days=1)) is ReturnState.OVERDUE
    assert return_state(TODAY, ReturnEnding.LIFTED, TODAY + timedelta(days=1)) is ReturnState.ENDED


def test_one_line_is_one_request_and_its_number_leads_to_a_competency():
    ids = {"2.1": "id-of-2.1"}
    asked = requests_of("- 2.1 : dites votre rôle\n\n 2.9 une autre\nJoignez le contrat. ", ids)
    assert asked == (
        RequestInput("dites votre rôle", "id-of-2.1"),
        RequestInput("2.9 une autre"),
        RequestInput("Joignez le contrat."),
    )
