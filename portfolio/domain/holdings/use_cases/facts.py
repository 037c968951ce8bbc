"""From rows to the facts that grants are derived from; nothing here decides."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Select, Uuid, bindparam, false, select
from sqlalchemy.orm import Session, aliased, joinedload

from portfolio.calendar import day_of
from portfolio.db.engine import fetch_together, read_once
from portfolio.db.together import Together
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
    acquisition_reference,
    equivalence_reference,
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
from portfolio.domain.holdings.use_cases.effective_status import STATUS_CHANGES, StatusChanges, status_changes
from portfolio.domain.holdings.use_cases.notified_results import awaits_notification
from portfolio.domain.holdings.use_cases.prior_holdings import PRIOR_HOLDINGS, held_before
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision, RecordedFinding
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import Attendance, FindingValue, Outcome

WITH_SUBMISSION = (
    joinedload(Hearing.session),
    joinedload(Hearing.submission).joinedload(Submission.blocks),
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


_MINUTES = _of_people(
    select(
        Minutes.id,
        Minutes.number,
        Minutes.decided_on,
        Minutes.attendance,
        Minutes.composition,
        Minutes.closed_at,
        Hearing.submission_id,
        Submission.submitted_at,
        Submission.candidacy_id,
        Candidacy.candidate_id,
        Candidacy.version_id,
        Candidacy.admissible_on,
    ).select_from(Minutes)
)
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
    select(
        Acquisition.id,
        Acquisition.person_id,
        Acquisition.block_id,
        Acquisition.acquired_on,
        Acquisition.verified_at,
        Block.validity_months,
    )
    .join(Acquisition.block)
    .where(Acquisition.person_id.in_(_PEOPLE))
)
_RULINGS = (
    select(
        LapseRuling.id,
        LapseRuling.candidacy_id,
        LapseRuling.deadline_kind,
        LapseRuling.outcome,
        LapseRuling.recorded_at,
    )
    .join(Candidacy, Candidacy.id == LapseRuling.candidacy_id)
    .where(Candidacy.candidate_id.in_(_PEOPLE))
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

    @property
    def names(self) -> list[tuple[UUID, int, str]]:
        """Return the identity, the number and the title of each block."""
        return [(row.id, row.number, row.title) for row in self.rows]

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
    hearing: Hearing, catalogue: Catalogue, noted: Noted, faults: Collection[str], lapse: Lapse, on: date
) -> JuryDecisionFacts:
    """Return what a hearing would be if its minutes were closed now, as they are drafted, decided on a day."""
    decisions = tuple(
        Decision(block, outcome, catalogue.short_of(block, noted.found), catalogue.validity_of(block))
        for block, outcome in noted.outcomes.items()
    )
    submission = hearing.submission
    return JuryDecisionFacts(
        reference="",
        decided_on=on,
        submitted_on=day_of(submission.submitted_at),
        admissible_on=submission.candidacy.admissible_on,
        scope=frozenset(block.block_id for block in submission.blocks),
        decisions=decisions,
        faults=tuple(faults),
        lapse=lapse,
    )


def _facts_from_minutes(
    minutes: Any, decisions: tuple[Decision, ...], scope: frozenset[UUID], endings: StatusChanges, ruled: Lapse | None
) -> JuryDecisionFacts:
    """Return what closed minutes record, the predicates' answers included, and what became of them since (R3, R10–R12).

    Whether a delay had passed without a ruling is what the closing saw; `ruled` is the certifier's word since or
    before.
    """
    predicates = minutes.composition["predicates"]
    faults = [predicate["id"] for predicate in predicates if predicate["blocking"] and not predicate["holds"]]
    status = endings.of_minutes(minutes.id)
    return JuryDecisionFacts(
        reference=minutes.number,
        # A hearing voided before its day has the day of its voiding: another jury may decide before the day it had.
        decided_on=minutes.decided_on,
        submitted_on=day_of(minutes.submitted_at),
        admissible_on=minutes.admissible_on,
        scope=scope,
        decisions=decisions,
        faults=tuple(faults),
        presence=PRESENCES[minutes.attendance or Attendance.HEARD],
        lapse=ruled or Lapse(minutes.composition.get("lapse", Lapse.NONE)),
        annulled=status is GrantStatus.ANNULLED,
        annulled_blocks=endings.annulled_in(minutes.id),
        suspended=status is GrantStatus.SUSPENDED,
        withdrawn=endings.withdrawn_in(minutes.id),
        recorded_at=minutes.closed_at,
    )


PRESENCES = {
    Attendance.HEARD: Presence.PRESENT,
    Attendance.ABSENT: Presence.ABSENT,
    Attendance.EXCUSED: Presence.EXCUSED,
}


@read_once
def load_history(session: Session, person_id: UUID, *, notified: bool = False, telling: UUID | None = None) -> History:
    """Gather everything that happened to a person, on every version, in two queries.

    Sittings of one version grant blocks of that version only; equivalences are those of its certification.
    `notified` omits the decisions that no notification gave, what a candidate or an advisor reads, but those of the
    minutes that a letter is `telling`.
    """
    return load_histories(session, (person_id,), notified=notified, telling=telling)[person_id]


def load_histories(
    session: Session,
    people: Collection[UUID],
    *,
    notified: bool = False,
    with_findings: bool = True,
    telling: UUID | None = None,
) -> dict[UUID, History]:
    """Gather the same for each of several people, in as many queries.

    Without findings, a decision does not name the competencies that are missing: no grant depends on them.
    """
    parts = _facts(notified=notified, with_findings=with_findings, tells=telling is not None)
    told = {"telling": telling} if telling is not None else {}
    rows = fetch_together(session, parts, {"people": list(people)} | told)
    wrote, decided, found, scopes, rulings, acquisitions, rulings_of_one, rulings_of_some, prior, *later = rows
    endings = status_changes(*later)
    decisions, findings, submitted = _by_owner(decided), _by_owner(found), _by_owner(scopes)
    catalogues = _load_catalogues(session, {row.version_id for row in wrote})
    lapses = _lapses(rulings)
    sittings: defaultdict[UUID, list[JuryDecisionFacts]] = defaultdict(list)
    for row in wrote:
        written = _decisions(catalogues[row.version_id], decisions[row.id], findings[row.id] if with_findings else None)
        scope = frozenset(sealed.block_id for sealed in submitted[row.submission_id])
        facts = _facts_from_minutes(row, written, scope, endings, lapses.get(row.candidacy_id))
        sittings[row.candidate_id].append(facts)
    acquired: defaultdict[UUID, list[AcquisitionFact]] = defaultdict(list)
    for row in acquisitions:
        acquired[row.person_id].append(_acquisition(row, endings.of_acquisition(row.id)))
    held: defaultdict[UUID, list[PriorHoldingFact]] = defaultdict(list)
    for holding in held_before(prior):
        held[holding.person_id].append(holding.to_fact())
    ruled = equivalence_facts(people, rulings_of_one, rulings_of_some)
    return {
        person: History(tuple(sittings[person]), tuple(acquired[person]), ruled[person], tuple(held[person]))
        for person in people
    }


@cache
def _facts(*, notified: bool, with_findings: bool, tells: bool) -> Together:
    told = ~awaits_notification(Minutes.id)
    if tells:
        told = told | (Minutes.id == bindparam("telling", type_=Uuid()))
    minutes = _MINUTES.where(told) if notified else _MINUTES
    findings = _FINDINGS if with_findings else _FINDINGS.where(false())
    read = (minutes, _DECISIONS, findings, _SCOPES, _RULINGS, _ACQUISITIONS, *EQUIVALENCES, PRIOR_HOLDINGS)
    return Together(*read, *STATUS_CHANGES)


def _by_owner(rows: Iterable[Any]) -> defaultdict[UUID, list[Any]]:
    found: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.owner].append(row)
    return found


def _load_catalogues(session: Session, versions: Collection[UUID]) -> dict[UUID, Catalogue]:
    return {version: Catalogue(rows) for version, rows in load_blocks_by_version(session, versions).items()}


def _acquisition(row: Any, status: GrantStatus) -> AcquisitionFact:
    reference = acquisition_reference(row.id, row.acquired_on)
    ended = (status is GrantStatus.ANNULLED, status is GrantStatus.WITHDRAWN)
    return AcquisitionFact(
        row.block_id, row.acquired_on, True, reference, *ended, row.validity_months, recorded_at=row.verified_at
    )


def load_equivalences(session: Session, person_id: UUID) -> tuple[EquivalenceFact, ...]:
    """Read what the bodies a person is a candidate of ruled between blocks, each with the moment it was replaced."""
    return equivalence_facts((person_id,), *fetch_together(session, _RULED, {"people": [person_id]}))[person_id]


def equivalence_facts(
    people: Collection[UUID], single: Iterable[Any], grouped: Iterable[Any]
) -> dict[UUID, tuple[EquivalenceFact, ...]]:
    """Return, of each of these people, the facts of the rulings of `EQUIVALENCES`, those of several blocks last: one
    for each block that they count for.
    """
    found: dict[UUID, dict[UUID, EquivalenceFact]] = {person: {} for person in people}
    for row in single:
        fact = EquivalenceFact(
            row.held_block_id,
            row.granted_block_id,
            row.kind,
            row.declared_on,
            equivalence_reference(row.id, row.declared_on),
            row.replaced_at,
            validity_months=row.validity_months,
            declared_at=row.declared_at,
        )
        found[row.candidate_id].setdefault(row.id, fact)
    sides: defaultdict[tuple[UUID, UUID], list[Any]] = defaultdict(list)
    for row in sorted(grouped, key=attrgetter("declared_at", "id", "block_id")):
        sides[row.candidate_id, row.id].append(row)
    together: defaultdict[UUID, list[EquivalenceFact]] = defaultdict(list)
    for (person_id, _), blocks_of_one in sides.items():
        together[person_id] += _group_facts(blocks_of_one)
    return {person: (*those.values(), *together[person]) for person, those in found.items()}


def _rulings_of_one() -> Select[*tuple[Any, ...]]:
    """Return the rulings between two blocks of the bodies that some people are candidates of."""
    aimed, targeted = aliased(CertificationVersion), aliased(Certification)
    later, granted = aliased(Equivalence), aliased(Block)
    moments = (Equivalence.declared_on, Equivalence.declared_at, later.declared_at.label("replaced_at"))
    return (
        select(
            Candidacy.candidate_id,
            Equivalence.id,
            Equivalence.held_block_id,
            Equivalence.granted_block_id,
            Equivalence.kind,
            *moments,
            granted.validity_months,
        )
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


def _rulings_of_some() -> Select[*tuple[Any, ...]]:
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
    ruled = (GroupEquivalence.id, GroupEquivalence.kind, GroupEquivalence.declared_on)
    moments = (GroupEquivalence.declared_at, later.declared_at.label("replaced_at"))
    sides = (GroupEquivalenceBlock.block_id, GroupEquivalenceBlock.side)
    return (
        select(bodies.c.candidate_id, *ruled, *moments, *sides, Block.validity_months)
        .join(Certification, Certification.body_id == bodies.c.body_id)
        .join(Certification.versions)
        .join(CertificationVersion.blocks)
        .join(GroupEquivalenceBlock, GroupEquivalenceBlock.block_id == Block.id)
        .join(GroupEquivalence, GroupEquivalence.id == GroupEquivalenceBlock.equivalence_id)
        .outerjoin(later, later.replaces_id == GroupEquivalence.id)
    )


EQUIVALENCES = (_rulings_of_one(), _rulings_of_some())
_RULED = Together(*EQUIVALENCES)


def _group_facts(rows: Sequence[Any]) -> list[EquivalenceFact]:
    """Return the facts of one ruling: the same blocks asked for, once for each block that they count for."""
    asked = [row.block_id for row in rows if row.side is EquivalenceSide.HELD]
    if not asked:
        return []
    first = rows[0]
    reference = equivalence_reference(first.id, first.declared_on)
    told = (first.kind, first.declared_on, reference, first.replaced_at, frozenset(asked[1:]))
    targets = (row for row in rows if row.side is EquivalenceSide.COUNTS_FOR)
    return [
        EquivalenceFact(asked[0], row.block_id, *told, row.validity_months, declared_at=first.declared_at)
        for row in targets
    ]


def _lapses(rulings: Iterable[Any]) -> dict[UUID, Lapse]:
    """Return what the certifier last ruled of the admissibility of each candidacy whose delay had passed (R3)."""
    words = {LapseOutcome.LEGITIMATE: Lapse.RULED, LapseOutcome.LAPSED: Lapse.LAPSED}
    rows = sorted(rulings, key=attrgetter("recorded_at", "id"))
    first_steps = (None, DeadlineKind.FIRST_STEP)
    return {row.candidacy_id: words[row.outcome] for row in rows if row.deadline_kind in first_steps}


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
