"""Saving a claim, beside a bare write transaction of the same store: both wait for the disk."""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from benchmarks.measure import Line, ms, times
from benchmarks.scene import Scene, Size, scene
from portfolio.domain.account.models import LoginAttempt
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.rules.texts import ClaimText
from portfolio.domain.dossier.use_cases.claims import add_claims

COUNT = 150


def measure() -> Iterator[Line]:
    """Median, and the time under which 95 in 100 are."""
    with scene([Size(11, COUNT)]) as made:
        row = {"account_digest": bytes(32), "attempted_at": datetime.now(UTC)}
        bare, saved = _by_turns(made, lambda db: db.execute(insert(LoginAttempt), row))
    yield Line("enregistrer un rattachement, médiane", ms(bare[0]), ms(saved[0]), times(saved[0], bare[0]))
    yield Line("enregistrer un rattachement, 95 sur 100", ms(bare[1]), ms(saved[1]), times(saved[1], bare[1]))


def _by_turns(made: Scene, write: Callable[[Session], object]) -> tuple[tuple[float, float], tuple[float, float]]:
    [dossier] = made.dossiers.values()
    with made.database.reader() as session:
        pieces = [row.id for row in session.query(Evidence.id).where(Evidence.candidacy_id == dossier.candidacy_id)]
    bare, saved = [], []
    for piece in pieces:
        began = time.perf_counter()
        with made.database.transaction() as session:
            write(session)
        bare.append(time.perf_counter() - began)
        began, text = (
            time.perf_counter(),
            ClaimText("4-5", "Le plan de charge est de moi : il dit qui fait quoi, et quand."),
        )
        with made.database.transaction() as session:
            add_claims(
                session,
                dossier.candidacy_id,
                piece,
                [dossier.competency_id],
                text,
                by=dossier.person_id,
                at=datetime.now(UTC),
            )
        saved.append(time.perf_counter() - began)
    return _summed(bare), _summed(saved)


def _summed(taken: list[float]) -> tuple[float, float]:
    return statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
