"""A piece that shows a suspended block stays as it is until the certifier's word (R10), on both stores and on
its page.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.rules.description import (
    Anonymity,
    BlockStatus,
    CoverNote,
    EvidenceChange,
    EvidenceRefusal,
    is_frozen,
)
from portfolio.domain.dossier.rules.draft import DossierRefusal
from portfolio.domain.dossier.rules.next_action import NextStep
from portfolio.domain.dossier.use_cases import evidence, matrix, texts
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.submission.use_cases.submit import open_next_draft
from portfolio.errors import Refusal
from portfolio.files.storage.store import new_key
from portfolio.wording.refusal_messages import refusals
from tests import factories
from tests.holdings.closings import JUNE, hearing, minutes, sealed
from tests.holdings.status_changes import later

FILE = ReceivedFile("", "plan.pdf", "application/pdf", "document", 1, 1000, "cd" * 32)
SAID = CoverNote(title="Un autre titre", own_role="Un autre rôle.")


@pytest.fixture
def world(db: Database) -> factories.World:
    return suspended(db)


def suspended(db: Database) -> factories.World:
    """A jury granted block 1, which is suspended; the draft is open again; its first piece belongs to an experience."""
    with db.transaction() as session:
        made = factories.world(session)
        one, *others = made.version.blocks
        closed = minutes(session, hearing(session, sealed(session, made), JUNE), [one], others)
        grant_from_minutes(session, closed.id, by=made.certifier.id, at=factories.AT)
    with db.transaction() as session:
        open_next_draft(session, made.candidacy.id, by=made.candidate.id, at=factories.AT)
        post = texts.list_experiences(session, made.candidacy.id)[0].id
        session.get_one(Evidence, made.pieces[0].id).experience_id = post
    later(db, StatusChangeKind.SUSPENSION, made.candidate.id, one, made.certifier.id)
    return made


def refused(db: Database, write: Callable[[Session], object]) -> tuple[object, object]:
    with pytest.raises(Refusal) as found, db.transaction() as session:
        write(session)
    assert refusals()[found.value.code](found.value.facts).replace("\xa0", " ").count("bloc 1, suspendu. ") == 1
    return found.value.code, found.value.facts["block"]


def writes(world: factories.World, piece: Evidence) -> dict[str, Callable[[Session], object]]:
    path, by, at = world.candidacy.id, world.candidate.id, factories.AT
    return {
        "describe": lambda session: evidence.describe_evidence(
            session, path, piece.id, SAID, piece.revision, by=by, at=at
        ),
        "replace": lambda session: evidence.replace_file(
            session, path, piece.id, replace(FILE, key=new_key()), by=by, at=at
        ),
        "remove": lambda session: evidence.remove_evidence(session, path, piece.id, by=by, at=at),
    }


def test_a_piece_of_a_suspended_block_is_neither_changed_nor_taken_away(db: Database, world: factories.World) -> None:
    for write in writes(world, world.pieces[0]).values():
        assert refused(db, write) == (EvidenceRefusal.SUSPENDED, 1)
    with db.reader() as session:
        piece = session.get_one(Evidence, world.pieces[0].id)
        assert (piece.removed_at, piece.title, len(piece.files)) == (None, world.pieces[0].title, 1)


def test_the_experience_of_such_a_piece_stays_with_it(db: Database, world: factories.World) -> None:
    path, by = world.candidacy.id, world.candidate.id
    with db.reader() as session:
        post = texts.list_experiences(session, path)[0].id
    assert refused(db, lambda session: texts.remove_experience(session, path, post, by=by, at=factories.AT)) == (
        DossierRefusal.ATTACHED, 1,
    )  # fmt: skip


def test_one_that_shows_an_open_block_too_may_change_but_not_leave(db: Database, world: factories.World) -> None:
    with db.transaction() as session:
        factories.claim(session, session.get_one(Evidence, world.pieces[0].id), world.competencies[2])
    wanted = writes(world, world.pieces[0])
    for name in ("describe", "replace"):
        with db.transaction() as session:
            wanted[name](session)
    assert refused(db, wanted["remove"]) == (EvidenceRefusal.SUSPENDED, 1)
    with db.reader() as session:
        assert len(session.get_one(Evidence, world.pieces[0].id).files) == 2, "the former file is still there"


@pytest.mark.parametrize("word", [StatusChangeKind.ANNULMENT, StatusChangeKind.CONFIRMATION])
def test_after_the_certifiers_word_it_is_a_piece_like_the_others(
    db: Database, world: factories.World, word: StatusChangeKind
) -> None:
    later(db, word, world.candidate.id, world.version.blocks[0], world.certifier.id)
    for write in writes(world, world.pieces[0]).values():
        with db.transaction() as session:
            write(session)
    with db.reader() as session:
        assert session.get_one(Evidence, world.pieces[0].id).removed_at == factories.AT


def test_what_such_a_piece_lacks_is_not_asked_meanwhile(db: Database, world: factories.World) -> None:
    with db.transaction() as session:
        session.get_one(Evidence, world.pieces[0].id).kind = None
        session.get_one(Evidence, world.pieces[2].id).anonymity = Anonymity.NOT_YET
    with db.reader() as session:
        meanwhile = matrix.load_matrix(session, world.candidacy.id)
    assert [piece.number for piece in meanwhile.draft.pieces if not piece.described] == []
    assert meanwhile.action.step is not NextStep.DESCRIBE_PIECE
    later(db, StatusChangeKind.ANNULMENT, world.candidate.id, world.version.blocks[0], world.certifier.id)
    with db.reader() as session:
        action = matrix.load_matrix(session, world.candidacy.id).action
    assert (action.step, action.piece.number) == (NextStep.DESCRIBE_PIECE, 1)


def test_its_page_says_why_and_offers_nothing_that_is_refused(client, store) -> None:
    made = suspended(store)
    assert client.log_in(made.candidate.email, factories.PASSWORD).status_code == 303
    here = f"/dossiers/{made.candidacy.id}/preuves/{made.pieces[0].id}"
    page = client.page(here)
    assert "Cette pièce montre un bloc suspendu : elle reste dans votre dossier" in page.text
    offered = {link["href"] for link in page.all("a")}
    for action in ("description", "fichier", "retirer"):
        assert f"{here}/{action}" not in offered
        answer = client.get(f"{here}/{action}")
        assert answer.status_code == 409
        assert "bloc 1, suspendu" in answer.text
    other = f"/dossiers/{made.candidacy.id}/preuves/{made.pieces[2].id}"
    assert f"{other}/retirer" in {link["href"] for link in client.page(other).all("a")}


@given(st.sets(st.sampled_from(BlockStatus)))
def test_a_piece_stays_only_for_a_suspended_block_and_whoever_may_not_change_it_may_not_remove_it(
    shown: set[BlockStatus],
) -> None:
    stays = {touch: is_frozen(touch, shown) for touch in EvidenceChange}
    assert stays[EvidenceChange.REMOVE] is (BlockStatus.SUSPENDED in shown)
    assert stays[EvidenceChange.REMOVE] or not stays[EvidenceChange.CHANGE]
    assert not (stays[EvidenceChange.CHANGE] and BlockStatus.OPEN in shown)
