"""The certifier returns a sealed dossier for completion, gives another day, or lets the jury read the version
that it has.

A decision was annulled: the dossier that its jury read waits for another jury, on these blocks alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portfolio.calendar import day_of
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import (
    Candidacy,
    SealedFile,
    Submission,
    SubmittedBlock,
    is_closed_candidacy,
    is_erased,
)
from portfolio.domain.candidacy.use_cases import email_candidate
from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.holdings.rules.granting import GrantGround, is_last_decision_annulled
from portfolio.domain.holdings.use_cases.facts import load_catalogue, load_history
from portfolio.domain.holdings.use_cases.holdings import held_blocks
from portfolio.domain.holdings.use_cases.recompute import load_explanation
from portfolio.domain.jury.models.sessions import Hearing, JurySession, is_current_hearing
from portfolio.domain.submission.models import DossierReturn, ReturnRequest
from portfolio.domain.submission.rules.manifest import UnreadableManifest, read_manifest, seal
from portfolio.domain.submission.rules.returns import (
    ReturnableValue,
    ReturnEnding,
    ReturnInput,
    SubmissionRefusal,
    due_day_refusal,
    return_refusal,
)
from portfolio.domain.submission.use_cases.build_manifest import held_of
from portfolio.domain.submission.use_cases.submit import (
    check_free,
    end,
    find_open_return,
    has_begun,
    lock_candidate,
    lock_current_hearing,
)
from portfolio.errors import Refusal


def load_returnable(session: Session, candidacy_id: UUID) -> tuple[Submission | None, ReturnableValue]:
    """Read the last sealed version of a candidacy, and what its jury did with it."""
    query = (
        select(Submission, has_begun(Hearing.id), Hearing.closed_at, JurySession.held_on, Dossier.state)
        .add_columns(is_closed_candidacy())
        .select_from(Submission)
        .join(Submission.candidacy)
        .join(Dossier, Dossier.candidacy_id == Submission.candidacy_id)
        .outerjoin(Hearing, is_current_hearing())
        .outerjoin(Hearing.session)
        .where(Submission.candidacy_id == candidacy_id)
        .order_by(Submission.number.desc())
    )
    row = session.execute(query.limit(1)).first()
    if row is None:
        return None, ReturnableValue(is_sealed=False)
    submission, begun, closed_at, held_on, state, is_closed = row
    value = ReturnableValue(
        is_sealed=True,
        is_record=submission.kind is not None,
        is_draft=state is DossierState.DRAFT,
        is_closed=is_closed or closed_at is not None,
        jury_has_begun=begun,
        held_on=held_on,
    )
    return submission, value


def return_dossier(
    session: Session, candidacy_id: UUID, value: ReturnInput, *, by: UUID, at: datetime
) -> DossierReturn:
    """Open the draft of a sealed dossier again for what is asked, and write to its candidate; asked twice, it
    stays asked once.

    What was sealed stays sealed, and its jury goes on reading it until a new version comes. Raises Refusal:
    nothing sealed to return, returned already, the jury has begun, the day has passed or comes after the
    jury, a competency is not presented.
    """
    lock_current_hearing(session, candidacy_id)
    candidacy = lock_candidate(session, candidacy_id)
    dossier = session.get_one(Dossier, candidacy_id, with_for_update=True)
    submission, returnable = load_returnable(session, candidacy_id)
    today = day_of(at)
    refusal = return_refusal(returnable, today) or due_day_refusal(value.due_on, today, returnable.held_on)
    if refusal is not None or submission is None:
        raise Refusal(refusal or SubmissionRefusal.NOT_RETURNABLE, **_day(returnable.held_on))
    _check_competencies(session, submission.id, value)
    row = DossierReturn(
        candidacy_id=candidacy_id,
        submission_id=submission.id,
        reason=value.reason.strip(),
        due_on=value.due_on,
        returned_at=at,
        returned_by=by,
        requests=[
            ReturnRequest(rank=rank, text=asked.text.strip(), competency_id=asked.competency_id)
            for rank, asked in enumerate(value.requests, 1)
        ],
    )
    session.add(row)
    dossier.state, dossier.changed_at = DossierState.DRAFT, at
    session.flush()
    facts = {"number": submission.number, "due_on": value.due_on.isoformat(), "requests": len(value.requests)}
    record_event(session, "dossier_returned", ("candidacy", candidacy_id), by=by, at=at, **facts)
    _write_to_candidate(session, candidacy, row, at)
    return row


def extend_return(session: Session, candidacy_id: UUID, due_on: date, *, by: UUID, at: datetime) -> DossierReturn:
    """Give another day to complete a dossier, and write to its candidate.

    Raises Refusal: no return is open, the day has passed or comes after the jury.
    """
    candidacy = lock_candidate(session, candidacy_id)
    row = _load_open(session, candidacy_id)
    _submission, returnable = load_returnable(session, candidacy_id)
    if refusal := due_day_refusal(due_on, day_of(at), returnable.held_on):
        raise Refusal(refusal, **_day(returnable.held_on))
    if row.due_on != due_on:
        row.due_on = due_on
        record_event(session, "return_extended", ("candidacy", candidacy_id), by=by, at=at, due_on=due_on.isoformat())
        _write_to_candidate(session, candidacy, row, at, is_later=True)
    return row


def lift_return(session: Session, candidacy_id: UUID, *, by: UUID, at: datetime) -> None:
    """Ask for nothing more: the last sealed version is the one that the jury reads, and the draft is closed to writing.

    What the candidate wrote meanwhile stays in the draft. Raises Refusal when no return is open.
    """
    candidacy = lock_candidate(session, candidacy_id)
    dossier = session.get_one(Dossier, candidacy_id, with_for_update=True)
    row = _load_open(session, candidacy_id)
    end(row, ReturnEnding.LIFTED, at)
    dossier.state, dossier.changed_at = DossierState.SUBMITTED, at
    session.flush()
    record_event(session, "return_lifted", ("candidacy", candidacy_id), by=by, at=at)
    email_candidate(session, candidacy, EmailTemplate.RETURN_LIFTED, at=at)


def tick_request(session: Session, candidacy_id: UUID, request_id: UUID, *, done: bool, by: UUID, at: datetime) -> None:
    """Keep that the candidate did one thing that is asked, or has not.

    Raises Refusal when it is no longer asked.
    """
    row = _load_open(session, candidacy_id)
    request = next((request for request in row.requests if request.id == request_id), None)
    if request is None:
        raise Refusal(SubmissionRefusal.REQUEST_GONE)
    if (request.done_at is not None) != done:
        request.done_at = at if done else None
        record_event(
            session, "return_request_ticked", ("candidacy", candidacy_id), by=by, at=at, rank=request.rank, done=done
        )


def list_returns(session: Session, candidacy_id: UUID) -> Sequence[DossierReturn]:
    """List the returns of a candidacy, the last one first."""
    query = select(DossierReturn).where(DossierReturn.candidacy_id == candidacy_id)
    return session.scalars(
        query.options(selectinload(DossierReturn.requests)).order_by(DossierReturn.returned_at.desc())
    ).all()


def list_presented_competencies(session: Session, submission_id: UUID) -> list[tuple[Block, Competency]]:
    """List the competencies that a submission presents, in the order of the certification."""
    query = (
        select(Block, Competency)
        .join(SubmittedBlock, SubmittedBlock.block_id == Block.id)
        .join(Block.competencies)
        .where(SubmittedBlock.submission_id == submission_id)
        .order_by(Block.number, Competency.number)
    )
    return [(block, competency) for block, competency in session.execute(query)]


def _load_open(session: Session, candidacy_id: UUID) -> DossierReturn:
    row = find_open_return(session, candidacy_id)
    if row is None:
        raise Refusal(SubmissionRefusal.NOT_RETURNED)
    return row


def _check_competencies(session: Session, submission_id: UUID, value: ReturnInput) -> None:
    known = {competency.id for _block, competency in list_presented_competencies(session, submission_id)}
    if not {asked.competency_id for asked in value.requests if asked.competency_id} <= known:
        raise Refusal(SubmissionRefusal.REQUEST_GONE)


def _day(held_on: date | None) -> dict[str, str]:
    return {"held_on": held_on.isoformat()} if held_on else {}


def _write_to_candidate(
    session: Session, candidacy: Candidacy, row: DossierReturn, at: datetime, *, is_later: bool = False
) -> None:
    asked = len(row.requests)
    email_candidate(
        session, candidacy, EmailTemplate.DOSSIER_RETURNED, at=at, due_on=row.due_on, asked=asked, later=is_later
    )


def present_again(session: Session, sealed: Submission, *, by: UUID, at: datetime) -> Submission | None:
    """Present a sealed dossier again as it was sealed, for its blocks whose decision was annulled (R10, R12).

    The person has nothing to do: the new version holds the same texts, exhibits and files, and presents these blocks
    alone. Return None where another way is open already: the draft was opened again, a dossier waits for a jury, every
    annulled block is held or was decided since, the dossier was erased or cannot be read.
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
    catalogue, history = load_catalogue(session, candidacy.version_id), load_history(session, candidacy.candidate_id)
    annulled = {
        answer.block.id
        for answer in load_explanation(session, candidacy, catalogue, history, on=day_of(at)).answers
        # A block may have been held meanwhile by another act, whose validity has ended.
        if answer.ground in (GrantGround.ANNULLED, GrantGround.VALIDITY_ENDED)
        and is_last_decision_annulled(answer.block, history)
    }
    blocks = [row.block_id for row in sealed.blocks if row.block_id in annulled]
    if not blocks or session.scalar(select(is_erased()).where(Candidacy.id == candidacy.id)):
        return None
    try:
        check_free(session, candidacy, blocks)
        read_manifest(sealed.manifest)
    except (Refusal, UnreadableManifest):
        return None
    submission = _seal_again(session, candidacy, sealed, blocks, last.number + 1, at)
    facts = {"candidacy": candidacy.id, "number": submission.number, "root": submission.root, "renews": sealed.number}
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
