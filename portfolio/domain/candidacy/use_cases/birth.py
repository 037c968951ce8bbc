"""The birth of a candidate, as their certificates will say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.birth import Birth, birth_refusal
from portfolio.domain.candidacy.rules.opening import CandidacyRefusal
from portfolio.domain.certification.models import Block
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.use_cases.notified_results import find_awaited_notification
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class BirthPageData:
    """What stands, and why it cannot change any more, if so."""

    candidate: str
    birth: Birth | None
    fixed: CandidacyRefusal | None


def load_birth_page(session: Session, candidacy_id: UUID, today: date) -> BirthPageData:
    """Gather the page of the birth of a candidate, in three queries."""
    candidacy = session.get_one(Candidacy, candidacy_id)
    return BirthPageData(candidacy.candidate_name, candidacy.birth, _refusal(session, candidacy, None, today))


def record_birth(
    session: Session, candidacy_id: UUID, birth: Birth | None, *, by: UUID, at: datetime
) -> None:
    """Write what the next certificates will say of the birth, or take it away; the journal never says which.

    Raises Refusal: a certificate bears it already, the whole is obtained, a day to come. The candidacy and
    the person are locked as whatever grants holds them: a certificate is issued before or after, and says
    what stood then.
    """
    candidacy = session.get_one(Candidacy, candidacy_id, with_for_update=True, populate_existing=True)
    session.get_one(Person, candidacy.candidate_id, with_for_update={"key_share": True})
    fault = _refusal(session, candidacy, birth, day_of(at))
    if fault is not None:
        raise Refusal(fault)
    candidacy.born_on = birth.on if birth else None
    candidacy.birth_place = birth.place if birth else None
    candidacy.birth_name = birth.name or None if birth else None
    record_event(
        session, "birth_recorded" if birth else "birth_removed", ("candidacy", candidacy_id), by=by, at=at
    )


def _refusal(
    session: Session, candidacy: Candidacy, birth: Birth | None, today: date
) -> CandidacyRefusal | None:
    """Ask the rule, from the certificates of this person on this version.

    Between the decision and its letter nothing is said of certificates: it would tell the result.
    """
    if find_awaited_notification(session, candidacy.id) is not None:
        return CandidacyRefusal.BIRTH_AWAITS_LETTER
    rows = session.execute(
        select(Certificate.printed_text, Certificate.award_id)
        .outerjoin(Grant, Grant.id == Certificate.grant_id)
        .outerjoin(Block, Block.id == Grant.block_id)
        .outerjoin(Award, Award.id == Certificate.award_id)
        .where(func.coalesce(Grant.person_id, Award.person_id) == candidacy.candidate_id)
        .where(func.coalesce(Block.version_id, Award.version_id) == candidacy.version_id)
    ).all()
    printed = candidacy.birth is not None and any("birth" in labels for labels, _ in rows)
    complete = any(award_id is not None for _, award_id in rows)
    return birth_refusal(birth, printed=printed, complete=complete, today=today)
