"""Content of the pages of certifications, each in a constant number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certification.readers.cncp_text.jury import jury_text
from portfolio.domain.certification.rules.entry import Entry, EntryBlock, is_own_code
from portfolio.domain.certification.rules.entry_schema import entry_as_json, entry_from_json
from portfolio.domain.certification.rules.jury_rule import DecisionRule
from portfolio.domain.certification.rules.publication import (
    CertifierIdentity,
    PublicationError,
    Timeline,
    publication_errors,
    timeline_of,
    unanswered_errors,
)
from portfolio.domain.certification.rules.registration import registration_covering
from portfolio.domain.certification.rules.versioning import Correction, unresolved_doubts
from portfolio.domain.certification.rules.watching import Change, entry_changes
from portfolio.domain.certification.use_cases.jury_rules import RuleOfRoutes, rules_of, with_jury_rules
from portfolio.domain.certification.use_cases.publishing import certifier_of, updated_version
from portfolio.domain.certification.use_cases.watching import noticed_successors
from portfolio.domain.holdings.use_cases.proposals import list_identical_blocks


@dataclass(frozen=True)
class VersionSummary:
    """One version in a list."""

    id: UUID
    number: int
    title: str
    imported_at: datetime
    published_at: datetime | None
    blocks: int
    competencies: int
    doubts_left: int
    faults: int
    corrects: int | None
    is_by_hand: bool
    registered_until: date | None
    # Published with blocks of its own: candidacies are opened on it.
    is_offered: bool


@dataclass(frozen=True)
class CertificationSummary:
    """One certification in a list, its versions from the latest."""

    id: UUID
    code: str
    successor_code: str | None
    versions: tuple[VersionSummary, ...]

    @property
    def published(self) -> VersionSummary | None:
        """Return the latest published version."""
        return next((version for version in self.versions if version.published_at), None)

    @property
    def offered(self) -> VersionSummary | None:
        """Return the latest version that candidacies are opened on."""
        return next((version for version in self.versions if version.is_offered), None)

    @property
    def drafts(self) -> list[VersionSummary]:
        """Return the drafts left to finish."""
        return [version for version in self.versions if version.published_at is None]

    @property
    def title(self) -> str:
        """Return what it is called: as published, else as read."""
        return (self.published or self.versions[0]).title


def summaries_of(rows: Iterable[Certification]) -> list[CertificationSummary]:
    """Return the summaries of certifications whose versions are loaded."""
    return [CertificationSummary(row.id, row.code, row.successor_code, _rows(row.versions)) for row in rows]


def _rows(versions: Sequence[CertificationVersion]) -> tuple[VersionSummary, ...]:
    numbers = {version.id: version.number for version in versions}
    return tuple(
        _row(version, numbers.get(version.corrects_id) if version.corrects_id else None)
        for version in reversed(versions)
    )


def _row(version: CertificationVersion, corrects: int | None) -> VersionSummary:
    entry = version.to_entry()
    return VersionSummary(
        id=version.id,
        number=version.number,
        title=version.title,
        imported_at=version.imported_at,
        published_at=version.published_at,
        blocks=len(entry.blocks),
        competencies=sum(len(block.competencies) for block in entry.blocks),
        doubts_left=len(unresolved_doubts(entry, version.resolved_doubts)),
        faults=len(publication_errors(entry)),
        corrects=corrects,
        is_by_hand=version.is_by_hand,
        registered_until=entry.registered_until,
        is_offered=version.is_offered,
    )


@dataclass(frozen=True)
class Draft:
    """A draft, whole, for the screens that correct and publish it."""

    id: UUID
    code: str
    number: int
    title: str
    revision: int
    imported_at: datetime
    is_by_hand: bool
    entry: Entry
    settled: frozenset[str]
    decision_rule: DecisionRule
    decision_threshold: int | None
    corrects: VersionSummary | None
    beside: tuple[VersionSummary, ...]
    changes: tuple[Change, ...]
    body: CertifierIdentity
    # The version that the changes are told from: the one that it corrects, else the latest published one.
    compared: VersionSummary | None = None
    # The version that it only brings up to date with the register: it makes no block.
    updates: VersionSummary | None = None

    @property
    def state(self) -> Correction:
        """Return what a person has before them when they correct it."""
        stored = entry_as_json(self.entry)
        return Correction(
            stored, self.revision, tuple(sorted(self.settled)), self.decision_rule, self.decision_threshold
        )

    @property
    def is_own(self) -> bool:
        """Return whether the body gave the code itself: no entry of the register names a certifier."""
        return is_own_code(self.code)

    @property
    def jury_text(self) -> str:
        """Return the jury that the rule is read in, as the entry writes it."""
        return jury_text(self.entry)

    @property
    def faults(self) -> list[PublicationError]:
        """Return what prevents its publication."""
        return [*publication_errors(self.entry), *unanswered_errors(self.entry, self.settled, self.body)]


def find_draft(session: Session, version_id: UUID) -> Draft | None:
    """A draft with what it corrects and the drafts beside it; None when it is gone or published."""
    version = _whole(session, version_id)
    if version is None or version.published_at is not None:
        return None
    versions = version.certification.versions
    corrected = next(
        (
            certification_version
            for certification_version in versions
            if certification_version.id == version.corrects_id
        ),
        None,
    )
    compared = corrected or next(
        (certification_version for certification_version in reversed(versions) if certification_version.published_at),
        None,
    )
    return Draft(
        id=version.id,
        code=version.certification.code,
        number=version.number,
        title=version.title,
        revision=version.revision,
        imported_at=version.imported_at,
        is_by_hand=version.is_by_hand,
        entry=version.to_entry(),
        settled=frozenset(version.resolved_doubts),
        decision_rule=version.decision_rule,
        decision_threshold=version.decision_threshold,
        corrects=_row(corrected, None) if corrected else None,
        beside=tuple(
            _row(certification_version, None)
            for certification_version in versions
            if certification_version.published_at is None and certification_version.id != version.id
        ),
        changes=tuple(_changes(compared, version)) if compared else (),
        body=certifier_of(session, version.certification.body_id),
        compared=_row(compared, None) if compared else None,
        updates=_row(updated, None) if (updated := updated_version(version)) else None,
    )


def _changes(before: CertificationVersion, after: CertificationVersion) -> list[Change]:
    decisions = [(row.decision_rule, row.decision_threshold) for row in (before, after)]
    decided = [Change("decision", *decisions)] if decisions[0] != decisions[1] else []
    return [*entry_changes(entry_from_json(before.entry_now()), after.to_entry()), *decided]


def blocks_of(session: Session, version_id: UUID) -> tuple[str, tuple[EntryBlock, ...]]:
    """Return the code of a version and its blocks, draft or published."""
    version = session.get_one(CertificationVersion, version_id)
    return version.to_entry().code, version.to_entry().blocks


def _whole(session: Session, version_id: UUID, *more: ORMOption) -> CertificationVersion | None:
    return session.scalar(
        select(CertificationVersion)
        .where(CertificationVersion.id == version_id)
        .options(
            joinedload(CertificationVersion.certification)
            .selectinload(Certification.versions)
            .selectinload(CertificationVersion.blocks),
            *more,
        )
    )


@dataclass(frozen=True)
class VersionPageData:
    """A published version, as its page shows it."""

    id: UUID
    certification_id: UUID
    code: str
    successor_code: str | None
    number: int
    title: str
    published_at: datetime
    is_by_hand: bool
    entry: Entry
    decision_rule: DecisionRule
    decision_threshold: int | None
    versions: tuple[VersionSummary, ...]
    today: date
    jury_rules: tuple[RuleOfRoutes, ...] = ()
    # What a watch of the register named since, and nobody dismissed.
    noticed_successors: tuple[str, ...] = ()
    # Blocks of other versions in the same words, which nobody ruled on yet.
    identical_blocks: int = 0

    @property
    def is_own(self) -> bool:
        """Return whether the body gave the code itself: there is no entry of the register."""
        return is_own_code(self.code)

    @property
    def is_registered(self) -> bool:
        """Return whether the register holds the entry today."""
        return registration_covering(self.entry.registrations, self.today) is not None

    @property
    def proposed_successor(self) -> str | None:
        """Return the entry that the register names after this one, for a person to confirm; None for none
        or several.
        """
        successors = {*(self.entry.details.successors if self.entry.details else ()), *self.noticed_successors}
        return successors.pop() if len(successors) == 1 and not self.successor_code else None

    @property
    def timeline(self) -> Timeline | None:
        """Its registrations laid out, to be drawn."""
        return timeline_of(self.entry.registrations, self.today)

    @property
    def latest(self) -> VersionSummary:
        """Return the latest version that candidacies are opened on."""
        published = (version for version in self.versions if version.published_at)
        return next((version for version in self.versions if version.is_offered), next(published))

    @property
    def is_offered(self) -> bool:
        """Return whether candidacies are opened on it; a version without blocks only updates another."""
        return any(version.id == self.id for version in self.versions if version.is_offered)

    @property
    def draft(self) -> VersionSummary | None:
        """A draft left open beside it."""
        return next((version for version in self.versions if version.published_at is None), None)


def find_version_page(session: Session, version_id: UUID, today: date) -> VersionPageData | None:
    """Everything the page of a published version shows; None for a draft. Six queries."""
    version = _whole(session, version_id, *with_jury_rules())
    if version is None or version.published_at is None:
        return None
    certification = version.certification
    return VersionPageData(
        id=version.id,
        certification_id=certification.id,
        code=certification.code,
        successor_code=certification.successor_code,
        number=version.number,
        title=version.title,
        published_at=version.published_at,
        is_by_hand=version.is_by_hand,
        entry=entry_from_json(version.entry_now()),
        decision_rule=version.decision_rule,
        decision_threshold=version.decision_threshold,
        versions=_rows(certification.versions),
        today=today,
        jury_rules=rules_of(version),
        noticed_successors=noticed_successors(session, certification.id),
        identical_blocks=len(list_identical_blocks(session, version.id)),
    )
