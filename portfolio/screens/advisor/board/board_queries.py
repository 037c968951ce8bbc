"""Facts of many dossiers that the board needs, in a number of queries that does not grow with them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, null, select, union_all
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session, joinedload

from portfolio.db.engine import today_of
from portfolio.db.paging import BoundedCount, count_rows
from portfolio.db.sql_functions import contains_text
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import (
    Candidacy,
    Submission,
    candidacy_block,
    candidate_display_name,
    is_superseded,
)
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy_listing.models import CandidacyListing
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.dossier.models.dossier import Claim, CoverageReview, Dossier
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.rules.assessment import is_outdated
from portfolio.domain.dossier.rules.draft import (
    AdvisorOpinion,
    ClaimFact,
    CoverageState,
    DossierState,
    NarrativeText,
    coverage_of,
)
from portfolio.domain.email.rules import plain_words
from portfolio.domain.holdings.models.events import ResultNotification
from portfolio.domain.holdings.use_cases.holdings import load_held_by_person
from portfolio.domain.holdings.use_cases.notified_results import awaits_notification
from portfolio.domain.jury.models.deliberation import Minutes, is_suspended, was_absent
from portfolio.domain.jury.models.deliberation import next_day_of_hearing as next_day
from portfolio.domain.jury.models.sessions import Hearing, is_away, is_current_hearing
from portfolio.domain.review.models import Message, ThreadReadMarker
from portfolio.domain.review.use_cases.assessments import load_latest_reviews
from portfolio.domain.review.use_cases.pace import last_activity

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
    """Dates of a submission: when it was sealed, when a jury hears it, when its minutes were closed, when
    it was told.
    """

    submitted_at: datetime
    heard_on: date | None
    closed_at: datetime | None
    notified_at: datetime | None
    # Whether decisions of the jury wait for their notification.
    unnotified: bool = False
    # Whether the sitting is suspended; whether its jury noted that the candidate did not come; whether one met
    # without them.
    is_suspended: bool = False
    is_away: bool = False
    was_absent: bool = False


@dataclass(frozen=True)
class BoardData:
    """Everything the board knows, by candidacy and competency.

    `unread` counts what the person who accompanies each candidacy has not read of its candidate.
    """

    marks: Mapping[UUID, Mapping[UUID, CoverageReview]]
    claimed_since: Mapping[Key, datetime]
    last_message_at: Mapping[Key, Mapping[UUID, datetime]]
    unread: Mapping[UUID, int]
    # By candidacy, unlike what a person holds for all theirs: each draft has its own day.
    held: Mapping[UUID, Collection[UUID]]
    sent: Mapping[UUID, SubmissionDates]
    activity: Mapping[UUID, datetime]

    def state(self, candidacy_id: UUID, competency_id: UUID) -> CoverageState:
        """Return the state of one competency, by the rule of the matrix."""
        claims = [ClaimFact(1)] if (candidacy_id, competency_id) in self.claimed_since else []
        mark = self.marks[candidacy_id].get(competency_id)
        if mark is None:
            return coverage_of(NarrativeText(), claims).state
        outdated = is_outdated(mark.reviewed_digest, mark.content_digest)
        return coverage_of(NarrativeText(), claims, AdvisorOpinion(mark.value.value), outdated=outdated).state

    def waiting_since(self, dossier: AssignedDossier, competency_id: UUID) -> datetime | None:
        """Since when the candidate waits for words: a later remark of an advisor answers, and so does a
        commented mark.
        """
        moments = self.last_message_at.get((dossier.id, competency_id), {})
        asked = moments.get(dossier.candidate_id)
        if asked is None:
            return None
        answers = [moment for author, moment in moments.items() if author != dossier.candidate_id]
        mark = self.marks[dossier.id].get(competency_id)
        if mark is not None and mark.comment:
            answers.append(mark.created_at)
        return asked if all(moment <= asked for moment in answers) else None


def list_assigned_dossiers(session: Session, advisor_id: UUID, words: str = "") -> list[AssignedDossier]:
    """Answer the first candidacies given to an advisor, with their blocks and competencies; `words` look for a person.

    Those whose delay ends first are kept when there are more than a board holds.
    """
    listed = select(CandidacyListing.candidacy_id).where(CandidacyListing.advisor_id == advisor_id, *_matching(words))
    first = listed.order_by(CandidacyListing.deadline_on, CandidacyListing.candidacy_id).limit(MAX_BOARD)
    return _assigned_dossiers(session, first)


def _matching(words: str) -> list[ColumnElement[bool]]:
    return [contains_text(CandidacyListing.search_text, word) for word in plain_words(words).split()[:6]]


def count_assigned_dossiers(session: Session, advisor_id: UUID) -> BoundedCount:
    """Count the candidacies with a livret 2 given to an advisor, up to a limit."""
    given = select(CandidacyListing.candidacy_id).join(Dossier, Dossier.candidacy_id == CandidacyListing.candidacy_id)
    return count_rows(session, given.where(CandidacyListing.advisor_id == advisor_id, Dossier.is_required))


def load_assigned_dossier(session: Session, candidacy_id: UUID) -> AssignedDossier:
    """Answer one candidacy as its advisor's pages know it. Raises NoResultFound when there is none."""
    found = _assigned_dossiers(session, select(Candidacy.id).where(Candidacy.id == candidacy_id))
    if not found:
        raise NoResultFound(candidacy_id)
    return found[0]


def _assigned_dossiers(session: Session, candidacies: Select[UUID]) -> list[AssignedDossier]:
    """Read these candidacies, then the blocks that they ask for with their competencies, each block once."""
    rows = session.execute(_candidacies(candidacies)).all()
    query = select(Block).where(Block.id.in_({row.block_id for row in rows})).order_by(Block.number)
    blocks = session.scalars(query.options(joinedload(Block.competencies))).unique().all() if rows else ()
    asked: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for row in rows:
        asked[row.id].add(row.block_id)
    return [
        AssignedDossier(
            *(row.id, row.candidate_id, row.candidate, row.title, row.code, row.state),
            *(row.regime, row.admissible_on, row.opened_at),
            {block.number: block for block in blocks if block.id in asked[row.id]},
        )
        for row in {row.id: row for row in rows}.values()
    ]


def _candidacies(candidacies: Select[UUID]) -> Select[*tuple[Any, ...]]:
    """Select these candidacies when they have a livret 2, one row a block that they ask for."""
    given = candidacies.subquery()
    return (
        select(
            *(Candidacy.id, Candidacy.candidate_id, candidate_display_name(Person).label("candidate")),
            *(CertificationVersion.title, Certification.code, Dossier.state),
            *(Candidacy.regime, Candidacy.admissible_on, Candidacy.opened_at, candidacy_block.c.block_id),
        )
        .select_from(given)
        .join(Candidacy, Candidacy.id == given.c[0])
        .join(Dossier, (Dossier.candidacy_id == Candidacy.id) & Dossier.is_required)
        .join(Candidacy.candidate)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .outerjoin(candidacy_block, candidacy_block.c.candidacy_id == Candidacy.id)
    )


def load_board_data(session: Session, given: Sequence[AssignedDossier]) -> BoardData:
    """Answer what the board knows of these candidacies, in a number of queries that does not grow."""
    ids = [assigned_dossier.id for assigned_dossier in given]
    people = {assigned_dossier.candidate_id for assigned_dossier in given}
    held, today = load_held_by_person(session, people, notified=True), today_of(session)
    sent, activity = _stages_and_activity(session, ids)
    claimed_since, last_message_at, unread = _claims_and_messages(session, ids)
    return BoardData(
        marks=load_latest_reviews(session, tuple(ids)),
        claimed_since=claimed_since,
        last_message_at=last_message_at,
        unread=unread,
        held={dossier.id: held.blocks_since(dossier.candidate_id, today) for dossier in given},
        sent=sent,
        activity=activity,
    )


def _claims_and_messages(
    session: Session, ids: Collection[UUID]
) -> tuple[Mapping[Key, datetime], Mapping[Key, Mapping[UUID, datetime]], Mapping[UUID, int]]:
    """Since when each competency is claimed, when each person last wrote there, and what is not read of
    the candidate.
    """
    claimed: dict[Key, datetime] = {}
    written: defaultdict[Key, dict[UUID, datetime]] = defaultdict(dict)
    unread: Counter[UUID] = Counter()
    rows = session.execute(union_all(_messages(ids), _claims(ids)))
    for candidacy_id, competency_id, author_id, moment, number in rows:
        if author_id is None:
            claimed[candidacy_id, competency_id] = moment
        else:
            written[candidacy_id, competency_id][author_id] = moment
            unread[candidacy_id] += number
    return claimed, written, unread


def _claims(ids: Collection[UUID]) -> Select[*tuple[Any, ...]]:
    keys = Claim.candidacy_id, Claim.competency_id
    return (
        select(*keys, null(), func.min(Claim.changed_at), literal(0))
        .join(Claim.evidence)
        .where(Claim.candidacy_id.in_(ids), Evidence.removed_at.is_(None))
        .group_by(*keys)
    )


def _messages(ids: Collection[UUID]) -> Select[*tuple[Any, ...]]:
    keys = Message.candidacy_id, Message.competency_id, Message.author_id
    read = and_(
        ThreadReadMarker.candidacy_id == Message.candidacy_id,
        ThreadReadMarker.competency_id == Message.competency_id,
        ThreadReadMarker.person_id == Candidacy.advisor_id,
    )
    is_unread = and_(
        Message.author_id == Candidacy.candidate_id,
        ThreadReadMarker.read_until.is_(None) | (Message.sent_at > ThreadReadMarker.read_until),
    )
    return (
        select(*keys, func.max(Message.sent_at), func.count().filter(is_unread))
        .join(Candidacy, Candidacy.id == Message.candidacy_id)
        .outerjoin(ThreadReadMarker, read)
        .where(Message.candidacy_id.in_(ids), Message.withdrawn_at.is_(None))
        .group_by(*keys)
    )


def _stages_and_activity(
    session: Session, ids: Collection[UUID]
) -> tuple[dict[UUID, SubmissionDates], dict[UUID, datetime]]:
    """Return where the last submission of each candidacy is, and when its candidate last did something.

    A candidacy that never submitted is absent from the first; one where nothing was done, from the second.
    """
    notified = (ResultNotification.candidacy_id == Submission.candidacy_id) & (
        ResultNotification.number == Submission.number
    )
    waits = exists().where(Minutes.hearing_id == Hearing.id, awaits_notification(Minutes.id)).correlate(Hearing)
    last = last_activity(ids).subquery()
    rows = session.execute(
        select(Candidacy.id, Submission.submitted_at, next_day().label("held_on"), Hearing.closed_at)
        .add_columns(ResultNotification.notified_at, waits.label("unnotified"), last.c.moment)
        .add_columns(
            is_suspended().label("is_suspended"),
            is_away().label("is_away"),
            was_absent(Submission.id).label("was_absent"),
        )
        .select_from(Candidacy)
        .outerjoin(Submission, (Submission.candidacy_id == Candidacy.id) & ~is_superseded())
        .outerjoin(Hearing, is_current_hearing())
        .outerjoin(Hearing.session)
        .outerjoin(ResultNotification, notified)
        .outerjoin(last, last.c.candidacy_id == Candidacy.id)
        .where(Candidacy.id.in_(ids))
    ).all()
    sent = {
        row.id: SubmissionDates(
            *(row.submitted_at, row.held_on, row.closed_at, row.notified_at, row.unnotified),
            *(row.is_suspended, row.is_away, row.was_absent),
        )
        for row in rows
        if row.submitted_at is not None
    }
    return sent, {row.id: row.moment for row in rows if row.moment is not None}
