"""Preview and execute the grants of a closing.

Find the act behind each block of a complete certification, as recorded at that moment (R7).

A block acquired by another route, entered by the certifier with its proof (R2 b).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.db.engine import new_id
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Block
from portfolio.domain.holdings.models.events import Acquisition
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.rules.completion import (
    CompletionAnswer,
    completion_for,
    end_of_validity,
    event_on,
    is_valid_on,
    outlasts,
    sets_of_blocks,
)
from portfolio.domain.holdings.rules.facts import Lapse, Source
from portfolio.domain.holdings.rules.granting import (
    GrantAnswer,
    GrantGround,
    GrantingEvent,
    granting_events,
    grants_at,
    grants_for,
    own_act,
    with_earlier_acts,
    with_equivalences,
)
from portfolio.domain.holdings.rules.status_changes import AcquisitionInput, CertificateRefusal
from portfolio.domain.holdings.use_cases.facts import (
    WITH_SUBMISSION,
    Noted,
    facts_from_draft,
    load_catalogue,
    load_equivalences,
    load_history,
)
from portfolio.domain.holdings.use_cases.holdings import HeldBlock, acts_of, block_statuses_among, load_prior_holdings
from portfolio.domain.holdings.use_cases.issuing import IssuedRows, issue_missing_grants
from portfolio.domain.holdings.use_cases.recompute import load_candidacy, load_explanation
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class GrantPreview:
    """Grants that would be granted if the minutes were closed as they stand, and whether that makes the whole."""

    answers: tuple[GrantAnswer, ...]
    whole: CompletionAnswer


def load_preview(
    session: Session,
    hearing_id: UUID,
    noted: Noted,
    faults: Collection[str] = (),
    lapse: Lapse = Lapse.NONE,
    *,
    on: date,
) -> GrantPreview:
    """Say what closing would grant, and why, from what the jury noted; nothing is written.

    For every block of the version.

    `noted` is what the ballots and the drafts decide, `faults` are the codes of the blocking predicates that
    are false now, `lapse` what is known of the admissibility, `on` the day of the decision: the caller has just
    computed them.
    """
    query = select(Hearing).where(Hearing.id == hearing_id).options(*WITH_SUBMISSION)
    hearing = session.scalars(query).unique().one()
    candidacy = hearing.submission.candidacy
    catalogue = load_catalogue(session, candidacy.version_id)
    sitting = facts_from_draft(hearing, catalogue, noted, faults, lapse, on)
    held = acts_of(block_statuses_among(session, candidacy.candidate_id, catalogue.names, on=on).held)
    history = load_history(session, candidacy.candidate_id)
    closed = replace(history, sittings=(*history.sittings, sitting))
    whole = completion_for(catalogue.blocks, granting_events(closed), on=on)
    answers, earlier = grants_at(catalogue.blocks, sitting, held), grants_for(catalogue.blocks, history, on=on)
    return GrantPreview(with_earlier_acts(answers, earlier, sitting.scope), whole)


def grant_from_minutes(
    session: Session, minutes_id: UUID, *, by: UUID, at: datetime, held: Mapping[UUID, HeldBlock] | None = None
) -> list[GrantAnswer]:
    """Grant what closed minutes give: a grant and a certificate per new block, and the whole once its set is complete.

    R3 is asked again from what the minutes record. The candidate's row is locked first: two juries that land the last
    block on one day write one whole; running again writes nothing. Part of the closing, whose journal line tells it; a
    validation of a block already held has a line of its own, for the earliest act stands (domain §5). `held`, the
    blocks of the version held on the day of the minutes, is given by a caller that locked the candidate's row before it
    read them.
    """
    session.flush()
    minutes = session.get_one(Minutes, minutes_id)
    candidacy = minutes.hearing.submission.candidacy
    catalogue = load_catalogue(session, candidacy.version_id)
    if held is None:
        session.get_one(Person, candidacy.candidate_id, with_for_update={"key_share": True})
        held = block_statuses_among(session, candidacy.candidate_id, catalogue.names, on=minutes.decided_on).held
    history = load_history(session, candidacy.candidate_id)
    sitting = next(sitting for sitting in history.sittings if sitting.reference == minutes.number)
    answers = grants_at(catalogue.blocks, sitting, acts_of(held))
    _log_again(session, minutes, grants_at(catalogue.blocks, sitting, {}), held, by=by, at=at)
    settled = issue_missing_grants(session, candidacy.candidate_id, at=at, history=history)
    # What these minutes give is recorded with the closing; what they let another act give is recorded here.
    append(session, _others(settled, minutes.id), at=at)
    return list(answers)


def _log_again(
    session: Session,
    minutes: Minutes,
    alone: Collection[GrantAnswer],
    held: Mapping[UUID, HeldBlock],
    *,
    by: UUID,
    at: datetime,
) -> None:
    """Note each block that the minutes validate and that another act already gave."""
    for answer in alone:
        recorded = held.get(answer.block.id)
        if answer.granted and recorded is not None and recorded.reference != minutes.number:
            facts = {"block": answer.block.number, "decided_on": minutes.decided_on, "stands": recorded.granted_on}
            record_event(session, "block_granted_again", ("minutes", minutes.id), by=by, at=at, **facts)


def _others(settled: IssuedRows, minutes_id: UUID) -> list[Grant | Award | Certificate]:
    """Return what was written and does not come from these minutes: the closing records the rest (`record_minutes`)."""
    own = {grant.id for grant in settled.grants if grant.minutes_id == minutes_id}
    awards = {award.id for award in settled.awards if award.completed_by in own}
    known = own | awards
    return [
        row
        for row in settled.rows
        if not (row.id in known or (isinstance(row, Certificate) and (row.grant_id in own or row.award_id in awards)))
    ]


@dataclass(frozen=True, slots=True)
class AwardBlock:
    """A block of a whole: the act that made it held, and the number of the certificate that proves it."""

    number: int
    title: str
    act: GrantingEvent
    certificate: str


def list_award_blocks(session: Session, found: Certificate) -> tuple[AwardBlock, ...]:
    """List the blocks of the whole that a certificate certifies, each with its act; nothing for the
    certificate of a block.

    A grant or an equivalence recorded later says nothing there.
    """
    if found.award_id is None:
        return ()
    award = session.get_one(Award, found.award_id)
    recorded = _acts_before(session, award, found)
    equivalences = tuple(
        equivalence
        for equivalence in load_equivalences(session, award.person_id)
        if equivalence.declared_on <= award.obtained_on
        and (equivalence.declared_at is None or equivalence.declared_at <= award.recorded_at)
    )
    acts = with_equivalences(list(recorded), equivalences)
    # Of a whole recorded before the validity of each block was asked.
    without_end = with_equivalences([(block, replace(act, until=None)) for block, act in recorded], equivalences)
    blocks = load_catalogue(session, award.version_id).blocks
    found_acts = {
        block.id: event_on(award.obtained_on, acts.get(block.id, ())) or next(iter(without_end.get(block.id, ())), None)
        for block in blocks
    }
    held = [each for each in sets_of_blocks(blocks) if all(found_acts[block.id] for block in each)]
    return tuple(
        AwardBlock(block.number, block.title, act, recorded[own_act(block.id, act)])
        for block in next(iter(held), blocks)
        if (act := found_acts[block.id]) is not None
    )


def _acts_before(session: Session, award: Award, found: Certificate) -> dict[tuple[UUID, GrantingEvent], str]:
    """Map the last act that gave the person each block before the award, valid on its day where one was, to
    the number of its certificate.
    """
    rows = session.execute(
        select(Grant, Certificate.number, Minutes.number, Minutes.closed_at, Acquisition, Block.validity_months)
        .join(Certificate, Certificate.grant_id == Grant.id)
        .join(Grant.block)
        .outerjoin(Minutes, Minutes.id == Grant.minutes_id)
        .outerjoin(Acquisition, Acquisition.id == Grant.acquisition_id)
        .where(Grant.person_id == award.person_id)
        .where(Grant.recorded_at <= award.recorded_at, Certificate.issued_at <= found.issued_at)
        .order_by(Grant.serial, Certificate.issued_at)
    )
    proofs: defaultdict[UUID, list[tuple[GrantingEvent, str]]] = defaultdict(list)
    for holding in load_prior_holdings(session, award.person_id):
        if holding.recorded_at <= award.recorded_at and (
            holding.ended_at is None or holding.ended_at > award.recorded_at
        ):
            proofs[holding.block_id].append((holding.act, holding.number))
    for grant, number, minutes, closed_at, acquired, months in rows:
        reference = acquired.reference if acquired else minutes or ""
        until = end_of_validity(grant.granted_on, months)
        recorded_at = closed_at or (acquired.verified_at if acquired else grant.recorded_at)
        act = GrantingEvent(grant.granted_on, grant.source, reference, until, recorded_at=recorded_at)
        proofs[grant.block_id].append((act, number))
    last = {}
    for block_id, told in proofs.items():
        valid = [proof for proof in told if is_valid_on(award.obtained_on, proof[0])]
        act, number = (valid or told)[-1]
        last[block_id, act] = number
    return last


class Proof(Protocol):
    """The file that proves it, as it was received: `portfolio.domain.dossier.use_cases.ReceivedFile`."""

    @property
    def key(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def mime(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def sha256(self) -> str: ...


def record_acquisition(
    session: Session, candidacy_id: UUID, acquired: AcquisitionInput, proof: Proof, *, by: UUID, at: datetime
) -> Acquisition:
    """Record a block acquired by another route, verified by `by`, and grant it with its certificate (R2 b, R13).

    Raises Refusal when the block is not of this certification, is already held for as long, is before a jury, or is
    dated of a day to come. Under the candidate's lock: a submission at the same time waits, or is seen.
    """
    candidate_id = session.scalars(select(Candidacy.candidate_id).where(Candidacy.id == candidacy_id)).one()
    session.get_one(Person, candidate_id, with_for_update={"key_share": True})
    _check(session, candidacy_id, acquired, day_of(at))
    row = Acquisition(
        id=new_id(), candidacy_id=candidacy_id, person_id=candidate_id, block_id=acquired.block_id,
        acquired_on=acquired.acquired_on, obtained_at=acquired.obtained_at, verified_by=by, verified_at=at,
        file_key=proof.key, file_name=proof.name, file_mime=proof.mime, file_size=proof.size,
        file_sha256=proof.sha256,
    )  # fmt: skip
    session.add(row)
    session.flush()
    record_event(
        session, "block_acquired_elsewhere", ("candidacy", candidacy_id), by=by, at=at, block=str(acquired.block_id)
    )
    settled = issue_missing_grants(session, candidate_id, at=at)
    append(session, [row, *settled.rows], at=at)  # last: it takes the ledger's lock
    return row


def _check(session: Session, candidacy_id: UUID, acquired: AcquisitionInput, today: date) -> None:
    candidacy = load_candidacy(session, candidacy_id)
    catalogue = load_catalogue(session, candidacy.version_id)
    explanation = load_explanation(
        session, candidacy, catalogue, load_history(session, candidacy.candidate_id), on=acquired.acquired_on
    ).answers
    answer = next((grant_answer for grant_answer in explanation if grant_answer.block.id == acquired.block_id), None)
    if answer is None:
        raise Refusal(CertificateRefusal.ACQUIRED_FOREIGN)
    renewed = GrantingEvent(
        acquired.acquired_on,
        Source.ACQUISITION,
        "",
        end_of_validity(acquired.acquired_on, answer.block.validity_months),
    )
    if answer.act is not None and not outlasts(renewed, answer.act):
        raise Refusal(CertificateRefusal.ACQUIRED_HELD, block=answer.block.number, on=answer.act.on)
    if answer.ground in (GrantGround.AWAITING_JURY, GrantGround.ANNULLED_AWAITING_JURY):
        raise Refusal(CertificateRefusal.ACQUIRED_WAITING, block=answer.block.number)
    if acquired.acquired_on > today:
        raise Refusal(CertificateRefusal.ACQUIRED_TOMORROW)


@dataclass(frozen=True, slots=True)
class AcquisitionSummary:
    """An acquisition as its certifier sees it."""

    id: UUID
    block_number: int
    block_title: str
    acquired_on: date
    obtained_at: str
    verified_by: str
    verified_at: datetime
    reference: str
    file_name: str
    file_mime: str
    file_key: str
    file_size: int


def list_acquisitions(session: Session, candidacy_id: UUID) -> list[AcquisitionSummary]:
    """List what was entered for a candidacy, in the order of the certification."""
    rows = session.execute(
        select(Acquisition, Block.number, Block.title, Person.name)
        .join(Acquisition.block)
        .join(Person, Person.id == Acquisition.verified_by)
        .where(Acquisition.candidacy_id == candidacy_id)
        .order_by(Block.number, Acquisition.verified_at)
    )
    return [
        AcquisitionSummary(
            row.id, number, title, row.acquired_on, row.obtained_at, name, row.verified_at, row.reference,
            row.file_name, row.file_mime, row.file_key, row.file_size,
        )
        for row, number, title, name in rows
    ]  # fmt: skip
