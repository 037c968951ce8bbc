"""The audit log of one candidacy, read by its candidate and its certifier; that of a session, by its certifier.

Read the audit log: who opened a dossier, and who did what, newest first, fifty lines a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, session_page
from portfolio.access.jury import SessionAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.access_monitoring.models import AccessRecord
from portfolio.domain.access_monitoring.rules import OPENED, OPENED_FILE
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.dossier.models.attestation import AttestationRequest
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.wording.audit_log import BY_NOBODY, event_sentence

bp = Blueprint("audit_log", __name__)

# The two lists of a candidacy, by the word in the address.
OPENINGS, ACTS = "ouvertures", "actes"


@bp.get("/candidatures/<uuid:candidacy_id>/journal")
@candidacy_page(Permission.READ_AUDIT_LOG)
def of_candidacy(case: CandidacyAccess) -> ResponseReturnValue:
    """Show who opened this dossier, or who did what on it."""
    view = ACTS if request.args.get("liste") == ACTS else OPENINGS
    number, db = _page_number(), read_session()
    is_own = case.candidate_id == current_user.id
    if view == OPENINGS:
        page = load_openings(db, case.id, case.body_id, number)
    else:
        page = load_candidacy_acts(db, case.id, for_candidate=is_own, number=number)
    return render_template(
        "account/audit_log/audit_log.html", case=case, page=page, view=view, is_own=is_own, **_words()
    )


@bp.get("/sessions/<uuid:session_id>/journal")
@session_page(Permission.MANAGE_SESSION)
def of_session(case: SessionAccess) -> ResponseReturnValue:
    """Show who did what on a jury session."""
    page = load_session_acts(read_session(), case.id, _page_number())
    return render_template("account/audit_log/session_audit_log.html", case=case, page=page, **_words())


def _page_number() -> int:
    return request.args.get("page", 1, type=int)


def _words() -> dict[str, Any]:
    return {"sentence": event_sentence, "nobody": BY_NOBODY, "reader": current_user.id}


PAGE_SIZE = 50
# What a candidate writes in a draft, and what passes between candidate and advisor: never the certifier's to
# read.
DRAFT_KINDS = ("evidence", "claim", "narrative", "experience")
DRAFT_VERBS = ("texts_saved", "remark_said", "remark_changed", "remark_withdrawn", "competency_marked", "self_assessed")
# Notes to oneself, opinions and votes: that they exist is their author's to know, until the president opens
# opinions.
PRIVATE_VERBS = (
    "private_note_saved",
    "juror_note_written",
    "juror_note_changed",
    "juror_note_deleted",
    "juror_opinion_recorded",
    "juror_opinions_given",
    "vote_cast",
)


@dataclass(frozen=True)
class LogLine:
    """One line: when, who (None: the product itself, or somebody without an account), what."""

    at: datetime
    actor_id: UUID | None
    actor: str
    verb: str


@dataclass(frozen=True)
class LogPage:
    """One page of lines, and how many there are in all."""

    lines: Sequence[LogLine]
    total: int
    number: int

    @property
    def pages(self) -> int:
        """Return how many pages there are."""
        return max(1, -(-self.total // PAGE_SIZE))


def load_openings(session: Session, candidacy_id: UUID, body_id: UUID, number: int, size: int = PAGE_SIZE) -> LogPage:
    """Return who opened the dossier of a candidacy, or a file of it, within the body; once for each hour."""
    candidate = select(Candidacy.candidate_id).where(Candidacy.id == candidacy_id).scalar_subquery()
    found = (
        select(
            func.max(AccessRecord.at).label("at"),
            AccessRecord.reader_id.label("actor_id"),
            func.max(AccessRecord.resource_hash).label(
                "thing"
            ),  # the digest of a file, or empty when only the dossier was opened
        )
        .where(AccessRecord.subject_id == candidate, AccessRecord.body_id == body_id)
        .group_by(AccessRecord.reader_id, AccessRecord.hour_bucket)
        .subquery()
    )
    total = session.scalar(select(func.count()).select_from(found)) or 0
    number = _within(number, total, size)
    rows = (
        select(found.c.at, found.c.actor_id, Person.name, found.c.thing)
        .join(Person, Person.id == found.c.actor_id)
        .order_by(found.c.at.desc(), found.c.actor_id)
    )
    shown = session.execute(rows.limit(size).offset((number - 1) * size))
    return LogPage(
        [LogLine(at, actor, name, OPENED_FILE if thing else OPENED) for at, actor, name, thing in shown], total, number
    )


def load_candidacy_acts(
    session: Session, candidacy_id: UUID, *, for_candidate: bool, number: int, size: int = PAGE_SIZE
) -> LogPage:
    """Return what was done on a candidacy; the draft's own acts are the candidate's to read only."""
    hearings = select(Hearing.id).join(Hearing.submission).where(Submission.candidacy_id == candidacy_id)
    minutes = select(Minutes.id).where(Minutes.hearing_id.in_(hearings))
    related = or_(
        AuditEvent.object_id == candidacy_id,
        AuditEvent.object_id.in_(select(Submission.id).where(Submission.candidacy_id == candidacy_id)),
        AuditEvent.object_id.in_(hearings),
        AuditEvent.object_id.in_(minutes),
        AuditEvent.object_id.in_(select(Grant.id).where(Grant.minutes_id.in_(minutes))),
        AuditEvent.object_id.in_(select(AttestationRequest.id).where(AttestationRequest.candidacy_id == candidacy_id)),
    )
    if for_candidate:
        candidate = select(Candidacy.candidate_id).where(Candidacy.id == candidacy_id).scalar_subquery()
        own = and_(AuditEvent.actor_id == candidate, AuditEvent.object_kind.in_(DRAFT_KINDS))
        where = and_(or_(related, own), AuditEvent.action.not_in(PRIVATE_VERBS))
    else:
        where = and_(related, AuditEvent.action.not_in((*PRIVATE_VERBS, *DRAFT_VERBS)))
    return _acts(session, where, number, size)


def load_session_acts(session: Session, session_id: UUID, number: int, size: int = PAGE_SIZE) -> LogPage:
    """Return what was done on a jury session: its members, its hearings, their decisions and minutes."""
    hearings = select(Hearing.id).where(Hearing.session_id == session_id)
    related = or_(
        AuditEvent.object_id == session_id,
        AuditEvent.object_id.in_(hearings),
        AuditEvent.object_id.in_(select(Minutes.id).where(Minutes.hearing_id.in_(hearings))),
    )
    return _acts(session, and_(related, AuditEvent.action.not_in(PRIVATE_VERBS)), number, size)


def _acts(session: Session, where: ColumnElement[bool], number: int, size: int) -> LogPage:
    total = session.scalar(select(func.count()).select_from(AuditEvent).where(where)) or 0
    number = _within(number, total, size)
    rows = (
        select(AuditEvent.occurred_at, AuditEvent.actor_id, Person.name, AuditEvent.action)
        .outerjoin(Person, Person.id == AuditEvent.actor_id)
        .where(where)
        .order_by(AuditEvent.seq.desc())
    )
    shown = session.execute(rows.limit(size).offset((number - 1) * size))
    return LogPage([LogLine(at, actor, name or "", verb) for at, actor, name, verb in shown], total, number)


def _within(number: int, total: int, size: int) -> int:
    """Return the number of the page asked for, or the last one when there are fewer."""
    return max(1, min(number, -(-total // size)))
