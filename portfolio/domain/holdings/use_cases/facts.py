"""From rows to the facts that grants are derived from; nothing here decides."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.orm import Session, aliased, joinedload

from portfolio.calendar import day_of
from portfolio.db.engine import fetch_rows, read_once
from portfolio.domain.candidacy.models import Candidacy, LapseRuling, Submission, SubmittedBlock
from portfolio.domain.candidacy.rules.deadlines import DeadlineKind
from portfolio.domain.candidacy.rules.missed_deadlines import LapseOutcome
from portfolio.domain.certification.models import Block, Certification, CertificationVersion, Competency
from portfolio.domain.certification.use_cases.publishing import load_blocks, load_blocks_by_version
from portfolio.domain.holdings.models.events import (
    Acquisition,
    Equivalence,
    EquivalenceSide,
    GroupEquivalence,
    GroupEquivalenceBlock,
)
from portfolio.domain.holdings.rules.facts import (
    AcquisitionFact,
    CertifiedBlock,
    CertifiedCompetency,
    Decision,
    EquivalenceFact,
    History,
    JuryDecisionFacts,
    Lapse,
    Presence,
    PriorHoldingFact,
)
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.holdings.use_cases.effective_status import StatusChanges, load_status_changes
from portfolio.domain.holdings.use_cases.notified_results import awaits_notification
from portfolio.domain.holdings.use_cases.prior_holdings import load_prior_holdings
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision, RecordedFinding
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import Attendance, FindingValue, Outcome

WITH_SUBMISSION = (
    joinedload(Hearing.session),
    joinedload(Hearing.submission).selectinload(Submission.blocks),
    joinedload(Hearing.submission).joinedload(Submission.candidacy),
)
# The people of a statement that is built once, and executed with them.
_PEOPLE: BindParameter[UUID] = bindparam("people", expanding=True)


def _of_people(query: Any) -> Any:
    """Keep of a query on minutes those of the people."""
    return (
        query.join(Minutes.hearing)
        .join(Hearing.submission)
        .join(Submission.candidacy)
        .where(Candidacy.candidate_id.in_(_PEOPLE))
    )


# What is read of a decision, of a finding and of what was submitted is in two columns: no object is made of
# their rows.
_DECISIONS = _of_people(
    select(RecordedDecision.minutes_id.label("owner"), RecordedDecision.block_id, RecordedDecision.outcome).join(
        Minutes, Minutes.id == RecordedDecision.minutes_id
    )
)
_FINDINGS = _of_people(
    select(RecordedFinding.minutes_id.label("owner"), RecordedFinding.competency_id, RecordedFinding.value).join(
        Minutes, Minutes.id == RecordedFinding.minutes_id
    )
)
_SCOPES = (
    select(SubmittedBlock.submission_id.label("owner"), SubmittedBlock.block_id)
    .join(Submission, Submission.id == SubmittedBlock.submission_id)
    .join(Submission.candidacy)
    .where(Candidacy.candidate_id.in_(_PEOPLE))
)
_ACQUISITIONS = (
    select(Acquisition, Block.validity_months).join(Acquisition.block).where(Acquisition.person_id.in_(_PEOPLE))
)
_RULINGS = (
    select(LapseRuling)
    .join(Candidacy, Candidacy.id == LapseRuling.candidacy_id)
    .where(Candidacy.candidate_id.in_(_PEOPLE))
    .order_by(LapseRuling.recorded_at, LapseRuling.id)
)


@dataclass(frozen=True)
class Catalogue:
    """The blocks of one version, as rows and as values, in the order of the certification."""

    rows: tuple[Block, ...]

    @cached_property
    def blocks(self) -> tuple[CertifiedBlock, ...]:
        """Return the values that the rules read."""
        return tuple(
            CertifiedBlock(
                row.id,
                row.number,
                row.title,
                tuple(_competency(row, competency) for competency in row.competencies),
                row.validity_months,
                row.option,
                row.options_needed,
            )
            for row in self.rows
        )

    def validity_of(self, block_id: UUID) -> int | None:
        """Return how long a block stays acquired, where the version limits it (R6)."""
        return next((row.validity_months for row in self.rows if row.id == block_id), None)

    def short_of(self, block_id: UUID, found: Mapping[UUID, FindingValue]) -> tuple[CertifiedCompetency, ...]:
        """Name the competencies of a block that were not found acquired."""
        rows = (row for row in self.rows if row.id == block_id)
        acquired = FindingValue.ACQUIRED
        return tuple(
            _competency(row, competency)
            for row in rows
            for competency in row.competencies
            if found.get(competency.id) is not acquired
        )


def _competency(block: Block, competency: Competency) -> CertifiedCompetency:
    return CertifiedCompetency(f"{block.number}.{competency.number}", competency.text)


def load_catalogue(session: Session, version_id: UUID) -> Catalogue:
    """Read the blocks of a version with their competencies."""
    return Catalogue(load_blocks(session, version_id))


@dataclass(frozen=True)
class Noted:
    """Decisions on blocks and findings on competencies of a jury before its minutes are closed."""

    outcomes: Mapping[UUID, Outcome]
    found: Mapping[UUID, FindingValue]


def facts_from_draft(
    hearing: Hearing, catalogue: Catalogue, noted: Noted, faults: Collection[str], lapse: Lapse = Lapse.NONE
) -> JuryDecisionFacts:
    """Return what a hearing would be if its minutes were closed now, as they are drafted."""
    decisions = tuple(
        Decision(block, outcome, catalogue.short_of(block, noted.found), catalogue.validity_of(block))
        for block, outcome in noted.outcomes.items()
    )
    scope = frozenset(block.block_id for block in hearing.submission.blocks)
    return replace(_jury_decision_facts(hearing, "", decisions, scope, faults), lapse=lapse)


def _facts_from_minutes(
    minutes: Minutes,
    decisions: tuple[Decision, ...],
    scope: frozenset[UUID],
    endings: StatusChanges,
    ruled: Lapse | None,
) -> JuryDecisionFacts:
    """Return what closed minutes record, the predicates' answers included, and what became of them since (R3, R10–R12).

    Whether a delay had passed without a ruling is what the closing saw; `ruled` is the certifier's word since or
    before.
    """
    predicates = minutes.composition["predicates"]
    faults = [predicate["id"] for predicate in predicates if predicate["blocking"] and not predicate["holds"]]
    status = endings.of_minutes(minutes.id)
    return replace(
        _jury_decision_facts(minutes.hearing, minutes.number, decisions, scope, faults),
        # A hearing voided before its day has the day of its voiding: another jury may decide before the day it had.
        decided_on=minutes.decided_on,
        presence=PRESENCES[minutes.attendance or Attendance.HEARD],
        lapse=ruled or Lapse(minutes.composition.get("lapse", Lapse.NONE)),
        annulled=status is GrantStatus.ANNULLED,
        annulled_blocks=endings.annulled_in(minutes.id),
        suspended=status is GrantStatus.SUSPENDED,
        withdrawn=endings.withdrawn_in(minutes.id),
    )


PRESENCES = {
    Attendance.HEARD: Presence.PRESENT,
    Attendance.ABSENT: Presence.ABSENT,
    Attendance.EXCUSED: Presence.EXCUSED,
}


@read_once
def load_history(session: Session, person_id: UUID, *, notified: bool = False) -> History:
    """Gather everything that happened to a person, on every version, in a constant number of queries.

    Sittings of one version grant blocks of that version only; equivalences are those of its certification.
    `notified` omits the decisions that no notification gave: what a candidate or an advisor reads.
    """
    return load_histories(session, (person_id,), notified=notified)[person_id]


def load_histories(
    session: Session, people: Collection[UUID], *, notified: bool = False, with_findings: bool = True
) -> dict[UUID, History]:
    """Gather the same for each of several people, in as many queries.

    Without findings, a decision does not name the competencies that are missing: no grant depends on them.
    """
    endings = load_status_changes(session, *people)
    asked = {"people": list(people)}
    rows = session.scalars(_minutes(notified=notified), asked).unique().all()
    decisions = _by_owner(fetch_rows(session, _DECISIONS, asked))
    findings = _by_owner(fetch_rows(session, _FINDINGS, asked)) if with_findings else None
    scopes = _by_owner(fetch_rows(session, _SCOPES, asked))
    versions = {row.hearing.submission.candidacy.version_id for row in rows}
    catalogues = _load_catalogues(session, versions)
    lapses = _load_lapses(session, people)
    sittings: defaultdict[UUID, list[JuryDecisionFacts]] = defaultdict(list)
    for row in rows:
        candidacy = row.hearing.submission.candidacy
        wrote = _decisions(
            catalogues[candidacy.version_id], decisions[row.id], None if findings is None else findings[row.id]
        )
        scope = frozenset(sealed.block_id for sealed in scopes[row.hearing.submission_id])
        facts = _facts_from_minutes(row, wrote, scope, endings, lapses.get(candidacy.id))
        sittings[candidacy.candidate_id].append(facts)
    acquired: defaultdict[UUID, list[AcquisitionFact]] = defaultdict(list)
    for acquisition, months in session.execute(_ACQUISITIONS, {"people": list(people)}):
        acquired[acquisition.person_id].append(
            _acquisition(acquisition, endings.of_acquisition(acquisition.id), months)
        )
    prior: defaultdict[UUID, list[PriorHoldingFact]] = defaultdict(list)
    for holding in load_prior_holdings(session, *people):
        prior[holding.person_id].append(holding.to_fact())
    ruled = load_equivalences_by_person(session, people)
    return {
        person: History(tuple(sittings[person]), tuple(acquired[person]), ruled[person], tuple(prior[person]))
        for person in people
    }


@cache
def _minutes(*, notified: bool) -> Select[Minutes]:
    hearing = joinedload(Minutes.hearing)
    query: Select[Minutes] = (
        _of_people(select(Minutes))
        .options(
            hearing.joinedload(Hearing.session), hearing.joinedload(Hearing.submission).joinedload(Submission.candidacy)
        )
        # A closing has just written some of these: read what the store holds.
        .execution_options(populate_existing=True)
    )
    return query.where(~awaits_notification(Minutes.id)) if notified else query


def _by_owner(rows: Iterable[Any]) -> defaultdict[UUID, list[Any]]:
    found: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.owner].append(row)
    return found


def _load_catalogues(session: Session, versions: Collection[UUID]) -> dict[UUID, Catalogue]:
    return {version: Catalogue(rows) for version, rows in load_blocks_by_version(session, versions).items()}


def _acquisition(row: Acquisition, status: GrantStatus, validity_months: int | None) -> AcquisitionFact:
    ended = (status is GrantStatus.ANNULLED, status is GrantStatus.WITHDRAWN)
    return AcquisitionFact(row.block_id, row.acquired_on, True, row.reference, *ended, validity_months)


def load_equivalences(session: Session, person_id: UUID) -> tuple[EquivalenceFact, ...]:
    """Read what the bodies a person is a candidate of ruled between blocks, each with the day it was replaced."""
    return load_equivalences_by_person(session, (person_id,))[person_id]


def load_equivalences_by_person(session: Session, people: Collection[UUID]) -> dict[UUID, tuple[EquivalenceFact, ...]]:
    """Return the same for each of several people, in one query."""
    found: dict[UUID, dict[UUID, EquivalenceFact]] = {person: {} for person in people}
    for person_id, row, until, months in session.execute(_equivalences(), {"people": list(people)}):
        fact = EquivalenceFact(
            row.held_block_id,
            row.granted_block_id,
            row.kind,
            row.declared_on,
            row.reference,
            until,
            validity_months=months,
        )
        found[person_id].setdefault(row.id, fact)
    together = load_group_equivalences(session, people)
    return {person: (*those.values(), *together[person]) for person, those in found.items()}


@cache
def _equivalences() -> Select[*tuple[Any, ...]]:
    """Return the rulings between two blocks of the bodies that some people are candidates of."""
    aimed, targeted = aliased(CertificationVersion), aliased(Certification)
    later, granted = aliased(Equivalence), aliased(Block)
    return (
        select(Candidacy.candidate_id, Equivalence, later.declared_on, granted.validity_months)
        .select_from(Candidacy)
        .join(aimed, aimed.id == Candidacy.version_id)
        .join(targeted, targeted.id == aimed.certification_id)
        .join(Certification, Certification.body_id == targeted.body_id)
        .join(Certification.versions)
        .join(CertificationVersion.blocks)
        .join(Equivalence, Equivalence.held_block_id == Block.id)
        .join(granted, granted.id == Equivalence.granted_block_id)
        .outerjoin(later, later.replaces_id == Equivalence.id)
        .where(Candidacy.candidate_id.in_(_PEOPLE))
    )


def load_group_equivalences(session: Session, people: Collection[UUID]) -> dict[UUID, tuple[EquivalenceFact, ...]]:
    """Read what the bodies of these people ruled of several blocks together: one fact for each block that
    they count for.
    """
    sides: dict[tuple[UUID, UUID], tuple[GroupEquivalence, date | None, list[GroupEquivalenceBlock]]] = {}
    validity: dict[UUID, int | None] = {}
    for person_id, row, until, block, months in session.execute(_group_equivalences(), {"people": list(people)}):
        sides.setdefault((person_id, row.id), (row, until, []))[2].append(block)
        validity[block.block_id] = months
    found: dict[UUID, list[EquivalenceFact]] = {person: [] for person in people}
    for (person_id, _), (row, until, blocks) in sides.items():
        found[person_id] += _group_facts(row, until, blocks, validity)
    return {person: tuple(facts) for person, facts in found.items()}


@cache
def _group_equivalences() -> Select[*tuple[Any, ...]]:
    """Return the rulings on several blocks together of the bodies that some people are candidates of."""
    bodies = (
        select(Candidacy.candidate_id, Certification.body_id)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .where(Candidacy.candidate_id.in_(_PEOPLE))
        .distinct()
        .subquery()
    )
    later = aliased(GroupEquivalence)
    ruled = (GroupEquivalence, later.declared_on, GroupEquivalenceBlock, Block.validity_months)
    return (
        select(bodies.c.candidate_id, *ruled)
        .join(Certification, Certification.body_id == bodies.c.body_id)
        .join(Certification.versions)
        .join(CertificationVersion.blocks)
        .join(GroupEquivalenceBlock, GroupEquivalenceBlock.block_id == Block.id)
        .join(GroupEquivalence, GroupEquivalence.id == GroupEquivalenceBlock.equivalence_id)
        .outerjoin(later, later.replaces_id == GroupEquivalence.id)
        .order_by(GroupEquivalence.declared_at, GroupEquivalence.id, GroupEquivalenceBlock.block_id)
    )


def _group_facts(
    row: GroupEquivalence,
    until: date | None,
    blocks: Collection[GroupEquivalenceBlock],
    validity: Mapping[UUID, int | None],
) -> list[EquivalenceFact]:
    """Return the facts of one ruling: the same blocks asked for, once for each block that they count for."""
    asked = [block.block_id for block in blocks if block.side is EquivalenceSide.HELD]
    targets = [block.block_id for block in blocks if block.side is EquivalenceSide.COUNTS_FOR]
    told = (row.kind, row.declared_on, row.reference, until, frozenset(asked[1:]))
    if not asked:
        return []
    return [EquivalenceFact(asked[0], target, *told, validity[target]) for target in targets]


def _load_lapses(session: Session, people: Collection[UUID]) -> dict[UUID, Lapse]:
    """Return what the certifier last ruled of the admissibility of each candidacy of these people whose delay had
    passed (R3).
    """
    words = {LapseOutcome.LEGITIMATE: Lapse.RULED, LapseOutcome.LAPSED: Lapse.LAPSED}
    found = session.scalars(_RULINGS, {"people": list(people)})
    rows = [row for row in found if row.to_value().kind is DeadlineKind.FIRST_STEP]
    return {row.candidacy_id: words[row.outcome] for row in rows}


def _decisions(
    catalogue: Catalogue, decisions: Collection[Any], findings: Collection[Any] | None
) -> tuple[Decision, ...]:
    """Return what minutes record as values; without findings, no decision names what is missing."""
    found = {finding.competency_id: finding.value for finding in findings or ()}
    return tuple(
        Decision(
            decision.block_id,
            decision.outcome,
            () if findings is None else catalogue.short_of(decision.block_id, found),
            catalogue.validity_of(decision.block_id),
        )
        for decision in decisions
    )


def _jury_decision_facts(
    hearing: Hearing, reference: str, decisions: tuple[Decision, ...], scope: frozenset[UUID], faults: Collection[str]
) -> JuryDecisionFacts:
    submission = hearing.submission
    return JuryDecisionFacts(
        reference=reference,
        decided_on=hearing.session.held_on,
        submitted_on=day_of(submission.submitted_at),
        admissible_on=submission.candidacy.admissible_on,
        scope=scope,
        decisions=decisions,
        faults=tuple(faults),
    )
