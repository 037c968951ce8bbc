"""Ask the holders of a whole certification what became of them, keep their answers, compute the rates."""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from portfolio.calendar import day_of
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Submission, is_erased
from portfolio.domain.candidacy.use_cases import email_candidate
from portfolio.domain.candidacy_listing.models import CertificateListing
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.follow_up.models import FollowUp, FollowUpSettings
from portfolio.domain.follow_up.rules import REMINDERS, Answer, Rates, Wave, asked_on, rates_of, wave_due
from portfolio.domain.holdings.models.events import Acquisition
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant, is_latest
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing

# So many letters a body a day: the others go the days after.
_LETTERS = 500


def _holders(body_id: UUID, *columns: Any) -> Select[Any]:
    """Select columns of the holders of a whole certification of a body: a holder of blocks alone is none."""
    last = aliased(Grant)
    return (
        select(*columns)
        .select_from(CertificateListing)
        .join(Certificate, Certificate.id == CertificateListing.certificate_id)
        .join(Award, Award.id == Certificate.award_id)
        .join(last, last.id == Award.completed_by)
        .outerjoin(Minutes, Minutes.id == last.minutes_id)
        .outerjoin(Hearing, Hearing.id == Minutes.hearing_id)
        .outerjoin(Submission, Submission.id == Hearing.submission_id)
        .outerjoin(Acquisition, Acquisition.id == last.acquisition_id)
        .join(Candidacy, Candidacy.id == func.coalesce(Submission.candidacy_id, Acquisition.candidacy_id))
        .join(CertificationVersion, CertificationVersion.id == CertificateListing.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(CertificateListing.body_id == body_id, is_latest())
        .where(CertificateListing.is_whole, CertificateListing.status == GrantStatus.HELD)
    )


def turn(session: Session, body_id: UUID, *, is_on: bool, by: UUID, at: datetime) -> None:
    """Begin to ask the holders of a body, or stop."""
    row = session.get(FollowUpSettings, body_id, with_for_update=True)
    if row is None:
        row = FollowUpSettings(body_id=body_id)
        session.add(row)
    row.is_on, row.changed_at = is_on, at
    record_event(session, "follow_up_turned", ("certifying_body", body_id), by=by, at=at, is_on=is_on)


def list_asking_bodies(session: Session) -> list[UUID]:
    """List the bodies that ask their holders."""
    return list(session.scalars(select(FollowUpSettings.body_id).where(FollowUpSettings.is_on)))


def mark_of(follow_up_id: UUID, key: str) -> str:
    """Return what proves that a link to a survey is ours."""
    return hmac.new(key.encode(), b"survey:" + follow_up_id.bytes, hashlib.sha256).hexdigest()[:32]


def find_signed(session: Session, follow_up_id: UUID, mark: str, key: str, *, lock: bool = False) -> FollowUp | None:
    """Find the survey of a signed link; None for any other link, and for one that its holder refused."""
    if not hmac.compare_digest(mark_of(follow_up_id, key).encode(), mark.encode()):
        return None
    row = session.get(FollowUp, follow_up_id, with_for_update=lock or None)
    return row if row is not None and row.refused_at is None else None


def ask_holders(session: Session, body_id: UUID, key: str, *, at: datetime) -> int:
    """Write to the holders whose wave has come, and remind those who did not answer; return how many letters."""
    written, today = 0, day_of(at)
    columns = (Award.id, Candidacy.id.label("candidacy_id"), CertificateListing.obtained_on)
    known = {(row.award_id, row.wave): row for row in session.scalars(_of_body(body_id))}
    refused = {award_id for (award_id, _), row in known.items() if row.refused_at}
    holders = _holders(body_id, *columns).where(~is_erased()).order_by(Award.obtained_on)
    for award_id, candidacy_id, obtained_on in session.execute(holders).all():
        wave = wave_due(obtained_on, today)
        if wave is None or award_id in refused or written >= _LETTERS:
            continue
        row = known.get((award_id, wave))
        if row is None:
            row = FollowUp(body_id=body_id, candidacy_id=candidacy_id, award_id=award_id, wave=wave, asked_at=at)
            session.add(row)
            session.flush()
        elif row.answered_at or row.reminders >= len(REMINDERS) or at < row.asked_at + REMINDERS[row.reminders]:
            continue
        else:
            row.reminders += 1
        facts = {
            "follow_up_id": row.id,
            "mark": mark_of(row.id, key),
            "months": wave.months,
            "again": row.reminders > 0,
        }
        email_candidate(session, session.get_one(Candidacy, candidacy_id), EmailTemplate.SURVEY, at=at, **facts)
        written += 1
    return written


def _of_body(body_id: UUID) -> Select[Any]:
    return select(FollowUp).where(FollowUp.body_id == body_id)


def record_answer(session: Session, row: FollowUp, answer: Answer, *, by: UUID | None, at: datetime) -> None:
    """Keep the answers of a holder; later ones replace them. `by`: who typed those of a telephone call."""
    for name, value in asdict(answer).items():
        setattr(row, name, value)
    row.answered_at, row.typed_by = at, by
    record_event(session, "follow_up_answered", ("follow_up", row.id), by=by, at=at, wave=row.wave.value)


def refuse(session: Session, row: FollowUp, *, at: datetime) -> None:
    """Ask a holder nothing any more: they count as one who did not answer, whatever they said before."""
    for name, value in asdict(Answer(None)).items():  # type: ignore[arg-type]
        setattr(row, name, value)
    row.answered_at, row.refused_at = None, at
    record_event(session, "follow_up_refused", ("follow_up", row.id), by=None, at=at, wave=row.wave.value)


# A promotion: the certification, the year of the award, the route; None for all the routes together.
Promotion = tuple[str, int, Route | None]


def load_rates(session: Session, body_id: UUID, wave: Wave, today: date) -> dict[Promotion, Rates]:
    """Return the rates of each promotion at one wave, all routes together then by route.

    Holders whose wave has not come are not counted.
    """
    query = _holders(
        body_id, Certification.code, CertificateListing.obtained_on, Candidacy.route, FollowUp.answered_at,
        FollowUp.situation, FollowUp.in_target_job,
    ).outerjoin(FollowUp, (FollowUp.award_id == Award.id) & (FollowUp.wave == wave))  # fmt: skip
    found: dict[Promotion, list[Any]] = defaultdict(list)
    for row in session.execute(query):
        if asked_on(row.obtained_on, wave) <= today:
            for route in (None, row.route):
                found[row.code, row.obtained_on.year, route].append(row)
    order = [None, *Route]
    return {
        key: rates_of(len(rows), [(row.situation, row.in_target_job) for row in rows if row.answered_at])
        for key, rows in sorted(found.items(), key=lambda each: (each[0][0], -each[0][1], order.index(each[0][2])))
    }


def list_unanswered(session: Session, body_id: UUID, limit: int) -> Iterator[tuple[UUID, str, Wave, datetime]]:
    """Yield the surveys without answer, the oldest first: those that a telephone call may answer."""
    waiting = (FollowUp.answered_at.is_(None), FollowUp.refused_at.is_(None))
    query = select(FollowUp, Candidacy).join(Candidacy, Candidacy.id == FollowUp.candidacy_id)
    query = query.where(FollowUp.body_id == body_id, *waiting).order_by(FollowUp.asked_at, FollowUp.id).limit(limit)
    for row, candidacy in session.execute(query):
        yield row.id, candidacy.candidate_name, row.wave, row.asked_at
