"""Write, send, question and decide a request of admissibility; the one found admissible opens its candidacy."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session, joinedload

from portfolio.calendar import day_of
from portfolio.db.engine import new_id
from portfolio.domain.account.models import Person
from portfolio.domain.account.use_cases import invite
from portfolio.domain.admissibility.models import AdmissibilityProof, AdmissibilityRequest
from portfolio.domain.admissibility.rules import (
    MAX_PROOFS,
    SAID_NO,
    WAITING,
    WRITABLE,
    ProofKind,
    RequestRefusal,
    RequestState,
    decision_refusal,
    hours_of,
    missing_parts,
)
from portfolio.domain.admissibility.use_cases.opening import open_candidacy
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import Birth, NewCandidacy, PersonInput, Scope
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certifying_body.rules import RemedyKind
from portfolio.domain.certifying_body.settings import adopted_remedies, load_body_settings
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.email.use_cases import EmailTemplate, queue_email, render_text
from portfolio.errors import Refusal
from portfolio.french_text import thousands

# A draft or a refusal that nothing moves is forgotten after as long as an abandoned dossier (domain §8).
KEPT = timedelta(days=365)
MAX_SHOWN = 50


def invite_request(
    session: Session, body_id: UUID, version_id: UUID, person: PersonInput, regime: Regime, *, by: UUID, at: datetime
) -> AdmissibilityRequest:
    """Invite somebody to write a request for a version. Raise Refusal: one of theirs is open for it."""
    candidate = invite(session, person.email, person.name, body_id, by=by, at=at, why="admissibility")
    return _start(session, body_id, version_id, candidate.id, person.name, regime, "{}", by=by, at=at)


def request_again(
    session: Session, before: AdmissibilityRequest, version_id: UUID, *, by: UUID, at: datetime
) -> AdmissibilityRequest:
    """Start another request from a refused one, for this version or another; what was typed is copied."""
    if before.state not in SAID_NO:
        raise Refusal(RequestRefusal.NOT_NOW)
    told = before.told | ({} if version_id == before.version_id else {"blocks": []})
    return _start(
        session, before.body_id, version_id, before.person_id, before.name, before.regime,
        json.dumps(told), by=by, at=at,
    )  # fmt: skip


def _start(
    session: Session, body_id: UUID, version_id: UUID, person_id: UUID, name: str, regime: Regime, content: str,
    *, by: UUID, at: datetime,
) -> AdmissibilityRequest:  # fmt: skip
    session.get(Person, person_id, with_for_update=True)
    is_open = AdmissibilityRequest.state.in_([*WRITABLE, *WAITING, RequestState.ADMISSIBLE])
    same = (AdmissibilityRequest.person_id == person_id, AdmissibilityRequest.version_id == version_id)
    if session.scalar(select(exists().where(*same, is_open))):
        raise Refusal(RequestRefusal.OPEN_ALREADY)
    row = AdmissibilityRequest(
        id=new_id(), body_id=body_id, person_id=person_id, version_id=version_id, name=name, regime=regime,
        state=RequestState.DRAFT, content=content, created_at=at, changed_at=at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    record_event(session, "admissibility_begun", ("admissibility_request", row.id), by=by, at=at)
    return row


def write_request(
    session: Session,
    request_id: UUID,
    content: Mapping[str, Any],
    files: Sequence[tuple[ProofKind, ReceivedFile]],
    answer: str,
    *,
    at: datetime,
) -> None:
    """Keep what the candidate typed and joined. Raise Refusal once it was sent, or beyond the most of its files."""
    row = _lock(session, request_id)
    if row.state not in WRITABLE:
        raise Refusal(RequestRefusal.NOT_NOW)
    if len(row.proofs) + len(files) > MAX_PROOFS:
        raise Refusal(RequestRefusal.TOO_MANY_PROOFS, number=MAX_PROOFS)
    row.content, row.answer, row.changed_at = json.dumps(content), answer, at
    for kind, file in files:
        row.proofs.append(
            AdmissibilityProof(
                kind=kind,
                file_key=file.key,
                file_name=file.name,
                file_mime=file.mime,
                file_size=file.size,
                file_sha256=file.sha256,
                added_at=at,
            )
        )


def remove_proof(session: Session, request_id: UUID, proof_id: UUID, *, at: datetime) -> None:
    """Take a file out of a request that is being written."""
    row = _lock(session, request_id)
    if row.state not in WRITABLE:
        raise Refusal(RequestRefusal.NOT_NOW)
    row.proofs = [proof for proof in row.proofs if proof.id != proof_id]
    row.changed_at = at


def send_request(session: Session, request_id: UUID, *, by: UUID, at: datetime) -> None:
    """Send a request to its body. Raise Refusal with what it lacks."""
    row = _lock(session, request_id)
    if row.state not in WRITABLE:
        raise Refusal(RequestRefusal.NOT_NOW)
    missing = missing_parts(row.state, row.regime, row.told, [proof.kind for proof in row.proofs], row.answer)
    if missing:
        raise Refusal(RequestRefusal.NOT_COMPLETE, missing=missing)
    row.sent_on = day_of(at)
    _move(session, row, RequestState.SENT, "admissibility_sent", by=by, at=at)


def ask_candidate(session: Session, request_id: UUID, question: str, *, by: UUID, at: datetime) -> None:
    """Ask what an incomplete request lacks: its clock starts again with the answer."""
    row = _lock(session, request_id)
    if row.state is not RequestState.SENT:
        raise Refusal(RequestRefusal.NOT_NOW)
    row.question, row.answer = question, ""
    _move(session, row, RequestState.QUESTION, "admissibility_questioned", by=by, at=at)
    _write_to(session, row, "question", at)


def find_complete(session: Session, request_id: UUID, *, by: UUID, at: datetime) -> None:
    """Say that a request is complete: its clock counts from the day when it was sent."""
    row = _lock(session, request_id)
    if row.state is not RequestState.SENT:
        raise Refusal(RequestRefusal.NOT_NOW)
    row.complete_on = row.sent_on
    _move(session, row, RequestState.COMPLETE, "admissibility_complete", by=by, at=at)
    _write_to(session, row, "complete", at)


def appeal(session: Session, request_id: UUID, text: str, *, by: UUID, at: datetime) -> None:
    """Contest a refusal before the body that decided it."""
    row = _lock(session, request_id)
    if row.state is not RequestState.REFUSED:
        raise Refusal(RequestRefusal.NOT_NOW)
    row.appeal, row.appealed_on = text, day_of(at)
    _move(session, row, RequestState.APPEALED, "admissibility_appealed", by=by, at=at)


def refusal_letter(session: Session, row: AdmissibilityRequest, reason: str, today: date) -> tuple[str, str]:
    """Return the subject and the text of the letter that would refuse a request, as it would leave.

    Raise Refusal as `refuse` does.
    """
    _check(row, today, admissible=False, reason=reason)
    contact = load_body_settings(session, row.body_id).contact
    facts = _letter_facts(session, row, _refused_state(row), reason, today)
    return render_text(EmailTemplate.ADMISSIBILITY, contact=contact, **facts)


def _refused_state(row: AdmissibilityRequest) -> RequestState:
    return RequestState.UPHELD if row.state is RequestState.APPEALED else RequestState.REFUSED


def refuse(session: Session, request_id: UUID, reason: str, *, by: UUID, at: datetime) -> None:
    """Refuse a request, or its appeal, with a reason and a letter.

    Raise Refusal as `decision_refusal` says, and while the body adopted no text on remedies for a refusal.
    """
    row = _lock(session, request_id)
    _check(row, day_of(at), admissible=False, reason=reason)
    adopted_remedies(session, row.body_id, RemedyKind.ADMISSIBILITY)
    state = _refused_state(row)
    _decide(row, reason, day_of(at), by)
    _move(session, row, state, "admissibility_refused", by=by, at=at)
    _write_to(session, row, state.value, at)


def admit(
    session: Session, request_id: UUID, *, reason: str = "", expiry_override: str = "", route_confirmed: bool = False,
    by: UUID, at: datetime,
) -> Candidacy:  # fmt: skip
    """Find a request admissible and open its candidacy with all that was typed.

    Raise Refusal as `open_candidacy` does.
    """
    row = _lock(session, request_id)
    _check(row, day_of(at), admissible=True, reason=reason)
    told, blocks = row.told, tuple(UUID(each) for each in row.told.get("blocks", ()))
    clock = row.clock
    # After two months of silence the request was admitted on the day that followed them (R6412-4).
    is_silent = clock is not None and clock.is_law and not clock.is_appeal and clock.is_over(day_of(at))
    decided = clock.until + timedelta(days=1) if clock and is_silent else day_of(at)
    asked = NewCandidacy(
        version_id=row.version_id,
        candidate=PersonInput(row.person.email, row.name),
        route=Route.VAE,
        regime=row.regime,
        scope=Scope.BLOCKS if blocks else Scope.WHOLE,
        block_ids=blocks,
        admissible_on=decided,
        expiry_override=expiry_override,
        route_confirmed=route_confirmed,
        postal_address=told.get("postal_address", ""),
        phone=told.get("phone", ""),
        birth=Birth(date.fromisoformat(told["born_on"]), told.get("birth_place", ""), told.get("birth_name", ""))
        if told.get("born_on")
        else None,
    )
    candidacy = open_candidacy(session, row.body_id, asked, by=by, at=at)
    candidacy.request_id = row.id
    _decide(row, reason, decided, by)
    _move(session, row, RequestState.ADMISSIBLE, "admissibility_granted", by=by, at=at)
    _write_to(session, row, "admissible", at)
    return candidacy


def _check(row: AdmissibilityRequest, today: date, *, admissible: bool, reason: str) -> None:
    if fault := decision_refusal(row.state, row.clock, today, admissible=admissible, reason=reason):
        raise Refusal(fault, until=row.clock.until if row.clock else None)


def _decide(row: AdmissibilityRequest, reason: str, on: date, by: UUID) -> None:
    if row.state is RequestState.APPEALED:
        row.appeal_answer = reason
    else:
        row.reason = reason
    row.decided_on, row.decided_by = on, by


def _move(
    session: Session, row: AdmissibilityRequest, state: RequestState, verb: str, *, by: UUID, at: datetime
) -> None:
    row.state, row.changed_at = state, at
    record_event(session, verb, ("admissibility_request", row.id), by=by, at=at)


def _write_to(session: Session, row: AdmissibilityRequest, event: str, at: datetime) -> None:
    reason = row.appeal_answer or row.reason
    facts = _letter_facts(session, row, event, reason, row.decided_on)
    queue_email(session, row.person, EmailTemplate.ADMISSIBILITY, at=at, body_id=row.body_id, **facts)


def _letter_facts(
    session: Session, row: AdmissibilityRequest, event: str, reason: str, decided_on: date | None
) -> dict[str, Any]:
    """Return what a letter about a request says. Raises Refusal for a refusal without the remedies of its kind."""
    clock, hours = row.clock, hours_of(row.told)
    refuses = event in {RequestState.REFUSED, RequestState.UPHELD}
    return {
        "name": row.name,
        "event": event,
        "body": row.body.name,
        "title": row.version.title,
        "sent_on": row.sent_on,
        "question": row.question,
        "reason": reason,
        "until": clock.until if clock else None,
        "is_law": bool(clock and clock.is_law),
        "request_id": str(row.id),
        "hours": thousands(hours) if hours else "",
        "files": len(row.proofs),
        "decided_on": decided_on,
        "remedies": adopted_remedies(session, row.body_id, RemedyKind.ADMISSIBILITY) if refuses else "",
    }


def _lock(session: Session, request_id: UUID) -> AdmissibilityRequest:
    return session.scalars(
        select(AdmissibilityRequest).where(AdmissibilityRequest.id == request_id).with_for_update()
    ).one()


def select_requests(body_id: UUID) -> Select[AdmissibilityRequest]:
    """Select the requests made to a body."""
    query = select(AdmissibilityRequest).where(AdmissibilityRequest.body_id == body_id)
    return query.options(joinedload(AdmissibilityRequest.version))


def find_request(session: Session, request_id: UUID, **whose: UUID) -> AdmissibilityRequest | None:
    """Return a request of this body (`body_id`), or of this person (`person_id`)."""
    return session.scalars(select(AdmissibilityRequest).filter_by(id=request_id, **whose)).one_or_none()


def find_candidacy(session: Session, row: AdmissibilityRequest) -> UUID | None:
    """Return the candidacy that a request opened."""
    query = select(Candidacy.id).where(Candidacy.candidate_id == row.person_id, Candidacy.request_id == row.id)
    return session.scalar(query)


def list_own_requests(session: Session, person_id: UUID) -> Sequence[AdmissibilityRequest]:
    """List the requests of a person, the latest first."""
    query = select(AdmissibilityRequest).where(AdmissibilityRequest.person_id == person_id)
    loaded = query.options(joinedload(AdmissibilityRequest.version), joinedload(AdmissibilityRequest.body))
    return session.scalars(loaded.order_by(AdmissibilityRequest.created_at.desc()).limit(MAX_SHOWN)).all()


def any_request(body: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Return whether a request waits for the decision of a body, as a column."""
    return exists().where(AdmissibilityRequest.body_id == body, AdmissibilityRequest.state.in_(WAITING))


def list_offered(session: Session, body_id: UUID) -> Sequence[Any]:
    """List the versions that a body offers now: `id`, `title`, `code`."""
    columns = (CertificationVersion.id, CertificationVersion.title, Certification.code)
    query = select(*columns).join(Certification).where(Certification.body_id == body_id)
    return session.execute(query.where(CertificationVersion.is_offered).order_by(Certification.code)).all()


def purge_requests(session: Session, *, at: datetime) -> int:
    """Forget the requests that led to no candidacy and that nothing moved for a year; their files follow as orphans."""
    old = (AdmissibilityRequest.changed_at < at - KEPT, AdmissibilityRequest.state != RequestState.ADMISSIBLE)
    gone = session.scalars(select(AdmissibilityRequest).where(*old)).all()
    for row in gone:
        session.delete(row)
    return len(gone)
