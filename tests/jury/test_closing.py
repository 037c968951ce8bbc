"""Findings, decisions, preview, closing: what is kept, what is refused, what is granted, on both stores."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, func, select

from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.certification.models import Competency
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.holdings.models.grants import Certificate, Grant
from portfolio.domain.holdings.rules.granting import GrantGround
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision, RecordedFinding
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft, Hearing
from portfolio.domain.jury.rules.composition import PredicateId
from portfolio.domain.jury.rules.deliberation import ClosingErrorCode, FindingRecord
from portfolio.domain.jury.rules.enums import Demonstration, FindingValue, JuryRefusal
from portfolio.domain.jury_session.use_cases import closing as closing_use_cases
from portfolio.domain.jury_session.use_cases import hearing_page
from portfolio.domain.jury_session.use_cases import minutes as minutes_use_cases
from portfolio.errors import Conflict, Refusal
from portfolio.screens.juror.home import queries as home_queries
from tests import factories
from tests.jury.builders import (
    ACQUIRED,
    DAY,
    EMPLOYEE,
    NOT_VALIDATED,
    REFUSED,
    VALIDATED,
    close,
    decide,
    deliberate,
    find,
    name,
    next_scene,
    scene,
)

LATER = datetime(2026, 12, 10, 12, 0, tzinfo=UTC)


def refusal_of(act) -> Refusal:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value


def count(db, table) -> int:
    with db.reader() as session:
        return session.scalar(select(func.count()).select_from(table))


def preview_of(db, made):
    with db.reader() as session:
        return closing_use_cases.preview_closing(session, made.hearing_id, DAY)


def test_a_finding_is_kept_and_corrected_until_closing(db):
    made = scene(db)
    first = find(db, made, made.competencies[0], REFUSED)
    second = find(db, made, made.competencies[0], ACQUIRED, revision=first)

    assert (first, second) == (1, 2)
    with db.reader() as session:
        assert session.scalars(select(FindingDraft)).one().value is FindingValue.ACQUIRED


def test_an_older_form_is_shown_what_was_saved_meanwhile(db):
    made = scene(db)
    find(db, made, made.competencies[0], REFUSED)
    with pytest.raises(Conflict) as conflict:
        find(db, made, made.competencies[0], replace(REFUSED, reason="Autre motif."), revision=0)
    assert conflict.value.theirs["reason"] == REFUSED.reason
    assert conflict.value.revision == 1

    decide(db, made, made.blocks[0], NOT_VALIDATED)
    with pytest.raises(Conflict) as conflict:
        decide(db, made, made.blocks[0], VALIDATED, revision=0)
    assert conflict.value.theirs["outcome"] == "not_validated"


def test_the_same_thing_said_twice_is_no_conflict(db):
    made = scene(db)
    assert [find(db, made, made.competencies[0], REFUSED) for _click in range(2)] == [1, 1]
    assert [decide(db, made, made.blocks[0], NOT_VALIDATED) for _click in range(2)] == [1, 1]
    with db.reader() as session:
        verbs = session.scalars(select(AuditEvent.action).where(AuditEvent.object_kind == "hearing")).all()
    assert verbs.count("finding_recorded") == verbs.count("decision_recorded") == 1


def test_only_the_president_writes(db):
    made = scene(db)
    made.members[Seat.PRESIDENT] = made.members[Seat.TEACHER_TRAINER]
    for act in (
        lambda: find(db, made, made.competencies[0]),
        lambda: decide(db, made, made.blocks[0]),
        lambda: close(db, made),
    ):
        assert refusal_of(act).code is JuryRefusal.NOT_PRESIDENT
    assert count(db, FindingDraft) == count(db, DecisionDraft) == count(db, Minutes) == 0


def test_a_president_who_lost_the_seat_writes_nothing_more(db):
    made = scene(db)
    former = made.president
    name(db, made, replace(EMPLOYEE, seat=Seat.PRESIDENT), email="nouveau@exemple.fr", seen=1)
    made.members[Seat.PRESIDENT] = former
    assert refusal_of(lambda: find(db, made, made.competencies[0])).code is JuryRefusal.NOT_PRESIDENT


def test_a_competency_of_another_certification_is_out_of_scope(db):
    made = scene(db)
    with db.transaction() as session:
        foreign = factories.published_version(session, made.body_id, "RNCP99999")
        block, competency = foreign.blocks[0], foreign.blocks[0].competencies[0]
    assert refusal_of(lambda: find(db, made, competency)).code is JuryRefusal.OUT_OF_SCOPE
    assert refusal_of(lambda: decide(db, made, block)).code is JuryRefusal.OUT_OF_SCOPE
    assert refusal_of(lambda: find(db, made, Competency(id=made.candidacy_id))).code is JuryRefusal.OUT_OF_SCOPE


def test_closing_copies_everything_once_and_grants_each_validated_block(db):
    made = scene(db, refused=(2,))
    close(db, made)

    with db.reader() as session:
        minutes = session.scalars(select(Minutes)).one()
        decisions = {one.block_id: one for one in session.scalars(select(RecordedDecision))}
        granted = set(session.scalars(select(Grant.block_id)))
    assert minutes.decided_on == DAY
    assert [member["seat"] for member in minutes.composition["members"]] == factories.SEATS
    assert all(answer["holds"] for answer in minutes.composition["predicates"])
    assert decisions[made.blocks[1].id].reason == NOT_VALIDATED.reason
    assert decisions[made.blocks[1].id].recommendation == "Présentez un budget réel."
    assert count(db, RecordedFinding) == 11
    assert granted == {block.id for block in made.blocks if block.number != 2}
    assert count(db, Certificate) == 3


def test_the_last_block_makes_the_whole(db):
    made = scene(db, refused=())
    close(db, made)
    with db.reader() as session:
        page = minutes_use_cases.load_minutes_page(session, made.hearing_id)
    assert page.whole is not None
    assert [bool(block.certificate) for block in page.blocks] == [True] * 4
    assert count(db, Certificate) == 5


def test_a_second_closing_says_that_it_is_done(db):
    made = scene(db, refused=())
    close(db, made)
    assert refusal_of(lambda: close(db, made)).code is JuryRefusal.ALREADY_CLOSED
    assert refusal_of(lambda: find(db, made, made.competencies[0], REFUSED, 1)).code is JuryRefusal.ALREADY_CLOSED
    assert refusal_of(lambda: decide(db, made, made.blocks[0], NOT_VALIDATED, 1)).code is JuryRefusal.ALREADY_CLOSED
    assert count(db, Minutes) == 1


def test_closing_leaves_one_journal_line(db):
    made = scene(db, refused=())
    before = count(db, AuditEvent)
    close(db, made)
    assert count(db, AuditEvent) == before + 1


@pytest.mark.parametrize(
    ("moment", "possible"),
    [
        (datetime(2026, 6, 17, 21, 59, tzinfo=UTC), False),
        # Midnight in Paris, in summer.
        (datetime(2026, 6, 17, 22, 0, tzinfo=UTC), True),
    ],
)
def test_minutes_are_closed_from_the_day_of_the_session_as_paris_counts_it(db, moment: datetime, possible: bool):
    made = scene(db, refused=())
    if possible:
        close(db, made, moment)
    else:
        faults = refusal_of(lambda: close(db, made, moment)).facts["faults"]
        assert [fault.code for fault in faults] == [ClosingErrorCode.BEFORE_SESSION_DAY]
    assert count(db, Minutes) == possible


def test_what_is_missing_prevents_closing_and_leaves_nothing_half_done(db):
    made = scene(db)
    find(db, made, made.competencies[0])
    refused = refusal_of(lambda: close(db, made))

    assert refused.code is JuryRefusal.NOT_READY
    codes = [fault.code for fault in refused.facts["faults"]]
    assert codes.count(ClosingErrorCode.FINDING_MISSING) == 10
    assert codes.count(ClosingErrorCode.DECISION_MISSING) == 4
    with db.reader() as session:
        assert session.get_one(Hearing, made.hearing_id).closed_at is None
    assert count(db, Minutes) == count(db, Grant) == 0


def test_an_irregular_jury_closes_nothing(db):
    made = scene(db, refused=())
    name(db, made, EMPLOYEE, in_activity=False, seen=1)

    faults = refusal_of(lambda: close(db, made)).facts["faults"]
    assert [(fault.code, fault.facts["predicate"]) for fault in faults] == [
        (ClosingErrorCode.IRREGULAR, PredicateId.J5)
    ]
    assert count(db, Grant) == 0


def test_an_override_is_kept_in_the_minutes_with_its_reason(db):
    made = scene(db, refused=())
    find(db, made, made.blocks[0].competencies[0], FindingRecord(FindingValue.PARTIALLY, "Peu d’exemples."), revision=1)
    faults = refusal_of(lambda: close(db, made)).facts["faults"]
    assert [fault.code for fault in faults] == [ClosingErrorCode.OVERRIDE_REASON_MISSING]

    decide(db, made, made.blocks[0], replace(VALIDATED, override_reason="L’entretien l’a montrée."), revision=1)
    close(db, made)
    with db.reader() as session:
        kept = session.scalars(select(RecordedDecision).where(RecordedDecision.block_id == made.blocks[0].id)).one()
    assert kept.override_reason == "L’entretien l’a montrée."
    assert count(db, Grant) == 4


def test_evidence_never_decides_a_competency_without_a_claim_needs_a_ground(db):
    made = scene(db, filled=False, refused=())
    faults = refusal_of(lambda: close(db, made)).facts["faults"]
    assert {fault.code for fault in faults} == {ClosingErrorCode.GROUND_MISSING}
    assert len(faults) == 10

    for competency in made.competencies[1:]:
        find(db, made, competency, replace(ACQUIRED, ground=Demonstration.INTERVIEW), revision=1)
    close(db, made)
    assert count(db, Grant) == 4


def test_the_preview_says_what_would_be_granted_before_anything_is(db):
    made = scene(db, refused=(3,))
    page = preview_of(db, made)

    assert page.faults == ()
    assert [answer.ground for answer in page.grants.answers] == [
        GrantGround.GRANTED,
        GrantGround.GRANTED,
        GrantGround.NOT_VALIDATED,
        GrantGround.GRANTED,
    ]
    assert not page.grants.whole.obtained
    assert count(db, Grant) == 0


def test_the_preview_grants_nothing_while_the_jury_is_irregular(db):
    made = scene(db, refused=())
    name(db, made, EMPLOYEE, in_activity=False, seen=1)
    page = preview_of(db, made)
    assert [fault.code for fault in page.faults] == [ClosingErrorCode.IRREGULAR]
    assert not any(answer.granted for answer in page.grants.answers)


def test_nothing_of_the_advisor_reaches_the_jury(db):
    made = scene(db)
    with db.reader() as session:
        page = hearing_page.load_hearing_page(session, made.hearing_id)
    assert made.advisor.name not in repr(page)
    assert made.advisor.email not in repr(page)


def test_reading_a_hearing_asks_the_same_number_of_queries_before_and_after_deliberation(db):
    made = scene(db)

    def queries() -> int:
        seen = []
        with db.reader() as session:
            event.listen(session.connection(), "before_cursor_execute", lambda *args: seen.append(args[2]))
            hearing_page.load_hearing_page(session, made.hearing_id)
        return len(seen)

    before = queries()
    deliberate(db, made)
    assert queries() == before <= 20


def test_the_home_of_a_juror_tells_how_far_the_notes_are(db):
    made = scene(db)
    find(db, made, made.competencies[0])
    decide(db, made, made.blocks[0])
    with db.reader() as session:
        (own,) = home_queries.load_juror_home(session, made.president.id, DAY).sessions
        (other,) = home_queries.load_juror_home(session, made.members[Seat.TEACHER_TRAINER].id, DAY).sessions
        assert home_queries.load_juror_home(session, made.candidate.id, DAY).sessions == ()
    (hearing,) = own.hearings
    assert (hearing.presides, hearing.found, hearing.decided, hearing.all_decided) == (True, 1, 1, False)
    # A member whose own opinions are not given sees nothing that the presidency drafted.
    (hearing,) = other.hearings
    assert (hearing.presides, hearing.found, hearing.decided, hearing.all_decided) == (False, 0, 0, False)


@pytest.mark.slow
def test_a_jury_of_a_later_session_sees_held_blocks_locked(db):
    made = scene(db, refused=(2, 4))
    close(db, made)
    again = next_scene(db, made, held_on=LATER.date(), at=LATER)

    with db.reader() as session:
        page = hearing_page.load_hearing_page(session, again.hearing_id)
    assert [block.number for block in page.blocks if block.open] == [2, 4]
    assert [block.held is not None for block in page.blocks] == [True, False, True, False]
    assert refusal_of(lambda: decide(db, again, made.blocks[0])).code is JuryRefusal.OUT_OF_SCOPE
    for block in (made.blocks[1], made.blocks[3]):
        for competency in block.competencies:
            find(db, again, competency)
        decide(db, again, block)
    close(db, again, LATER)
    assert count(db, Grant) == 4
    with db.reader() as session:
        assert minutes_use_cases.load_minutes_page(session, again.hearing_id).whole is not None
