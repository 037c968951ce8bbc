"""Publish a draft: its blocks, competencies and registrations become rows, and never change again.

Read the blocks of versions, once in a session for a published version: they never change.
"""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import (
    Block,
    Certification,
    CertificationVersion,
    Competency,
    RegistrationPeriod,
    WordTemplate,
)
from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.entry_schema import entry_from_json
from portfolio.domain.certification.rules.publication import (
    CODE,
    CertifierIdentity,
    publication_errors,
    unanswered_errors,
)
from portfolio.domain.certification.rules.versioning import CertificationRefusal
from portfolio.domain.certification.rules.watching import is_register_update
from portfolio.domain.certification.use_cases.drafting import lock_draft, next_number, propose_equivalences
from portfolio.domain.certification.use_cases.jury_rules import write_jury_rules
from portfolio.domain.certification.use_cases.partners import add_missing_partners
from portfolio.errors import Refusal
from portfolio.files.storage.store import StoredFile


def publish(
    session: Session, version_id: UUID, *, by: UUID | None, at: datetime, seen_revision: int | None = None
) -> CertificationVersion:
    """Freeze a draft into a published version, which nothing changes any more.

    One that touches no block, rule nor document of the version before makes none: candidacies, sessions and grants stay
    on that version, whose dates it brings up to date. `seen_revision` is what the person read before confirming. Raises
    Refusal when the draft is gone, published or changed since, or when something prevents its publication (`faults`: a
    list of PublicationError).
    """
    version = lock_draft(session, version_id)
    if seen_revision is not None and seen_revision != version.revision:
        raise Refusal(CertificationRefusal.DRAFT_CHANGED)
    entry = version.to_entry()
    body = certifier_of(session, version.certification.body_id)
    if faults := [*publication_errors(entry), *unanswered_errors(entry, version.resolved_doubts, body)]:
        raise Refusal(CertificationRefusal.NOT_PUBLISHABLE, faults=faults)
    updated = updated_version(version)
    session.add_all(_registrations(version.id, entry))
    if updated is None:
        session.add_all(_blocks(version.id, entry))
        write_jury_rules(session, version.id, entry)
    # Rows first, the seal last: once a version is published, the database refuses to give it more rows.
    session.flush()
    _renumber(session, version)
    version.published_at = at
    session.flush()
    session.expire(version, ["blocks", "registrations", "jury_routes"])
    session.expire(version.certification, ["versions", "registrations"])
    _follow_register(session, version, entry, at=at)
    record_event(session, "certification_published", ("certification_version", version.id), by=by, at=at,
         code=entry.code, number=version.number, blocks=0 if updated else len(entry.blocks))  # fmt: skip
    return version


def updated_version(draft: CertificationVersion) -> CertificationVersion | None:
    """Return the version that a draft only brings up to date with the register; None when it changes more."""
    offered = draft.certification.offered
    if offered is None or (offered.decision_rule, offered.decision_threshold) != (
        draft.decision_rule,
        draft.decision_threshold,
    ):
        return None
    return offered if is_register_update(entry_from_json(offered.entry_now()), draft.to_entry()) else None


def certifier_of(session: Session, body_id: UUID) -> CertifierIdentity:
    """Return a body as the register would name it."""
    body = session.get_one(CertifyingBody, body_id)
    return CertifierIdentity((body.name,), body.siret or "")


def _follow_register(session: Session, version: CertificationVersion, entry: Entry, *, at: datetime) -> None:
    """Take the partners and the proposed equivalences of an entry that is published."""
    propose_equivalences(session, version, at=at)
    if entry.details is not None:
        add_missing_partners(session, version.certification_id, entry.details.partners)


def _blocks(version_id: UUID, entry: Entry) -> list[Block]:
    return [
        Block(
            version_id=version_id,
            number=block.number,
            title=block.title,
            assessments=list(block.assessments),
            decision_rule=block.decision_rule,
            decision_threshold=block.decision_threshold,
            validity_months=block.validity_months,
            option=block.option or None,
            options_needed=entry.options_needed if block.option else None,
            competencies=[
                Competency(number=competency.number, text=competency.text, alias=competency.alias)
                for competency in block.competencies
            ],
        )
        for block in entry.blocks
    ]


def _registrations(version_id: UUID, entry: Entry) -> list[RegistrationPeriod]:
    """Registrations without a date never come here: they prevent publication."""
    return [
        RegistrationPeriod(
            version_id=version_id,
            title=registration.title,
            act=registration.act,
            starts_on=registration.since or date.min,
            ends_on=registration.until or date.max,
        )
        for registration in entry.registrations
    ]


def _renumber(session: Session, version: CertificationVersion) -> None:
    """Give the highest number to the draft published last, of two: the latest version is the latest word."""
    last = session.scalar(
        select(func.max(CertificationVersion.number)).where(
            CertificationVersion.certification_id == version.certification_id,
            CertificationVersion.published_at.is_not(None),
        )
    )
    if last is not None and last > version.number:
        version.number = next_number(session, version.certification_id)


def name_successor(session: Session, certification_id: UUID, code: str, *, by: UUID | None, at: datetime) -> None:
    """Name the entry that follows this one (R9), at any time; an empty code names none.

    Versions are not touched. Raises Refusal when the code is not one of the register, or is the certification's own.
    """
    certification = session.get_one(Certification, certification_id, with_for_update=True)
    if code and not CODE.fullmatch(code):
        raise Refusal(CertificationRefusal.SUCCESSOR_FORM, entry_code=code)
    if code == certification.code:
        raise Refusal(CertificationRefusal.SUCCESSOR_IS_ITSELF)
    if (certification.successor_code or "") == code:
        return
    certification.successor_code = code or None
    published = next((version for version in reversed(certification.versions) if version.published_at), None)
    if published is not None:
        propose_equivalences(session, published, at=at)
    record_event(session, "successor_named", ("certification", certification.id), by=by, at=at, successor=code)


Blocks = tuple[Block, ...]
_KNOWN = "version_blocks"  # the blocks of the published versions that a session has read
_BLOCKS = (
    select(Block, CertificationVersion.published_at)
    .join(Block.version)
    .where(Block.version_id.in_(bindparam("versions", expanding=True)))
    .order_by(Block.version_id, Block.number)
    .options(joinedload(Block.competencies))
)


def load_blocks(session: Session, version_id: UUID) -> Blocks:
    """List the blocks of a version with their competencies, in the order of the certification."""
    return load_blocks_by_version(session, (version_id,))[version_id]


def load_blocks_by_version(session: Session, versions: Collection[UUID]) -> dict[UUID, Blocks]:
    """List the same for each of several versions."""
    known: dict[UUID, Blocks] = session.info.setdefault(_KNOWN, {})
    wanted = [version_id for version_id in versions if version_id not in known]
    found: dict[UUID, list[Block]] = {version_id: [] for version_id in wanted}
    published = set()
    for block, published_at in session.execute(_BLOCKS, {"versions": wanted}).unique() if wanted else ():
        found[block.version_id].append(block)
        if published_at is not None:
            published.add(block.version_id)
    known |= {version_id: tuple(found[version_id]) for version_id in published}
    return {version_id: known.get(version_id) or tuple(found[version_id]) for version_id in versions}


def find_template(session: Session, version_id: UUID) -> WordTemplate | None:
    """Find the template of a version: its own, or that of the nearest earlier version of its certification
    that has one.
    """
    version = session.execute(
        select(CertificationVersion.certification_id, CertificationVersion.number).where(
            CertificationVersion.id == version_id
        )
    ).one()
    row: WordTemplate | None = session.scalar(
        select(WordTemplate)
        .join(WordTemplate.version)
        .where(
            CertificationVersion.certification_id == version.certification_id,
            CertificationVersion.number <= version.number,
        )
        .order_by(CertificationVersion.number.desc())
        .limit(1)
    )
    return row


def set_template(
    session: Session, version_id: UUID, name: str, file: StoredFile, *, by: UUID, at: datetime
) -> str | None:
    """Give a version a template, in the place of its own; return the key of the file that no row names any more."""
    row = _lock(session, version_id)
    replaced = row.key if row is not None else None
    if row is None:
        row = WordTemplate(version_id=version_id, revision=0)
        session.add(row)
    row.key, row.name, row.size, row.sha256 = file.key, name, file.size, file.sha256
    row.revision, row.uploaded_at, row.uploaded_by = row.revision + 1, at, by
    record_event(session, "word_template_set", ("certification_version", version_id), by=by, at=at)
    return replaced


def remove_template(session: Session, version_id: UUID, *, by: UUID, at: datetime) -> str | None:
    """Take back the template of a version; return the key of the file that no row names any more."""
    row = _lock(session, version_id)
    if row is None:
        return None
    session.delete(row)
    record_event(session, "word_template_removed", ("certification_version", version_id), by=by, at=at)
    return row.key


def _lock(session: Session, version_id: UUID) -> WordTemplate | None:
    session.get_one(CertificationVersion, version_id, with_for_update=True)
    return session.get(WordTemplate, version_id)
