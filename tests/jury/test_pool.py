"""The pool of jurors: cards, the link by which a person fills in their own, the same jury as the last time."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.jury.models.pool import Juror
from portfolio.domain.jury.models.sessions import JuryMember, JurySession
from portfolio.domain.jury.rules.composition import Affiliation
from portfolio.domain.jury.rules.enums import AffiliationKind, College, OrganisationKind, TiesAnswer
from portfolio.domain.jury.rules.juror_card import (
    Availability,
    AvailabilityPeriod,
    HalfDay,
    JurorCard,
    Planning,
    PoolRefusal,
    SeatPrefill,
    availability_on,
    card_of,
    member_input,
)
from portfolio.domain.jury_session.use_cases import planning, pool
from portfolio.domain.jury_session.use_cases.former_jury import find_former_jury, seat_former_members
from portfolio.errors import Conflict
from tests.jury import builders as stage
from tests.jury.assert_refused import refusal_of
from tests.jury.builders import DAY, FIVE, PRESIDENT, SEALED_AT, Scene

CARD = JurorCard("Nadia Kacem", "Nadia.Kacem@exemple.fr", quality="Directrice", college=College.EMPLOYERS)
TIE = Affiliation(AffiliationKind.TEACHING, OrganisationKind.CERTIFIER, "Institut de l’exemple")


@pytest.mark.parametrize(
    ("periods", "morning"),
    [
        ((), Availability.UNKNOWN),
        ((AvailabilityPeriod(DAY, DAY),), Availability.FREE),
        ((AvailabilityPeriod(DAY, DAY, HalfDay.AFTERNOON),), Availability.UNKNOWN),
        (
            (AvailabilityPeriod(DAY - timedelta(days=9), DAY), AvailabilityPeriod(DAY, DAY, None, False)),
            Availability.BUSY,
        ),
        ((AvailabilityPeriod(DAY + timedelta(days=1), DAY + timedelta(days=2)),), Availability.UNKNOWN),
    ],
)
def test_a_day_without_an_answer_is_unknown_and_a_refusal_outweighs(periods, morning):
    assert availability_on(periods, DAY, HalfDay.MORNING) is morning


@pytest.mark.parametrize("named", FIVE, ids=lambda one: one.seat)
def test_a_card_made_from_a_member_prefills_the_same_seat(named):
    certification = SEALED_ID
    again = member_input(SeatPrefill(card_of(named, certification), named.seat, certification_id=certification))
    # The act that appoints a president belongs to one session: it is no part of the card.
    assert again == replace(named, appointed_on=None, appointed_by_director=False, ties_answer=named.settled_ties)


SEALED_ID = stage.factories.uuid4()


def add(db: Database, made: Scene, card: JurorCard = CARD) -> Juror:
    with db.transaction() as session:
        return pool.add_juror(session, made.body_id, card, by=made.certifier.id, at=SEALED_AT)


def test_an_address_is_in_the_pool_once_and_the_refusal_names_who_has_it(db):
    made = stage.scene(db, members=(), heard=False)
    first = add(db, made)
    refused = refusal_of(lambda: add(db, made, replace(CARD, name="N. Kacem", email=" nadia.kacem@EXEMPLE.fr")))
    assert (refused.code, refused.facts["name"], refused.facts["juror_id"]) == (
        PoolRefusal.ALREADY_IN_POOL,
        "Nadia Kacem",
        first.id,
    )


def test_a_card_saved_meanwhile_is_not_overwritten(db):
    made = stage.scene(db, members=(), heard=False)
    juror_id = add(db, made).id
    with db.transaction() as session:
        juror = pool.find_juror(session, made.body_id, juror_id, lock=True)
        pool.change_juror(
            session, juror, replace(CARD, name="Nadia K."), revision=1, by=made.certifier.id, at=SEALED_AT
        )
    with db.transaction() as session:
        juror = pool.find_juror(session, made.body_id, juror_id, lock=True)
        with pytest.raises(Conflict) as stopped:
            pool.change_juror(session, juror, CARD, revision=1, by=made.certifier.id, at=SEALED_AT)
    assert stopped.value.theirs["name"] == "Nadia K."
    assert stopped.value.revision == 2


def test_a_person_named_to_a_jury_is_in_the_pool_with_what_was_declared(db):
    made = stage.scene(db, heard=False)
    with db.reader() as session:
        cards = {
            row.email: row.to_value() for row in session.scalars(select(Juror).where(Juror.body_id == made.body_id))
        }
    assert set(cards) == {one.email for one in FIVE}
    president = cards[PRESIDENT.email]
    assert (president.college, president.seats, president.settled_ties) == (
        College.EMPLOYERS,
        (Seat.PRESIDENT,),
        TiesAnswer.NONE,
    )
    assert len(president.qualified_for) == 1


def test_members_of_earlier_juries_are_taken_into_the_pool_once(db):
    made = stage.scene(db, heard=False)
    with db.transaction() as session:
        for row in session.scalars(select(Juror)):
            session.delete(row)
    with db.transaction() as session:
        assert pool.count_former_members(session, made.body_id) == 5
        assert pool.import_former_members(session, made.body_id, by=made.certifier.id, at=SEALED_AT) == 5
        assert pool.count_former_members(session, made.body_id) == 0
        assert pool.import_former_members(session, made.body_id, by=made.certifier.id, at=SEALED_AT) == 0


def link_of(db: Database, made: Scene, juror_id) -> str:
    with db.transaction() as session:
        juror = pool.find_juror(session, made.body_id, juror_id, lock=True)
        pool.send_card_link(session, juror, by=made.certifier.id, at=SEALED_AT)
    with db.reader() as session:
        mail = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "juror_card")).all()[-1]
        found = re.search(r"/fiche-jure/([\w-]+)", mail.text)
        assert found
        return found[1]


def test_a_person_fills_in_their_own_card_until_the_link_ends_and_changes_nothing_that_the_body_decides(db):
    made = stage.scene(db, members=(), heard=False)
    juror_id = add(db, made, replace(CARD, seats=(Seat.PRESIDENT,), distance_km=12)).id
    token = link_of(db, made, juror_id)
    typed = replace(
        CARD, email="autre@exemple.fr", employer="Atelier Sud", is_director=True, distance_km=900, ties=(TIE,)
    )
    with db.transaction() as session:
        pool.fill_card(session, token, typed, revision=1, at=SEALED_AT)
    with db.reader() as session:
        kept = pool.find_juror(session, made.body_id, juror_id)
        card = kept.to_value()
        assert kept.filled_at == SEALED_AT
        assert (card.employer, card.ties) == ("Atelier Sud", (TIE,))
        assert (card.email, card.is_director, card.distance_km, card.seats) == (
            CARD.email.casefold(),
            False,
            12,
            (Seat.PRESIDENT,),
        )
        late = SEALED_AT + timedelta(days=22)
        assert pool.find_card(session, token, at=late) is None
    with db.transaction() as session:
        refused = refusal_of(lambda: pool.fill_card(session, token, typed, revision=2, at=late))
    assert refused.code is PoolRefusal.LINK_ENDED


@pytest.mark.records("pool_link_sent")
def test_a_new_link_and_a_removal_end_the_link_before(db):
    made = stage.scene(db, members=(), heard=False)
    juror_id = add(db, made).id
    first = link_of(db, made, juror_id)
    with db.transaction() as session:
        juror = pool.find_juror(session, made.body_id, juror_id, lock=True)
        pool.send_card_link(session, juror, by=made.certifier.id, at=SEALED_AT)
        session.flush()
        assert pool.find_card(session, first, at=SEALED_AT) is None
        pool.remove_juror(session, juror, by=made.certifier.id, at=SEALED_AT)
        assert juror.link_hash is None
        assert refusal_of(lambda: pool.send_card_link(session, juror, by=made.certifier.id, at=SEALED_AT)).code is (
            PoolRefusal.REMOVED
        )


def next_session(db: Database, made: Scene, held_on: date = DAY + timedelta(days=90)):
    with db.transaction() as session:
        plan = Planning(made.version_id, held_on, "Lyon")
        return planning.plan_session(session, made.body_id, plan, by=made.certifier.id, at=SEALED_AT).id


def seat_again(db: Database, made: Scene, session_id, ids) -> None:
    with db.transaction() as session:
        seat_former_members(session, session_id, ids, {}, keeps_act=True, by=made.certifier.id, at=SEALED_AT)


def test_the_same_jury_as_the_last_time_takes_its_seats_with_its_act_when_it_still_holds(db):
    made = stage.scene(db, heard=False)
    later = next_session(db, made)
    with db.transaction() as session:
        former = find_former_jury(session, session.get_one(JurySession, later))
        assert [member.named.name for member in former.members] == [one.name for one in FIVE]
        ids = [member.id for member in former.members]
        seat_former_members(session, later, ids, {}, keeps_act=True, by=made.certifier.id, at=SEALED_AT)
    with db.reader() as session:
        members = session.scalars(select(JuryMember).where(JuryMember.session_id == later)).all()
        president = next(member for member in members if member.seat is Seat.PRESIDENT)
        assert {member.to_input().email for member in members} == {one.email for one in FIVE}
        assert (president.appointed_on, president.appointed_by_director) == (PRESIDENT.appointed_on, True)
        assert president.appointment_id is not None


@pytest.mark.records("former_jury_named")
def test_without_its_act_the_president_is_to_appoint_again(db):
    made = stage.scene(db, heard=False)
    later = next_session(db, made)
    with db.transaction() as session:
        former = find_former_jury(session, session.get_one(JurySession, later))
        ids = [member.id for member in former.members]
        named = seat_former_members(session, later, ids, {}, keeps_act=False, by=made.certifier.id, at=SEALED_AT)
        president = next(jury_member for jury_member in named if jury_member.seat is Seat.PRESIDENT)
        assert (president.appointed_on, president.appointment_id) == (None, None)


def test_a_seat_given_meanwhile_stops_the_same_jury_and_tells_who_was_chosen(db):
    made = stage.scene(db, heard=False)
    later = next_session(db, made)
    with db.transaction() as session:
        other = replace(
            PRESIDENT, email="autre@exemple.fr", name="Lise Autre", appointed_on=None, appointed_by_director=False
        )
        planning.name_member(session, later, other, by=made.certifier.id, at=SEALED_AT)
    with db.reader() as session:
        ids = [member.id for member in find_former_jury(session, session.get_one(JurySession, later)).members]
    with pytest.raises(Conflict) as stopped:
        seat_again(db, made, later, ids)
    assert stopped.value.theirs["name"] == "Lise Autre"
    with db.reader() as session:
        assert len(session.scalars(select(JuryMember).where(JuryMember.session_id == later)).all()) == 1


@pytest.mark.records("pool_juror_removed", "pool_juror_restored")
def test_a_person_taken_out_of_the_pool_is_put_back(db):
    made = stage.scene(db, members=(), heard=False)
    juror_id = add(db, made).id
    with db.transaction() as session:
        juror = session.get_one(Juror, juror_id)
        pool.remove_juror(session, juror, by=made.certifier.id, at=SEALED_AT)
        assert juror.removed_at == SEALED_AT
        pool.restore_juror(session, juror, by=made.certifier.id, at=SEALED_AT)
    with db.reader() as session:
        assert session.get_one(Juror, juror_id).removed_at is None
