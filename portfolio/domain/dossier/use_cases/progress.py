"""Read the progress of a candidacy: people, certification, dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, Text, bindparam, exists, func, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session, aliased

from portfolio.calendar import day_of
from portfolio.db.engine import fetch_rows
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import (
    Candidacy,
    LapseRuling,
    Submission,
    advisor_display_name,
    candidate_display_name,
)
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.stage import PathFacts, PathStep, path_step
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.dossier.models.dossier import Claim, Dossier, Experience, Pace
from portfolio.domain.dossier.models.evidence import Evidence, is_joined
from portfolio.domain.dossier.rules.draft import DossierState, GeneralText
from portfolio.domain.dossier.rules.rehearsal import BEFORE_SESSION
from portfolio.domain.dossier.use_cases.draft_changes import rows_changes
from portfolio.domain.holdings.models.grants import Grant, PriorHolding
from portfolio.domain.holdings.use_cases.notified_results import awaits_notification
from portfolio.domain.jury.models.deliberation import (
    Minutes,
    RecordedDecision,
    day_of_resumption,
    is_suspended,
    next_day_of_hearing,
    was_absent,
)
from portfolio.domain.jury.models.sessions import Hearing, JurySession, is_away, is_current_hearing


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a candidacy: its people, its certification, its dates, its last submission and hearing."""

    candidacy_id: UUID
    candidate_id: UUID
    version_id: UUID
    candidate: str
    advisor: str | None
    title: str
    code: str
    regime: Regime
    admissible_on: date
    opened_at: datetime
    state: DossierState
    texts: frozenset[GeneralText]
    experiences: int
    pieces: int
    submission_id: UUID | None
    submitted_at: datetime | None
    heard_on: date | None
    place: str | None
    closed_at: datetime | None
    # Whether the certifier ruled on a delay that had passed; whether a block was ever granted to the
    # candidate.
    ruled: bool = False
    granted: bool = False
    # Whether the decision of the last hearing waits for its notification (R6412-7).
    unnotified: bool = False
    # Whether minutes of the last submission record an absence; whether a jury ever decided for this
    # candidacy.
    absent: bool = False
    # Whether the jury of the day noted that the person did not come.
    away: bool = False
    # Whether the deliberation is suspended, and the day on which it resumes, when it is known.
    suspended: bool = False
    resumes_on: date | None = None
    ever_decided: bool = False
    # Whether a block held before was recorded for the candidate.
    held_before: bool = False
    # What helped to write (`draft.WritingHelp`): the sworn statement names it.
    helps: Sequence[str] = ()
    # What changes whenever a claim, or a piece that a deposit takes, does.
    changes: str = ""
    # The day of the deposit that the candidate chose, and that of the session that they chose, while it stands.
    target_on: date | None = None
    target_session_on: date | None = None

    @property
    def target(self) -> date | None:
        """Return the day of the deposit that the candidate aims at: their own, once their session was cancelled."""
        return self.target_session_on - BEFORE_SESSION if self.target_session_on else self.target_on

    @property
    def has_past(self) -> bool:
        """Return whether something was decided or recorded that an act can have ended."""
        return self.granted or self.ever_decided or self.held_before

    def standing_day(self, today: date) -> date:
        """Return the day on which each block is looked at: that of the decision, of the deposit while no jury decided,
        or today for a draft, where a block whose validity has ended can be presented again (R6).
        """
        if self.state is DossierState.DRAFT or self.submitted_at is None:
            return today
        decided = self.heard_on if self.closed_at else None
        return decided or day_of(self.submitted_at)

    @property
    def stage(self) -> PathStep:
        """Return the next step of the last submission."""
        return path_step(
            PathFacts(
                is_sealed=True,
                has_session=self.heard_on is not None,
                is_closed=self.closed_at is not None,
                is_unnotified=self.unnotified,
                is_suspended=self.suspended,
                is_away=self.away,
                was_absent=self.absent,
            )
        )


def load_progress(session: Session, candidacy_id: UUID) -> Progress:
    """Answer where a candidacy stands, in one query; raises NoResultFound when it does not exist."""
    found = fetch_rows(session, _PATH, {"candidacy": candidacy_id})
    if not found:
        raise NoResultFound
    row = found[0]._asdict()
    texts = frozenset(text for text in GeneralText if row.pop(text.value))
    return Progress(texts=texts, **row)


def _progress_query() -> Select[*tuple[Any, ...]]:
    candidate, advisor, chosen = aliased(Person), aliased(Person), aliased(JurySession)
    last = select(func.max(Submission.number)).where(Submission.candidacy_id == Candidacy.id).correlate(Candidacy)
    return (
        select(*_progress_columns(candidate, advisor), Pace.target_on, chosen.held_on.label("target_session_on"))
        .join(candidate, candidate.id == Candidacy.candidate_id)
        .outerjoin(advisor, advisor.id == Candidacy.advisor_id)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .join(Dossier, Dossier.candidacy_id == Candidacy.id)
        .outerjoin(
            Submission, (Submission.candidacy_id == Candidacy.id) & (Submission.number == last.scalar_subquery())
        )
        .outerjoin(Hearing, is_current_hearing())
        .outerjoin(Hearing.session)
        .outerjoin(Pace, Pace.candidacy_id == Candidacy.id)
        .outerjoin(chosen, (chosen.id == Pace.session_id) & chosen.cancelled_at.is_(None))
        .where(Candidacy.id == bindparam("candidacy"))
    )


def _progress_columns(candidate: type[Person], advisor: type[Person]) -> tuple[Any, ...]:
    """One column for each field of `Progress`, under its name; the own texts only as « written or not »."""
    judged, sent = aliased(Hearing), aliased(Submission)
    ever = exists().where(
        sent.candidacy_id == Candidacy.id, judged.submission_id == sent.id,
        Minutes.hearing_id == judged.id, RecordedDecision.minutes_id == Minutes.id,
    ).correlate(Candidacy)  # fmt: skip
    experiences = select(func.count()).where(Experience.candidacy_id == Candidacy.id).correlate(Candidacy)
    current = (Evidence.candidacy_id == Candidacy.id, Evidence.removed_at.is_(None))
    pieces = select(func.count()).where(*current).correlate(Candidacy)
    return (
        Candidacy.id.label("candidacy_id"),
        Candidacy.candidate_id,
        Candidacy.version_id,
        candidate_display_name(candidate).label("candidate"),
        advisor_display_name(advisor).label("advisor"),
        CertificationVersion.title,
        Certification.code,
        Candidacy.regime,
        Candidacy.admissible_on,
        Candidacy.opened_at,
        Dossier.state,
        *((getattr(Dossier, text.value) != "").label(text.value) for text in GeneralText),
        experiences.scalar_subquery().label("experiences"),
        pieces.scalar_subquery().label("pieces"),
        Submission.id.label("submission_id"),
        Submission.submitted_at,
        next_day_of_hearing().label("heard_on"),
        JurySession.place,
        Hearing.closed_at,
        exists().where(LapseRuling.candidacy_id == Candidacy.id).correlate(Candidacy).label("ruled"),
        exists().where(Grant.person_id == Candidacy.candidate_id).correlate(Candidacy).label("granted"),
        exists()
        .where(Minutes.hearing_id == Hearing.id, awaits_notification(Minutes.id))
        .correlate(Hearing)
        .label("unnotified"),
        was_absent(Submission.id).label("absent"),
        is_away().label("away"),
        is_suspended().label("suspended"),
        day_of_resumption().label("resumes_on"),
        ever.label("ever_decided"),
        exists().where(PriorHolding.person_id == Candidacy.candidate_id).correlate(Candidacy).label("held_before"),
        Dossier.helps,
        func.concat(_changes(Claim), _changes(Evidence, is_joined(Evidence)), type_=Text).label("changes"),
    )


def _changes(table: Any, *among: ColumnElement[bool]) -> ScalarSelect[str]:
    own = select(rows_changes(table)).where(table.candidacy_id == Candidacy.id, *among).correlate(Candidacy)
    return own.scalar_subquery()


_PATH = _progress_query()
