"""The day of a session: hours, order of passage, moved and cancelled, and the summons with its calendar file."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import icalendar
import ics
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.models.statements import Summons
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury.rules.passage import (
    CalendarMethod,
    ScheduleInput,
    ScheduleRefusal,
    SendingReason,
    SessionHours,
    SummonsAnswer,
    free_slot,
    moved,
    slots_in,
)
from portfolio.domain.jury_session.use_cases import letters, planning, schedule, summons, summons_answers
from portfolio.domain.jury_session.use_cases.planning import is_by_deposit, order_of
from portfolio.domain.jury_session.use_cases.schedule import move_hearing
from portfolio.errors import Conflict
from portfolio.wording.jury.schedule import order_message
from tests.jury import builders as stage
from tests.jury.assert_refused import refusal_of
from tests.jury.builders import DAY, SEALED_AT, Scene

HOURS = SessionHours(9 * 60, 17 * 60, 60, 10, 12 * 60 + 30, 14 * 60)
DAY_AS_TYPED = ScheduleInput(
    DAY, "12 rue de l’Église, Bordeaux", None, HOURS, "", "Votre pièce d’identité", "Hélène, 05 00 00 00 00"
)


def test_interviews_follow_one_another_around_the_lunch_break():
    slots = slots_in(HOURS, 9)
    assert [(slot.start // 60, slot.start % 60) for slot in slots] == [(9, 0), (10, 10), (11, 20), (14, 0), (15, 10)]


def test_extra_time_lengthens_one_interview_and_moves_those_after_it():
    slots = slots_in(HOURS, 3, (0, 20, 0))
    assert [(slot.start - 540, slot.end - slot.start) for slot in slots] == [(0, 60), (70, 80), (300, 60)]
    assert free_slot(HOURS, slots[:1], 20) == slots[1]
    assert free_slot(HOURS, slots_in(HOURS, 9)) is None


@given(
    st.integers(0, 1380),
    st.integers(1, 1440),
    st.integers(1, 480),
    st.integers(0, 60),
    st.integers(0, 1400),
    st.integers(1, 200),
)
def test_no_interview_meets_another_one_the_lunch_break_or_the_end(
    start, length, interview, pause, lunch, lunch_length
):
    hours = SessionHours(start, min(start + length, 1440), interview, pause, lunch, lunch + lunch_length)
    slots = slots_in(hours, 50)
    for slot in slots:
        assert hours.start <= slot.start < slot.end <= hours.end
        assert slot.end <= lunch or slot.start >= lunch + lunch_length
    for first, second in pairwise(slots):
        assert first.end + pause <= second.start


def test_a_candidate_changes_rank_and_the_others_keep_their_order():
    ids = [stage.factories.uuid4() for _ in range(4)]
    assert moved(ids, ids[3], 0) == (ids[3], ids[0], ids[1], ids[2])
    assert moved(ids, ids[0], 99) == (*ids[1:], ids[0])


def set_day(
    db: Database, made: Scene, typed: ScheduleInput = DAY_AS_TYPED, revision: int = 0, *, writes: bool = True
) -> int:
    """Set the day of a session, then write the summons that are due, unless told not to."""
    with db.transaction() as session:
        schedule.set_schedule(session, made.session_id, typed, revision=revision, by=made.certifier.id, at=SEALED_AT)
    return write(db, made) if writes and typed.hours else 0


def write(db: Database, made: Scene, at: datetime = SEALED_AT, **more: bool) -> int:
    with db.transaction() as session:
        jury = session.get_one(JurySession, made.session_id)
        return schedule.write_due_summons(session, jury, by=made.certifier.id, at=at, **more)


def files(db: Database, person_id, kind: str = "") -> list[tuple[OutgoingEmail, str]]:
    """Return the letters with a calendar file of one person, the first one first."""
    with db.reader() as session:
        query = select(OutgoingEmail).where(OutgoingEmail.person_id == person_id).order_by(OutgoingEmail.created_at)
        rows = [row for row in session.scalars(query) if row.attachments and row.kind.startswith(kind)]
        rows.sort(key=lambda row: icalendar.Calendar.from_ical(row.attachments[0].text).walk("VEVENT")[0]["SEQUENCE"])
        return [(row, row.attachments[0].text) for row in rows]


def event(text: str) -> icalendar.Event:
    return icalendar.Calendar.from_ical(text).walk("VEVENT")[0]


def summoned(db: Database) -> Scene:
    made = stage.scene(db, ready=False)
    stage.summon(db, made)
    return made


def test_naming_a_jury_and_a_candidate_writes_no_summons_until_the_body_means_it(db):
    made = stage.scene(db, ready=False)
    with db.reader() as session:
        assert session.scalars(select(Summons)).all() == []
        kinds = set(session.scalars(select(OutgoingEmail.kind)))
    assert not kinds & {"summons", "hearing_scheduled"}
    refused = refusal_of(lambda: write(db, made))
    assert refused.code is ScheduleRefusal.NOTHING_TO_SUMMON_TO, "the hours are not fixed"
    assert set_day(db, made, writes=False) == 0
    assert files(db, made.candidate.id) == []
    assert write(db, made) == 6


def test_an_irregular_jury_is_summoned_only_by_who_knows_it(db):
    made = stage.scene(db, ready=False, members=stage.FIVE[:4])
    set_day(db, made, writes=False)
    assert refusal_of(lambda: write(db, made)).code is ScheduleRefusal.IRREGULAR_JURY
    assert write(db, made, despite_irregularity=True) == 5


def test_a_change_waits_for_one_update_and_a_reminder_never_announces_it(db):
    made = stage.scene(db, ready=False)
    set_day(db, made)
    later = DAY + timedelta(days=7)
    assert set_day(db, made, ScheduleInput(later, "Lyon", hours=HOURS), revision=1, writes=False) == 0
    assert len(files(db, made.candidate.id)) == 1, "a change of day is written by nobody else"
    with db.transaction() as session:
        assert letters.write_due_reminders(session, datetime(2026, 6, 11, 12, tzinfo=UTC)) == 0
    assert write(db, made) == 6
    letter = files(db, made.candidate.id)[-1][0]
    assert "est déplacé" in letter.text
    assert "25\u00a0juin" in letter.text
    assert write(db, made) == 0


def test_who_was_never_summoned_receives_no_cancellation(db):
    made = stage.scene(db, ready=False)
    with db.transaction() as session:
        schedule.cancel_session(session, made.session_id, "Grève", by=made.certifier.id, at=SEALED_AT)
    with db.reader() as session:
        kinds = set(session.scalars(select(OutgoingEmail.kind)))
    assert not kinds & {"session_cancelled", "hearing_cancelled"}


def test_the_calendar_file_opens_moves_and_cancels_in_two_readers(db):
    made = summoned(db)
    set_day(db, made)
    later = DAY + timedelta(days=7)
    set_day(db, made, ScheduleInput(later, "Lyon", None, HOURS, "https://visio.exemple.fr/salle"), revision=1)
    with db.transaction() as session:
        schedule.cancel_session(session, made.session_id, "Grève des trains", by=made.certifier.id, at=SEALED_AT)
    for person in (made.candidate, made.president):
        texts = [text for _row, text in files(db, person.id)]
        events = [event(text) for text in texts]
        assert len({str(one["UID"]) for one in events}) == 1, "the same entry"
        assert [one["SEQUENCE"] for one in events] == [0, 1, 2, 3]
        methods = [str(icalendar.Calendar.from_ical(text)["METHOD"]) for text in texts]
        assert methods == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]
        assert str(events[3]["STATUS"]) == "CANCELLED"
        # Without hours, the whole day; then 9:00 in Paris, in summer.
        assert events[0]["DTSTART"].dt == DAY
        assert events[1]["DTSTART"].dt == datetime(2026, 6, 18, 7, 0, tzinfo=UTC)
        assert events[2]["DTSTART"].dt.date() == later
        for text, one in zip(texts, events, strict=True):
            read = next(iter(ics.Calendar(text).events))
            assert (read.uid, read.name) == (str(one["UID"]), str(one["SUMMARY"]))
            start = one["DTSTART"].dt
            assert read.begin.datetime == start if isinstance(start, datetime) else read.begin.date() == start
            assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
            assert str(one["ATTENDEE"]) == f"mailto:{person.email}"
            assert str(one["ORGANIZER"]).startswith("mailto:")
        assert "TZID:Europe/Paris" in texts[1]
        assert str(events[1]["LOCATION"]) == "12 rue de l’Église, Bordeaux"


def test_the_letter_alone_tells_day_hour_place_what_to_bring_and_whom_to_call(db):
    made = stage.scene(db, ready=False)
    set_day(db, made)
    for person in (made.candidate, made.president):
        letter = files(db, person.id)[-1][0]
        words = letter.text.replace("\u00a0", " ")
        for needed in (
            "18 juin 2026",
            "de 9 h à ",
            "12 rue de l’Église, Bordeaux",
            "pièce d’identité",
            "05 00 00 00 00",
            "/convocation/",
        ):
            assert needed in words, (letter.kind, needed)
    assert "de 9 h à 10 h" in files(db, made.candidate.id)[-1][0].text.replace("\u00a0", " "), "their own interview"


def test_only_those_for_whom_something_changes_are_written_to(db):
    made = stage.scene(db, ready=False)
    assert set_day(db, made) == 6
    assert set_day(db, made, revision=1) == 0
    longer = ScheduleInput(DAY, DAY_AS_TYPED.place, None, SessionHours(9 * 60, 18 * 60, 60, 10, 12 * 60 + 30, 14 * 60))
    assert set_day(db, made, longer, revision=2, writes=False) == 0
    # The hours of members change, not the interview of the candidate.
    assert write(db, made) == 5


def test_a_day_set_meanwhile_is_shown_before_it_is_replaced(db):
    made = stage.scene(db, ready=False)
    set_day(db, made)
    with pytest.raises(Conflict) as stopped:
        set_day(db, made, ScheduleInput(DAY, "Lyon", None, None))
    assert (stopped.value.theirs["place"], stopped.value.theirs["start"], stopped.value.revision) == (
        DAY_AS_TYPED.place,
        "09:00",
        1,
    )


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (ScheduleInput(date(2026, 3, 2), "Lyon"), ScheduleRefusal.PAST_DAY),
        (ScheduleInput(DAY, "Lyon", None, SessionHours(9 * 60, 9 * 60 + 30, 60)), ScheduleRefusal.NO_ROOM),
        (ScheduleInput(DAY, "Lyon", None, SessionHours(9 * 60, 8 * 60, 60)), ScheduleRefusal.REVERSED),
        (ScheduleInput(DAY, "Lyon", None, SessionHours(9 * 60, 18 * 60, 0)), ScheduleRefusal.NO_INTERVIEW),
    ],
)
def test_a_day_that_cannot_be_is_refused_with_its_reason(db, typed, code):
    made = stage.scene(db, ready=False)
    assert refusal_of(lambda: set_day(db, made, typed)).code is code


def test_hours_of_today_that_have_passed_are_neither_set_nor_written(db):
    made = stage.scene(db, ready=False)
    at = datetime(2026, 6, 18, 8, 0, tzinfo=UTC)  # 10:00 in Paris

    def plan(start: int, revision: int = 0) -> int:
        typed = ScheduleInput(DAY, "Lyon", None, SessionHours(start, 18 * 60, 60))
        with db.transaction() as session:
            return schedule.set_schedule(
                session, made.session_id, typed, revision=revision, by=made.certifier.id, at=at
            )

    assert refusal_of(lambda: plan(9 * 60)).code is ScheduleRefusal.PAST_HOUR
    plan(11 * 60)
    refused = refusal_of(lambda: write(db, made, at + timedelta(hours=2)))
    assert refused.code is ScheduleRefusal.PAST_HOUR


def test_the_oldest_deposit_passes_first_and_the_page_says_how_the_order_was_made():
    deposits = [Submission(submitted_at=SEALED_AT + timedelta(days=day)) for day in (2, 0, 1)]
    rows = [Hearing(id=UUID(int=n), submission=each) for n, each in enumerate(deposits, 1)]
    assert [row.id.int for row in order_of(rows)] == [2, 3, 1]
    assert is_by_deposit(rows)
    for minute, row in zip((600, 660, 720), rows, strict=True):
        row.start_minute = minute
    assert [row.id.int for row in order_of(rows)] == [1, 2, 3]
    assert not is_by_deposit(rows)
    assert "les dépôts les plus anciens passent d’abord" in order_message(by_deposit=True)


def test_a_session_is_neither_moved_nor_cancelled_once_minutes_are_closed(db):
    made = stage.scene(db, refused=())
    stage.close(db, made)
    refused = refusal_of(lambda: set_day(db, made, ScheduleInput(DAY + timedelta(days=30), "Lyon")))
    assert (refused.code, refused.facts["closed_on"]) == (ScheduleRefusal.ALREADY_CLOSED, DAY.isoformat())
    with db.transaction() as session:
        stopped = refusal_of(
            lambda: schedule.cancel_session(session, made.session_id, "Non", by=made.certifier.id, at=stage.ON_THE_DAY)
        )
        assert stopped.code is ScheduleRefusal.ALREADY_CLOSED


def test_after_a_cancellation_a_candidate_of_whom_nothing_was_declared_waits_again(db):
    made = stage.scene(db, ready=False)
    with db.transaction() as session:
        assert schedule.cancel_session(session, made.session_id, "Grève", by=made.certifier.id, at=SEALED_AT) == 0
        session.flush()
        assert session.scalar(select(Hearing)) is None
        refused = refusal_of(
            lambda: planning.add_hearing(
                session, made.session_id, made.submission_id, by=made.certifier.id, at=SEALED_AT
            )
        )
        assert refused.code is JuryRefusal.SESSION_CANCELLED


@pytest.mark.records("hearing_moved", "session_cancelled", "session_planned", "session_scheduled", "summons_written")
def test_after_a_cancellation_a_candidate_who_was_read_is_moved_with_what_was_declared(db):
    other = stage.scene(db)
    set_day(db, other)
    with db.transaction() as session:
        assert schedule.cancel_session(session, other.session_id, "Grève", by=other.certifier.id, at=SEALED_AT) == 1
        plan = Planning(other.version_id, DAY + timedelta(days=30), "Lyon")
        target = planning.plan_session(session, other.body_id, plan, by=other.certifier.id, at=SEALED_AT)
        move_hearing(session, other.hearing_id, target.id, by=other.certifier.id, at=SEALED_AT)
        assert session.get_one(Hearing, other.hearing_id).session_id == target.id
        hours = ScheduleInput(DAY + timedelta(days=30), "Lyon", hours=HOURS)
        schedule.set_schedule(session, target.id, hours, revision=0, by=other.certifier.id, at=SEALED_AT)
        written = schedule.write_due_summons(
            session, target, by=other.certifier.id, at=SEALED_AT, despite_irregularity=True
        )
        assert written == 1
    assert len(files(db, other.candidate.id)) == 3
    uids = {str(event(text)["UID"]) for _row, text in files(db, other.candidate.id)}
    assert len(uids) == 1, "a candidate who moves keeps the same calendar entry"


def token_of(db: Database, person_id) -> str:
    with db.reader() as session:
        row = session.scalars(select(Summons).where(Summons.person_id == person_id)).one()
        return summons.answer_token(row)


def test_a_summons_is_answered_by_its_link_until_the_day_after_and_by_no_other(db):
    made = summoned(db)
    token = token_of(db, made.candidate.id)
    with db.transaction() as session:
        row = summons.find_by_token(session, token, at=SEALED_AT, lock=True)
        summons_answers.answer_summons(session, row, SummonsAnswer.RECEIVED, by=None, at=SEALED_AT)
        assert (row.answer, row.answered_at, row.run_after) == (SummonsAnswer.RECEIVED, SEALED_AT, None)
        forged = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
        for wrong in (forged, "", "é\ud800", token_of(db, made.president.id)[:30]):
            assert summons.find_by_token(session, wrong, at=SEALED_AT) is None
        assert summons.find_by_token(session, token, at=SEALED_AT + timedelta(days=400)) is None


def test_a_change_of_day_asks_for_the_answer_again(db):
    made = summoned(db)
    token = token_of(db, made.president.id)
    with db.transaction() as session:
        row = summons.find_by_token(session, token, at=SEALED_AT, lock=True)
        summons_answers.answer_summons(session, row, SummonsAnswer.RECEIVED, by=None, at=SEALED_AT)
    set_day(db, made)
    with db.reader() as session:
        row = summons.find_by_token(session, token, at=SEALED_AT)
        assert (row.answer, row.sequence) == (None, 1)


def test_who_has_not_answered_is_reminded_once_a_week_before(db):
    made = summoned(db)
    with db.transaction() as session:
        row = summons.find_by_token(session, token_of(db, made.president.id), at=SEALED_AT, lock=True)
        summons_answers.answer_summons(session, row, SummonsAnswer.RECEIVED, by=None, at=SEALED_AT)
    week_before = datetime(2026, 6, 11, 0, 0, tzinfo=UTC)
    for moment, written in ((week_before - timedelta(days=2), 0), (week_before, 5), (week_before, 0)):
        with db.transaction() as session:
            assert letters.write_due_reminders(session, moment) == written
    letter, text = files(db, made.candidate.id, "hearing_reminder")[0]
    assert "rappel" in letter.subject
    assert str(icalendar.Calendar.from_ical(text)["METHOD"]) == "REQUEST"
    with db.reader() as session:
        reasons = [
            email.reason
            for email in session.scalars(select(Summons).where(Summons.hearing_id.is_not(None))).one().emails
        ]
    assert reasons == [SendingReason.FIRST, SendingReason.REMINDER]


def test_a_member_who_leaves_is_told_by_a_cancelled_entry(db):
    made = summoned(db)
    with db.transaction() as session:
        jury = session.get_one(JurySession, made.session_id)
        member = next(one for one in jury.members if one.seat is Seat.TEACHER_TRAINER)
        planning.remove_member(session, made.session_id, member.id, by=made.certifier.id, at=SEALED_AT)
    texts = [text for _row, text in files(db, made.members[Seat.TEACHER_TRAINER].id)]
    assert [str(icalendar.Calendar.from_ical(text)["METHOD"]) for text in texts] == ["REQUEST", "CANCEL"]
    with db.reader() as session:
        row = session.scalars(select(Summons).where(Summons.person_id == made.members[Seat.TEACHER_TRAINER].id)).one()
        assert row.method is CalendarMethod.CANCEL
