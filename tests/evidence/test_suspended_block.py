"""A piece that shows a suspended block stays as it is until the certifier's word (R10), on both stores and on its page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portfolio.certificate.rules import LaterKind
from portfolio.certificate.services import grant_from_minutes
from portfolio.db import Database
from portfolio.dossier import services as dossier
from portfolio.dossier.rules import DossierRefusal, Step
from portfolio.evidence import services
from portfolio.evidence.models import Evidence
from portfolio.evidence.rules import Anonymity, BlockStand, Description, EvidenceRefusal, Touch, stays_as_it_is
from portfolio.evidence.services import ReceivedFile
from portfolio.refusal import Refusal
from portfolio.storage.store import new_key
from portfolio.submission.services import reopen
from portfolio.wording import refusals
from tests import factories
from tests.certificate.closings import JUNE, hearing, minutes, sealed
from tests.certificate.later import later

FILE = ReceivedFile("", "plan.pdf", "application/pdf", "document", 1, 1000, "cd" * 32)
SAID = Description(title="Un autre titre", own_role="Un autre rôle.")


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
        reopen(session, made.candidacy.id, by=made.candidate.id, at=factories.AT)
        post = dossier.list_experiences(session, made.candidacy.id)[0].id
        session.get_one(Evidence, made.pieces[0].id).experience_id = post
    later(db, LaterKind.SUSPENSION, made.candidate.id, one, made.certifier.id)
    return made


def refused(db: Database, write: Callable[[Session], object]) -> tuple[object, object]:
    with pytest.raises(Refusal) as found, db.transaction() as session:
        write(session)
    assert refusals()[found.value.code](found.value.facts).replace("\xa0", " ").count("bloc 1, suspendu : ") == 1
    return found.value.code, found.value.facts["block"]


def writes(world: factories.World, piece: Evidence) -> dict[str, Callable[[Session], object]]:
    path, by, at = world.candidacy.id, world.candidate.id, factories.AT
    return {
        "describe": lambda session: services.describe_piece(session, path, piece.id, SAID, piece.revision, by=by, at=at),
        "replace": lambda session: services.replace_file(session, path, piece.id, replace(FILE, key=new_key()), by=by, at=at),
        "remove": lambda session: services.remove_piece(session, path, piece.id, by=by, at=at),
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
        post = dossier.list_experiences(session, path)[0].id
    assert refused(db, lambda session: dossier.remove_experience(session, path, post, by=by, at=factories.AT)) == (
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


@pytest.mark.parametrize("word", [LaterKind.ANNULMENT, LaterKind.CONFIRMATION])
def test_after_the_certifiers_word_it_is_a_piece_like_the_others(db: Database, world: factories.World, word: LaterKind) -> None:
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
        meanwhile = dossier.matrix_of(session, world.candidacy.id)
    assert [piece.number for piece in meanwhile.draft.pieces if not piece.described] == []
    assert meanwhile.action.step is not Step.DESCRIBE_PIECE
    later(db, LaterKind.ANNULMENT, world.candidate.id, world.version.blocks[0], world.certifier.id)
    with db.reader() as session:
        action = dossier.matrix_of(session, world.candidacy.id).action
    assert (action.step, action.piece.number) == (Step.DESCRIBE_PIECE, 1)


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


@given(st.sets(st.sampled_from(BlockStand)))
def test_a_piece_stays_only_for_a_suspended_block_and_whoever_may_not_change_it_may_not_remove_it(shown: set[BlockStand]) -> None:
    stays = {touch: stays_as_it_is(touch, shown) for touch in Touch}
    assert stays[Touch.REMOVE] is (BlockStand.SUSPENDED in shown)
    assert stays[Touch.REMOVE] or not stays[Touch.CHANGE]
    assert not (stays[Touch.CHANGE] and BlockStand.OPEN in shown)
