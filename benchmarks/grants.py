"""Grants: the pure rule on 10,000 and on 100,000 candidates, and `recompute-grants --check` on 1,000 and
10,000 people.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from benchmarks.measure import Line, ms, times
from benchmarks.scene import make_version
from portfolio.backup.migration import upgrade
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy, Submission, SubmittedBlock, candidacy_block
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.rules.completion import completion_for
from portfolio.domain.holdings.rules.facts import CertifiedBlock, Decision, History, JuryDecisionFacts, Source
from portfolio.domain.holdings.rules.granting import granting_events, grants_for
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision, RecordedFinding
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.rules.enums import Attendance, FindingValue, Outcome
from portfolio.on_commit import open_database

SMALL, LARGE = 10_000, int(os.environ.get("GRANTS", "100000"))
FEW, MANY = 1_000, int(os.environ.get("PEOPLE", "10000"))
A_SECOND, CHECK_SECONDS, LINEAR = 20_000, 30, 1.25
A_SESSION = 10
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HELD_ON = date(2026, 3, 1)


def measure() -> Iterator[Line]:
    """The rule alone, then the check of a whole database."""
    yield from _rule()
    yield from _check()


def _rule() -> Iterator[Line]:
    small, large = _seconds_of_rule(SMALL), _seconds_of_rule(LARGE)
    growth = (large / LARGE) / (small / SMALL)
    rate = LARGE / large
    label = f"octroi, règle seule, {SMALL} puis {LARGE} candidats"
    yield Line(
        label, ms(small), ms(large), f"{growth:.2f} × par candidat".replace(".", ","), f"≤ {LINEAR} ×", growth <= LINEAR
    )
    yield Line(
        "octroi, règle seule, débit", "", f"{rate:,.0f} /s".replace(",", " "), "", "≥ 20 000 /s", rate >= A_SECOND
    )


def _seconds_of_rule(size: int) -> float:
    """Return the processor time that the answers of so many candidates take, each with two sittings, their
    facts at hand.
    """
    blocks = tuple(CertifiedBlock(uuid4(), number, f"Bloc {number}") for number in range(1, 5))
    histories = [_history(blocks, rank) for rank in range(size)]
    began = time.process_time()
    for history in histories:
        grants_for(blocks, history)
        completion_for(blocks, granting_events(history))
    return time.process_time() - began


def _history(blocks: tuple[CertifiedBlock, ...], rank: int) -> History:
    scope = frozenset(block.id for block in blocks)
    first = tuple(Decision(block.id, Outcome.VALIDATED) for block in blocks[: 1 + rank % 3])
    second = tuple(Decision(block.id, Outcome.VALIDATED) for block in blocks[1 + rank % 3 :])
    told = (date(2025, 1, 1), date(2024, 1, 1), scope)
    day = date(2025, 6, 1)
    return History(
        (JuryDecisionFacts("A", day, *told, first), JuryDecisionFacts("B", day + timedelta(days=90), *told, second))
    )


def _check() -> Iterator[Line]:
    few, many = (_seconds_of_check(size) for size in (FEW, MANY))
    growth = (many / MANY) / (few / FEW)
    label = f"recompute-grants --check, {FEW} puis {MANY} personnes"
    yield Line(label, ms(few), ms(many), times(many, few), f"≤ {CHECK_SECONDS} s", many <= CHECK_SECONDS)
    told = f"{growth:.2f} × par personne".replace(".", ",")
    yield Line("recompute-grants --check, linéaire", "", "", told, f"≤ {LINEAR} ×", growth <= LINEAR)


def _seconds_of_check(size: int) -> float:
    folder = tempfile.mkdtemp(prefix="acquis-bench-")
    try:
        url = f"sqlite:///{folder}/acquis.db"
        upgrade(url)
        database = open_database(url)
        with database.transaction() as session:
            fill(session, make_version(session, 11), size)
        with database.reader() as session:
            began = time.process_time()
            found = recompute(session)
            taken = time.process_time() - began
        database.engine.dispose()
        if not found.ok or found.people != size:
            raise RuntimeError(f"the scene is wrong: {found.people} people, {found.gaps[:3]}")
        return taken
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fill(session: Session, version: CertificationVersion, size: int) -> None:
    """Write so many people whom a jury gave every block: minutes, grants, the whole, certificates."""
    version_id = version.id
    blocks = [(block.id, block.number, [one.id for one in block.competencies]) for block in version.blocks]
    body_id = version.certification.body_id
    people = [uuid4() for _ in range(size)]
    _insert(
        session,
        Person,
        [{"id": key, "email": f"{key.hex}@exemple.fr", "name": "Samia Benali", "created_at": AT} for key in people],
    )
    candidacies = [uuid4() for _ in people]
    _insert(
        session,
        Candidacy,
        [
            {
                "id": key,
                "candidate_id": person,
                "version_id": version_id,
                "route": Route.VAE,
                "regime": Regime.FRANCE_VAE,
                "scope": Scope.WHOLE,
                "admissible_on": date(2025, 1, 1),
                "opened_at": AT,
            }
            for key, person in zip(candidacies, people, strict=True)
        ],
    )
    pairs = [{"candidacy_id": key, "block_id": block[0], "id": uuid4()} for key in candidacies for block in blocks]
    session.execute(insert(candidacy_block), pairs)
    submissions = [uuid4() for _ in people]
    _insert(
        session,
        Submission,
        [
            {
                "id": key,
                "candidacy_id": candidacy,
                "number": 1,
                "submitted_at": AT - timedelta(days=60),
                "manifest": b"{}",
                "root": "0" * 64,
            }
            for key, candidacy in zip(submissions, candidacies, strict=True)
        ],
    )
    _insert(session, SubmittedBlock, [
        {"id": uuid4(), "submission_id": key, "block_id": block[0]} for key in submissions for block in blocks
    ])  # fmt: skip
    sessions = [uuid4() for _ in range(size // A_SESSION + 1)]
    _insert(
        session,
        JurySession,
        [
            {
                "id": key,
                "body_id": body_id,
                "version_id": version_id,
                "place": "Paris",
                "planned_at": AT,
                "external_months": 24,
                "held_on": HELD_ON,
                "parity_reason": "",
            }
            for key in sessions
        ],
    )
    hearings = [uuid4() for _ in people]
    _insert(session, Hearing, [
        {"id": key, "session_id": sessions[rank // A_SESSION], "submission_id": submission,
         "is_current": True, "attendance": Attendance.HEARD, "closed_at": AT}
        for rank, (key, submission) in enumerate(zip(hearings, submissions, strict=True))
    ])  # fmt: skip
    _decide(session, people, hearings, blocks, version_id)


def _decide(
    session: Session,
    people: list[UUID],
    hearings: list[UUID],
    blocks: list[tuple[UUID, int, list[UUID]]],
    version_id: UUID,
) -> None:
    minutes = [uuid4() for _ in people]
    _insert(
        session,
        Minutes,
        [
            {
                "id": key,
                "hearing_id": hearing,
                "number": f"PV-{rank}",
                "decided_on": HELD_ON,
                "closed_at": AT,
                "closed_by": people[0],
                "attendance": Attendance.HEARD,
                "root": "0" * 64,
                "composition": {"predicates": []},
            }
            for rank, (key, hearing) in enumerate(zip(minutes, hearings, strict=True))
        ],
    )
    _insert(session, RecordedDecision, [
        {"id": uuid4(), "minutes_id": key, "block_id": block[0], "outcome": Outcome.VALIDATED, "reason": "",
         "override_reason": "", "recommendation": ""}
        for key in minutes for block in blocks
    ])  # fmt: skip
    _insert(
        session,
        RecordedFinding,
        [
            {
                "id": uuid4(),
                "minutes_id": key,
                "competency_id": competency,
                "value": FindingValue.ACQUIRED,
                "reason": "",
                "ground_text": "",
            }
            for key in minutes
            for block in blocks
            for competency in block[2]
        ],
    )
    grants: list[dict[str, Any]] = [
        {
            "id": uuid4(),
            "person_id": person,
            "block_id": block[0],
            "serial": 1,
            "source": Source.JURY,
            "minutes_id": key,
            "granted_on": HELD_ON,
            "recorded_at": AT,
        }
        for person, key in zip(people, minutes, strict=True)
        for block in blocks
    ]
    _insert(session, Grant, grants)
    awards = [
        {
            "id": uuid4(),
            "person_id": person,
            "version_id": version_id,
            "serial": 1,
            "completed_by": last["id"],
            "obtained_on": HELD_ON,
            "recorded_at": AT,
        }
        for person, last in zip(people, grants[len(blocks) - 1 :: len(blocks)], strict=True)
    ]
    _insert(session, Award, awards)
    numbers = {block[0]: block[1] for block in blocks}
    _insert(session, Certificate, [
        {"id": uuid4(), "number": uuid4().hex, "grant_id": row["id"], "issued_at": AT,
         "printed_text": {"delivered_on": HELD_ON.isoformat(), "block": {"number": numbers[row["block_id"]]}}}
        for row in grants
    ])  # fmt: skip
    _insert(
        session,
        Certificate,
        [
            {
                "id": uuid4(),
                "number": uuid4().hex,
                "award_id": row["id"],
                "issued_at": AT,
                "printed_text": {"delivered_on": HELD_ON.isoformat(), "block": None},
            }
            for row in awards
        ],
    )


def _insert(session: Session, model: Any, rows: list[dict[str, Any]]) -> None:
    session.execute(insert(model), rows)
