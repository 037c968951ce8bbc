"""Certificates as strangers' tools read them: accepted offline, told when withdrawn, refused when changed."""

import hashlib
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from flask import Flask
from joserfc.util import urlsafe_b64decode
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from config import Config
from portfolio import create_app
from portfolio import verifiable_credentials as credentials
from portfolio.db.engine import Database, new_id
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.certification.rules.case_package import package_of
from portfolio.domain.certification.use_cases.importing import framework_of
from portfolio.domain.holdings.models.grants import Certificate, CertificateSignature, VerifiableCredential
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.holdings.use_cases.credentials import (
    find_revoked_indexes,
    name_hash,
    sign_missing,
    sign_status_list,
    status_list_path,
)
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.integrity_checks.rules import State
from portfolio.on_commit import open_database
from portfolio.run import doctor
from portfolio.signing_key import LostKeyError
from portfolio.verifiable_credentials import (
    CONTEXTS,
    DroppedTermError,
    Issuer,
    UnknownContextError,
    as_text,
    did_of_site,
    load_issuer,
    rotate_credential_keys,
)
from portfolio.wording.documents.credential import credential_content, register_address
from tests import factories
from tests.applications import close_app
from tests.holdings.closings import hearing, minutes, sealed
from tests.holdings.status_changes import later
from tests.holdings.strangers import badges_refusal_of_document, badges_refusal_of_token, node_modules, node_verdicts
from tests.page import CheckedClient, Page

SITE = "https://acquis.exemple.fr"
DID = "did:web:acquis.exemple.fr"
AT = factories.AT + timedelta(days=1)


@dataclass
class Issued:
    """A candidate whose four blocks were granted, and the credentials of what they hold."""

    db: Database
    folder: Path
    world: factories.World

    @property
    def issuer(self) -> Issuer:
        return load_issuer(self.folder, SITE)

    def sign(self) -> int:
        with self.db.transaction() as session:
            return sign_missing(session, self.issuer, credential_content, at=AT)

    @property
    def rows(self) -> list[VerifiableCredential]:
        with self.db.reader() as session:
            return list(session.scalars(select(VerifiableCredential).order_by(VerifiableCredential.signed_at)).all())

    def site(self) -> dict[str, bytes]:
        """Return the documents that the site publishes today."""
        with self.db.reader() as session:
            revoked = find_revoked_indexes(session, 1)
        lists = {
            SITE + status_list_path(1, token=token): sign_status_list(self.issuer, 1, revoked, AT, token=token).encode()
            for token in (False, True)
        }
        return {f"{SITE}/.well-known/did.json": json.dumps(self.issuer.did_document).encode(), **lists}

    def of(self, block: int | None) -> VerifiableCredential:
        """Return the credential of a block, or of the whole."""
        with self.db.reader() as session:
            for row in session.scalars(select(VerifiableCredential)):
                found = row.certificate.printed_text["block"]
                if (found["number"] if found else None) == block:
                    return row
        raise LookupError(block)


def issued_in(db: Database, folder: Path) -> Issued:
    """Grant every block of a world, and sign what it gives."""
    world = factories.begin_world(db)
    with db.transaction() as session:
        closed = minutes(session, hearing(session, sealed(session, world)), world.version.blocks)
        grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
    found = Issued(db, folder, world)
    assert found.sign() == 5
    return found


@pytest.fixture
def issued(sqlite_url: str, tmp_path: Path) -> Iterator[Issued]:
    """Credentials of four blocks and of the whole, on SQLite."""
    db = open_database(sqlite_url)
    yield issued_in(db, tmp_path / "keys")
    db.engine.dispose()


def words_of(row: VerifiableCredential) -> dict[str, Any]:
    return json.loads(row.document)


def with_a_change(text: str, where: int) -> str:
    """Return a text with one other character, of the same kind."""
    letter = "B" if text[where] != "B" else "C"
    return text[:where] + (letter if text[where].isalnum() else "~") + text[where + 1 :]


def test_both_forms_are_signed_once_and_kept_as_they_were(db: Database, tmp_path: Path) -> None:
    issued = issued_in(db, tmp_path / "keys")
    before = {row.id: (row.document, row.token) for row in issued.rows}
    assert issued.sign() == 0
    assert {row.id: (row.document, row.token) for row in issued.rows} == before


def test_a_credential_says_the_achievement_and_its_act_and_no_name(issued: Issued) -> None:
    block, whole = words_of(issued.of(2)), words_of(issued.of(None))
    version = issued.world.version
    assert block["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert block["issuer"]["id"] == DID
    assert "validUntil" not in block
    targets = [one["targetCode"] for one in block["credentialSubject"]["achievement"]["alignment"]]
    competencies = [f"2.{one.number}" for one in version.blocks[1].competencies]
    assert targets == [*competencies, version.certification.code, "7"]
    assert [one["targetCode"] for one in whole["credentialSubject"]["achievement"]["alignment"]][:4] == list("1234")
    assert "Procès-verbal 2026-01 du jury" in block["evidence"][0]["name"]
    for row in issued.rows:
        for text in (row.document, as_text(claims_of(row.token))):
            assert "Samia" not in text
            assert "Benali" not in text
            assert row.holder_salt not in text


def claims_of(token: str) -> dict[str, Any]:
    return json.loads(urlsafe_b64decode(token.split(".")[1].encode()))


def test_only_the_salt_of_the_holder_proves_their_name(issued: Issued) -> None:
    row = issued.of(1)
    hashed = words_of(row)["credentialSubject"]["identifier"][0]["identityHash"]
    assert hashed == name_hash("Samia Benali", row.holder_salt)
    assert hashed != name_hash("Samia Benali", issued.of(2).holder_salt)


def test_the_address_of_an_item_is_that_of_the_case_export(issued: Issued) -> None:
    with issued.db.reader() as session:
        framework = framework_of(session, issued.world.version.id, SITE)
    assert framework is not None
    known = {item["uri"]: item["fullStatement"] for item in package_of(framework)["CFItems"]}
    achievement = words_of(issued.of(3))["credentialSubject"]["achievement"]
    items = [one for one in achievement["alignment"] if one.get("targetType") == "CFItem"]
    assert items
    assert all(known[one["targetUrl"]] == one["targetName"] for one in items)
    assert achievement["id"] in known


def test_the_proof_is_dated_by_the_ledger_not_by_the_worker(issued: Issued) -> None:
    with issued.db.reader() as session:
        moments = {credentials.moment(one.issued_at) for one in session.scalars(select(Certificate))}
    assert {words_of(row)["proof"]["created"] for row in issued.rows} == moments
    assert credentials.moment(AT) not in moments


def test_openbadgeslib_accepts_both_forms_offline_and_tells_a_withdrawal(issued: Issued) -> None:
    site = issued.site()
    for row in issued.rows:
        assert badges_refusal_of_document(row.document, site) == ""
        assert badges_refusal_of_token(row.token, DID, site) == ""
    gone = issued.of(2)
    later(issued.db, StatusChangeKind.WITHDRAWAL, issued.world.candidate.id, issued.world.version.blocks[1],
          issued.world.certifier.id)  # fmt: skip
    site = issued.site()
    assert "is set at index" in badges_refusal_of_token(gone.token, DID, site)
    assert "is set at index" in badges_refusal_of_token(issued.of(None).token, DID, site)
    assert badges_refusal_of_token(issued.of(1).token, DID, site) == ""


def test_a_suspension_is_not_told_by_the_list(issued: Issued) -> None:
    world = issued.world
    later(issued.db, StatusChangeKind.SUSPENSION, world.candidate.id, world.version.blocks[1], world.certifier.id)
    with issued.db.reader() as session:
        assert find_revoked_indexes(session, 1) == []


@pytest.mark.slow
def test_the_verifiers_of_node_accept_both_forms_offline_and_tell_a_withdrawal(issued: Issued) -> None:
    folder = node_modules()
    if folder is None:
        pytest.skip("Node and npm are not installed")
    gone, world = issued.of(2), issued.world
    later(issued.db, StatusChangeKind.WITHDRAWAL, world.candidate.id, world.version.blocks[1], world.certifier.id)
    rows = issued.rows
    changed = with_a_change(issued.of(1).document, issued.of(1).document.index("Bloc"))
    rotate_credential_keys(issued.folder)
    cases = [("document", row.document) for row in rows] + [("token", row.token) for row in rows]
    cases += [("document", changed), ("token", with_a_change(rows[0].token, 200))]
    lists = {url: text for url, text in issued.site().items() if url.endswith("/1")}
    found = node_verdicts(folder, issued.issuer.did_document, cases, lists, at="2076-06-01T00:00:00Z")
    assert found["asked"] == []
    told = {row.id: answer for row, answer in zip(rows, found["answers"], strict=False)}
    withdrawn = {gone.id, issued.of(None).id}
    assert {key for key, answer in told.items() if answer["withdrawn"]} == withdrawn
    assert all(told[row.id]["verified"] for row in rows if row.id not in withdrawn)
    assert [answer["verified"] for answer in found["answers"][5:]] == [True] * 5 + [False, False]


@pytest.mark.slow
def test_a_changed_character_is_refused(issued: Issued) -> None:
    drawn, row, site = random.Random(7), issued.of(1), issued.site()
    for where in drawn.sample(range(len(row.document)), 60):
        assert badges_refusal_of_document(with_a_change(row.document, where), site), where
    # The last character of a token carries bits that no signature covers.
    for where in drawn.sample(range(len(row.token) - 1), 60):
        assert badges_refusal_of_token(with_a_change(row.token, where), DID, site, status=False), where


def test_what_former_keys_signed_stays_good_without_the_database(issued: Issued) -> None:
    rows = issued.rows
    for _ in range(3):
        rotate_credential_keys(issued.folder)
    document = issued.issuer.did_document
    issued.db.engine.dispose()
    site = {f"{SITE}/.well-known/did.json": json.dumps(document).encode()}
    for row in rows:
        assert badges_refusal_of_document(row.document, site) == ""
        assert badges_refusal_of_token(row.token, DID, site, status=False) == ""
    methods = document["verificationMethod"]
    assert [one["type"] for one in methods] == ["JsonWebKey"] * 4 + ["Multikey"] * 4
    assert methods[0]["id"] == f"{DID}#{issued.issuer.keys.published[-1]['kid']}"


def test_after_a_rotation_the_list_still_tells(issued: Issued) -> None:
    rotate_credential_keys(issued.folder)
    assert badges_refusal_of_token(issued.of(1).token, DID, issued.site()) == ""


def test_a_lost_key_is_not_replaced_unseen(tmp_path: Path) -> None:
    load_issuer(tmp_path, SITE)
    (tmp_path / credentials.KEY_FILE).unlink()
    with pytest.raises(LostKeyError):
        load_issuer(tmp_path, SITE)
    assert len(rotate_credential_keys(tmp_path).published) == 4


def test_without_a_public_address_the_keys_name_themselves(issued: Issued, tmp_path: Path) -> None:
    issuer = load_issuer(tmp_path / "local", "http://127.0.0.1:8000")
    assert issuer.did_document is None
    content = words_of(issued.of(1))
    del content["proof"]
    document, token = issuer.sign_document(content, AT), issuer.sign_token(content)
    assert document["issuer"]["id"].startswith("did:key:z6Mk")
    assert badges_refusal_of_document(as_text(document), {}) == ""
    assert badges_refusal_of_token(token, claims_of(token)["iss"], {}, status=False) == ""


@pytest.mark.parametrize(
    ("address", "did"),
    [
        ("https://acquis.exemple.fr", DID),
        ("https://acquis.exemple.fr:8443", "did:web:acquis.exemple.fr%3A8443"),
        ("http://acquis.exemple.fr", ""),
        ("https://localhost", ""),
        ("https://192.0.2.7", ""),
    ],
)
def test_a_site_has_a_did_when_strangers_reach_it(address: str, did: str) -> None:
    assert did_of_site(address) == did


def test_the_suite_is_never_the_misprint_of_a_text(issued: Issued) -> None:
    assert {words_of(row)["proof"]["cryptosuite"] for row in issued.rows} == {"eddsa-rdfc-2022"}


def test_a_context_is_never_fetched(issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("socket.socket.connect", connect)
    content = words_of(issued.of(1)) | {"@context": [*CONTEXTS, "https://exemple.fr/contexte.json"]}
    del content["proof"]
    with pytest.raises(Exception, match=r"exemple\.fr/contexte\.json") as refused:
        issued.issuer.sign_document(content, AT)
    assert UnknownContextError in {type(one) for one in causes_of(refused.value)}


def causes_of(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = getattr(error, "cause", None) or error.__cause__ or error.__context__


def test_the_contexts_are_those_that_were_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    published = "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"  # printed in the W3C text
    assert hashlib.sha256((credentials._FOLDER / "credentials-v2.json").read_bytes()).hexdigest() == published
    monkeypatch.setattr(credentials, "_FILES", {CONTEXTS[0]: ("credentials-v2.json", "0" * 64)})
    credentials._context.cache_clear()
    with pytest.raises(UnknownContextError):
        credentials._context(CONTEXTS[0])
    credentials._context.cache_clear()


def test_the_issuer_is_the_did_of_the_key_whatever_the_content_says(issued: Issued) -> None:
    content = words_of(issued.of(1)) | {"issuer": {"id": "did:web:autre.exemple", "type": ["Profile"], "name": "Autre"}}
    del content["proof"]
    document, claims = issued.issuer.sign_document(content, AT), claims_of(issued.issuer.sign_token(content))
    assert document["issuer"]["id"] == DID
    assert document["proof"]["verificationMethod"].startswith(f"{DID}#")
    assert claims["issuer"]["id"] == claims["iss"] == DID


@pytest.mark.both
def test_a_bit_is_never_given_twice(db: Database, tmp_path: Path) -> None:
    issued = issued_in(db, tmp_path / "keys")
    rows = issued.rows
    assert len({row.status_index for row in rows}) == 5
    assert sorted(row.status_index for row in rows) != list(range(5))
    again = {"status_list": rows[0].status_list, "status_index": rows[0].status_index}
    values = {"holder_salt": "", "document": "", "token": "", "signed_at": AT, "certificate_id": rows[1].certificate_id}
    with pytest.raises(IntegrityError), db.transaction() as session:
        session.add(VerifiableCredential(id=new_id(), **values, **again))


@pytest.mark.parametrize("where", ["", "credentialSubject", "issuer"])
def test_a_term_that_the_proof_would_not_cover_is_never_signed(issued: Issued, where: str) -> None:
    content = words_of(issued.of(1))
    del content["proof"]
    (content[where] if where else content)["titulaire"] = "Samia Benali"
    with pytest.raises(DroppedTermError):
        issued.issuer.sign_document(content, AT)


def test_a_type_that_no_context_defines_is_never_signed(issued: Issued) -> None:
    content = words_of(issued.of(1))
    del content["proof"]
    schema = {"id": "https://exemple.fr/schema.json", "type": "1EdTechJsonSchemaValidator2019"}
    with pytest.raises(DroppedTermError):
        issued.issuer.sign_document(content | {"credentialSchema": [schema]}, AT)


def test_what_is_granted_again_after_an_annulment_has_a_credential_of_its_own(issued: Issued) -> None:
    world = issued.world
    later(issued.db, StatusChangeKind.ANNULMENT, world.candidate.id, world.version.blocks[1], world.certifier.id)
    gone = {row.status_index for row in issued.rows}  # the decision of a jury is annulled whole
    with issued.db.transaction() as session:
        submission = session.scalars(select(Submission).order_by(Submission.number.desc())).first()
        again = minutes(session, hearing(session, submission, on=date(2027, 3, 20)), world.version.blocks)
        grant_from_minutes(session, again.id, by=world.certifier.id, at=AT)
    assert issued.sign() == 5
    with issued.db.reader() as session:
        assert set(find_revoked_indexes(session, 1)) == gone
    assert len(issued.rows) == 10


@pytest.fixture
def public_client(config: Config) -> Iterator[CheckedClient]:
    """A visitor of an installation that strangers reach."""
    application = create_app(config.with_changes(address=SITE))
    application.test_client_class = CheckedClient
    yield application.test_client()
    close_app(application)


def test_the_site_publishes_its_keys_and_its_list_to_everyone(public_client: CheckedClient, config: Config) -> None:
    found = issued_in(public_client.application.extensions["database"], config.data)
    get = partial(public_client.get, base_url=SITE)
    assert get("/.well-known/did.json").json == found.issuer.did_document
    later(found.db, StatusChangeKind.WITHDRAWAL, found.world.candidate.id, found.world.version.blocks[1],
          found.world.certifier.id)  # fmt: skip
    lists = [get(f"/statuts/retraits/1{end}") for end in ("", ".jwt")]
    for answer, kind in zip(lists, ("application/vc", "application/vc+jwt"), strict=True):
        assert answer.mimetype == kind
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        assert "Set-Cookie" not in answer.headers
    assert get("/statuts/retraits/1").data == lists[0].data
    assert get("/statuts/retraits/2").status_code == 404
    site = {f"{SITE}/.well-known/did.json": get("/.well-known/did.json").data}
    site[f"{SITE}/statuts/retraits/1.jwt"] = lists[1].data
    assert "is set at index" in badges_refusal_of_token(found.of(2).token, DID, site)
    assert badges_refusal_of_token(found.of(1).token, DID, site) == ""


def test_commands_list_and_export_certificates(app: Flask, tmp_path: Path) -> None:
    store, run = app.extensions["database"], app.test_cli_runner().invoke
    world = factories.begin_world(store)
    with store.transaction() as session:
        closed = minutes(session, hearing(session, sealed(session, world)), world.version.blocks)
        grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
    listed = json.loads(run(args=["list-certificates", "--json"]).output)
    assert [line["credential"] for line in listed] == [False] * 5
    number = listed[0]["number"]
    path = tmp_path / "certificat"
    for kind, start in (("jsonld", b'{"@context"'), ("jwt", b"eyJ"), ("pdf", b"%PDF"), ("bundle", b"PK")):
        ran = run(args=["export-credential", number, "--as", kind, "--to", str(path)])
        assert ran.exit_code == 0, ran.output
        assert path.read_bytes().startswith(start)
    assert sum(line["credential"] for line in json.loads(run(args=["list-certificates", "--json"]).output)) == 1
    assert run(args=["export-credential", "RIEN", "--as", "jwt", "--to", str(path)]).exit_code == 1
    assert "Clés publiées : 4" in run(args=["rotate-credential-key"]).output


@pytest.fixture
def given(client: CheckedClient, store: Database, config: Config) -> Issued:
    """Credentials of certificates that their body signed, and whose letter left."""
    found = issued_in(store, config.data)
    with store.transaction() as session:
        for certificate in session.scalars(select(Certificate)):
            session.add(
                CertificateSignature(
                    certificate_id=certificate.id, person_id=found.world.certifier.id, name="Hélène Roche",
                    quality="directrice", legal_name="Institut", city="Paris", signed_at=AT,
                )
            )  # fmt: skip
    return found


def number_of(found: Issued, block: int | None) -> str:
    return words_of(found.of(block))["id"].rpartition("/")[2]


def test_the_page_of_a_certificate_gives_what_machines_ask(client: CheckedClient, given: Issued) -> None:
    number, row = number_of(given, 2), given.of(2)
    address = f"/certificats/{number}"
    page = client.page(address)
    assert page.all("link", type="application/vc")[0]["href"] == f"{address}/certificat-numerique.json"
    asked = client.get(address, headers={"Accept": "application/json"})
    assert asked.get_data(as_text=True) == row.document
    assert "Accept" in asked.headers["Vary"]
    assert client.get(f"{address}/certificat-numerique.jwt").get_data(as_text=True) == row.token
    for kind in ("png", "svg"):
        picture = client.get(f"{address}/certificat-numerique.{kind}").data
        assert credentials.carried_text(picture) == row.document


def test_a_project_is_not_given_to_machines(client: CheckedClient, store: Database, config: Config) -> None:
    found = issued_in(store, config.data)
    address = f"/certificats/{number_of(found, 1)}"
    assert client.get(f"{address}/certificat-numerique.json").status_code == 404
    assert client.get(address, headers={"Accept": "application/json"}).mimetype == "text/html"


def verdict_of(page: Page) -> str:
    """Return the great words at the head of a page of verification."""
    return page.headings[0]


def drop(client: CheckedClient, content: bytes) -> Page:
    """Give a file to the page that checks certificates, and read its answer."""
    answer = client.send("/verifier/fichier", {"file": (BytesIO(content), "certificat.json")}, form="/verifier/fichier")
    assert answer.status_code == 200
    return Page(answer.get_data(as_text=True))


def test_a_file_that_is_dropped_is_told_valid_withdrawn_or_changed(client: CheckedClient, given: Issued) -> None:
    row, world = given.of(2), given.world
    text = client.get(f"/certificats/{number_of(given, 2)}/certificat-numerique.png").data
    for content in (row.document.encode(), row.token.encode(), text):
        assert verdict_of(drop(client, content)) == "Ce certificat est valide"
    changed = with_a_change(row.document, row.document.index("Bloc")).encode()
    assert verdict_of(drop(client, changed)) == "Ce fichier a été modifié"
    later(given.db, StatusChangeKind.WITHDRAWAL, world.candidate.id, world.version.blocks[1], world.certifier.id)
    page = drop(client, row.document.encode())
    assert verdict_of(page) == "Ce certificat a été retiré"
    assert "20 février 2027" in page.text


def zipped(files: dict[str, bytes]) -> bytes:
    """Return a ZIP of these files."""
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return written.getvalue()


def test_a_proof_that_is_dropped_is_told_by_each_form_that_it_holds(client: CheckedClient, given: Issued) -> None:
    row, other = given.of(2), given.of(1)
    client.log_in(given.world.candidate.email, factories.PASSWORD)
    sent = client.get(f"/certificats/{number_of(given, 2)}/dossier-de-preuve.zip").data
    page = drop(client, sent)
    assert verdict_of(page) == "Ce certificat est valide"
    assert number_of(given, 2) in page.text
    assert "Son PDF n’est pas cacheté" in page.text
    with ZipFile(BytesIO(sent)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    alone = {name: content for name, content in files.items() if name != "certificat.pdf"}
    assert "PDF" not in drop(client, zipped(alone)).text.partition("Le fichier")[0]
    changed = with_a_change(row.document, row.document.index("Bloc")).encode()
    for wrong in (
        {"certificat.json": changed},
        {"certificat.jwt": changed},
        {"certificat.jwt": other.token.encode()},
        {"certificat.json": other.document.encode()},
    ):
        assert verdict_of(drop(client, zipped(files | wrong))) == "Ce fichier a été modifié", wrong.keys()
    for nothing in ({}, {"certificat.pdf": files["certificat.pdf"]}, {"certificat.json": b"{" * 5_000_000}):
        assert "Aucun certificat" in drop(client, zipped(nothing)).text


# What three other issuers give, cut to what says who issued it.
FOREIGN = {
    "Exemple Badges": {
        "@context": ["https://www.w3.org/ns/credentials/v2", CONTEXTS[1]],
        "id": "https://badges.exemple.com/api/v1/obi/v3/badge_assertions/1b2c",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "did:web:badges.exemple.com", "type": ["Profile"], "name": "Exemple Badges"},
        "proof": {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofValue": "z3"},
    },
    "did:key:z6MkhVTX9BF3NGYX6cc7jWpbNnR7cAjH8LUffabZP8Qu4ysC": {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": "did:key:z6MkhVTX9BF3NGYX6cc7jWpbNnR7cAjH8LUffabZP8Qu4ysC",
        "proof": {"type": "Ed25519Signature2020"},
    },
    "Université de l’exemple": {
        "id": "urn:uuid:6c0e1c5a-6f0e-4f4e-9f0e-000000000001",
        "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
        "issuer": {"id": "urn:epass:org:1", "name": "Université de l’exemple"},
    },
}


@pytest.mark.parametrize("issuer", FOREIGN)
def test_a_file_of_another_issuer_is_never_told_valid(client: CheckedClient, issuer: str) -> None:
    page = drop(client, json.dumps(FOREIGN[issuer]).encode())
    assert verdict_of(page) == "Ce certificat ne peut pas être vérifié ici"
    assert issuer in page.text


@pytest.mark.parametrize(
    "content",
    [
        b"PK",
        b"PK\x03\x04" + b"\xff" * 200,
        b"%PDF-1.7",
        b"",
        b"{",
        b"[" * 100_000,
        b"\x89PNG\r\n\x1a\n\xff\xff\xff\xff",
        b"<svg>",
        b"a.b.c",
        b"{}",
    ],
)
def test_what_is_no_certificate_is_never_told_valid(client: CheckedClient, content: bytes) -> None:
    answer = client.send("/verifier/fichier", {"file": (BytesIO(content), "x.json")}, form="/verifier/fichier")
    assert "verdict--held" not in answer.get_data(as_text=True)
    assert answer.status_code == 200


def test_a_holder_takes_their_certificate_elsewhere(client: CheckedClient, given: Issued) -> None:
    number = number_of(given, 2)
    client.log_in(given.world.candidate.email, factories.PASSWORD)
    page = client.page(f"/dossiers/{given.world.candidacy.id}/resultats")
    link = next(one["href"] for one in page.all("a") if number in one["href"] and "linkedin" in one["href"])
    asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    assert asked["certId"] == number
    assert asked["certUrl"] == f"http://localhost/certificats/{number}"
    assert (asked["issueYear"], asked["issueMonth"]) == ("2026", "6")
    assert asked["organizationName"] == "Institut de l’exemple"
    assert "Samia" not in link
    proof = client.get(f"/certificats/{number}/preuve-de-nom.json").json
    assert proof["empreinte"] == words_of(given.of(2))["credentialSubject"]["identifier"][0]["identityHash"]
    other = client.application.test_client()
    other.log_in(given.world.certifier.email, factories.PASSWORD)
    assert other.get(f"/certificats/{number}/preuve-de-nom.json").status_code == 404


def press(client: CheckedClient, given: Issued, number: str, *, stop: str = "") -> None:
    """Send the form of the link of a certificate as its holder does."""
    address = f"/dossiers/{given.world.candidacy.id}/certificats/{number}/partage"
    answer = client.send(address, {"stop": stop}, form=f"/dossiers/{given.world.candidacy.id}/resultats")
    assert answer.status_code == 303


def link_of(client: CheckedClient, given: Issued) -> str:
    """Return the path of the link that the page of results shows; empty without one."""
    page = client.page(f"/dossiers/{given.world.candidacy.id}/resultats")
    return next((urlsplit(one["href"]).path for one in page.all("a") if "/partage/" in one["href"]), "")


@pytest.mark.records("certificate_shared", "share_withdrawn")
def test_a_holder_shares_a_certificate_and_withdraws_the_link(client: CheckedClient, given: Issued) -> None:
    number, stranger = number_of(given, 2), client.application.test_client()
    client.log_in(given.world.candidate.email, factories.PASSWORD)
    assert link_of(client, given) == ""
    press(client, given, number)
    first = link_of(client, given)
    press(client, given, number)
    assert link_of(client, given) == first, "one link is open at a time"
    page = stranger.page(first)
    assert verdict_of(page) == "Ce certificat est valide"
    shown = {one["property"]: one["content"] for one in page.all("meta") if "property" in one}
    assert shown["og:image"] == f"http://localhost{first}/apercu.png"
    assert "2\xa0: " in shown["og:title"]
    assert "Samia" not in str(shown)
    picture = stranger.get(f"{first}/apercu.png").data
    assert picture.startswith(b"\x89PNG")
    assert credentials.carried_text(picture) == ""
    press(client, given, number, stop="1")
    press(client, given, number, stop="1")
    assert link_of(client, given) == ""
    gone, unknown = stranger.get(first), stranger.get("/partage/jamais")
    assert (gone.status_code, gone.data) == (unknown.status_code, unknown.data)
    assert gone.status_code == 404
    assert stranger.get(f"{first}/apercu.png").status_code == 404
    press(client, given, number)
    assert link_of(client, given) not in ("", first)


ENDINGS = {
    StatusChangeKind.SUSPENSION: "Ce certificat est suspendu",
    StatusChangeKind.ANNULMENT: "Ce certificat a été annulé",
    StatusChangeKind.WITHDRAWAL: "Ce certificat a été retiré",
}


@pytest.mark.parametrize("kind", ENDINGS)
def test_a_certificate_that_no_longer_stands_is_not_shared_by_a_forged_form(
    client: CheckedClient, given: Issued, kind: StatusChangeKind
) -> None:
    client.log_in(given.world.candidate.email, factories.PASSWORD)
    home, number = f"/dossiers/{given.world.candidacy.id}/resultats", number_of(given, 2)
    press(client, given, number)
    shared = link_of(client, given)
    later(given.db, kind, given.world.candidate.id, given.world.version.blocks[1], given.world.certifier.id)
    for forged in (number, number_of(given, None)):
        address = f"/dossiers/{given.world.candidacy.id}/certificats/{forged}/partage"
        answer = client.send(address, {"stop": ""}, form=home)
        assert answer.status_code == 409
        said = Page(answer.text).text
        assert ENDINGS[kind] in said
        assert "il ne se partage plus" in said
    assert verdict_of(client.application.test_client().page(shared)) == ENDINGS[kind], "a link given before says so"
    assert link_of(client, given) == shared, "its holder still sees it"
    press(client, given, number, stop="1")
    assert link_of(client, given) == ""
    assert client.application.test_client().get(shared).status_code == 404


def test_the_page_of_a_certificate_says_what_was_asked_and_when(client: CheckedClient, given: Issued) -> None:
    page = client.page(f"/certificats/{number_of(given, 2)}")
    assert "Vérifié" in page.text
    assert any("francecompetences.fr/recherche/rncp/" in one["href"] for one in page.all("a"))


@pytest.mark.parametrize(
    ("code", "path"), [("RNCP16959", "rncp/16959/"), ("RS5616", "rs/5616/"), ("CQP-VENTE-9", ""), ("RNCP", "")]
)
def test_an_entry_of_the_register_has_its_address(code: str, path: str) -> None:
    assert register_address(code).removeprefix("https://www.francecompetences.fr/recherche/") == path


@pytest.mark.slow
def test_a_bundle_is_checked_by_its_own_program_without_us(
    client: CheckedClient, given: Issued, tmp_path: Path
) -> None:
    number, world = number_of(given, 2), given.world
    client.log_in(world.candidate.email, factories.PASSWORD)
    address = f"/certificats/{number}/dossier-de-preuve.zip"
    rotate_credential_keys(given.folder)

    def checked(*, change: str = "") -> tuple[int, str]:
        folder = tmp_path / "ouvert"
        ZipFile(BytesIO(client.get(address).data)).extractall(folder)
        if change:
            content = (folder / change).read_bytes()
            (folder / change).write_bytes(
                content.replace(b"2026", b"2025", 1) if change.endswith("n") else content[:-9]
            )
        words = [sys.executable, "-I", str(folder / "certificate_check.py")]
        ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
        return ran.returncode, ran.stdout

    status, said = checked()
    assert (status, "VALIDE" in said) == (0, True), said
    assert [checked(change=name)[0] for name in ("certificat.json", "certificat.jwt", "retraits.jwt")] == [2, 2, 2]
    later(given.db, StatusChangeKind.WITHDRAWAL, world.candidate.id, world.version.blocks[1], world.certifier.id)
    status, said = checked()
    assert (status, "RETIRÉ" in said) == (1, True), said


def test_doctor_tells_a_lost_key(config: Config) -> None:
    assert (doctor._credentials(config).state, doctor._credentials(config).reason) == (State.WARNING, "no_site")
    assert doctor._credentials(config.with_changes(address=SITE)).state is State.OK
    (config.data / credentials.KEY_FILE).unlink()
    assert doctor._credentials(config).reason == "lost"
