"""A decision was annulled: the dossier that its jury read waits for another jury, on these blocks alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.dossier.models import Dossier
from portfolio.domain.dossier.rules.state import DossierState
from portfolio.domain.holdings.rules.granting import GrantGround
from portfolio.domain.holdings.use_cases.holdings import held_blocks
from portfolio.domain.holdings.use_cases.recompute import explain
from portfolio.domain.jury.models.sessions import Hearing, is_current_hearing
from portfolio.domain.retention.use_cases.holds import is_erased_whole
from portfolio.domain.submission.models import SealedFile, Submission, SubmittedBlock
from portfolio.domain.submission.rules.manifest import UnreadableManifest, read_manifest, seal
from portfolio.domain.submission.use_cases.build_manifest import held_of
from portfolio.domain.submission.use_cases.submit import check_free
from portfolio.errors import Refusal


def present_again(session: Session, sealed: Submission, *, by: UUID, at: datetime) -> Submission | None:
    """Present a sealed dossier again as it was sealed, for its blocks whose decision was annulled (R10, R12).

    The person has nothing to do: the new version holds the same texts, exhibits and files, and presents these
    blocks alone. Return None where another way is open already: the draft was opened again, a dossier waits
    for a jury, every annulled block is held or was decided since, the dossier was erased or
    cannot be read.
    """
    candidacy = session.get_one(Candidacy, sealed.candidacy_id)
    dossier = session.get(Dossier, candidacy.id, with_for_update=True)
    last, decides = session.execute(
        select(Submission, Hearing)
        .outerjoin(Hearing, is_current_hearing())
        .where(Submission.candidacy_id == candidacy.id)
        .order_by(Submission.number.desc())
        .limit(1)
    ).one()
    waits = decides is None or decides.closed_at is None
    if waits or dossier is None or dossier.state is not DossierState.SUBMITTED:
        return None
    annulled = {
        answer.block.id
        for answer in explain(session, candidacy.id, on=day_of(at)).answers
        if answer.ground is GrantGround.ANNULLED
    }
    blocks = [row.block_id for row in sealed.blocks if row.block_id in annulled]
    if not blocks or is_erased_whole(session, candidacy.id):
        return None
    try:
        check_free(session, candidacy, blocks)
        read_manifest(sealed.manifest)
    except (Refusal, UnreadableManifest):
        return None
    submission = _seal_again(session, candidacy, sealed, blocks, last.number + 1, at)
    facts = {
        "candidacy": candidacy.id,
        "number": submission.number,
        "root": submission.root,
        "renews": sealed.number,
    }
    record_event(session, "dossier_presented_again", ("submission", submission.id), by=by, at=at, **facts)
    return submission


def _seal_again(
    session: Session, candidacy: Candidacy, sealed: Submission, blocks: list[UUID], number: int, at: datetime
) -> Submission:
    former = read_manifest(sealed.manifest)
    numbers = {block.number for block in candidacy.version.blocks if block.id in blocks}
    held = held_blocks(session, candidacy.candidate_id, candidacy.version_id, on=day_of(at))
    content = replace(
        former,
        blocks=tuple(block for block in former.blocks if block.number in numbers),
        held_blocks=held_of(held),
        header=replace(former.header, number=number, sealed_at=at),
    )
    content = replace(content, header=replace(content.header, version=content.format_version))
    made = seal(content)
    submission = Submission(
        candidacy_id=candidacy.id,
        number=number,
        submitted_at=at,
        kind=sealed.kind,
        renews_id=sealed.renews_id or sealed.id,
        manifest=made.manifest,
        root=made.root,
    )
    session.add(submission)
    session.flush()
    session.add_all(SubmittedBlock(submission_id=submission.id, block_id=block_id) for block_id in blocks)
    columns = ("exhibit", "key", "name", "mime", "size", "sha256")
    session.add_all(
        SealedFile(submission_id=submission.id, **{name: getattr(file, name) for name in columns})
        for file in sealed.files
    )
    session.flush()
    return submission
