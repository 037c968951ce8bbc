"""Closed minutes read again beside their ballots, the rule of their jury and the law; nothing is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.certification.models import Block, Certification, CertificationVersion, Competency
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.certification.rules.registration import RegistrationStatusCode
from portfolio.domain.certification.use_cases.publishing import load_blocks_by_version
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant, is_latest
from portfolio.domain.holdings.rules.completion import event_on, sets_of_blocks
from portfolio.domain.holdings.rules.decision_audit import (
    AuditFinding,
    BallotFacts,
    Contradiction,
    DecidingJury,
    DecisionFacts,
    Mending,
    SittingFacts,
    audit_decision,
    audit_law,
    audit_sitting,
)
from portfolio.domain.holdings.rules.facts import History
from portfolio.domain.holdings.rules.granting import granting_events
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.holdings.use_cases.facts import Catalogue, load_histories
from portfolio.domain.holdings.use_cases.status import load_statuses
from portfolio.domain.jury.models.deliberation import (
    Adjournment,
    Ballot,
    MemberVote,
    Minutes,
    MinutesRectification,
    RecordedDecision,
)
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft, Hearing
from portfolio.domain.jury.rules.composition import SourceKind, path_value
from portfolio.domain.jury.rules.conditions import answer_from_record
from portfolio.domain.jury.rules.deliberation import Votes
from portfolio.domain.jury.rules.enums import Attendance, Outcome
from portfolio.domain.jury.rules.opinions import VoteChoice

# Minutes, or certificates, read at once: the memory does not grow with the installation.
BATCH = 200


@dataclass(frozen=True, slots=True)
class AuditedAct:
    """A contradiction, the minutes or the certificate in which it stands, and their candidacy."""

    reference: str
    candidacy_id: UUID
    finding: AuditFinding

    def to_record(self) -> dict[str, Any]:
        """Return what a run of the checks keeps of it."""
        finding, votes = self.finding, self.finding.votes
        return {
            "reference": self.reference,
            "candidacy": str(self.candidacy_id),
            "kind": finding.kind,
            "mending": finding.mending,
            "block": finding.block,
            "expected": finding.expected,
            "votes": [votes.in_favour, votes.against, votes.abstained],
            "law": finding.reference,
            "on": finding.on.isoformat() if finding.on else None,
        }

    @classmethod
    def from_record(cls, kept: Mapping[str, Any]) -> AuditedAct:
        """Return what a run of the checks kept."""
        finding = AuditFinding(
            Contradiction(kept["kind"]),
            Mending(kept["mending"]),
            kept["block"],
            Outcome(kept["expected"]) if kept["expected"] else None,
            Votes(*kept["votes"]),
            kept["law"],
            date.fromisoformat(kept["on"]) if kept["on"] else None,
        )
        return cls(kept["reference"], UUID(kept["candidacy"]), finding)


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    number: str
    hearing_id: UUID
    composition: Mapping[str, Any]
    candidacy_id: UUID
    person_id: UUID
    is_bound: bool
    is_rectified: bool
    facts: SittingFacts


def audit_decisions(session: Session) -> Iterator[AuditedAct]:
    """Yield each contradiction in what closed minutes decided and in what was granted on them (J11, R6, R7).

    What a later act already mended is left out: an annulment, a withdrawal, another jury, a rectification.
    """
    for rows in _batches(session):
        yield from _audit_minutes(session, rows)
    yield from _audit_certificates(session)


def list_audited_of_body(session: Session, kept: Sequence[Mapping[str, Any]], body_id: UUID) -> list[AuditedAct]:
    """Return what a run of the checks kept about the candidacies of a body."""
    found = [AuditedAct.from_record(record) for record in kept]
    own = set(
        session.scalars(
            select(Candidacy.id)
            .join(Candidacy.version)
            .join(CertificationVersion.certification)
            .where(Certification.body_id == body_id, Candidacy.id.in_({one.candidacy_id for one in found}))
        )
    )
    return [one for one in found if one.candidacy_id in own]


def _batches(session: Session) -> Iterator[list[_Row]]:
    rectified = exists().where(MinutesRectification.minutes_id == Minutes.id)
    query = (
        select(Minutes, Hearing.moved_at, Candidacy, rectified)
        .join(Minutes.hearing)
        .join(Hearing.submission)
        .join(Submission.candidacy)
        .where(Minutes.void_reason.is_(None))
        .order_by(Minutes.id)
        .limit(BATCH)
    )
    last: UUID | None = None
    while found := session.execute(query if last is None else query.where(Minutes.id > last)).all():
        drafted = _drafted(session, [minutes.hearing_id for minutes, *_ in found])
        resumed = _resumed(session, [minutes.hearing_id for minutes, *_ in found])
        rows = [
            _Row(
                minutes.id,
                minutes.number,
                minutes.hearing_id,
                minutes.composition,
                candidacy.id,
                candidacy.candidate_id,
                path_value(candidacy.route, candidacy.regime, candidacy.admissible_on).is_bound,
                is_rectified,
                replace(
                    _sitting(minutes, moved_at, resumed.get(minutes.hearing_id)), **drafted.get(minutes.hearing_id, {})
                ),
            )
            for minutes, moved_at, candidacy, is_rectified in found
        ]
        yield rows
        last = rows[-1].id
        session.expunge_all()


def _audit_minutes(session: Session, rows: Sequence[_Row]) -> Iterator[AuditedAct]:
    decisions = _decisions(session, [row.id for row in rows])
    ballots = _last_ballots(session, [row.hearing_id for row in rows])
    histories = load_histories(session, {row.person_id for row in rows}, with_findings=False)
    for row in rows:
        blocks = {ballot.block: block for (hearing, block), ballot in ballots.items() if hearing == row.hearing_id}
        blocks |= {decision.block: block_id for block_id, decision in decisions[row.id]}
        for finding in _findings(row, decisions[row.id], ballots):
            if finding.mending is Mending.RECTIFY:
                is_mended = row.is_rectified
            else:
                is_mended = _is_mended(finding, blocks[finding.block or 0], row, histories[row.person_id])
            if not is_mended:
                yield AuditedAct(row.number, row.candidacy_id, finding)
        law = audit_law(_cited(row.composition), is_bound=row.is_bound, is_rectified=row.is_rectified)
        for finding in law:
            yield AuditedAct(row.number, row.candidacy_id, finding)


def _findings(
    row: _Row, decided: Sequence[tuple[UUID, DecisionFacts]], ballots: Mapping[tuple[UUID, UUID], BallotFacts]
) -> Iterator[AuditFinding]:
    jury = _jury(row.composition)
    held = {ballot.block: ballot for (hearing, _block), ballot in ballots.items() if hearing == row.hearing_id}
    for _block_id, decision in decided:
        finding = audit_decision(replace(decision, ballot=held.get(decision.block)), jury)
        if finding is not None:
            yield finding
    members = frozenset(UUID(member["person"]) for member in row.composition.get("members", ()))
    days = [ballot.closed_on for ballot in held.values() if ballot.closed_on is not None]
    sitting = replace(row.facts, voted_on=max(days, default=None))
    yield from audit_sitting(sitting, {decision.block: decision for _, decision in decided}, held, members)


def _sitting(minutes: Minutes, moved_at: datetime | None, resumed_at: datetime | None) -> SittingFacts:
    stated = minutes.composition.get("stated_on")
    return SittingFacts(
        minutes.decided_on,
        day_of(minutes.closed_at),
        is_heard=minutes.attendance is Attendance.HEARD,
        stated_on=date.fromisoformat(stated) if stated else None,
        resumed_on=day_of(resumed_at) if resumed_at else None,
        moved_at=moved_at,
    )


def _drafted(session: Session, hearings: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return, of each hearing, who saved what was closed and when its first part was, where drafts are kept."""
    decided = (Minutes.hearing_id == Hearing.id, RecordedDecision.minutes_id == Minutes.id)
    of_block = exists().where(*decided, RecordedDecision.block_id == DecisionDraft.block_id).correlate_except(
        Minutes, RecordedDecision
    )  # fmt: skip
    of_competency = exists().where(*decided, RecordedDecision.block_id == Competency.block_id).correlate_except(
        Minutes, RecordedDecision
    )  # fmt: skip
    decisions = (
        select(Hearing.id, DecisionDraft.written_by, DecisionDraft.changed_at)
        .join(DecisionDraft, DecisionDraft.hearing_id == Hearing.id)
        .where(Hearing.id.in_(hearings), of_block)
    )
    findings = (
        select(Hearing.id, FindingDraft.written_by, FindingDraft.changed_at)
        .join(FindingDraft, FindingDraft.hearing_id == Hearing.id)
        .join(Competency, Competency.id == FindingDraft.competency_id)
        .where(Hearing.id.in_(hearings), of_competency)
    )
    found: dict[UUID, dict[str, Any]] = {}
    for hearing_id, person, at in [*session.execute(decisions), *session.execute(findings)]:
        told = found.setdefault(hearing_id, {"writers": frozenset(), "drafted_at": at})
        told["writers"] |= {person} - {None}
        told["drafted_at"] = min(told["drafted_at"], at)
    return found


def _resumed(session: Session, hearings: Collection[UUID]) -> dict[UUID, datetime]:
    """Return when each hearing that was suspended resumed last."""
    resumed = (Adjournment.hearing_id.in_(hearings), Adjournment.resumed_at.is_not(None))
    query = select(Adjournment.hearing_id, func.max(Adjournment.resumed_at)).where(*resumed)
    return {hearing_id: at for hearing_id, at in session.execute(query.group_by(Adjournment.hearing_id)) if at}


def _decisions(session: Session, minutes: Collection[UUID]) -> Mapping[UUID, list[tuple[UUID, DecisionFacts]]]:
    query = (
        select(RecordedDecision, Block.number)
        .join(Block, Block.id == RecordedDecision.block_id)
        .where(RecordedDecision.minutes_id.in_(minutes))
        .order_by(Block.number)
    )
    found: defaultdict[UUID, list[tuple[UUID, DecisionFacts]]] = defaultdict(list)
    for row, number in session.execute(query):
        votes = Votes(row.votes_for, row.votes_against, row.votes_abstained, row.votes_presidency)
        found[row.minutes_id].append((row.block_id, DecisionFacts(number, row.outcome, votes)))
    return found


def _last_ballots(session: Session, hearings: Collection[UUID]) -> dict[tuple[UUID, UUID], BallotFacts]:
    query = (
        select(Ballot, Block.number, MemberVote.person_id, MemberVote.choice)
        .join(Block, Block.id == Ballot.block_id)
        .outerjoin(MemberVote, MemberVote.ballot_id == Ballot.id)
        .where(Ballot.hearing_id.in_(hearings))
        .order_by(Ballot.round)
    )
    votes: defaultdict[UUID, dict[UUID, VoteChoice]] = defaultdict(dict)
    last: dict[tuple[UUID, UUID], tuple[int, Ballot]] = {}
    for row, number, person, choice in session.execute(query):
        last[row.hearing_id, row.block_id] = (number, row)
        if person is not None:
            votes[row.id][person] = choice
    return {place: _ballot(row, number, votes[row.id]) for place, (number, row) in last.items()}


def _ballot(row: Ballot, number: int, votes: Mapping[UUID, VoteChoice]) -> BallotFacts:
    closed_on = day_of(row.closed_at) if row.closed_at else None
    return BallotFacts(row.closed_at is not None, votes, row.outcome, number, closed_on)


def _jury(composition: Mapping[str, Any]) -> DecidingJury:
    """Return who voted by the composition that the minutes hold: those who deliberated and were there."""
    there = [member for member in composition.get("members", ()) if member.get("present", True)]
    president = next((UUID(one["person"]) for one in there if one["seat"] == Seat.PRESIDENT), None)
    voters = frozenset(UUID(member["person"]) for member in there)
    return DecidingJury(voters, president, composition.get("casting_vote", True))


def _cited(composition: Mapping[str, Any]) -> dict[str, str]:
    """Return the article of law that each recorded condition names."""
    answers = (answer_from_record(record) for record in composition.get("predicates", ()))
    return {str(answer.id): answer.source.reference for answer in answers if answer.source.kind is SourceKind.LAW}


def _is_mended(finding: AuditFinding, block: UUID, row: _Row, history: History) -> bool:
    """Return whether a later act already answers: the decision was annulled or withdrawn, the block refused
    is held, or another jury decided it since.
    """
    own = next((sitting for sitting in history.sittings if sitting.reference == row.number), None)
    if own is not None and (own.annulled or block in own.withdrawn | own.annulled_blocks):
        return True
    if finding.mending is Mending.ANNUL:
        return False
    later = any(
        sitting.decision_on(block) is not None and sitting.decided_on > row.facts.decided_on
        for sitting in history.sittings
    )
    return later or block in granting_events(history)


def _audit_certificates(session: Session) -> Iterator[AuditedAct]:
    """Yield what certificates that stand today contradict: a whole of which a block was not valid on its day,
    an individual candidacy that claims the protection of L6113-9.
    """
    query = select(Certificate).where(is_latest()).order_by(Certificate.number).limit(BATCH)
    last = ""
    while rows := session.scalars(query.where(Certificate.number > last)).all():
        statuses = load_statuses(session, rows)
        held = [row for row in rows if statuses[row.id] is GrantStatus.HELD]
        yield from _audit_wholes(session, [row for row in held if row.award_id is not None])
        yield from _audit_protection(session, held)
        last = rows[-1].number
        session.expunge_all()


def _audit_wholes(session: Session, rows: Sequence[Certificate]) -> Iterator[AuditedAct]:
    query = select(Award).where(Award.id.in_([row.award_id for row in rows]))
    awards = {award.id: award for award in session.scalars(query)}
    people = {award.person_id for award in awards.values()}
    histories = load_histories(session, people, with_findings=False)
    blocks = load_blocks_by_version(session, {award.version_id for award in awards.values()})
    candidacies = _candidacies(session, people)
    for row in rows:
        if row.award_id is None:
            continue
        award = awards[row.award_id]
        acts = granting_events(histories[award.person_id])
        on = award.obtained_on
        lacking = min(
            (
                [block.number for block in each if event_on(on, acts.get(block.id, ())) is None]
                for each in sets_of_blocks(Catalogue(blocks[award.version_id]).blocks)
            ),
            key=len,
        )
        for number in lacking:
            finding = AuditFinding(Contradiction.VALIDITY, Mending.PRESENT_AGAIN, number, on=on)
            yield AuditedAct(row.number, candidacies[award.person_id, award.version_id], finding)


def _candidacies(session: Session, people: Collection[UUID]) -> dict[tuple[UUID, UUID], UUID]:
    columns = (Candidacy.candidate_id, Candidacy.version_id, Candidacy.id)
    query = select(*columns).where(Candidacy.candidate_id.in_(people)).order_by(Candidacy.opened_at)
    return {(person, version): id for person, version, id in session.execute(query)}


def _audit_protection(session: Session, rows: Sequence[Certificate]) -> Iterator[AuditedAct]:
    claims = {
        row.id: row.number
        for row in rows
        if (row.printed_text.get("standing") or {}).get("code") == RegistrationStatusCode.PROTECTED
    }
    of_block = (
        select(Certificate.id, Candidacy.id)
        .join(Certificate.grant)
        .join(Minutes, Minutes.id == Grant.minutes_id)
        .join(Minutes.hearing)
        .join(Hearing.submission)
        .join(Submission.candidacy)
        .where(Certificate.id.in_(claims), Candidacy.route == Route.INDIVIDUAL)
    )
    for certificate_id, candidacy_id in session.execute(of_block.order_by(Certificate.number)):
        finding = AuditFinding(Contradiction.LAW_CERTIFICATE, Mending.RECTIFY, reference="L6113-9")
        yield AuditedAct(claims[certificate_id], candidacy_id, finding)
