"""The signature picture: blocks × competencies × evidence, with the one next action.

The rows of the matrix, as light as they can be: competencies in one query, claims and pieces in another, whatever
the size. Statements are constants with parameters, for building one costs more than running it. Requests keep which
pieces claims name, and which may lack a fact, as long as no claim nor piece changes (decision 0178).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, bindparam, cast, exists, func, select
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows, fetch_together, kept_while, today_of
from portfolio.db.sql_functions import raw_column, uuid_hex
from portfolio.db.together import Together
from portfolio.domain.candidacy.models import Candidacy, candidacy_block
from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.dossier.models.dossier import Claim, CoverageReview, Narrative, PostponedBlock
from portfolio.domain.dossier.models.evidence import Evidence, is_joined, may_be_incomplete
from portfolio.domain.dossier.rules.assessment import is_outdated
from portfolio.domain.dossier.rules.completeness import MissingItem, missing_for_submission
from portfolio.domain.dossier.rules.description import (
    Anonymity,
    Authorship,
    BlockStatus,
    Confidentiality,
    EvidenceChange,
    EvidenceDescription,
    EvidenceKind,
    is_frozen,
)
from portfolio.domain.dossier.rules.draft import (
    AdvisorOpinion,
    ClaimSummary,
    CompetencyFact,
    CoverageState,
    Draft,
    EvidenceFact,
    coverage_from_summary,
)
from portfolio.domain.dossier.rules.next_action import NextAction, NextStep, next_action
from portfolio.domain.dossier.use_cases.draft_lock import block_status
from portfolio.domain.dossier.use_cases.misplaced_citations import list_misplaced_citations
from portfolio.domain.dossier.use_cases.next_dossier import load_frame, load_lengths
from portfolio.domain.dossier.use_cases.progress import Progress, load_progress
from portfolio.domain.holdings.use_cases.holdings import BlockStatuses, HeldBlock, block_statuses_among
from portfolio.domain.holdings.use_cases.notified_results import last_notified_finding
from portfolio.domain.jury.rules.enums import FindingValue

# Rows without entities: nothing here is written back, and thousands may be read.
_block, _competency, _mark = Block.__table__, Competency.__table__, CoverageReview.__table__
_candidacy, _claim, _narrative = Candidacy.__table__, Claim.__table__, Narrative.__table__
_evidence, _postponed = Evidence.__table__, PostponedBlock.__table__

PROMPTS = ("situation", "actions", "choices", "result")


class EvidenceRow(NamedTuple):
    """A piece of which something may be asked: its id, its number, whether a claim names it, and its facts as kept."""

    id: UUID
    number: int
    claimed: bool
    facts: Sequence[Any]

    def said(self) -> EvidenceDescription:
        """Return what it says of itself."""
        (
            title,
            kind,
            since,
            until,
            experience,
            role,
            authorship,
            part,
            confidentiality,
            anonymity,
            address,
            captured,
        ) = self.facts
        return EvidenceDescription(
            title, EvidenceKind(kind) if kind else None, _day(since), _day(until), bool(experience), role,
            Authorship(authorship) if authorship else None, part,
            Confidentiality(confidentiality) if confidentiality else None,
            Anonymity(anonymity) if anonymity else None, address, _day(captured),
        )  # fmt: skip


def _day(stored: Any) -> date | None:
    return date.fromisoformat(stored) if isinstance(stored, str) else stored


def competency_rows(session: Session, candidacy_id: UUID) -> Sequence[Any]:
    """Return each competency of the version, in order, in one query: its block, its narrative, the mark that stands,
    what the last jury found.
    """
    return fetch_rows(session, _COMPETENCIES, {"candidacy": candidacy_id})


def claim_and_evidence_rows(
    session: Session, candidacy_id: UUID, changes: str
) -> tuple[Sequence[Any], tuple[EvidenceRow, ...]]:
    """Return, in one query at most, a row for each competency that claims name: its id as kept, the numbers of their
    pieces, whether one has no comment; and the pieces that may lack a fact or that no claim names, by number.

    What was removed proves nothing any more. `changes` are those of the `Progress` read before.
    """
    wanting: Sequence[Any] | None = None

    def read() -> tuple[Sequence[Any], Sequence[int]]:
        nonlocal wanting
        claims, wanting = fetch_together(session, _CLAIMED, {"candidacy": candidacy_id})
        return claims, [row.number for row in wanting]

    claims, numbers = kept_while(session, ("claims", candidacy_id), changes, read)
    if wanting is None:
        wanting = fetch_rows(session, _AMONG, {"candidacy": candidacy_id, "numbers": numbers}) if numbers else ()
    pieces = (EvidenceRow(row[0], row[1], bool(row[2]), row[3:]) for row in wanting)
    return claims, tuple(sorted(pieces, key=attrgetter("number")))


def _competencies() -> Select[*tuple[Any, ...]]:
    newer = _mark.alias()
    last = select(func.max(newer.c.seq)).where(
        newer.c.candidacy_id == _candidacy.c.id, newer.c.competency_id == _competency.c.id
    )
    return (
        select(
            *(_block.c.id.label("block_id"), _block.c.number.label("block"), _block.c.title),
            candidacy_block.c.candidacy_id.is_not(None).label("asked"),
            exists()
            .where(_postponed.c.candidacy_id == _candidacy.c.id, _postponed.c.block_id == _block.c.id)
            .label("postponed"),
            *(_competency.c.id, _competency.c.number, _competency.c.text, uuid_hex(_competency.c.id).label("key")),
            *((func.coalesce(_narrative.c[name], "") == "").label(name) for name in PROMPTS),
            *(_mark.c.value, _mark.c.reviewed_digest, _mark.c.content_digest),
            last_notified_finding(_candidacy.c.id, _competency.c.id).label("finding"),
        )
        .select_from(_candidacy)
        .join(_block, _block.c.version_id == _candidacy.c.version_id)
        .join(_competency, _competency.c.block_id == _block.c.id)
        .outerjoin(
            candidacy_block,
            (candidacy_block.c.block_id == _block.c.id) & (candidacy_block.c.candidacy_id == _candidacy.c.id),
        )
        .outerjoin(
            _narrative,
            (_narrative.c.candidacy_id == _candidacy.c.id) & (_narrative.c.competency_id == _competency.c.id),
        )
        .outerjoin(_mark, _mark.c.seq == last.correlate(_candidacy, _competency).scalar_subquery())
        .where(_candidacy.c.id == bindparam("candidacy"))
        .order_by(_block.c.number, _competency.c.number)
    )


def _claims() -> Select[*tuple[Any, ...]]:
    """Return the query of claims, which the store joins and gathers: thousands of claims are a row a competency."""
    piece = _evidence.alias()
    # A claim without a comment is rare, and has an index of its own: the texts of the others are not read.
    bare = select(_claim.c.id).join(_evidence, (_evidence.c.id == _claim.c.evidence_id) & is_joined(_evidence.c))
    claim = _claim.alias()
    of_candidacy = claim.c.candidacy_id == bindparam("candidacy")
    return (
        select(
            uuid_hex(claim.c.competency_id).label("key"),
            func.aggregate_strings(cast(piece.c.number, Text), " ").label("numbers"),
            exists(
                bare.where(
                    _claim.c.candidacy_id == bindparam("candidacy"),
                    _claim.c.competency_id == claim.c.competency_id,
                    _claim.c.comment == "",
                ).correlate(claim)
            ).label("is_bare"),
        )
        .join(piece, (piece.c.id == claim.c.evidence_id) & is_joined(piece.c))
        .where(of_candidacy)
        .group_by(claim.c.competency_id)
    )


def _evidence_rows() -> tuple[Select[*tuple[Any, ...]], ColumnElement[bool]]:
    """Return the query of the pieces of a draft, and its condition: something may be asked of one."""
    claimed = exists().where(_claim.c.evidence_id == _evidence.c.id).correlate(_evidence)
    query = select(
        *(_evidence.c.id, _evidence.c.number, claimed.label("claimed")),
        *(_evidence.c.title, raw_column(_evidence.c.kind).label("kind")),
        *(raw_column(_evidence.c.dated_from).label("dated_from"), raw_column(_evidence.c.dated_to).label("dated_to")),
        *(raw_column(_evidence.c.experience_id.is_not(None)).label("has_experience"), _evidence.c.own_role),
        *(raw_column(_evidence.c.authorship).label("authorship"), _evidence.c.own_part),
        *(
            raw_column(_evidence.c.confidentiality).label("confidentiality"),
            raw_column(_evidence.c.anonymity).label("anonymity"),
        ),
        *(_evidence.c.web_address, raw_column(_evidence.c.captured_on).label("captured_on")),
    ).where(_evidence.c.candidacy_id == bindparam("candidacy"), is_joined(_evidence.c))
    return query, may_be_incomplete(_evidence.c) | ~claimed


_COMPETENCIES = _competencies()
_EVIDENCE, _WANTING = _evidence_rows()
_CLAIMED = Together(_claims(), _EVIDENCE.where(_WANTING))
_AMONG = _EVIDENCE.where(_evidence.c.number.in_(bindparam("numbers", expanding=True)))


@dataclass(frozen=True, slots=True)
class CompetencySummary:
    """One competency of the matrix, with what the last jury found once its result was notified."""

    fact: CompetencyFact
    finding: FindingValue | None = None


@dataclass(frozen=True, slots=True)
class MatrixBlock:
    """One block of the matrix: its competencies to prove, the day since which it is held, or that it is
    suspended (R10).
    """

    id: UUID
    number: int
    title: str
    asked: bool
    held: HeldBlock | None
    lines: tuple[CompetencySummary, ...]
    suspended: bool = False
    # Whether the candidate keeps it for a later deposit.
    postponed: bool = False
    # Whether its validity has ended since the deposit, or since the decision that the matrix tells.
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    """Everything the home of a dossier shows."""

    path: Progress
    blocks: tuple[MatrixBlock, ...]
    pieces: int
    draft: Draft
    action: NextAction
    # The numbers of the pieces claimed for each competency, of whatever block, by its id in hexadecimal.
    claims: Mapping[str, str]

    def lines(self) -> Iterator[CompetencySummary]:
        """Yield the competencies to prove, in the order of the certification."""
        return (line for block in self.blocks for line in block.lines)

    def pieces_of(self, competency_id: UUID) -> list[int]:
        """Return the numbers of the pieces claimed for a competency."""
        return [int(number) for number in self.claims.get(competency_id.hex, "").split()]

    def count(self, *states: CoverageState) -> int:
        """Return how many competencies to prove are in one of these states."""
        return sum(line.fact.coverage.state in states for line in self.lines())


def load_matrix(session: Session, candidacy_id: UUID, *, with_passages: bool = False) -> Matrix:
    """Return the whole matrix of a candidacy, in three queries at most whatever its size; one more when the person was
    granted a block, when the certifier ruled on an equivalence with it, and when nothing but the submission
    is left or the passages that claims name are looked at."""
    path = load_progress(session, candidacy_id)
    rows = [
        tuple(found) for _id, found in groupby(competency_rows(session, candidacy_id), key=lambda row: row.block_id)
    ]
    names = [(block[0].block_id, block[0].block, block[0].title) for block in rows]
    statuses, today = BlockStatuses({}, {}), today_of(session)
    if path.granted:
        on = path.standing_day(today)
        statuses = block_statuses_among(session, path.candidate_id, names, notified=True, on=on)
    claims, wanting = claim_and_evidence_rows(session, candidacy_id, path.changes)
    builder = _MatrixBuilder(wanting, claims, _frozen_evidence(rows, statuses, claims), today)
    blocks = tuple(builder.block(block, statuses) for block in rows)
    draft = Draft(
        path.state,
        tuple(line.fact for block in blocks for line in block.lines),
        builder.wanting,
        path.experiences,
        path.texts,
        path.stage,
        path.pieces - len(builder.wanting),
    )
    action = next_action(draft)
    if with_passages or action.step is NextStep.SUBMIT:
        draft = _with_passages(session, candidacy_id, draft)
        action = next_action(draft)
    return Matrix(path, blocks, path.pieces, draft, action, {key: numbers for key, numbers, _bare in claims})


def load_draft(session: Session, candidacy_id: UUID) -> Draft:
    """Answer the draft of a candidacy as the rules look at it: in scope, not held, with what each lacks."""
    return load_matrix(session, candidacy_id).draft


def load_missing_items(session: Session, candidacy_id: UUID) -> tuple[MissingItem, ...]:
    """Answer what a submission of this draft would lack, what prevents it first; it is what the checklist
    shows.
    """
    draft = load_matrix(session, candidacy_id, with_passages=True).draft
    return missing_for_submission(draft, load_lengths(session, candidacy_id, load_frame(session, candidacy_id)))


def _with_passages(session: Session, candidacy_id: UUID, draft: Draft) -> Draft:
    """Look at the passages that the claims name, and at what a book prints, as a submission does: a query more."""
    competencies = {fact.id: fact for fact in draft.competencies}
    misplaced, unprinted = list_misplaced_citations(session, candidacy_id, competencies)
    return replace(draft, misplaced=misplaced, unprinted=unprinted)


def _frozen_evidence(rows: Sequence[Any], statuses: BlockStatuses, claims: Sequence[Any]) -> Collection[int]:
    """Return the pieces that stay as they are while a block is suspended: what they lack is asked after the
    certifier's word (R10).
    """
    if not statuses.suspended:
        return ()
    where = {row.key: block_status(row.block_id, statuses) for block in rows for row in block}
    shown: defaultdict[int, list[BlockStatus]] = defaultdict(list)
    for competency, numbers, _bare in claims:
        for number in map(int, numbers.split()) if competency in where else ():
            shown[number].append(where[competency])
    return {
        number for number, statuses_of_block in shown.items() if is_frozen(EvidenceChange.CHANGE, statuses_of_block)
    }


class _MatrixBuilder:
    """Rows of a draft, looked at competency by competency."""

    def __init__(
        self, wanting: Sequence[EvidenceRow], claims: Sequence[Any], resting: Collection[int], today: date
    ) -> None:
        """`resting`: the numbers of the pieces of which nothing is asked for now."""
        self._today = today
        self._claims = {competency: (numbers, bare) for competency, numbers, bare in claims}
        self.wanting = tuple(
            EvidenceFact(piece.id, piece.number, piece.said(), piece.claimed)
            for piece in wanting
            if piece.number not in resting
        )
        self._undescribed = {fact.number for fact in self.wanting if not fact.described}

    def block(self, rows: Sequence[Any], statuses: BlockStatuses) -> MatrixBlock:
        """A block asked for is to prove unless it is held, waits for the certifier's word (R10), or is
        kept for later.
        """
        first_row = rows[0]
        held, suspended = statuses.held.get(first_row.block_id), first_row.block_id in statuses.suspended
        postponed = bool(first_row.postponed) and held is None and not suspended
        is_to_prove = first_row.asked and held is None and not suspended and not postponed
        lines = tuple(self._competency(row) for row in rows) if is_to_prove else ()
        is_over = held is not None and held.until is not None and held.until < self._today
        told = (first_row.block_id, first_row.block, first_row.title, first_row.asked)
        return MatrixBlock(*told, held, lines, suspended, postponed, is_over)

    def _competency(self, row: Any) -> CompetencySummary:
        digest, bare = self._claims.get(row.key, _NO_CLAIM)
        numbers = tuple(sorted(map(int, digest.split())))
        backing = ClaimSummary(numbers, bool(bare), not self._undescribed.isdisjoint(numbers))
        empty = row.situation + row.actions + row.choices + row.result
        opinion = AdvisorOpinion(row.value.value) if row.value else None
        outdated = opinion is not None and is_outdated(row.reviewed_digest, row.content_digest)
        coverage = coverage_from_summary(empty, backing, opinion, outdated=outdated)
        return CompetencySummary(CompetencyFact(row.id, row.block, row.number, row.text, coverage), row.finding)


_NO_CLAIM = ("", False)
