"""Progress of each hearing of a juror: the blocks presented, the notes of the jury, the exhibits opened."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Select, bindparam, exists, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows
from portfolio.domain.candidacy.models import SealedFile, SubmittedBlock
from portfolio.domain.certification.models import Block
from portfolio.domain.jury.models.deliberation import Ballot, ExhibitOpening, MemberVote
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft, Hearing
from portfolio.domain.jury.rules.opinions import ReadingExtent
from portfolio.domain.jury_session.use_cases.exclusions import drafts_are_open_to, is_readable


class Figure(StrEnum):
    """Kinds of rows of the query."""

    OPENED = "opened"
    EXHIBITS = "exhibits"
    BLOCK = "block"
    FINDINGS = "findings"
    DECISIONS = "decisions"
    DRAFTS = "drafts"
    VOTES = "votes"


@dataclass(frozen=True, slots=True)
class HearingProgress:
    """The blocks that a candidate presents, how many notes the jury reads, and the exhibits that the juror opened."""

    blocks: tuple[int, ...]
    found: int
    decided: int
    extent: ReadingExtent
    # Whether the drafts of the presidency are open to them.
    has_given: bool
    # Whether a vote is open without theirs.
    to_vote: bool


def load_progress(session: Session, hearings: Collection[UUID], person_id: UUID) -> Mapping[UUID, HearingProgress]:
    """Read how far these hearings are for a member of their juries, in one query."""
    numbers: defaultdict[tuple[UUID, str], list[int]] = defaultdict(list)
    opened: defaultdict[UUID, set[str]] = defaultdict(set)
    asked = {"hearings": list(hearings), "person": person_id}
    for hearing_id, exhibit, figure, number in fetch_rows(session, _FIGURES, asked) if hearings else ():
        if exhibit is not None:
            opened[hearing_id].add(exhibit)
        else:
            numbers[hearing_id, figure].append(number)
    return {
        hearing_id: HearingProgress(
            tuple(sorted(numbers[hearing_id, Figure.BLOCK])),
            sum(numbers[hearing_id, Figure.FINDINGS]),
            sum(numbers[hearing_id, Figure.DECISIONS]),
            ReadingExtent(frozenset(opened[hearing_id]), sum(numbers[hearing_id, Figure.EXHIBITS])),
            bool(numbers[hearing_id, Figure.DRAFTS]),
            bool(numbers[hearing_id, Figure.VOTES]),
        )
        for hearing_id in hearings
    }


_OF_HEARINGS = Hearing.id.in_(bindparam("hearings", expanding=True))
_PERSON: BindParameter[UUID] = bindparam("person")


def _figures(figure: Figure, number: Any) -> Select[*tuple[Any, ...]]:
    return select(Hearing.id, null(), literal(str(figure)), number).where(_OF_HEARINGS)


def _drafts(figure: Figure, table: type[FindingDraft | DecisionDraft]) -> Select[*tuple[Any, ...]]:
    notes = _figures(figure, func.count()).join(table, table.hearing_id == Hearing.id)
    is_shown = or_(drafts_are_open_to(_PERSON), table.written_by == _PERSON)
    return notes.where(is_readable(table), is_shown).group_by(Hearing.id)


# The exhibits opened come first: PostgreSQL takes the type of their column from there.
_FIGURES = union_all(
    select(Hearing.id, SealedFile.exhibit, literal(str(Figure.OPENED)), literal(1))
    .join(SealedFile, SealedFile.submission_id == Hearing.submission_id)
    .join(ExhibitOpening, (ExhibitOpening.hearing_id == Hearing.id) & (ExhibitOpening.exhibit == SealedFile.exhibit))
    .where(_OF_HEARINGS, ExhibitOpening.person_id == _PERSON)
    .distinct(),
    _figures(Figure.EXHIBITS, func.count())
    .join(SealedFile, SealedFile.submission_id == Hearing.submission_id)
    .group_by(Hearing.id),
    _figures(Figure.BLOCK, Block.number)
    .join(SubmittedBlock, SubmittedBlock.submission_id == Hearing.submission_id)
    .join(Block, Block.id == SubmittedBlock.block_id),
    _drafts(Figure.FINDINGS, FindingDraft),
    _drafts(Figure.DECISIONS, DecisionDraft),
    _figures(Figure.DRAFTS, literal(1)).where(drafts_are_open_to(_PERSON)),
    _figures(Figure.VOTES, literal(1))
    .join(Ballot, (Ballot.hearing_id == Hearing.id) & Ballot.closed_at.is_(None))
    .where(~exists().where(MemberVote.ballot_id == Ballot.id, MemberVote.person_id == _PERSON)),
)
