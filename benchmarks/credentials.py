"""Certificates that strangers verify: 500 accepted, each character of ten of them changed and refused; signing them.

`CREDENTIALS` says how many are signed, `CHANGES` how many changes of each form are tried.
"""

import json
import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid4, uuid5

from benchmarks.measure import Line
from portfolio.domain.holdings.use_cases.credentials import CredentialFacts, name_hash, sign_status_list
from portfolio.verifiable_credentials import Issuer, as_text, load_issuer
from portfolio.wording.documents.credential import credential_content
from tests.holdings.strangers import badges_refusal_of_document, badges_refusal_of_token, node_modules, node_verdicts

SITE, DID = "https://acquis.exemple.fr", "did:web:acquis.exemple.fr"
COUNT, CHANGES = int(os.environ.get("CREDENTIALS", "500")), int(os.environ.get("CHANGES", "16000"))
AT = datetime(2026, 6, 18, 14, 0, tzinfo=UTC)
LIST = f"{SITE}/statuts/retraits/1"
# One in fifty is withdrawn.
WITHDRAWN = 50


def measure() -> Iterator[Line]:
    """Sign, verify, change, verify again."""
    with tempfile.TemporaryDirectory() as folder:
        issuer = load_issuer(Path(folder), SITE)
        began = time.process_time()
        signed = [_signed(issuer, rank) for rank in range(COUNT)]
        each = (time.process_time() - began) / COUNT
        yield Line(
            f"signer un certificat sous ses deux formes, {COUNT} fois", "", f"{each * 1000:.1f} ms de processeur",
            f"{10_000 * each:.0f} s pour 10 000", "60 s pour 10 000", each * 10_000 <= 60,
        )  # fmt: skip
        yield from _accepted(issuer, signed)
        yield from _refused(issuer, signed[1:11])


def _signed(issuer: Issuer, rank: int) -> tuple[str, str]:
    """Return the two forms of the certificate of an invented block."""
    number, salt = f"AAAA-BBBB-CCCC-{rank:04d}", uuid4().hex
    labels = {
        "holder": f"Personne {rank}", "subject": "block", "block": {"number": 2, "title": "Piloter un projet"},
        "competencies": [{"number": f"2.{one}", "text": f"Conduire l’étape {one} du projet"} for one in range(1, 5)],
        "certification": {"code": "RNCP16959", "title": "Expert en stratégie digitale", "version": 1, "level": "7"},
        "body": {"name": "Institut de l’exemple"}, "delivered_on": "2026-06-18", "act": None,
        "session": {"held_on": "2026-06-18", "place": "Paris", "minutes": "2026-01"},
        "standing": {"code": "in_force", "registration": None},
    }  # fmt: skip
    version = uuid5(NAMESPACE_URL, SITE)
    facts = CredentialFacts(
        SITE, number, labels, AT, uuid4().urn, name_hash(labels["holder"], salt), version, version, ()
    )
    forms = []
    for place in (LIST, f"{LIST}.jwt"):
        status = {"id": f"{place}#{rank}", "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
                  "statusListIndex": str(rank), "statusListCredential": place}  # fmt: skip
        forms.append({**credential_content(facts), "credentialStatus": status})
    return as_text(issuer.sign_document(forms[0], AT)), issuer.sign_token(forms[1])


def _site(issuer: Issuer) -> dict[str, bytes]:
    gone = range(0, COUNT, WITHDRAWN)
    lists = {LIST: sign_status_list(issuer, 1, gone, AT, token=False)}
    lists[f"{LIST}.jwt"] = sign_status_list(issuer, 1, gone, AT, token=True)
    document = json.dumps(issuer.did_document)
    return {place: text.encode() for place, text in (lists | {f"{SITE}/.well-known/did.json": document}).items()}


def _accepted(issuer: Issuer, signed: list[tuple[str, str]]) -> Iterator[Line]:
    site, gone = _site(issuer), set(range(0, COUNT, WITHDRAWN))
    began = time.monotonic()
    documents = sum(not badges_refusal_of_document(document, site) for document, _ in signed)
    tokens = [not badges_refusal_of_token(token, DID, site) for _, token in signed]
    right = documents == COUNT and {rank for rank, told in enumerate(tokens) if not told} == gone
    yield Line(
        "openbadgeslib, hors ligne", f"{COUNT} certificats, {len(gone)} retirés",
        f"{documents} JSON-LD et {sum(tokens)} JWT acceptés, {COUNT - sum(tokens)} dits retirés",
        f"{time.monotonic() - began:.0f} s", "tous", right,
    )  # fmt: skip
    folder = node_modules()
    if folder is None or issuer.did_document is None:
        return
    began = time.monotonic()
    cases = [("document", document) for document, _ in signed] + [("token", token) for _, token in signed]
    found = node_verdicts(folder, issuer.did_document, cases, {LIST: site[LIST]}, at="2076-06-18T00:00:00Z")
    answers, taken = found["answers"], time.monotonic() - began
    told = {rank for rank, answer in enumerate(answers[:COUNT]) if answer.get("withdrawn")}
    verified = sum(answer["verified"] for answer in answers)
    yield Line(
        "@digitalbazaar/vc et jose, hors ligne, cinquante ans plus tard", f"{COUNT} certificats, {len(gone)} retirés",
        f"{verified} formes acceptées, {len(told)} dites retirées, {len(found['asked'])} adresse demandée",
        f"{taken:.0f} s", "90 s", told == gone and not found["asked"] and taken <= 90,
    )  # fmt: skip


def _refused(issuer: Issuer, ten: list[tuple[str, str]]) -> Iterator[Line]:
    site, began = _site(issuer), time.monotonic()
    # The last character of a token carries bits that no signature covers: it is left.
    tokens = [changed for _, token in ten for changed in _changes(token, len(token) - 1)][:CHANGES]
    kept = sum(not badges_refusal_of_token(one, DID, site, status=False) for one in tokens)
    yield Line(
        "openbadgeslib, un signe changé d’un JWT", "dix certificats", f"{len(tokens)} changements, {kept} accepté",
        f"{time.monotonic() - began:.0f} s", "aucun", not kept,
    )  # fmt: skip
    folder = node_modules()
    if folder is None or issuer.did_document is None:
        return
    began = time.monotonic()
    documents = [changed for document, _ in ten for changed in _changes(document, len(document))][:CHANGES]
    cases = [("document", one) for one in documents] + [("token", one) for one in tokens]
    answers = node_verdicts(folder, issuer.did_document, cases, {LIST: site[LIST]})["answers"]
    taken = [case for case, answer in zip(cases, answers, strict=True) if answer["verified"]]
    yield Line(
        "@digitalbazaar/vc et jose, un signe changé", "dix certificats",
        f"{len(documents)} changements du JSON-LD, {len(tokens)} du JWT, {len(taken)} accepté",
        f"{time.monotonic() - began:.0f} s", "aucun", not taken,
    )  # fmt: skip


def _changes(text: str, end: int) -> Iterator[str]:
    for where in range(end):
        letter = "B" if text[where] != "B" else "C"
        yield text[:where] + (letter if text[where].isalnum() else "~") + text[where + 1 :]
