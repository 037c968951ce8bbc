"""Two hundred people at once on one hearing: who was first is decided once, and nobody sees an error of ours."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import func, select

from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision, RecordedFinding
from portfolio.domain.jury.models.sessions import DecisionDraft, Hearing, HearingMember
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury_session.use_cases import closing as closing_use_cases
from portfolio.domain.jury_session.use_cases import deliberation
from portfolio.domain.jury_session.use_cases import planning as planning_use_cases
from portfolio.errors import Conflict, Refusal
from portfolio.screens.certifier.sessions import page_queries
from tests import factories
from tests.jury.builders import (
    ACQUIRED,
    DAY,
    FIVE,
    NOT_VALIDATED,
    ON_THE_DAY,
    SEALED_AT,
    VALIDATED,
    Scene,
    close,
    decide,
    get_all_ready,
    scene,
)
from tests.jury.panels import Heard, candidate_before

pytestmark = pytest.mark.both

MANY = 200
FEW = 20
# Each save of one makes the others read again.
HANDS = 8


def together(act: Callable[[int], str], times: int = MANY) -> Counter[str]:
    """Run an act that many times from one start, a thread each; count what each said.

    Any other error fails.
    """
    start = Barrier(times)

    def one(number: int) -> str:
        start.wait()
        return act(number)

    with ThreadPoolExecutor(times) as pool:
        return Counter(pool.map(one, range(times)))


def answer(act: Callable[[], object]) -> str:
    try:
        act()
    except Refusal as refusal:
        return str(refusal.code)
    except Conflict:
        return "conflict"
    return "done"


def count(db, table) -> int:
    with db.reader() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_two_hundred_closings_give_one_certificate_a_block(db):
    made = scene(db, refused=())
    said = together(lambda _: answer(lambda: close(db, made)))

    assert said == {"done": 1, str(JuryRefusal.ALREADY_CLOSED): MANY - 1}
    assert count(db, Minutes) == 1
    assert count(db, RecordedDecision) == count(db, Grant) == 4
    assert count(db, RecordedFinding) == 11
    assert count(db, Award) == 1
    assert count(db, Certificate) == 5
    with db.reader() as session:
        lines = session.scalars(select(AuditEvent.action).where(AuditEvent.action == "hearing_closed")).all()
    assert len(lines) == 1


def save(db, made, number: int, revision: int) -> int:
    record = replace(NOT_VALIDATED, reason=f"motif {number}", recommendation=f"conseil {number}")
    return decide(db, made, made.blocks[0], record, revision)


@pytest.mark.slow
def test_two_hundred_saves_from_one_page_keep_one_whole_and_show_it_to_the_others(db):
    made = scene(db)
    seen: list[tuple[str, str]] = []

    def act(number: int) -> str:
        try:
            save(db, made, number, revision=0)
        except Conflict as conflict:
            seen.append((conflict.theirs["reason"], conflict.theirs["recommendation"]))
            return "conflict"
        return "done"

    assert together(act) == {"done": 1, "conflict": MANY - 1}
    with db.reader() as session:
        kept = session.scalars(select(DecisionDraft)).one()
    winner = kept.reason.removeprefix("motif ")
    assert kept.recommendation == f"conseil {winner}"
    assert kept.revision == 1
    assert set(seen) == {(kept.reason, kept.recommendation)}


@pytest.mark.slow
def test_two_hundred_saves_of_eight_hands_that_read_before_they_write_all_land_and_the_last_one_stands(db):
    made = scene(db)
    landed: dict[int, int] = {}

    def act(hand: int) -> str:
        revision = 0
        for number in range(hand, MANY, HANDS):
            while number not in landed:
                try:
                    revision = landed[number] = save(db, made, number, revision)
                except Conflict as conflict:
                    revision = conflict.revision
        return "done"

    assert together(act, HANDS) == {"done": HANDS}
    last = max(landed, key=lambda number: landed[number])
    with db.reader() as session:
        kept = session.scalars(select(DecisionDraft)).one()
    assert sorted(landed.values()) == list(range(1, MANY + 1))
    assert (kept.revision, kept.reason, kept.recommendation) == (MANY, f"motif {last}", f"conseil {last}")


@pytest.mark.slow
def test_two_hundred_clicks_on_the_same_text_are_one_save(db):
    made = scene(db)
    assert together(lambda _: answer(lambda: decide(db, made, made.blocks[0], NOT_VALIDATED))) == {"done": MANY}
    with db.reader() as session:
        assert session.scalars(select(DecisionDraft)).one().revision == 1


def test_saves_and_closings_at_once_leave_minutes_that_say_what_the_last_save_said(db):
    made = scene(db, refused=())
    block = made.blocks[0]

    def act(number: int) -> str:
        if number % 2:
            return answer(lambda: close(db, made))
        record = replace(NOT_VALIDATED, reason=f"motif {number}", override_reason=f"écart {number}")
        return answer(lambda: decide(db, made, block, record, revision=1))

    said = together(act)
    assert set(said) <= {"done", "conflict", str(JuryRefusal.ALREADY_CLOSED)}
    with db.reader() as session:
        draft = session.scalars(select(DecisionDraft).where(DecisionDraft.block_id == block.id)).one()
        told = session.scalars(select(RecordedDecision).where(RecordedDecision.block_id == block.id)).one()
    assert (told.outcome, told.reason, told.override_reason) == (draft.outcome, draft.reason, draft.override_reason)


def twenty(db) -> tuple[Scene, list[Heard]]:
    """One session with twenty candidates, everything found and decided for each."""
    made = scene(db, heard=False)
    people = [member.id for member in made.members.values()]
    with db.transaction() as session:
        first = planning_use_cases.add_hearing(
            session, made.session_id, made.submission_id, by=made.certifier.id, at=SEALED_AT
        )
        heard = [Heard(made.candidate, made.candidacy_id, made.submission_id, made.session_id, first.id)]
        heard += [candidate_before(session, made, f"Personne {number}", made.session_id) for number in range(FEW - 1)]
        for one in heard:
            get_all_ready(session, one.hearing_id, people, made.certifier.id, SEALED_AT)
            for block in made.blocks:
                for each in block.competencies:
                    noted = {"revision": 0, "by": made.president.id, "at": ON_THE_DAY}
                    deliberation.record_finding(session, one.hearing_id, each.id, ACQUIRED, **noted)
                deliberation.record_decision(session, one.hearing_id, block.id, VALIDATED, **noted)
    return made, heard


@pytest.mark.slow
def test_twenty_candidates_of_one_session_are_closed_at_once(db):
    made, heard = twenty(db)

    def act(number: int) -> str:
        with db.transaction() as session:
            closing_use_cases.close(session, heard[number].hearing_id, by=made.president.id, at=ON_THE_DAY)
        return "done"

    assert together(act, FEW) == {"done": FEW}
    assert (count(db, Minutes), count(db, Grant), count(db, Award)) == (FEW, FEW * 4, FEW)


def test_a_dossier_put_on_many_lists_at_once_is_on_one(db):
    made = scene(db, heard=False)
    with db.transaction() as session:
        sessions = [made.session_id]
        for number in range(FEW - 1):
            planning = Planning(made.version_id, DAY, f"Ville {number}")
            sessions.append(
                planning_use_cases.plan_session(session, made.body_id, planning, by=made.certifier.id, at=SEALED_AT).id
            )

    def add(number: int) -> None:
        with db.transaction() as session:
            planning_use_cases.add_hearing(
                session, sessions[number], made.submission_id, by=made.certifier.id, at=SEALED_AT
            )

    said = together(lambda number: answer(lambda: add(number)), FEW)
    assert said == {"done": 1, str(JuryRefusal.NOT_WAITING): FEW - 1}
    assert count(db, Hearing) == 1


@pytest.mark.slow
def test_a_jury_named_while_it_closes_never_decides_with_someone_the_minutes_do_not_name(db):
    made = scene(db, refused=())
    newcomer = replace(FIVE[3], email="nouvelle@exemple.fr", name="Nadia Klein", seen=1)

    def act(number: int) -> str:
        if number % 2:
            return answer(lambda: close(db, made))

        def rename() -> None:
            with db.transaction() as session:
                planning_use_cases.name_member(
                    session, made.session_id, newcomer, reason="Malade.", by=made.certifier.id, at=ON_THE_DAY
                )

        return answer(rename)

    said = together(act, FEW)
    # The newcomer has declared and read nothing: once named, nothing closes with them.
    codes = (JuryRefusal.ALREADY_CLOSED, JuryRefusal.NOT_READY)
    assert set(said) <= {"done", "conflict", *map(str, codes)}
    with db.reader() as session:
        minutes = session.scalars(select(Minutes)).one_or_none()
        recorded = set(session.scalars(select(HearingMember.display_name)))
    if minutes is None:
        assert not recorded
    else:
        assert {member["name"] for member in minutes.composition["members"]} == recorded
        assert newcomer.name not in recorded


def test_the_advisor_of_a_candidate_and_a_member_of_their_jury_are_never_one_person(db):
    """One certifier gives the advisor while another seats the same person: only one of the two can be told yes."""
    from portfolio.domain.admissibility.use_cases.opening import assign_advisor
    from portfolio.domain.candidacy.rules.opening import PersonInput

    made = scene(db, members=FIVE[:3])
    both = replace(FIVE[3], email="deux@exemple.fr", name="Deux Chapeaux")
    with db.transaction() as session:
        factories.person(session, both.name, both.email)

    def act(number: int) -> str:
        with db.transaction() as session:
            if number % 2:
                assign_advisor(
                    session, made.candidacy_id, PersonInput(both.email, both.name), by=made.certifier.id, at=SEALED_AT
                )
            else:
                planning_use_cases.name_member(
                    session, made.session_id, both, reason="Siège vide.", by=made.certifier.id, at=SEALED_AT
                )
        return "done"

    said = together(lambda number: answer(lambda: act(number)), FEW)
    assert set(said) <= {"done", "conflict", "advisor_sits", str(JuryRefusal.MEMBER_IS_ADVISOR)}
    with db.reader() as session:
        page = page_queries.load_session_page(session, made.session_id)
    assert not page.hearings[0].irregular
