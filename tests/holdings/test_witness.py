"""Outside witnesses of the ledger: roots stamped by an authority, the proof of each certificate, and what is changed."""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select, text

import acquis_check
from config import Config
from portfolio import create_app
from portfolio.domain.holdings.models.grants import Certificate
from portfolio.domain.holdings.use_cases.credentials import load_credential
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.ledger.models import LedgerEntry, LedgerTreeHead
from portfolio.domain.ledger.raw_rows import entries_at
from portfolio.domain.ledger.recording import append
from portfolio.domain.ledger.rules.chain import Checkpoint, entry_hash
from portfolio.domain.ledger.witness import node_of, read_note
from portfolio.run.maintenance import sign_credentials, witness_ledger
from portfolio.time_stamps import TimeStampError, load_authorities, stamp, verify
from portfolio.verifiable_credentials import load_issuer
from portfolio.web.clock import now
from portfolio.wording.documents.credential import Prover, credential_bundle
from tests import factories
from tests.applications import close_app
from tests.authority import Authority
from tests.holdings.closings import hearing, minutes, sealed
from tests.page import CheckedClient


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Authority, str]]:
    made = Authority(tmp_path_factory.mktemp("authority"))
    with made.stamping() as url:
        yield made, url


@pytest.fixture
def client(config: Config, authority: tuple[Authority, str]) -> Iterator[CheckedClient]:
    """A visitor of an installation where four blocks were granted, and whose ledger an authority dates."""
    application = create_app(config.with_changes(tsa_url=authority[1], tsa_ca_file=authority[0].root_file))
    application.test_client_class = CheckedClient
    store = application.extensions["database"]
    world = factories.begin_world(store)
    with store.transaction() as session:
        closed = minutes(session, hearing(session, sealed(session, world)), world.version.blocks)
        grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
        append(session, session.scalars(select(Certificate)).all(), at=factories.AT)
    yield application.test_client()
    close_app(application)


def witness(client: CheckedClient, *, only_awards: bool = True, **changes: object) -> bool:
    extensions, config = client.application.extensions, client.application.config["SETTINGS"]
    changed = config.with_changes(**changes)
    return witness_ledger(extensions["database"], extensions["keys"], changed, now(), only_awards=only_awards)


def openssl_says(folder: Path, size: int, root: Path) -> str:
    command = ["openssl", "ts", "-verify", "-data", f"{size}.checkpoint", "-in", f"{size}.tsr", "-CAfile", root]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_a_stamp_is_verified_by_the_library_and_by_openssl(authority: tuple[Authority, str], tmp_path: Path) -> None:
    made, url = authority
    roots = load_authorities(made.root_file)
    content, at = stamp(url, b"registre", roots)
    assert verify(content, b"registre", roots) == at
    (tmp_path / "1.checkpoint").write_bytes(b"registre")
    (tmp_path / "1.tsr").write_bytes(content)
    assert "Verification: OK" in openssl_says(tmp_path, 1, made.root_file)
    stranger = Authority(tmp_path / "stranger", "Autre autorité")
    (tmp_path / "1.checkpoint").write_bytes(b"registrE")
    assert "Verification: OK" not in openssl_says(tmp_path, 1, made.root_file)
    flipped = content[:-5] + bytes([content[-5] ^ 1]) + content[-4:]
    for wrong in (
        (content, b"registrE", roots),
        (content, b"registre", load_authorities(stranger.root_file)),
        (flipped, b"registre", roots),
        (b"\x30\x03\x02\x01\x02", b"registre", roots),
    ):
        with pytest.raises(TimeStampError):
            verify(*wrong)
    with pytest.raises(TimeStampError):
        load_authorities(tmp_path / "absent.pem")


def test_an_award_is_witnessed_at_once_and_the_rest_at_night(client: CheckedClient) -> None:
    assert client.get("/.well-known/checkpoints/latest").status_code == 404
    assert "Aucune empreinte" in client.page("/registre").text
    assert witness(client)
    assert not witness(client)
    assert not witness(client, only_awards=False)
    config = client.application.config["SETTINGS"]
    listed = client.get("/.well-known/checkpoints/").json
    [told] = listed["checkpoints"]
    note = client.get("/.well-known/checkpoints/latest").get_data(as_text=True)
    size, root = read_note(note)
    assert told["size"] == size
    assert client.get(f"/.well-known/checkpoints/{size}").get_data(as_text=True) == note
    with client.application.extensions["database"].reader() as session:
        nodes = [node_of(one) for one in session.scalars(select(LedgerEntry.entry_hash).order_by(LedgerEntry.seq))]
    assert acquis_check.root_of(nodes[:size]) == root
    # The copy in the second place is what a witness keeps.
    assert (config.heads / f"{size}.checkpoint").read_text() == note
    kept = client.get(f"/.well-known/checkpoints/{size}.tsr").data
    assert (config.heads / f"{size}.tsr").read_bytes() == kept
    assert "Verification: OK" in openssl_says(config.heads, size, config.tsa_ca_file)
    assert f"{size}" in client.page("/registre").text


def test_a_note_has_the_form_that_witnesses_sign(client: CheckedClient) -> None:
    witness(client)
    note = client.get("/.well-known/checkpoints/latest").get_data(as_text=True)
    [key] = client.get("/.well-known/checkpoints/").json["keys"]
    name, key_id, public = key.split("+", 2)
    body, _, signature = note.partition("\n\n")
    assert body.split("\n")[0] == name
    assert name.endswith("/registre")
    dash, signer, signed = signature.rstrip("\n").split(" ")
    raw = base64.b64decode(signed)
    assert (dash, signer, raw[:4].hex()) == ("\u2014", name, key_id)
    Ed25519PublicKey.from_public_bytes(base64.b64decode(public)[1:]).verify(raw[4:], f"{body}\n".encode())


def test_an_authority_that_is_away_nodes_nothing_half_written(client: CheckedClient) -> None:
    with pytest.raises(TimeStampError):
        witness(client, tsa_url="http://127.0.0.1:9/")
    with client.application.extensions["database"].reader() as session:
        assert session.scalars(select(LedgerTreeHead)).all() == []
    assert witness(client, tsa_url="")
    with client.application.extensions["database"].reader() as session:
        assert session.scalars(select(LedgerTreeHead.stamped_at)).all() == [None]
    assert "aucune date extérieure" in client.page("/registre").text


@pytest.fixture
def bundle(client: CheckedClient, tmp_path: Path) -> Path:
    """The proof of a certificate, unpacked, without anything of ours beside it."""
    config, extensions = client.application.config["SETTINGS"], client.application.extensions
    store = extensions["database"]
    witness(client)
    sign_credentials(store, config, now())
    prover = Prover(load_issuer(config.data, config.address), extensions["keys"], config.tsa_ca_file)
    with store.reader() as session:
        number = session.scalars(select(Certificate.number)).first()
        content = credential_bundle(session, prover, load_credential(session, number), b"%PDF", now())
    folder = tmp_path / "bundle"
    with ZipFile(BytesIO(content)) as archive:
        archive.extractall(folder)
    return folder


def checked(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", "certificate_check.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_the_bundle_of_a_certificate_proves_its_entry_without_us(bundle: Path) -> None:
    status, said = checked(bundle)
    assert (status, "Inscrit au registre" in said, "openssl ts -verify" in said) == (0, True, True), said
    command = ["-data", "registre.checkpoint", "-in", "registre.tsr", "-CAfile", "autorite.pem"]
    done = subprocess.run(
        ["openssl", "ts", "-verify", *command], cwd=bundle, capture_output=True, text=True, check=True
    )
    assert "Verification: OK" in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["registre.json", "registre.checkpoint", "registre-cles.txt"])
def test_a_change_in_the_proof_of_a_bundle_is_told(bundle: Path, name: str) -> None:
    kept = (bundle / name).read_bytes()
    for changed in {kept.replace(b'"seq": ', b'"seq": 1'), kept.replace(b"+", b"-"), kept[:-40]} - {kept}:
        (bundle / name).write_bytes(changed)
        assert checked(bundle)[0] == 2, changed


def change(client: CheckedClient, *statements: str) -> None:
    with client.application.extensions["database"].engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def copy_of(client: CheckedClient) -> Path:
    """Return what a witness keeps: the root, and its time-stamp beside it."""
    witness(client)
    [copy] = client.application.config["SETTINGS"].heads.glob("*.checkpoint")
    return copy


def test_the_copy_of_a_witness_tells_an_entry_that_was_changed(client: CheckedClient) -> None:
    copy, run = copy_of(client), client.application.test_cli_runner().invoke
    found = run(args=["check-ledger", "--checkpoint", str(copy)])
    assert "sont celles de cette empreinte, datée du" in found.output
    change(
        client,
        "DROP TRIGGER ledger_entry_no_update",
        "UPDATE ledger_entry SET digests = replace(digests, 'salt:facts', 'salt:factz') WHERE seq = 3",
    )
    found = run(args=["check-ledger", "--json", "--checkpoint", str(copy)])
    assert json.loads(found.stdout)["witnesses"][0]["agrees"] is False
    assert found.exit_code == 1


def test_the_copy_of_a_witness_tells_a_ledger_rewritten_whole_with_the_key(client: CheckedClient) -> None:
    copy, keys = copy_of(client), client.application.extensions["keys"]
    with client.application.extensions["database"].reader() as session:
        entries = [entry for entry, _salts in entries_at(session, range(1, read_note(copy.read_text()).size + 1))]
    change(client, *(f"DROP TRIGGER {name}_no_update" for name in ("ledger_entry", "ledger_checkpoint")))
    change(client, "UPDATE ledger_entry SET entry_hash = entry_hash || 'x'")  # each is unique at every moment
    previous, hashes = "0" * 64, {}
    for entry in entries:
        digests = entry.digests | ({"salt:facts": "0" * 64} if entry.seq == 3 else {})
        again = entry._replace(digests=digests, previous=previous)
        previous = hashes[entry.seq] = entry_hash(again)
        change(
            client,
            f"UPDATE ledger_entry SET previous_hash = '{again.previous}', entry_hash = '{previous}' "
            f"WHERE seq = {entry.seq}",
        )
        if entry.seq == 3:
            change(client, "UPDATE ledger_entry SET digests = json_set(digests, '$.\"salt:facts\"', "
                   f"'{'0' * 64}') WHERE seq = 3")  # fmt: skip
    with client.application.extensions["database"].reader() as session:
        heads = session.execute(text("SELECT first_seq, seq, at FROM ledger_checkpoint")).all()
        assert all(entry_hash(entry) == entry.hash for entry, _ in entries_at(session, sorted(hashes)))
    for first, seq, at in heads:
        head = Checkpoint(first, seq, hashes[seq], at, keys.signer.kid, "")
        signature = keys.signer.sign_jws(head.payload, kind="acquis-head").rpartition(".")[2]
        change(
            client, f"UPDATE ledger_checkpoint SET hash = '{head.hash}', signature = '{signature}' WHERE seq = {seq}"
        )
    found = client.application.test_cli_runner().invoke(args=["check-ledger", "--checkpoint", str(copy)])
    assert "le registre A ÉTÉ CHANGÉ" in found.output
    assert found.exit_code == 1
