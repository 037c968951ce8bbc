"""Content of the pages of evidence."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, func, or_, select, true
from sqlalchemy.orm import Session, aliased, joinedload

from portfolio.db.engine import fetch_together, today_of
from portfolio.db.together import Together
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.dossier.models.attestation import Attestation
from portfolio.domain.dossier.models.dossier import Claim, Dossier, Experience
from portfolio.domain.dossier.models.evidence import DismissedHint, Evidence, EvidenceFile, is_private
from portfolio.domain.dossier.rules.anchors import anchors_from_json
from portfolio.domain.dossier.rules.description import (
    Advice,
    BlockStatus,
    CoverNote,
    EvidenceChange,
    MissingFact,
    PieceClaim,
    hints_for,
    is_frozen,
    missing_facts,
)
from portfolio.domain.dossier.rules.rendition import QuarantineState
from portfolio.domain.dossier.use_cases.conversions import file_facts, shown_of
from portfolio.domain.dossier.use_cases.draft_lock import block_status
from portfolio.domain.dossier.use_cases.draft_rows import ClaimDetails, EvidenceSummary, evidence_summary
from portfolio.domain.holdings.use_cases.holdings import block_statuses_among


@dataclass(frozen=True, slots=True)
class SameEvidence:
    """Another piece of the same dossier, whose current file is the same, byte for byte."""

    id: UUID
    number: int
    title: str


@dataclass(frozen=True, slots=True)
class FileVersion:
    """One version of a file."""

    number: int
    name: str
    mime: str
    family: str
    pages: int | None
    size: int
    sha256: str
    received_at: datetime
    key: str
    # It was received while the antivirus did not answer; None of a file that was scanned.
    apart: QuarantineState | None = None


@dataclass(frozen=True, slots=True)
class EvidenceClaim:
    """A claim on the page of its piece."""

    claim: ClaimDetails
    label: str
    text: str
    block: int
    # A block held for ever, or that waits for the certifier's word, has its page closed (R6, R10).
    status: BlockStatus

    @property
    def held(self) -> bool:
        """Tell whether its block is held for ever."""
        return self.status is BlockStatus.HELD

    @property
    def suspended(self) -> bool:
        """Tell whether its block waits for the certifier's word."""
        return self.status is BlockStatus.SUSPENDED

    @property
    def is_open(self) -> bool:
        """Tell whether something is to prove there."""
        return self.status is BlockStatus.OPEN


@dataclass(frozen=True, slots=True)
class Masked:
    """Answer to whether the current version waits for its masks to be applied, and the versions in which something
    is masked.
    """

    is_pending: bool = False
    versions: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class EvidencePageData:
    """Everything the page of a piece shows."""

    view: EvidenceSummary
    said: CoverNote
    experience: str
    files: tuple[FileVersion, ...]
    claims: tuple[EvidenceClaim, ...]
    missing: tuple[MissingFact, ...]
    advice: tuple[Advice, ...]
    # Signed by a third party: it is neither described nor replaced.
    collected: bool
    # The other pieces that have the same file, by number.
    same: tuple[SameEvidence, ...] = ()
    # A deposit does not take it: « ne pas joindre ».
    is_left_out: bool = False
    masking: Masked = field(default_factory=lambda: Masked())
    # The hints that the candidate set aside, each with its word.
    dismissed: tuple[tuple[Advice, str], ...] = ()

    def stays_for(self, touch: EvidenceChange) -> int | None:
        """Return the number of the suspended block for whose sake the piece stays as it is; None when it may be
        touched.
        """
        if not is_frozen(touch, [claim.status for claim in self.claims]):
            return None
        return next(claim.block for claim in self.claims if claim.suspended)


def find_evidence_page(
    session: Session, candidacy_id: UUID, evidence_id: UUID, today: date, *, own: bool = True
) -> EvidencePageData | None:
    """Answer the page of a piece of this candidacy; None for any other, and for one that was removed.

    Without `own`, for others than the candidate: the versions that only the candidate reads are not there.
    """
    row = session.scalar(
        select(Evidence)
        .where(Evidence.id == evidence_id, Evidence.candidacy_id == candidacy_id, Evidence.removed_at.is_(None))
        .options(joinedload(Evidence.files))
    )
    if row is None:
        return None
    about = {"evidence": evidence_id, "sha256": row.file.sha256}
    told, dismissals, attested, others, experiences = fetch_together(session, _facts(), about)
    of_file = {fact.id: fact for fact in told}
    view = evidence_summary(row, row.file, shown_of(of_file[row.file.id]))
    claims = _claims(session, candidacy_id, evidence_id)
    claim_texts = [PieceClaim(claim.claim.passage, claim.claim.comment) for claim in claims]
    read = [file for file in reversed(row.files) if own or not of_file[file.id].is_private]
    files = tuple(_version(file, of_file[file.id].apart) for file in read)
    aside = {dismissal.hint: dismissal.reason for dismissal in dismissals}
    hints = hints_for(view.piece, claim_texts, today)
    advice = tuple(hint for hint in hints if hint.hint not in aside)
    dismissed = tuple((hint, aside[hint.hint]) for hint in hints if hint.hint in aside)
    experience = next((f"{found.post}, {found.structure}" for found in experiences), "")
    same = tuple(sorted((SameEvidence(*other) for other in others), key=attrgetter("number")))
    missing, left_out = missing_facts(view.piece), bool(row.is_left_out)
    masked = frozenset(file.number for file in read if of_file[file.id].masks)
    masking = Masked(of_file[row.file.id].is_private, masked)
    return EvidencePageData(
        view,
        _description(row),
        experience,
        files,
        claims,
        missing,
        advice,
        bool(attested),
        same,
        left_out,
        masking,
        dismissed,
    )


@cache
def _facts() -> Together:
    """Return what is read beside a piece: of each of its versions, the hints set aside, its attestation, the other
    pieces whose current file is the same, and its experience.
    """
    piece: BindParameter[UUID] = bindparam("evidence")
    latest = select(func.max(EvidenceFile.number)).where(EvidenceFile.evidence_id == Evidence.id).scalar_subquery()
    same = EvidenceFile.sha256 == bindparam("sha256"), EvidenceFile.number == latest.correlate(Evidence)
    of_dossier = select(Evidence.candidacy_id).where(Evidence.id == piece).scalar_subquery()
    other = aliased(Evidence)
    return Together(
        file_facts().where(EvidenceFile.evidence_id == piece),
        select(DismissedHint.hint, DismissedHint.reason).where(DismissedHint.evidence_id == piece),
        select(Attestation.id).where(or_(Attestation.evidence_id == piece, Attestation.attachment_id == piece)),
        select(Evidence.id, Evidence.number, Evidence.title)
        .join(Evidence.files)
        .where(Evidence.candidacy_id == of_dossier, Evidence.removed_at.is_(None), Evidence.id != piece, *same),
        select(Experience.post, Experience.structure)
        .join(other, other.experience_id == Experience.id)
        .where(other.id == piece),
    )


def find_same_files(session: Session, candidacy_id: UUID, digests: Collection[str]) -> dict[str, SameEvidence]:
    """Return, by digest, the first piece of the dossier whose current file has it."""
    latest = select(func.max(EvidenceFile.number)).where(EvidenceFile.evidence_id == Evidence.id).scalar_subquery()
    rows = session.execute(
        select(EvidenceFile.sha256, Evidence.id, Evidence.number, Evidence.title)
        .join(EvidenceFile.evidence)
        .where(Evidence.candidacy_id == candidacy_id, Evidence.removed_at.is_(None), EvidenceFile.sha256.in_(digests))
        .where(EvidenceFile.number == latest.correlate(Evidence))
        .order_by(Evidence.number.desc())
    )
    return {sha256: SameEvidence(key, number, title) for sha256, key, number, title in rows}


def find_file(session: Session, candidacy_id: UUID, evidence_id: UUID, number: int, *, own: bool) -> FileVersion | None:
    """Answer one version of the file of a piece of this candidacy; None for any other, and once the piece is removed.

    Without `own`, None for a version that only the candidate reads too.
    """
    row = session.scalar(
        select(EvidenceFile)
        .join(EvidenceFile.evidence)
        .where(
            Evidence.id == evidence_id,
            Evidence.candidacy_id == candidacy_id,
            Evidence.removed_at.is_(None),
            EvidenceFile.number == number,
            true() if own else ~is_private(),
        )
    )
    return _version(row) if row else None


def find_version_row(session: Session, candidacy_id: UUID, evidence_id: UUID, number: int) -> EvidenceFile | None:
    """Return the row of one version of the file of a piece of this candidacy; None for any other."""
    query = select(EvidenceFile).join(EvidenceFile.evidence)
    there = Evidence.id == evidence_id, Evidence.candidacy_id == candidacy_id, EvidenceFile.number == number
    return session.scalar(query.where(*there))


def find_current_file(session: Session, candidacy_id: UUID, evidence_id: UUID) -> EvidenceFile | None:
    """Return the current version of the file of a piece of this candidacy; None for any other, and once the
    piece is removed.
    """
    piece = select(Evidence.id).where(
        Evidence.id == evidence_id, Evidence.candidacy_id == candidacy_id, Evidence.removed_at.is_(None)
    )
    query = select(EvidenceFile).where(EvidenceFile.evidence_id.in_(piece)).order_by(EvidenceFile.number.desc())
    return session.scalar(query.limit(1))


def experience_choices(session: Session, candidacy_id: UUID) -> Sequence[tuple[UUID, str]]:
    """Answer the experiences a piece may be attached to, the latest first."""
    rows = session.execute(
        select(Experience.id, Experience.post, Experience.structure)
        .where(Experience.candidacy_id == candidacy_id)
        .order_by(Experience.began_on.desc().nulls_last(), Experience.id)
    )
    return [(key, f"{post}, {structure}") for key, post, structure in rows]


def _claims(session: Session, candidacy_id: UUID, evidence_id: UUID) -> tuple[EvidenceClaim, ...]:
    asked = (
        select(Candidacy.candidate_id, Block.id, Block.number, Block.title)
        .join(Dossier, Dossier.candidacy_id == Candidacy.id)
        .join(Block, Block.version_id == Candidacy.version_id)
        .where(Candidacy.id == candidacy_id)
        .order_by(Block.number)
    )
    blocks = session.execute(asked).all()
    names = [(block.id, block.number, block.title) for block in blocks]
    statuses = block_statuses_among(session, blocks[0].candidate_id, names, notified=True, on=today_of(session))
    rows = session.execute(
        select(Claim, Competency, Block.number)
        .join(Claim.competency)
        .join(Competency.block)
        .where(Claim.evidence_id == evidence_id)
        .order_by(Block.number, Competency.number)
    )
    return tuple(
        EvidenceClaim(
            ClaimDetails(
                *(claim.id, evidence_id, competency.id, claim.passage, claim.comment, claim.revision),
                *(anchors_from_json(claim.anchors), claim.file_version),
            ),
            f"{block}.{competency.number}",
            competency.text,
            block,
            block_status(competency.block_id, statuses),
        )
        for claim, competency, block in rows
    )


def _description(row: Evidence) -> CoverNote:
    return CoverNote(**{field.name: getattr(row, field.name) for field in fields(CoverNote)})


def _version(row: EvidenceFile, apart: QuarantineState | None = None) -> FileVersion:
    return FileVersion(
        *(row.number, row.name, row.mime, row.family, row.pages, row.size, row.sha256, row.received_at),
        *(row.key, apart),
    )
