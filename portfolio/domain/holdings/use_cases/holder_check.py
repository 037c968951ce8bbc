"""Compare the lines of a spreadsheet of holders with what is recorded: certifications, proofs, blocks already
held.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.holdings.models.prior import HolderImportFile
from portfolio.domain.holdings.rules.facts import GrantingEvent
from portfolio.domain.holdings.rules.prior_lines import Column, FoundFault, HolderFault, HolderLine
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.holdings.rules.validity import event_since, lasts_until
from portfolio.domain.holdings.use_cases.holdings import HeldByPerson, load_held_by_person
from portfolio.domain.holdings.use_cases.prior_holdings import load_prior_holdings
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing, is_current_hearing
from portfolio.domain.submission.models import Submission, SubmittedBlock, is_superseded


@dataclass(frozen=True, slots=True)
class NamedBlock:
    """A block of a published version."""

    id: UUID
    number: int
    title: str


@dataclass(frozen=True, slots=True)
class AssessedLine:
    """A line with the blocks that it would write, those that are held already, and the file that proves it;
    or its faults.
    """

    line: HolderLine
    blocks: tuple[NamedBlock, ...]
    skipped: tuple[NamedBlock, ...]
    file: HolderImportFile | None
    faults: tuple[FoundFault, ...]


@dataclass
class _Known:
    """What is recorded about the certifications of a body and the people of the lines."""

    # Code → number of the version → its blocks.
    blocks: Mapping[str, Mapping[int, tuple[NamedBlock, ...]]]
    people: Mapping[str, UUID]
    held: HeldByPerson
    suspended: Collection[tuple[UUID, UUID]]
    waiting: Collection[tuple[UUID, UUID]]
    # Whose block → the acts of the holdings of before that are recorded.
    before: Mapping[tuple[UUID, UUID], Sequence[GrantingEvent]]
    # Whose block → the last line of this file that gives it.
    given: dict[tuple[str, UUID], HolderLine] = field(default_factory=dict)


def assess(
    session: Session, body_id: UUID, lines: Sequence[HolderLine], files: Sequence[HolderImportFile]
) -> list[AssessedLine]:
    """Say of each line what it would write, in the order of the lines and in a constant number of queries."""
    known = _load_known(session, body_id, lines)
    return [_assessed(line, known, files) for line in lines]


def _load_known(session: Session, body_id: UUID, lines: Sequence[HolderLine]) -> _Known:
    emails = {line.email for line in lines}
    people = {
        row.email: row.id
        for row in session.execute(select(Person.email, Person.id).where(Person.email.in_(emails)))
    }
    ids = set(people.values())
    held = load_held_by_person(session, ids)
    before: defaultdict[tuple[UUID, UUID], list[GrantingEvent]] = defaultdict(list)
    for holding in load_prior_holdings(session, *ids):
        if holding.ended_on is None:
            before[holding.person_id, holding.block_id].append(holding.act)
    return _Known(
        blocks=_load_blocks(session, body_id),
        people=people,
        held=held,
        suspended={grant.of for grant in held.grants if grant.status is GrantStatus.SUSPENDED},
        waiting=_load_waiting(session, ids),
        before=before,
    )


def _load_blocks(session: Session, body_id: UUID) -> dict[str, dict[int, tuple[NamedBlock, ...]]]:
    query = (
        select(Certification.code, CertificationVersion.number, Block.id, Block.number, Block.title)
        .join(CertificationVersion, CertificationVersion.certification_id == Certification.id)
        .join(Block, Block.version_id == CertificationVersion.id)
        .where(Certification.body_id == body_id, CertificationVersion.published_at.is_not(None))
        .order_by(Certification.code, CertificationVersion.number, Block.number)
    )
    found: defaultdict[str, defaultdict[int, list[NamedBlock]]] = defaultdict(lambda: defaultdict(list))
    for code, version, block_id, number, title in session.execute(query):
        found[code][version].append(NamedBlock(block_id, number, title))
    return {
        code: {number: tuple(blocks) for number, blocks in versions.items()}
        for code, versions in found.items()
    }


def _load_waiting(session: Session, people: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Return whose block is before a jury whose minutes are not closed."""
    judged = exists().where(Minutes.hearing_id == Hearing.id, is_current_hearing())
    query = (
        select(Candidacy.candidate_id, SubmittedBlock.block_id)
        .join(Submission, Submission.id == SubmittedBlock.submission_id)
        .join(Candidacy, Candidacy.id == Submission.candidacy_id)
        .where(Candidacy.candidate_id.in_(people), ~judged, ~is_superseded())
    )
    return {(row[0], row[1]) for row in session.execute(query)}


def _assessed(line: HolderLine, known: _Known, files: Sequence[HolderImportFile]) -> AssessedLine:
    file, faults = _file(line, files)
    named, block_faults = _blocks(line, known)
    kept: list[NamedBlock] = []
    skipped: list[NamedBlock] = []
    held_faults: list[FoundFault] = []
    for block in named:
        fault = _obstacle(line, block, known)
        (skipped if fault else kept).append(block)
        held_faults += [fault] if fault else []
    faults += block_faults
    if not kept or line.block is not None:
        faults += held_faults[:1]
    elif any(fault.what in (HolderFault.SUSPENDED, HolderFault.BEFORE_JURY) for fault in held_faults):
        faults += [
            fault for fault in held_faults if fault.what in (HolderFault.SUSPENDED, HolderFault.BEFORE_JURY)
        ][:1]
    if not faults:
        known.given.update({(line.email, block.id): line for block in kept})
    return AssessedLine(line, tuple(kept), tuple(skipped), file, tuple(faults))


def _file(
    line: HolderLine, files: Sequence[HolderImportFile]
) -> tuple[HolderImportFile | None, list[FoundFault]]:
    """Return the proof that a line names, or the only one of the import where it names none."""
    if line.file_name:
        file = next(
            (
                import_file
                for import_file in files
                if import_file.file_name.casefold() == line.file_name.casefold()
            ),
            None,
        )
        return file, [] if file else [FoundFault(HolderFault.UNKNOWN_FILE, Column.FILE, (line.file_name,))]
    if len(files) == 1:
        return files[0], []
    return None, [FoundFault(HolderFault.SEVERAL_FILES if files else HolderFault.NO_FILE, Column.FILE)]


def _blocks(line: HolderLine, known: _Known) -> tuple[tuple[NamedBlock, ...], list[FoundFault]]:
    versions = known.blocks.get(line.code, {})
    if not versions:
        return (), [FoundFault(HolderFault.UNKNOWN_CERTIFICATION, Column.CERTIFICATION, (line.code,))]
    if line.version is None and len(versions) > 1:
        return (), [
            FoundFault(
                HolderFault.SEVERAL_VERSIONS, Column.VERSION, tuple(str(number) for number in versions)
            )
        ]
    number = line.version if line.version is not None else next(iter(versions))
    blocks = versions.get(number)
    if blocks is None:
        return (), [
            FoundFault(
                HolderFault.SEVERAL_VERSIONS, Column.VERSION, tuple(str(version) for version in versions)
            )
        ]
    if line.block is None:
        return blocks, []
    named = tuple(block for block in blocks if block.number == line.block)
    numbers = tuple(str(block.number) for block in blocks)
    return named, [] if named else [
        FoundFault(HolderFault.UNKNOWN_BLOCK, Column.BLOCK, (str(line.block), *numbers))
    ]


def _obstacle(line: HolderLine, block: NamedBlock, known: _Known) -> FoundFault | None:
    """Return what forbids to record a block that a line gives: nobody holds a block twice, unless its
    validity had ended before it was obtained again.
    """
    number, day = str(block.number), line.obtained_on
    earlier = known.given.get((line.email, block.id))
    if earlier is not None and lasts_until(day, earlier.valid_until):
        return FoundFault(HolderFault.TWICE, None, (str(earlier.number),))
    person = known.people.get(line.email)
    if person is None:
        return None
    key = (person, block.id)
    if (recorded := event_since(day, known.before.get(key, ()))) is not None:
        return FoundFault(HolderFault.ALREADY_RECORDED, None, (number, recorded.on.isoformat()))
    if block.id in known.held.blocks_since(person, day):
        return FoundFault(HolderFault.ALREADY_HELD, None, (number,))
    if key in known.suspended:
        return FoundFault(HolderFault.SUSPENDED, None, (number,))
    return FoundFault(HolderFault.BEFORE_JURY, None, (number,)) if key in known.waiting else None
