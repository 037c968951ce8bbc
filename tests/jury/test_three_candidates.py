"""A session of three candidates: one closed, the president recused for the second, the third moved to another day."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.integrity_checks.verification import check as check_ledger
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing, HearingMember, JuryMember
from portfolio.domain.jury.models.statements import MemberAttendance, SignedDocument, Statement
from portfolio.domain.jury.rules.enums import Attendance, JuryRefusal, StatementKind
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury_session.use_cases import declarations, minutes, schedule
from portfolio.domain.jury_session.use_cases import planning as planning_use_cases
from portfolio.domain.notification.use_cases.document_data import find_minutes_data
from portfolio.screens.certifier.sessions import listing_queries, page_queries
from portfolio.screens.juror.hearing.minutes import load_attendance_page
from portfolio.wording.documents import minutes_value
from tests import factories
from tests.jury import builders as stage
from tests.jury.assert_refused import refusal_of
from tests.jury.builders import (
    DAY,
    EMPLOYEE,
    FIVE,
    ON_THE_DAY,
    PRESIDENT,
    SEALED_AT,
    act,
    close,
    deliberate,
    get_ready,
    name,
    say,
    scene,
)
from tests.jury.panels import candidate_before

DEPUTY = replace(PRESIDENT, email="adam@exemple.fr", name="Rémi Adam", rank=1)
LATER = DAY + timedelta(days=20)


def before(db, made, called: str):
    """Return the scene of one more candidate of the same session."""
    with db.transaction() as session:
        heard = candidate_before(session, made, called, made.session_id)
    return replace(
        made,
        candidate=heard.person,
        candidacy_id=heard.candidacy_id,
        submission_id=heard.submission_id,
        hearing_id=heard.hearing_id,
        members=dict(made.members),
    )


def page_of(db, made):
    with db.reader() as session:
        return page_queries.load_session_page(session, made.session_id)


def printed(db, made):
    with db.reader() as session:
        return minutes_value(find_minutes_data(session, made.hearing_id))


def plan(db, made, held_on=LATER, seats=FIVE):
    """Another session of the same certification, with its jury."""
    with db.transaction() as session:
        jury = planning_use_cases.plan_session(
            session, made.body_id, Planning(made.version_id, held_on, "Lyon"), by=made.certifier.id, at=SEALED_AT
        )
        for naming in seats:
            planning_use_cases.name_member(
                session, jury.id, naming, act() if naming.appointed_on else None, by=made.certifier.id, at=SEALED_AT
            )
        return jury.id


def move(db, made, session_id, at=ON_THE_DAY, reason="Report."):
    with db.transaction() as session:
        schedule.move_hearing(session, made.hearing_id, session_id, reason, by=made.certifier.id, at=at)


@pytest.mark.slow
def test_three_candidates_one_closed_one_with_a_substitute_one_moved(db):
    first = scene(db)
    second, third = before(db, first, "Yanis Cordier"), before(db, first, "Nora Weber")
    deliberate(db, first, refused=(2,))
    close(db, first)
    with db.reader() as session:
        composition = session.scalars(select(Minutes.composition)).one()
    told = printed(db, first)

    # The president recuses for the second candidate: the page says what prevents, and who to name.
    others = [one.id for seat, one in second.members.items() if seat is not Seat.PRESIDENT]
    get_ready(db, second, others)
    say(db, second, second.president.id, StatementKind.RECUSAL, "Ancien collègue.")
    (row,) = [one for one in page_of(db, second).hearings if one.id == second.hearing_id]
    assert row.vacant == (Seat.PRESIDENT,)
    with db.transaction() as session:
        factories.person(session, DEPUTY.name, DEPUTY.email)
    deputy = name(db, second, DEPUTY)
    (row,) = [one for one in page_of(db, second).hearings if one.id == second.hearing_id]
    assert row.vacant == (), "the substitute takes the seat before presence is checked"
    get_ready(db, second, [*others, deputy])
    second.members[Seat.PRESIDENT] = stage_person(db, deputy)
    deliberate(db, second)
    close(db, second)

    # The third is moved to another day, with what was declared.
    get_ready(db, third)
    elsewhere = plan(db, third)
    move(db, third, elsewhere)
    with db.reader() as session:
        hearing = session.get_one(Hearing, third.hearing_id)
        assert (hearing.session_id, hearing.moved_from_id) == (elsewhere, first.session_id)
        assert not session.scalars(
            select(MemberAttendance).where(MemberAttendance.hearing_id == third.hearing_id)
        ).all()
        assert all(member_state.has_read for member_state in load_attendance_page(session, third.hearing_id).sitting), (
            "read once, for this dossier"
        )
        verbs = session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)).all()
    assert verbs.count("hearing_moved") == 1
    assert [one.candidate for one in page_of(db, first).moved_away] == ["Nora Weber"]
    third = replace(third, session_id=elsewhere)
    stage.check(db, third, [member.id for member in third.members.values()])
    deliberate(db, third)
    close(db, third, ON_THE_DAY + timedelta(days=20))

    # What was closed stays as it was closed.
    with db.reader() as session:
        kept = session.scalars(select(Minutes.composition).where(Minutes.hearing_id == first.hearing_id)).one()
        assert kept == composition
        assert session.scalars(select(Grant.person_id)).all()
        assert recompute(session).gaps == ()
        assert check_ledger(session).difference is None
        presided = select(HearingMember.hearing_id, HearingMember.display_name).where(
            HearingMember.seat == Seat.PRESIDENT, HearingMember.deliberated.is_(True)
        )
        assert dict(session.execute(presided).all()) == {
            first.hearing_id: "Paul Marin",
            second.hearing_id: "Rémi Adam",
            third.hearing_id: "Paul Marin",
        }
    assert printed(db, first) == told


def stage_person(db, person_id):
    from portfolio.domain.account.models import Person

    with db.reader() as session:
        return session.get_one(Person, person_id)


def test_the_minutes_of_a_member_replaced_since_keep_their_name_and_their_access(db):
    first = scene(db)
    before(db, first, "Yanis Cordier")
    deliberate(db, first)
    close(db, first)
    told = printed(db, first)
    with db.reader() as session:
        seen = session.scalars(select(JuryMember.revision).where(JuryMember.seat == Seat.PRESIDENT)).one()
    name(db, first, PRESIDENT, email="autre@exemple.fr", name="Autre Présidente", seen=seen)
    assert printed(db, first) == told
    with db.reader() as session:
        page = minutes.load_minutes_page(session, first.hearing_id)
        assert page.signed_by == "Paul Marin"
        from portfolio.access.jury import find_hearing_access

        assert find_hearing_access(session, first.hearing_id, first.president.id).is_president
        newcomer = session.scalars(select(JuryMember.person_id).where(JuryMember.seat == Seat.PRESIDENT)).one()
        assert not find_hearing_access(session, first.hearing_id, newcomer).is_juror


def test_a_recusal_is_withdrawn_and_made_again_until_the_minutes_are_closed(db):
    made = scene(db)
    teacher = made.members[Seat.TEACHER_TRAINER].id
    assert refusal_of(lambda: say(db, made, teacher, StatementKind.RECUSAL_WITHDRAWN)).code is JuryRefusal.NOT_RECUSED
    for _again in range(2):
        say(db, made, teacher, StatementKind.RECUSAL)
        say(db, made, teacher, StatementKind.RECUSAL)
        say(db, made, teacher, StatementKind.RECUSAL_WITHDRAWN)
    with db.reader() as session:
        kinds = session.scalars(select(Statement.kind).where(Statement.person_id == teacher)).all()
        own = load_attendance_page(session, made.hearing_id).member(teacher)
    assert sorted(kinds) == sorted(["no_relation", "read", *["recusal", "recusal_withdrawn"] * 2])
    assert own.has_read
    deliberate(db, made)
    close(db, made)
    assert refusal_of(lambda: say(db, made, teacher, StatementKind.RECUSAL)).code is JuryRefusal.ALREADY_CLOSED
    with db.reader() as session:
        composition = session.scalars(select(Minutes.composition)).one()
        (member,) = [one for one in composition["members"] if one["person"] == str(teacher)]
        assert list(member["statements"]) == ["no_relation", "read", "recusal_withdrawn"]
        assert check_ledger(session).difference is None


def test_a_hearing_is_moved_only_where_the_candidate_can_be_heard_and_until_its_minutes_are_closed(db):
    made = scene(db, held_on=DAY)
    past, earlier = (plan(db, made, DAY - timedelta(days=2)), plan(db, made, SEALED_AT.date() - timedelta(days=2)))
    assert refusal_of(lambda: move(db, made, past)).code is JuryRefusal.SESSION_OVER
    assert (
        refusal_of(lambda: move(db, made, earlier, SEALED_AT - timedelta(days=9))).code
        is JuryRefusal.SEALED_AFTER_SESSION
    )
    advised = plan(db, made, LATER, (replace(EMPLOYEE, email=made.advisor.email),))
    assert refusal_of(lambda: move(db, made, advised)).code is JuryRefusal.MEMBER_IS_ADVISOR
    with db.transaction() as session:
        version = factories.published_version(session, made.body_id, "RNCP99999")
        planning = Planning(version.id, LATER, "Lyon")
        other = planning_use_cases.plan_session(session, made.body_id, planning, by=made.certifier.id, at=SEALED_AT).id
    assert refusal_of(lambda: move(db, made, other)).code is JuryRefusal.OTHER_VERSION
    with db.reader() as session:
        offered = [destination.id for destination in schedule.list_destinations(session, made.hearing_id, DAY)]
    assert offered == [advised], "of the same certification, and not over"
    deliberate(db, made)
    close(db, made)
    assert refusal_of(lambda: move(db, made, advised)).code is JuryRefusal.ALREADY_CLOSED


def test_a_signed_form_is_still_found_after_its_hearing_is_moved(db):
    made = scene(db, ready=False)
    teacher = made.members[Seat.TEACHER_TRAINER].id
    with db.transaction() as session:
        said = MemberDeclarations(teacher, StatementKind.NO_RELATION, signed_on=SEALED_AT.date())
        declarations.record_statement(
            session, made.hearing_id, said, act("formulaire.pdf"), by=made.certifier.id, at=SEALED_AT
        )
    stage.check(db, made, [teacher], Attendance.EXCUSED)
    move(db, made, plan(db, made))
    with db.reader() as session:
        paper = session.scalars(select(SignedDocument.id).where(SignedDocument.name == "formulaire.pdf")).one()
        assert declarations.find_signed_form(session, made.hearing_id, paper) is not None
        assert session.get_one(Hearing, made.hearing_id).attendance is Attendance.HEARD, (
            "the day's presence is checked again"
        )


@pytest.mark.parametrize(("days", "proposed"), [(0, False), (13, False), (14, True)])
def test_a_session_is_proposed_for_a_dossier_when_its_jury_has_time_to_read(db, days, proposed):
    made = scene(db, heard=False)
    with db.reader() as session:
        (waiting,) = listing_queries.load_sessions_page(session, made.body_id, DAY - timedelta(days=days)).waiting
    assert (waiting.proposed is not None) is proposed
