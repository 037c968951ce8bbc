"""The installation's key: made once, kept private, and never forgotten by what it signed."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.ledger.rules.chain import HEAD_TYPE, Checkpoint, read_checkpoints
from portfolio.signing_key import KEY_FILE, PUBLIC_FILE, Keys, LostKeyError, Signer, load_keys, public_jwk

GIVEN = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
EARLIER_JWK = {
    "kty": "OKP", "crv": "Ed25519", "x": "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg",
    "kid": "1IG2tMH7J2wbJZnOf8LJzQitKf7LMvoAElsuDMVM54Y", "alg": "EdDSA", "use": "sig",
}  # fmt: skip
EARLIER_PAYLOAD = (
    '{"attestation":{"annex":null,"format":"acquis-attestation","words":{"seen":"Il a conduit l’équipe."}},'
    '"digest":"00","pdf":"11"}'
).encode()
EARLIER_ATTESTATION = (
    "eyJhbGciOiJFZERTQSIsImtpZCI6IjFJRzJ0TUg3SjJ3Ykpabk9mOExKelFpdEtmN0xNdm9BRWxzdURNVk01NFkifQ."
    "eyJhdHRlc3RhdGlvbiI6eyJhbm5leCI6bnVsbCwiZm9ybWF0IjoiYWNxdWlzLWF0dGVzdGF0aW9uIiwid29yZHMiOnsic2VlbiI6IklsIGEgY29uZHVpdCBs4oCZ"
    "w6lxdWlwZS4ifX0sImRpZ2VzdCI6IjAwIiwicGRmIjoiMTEifQ."
    "lH0V7H7z4G3RHmGT5pLGgMo4mRBnNHTHUnjSsEFcIaeTCDvPOvULf_B08pL9SZ5kGoKdZPPVDGdBM9DdfEOHAA"
)
EARLIER_HEAD = (
    "eyJhbGciOiJFZERTQSIsImtpZCI6IjFJRzJ0TUg3SjJ3Ykpabk9mOExKelFpdEtmN0xNdm9BRWxzdURNVk01NFkiLCJ0eXAiOiJhY3F1aXMtaGVhZCJ9."
    "eyJhdCI6IjIwMjYtMDYtMTggMTQ6MDA6MDAuMDAwMDAwIiwiZmlyc3QiOjEsImhhc2giOiJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJh"
    "YmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiIiwic2VxIjoyNn0."
    "1Olee67EsuBcISWREFQxw6Us5eTcnU3BZzHelyc7IY2-cSQxFF7NHiSOPng20fQUGbj-YsWUJmooP_QLX-73Dw"
)


def base64url(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def test_the_key_is_made_at_the_first_start_and_found_again(tmp_path):
    first, again = load_keys(tmp_path / "data"), load_keys(tmp_path / "data")
    assert first.signer.kid == again.signer.kid
    assert (tmp_path / "data" / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == sorted([KEY_FILE, PUBLIC_FILE])


def test_servers_that_start_together_share_one_key(tmp_path):
    with ThreadPoolExecutor(20) as pool:
        kids = set(pool.map(lambda _: load_keys(tmp_path).signer.kid, range(20)))
    assert len(kids) == 1
    assert len(json.loads((tmp_path / PUBLIC_FILE).read_text())["keys"]) == 1


def test_a_key_given_by_setting_stands_before_the_file_and_what_the_file_signed_stays_ours(tmp_path):
    old = load_keys(tmp_path)
    new = load_keys(tmp_path, GIVEN)
    assert new.signer.kid == Signer(b"\x01" * 32).kid != old.signer.kid
    assert new.read_jws(old.signer.sign_jws(b"message")) == b"message"
    assert [one["kid"] for one in new.jwks["keys"]] == [new.signer.kid, old.signer.kid]


def test_a_key_given_is_not_written_down(tmp_path):
    load_keys(tmp_path, GIVEN)
    assert not (tmp_path / KEY_FILE).exists()
    assert GIVEN not in (tmp_path / PUBLIC_FILE).read_text()


def test_a_lost_key_is_never_replaced_unseen(tmp_path):
    old = load_keys(tmp_path)
    (tmp_path / KEY_FILE).unlink()
    with pytest.raises(LostKeyError, match="sauvegarde"):
        load_keys(tmp_path)
    assert not (tmp_path / KEY_FILE).exists()
    new = load_keys(tmp_path, GIVEN)
    assert [one["kid"] for one in new.jwks["keys"]] == [new.signer.kid, old.signer.kid]


def test_no_key_is_made_for_a_database_that_holds_signatures(tmp_path):
    with pytest.raises(LostKeyError):
        load_keys(tmp_path, has_signed=lambda: True)
    assert not (tmp_path / KEY_FILE).exists()


@pytest.mark.parametrize("given", ["court", GIVEN + "A", GIVEN[:-1], "é" * 43, GIVEN + "==="])
def test_a_key_that_is_not_one_stops_the_start(tmp_path, given):
    with pytest.raises(ValueError, match="base64url"):
        load_keys(tmp_path, given)


def test_a_signature_is_ours_only_as_it_was_made(tmp_path):
    keys = load_keys(tmp_path)
    token = keys.signer.sign_jws(b"message")
    head, payload, signature = token.split(".")
    assert keys.read_jws(token) == b"message"
    other = "A" if signature[0] != "A" else "B"
    for broken in ("", "é", signature + "=", signature[:-1], signature + "A", other + signature[1:], f"{signature}.x"):
        assert keys.read_jws(f"{head}.{payload}.{broken}") is None
    assert keys.read_jws(f"{head}.{payload[:-1]}.{signature}") is None
    assert keys.read_jws(f"{payload}.{head}.{signature}") is None
    assert load_keys(tmp_path / "other").read_jws(token) is None


def test_the_last_sign_of_a_signature_has_one_writing_only(tmp_path):
    """Base64 does not use some bits of the last character: a looser reader would take sixteen texts for one
    signature.
    """
    keys = load_keys(tmp_path)
    token = keys.signer.sign_jws(b"message")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    good = [sign for sign in alphabet if keys.verify(token[:-1] + sign)]
    assert good == [token[-1]]


def test_a_signature_made_by_an_earlier_version_verifies_and_is_made_again_byte_for_byte():
    """Stored values: the key, an attestation and a head of the ledger as the version before joserfc wrote them."""
    signer = Signer(bytes(range(32)))
    keys = Keys(signer, (EARLIER_JWK,))
    assert json.dumps(signer.jwk) == json.dumps(EARLIER_JWK)
    assert keys.read_jws(EARLIER_ATTESTATION) == EARLIER_PAYLOAD
    assert signer.sign_jws(EARLIER_PAYLOAD) == EARLIER_ATTESTATION
    head = Checkpoint(1, 26, "ab" * 32, "2026-06-18 14:00:00.000000", signer.kid, EARLIER_HEAD.rpartition(".")[2])
    assert head.token == EARLIER_HEAD == signer.sign_jws(head.payload, kind=HEAD_TYPE)
    assert keys.verify(EARLIER_HEAD)
    assert read_checkpoints(EARLIER_HEAD) == [head]


@pytest.mark.parametrize("header", [
    {"alg": "none", "kid": "KID"}, {"alg": "HS256", "kid": "KID"}, {"alg": "Ed25519", "kid": "KID"}, {"kid": "KID"},
    {"alg": "EdDSA"}, {"alg": "EdDSA", "kid": "other"}, {"alg": "EdDSA", "kid": 1}, {"alg": "EdDSA", "kid": {}},
    {"alg": {}, "kid": "KID"}, {"alg": "EdDSA", "kid": "KID", "crit": ["exp"]}, {"alg": "EdDSA", "kid": "KID", "b64": False},
    [], ["alg"], "alg", 1, None,
])  # fmt: skip
def test_only_eddsa_under_the_name_of_a_key_of_ours_is_read(header):
    """The bytes are signed by our key in every case: the header alone decides."""
    seed = bytes(range(32))
    keys = Keys(Signer(seed), (EARLIER_JWK,))
    if isinstance(header, dict) and header.get("kid") == "KID":
        header["kid"] = keys.signer.kid
    signed = base64url(json.dumps(header).encode()) + b"." + base64url(b"{}")
    token = signed + b"." + base64url(Ed25519PrivateKey.from_private_bytes(seed).sign(signed))
    assert keys.read_jws(token.decode()) is None


@given(st.one_of(st.text(), st.text(alphabet='eyJhbGciOiJF.{}[]"=-_')))
def test_no_text_that_is_not_ours_stops_a_check(text):
    keys = Keys(Signer(bytes(range(32))), (EARLIER_JWK,))
    assert keys.read_jws(text) is None
    for place in range(3):
        parts = EARLIER_ATTESTATION.split(".")
        if parts[place] != text:
            parts[place] = text
            assert keys.read_jws(".".join(parts)) is None


def test_an_attestation_whose_every_field_is_full_verifies(tmp_path):
    keys = load_keys(tmp_path)
    payload = ("é" * 200_000).encode()
    assert keys.read_jws(keys.signer.sign_jws(payload)) == payload


def test_the_name_of_a_key_is_its_rfc_7638_thumbprint():
    """The example of RFC 8037, appendix A."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    jwk = public_jwk(Ed25519PrivateKey.from_private_bytes(seed).public_key())
    assert jwk["x"] == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert jwk["kid"] == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_the_secret_shows_nowhere_by_accident(tmp_path):
    keys = load_keys(tmp_path)
    secret = (tmp_path / KEY_FILE).read_text()
    assert secret not in repr(keys)
    assert secret not in json.dumps(keys.jwks)
    assert Keys(keys.signer, ()).jwks == {"keys": []}
