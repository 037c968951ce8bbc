"""From closed minutes to the letter that tells their result; nothing here decides.

Gather the data of the letters of an appeal, and of the one that says an absence.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portfolio.domain.assessment.rules import RetryRule
from portfolio.domain.assessment.use_cases.plans import retry_rule
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.certifying_body.look import load_look_of_version
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, BodySettingsValue, Look
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant, is_latest
from portfolio.domain.holdings.rules.completion import end_of_validity, result_for
from portfolio.domain.holdings.rules.granting import GrantGround
from portfolio.domain.holdings.rules.status_changes import ENDED, GrantStatus
from portfolio.domain.holdings.use_cases.appeals import AppealDetails, list_own_appeals, load_words
from portfolio.domain.holdings.use_cases.facts import load_catalogue, load_history
from portfolio.domain.holdings.use_cases.holdings import HeldBlock, held_blocks
from portfolio.domain.holdings.use_cases.notified_results import award_is_notified
from portfolio.domain.holdings.use_cases.recompute import load_explanation
from portfolio.domain.holdings.use_cases.status import load_statuses
from portfolio.domain.jury.models.deliberation import AbsenceLetter, Minutes, RecordedDecision, RecordedFinding
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.rules.enums import Attendance, FindingValue, Outcome
from portfolio.domain.jury_session.use_cases.minutes import load_granted_certificates
from portfolio.domain.notification.rules.letter import (
    Letter,
    LetterAcquired,
    LetterBlock,
    LetterCompetency,
    LetterGranted,
    LetterHeld,
    LetterOther,
    LetterSession,
    prefilled,
)
from portfolio.domain.submission.rules.manifest import read_manifest

# A decision that was annulled is told as such, whether the next jury has the dossier or not.
ANNULLED = frozenset({GrantGround.ANNULLED, GrantGround.ANNULLED_AWAITING_JURY})
DECIDED = exists().where(RecordedDecision.minutes_id == Minutes.id)
_SUBMISSION = joinedload(Minutes.hearing).joinedload(Hearing.submission)
_VERSION = _SUBMISSION.joinedload(Submission.candidacy).joinedload(Candidacy.version)
WITH_ALL = (
    selectinload(Minutes.decisions),
    selectinload(Minutes.findings),
    joinedload(Minutes.hearing).joinedload(Hearing.session),
    _SUBMISSION.joinedload(Submission.candidacy).joinedload(Candidacy.candidate),
    _VERSION.joinedload(CertificationVersion.certification).joinedload(Certification.body),
    _VERSION.selectinload(CertificationVersion.blocks).joinedload(Block.competencies),
)
_REQUESTED = _SUBMISSION.joinedload(Submission.candidacy).selectinload(Candidacy.blocks)


def find_minutes(session: Session, candidacy_id: UUID, number: int) -> Minutes | None:
    """Find the closed minutes that decided a submission of a candidacy; None while there are none."""
    query = (
        select(Minutes)
        .join(Minutes.hearing)
        .join(Hearing.submission)
        .where(Submission.candidacy_id == candidacy_id, Submission.number == number, DECIDED)
        .options(*WITH_ALL, _REQUESTED)
    )
    return session.scalars(query).unique().one_or_none()


def load_letter(session: Session, minutes: Minutes, words: BodySettingsValue, today: date) -> Letter:
    """Write the letter as far as the facts tell it today: what is granted, per competency what the jury saw,
    and the rest.

    What was decided is of the minutes; what stands is of today (R6, R10–R12): a block acquired by another act
    meanwhile is not refused, one suspended or waiting for a ruling is not acquired. Of other juries it reads what
    their letters told, and nothing else (domain §10).
    """
    submission = minutes.hearing.submission
    candidacy = submission.candidacy
    body = candidacy.version.certification.body
    decided = _DecidedBlocks.of(session, minutes, today)
    given, _ = load_granted_certificates(session, minutes.id)
    # What ended is told by the act that makes the block held all the same.
    given = {block: told for block, told in given.items() if told[1] not in ENDED or block not in decided.standing}
    return Letter(
        certifier=words.legal_name or body.name,
        address=words.address,
        city=words.city or body.city,
        remedies=words.remedies,
        contact=words.contact,
        candidate=read_manifest(submission.manifest).candidate,
        title=candidacy.version.title,
        code=candidacy.version.certification.code,
        minutes=minutes.number,
        decided_on=minutes.decided_on,
        result=result_for(candidacy.scope, {block.id for block in candidacy.blocks}, decided.standing.keys()),
        granted=tuple(
            LetterGranted(
                block.number,
                block.title,
                given[block.id][0],
                decided.decisions[block.id].reason,
                given[block.id][1],
                end_of_validity(minutes.decided_on, block.validity_months),
            )
            for block in decided.granted(given.keys())
        ),
        held=tuple(
            LetterHeld(block.number, block.title, held.granted_on, held.number, held.is_prior, held.until)
            for block in decided.held(given.keys())
            for held in (decided.standing[block.id],)
        ),
        refused=tuple(_refused(block, decided.decisions[block.id], minutes.findings) for block in decided.refused),
        whole=_find_whole(session, candidacy, minutes),
        others=tuple(
            LetterOther(block.number, block.title, ground, decided.lapsed.get(block.id))
            for block, ground in decided.others(given.keys())
        ),
        sessions=_sessions(session, candidacy.version, today),
        blocks=len(decided.blocks),
        by_vae=submission.kind is None,
        next_cohort=submission.kind is not None and retry_rule(session, candidacy.version_id) is RetryRule.NEXT_COHORT,
    )


def _find_whole(session: Session, candidacy: Candidacy, minutes: Minutes) -> str:
    """Return the number of the whole that these minutes make with what was told before, while it stands; empty when
    there is none.
    """
    query = (
        select(Certificate)
        .join(Certificate.award)
        .where(
            Award.person_id == candidacy.candidate_id,
            Award.version_id == candidacy.version_id,
            exists().where(Grant.minutes_id == minutes.id, Grant.recorded_at <= Award.recorded_at),
            award_is_notified(telling=minutes.id),
            is_latest(),
        )
    )
    rows = session.scalars(query.order_by(Award.serial.desc())).all()
    statuses = load_statuses(session, rows)
    return next((row.number for row in rows if statuses[row.id] is GrantStatus.HELD), "")


@dataclass(frozen=True)
class _DecidedBlocks:
    """Every block of the version, what this jury decided of it, and where it stands today."""

    blocks: tuple[Block, ...]
    decisions: Mapping[UUID, RecordedDecision]
    standing: Mapping[UUID, HeldBlock]
    grounds: Mapping[UUID, GrantGround]
    # The last day of each block whose validity has ended on the day of the letter.
    lapsed: Mapping[UUID, date]

    @classmethod
    def of(cls, session: Session, minutes: Minutes, today: date) -> _DecidedBlocks:
        candidacy = minutes.hearing.submission.candidacy
        catalogue = load_catalogue(session, candidacy.version_id)
        told: dict[str, Any] = {"notified": True, "telling": minutes.id}
        history = load_history(session, candidacy.candidate_id, **told)
        answers, now = (
            load_explanation(session, candidacy, catalogue, history, on=day).answers
            for day in (minutes.decided_on, today)
        )
        ended = {answer.block.id: answer.lapsed.until for answer in now if answer.lapsed is not None}
        return cls(
            tuple(candidacy.version.blocks),
            {decision.block_id: decision for decision in minutes.decisions},
            held_blocks(session, candidacy.candidate_id, candidacy.version_id, on=minutes.decided_on, **told),
            {answer.block.id: answer.ground for answer in answers},
            {block_id: until for block_id, until in ended.items() if until is not None},
        )

    def granted(self, given: Set[UUID]) -> list[Block]:
        """Return the blocks that these minutes gave, whatever became of them since."""
        validated = {decision.block_id for decision in self.decisions.values() if decision.outcome is Outcome.VALIDATED}
        return [block for block in self.blocks if block.id in given & validated]

    def held(self, given: Set[UUID]) -> list[Block]:
        """Return the blocks held by another act, and valid on the day of the letter."""
        valid = self.standing.keys() - self.lapsed.keys()
        return [block for block in self.blocks if block.id in valid - given]

    @property
    def refused(self) -> list[Block]:
        """Return the blocks that this jury refused, unless they are held all the same, or its decision was annulled."""
        return [block for block in self.blocks if block.id in self.decisions and self._is_refused(block.id)]

    def _is_refused(self, block_id: UUID) -> bool:
        refused = block_id not in self.standing and self.grounds[block_id] not in ANNULLED
        return refused and self.decisions[block_id].outcome is Outcome.NOT_VALIDATED

    def others(self, given: Set[UUID]) -> list[tuple[Block, GrantGround]]:
        """Return the blocks that are left: not presented, suspended, waiting for a ruling, not asked for…"""
        mentioned = {block.id for block in (*self.granted(given), *self.held(given), *self.refused)}
        return [(block, self._ground(block.id)) for block in self.blocks if block.id not in mentioned]

    def _ground(self, block_id: UUID) -> GrantGround:
        has_lapsed = block_id in self.standing and block_id in self.lapsed
        return GrantGround.VALIDITY_ENDED if has_lapsed else self.grounds[block_id]


def _sessions(session: Session, version: CertificationVersion, today: date) -> tuple[LetterSession, ...]:
    """Return the sessions planned for this version, the nearest first: at most three, a letter is not a calendar."""
    query = select(JurySession.held_on, JurySession.place).where(
        JurySession.version_id == version.id, JurySession.cancelled_at.is_(None)
    )
    rows = session.execute(
        query.where(JurySession.held_on > today).order_by(JurySession.held_on, JurySession.id).limit(3)
    )
    return tuple(LetterSession(held_on, place) for held_on, place in rows)


def _refused(block: Block, decision: RecordedDecision, findings: list[RecordedFinding]) -> LetterBlock:
    found = {finding.competency_id: finding for finding in findings}
    rows = [
        (f"{block.number}.{competency.number}", competency.text, found[competency.id])
        for competency in block.competencies
        if competency.id in found
    ]
    # Why nothing is recommended answers the same question.
    expected = decision.recommendation or decision.no_recommendation or ""
    return LetterBlock(
        block.number,
        block.title,
        decision.reason,
        expected,
        tuple(LetterAcquired(number, text) for number, text, finding in rows if finding.value is FindingValue.ACQUIRED),
        tuple(
            LetterCompetency(number, text, finding.value, prefilled(finding.reason, expected))
            for number, text, finding in rows
            if finding.value is not FindingValue.ACQUIRED
        ),
    )


@dataclass(frozen=True, slots=True)
class AppealLetterData:
    """An appeal, the decision that it contests, and how the body names itself where the letter kept nothing."""

    details: AppealDetails
    candidate: str
    title: str
    code: str
    minutes: str
    decided_on: date
    words: dict[str, Any]
    look: Look = PLAIN_LOOK
    recipient: str = ""


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
    recipient: str = ""


def find_absence_letter(session: Session, candidacy_id: UUID, hearing_id: UUID) -> AbsenceLetterData | None:
    """Read the letter of an absence of a candidacy; None when none was written."""
    query = (
        select(AbsenceLetter, Minutes, Submission)
        .join(Minutes, Minutes.id == AbsenceLetter.minutes_id)
        .join(Minutes.hearing)
        .join(Hearing.submission)
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
        candidacy.postal_address or "",
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
        candidacy.postal_address or "",
    )
