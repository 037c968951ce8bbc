"""Transmit the awards of a body to the Caisse des Dépôts: settings, identities, files and receipts (L6113-8)."""

import hashlib
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import IO
from uuid import UUID

from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from portfolio.calendar import day_of
from portfolio.db.engine import new_id
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.account.second_factor import encrypt
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.use_cases import email_candidate
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.si_cpf.models import SiCpfFlow, SiCpfIdentity, SiCpfPassage, SiCpfSettings
from portfolio.domain.si_cpf.rules import (
    MAX_PASSAGES,
    FlowAction,
    FlowHead,
    HolderIdentity,
    PassageState,
    SchemaVersion,
    SiCpfRefusal,
    exists_already,
)
from portfolio.domain.si_cpf.use_cases.awards import NIR_PURPOSE, Place, candidacies_to_ask, passages_of, subjects_at
from portfolio.domain.si_cpf.use_cases.flux import Receipt, check_flux, read_receipt, write_flux
from portfolio.errors import Conflict, Refusal

_BATCH = 5000
# A refusal names so many ids at most.
_NAMED = 20
_SENT_AS = {FlowAction.CREATION: PassageState.SENT, FlowAction.SUPPRESSION: PassageState.REMOVING}
_ACCEPTED_AS = {FlowAction.CREATION: PassageState.ACCEPTED, FlowAction.SUPPRESSION: PassageState.REMOVED}
_REJECTED_AS = {FlowAction.CREATION: PassageState.REJECTED, FlowAction.SUPPRESSION: PassageState.TO_REMOVE}
_TAKEN_FROM = {FlowAction.CREATION: Place.READY, FlowAction.SUPPRESSION: Place.TO_REMOVE}


def save_settings(
    session: Session,
    body_id: UUID,
    client_id: str,
    contract_id: str,
    version: SchemaVersion,
    *,
    send_blocks: bool,
    revision: int,
    by: UUID,
    at: datetime,
) -> None:
    """Keep what the Caisse des Dépôts gave a body. Raise Conflict when someone saved since `revision`."""
    session.get_one(CertifyingBody, body_id, with_for_update=True)
    row = session.get(SiCpfSettings, body_id, with_for_update=True)
    if (row.revision if row else 0) != revision:
        theirs = {"client_id": row.client_id, "contract_id": row.contract_id} if row else {}
        raise Conflict(theirs, row.revision if row else 0)
    if row is None:
        row = SiCpfSettings(body_id=body_id)
        session.add(row)
    row.client_id, row.contract_id, row.schema_version = client_id, contract_id, version
    row.send_blocks, row.revision, row.changed_at = send_blocks, revision + 1, at
    facts = {"schema": version.value, "send_blocks": send_blocks}
    record_event(session, "si_cpf_settings_saved", ("certifying_body", body_id), by=by, at=at, **facts)


def find_identity(session: Session, candidacy_id: UUID, *, lock: bool = False) -> SiCpfIdentity | None:
    """Find the identity that a holder gave for the transmission."""
    query = select(SiCpfIdentity).where(SiCpfIdentity.candidacy_id == candidacy_id)
    return session.scalar(query.with_for_update() if lock else query)


def record_identity(
    session: Session,
    candidacy_id: UUID,
    holder: HolderIdentity,
    key: str,
    *,
    remove_nir: bool = False,
    by: UUID,
    at: datetime,
) -> None:
    """Keep the identity of a holder; without a social security number, the one received before stays unless it is
    removed.
    """
    session.get_one(Candidacy, candidacy_id, with_for_update=True)
    row = find_identity(session, candidacy_id, lock=True)
    if row is None:
        row = SiCpfIdentity(candidacy_id=candidacy_id)
        session.add(row)
    for name in HolderIdentity.__slots__:
        if name != "nir":
            setattr(row, name, getattr(holder, name))
    if holder.nir:
        row.nir, row.nir_received_at, row.nir_erased_at = encrypt(holder.nir, key, NIR_PURPOSE), at, None
    elif remove_nir and row.nir is not None:
        row.nir, row.nir_erased_at = None, at
    row.changed_at = at
    facts = {"has_number": bool(row.nir)}
    record_event(session, "si_cpf_identity_recorded", ("candidacy", candidacy_id), by=by, at=at, **facts)


def ask_identities(session: Session, body_id: UUID, *, by: UUID, at: datetime) -> int:
    """Write to each holder whose identity is missing; return how many letters were written."""
    asked = candidacies_to_ask(session, body_id)
    for candidacy_id in asked:
        email_candidate(session, session.get_one(Candidacy, candidacy_id), EmailTemplate.SI_CPF_IDENTITY, at=at)
    if asked:
        facts = {"number": len(asked)}
        record_event(session, "si_cpf_identity_asked", ("certifying_body", body_id), by=by, at=at, **facts)
    return len(asked)


def find_live_flow(session: Session, body_id: UUID) -> SiCpfFlow | None:
    """Find the file of a body whose receipt is awaited: one at a time."""
    return session.scalar(select(SiCpfFlow).where(SiCpfFlow.body_id == body_id, SiCpfFlow.closed_at.is_(None)))


def prepare_flow(
    session: Session, body_id: UUID, action: FlowAction, address: str, *, by: UUID | None, at: datetime
) -> SiCpfFlow:
    """Take the awards that are ready, or to be suppressed, into a new file. Raise Refusal when there is none."""
    session.get_one(CertifyingBody, body_id, with_for_update=True)
    settings = session.get(SiCpfSettings, body_id)
    if settings is None:
        raise Refusal(SiCpfRefusal.NO_SETTINGS)
    if live := find_live_flow(session, body_id):
        raise Refusal(SiCpfRefusal.LIVE_FLOW, flow=live.flow_id)
    if action is FlowAction.SUPPRESSION and settings.schema_version is SchemaVersion.V1_1_2:
        raise Refusal(SiCpfRefusal.OLD_SCHEMA)
    rows = subjects_at(session, body_id, _TAKEN_FROM[action], MAX_PASSAGES)
    if not rows:
        raise Refusal(SiCpfRefusal.NOTHING)
    last = session.scalar(select(func.max(SiCpfFlow.number)).where(SiCpfFlow.body_id == body_id)) or 0
    flow = SiCpfFlow(
        id=new_id(),
        body_id=body_id,
        number=last + 1,
        flow_id=f"ACQ-{day_of(at):%Y}-{last + 1:06d}-{body_id.hex[-6:]}",
        action=action,
        schema_version=settings.schema_version,
        client_id=settings.client_id,
        contract_id=settings.contract_id,
        address=address,
        passages=len(rows),
        file_digest="",
        generated_at=at,
        generated_by=by,
    )
    session.add(flow)
    session.flush()
    taken = {"flow_id": flow.id, "state": _SENT_AS[action]}
    new = [
        taken
        | {"id": new_id(), "body_id": body_id, "candidacy_id": row.id, "award_id": row.award_id}
        | {"grant_id": row.grant_id, "message": "", "previous": None, "changed_at": at}
        for row in rows
        if row.passage_id is None
    ]
    known = [row.passage_id for row in rows if row.passage_id is not None]
    # What was answered before, and when, stays: a file that is dropped gives it back.
    for start in range(0, len(known), _BATCH):
        chosen = SiCpfPassage.id.in_(known[start : start + _BATCH])
        session.execute(update(SiCpfPassage).where(chosen).values(taken | {"previous": SiCpfPassage.state}))
    for start in range(0, len(new), _BATCH):
        session.execute(insert(SiCpfPassage), new[start : start + _BATCH])
    session.expire_all()
    facts = {"action": action.value, "passages": len(rows)}
    record_event(session, "si_cpf_flow_prepared", ("si_cpf_flow", flow.id), by=by, at=at, **facts)
    return flow


def write_flow(session: Session, flow: SiCpfFlow, key: str) -> Iterator[bytes]:
    """Yield the file of a flow, made from the facts of this moment and checked against its schema."""
    head = FlowHead(
        *(flow.flow_id, flow.client_id, flow.contract_id, flow.action, flow.schema_version, flow.generated_at),
        flow.address,
    )
    return check_flux(write_flux(head, passages_of(session, flow, key)), flow.schema_version)


def digest_of(chunks: Iterator[bytes]) -> str:
    """Return the SHA-256 of a file read in pieces."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def keep_digest(session: Session, flow_id: UUID, sha256: str) -> None:
    """Keep the digest of the first file that was made. Raise Refusal when the facts changed since, or when the flow
    is closed: its numbers may be erased.
    """
    row = session.get_one(SiCpfFlow, flow_id, with_for_update=True)
    if not row.is_live:
        raise Refusal(SiCpfRefusal.NOT_LIVE)
    if row.file_digest and row.file_digest != sha256:
        raise Refusal(SiCpfRefusal.CHANGED)
    row.file_digest = sha256


def mark_deposited(session: Session, flow: SiCpfFlow, *, by: UUID, at: datetime) -> None:
    """Record that a member deposited the file. Raise Refusal when it was never made, or is closed."""
    if not flow.is_live or not flow.file_digest:
        raise Refusal(SiCpfRefusal.NOT_LIVE)
    if flow.deposited_at is None:
        flow.deposited_at = at
        record_event(session, "si_cpf_flow_deposited", ("si_cpf_flow", flow.id), by=by, at=at)


def drop_flow(session: Session, flow: SiCpfFlow, *, by: UUID, at: datetime) -> None:
    """Drop a file that has no receipt: its awards stand as before it. Raise Refusal when it is closed."""
    if not flow.is_live:
        raise Refusal(SiCpfRefusal.NOT_LIVE)
    own = SiCpfPassage.flow_id == flow.id
    session.execute(delete(SiCpfPassage).where(own, SiCpfPassage.previous.is_(None)))
    session.execute(update(SiCpfPassage).where(own).values(state=SiCpfPassage.previous, previous=None))
    flow.closed_at = at
    session.expire_all()
    record_event(session, "si_cpf_flow_dropped", ("si_cpf_flow", flow.id), by=by, at=at)


def ask_removal(session: Session, passage: SiCpfPassage, *, by: UUID, at: datetime) -> None:
    """Ask that an accepted award be suppressed, to be sent again once it is (R6113-17-3). Raise Refusal otherwise."""
    if passage.state is not PassageState.ACCEPTED:
        raise Refusal(SiCpfRefusal.NOT_ACCEPTED)
    passage.state, passage.changed_at = PassageState.TO_REMOVE, at
    record_event(session, "si_cpf_removal_asked", ("candidacy", passage.candidacy_id), by=by, at=at)


def apply_receipt(
    session: Session, file: IO[bytes], body_id: UUID | None = None, *, by: UUID | None, at: datetime
) -> SiCpfFlow:
    """Read a receipt and write its answers: the whole of it, or nothing. The same one read again changes nothing.

    Raise Refusal for a receipt of another file, with an unknown award, or whose counts do not add up.
    """
    receipt = read_receipt(file)
    query = select(SiCpfFlow).where(SiCpfFlow.flow_id == receipt.flow_id).with_for_update()
    flow = session.scalar(query if body_id is None else query.where(SiCpfFlow.body_id == body_id))
    if flow is None:
        raise Refusal(SiCpfRefusal.OTHER_FLOW, flow=receipt.flow_id)
    digest = _digest(receipt)
    if not flow.is_live:
        if flow.receipt_digest == digest:
            return flow
        raise Refusal(SiCpfRefusal.READ_OTHERWISE if flow.receipt_digest else SiCpfRefusal.NOT_LIVE)
    subject = func.coalesce(SiCpfPassage.award_id, SiCpfPassage.grant_id)
    rows = session.execute(select(subject, SiCpfPassage.id).where(SiCpfPassage.flow_id == flow.id))
    sent = {str(technical_id): passage_id for technical_id, passage_id in rows}
    _check_counts(receipt, sent.keys())
    rejected = {
        technical_id: message
        for technical_id, message in receipt.rejected.items()
        if flow.action is FlowAction.SUPPRESSION or not exists_already(message)
    }
    answered = {"state": _ACCEPTED_AS[flow.action], "message": "", "previous": None, "changed_at": at}
    session.execute(update(SiCpfPassage).where(SiCpfPassage.flow_id == flow.id).values(answered))
    for technical_id, message in rejected.items():
        values = {"state": _REJECTED_AS[flow.action], "message": message}
        session.execute(update(SiCpfPassage).where(SiCpfPassage.id == sent[technical_id]).values(values))
    _erase_numbers(session, flow, at)
    flow.closed_at, flow.treatment_id, flow.receipt_digest = at, receipt.treatment_id, digest
    flow.accepted, flow.rejected = len(sent) - len(rejected), len(rejected)
    session.flush()
    session.expire_all()
    facts = {"accepted": flow.accepted, "rejected": flow.rejected}
    record_event(session, "si_cpf_receipt_read", ("si_cpf_flow", flow.id), by=by, at=at, **facts)
    return flow


def _digest(receipt: Receipt) -> str:
    told = [receipt.treatment_id, *sorted(receipt.accepted), *map(repr, sorted(receipt.rejected.items()))]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _check_counts(receipt: Receipt, known: AbstractSet[str]) -> None:
    told = receipt.accepted | receipt.rejected.keys()
    for code, ids in (
        (SiCpfRefusal.TWICE, receipt.repeated),
        (SiCpfRefusal.UNKNOWN, told - known),
        (SiCpfRefusal.INCOMPLETE, known - told),
    ):
        if ids:
            raise Refusal(code, number=len(ids), ids=sorted(ids)[:_NAMED])


def _erase_numbers(session: Session, flow: SiCpfFlow, at: datetime) -> None:
    """Erase the social security numbers that no award of their candidacy waits for any more."""
    waiting = aliased(SiCpfPassage)
    done = exists().where(
        SiCpfPassage.flow_id == flow.id,
        SiCpfPassage.candidacy_id == SiCpfIdentity.candidacy_id,
        SiCpfPassage.state.in_((PassageState.ACCEPTED, PassageState.REMOVED)),
    )
    others = exists().where(
        waiting.candidacy_id == SiCpfIdentity.candidacy_id,
        waiting.state.not_in((PassageState.ACCEPTED, PassageState.REMOVED)),
    )
    query = update(SiCpfIdentity).where(SiCpfIdentity.nir.is_not(None), done, ~others)
    session.execute(query.values(nir=None, nir_erased_at=at), execution_options={"synchronize_session": False})
