"""Required description of a piece, and its four quality questions (domain §6).

Kinds of evidence, and the closed answers of a description (domain §6).

The filters and the orders of the list of pieces [design].
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class EvidenceKind(StrEnum):
    """Kinds of evidence."""

    EMPLOYER_ATTESTATION = "employer_attestation"
    THIRD_PARTY_ATTESTATION = "third_party_attestation"
    DELIVERABLE = "deliverable"
    REPORT = "report"
    PLAN = "plan"
    BUDGET = "budget"
    DASHBOARD = "dashboard"
    SCREENSHOT = "screenshot"
    PHOTO = "photo"
    RECORDING = "recording"
    EMAIL = "email"
    MEETING_MINUTES = "meeting_minutes"
    CONTRACT = "contract"
    PUBLISHED_CONTENT = "published_content"
    WEB_ADDRESS = "web_address"
    TRAINING_CERTIFICATE = "training_certificate"
    PRIOR_CERTIFICATE = "prior_certificate"


class Authorship(StrEnum):
    """Authors of the piece."""

    MINE = "mine"
    SHARED = "shared"
    OTHER = "other"


class Confidentiality(StrEnum):
    """Limits within which the piece may be shown."""

    OPEN = "open"
    RESTRICTED = "restricted"


class Anonymity(StrEnum):
    """Answers to whether third parties named in the piece were made anonymous."""

    DONE = "done"
    NOT_NEEDED = "not_needed"
    NOT_YET = "not_yet"


def proposed_kind(mime: str, *, is_taken: bool) -> EvidenceKind | None:
    """Return what a file most often is, by its type; None when its type does not tell.

    `is_taken`: a camera wrote the day into the picture, so that it is no screenshot.
    """
    family = mime.partition("/")[0]
    if family in ("audio", "video"):
        return EvidenceKind.RECORDING
    if mime in ("message/rfc822", "application/vnd.ms-outlook"):
        return EvidenceKind.EMAIL
    if family == "image":
        return EvidenceKind.SCREENSHOT if mime == "image/png" and not is_taken else EvidenceKind.PHOTO
    return None


# Delivered by a body, whatever the person did in a post: neither a role nor an experience is asked of them.
CERTIFICATES = frozenset({EvidenceKind.TRAINING_CERTIFICATE, EvidenceKind.PRIOR_CERTIFICATE})
# Written by someone else by their very nature.
ATTESTATIONS = frozenset({EvidenceKind.EMPLOYER_ATTESTATION, EvidenceKind.THIRD_PARTY_ATTESTATION})
# They show something but say little: a sentence must say what to look at.
SILENT = frozenset({EvidenceKind.PHOTO, EvidenceKind.SCREENSHOT, EvidenceKind.DASHBOARD})


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


class EvidenceRefusal(StrEnum):
    """Reasons why a write on a piece is refused."""

    COLLECTED = "collected_piece"
    SUSPENDED = "piece_of_suspended_block"
    ERASED = "erased_piece"
    TOO_MANY_MASKS = "too_many_masks"
    MASKS_CHANGED = "masks_changed"


class BlockStatus(StrEnum):
    """States, for its candidate, of a block that a piece shows."""

    OPEN = "open"
    HELD = "held"
    SUSPENDED = "suspended"


class EvidenceChange(StrEnum):
    """Changes that someone asks for: change it (its file, what it says), or take it away."""

    CHANGE = "change"
    REMOVE = "remove"


def is_frozen(touch: EvidenceChange, shown: Collection[BlockStatus]) -> bool:
    """Say whether a piece that shows these blocks must stay as it is, for the word of the certifier is
    awaited (R10). [design]

    One that shows an open block too may be changed, which keeps the former file, but not taken away: what it
    shows of the suspended one would go with it. A held block asks for nothing: its sealed copy stands.
    """
    return BlockStatus.SUSPENDED in shown and (touch is EvidenceChange.REMOVE or BlockStatus.OPEN not in shown)


# The sworn statement speaks of authorship and anonymity, and confidentiality says who may see: a seal cannot
# do without.
SWORN = frozenset(
    {
        MissingFact.AUTHORSHIP,
        MissingFact.OWN_PART,
        MissingFact.CONFIDENTIALITY,
        MissingFact.ANONYMITY,
        MissingFact.ANONYMITY_TO_DO,
    }
)

# A piece may belong to no post, and masking names takes time: these are told, without holding the person
# back.
LATER = frozenset({MissingFact.EXPERIENCE, MissingFact.ANONYMITY_TO_DO})


class PeriodError(StrEnum):
    """Faults of two dates."""

    BACKWARDS = "backwards"
    END_ALONE = "end_alone"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class EvidenceDescription:
    """Description of a piece by its candidate; empty text and None are what it does not say."""

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
class CoverNote:
    """Cover note of a piece, as the candidate writes it (domain §6)."""

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


def missing_facts(piece: EvidenceDescription) -> tuple[MissingFact, ...]:
    """Answer what the piece does not say yet, in the order of its form; empty when its cover note is complete
    (domain §6).
    """
    return tuple(_missing(piece))


def _missing(piece: EvidenceDescription) -> Iterator[MissingFact]:
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
        # A page of the web changes or vanishes: what counts is the dated capture that the candidate made
        # (domain §6).
        (piece.kind is EvidenceKind.WEB_ADDRESS and not piece.web_address.strip(), MissingFact.WEB_ADDRESS),
        (piece.kind is EvidenceKind.WEB_ADDRESS and piece.captured_on is None, MissingFact.CAPTURED_ON),
    )
    return (fact for is_missing, fact in asked if is_missing)


def sworn_missing_facts(piece: EvidenceDescription) -> tuple[MissingFact, ...]:
    """Answer only what prevents a seal: the facts that the sworn statement and the readers rely on (domain §6)."""
    return tuple(fact for fact in missing_facts(piece) if fact in SWORN)


def is_described(piece: EvidenceDescription) -> bool:
    """Say whether the cover note of the piece is written, but for what may come later."""
    return all(fact in LATER for fact in missing_facts(piece))


# What the sworn statement asks of every piece and one answer may say of several, in the order of the form.
ASKED_OF_SEVERAL = (MissingFact.AUTHORSHIP, MissingFact.OWN_PART, MissingFact.CONFIDENTIALITY, MissingFact.ANONYMITY)

_OF_OTHERS = re.compile(
    r"\b(attestation|certificat|dipl[oô]me|(bulletin|fiche)s? de (paie|paye|salaire)|contrat de travail)\b", re.I
)
_RESTRICTED = re.compile(r"\b(confidentiel(le)?s?|diffusion (restreinte|interne)|ne pas diffuser)\b", re.I)
# An address, a telephone number, a civility before a name.
_NAMES = re.compile(r"[\w.+-]+@[\w-]+\.\w|\b0[1-9](?:[ .]?\d\d){4}\b|\b(?:MM?\.|Mme|Mlle|Monsieur|Madame)\s+[A-ZÉÈÀ]")


def guessed_answers(
    title: str, kind: EvidenceKind | None, mime: str, text: str, *, is_masked: bool = False
) -> Mapping[MissingFact, str]:
    """Return the answers that facts propose for a piece, the person having the last word; often none.

    `text`: the words of its pages; `is_masked`: its file is a copy in which something was painted over.
    """
    found: dict[MissingFact, str] = {}
    if kind in CERTIFICATES | ATTESTATIONS or _OF_OTHERS.search(title):
        found[MissingFact.AUTHORSHIP] = Authorship.OTHER
    if _RESTRICTED.search(title) or _RESTRICTED.search(text):
        found[MissingFact.CONFIDENTIALITY] = Confidentiality.RESTRICTED
    if is_masked:
        found[MissingFact.ANONYMITY] = Anonymity.DONE
    elif proposed_kind(mime, is_taken=False) is EvidenceKind.EMAIL or _NAMES.search(text):
        found[MissingFact.ANONYMITY] = Anonymity.NOT_YET
    return found


def period_error(began: date | None, ended: date | None, today: date) -> PeriodError | None:
    """Answer what is wrong with a date or a period, both ends being optional; None when it can stand."""
    if began is None:
        return PeriodError.END_ALONE if ended is not None else None
    if ended is not None and ended < began:
        return PeriodError.BACKWARDS
    return PeriodError.FUTURE if began > today or (ended is not None and ended > today) else None


class LibraryState(StrEnum):
    """The filters that answer « what is left to do »."""

    UNUSED = "inutilisees"
    INCOMPLETE = "a-completer"
    LEFT_OUT = "non-jointes"


class LibraryOrder(StrEnum):
    """The orders of the list."""

    NUMBER = "numero"
    NEWEST = "recentes"
    DATE = "date"
    TITLE = "titre"


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
