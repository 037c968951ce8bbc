"""Juries sit: a session with its five members, what the president records, the closing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portfolio.demo.jurors import FIVE, PRESIDENT
from portfolio.demo.stage import Stage
from portfolio.jury.rules import DecisionRecord, FindingRecord, FindingValue, Outcome, Planning, day_of
from portfolio.jury.services import add_hearing, close, name_member, plan_session, record_decision, record_finding

ACQUIRED = FindingRecord(FindingValue.ACQUIRED)
VALIDATED = DecisionRecord(Outcome.VALIDATED)


@dataclass(frozen=True)
class Verdict:
    """What a jury finds beyond « acquired », and which blocks it refuses, with its reasons."""

    findings: Mapping[str, FindingRecord]
    refused: Mapping[int, DecisionRecord]


def partly(reason: str) -> FindingRecord:
    """Partially acquired, and why."""
    return FindingRecord(FindingValue.PARTIALLY, reason)


def missing(reason: str) -> FindingRecord:
    """Not acquired, and why."""
    return FindingRecord(FindingValue.NOT_ACQUIRED, reason)


def refused(reason: str, recommendation: str) -> DecisionRecord:
    """A block that is not validated, why, and what to prepare."""
    return DecisionRecord(Outcome.NOT_VALIDATED, reason, "", recommendation)


def plan(stage: Stage, held: datetime, place: str, at: datetime) -> UUID:
    """Plan the day of a jury and name its five members."""
    with stage.database.transaction() as session:
        planning = Planning(stage.version_id, day_of(held), place)
        jury = plan_session(session, stage.body_id, planning, by=stage.certifier, at=at)
        for number, naming in enumerate(FIVE, 1):
            name_member(session, jury.id, naming, by=stage.certifier, at=min(at + timedelta(minutes=3 * number), stage.now))
        return jury.id


def call(stage: Stage, session_id: UUID, submission_id: UUID, at: datetime) -> UUID:
    """Put a sealed dossier on the list of a session; answer its hearing."""
    with stage.database.transaction() as session:
        return add_hearing(session, session_id, submission_id, by=stage.certifier, at=at).id


def find(stage: Stage, hearing_id: UUID, label: str, record: FindingRecord, at: datetime) -> None:
    """The president records what is found on one competency."""
    president = stage.people[PRESIDENT.email]
    with stage.database.transaction() as session:
        record_finding(session, hearing_id, stage.competencies[label], record, revision=0, by=president, at=at)


def decide(stage: Stage, hearing_id: UUID, block: int, record: DecisionRecord, at: datetime) -> None:
    """The president records what is intended for one block."""
    president = stage.people[PRESIDENT.email]
    with stage.database.transaction() as session:
        record_decision(session, hearing_id, stage.blocks[block], record, revision=0, by=president, at=at)


def judge(stage: Stage, hearing_id: UUID, blocks: tuple[int, ...], verdict: Verdict, at: datetime) -> None:
    """Deliberate on the blocks presented, then close the minutes: what follows is granted for ever."""
    for label in (label for label in stage.competencies if int(label[0]) in blocks):
        find(stage, hearing_id, label, verdict.findings.get(label, ACQUIRED), at)
    for block in blocks:
        decide(stage, hearing_id, block, verdict.refused.get(block, VALIDATED), at + timedelta(minutes=20))
    with stage.database.transaction() as session:
        close(session, hearing_id, by=stage.people[PRESIDENT.email], at=at + timedelta(minutes=45))
