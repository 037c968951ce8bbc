"""The four questions of evidence: valid, authentic, current, sufficient (domain §6)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portfolio.domain.dossier.rules.description import (
    ATTESTATIONS,
    CERTIFICATES,
    SILENT,
    Authorship,
    EvidenceDescription,
)


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
class PieceClaim:
    """Claim on a piece, as far as the four questions go."""

    passage: str
    comment: str


@dataclass(frozen=True, slots=True)
class Advice:
    """A hint, and which of the four questions it helps to answer."""

    question: Question
    hint: Hint


# Beyond these, a reader loses the thread: [practice], the faults that juries complain of.
YEARS_CURRENT = 5
MANY_COMPETENCIES = 4
PAGES_READ_WHOLE = 4


def hints_for(piece: EvidenceDescription, claims: Sequence[PieceClaim], today: date) -> tuple[Advice, ...]:
    """Return the gentle remarks that the four questions call for: valid, authentic, current, sufficient (domain §6).

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


def _authentic(piece: EvidenceDescription) -> Iterator[Advice]:
    written_by_others = piece.kind in ATTESTATIONS or piece.kind in CERTIFICATES
    if piece.authorship is Authorship.OTHER and not written_by_others:
        yield Advice(Question.AUTHENTIC, Hint.NOT_ALONE)
    if says_we(piece.own_role) or says_we(piece.own_part):
        yield Advice(Question.AUTHENTIC, Hint.SAYS_WE)


def _current(piece: EvidenceDescription, today: date) -> Iterator[Advice]:
    last = piece.dated_to or piece.dated_from
    if last is None:
        yield Advice(Question.CURRENT, Hint.UNDATED)
    elif (today - last).days > YEARS_CURRENT * 365.25:
        yield Advice(Question.CURRENT, Hint.OLD)


def _sufficient(piece: EvidenceDescription, claims: Sequence[PieceClaim]) -> Iterator[Advice]:
    long = piece.pages is not None and piece.pages > PAGES_READ_WHOLE
    if long and any(not claim.passage for claim in claims):
        yield Advice(Question.SUFFICIENT, Hint.NO_PASSAGE)
    if piece.kind in SILENT and not piece.own_role.strip():
        yield Advice(Question.SUFFICIENT, Hint.SILENT)


_WE = re.compile(r"\b(?:nous|notre|nos)\b|\bon\s", re.IGNORECASE)
_I = re.compile(r"\bje\b|\bj[’']|\bmoi\b|\bm(?:on|a|es)\b", re.IGNORECASE)


def says_we(text: str) -> bool:
    """Return whether a text speaks only of a group: a jury then cannot see the person's own part (domain §6,
    known faults).
    """
    return bool(_WE.search(text)) and not _I.search(text)
