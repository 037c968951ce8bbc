"""A hearing whose minutes are closed, made by hand: the grants are what is tested, not the jury."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.domain.candidacy.models import Submission
from portfolio.domain.certification.models import Block
from portfolio.domain.holdings.models.events import ResultNotification
from portfolio.domain.holdings.use_cases.notified_results import awaits_notification
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision, RecordedFinding
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.rules.enums import Attendance, FindingValue, Outcome
from portfolio.domain.submission.use_cases.submit import submit
from tests import factories

STATEMENT = "Je déclare sur l’honneur être l’autrice de ce dossier."
SEALED_AT = datetime(2026, 3, 4, 17, 5, tzinfo=UTC)
JUNE = date(2026, 6, 18)


def sealed(session: Session, world: factories.World, at: datetime = SEALED_AT) -> Submission:
    """Return the candidate of a world submits."""
    return submit(session, world.candidacy.id, STATEMENT, by=world.candidate.id, at=at)


def hearing(session: Session, submission: Submission, on: date = JUNE) -> Hearing:
    """A session hears a sealed dossier."""
    version = submission.candidacy.version
    jury = JurySession(
        body_id=version.certification.body_id, version_id=version.id, held_on=on, place="Paris", planned_at=factories.AT
    )
    found = Hearing(session=jury, submission=submission)
    session.add_all([jury, found])
    session.flush()
    return found


def minutes(
    session: Session,
    heard: Hearing,
    validated: Collection[Block] = (),
    refused: Collection[Block] = (),
    faults: Collection[str] = (),
    attendance: Attendance = Attendance.HEARD,
    *,
    notified: bool = True,
    closed_at: datetime = factories.AT,
) -> Minutes:
    """Closed minutes: every competency of a validated block acquired, the second one of a refused block not;
    the letter sent.
    """
    rank = session.scalar(select(func.count()).select_from(Minutes)) + 1
    found = Minutes(
        hearing_id=heard.id,
        number=f"2026-{rank:02d}",
        decided_on=heard.session.held_on,
        closed_at=closed_at,
        closed_by=heard.submission.candidacy.candidate_id,
        root=heard.submission.root,
        attendance=attendance,
        composition={"predicates": [{"id": fault, "holds": False, "blocking": True} for fault in faults]},
    )
    session.add(found)
    session.flush()
    for block in (*validated, *refused):
        wins = block in validated
        session.add(
            RecordedDecision(
                minutes_id=found.id,
                block_id=block.id,
                outcome=Outcome.VALIDATED if wins else Outcome.NOT_VALIDATED,
                reason="" if wins else "Aucun chiffrage des besoins en personnes.",
                override_reason="",
                recommendation="" if wins else "Joindre un budget d’embauche.",
            )
        )
        for competency in block.competencies:
            acquired = wins or competency.number != 2
            session.add(
                RecordedFinding(
                    minutes_id=found.id,
                    competency_id=competency.id,
                    value=FindingValue.ACQUIRED if acquired else FindingValue.NOT_ACQUIRED,
                    reason="" if acquired else "Les besoins ne sont pas estimés.",
                    ground=None,
                    ground_text="",
                )
            )
    heard.closed_at = closed_at
    session.flush()
    if notified and (validated or refused):
        give_letters(session, heard.submission.candidacy_id)
    return found


def give_letters(session: Session, candidacy_id: UUID) -> None:
    """The results of a candidacy are notified, by hand: the letter is not what is tested."""
    query = (
        select(Minutes, Submission.number)
        .join(Hearing, Hearing.id == Minutes.hearing_id)
        .join(Submission, Submission.id == Hearing.submission_id)
        .where(Submission.candidacy_id == candidacy_id, awaits_notification(Minutes.id))
    )
    for row, number in session.execute(query).all():
        sent = {"minutes_id": row.id, "candidacy_id": candidacy_id, "number": number, "letter": {}}
        session.add(ResultNotification(**sent, notified_at=row.closed_at, notified_by=row.closed_by))
    session.flush()
