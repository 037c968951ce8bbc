"""Submitting: what is sealed, what is refused, what can be opened again."""

import io
import json
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select, update

from portfolio.db.engine import Database
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.candidacy.models import SealedFile, Submission
from portfolio.domain.dossier.models.dossier import Claim, CoverageReview, Dossier, Narrative
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.rules.assessment import Assessment
from portfolio.domain.dossier.rules.description import Anonymity
from portfolio.domain.dossier.rules.draft import DossierRefusal, DossierState
from portfolio.domain.dossier.use_cases.texts import save_texts
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.review.models import Message
from portfolio.domain.submission.rules.manifest import root_of
from portfolio.domain.submission.rules.returns import SubmissionRefusal
from portfolio.domain.submission.use_cases import verification
from portfolio.domain.submission.use_cases.submit import open_next_draft, submit
from portfolio.domain.submission.use_cases.verification import find_sealed_file
from portfolio.errors import Refusal
from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.store import new_key
from portfolio.french_text import datetime_fr
from portfolio.screens.candidate.submission.queries import load_checklist_page, load_receipt_page
from tests import factories
from tests.holdings.closings import SEALED_AT, STATEMENT, hearing, minutes, sealed
from tests.submission.verification import DifferenceCode, verify


def made(db: Database, **more: bool) -> factories.World:
    return factories.begin_world(db, **more)


def refused(db: Database, world: factories.World, statement: str = STATEMENT) -> object:
    with pytest.raises(Refusal) as refusal, db.transaction() as session:
        submit(session, world.candidacy.id, statement, by=world.candidate.id, at=SEALED_AT)
    return refusal.value.code


def test_submitting_seals_every_text_claim_and_file_and_closes_the_draft(db: Database) -> None:
    world = made(db)
    with db.transaction() as session:
        submission = sealed(session, world)
    with db.reader() as session:
        dossier = verification.load_sealed_dossier(session, submission.id)
        assert session.get(Dossier, world.candidacy.id).state is DossierState.SUBMITTED
        row = session.get(Submission, submission.id)
        assert row.root == root_of(row.manifest)
    assert dossier.candidate == "Samia Benali"
    assert dossier.statement.text == STATEMENT
    assert (dossier.statement.signed_at, dossier.header.sealed_at) == (SEALED_AT, SEALED_AT)
    assert [block.number for block in dossier.blocks] == [1, 2, 3, 4]
    assert [exhibit.label for exhibit in dossier.exhibits][:4] == ["B1-01", "B1-02", "B2-01", "B2-02"]
    assert len(dossier.exhibits) == 11
    found = dossier.competency("2.1")
    assert found.narrative.actions == "J’ai mené l’audit."
    assert [(claim.exhibit, claim.passage) for claim in found.claims] == [("B2-01", "4-5")]
    assert dossier.exhibit("B2-01").sha256 == sha256(factories.CONTENT).hexdigest()
    assert [experience.structure for experience in dossier.experiences] == ["Agence du Port"]


def test_the_journal_tells_one_submission_without_a_word_of_the_candidate(db: Database) -> None:
    world = made(db)
    with db.transaction() as session:
        submission = sealed(session, world)
    with db.reader() as session:
        (line,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "dossier_submitted"))
    assert (line.object_id, line.actor_id) == (submission.id, world.candidate.id)
    assert line.details["blocks"] == "1 2 3 4"
    assert "audit" not in json.dumps(line.details)


def test_nothing_of_the_advisor_is_sealed(db: Database) -> None:
    world = made(db)
    with db.transaction() as session:
        place = {"candidacy_id": world.candidacy.id, "competency_id": world.competencies[0].id}
        session.add(Message(**place, author_id=world.advisor.id, text="ATTENTION-AU-STYLE", sent_at=factories.AT))
        session.add(
            CoverageReview(
                **place,
                advisor_id=world.advisor.id,
                value=Assessment.PARTLY,
                comment="TROP-COURT",
                reviewed_digest="x",
                created_at=factories.AT,
            )
        )
        submission = sealed(session, world)
    for secret in ("ATTENTION-AU-STYLE", "TROP-COURT", "Claire Morel"):
        assert secret.encode() not in submission.manifest


def test_the_manifest_holds_no_id_of_the_database(db: Database) -> None:
    world = made(db)
    with db.transaction() as session:
        manifest = sealed(session, world).manifest.decode()
    ids = [
        world.candidacy.id,
        world.candidate.id,
        *(piece.id for piece in world.pieces),
        *(competency.id for competency in world.competencies),
    ]
    assert not any(str(one) in manifest or one.hex in manifest for one in ids)


def test_the_current_version_of_a_replaced_file_is_the_one_sealed(db: Database) -> None:
    world = made(db)
    with db.transaction() as session:
        session.add(
            EvidenceFile(
                evidence_id=world.pieces[0].id, number=2, key="evidence/second", name="bulletin-2.pdf", mime="application/pdf",
                family="document", pages=8, size=2000, sha256="cd" * 32, received_at=factories.AT,
            )
        )  # fmt: skip
        submission = sealed(session, world)
        exhibit = verification.load_sealed_dossier(session, submission.id).exhibit("B1-01")
        file = find_sealed_file(session, submission.id, "B1-01")
    assert (exhibit.file_version, exhibit.sha256, exhibit.name) == (2, "cd" * 32, "bulletin-2.pdf")
    assert (file.key, file.sha256) == ("evidence/second", "cd" * 32)


def test_a_removed_piece_is_not_sealed_and_a_piece_without_claim_is_an_annex(db: Database) -> None:
    world = made(db)
    with db.transaction() as session:
        factories.evidence(session, world.candidacy.id, 40, "Organigramme")
        removed = factories.evidence(session, world.candidacy.id, 41, "Retirée")
        removed.removed_at = factories.AT
        submission = sealed(session, world)
        dossier = verification.load_sealed_dossier(session, submission.id)
    assert dossier.exhibit("A-01").title == "Organigramme"
    assert [exhibit.label for exhibit in dossier.exhibits][-1] == "A-01"
    assert "Retirée" not in {exhibit.title for exhibit in dossier.exhibits}


def test_a_second_submission_of_the_same_draft_is_refused(db: Database) -> None:
    world = made(db)
    with db.transaction() as session:
        sealed(session, world)
    assert refused(db, world) is DossierRefusal.SEALED
    with db.reader() as session:
        assert len(session.scalars(select(Submission)).all()) == 1


def test_without_the_sworn_statement_nothing_is_sealed(db: Database) -> None:
    assert refused(db, made(db), "  ") is SubmissionRefusal.STATEMENT_NOT_SIGNED


def test_a_competency_with_neither_text_nor_claim_prevents_the_submission(db: Database) -> None:
    world = made(db)
    with db.transaction() as session:
        last = world.competencies[-1].id
        session.delete(session.scalars(select(Claim).where(Claim.competency_id == last)).one())
        session.delete(session.scalars(select(Narrative).where(Narrative.competency_id == last)).one())
    assert refused(db, world) is SubmissionRefusal.NOT_READY
    with db.reader() as session:
        assert session.get(Dossier, world.candidacy.id).state is DossierState.DRAFT


def test_evidence_never_decides_so_a_competency_told_without_a_claim_is_submitted(db: Database) -> None:
    world = made(db)
    with db.transaction() as session:
        session.delete(session.scalars(select(Claim).where(Claim.competency_id == world.competencies[-1].id)).one())
        submission = sealed(session, world)
        assert verification.load_sealed_dossier(session, submission.id).competency("4.3").claims == ()


def test_a_piece_whose_third_parties_are_still_named_prevents_the_submission(db: Database) -> None:
    world = made(db)
    with db.transaction() as session:
        session.merge(world.pieces[0]).anonymity = Anonymity.NOT_YET
    assert refused(db, world) is SubmissionRefusal.NOT_READY
    with db.reader() as session:
        page = load_checklist_page(session, world.candidacy.id)
    assert [item.piece.number for item in page.blocking] == [1]


def test_once_submitted_the_draft_refuses_every_write(db: Database) -> None:
    world = made(db)
    with db.transaction() as session:
        sealed(session, world)
    with pytest.raises(Refusal) as refusal, db.transaction() as session:
        save_texts(session, world.candidacy.id, {}, 1, by=world.candidate.id, at=factories.AT)
    assert refusal.value.code is DossierRefusal.SEALED


def test_a_block_that_another_candidacy_has_before_a_jury_is_not_submitted_again(db: Database) -> None:
    world = made(db)
    with db.transaction() as session:
        sealed(session, world)
        other = factories.candidacy(session, session.merge(world.version), session.merge(world.candidate))
        factories.experience(session, other.id)
        for number, competency in enumerate(world.competencies, 1):
            factories.claim(session, factories.evidence(session, other.id, number), competency)
    with pytest.raises(Refusal) as refusal, db.transaction() as session:
        submit(session, other.id, STATEMENT, by=world.candidate.id, at=SEALED_AT)
    assert refusal.value.code is SubmissionRefusal.BEFORE_A_JURY


def test_the_draft_is_opened_again_only_after_the_jury_has_decided(db: Database) -> None:
    world = made(db)
    with db.transaction() as session:
        session.get(Dossier, world.candidacy.id).state = DossierState.SUBMITTED
    with pytest.raises(Refusal) as early, db.transaction() as session:
        open_next_draft(session, world.candidacy.id, by=world.candidate.id, at=factories.AT)
    assert early.value.code is SubmissionRefusal.NEVER_SUBMITTED
    with db.transaction() as session:
        session.get(Dossier, world.candidacy.id).state = DossierState.DRAFT
        hearing(session, sealed(session, world))
    with pytest.raises(Refusal) as waiting, db.transaction() as session:
        open_next_draft(session, world.candidacy.id, by=world.candidate.id, at=factories.AT)
    assert waiting.value.code is SubmissionRefusal.NOT_DECIDED


def half_held(db: Database) -> tuple[factories.World, Submission]:
    """Blocks 1 and 4 granted by a first session, 2 and 3 refused, the draft open again."""
    world = made(db)
    with db.transaction() as session:
        submission = sealed(session, world)
        one, two, three, four = world.version.blocks
        closed = minutes(session, hearing(session, submission), [one, four], [two, three])
        grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
        open_next_draft(session, world.candidacy.id, by=world.candidate.id, at=factories.AT)
    return world, submission


def test_the_second_submission_presents_only_the_missing_blocks_and_tells_the_held_ones(db: Database) -> None:
    world, first = half_held(db)
    with db.transaction() as session:
        second = sealed(session, world, SEALED_AT + timedelta(days=200))
    with db.reader() as session:
        dossier = verification.load_sealed_dossier(session, second.id)
        page = load_receipt_page(session, second.id)
    assert (dossier.header.number, [block.number for block in dossier.blocks]) == (2, [2, 3])
    assert [
        (sealed_held_block.number, len(sealed_held_block.certificate)) for sealed_held_block in dossier.held_blocks
    ] == [(1, 19), (4, 19)]
    assert {exhibit.label[:2] for exhibit in dossier.exhibits} == {"B2", "B3"}
    assert page.others == ((1, first.id), (2, second.id))


def test_the_checklist_tells_what_will_be_sealed_and_what_is_left_out(db: Database) -> None:
    world, _ = half_held(db)
    with db.reader() as session:
        page = load_checklist_page(session, world.candidacy.id)
    assert [(block.number, block.exhibits) for block in page.blocks] == [(2, 3), (3, 3)]
    assert (len(page.exhibits.labels), page.exhibits.annexes, len(page.exhibits.left_out), page.exhibits.weight) == (
        6,
        0,
        5,
        6000,
    )
    assert [block.number for block in page.matrix.blocks if block.held] == [1, 4]


def test_the_first_seal_does_not_move_when_the_draft_goes_on(db: Database) -> None:
    _world, first = half_held(db)
    with db.transaction() as session:
        session.execute(update(Narrative).values(situation="Tout autre chose."))
    with db.reader() as session:
        row = session.get(Submission, first.id)
        assert (row.root, row.manifest) == (first.root, first.manifest)


def test_opening_again_a_draft_that_is_open_changes_nothing(db: Database) -> None:
    world, _ = half_held(db)
    with db.transaction() as session:
        open_next_draft(session, world.candidacy.id, by=world.candidate.id, at=factories.AT)
    with db.reader() as session:
        assert len(session.scalars(select(AuditEvent).where(AuditEvent.action == "draft_reopened")).all()) == 1


def test_when_every_block_is_held_no_draft_is_left_to_open(db: Database) -> None:
    world = made(db)
    with db.transaction() as session:
        closed = minutes(session, hearing(session, sealed(session, world)), world.version.blocks)
        grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
    with pytest.raises(Refusal) as refusal, db.transaction() as session:
        open_next_draft(session, world.candidacy.id, by=world.candidate.id, at=factories.AT)
    assert refusal.value.code is SubmissionRefusal.NOTHING_LEFT


@pytest.fixture
def kept(db: Database, tmp_path: object) -> tuple[LocalStore, Submission]:
    """A submission whose eleven files are really kept."""
    store = LocalStore(tmp_path / "files")
    world = made(db)
    with db.transaction() as session:
        for rank, file in enumerate(session.scalars(select(EvidenceFile))):
            saved = store.save(new_key(), io.BytesIO(b"%PDF " + bytes([rank])))
            file.key, file.size, file.sha256 = saved.key, saved.size, saved.sha256
        return store, sealed(session, world)


def test_a_sealed_dossier_left_alone_shows_no_difference(db: Database, kept: tuple) -> None:
    store, submission = kept
    with db.reader() as session:
        assert verify(session, store, submission.id) == []


def test_a_file_lost_or_replaced_behind_our_back_is_named(db: Database, kept: tuple) -> None:
    store, submission = kept
    with db.reader() as session:
        keys = {row.exhibit: row.key for row in session.scalars(select(SealedFile))}
        store.delete(keys["B1-01"])
        store.delete(keys["B2-02"])
        store.save(keys["B2-02"], io.BytesIO(b"%PDF autre"))
        found = verify(session, store, submission.id)
    assert [(difference.code, difference.exhibit) for difference in found] == [
        (DifferenceCode.FILE_MISSING, "B1-01"),
        (DifferenceCode.FILE_CHANGED, "B2-02"),
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda row: setattr(row, "root", "00" * 32), [(DifferenceCode.MANIFEST_CHANGED, "")]),
        (lambda row: setattr(row, "manifest", b"[]"), [(DifferenceCode.MANIFEST_UNREADABLE, "")]),
        (lambda row: row.blocks.pop(), [(DifferenceCode.BLOCKS_CHANGED, "")]),
        (lambda row: row.files.pop(0), [(DifferenceCode.EXHIBIT_MISSING, "B1-01")]),
        (lambda row: setattr(row.files[0], "exhibit", "A-09"),
         [(DifferenceCode.EXHIBIT_ADDED, "A-09"), (DifferenceCode.EXHIBIT_MISSING, "B1-01")]),
        (lambda row: setattr(row.files[0], "size", 1), [(DifferenceCode.EXHIBIT_CHANGED, "B1-01")]),
    ],
)  # fmt: skip
def test_a_row_changed_behind_the_guards_is_named(db: Database, kept: tuple, change: object, expected: list) -> None:
    store, submission = kept
    with db.reader() as session, session.no_autoflush:
        change(session.get(Submission, submission.id))
        found = verify(session, store, submission.id)
    assert [(difference.code, difference.exhibit) for difference in found] == expected


def test_the_candidate_gets_a_receipt_of_what_was_sealed_in_the_transaction_that_seals(db: Database) -> None:
    world = made(db)
    with db.transaction() as session:
        submission = sealed(session, world)
    with db.reader() as session:
        letter = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == EmailTemplate.DOSSIER_SEALED)).one()
    assert letter.person_id == world.candidate.id
    assert f"{{acquis}}/depots/{submission.id}" in letter.text
    assert datetime_fr(SEALED_AT) in letter.text
    assert submission.root not in letter.text
