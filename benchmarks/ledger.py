"""Measure the check of a ledger beside reading the same rows and hashing nothing: `python benchmarks/ledger.py`.

Closings are made in bulk (26 entries each, as a whole certification gives), recorded by the application's own `append`,
then checked with every signature, and held against every head as if it had been kept elsewhere.
"""

import argparse
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[1]))

from sqlalchemy import text
from sqlalchemy.orm import Session

from portfolio.backup.migration import upgrade
from portfolio.db.engine import Base, Database
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.integrity_checks.verification import check
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision, RecordedFinding
from portfolio.domain.ledger.raw_rows import checkpoints, entries, load_rows
from portfolio.domain.ledger.recording import SIGNER, append
from portfolio.on_commit import open_database
from portfolio.signing_key import Keys, Signer
from tools.cluster.postgresql import postgresql_server

AT = datetime(2026, 6, 18, 14, 0, tzinfo=UTC)
DAY = date(2026, 6, 18)
SEATS = ("president", "employee_representative", "director_or_delegate", "teacher_trainer", "pedagogical_manager")
REASON = "Les besoins en personnes ne sont pas chiffrés ; le budget d’embauche manque."


class Spent(NamedTuple):
    """Seconds: on the clock, and of this process alone, which a busy machine does not stretch."""

    clock: float
    process: float

    def __str__(self) -> str:
        return f"{self.clock:7.2f} s à l’horloge, {self.process:6.2f} s de processeur"


def main() -> int:
    """Build, read, check; say the figures.

    The status is 0 when the check is within ten seconds for 100,000 entries.
    """
    asked = _arguments()
    with _store(asked.store) as url:
        signer = Signer(bytes(32))
        database, keys = open_database(url, {SIGNER: signer}), Keys(signer, (signer.jwk,))
        print(f"{asked.store} : {asked.entries} entrées à écrire…", flush=True)
        _, writing = _timed(lambda: _write(database, asked.entries))
        count, reading = _timed(lambda: _read(database))
        answer, checking = _timed(lambda: _check(database, keys))
        database.engine.dispose()
    assert answer.ok, answer.difference
    assert answer.entries == count
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"écrire     {writing}")
    print(f"lire seul  {reading}  (référence : les mêmes lignes, rien de calculé)")
    times = checking.clock / reading.clock
    print(f"vérifier   {checking}  ({count / checking.clock:,.0f} entrées par seconde, {times:.1f} fois la lecture)")
    print(f"mémoire    {memory:7.0f} Mio au plus")
    scaled = checking.clock * 100_000 / count
    print(f"100 000 entrées en moins de 10 s : {'oui' if scaled < 10 else 'non'} ({scaled:.2f} s)")
    return 0 if scaled < 10 else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    return parser.parse_args()


@contextmanager
def _store(kind: str) -> Iterator[str]:
    folder = tempfile.mkdtemp(prefix="acquis-bench-")
    try:
        if kind == "sqlite":
            url = f"sqlite:///{folder}/acquis.db"
            upgrade(url)
            yield url
            return
        with postgresql_server(Path(folder) / "pg") as server:
            url = server.render_as_string(hide_password=False)
            upgrade(url)
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _timed(act: Callable[[], Any]) -> tuple[Any, Spent]:
    start, busy = time.perf_counter(), time.process_time()
    found = act()
    return found, Spent(time.perf_counter() - start, time.process_time() - busy)


def _write(database: Database, count: int) -> None:
    written = 0
    while written < count:
        with database.transaction() as session:
            _without_foreign_keys(session)
            for _ in range(100):
                acts = _closing()
                session.add_all(acts)
                append(session, acts, at=AT)
                written += len(acts)
                session.expunge_all()
                if written >= count:
                    break
            _forget_missing_rows(session)


def _without_foreign_keys(session: Session) -> None:
    """The hearings, people and blocks behind these acts are not what is measured."""
    dialect = session.get_bind().dialect.name
    session.execute(
        text("PRAGMA defer_foreign_keys=ON" if dialect == "sqlite" else "SET session_replication_role = replica")
    )


def _forget_missing_rows(session: Session) -> None:
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA defer_foreign_keys=OFF")


def _closing() -> list[Base]:
    minutes = Minutes(
        id=uuid4(),
        hearing_id=uuid4(),
        number=f"PV-20260618-{uuid4().hex[:20].upper()}",
        decided_on=DAY,
        closed_at=AT,
        closed_by=uuid4(),
        root="ab" * 32,
        composition=_composition(),
    )
    person = uuid4()
    grants = [
        Grant(
            id=uuid4(), person_id=person, block_id=uuid4(), serial=1, source="jury", minutes_id=minutes.id,
            granted_on=DAY, recorded_at=AT,
        )
        for _ in range(4)
    ]  # fmt: skip
    award = Award(
        id=uuid4(),
        person_id=person,
        version_id=uuid4(),
        serial=1,
        completed_by=grants[-1].id,
        obtained_on=DAY,
        recorded_at=AT,
    )
    subjects = [*({"grant_id": grant.id} for grant in grants), {"award_id": award.id}]
    certificates = [
        Certificate(id=uuid4(), number=uuid4().hex, printed_text=_labels(), issued_at=AT, **subject)
        for subject in subjects
    ]
    return [minutes, *_decisions(minutes), *_findings(minutes), *grants, award, *certificates]


def _decisions(minutes: Minutes) -> list[RecordedDecision]:
    words = {"reason": REASON, "override_reason": "", "recommendation": "Joindre un budget réel."}
    return [
        RecordedDecision(id=uuid4(), minutes_id=minutes.id, block_id=uuid4(), outcome="validated", **words)
        for _ in range(4)
    ]


def _findings(minutes: Minutes) -> list[RecordedFinding]:
    words = {"reason": REASON, "ground": None, "ground_text": ""}
    return [
        RecordedFinding(id=uuid4(), minutes_id=minutes.id, competency_id=uuid4(), value="acquired", **words)
        for _ in range(11)
    ]


def _composition() -> dict[str, Any]:
    members = [
        {
            "person": str(uuid4()),
            "name": "Aya Diallo",
            "seat": seat,
            "quality": "Cheffe de projet",
            "college": "employees",
        }
        for seat in SEATS
    ]
    predicates = [
        {"id": f"J{n}", "holds": True, "blocking": True, "facts": {"needed": 2, "found": 2}} for n in range(1, 12)
    ]
    return {"held_on": "2026-06-18", "place": "Bordeaux", "members": members, "predicates": predicates}


def _labels() -> dict[str, Any]:
    names = (
        "title",
        "code",
        "level",
        "european_level",
        "nsf",
        "body",
        "city",
        "session",
        "holder",
        "standing",
        "act",
        "block",
    )
    return dict.fromkeys(names, "Expert en stratégie digitale, à Paris") | {"delivered_on": "2026-06-18", "number": 3}


def _read(database: Database) -> int:
    """Read everything the check reads, and compute nothing."""
    count = 0
    with database.reader() as session:
        for batch in entries(session):
            named: dict[str, list[str]] = {}
            for entry, _salts in batch:
                named.setdefault(entry.act, []).append(entry.row)
            for act, ids in named.items():
                load_rows(session, act, ids)
            count += len(batch)
        for _head in checkpoints(session):
            pass
    return count


def _check(database: Database, keys: Keys) -> Any:
    with database.reader() as session:
        outside = [head for head, _entry in checkpoints(session)]
        return check(session, keys, outside)


if __name__ == "__main__":
    sys.exit(main())
