"""From closed minutes to the letter that tells their result; nothing here decides."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portfolio.candidacy.models import Candidacy
from portfolio.certificate.rules import GrantStatus, result_for
from portfolio.certification.models import Block, Certification, CertificationVersion
from portfolio.jury.minutes import BlockDecision, CompetencyFinding, Minutes
from portfolio.jury.models import Hearing
from portfolio.jury.rules import FindingValue, Outcome
from portfolio.jury.services import given_by
from portfolio.paper.rules import BodyWords, Letter, LetterBlock, LetterCompetency, LetterGranted, LetterHeld, prefilled
from portfolio.submission.models import Submission
from portfolio.submission.rules import read_manifest

DECIDED = exists().where(BlockDecision.minutes_id == Minutes.id)
_SUBMISSION = joinedload(Minutes.hearing).joinedload(Hearing.submission)
_VERSION = _SUBMISSION.joinedload(Submission.candidacy).joinedload(Candidacy.version)
WITH_ALL = (
    selectinload(Minutes.decisions),
    selectinload(Minutes.findings),
    joinedload(Minutes.hearing).joinedload(Hearing.session),
    _SUBMISSION.joinedload(Submission.candidacy).joinedload(Candidacy.candidate),
    _SUBMISSION.joinedload(Submission.candidacy).selectinload(Candidacy.blocks),
    _VERSION.joinedload(CertificationVersion.certification).joinedload(Certification.body),
    _VERSION.selectinload(CertificationVersion.blocks).selectinload(Block.competencies),
)


def find_minutes(session: Session, candidacy_id: UUID, number: int) -> Minutes | None:
    """Find the closed minutes that decided a submission of a candidacy; None while there are none."""
    query = (
        select(Minutes)
        .join(Hearing, Hearing.id == Minutes.hearing_id)
        .join(Submission, Submission.id == Hearing.submission_id)
        .where(Submission.candidacy_id == candidacy_id, Submission.number == number, DECIDED)
        .options(*WITH_ALL)
    )
    return session.scalars(query).unique().one_or_none()


def letter_of(session: Session, minutes: Minutes, words: BodyWords) -> Letter:
    """Write the letter as far as closed minutes tell it: what is granted, and per competency what the jury saw."""
    submission = minutes.hearing.submission
    candidacy, sealed = submission.candidacy, read_manifest(submission.manifest)
    given, whole = given_by(session, minutes.id)
    decisions = {one.block_id: one for one in minutes.decisions}
    told = [(block, decisions[block.id]) for block in candidacy.version.blocks if block.id in decisions]
    held_numbers = {one.number for one in sealed.held_blocks} | {
        block.number for block, one in told if one.outcome is Outcome.VALIDATED
    }
    held = {block.id for block in candidacy.version.blocks if block.number in held_numbers}
    return Letter(
        certifier=words.legal_name or candidacy.version.certification.body.name,
        address=words.address,
        city=words.city or candidacy.version.certification.body.city,
        remedies=words.remedies,
        contact=words.contact,
        candidate=sealed.candidate,
        title=candidacy.version.title,
        code=candidacy.version.certification.code,
        minutes=minutes.number,
        decided_on=minutes.decided_on,
        result=result_for(candidacy.scope, {block.id for block in candidacy.blocks}, held),
        granted=tuple(
            LetterGranted(block.number, block.title, given[block.id][0], one.reason, given[block.id][1])
            for block, one in told
            if one.outcome is Outcome.VALIDATED and block.id in given
        ),
        held=tuple(LetterHeld(one.number, one.title, one.held_on, one.certificate) for one in sealed.held_blocks),
        refused=tuple(_refused(block, one, minutes.findings) for block, one in told if one.outcome is Outcome.NOT_VALIDATED),
        whole=whole[0] if whole and whole[1] is GrantStatus.HELD else "",
    )


def _refused(block: Block, decision: BlockDecision, findings: list[CompetencyFinding]) -> LetterBlock:
    found = {one.competency_id: one for one in findings}
    rows = [(f"{block.number}.{one.number}", one.text, found[one.id]) for one in block.competencies if one.id in found]
    # Why nothing is recommended answers the same question.
    expected = decision.recommendation or decision.no_recommendation or ""
    return LetterBlock(
        block.number,
        block.title,
        decision.reason,
        expected,
        tuple(number for number, _text, one in rows if one.value is FindingValue.ACQUIRED),
        tuple(
            LetterCompetency(number, text, one.value, prefilled(one.reason, expected))
            for number, text, one in rows
            if one.value is not FindingValue.ACQUIRED
        ),
    )
