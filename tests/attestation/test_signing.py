"""The signature: what it makes, what it proves, and what it takes to sign."""

import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from portfolio.domain.dossier.models.attestation import Attestation
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.rules.attestation import AttestationRefusal, CodeError, RequestState, Statement
from portfolio.domain.dossier.rules.description import CoverNote, EvidenceKind, EvidenceRefusal, missing_facts
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.dossier.use_cases import attestation_responses as responses
from portfolio.domain.dossier.use_cases import attestation_signing as signing_use_cases
from portfolio.domain.dossier.use_cases.attestation_signing import EvidenceTitles
from portfolio.domain.dossier.use_cases.evidence import describe_evidence, remove_evidence, replace_file
from portfolio.domain.email.models import OutgoingEmail
from portfolio.errors import Refusal
from portfolio.screens.candidate.attestations import views
from portfolio.screens.candidate.evidence.queries import find_evidence_page
from portfolio.signing_key import load_keys
from tests.attestation.actions import LATER, refusal_of
from tests.attestation.builders import AT, WORDS, ask, code, drawn, last_letter, prepared, scene, sign, token_in, write
from tests.holdings.ledger_builders import KEYS


def test_signing_makes_a_piece_that_lacks_nothing_and_a_signature_that_holds(signing, made, files):
    key, token = ask(signing, made)
    copy = sign(signing, files, token, LATER)
    with signing.reader() as session:
        signed = session.scalars(select(Attestation)).one()
        page = find_evidence_page(session, made.candidacy_id, signed.evidence_id, LATER.date())
        assert page.view.piece.title == "Attestation de Gwenaëlle Le Goff, Agence du Port"
        assert page.said.kind is EvidenceKind.EMPLOYER_ATTESTATION
        assert missing_facts(page.view.piece) == ()
        assert page.collected
        proof = signing_use_cases.find_proof(session, KEYS, made.candidacy_id, page.view.sha256)
        assert proof.holds
        assert (proof.name, proof.address) == ("Gwenaëlle Le Goff", "g…@agence-du-port.fr")
        with files.open(page.files[0].key) as pdf:
            assert hashlib.sha256(pdf.read()).hexdigest() == signed.pdf_sha256
        payload = json.loads(KEYS.read_jws(signed.signature))
        assert payload["attestation"]["words"]["seen"] == WORDS.seen
        assert hashlib.sha256(signed.record).hexdigest() == signed.record_sha256 == payload["digest"]
        assert views.find_request(session, made.candidacy_id, key, LATER).line.evidence_id == signed.evidence_id
        assert responses.load_respondent(session, token, at=LATER).state is RequestState.SIGNED
        told = session.scalars(select(OutgoingEmail).where(OutgoingEmail.person_id == made.candidate_id)).one()
        assert WORDS.seen[:20] not in told.text
        receipt = last_letter(session, "g.legoff@agence-du-port.fr", "%est signée")
        assert signed.record_sha256 in receipt
        assert token_in(receipt) == copy
        found = responses.find_signed_copy(session, copy, at=LATER + timedelta(days=29))
        assert found.key == page.files[0].key
        assert responses.find_signed_copy(session, copy, at=LATER + timedelta(days=30)) is None
        assert responses.find_signed_copy(session, token, at=LATER) is None, "the link that answered fetches nothing"
        assert responses.load_respondent(session, copy, at=LATER) is None, "the link of the copy answers nothing"


def test_the_signature_verifies_with_a_library_that_is_not_ours(signing, made, files):
    import base64

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    _, token = ask(signing, made)
    sign(signing, files, token)
    with signing.reader() as session:
        jws = session.scalars(select(Attestation.signature)).one()
    header, payload, signature = jws.split(".")

    def raw(part: str) -> bytes:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))

    jwk = next(one for one in KEYS.jwks["keys"] if one["kid"] == json.loads(raw(header))["kid"])
    Ed25519PublicKey.from_public_bytes(raw(jwk["x"])).verify(raw(signature), f"{header}.{payload}".encode())


def test_the_candidate_leaves_it_out_but_never_changes_it(signing, made, files):
    _, token = ask(signing, made)
    sign(signing, files, token)
    with signing.reader() as session:
        piece = session.scalars(select(Evidence)).one()
        kept = session.scalars(select(EvidenceFile)).one()
    said = CoverNote("Autre titre")
    by = made.candidate_id

    def describe():
        with signing.transaction() as session:
            describe_evidence(session, made.candidacy_id, piece.id, said, piece.revision, by=by, at=LATER)

    def replace():
        with signing.transaction() as session:
            again = drawn(files, prepared_again)
            replace_file(session, made.candidacy_id, piece.id, again, by=by, at=LATER)

    second = ask(signing, made, email="autre@exemple.fr")[1]
    write(signing, second)
    prepared_again = prepared(signing, second)
    assert refusal_of(describe) == EvidenceRefusal.COLLECTED
    assert refusal_of(replace) == EvidenceRefusal.COLLECTED
    with signing.transaction() as session:
        remove_evidence(session, made.candidacy_id, piece.id, by=by, at=LATER)
    with signing.reader() as session:
        assert session.scalars(select(Attestation)).one().pdf_sha256 == kept.sha256, "left out, it stays what it was"


def test_a_proof_no_longer_holds_once_anything_is_bent(signing, made, files, tmp_path):
    _, token = ask(signing, made)
    sign(signing, files, token)
    with signing.reader() as session:
        sha256 = session.scalars(select(Attestation.pdf_sha256)).one()
        assert signing_use_cases.find_proof(session, KEYS, made.candidacy_id, sha256).holds
        strange = load_keys(tmp_path / "ailleurs")
        assert not signing_use_cases.find_proof(session, strange, made.candidacy_id, sha256).holds
        other = scene(signing)
        assert signing_use_cases.find_proof(session, KEYS, other.candidacy_id, sha256) is None


@pytest.mark.parametrize("column", ["record", "record_sha256", "pdf_sha256", "signature"])
def test_an_insider_who_bends_a_column_is_seen(signing, made, files, column):
    from tests.holdings.insider import insider

    _, token = ask(signing, made)
    sign(signing, files, token)
    with signing.reader() as session:
        row = session.scalars(select(Attestation)).one()
    bent = {
        "record": row.record.replace(b"refonte", b"gestion"),
        "record_sha256": "0" * 64,
        "pdf_sha256": "0" * 64,
        "signature": row.signature[:-4] + "AAAA",
    }[column]
    with insider(signing) as session:
        session.execute(update(Attestation).values({column: bent}))
        sha256 = session.scalars(select(Attestation.pdf_sha256)).one()
        assert not signing_use_cases.find_proof(session, KEYS, made.candidacy_id, sha256).holds


def test_a_wrong_code_is_counted_and_five_spend_it(signing, made, files):
    _, token = ask(signing, made)
    write(signing, token)
    typed = code(signing, token)
    wrong = "000000" if typed != "000000" else "111111"

    def attempt(digits):
        with signing.transaction() as session:
            return responses.try_code(session, token, digits, at=AT)

    assert [attempt(wrong) for _ in range(5)] == [CodeError.WRONG] * 5
    assert attempt(typed) is CodeError.SPENT
    later = AT + timedelta(minutes=2)
    fresh = code(signing, token, later)
    with signing.transaction() as session:
        assert responses.try_code(session, token, fresh, at=later) is None
        expected = CodeError.WRONG if fresh != typed else None
        assert responses.try_code(session, token, typed, at=later) is expected, "an earlier code no longer holds"
    assert refusal_of(lambda: code(signing, token, later)) == AttestationRefusal.CODE_LATELY


@pytest.mark.both
def test_twenty_wrong_codes_at_once_are_five_tries(signing, made):
    _, token = ask(signing, made)
    write(signing, token)
    typed = code(signing, token)
    wrong = "000000" if typed != "000000" else "111111"

    def attempt(_):
        with signing.transaction() as session:
            return responses.try_code(session, token, wrong, at=AT)

    with ThreadPoolExecutor(8) as pool:
        faults = list(pool.map(attempt, range(20)))
    assert faults.count(CodeError.WRONG) == 5
    assert faults.count(CodeError.SPENT) == 15


def test_no_code_is_sent_for_a_text_that_lacks_something(signing, made):
    _, token = ask(signing, made)
    assert refusal_of(lambda: code(signing, token)) == AttestationRefusal.NOT_WRITTEN


@pytest.mark.both
def test_two_signatures_with_the_same_link_make_one(signing, made, files):
    _, token = ask(signing, made)
    write(signing, token)
    typed = code(signing, token)
    ready = [(prepared(signing, token, LATER - timedelta(days=2)), i) for i in range(2)]
    kept = [drawn(files, one) for one, _ in ready]
    gate = threading.Barrier(2)

    def signs(i):
        gate.wait()
        try:
            with signing.transaction() as session:
                return signing_use_cases.sign(
                    session, token, typed, ready[i][0], kept[i], EvidenceTitles("Attestation", "Annexe")
                )
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(signs, range(2)))
    assert sum(answer == AttestationRefusal.IS_SIGNED for answer in answers) == 1
    with signing.reader() as session:
        for model in (Attestation, Evidence, EvidenceFile):
            assert session.scalar(select(func.count()).select_from(model)) == 1
        letters = session.scalars(
            select(OutgoingEmail.subject).where(OutgoingEmail.person_id == made.candidate_id)
        ).all()
        assert letters == ["Une attestation a été signée"]


def test_a_text_changed_since_it_was_read_is_not_signed(signing, made, files):
    _, token = ask(signing, made)
    write(signing, token)
    typed, ready = code(signing, token), prepared(signing, token)
    file = drawn(files, ready)
    write(signing, token, Statement(**{**{n: getattr(WORDS, n) for n in WORDS.__slots__}, "seen": "Autre chose."}))

    def signs():
        with signing.transaction() as session:
            signing_use_cases.sign(session, token, typed, ready, file, EvidenceTitles("a", "b"))

    assert refusal_of(signs) == AttestationRefusal.CHANGED_SINCE
    with signing.reader() as session:
        assert session.scalars(select(Attestation)).first() is None


def test_a_joined_file_becomes_a_piece_under_the_same_signature(signing, made, files):
    import io

    from portfolio.domain.dossier.use_cases.uploads import upload_batch

    _, token = ask(signing, made)
    write(signing, token)
    with upload_batch(files, 1_000_000) as batch:
        received = batch.store_file("organigramme.txt", io.BytesIO("Organigramme de l’agence".encode()))
        with signing.transaction() as session:
            assert responses.attach_file(session, token, received, at=AT) == ""
        batch.keep()
    typed, ready = code(signing, token), prepared(signing, token)
    file = drawn(files, ready)
    with signing.transaction() as session:
        signing_use_cases.sign(session, token, typed, ready, file, EvidenceTitles("Attestation", "Document joint"))
    with signing.reader() as session:
        signed = session.scalars(select(Attestation)).one()
        assert signed.attachment_id is not None
        page = find_evidence_page(session, made.candidacy_id, signed.attachment_id, AT.date())
        assert page.collected
        proof = signing_use_cases.find_proof(session, KEYS, made.candidacy_id, page.view.sha256)
        assert proof.holds
        assert proof.is_annex


def test_an_attestation_that_comes_after_the_deposit_is_not_lost(signing, made, files):
    _, token = ask(signing, made)
    with signing.transaction() as session:
        session.get_one(Dossier, made.candidacy_id).state = DossierState.SUBMITTED
    sign(signing, files, token)
    with signing.reader() as session:
        assert session.scalar(select(func.count()).select_from(Evidence)) == 1
