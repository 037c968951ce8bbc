"""Correct a candidacy: the name and the address that were typed, the scope before a submission; close it and
open it again.

The birth of a candidate, as their certificates will say it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.account.models import Person
from portfolio.domain.account.rules import TokenPurpose
from portfolio.domain.account.throttle import normalise_email
from portfolio.domain.account.use_cases import invite, revoke_tokens
from portfolio.domain.admissibility.use_cases.opening import blocks_asked, has_open_candidacy
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, CandidacyClosure, Submission
from portfolio.domain.candidacy.rules.opening import (
    Birth,
    CandidacyRefusal,
    PersonInput,
    Scope,
    birth_refusal,
    has_livret2,
)
from portfolio.domain.candidacy.rules.stage import ClosureKind, is_closed
from portfolio.domain.candidacy.use_cases import STEPS, email_candidate
from portfolio.domain.certification.models import Block
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.use_cases.notified_results import find_awaited_notification
from portfolio.domain.jury.models.sessions import Hearing, is_current_hearing
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class Correction:
    """The candidate as they should have been named, and the blocks asked for."""

    candidate: PersonInput
    scope: Scope
    block_ids: tuple[UUID, ...] = ()
    postal_address: str = ""


def may_correct_email(session: Session, candidacy: Candidacy) -> bool:
    """Return whether the certifier may still change the address: the candidate has done nothing on this path."""
    return not _has_acted(session, candidacy)


def may_correct_scope(session: Session, candidacy_id: UUID) -> bool:
    """Return whether the blocks asked for may still change: nothing was submitted."""
    return session.scalar(select(Submission.id).where(Submission.candidacy_id == candidacy_id).limit(1)) is None


def correct_candidacy(session: Session, candidacy_id: UUID, correction: Correction, *, by: UUID, at: datetime) -> None:
    """Correct the name, the address and the scope of a candidacy.

    Another address gives the candidacy to the account of that address, which is invited; the link sent to the wrong one
    ends. Raise Refusal when the candidate has already acted here (the address is theirs to change), when a dossier was
    submitted (its scope is sealed), or when the right person already has an open candidacy, or follows this one.
    """
    candidacy = session.get_one(Candidacy, candidacy_id, with_for_update=True)
    candidacy.candidate_display_name = correction.candidate.name
    candidacy.postal_address = correction.postal_address or None
    if normalise_email(correction.candidate.email) != candidacy.candidate.email:
        _give_to(session, candidacy, correction.candidate, by=by, at=at)
    _correct_scope(session, candidacy, correction.scope, correction.block_ids)
    record_event(session, "candidacy_corrected", ("candidacy", candidacy_id), by=by, at=at, scope=correction.scope)


def _give_to(session: Session, candidacy: Candidacy, person: PersonInput, *, by: UUID, at: datetime) -> None:
    if not may_correct_email(session, candidacy):
        raise Refusal(CandidacyRefusal.ADDRESS_IS_THEIRS)
    mistaken, body_id = candidacy.candidate_id, candidacy.version.certification.body_id
    why = "candidate" if has_livret2(candidacy.route) else "path"
    right = invite(session, person.email, person.name, body_id, by=by, at=at, why=why)
    if right.id == candidacy.advisor_id:
        raise Refusal(CandidacyRefusal.ADVISOR_IS_CANDIDATE)
    session.get(Person, right.id, with_for_update=True)
    if session.scalar(select(has_open_candidacy(right.id, candidacy.version_id))):
        raise Refusal(CandidacyRefusal.ALREADY_OPEN)
    candidacy.candidate_id = right.id
    session.flush()
    if session.scalar(select(Candidacy.id).where(Candidacy.candidate_id == mistaken).limit(1)) is None:
        revoke_tokens(session, mistaken, TokenPurpose.INVITATION, at=at)


def _has_acted(session: Session, candidacy: Candidacy) -> bool:
    own = (AuditEvent.actor_id == candidacy.candidate_id, AuditEvent.occurred_at >= candidacy.opened_at)
    acted = exists().where(*own, AuditEvent.object_kind.in_(STEPS))
    return bool(session.scalar(select(acted))) or not may_correct_scope(session, candidacy.id)


def _correct_scope(session: Session, candidacy: Candidacy, scope: Scope, block_ids: Collection[UUID]) -> None:
    blocks = blocks_asked(candidacy.version, scope, block_ids)
    if scope is candidacy.scope and {each.id for each in blocks} == {each.id for each in candidacy.blocks}:
        return
    if not may_correct_scope(session, candidacy.id):
        raise Refusal(CandidacyRefusal.SCOPE_IS_SEALED)
    candidacy.scope, candidacy.blocks = scope, blocks


def find_last_closure(session: Session, candidacy_id: UUID) -> CandidacyClosure | None:
    """Return the last record of a closing, an abandonment or a reopening; None when there is none."""
    query = select(CandidacyClosure).where(CandidacyClosure.candidacy_id == candidacy_id)
    return session.scalar(query.order_by(CandidacyClosure.rank.desc()).limit(1))


def record_closure(
    session: Session, candidacy_id: UUID, kind: ClosureKind, reason: str, *, by: UUID, at: datetime
) -> CandidacyClosure:
    """Close a candidacy, record that it is abandoned, or open it again, and write to the candidate.

    What was granted stays (R6). Raise Refusal without a reason, when a jury is to hear the candidate, when
    the candidacy is already so, or when another candidacy of the person is open on the same version.
    """
    candidacy = session.get_one(Candidacy, candidacy_id, with_for_update=True)
    last = find_last_closure(session, candidacy_id)
    _check_closure(session, candidacy, kind, reason, is_closed(last.kind if last else None))
    row = CandidacyClosure(
        candidacy_id=candidacy_id,
        rank=(last.rank if last else 0) + 1,
        kind=kind,
        reason=reason.strip(),
        decided_on=day_of(at),
        decided_by=by,
        recorded_at=at,
    )
    session.add(row)
    session.flush()
    record_event(session, "candidacy_closure", ("candidacy", candidacy_id), by=by, at=at, kind=kind)
    email_candidate(session, candidacy, EmailTemplate.CANDIDACY_CLOSURE, at=at, kind=kind.value, reason=row.reason)
    append(session, [row], at=at)  # last: it takes the ledger's lock
    return row


def _check_closure(session: Session, candidacy: Candidacy, kind: ClosureKind, reason: str, is_closed_now: bool) -> None:
    if not reason.strip():
        raise Refusal(CandidacyRefusal.NO_REASON)
    if kind is ClosureKind.REOPENED:
        if not is_closed_now:
            raise Refusal(CandidacyRefusal.NOT_CLOSED)
        if session.scalar(select(has_open_candidacy(candidacy.candidate_id, candidacy.version_id))):
            raise Refusal(CandidacyRefusal.REOPENED_ELSEWHERE)
        return
    if is_closed_now:
        raise Refusal(CandidacyRefusal.CLOSED_ALREADY)
    awaited = (
        select(func.count())
        .select_from(Hearing)
        .join(Submission, is_current_hearing())
        .where(Submission.candidacy_id == candidacy.id, Hearing.closed_at.is_(None))
    )
    if session.scalar(awaited):
        raise Refusal(CandidacyRefusal.JURY_IS_SET)


@dataclass(frozen=True, slots=True)
class BirthPageData:
    """Birth that stands, and why it cannot change any more, if so."""

    candidate: str
    birth: Birth | None
    postal_address: str
    phone: str
    fixed: CandidacyRefusal | None


def load_birth_page(session: Session, candidacy_id: UUID, today: date) -> BirthPageData:
    """Gather the page of the birth of a candidate, in three queries."""
    candidacy = session.get_one(Candidacy, candidacy_id)
    return BirthPageData(
        candidacy.candidate_name,
        candidacy.birth,
        candidacy.postal_address or "",
        candidacy.phone or "",
        _refusal(session, candidacy, None, today),
    )


def record_birth(session: Session, candidacy_id: UUID, birth: Birth | None, *, by: UUID, at: datetime) -> None:
    """Write what the next certificates will say of the birth, or take it away; the journal never says which.

    Raises Refusal: a certificate bears it already, the whole is obtained, a day to come. The candidacy and the person
    are locked as whatever grants holds them: a certificate is issued before or after, and says what stood then.
    """
    candidacy = session.get_one(Candidacy, candidacy_id, with_for_update=True, populate_existing=True)
    session.get_one(Person, candidacy.candidate_id, with_for_update={"key_share": True})
    fault = _refusal(session, candidacy, birth, day_of(at))
    if fault is not None:
        raise Refusal(fault)
    candidacy.born_on = birth.on if birth else None
    candidacy.birth_place = birth.place if birth else None
    candidacy.birth_name = birth.name or None if birth else None
    record_event(session, "birth_recorded" if birth else "birth_removed", ("candidacy", candidacy_id), by=by, at=at)


def record_address(
    session: Session, candidacy_id: UUID, postal_address: str, phone: str = "", *, by: UUID, at: datetime
) -> None:
    """Write where the letters on paper go and whom to call, or take them away; the journal never says which."""
    candidacy = session.get_one(Candidacy, candidacy_id, with_for_update=True)
    candidacy.postal_address, candidacy.phone = postal_address or None, phone or None
    record_event(session, "postal_address_recorded", ("candidacy", candidacy_id), by=by, at=at)


def _refusal(session: Session, candidacy: Candidacy, birth: Birth | None, today: date) -> CandidacyRefusal | None:
    """Ask the rule, from the certificates of this person on this version.

    Between the decision and its letter nothing is said of certificates: it would tell the result.
    """
    if find_awaited_notification(session, candidacy.id) is not None:
        return CandidacyRefusal.BIRTH_AWAITS_LETTER
    rows = session.execute(
        select(Certificate.printed_text, Certificate.award_id)
        .outerjoin(Certificate.grant)
        .outerjoin(Grant.block)
        .outerjoin(Certificate.award)
        .where(func.coalesce(Grant.person_id, Award.person_id) == candidacy.candidate_id)
        .where(func.coalesce(Block.version_id, Award.version_id) == candidacy.version_id)
    ).all()
    printed = candidacy.birth is not None and any("birth" in labels for labels, _ in rows)
    complete = any(award_id is not None for _, award_id in rows)
    return birth_refusal(birth, printed=printed, complete=complete, today=today)
