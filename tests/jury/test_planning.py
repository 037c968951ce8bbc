"""The certifier plans a session, seats its jury, and puts candidates on its list, on both stores."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import event, func, select

from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession
from portfolio.domain.jury.rules.composition import PredicateId
from portfolio.domain.jury.rules.enums import JuryRefusal, OrganisationKind, TiesAnswer
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury_session.use_cases import planning as planning_use_cases
from portfolio.errors import Conflict, Refusal
from portfolio.screens.certifier.sessions import listing_queries, page_queries
from portfolio.screens.juror.hearing import minutes
from portfolio.screens.juror.home import queries as home_queries
from tests import factories
from tests.jury.builders import DAY, DIRECTOR, EMPLOYEE, FIVE, PRESIDENT, SEALED_AT, TEACHER, close, find, name, scene


@pytest.fixture
def refused():
    class Refused:
        def __init__(self, code: JuryRefusal) -> None:
            self.code = code

        def __enter__(self) -> None:
            self.context = pytest.raises(Refusal)
            self.info = self.context.__enter__()

        def __exit__(self, *error) -> bool:
            swallowed = self.context.__exit__(*error)
            assert self.info.value.code is self.code
            return swallowed

    return Refused


def page_of(db, made):
    with db.reader() as session:
        return page_queries.load_session_page(session, made.session_id)


def test_a_jury_named_seat_by_seat_becomes_regular(db):
    made = scene(db, members=(), heard=False)
    assert not page_of(db, made).regular
    for naming in FIVE:
        name(db, made, naming)

    page = page_of(db, made)
    assert page.regular
    assert [view.named.name for view in page.seats] == [naming.name for naming in FIVE]
    assert [view.external for view in page.seats] == [True, True, False, False, False]


def test_a_newcomer_is_invited_once_by_letter(db):
    made = scene(db, members=(), heard=False)
    name(db, made, PRESIDENT)
    name(db, made, PRESIDENT, quality="Directrice générale", seen=1)

    with db.reader() as session:
        kinds = session.scalars(
            select(OutgoingEmail.kind)
            .join(Person, Person.id == OutgoingEmail.person_id)
            .where(Person.email == PRESIDENT.email)
        )
        assert sorted(kinds) == ["invitation"], "the summons is an act of its own"
    assert page_of(db, made).seats[0].named.quality == "Directrice générale"


def test_an_irregular_jury_is_shown_not_refused_while_it_is_named(db):
    made = scene(db, heard=False)
    name(db, made, EMPLOYEE, in_activity=False, seen=1)

    assert {answer.id for answer in page_of(db, made).answers if answer.prevents} == {PredicateId.J5}


def test_someone_else_in_a_seat_takes_nothing_of_what_was_declared_of_the_former(db):
    made = scene(db, heard=False)
    name(db, made, TEACHER, email="autre@exemple.fr", name="Ivan Perrin", ties=(), seen=1)

    seat = page_of(db, made).seats[3]
    assert (seat.named.name, seat.named.ties, seat.external, seat.answered) == ("Ivan Perrin", (), False, False)


def test_two_tabs_on_one_seat_show_who_was_named_meanwhile(db):
    made = scene(db, heard=False)
    with pytest.raises(Conflict) as conflict:
        name(db, made, TEACHER, email="autre@exemple.fr", seen=0)

    assert conflict.value.theirs["name"] == TEACHER.name
    assert conflict.value.revision == 1


def test_nobody_sits_twice(db, refused):
    made = scene(db, members=(PRESIDENT,), heard=False)
    with refused(JuryRefusal.ALREADY_MEMBER):
        name(db, made, replace(PRESIDENT, seat=Seat.TEACHER_TRAINER))


def test_a_seat_that_the_entry_does_not_know_is_refused(db, refused):
    made = scene(db, members=(), heard=False)
    with refused(JuryRefusal.SEAT_UNKNOWN):
        name(db, made, replace(PRESIDENT, seat=Seat.EXTERNAL_PROFESSIONAL))


def test_an_advisor_cannot_judge_the_candidate_they_accompany(db, refused):
    made = scene(db, members=(PRESIDENT,))
    with refused(JuryRefusal.MEMBER_IS_ADVISOR):
        name(db, made, TEACHER, email=made.advisor.email)


def test_a_candidate_does_not_judge_their_own_dossier(db, refused):
    made = scene(db, members=(PRESIDENT,))
    with refused(JuryRefusal.MEMBER_IS_CANDIDATE):
        name(db, made, TEACHER, email=made.candidate.email.upper())


def test_a_candidate_whose_advisor_sits_is_not_added_and_the_page_says_it_before(db, refused):
    made = scene(db, members=(PRESIDENT,), heard=False)
    name(db, made, TEACHER, email=made.advisor.email)

    waiting = page_of(db, made).waiting
    assert [(one.obstacle, one.who) for one in waiting] == [(JuryRefusal.MEMBER_IS_ADVISOR, TEACHER.name)], (
        "as this body named them"
    )
    with refused(JuryRefusal.MEMBER_IS_ADVISOR), db.transaction() as session:
        planning_use_cases.add_hearing(session, made.session_id, made.submission_id, by=made.certifier.id, at=SEALED_AT)


def test_a_dossier_is_heard_once(db, refused):
    made = scene(db)
    with db.transaction() as session:
        other = planning_use_cases.plan_session(
            session, made.body_id, Planning(made.version_id, DAY, "Lyon"), by=made.certifier.id, at=SEALED_AT
        )
        other_id = other.id
    for session_id in (made.session_id, other_id):
        with refused(JuryRefusal.NOT_WAITING), db.transaction() as session:
            planning_use_cases.add_hearing(session, session_id, made.submission_id, by=made.certifier.id, at=SEALED_AT)


@pytest.mark.parametrize(("days", "possible"), [(0, True), (-1, False)])
def test_a_dossier_sealed_after_the_day_of_the_session_cannot_be_heard_there(db, refused, days: int, possible: bool):
    made = scene(db, heard=False, held_on=SEALED_AT.date() + timedelta(days=days))
    assert (page_of(db, made).waiting[0].obstacle is None) is possible
    with db.transaction() as session:
        add = partial(
            planning_use_cases.add_hearing,
            session,
            made.session_id,
            made.submission_id,
            by=made.certifier.id,
            at=SEALED_AT,
        )
        if possible:
            add()
        else:
            with refused(JuryRefusal.SEALED_AFTER_SESSION):
                add()


def test_a_dossier_of_another_certification_is_refused(db, refused):
    made = scene(db, heard=False)
    with db.transaction() as session:
        version = factories.published_version(session, made.body_id, "RNCP99999")
        planning = Planning(version.id, DAY, "Lyon")
        other = planning_use_cases.plan_session(session, made.body_id, planning, by=made.certifier.id, at=SEALED_AT)
        with refused(JuryRefusal.OTHER_VERSION):
            planning_use_cases.add_hearing(session, other.id, made.submission_id, by=made.certifier.id, at=SEALED_AT)


def test_a_version_of_another_body_cannot_be_planned(db, refused):
    made = scene(db, members=(), heard=False)
    with db.transaction() as session:
        stranger = factories.body(session, "Autre institut")
        with refused(JuryRefusal.VERSION_NOT_PUBLISHED):
            planning_use_cases.plan_session(
                session, stranger.id, Planning(made.version_id, DAY, "Lyon"), by=made.certifier.id, at=SEALED_AT
            )


def test_a_candidate_can_leave_the_list_until_notes_are_taken(db, refused):
    made = scene(db)
    find(db, made, made.competencies[0])
    with refused(JuryRefusal.NOTES_TAKEN), db.transaction() as session:
        planning_use_cases.remove_hearing(session, made.session_id, made.hearing_id, by=made.certifier.id, at=SEALED_AT)


def test_a_candidate_who_left_the_list_waits_again(db):
    made = scene(db, ready=False)
    for _again in range(2):
        with db.transaction() as session:
            planning_use_cases.remove_hearing(
                session, made.session_id, made.hearing_id, by=made.certifier.id, at=SEALED_AT
            )
    assert [one.submission_id for one in page_of(db, made).waiting] == [made.submission_id]


def test_closed_minutes_keep_their_jury_when_the_seats_of_the_session_change(db, refused):
    made = scene(db, refused=())
    close(db, made)
    with db.reader() as session:
        before = minutes.load_attendance_page(session, made.hearing_id)
        member_id = session.scalar(select(JuryMember.id).where(JuryMember.seat == Seat.TEACHER_TRAINER))
    with db.transaction() as session:
        planning_use_cases.remove_member(session, made.session_id, member_id, by=made.certifier.id, at=SEALED_AT)
    name(db, made, TEACHER, email="autre@exemple.fr", name="Une Autre")
    name(db, made, EMPLOYEE, name="Autre Nom", seen=1)
    with db.reader() as session:
        after = minutes.load_attendance_page(session, made.hearing_id)
        assert (after.sitting, after.deliberates) == (before.sitting, before.deliberates)
        home = home_queries.load_juror_home(session, made.members[Seat.TEACHER_TRAINER].id, DAY).sessions
        assert [[hearing.id for hearing in jury.hearings] for jury in home] == [[made.hearing_id]], (
            "who sat still finds these minutes"
        )
        newcomer = session.scalars(select(JuryMember.person_id).where(JuryMember.seat == Seat.TEACHER_TRAINER)).one()
        assert [jury.hearings for jury in home_queries.load_juror_home(session, newcomer, DAY).sessions] == [()], (
            "who came later does not"
        )
    with refused(JuryRefusal.ALREADY_CLOSED), db.transaction() as session:
        planning_use_cases.remove_hearing(session, made.session_id, made.hearing_id, by=made.certifier.id, at=SEALED_AT)


def test_an_emptied_seat_makes_the_jury_irregular_again(db):
    made = scene(db)
    with db.reader() as session:
        member_id = session.scalar(select(JuryMember.id).where(JuryMember.seat == Seat.PRESIDENT))
    for _again in range(2):
        with db.transaction() as session:
            planning_use_cases.remove_member(
                session, made.session_id, member_id, "Malade.", by=made.certifier.id, at=SEALED_AT
            )
    page = page_of(db, made)
    assert page.empty_seat is Seat.PRESIDENT
    assert not page.regular


def test_an_advisor_given_to_a_candidate_after_the_jury_was_named_makes_it_irregular_for_them_alone(db):
    made = scene(db)
    with db.transaction() as session:
        from portfolio.domain.candidacy.models import Candidacy

        session.get_one(Candidacy, made.candidacy_id).advisor_id = made.members[Seat.TEACHER_TRAINER].id
    page = page_of(db, made)
    assert all(answer.holds for answer in page.answers)
    assert [answer.id for answer in page.hearings[0].irregular] == [PredicateId.J10_KNOWN]
    assert not page.regular


def test_each_act_leaves_one_journal_line_without_any_name(db):
    scene(db)
    with db.reader() as session:
        lines = session.scalars(select(AuditEvent).order_by(AuditEvent.seq)).all()
    verbs = [line.action for line in lines if line.action.startswith(("session", "member", "hearing"))]
    assert verbs == ["session_planned", *["member_named"] * 5, "hearing_added"]
    assert not any("Marin" in str(line.details) or "@" in str(line.details) for line in lines)


def test_the_pages_of_the_certifier_ask_the_same_number_of_queries_whatever_the_size(db):
    made = scene(db)

    def count(read) -> int:
        seen = []
        with db.reader() as session:
            connection = session.connection()
            event.listen(connection, "before_cursor_execute", lambda *args: seen.append(args[2]))
            read(session)
        return len(seen)

    def both() -> tuple[int, int]:
        return (
            count(lambda session: page_queries.load_session_page(session, made.session_id)),
            count(lambda session: listing_queries.load_sessions_page(session, made.body_id, SEALED_AT.date())),
        )

    few = both()
    assert few[1] <= 7
    with db.transaction() as session:
        for number in range(3):
            planning = Planning(made.version_id, DAY, f"Ville {number}")
            jury = planning_use_cases.plan_session(session, made.body_id, planning, by=made.certifier.id, at=SEALED_AT)
            for naming in FIVE:
                planning_use_cases.name_member(session, jury.id, naming, by=made.certifier.id, at=SEALED_AT)
        for number in range(4):
            _another_candidate(session, made, number)
    assert both() == few


def _another_candidate(session, made, number: int) -> None:
    from portfolio.domain.candidacy.models import Submission, SubmittedBlock
    from portfolio.domain.certification.models import CertificationVersion

    candidate = factories.person(session, f"Candidat {number}")
    version = session.get_one(CertificationVersion, made.version_id)
    candidacy = factories.candidacy(session, version, candidate)
    sealed = Submission(
        id=uuid4(), candidacy_id=candidacy.id, number=1, submitted_at=SEALED_AT, manifest=b"{}", root="ab" * 32
    )
    session.add(sealed)
    session.flush()
    session.add_all(SubmittedBlock(submission_id=sealed.id, block_id=block.id) for block in version.blocks)
    if number % 2:
        session.add(Hearing(session_id=made.session_id, submission_id=sealed.id))


def test_sessions_are_listed_with_their_jury_and_their_candidates(db):
    made = scene(db)
    with db.reader() as session:
        page = listing_queries.load_sessions_page(session, made.body_id, SEALED_AT.date())
        assert session.scalar(select(func.count()).select_from(JurySession)) == 1
    row = page.rows[0]
    assert (row.named, row.seats, row.regular, row.candidates, row.closed) == (5, 5, True, 1, 0)
    assert page.waiting == ()


def test_external_is_computed_with_the_months_of_the_session(db):
    made = scene(db, heard=False)
    former = replace(TEACHER.ties[0], with_whom=OrganisationKind.CERTIFIER, ended_on=DAY - timedelta(days=400))
    name(db, made, EMPLOYEE, ties=(former,), ties_answer=TiesAnswer.LISTED, seen=1)
    assert not page_of(db, made).seats[1].external
    with db.transaction() as session:
        session.get_one(JurySession, made.session_id).external_months = 12
    assert page_of(db, made).seats[1].external


def test_a_director_whose_ties_nobody_answered_makes_the_jury_irregular_until_they_are(db):
    made = scene(db, heard=False)
    name(db, made, DIRECTOR, ties=(), seen=1)

    (wrong,) = (answer for answer in page_of(db, made).answers if answer.prevents)
    assert (wrong.id, wrong.facts["unanswered"]) == (PredicateId.J7, ("Luc Roux",))
    name(db, made, DIRECTOR, ties=(), ties_answer=TiesAnswer.NONE, seen=2)
    page = page_of(db, made)
    assert page.regular
    assert [view.external for view in page.seats] == [True, True, False, False, False]


def test_ties_listed_are_an_answer_and_no_tie_contradicts_them(db):
    made = scene(db, heard=False)
    with db.reader() as session:
        assert {one.ties_answer for one in session.scalars(select(JuryMember)) if one.ties} == {TiesAnswer.LISTED}
    for answer, ties in ((TiesAnswer.NONE, TEACHER.ties), (TiesAnswer.LISTED, ())):
        with pytest.raises(Refusal) as refused:
            name(db, made, TEACHER, ties=ties, ties_answer=answer, seen=1)
        assert refused.value.code == JuryRefusal.TIES_CONTRADICTED
