"""A rhythm: steps of twenty minutes, letters about a silence, reasons to stop, and figures that the rows give."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from sqlalchemy import select

from portfolio.calendar import PARIS
from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.funnel import (
    LEAST_SHOWN,
    STEPS,
    FunnelStep,
    Journey,
    LeavingReason,
    funnel_of,
    hidden_together,
)
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.dossier.models.dossier import Pace
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.rules.next_action import next_action, planned_steps
from portfolio.domain.dossier.rules.rehearsal import SILENCE, silence_letter_due, step_days
from portfolio.domain.dossier.use_cases.matrix import load_matrix
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.review.models import Message, NotificationPreference
from portfolio.domain.review.rules.messages import Frequency
from portfolio.domain.review.use_cases import email_notifications, pace
from portfolio.run.maintenance import write_silence_letters
from portfolio.screens.certifier.figures.views import list_journeys, load_funnel
from portfolio.web.clock import today
from tests import factories
from tests.factories import PASSWORD, World
from tests.page import CheckedClient

DAY = timedelta(days=1)
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC)),
    st.integers(6, 22),
)
def test_a_first_letter_comes_at_the_chosen_hour_once_fourteen_days_have_passed(last: datetime, hour: int) -> None:
    due = silence_letter_due(last, None, 0, hour)
    assert due is not None
    assert due.astimezone(PARIS).time() == time(hour)
    assert SILENCE <= due - last < SILENCE + DAY + timedelta(hours=1)


def test_letters_end_after_the_third_and_begin_again_with_another_silence() -> None:
    assert silence_letter_due(START, START + SILENCE, 3, 18) is None
    assert silence_letter_due(START + 20 * DAY, START + SILENCE, 3, 18) is not None


@given(st.integers(1, 60), st.integers(1, 400))
def test_the_last_step_falls_on_the_chosen_day(count: int, days: int) -> None:
    found = step_days(count, date(2026, 3, 2), date(2026, 3, 2) + days * DAY)
    assert found == sorted(found)
    assert found[0] > date(2026, 3, 2)
    assert found[-1] == date(2026, 3, 2) + days * DAY


@pytest.mark.parametrize("filled", [False, True])
def test_the_first_step_is_what_comes_next(db: Database, filled: bool) -> None:
    made = factories.begin_world(db, filled=filled)
    with db.reader() as session:
        draft = load_matrix(session, made.candidacy.id).draft
    first, following = planned_steps(draft)[0], next_action(draft)
    assert (first.step, first.competency, first.piece) == (following.step, following.competency, following.piece)
    assert planned_steps(draft)[-1].step == "submit"


def thirty(db: Database) -> tuple[World, list[UUID]]:
    """Thirty candidates invited on a Monday, their whole month to come."""
    made = factories.begin_world(db, filled=False)
    with db.transaction() as session:
        version = session.get_one(CertificationVersion, made.version.id)
        people = [factories.person(session, f"Personne {place}", f"p{place}@exemple.fr") for place in range(30)]
        rows = [factories.candidacy(session, version, person) for person in people]
        for row in rows:
            row.opened_at = START
        return made, [row.id for row in rows]


@pytest.mark.slow
def test_a_month_of_thirty_candidates(db: Database) -> None:
    """Ten work each week, five say no in three ways, five stop, five have never come, five write nothing."""
    made, ids = thirty(db)
    workers, no, stopped, away, silent = ids[:10], ids[10:15], ids[15:20], ids[20:25], ids[25:]
    with db.transaction() as session:
        people = {row: session.get_one(Candidacy, row).candidate_id for row in ids}
        for row in away:
            session.get_one(Person, people[row]).password_hash = None
        for row in no[:2]:
            email_notifications.save_frequency(session, people[row], Frequency.NEVER, at=START)
        for row in no[2:4]:
            pace.set_silence_letters(session, people[row], wanted=False, hour=8, at=START)
        token = email_notifications.unsubscribe_token(
            email_notifications.choice_of(session, people[no[4]], START), email_notifications.SILENCE_PURPOSE
        )
        assert email_notifications.unsubscribe(session, token, at=START) == email_notifications.SILENCE_PURPOSE
        for row in stopped:
            pace.leave(session, row, LeavingReason.TIME, by=people[row], at=START)
        pace.set_silence_letters(session, people[silent[0]], wanted=True, hour=7, at=START)
    for hours in range(0, 31 * 24, 6):
        at = START + timedelta(hours=hours)
        if hours % (7 * 24) == 0:
            with db.transaction() as session:
                for place, row in enumerate(workers):
                    piece = factories.evidence(session, row, number=1 + hours // 168, title=f"Pièce {place}")
                    piece.added_at = piece.changed_at = at
        write_silence_letters(db, at)
        write_silence_letters(db, at)  # a second worker adds none
    with db.reader() as session:
        mails = session.scalars(select(OutgoingEmail).where(OutgoingEmail.unsubscribe.is_not(None))).all()
        written = Counter(mail.person_id for mail in mails)
        journeys = list_journeys(session, Certification.body_id == made.body.id)
        funnel = load_funnel(session, Certification.body_id == made.body.id)
        with_pieces = len(set(session.scalars(select(Evidence.candidacy_id))))
    assert {person: number for person, number in written.items() if person != made.candidate.id} == {
        people[row]: 2 for row in silent
    }
    said = [mail.created_at for mail in mails if mail.person_id == people[silent[0]]]
    # Fourteen days had not passed at seven in Paris: the morning after, then fourteen days later.
    assert [(moment - START) // DAY for moment in said] == [15, 29]
    # The funnel is what the rows say.
    assert len(journeys) == 31
    assert funnel.total.counts[0] == 31
    assert funnel.total.counts[STEPS.index(FunnelStep.FIRST_PIECE)] == with_pieces == 10
    assert funnel.total.counts[STEPS.index(FunnelStep.HALF_COVERED)] is None
    assert funnel.leaving == {LeavingReason.TIME: 5}


def test_a_letter_about_a_silence_names_its_dossier(db: Database) -> None:
    """A person may have two of them."""
    made = factories.begin_world(db, filled=False)
    with db.transaction() as session:
        session.get_one(Candidacy, made.candidacy.id).opened_at = START
    write_silence_letters(db, START + 16.5 * DAY)
    with db.reader() as session:
        [text] = session.scalars(select(OutgoingEmail.text).where(OutgoingEmail.unsubscribe.is_not(None)))
    assert made.version.title in text


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 30), max_size=8))
def test_no_hidden_cell_is_found_by_subtraction(counts: dict[str, int]) -> None:
    whole = sum(counts.values())
    shown = hidden_together(counts, whole)
    assert all(count is None or count >= LEAST_SHOWN for count in shown.values())
    rest = whole - sum(count or 0 for count in shown.values())
    assert rest == 0 or rest >= LEAST_SHOWN or not any(shown.values())


@given(st.lists(st.tuples(st.sampled_from(Route), st.integers(0, 6), st.integers(1, 12)), max_size=60))
def test_a_funnel_never_widens(people: list[tuple[Route, int, int]]) -> None:
    journeys = [
        Journey(route, {step: date(2026, month, 1) for step in (STEPS[0], STEPS[place])})
        for route, place, month in people
    ]
    counts = [count or 0 for count in funnel_of(journeys).total.counts]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == (len(people) if len(people) >= LEAST_SHOWN else 0)


@pytest.mark.records("candidate_resumed", "candidate_stopped", "pace_chosen")
def test_a_candidate_chooses_a_day_takes_the_calendar_and_stops_in_one_tap(
    client: CheckedClient, store: Database
) -> None:
    made = factories.begin_world(store)
    client.log_in(made.candidate.email, PASSWORD)
    address = f"/dossiers/{made.candidacy.id}/rythme"
    until = today() + 90 * DAY
    chosen = {"target_on": until.isoformat(), "letters": "y", "hour": "20", "jury": ""}
    assert client.send(address, chosen).status_code == 303
    assert "par semaine" in client.page(f"/dossiers/{made.candidacy.id}").text
    events = Calendar.from_ical(client.get(f"{address}/etapes.ics").data).walk("VEVENT")
    assert max(event["dtstart"].dt.date() for event in events) == until
    assert {event["dtstart"].dt.hour for event in events} <= {20, 21, 22}
    assert client.send(address, chosen | {"target_on": "1999-01-01"}).status_code == 422
    assert client.send(f"{address}/arret", {"reason": "words"}, form=address).status_code == 303
    with store.reader() as session:
        assert session.get_one(Pace, made.candidacy.id).left_reason is LeavingReason.WORDS
        assert session.get_one(NotificationPreference, made.candidate.id).silence_hour == 20
    assert client.send(f"{address}/reprise", form=address).status_code == 303
    with store.reader() as session:
        assert session.get_one(Pace, made.candidacy.id).left_reason is None


def test_an_advisor_writes_to_several_people_at_once(client: CheckedClient, store: Database) -> None:
    made = factories.begin_world(store)
    with store.transaction() as session:
        version = session.get_one(CertificationVersion, made.version.id)
        other = factories.candidacy(
            session, version, factories.person(session, "Paul"), session.get(Person, made.advisor.id)
        )
        mine, theirs = str(made.candidacy.id), str(other.id)
    client.log_in(made.advisor.email, PASSWORD)
    address = "/accompagnement/message"
    assert client.send(address, {"people": mine, "text": ""}).status_code == 422
    said = {"people": [mine, theirs], "text": "Où en êtes-vous ?"}
    assert client.send(address, said).status_code == 303
    with store.reader() as session:
        rows = session.scalars(select(Message).where(Message.text == "Où en êtes-vous ?")).all()
    assert sorted(str(row.candidacy_id) for row in rows) == sorted([mine, theirs])
