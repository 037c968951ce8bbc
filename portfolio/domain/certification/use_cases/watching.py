"""Compare registered entries with an export of the register: draft what changed, notify each fact once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BindParameter, ScalarSelect, Uuid, bindparam, func, select
from sqlalchemy.orm import Session

from portfolio.db.engine import new_id
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import Certification, CertificationVersion, RegisterNotice, RegisterState
from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.entry_schema import entry_as_json
from portfolio.domain.certification.rules.publication import CODE
from portfolio.domain.certification.rules.watching import (
    RegisterFact,
    RegisterNoticeKind,
    content_digest,
    facts_between,
)
from portfolio.domain.certification.use_cases.drafting import propose_equivalences
from portfolio.domain.certification.use_cases.importing import import_entry, state_of
from portfolio.domain.certification.use_cases.partners import add_missing_partners, sync_partners


@dataclass(frozen=True, slots=True)
class Watched:
    """Result of the watch of one entry: the notices it added, and the draft of the changed entry."""

    notices: tuple[RegisterFact, ...]
    draft: CertificationVersion | None = None


def watched_certifications(session: Session) -> dict[str, list[UUID]]:
    """Return the certifications under a number of the register, by number: two bodies may share one."""
    rows = session.execute(select(Certification.code, Certification.id).order_by(Certification.code, Certification.id))
    found: dict[str, list[UUID]] = {}
    for code, certification_id in rows:
        if CODE.fullmatch(code):
            found.setdefault(code, []).append(certification_id)
    return found


def watch_entry(
    session: Session, certification_id: UUID, entry: Entry, source_digest: str, *, on: date, at: datetime
) -> Watched:
    """Compare an entry just read with what a certification holds, and keep each new fact as a notice.

    A changed entry becomes the draft of a new version, once for each content; a published version is never
    changed. Running it again with the same entry writes nothing but the day.
    """
    certification = session.get_one(Certification, certification_id)
    session.get_one(
        CertifyingBody, certification.body_id, with_for_update=True
    )  # imports of one body wait for each other
    base = _base(certification)
    if base is None:
        return Watched(())
    state = state_of(session, certification_id)
    is_known = bool(source_digest) and state.source_digest == source_digest
    digest = state.content_digest if is_known else content_digest(entry_as_json(entry))
    draft = None if is_known else _draft_of_change(session, certification, state, entry, digest, at=at)
    facts = facts_between(base.to_entry(), base.number, entry, on, successor=certification.successor_code)
    if base.published_at is not None:
        facts += _published(session, base, entry, on=on, at=at)
    if draft is not None:
        facts.insert(0, RegisterFact(RegisterNoticeKind.CHANGED, digest, (str(draft.number),)))
    added = _keep(session, certification_id, facts, draft, on=on)
    state.content_digest, state.source_digest = digest, source_digest
    state.read_on = max(on, state.read_on or on)
    session.flush()
    if added:
        record_event(
            session, "register_watched", ("certification", certification_id), by=None, at=at, notices=len(added)
        )
    return Watched(tuple(added), draft)


def _published(
    session: Session, base: CertificationVersion, entry: Entry, *, on: date, at: datetime
) -> list[RegisterFact]:
    known = base.to_entry().details
    add_missing_partners(session, base.certification_id, known.partners if known else ())
    propose_equivalences(session, base, at=at)
    read = entry.details.partners if entry.details else ()
    return sync_partners(session, base.certification_id, read, on=on)


def _base(certification: Certification) -> CertificationVersion | None:
    """Return the version that the certifier works with: the latest published, else the latest draft."""
    versions = certification.versions
    return next((version for version in reversed(versions) if version.published_at), versions[-1] if versions else None)


def _draft_of_change(
    session: Session, certification: Certification, state: RegisterState, entry: Entry, digest: str, *, at: datetime
) -> CertificationVersion | None:
    """Import an entry whose content is new; None when it was seen already, even if its draft was given up since."""
    if state.content_digest == digest:
        return None
    if not state.content_digest and all(version.is_by_hand for version in certification.versions):
        return None  # nothing was ever read of it: this reading is what the next one is compared with
    seen = select(RegisterNotice.id).where(
        RegisterNotice.certification_id == certification.id,
        RegisterNotice.kind == RegisterNoticeKind.CHANGED,
        RegisterNotice.fact == digest,
    )
    if session.scalar(seen) is not None:
        return None
    imported = import_entry(session, certification.body_id, entry, by=None, at=at)
    return None if imported.already_there else imported.version


def _keep(
    session: Session,
    certification_id: UUID,
    facts: Iterable[RegisterFact],
    draft: CertificationVersion | None,
    *,
    on: date,
) -> list[RegisterFact]:
    known = {
        (kind, key)
        for kind, key in session.execute(
            select(RegisterNotice.kind, RegisterNotice.fact).where(RegisterNotice.certification_id == certification_id)
        )
    }
    added = []
    for fact in facts:
        if (fact.kind, fact.key) in known:
            continue
        known.add((fact.kind, fact.key))
        is_draft = draft is not None and fact.kind is RegisterNoticeKind.CHANGED
        session.add(
            RegisterNotice(
                id=new_id(), certification_id=certification_id, kind=fact.kind, fact=fact.key,
                facts=list(fact.facts), version_id=draft.id if is_draft and draft else None, noticed_on=on,
            )
        )  # fmt: skip
        added.append(fact)
    return added


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice of the register, as the certifier's page shows it."""

    id: UUID
    certification_id: UUID
    code: str
    kind: RegisterNoticeKind
    facts: tuple[str, ...]
    version_id: UUID | None
    noticed_on: date
    # The last version published of the certification: the one whose page settles the notice.
    published_id: UUID | None = None


def open_notices(session: Session, body_id: UUID, limit: int = 100) -> list[NoticeLine]:
    """Return the notices of a body that nobody dismissed, the latest first."""
    published = (
        select(CertificationVersion.id)
        .where(
            CertificationVersion.certification_id == Certification.id, CertificationVersion.published_at.is_not(None)
        )
        .order_by(CertificationVersion.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(RegisterNotice, Certification.code, published)
        .join(Certification, Certification.id == RegisterNotice.certification_id)
        .where(Certification.body_id == body_id, RegisterNotice.dismissed_at.is_(None))
        .order_by(RegisterNotice.noticed_on.desc(), Certification.code, RegisterNotice.kind, RegisterNotice.fact)
        .limit(limit)
    )
    return [
        NoticeLine(
            row.id, row.certification_id, code, row.kind, tuple(row.facts), row.version_id, row.noticed_on, published_id
        )
        for row, code, published_id in session.execute(query)
    ]


def number_of_open_notices() -> ScalarSelect[int]:
    """Return how many notices of the body bound as `body` nobody dismissed, as a column."""
    of_body = Certification.id == RegisterNotice.certification_id
    query = select(func.count()).select_from(RegisterNotice).join(Certification, of_body)
    body: BindParameter[UUID] = bindparam("body", type_=Uuid())
    return query.where(Certification.body_id == body, RegisterNotice.dismissed_at.is_(None)).scalar_subquery()


def count_open_notices(session: Session, body_id: UUID) -> int:
    """Return how many notices of a body nobody dismissed."""
    return session.scalar(select(number_of_open_notices()), {"body": body_id}) or 0


def noticed_successors(session: Session, certification_id: UUID) -> tuple[str, ...]:
    """Return the entries that the register named after a certification since its import, until their notice
    is dismissed.
    """
    query = select(RegisterNotice.fact).where(
        RegisterNotice.certification_id == certification_id,
        RegisterNotice.kind == RegisterNoticeKind.SUCCESSOR,
        RegisterNotice.dismissed_at.is_(None),
    )
    return tuple(session.scalars(query.order_by(RegisterNotice.fact)))


def last_readings(session: Session, certification_ids: Sequence[UUID]) -> dict[UUID, date]:
    """Return the last day on which each entry was read in an export."""
    query = select(RegisterState.certification_id, RegisterState.read_on).where(
        RegisterState.certification_id.in_(certification_ids), RegisterState.read_on.is_not(None)
    )
    return {certification_id: read_on for certification_id, read_on in session.execute(query) if read_on}


def dismiss_notice(session: Session, body_id: UUID, notice_id: UUID, *, by: UUID, at: datetime) -> bool:
    """Dismiss a notice; one dismissed already stays so. Return whether it is one of this body."""
    row = session.scalar(
        select(RegisterNotice)
        .join(Certification, Certification.id == RegisterNotice.certification_id)
        .where(RegisterNotice.id == notice_id, Certification.body_id == body_id)
        .with_for_update(of=RegisterNotice)
    )
    if row is None:
        return False
    if row.dismissed_at is None:
        row.dismissed_at, row.dismissed_by = at, by
        record_event(session, "register_notice_dismissed", ("register_notice", row.id), by=by, at=at, kind=row.kind)
    return True
