"""A certificate given to a European wallet: off by default, taken once, bound to the wallet's key, some claims kept back."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from itsdangerous import TimestampSigner
from joserfc import jws
from joserfc.jwk import ECKey

from config import Config
from portfolio.db.engine import Database
from portfolio.domain.holdings.models.grants import WalletOffer
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.holdings.use_cases import credentials
from portfolio.wallet_credentials import CONFIGURATION, PRE_AUTHORISED, ProofRefusedError, holder_key_of, new_nonce
from portfolio.web.clock import now
from tests import factories
from tests.holdings.status_changes import later
from tests.holdings.strangers import HERE, node_modules
from tests.holdings.test_credentials import Issued, given, number_of  # noqa: F401
from tests.page import CheckedClient, Page

SITE = "http://localhost"


@pytest.fixture
def wallets(client: CheckedClient, config: Config) -> CheckedClient:
    client.application.config["SETTINGS"] = config.with_changes(wallets=True)
    return client


def offered(client: CheckedClient, found: Issued) -> tuple[str, str, str]:
    """Return the address of the issuer, the code and the digits that the page of an offer shows."""
    number = number_of(found, 2)
    client.log_in(found.world.candidate.email, factories.PASSWORD)
    home = f"/dossiers/{found.world.candidacy.id}/resultats"
    assert "Ajouter à un portefeuille européen" in client.get(home).text
    answer = client.send(f"/dossiers/{found.world.candidacy.id}/certificats/{number}/portefeuille", form=home)
    assert answer.status_code == 200
    link = re.search(r'href="(openid-credential-offer:[^"]+)"', answer.text)
    assert link
    told = json.loads(parse_qs(urlsplit(link[1].replace("&amp;", "&")).query)["credential_offer"][0])
    digits = re.search(r"<strong[^>]*>(\d{6})</strong>", answer.text)
    assert digits
    grant = told["grants"][PRE_AUTHORISED]
    assert (told["credential_configuration_ids"], grant["tx_code"]["length"]) == ([CONFIGURATION], 6)
    return told["credential_issuer"], grant["pre-authorized_code"], digits[1]


def asked_token(client: CheckedClient, code: str, digits: str) -> Any:
    form = {"grant_type": PRE_AUTHORISED, "pre-authorized_code": code, "tx_code": digits}
    return client.post("/portefeuille/jeton", data=form)


def proof_of(key: ECKey, nonce: str, address: str = SITE, **more: Any) -> str:
    header = {"alg": "ES256", "typ": "openid4vci-proof+jwt", "jwk": key.as_dict(private=False), **more}
    claims = {"aud": address, "iat": int(now().timestamp()), "nonce": nonce}
    return jws.serialize_compact(header, json.dumps(claims), key, algorithms=["ES256"])


def asked_credential(client: CheckedClient, token: str, proof: str) -> Any:
    told = {"credential_configuration_id": CONFIGURATION, "proofs": {"jwt": [proof]}}
    return client.post("/portefeuille/certificat", json=told, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.records("wallet_offered", "wallet_took")
def test_a_wallet_takes_a_certificate_once_and_keeps_its_holder_back(
    wallets: CheckedClient,
    given: Issued,  # noqa: F811
    store: Database,
) -> None:
    _, code, digits = offered(wallets, given)
    wallet = wallets.application.test_client()
    metadata = wallet.get("/.well-known/openid-credential-issuer").json
    # The page tells what wallets ask for; they read the rest at these addresses.
    assert metadata["credential_endpoint"].endswith("/portefeuille/certificat")
    assert wallet.get("/.well-known/oauth-authorization-server").json["token_endpoint"].endswith("/portefeuille/jeton")
    configured = metadata["credential_configurations_supported"][CONFIGURATION]
    address = metadata["credential_issuer"]
    assert wallet.get("/portefeuille/types/certificat/1").json["vct"] == configured["vct"]
    wrong = f"{(int(digits) + 1) % 10**6:06}"
    assert asked_token(wallet, code, wrong).json == {"error": "invalid_grant"}
    token = asked_token(wallet, code, digits).json["access_token"]
    assert asked_token(wallet, code, digits).status_code == 400, "a code is exchanged once"
    key, nonce = ECKey.generate_key("P-256"), wallet.post("/portefeuille/nonce").json["c_nonce"]
    assert asked_credential(wallet, token, proof_of(key, "autre", address)).json == {"error": "invalid_proof"}
    assert asked_credential(wallet, "autre", proof_of(key, nonce, address)).status_code == 401
    taken = asked_credential(wallet, token, proof_of(key, nonce, address)).json["credentials"][0]["credential"]
    assert asked_credential(wallet, token, proof_of(key, nonce, address)).status_code == 401, "a token is used once"
    for odd in (b"", b"[" * 5000, b'"x"', b'{"proofs": 3}'):
        assert wallet.post("/portefeuille/certificat", data=odd, content_type="application/json").status_code == 400
    with store.reader() as session:
        assert session.query(WalletOffer).count() == 0
    verified = by_a_verifier(wallet, taken, ["title", "level"])
    assert verified["verified"], verified
    told = verified["payload"]
    assert "2" in told["title"]
    assert told["cnf"]["jwk"]["x"] == key.as_dict(private=False)["x"]
    assert told["verification"].endswith(f"/certificats/{number_of(given, 2)}")
    assert "holder" not in told
    assert "Samia" not in json.dumps(told)
    assert by_a_verifier(wallet, taken, ["holder"])["payload"]["holder"]
    signed, _, rest = taken.partition("~")
    changed = signed[:-2] + ("A" if signed[-2] != "A" else "B") + signed[-1]
    assert not by_a_verifier(wallet, f"{changed}~{rest}", ["title"])["verified"]


def by_a_verifier(wallet: CheckedClient, credential: str, shown: list[str]) -> dict[str, Any]:
    folder = node_modules()
    if folder is None:
        pytest.skip("no Node")
    keys = wallet.get("/.well-known/jwt-vc-issuer").json["jwks"]["keys"]
    shutil.copy(HERE / "wallet.js", folder)
    asked = json.dumps({"credential": credential, "keys": keys, "shown": shown})
    ran = subprocess.run(["node", "wallet.js"], cwd=folder, input=asked, capture_output=True, check=True, text=True)
    return json.loads(ran.stdout)


def test_five_wrong_digits_or_ten_minutes_end_an_offer(
    wallets: CheckedClient,
    given: Issued,  # noqa: F811
    store: Database,
) -> None:
    _, code, digits = offered(wallets, given)
    for _ in range(5):
        assert asked_token(wallets, code, "000000" if digits != "000000" else "1").status_code == 400
    assert asked_token(wallets, code, digits).status_code == 400
    _, code, digits = offered(wallets.application.test_client(), given)
    with store.transaction() as session:
        session.query(WalletOffer).one().ends_at = now() - timedelta(seconds=1)
    assert asked_token(wallets, code, digits).status_code == 400


def test_what_no_longer_stands_is_neither_offered_nor_taken(
    wallets: CheckedClient,
    given: Issued,  # noqa: F811
    store: Database,
) -> None:
    _, code, digits = offered(wallets, given)
    token = asked_token(wallets, code, digits).json["access_token"]
    world, number = given.world, number_of(given, 2)
    later(store, StatusChangeKind.ANNULMENT, world.candidate.id, world.version.blocks[1], world.certifier.id)
    with store.transaction() as session:
        assert credentials.take(session, token, at=now()) is None
    home = f"/dossiers/{world.candidacy.id}/resultats"
    assert "Ajouter à un portefeuille européen" not in wallets.get(home).text
    forged = wallets.send(f"/dossiers/{world.candidacy.id}/certificats/{number}/portefeuille", form=home)
    assert forged.status_code == 409
    assert "Ce certificat a été annulé" in Page(forged.text).text


def test_without_the_setting_nothing_is_offered(client: CheckedClient, given: Issued) -> None:  # noqa: F811
    client.log_in(given.world.candidate.email, factories.PASSWORD)
    assert "portefeuille" not in client.get(f"/dossiers/{given.world.candidacy.id}/resultats").text
    for path in ("/.well-known/openid-credential-issuer", "/.well-known/jwt-vc-issuer"):
        assert client.get(path).status_code == 404
    for path in ("/portefeuille/nonce", "/portefeuille/jeton", "/portefeuille/certificat"):
        assert client.post(path).status_code == 404


@pytest.mark.parametrize(
    "proof",
    [
        "",
        "a.b.c",
        proof_of(ECKey.generate_key("P-256"), new_nonce("secret"), "https://ailleurs.exemple.fr"),
        proof_of(ECKey.generate_key("P-256"), new_nonce("autre")),
        proof_of(ECKey.generate_key("P-256"), new_nonce("secret"), typ="JWT"),
        proof_of(
            ECKey.generate_key("P-256"), new_nonce("secret"), jwk=ECKey.generate_key("P-256").as_dict(private=False)
        ),
    ],
    ids=["empty", "none", "address", "nonce", "type", "key"],
)
def test_a_proof_is_of_its_key_for_us_and_of_now(proof: str) -> None:
    with pytest.raises(ProofRefusedError):
        holder_key_of(proof, SITE, "secret", now())
    assert (
        holder_key_of(proof_of(ECKey.generate_key("P-256"), new_nonce("secret")), SITE, "secret", now())["kty"] == "EC"
    )


@pytest.mark.parametrize(("ahead", "is_taken"), [(1, True), (30, True), (3600, False), (-3600, False)])
def test_a_nonce_of_a_process_whose_clock_is_a_little_ahead_is_taken(
    monkeypatch: pytest.MonkeyPatch, ahead: int, is_taken: bool
) -> None:
    with monkeypatch.context() as changed:
        changed.setattr(TimestampSigner, "get_timestamp", lambda _self: int(now().timestamp()) + ahead)
        nonce = new_nonce("secret")
    proof = proof_of(ECKey.generate_key("P-256"), nonce)
    if is_taken:
        assert holder_key_of(proof, SITE, "secret", now())["kty"] == "EC"
    else:
        with pytest.raises(ProofRefusedError):
            holder_key_of(proof, SITE, "secret", now())
