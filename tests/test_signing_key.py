"""The installation's key: made once, kept private, and never forgotten by what it signed."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from portfolio.signing_key import KEY_FILE, PUBLIC_FILE, Keys, Signer, load_keys, public_jwk

GIVEN = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"


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
    assert new.verify(old.signer.kid, b"message", old.signer.sign(b"message"))
    assert [one["kid"] for one in new.jwks["keys"]] == [new.signer.kid, old.signer.kid]


def test_a_key_given_is_not_written_down(tmp_path):
    load_keys(tmp_path, GIVEN)
    assert not (tmp_path / KEY_FILE).exists()
    assert GIVEN not in (tmp_path / PUBLIC_FILE).read_text()


@pytest.mark.parametrize("given", ["court", GIVEN + "A", GIVEN[:-1], "é" * 43, GIVEN + "==="])
def test_a_key_that_is_not_one_stops_the_start(tmp_path, given):
    with pytest.raises(ValueError, match="base64url"):
        load_keys(tmp_path, given)


def test_a_signature_is_ours_only_as_it_was_made(tmp_path):
    keys = load_keys(tmp_path)
    kid, signature = keys.signer.kid, keys.signer.sign(b"message")
    assert keys.verify(kid, b"message", signature)
    other = "A" if signature[0] != "A" else "B"
    for broken in ("", "é", signature + "=", signature[:-1], signature + "A", other + signature[1:]):
        assert not keys.verify(kid, b"message", broken)
    assert not keys.verify(kid, b"autre", signature)
    assert not keys.verify("autre", b"message", signature)


def test_the_last_sign_of_a_signature_has_one_writing_only(tmp_path):
    """Base64 leaves bits unused in the last sign: a looser reader would take sixteen texts for one signature."""
    keys = load_keys(tmp_path)
    signature = keys.signer.sign(b"message")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    good = [sign for sign in alphabet if keys.verify(keys.signer.kid, b"message", signature[:-1] + sign)]
    assert good == [signature[-1]]


def test_the_name_of_a_key_is_its_rfc_7638_thumbprint():
    """The example of RFC 8037, appendix A."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

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
