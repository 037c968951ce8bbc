"""Pieces: received, described, replaced, taken away; on both stores."""

import hashlib
import io
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.dossier.models.dossier import Claim, Dossier
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.rules.description import Authorship, CoverNote, EvidenceKind, Hint, MissingFact
from portfolio.domain.dossier.rules.draft import DossierRefusal, DossierState
from portfolio.domain.dossier.use_cases import evidence
from portfolio.domain.dossier.use_cases.draft_rows import load_content_digests
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile, upload_batch
from portfolio.errors import Conflict, Refusal
from portfolio.files.file_types.types import FileRejected, RejectionReason
from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.store import TooLarge
from portfolio.screens.candidate.evidence import queries
from portfolio.screens.candidate.evidence.library import LibraryView, load_library
from tests import factories, samples
from tests.factories import AT

LATER = AT + timedelta(hours=1)
MEBIBYTE = 1024 * 1024
SAID = CoverNote(
    "Plan de charge", EvidenceKind.PLAN, date(2023, 3, 1), own_role="J’ai évalué.", authorship=Authorship.MINE
)


@pytest.fixture
def world(db):
    return factories.begin_world(db)


@pytest.fixture
def files(tmp_path):
    return LocalStore(tmp_path / "files")


def received(name: str = "plan_de_charge.pdf", pages: int | None = 3) -> ReceivedFile:
    return ReceivedFile(uuid4().hex, name, "application/pdf", "document", pages, 1200, "cd" * 32)


def do(db, act, *args, world):
    with db.transaction() as session:
        return act(session, world.candidacy.id, *args, by=world.candidate.id, at=LATER)


def page(db, world, evidence_id):
    with db.reader() as session:
        return queries.find_evidence_page(session, world.candidacy.id, evidence_id, LATER.date())


def test_a_file_is_checked_kept_and_known_by_its_own_digest(files):
    content = samples.pdf(pages=3)
    with upload_batch(files, MEBIBYTE) as batch:
        file = batch.store_file("Plan de charge.pdf", io.BytesIO(content))
        batch.keep()
    assert (file.name, file.mime, file.pages, file.size) == ("Plan de charge.pdf", "application/pdf", 3, len(content))
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    with files.open(file.key) as kept:
        assert kept.read() == content


def test_a_file_that_no_piece_names_in_the_end_is_forgotten(files):
    with upload_batch(files, MEBIBYTE) as batch:
        batch.store_file("b.png", io.BytesIO(samples.png()))
    assert list(files.keys()) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", RejectionReason.EMPTY),
        (b"MZ\x90\x00" + bytes(200), RejectionReason.PROGRAM),
        (b"<html><script>", RejectionReason.WEB_PAGE),
    ],
)
def test_a_file_that_is_not_evidence_is_refused_and_nothing_of_it_is_kept(files, content, code):
    with pytest.raises(FileRejected) as refused, upload_batch(files, MEBIBYTE) as batch:
        batch.store_file("rapport.pdf", io.BytesIO(content))
    assert refused.value.code is code
    assert list(files.keys()) == []


def test_a_file_over_the_limit_is_refused_before_it_is_opened(files):
    with pytest.raises(TooLarge), upload_batch(files, 1000) as batch:
        batch.store_file("gros.pdf", io.BytesIO(samples.pdf() + bytes(1000)))
    assert list(files.keys()) == []


@pytest.mark.parametrize("name", ["a\r\nb.pdf", "nul\x00.pdf", "\u202egpj.pdf", "x" * 300 + ".pdf", "../../etc/passwd", "CON", None, "\ud800.pdf"])  # fmt: skip
def test_any_name_is_shown_and_never_obeyed(db, world, files, name):
    with upload_batch(files, MEBIBYTE) as batch:
        file = batch.store_file(name, io.BytesIO(samples.pdf()))
        (piece,) = do(db, evidence.add_evidence, [file], world=world)
        batch.keep()
    shown = page(db, world, piece).files[0].name
    assert shown
    assert not set(shown) & set("\r\n\x00\u202e\ud800/\\")
    assert len(shown) <= 150
    assert list(files.keys()) == [file.key]


def test_each_file_makes_a_piece_named_after_it_and_numbered_after_the_last(db, world):
    added = do(db, evidence.add_evidence, [received(), received("Photo 1.jpg")], world=world)
    with db.reader() as session:
        pieces = [session.get_one(Evidence, one) for one in added]
        assert [(piece.number, piece.title) for piece in pieces] == [(12, "plan de charge"), (13, "Photo 1")]


def test_a_number_is_never_used_twice_even_once_its_piece_is_taken_away(db, world):
    (first,) = do(db, evidence.add_evidence, [received()], world=world)
    do(db, evidence.remove_evidence, first, world=world)
    (second,) = do(db, evidence.add_evidence, [received()], world=world)
    assert page(db, world, first) is None
    assert page(db, world, second).view.number == 13


def test_a_piece_is_described_and_says_what_it_still_lacks(db, world):
    (piece,) = do(db, evidence.add_evidence, [received()], world=world)
    do(db, evidence.describe_evidence, piece, SAID, 1, world=world)
    found = page(db, world, piece)
    assert found.missing == (MissingFact.EXPERIENCE, MissingFact.CONFIDENTIALITY, MissingFact.ANONYMITY)
    assert [advice.hint for advice in found.advice] == [Hint.NO_CLAIM]
    with pytest.raises(Conflict):
        do(db, evidence.describe_evidence, piece, CoverNote("Autre"), 1, world=world)


def test_a_new_version_of_the_file_leaves_the_former_one_and_outdates_what_was_said_of_it(db, world):
    piece, competency = world.pieces[0], world.competencies[0]
    with db.reader() as session:
        before = load_content_digests(session, world.candidacy.id)
    assert do(db, evidence.replace_file, piece.id, received("v2.pdf"), world=world) == 2
    with db.reader() as session:
        after = load_content_digests(session, world.candidacy.id)
        assert queries.find_file(session, world.candidacy.id, piece.id, 1, own=True).name == "bulletin.pdf"
        assert queries.find_file(session, world.candidacy.id, piece.id, 2, own=True).name == "v2.pdf"
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {competency.id}
    assert [version.number for version in page(db, world, piece.id).files] == [2, 1]


def test_a_piece_taken_away_leaves_a_tombstone_its_files_and_no_claim(db, world):
    piece = world.pieces[0]
    do(db, evidence.remove_evidence, piece.id, world=world)
    do(db, evidence.remove_evidence, piece.id, world=world)
    with db.reader() as session:
        assert session.get_one(Evidence, piece.id).removed_at == LATER
        assert session.scalar(select(func.count()).where(EvidenceFile.evidence_id == piece.id)) == 1
        assert session.scalar(select(func.count()).where(Claim.evidence_id == piece.id)) == 0
        assert queries.find_file(session, world.candidacy.id, piece.id, 1, own=True) is None
        assert [line.view.number for line in load_library(session, world.candidacy.id, LibraryView()).lines] == list(
            range(2, 12)
        )
        removed = session.scalars(select(AuditEvent.action).where(AuditEvent.object_id == piece.id))
        assert list(removed) == ["evidence_removed"]


WRITES = {
    "add": lambda world: (evidence.add_evidence, [received()]),
    "describe": lambda world: (evidence.describe_evidence, world.pieces[0].id, SAID, 1),
    "replace": lambda world: (evidence.replace_file, world.pieces[0].id, received()),
    "remove": lambda world: (evidence.remove_evidence, world.pieces[0].id),
}


@pytest.mark.parametrize("name", WRITES)
def test_once_submitted_no_piece_is_added_or_changed(db, world, name):
    with db.transaction() as session:
        session.get_one(Dossier, world.candidacy.id).state = DossierState.SUBMITTED
    with pytest.raises(Refusal) as refusal:
        do(db, *WRITES[name](world), world=world)
    assert refusal.value.code is DossierRefusal.SEALED


@pytest.mark.parametrize("name", ["describe", "replace", "remove"])
def test_the_piece_of_another_candidate_is_neither_read_nor_changed(db, world, name):
    with db.transaction() as session:
        stranger = factories.person(session, "Karim Haddad")
        theirs = factories.candidacy(session, session.merge(world.version), stranger)
        piece = factories.evidence(session, theirs.id)
    world.pieces[0] = piece
    with pytest.raises(Refusal) as refusal:
        do(db, *WRITES[name](world), world=world)
    assert refusal.value.code is DossierRefusal.NOT_YOURS
    assert page(db, world, piece.id) is None
    with db.reader() as session:
        assert queries.find_file(session, world.candidacy.id, piece.id, 1, own=True) is None


def test_the_experience_of_another_candidate_cannot_be_attached(db, world):
    with db.transaction() as session:
        stranger = factories.person(session, "Karim Haddad")
        theirs = factories.candidacy(session, session.merge(world.version), stranger)
        experience = factories.experience(session, theirs.id)
    with pytest.raises(Refusal) as refusal:
        do(
            db,
            evidence.describe_evidence,
            world.pieces[0].id,
            CoverNote("Plan", experience_id=experience.id),
            1,
            world=world,
        )
    assert refusal.value.code is DossierRefusal.NOT_YOURS


def test_the_list_says_which_competencies_each_piece_serves(db, world):
    with db.reader() as session:
        lines = load_library(session, world.candidacy.id, LibraryView()).lines
    assert [line.competencies for line in lines[:3]] == [("1.1",), ("1.2",), ("2.1",)]
