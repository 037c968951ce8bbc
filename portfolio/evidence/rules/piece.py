"""What a piece must say about itself, and the four questions asked of it (domain §6)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from portfolio.evidence.rules.kinds import (
    ATTESTATIONS,
    CERTIFICATES,
    SILENT,
    Anonymity,
    Authorship,
    Confidentiality,
    EvidenceKind,
)


class MissingFact(StrEnum):
    """Something a piece does not say yet."""

    TITLE = "title"
    KIND = "kind"
    DATE = "date"
    EXPERIENCE = "experience"
    OWN_ROLE = "own_role"
    AUTHORSHIP = "authorship"
    OWN_PART = "own_part"
    CONFIDENTIALITY = "confidentiality"
    ANONYMITY = "anonymity"
    ANONYMITY_TO_DO = "anonymity_to_do"
    WEB_ADDRESS = "web_address"
    CAPTURED_ON = "captured_on"


# The sworn statement speaks of authorship and anonymity, and confidentiality says who may see: a seal cannot do without.
SWORN = frozenset(
    {
        MissingFact.AUTHORSHIP,
        MissingFact.OWN_PART,
        MissingFact.CONFIDENTIALITY,
        MissingFact.ANONYMITY,
        MissingFact.ANONYMITY_TO_DO,
    }
)

# A piece may belong to no post, and masking names takes time: these are told, without holding the person back.
LATER = frozenset({MissingFact.EXPERIENCE, MissingFact.ANONYMITY_TO_DO})


class PeriodFault(StrEnum):
    """What is wrong with two dates."""

    BACKWARDS = "backwards"
    END_ALONE = "end_alone"
    FUTURE = "future"


class Question(StrEnum):
    """The four questions of evidence."""

    VALID = "valid"
    AUTHENTIC = "authentic"
    CURRENT = "current"
    SUFFICIENT = "sufficient"


class Hint(StrEnum):
    """A gentle remark about a piece: it never prevents anything."""

    NO_CLAIM = "no_claim"
    NO_COMMENT = "no_comment"
    EVERYWHERE = "everywhere"
    NOT_ALONE = "not_alone"
    SAYS_WE = "says_we"
    OLD = "old"
    UNDATED = "undated"
    NO_PASSAGE = "no_passage"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Piece:
    """What a piece says about itself; empty text and None are what it does not say."""

    title: str = ""
    kind: EvidenceKind | None = None
    dated_from: date | None = None
    dated_to: date | None = None
    has_experience: bool = False
    own_role: str = ""
    authorship: Authorship | None = None
    own_part: str = ""
    confidentiality: Confidentiality | None = None
    anonymity: Anonymity | None = None
    web_address: str = ""
    captured_on: date | None = None
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class PieceClaim:
    """What one claim on a piece says, as far as the four questions go."""

    passage: str
    comment: str


@dataclass(frozen=True, slots=True)
class Advice:
    """A hint, and which of the four questions it helps to answer."""

    question: Question
    hint: Hint


@dataclass(frozen=True, slots=True)
class Description:
    """What the candidate says of a piece, in one go: its cover note (domain §6)."""

    title: str
    kind: EvidenceKind | None = None
    dated_from: date | None = None
    dated_to: date | None = None
    experience_id: UUID | None = None
    own_role: str = ""
    authorship: Authorship | None = None
    own_part: str = ""
    confidentiality: Confidentiality | None = None
    anonymity: Anonymity | None = None
    web_address: str = ""
    captured_on: date | None = None


# Beyond these, a reader loses the thread: [practice], the faults that juries complain of.
YEARS_CURRENT = 5
MANY_COMPETENCIES = 4
PAGES_READ_WHOLE = 4


def missing_of(piece: Piece) -> tuple[MissingFact, ...]:
    """Answer what the piece does not say yet, in the order of its form; empty when its cover note is complete (domain §6)."""
    return tuple(_missing(piece))


def _missing(piece: Piece) -> Iterator[MissingFact]:
    certificate = piece.kind in CERTIFICATES
    asked: tuple[tuple[bool, MissingFact], ...] = (
        (not piece.title.strip(), MissingFact.TITLE),
        (piece.kind is None, MissingFact.KIND),
        (piece.dated_from is None, MissingFact.DATE),
        (not certificate and not piece.has_experience, MissingFact.EXPERIENCE),
        (not certificate and not piece.own_role.strip(), MissingFact.OWN_ROLE),
        (piece.authorship is None, MissingFact.AUTHORSHIP),
        (piece.authorship is Authorship.SHARED and not piece.own_part.strip(), MissingFact.OWN_PART),
        (piece.confidentiality is None, MissingFact.CONFIDENTIALITY),
        (piece.anonymity is None, MissingFact.ANONYMITY),
        (piece.anonymity is Anonymity.NOT_YET, MissingFact.ANONYMITY_TO_DO),
        # A page of the web changes or vanishes: what counts is the dated capture that the candidate made (domain §6).
        (piece.kind is EvidenceKind.WEB_ADDRESS and not piece.web_address.strip(), MissingFact.WEB_ADDRESS),
        (piece.kind is EvidenceKind.WEB_ADDRESS and piece.captured_on is None, MissingFact.CAPTURED_ON),
    )
    return (fact for lacks, fact in asked if lacks)


def sworn_missing_of(piece: Piece) -> tuple[MissingFact, ...]:
    """Answer only what prevents a seal: the facts that the sworn statement and the readers rely on (domain §6)."""
    return tuple(fact for fact in missing_of(piece) if fact in SWORN)


def is_described(piece: Piece) -> bool:
    """Say whether the cover note of the piece is written, but for what may come later."""
    return all(fact in LATER for fact in missing_of(piece))


def period_fault(began: date | None, ended: date | None, today: date) -> PeriodFault | None:
    """Answer what is wrong with a date or a period, both ends being optional; None when it can stand."""
    if began is None:
        return PeriodFault.END_ALONE if ended is not None else None
    if ended is not None and ended < began:
        return PeriodFault.BACKWARDS
    return PeriodFault.FUTURE if began > today or (ended is not None and ended > today) else None


def hints_for(piece: Piece, claims: Sequence[PieceClaim], today: date) -> tuple[Advice, ...]:
    """Answer the gentle remarks that the four questions call for: valid, authentic, current, sufficient (domain §6).

    None of them prevents anything, and none is a score; at most a few are given, in the order of the questions.
    """
    return (*_valid(claims), *_authentic(piece), *_current(piece, today), *_sufficient(piece, claims))


def _valid(claims: Sequence[PieceClaim]) -> Iterator[Advice]:
    if not claims:
        yield Advice(Question.VALID, Hint.NO_CLAIM)
    elif any(not claim.comment.strip() for claim in claims):
        yield Advice(Question.VALID, Hint.NO_COMMENT)
    if len(claims) > MANY_COMPETENCIES:
        yield Advice(Question.VALID, Hint.EVERYWHERE)


def _authentic(piece: Piece) -> Iterator[Advice]:
    written_by_others = piece.kind in ATTESTATIONS or piece.kind in CERTIFICATES
    if piece.authorship is Authorship.OTHER and not written_by_others:
        yield Advice(Question.AUTHENTIC, Hint.NOT_ALONE)
    if says_we(piece.own_role) or says_we(piece.own_part):
        yield Advice(Question.AUTHENTIC, Hint.SAYS_WE)


def _current(piece: Piece, today: date) -> Iterator[Advice]:
    last = piece.dated_to or piece.dated_from
    if last is None:
        yield Advice(Question.CURRENT, Hint.UNDATED)
    elif (today - last).days > YEARS_CURRENT * 365.25:
        yield Advice(Question.CURRENT, Hint.OLD)


def _sufficient(piece: Piece, claims: Sequence[PieceClaim]) -> Iterator[Advice]:
    long = piece.pages is not None and piece.pages > PAGES_READ_WHOLE
    if long and any(not claim.passage for claim in claims):
        yield Advice(Question.SUFFICIENT, Hint.NO_PASSAGE)
    if piece.kind in SILENT and not piece.own_role.strip():
        yield Advice(Question.SUFFICIENT, Hint.SILENT)


_WE = re.compile(r"\b(?:nous|notre|nos)\b|\bon\s", re.IGNORECASE)
_I = re.compile(r"\bje\b|\bj[’']|\bmoi\b|\bm(?:on|a|es)\b", re.IGNORECASE)


def says_we(text: str) -> bool:
    """Say whether a text speaks only of a group: a jury then cannot see the person's own part (domain §6, known faults)."""
    return bool(_WE.search(text)) and not _I.search(text)
