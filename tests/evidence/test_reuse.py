"""A person takes a piece of another of their candidacies over; each candidacy keeps its own."""

import io

import pytest
from sqlalchemy import select

from portfolio.domain.dossier.models.dossier import Claim
from portfolio.domain.dossier.models.evidence import Evidence, PrivateFile
from portfolio.domain.dossier.models.renditions import Rendition
from portfolio.domain.dossier.rules.draft import DossierRefusal
from portfolio.domain.dossier.use_cases import reuse
from portfolio.domain.dossier.use_cases.uploads import upload_batch
from portfolio.errors import Refusal
from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.store import StoreUnavailable
from tests import factories
from tests.factories import AT

CONTENT = b"%PDF-1.4 une preuve"


def read(files, key: str) -> bytes:
    with files.open(key) as content:
        return content.read()


@pytest.fixture
def files(tmp_path):
    return LocalStore(tmp_path / "files")


@pytest.fixture
def two(db, files):
    """A candidate with a piece in one candidacy, and another candidacy without any; and a stranger's piece."""
    with db.transaction() as session:
        world = factories.world(session)
        body = factories.body(session, "Une autre école")
        version = factories.published_version(session, body.id, "RNCP40000")
        second = factories.candidacy(session, version, session.get_one(type(world.candidate), world.candidate.id))
        piece = session.get_one(Evidence, world.pieces[0].id)
        kept = files.save(piece.file.key, io.BytesIO(CONTENT))
        piece.file.size, piece.file.sha256 = kept.size, kept.sha256
        return world, second.id


@pytest.mark.records("evidence_reused")
@pytest.mark.records("evidence_reused")
def test_a_piece_is_taken_over_with_its_note_and_a_file_of_its_own(db, files, two):
    world, second = two
    with db.reader() as session:
        chosen = [one for one in reuse.list_reusable(session, second) if one[0].id == world.pieces[0].id]
    with upload_batch(files, 10**6) as batch:
        copies = reuse.copy_files(files, batch, chosen)
        with db.transaction() as session:
            (made,) = reuse.reuse_evidence(session, second, copies, by=world.candidate.id, at=AT)
        batch.keep()
    with db.reader() as session:
        source, piece = session.get_one(Evidence, world.pieces[0].id), session.get_one(Evidence, made)
        assert (piece.candidacy_id, piece.number, piece.title, piece.kind) == (second, 1, source.title, source.kind)
        assert piece.experience_id is None
        assert piece.file.sha256 == source.file.sha256
        assert piece.file.key != source.file.key
        assert read(files, piece.file.key) == CONTENT
        assert session.scalars(select(Rendition).where(Rendition.file_id == piece.file.id)).all()
        assert world.pieces[0].id not in {one.id for one, _ in reuse.list_reusable(session, second)}, "already there"
    files.delete(source.file.key)
    assert read(files, piece.file.key) == CONTENT, "erasing one keeps the other"


def test_what_a_file_serves_in_another_dossier_is_said_to_its_author_alone(db, two):
    world, second = two
    with db.transaction() as session:
        digest = session.get_one(Evidence, world.pieces[0].id).file.sha256
        version = factories.published_version(session, factories.body(session, "Encore une").id, "RNCP50000")
        stranger = factories.candidacy(session, version, factories.person(session, "Paul Morel")).id
        served = reuse.load_served_elsewhere(session, second, [digest])[digest]
        claimed = {
            claim.competency.label
            for claim in session.scalars(select(Claim).where(Claim.evidence_id == world.pieces[0].id))
        }
        assert claimed
        assert {label for labels in served.values() for label in labels} == claimed
        assert reuse.load_served_elsewhere(session, world.candidacy.id, [digest]) == {}
        assert reuse.load_served_elsewhere(session, stranger, [digest]) == {}


def test_a_piece_in_which_something_is_masked_or_that_is_removed_is_not_offered(db, two):
    world, second = two
    with db.transaction() as session:
        session.add(PrivateFile(file_id=session.get_one(Evidence, world.pieces[0].id).file.id, since=AT))
        session.get_one(Evidence, world.pieces[1].id).removed_at = AT
    with db.reader() as session:
        offered = {piece.id for piece, _ in reuse.list_reusable(session, second)}
        assert not offered & {world.pieces[0].id, world.pieces[1].id}


def test_a_piece_of_somebody_else_is_refused(db, files, two):
    world, _second = two
    with db.transaction() as session:
        version = factories.published_version(session, factories.body(session, "Encore une").id, "RNCP50000")
        stranger = factories.candidacy(session, version, factories.person(session, "Paul Morel")).id
        piece = session.get_one(Evidence, world.pieces[0].id)
        chosen = [(piece, piece.file)]
    with upload_batch(files, 10**6) as batch:
        copies = reuse.copy_files(files, batch, chosen)
        with db.transaction() as session, pytest.raises(Refusal) as refused:
            reuse.reuse_evidence(session, stranger, copies, by=world.candidate.id, at=AT)
    assert refused.value.code is DossierRefusal.NOT_YOURS
    assert list(files.keys()) == [piece.file.key], "the copy that no row names is deleted"


def test_a_file_that_changed_in_the_store_is_not_taken_over(db, files, two):
    world, second = two
    with db.transaction() as session:
        session.get_one(Evidence, world.pieces[0].id).file.sha256 = "0" * 64
    with db.reader() as session:
        chosen = [one for one in reuse.list_reusable(session, second) if one[0].id == world.pieces[0].id]
    with upload_batch(files, 10**6) as batch, pytest.raises(StoreUnavailable):
        reuse.copy_files(files, batch, chosen)
    assert len(list(files.keys())) == 1
