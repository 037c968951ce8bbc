"""A block acquired by another route, entered by the certifier with its proof (R2 b)."""

from __future__ import annotations

from dataclasses import dataclass
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
from portfolio.domain.holdings.rules.facts import Source
from portfolio.domain.holdings.rules.granting import GrantGround, GrantingEvent
from portfolio.domain.holdings.rules.status_changes import AcquisitionInput, CertificateRefusal
from portfolio.domain.holdings.rules.validity import end_of_validity, outlasts
from portfolio.domain.holdings.use_cases.explaining import load_candidacy, load_explanation
from portfolio.domain.holdings.use_cases.facts import load_catalogue, load_history
from portfolio.domain.holdings.use_cases.issuing import issue_missing_grants
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal


class Proof(Protocol):
    """The file that proves it, as it was received: `portfolio.domain.evidence.use_cases.ReceivedFile`."""

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
    """Record a block acquired by another route, verified by `by`, and grant it with its certificate (R2 b,
    R13).

    Raises Refusal when the block is not of this certification, is already held for as long, is before a jury,
    or is dated of a day to come. Under the candidate's lock: a submission at the same time waits, or is seen.
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
        session,
        "block_acquired_elsewhere",
        ("candidacy", candidacy_id),
        by=by,
        at=at,
        block=str(acquired.block_id),
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
    answer = next(
        (grant_answer for grant_answer in explanation if grant_answer.block.id == acquired.block_id), None
    )
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
        .join(Block, Block.id == Acquisition.block_id)
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
