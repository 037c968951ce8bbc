"""Everything recomputed from the facts, and compared with what is stored.

Explain to a person the result of each block and of the whole, from the recorded facts.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select, union
from sqlalchemy.orm import Session, joinedload

from portfolio.db.engine import fetch_together, read_once
from portfolio.db.together import Together
from portfolio.domain.candidacy.models import Candidacy, Submission, SubmittedBlock, is_superseded
from portfolio.domain.certification.models import Block, CertificationVersion
from portfolio.domain.holdings.models.events import Acquisition, is_annulled
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.rules.completion import (
    completion_for,
    event_on,
    event_since,
    result_for,
    sets_of_blocks,
    standing_events,
)
from portfolio.domain.holdings.rules.facts import CertifiedBlock, History, Presence
from portfolio.domain.holdings.rules.granting import Explanation, GrantingEvent, granting_events, grants_for
from portfolio.domain.holdings.use_cases.facts import PRESENCES, Catalogue, load_catalogue, load_histories, load_history
from portfolio.domain.holdings.use_cases.holdings import RecordedGrant, recorded_grants
from portfolio.domain.holdings.use_cases.issuing import GRANTED_HERE, completing_act
from portfolio.domain.holdings.use_cases.notified_results import (
    AwaitedNotification,
    awaited_notification,
    awaits_notification,
)
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing, is_current_hearing
from portfolio.domain.jury.rules.enums import Attendance

# People compared at once, and rows read at once: the memory does not grow with the installation.
BATCH, ROWS = 200, 1000


class DiscrepancyKind(StrEnum):
    """Ways in which what is stored differs from what the facts give."""

    GRANT_MISSING = "grant_missing"
    GRANT_UNFOUNDED = "grant_unfounded"
    GRANT_DATE = "grant_date"
    AWARD_MISSING = "award_missing"
    AWARD_UNFOUNDED = "award_unfounded"
    AWARD_LAPSED = "award_lapsed"
    CERTIFICATE_MISSING = "certificate_missing"
    CERTIFICATE_LABELS = "certificate_labels"


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One difference: whose, on which row or block, and by which act."""

    gap: DiscrepancyKind
    person_id: UUID
    row_id: UUID | None
    block: int | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Recomputed:
    """Numbers of people, grants and awards that were recomputed, and every difference."""

    people: int
    grants: int
    awards: int
    gaps: tuple[Discrepancy, ...]

    @property
    def ok(self) -> bool:
        """Tell whether what is stored is exactly what the facts give."""
        return not self.gaps


def recompute(session: Session) -> Recomputed:
    """Derive every grant and award again from minutes, acquisitions, equivalences and later acts, and compare (R1–R13).

    Nothing is written. A grant stored must be one the facts once gave, with their date; the act that stands for a block
    today must be stored; the same of the whole; each has its certificate, whose labels say the same block and day.
    """
    people = _people(session)
    catalogues: dict[UUID, Catalogue] = {}
    gaps: list[Discrepancy] = []
    for start in range(0, len(people), BATCH):
        gaps += _differences_among(session, people[start : start + BATCH], catalogues)
    grants, awards = (session.scalar(select(func.count()).select_from(kind)) or 0 for kind in (Grant, Award))
    return Recomputed(len(people), grants, awards, (*gaps, *_bare(session)))


def _people(session: Session) -> list[UUID]:
    heard = (
        select(Candidacy.candidate_id)
        .join(Submission, Submission.candidacy_id == Candidacy.id)
        .join(Hearing, Hearing.submission_id == Submission.id)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
    )
    every = union(heard, select(Acquisition.person_id), select(Grant.person_id), select(Award.person_id))
    return sorted(session.scalars(every))


def _differences_among(
    session: Session, people: Sequence[UUID], catalogues: dict[UUID, Catalogue]
) -> list[Discrepancy]:
    """Compare so many people in a constant number of queries."""
    histories = load_histories(session, people, with_findings=False)
    stored: defaultdict[UUID, list[RecordedGrant]] = defaultdict(list)
    for recorded in recorded_grants(session, *people):
        stored[recorded.grant.person_id].append(recorded)
    versions: defaultdict[UUID, list[UUID]] = defaultdict(list)
    asked = select(Candidacy.candidate_id, Candidacy.version_id).where(Candidacy.candidate_id.in_(people)).distinct()
    for person_id, version_id in session.execute(asked):
        versions[person_id].append(version_id)
        if version_id not in catalogues:
            catalogues[version_id] = load_catalogue(session, version_id)
    awards: defaultdict[tuple[UUID, UUID], list[Award]] = defaultdict(list)
    for award in session.scalars(select(Award).where(Award.person_id.in_(people))):
        awards[award.person_id, award.version_id].append(award)
    gaps = []
    for person_id in people:
        mine = {
            version_id: (catalogues[version_id], awards[person_id, version_id]) for version_id in versions[person_id]
        }
        gaps += _differences(person_id, histories[person_id], stored[person_id], mine)
    return gaps


def _differences(
    person_id: UUID,
    history: History,
    stored: list[RecordedGrant],
    versions: Mapping[UUID, tuple[Catalogue, list[Award]]],
) -> list[Discrepancy]:
    acts, ever = granting_events(history), granting_events(history.without_endings)
    blocks = {}
    gaps = []
    for catalogue, awards in versions.values():
        blocks.update({block.id: block for block in catalogue.blocks})
        gaps += _missing(person_id, catalogue, acts, stored)
        gaps += _awards(person_id, awards, catalogue, history, stored)
    return gaps + _unfounded(person_id, blocks, ever, stored)


Acts = dict[UUID, tuple[GrantingEvent, ...]]


def _missing(person_id: UUID, catalogue: Catalogue, acts: Acts, stored: list[RecordedGrant]) -> list[Discrepancy]:
    """Return the acts that stand today and have no grant."""
    known = {(recorded_grant.grant.block_id, recorded_grant.act.reference) for recorded_grant in stored}
    due = [(block, act) for block in catalogue.blocks for act in standing_events(acts.get(block.id, ()))]
    return [
        Discrepancy(DiscrepancyKind.GRANT_MISSING, person_id, None, block.number, act.reference)
        for block, act in due
        if act.source in GRANTED_HERE and (block.id, act.reference) not in known
    ]


def _unfounded(
    person_id: UUID, blocks: dict[UUID, CertifiedBlock], ever: Acts, stored: list[RecordedGrant]
) -> list[Discrepancy]:
    """Return the grants that no fact ever gave, or that are dated otherwise."""
    found = []
    for recorded_grant in stored:
        same = [
            act for act in ever.get(recorded_grant.grant.block_id, ()) if act.reference == recorded_grant.act.reference
        ]
        number = blocks[recorded_grant.grant.block_id].number if recorded_grant.grant.block_id in blocks else None
        if not same:
            found.append(
                Discrepancy(
                    DiscrepancyKind.GRANT_UNFOUNDED,
                    person_id,
                    recorded_grant.grant.id,
                    number,
                    recorded_grant.act.reference,
                )
            )
        elif recorded_grant.act not in same:
            found.append(
                Discrepancy(
                    DiscrepancyKind.GRANT_DATE, person_id, recorded_grant.grant.id, number, recorded_grant.act.reference
                )
            )
    return found


def _awards(
    person_id: UUID, awards: Sequence[Award], catalogue: Catalogue, history: History, stored: list[RecordedGrant]
) -> list[Discrepancy]:
    """Return the wholes that the facts give and that are not stored, and those that they never gave."""
    acts, ever = granting_events(history), granting_events(history.without_endings)
    sets = sets_of_blocks(catalogue.blocks)
    gaps = [
        gap for row in awards for gap in min((_gaps_of_award(row, each, ever, stored) for each in sets), key=_gravity)
    ]
    whole = completion_for(catalogue.blocks, acts)
    if whole.completed_by is not None and whole.on is not None:
        proof = completing_act(whole.blocks, whole.completed_by.id, whole.on, acts)
        last = {
            recorded_grant.grant.id
            for recorded_grant in stored
            if (recorded_grant.grant.block_id, recorded_grant.act) == proof
        }
        if proof is not None and not any(row.completed_by in last and row.obtained_on == whole.on for row in awards):
            gaps.append(Discrepancy(DiscrepancyKind.AWARD_MISSING, person_id, None))
    return gaps


def _gravity(gaps: Sequence[Discrepancy]) -> tuple[bool, int]:
    """Order the readings of a whole by what they lack: the set that made it lacks least."""
    return any(gap.gap is DiscrepancyKind.AWARD_UNFOUNDED for gap in gaps), len(gaps)


def _gaps_of_award(
    award: Award, blocks: Sequence[CertifiedBlock], ever: Acts, stored: list[RecordedGrant]
) -> list[Discrepancy]:
    """Say what a whole stored lacks, were it made by these blocks: a block that no act gave by its day, one
    whose validity had ended that day, an act of that day, or the grant that it names.
    """
    day, events = award.obtained_on, [ever.get(block.id, ()) for block in blocks]
    complete = all(any(act.on <= day for act in each) for each in events)
    that_day = any(act.on == day for each in events for act in each)
    if not (complete and that_day and any(each.grant.id == award.completed_by for each in stored)):
        return [Discrepancy(DiscrepancyKind.AWARD_UNFOUNDED, award.person_id, award.id)]
    return [
        Discrepancy(DiscrepancyKind.AWARD_LAPSED, award.person_id, award.id, block.number, acts[0].reference)
        for block, acts in zip(blocks, events, strict=True)
        if event_on(day, acts) is None
    ]


def _bare(session: Session) -> list[Discrepancy]:
    """Grants and awards without a certificate, and certificates that say another day or another block."""
    found = []
    certified = (Certificate.id, Certificate.number, Certificate.printed_text)
    query = (
        select(Grant.person_id, Grant.id, Grant.granted_on, Block.number, *certified)
        .join(Grant.block)
        .outerjoin(Certificate, Certificate.grant_id == Grant.id)
    )
    for person_id, row_id, on, block, *certificate in session.execute(query.execution_options(yield_per=ROWS)):
        found += _compared(person_id, row_id, tuple(certificate), on, block)
    wholes = select(Award.person_id, Award.id, Award.obtained_on, *certified).outerjoin(
        Certificate, Certificate.award_id == Award.id
    )
    for person_id, row_id, on, *certificate in session.execute(wholes.execution_options(yield_per=ROWS)):
        found += _compared(person_id, row_id, tuple(certificate), on, None)
    return found


def _compared(
    person_id: UUID, row_id: UUID, certificate: tuple[Any, ...], on: date, block: int | None
) -> list[Discrepancy]:
    """Compare a grant or an award with its certificate: its identity, its number and its labels, empty when
    it has none.
    """
    certificate_id, number, labels = certificate
    if certificate_id is None:
        return [Discrepancy(DiscrepancyKind.CERTIFICATE_MISSING, person_id, row_id, block)]
    printed = labels.get("block")
    same = labels.get("delivered_on") == on.isoformat() and (printed["number"] if printed else None) == block
    return [] if same else [Discrepancy(DiscrepancyKind.CERTIFICATE_LABELS, person_id, certificate_id, block, number)]


def explain(session: Session, candidacy_id: UUID, *, on: date, notified: bool = False) -> Explanation:
    """Say for every block whether it is granted on some day and why, and the whole, from what closed minutes record;
    `notified` as `load_history`.

    Nothing stored is taken for granted: the answer is derived from the facts each time. Raises NoResultFound.
    """
    candidacy = load_candidacy(session, candidacy_id)
    catalogue = load_catalogue(session, candidacy.version_id)
    history = load_history(session, candidacy.candidate_id, notified=notified)
    return load_explanation(session, candidacy, catalogue, history, on=on, notified=notified)


def load_explanation(
    session: Session, candidacy: Candidacy, catalogue: Catalogue, history: History, *, on: date, notified: bool = False
) -> Explanation:
    """Ask the rules what a history makes on some day of the blocks a candidacy asks for; `notified` as `load_history`.

    The label is that of the last session (R8): a block whose validity ended after it counts.
    """
    requested = frozenset(block.id for block in candidacy.blocks)
    waiting, deliberated, sessions = _read_steps(session, candidacy.id)
    answers = grants_for(
        catalogue.blocks,
        history,
        on=on,
        requested=requested,
        waiting={row.block_id for row in waiting},
        deliberated=frozenset(row.block_id for row in deliberated) if notified else frozenset(),
    )
    acts = granting_events(history)
    attendance, decided_on = next(iter(sessions), (None, None))
    presence = PRESENCES[attendance or Attendance.HEARD]
    held = {block.id for block in catalogue.blocks if event_since(decided_on or on, acts.get(block.id, ())) is not None}
    # An absence is told until what was asked for is held, by whatever way (R8).
    result = result_for(candidacy.scope, requested, held, Presence.PRESENT if requested <= held else presence)
    return Explanation(answers, completion_for(catalogue.blocks, acts, on=on), result, requested)


_OF_CANDIDACY = Submission.candidacy_id == bindparam("candidacy")
# The blocks whose minutes are not closed, those whose decision waits for its notification, and the last session.
_STEPS = Together(
    select(SubmittedBlock.block_id)
    .join(Submission)
    .where(_OF_CANDIDACY, ~exists().where(Minutes.hearing_id == Hearing.id, is_current_hearing()), ~is_superseded()),
    select(SubmittedBlock.block_id, Minutes.decided_on, Minutes.closed_at)
    .join(Submission)
    .join(Hearing, Hearing.submission_id == Submission.id)
    .join(Minutes, Minutes.hearing_id == Hearing.id)
    .where(_OF_CANDIDACY, awaits_notification(Minutes.id)),
    select(Minutes.attendance, Minutes.decided_on)
    .join(Minutes.hearing)
    .join(Hearing.submission)
    .where(_OF_CANDIDACY, Minutes.void_reason.is_(None), ~is_annulled(Minutes.id))
    .order_by(Minutes.decided_on.desc(), Minutes.closed_at.desc())
    .limit(1),
)


@read_once
def _read_steps(session: Session, candidacy_id: UUID) -> list[list[Any]]:
    return fetch_together(session, _STEPS, {"candidacy": candidacy_id})


def load_awaited_notification(session: Session, candidacy: Candidacy) -> AwaitedNotification | None:
    """Return the same as `find_awaited_notification`, from what an explanation reads."""
    _waiting, deliberated, _sessions = _read_steps(session, candidacy.id)
    days = [(row.decided_on, row.closed_at) for row in deliberated]
    clock = (candidacy.route, candidacy.regime, candidacy.admissible_on)
    return awaited_notification(*clock, min(days)[0]) if days else None


@read_once
def load_candidacy(session: Session, candidacy_id: UUID) -> Candidacy:
    """Read a candidacy with its candidate, its blocks and its version; raises NoResultFound."""
    query = (
        select(Candidacy)
        .where(Candidacy.id == candidacy_id)
        .options(
            joinedload(Candidacy.blocks),
            joinedload(Candidacy.candidate),
            joinedload(Candidacy.version).joinedload(CertificationVersion.certification),
        )
    )
    return session.scalars(query).unique().one()
