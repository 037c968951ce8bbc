"""A decision belongs to the jury that made it, and to the day on which it made it (domain §10)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.db.engine import Base, Database
from portfolio.domain.candidacy.rules.stage import PathStep
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.dossier.use_cases.progress import load_progress
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.jury.models.sessions import JurySession
from portfolio.domain.jury.models.sittings import Sitting
from portfolio.domain.jury.rules.deliberation import ClosingErrorCode
from portfolio.domain.jury.rules.enums import Attendance, JuryRefusal, StatementKind
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury.rules.opinions import InterviewInput, InterviewKind, VoteChoice
from portfolio.domain.jury.rules.passage import ScheduleInput
from portfolio.domain.jury.rules.sitting import SittingEnding
from portfolio.domain.jury_session.use_cases import (
    ballots,
    declarations,
    deliberation,
    interview,
    planning,
    schedule,
    suspension,
)
from portfolio.domain.jury_session.use_cases.closing import close, preview_closing
from portfolio.domain.jury_session.use_cases.former_jury import void_hearing
from portfolio.domain.jury_session.use_cases.hearing_page import load_hearing_page
from portfolio.domain.jury_session.use_cases.sittings import MADE_IN_A_SITTING, begun_among
from portfolio.errors import Refusal
from portfolio.screens.candidate.results.queries import load_results_page
from portfolio.wording.jury.sittings import former_sittings
from tests.jury.builders import (
    ACQUIRED,
    DAY,
    ON_THE_DAY,
    SEALED_AT,
    SUBSTITUTE,
    TEACHER,
    VALIDATED,
    Scene,
    check,
    deliberate,
    get_ready,
    name,
    say,
    scene,
    seat_five,
)

LATER = ON_THE_DAY + timedelta(days=20)
WHY = "Le jury ne peut plus se réunir."
Act = Callable[[Session, Scene, str], object]


@pytest.fixture
def made(db: Database) -> Scene:
    return scene(db)


def _everybody(made: Scene) -> list[UUID]:
    return [member.id for member in made.members.values()]


def _vote(session: Session, made: Scene, at: datetime, choice: VoteChoice = VoteChoice.FOR, block: int = 0) -> None:
    ballot = ballots.open_ballot(session, made.hearing_id, made.blocks[block].id, by=made.president.id, at=at)
    for person in _everybody(made):
        ballots.cast_vote(session, made.hearing_id, ballot.id, choice, by=person, at=at)


def _another_session(session: Session, made: Scene, on: date) -> UUID:
    plan = Planning(made.version_id, on, "Lyon")
    jury = planning.plan_session(session, made.body_id, plan, by=made.certifier.id, at=SEALED_AT)
    seat_five(session, jury.id, made.certifier.id, SEALED_AT)
    return jury.id


def _move(session: Session, made: Scene, reason: str) -> object:
    other = _another_session(session, made, DAY + timedelta(days=30))
    return schedule.move_hearing(session, made.hearing_id, other, reason, by=made.certifier.id, at=ON_THE_DAY)


def _change_day(session: Session, made: Scene, reason: str) -> object:
    typed = ScheduleInput(DAY + timedelta(days=2), "Bordeaux", None, None)
    by = made.certifier.id
    return schedule.set_schedule(session, made.session_id, typed, revision=0, reason=reason, by=by, at=ON_THE_DAY)


def _replace(session: Session, made: Scene, reason: str) -> object:
    naming = replace(TEACHER, email="autre@exemple.fr", name="Marc Autre", seen=1)
    by = made.certifier.id
    return planning.name_member(session, made.session_id, naming, reason=reason, by=by, at=ON_THE_DAY)


def _remove(session: Session, made: Scene, reason: str) -> object:
    jury = session.get_one(JurySession, made.session_id)
    member = next(member for member in jury.members if member.seat is Seat.TEACHER_TRAINER)
    return planning.remove_member(session, made.session_id, member.id, reason, by=made.certifier.id, at=ON_THE_DAY)


ENDS: dict[SittingEnding, tuple[Act, ...]] = {
    SittingEnding.MOVED: (_move,),
    SittingEnding.DAY_CHANGED: (_change_day,),
    SittingEnding.MEMBERS_CHANGED: (_replace, _remove),
}
ACTS = [(ending, each) for ending, acts in ENDS.items() for each in acts]


def test_a_substitute_who_does_not_sit_ends_nothing(db: Database, made: Scene):
    deliberate(db, made)
    with db.transaction() as session:
        planning.name_member(session, made.session_id, SUBSTITUTE, by=made.certifier.id, at=ON_THE_DAY)
    with db.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Sitting)) == 0
        assert close(session, made.hearing_id, by=made.president.id, at=ON_THE_DAY).decisions


@pytest.mark.records("sitting_ended")
@pytest.mark.parametrize(("ending", "what"), ACTS)
def test_an_act_that_ends_a_sitting_asks_why_keeps_what_it_did_and_leaves_the_next_one_empty(
    db: Database, made: Scene, ending: SittingEnding, what: Act
):
    deliberate(db, made)
    with db.transaction() as session:
        _vote(session, made, ON_THE_DAY)
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        what(session, made, "  ")
    assert refused.value.code is JuryRefusal.SITTING_ENDS
    with db.transaction() as session:
        what(session, made, WHY)
    with db.reader() as session:
        (sitting,) = session.scalars(select(Sitting)).all()
        assert (sitting.ending, sitting.reason, sitting.held_on) == (ending, WHY, DAY)
        assert [ballot["in_favour"] for ballot in sitting.record["course"]["ballots"]] == [5]
        assert len(sitting.record["findings"]) == len(made.competencies)
        assert len([member for member in sitting.record["members"] if member["present"]]) == 5
        assert begun_among(session, [made.hearing_id]) == set()
        page = load_hearing_page(session, made.hearing_id)
        assert not page.checked
        assert all(line.finding is None for _block, line in page.lines)
        assert all(block.decision is None and block.ballot is None for block in page.blocks)


@pytest.mark.parametrize(("ending", "what"), ACTS)
def test_nothing_is_asked_where_no_jury_has_begun(db: Database, ending: SittingEnding, what: Act):
    made = scene(db, ready=False)
    with db.transaction() as session:
        what(session, made, "")
    with db.reader() as session:
        assert session.scalars(select(func.count()).select_from(Sitting)).one() == 0


def test_a_suspension_goes_on_on_another_day_with_what_the_same_members_had(db: Database, made: Scene):
    deliberate(db, made)
    with db.transaction() as session:
        suspension.adjourn(session, made.hearing_id, "Panne.", day_of(LATER), by=made.president.id, at=ON_THE_DAY)
    with db.transaction() as session:
        assert suspension.resume(session, made.hearing_id, _everybody(made), by=made.president.id, at=LATER)
    with db.transaction() as session:
        minutes = close(session, made.hearing_id, by=made.president.id, at=LATER)
        assert minutes.decided_on == day_of(LATER)
        (grant, *_others) = session.scalars(select(Grant).where(Grant.minutes_id == minutes.id)).all()
        assert grant.granted_on == day_of(LATER)
        first, second = session.scalars(select(Sitting).order_by(Sitting.number)).all()
        assert (first.ending, first.held_on) == (SittingEnding.SUSPENDED, DAY)
        assert (second.ending, second.held_on) == (SittingEnding.DECIDED, day_of(LATER))
        (told,) = former_sittings(minutes.composition)
        assert "séance suspendue" in told.title
        assert told.lines[0] == "Motif\u00a0: Panne."


def test_other_members_who_resume_confirm_each_draft_and_vote_again(db: Database):
    made = scene(db)
    deliberate(db, made)
    with db.transaction() as session:
        _vote(session, made, ON_THE_DAY)
        suspension.adjourn(session, made.hearing_id, "Panne.", day_of(LATER), by=made.president.id, at=ON_THE_DAY)
    with db.transaction() as session:
        planning.name_member(session, made.session_id, SUBSTITUTE, by=made.certifier.id, at=ON_THE_DAY)
        jury = session.get_one(JurySession, made.session_id)
        stand_in = next(member.person_id for member in jury.members if member.rank)
        for kind in (StatementKind.NO_RELATION, StatementKind.READ):
            told = MemberDeclarations(stand_in, kind)
            declarations.record_statement(session, made.hearing_id, told, by=stand_in, at=ON_THE_DAY)
    there = [person for person in _everybody(made) if person != made.members[Seat.TEACHER_TRAINER].id]
    with db.transaction() as session:
        present = [*there, stand_in]
        assert not suspension.resume(session, made.hearing_id, present, by=made.president.id, at=LATER)
    with db.reader() as session:
        faults = preview_closing(session, made.hearing_id, day_of(LATER)).faults
        confirm = [fault for fault in faults if fault.code is ClosingErrorCode.TO_CONFIRM]
        assert len(confirm) == len(made.competencies) + len(made.blocks)
        assert all(block.ballot is None for block in load_hearing_page(session, made.hearing_id).blocks)
    with db.transaction() as session:
        for competency in made.competencies:
            revision = 1
            deliberation.record_finding(
                session, made.hearing_id, competency.id, ACQUIRED, revision=revision, by=made.president.id, at=LATER
            )
        for block in made.blocks:
            deliberation.record_decision(
                session, made.hearing_id, block.id, VALIDATED, revision=1, by=made.president.id, at=LATER
            )
    with db.reader() as session:
        assert preview_closing(session, made.hearing_id, day_of(LATER)).faults == ()


def test_a_suspended_hearing_that_moves_begins_with_nothing(db: Database, made: Scene):
    deliberate(db, made)
    with db.transaction() as session:
        suspension.adjourn(session, made.hearing_id, "Panne.", None, by=made.president.id, at=ON_THE_DAY)
        _move(session, made, WHY)
    with db.reader() as session:
        endings = [row.ending for row in session.scalars(select(Sitting).order_by(Sitting.number))]
        assert endings == [SittingEnding.SUSPENDED, SittingEnding.MOVED]
        assert begun_among(session, [made.hearing_id]) == set()


def test_a_cancelled_session_ends_what_was_begun_tells_everybody_and_accepts_no_act(db: Database, made: Scene):
    deliberate(db, made)
    with db.transaction() as session:
        schedule.cancel_session(session, made.session_id, "Grève.", by=made.certifier.id, at=ON_THE_DAY)
    acts: list[Callable[[Session], object]] = [
        lambda session: check_presence_of(session, made),
        lambda session: deliberation.record_finding(
            session, made.hearing_id, made.competencies[0].id, ACQUIRED, revision=0, by=made.president.id, at=ON_THE_DAY
        ),
        lambda session: deliberation.record_decision(
            session, made.hearing_id, made.blocks[0].id, VALIDATED, revision=0, by=made.president.id, at=ON_THE_DAY
        ),
        lambda session: ballots.open_ballot(
            session, made.hearing_id, made.blocks[0].id, by=made.president.id, at=ON_THE_DAY
        ),
        lambda session: suspension.adjourn(
            session, made.hearing_id, "Panne.", None, by=made.president.id, at=ON_THE_DAY
        ),
        lambda session: close(session, made.hearing_id, by=made.president.id, at=ON_THE_DAY),
    ]
    for each in acts:
        with pytest.raises(Refusal) as refused, db.transaction() as session:
            each(session)
        assert refused.value.code is JuryRefusal.SESSION_CANCELLED
    with db.reader() as session:
        assert [row.ending for row in session.scalars(select(Sitting))] == [SittingEnding.CANCELLED]
        kinds = session.scalars(select(OutgoingEmail.kind)).all()
        assert kinds.count(EmailTemplate.SESSION_CANCELLED) == 5
        assert kinds.count(EmailTemplate.HEARING_CANCELLED) == 1
        # The candidate stays listed until they are moved, and reads no day meanwhile.
        assert load_progress(session, made.candidacy_id).heard_on is None
        page = load_results_page(session, made.candidacy_id, on=DAY)
        assert (page.last.heard_on, page.step(has_dossier=True)) == (None, PathStep.SCHEDULE)


def check_presence_of(
    session: Session,
    made: Scene,
    attendance: Attendance = Attendance.HEARD,
    reason: str = "",
    at: datetime = ON_THE_DAY,
) -> None:
    people = _everybody(made)
    declarations.check_presence(session, made.hearing_id, people, attendance, reason, by=made.certifier.id, at=at)


@pytest.mark.parametrize("attendance", [Attendance.ABSENT, Attendance.EXCUSED])
def test_nobody_is_absent_after_a_vote(db: Database, made: Scene, attendance: Attendance):
    with db.transaction() as session:
        _vote(session, made, ON_THE_DAY)
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        check_presence_of(session, made, attendance, "Erreur.")
    assert refused.value.code is JuryRefusal.BALLOT_WAS_CLOSED


def test_presence_is_corrected_with_a_reason_once_the_jury_heard_something(db: Database, made: Scene):
    entry = InterviewInput(InterviewKind.INTERVIEW, "Chiffrez ce budget.", "En trois postes.")
    with db.transaction() as session:
        interview.write_entry(session, made.hearing_id, entry, by=made.president.id, at=ON_THE_DAY)
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        check_presence_of(session, made, Attendance.ABSENT)
    assert refused.value.code is JuryRefusal.PRESENCE_NEEDS_REASON
    with db.transaction() as session:
        check_presence_of(session, made, Attendance.ABSENT, "Notes d’une autre personne.")


def test_an_absence_said_after_a_finding_stands_in_the_minutes_beside_what_was_found(db: Database, made: Scene):
    deliberate(db, made)
    with db.transaction() as session:
        check_presence_of(session, made, Attendance.ABSENT, "Une autre personne s’était présentée.")
        minutes = close(session, made.hearing_id, by=made.president.id, at=ON_THE_DAY)
        (told,) = former_sittings(minutes.composition)
    said = " ".join((told.title, *told.lines))
    assert "Motif de la correction\u00a0: Une autre personne s’était présentée." in said
    assert "Constats notés" in said
    assert "décision préparée" in said
    assert minutes.decisions == minutes.findings == []


def test_presence_waits_for_the_resumption(db: Database, made: Scene):
    with db.transaction() as session:
        suspension.adjourn(session, made.hearing_id, "Panne.", None, by=made.president.id, at=ON_THE_DAY)
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        check_presence_of(session, made, reason="Départ.")
    assert refused.value.code is JuryRefusal.ADJOURNED


def test_nobody_is_absent_after_the_vote_of_a_sitting_that_was_suspended(db: Database, made: Scene):
    there = [person for person in _everybody(made) if person != made.members[Seat.TEACHER_TRAINER].id]
    with db.transaction() as session:
        _vote(session, made, ON_THE_DAY)
        suspension.adjourn(session, made.hearing_id, "Panne.", None, by=made.president.id, at=ON_THE_DAY)
        suspension.resume(session, made.hearing_id, there, by=made.president.id, at=LATER)
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        check_presence_of(session, made, Attendance.ABSENT, "Erreur.", at=LATER)
    assert refused.value.code is JuryRefusal.BALLOT_WAS_CLOSED


@pytest.mark.parametrize("is_recused", [True, False])
def test_a_substitute_who_takes_the_seat_confirms_what_was_drafted_without_them(db: Database, *, is_recused: bool):
    made = scene(db, ready=False)
    stand_in, teacher = name(db, made, SUBSTITUTE), made.members[Seat.TEACHER_TRAINER].id
    get_ready(db, made, [*_everybody(made), stand_in])
    check(db, made, _everybody(made))
    deliberate(db, made)
    if is_recused:
        say(db, made, teacher, StatementKind.RECUSAL, "Ancien collègue.")
    check(db, made, [*(person for person in _everybody(made) if person != teacher), stand_in])
    with db.reader() as session:
        faults = preview_closing(session, made.hearing_id, DAY).faults
    assert {fault.code for fault in faults} == {ClosingErrorCode.TO_CONFIRM}
    assert len(faults) == len(made.competencies) + len(made.blocks)


def test_notes_of_a_member_recused_since_stay_with_the_sitting_that_ended(db: Database, made: Scene):
    deliberate(db, made)
    entry = InterviewInput(InterviewKind.INTERVIEW, "Chiffrez ce budget.", "En trois postes.")
    with db.transaction() as session:
        interview.write_entry(session, made.hearing_id, entry, by=made.president.id, at=ON_THE_DAY)
    say(db, made, made.president.id, StatementKind.RECUSAL, "Ancien collègue.")
    with db.transaction() as session:
        _move(session, made, WHY)
        (ended,) = session.scalars(select(Sitting)).all()
    assert len(ended.record["findings"]) == len(made.competencies)
    assert len(ended.record["decisions"]) == len(made.blocks)
    assert [line["heard"] for line in ended.record["interview"]] == ["En trois postes."]


@pytest.mark.parametrize(
    "act",
    [
        lambda session, made, _why: void_hearing(
            session, made.hearing_id, "Rien.", by=made.president.id, at=ON_THE_DAY
        ),
        _remove,
        lambda session, made, _why: planning.justify_parity(
            session, made.session_id, "Aucune.", by=made.certifier.id, at=ON_THE_DAY
        ),
    ],
)
def test_a_cancelled_session_has_no_seat_to_change_and_nothing_to_void(db: Database, made: Scene, act: Act):
    with db.transaction() as session:
        schedule.cancel_session(session, made.session_id, "Grève.", by=made.certifier.id, at=ON_THE_DAY)
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        act(session, made, WHY)
    assert refused.value.code is JuryRefusal.SESSION_CANCELLED


def test_the_presidency_states_the_day_of_a_deliberation_that_is_closed_later(db: Database, made: Scene):
    deliberate(db, made)
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        close(session, made.hearing_id, by=made.president.id, at=LATER)
    assert [fault.code for fault in refused.value.facts["faults"]] == [ClosingErrorCode.DAY_MISSING]
    for day in (DAY - timedelta(days=1), day_of(LATER) + timedelta(days=1)):
        with pytest.raises(Refusal) as refused, db.transaction() as session:
            close(session, made.hearing_id, day, by=made.president.id, at=LATER)
        assert [fault.code for fault in refused.value.facts["faults"]] == [ClosingErrorCode.DAY_OUTSIDE]
    stated = DAY + timedelta(days=3)
    with db.transaction() as session:
        minutes = close(session, made.hearing_id, stated, by=made.president.id, at=LATER)
        assert minutes.decided_on == stated
        assert set(session.scalars(select(Grant.granted_on))) == {stated}


def test_the_last_vote_gives_the_day_of_the_decision(db: Database, made: Scene):
    deliberate(db, made)
    voted = ON_THE_DAY + timedelta(days=4)
    with db.transaction() as session:
        for number in range(len(made.blocks)):
            _vote(session, made, voted, block=number)
        minutes = close(session, made.hearing_id, DAY, by=made.president.id, at=LATER)
        assert minutes.decided_on == day_of(voted)


# What else is kept of a hearing, and why it does not end with its sitting.
NOT_MADE_IN_A_SITTING = {
    "exhibit_opening": "the reading of one member",
    "juror_note": "private to one member",
    "juror_opinion": "a member's own until it is given",
    "juror_statement": "about the candidate and the dossier, whatever the day",
    "defence": "written once: that of the sitting under way is read by its moment",
    "presence_signature": "signed for one day: that of another stands no more",
    "summons": "written again",
    "sitting": "what ended",
    "hearing_member": "written when the minutes are closed",
    "hearing_review": "written when the minutes are closed",
    "minutes": "written when they are closed",
}


def test_each_table_of_a_hearing_says_whether_it_ends_with_its_sitting():
    of_hearing = {
        table.name
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == "hearing" for key in column.foreign_keys)
    }
    made = {table.__tablename__ for table in MADE_IN_A_SITTING}
    assert made.isdisjoint(NOT_MADE_IN_A_SITTING)
    assert of_hearing == made | NOT_MADE_IN_A_SITTING.keys()
