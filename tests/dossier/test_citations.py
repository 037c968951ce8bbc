"""A claim names pages, or minutes, that the current file of its piece has: one that does not is told, and is
never sealed.
"""

import io

import pytest
from sqlalchemy import func, select

from portfolio.domain.candidacy.models import Submission
from portfolio.domain.dossier.models.dossier import Claim, Dossier
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.models.renditions import Rendition
from portfolio.domain.dossier.rules.citation import CitationErrorCode
from portfolio.domain.dossier.rules.completeness import Gap
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.dossier.rules.next_action import NextStep
from portfolio.domain.dossier.rules.rendition import RenditionKind, RenditionState
from portfolio.domain.dossier.rules.texts import ClaimText
from portfolio.domain.dossier.use_cases.claims import change_claim
from portfolio.domain.dossier.use_cases.evidence import replace_file
from portfolio.domain.dossier.use_cases.matrix import load_matrix, load_missing_items
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.submission.rules.returns import SubmissionRefusal
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.errors import Refusal
from portfolio.files.file_types.types import FileCategory, FileType
from tests import factories, samples
from tests.factories import AT, PASSWORD
from tests.holdings.closings import SEALED_AT, STATEMENT


def file(pages: int | None = 5, kind: FileType = FileType.PDF, seconds: int | None = None) -> ReceivedFile:
    return ReceivedFile(
        f"{kind}{pages}{seconds}", f"plan.{kind}", kind.mime, kind.family.value, pages, 1200, "cd" * 32, seconds
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
    assert (item.gap, item.misplaced.fault.where, item.misplaced.fault.pages) == (Gap.PASSAGE_MISPLACED, "7", 5)
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
        change_claim(session, world.candidacy.id, claim.id, text, claim.revision, by=world.candidate.id, at=AT)
    with db.reader() as session:
        assert load_matrix(session, world.candidacy.id).action.step is NextStep.SUBMIT
    assert deposit(db, world).number == 1


@pytest.mark.parametrize(
    "other",
    [file(None, FileType.MP4, 90), file(None, FileType.JPEG), file(1)],
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


# What each kind of file shows once it is made: so many pages, or so many seconds; a place beyond, and what is
# said of it.
ONE_PAGE = "Cette pièce a une seule page : la page 12 n’existe pas."
EXTENTS = {
    "docx": (file(None, FileType.DOCX), (1, None), "pages 3 à 12", "page 1", ONE_PAGE),
    "odt": (file(None, FileType.ODT), (1, None), "page 12", "page 1", ONE_PAGE),
    "xlsx": (file(None, FileType.XLSX), (1, None), "onglet Budget, p. 12", "onglet Budget", ONE_PAGE),
    "a sheet": (file(None, FileType.XLSX), (1, None), "feuille 5", "feuille 2", "n’est pas dans ce classeur"),
    "a named sheet": (
        file(None, FileType.XLSX),
        (1, None),
        "onglet Ventes",
        "onglet Budget, ligne 3",
        "n’est pas dans ce classeur",
    ),
    "a cell": (
        file(None, FileType.XLSX),
        (1, None),
        "cellules A1:F900",
        "Budget, cellules A1:D12",
        "n’est pas dans ce classeur",
    ),
    "a row": (file(None, FileType.ODS), (1, None), "lignes 3 à 400", "lignes 3 à 12", "n’est pas dans ce classeur"),
    "pptx": (file(None, FileType.PPTX), (1, None), "diapo 12", "diapo 1", ONE_PAGE),
    "eml": (file(None, FileType.EML), (1, None), "12", "message du 3 mai", ONE_PAGE),
    "picture": (file(None, FileType.JPEG), (None, None), "page 12", "page 1, 3e ligne", ONE_PAGE),
    "drawing": (file(None, FileType.SVG), (1, None), "page 12", "en haut", ONE_PAGE),
    "PDF": (file(1), (None, None), "page 12", "1", ONE_PAGE),
    "minutes of a docx": (file(None, FileType.DOCX), (1, None), "12:30", "page 1", "est un moment"),
    "film": (file(None, FileType.MP4), (1, 90), "2:30", "1:00", "Cet enregistrement dure 1:30"),
    "sound": (file(None, FileType.MP3), (1, 90), "1:00-2:30", "1:00", "Cet enregistrement dure 1:30"),
}


def made(session, piece_id, extent: tuple[int | None, int | None]) -> None:
    """Keep what the reader shows of the current file of a piece."""
    query = (
        select(Rendition)
        .join(EvidenceFile)
        .where(EvidenceFile.evidence_id == piece_id, Rendition.kind == RenditionKind.PAGES)
    )
    order = session.scalars(query.order_by(EvidenceFile.number.desc())).first()
    order.state, order.run_after = RenditionState.READY, None
    if any(extent):
        order.key, order.media_type, order.sha256, order.size = f"made/{order.id}", "x/y", "ab" * 32, 10
        order.pages, order.seconds = extent
        if order.file.family == FileCategory.SPREADSHEET.value:
            order.contents = {"sheets": [["Budget", 12, 4], ["Équipe", 30, 3]]}


@pytest.mark.parametrize("kind", EXTENTS)
def test_a_place_beyond_what_the_reader_shows_is_refused_where_it_is_typed(client, store, kind):
    received, extent, beyond, within, said = EXTENTS[kind]
    with store.transaction() as session:
        world = factories.world(session)
        claim = session.scalars(select(Claim).where(Claim.evidence_id == world.pieces[0].id)).one()
        claim_id, competency = claim.id, claim.competency_id
    replaced(store, world, received)
    with store.transaction() as session:
        made(session, world.pieces[0].id, extent)
    home = f"/dossiers/{world.candidacy.id}"
    client.log_in(world.candidate.email, PASSWORD)
    mend, more = f"{home}/liens/{claim_id}", "Je l’ai fait seule."
    refused = client.send(mend, {"passage": beyond, "comment": more})
    assert refused.status_code == 422
    shown = " ".join(refused.text.split())
    assert said in shown
    assert more in shown
    assert client.send(mend, {"passage": within, "comment": more}).status_code == 303
    with store.transaction() as session:
        session.delete(session.get_one(Claim, claim_id))
    piece = world.pieces[0].id
    for address, chosen in (
        (f"{home}/preuves/{piece}/competences", {"competencies": str(competency)}),
        (f"{home}/competences/{competency}/preuves", {"piece": str(piece)}),
    ):
        refused = client.send(address, chosen | {"passage": beyond, "comment": more})
        assert (refused.status_code, said in " ".join(refused.text.split())) == (422, True), address


@pytest.mark.parametrize("kind", EXTENTS)
def test_a_place_beyond_what_the_reader_shows_is_never_sealed(db, world, kind):
    received, extent, beyond, within, _said = EXTENTS[kind]
    replaced(db, world, received)
    with db.transaction() as session:
        claim = session.scalars(select(Claim).where(Claim.evidence_id == world.pieces[0].id)).one()
        claim.passage, claim_id = beyond, claim.id
        made(session, world.pieces[0].id, extent)
    assert [item.gap for item in blocking(db, world)] == [Gap.PASSAGE_MISPLACED]
    with pytest.raises(Refusal) as refused:
        deposit(db, world)
    assert refused.value.code == SubmissionRefusal.NOT_READY
    with db.transaction() as session:
        session.get_one(Claim, claim_id).passage = within
    assert deposit(db, world).number == 1


def test_a_deposit_waits_until_the_pages_that_a_claim_names_are_counted(db, world):
    """A candidate who does not wait names the whole piece; nothing that is never shown holds a deposit."""
    replaced(db, world, file(None, FileType.DOCX))
    with db.transaction() as session:
        claim = session.scalars(select(Claim).where(Claim.evidence_id == world.pieces[0].id)).one()
        claim.passage, claim_id = "page 1", claim.id
    (item,) = blocking(db, world)
    assert item.misplaced.fault.code is CitationErrorCode.NOT_COUNTED_YET
    for free in ("", "paragraphe sur le budget"):
        with db.transaction() as session:
            session.get_one(Claim, claim_id).passage = free
        assert blocking(db, world) == []
    with db.transaction() as session:
        session.get_one(Claim, claim_id).passage = "page 1"
        made(session, world.pieces[0].id, (None, None))
    assert blocking(db, world) == []


def test_a_claim_without_comment_is_asked_for_once_and_kept_so_when_sent_again(client, store):
    with store.transaction() as session:
        world = factories.world(session)
        claim = session.scalars(select(Claim).where(Claim.evidence_id == world.pieces[0].id)).one()
        competency, piece = claim.competency_id, world.pieces[0].id
        session.delete(claim)
    home = f"/dossiers/{world.candidacy.id}"
    client.log_in(world.candidate.email, PASSWORD)
    by_competency, by_piece = f"{home}/competences/{competency}/preuves", f"{home}/preuves/{piece}"
    in_viewer = f"{by_piece}/versions/1/reperes"
    for address, chosen, page in (
        (by_competency, {"piece": str(piece)}, None),
        (f"{by_piece}/competences", {"competencies": str(competency)}, None),
        (in_viewer, {"competency": str(competency), "page": "2"}, f"{by_piece}/versions/1/lire"),
    ):
        asked = client.send(address, {"comment": ""} | chosen, form=page)
        assert asked.status_code == 422, address
        assert "Pourquoi cette preuve" in asked.text
        assert 'name="asked" value="1"' in asked.text
        assert claims_of(store, piece) == []
        again = client.send(address, {"comment": "", "asked": "1"} | chosen, form=page)
        assert again.status_code == 303, address
        (kept,) = claims_of(store, piece)
        mend = f"{home}/liens/{kept.id}"
        assert "Sans commentaire." in client.page(f"{by_piece}/versions/1/lire").text
        # It was asked for already: changing the pages alone asks for nothing.
        assert client.send(mend, {"comment": "", "passage": "2", "revision": kept.revision}).status_code == 303
        with store.transaction() as session:
            session.delete(session.get_one(Claim, kept.id))
    sent = {"files": (io.BytesIO(samples.pdf()), "bilan.pdf"), "comment": ""}
    assert client.send(f"{home}/preuves/ajouter?competence={competency}", sent).status_code == 303
    assert "sinon le jury lira" in client.page(f"{home}/preuves").text


def claims_of(db, piece_id) -> list[Claim]:
    with db.reader() as session:
        return list(session.scalars(select(Claim).where(Claim.evidence_id == piece_id)))
