"""The frame of the livret 2 that a candidacy answers, and how long its texts are."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.book_frame import Frame, count_words
from portfolio.domain.certification.rules.entry_schema import frame_from_json
from portfolio.domain.dossier.models import Dossier, Experience, Narrative
from portfolio.domain.dossier.rules.completeness import Lengths
from portfolio.domain.dossier.rules.draft import GeneralText


def load_frame(session: Session, candidacy_id: UUID) -> Frame:
    """Return the frame of the version that a candidacy answers; empty for the usual outline."""
    query = (
        select(CertificationVersion.entry["frame"])
        .join(Candidacy, Candidacy.version_id == CertificationVersion.id)
        .where(Candidacy.id == candidacy_id)
    )
    return frame_from_json(session.scalar(query))


def load_lengths(session: Session, candidacy_id: UUID) -> Lengths | None:
    """Count the words of each text of a draft; None when its certifier gives no frame."""
    frame = load_frame(session, candidacy_id)
    if not frame:
        return None
    dossier = session.get_one(Dossier, candidacy_id)
    narratives = session.scalars(select(Narrative).where(Narrative.candidacy_id == candidacy_id))
    experiences = session.scalars(select(Experience).where(Experience.candidacy_id == candidacy_id))
    return Lengths(
        frame,
        {text: count_words(getattr(dossier, text.value)) for text in GeneralText},
        {
            row.competency_id: count_words(row.situation, row.actions, row.choices, row.result)
            for row in narratives
        },
        tuple(count_words(row.context, row.perimeter, row.responsibilities) for row in experiences),
    )
