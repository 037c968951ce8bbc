"""A body with many candidacies, sealed dossiers, letters and certificates.

The benches of the lists and of the restore drill fill their store with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from benchmarks.scene import PASSWORD, make_version
from portfolio.domain.account.models import CertifyingBodyMember, LoginSession, Person
from portfolio.domain.account.passwords import hash_password
from portfolio.domain.candidacy.models import Candidacy, Submission, candidacy_block
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.certification.models import Block
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.holdings.models.events import Acquisition
from portfolio.domain.holdings.models.grants import Certificate, Grant
from portfolio.domain.holdings.rules.facts import Source
from portfolio.domain.holdings.use_cases.issuing import printed_text
from portfolio.domain.jury.models.sessions import Hearing, JurySession

ADVISORS, A_SESSION = 40, 10
CERTIFIER, FIRST_ADVISOR = "Hélène Roche", "Accompagnatrice 00"
AT = datetime.now(UTC) - timedelta(days=60)


@dataclass(frozen=True)
class Proof:
    """The stored file of an acquisition."""

    key: str
    size: int
    sha256: str


def fill(session: Session, size: int, proofs: Sequence[Proof] = ()) -> dict[str, UUID]:
    """Fill a store with so many candidates; `proofs`: the stored files of their acquisitions.

    With files, nothing is sealed: the ledger then records the acquisitions, the grants and the certificates alone.
    """
    version = make_version(session, 11)
    secret = hash_password(PASSWORD)
    body_id = version.certification.body_id
    certifier, *advisors = _people(session, [CERTIFIER, *(f"Accompagnatrice {n:02}" for n in range(ADVISORS))], secret)
    session.add(CertifyingBodyMember(body_id=body_id, person_id=certifier))
    session.flush()
    candidates = _people(session, [f"Samia Benali {n:06}" for n in range(size)], secret)
    now = datetime.now(UTC)
    rows: list[dict[str, Any]] = [
        {
            "id": uuid4(), "candidate_id": person, "version_id": version.id,
            "advisor_id": advisors[_advisor_of(n)], "route": Route.VAE, "regime": Regime.FRANCE_VAE,
            "scope": Scope.WHOLE, "admissible_on": (now - timedelta(days=175 + n % 12)).date(),
            "opened_at": AT + timedelta(seconds=n),
        }
        for n, person in enumerate(candidates)
    ]  # fmt: skip
    session.execute(insert(Candidacy), rows)
    blocks = [block.id for block in version.blocks]
    pairs = [{"candidacy_id": row["id"], "block_id": block, "id": uuid4()} for row in rows for block in blocks]
    session.execute(insert(candidacy_block), pairs)
    # Half are sealed, half are written: a list of either is as full in a small body as in a large one.
    sealed_ids = [] if proofs else [row["id"] for n, row in enumerate(rows) if n % 4 < 2]
    sealed = set(sealed_ids)
    dossiers = [
        {
            "candidacy_id": row["id"], "changed_at": AT, "career": "", "motivation": "", "conclusion": "",
            "revision": 1, "state": DossierState.SUBMITTED if row["id"] in sealed else DossierState.DRAFT,
            "is_required": True,
        }
        for row in rows
    ]  # fmt: skip
    session.execute(insert(Dossier), dossiers)
    if sealed_ids:
        _seal(session, body_id, version.id, sealed_ids)
    _log_in(session, candidates[1::2])
    _letters(session, body_id, candidates)
    _certify(session, blocks[0], rows, proofs or [_no_proof() for _ in rows])
    return {"certifier": certifier, "advisor": advisors[0]}


def _advisor_of(number: int) -> int:
    """Give the first advisor every second candidacy, so that their page is as full in a small body; the
    others share the rest.
    """
    return 0 if number % 2 else 1 + number // 2 % (ADVISORS - 1)


def _people(session: Session, names: list[str], secret: str) -> list[UUID]:
    ids = [uuid4() for _ in names]
    rows = [
        {"id": key, "email": f"{key.hex}@exemple.fr", "name": name, "password_hash": secret, "created_at": AT}
        for key, name in zip(ids, names, strict=True)
    ]
    session.execute(insert(Person), rows)
    return ids


def _seal(session: Session, body_id: UUID, version_id: UUID, candidacies: list[UUID]) -> None:
    """Seal these dossiers; one in ten is heard, ten a session."""
    submissions = [
        {"id": uuid4(), "candidacy_id": key, "number": 1, "submitted_at": AT, "manifest": b"{}", "root": "0" * 64}
        for key in candidacies
    ]
    session.execute(insert(Submission), submissions)
    heard = submissions[::10]
    sessions = [
        {
            "id": uuid4(), "body_id": body_id, "version_id": version_id, "place": "Paris", "planned_at": AT,
            "external_months": 24,
            "held_on": date.today() - timedelta(days=n % 700), "parity_reason": "",
        }
        for n in range(len(heard) // A_SESSION + 1)
    ]  # fmt: skip
    session.execute(insert(JurySession), sessions)
    hearings = [
        {
            "id": uuid4(),
            "session_id": sessions[n // A_SESSION]["id"],
            "submission_id": row["id"],
            "is_current": True,
            "attendance": "heard",
        }
        for n, row in enumerate(heard)
    ]
    session.execute(insert(Hearing), hearings)


def _certify(session: Session, block_id: UUID, candidacies: list[dict[str, Any]], proofs: Sequence[Proof]) -> None:
    """Give each candidate a block acquired by another route, with its certificate."""
    day = (AT - timedelta(days=30)).date()
    acquisitions: list[dict[str, Any]] = [
        {
            "id": uuid4(), "candidacy_id": row["id"], "person_id": row["candidate_id"], "block_id": block_id,
            "acquired_on": day - timedelta(days=n % 1500), "obtained_at": "Formation de Lyon",
            "verified_by": row["candidate_id"], "verified_at": AT, "file_key": proof.key,
            "file_name": "attestation.pdf", "file_mime": "application/pdf", "file_size": proof.size,
            "file_sha256": proof.sha256,
        }
        for n, (row, proof) in enumerate(zip(candidacies, proofs, strict=True))
    ]  # fmt: skip
    session.execute(insert(Acquisition), acquisitions)
    grants: list[dict[str, Any]] = [
        {
            "id": uuid4(), "person_id": row["person_id"], "block_id": block_id, "serial": 1,
            "source": Source.ACQUISITION, "acquisition_id": row["id"], "granted_on": row["acquired_on"],
            "recorded_at": AT,
        }
        for row in acquisitions
    ]  # fmt: skip
    session.execute(insert(Grant), grants)
    labels = _labels(session, block_id, acquisitions[0])
    certificates = [
        {
            "id": uuid4(), "number": f"BENC-H000-{n // 10000:04}-{n % 10000:04}", "grant_id": row["id"],
            "issued_at": AT, "printed_text": labels | {"delivered_on": row["granted_on"].isoformat()},
        }
        for n, row in enumerate(grants)
    ]  # fmt: skip
    session.execute(insert(Certificate), certificates)


def _labels(session: Session, block_id: UUID, acquisition: dict[str, Any]) -> dict[str, Any]:
    fact = session.get_one(Acquisition, acquisition["id"])
    return printed_text(fact.candidacy, fact.acquired_on, session.get_one(Block, block_id), fact)


def _no_proof() -> Proof:
    return Proof(uuid4().hex, 8, uuid4().hex * 2)


def _log_in(session: Session, people: list[UUID]) -> None:
    rows = [
        {
            "token_digest": uuid4().bytes * 2,
            "person_id": key,
            "started_at": AT + timedelta(days=3),
            "expires_at": AT + timedelta(days=4),
        }
        for key in people
    ]
    session.execute(insert(LoginSession), rows)


def _letters(session: Session, body_id: UUID, people: list[UUID]) -> None:
    rows = [
        {
            "id": uuid4(), "body_id": body_id, "person_id": key, "subject": "Votre candidature",
            "text": "Bonjour.", "created_at": AT + timedelta(seconds=n),
            "sent_at": AT + timedelta(minutes=n) if n % 50 else None, "search_words": f"samia benali {n:06}",
            "kind": "invitation",
        }
        for n, key in enumerate(people)
    ]  # fmt: skip
    session.execute(insert(OutgoingEmail), rows)
