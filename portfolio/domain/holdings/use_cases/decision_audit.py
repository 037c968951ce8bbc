"""Closed minutes read again beside their ballots, the rule of their jury and the law; nothing is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
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
    audit_decision,
    audit_law,
)
from portfolio.domain.holdings.rules.facts import History
from portfolio.domain.holdings.rules.granting import granting_events
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.holdings.use_cases.facts import Catalogue, load_histories
from portfolio.domain.holdings.use_cases.status import load_statuses
from portfolio.domain.jury.models.deliberation import (
    Ballot,
    MemberVote,
    Minutes,
    MinutesRectification,
    RecordedDecision,
)
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.composition import SourceKind, path_value
from portfolio.domain.jury.rules.conditions import answer_from_record
from portfolio.domain.jury.rules.deliberation import Votes
from portfolio.domain.jury.rules.enums import Outcome
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
    columns = (Minutes.id, Minutes.number, Minutes.hearing_id, Minutes.composition)
    query = (
        select(*columns, Candidacy, rectified)
        .join(Minutes.hearing)
        .join(Hearing.submission)
        .join(Submission.candidacy)
        .where(Minutes.void_reason.is_(None))
        .order_by(Minutes.id)
        .limit(BATCH)
    )
    last: UUID | None = None
    while found := session.execute(query if last is None else query.where(Minutes.id > last)).all():
        rows = [
            _Row(
                id,
                number,
                hearing_id,
                composition,
                candidacy.id,
                candidacy.candidate_id,
                path_value(candidacy.route, candidacy.regime, candidacy.admissible_on).is_bound,
                is_rectified,
            )
            for id, number, hearing_id, composition, candidacy, is_rectified in found
        ]
        yield rows
        last = rows[-1].id
        session.expunge_all()


def _audit_minutes(session: Session, rows: Sequence[_Row]) -> Iterator[AuditedAct]:
    decisions = _decisions(session, [row.id for row in rows])
    ballots = _last_ballots(session, [row.hearing_id for row in rows])
    histories = load_histories(session, {row.person_id for row in rows}, with_findings=False)
    for row in rows:
        jury = _jury(row.composition)
        for block_id, decision in decisions[row.id]:
            finding = audit_decision(_with_ballot(decision, ballots.get((row.hearing_id, block_id))), jury)
            if finding is not None and not _is_mended(finding, block_id, row.number, histories[row.person_id]):
                yield AuditedAct(row.number, row.candidacy_id, finding)
        law = audit_law(_cited(row.composition), is_bound=row.is_bound, is_rectified=row.is_rectified)
        for finding in law:
            yield AuditedAct(row.number, row.candidacy_id, finding)


def _decisions(session: Session, minutes: Collection[UUID]) -> Mapping[UUID, list[tuple[UUID, DecisionFacts]]]:
    query = (
        select(RecordedDecision, Block.number)
        .join(Block, Block.id == RecordedDecision.block_id)
        .where(RecordedDecision.minutes_id.in_(minutes))
        .order_by(Block.number)
    )
    found: defaultdict[UUID, list[tuple[UUID, DecisionFacts]]] = defaultdict(list)
    for row, number in session.execute(query):
        votes = Votes(row.votes_for, row.votes_against, row.votes_abstained)
        found[row.minutes_id].append((row.block_id, DecisionFacts(number, row.outcome, votes)))
    return found


def _with_ballot(decision: DecisionFacts, ballot: BallotFacts | None) -> DecisionFacts:
    return DecisionFacts(decision.block, decision.outcome, decision.votes, ballot)


def _last_ballots(session: Session, hearings: Collection[UUID]) -> dict[tuple[UUID, UUID], BallotFacts]:
    query = (
        select(Ballot, MemberVote.person_id, MemberVote.choice)
        .outerjoin(MemberVote, MemberVote.ballot_id == Ballot.id)
        .where(Ballot.hearing_id.in_(hearings))
        .order_by(Ballot.round)
    )
    votes: defaultdict[UUID, dict[UUID, VoteChoice]] = defaultdict(dict)
    last: dict[tuple[UUID, UUID], Ballot] = {}
    for row, person, choice in session.execute(query):
        last[row.hearing_id, row.block_id] = row
        if person is not None:
            votes[row.id][person] = choice
    return {place: BallotFacts(row.closed_at is not None, votes[row.id], row.outcome) for place, row in last.items()}


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


def _is_mended(finding: AuditFinding, block: UUID, reference: str, history: History) -> bool:
    """Return whether a later act already answers: the decision was annulled or withdrawn, the block refused
    is held, or another jury decided it since.
    """
    own = next(sitting for sitting in history.sittings if sitting.reference == reference)
    if own.annulled or block in own.withdrawn | own.annulled_blocks:
        return True
    if finding.mending is Mending.ANNUL:
        return False
    later = any(
        sitting.decision_on(block) is not None and sitting.decided_on > own.decided_on for sitting in history.sittings
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
