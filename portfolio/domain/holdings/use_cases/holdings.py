"""Blocks that a person holds today, with the certificate number that proves each."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_together, read_once
from portfolio.db.together import Together
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.certification.use_cases.publishing import load_blocks_by_version
from portfolio.domain.holdings.models.events import (
    Acquisition,
    Equivalence,
    EquivalenceSide,
    GrantStatusChange,
    GroupEquivalenceBlock,
    acquisition_reference,
    bears_on,
)
from portfolio.domain.holdings.models.grants import Certificate, Grant, is_latest
from portfolio.domain.holdings.rules.completion import end_of_validity, event_since, sets_of_blocks, standing_events
from portfolio.domain.holdings.rules.facts import EquivalenceFact, History, Source
from portfolio.domain.holdings.rules.granting import GrantingEvent, direct_acts, own_act, with_equivalences
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.holdings.use_cases.effective_status import combined_status
from portfolio.domain.holdings.use_cases.facts import EQUIVALENCES, Catalogue, equivalence_facts, load_histories
from portfolio.domain.holdings.use_cases.notified_results import awaits_notification
from portfolio.domain.holdings.use_cases.prior_holdings import PRIOR_HOLDINGS, HeldBefore, held_before
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import Outcome

# The id of a block, its number and its title.
BlockName = tuple[UUID, int, str]


@dataclass(frozen=True, slots=True)
class HeldBlock:
    """A block held: since when, until when where its validity is limited, by which act, under which
    certificate number.
    """

    block_id: UUID
    block_number: int
    title: str
    granted_on: date
    source: Source
    reference: str
    number: str
    until: date | None = None
    # The holding of before that proves it: its certificate was not issued here, and no public page shows its
    # number.
    prior_id: UUID | None = None

    @property
    def is_prior(self) -> bool:
        """Return whether its certificate was issued before this product was used."""
        return self.prior_id is not None

    @property
    def act(self) -> GrantingEvent:
        """Return the act that made the person hold it."""
        return GrantingEvent(self.granted_on, self.source, self.reference, self.until)


class HoldingProof(Protocol):
    """Act that makes a block held by itself, and the number of the certificate that proves it."""

    @property
    def block_id(self) -> UUID: ...
    @property
    def act(self) -> GrantingEvent: ...
    @property
    def number(self) -> str: ...


class GrantColumns(NamedTuple):
    """The columns of a recorded grant, which never change."""

    id: UUID
    person_id: UUID
    block_id: UUID
    minutes_id: UUID | None
    granted_on: date
    source: Source


@dataclass(frozen=True, slots=True)
class RecordedGrant:
    """A grant as it was recorded, the number of its certificate, and where it stands today."""

    grant: GrantColumns
    act: GrantingEvent
    number: str
    status: GrantStatus
    # Whether an equivalence was ever ruled that its block could make count.
    leads_on: bool

    @property
    def block_id(self) -> UUID:
        """Return the block that it gives."""
        return self.grant.block_id

    @property
    def of(self) -> tuple[UUID, UUID]:
        """Return the person and the block."""
        return self.grant.person_id, self.grant.block_id


# Asked at every page of a dossier, so built once. A later act bears on the grant, or on the minutes it comes
# from.
_GRANTS = (
    select(*(getattr(Grant, name) for name in GrantColumns._fields))
    .add_columns(
        Certificate.number.label("certificate_number"),
        Minutes.number.label("minutes_number"),
        func.coalesce(Minutes.closed_at, Acquisition.verified_at, Grant.recorded_at).label("recorded_at"),
        Acquisition.id.label("acquired_id"),
        Acquisition.acquired_on,
        GrantStatusChange.grant_id.label("on_grant"),
        GrantStatusChange.block_id.label("on_block"),
        GrantStatusChange.kind,
        GrantStatusChange.sequence,
    )
    .add_columns(
        or_(
            exists().where(Equivalence.held_block_id == Grant.block_id),
            exists().where(
                GroupEquivalenceBlock.block_id == Grant.block_id, GroupEquivalenceBlock.side == EquivalenceSide.HELD
            ),
        ).label("leads_on")
    )
    .add_columns(awaits_notification(Grant.minutes_id).label("unnotified"))
    .add_columns(Block.validity_months.label("validity_months"))
    .join(Grant.block)
    .join(Certificate, Certificate.grant_id == Grant.id)
    .outerjoin(Minutes, Minutes.id == Grant.minutes_id)
    .outerjoin(Acquisition, Acquisition.id == Grant.acquisition_id)
    .outerjoin(
        GrantStatusChange,
        or_(GrantStatusChange.grant_id == Grant.id, bears_on(GrantStatusChange, Grant.minutes_id, Grant.block_id)),
    )
    .where(Grant.person_id.in_(bindparam("people", expanding=True)), is_latest())
)


def load_prior_holdings(session: Session, *people: UUID) -> list[HeldBefore]:
    """Read what one person, or several, held before, ended or not, in one query, the same as for their grants."""
    return held_before(_proofs(session, *people)[1])


@read_once
def recorded_grants(session: Session, *people: UUID, notified: bool = False) -> list[RecordedGrant]:
    """Read every grant of one person, or of several, with its status, in one query.

    Of several grants that stand for one block, the earliest act is held (R6, R13), and each later one that is valid for
    longer. `notified` omits the grants of minutes that no notification gave: what a candidate or an advisor reads.
    """
    return _settled_grants(_proofs(session, *people)[0], notified=notified)


def _settled_grants(rows: Iterable[Any], *, notified: bool, telling: UUID | None = None) -> list[RecordedGrant]:
    changes: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.sequence or 0):
        if not (notified and row.unnotified and row.minutes_id != telling):
            changes[row.id].append(row)
    found = sorted((_recorded(rows) for rows in changes.values()), key=lambda grant: grant.act)
    held: defaultdict[tuple[UUID, UUID], list[GrantingEvent]] = defaultdict(list)
    for recorded_grant in found:
        if recorded_grant.status is GrantStatus.HELD:
            held[recorded_grant.of].append(recorded_grant.act)
    return [_settled(recorded_grant, held[recorded_grant.of]) for recorded_grant in found]


def _recorded(rows: Sequence[Any]) -> RecordedGrant:
    """One grant, from the row of each later act on it, or its only row."""
    row = rows[0]
    later = [row for row in rows if row.kind is not None]
    on_grant = [row.kind for row in later if row.on_grant is not None or row.on_block is not None]
    on_minutes = [row.kind for row in later if row.on_grant is None and row.on_block is None]
    status = combined_status(on_grant, on_minutes)
    grant = GrantColumns(*row[: len(GrantColumns._fields)])
    return RecordedGrant(grant, _granting_event(row), row.certificate_number, status, row.leads_on)


def _granting_event(row: Any) -> GrantingEvent:
    acquired = acquisition_reference(row.acquired_id, row.acquired_on) if row.acquired_id else ""
    until = end_of_validity(row.granted_on, row.validity_months)
    told = (row.granted_on, row.source, acquired or row.minutes_number or "", until)
    return GrantingEvent(*told, recorded_at=row.recorded_at)


# Blocks that a jury validated while another act stood for them: domain §5 keeps the earliest, and no grant
# is recorded, but an equivalence counts from each (R2 c, R6).
_VALIDATED_AGAIN = (
    select(Candidacy.candidate_id)
    .distinct()
    .join(Submission, Submission.candidacy_id == Candidacy.id)
    .join(Hearing, Hearing.submission_id == Submission.id)
    .join(Minutes, Minutes.hearing_id == Hearing.id)
    .join(Minutes.decisions)
    .where(
        Candidacy.candidate_id.in_(bindparam("people", expanding=True)),
        RecordedDecision.outcome == Outcome.VALIDATED,
        ~exists().where(Grant.minutes_id == Minutes.id, Grant.block_id == RecordedDecision.block_id),
    )
)


_PROOFS, _RULED = (_GRANTS, PRIOR_HOLDINGS), (*EQUIVALENCES, _VALIDATED_AGAIN)
_PROOFS_OF_MANY, _RULED_OF_MANY, _OF_ONE = Together(*_PROOFS), Together(*_RULED), Together(*_PROOFS, *_RULED)


@read_once
def _proofs(session: Session, *people: UUID) -> list[list[Any]]:
    """Read the grants of these people and what they held before; of one alone, what `_ruled` answers as well."""
    return fetch_together(session, _OF_ONE if len(people) == 1 else _PROOFS_OF_MANY, {"people": people})


@read_once
def _ruled(session: Session, *people: UUID) -> tuple[dict[UUID, tuple[EquivalenceFact, ...]], frozenset[UUID]]:
    """Read the equivalences of these people, and those of them for whom a jury validated a block without a grant."""
    alone = _proofs(session, *people)[len(_PROOFS) :] if len(people) == 1 else None
    single, grouped, again = alone or fetch_together(session, _RULED_OF_MANY, {"people": people})
    return equivalence_facts(people, single, grouped), frozenset(row.candidate_id for row in again)


def _equivalences_and_histories(
    session: Session, people: Collection[UUID], *, notified: bool, telling: UUID | None = None
) -> tuple[Mapping[UUID, tuple[EquivalenceFact, ...]], Mapping[UUID, History]]:
    """Return the equivalences of these people, and, where one has any, what happened to those for whom a jury
    validated a block without a grant.
    """
    if not people:
        return {}, {}
    equivalences, again = _ruled(session, *sorted(people))
    read = again if any(equivalences.values()) else ()
    told: dict[str, Any] = {"notified": notified, "telling": telling}
    histories = load_histories(session, read, with_findings=False, **told) if read else {}
    return equivalences, histories


def _settled(recorded_grant: RecordedGrant, held: Sequence[GrantingEvent]) -> RecordedGrant:
    unchanged = recorded_grant.status is not GrantStatus.HELD or recorded_grant.act in standing_events(held)
    return recorded_grant if unchanged else replace(recorded_grant, status=GrantStatus.REPLACED)


@dataclass(frozen=True, slots=True)
class BlockStatuses:
    """Blocks of a person in one version: the blocks held, and those neither held nor lost while a suspension lasts
    (R10).
    """

    held: dict[UUID, HeldBlock]
    suspended: dict[UUID, HeldBlock]


def held_blocks(
    session: Session,
    person_id: UUID,
    version_id: UUID,
    *,
    on: date | None,
    notified: bool = False,
    telling: UUID | None = None,
) -> dict[UUID, HeldBlock]:
    """Map the blocks of one version that a person holds, in the order of the certification, in three queries at most.

    A recorded grant makes a block held (R6) until a later act ends it or holds its effects (R10–R12); so does an
    identical equivalence with a block that is held (R2 c), under the number of that block's certificate. A block whose
    validity has ended by the day `on` is not held; without a day, one that was ever held is. `notified` and `telling`
    as `load_history`.
    """
    return block_statuses(session, person_id, version_id, notified=notified, on=on, telling=telling).held


@read_once
def block_statuses(
    session: Session,
    person_id: UUID,
    version_id: UUID,
    *,
    on: date | None,
    notified: bool = False,
    telling: UUID | None = None,
) -> BlockStatuses:
    """Return the same, and apart the blocks that would be held were a suspension lifted (R10); `notified` as
    `recorded_grants`.
    """
    query = select(Block.id, Block.number, Block.title).where(Block.version_id == version_id).order_by(Block.number)
    blocks = [(row[0], row[1], row[2]) for row in session.execute(query)]
    return block_statuses_among(session, person_id, blocks, notified=notified, on=on, telling=telling)


def block_statuses_among(
    session: Session,
    person_id: UUID,
    blocks: Collection[BlockName],
    *,
    on: date | None,
    notified: bool = False,
    telling: UUID | None = None,
) -> BlockStatuses:
    """Return the same, of blocks already read: in one query, in two when a jury also validated a block without a
    grant.
    """
    grants, before, *_ = _proofs(session, person_id)
    told: dict[str, Any] = {"notified": notified, "telling": telling}
    recorded = _settled_grants(grants, **told)
    prior = [holding for holding in held_before(before) if holding.ended_on is None]
    leads_on = prior or any(recorded_grant.leads_on for recorded_grant in recorded)
    declared, histories = _equivalences_and_histories(session, (person_id,) if leads_on else (), **told)
    equivalences, history = declared.get(person_id, ()), histories.get(person_id, History())
    waits = [grant for grant in recorded if grant.status is GrantStatus.SUSPENDED]
    # One whose place an earlier act took still gives what an equivalence makes of it.
    counts = (GrantStatus.HELD, GrantStatus.REPLACED)
    proofs: list[HoldingProof] = [*prior, *(grant for grant in recorded if grant.status in counts)]
    now = _held_among(blocks, proofs, equivalences, on or date.min, direct_acts(history))
    if not waits:
        return BlockStatuses(now, {})
    free = direct_acts(history.without_suspensions)
    once = _held_among(blocks, (*proofs, *waits), equivalences, on or date.min, free)
    return BlockStatuses(now, {block_id: held_block for block_id, held_block in once.items() if block_id not in now})


def _held_among(
    blocks: Collection[BlockName],
    proofs: Iterable[HoldingProof],
    equivalences: tuple[EquivalenceFact, ...],
    on: date,
    others: Iterable[tuple[UUID, GrantingEvent]],
) -> dict[UUID, HeldBlock]:
    """Return the blocks that these proofs make held on some day, by themselves or by an equivalence, in the order
    of the certification; `others` are acts without a proof of their own, proved by that of the same block.
    """
    by_act: dict[tuple[UUID, GrantingEvent], HoldingProof] = {}
    by_block: dict[UUID, HoldingProof] = {}
    for proof in proofs:
        by_act[proof.block_id, proof.act] = by_block[proof.block_id] = proof
    by_act |= {act: by_block[act[0]] for act in others if act not in by_act and act[0] in by_block}
    acts = with_equivalences(list(by_act), equivalences)
    found = {}
    for block_id, number, title in blocks:
        act = event_since(on, acts.get(block_id, ()))
        if act is not None:
            proof = by_act[own_act(block_id, act)]
            prior_id = proof.id if isinstance(proof, HeldBefore) else None
            told = (act.on, act.source, act.reference, proof.number, act.until, prior_id)
            found[block_id] = HeldBlock(block_id, number, title, *told)
    return found


@dataclass(frozen=True, slots=True)
class HeldByPerson:
    """Holdings of several people: every grant recorded for them with its status, the acts by which each holds a
    block, and those by which each would without any suspension, annulment or withdrawal.
    """

    grants: list[RecordedGrant]
    acts: Mapping[UUID, Mapping[UUID, tuple[GrantingEvent, ...]]]
    ever: Mapping[UUID, Mapping[UUID, tuple[GrantingEvent, ...]]]

    def blocks_since(self, person_id: UUID, day: date) -> frozenset[UUID]:
        """Return the blocks whose validity had not ended on some day, those granted later included."""
        acts = self.acts.get(person_id, {})
        return frozenset(block for block, events in acts.items() if event_since(day, events) is not None)


def load_held_by_person(session: Session, people: Collection[UUID], *, notified: bool = False) -> HeldByPerson:
    """Read what these people have, of whatever version, in one query, in two when an equivalence may start
    from a block, in three when a jury also validated a block without a grant.
    """
    direct: dict[UUID, list[tuple[UUID, GrantingEvent]]] = {person: [] for person in people}
    ended: defaultdict[UUID, list[tuple[UUID, GrantingEvent]]] = defaultdict(list)
    grants, before, *_ = _proofs(session, *people)
    recorded, prior = _settled_grants(grants, notified=notified), held_before(before)
    for grant in recorded:
        acts = direct if grant.status in (GrantStatus.HELD, GrantStatus.REPLACED) else ended
        acts[grant.grant.person_id].append((grant.block_id, grant.act))
    for holding in prior:
        acts = direct if holding.ended_on is None else ended
        acts[holding.person_id].append((holding.block_id, holding.act))
    leads_on = {grant.grant.person_id for grant in recorded if grant.leads_on} | {
        holding.person_id for holding in prior
    }
    declared, histories = _equivalences_and_histories(session, leads_on, notified=notified)
    for person, history in histories.items():
        direct[person] += direct_acts(history)
        ended[person] += direct_acts(history.without_endings)
    now = {person: with_equivalences(held, declared.get(person, ())) for person, held in direct.items()}
    once = {
        person: with_equivalences([*direct[person], *lost], declared.get(person, ())) for person, lost in ended.items()
    }
    return HeldByPerson(recorded, now, now | once)


def load_held_blocks_by_person(
    session: Session, people: Collection[UUID], *, on: date, notified: bool = False
) -> dict[UUID, frozenset[UUID]]:
    """Say which blocks each of these people holds on some day, of whatever version, in a constant number of queries."""
    held = load_held_by_person(session, people, notified=notified)
    return {person: held.blocks_since(person, on) for person in people}


@dataclass(frozen=True, slots=True)
class NearTitle:
    """A certification of which a person holds some blocks, and the numbers and titles of those that are missing."""

    version_id: UUID
    title: str
    code: str
    held: int
    missing: tuple[tuple[int, str], ...]


def list_near_titles(session: Session, person_id: UUID, *, on: date) -> list[NearTitle]:
    """List the certifications of which a person was told that they hold a block and do not hold the whole, the nearest
    first; of one with options, the set that is nearest to being whole.
    """
    held = load_held_blocks_by_person(session, [person_id], on=on, notified=True)[person_id]
    versions = select(Block.version_id).where(Block.id.in_(held))
    named = session.execute(
        select(CertificationVersion.id, CertificationVersion.title, Certification.code)
        .join(CertificationVersion.certification)
        .where(CertificationVersion.id.in_(versions))
    ).all()
    rows = load_blocks_by_version(session, [version_id for version_id, _, _ in named])
    found = []
    for version_id, title, code in named:
        sets = sets_of_blocks(Catalogue(rows[version_id]).blocks)
        missing = min(([block for block in each if block.id not in held] for each in sets), key=len, default=[])
        if missing:
            own = sum(block.id in held for block in rows[version_id])
            lacking = tuple((block.number, block.title) for block in missing)
            found.append(NearTitle(version_id, title, code, own, lacking))
    return sorted(found, key=lambda near: len(near.missing))


def acts_of(held: Mapping[UUID, HeldBlock]) -> dict[UUID, GrantingEvent]:
    """Hand what is held to the rules."""
    return {block_id: held_block.act for block_id, held_block in held.items()}
