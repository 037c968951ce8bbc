"""Create a certification by hand: a draft that no text of the register comes with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certification.rules.codes import is_own_code
from portfolio.domain.certification.rules.copying import copied_entry
from portfolio.domain.certification.rules.decision_rule import DecisionRule
from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.json_form import entry_as_json
from portfolio.domain.certification.rules.publication import CODE
from portfolio.domain.certification.rules.versioning import CertificationRefusal
from portfolio.errors import Refusal


@dataclass(frozen=True)
class Heading:
    """What a person types first about a new certification; an empty title or level takes that of the copied
    version.
    """

    code: str
    title: str
    level: str | None = None


def create_draft(
    session: Session, body_id: UUID, entry: Entry, *, by: UUID | None, at: datetime
) -> CertificationVersion:
    """Create a certification of a body with one draft. Its read digest is empty: nothing was read.

    Raise Refusal when the code is neither one of the register nor a certifier's own, or when the body has it
    already.
    """
    return _create(session, body_id, entry, DecisionRule.EVERY, None, by=by, at=at)


def copy_version(
    session: Session, body_id: UUID, version_id: UUID, heading: Heading, *, by: UUID | None, at: datetime
) -> CertificationVersion:
    """Create a certification whose draft is a copy of a version, draft or published, of the same body.

    Raise Refusal when the version is gone or belongs to another body, and as `create_draft` does.
    """
    base = session.get(CertificationVersion, version_id)
    if base is None or base.certification.body_id != body_id:
        raise Refusal(CertificationRefusal.BASE_GONE)
    entry = copied_entry(
        base.to_entry(), base.resolved_doubts, code=heading.code, title=heading.title, level=heading.level
    )
    return _create(session, body_id, entry, base.decision_rule, base.decision_threshold, by=by, at=at)


def _create(
    session: Session,
    body_id: UUID,
    entry: Entry,
    rule: DecisionRule,
    threshold: int | None,
    *,
    by: UUID | None,
    at: datetime,
) -> CertificationVersion:
    if not CODE.fullmatch(entry.code) and not is_own_code(entry.code):
        raise Refusal(CertificationRefusal.CODE_FORM, entry_code=entry.code)
    session.get_one(
        CertifyingBody, body_id, with_for_update=True
    )  # two creations of one code wait for each other
    if session.scalar(
        select(exists().where(Certification.body_id == body_id, Certification.code == entry.code))
    ):
        raise Refusal(CertificationRefusal.CODE_IN_USE, entry_code=entry.code)
    version = CertificationVersion(
        certification=Certification(body_id=body_id, code=entry.code),
        number=1,
        entry=entry_as_json(entry),
        title=entry.title,
        level=(entry.level or "")[:20],
        decision_rule=rule,
        decision_threshold=threshold,
        imported_at=at,
    )
    session.add(version)
    session.flush()
    record_event(
        session, "certification_created", ("certification_version", version.id), by=by, at=at, code=entry.code
    )
    return version
