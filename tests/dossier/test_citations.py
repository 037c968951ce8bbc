"""A claim names pages, or minutes, that the current file of its piece has: one that does not is told, and is
never sealed.
"""

from __future__ import annotations

import io

import pytest
from sqlalchemy import func, select

from portfolio.domain.dossier.models import Claim, Dossier
from portfolio.domain.dossier.rules.completeness import Gap
from portfolio.domain.dossier.rules.next_action import NextStep
from portfolio.domain.dossier.rules.state import DossierState
from portfolio.domain.dossier.rules.texts import ClaimText
from portfolio.domain.dossier.use_cases.claims import change_claim
from portfolio.domain.dossier.use_cases.matrix import load_matrix, load_missing_items
from portfolio.domain.evidence.use_cases.evidence import replace_file
from portfolio.domain.evidence.use_cases.upload_batch import ReceivedFile
from portfolio.domain.submission.models import Submission
from portfolio.domain.submission.rules.refusals import SubmissionRefusal
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.errors import Refusal
from portfolio.files.file_types.types import FileType
from tests import factories, samples
from tests.certificate.closings import SEALED_AT, STATEMENT
from tests.factories import AT, PASSWORD


def file(pages: int | None = 5, kind: FileType = FileType.PDF, seconds: int | None = None) -> ReceivedFile:
    return ReceivedFile(
        f"{kind}{pages}{seconds}",
        f"plan.{kind}",
        kind.mime,
        kind.family.value,
        pages,
        1200,
        "cd" * 32,
        seconds,
    )


@pytest.fixture
def world(db):
    """A complete draft, whose first claim is to the pages 2 to 4 and 7."""
    with db.transaction() as session:
        made = factories.world(session)
        session.scalars(select(Claim).where(Claim.evidence_id == made.pieces[0].id)).one().passage = "2-4, 7"
        session.get_one(Dossier, made.candidacy.id).career = "Mon parcours."
        session.get_one(Dossier, made.candidacy.id).motivation = "Mes raisons."
        session.get_one(Dossier, made.candidacy.id).conclusion = "Mon bilan."
        for piece in made.pieces:
            piece.experience_id = session.scalars(select(factories.Experience.id)).first()
        return made


def replaced(db, world, by: ReceivedFile) -> None:
    with db.transaction() as session:
        replace_file(session, world.candidacy.id, world.pieces[0].id, by, by=world.candidate.id, at=AT)


def blocking(db, world) -> list:
    with db.reader() as session:
        return [item for item in load_missing_items(session, world.candidacy.id) if item.blocks]


def deposit(db, world) -> Submission:
    with db.transaction() as session:
        return submit(session, world.candidacy.id, STATEMENT, by=world.candidate.id, at=SEALED_AT)


def test_a_claim_to_pages_that_a_replaced_file_no_longer_has_is_never_sealed(db, world):
    assert blocking(db, world) == []
    replaced(db, world, file(pages=5))
    (item,) = blocking(db, world)
    assert (item.gap, item.misplaced.fault.where, item.misplaced.fault.pages) == (
        Gap.PASSAGE_MISPLACED,
        "7",
        5,
    )
    with pytest.raises(Refusal) as refused:
        deposit(db, world)
    assert (refused.value.code, refused.value.facts["missing"]) == (SubmissionRefusal.NOT_READY, 1)
    with db.reader() as session:
        assert session.scalar(select(func.count()).select_from(Submission)) == 0
        assert session.get_one(Dossier, world.candidacy.id).state is DossierState.DRAFT


def test_the_next_action_is_to_correct_the_passage_then_the_deposit(db, world):
    replaced(db, world, file(pages=5))
    with db.reader() as session:
        action = load_matrix(session, world.candidacy.id).action
        claim = session.get_one(Claim, action.misplaced.claim_id)
        assert (action.step, claim.evidence_id) == (NextStep.CORRECT_PASSAGE, world.pieces[0].id)
    text = ClaimText("2-4", claim.comment)
    with db.transaction() as session:
        change_claim(
            session, world.candidacy.id, claim.id, text, claim.revision, by=world.candidate.id, at=AT
        )
    with db.reader() as session:
        assert load_matrix(session, world.candidacy.id).action.step is NextStep.SUBMIT
    assert deposit(db, world).number == 1


@pytest.mark.parametrize(
    "other",
    [
        file(None, FileType.MP4, 90),
        file(None, FileType.JPEG),
        file(1),
    ],
    ids=["a film", "a photograph", "a single page"],
)
def test_pages_of_what_has_no_such_pages_are_told(db, world, other):
    replaced(db, world, other)
    assert [item.gap for item in blocking(db, world)] == [Gap.PASSAGE_MISPLACED]


def test_minutes_after_the_end_of_a_recording_are_told(db, world):
    replaced(db, world, file(None, FileType.MP3, 65))
    with db.transaction() as session:
        claim = session.scalars(select(Claim).where(Claim.evidence_id == world.pieces[0].id)).one()
        claim.passage = "0:30-1:05"
    assert blocking(db, world) == []
    replaced(db, world, file(None, FileType.MP3, 40))
    (item,) = blocking(db, world)
    assert item.misplaced.fault.pages == 40


def test_a_claim_for_a_block_that_is_not_presented_prevents_nothing(db, world):
    replaced(db, world, file(pages=5))
    with db.transaction() as session:
        factories.held(session, session.merge(world.candidacy), world.version.blocks[0].id, AT.date())
    assert blocking(db, world) == []


def test_the_piece_the_claim_and_the_deposit_say_it_and_lead_to_where_it_is_mended(client, store, app):
    with store.transaction() as session:
        world = factories.world(session)
        claim = session.scalars(select(Claim).where(Claim.evidence_id == world.pieces[0].id)).one()
        claim.passage, claim_id = "2-4, 7", claim.id
        competency = claim.competency_id
    home = f"/dossiers/{world.candidacy.id}"
    piece, mend = f"{home}/preuves/{world.pieces[0].id}", f"{home}/liens/{claim_id}"
    client.log_in(world.candidate.email, PASSWORD)
    answer = client.send(f"{piece}/fichier", {"file": (io.BytesIO(samples.pdf(pages=5)), "plan.pdf")})
    assert answer.status_code == 303
    said = "Cette pièce a 5 pages : la page 7 n’existe pas."
    page = client.page(piece)
    assert "n’existe plus dans le nouveau fichier" in page.text
    assert said in page.text
    assert page.all("a", href=mend)
    for address in (mend, f"{home}/competences/{competency}"):
        assert said in client.page(address).text
    deposit_page = client.page(f"{home}/depot")
    assert "la page 7 n’existe pas" in deposit_page.text
    assert deposit_page.all("a", href=mend)
    assert not deposit_page.all("input", name="sworn")
    client.send(mend, {"passage": "2-4", "comment": "On y voit que j’ai décidé."})
    assert "n’existe pas" not in client.page(piece).text
    assert client.page(f"{home}/depot/signature").all("input", name="sworn")
