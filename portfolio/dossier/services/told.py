"""What a competency says, word for word, and the marks that follow a text saved again as it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from portfolio.dossier.models import Claim, Narrative
from portfolio.dossier.services.basis import competency_bases
from portfolio.dossier.services.rows import PROMPTS
from portfolio.evidence.models import Evidence
from portfolio.review.models import Mark
from portfolio.review.rules import PieceTold, Told, differences, piece_told, told_from

# A candidacy and one of its competencies.
Key = tuple[UUID, UUID]


def told_now(session: Session, keys: Collection[Key]) -> Mapping[Key, Told]:
    """Answer what these competencies say at this moment, in three queries; in none when there are none."""
    if not keys:
        return {}
    paths, about = {path for path, _ in keys}, {one for _, one in keys}
    stories = {
        (one.candidacy_id, one.competency_id): {name: getattr(one, name) for name in PROMPTS}
        for one in session.scalars(select(Narrative).where(Narrative.candidacy_id.in_(paths), Narrative.competency_id.in_(about)))
    }
    rows = session.scalars(
        select(Claim)
        .join(Evidence, Evidence.id == Claim.evidence_id)
        .where(Claim.candidacy_id.in_(paths), Claim.competency_id.in_(about), Evidence.removed_at.is_(None))
        .options(contains_eager(Claim.evidence).selectinload(Evidence.files))
    )
    pieces: defaultdict[Key, dict[int, PieceTold]] = defaultdict(dict)
    for claim in rows:
        piece, file = claim.evidence, claim.evidence.file
        told = piece_told(claim.passage, claim.comment, file.sha256, piece.as_value(file.pages), piece.experience_id)
        pieces[claim.candidacy_id, claim.competency_id][piece.number] = told
    return {key: Told(stories.get(key, {}), pieces.get(key, {})) for key in keys}


def keep_marks(session: Session, candidacy_id: UUID, competency_ids: Collection[UUID]) -> None:
    """Let the marks of these competencies stand on what has just been saved, where it means what it meant for them.

    A text saved again as it was, or only dressed otherwise, leaves a mark as it stands; asked while saving, so that no page
    has to read the texts again. Whoever saves holds the dossier, and so does whoever marks: neither crosses the other.
    """
    marks = write_content_digests(session, candidacy_id, competency_ids)
    told = told_now(session, [(candidacy_id, mark.competency_id) for mark in marks if mark.told is not None])
    for mark in marks:
        if mark.told is not None and not differences(told_from(mark.told), told[candidacy_id, mark.competency_id]):
            mark.basis = mark.content_digest


def write_content_digests(session: Session, candidacy_id: UUID, competency_ids: Collection[UUID]) -> Sequence[Mark]:
    """Write on the last mark of each of these competencies the digest of their content of now, and return these marks.

    Pages compare it with `Mark.basis`. Every use case that changes a claim, a narrative or a claimed piece calls this
    function, under the lock of the dossier.
    """
    if not competency_ids:
        return ()
    session.flush()
    last = select(func.max(Mark.seq)).where(Mark.candidacy_id == candidacy_id, Mark.competency_id.in_(competency_ids))
    marks = session.scalars(select(Mark).where(Mark.seq.in_(last.group_by(Mark.competency_id)))).all()
    if marks:
        digests = competency_bases(session, [candidacy_id], [mark.competency_id for mark in marks]).get(candidacy_id, {})
        for mark in marks:
            mark.content_digest = digests.get(mark.competency_id, "")
    return marks


def keep_marks_on(session: Session, evidence_id: UUID) -> None:
    """The same for every competency that a piece is claimed for."""
    claimed = session.execute(select(Claim.candidacy_id, Claim.competency_id).where(Claim.evidence_id == evidence_id)).all()
    if claimed:
        keep_marks(session, claimed[0].candidacy_id, [row.competency_id for row in claimed])


def forget_told(session: Session, candidacy_id: UUID, number: int) -> None:
    """Erase what the marks of a candidacy keep of a piece that is erased: that it was there stays, not what it said."""
    for mark in session.scalars(select(Mark).where(Mark.candidacy_id == candidacy_id, Mark.told.is_not(None))):
        told = told_from(mark.told or {})
        if number in told.pieces:
            mark.told = Told(told.story, {**told.pieces, number: PieceTold()}).as_json()
