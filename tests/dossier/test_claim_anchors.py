"""A claim is made from a place in a piece, sealed with that place, and never beyond what the file holds."""

import pytest
from sqlalchemy import select

from portfolio.domain.dossier.models.dossier import Claim
from portfolio.domain.dossier.models.renditions import Page, Rendition
from portfolio.domain.dossier.rules.anchors import Anchor, AnchorErrorCode, anchors_from_json
from portfolio.domain.dossier.rules.assessment import Assessment
from portfolio.domain.dossier.rules.draft import DossierRefusal
from portfolio.domain.dossier.rules.rendition import RenditionKind, RenditionState
from portfolio.domain.dossier.use_cases.claims import MarkedPlace, claim_place, remove_anchor
from portfolio.domain.dossier.use_cases.evidence import replace_file
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.review.use_cases.assessments import assess_competency, basis_of, load_review_context, load_reviews
from portfolio.domain.submission.use_cases import verification
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.errors import Refusal
from tests import factories
from tests.factories import AT
from tests.holdings.closings import SEALED_AT, STATEMENT

REGION = (1200, 800, 5400, 2600)
TEXT = "Bulletin de veille\nJ’ai retenu trois signaux pour la direction."


@pytest.fixture
def world(db):
    """A complete draft; the pages of its first piece are drawn, and the second one says something."""
    with db.transaction() as session:
        made = factories.world(session)
        file = made.pieces[0].file
        drawn = Rendition(file_id=file.id, kind=RenditionKind.PAGES, state=RenditionState.READY, requested_at=AT)
        session.add(drawn)
        session.flush()
        session.add(Page(rendition_id=drawn.id, number=2, text=TEXT))
        return made


def mark(db, world, place: MarkedPlace, comment: str = "", competency: int = 0, piece: int = 0) -> Claim:
    with db.transaction() as session:
        key = claim_place(
            session,
            world.candidacy.id,
            world.pieces[piece].id,
            world.competencies[competency].id,
            place,
            comment,
            by=world.candidate.id,
            at=AT,
        )
    with db.reader() as session:
        return session.get_one(Claim, key)


def refusal(db, world, place: MarkedPlace, **more) -> object:
    with pytest.raises(Refusal) as said:
        mark(db, world, place, **more)
    return said.value.code


def test_a_claim_is_made_from_a_region_and_names_its_page(db, world):
    claim = mark(db, world, MarkedPlace(1, anchor=Anchor(1, 5, REGION)), "On y voit mon plan.", competency=4)
    assert (claim.passage, claim.comment, claim.file_version, claim.revision) == ("5", "On y voit mon plan.", 1, 1)
    assert anchors_from_json(claim.anchors) == (Anchor(1, 5, REGION),)


def test_a_quoted_passage_is_added_to_the_claim_that_is_there_with_what_was_said_before(db, world):
    quote = Anchor(1, 2, quote="trois signaux", position=31)
    claim = mark(db, world, MarkedPlace(1, anchor=quote), "J’ai choisi les signaux.")
    assert claim.passage == "2, 4-5"
    assert claim.comment == "J’ai choisi les sources et rédigé la synthèse.\n\nJ’ai choisi les signaux."
    assert anchors_from_json(claim.anchors) == (quote,)


def test_pages_are_claimed_without_a_place_on_them(db, world):
    claim = mark(db, world, MarkedPlace(1, "7 à 8"), competency=4)
    assert (claim.passage, claim.anchors) == ("7-8", None)


def test_nothing_beyond_the_file_is_claimed(db, world):
    assert refusal(db, world, MarkedPlace(1, anchor=Anchor(1, 13, REGION))) is AnchorErrorCode.NO_SUCH_PAGE
    assert (
        refusal(db, world, MarkedPlace(1, anchor=Anchor(1, 2, quote="autre chose"))) is AnchorErrorCode.QUOTE_NOT_FOUND
    )
    assert refusal(db, world, MarkedPlace(2, "1")) is AnchorErrorCode.REPLACED_VERSION
    with db.reader() as session:
        assert session.scalars(select(Claim).where(Claim.evidence_id == world.pieces[0].id)).one().anchors is None


def test_a_place_is_not_claimed_in_a_sealed_dossier(db, world):
    with db.transaction() as session:
        submit(session, world.candidacy.id, STATEMENT, by=world.candidate.id, at=SEALED_AT)
    assert refusal(db, world, MarkedPlace(1, anchor=Anchor(1, 5, REGION))) is DossierRefusal.SEALED


def test_places_are_sealed_with_the_claim_in_the_second_version_of_the_manifest(db, world):
    mark(db, world, MarkedPlace(1, anchor=Anchor(1, 5, REGION)))
    with db.transaction() as session:
        sealed = submit(session, world.candidacy.id, STATEMENT, by=world.candidate.id, at=SEALED_AT)
        dossier = verification.load_sealed_dossier(session, sealed.id)
    assert dossier.header.version == 2
    assert dossier.competency("1.1").anchors_in("B1-01") == (Anchor(1, 5, REGION),)


def test_an_advisor_sees_that_a_place_was_added_since_their_opinion(db, world):
    path, competency = world.candidacy.id, world.competencies[0].id
    with db.transaction() as session:
        basis = basis_of(load_review_context(session, path, competency))
        assess_competency(session, path, competency, Assessment.COVERED, "", basis, by=world.advisor.id, at=AT)
    mark(db, world, MarkedPlace(1, anchor=Anchor(1, 5, REGION)))
    with db.reader() as session:
        assert load_reviews(session, path, [competency])[competency].outdated


def test_a_place_is_taken_back_and_the_claim_stays(db, world):
    place = Anchor(1, 5, REGION)
    claim = mark(db, world, MarkedPlace(1, anchor=place))
    for _ in range(2):
        with db.transaction() as session:
            remove_anchor(session, world.candidacy.id, claim.id, place.id, by=world.candidate.id, at=AT)
    with db.reader() as session:
        kept = session.get_one(Claim, claim.id)
        assert (kept.anchors, kept.passage, kept.revision) == (None, "4-5", claim.revision + 1)


def test_a_place_stays_with_its_version_when_the_file_is_replaced(db, world):
    mark(db, world, MarkedPlace(1, anchor=Anchor(1, 5, REGION)))
    file = ReceivedFile("ab" * 8, "plan.pdf", "application/pdf", "document", 2, 1200, "cd" * 32)
    with db.transaction() as session:
        replace_file(session, world.candidacy.id, world.pieces[0].id, file, by=world.candidate.id, at=AT)
    with db.reader() as session:
        claim = session.scalars(select(Claim).where(Claim.evidence_id == world.pieces[0].id)).one()
        assert (anchors_from_json(claim.anchors), claim.file_version) == ((Anchor(1, 5, REGION),), 1)
