"""Preview and execute the grants of a closing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.rules.completion import CompletionAnswer, completion_for
from portfolio.domain.holdings.rules.facts import Lapse
from portfolio.domain.holdings.rules.granting import GrantAnswer, granting_events, grants_at
from portfolio.domain.holdings.use_cases.facts import (
    WITH_SUBMISSION,
    Noted,
    facts_from_draft,
    load_catalogue,
    load_history,
)
from portfolio.domain.holdings.use_cases.holdings import HeldBlock, acts_of, block_statuses_among, held_blocks
from portfolio.domain.holdings.use_cases.issuing import IssuedRows, issue_missing_grants
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.ledger.recording import append


@dataclass(frozen=True, slots=True)
class GrantPreview:
    """What would be granted if the minutes were closed as they stand, and whether that makes the whole."""

    answers: tuple[GrantAnswer, ...]
    whole: CompletionAnswer


def load_preview(
    session: Session,
    hearing_id: UUID,
    noted: Noted,
    faults: Collection[str] = (),
    lapse: Lapse = Lapse.NONE,
) -> GrantPreview:
    """Say what closing would grant, and why, from what the jury noted; nothing is written.

    For every block of the version.

    `noted` is what the ballots and the drafts decide, `faults` are the codes of the blocking predicates that
    are false now, `lapse` what is known of the admissibility: the caller has just computed them.
    """
    query = select(Hearing).where(Hearing.id == hearing_id).options(*WITH_SUBMISSION)
    hearing = session.scalars(query).unique().one()
    candidacy = hearing.submission.candidacy
    catalogue = load_catalogue(session, candidacy.version_id)
    sitting = facts_from_draft(hearing, catalogue, noted, faults, lapse)
    on = hearing.session.held_on
    held = acts_of(held_blocks(session, candidacy.candidate_id, candidacy.version_id, on=on))
    history = load_history(session, candidacy.candidate_id)
    closed = replace(history, sittings=(*history.sittings, sitting))
    whole = completion_for(catalogue.blocks, granting_events(closed), on=on)
    return GrantPreview(grants_at(catalogue.blocks, sitting, held), whole)


def grant_from_minutes(
    session: Session,
    minutes_id: UUID,
    *,
    by: UUID,
    at: datetime,
    held: Mapping[UUID, HeldBlock] | None = None,
) -> list[GrantAnswer]:
    """Grant what closed minutes give: a grant and a certificate per new block, and the whole once its set is
    complete.

    R3 is asked again from what the minutes record. The candidate's row is locked first: two juries that land
    the last block on one day write one whole; running again writes nothing. Part of the closing, whose
    journal line tells it; a validation of a block already held has a line of its own, for the earliest act
    stands (domain §5). `held`, the blocks of the version held on the day of the minutes, is given by a caller
    that locked the candidate's row before it read them.
    """
    session.flush()
    minutes = session.get_one(Minutes, minutes_id)
    candidacy = minutes.hearing.submission.candidacy
    catalogue = load_catalogue(session, candidacy.version_id)
    if held is None:
        session.get_one(Person, candidacy.candidate_id, with_for_update={"key_share": True})
        names = [(block.id, block.number, block.title) for block in catalogue.blocks]
        held = block_statuses_among(session, candidacy.candidate_id, names, on=minutes.decided_on).held
    history = load_history(session, candidacy.candidate_id)
    sitting = next(sitting for sitting in history.sittings if sitting.reference == minutes.number)
    answers = grants_at(catalogue.blocks, sitting, acts_of(held))
    _log_again(session, minutes, grants_at(catalogue.blocks, sitting, {}), held, by=by, at=at)
    settled = issue_missing_grants(session, candidacy.candidate_id, at=at, history=history)
    # What these minutes give is recorded with the closing; what they let another act give is recorded here.
    append(session, _others(settled, minutes.id), at=at)
    return list(answers)


def _log_again(
    session: Session,
    minutes: Minutes,
    alone: Collection[GrantAnswer],
    held: Mapping[UUID, HeldBlock],
    *,
    by: UUID,
    at: datetime,
) -> None:
    """Note each block that the minutes validate and that another act already gave."""
    for answer in alone:
        recorded = held.get(answer.block.id)
        if answer.granted and recorded is not None and recorded.reference != minutes.number:
            facts = {
                "block": answer.block.number,
                "decided_on": minutes.decided_on,
                "stands": recorded.granted_on,
            }
            record_event(session, "block_granted_again", ("minutes", minutes.id), by=by, at=at, **facts)


def _others(settled: IssuedRows, minutes_id: UUID) -> list[Grant | Award | Certificate]:
    """What was written and does not come from these minutes: the closing records the rest
    (`record_minutes`).
    """
    own = {grant.id for grant in settled.grants if grant.minutes_id == minutes_id}
    awards = {award.id for award in settled.awards if award.completed_by in own}
    known = own | awards
    return [
        row
        for row in settled.rows
        if not (
            row.id in known
            or (isinstance(row, Certificate) and (row.grant_id in own or row.award_id in awards))
        )
    ]
