"""The competencies that a new piece may show, by the words of its pages."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.dossier.use_cases.matrix import load_matrix
from portfolio.domain.evidence.models.evidence import EvidenceFile
from portfolio.domain.evidence.models.renditions import Page, Rendition
from portfolio.domain.search.rules import suggest

# A longer document shows too many things for a lead to be of use.
MAX_PAGES = 40


@dataclass(frozen=True, slots=True)
class SuggestedCompetency:
    """A competency still to prove, and the passage of the piece that has words in common with it."""

    competency_id: UUID
    label: str
    text: str
    page: int
    parts: tuple[tuple[str, bool], ...]


def list_suggestions(session: Session, candidacy_id: UUID, key: str) -> list[SuggestedCompetency]:
    """Return the competencies still to prove that the file kept under this key may show; none before its
    pages are drawn.
    """
    query = (
        select(Page.number, Page.text)
        .join(Rendition, Rendition.id == Page.rendition_id)
        .join(EvidenceFile, EvidenceFile.id == Rendition.file_id)
        .where(EvidenceFile.key == key, Page.text != "")
        .order_by(Page.number)
        .limit(MAX_PAGES)
    )
    pages = [(number, text) for number, text in session.execute(query)]
    if not pages:
        return []
    facts = {line.fact.id: line.fact for line in load_matrix(session, candidacy_id).lines()}
    found = suggest({key: fact.text for key, fact in facts.items()}, pages)
    return [
        SuggestedCompetency(
            suggestion.competency_id, fact.label, fact.text, suggestion.page, suggestion.parts
        )
        for suggestion in found
        if (fact := facts[suggestion.competency_id])
    ]
