"""The advisor's board: the dossiers they were given, most in need first, with the grounds of that order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.candidacy.rules import ClockKind, clocks_for
from portfolio.certification.models import Competency
from portfolio.dossier.rules import CoverageState, DossierState
from portfolio.review.rules import CompetencyFacts, DossierFacts, Need, Stage, need_of
from portfolio.review.services.gathering import Gathered, Given, gather, given_to


@dataclass(frozen=True)
class BoardBlock:
    """One block on the board: its number and title, whether it is held, else the state of each competency."""

    number: int
    title: str
    held: bool
    states: tuple[CoverageState, ...] = ()


@dataclass(frozen=True)
class BoardLine:
    """One dossier on the board."""

    candidacy_id: UUID
    candidate: str
    title: str
    code: str
    need: Need
    last_activity: datetime | None
    blocks: tuple[BoardBlock, ...]


def list_dossiers(session: Session, advisor_id: UUID, at: datetime) -> list[BoardLine]:
    """Answer the dossiers given to this advisor, most in need first; equal needs by name. The queries do not grow."""
    given = given_to(session, advisor_id)
    known = gather(session, given)
    lines = [_line(one, known, at) for one in given]
    return sorted(lines, key=lambda line: (*line.need.place(), line.candidate.casefold(), str(line.candidacy_id)))


def _line(one: Given, known: Gathered, at: datetime) -> BoardLine:
    blocks = tuple(_block(one, number, known) for number in one.blocks)
    need = need_of(facts_of(one, known), at)
    return BoardLine(one.id, one.candidate, one.title, one.code, need, known.activity.get(one.id), blocks)


def _block(one: Given, number: int, known: Gathered) -> BoardBlock:
    block = one.blocks[number]
    if block.id in known.held.get(one.candidate_id, ()):
        return BoardBlock(number, block.title, held=True)
    states = tuple(known.state(one.id, competency.id) for competency in block.competencies)
    return BoardBlock(number, block.title, held=False, states=states)


def facts_of(one: Given, known: Gathered) -> DossierFacts:
    """Turn what was gathered of one dossier into the facts of the rule."""
    left = [block for block in one.blocks.values() if block.id not in known.held.get(one.candidate_id, ())]
    return DossierFacts(
        stage=_stage(one, known, len(left)),
        opened_at=one.opened_at,
        competencies=tuple(_competencies(one, known, [item for block in left for item in block.competencies])),
        last_activity=known.activity.get(one.id),
        lapse_on=_lapse_on(one),
        missing_blocks=len(left),
    )


def _stage(one: Given, known: Gathered, left: int) -> Stage:
    if not left:
        return Stage.COMPLETE
    if one.state is DossierState.DRAFT:
        return Stage.DRAFT
    return Stage.DECIDED_IN_PART if one.id in known.decided else Stage.SUBMITTED


def _competencies(one: Given, known: Gathered, competencies: list[Competency]) -> Iterator[CompetencyFacts]:
    for competency in competencies:
        mark = known.marks[one.id].get(competency.id)
        yield CompetencyFacts(
            id=competency.id,
            label=competency.label,
            claimed_since=known.claimed_since.get((one.id, competency.id)),
            marked_at=mark.made_at if mark else None,
            outdated=known.state(one.id, competency.id) is CoverageState.OUTDATED,
            waiting_since=known.waiting_since(one, competency.id),
        )


def _lapse_on(one: Given) -> date | None:
    clocks = clocks_for(one.regime, one.admissible_on)
    return next((clock.until for clock in clocks if clock.kind is ClockKind.FIRST_STEP), None)
