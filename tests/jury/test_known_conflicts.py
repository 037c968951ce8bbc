"""Conflicts known of a juror of the pool: recorded by the body, or found because a candidate names the same
employer (J10).
"""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.models.pool import Juror, JurorConflict
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.composition import PredicateId
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.rules.juror_card import ConflictKind, same_organisation, shared_organisation
from portfolio.domain.jury.rules.member_status import JurorStep, voters_now
from portfolio.domain.jury_session.use_cases import conflicts_of_interest, deliberation, pool
from portfolio.domain.jury_session.use_cases.declarations import load_member_states
from portfolio.domain.jury_session.use_cases.hearing_page import load_hearing_page
from portfolio.domain.jury_session.use_cases.live import live_fingerprint
from portfolio.domain.jury_session.use_cases.propose_day import load_day_scene
from portfolio.errors import Refusal
from portfolio.screens.certifier.sessions import page_queries
from tests.jury import builders as stage
from tests.jury.builders import ACQUIRED, MANAGER, ON_THE_DAY, PRESIDENT, REFUSED, SUBSTITUTE, TEACHER, Scene

# Where every candidate of the tests worked.
STRUCTURE = "Agence du Port"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Agence du Port", "agence  du port"),
        ("AGENCE DU PORT SARL", "Agence du Port"),
        ("S.A. Évasion & Cie", "Evasion et cie".replace(" et", "")),
        ("Société Horizon", "horizon"),
        ("Crédit des Rives, Nantes", "crédit des rives (agence de Rezé)"),
    ],
)
def test_one_organisation_is_recognised_as_two_people_write_it(one: str, other: str):
    assert same_organisation(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Agence du Port", "Agence du Pont"),
        ("", ""),
        ("Indépendante", "indépendante"),
        ("SARL", "SAS"),
        ("Sans emploi", "sans emploi"),
    ],
)
def test_two_organisations_or_none_are_not_one(one: str, other: str):
    assert not same_organisation(one, other)


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=5))
def test_what_is_shared_is_one_of_the_structures(employer: str, structures: list[str]):
    shared = shared_organisation(employer, structures)
    assert shared in {"", *structures}
    assert not shared or same_organisation(employer, shared)


def employ(db: Database, email: str, employer: str) -> None:
    """The card of a juror gets another employer."""
    with db.transaction() as session:
        juror = session.scalars(select(Juror).where(Juror.email == email)).one()
        card = replace(juror.to_value(), employer=employer)
        pool.change_juror(session, juror, card, revision=juror.revision, by=None, at=ON_THE_DAY)


def record(db: Database, made: Scene, email: str, kind: ConflictKind = ConflictKind.PERSONAL) -> None:
    with db.transaction() as session:
        juror = session.scalars(select(Juror).where(Juror.email == email)).one()
        conflicts_of_interest.record_conflict(
            session, juror, made.candidate.id, kind, by=made.certifier.id, at=ON_THE_DAY
        )


def remove(db: Database, made: Scene, email: str) -> None:
    with db.transaction() as session:
        juror = session.scalars(select(Juror).where(Juror.email == email)).one()
        for row in conflicts_of_interest.list_conflicts(session, juror.id):
            conflicts_of_interest.remove_conflict(session, juror, row.id, by=made.certifier.id, at=ON_THE_DAY)


def lift(db: Database, made: Scene, email: str) -> None:
    with db.transaction() as session:
        juror = session.scalars(select(Juror).where(Juror.email == email)).one()
        for row in conflicts_of_interest.list_conflicts(session, juror.id):
            conflicts_of_interest.lift_conflict(
                session, juror, row.id, "Un homonyme.", by=made.certifier.id, at=ON_THE_DAY
            )


def conflicts(db: Database) -> list[tuple[bool, str, bool]]:
    """Tell whether each is pinned, the organisation that was found, whether it was set aside."""
    with db.reader() as session:
        rows = session.scalars(select(JurorConflict)).all()
        return [(row.is_pinned, row.organisation, row.lifted_at is not None) for row in rows]


def step_of(db: Database, made: Scene, person: UUID) -> JurorStep:
    with db.reader() as session:
        states = load_member_states(session, session.get_one(Hearing, made.hearing_id))
        return next(state.step for state in states if state.person == person)


@pytest.mark.records("pool_conflict_ended", "pool_conflict_found", "pool_conflict_lifted", "pool_juror_changed")
def test_a_shared_employer_is_found_ends_with_the_employer_and_is_set_aside_for_it_only(db):
    made = stage.scene(db)
    teacher = made.members[Seat.TEACHER_TRAINER]
    assert step_of(db, made, teacher.id) is JurorStep.READY
    employ(db, TEACHER.email, "agence du port SAS")
    assert conflicts(db) == [(False, STRUCTURE, False)]
    assert step_of(db, made, teacher.id) is JurorStep.BARRED
    lift(db, made, TEACHER.email)
    assert step_of(db, made, teacher.id) is JurorStep.READY
    employ(db, TEACHER.email, "Agence du Port")
    assert conflicts(db) == [(False, STRUCTURE, True)], "the same organisation stays set aside"
    employ(db, TEACHER.email, "Ailleurs")
    assert conflicts(db) == []
    employ(db, TEACHER.email, "Agence du Port")
    assert conflicts(db) == [(False, STRUCTURE, False)], "found again, it is a new question"


def test_what_the_body_records_outlasts_the_employer_and_what_was_set_aside(db):
    made = stage.scene(db)
    employ(db, TEACHER.email, STRUCTURE)
    lift(db, made, TEACHER.email)
    record(db, made, TEACHER.email)
    assert conflicts(db) == [(True, "", False)]
    employ(db, TEACHER.email, "Ailleurs")
    assert conflicts(db) == [(True, "", False)]
    lift(db, made, TEACHER.email)
    assert conflicts(db) == [(True, "", False)], "one removes it, or it stays"
    employ(db, TEACHER.email, STRUCTURE)
    remove(db, made, TEACHER.email)
    assert conflicts(db) == [(False, STRUCTURE, False)], "the employer is still the same"
    remove(db, made, TEACHER.email)
    assert conflicts(db) == [(False, STRUCTURE, False)], "what is found is set aside with a reason, not removed"


def test_a_member_who_is_named_later_is_compared_and_the_session_says_so(db):
    made = stage.scene(db)
    with db.transaction() as session:
        card = replace(pool.find_juror_by_email(session, made.body_id, TEACHER.email).to_value(), name="Ivan Perrin")
        card = replace(card, email=SUBSTITUTE.email, employer=STRUCTURE)
        pool.add_juror(session, made.body_id, card, by=made.certifier.id, at=ON_THE_DAY)
    assert conflicts(db) == []
    with db.reader() as session:
        scene = load_day_scene(session, made.session_id)
        barred = scene.candidates[made.hearing_id].barred
        assert [scene.cards[juror].email for juror in barred] == [SUBSTITUTE.email], (
            "not proposed, before any conflict is recorded"
        )
    stage.name(db, made, SUBSTITUTE)
    assert conflicts(db) == [(False, STRUCTURE, False)]


def test_the_seat_of_a_barred_member_without_substitute_is_to_be_filled_and_their_vote_counts_no_more(db):
    made = stage.scene(db)
    manager = made.members[Seat.PEDAGOGICAL_MANAGER]
    with db.reader() as session:
        before = live_fingerprint(session, made.hearing_id)
    record(db, made, MANAGER.email)
    with db.reader() as session:
        hearing = session.get_one(Hearing, made.hearing_id)
        sitting = load_member_states(session, hearing)
        assert manager.id not in voters_now(sitting, None)
        assert live_fingerprint(session, made.hearing_id) != before, "the screens of the jury read it again"
        page = load_hearing_page(session, made.hearing_id)
        assert [state.person for state in page.vacant] == [manager.id]
        assert PredicateId.J10_KNOWN in {answer.id for answer in page.answers if answer.prevents}
        (row,) = page_queries.load_session_page(session, made.session_id).hearings
        assert row.vacant == (Seat.PEDAGOGICAL_MANAGER,)


def test_the_substitute_who_presides_writes_anew_what_a_barred_president_drafted(db):
    made = stage.scene(db)
    first, second, *_others = made.competencies
    stage.find(db, made, first, REFUSED)
    stage.find(db, made, second)
    stage.decide(db, made, made.blocks[0], stage.NOT_VALIDATED)
    other = replace(PRESIDENT, email="vidal@exemple.fr", name="Léa Vidal", rank=1)
    with db.transaction() as session:
        stage.account(session, other)
    substitute = stage.name(db, made, other)
    stage.get_ready(db, made, [*(member.id for member in made.members.values()), substitute])
    record(db, made, PRESIDENT.email)
    with db.reader() as session:
        page = load_hearing_page(session, made.hearing_id)
        assert all(line.finding is None and line.revision == 0 for _, line in page.lines)
        assert all(block.decision is None for block in page.blocks)
    facts = {"revision": 0, "at": ON_THE_DAY}
    with pytest.raises(Refusal) as found, db.transaction() as session:
        deliberation.record_finding(session, made.hearing_id, first.id, ACQUIRED, by=made.president.id, **facts)
    assert found.value.code is JuryRefusal.NOT_PRESIDENT
    with db.transaction() as session:
        deliberation.record_finding(session, made.hearing_id, first.id, REFUSED, by=substitute, **facts)
        deliberation.record_decision(
            session, made.hearing_id, made.blocks[0].id, stage.NOT_VALIDATED, by=substitute, **facts
        )
    with db.reader() as session:
        page = load_hearing_page(session, made.hearing_id)
        assert page.competency(first.id)[1].finding == REFUSED
        assert page.competency(second.id)[1].finding is None
        assert page.block(made.blocks[0].id).decision == stage.NOT_VALIDATED
