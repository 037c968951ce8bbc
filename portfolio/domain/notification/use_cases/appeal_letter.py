"""Gather the data of the letters of an appeal, and of the one that says an absence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certifying_body.look import load_look_of_version
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Look
from portfolio.domain.holdings.use_cases.appeals import AppealDetails, list_own_appeals, load_words
from portfolio.domain.jury.models.deliberation import AbsenceLetter, Minutes
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.submission.models import Submission


@dataclass(frozen=True, slots=True)
class AppealLetterData:
    """An appeal, the decision that it contests, and how the body names itself where the letter kept
    nothing.
    """

    details: AppealDetails
    candidate: str
    title: str
    code: str
    minutes: str
    decided_on: date
    words: dict[str, Any]
    look: Look = PLAIN_LOOK


@dataclass(frozen=True, slots=True)
class AbsenceLetterData:
    """The letter that said to a person that the jury met without them, as it was written."""

    candidate: str
    title: str
    code: str
    minutes: str
    decided_on: date
    words: dict[str, Any]
    look: Look
    written_at: datetime
    is_excused: bool
    is_record: bool


def find_absence_letter(session: Session, candidacy_id: UUID, hearing_id: UUID) -> AbsenceLetterData | None:
    """Read the letter of an absence of a candidacy; None when none was written."""
    query = (
        select(AbsenceLetter, Minutes, Submission)
        .join(Minutes, Minutes.id == AbsenceLetter.minutes_id)
        .join(Hearing, Hearing.id == Minutes.hearing_id)
        .join(Submission, Submission.id == Hearing.submission_id)
        .where(Hearing.id == hearing_id, Submission.candidacy_id == candidacy_id)
    )
    row = session.execute(query).first()
    if row is None:
        return None
    letter, minutes, submission = row
    candidacy = session.get_one(Candidacy, candidacy_id)
    return AbsenceLetterData(
        candidacy.candidate_name,
        candidacy.version.title,
        candidacy.version.certification.code,
        minutes.number,
        minutes.decided_on,
        letter.words,
        load_look_of_version(session, candidacy.version_id, letter.written_at),
        letter.written_at,
        minutes.attendance is Attendance.EXCUSED,
        submission.kind is not None,
    )


def find_appeal_letter(session: Session, candidacy_id: UUID, appeal_id: UUID) -> AppealLetterData | None:
    """Read what the letters of an appeal of a candidacy say; None when it is not one."""
    rows = list_own_appeals(session, candidacy_id)
    details = next((row for row in rows if row.appeal.id == appeal_id), None)
    if details is None:
        return None
    candidacy = session.get_one(Candidacy, candidacy_id)
    minutes = session.get_one(Minutes, details.appeal.minutes_id)
    written_at = details.answer.recorded_at if details.answer else details.appeal.recorded_at
    return AppealLetterData(
        details,
        candidacy.candidate_name,
        candidacy.version.title,
        candidacy.version.certification.code,
        minutes.number,
        minutes.decided_on,
        load_words(session, candidacy, None),
        load_look_of_version(session, candidacy.version_id, written_at),
    )
