"""The candidate writes: narratives, the dossier's own texts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.dossier.models import Dossier, Narrative
from portfolio.domain.dossier.rules.coverage import NarrativeText
from portfolio.domain.dossier.rules.draft import GeneralText
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft, require_editable_competencies
from portfolio.domain.dossier.use_cases.review_snapshots import refresh_reviews
from portfolio.domain.dossier.use_cases.text_history import keep_version
from portfolio.errors import Conflict

PROMPTS = ("situation", "actions", "choices", "result")


def save_narrative(
    session: Session,
    candidacy_id: UUID,
    competency_id: UUID,
    story: NarrativeText,
    revision: int,
    *,
    by: UUID,
    at: datetime,
) -> int:
    """Keep the narrative of a competency and answer its new revision; saving the same texts changes nothing.

    `revision` is the one the author had before them, 0 when nothing was written yet. Raises Conflict when
    another was saved since, Refusal when the dossier is submitted or the competency is out of scope, held or
    suspended.
    """
    lock_draft(session, candidacy_id)
    require_editable_competencies(session, candidacy_id, [competency_id])
    texts = {name: getattr(story, name) for name in PROMPTS}
    narrative = session.scalar(
        select(Narrative).where(
            Narrative.candidacy_id == candidacy_id, Narrative.competency_id == competency_id
        )
    )
    if narrative is None:
        if not any(texts.values()):
            return 0
        narrative = Narrative(
            candidacy_id=candidacy_id, competency_id=competency_id, **texts, revision=1, changed_at=at
        )
        session.add(narrative)
        session.flush()
        former = None
    else:
        former = ({name: getattr(narrative, name) for name in PROMPTS}, narrative.changed_at)
        if not apply_changes(narrative, texts, revision, at):
            return narrative.revision
    keep_version(session, candidacy_id, competency_id, former, texts, at=at)
    refresh_reviews(session, candidacy_id, [competency_id])
    record_event(
        session, "narrative_saved", ("narrative", narrative.id), by=by, at=at, competency=competency_id
    )
    return narrative.revision


def save_texts(
    session: Session,
    candidacy_id: UUID,
    texts: Mapping[GeneralText, str],
    revision: int,
    *,
    by: UUID,
    at: datetime,
) -> int:
    """Keep the dossier's own texts (career, motivation, conclusion) and answer its new revision.

    Raises Conflict when another revision was saved since, Refusal(SEALED) when the dossier is submitted.
    """
    dossier: Dossier = lock_draft(session, candidacy_id)
    values = {text.value: value for text, value in texts.items()}
    former = ({name: getattr(dossier, name) for name in values}, dossier.changed_at)
    if apply_changes(dossier, values, revision, at):
        keep_version(session, candidacy_id, None, former, values, at=at)
        record_event(session, "texts_saved", ("candidacy", candidacy_id), by=by, at=at)
    return dossier.revision


def apply_changes(row: Any, values: Mapping[str, Any], revision: int, at: datetime) -> bool:
    """Write these values into a row that carries a revision; False when they are there already.

    Raises Conflict with what is stored when the author had another revision before them (trust.md §2, lost
    update).
    """
    present = {name: getattr(row, name) for name in values}
    if present == dict(values):
        return False
    if row.revision != revision:
        raise Conflict(
            {name: "" if value is None else str(value) for name, value in present.items()}, row.revision
        )
    for name, value in values.items():
        setattr(row, name, value)
    row.revision += 1
    row.changed_at = at
    return True
