"""Every member signs closed minutes; a signature by passkey is checked by what knows nothing of us."""

import base64
import hashlib
import json
import struct

import cbor2
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.account import passkeys
from portfolio.domain.account.models import Passkey
from portfolio.domain.account.passkeys import Site
from portfolio.domain.account.rules import PasskeyPurpose
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.models.deliberation import MinutesSignature
from portfolio.domain.jury.rules.enums import SigningMethod
from portfolio.domain.jury_session.use_cases import closing, former_jury, signing
from portfolio.errors import Refusal
from portfolio.screens.juror.hearing.minutes import signature_value
from portfolio.web.clock import now
from tests.jury.builders import Scene, deliberate
from tests.jury.pages import SIGNED, as_member, hearing, staged
from tests.page import CheckedClient

SITE = Site("jury.exemple.fr", "https://jury.exemple.fr")


def check(minutes: bytes, signature: dict[str, str]) -> None:
    """Check a signature of the file `signatures.json` with the file of the minutes, as anybody would.

    Raise when it is not the one of these minutes, or not of this key.
    """
    digest = hashlib.sha256(minutes).digest()
    assert digest.hex() == signature["digest"]
    parts = {part: base64.b64decode(text) for part, text in signature.items() if part in (
        "credential_public", "client_data", "authenticator_data", "signature")}  # fmt: skip
    client = json.loads(parts["client_data"])
    assert client["type"] == "webauthn.get"
    challenge = base64.urlsafe_b64decode(client["challenge"] + "==")
    assert challenge.startswith(digest)
    cose = cbor2.loads(parts["credential_public"])
    numbers = ec.EllipticCurvePublicNumbers(
        int.from_bytes(cose[-2], "big"), int.from_bytes(cose[-3], "big"), ec.SECP256R1()
    )
    signed = parts["authenticator_data"] + hashlib.sha256(parts["client_data"]).digest()
    numbers.public_key().verify(parts["signature"], signed, ec.ECDSA(hashes.SHA256()))


class Key:
    """A passkey of a telephone."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.id = b"key-of-a-telephone"

    @property
    def cose(self) -> bytes:
        point = self._key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})

    def answer(self, options: str) -> str:
        client = json.dumps(
            {"type": "webauthn.get", "challenge": json.loads(options)["challenge"], "origin": SITE.origin}
        ).encode()
        told = hashlib.sha256(SITE.host.encode()).digest() + b"\x05" + struct.pack(">I", 1)
        signature = self._key.sign(told + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": told, "signature": signature}
        response = {part: base64.urlsafe_b64encode(content).decode().rstrip("=") for part, content in parts.items()}
        known = base64.urlsafe_b64encode(self.id).decode().rstrip("=")
        return json.dumps({"id": known, "rawId": known, "type": "public-key", "response": response,
                           "clientExtensionResults": {}})  # fmt: skip


@pytest.fixture
def made(store: Database) -> Scene:
    """Closed minutes."""
    made = staged(store)
    deliberate(store, made)
    with store.transaction() as session:
        closing.close(session, made.hearing_id, by=made.president.id, at=now())
    return made


@pytest.mark.records("minutes_signed", "passkey_refused")
def test_a_passkey_signs_the_digest_and_changed_minutes_are_refused(store: Database, made: Scene):
    key, person = Key(), made.members[Seat.EMPLOYEE_REPRESENTATIVE].id
    with store.transaction() as session:
        session.add(Passkey(person_id=person, name="Téléphone", added_at=now(), credential_id=key.id,
                            public_key=key.cose, sign_count=0, verifies_user=True, is_synced=False, transports=""))  # fmt: skip
        session.flush()
        over = signing.minutes_digest(session, made.hearing_id)
        options = passkeys.request_options(session, person, PasskeyPurpose.SIGN, SITE, at=now(), over=over)
        assert options is not None
        proof = passkeys.sign(session, person, key.answer(options), SITE, at=now(), over=over)
        assert proof is not None
        row = signing.sign_minutes(session, made.hearing_id, SigningMethod.PASSKEY, proof, by=person, at=now())
        minutes, told = signing.minutes_form(session, made.hearing_id), signature_value("M", row)
    check(minutes, told)
    with pytest.raises(AssertionError):
        check(minutes.replace(b"validated", b"not_valid", 1), told)
    other = {**told, "credential_public": base64.b64encode(Key().cose).decode()}
    with pytest.raises(InvalidSignature):
        check(minutes, other)
    with store.transaction() as session:  # what was signed for a log in, or another text, signs nothing here
        plain = passkeys.request_options(session, person, PasskeyPurpose.SIGN, SITE, at=now())
        assert plain is not None
        assert passkeys.sign(session, person, key.answer(plain), SITE, at=now(), over=over) is None
    with store.reader() as session, pytest.raises(Refusal, match="jury_signed_already"):
        signing.check_may_sign(session, made.hearing_id, person)


def test_a_member_signs_with_their_password_and_anybody_else_does_not(
    client: CheckedClient, store: Database, made: Scene
):
    as_member(client, made, Seat.EMPLOYEE_REPRESENTATIVE)
    url = hearing(made, "/resultat")
    assert "pas encore de signature" in client.page(url).text
    wrong = client.send(hearing(made, "/signature"), {"password": "faux"}, form=url)
    assert wrong.status_code == 422
    assert client.send(hearing(made, "/signature"), SIGNED, form=url).status_code == 303
    assert "signé avec le mot de passe" in client.page(url).text
    with store.reader() as session:
        row = session.scalars(select(MinutesSignature)).one()
        minutes = signing.minutes_form(session, made.hearing_id)
    assert client.get(hearing(made, "/proces-verbal.json")).data == minutes
    assert hashlib.sha256(minutes).hexdigest() == row.digest
    assert client.get(hearing(made, "/signatures.json")).get_json(force=True)[0]["method"] == "password"


def test_who_sat_is_asked_to_sign_until_they_have(client: CheckedClient, store: Database, made: Scene):
    as_member(client, made, Seat.EMPLOYEE_REPRESENTATIVE)
    page = client.page("/jurys")
    assert "Signez le procès-verbal de Samia Benali" in page.text
    assert hearing(made, "/resultat#signatures") in [link["href"] for link in page.all("a")]
    assert client.send(hearing(made, "/signature"), SIGNED, form=hearing(made, "/resultat")).status_code == 303
    assert "Signez le procès-verbal" not in client.page("/jurys").text
    as_member(client, made, Seat.PRESIDENT)
    assert "Signez le procès-verbal" not in client.page("/jurys").text, "they signed at the closing"


def test_the_body_reads_who_has_not_signed(store: Database, made: Scene):
    person = made.members[Seat.EMPLOYEE_REPRESENTATIVE]
    with store.reader() as session:
        before = signing.load_unsigned(session, [made.hearing_id])[made.hearing_id]
    with store.transaction() as session:
        signing.sign_minutes(session, made.hearing_id, SigningMethod.PASSWORD, by=person.id, at=now())
    with store.reader() as session:
        after = signing.load_unsigned(session, [made.hearing_id])[made.hearing_id]
    assert set(before) - set(after) == {person.name}
    assert (len(before), len(after)) == (4, 3)


def test_a_sitting_without_effect_leaves_nothing_to_sign(store: Database):
    made = staged(store)
    with store.transaction() as session:
        former_jury.void_hearing(session, made.hearing_id, "Le lien était connu.", by=made.certifier.id, at=now())
    with store.reader() as session:
        assert signing.load_unsigned(session, [made.hearing_id]) == {}
