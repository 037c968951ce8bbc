"""Where a candidacy stands: its people, its certification, its dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, exists, func, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session, aliased

from portfolio.account.models import Person
from portfolio.candidacy.models import Candidacy, LapseRuling, named_advisor, named_candidate
from portfolio.candidacy.rules import Regime
from portfolio.certificate.models import Grant
from portfolio.certificate.services.notified import awaits_notification
from portfolio.certification.models import Certification, CertificationVersion
from portfolio.db import fetch
from portfolio.dossier.models import Dossier, Experience
from portfolio.dossier.rules import DossierState, OwnText, Stage
from portfolio.evidence.models import Evidence
from portfolio.jury.minutes import BlockDecision, Minutes
from portfolio.jury.models import Hearing, JurySession, hears
from portfolio.jury.rules import Attendance
from portfolio.submission.models import Submission


@dataclass(frozen=True, slots=True)
class Path:
    """Where the candidacy stands: its people, its certification, its dates, its last submission and hearing."""

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
    texts: frozenset[OwnText]
    experiences: int
    pieces: int
    submission_id: UUID | None
    submitted_at: datetime | None
    heard_on: date | None
    place: str | None
    closed_at: datetime | None
    # Whether the certifier ruled on a delay that had passed; whether a block was ever granted to the candidate.
    ruled: bool = False
    granted: bool = False
    # Whether the decision of the last hearing waits for its notification (R6412-7).
    unnotified: bool = False
    # Whether the minutes of the last hearing record an absence; whether a jury ever decided for this candidacy.
    absent: bool = False
    ever_decided: bool = False

    @property
    def stage(self) -> Stage:
        """Where the last submission is."""
        if self.closed_at is not None:
            if self.unnotified:
                return Stage.AWAITS_NOTIFICATION
            return Stage.NOT_HEARD if self.absent else Stage.DECIDED
        return Stage.AWAITS_SESSION if self.heard_on is None else Stage.AWAITS_JURY


def path_of(session: Session, candidacy_id: UUID) -> Path:
    """Answer where a candidacy stands, in one query; raises NoResultFound when it does not exist."""
    found = fetch(session, _PATH, {"candidacy": candidacy_id})
    if not found:
        raise NoResultFound
    row = found[0]._asdict()
    texts = frozenset(text for text in OwnText if row.pop(text.value))
    return Path(texts=texts, **row)


def _path_query() -> Select[*tuple[Any, ...]]:
    candidate, advisor = aliased(Person), aliased(Person)
    last = select(func.max(Submission.number)).where(Submission.candidacy_id == Candidacy.id).correlate(Candidacy)
    return (
        select(*_path_columns(candidate, advisor))
        .join(candidate, candidate.id == Candidacy.candidate_id)
        .outerjoin(advisor, advisor.id == Candidacy.advisor_id)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .join(Dossier, Dossier.candidacy_id == Candidacy.id)
        .outerjoin(Submission, (Submission.candidacy_id == Candidacy.id) & (Submission.number == last.scalar_subquery()))
        .outerjoin(Hearing, hears())
        .outerjoin(JurySession, JurySession.id == Hearing.session_id)
        .where(Candidacy.id == bindparam("candidacy"))
    )


def _path_columns(candidate: type[Person], advisor: type[Person]) -> tuple[Any, ...]:
    """One column for each field of `Path`, under its name; the own texts only as « written or not »."""
    judged, sent = aliased(Hearing), aliased(Submission)
    away = Minutes.attendance.in_((Attendance.ABSENT, Attendance.EXCUSED))
    absent = exists().where(Minutes.hearing_id == Hearing.id, away).correlate(Hearing)
    ever = exists().where(
        sent.candidacy_id == Candidacy.id, judged.submission_id == sent.id,
        Minutes.hearing_id == judged.id, BlockDecision.minutes_id == Minutes.id,
    ).correlate(Candidacy)  # fmt: skip
    experiences = select(func.count()).where(Experience.candidacy_id == Candidacy.id).correlate(Candidacy)
    kept = (Evidence.candidacy_id == Candidacy.id, Evidence.removed_at.is_(None))
    pieces = select(func.count()).where(*kept).correlate(Candidacy)
    return (
        Candidacy.id.label("candidacy_id"), Candidacy.candidate_id, Candidacy.version_id,
        named_candidate(candidate).label("candidate"), named_advisor(advisor).label("advisor"),
        CertificationVersion.title, Certification.code, Candidacy.regime, Candidacy.admissible_on, Candidacy.opened_at,
        Dossier.state, *((getattr(Dossier, text.value) != "").label(text.value) for text in OwnText),
        experiences.scalar_subquery().label("experiences"), pieces.scalar_subquery().label("pieces"),
        Submission.id.label("submission_id"), Submission.submitted_at,
        JurySession.held_on.label("heard_on"), JurySession.place, Hearing.closed_at,
        exists().where(LapseRuling.candidacy_id == Candidacy.id).correlate(Candidacy).label("ruled"),
        exists().where(Grant.person_id == Candidacy.candidate_id).correlate(Candidacy).label("granted"),
        exists().where(Minutes.hearing_id == Hearing.id, awaits_notification(Minutes.id)).correlate(Hearing).label("unnotified"),
        absent.label("absent"), ever.label("ever_decided"),
    )  # fmt: skip


_PATH = _path_query()
