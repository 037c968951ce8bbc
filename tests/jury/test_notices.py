"""The candidate is given the day of their jury, each member when, where and in which seat; changes are told.

On both stores.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.jury.models.deliberation import OpinionsOpened
from portfolio.domain.jury.models.sessions import Hearing, JuryMember
from portfolio.domain.jury.rules.passage import SendingReason
from portfolio.domain.jury_session.use_cases import letters as jury_letters
from portfolio.domain.jury_session.use_cases import planning
from portfolio.french_text import date_fr, weekday_fr
from tests.factories import AT
from tests.jury.builders import FIVE, ON_THE_DAY, PRESIDENT, Scene, scene, summon


def letters(db: Database, kind: EmailTemplate) -> list[OutgoingEmail]:
    with db.reader() as session:
        return list(
            session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == kind).order_by(OutgoingEmail.created_at))
        )


def seat_a_president(db: Database, made: Scene) -> JuryMember:
    with db.transaction() as session:
        return planning.name_member(session, made.session_id, PRESIDENT, by=made.certifier.id, at=AT)


def test_the_candidate_is_told_when_and_where_the_jury_hears_them(db: Database) -> None:
    made = scene(db, members=())
    summon(db, made)
    (letter,) = letters(db, EmailTemplate.HEARING_SCHEDULED)
    assert letter.person_id == made.candidate.id
    with db.reader() as session:
        jury = session.get_one(Hearing, made.hearing_id).session
        assert f"Date\u00a0: {weekday_fr(jury.held_on)}" in letter.text
        assert f"Lieu\u00a0: {jury.place}" in letter.text
        assert date_fr(jury.held_on) in letter.subject


def test_the_candidate_is_told_that_the_jury_of_that_day_does_not_hear_them(db: Database) -> None:
    made = scene(db, members=())
    summon(db, made)
    with db.transaction() as session:
        planning.remove_hearing(session, made.session_id, made.hearing_id, by=made.certifier.id, at=AT)
    (letter,) = letters(db, EmailTemplate.HEARING_CANCELLED)
    assert letter.person_id == made.candidate.id
    assert "n’a plus lieu ce jour-là" in letter.text


def test_a_hearing_that_moves_says_both_days(db: Database) -> None:
    made = scene(db, members=())
    with db.transaction() as session:
        hearing = session.get_one(Hearing, made.hearing_id)
        jury_letters.notify_hearing_scheduled(session, hearing, at=AT, moved_from=date(2026, 3, 5))
    (letter,) = (
        outgoing_email
        for outgoing_email in letters(db, EmailTemplate.HEARING_SCHEDULED)
        if "est déplacé" in outgoing_email.text
    )
    assert f"prévu le {date_fr(date(2026, 3, 5))}" in letter.text
    assert "change de date" in letter.subject


def test_a_member_is_summoned_once_to_a_day_a_place_and_a_seat_with_what_to_do(db: Database) -> None:
    made = scene(db, members=(), heard=False)
    member = seat_a_president(db, made)
    with db.transaction() as session:
        again = replace(PRESIDENT, seen=1, quality="Directrice générale")
        planning.name_member(session, made.session_id, again, by=made.certifier.id, at=AT)
    assert letters(db, EmailTemplate.SUMMONS) == []
    summon(db, made)
    (letter,) = letters(db, EmailTemplate.SUMMONS)
    assert letter.person_id == member.person_id
    with db.reader() as session:
        jury = session.get_one(JuryMember, member.id).session
        for words in (
            f"Date\u00a0: {weekday_fr(jury.held_on)}",
            f"Lieu\u00a0: {jury.place}",
            "Votre siège\u00a0: Présidence du jury",
        ):
            assert words in letter.text
    assert "Lisez son dossier" in letter.text
    assert "{acquis}/jurys" in letter.text
    assert "/invitation/" not in letter.text, "it can be handed over by anyone of the body"


def test_a_member_who_leaves_a_seat_is_told_and_the_next_one_summoned(db: Database) -> None:
    made = scene(db, members=(), heard=False)
    first = seat_a_president(db, made)
    summon(db, made)
    with db.transaction() as session:
        other = replace(PRESIDENT, seen=1, email="autre@exemple.fr", name="Autre Présidente")
        planning.name_member(session, made.session_id, other, by=made.certifier.id, at=AT)
    summon(db, made)
    assert [letter.person_id for letter in letters(db, EmailTemplate.SEAT_WITHDRAWN)] == [first.person_id]
    with db.transaction() as session:
        second = session.scalars(select(JuryMember)).one()
        planning.remove_member(session, made.session_id, second.id, by=made.certifier.id, at=AT)
    assert [letter.name for letter in letters(db, EmailTemplate.SUMMONS)][-1] == "Autre Présidente"
    assert [letter.name for letter in letters(db, EmailTemplate.SEAT_WITHDRAWN)][-1] == "Autre Présidente"


def test_a_substitute_is_summoned_as_such(db: Database) -> None:
    made = scene(db, members=(), heard=False)
    seat_a_president(db, made)
    with db.transaction() as session:
        spare = replace(PRESIDENT, rank=1, seen=0, email="suppleante@exemple.fr", name="Suppléante")
        planning.name_member(session, made.session_id, spare, by=made.certifier.id, at=AT)
    summon(db, made)
    assert "en remplacement" in letters(db, EmailTemplate.SUMMONS)[-1].text


def test_opinions_are_in_the_summons_of_those_of_whom_they_are_asked(db: Database) -> None:
    made = scene(db)
    asked = "Donnez votre avis sur chaque compétence"
    summon(db, made)
    assert all(asked in letter.text for letter in letters(db, EmailTemplate.SUMMONS))
    assert all("Avant ce jour" in letter.text for letter in letters(db, EmailTemplate.SUMMONS))

    def summoned_again(seat: Seat, at: datetime) -> str:
        with db.transaction() as session:
            seated = JuryMember.session_id == made.session_id, JuryMember.seat == seat
            member = session.scalars(select(JuryMember).where(*seated)).one()
            jury_letters.summon_member(session, member, member.session, at=at, reason=SendingReason.CHANGED)
            who = member.person_id
        return [letter.text for letter in letters(db, EmailTemplate.SUMMONS) if letter.person_id == who][-1]

    # On the day, the presidency notes what the jury finds, and a member still gives theirs.
    for seat, is_asked in ((Seat.PRESIDENT, False), (Seat.TEACHER_TRAINER, True)):
        text = summoned_again(seat, ON_THE_DAY)
        assert (asked in text) is is_asked
        assert "Avant ce jour" not in text
    with db.transaction() as session:
        session.add(OpinionsOpened(hearing_id=made.hearing_id, opened_at=AT))
    assert asked not in summoned_again(Seat.TEACHER_TRAINER, ON_THE_DAY + timedelta(minutes=5))


def test_a_naming_that_does_not_stand_writes_nothing(db: Database) -> None:
    made = scene(db, members=(), heard=False)

    def interrupted() -> None:
        with db.transaction() as session:
            planning.name_member(session, made.session_id, FIVE[0], by=made.certifier.id, at=AT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert letters(db, EmailTemplate.SUMMONS) == []


def test_the_day_on_which_to_come_is_named():
    assert weekday_fr(date(2026, 12, 1)) == "mardi 1er\u00a0décembre 2026"
    # After midnight in Paris, still the day before in UTC.
    assert weekday_fr(datetime(2026, 6, 20, 22, 30, tzinfo=UTC)) == "dimanche 21\u00a0juin 2026"
