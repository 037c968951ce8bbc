"""Check what is presented when blocks are held, suspended or change meanwhile: nothing is added to or removed from
a scope in silence.
"""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.dossier.models.dossier import Claim
from portfolio.domain.dossier.rules.draft import DossierRefusal, NarrativeText
from portfolio.domain.dossier.rules.texts import ClaimText
from portfolio.domain.dossier.use_cases import claims, texts
from portfolio.domain.dossier.use_cases.matrix import load_matrix
from portfolio.domain.holdings.models.events import Acquisition
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.holdings.use_cases.holdings import block_statuses, held_blocks
from portfolio.domain.jury.models.sessions import DecisionDraft
from portfolio.domain.jury.rules.enums import Outcome
from portfolio.domain.submission.rules.returns import SubmissionRefusal
from portfolio.domain.submission.use_cases.submit import open_next_draft, submit
from portfolio.errors import Refusal
from portfolio.screens.candidate.dossier import competency_page
from portfolio.screens.candidate.submission.queries import load_checklist_page, load_receipt_page
from portfolio.wording.dossier import names as dossier_words
from portfolio.wording.submission import REFUSALS
from tests import factories
from tests.holdings.closings import JUNE, SEALED_AT, STATEMENT, hearing, minutes, sealed
from tests.holdings.status_changes import acquire, candidacy_on, equate, grounds, later, second_version
from tests.jury import builders

LATER = SEALED_AT.replace(month=11)


@pytest.fixture
def world(db: Database) -> factories.World:
    """A first jury granted blocks 1 and 2; the draft is open again."""
    with db.transaction() as session:
        made = factories.world(session)
        one, two, *others = made.version.blocks
        closed = minutes(session, hearing(session, sealed(session, made), JUNE), [one, two], others)
        grant_from_minutes(session, closed.id, by=made.certifier.id, at=factories.AT)
    with db.transaction() as session:
        open_next_draft(session, made.candidacy.id, by=made.candidate.id, at=LATER)
    return made


def act(db: Database, world: factories.World, kind: StatusChangeKind, number: int = 1) -> None:
    later(db, kind, world.candidate.id, world.version.blocks[number - 1], world.certifier.id)


def presented(db: Database, world: factories.World) -> tuple[set[int], list[int], list[int]]:
    with db.reader() as session:
        page = load_checklist_page(session, world.candidacy.id)
        return (
            set(page.presented),
            [block.number for block in page.matrix.blocks if block.held],
            [block.number for block in page.matrix.blocks if block.suspended],
        )


def seal(db: Database, world: factories.World, seen: set[int] | None) -> list[int]:
    with db.transaction() as session:
        found = submit(session, world.candidacy.id, STATEMENT, seen, by=world.candidate.id, at=LATER)
        return [block.number for block in load_receipt_page(session, found.id).dossier.blocks]


def refusal(db: Database, world: factories.World, seen: set[int]) -> Refusal:
    with pytest.raises(Refusal) as refused:
        seal(db, world, seen)
    return refused.value


def test_a_suspended_block_leaves_the_scope_and_does_not_come_back_by_itself(
    db: Database, world: factories.World
) -> None:
    act(db, world, StatusChangeKind.SUSPENSION)
    assert presented(db, world) == ({3, 4}, [], [1, 2])
    assert seal(db, world, {3, 4}) == [3, 4]


def test_a_confirmed_block_is_held_again_and_an_annulled_one_is_to_present(
    db: Database, world: factories.World
) -> None:
    act(db, world, StatusChangeKind.SUSPENSION)
    act(db, world, StatusChangeKind.CONFIRMATION)
    assert presented(db, world) == ({3, 4}, [1, 2], [])
    act(db, world, StatusChangeKind.ANNULMENT)
    assert presented(db, world) == ({1, 2, 3, 4}, [], [])


def test_a_suspended_block_is_shown_in_the_draft_as_neither_held_nor_to_prove(
    db: Database, world: factories.World
) -> None:
    act(db, world, StatusChangeKind.SUSPENSION)
    with db.reader() as session:
        blocks = load_matrix(session, world.candidacy.id).blocks
        stand = block_statuses(session, world.candidate.id, world.version.id, on=None)
    assert [(block.held is not None, block.suspended, len(block.lines)) for block in blocks[:3]] == [
        (False, True, 0), (False, True, 0), (False, False, 3)
    ]  # fmt: skip
    assert (set(stand.held), len(stand.suspended)) == (set(), 2)


@pytest.mark.records(
    "claim_changed",
    "claim_removed",
    "draft_reopened",
    "evidence_claimed",
    "grant_annulment",
    "grant_suspension",
    "narrative_saved",
)
def test_a_suspended_block_is_not_written_before_the_certifiers_word(db: Database, world: factories.World) -> None:
    """Neither held nor lost (R10): its texts stay as they are, whichever way the certifier decides."""
    path, competency, by = world.candidacy.id, world.competencies[0], world.candidate.id
    with db.reader() as session:
        claim = session.scalars(select(Claim.id).where(Claim.competency_id == competency.id)).one()
    writes: tuple[Callable[[Session], object], ...] = (
        lambda session: texts.save_narrative(session, path, competency.id, NarrativeText("Autre"), 1, by=by, at=LATER),
        lambda session: claims.add_claims(
            session, path, world.pieces[1].id, [competency.id], ClaimText(), by=by, at=LATER
        ),
        lambda session: claims.change_claim(session, path, claim, ClaimText("9"), 1, by=by, at=LATER),
        lambda session: claims.remove_claim(session, path, claim, by=by, at=LATER),
        lambda session: competency_page.find_competency_page(session, path, competency.id),
    )
    act(db, world, StatusChangeKind.SUSPENSION)
    for write in writes:
        with pytest.raises(Refusal) as refused, db.transaction() as session:
            write(session)
        assert (refused.value.code, refused.value.facts) == (DossierRefusal.SUSPENDED, {"block": 1})
    assert "suspendu" in dossier_words.REFUSALS[DossierRefusal.SUSPENDED](refused.value.facts)
    act(db, world, StatusChangeKind.ANNULMENT)
    for write in writes:
        with db.transaction() as session:
            write(session)


def test_a_held_block_presented_again_is_refused_and_told_by_which_act_it_is_held(
    db: Database, world: factories.World
) -> None:
    found = refusal(db, world, {2, 3, 4})
    assert found.code is SubmissionRefusal.BLOCK_HELD
    words = REFUSALS[found.code](found.facts).replace("\xa0", " ")
    assert (
        "Le bloc 2 vous est acquis définitivement depuis le 18 juin 2026, par décision du jury (procès-verbal 2026-01)"
        in words
    )


def test_a_suspended_block_presented_is_refused_with_its_reason(db: Database, world: factories.World) -> None:
    act(db, world, StatusChangeKind.SUSPENSION)
    found = refusal(db, world, {1, 3, 4})
    assert found.code is SubmissionRefusal.BLOCK_SUSPENDED
    assert "ni acquis ni perdu" in REFUSALS[found.code](found.facts).replace("\xa0", " ")


def test_a_block_that_becomes_free_between_the_page_and_the_click_does_not_enter_in_silence(
    db: Database, world: factories.World
) -> None:
    act(db, world, StatusChangeKind.ANNULMENT)
    assert refusal(db, world, {3, 4}).code is SubmissionRefusal.SCOPE_CHANGED


@pytest.mark.records("block_acquired_elsewhere")
def test_a_block_acquired_between_the_page_and_the_click_does_not_leave_in_silence(
    db: Database, world: factories.World
) -> None:
    acquire(db, world.candidacy.id, world.version.blocks[2], world.certifier.id)
    found = refusal(db, world, {3, 4})
    assert found.code is SubmissionRefusal.BLOCK_HELD
    assert "par une autre voie" in REFUSALS[found.code](found.facts).replace("\xa0", " ")
    with db.reader() as session:
        assert session.scalars(select(Acquisition)).one().block_id == world.version.blocks[2].id


def test_when_only_suspended_blocks_are_left_there_is_nothing_to_prepare(db: Database) -> None:
    with db.transaction() as session:
        made = factories.world(session)
        closed = minutes(session, hearing(session, sealed(session, made), JUNE), made.version.blocks)
        grant_from_minutes(session, closed.id, by=made.certifier.id, at=factories.AT)
    act(db, made, StatusChangeKind.SUSPENSION)
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        open_next_draft(session, made.candidacy.id, by=made.candidate.id, at=LATER)
    assert refused.value.code is SubmissionRefusal.ONLY_SUSPENDED_LEFT


def test_a_suspended_block_holds_back_what_it_is_worth_in_another_version(db: Database, world: factories.World) -> None:
    with db.transaction() as session:
        other = second_version(session, world.version)
        candidacy_on(session, other, world.candidate.id)
        theirs = other.blocks[0]
    equate(db, world.version.blocks[0], theirs, "identical", world.certifier.id)
    act(db, world, StatusChangeKind.SUSPENSION)
    with db.reader() as session:
        stand = block_statuses(session, world.candidate.id, other.id, on=None)
    assert (set(stand.held), set(stand.suspended)) == (set(), {theirs.id})


def test_an_unfavourable_decision_on_a_block_that_became_held_meanwhile_has_no_effect(db: Database) -> None:
    """A held block that reached a jury anyway: the equivalence was declared between the seal and the minutes
    (domain §5).
    """
    made = builders.scene(db, refused=(1,))
    with db.transaction() as session:
        version = session.get_one(CertificationVersion, made.version_id)
        assert [len(block.competencies) for block in version.blocks] == [2, 3, 3, 3]  # read before anything is added
        other = second_version(session, version)
        elsewhere = candidacy_on(session, other, made.candidate.id)
        theirs = other.blocks[0]
    acquire(db, elsewhere.id, theirs, made.certifier.id)
    equate(db, theirs, made.blocks[0], "identical", made.certifier.id)
    with db.reader() as session:
        assert session.scalars(
            select(DecisionDraft.outcome).where(DecisionDraft.block_id == made.blocks[0].id)
        ).one() is Outcome.NOT_VALIDATED  # fmt: skip
    builders.close(db, made)
    with db.reader() as session:
        held = held_blocks(session, made.candidate.id, made.version_id, on=None)
    assert made.blocks[0].id in held
    assert held[made.blocks[0].id].source == "equivalence"
    assert len(held) == 4
    assert grounds(db, made.candidacy_id)[0] == "granted"
