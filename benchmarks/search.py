"""Search over ten thousand documents of a hundred dossiers, beside the same search over a hundred documents of one."""

import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from benchmarks.measure import Line, ms, times
from benchmarks.scene import Scene, Size, scene
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.models.renditions import Page, Rendition
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.dossier.rules.rendition import METHOD, RenditionKind, RenditionState
from portfolio.domain.search.use_cases.indexing import index_missing
from portfolio.domain.search.use_cases.search import search_drafts
from portfolio.files.storage.store import new_key

DOSSIERS, DOCUMENTS, PAGES, TARGET_MS = 100, 100, 3, 50
AT = datetime(2026, 3, 1, tzinfo=UTC)
_TEXT = """budget projet réunion client équipe planning campagne audience contenu partenaire contrat formation
outil données analyse stratégie communication marque réseau mobile accessibilité recette maquette veille
rapport bilan"""
WORDS = _TEXT.split()
QUERIES = ["budget", "réunions client", "stratégies de communication", "audit", "rare"]


def measure() -> Iterator[Line]:
    """The median and the time under which 95 searches in 100 are: of a candidate, and of an advisor of every
    dossier.
    """
    with scene([Size(11, 40)]) as made:
        [dossier] = made.dossiers.values()
        with made.database.transaction() as session:
            candidate, advisor, candidacies = _fill(session, dossier.candidacy_id, 1)
            _index(session)
        small = _times(made, candidate, candidacies[0])
        with made.database.transaction() as session:
            _fill(session, dossier.candidacy_id, DOSSIERS - 1)
        with made.database.transaction() as session:
            _index(session)
        one, all_of_them = _times(made, candidate, candidacies[0]), _times(made, advisor, None)
    yield _line("recherche d’une candidature, 95 sur 100", small, one)
    yield _line(f"recherche d’un accompagnement de {DOSSIERS} dossiers, 95 sur 100", small, all_of_them)


def _line(name: str, reference: list[float], subject: list[float]) -> Line:
    before, after = statistics.quantiles(reference, n=20)[-1], statistics.quantiles(subject, n=20)[-1]
    return Line(name, ms(before), ms(after), times(after, before), f"< {TARGET_MS} ms", after < TARGET_MS / 1000)


def _times(made: Scene, person_id: UUID, candidacy_id: UUID | None) -> list[float]:
    taken = []
    for turn in range(60):
        began = time.perf_counter()
        with made.database.reader() as session:
            search_drafts(session, person_id, QUERIES[turn % len(QUERIES)], candidacy_id)
        taken.append(time.perf_counter() - began)
    return taken


def _index(session: Session) -> None:
    while index_missing(session):
        pass


def _fill(session: Session, like: UUID, count: int) -> tuple[UUID, UUID, list[UUID]]:
    """Add dossiers of a hundred documents of three pages, and return whose they are, and their candidacies."""
    model = session.get_one(Candidacy, like)
    assert model.advisor_id is not None
    made = [uuid4() for _ in range(count)]
    copied = {
        name: getattr(model, name) for name in ("advisor_id", "version_id", "route", "regime", "scope", "admissible_on")
    }
    session.execute(
        insert(Candidacy),
        [
            copied | {"id": key, "candidate_id": model.candidate_id, "advisor_id": model.advisor_id, "opened_at": AT}
            for key in made
        ],
    )
    session.execute(
        insert(Dossier), [{"candidacy_id": key, "state": DossierState.DRAFT, "changed_at": AT} for key in made]
    )
    for key in made:
        _documents(session, key)
    return model.candidate_id, model.advisor_id, made


def _documents(session: Session, candidacy_id: UUID) -> None:
    chance = random.Random(candidacy_id.int)  # noqa: S311 - words of a bench
    pieces, files, orders = ([uuid4() for _ in range(DOCUMENTS)] for _ in range(3))

    def say(length: int) -> str:
        return " ".join(chance.choices(WORDS, k=length)) + (" rare" if chance.random() < 0.01 else "")

    session.execute(
        insert(Evidence),
        [
            {"id": key, "candidacy_id": candidacy_id, "number": n, "title": say(4), "added_at": AT, "changed_at": AT}
            for n, key in enumerate(pieces, 1)
        ],
    )
    common = {
        "number": 1,
        "name": "piece.pdf",
        "mime": "application/pdf",
        "family": "document",
        "pages": PAGES,
        "size": 10,
    }
    session.execute(
        insert(EvidenceFile),
        [
            common | {"id": key, "evidence_id": piece, "key": new_key(), "sha256": uuid4().hex * 2, "received_at": AT}
            for piece, key in zip(pieces, files, strict=True)
        ],
    )
    ready = {"kind": RenditionKind.PAGES, "state": RenditionState.READY, "method": METHOD, "requested_at": AT}
    session.execute(
        insert(Rendition), [ready | {"id": key, "file_id": file} for file, key in zip(files, orders, strict=True)]
    )
    session.execute(
        insert(Page),
        [
            {"id": uuid4(), "rendition_id": order, "number": n, "text": say(250)}
            for order in orders
            for n in range(1, PAGES + 1)
        ],
    )
