"""A certifying body, a certification of any size, and a candidate whose dossier is full, in a store of its own."""

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from benchmarks.measure import get
from config import Config
from portfolio.app import build_app
from portfolio.backup.migration import upgrade
from portfolio.db.engine import Database
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.account.passwords import hash_password
from portfolio.domain.account.use_cases import start_session
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.certification.models import Block, Certification, CertificationVersion, Competency
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.dossier.models.dossier import Claim, CoverageReview, Dossier, Experience, Narrative
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.rules.assessment import Assessment
from portfolio.domain.dossier.rules.description import Anonymity, Authorship, Confidentiality, EvidenceKind
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.dossier.use_cases.draft_rows import load_content_digests
from portfolio.domain.review.models import Message
from portfolio.files.storage.store import new_key
from portfolio.server.run import freeze_gc
from portfolio.web import logs

AT = datetime.now(UTC) - timedelta(days=30)
PASSWORD = "les quatre blocs de la marée"  # noqa: S105
CLAIMS_A_PIECE = 3
WORDS = (
    "J’ai conduit ce travail du cadrage à la mise en ligne ; la pièce montre mes choix, leur budget et "
    "ce qui en est sorti. "
) * 6
TITLE = "Organiser et suivre l’ensemble des opérations d’un projet, en interne et à l’externe"


@dataclass(frozen=True)
class Size:
    """How large a dossier is; each piece is claimed for three competencies."""

    competencies: int
    pieces: int

    def __str__(self) -> str:
        return f"{self.competencies} × {self.pieces}".replace("1000", "1 000").replace("1100", "1 100")


@dataclass(frozen=True)
class FullDossier:
    """Who is connected, with which token, on which dossier."""

    candidacy_id: UUID
    person_id: UUID
    token: str
    evidence_id: UUID
    competency_id: UUID


@dataclass(frozen=True)
class Scene:
    """An application wired on a store that holds one dossier of each size."""

    app: Flask
    config: Config
    database: Database
    dossiers: dict[Size, FullDossier]

    def browser_cookie(self, token: str, path: str) -> str:
        """The cookie that a browser of the person connected sends once it has opened this page."""
        return browser_cookie(self.app, token, path)


def browser_cookie(app: Flask, token: str, path: str) -> str:
    """Return the cookie that a browser of the person connected sends once it has opened this page."""
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    first = f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps({'_user_id': token, '_fresh': True})}"
    _body, given = get(app, path, first)
    return given[0].split(";")[0] if given else first


def quiet_app(config: Config) -> Flask:
    """Build the application without its log of requests."""
    app = build_app(config)
    logs.configure(logging.CRITICAL)
    return app


@contextmanager
def scene(sizes: list[Size], port: int = 8000, address: str = "") -> Iterator[Scene]:
    """Make a store in a temporary folder, its tables in the database of an address if any, and leave no file."""
    folder = Path(tempfile.mkdtemp(prefix="acquis-bench-"))
    try:
        config = Config.from_env(
            {"DATA": str(folder), "PORT": str(port)} | ({"DATABASE_URL": address} if address else {})
        )
        upgrade(config.database_url)
        app = quiet_app(config)
        database: Database = app.extensions["database"]
        dossiers = {}
        for size in sizes:
            with database.transaction() as session:
                dossiers[size] = make_dossier(session, size)
        vacuum(database)
        freeze_gc()  # as a server does
        yield Scene(app, config, database, dossiers)
        database.engine.dispose()
    finally:
        tempfile.tempdir = None
        shutil.rmtree(folder, ignore_errors=True)


def make_dossier(session: Session, size: Size) -> FullDossier:
    """Add a candidate with an open dossier of this size, under a body and a certification of their own."""
    candidate, advisor = _person(session, "Samia Benali"), _person(session, "Claire Morel")
    version = make_version(session, size.competencies)
    candidacy = Candidacy(
        candidate_id=candidate.id, version_id=version.id, advisor_id=advisor.id, route=Route.VAE,
        regime=Regime.FRANCE_VAE, scope=Scope.WHOLE, admissible_on=date(2021, 11, 12), opened_at=AT,
        blocks=list(version.blocks),
    )  # fmt: skip
    session.add(candidacy)
    session.flush()
    texts = {"career": WORDS, "motivation": WORDS, "conclusion": ""}
    session.add(Dossier(candidacy_id=candidacy.id, state=DossierState.DRAFT, changed_at=AT, **texts))
    experience = Experience(
        candidacy_id=candidacy.id, structure="Maison de la mer", post="Cheffe de projet", changed_at=AT
    )
    session.add(experience)
    session.flush()
    competencies = [competency.id for block in version.blocks for competency in block.competencies]
    pieces = _pieces(session, candidacy.id, experience.id, size.pieces)
    _claims(session, candidacy.id, pieces, competencies)
    _narratives(session, candidacy.id, competencies)
    _marks(session, candidacy.id, advisor.id, competencies)
    token = start_session(session, candidate.id, timedelta(hours=12), at=datetime.now(UTC))
    return FullDossier(candidacy.id, candidate.id, token, pieces[0], competencies[-1])


def _person(session: Session, name: str) -> Person:
    person = Person(email=f"{uuid4().hex}@exemple.fr", name=name, password_hash=hash_password(PASSWORD), created_at=AT)
    session.add(person)
    session.flush()
    return person


def make_version(session: Session, competencies: int) -> CertificationVersion:
    """Add a body with a published version of so many competencies."""
    body = CertifyingBody(name=f"Institut {uuid4().hex}", city="Paris", created_at=AT)
    session.add(body)
    session.flush()
    version = CertificationVersion(
        certification=Certification(body_id=body.id, code="RNCP16959"), number=1, entry={},
        title="Expert en stratégie digitale", imported_at=AT,
    )  # fmt: skip
    version.blocks = [
        Block(number=number, title="Définir une stratégie digitale", assessments=[], competencies=_competencies(count))
        for number, count in enumerate(_shared(competencies), 1)
    ]
    session.add(version)
    session.flush()
    version.published_at = AT
    session.flush()
    return version


def _shared(competencies: int) -> list[int]:
    """Competencies a block: 2, 3, 3, 3 as in the reference entry, else eleven a block."""
    return [2, 3, 3, 3] if competencies == 11 else [11] * (competencies // 11)


def _competencies(count: int) -> list[Competency]:
    return [Competency(number=number, text=TITLE) for number in range(1, count + 1)]


def _pieces(session: Session, candidacy_id: UUID, experience_id: UUID, count: int) -> list[UUID]:
    """Pieces of which every twentieth still lacks its cover note."""
    ids = [uuid4() for _ in range(count)]
    said = {
        "kind": EvidenceKind.DELIVERABLE, "dated_from": date(2024, 3, 1),
        "own_role": "Je l’ai conçu et rédigé seule.", "authorship": Authorship.MINE,
        "confidentiality": Confidentiality.OPEN,
        "anonymity": Anonymity.NOT_NEEDED,
    }  # fmt: skip
    silent = dict.fromkeys(said) | {"own_role": ""}
    rows = [
        {
            "id": key, "candidacy_id": candidacy_id, "number": number,
            "title": f"Tableau de bord du mois {number}", "experience_id": experience_id, "added_at": AT,
            "changed_at": AT, **(silent if number % 20 == 10 else said),
        }
        for number, key in enumerate(ids, 1)
    ]  # fmt: skip
    session.execute(insert(Evidence), rows)
    files = [
        {
            "id": uuid4(), "evidence_id": key, "number": 1, "key": new_key(), "name": "piece.pdf",
            "mime": "application/pdf", "family": "document", "pages": 12, "size": 1000,
            "sha256": uuid4().hex * 2, "received_at": AT,
        }
        for key in ids
    ]  # fmt: skip
    session.execute(insert(EvidenceFile), files)
    return ids


def _claims(session: Session, candidacy_id: UUID, pieces: list[UUID], competencies: list[UUID]) -> None:
    """Three claims a piece, on neighbours; the last competency has none."""
    proved = competencies[:-1]
    said = {"candidacy_id": candidacy_id, "passage": "4-5", "changed_at": AT}
    rows = [
        said
        | {
            "id": uuid4(),
            "evidence_id": piece,
            "competency_id": proved[(place + nth) % len(proved)],
            "comment": comment,
        }
        for place, piece in enumerate(pieces)
        for nth, comment in enumerate([WORDS, WORDS, WORDS if place % 7 else ""][:CLAIMS_A_PIECE])
    ]
    session.execute(insert(Claim), rows)


def vacuum(database: Database) -> None:
    """Do what the autovacuum of PostgreSQL does within minutes of a hundred thousand new rows; nothing on
    SQLite, which keeps no statistics of its tables (decision 0120).
    """
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM (ANALYZE)"))
            connection.execute(text("CHECKPOINT"))


def _narratives(session: Session, candidacy_id: UUID, competencies: list[UUID]) -> None:
    """Three competencies out of four are told."""
    rows = [
        {
            "id": uuid4(), "candidacy_id": candidacy_id, "competency_id": key, "situation": WORDS,
            "actions": WORDS, "choices": WORDS if place % 3 else "", "result": WORDS, "changed_at": AT,
        }
        for place, key in enumerate(competencies)
        if place % 4
    ]  # fmt: skip
    session.execute(insert(Narrative), rows)


def _marks(session: Session, candidacy_id: UUID, advisor_id: UUID, competencies: list[UUID]) -> None:
    """Four competencies out of five are marked, some twice, some on what has changed since; two messages wait."""
    basis, values = load_content_digests(session, candidacy_id), list(Assessment)
    for place, key in enumerate(competencies):
        for _ in range(1 + place % 2):
            if place % 5 and key in basis:
                seen = basis[key] if place % 4 else "0" * 64
                session.add(
                    CoverageReview(
                        candidacy_id=candidacy_id, competency_id=key, advisor_id=advisor_id,
                        value=values[place % 3], comment=WORDS, reviewed_digest=seen,
                        content_digest=basis[key], created_at=AT,
                    )
                )  # fmt: skip
    for key in competencies[:2]:
        session.add(Message(candidacy_id=candidacy_id, competency_id=key, author_id=advisor_id, text=WORDS, sent_at=AT))
