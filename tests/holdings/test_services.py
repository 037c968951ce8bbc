"""Granting from closed minutes: once, under lock, with its number; and what is told of it."""

from datetime import date, timedelta
from threading import Thread
from uuid import UUID

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.candidacy.models import Candidacy, Submission, SubmittedBlock
from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.dossier.use_cases.matrix import load_matrix
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.rules.completion import Label, ResultOf, read_number
from portfolio.domain.holdings.rules.granting import GrantGround
from portfolio.domain.holdings.use_cases.facts import Noted
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes, load_preview
from portfolio.domain.holdings.use_cases.holdings import held_blocks
from portfolio.domain.holdings.use_cases.recompute import explain
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft
from portfolio.domain.jury.rules.enums import FindingValue, Outcome
from portfolio.screens.candidate.results.queries import load_results_page
from portfolio.screens.public.certificate.views import find_public_certificate
from tests import factories
from tests.holdings.closings import JUNE, SEALED_AT, hearing, minutes, sealed
from tests.holdings.edges import again
from tests.holdings.edges import jury as decide

NOVEMBER = date(2026, 11, 5)


@pytest.fixture
def world(db: Database) -> factories.World:
    """A candidate with a complete draft."""
    return factories.begin_world(db)


def everything(db: Database, kind: type) -> list:
    with db.reader() as session:
        return session.scalars(select(kind)).all()


def _bare_submission(session: object, candidacy: Candidacy) -> Submission:
    found = Submission(candidacy=candidacy, number=1, submitted_at=SEALED_AT, manifest=b"[]", root="00" * 32)
    session.add(found)
    session.flush()
    session.add_all(SubmittedBlock(submission_id=found.id, block_id=block.id) for block in candidacy.blocks)
    session.flush()
    return found


def test_a_validated_block_is_granted_with_one_certificate_and_a_refused_one_is_not(
    db: Database, world: factories.World
) -> None:
    closed = decide(db, world, wins=(1, 4), loses=(2, 3))
    with db.reader() as session:
        held = held_blocks(session, world.candidate.id, world.version.id, on=None)
    assert [(held_block.block_number, held_block.granted_on, held_block.reference) for held_block in held.values()] == [
        (1, JUNE, closed.number),
        (4, JUNE, closed.number),
    ]
    assert len({held_block.number for held_block in held.values()}) == 2
    assert all(read_number(held_block.number) == held_block.number for held_block in held.values())
    assert everything(db, Award) == []


def test_a_second_session_gives_the_other_blocks_and_the_whole_once_dated_by_it(
    db: Database, world: factories.World
) -> None:
    decide(db, world, wins=(1, 4), loses=(2, 3))
    again(db, world)
    closed = decide(db, world, wins=(2, 3), on=NOVEMBER)
    (award,) = everything(db, Award)
    assert (award.obtained_on, award.person_id, award.version_id) == (NOVEMBER, world.candidate.id, world.version.id)
    assert len(everything(db, Grant)) == 4
    assert len(everything(db, Certificate)) == 5
    with db.reader() as session:
        page = load_results_page(session, world.candidacy.id, on=date.max)
        whole = find_public_certificate(session, page.whole.number)
    assert whole.labels["session"]["minutes"] == closed.number
    assert (whole.is_whole, whole.delivered_on, whole.labels["block"]) == (True, NOVEMBER, None)


def test_running_the_grants_again_writes_nothing_and_says_the_same(db: Database, world: factories.World) -> None:
    closed = decide(db, world, wins=(1, 2, 3, 4))
    before = {one.number for one in everything(db, Certificate)}
    with db.transaction() as session:
        answers = grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
    assert {answer.ground for answer in answers} == {GrantGround.ALREADY_HELD}
    assert {one.number for one in everything(db, Certificate)} == before
    assert "block_granted_again" not in {line.action for line in everything(db, AuditEvent)}


def test_an_irregular_composition_grants_nothing(db: Database, world: factories.World) -> None:
    decide(db, world, wins=(1, 2, 3, 4), faults=("J7",))
    assert everything(db, Grant) == []
    with db.reader() as session:
        assert {answer.ground for answer in explain(session, world.candidacy.id, on=date.max).answers} == {
            GrantGround.IRREGULAR
        }


def test_an_admissibility_later_than_the_submission_grants_nothing(db: Database, world: factories.World) -> None:
    with db.transaction() as session:
        session.execute(update(Candidacy).values(admissible_on=SEALED_AT.date() + timedelta(days=1)))
    decide(db, world, wins=(1,), loses=(2, 3, 4))
    assert everything(db, Grant) == []


def test_a_block_that_was_not_presented_is_not_granted(db: Database, world: factories.World) -> None:
    with db.transaction() as session:
        candidacy = session.merge(world.candidacy)
        candidacy.blocks, candidacy.scope = list(candidacy.blocks)[:2], Scope.BLOCKS
    decide(db, world, wins=(1, 2, 3))
    with db.reader() as session:
        explanation = explain(session, world.candidacy.id, on=date.max)
    grounds = [answer.ground for answer in explanation.answers]
    assert grounds == [GrantGround.GRANTED, GrantGround.GRANTED, GrantGround.NOT_REQUESTED, GrantGround.NOT_REQUESTED]
    assert (explanation.result.label, explanation.result.of) == (Label.FULL, ResultOf.REQUESTED)


def test_a_block_held_elsewhere_meanwhile_is_not_granted_twice_and_the_second_act_is_logged(
    db: Database, world: factories.World
) -> None:
    with db.transaction() as session:
        first = hearing(session, sealed(session, world))
        version, person = (session.get(CertificationVersion, world.version.id), session.get(Person, world.candidate.id))
        other = hearing(session, _bare_submission(session, factories.candidacy(session, version, person)), NOVEMBER)
        closed = minutes(session, first, version.blocks[:1], version.blocks[1:])
        grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
        second = minutes(session, other, version.blocks[:2])
        grant_from_minutes(session, second.id, by=world.certifier.id, at=factories.AT)
    with db.reader() as session:
        held = held_blocks(session, world.candidate.id, world.version.id, on=None)
        answer = explain(session, world.candidacy.id, on=date.max).answers[0]
        (line,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "block_granted_again"))
    assert [(held_block.block_number, held_block.reference) for held_block in held.values()] == [
        (1, closed.number),
        (2, second.number),
    ]
    assert [act.reference for act in answer.again] == [second.number]
    assert line.details == {"block": 1, "decided_on": "2026-11-05", "stands": "2026-06-18"}


def test_what_is_explained_is_what_was_granted(db: Database, world: factories.World) -> None:
    decide(db, world, wins=(1, 4), loses=(2, 3))
    with db.reader() as session:
        answers = explain(session, world.candidacy.id, on=date.max).answers
        held = held_blocks(session, world.candidate.id, world.version.id, on=None)
    assert {answer.block.id: answer.act for answer in answers if answer.granted} == {
        key: one.act for key, one in held.items()
    }
    assert [certified_competency.number for certified_competency in answers[1].missing] == ["2.2"]


def test_before_anything_is_decided_each_block_says_where_it_stands(db: Database, world: factories.World) -> None:
    with db.reader() as session:
        assert {answer.ground for answer in explain(session, world.candidacy.id, on=date.max).answers} == {
            GrantGround.NOT_PRESENTED
        }
    with db.transaction() as session:
        sealed(session, world)
    with db.reader() as session:
        assert {answer.ground for answer in explain(session, world.candidacy.id, on=date.max).answers} == {
            GrantGround.AWAITING_JURY
        }


def load_noted(session: Session, hearing_id: UUID) -> Noted:
    decisions = session.scalars(select(DecisionDraft).where(DecisionDraft.hearing_id == hearing_id))
    findings = session.scalars(select(FindingDraft).where(FindingDraft.hearing_id == hearing_id))
    return Noted({row.block_id: row.outcome for row in decisions}, {row.competency_id: row.value for row in findings})


def test_a_preview_says_what_closing_would_grant_and_writes_nothing(db: Database, world: factories.World) -> None:
    one, two, three, _ = world.version.blocks
    with db.transaction() as session:
        heard = hearing(session, sealed(session, world))
        for block, outcome in ((one, Outcome.VALIDATED), (two, Outcome.NOT_VALIDATED), (three, Outcome.VALIDATED)):
            session.add(
                DecisionDraft(
                    hearing_id=heard.id, block_id=block.id, outcome=outcome, reason="x", changed_at=factories.AT
                )
            )
        for competency in two.competencies[:2]:
            session.add(
                FindingDraft(
                    hearing_id=heard.id,
                    competency_id=competency.id,
                    value=FindingValue.ACQUIRED,
                    changed_at=factories.AT,
                )
            )
    with db.reader() as session:
        noted = load_noted(session, heard.id)
        found = load_preview(session, heard.id, noted, on=heard.sitting_day)
        irregular = load_preview(session, heard.id, noted, ["J8"], on=heard.sitting_day)
    assert [answer.ground for answer in found.answers] == [
        GrantGround.GRANTED,
        GrantGround.NOT_VALIDATED,
        GrantGround.GRANTED,
        GrantGround.NOT_DECIDED,
    ]
    assert [certified_competency.number for certified_competency in found.answers[1].missing] == ["2.3"]
    assert not found.whole.obtained
    assert not any(answer.granted for answer in irregular.answers)
    assert everything(db, Grant) == []


def test_a_preview_tells_the_whole_when_the_last_block_would_land(db: Database, world: factories.World) -> None:
    decide(db, world, wins=(1, 2, 3), loses=(4,))
    again(db, world)
    with db.transaction() as session:
        heard = hearing(session, sealed(session, world, SEALED_AT + timedelta(days=150)), NOVEMBER)
        block = world.version.blocks[3]
        session.add(
            DecisionDraft(hearing_id=heard.id, block_id=block.id, outcome=Outcome.VALIDATED, changed_at=factories.AT)
        )
    with db.reader() as session:
        found = load_preview(session, heard.id, load_noted(session, heard.id), on=NOVEMBER)
    assert [answer.ground for answer in found.answers] == [GrantGround.ALREADY_HELD] * 3 + [GrantGround.GRANTED]
    assert (found.whole.obtained, found.whole.on) == (True, NOVEMBER)


def test_a_certificate_keeps_its_words_whatever_changes_afterwards(db: Database, world: factories.World) -> None:
    decide(db, world, wins=(4,), loses=(1, 2, 3))
    (before,) = everything(db, Certificate)
    with db.transaction() as session:
        session.get(Person, world.candidate.id).name = "Samia Durand"
    with db.reader() as session:
        found = find_public_certificate(session, before.number)
    assert found.labels == before.printed_text
    assert found.labels["holder"] == "Samia Benali"
    assert found.labels["block"] == {"number": 4, "title": "Déployer un dispositif digital"}
    assert found.labels["certification"]["code"] == "RNCP16959"
    assert found.labels["standing"]["code"] == "protected_L6113_9"
    assert found.labels["standing"]["registration"]["until"] == "2022-01-04"


def test_after_a_training_the_register_counts_from_its_first_day(db: Database, world: factories.World) -> None:
    with db.transaction() as session:
        session.get(Candidacy, world.candidacy.id).route = Route.CONTINUING_TRAINING
    decide(db, world, wins=(4,), loses=(1, 2, 3))
    (certificate,) = everything(db, Certificate)
    standing = certificate.printed_text["standing"]
    assert (standing["code"], standing["ground"]) == ("protected_L6113_9", "training_begun_while_registered")
    assert standing["day"] == world.candidacy.admissible_on.isoformat()


def test_a_number_that_no_certificate_has_finds_nothing(db: Database) -> None:
    with db.reader() as session:
        assert find_public_certificate(session, "K7QD-94MT-XW2B-R8FN") is None


def test_results_carry_the_reasons_of_the_jury_and_the_way_forward(db: Database, world: factories.World) -> None:
    decide(db, world, wins=(1, 4), loses=(2, 3))
    with db.reader() as session:
        page = load_results_page(session, world.candidacy.id, on=date.max)
    second = page.blocks[1]
    assert page.may_prepare
    assert (second.reason, second.recommendation) == (
        "Aucun chiffrage des besoins en personnes.",
        "Joindre un budget d’embauche.",
    )
    assert [(finding.number, finding.value) for finding in second.findings][1] == ("2.2", FindingValue.NOT_ACQUIRED)
    assert page.blocks[0].held.granted_on == JUNE
    assert page.blocks[0].findings == ()
    again(db, world)
    with db.reader() as session:
        assert not load_results_page(session, world.candidacy.id, on=date.max).may_prepare


def test_the_page_of_results_asks_the_same_number_of_queries_whatever_happened(
    db: Database, world: factories.World
) -> None:
    def queries() -> int:
        asked = []
        listener = event.listens_for(db.engine, "before_cursor_execute")
        with db.reader() as session:
            record = listener(lambda *args: asked.append(args[2]))
            load_results_page(session, world.candidacy.id, on=date.max)
            event.remove(db.engine, "before_cursor_execute", record)
        return len(asked)

    decide(db, world, wins=(1,), loses=(2, 3, 4))
    once = queries()
    again(db, world)
    decide(db, world, wins=(2, 3), loses=(4,), on=NOVEMBER)
    assert queries() == once


def test_the_matrix_of_who_holds_a_block_asks_one_question_more_when_there_is_no_equivalence(
    db: Database, world: factories.World
) -> None:
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

    def questions() -> int:
        asked.clear()
        with db.reader() as session:
            load_matrix(session, world.candidacy.id)
        return sum(not one.startswith("BEGIN") for one in asked)

    assert questions() == 3
    decide(db, world, wins=(1, 2), loses=(3, 4))
    assert questions() == 4


def test_two_juries_that_land_the_last_block_on_one_day_make_one_whole(db: Database, world: factories.World) -> None:
    """Ten closings of as many candidacies of one person, at once: one grant a block, one certificate each,
    one whole.
    """
    with db.transaction() as session:
        version, person = (session.get(CertificationVersion, world.version.id), session.get(Person, world.candidate.id))
        ready = []
        for _ in range(10):
            candidacy = factories.candidacy(session, version, person)
            heard = hearing(session, _bare_submission(session, candidacy))
            ready.append(minutes(session, heard, version.blocks).id)
    failures: list[BaseException] = []

    def close(minutes_id: object) -> None:
        try:
            with db.transaction() as session:
                grant_from_minutes(session, minutes_id, by=world.certifier.id, at=factories.AT)
        except BaseException as failure:
            failures.append(failure)

    threads = [Thread(target=close, args=[one]) for one in ready]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(everything(db, Grant)) == 4
    assert len(everything(db, Award)) == 1
    assert len(everything(db, Certificate)) == 5
    # Nine minutes grant nothing new; when another call settled the earliest ones first, it has no line of its
    # own either.
    assert len([line for line in everything(db, AuditEvent) if line.action == "block_granted_again"]) in {32, 36}
