"""Check and lock the draft before each write, in the same transaction."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.db.engine import today_of
from portfolio.domain.candidacy.models import Candidacy, candidacy_block
from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.dossier.models.dossier import Claim, Dossier
from portfolio.domain.dossier.rules.description import BlockStatus, EvidenceChange, is_frozen
from portfolio.domain.dossier.rules.draft import DossierRefusal, DossierState
from portfolio.domain.holdings.use_cases.holdings import BlockStatuses, block_statuses
from portfolio.errors import Refusal


def lock_draft(session: Session, candidacy_id: UUID) -> Dossier:
    """Lock the draft of a candidacy and answer it; raises Refusal(SEALED) once it is submitted.

    Every write of the draft begins here: two of them, or one and a submission, happen one after the other.
    """
    dossier = session.get(Dossier, candidacy_id, with_for_update=True)
    if dossier is None:
        raise Refusal(DossierRefusal.NOT_YOURS)
    if dossier.state is not DossierState.DRAFT:
        raise Refusal(DossierRefusal.SEALED)
    return dossier


def require_editable_competencies(
    session: Session, candidacy_id: UUID, competency_ids: Collection[UUID]
) -> list[Competency]:
    """Answer these competencies, in the order of the certification, if each may still be proved.

    Raises Refusal: NOT_IN_SCOPE (another version, or a block that was not asked for), HELD (R6: nothing is
    left to prove), SUSPENDED (R10: neither held nor lost, it is not to present before the certifier's word,
    and its texts stay as they are).
    """
    wanted = set(competency_ids)
    found = session.execute(
        select(Competency, Block)
        .join(Competency.block)
        .join(candidacy_block, candidacy_block.c.block_id == Block.id)
        .where(candidacy_block.c.candidacy_id == candidacy_id, Competency.id.in_(wanted))
        .order_by(Block.number, Competency.number)
    ).all()
    if {competency.id for competency, _block in found} != wanted:
        raise Refusal(DossierRefusal.NOT_IN_SCOPE)
    candidacy = session.get_one(Candidacy, candidacy_id)
    statuses = _statuses(session, candidacy)
    for _competency, block in found:
        for code, closed in ((DossierRefusal.HELD, statuses.held), (DossierRefusal.SUSPENDED, statuses.suspended)):
            if block.id in closed:
                raise Refusal(code, block=block.number)
    return [competency for competency, _block in found]


def _statuses(session: Session, candidacy: Candidacy) -> BlockStatuses:
    """Return where each block stands: one whose validity has ended can be presented again (R6)."""
    on = today_of(session)
    return block_statuses(session, candidacy.candidate_id, candidacy.version_id, notified=True, on=on)


def block_status(block_id: UUID, statuses: BlockStatuses) -> BlockStatus:
    """Answer where a block stands, for the rules."""
    if block_id in statuses.held:
        return BlockStatus.HELD
    return BlockStatus.SUSPENDED if block_id in statuses.suspended else BlockStatus.OPEN


def suspended_block(
    session: Session, candidacy_id: UUID, piece_ids: Collection[UUID], touch: EvidenceChange
) -> int | None:
    """Answer the number of a suspended block for whose sake one of these pieces stays as it is; None when all
    may be touched.
    """
    rows = session.execute(
        select(Claim.evidence_id, Block.id, Block.number)
        .join(Claim.competency)
        .join(Competency.block)
        .where(Claim.candidacy_id == candidacy_id, Claim.evidence_id.in_(piece_ids))
        .order_by(Block.number)
    ).all()
    if not rows:
        return None
    candidacy = session.get_one(Candidacy, candidacy_id)
    statuses = _statuses(session, candidacy)
    shown: defaultdict[UUID, list[BlockStatus]] = defaultdict(list)
    for piece, block, _number in rows:
        shown[piece].append(block_status(block, statuses))
    suspended = ((piece, number) for piece, block, number in rows if block in statuses.suspended)
    return next((number for piece, number in suspended if is_frozen(touch, shown[piece])), None)
