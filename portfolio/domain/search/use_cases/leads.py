"""Competencies that a piece may show: leads for its candidate, each with its passage; « non » is remembered."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.dossier.models.dossier import Claim, CoverageReview
from portfolio.domain.dossier.models.evidence import DismissedHint, Evidence, EvidenceFile, is_current_file
from portfolio.domain.dossier.models.renditions import Page, Rendition
from portfolio.domain.dossier.rules.assessment import Assessment
from portfolio.domain.dossier.use_cases.claims import own_evidence
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft
from portfolio.domain.dossier.use_cases.evidence import load_dismissed
from portfolio.domain.dossier.use_cases.matrix import Matrix
from portfolio.domain.search.readers.word_vectors import vector_of
from portfolio.domain.search.rules import CompetencyWords, index_words, suggest

# A longer document shows too many things for a lead to be of use.
MAX_PAGES = 40
# Of so many pieces that advisors confirmed elsewhere, the words that two dossiers share are known; of no person alone.
MAX_CONFIRMED, MIN_DOSSIERS = 400, 2


@dataclass(frozen=True, slots=True)
class SuggestedCompetency:
    """A competency still to prove, and the passage of the piece that made it a lead; page 0 is what is said of it."""

    competency_id: UUID
    label: str
    text: str
    page: int
    parts: tuple[tuple[str, bool], ...]
    is_machine_read: bool = False


def load_claimed(session: Session, evidence_id: UUID) -> frozenset[UUID]:
    """Return the competencies that a piece is claimed for."""
    return frozenset(session.scalars(select(Claim.competency_id).where(Claim.evidence_id == evidence_id)))


def list_suggestions(
    session: Session, candidacy_id: UUID, evidence_id: UUID, matrix: Matrix, claimed: Collection[UUID]
) -> list[SuggestedCompetency]:
    """Return the competencies still to prove that a piece may show, but those that it is claimed or refused for."""
    piece = session.get_one(Evidence, evidence_id)
    query = (
        select(Page.number, Page.text, Page.machine_text)
        .join(Page.rendition)
        .join(EvidenceFile, EvidenceFile.id == Rendition.file_id)
        .where(EvidenceFile.evidence_id == evidence_id, is_current_file())
        .order_by(Page.number)
        .limit(MAX_PAGES)
    )
    pages = list(session.execute(query))
    said = ". ".join(part for part in (piece.title, piece.own_role, piece.own_part) if part)
    texts = [(0, said), *((number, text or read or "") for number, text, read in pages)]
    by_machine = {number for number, text, _ in pages if not text}
    aside = load_dismissed(session, evidence_id)
    lines = [line.fact for line in matrix.lines()]
    known = _words_of(session, candidacy_id, {fact.id: fact.text for fact in lines})
    left = {fact.id: fact for fact in lines if fact.id not in claimed and lead_code(fact.label) not in aside}
    found = suggest(known, texts, among=left.keys(), vector_of=vector_of)
    return [
        SuggestedCompetency(one.competency_id, fact.label, fact.text, one.page, one.parts, one.page in by_machine)
        for one in found
        if (fact := left[one.competency_id])
    ]


def lead_code(label: str) -> str:
    """Return under which name a refused lead is remembered beside the hints that were set aside."""
    return f"lead {label}"


def refuse_lead(session: Session, candidacy_id: UUID, evidence_id: UUID, label: str, *, by: UUID, at: datetime) -> None:
    """Remember that a piece does not show a competency. Raises Refusal: SEALED, REMOVED, NOT_YOURS."""
    lock_draft(session, candidacy_id)
    own_evidence(session, candidacy_id, evidence_id)
    code = lead_code(label)
    if session.get(DismissedHint, (evidence_id, code)) is None:
        session.add(DismissedHint(evidence_id=evidence_id, hint=code, dismissed_at=at))
        record_event(session, "hint_dismissed", ("evidence", evidence_id), by=by, at=at, hint=code)


def _words_of(session: Session, candidacy_id: UUID, texts: Mapping[UUID, str]) -> dict[UUID, CompetencyWords]:
    """Return what is known of each competency: its block, how it is assessed, what advisors confirmed elsewhere."""
    blocks = session.execute(
        select(Competency.id, Block.title, Block.assessments).join(Competency.block).where(Competency.id.in_(texts))
    )
    around = {key: " ".join((title, *assessments)) for key, title, assessments in blocks}
    confirmed = _confirmed(session, candidacy_id, texts)
    return {
        key: CompetencyWords(text, around.get(key, ""), confirmed.get(key, frozenset())) for key, text in texts.items()
    }


def _confirmed(session: Session, candidacy_id: UUID, competencies: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """Return the stems that pieces of two other dossiers share, that their advisors say covered."""
    last = select(func.max(CoverageReview.seq)).where(
        CoverageReview.competency_id.in_(competencies), CoverageReview.candidacy_id != candidacy_id
    )
    last = last.group_by(CoverageReview.candidacy_id, CoverageReview.competency_id)
    rows = session.execute(
        select(Claim.competency_id, Claim.candidacy_id, Evidence.title, Claim.comment)
        .join(Evidence, Evidence.id == Claim.evidence_id)
        .join(
            CoverageReview,
            (CoverageReview.candidacy_id == Claim.candidacy_id) & (CoverageReview.competency_id == Claim.competency_id),
        )
        .where(CoverageReview.seq.in_(last), CoverageReview.value == Assessment.COVERED, Evidence.removed_at.is_(None))
        .order_by(CoverageReview.seq.desc())
        .limit(MAX_CONFIRMED)
    )
    dossiers: dict[UUID, dict[UUID, set[str]]] = {}
    for competency_id, candidacy, title, comment in rows:
        stems = dossiers.setdefault(competency_id, {}).setdefault(candidacy, set())
        stems.update(index_words(f"{title} {comment}").split())
    shared = {key: Counter(stem for stems in each.values() for stem in stems) for key, each in dossiers.items()}
    return {
        key: frozenset(stem for stem, seen in counts.items() if seen >= MIN_DOSSIERS) for key, counts in shared.items()
    }
