"""What the board needs to know of many dossiers, in a number of queries that does not grow with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select, union_all
from sqlalchemy.orm import Session, joinedload, selectinload

from portfolio.db.engine import contains_text
from portfolio.db.paging import BoundedCount, count_rows
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy_listing.models import CandidacyListing
from portfolio.domain.certification.models import Block, CertificationVersion, Competency
from portfolio.domain.dossier.models import Claim, Dossier, Experience, Narrative
from portfolio.domain.dossier.rules.coverage import (
    AdvisorOpinion,
    ClaimFact,
    CoverageState,
    NarrativeText,
    coverage_of,
)
from portfolio.domain.dossier.rules.state import DossierState
from portfolio.domain.email.rules import plain_words
from portfolio.domain.evidence.models.evidence import Evidence
from portfolio.domain.holdings.use_cases.holdings import load_held_blocks_by_person
from portfolio.domain.holdings.use_cases.notified_results import awaits_notification
from portfolio.domain.jury.models.minutes import Minutes
from portfolio.domain.jury.models.sessions import Hearing, JurySession, is_current_hearing
from portfolio.domain.notification.models import ResultNotification
from portfolio.domain.review.models import CoverageReview, Message
from portfolio.domain.review.rules.assessment import is_outdated
from portfolio.domain.review.use_cases.assessments import load_latest_reviews
from portfolio.domain.submission.models import Submission

Key = tuple[UUID, UUID]
# So many dossiers are looked through at once; the others are found by the name of their candidate.
MAX_BOARD = 150


@dataclass(frozen=True)
class AssignedDossier:
    """A candidacy given to an advisor, its blocks by number."""

    id: UUID
    candidate_id: UUID
    candidate: str
    title: str
    code: str
    state: DossierState
    regime: Regime
    admissible_on: date
    opened_at: datetime
    blocks: Mapping[int, Block]


@dataclass(frozen=True)
class SubmissionDates:
    """Where a submission is: when it was sealed, when a jury hears it, when its minutes were closed, when it
    was told.
    """

    submitted_at: datetime
    heard_on: date | None
    closed_at: datetime | None
    notified_at: datetime | None
    # Whether decisions of the jury wait for their notification.
    unnotified: bool = False


@dataclass(frozen=True)
class BoardData:
    """Everything the board knows, by candidacy and competency."""

    marks: Mapping[UUID, Mapping[UUID, CoverageReview]]
    claimed_since: Mapping[Key, datetime]
    last_message_at: Mapping[Key, Mapping[UUID, datetime]]
    held: Mapping[UUID, Collection[UUID]]
    sent: Mapping[UUID, SubmissionDates]
    activity: Mapping[UUID, datetime]

    def state(self, candidacy_id: UUID, competency_id: UUID) -> CoverageState:
        """The state of one competency, by the rule of the matrix."""
        claims = [ClaimFact(1)] if (candidacy_id, competency_id) in self.claimed_since else []
        mark = self.marks[candidacy_id].get(competency_id)
        if mark is None:
            return coverage_of(NarrativeText(), claims).state
        outdated = is_outdated(mark.basis, mark.content_digest)
        return coverage_of(NarrativeText(), claims, AdvisorOpinion(mark.value.value), outdated=outdated).state

    def waiting_since(self, one: AssignedDossier, competency_id: UUID) -> datetime | None:
        """Since when the candidate waits for words: a later remark of an advisor answers, and so does a
        commented mark.
        """
        moments = self.last_message_at.get((one.id, competency_id), {})
        asked = moments.get(one.candidate_id)
        if asked is None:
            return None
        answers = [moment for author, moment in moments.items() if author != one.candidate_id]
        mark = self.marks[one.id].get(competency_id)
        if mark is not None and mark.comment:
            answers.append(mark.made_at)
        return asked if all(moment <= asked for moment in answers) else None


def list_assigned_dossiers(session: Session, advisor_id: UUID, words: str = "") -> list[AssignedDossier]:
    """Answer the first candidacies given to an advisor, with their blocks and competencies; `words` look for
    a person.

    Those whose delay ends first are kept when there are more than a board holds.
    """
    listed = select(CandidacyListing.candidacy_id).where(
        CandidacyListing.advisor_id == advisor_id, *_matching(words)
    )
    first = listed.order_by(CandidacyListing.deadline_on, CandidacyListing.candidacy_id).limit(MAX_BOARD)
    rows = session.execute(_candidacies().where(Candidacy.id.in_(session.scalars(first).all())))
    return [_assigned_dossier(candidacy, state) for candidacy, state in rows]


def _matching(words: str) -> list[ColumnElement[bool]]:
    return [contains_text(CandidacyListing.search_text, word) for word in plain_words(words).split()[:6]]


def count_assigned_dossiers(session: Session, advisor_id: UUID) -> BoundedCount:
    """Count the candidacies with a livret 2 given to an advisor, up to a limit."""
    given = select(CandidacyListing.candidacy_id).join(
        Dossier, Dossier.candidacy_id == CandidacyListing.candidacy_id
    )
    return count_rows(session, given.where(CandidacyListing.advisor_id == advisor_id, Dossier.is_required))


def load_assigned_dossier(session: Session, candidacy_id: UUID) -> AssignedDossier:
    """Answer one candidacy as its advisor's pages know it. Raises NoResultFound when there is none."""
    candidacy, state = session.execute(_candidacies().where(Candidacy.id == candidacy_id)).one()
    return _assigned_dossier(candidacy, state)


def _candidacies() -> Select[Candidacy, DossierState]:
    return (
        select(Candidacy, Dossier.state)
        .join(Dossier, (Dossier.candidacy_id == Candidacy.id) & Dossier.is_required)
        .options(
            joinedload(Candidacy.candidate),
            joinedload(Candidacy.version).joinedload(CertificationVersion.certification),
            selectinload(Candidacy.blocks).selectinload(Block.competencies).joinedload(Competency.block),
        )
    )


def _assigned_dossier(candidacy: Candidacy, state: DossierState) -> AssignedDossier:
    return AssignedDossier(
        candidacy.id,
        candidacy.candidate_id,
        candidacy.candidate_name,
        candidacy.version.title,
        candidacy.version.certification.code,
        state,
        candidacy.regime,
        candidacy.admissible_on,
        candidacy.opened_at,
        {block.number: block for block in candidacy.blocks},
    )


def load_board_data(session: Session, given: Sequence[AssignedDossier]) -> BoardData:
    """Answer what the board knows of these candidacies, each kind of fact in one query."""
    ids = [assigned_dossier.id for assigned_dossier in given]
    return BoardData(
        marks=load_latest_reviews(session, ids),
        claimed_since=_claimed_since(session, ids),
        last_message_at=_load_last_message_at(session, ids),
        held=load_held_blocks_by_person(
            session, {assigned_dossier.candidate_id for assigned_dossier in given}, notified=True
        ),
        sent=_stages(session, ids),
        activity=_activity(session, ids),
    )


def _claimed_since(session: Session, ids: Collection[UUID]) -> dict[Key, datetime]:
    rows = (
        select(Claim.candidacy_id, Claim.competency_id, func.min(Claim.changed_at))
        .join(Evidence, Evidence.id == Claim.evidence_id)
        .where(Claim.candidacy_id.in_(ids), Evidence.removed_at.is_(None))
        .group_by(Claim.candidacy_id, Claim.competency_id)
    )
    return {
        (candidacy_id, competency_id): since for candidacy_id, competency_id, since in session.execute(rows)
    }


def _load_last_message_at(session: Session, ids: Collection[UUID]) -> Mapping[Key, dict[UUID, datetime]]:
    rows = (
        select(Message.candidacy_id, Message.competency_id, Message.author_id, func.max(Message.sent_at))
        .where(Message.candidacy_id.in_(ids), Message.withdrawn_at.is_(None))
        .group_by(Message.candidacy_id, Message.competency_id, Message.author_id)
    )
    found: defaultdict[Key, dict[UUID, datetime]] = defaultdict(dict)
    for candidacy_id, competency_id, author_id, moment in session.execute(rows):
        found[candidacy_id, competency_id][author_id] = moment
    return found


def _stages(session: Session, ids: Collection[UUID]) -> dict[UUID, SubmissionDates]:
    """Where the last submission of each candidacy is, in one query; a candidacy that never submitted is
    absent.
    """
    last = (
        select(Submission.candidacy_id, func.max(Submission.number).label("number"))
        .group_by(Submission.candidacy_id)
        .subquery()
    )
    notified = (ResultNotification.candidacy_id == Submission.candidacy_id) & (
        ResultNotification.number == Submission.number
    )
    waits = (
        exists().where(Minutes.hearing_id == Hearing.id, awaits_notification(Minutes.id)).correlate(Hearing)
    )
    rows = session.execute(
        select(
            Submission.candidacy_id,
            Submission.submitted_at,
            JurySession.held_on,
            Hearing.closed_at,
            ResultNotification.notified_at,
        )
        .add_columns(waits.label("unnotified"))
        .join(last, (last.c.candidacy_id == Submission.candidacy_id) & (last.c.number == Submission.number))
        .outerjoin(Hearing, is_current_hearing())
        .outerjoin(JurySession, JurySession.id == Hearing.session_id)
        .outerjoin(ResultNotification, notified)
        .where(Submission.candidacy_id.in_(ids))
    )
    return {
        row.candidacy_id: SubmissionDates(
            row.submitted_at, row.held_on, row.closed_at, row.notified_at, row.unnotified
        )
        for row in rows
    }


def _activity(session: Session, ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When each candidate last did something: wrote, added or changed a piece, said a word, submitted."""
    done = union_all(
        _moments(Experience.candidacy_id, Experience.changed_at, ids),
        _moments(Narrative.candidacy_id, Narrative.changed_at, ids),
        _moments(Claim.candidacy_id, Claim.changed_at, ids),
        _moments(Evidence.candidacy_id, Evidence.changed_at, ids),
        _moments(Submission.candidacy_id, Submission.submitted_at, ids),
        _moments(Dossier.candidacy_id, Dossier.changed_at, ids).where(Dossier.revision > 1),
        _moments(Message.candidacy_id, Message.sent_at, ids)
        .join(Candidacy, Candidacy.id == Message.candidacy_id)
        .where(Message.author_id == Candidacy.candidate_id),
    ).subquery()
    last = select(done.c.candidacy_id, func.max(done.c.moment).label("moment")).group_by(done.c.candidacy_id)
    return {row.candidacy_id: row.moment for row in session.execute(last)}


def _moments(candidacy_id: Any, moment: Any, ids: Collection[UUID]) -> Select[Any]:
    return select(candidacy_id.label("candidacy_id"), moment.label("moment")).where(candidacy_id.in_(ids))
