"""Keep an entry that was read as a draft to check; nothing that was there is ever replaced.

The published version that a CASE export writes, in one query.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import Block, Certification, CertificationVersion, Competency, RegisterState
from portfolio.domain.certification.rules.case_package import (
    DOCUMENT,
    Framework,
    block_path,
    competency_path,
    part_identifier,
)
from portfolio.domain.certification.rules.doubts import ABOUT_DEDUCED
from portfolio.domain.certification.rules.entry import Entry, is_own_code
from portfolio.domain.certification.rules.entry_schema import entry_as_json
from portfolio.domain.certification.rules.jury_rule import DecisionRule
from portfolio.domain.certification.rules.publication import CODE
from portfolio.domain.certification.rules.versioning import (
    CertificationRefusal,
    ImportOutcome,
    digest_of,
    doubt_key,
    former_digests,
)
from portfolio.domain.certification.rules.watching import carry_over_decisions, content_digest
from portfolio.errors import Refusal


@dataclass(frozen=True)
class ImportResult:
    """The version that holds what was read, and what the import made of it."""

    version: CertificationVersion
    outcome: ImportOutcome

    @property
    def already_there(self) -> bool:
        """Return whether the same entry had been imported before: nothing was written."""
        return self.outcome is ImportOutcome.ALREADY_THERE


def import_entry(session: Session, body_id: UUID, entry: Entry, *, by: UUID | None, at: datetime) -> ImportResult:
    """Keep an entry as a draft of a certifying body, under the next number of its certification.

    The same entry given again changes nothing, even when its draft was corrected since: the version that was
    made from it is the answer. A draft left open is not touched: the new one stands beside it. Raises Refusal
    when the entry has no code of the register, and no code that a certifier may give.
    """
    if not CODE.fullmatch(entry.code) and not is_own_code(entry.code):
        raise Refusal(CertificationRefusal.CODE_NEEDED, entry_code=entry.code)
    session.get_one(CertifyingBody, body_id, with_for_update=True)  # two imports of one code wait for each other
    stored = entry_as_json(entry)
    # The rest of the jury's rules is deduced from their texts: a file read before it was is still the same
    # file.
    first_read = stored | _as_first_read(stored)
    digest = digest_of(first_read)
    digests = {digest, *former_digests(first_read)}
    certification = _certification(session, body_id, entry.code)
    versions = certification.versions
    same = next(
        (
            certification_version
            for certification_version in reversed(versions)
            if certification_version.source_sha256 in digests or certification_version.entry == stored
        ),
        None,
    )
    if same is not None:
        return ImportResult(same, ImportOutcome.ALREADY_THERE)
    outcome = _outcome(versions)
    base = _base_of(versions)
    kept = carry_over_decisions(base.to_entry(), entry) if base else entry
    version = CertificationVersion(
        certification=certification,
        number=max((certification_version.number for certification_version in versions), default=0) + 1,
        entry=entry_as_json(kept),
        source_sha256=digest,
        resolved_doubts=_still_settled(base, kept),
        title=kept.title,
        level=kept.level or "",
        decision_rule=base.decision_rule if base else DecisionRule.EVERY,
        decision_threshold=base.decision_threshold if base else None,
        imported_at=at,
    )
    session.add(version)
    session.flush()
    state = state_of(session, version.certification_id)
    state.content_digest, state.source_digest = content_digest(stored), ""
    record_event(session, "certification_imported", ("certification_version", version.id), by=by, at=at,
         code=entry.code, number=version.number, doubts=len(entry.doubts))  # fmt: skip
    return ImportResult(version, outcome)


def _base_of(versions: Sequence[CertificationVersion]) -> CertificationVersion | None:
    """Return the version whose decisions a new one takes over: the last published one, or the last draft."""
    last = versions[-1] if versions else None
    return next((version for version in reversed(versions) if version.published_at), last)


def _still_settled(base: CertificationVersion | None, entry: Entry) -> list[str]:
    """Return the doubts of an entry that were settled on the version before, at the same place."""
    settled = set(base.resolved_doubts) if base else set()
    return [key for doubt in entry.doubts if (key := doubt_key(doubt)) in settled]


# What readers deduce from a text since the first of them; `ABOUT_DEDUCED` says so.
DEDUCED = {"sources", "conditions", "seat_terms", "left_out", "casting_vote"}


def _as_first_read(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of an entry that readers have enriched, as they first read them."""
    jury = stored["jury"]
    return {
        "jury": None if jury is None else {key: value for key, value in jury.items() if key not in DEDUCED},
        "routes": [{key: value for key, value in route.items() if key != "rule"} for route in stored["routes"]],
        "doubts": [doubt for doubt in stored["doubts"] if doubt["what"] not in ABOUT_DEDUCED],
    }


def _certification(session: Session, body_id: UUID, code: str) -> Certification:
    found = session.scalar(
        select(Certification)
        .where(Certification.body_id == body_id, Certification.code == code)
        .options(selectinload(Certification.versions))
    )
    return found or Certification(body_id=body_id, code=code, versions=[])


def _outcome(versions: Sequence[CertificationVersion]) -> ImportOutcome:
    if not versions:
        return ImportOutcome.FIRST
    if any(version.published_at is None for version in versions):
        return ImportOutcome.BESIDE_A_DRAFT
    return ImportOutcome.NEXT


def framework_of(session: Session, version_id: UUID, address: str) -> Framework | None:
    """Return a published version as the rules export it, its parts named under an address; None for a draft."""
    version = session.scalar(_with_owner().where(CertificationVersion.id == version_id))
    return _framework(version, address) if version is not None and version.published_at else None


def list_frameworks(session: Session, address: str, *, limit: int, offset: int) -> list[Framework]:
    """Return the published versions of every body, in the order of their publication, in one query."""
    query = _with_owner().where(CertificationVersion.published_at.is_not(None), CertificationVersion.is_offered)
    in_order = query.order_by(CertificationVersion.published_at, CertificationVersion.id)
    return [_framework(version, address) for version in session.scalars(in_order.limit(limit).offset(offset))]


def _with_owner() -> Select[CertificationVersion]:
    owner = joinedload(CertificationVersion.certification).joinedload(Certification.body)
    return select(CertificationVersion).options(owner)


def _framework(version: CertificationVersion, address: str) -> Framework:
    certification = version.certification
    assert version.published_at is not None
    return Framework(
        certification_id=certification.id,
        code=certification.code,
        number=version.number,
        creator=certification.body.name,
        published_at=version.published_at,
        address=address,
        entry=version.to_entry(),
    )


def find_framework(session: Session, identifier: str, address: str) -> Framework | None:
    """Return the published version of which a document or an item has this identifier; None when none has."""
    rows = session.execute(
        select(Certification.id, Certification.code, CertificationVersion.number, CertificationVersion.id)
        .join(CertificationVersion.certification)
        .where(CertificationVersion.is_offered)
    )
    places: dict[UUID, list[str]] = defaultdict(list)
    for version_id, block, competency in session.execute(
        select(Block.version_id, Block.number, Competency.number).join(Competency.block)
    ):
        places[version_id] += [block_path(block), competency_path(block, competency)]
    found = next(
        (
            version_id
            for certification_id, code, number, version_id in rows
            if any(
                part_identifier(certification_id, code, number, path) == identifier
                for path in (DOCUMENT, *dict.fromkeys(places[version_id]))
            )
        ),
        None,
    )
    return framework_of(session, found, address) if found else None


def state_of(session: Session, certification_id: UUID) -> RegisterState:
    """Return the row of a certification, empty when nothing was read yet."""
    found = session.scalar(select(RegisterState).where(RegisterState.certification_id == certification_id))
    if found is None:
        found = RegisterState(certification_id=certification_id, content_digest="", source_digest="")
        session.add(found)
        session.flush()
    return found
