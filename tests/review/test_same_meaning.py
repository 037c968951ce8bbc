"""A mark stands as long as what it speaks of means the same, whatever was saved; every page says so.

On both stores.
"""

from dataclasses import replace

import pytest
from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.dossier.models.dossier import Claim, Narrative
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.rules.assessment import Assessment
from portfolio.domain.dossier.rules.description import CoverNote
from portfolio.domain.dossier.rules.draft import CoverageState, NarrativeText
from portfolio.domain.dossier.rules.texts import ClaimText
from portfolio.domain.dossier.use_cases.claims import add_claims, change_claim, remove_claim
from portfolio.domain.dossier.use_cases.evidence import describe_evidence, remove_evidence, replace_file
from portfolio.domain.dossier.use_cases.matrix import load_matrix
from portfolio.domain.dossier.use_cases.texts import save_narrative
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.review.use_cases.assessments import assess_competency, load_latest_reviews, load_reviews
from portfolio.files.storage.store import new_key
from portfolio.screens.advisor.board.queries import load_board
from portfolio.screens.advisor.dossier.queries import find_competency_page
from tests import factories
from tests.factories import AT, World

STORY = NarrativeText(
    "L’agence perdait des clients.", "J’ai mené l’audit.", "J’ai préféré le mobile.", "Les ventes ont repris."
)


@pytest.fixture
def made(db: Database) -> World:
    """A draft in which every competency has a piece and a story; the first has two, and is marked « couverte »."""
    with db.transaction() as session:
        here = factories.world(session)
        factories.claim(session, here.pieces[4], here.competencies[0])
        ids = here.candidacy.id, here.competencies[0].id
        seen = find_competency_page(session, *ids, here.advisor.id).basis
        assess_competency(session, *ids, Assessment.COVERED, "", seen, by=here.advisor.id, at=AT)
        return here


def states(db: Database, made: World) -> set[bool]:
    """Tell whether the mark is out of date, on each screen that says it: the matrix, the board, the competency."""
    with db.reader() as session:
        line = next(load_matrix(session, made.candidacy.id).lines())
        board = load_board(session, made.advisor.id, AT).lines[0].blocks[0].states[0]
        mark = load_reviews(session, made.candidacy.id, [made.competencies[0].id])[made.competencies[0].id]
        page = find_competency_page(session, made.candidacy.id, made.competencies[0].id, made.advisor.id)
    assert bool(mark.changes) == mark.outdated
    return {
        line.fact.coverage.state is CoverageState.OUTDATED,
        board is CoverageState.OUTDATED,
        mark.outdated,
        page.mark.outdated,
    }


def tell(db: Database, made: World, story: NarrativeText) -> None:
    with db.transaction() as session:
        row = session.scalars(select(Narrative).where(Narrative.competency_id == made.competencies[0].id)).one()
        ids = made.candidacy.id, made.competencies[0].id
        save_narrative(session, *ids, story, row.revision, by=made.candidate.id, at=AT)


def claim_of(session: Session, made: World) -> Claim:
    asked = select(Claim).where(Claim.competency_id == made.competencies[0].id, Claim.evidence_id == made.pieces[0].id)
    return session.scalars(asked).one()


def claim_again(db: Database, made: World, text: ClaimText) -> None:
    with db.transaction() as session:
        row = claim_of(session, made)
        change_claim(session, made.candidacy.id, row.id, text, row.revision, by=made.candidate.id, at=AT)


def describe(db: Database, made: World, role: str) -> None:
    with db.transaction() as session:
        piece = session.get_one(Evidence, made.pieces[0].id)
        names = CoverNote.__dataclass_fields__
        said = replace(CoverNote(**{name: getattr(piece, name) for name in names}), own_role=role)
        describe_evidence(session, made.candidacy.id, piece.id, said, piece.revision, by=made.candidate.id, at=AT)


def test_a_text_dressed_otherwise_leaves_the_mark_and_another_meaning_does_not(db: Database, made: World) -> None:
    assert states(db, made) == {False}
    tell(db, made, replace(STORY, situation="  l'agence  PERDAIT des clients"))
    assert states(db, made) == {False}
    tell(db, made, replace(STORY, situation="L’agence perdait 30 clients."))
    assert states(db, made) == {True}
    tell(db, made, STORY)
    assert states(db, made) == {False}


def test_a_claim_reworded_and_put_back_taken_away_and_made_again(db: Database, made: World) -> None:
    with db.reader() as session:
        row = claim_of(session, made)
    text = ClaimText(row.passage, row.comment)
    claim_again(db, made, replace(text, comment=text.comment.upper()))
    assert states(db, made) == {False}
    claim_again(db, made, replace(text, passage="9"))
    assert states(db, made) == {True}
    claim_again(db, made, text)
    assert states(db, made) == {False}
    with db.transaction() as session:
        remove_claim(session, made.candidacy.id, row.id, by=made.candidate.id, at=AT)
    assert states(db, made) == {True}
    with db.transaction() as session:
        ids = made.candidacy.id, made.pieces[0].id
        add_claims(session, *ids, [made.competencies[0].id], text, by=made.candidate.id, at=AT)
    assert states(db, made) == {False}


def test_a_piece_described_otherwise_and_as_before(db: Database, made: World) -> None:
    with db.reader() as session:
        role = session.get_one(Evidence, made.pieces[0].id).own_role
    describe(db, made, role + " !")
    assert states(db, made) == {False}
    describe(db, made, role + " Avec deux collègues.")
    assert states(db, made) == {True}
    describe(db, made, role)
    assert states(db, made) == {False}


def test_the_matrix_reads_no_text_again_whatever_was_saved_since(db: Database, made: World) -> None:
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    counts = []
    for story in (STORY, replace(STORY, result="Rien n’a repris.")):
        tell(db, made, story)
        asked.clear()
        with db.reader() as session:
            load_matrix(session, made.candidacy.id)
        counts.append(sum("SELECT" in one for one in asked))
    assert counts == [3, 3]


def test_a_piece_taken_away_again_and_a_file_put_back_leave_the_mark_as_it_was(db: Database, made: World) -> None:
    with db.transaction() as session:
        other = factories.evidence(session, made.candidacy.id, 90)
        ids = made.candidacy.id, other.id
        add_claims(
            session, *ids, [made.competencies[0].id], ClaimText("1", "Autre chose."), by=made.candidate.id, at=AT
        )
    tell(db, made, replace(STORY, situation="l’agence PERDAIT des clients"))
    assert states(db, made) == {True}
    with db.transaction() as session:
        remove_evidence(session, *ids, by=made.candidate.id, at=AT)
    assert states(db, made) == {False}
    with db.transaction() as session:
        first = session.get_one(Evidence, made.pieces[0].id).file
        kept = {
            "name": first.name,
            "mime": first.mime,
            "family": first.family,
            "pages": first.pages,
            "size": first.size,
        }
        for sha256, outdated in (("cd" * 32, True), (first.sha256, False)):
            file = ReceivedFile(key=new_key(), sha256=sha256, **kept)
            replace_file(session, made.candidacy.id, made.pieces[0].id, file, by=made.candidate.id, at=AT)
            session.flush()
            line = next(load_matrix(session, made.candidacy.id).lines())
            assert (line.fact.coverage.state is CoverageState.OUTDATED) is outdated
    assert states(db, made) == {False}


def test_what_a_mark_was_given_on_is_read_only_once_it_is_out_of_date(db: Database, made: World) -> None:
    def kept() -> tuple[bool, object]:
        with db.reader() as session:
            mark = load_latest_reviews(session, (made.candidacy.id,))[made.candidacy.id][made.competencies[0].id]
            return "content_snapshot" in inspect(mark).unloaded, inspect(mark).dict["outdated_snapshot"]

    assert kept() == (True, None)
    tell(db, made, replace(STORY, actions="J’ai mené un autre audit."))
    unread, snapshot = kept()
    assert unread
    assert snapshot["story"]["actions"] == STORY.actions
