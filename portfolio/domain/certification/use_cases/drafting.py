"""Correct a draft, open one from what was published, give one up.

Create a certification by hand: a draft that no text of the register comes with.

Keep the equivalences that an entry suggests as proposals: a person confirms or dismisses each.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import Block, Certification, CertificationVersion, EquivalenceProposal
from portfolio.domain.certification.rules.entry import Entry, is_own_code
from portfolio.domain.certification.rules.entry_schema import entry_as_json, entry_from_json
from portfolio.domain.certification.rules.jury_rule import DecisionRule
from portfolio.domain.certification.rules.publication import CODE
from portfolio.domain.certification.rules.versioning import (
    CertificationRefusal,
    Correction,
    Value,
    copied_entry,
    differences,
)
from portfolio.domain.certification.rules.watching import proposals_of
from portfolio.errors import Conflict, Refusal


def correct_draft(session: Session, version_id: UUID, correction: Correction, *, by: UUID | None, at: datetime) -> int:
    """Save a corrected draft; answers with its new revision. Saving the same thing again changes nothing.

    Raises MalformedEntry when the JSON is no entry, Conflict when someone saved another correction meanwhile,
    and Refusal when the draft is gone or published, or when its code belongs to another certification.
    """
    version = lock_draft(session, version_id)
    entry = entry_from_json(correction.entry_json)
    if _is_same(version, entry, correction):
        return version.revision
    if version.revision != correction.revision:
        raise Conflict(_theirs(entry, version), version.revision)
    _rename(session, version, entry.code)
    version.entry = entry_as_json(entry)
    version.title = entry.title
    version.level = (entry.level or "")[:20]
    version.resolved_doubts = list(correction.settled)
    version.decision_rule = correction.decision_rule
    version.decision_threshold = correction.decision_threshold
    version.revision += 1
    record_event(
        session,
        "certification_corrected",
        ("certification_version", version.id),
        by=by,
        at=at,
        revision=version.revision,
    )
    return version.revision


def lock_draft(session: Session, version_id: UUID) -> CertificationVersion:
    """Lock a draft. Raises Refusal when it is gone, or published: a published version never changes."""
    version = session.get(CertificationVersion, version_id, with_for_update=True)
    if version is None:
        raise Refusal(CertificationRefusal.DRAFT_GONE)
    if version.published_at is not None:
        raise Refusal(CertificationRefusal.ALREADY_PUBLISHED)
    return version


def _is_same(version: CertificationVersion, entry: Entry, correction: Correction) -> bool:
    return (
        version.entry == entry_as_json(entry)
        and set(version.resolved_doubts) == set(correction.settled)
        and version.decision_rule == correction.decision_rule
        and version.decision_threshold == correction.decision_threshold
    )


def _theirs(mine: Entry, version: CertificationVersion) -> dict[str, str]:
    """Return, place by place, the stored values that differ from what was typed."""
    return {
        difference.where: _plain(difference.after) for difference in differences(entry_as_json(mine), version.entry)
    }


def _plain(value: Value) -> str:
    return "\n".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


def _rename(session: Session, version: CertificationVersion, code: str) -> None:
    """A code that was badly read can be corrected until something was published, or imported, under it."""
    certification = version.certification
    if code == certification.code:
        return
    others = exists().where(
        CertificationVersion.certification_id == certification.id, CertificationVersion.id != version.id
    )
    if session.scalar(select(others)):
        raise Refusal(CertificationRefusal.CODE_FIXED, entry_code=certification.code)
    taken = exists().where(Certification.body_id == certification.body_id, Certification.code == code)
    if session.scalar(select(taken)):
        raise Refusal(CertificationRefusal.CODE_TAKEN, entry_code=code)
    certification.code = code


def open_correction(session: Session, version_id: UUID, *, by: UUID | None, at: datetime) -> CertificationVersion:
    """Open a draft that starts as a copy of a published version; the one already open for it is the answer otherwise.

    Raises Refusal when the version is not published.
    """
    published = session.get_one(CertificationVersion, version_id)
    session.get_one(Certification, published.certification_id, with_for_update=True)
    if published.published_at is None:
        raise Refusal(CertificationRefusal.NOT_PUBLISHED)
    is_open = CertificationVersion.corrects_id == published.id, CertificationVersion.published_at.is_(None)
    if found := session.scalars(select(CertificationVersion).where(*is_open)).first():
        return found
    draft = CertificationVersion(
        certification_id=published.certification_id,
        number=next_number(session, published.certification_id),
        entry=published.entry_now(),
        source_sha256=published.source_sha256,
        resolved_doubts=list(published.resolved_doubts),
        corrects_id=published.id,
        title=published.title,
        level=published.level,
        decision_rule=published.decision_rule,
        decision_threshold=published.decision_threshold,
        imported_at=at,
    )
    session.add(draft)
    session.flush()
    record_event(session, "correction_opened", ("certification_version", draft.id), by=by, at=at, corrects=published.id)
    return draft


def next_number(session: Session, certification_id: UUID) -> int:
    """Return the number of the next version of a certification."""
    last = select(func.max(CertificationVersion.number)).where(
        CertificationVersion.certification_id == certification_id
    )
    return (session.scalar(last) or 0) + 1


def discard_draft(session: Session, version_id: UUID, *, by: UUID | None, at: datetime) -> None:
    """Give up a draft, and its certification when it has no other version.

    Raises Refusal when it is gone or published.
    """
    version = lock_draft(session, version_id)
    certification_id = version.certification_id
    session.execute(delete(CertificationVersion).where(CertificationVersion.id == version_id))
    left = exists().where(CertificationVersion.certification_id == certification_id)
    session.execute(delete(Certification).where(Certification.id == certification_id, ~left))
    record_event(session, "draft_discarded", ("certification_version", version_id), by=by, at=at, number=version.number)


@dataclass(frozen=True)
class Heading:
    """Heading that a person types first for a new certification; an empty title or level takes that of the copied
    version.
    """

    code: str
    title: str
    level: str | None = None


def create_draft(
    session: Session, body_id: UUID, entry: Entry, *, by: UUID | None, at: datetime
) -> CertificationVersion:
    """Create a certification of a body with one draft. Its read digest is empty: nothing was read.

    Raise Refusal when the code is neither one of the register nor a certifier's own, or when the body has it already.
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
    session.get_one(CertifyingBody, body_id, with_for_update=True)  # two creations of one code wait for each other
    if session.scalar(select(exists().where(Certification.body_id == body_id, Certification.code == entry.code))):
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
    record_event(session, "certification_created", ("certification_version", version.id), by=by, at=at, code=entry.code)
    return version


def propose_equivalences(session: Session, version: CertificationVersion, *, at: datetime) -> int:
    """Add what the entry of a published version suggests for the blocks that candidacies are opened on, and
    nobody proposed yet; return how many were added.
    """
    entry = version.to_entry()
    version = version.certification.offered or version
    blocks = {
        number: block_id
        for block_id, number in session.execute(select(Block.id, Block.number).where(Block.version_id == version.id))
    }
    known = {
        (row.block_id, row.other_code, row.other_block)
        for row in session.scalars(select(EquivalenceProposal).where(EquivalenceProposal.version_id == version.id))
    }
    added = 0
    for proposal in proposals_of(entry, version.certification.successor_code):
        key = (blocks.get(proposal.block), proposal.other_code, proposal.other_block)
        if key[0] is None or key in known:
            continue
        session.add(
            EquivalenceProposal(
                version_id=version.id, block_id=key[0], origin=proposal.origin,
                other_code=proposal.other_code, other_block=proposal.other_block,
                group_size=proposal.group_size, proposed_at=at,
            )
        )  # fmt: skip
        added += 1
    session.flush()
    return added
