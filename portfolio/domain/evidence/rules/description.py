"""Required description of a piece, and its four quality questions (domain §6)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from portfolio.domain.evidence.rules.kinds import (
    CERTIFICATES,
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


class EvidenceRefusal(StrEnum):
    """Why a write on a piece is refused."""

    COLLECTED = "collected_piece"
    SUSPENDED = "piece_of_suspended_block"
    ERASED = "erased_piece"
    TOO_MANY_MASKS = "too_many_masks"
    MASKS_CHANGED = "masks_changed"


class BlockStatus(StrEnum):
    """Where a block that a piece shows stands for its candidate."""

    OPEN = "open"
    HELD = "held"
    SUSPENDED = "suspended"


class EvidenceChange(StrEnum):
    """What someone wants to do with a piece: change it (its file, what it says), or take it away."""

    CHANGE = "change"
    REMOVE = "remove"


def is_frozen(touch: EvidenceChange, shown: Collection[BlockStatus]) -> bool:
    """Say whether a piece that shows these blocks must stay as it is, for the word of the certifier is
    awaited (R10). [design]

    One that shows an open block too may be changed, which keeps the former file, but not taken away: what it
    shows of the suspended one would go with it. A held block asks for nothing: its sealed copy stands.
    """
    return BlockStatus.SUSPENDED in shown and (
        touch is EvidenceChange.REMOVE or BlockStatus.OPEN not in shown
    )


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
    """What is wrong with two dates."""

    BACKWARDS = "backwards"
    END_ALONE = "end_alone"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class EvidenceDescription:
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
class CoverNote:
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
    """Answer only what prevents a seal: the facts that the sworn statement and the readers rely on (domain
    §6).
    """
    return tuple(fact for fact in missing_facts(piece) if fact in SWORN)


def is_described(piece: EvidenceDescription) -> bool:
    """Say whether the cover note of the piece is written, but for what may come later."""
    return all(fact in LATER for fact in missing_facts(piece))


def period_error(began: date | None, ended: date | None, today: date) -> PeriodError | None:
    """Answer what is wrong with a date or a period, both ends being optional; None when it can stand."""
    if began is None:
        return PeriodError.END_ALONE if ended is not None else None
    if ended is not None and ended < began:
        return PeriodError.BACKWARDS
    return PeriodError.FUTURE if began > today or (ended is not None and ended > today) else None
