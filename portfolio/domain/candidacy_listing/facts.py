"""Read the facts of candidacies, many at once, and turn them into what lists keep."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Uuid,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from portfolio.calendar import day_of
from portfolio.db.engine import fetch_rows
from portfolio.domain.account.models import LoginSession, Person
from portfolio.domain.account.rules import sort_name
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.candidacy.models import (
    Candidacy,
    CandidacyClosure,
    LapseRuling,
    Submission,
    advisor_display_name,
    candidacy_block,
    candidate_display_name,
    is_erased,
)
from portfolio.domain.candidacy.rules.deadlines import DeadlineKind
from portfolio.domain.candidacy.rules.missed_deadlines import LapseOutcome, ProgressDates
from portfolio.domain.candidacy.rules.opening import regime_for
from portfolio.domain.candidacy.rules.stage import Stage, is_closed, stage_of
from portfolio.domain.candidacy.use_cases import earliest_day, first_activity_at, first_submission_at
from portfolio.domain.candidacy_listing.models import NO_DAY, CandidacyListing
from portfolio.domain.candidacy_listing.rules import (
    OpenDeadlineValue,
    last_step,
    open_deadlines,
    outcome_to_text,
    reached_stage,
    search_text,
)
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.email.rules import plain_words
from portfolio.domain.holdings.models.events import ResultNotification
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.use_cases.holdings import HeldByPerson, load_held_by_person
from portfolio.domain.holdings.use_cases.status_history import CandidacyOutcome, load_outcomes
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision
from portfolio.domain.jury.models.deliberation import next_day_of_hearing as next_day
from portfolio.domain.jury.models.sessions import Hearing, is_current_hearing

NAME_CHARS = 200


@dataclass(frozen=True, slots=True)
class CandidacyFacts:
    """Facts that lists keep of one candidacy, and its delays."""

    value: CandidacyListing
    deadlines: tuple[OpenDeadlineValue, ...]


@dataclass(frozen=True, slots=True)
class _Around:
    """Rows that are read apart, by candidacy."""

    rulings: Mapping[UUID, Mapping[DeadlineKind, LapseOutcome]]
    closed_at: Mapping[UUID, datetime]
    numbers: Mapping[UUID, list[str]]
    obtained: frozenset[UUID]
    outcomes: Mapping[UUID, CandidacyOutcome]


def has_come(candidate: type[Person]) -> ColumnElement[bool]:
    """Return whether the candidate of the candidacy of a query logged in, or did anything, since the
    candidacy was opened.
    """
    logged = exists().where(LoginSession.person_id == candidate.id, LoginSession.started_at >= Candidacy.opened_at)
    acted = exists().where(AuditEvent.actor_id == candidate.id, AuditEvent.occurred_at >= Candidacy.opened_at)
    return and_(candidate.password_hash.is_not(None), or_(logged, acted))


# Asked by nearly every write, so built once.
_IDS: BindParameter[Any] = bindparam("ids", type_=Uuid(), expanding=True)
_RULINGS = (
    select(LapseRuling.candidacy_id, LapseRuling.deadline_kind, LapseRuling.outcome)
    .where(LapseRuling.candidacy_id.in_(_IDS))
    .order_by(LapseRuling.recorded_at, LapseRuling.id)
)
_CLOSURES = (
    select(CandidacyClosure.candidacy_id, CandidacyClosure.kind, CandidacyClosure.recorded_at)
    .where(CandidacyClosure.candidacy_id.in_(_IDS))
    .order_by(CandidacyClosure.rank)
)
_MINUTES = (
    select(Submission.candidacy_id, Minutes.number)
    .join(Hearing, Hearing.submission_id == Submission.id)
    .join(Minutes, Minutes.hearing_id == Hearing.id)
    .where(Submission.candidacy_id.in_(_IDS))
    .order_by(Minutes.closed_at, Minutes.number)
)
# Of blocks, then of wholes.
_CERTIFICATES = union_all(
    select(Candidacy.id, Certificate.number, literal(0).label("is_whole"))
    .join(Grant, Grant.person_id == Candidacy.candidate_id)
    .join(Block, (Block.id == Grant.block_id) & (Block.version_id == Candidacy.version_id))
    .join(Certificate, Certificate.grant_id == Grant.id)
    .where(Candidacy.id.in_(_IDS)),
    select(Candidacy.id, Certificate.number, literal(1))
    .join(Award, (Award.person_id == Candidacy.candidate_id) & (Award.version_id == Candidacy.version_id))
    .join(Certificate, Certificate.award_id == Award.id)
    .where(Candidacy.id.in_(_IDS)),
).order_by("is_whole", "number")
_ASKED = select(candidacy_block.c.candidacy_id, candidacy_block.c.block_id).where(
    candidacy_block.c.candidacy_id.in_(_IDS)
)


def load_facts(session: Session, ids: Collection[UUID]) -> dict[UUID, CandidacyFacts]:
    """Return what lists keep of these candidacies, in a constant number of queries."""
    rows = fetch_rows(session, _facts(), {"ids": list(ids)})
    granted = {row.id: row.candidate_id for row in rows if row.granted}
    decided = [row.id for row in rows if row.was_decided]
    people = {row.candidate_id for row in rows if row.granted or row.was_decided}
    held = load_held_by_person(session, people) if people else HeldByPerson([], {}, {})
    around = _Around(
        _rulings(session, ids),
        _closed_at(session, ids),
        _numbers(session, ids, granted),
        _obtained(session, rows, held),
        load_outcomes(session, decided, held) if decided else {},
    )
    return {row.id: _candidacy_facts(row, around) for row in rows}


@cache
def _facts() -> Any:
    candidate, advisor = aliased(Person), aliased(Person)
    last = (
        select(func.max(Submission.number))
        .where(Submission.candidacy_id == Candidacy.id)
        .correlate(Candidacy)
        .scalar_subquery()
    )
    heard = exists().where(Hearing.submission_id == Submission.id, Submission.candidacy_id == Candidacy.id)
    decided = exists().where(
        Minutes.hearing_id == Hearing.id,
        Hearing.submission_id == Submission.id,
        Submission.candidacy_id == Candidacy.id,
        Minutes.void_reason.is_(None),
    )
    return (
        select(
            *(Candidacy.id, Certification.body_id, Candidacy.candidate_id, Candidacy.version_id, Candidacy.advisor_id),
            *(Candidacy.route, Candidacy.regime, Candidacy.opened_at, Candidacy.admissible_on),
            candidate_display_name(candidate).label("name"),
            candidate.email,
            advisor_display_name(advisor).label("advisor"),
            Candidacy.group_name.label("group"),
            has_come(candidate).label("has_come"),
            *(
                Dossier.state,
                Submission.submitted_at,
                Hearing.session_id,
                next_day().label("held_on"),
                Hearing.closed_at,
            ),
            Minutes.decided_on,
            _to_notify_since().label("to_notify_since"),
            ResultNotification.notified_at,
            first_activity_at().label("first_activity"),
            first_submission_at().label("first_submission"),
            exists().where(Grant.person_id == Candidacy.candidate_id).correlate(Candidacy).label("granted"),
            heard.correlate(Candidacy).label("was_called"),
            decided.correlate(Candidacy).label("was_decided"),
            is_erased().label("is_erased"),
        )
        .select_from(Candidacy)
        .join(candidate, candidate.id == Candidacy.candidate_id)
        .outerjoin(advisor, advisor.id == Candidacy.advisor_id)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .outerjoin(Dossier, Dossier.candidacy_id == Candidacy.id)
        .outerjoin(Submission, (Submission.candidacy_id == Candidacy.id) & (Submission.number == last))
        .outerjoin(Hearing, is_current_hearing())
        .outerjoin(Hearing.session)
        .outerjoin(Minutes, Minutes.hearing_id == Hearing.id)
        .outerjoin(ResultNotification, ResultNotification.minutes_id == Minutes.id)
        .where(Candidacy.id.in_(_IDS))
    )


def _to_notify_since() -> Any:
    """Return, for the candidacy of a query, the day of its first decision that no notification gave."""
    minutes, sealed, heard, letter = (
        aliased(Minutes),
        aliased(Submission),
        aliased(Hearing),
        aliased(ResultNotification),
    )
    decided = exists().where(RecordedDecision.minutes_id == minutes.id)
    notified = exists().where(letter.minutes_id == minutes.id)
    query = (
        select(func.min(minutes.decided_on))
        .join(heard, heard.id == minutes.hearing_id)
        .join(sealed, sealed.id == heard.submission_id)
        .where(sealed.candidacy_id == Candidacy.id, decided, ~notified)
    )
    return query.correlate(Candidacy).scalar_subquery()


def _candidacy_facts(row: Any, around: _Around) -> CandidacyFacts:
    is_obtained, closed_at = row.id in around.obtained, around.closed_at.get(row.id)
    stage = stage_of(
        has_come=row.has_come,
        is_sealed=row.submitted_at is not None and row.state == DossierState.SUBMITTED,
        has_session=row.held_on is not None,
        is_decided=row.closed_at is not None,
        is_obtained=is_obtained,
        is_closed=closed_at is not None,
    )
    reached = reached_stage(
        has_come=row.has_come,
        was_sealed=row.submitted_at is not None,
        was_called=row.was_called,
        was_decided=row.was_decided,
        is_obtained=is_obtained,
    )
    outcome = around.outcomes.get(row.id)
    deadlines = () if row.is_erased else _deadlines(row, around.rulings.get(row.id, {}), is_over=closed_at is not None)
    value = CandidacyListing(
        candidacy_id=row.id,
        body_id=row.body_id,
        candidate_id=row.candidate_id,
        version_id=row.version_id,
        advisor_id=None if row.is_erased else row.advisor_id,
        session_id=row.session_id,
        route=row.route,
        stage=stage,
        reached=reached,
        opened_at=row.opened_at,
        stage_since=closed_at or _stage_since(row, stage),
        sort_name=sort_name(row.name, NAME_CHARS),
        search_text=_search_text((*_people_of(row), *around.numbers.get(row.id, ()))),
        deadline_on=min((each.deadline.until for each in deadlines), default=NO_DAY),
        jury_on=row.held_on,
        to_notify_since=None if row.is_erased else row.to_notify_since,
        outcome=outcome_to_text(outcome.result, outcome.ended) if outcome else "",
        awaits_first_step=not row.is_erased
        and (not row.has_come or (row.first_activity is None and row.submitted_at is None)),
    )
    return CandidacyFacts(value, deadlines)


def _people_of(row: Any) -> tuple[str | None, ...]:
    """Return the words about people by which a candidacy is found; an erased one only by the name that its
    minutes keep.
    """
    return (row.name,) if row.is_erased else (row.name, row.email, row.advisor, row.group)


def _search_text(parts: Iterable[str | None]) -> str:
    known = [part for part in parts if part]
    return search_text(known, {part: plain_words(part) for part in known})


def _stage_since(row: Any, stage: Stage) -> datetime:
    """Return since when a candidacy waits at its stage; the opening where no fact dates it better."""
    if stage is Stage.DECIDED and row.decided_on is not None:
        return datetime.combine(row.decided_on, time(12), UTC)
    dated = {Stage.SEALED: row.submitted_at, Stage.CALLED: row.submitted_at, Stage.WRITING: row.first_activity}
    moment: datetime = dated.get(stage) or row.opened_at
    return moment


def _deadlines(
    row: Any, rulings: Mapping[DeadlineKind, LapseOutcome], *, is_over: bool
) -> tuple[OpenDeadlineValue, ...]:
    if row.route != Route.VAE:
        return ()
    path = ProgressDates(
        regime_for(row.route, row.regime),
        row.admissible_on,
        day_of(row.opened_at),
        earliest_day((row.first_activity, row.first_submission)),
        day_of(row.submitted_at) if row.submitted_at else None,
        row.held_on if row.closed_at else None,
        day_of(row.notified_at) if row.notified_at else None,
    )
    return open_deadlines(path, rulings, is_over=is_over)


def _rulings(session: Session, ids: Collection[UUID]) -> Mapping[UUID, Mapping[DeadlineKind, LapseOutcome]]:
    """Return the last ruling on each delay of each candidacy."""
    found: defaultdict[UUID, dict[DeadlineKind, LapseOutcome]] = defaultdict(dict)
    for key, kind, outcome in fetch_rows(session, _RULINGS, {"ids": list(ids)}):
        found[key][kind or DeadlineKind.FIRST_STEP] = outcome
    return found


def _closed_at(session: Session, ids: Collection[UUID]) -> dict[UUID, datetime]:
    last = {key: (kind, at) for key, kind, at in fetch_rows(session, _CLOSURES, {"ids": list(ids)})}
    return {key: at for key, (kind, at) in last.items() if is_closed(kind)}


def _numbers(session: Session, ids: Collection[UUID], granted: Mapping[UUID, UUID]) -> Mapping[UUID, list[str]]:
    """Return the numbers of the minutes of each candidacy, and of its candidate's certificates of the same version."""
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    for row in fetch_rows(session, _MINUTES, {"ids": list(ids)}):
        found[row.candidacy_id].append(row.number)
    for row in fetch_rows(session, _CERTIFICATES, {"ids": list(granted)}) if granted else ():
        found[row.id].append(row.number)
    return found


def _obtained(session: Session, rows: Sequence[Any], held: HeldByPerson) -> frozenset[UUID]:
    """Return the candidacies whose every block asked for is held, by whatever way, and was valid at their
    last step: the opening, the last submission or its decision.
    """
    granted = [row for row in rows if row.granted]
    if not granted:
        return frozenset()
    asked: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for key, block_id in fetch_rows(session, _ASKED, {"ids": [row.id for row in granted]}):
        asked[key].add(block_id)
    return frozenset(
        row.id
        for row in granted
        if asked[row.id]
        and asked[row.id]
        <= held.blocks_since(row.candidate_id, last_step(row.opened_at, row.submitted_at, row.decided_on))
    )
