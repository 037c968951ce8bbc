"""The letter that tells a result: per block not granted, per competency, why not, and what next (domain §7).

Refusal codes of signing and sending.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from portfolio.domain.holdings.rules.completion import Label, Result, ResultOf
from portfolio.domain.holdings.rules.granting import GrantGround
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.jury.rules.enums import FindingValue

# Grounds that leave a block to present to a coming jury, without any other step first.
PRESENTABLE = frozenset(
    {GrantGround.NOT_PRESENTED, GrantGround.ANNULLED, GrantGround.NOT_DECIDED, GrantGround.VALIDITY_ENDED}
)
# What a block granted by the decision is as long as nobody can say that it is not held (R6, R12).
HELD_STATUSES = frozenset({GrantStatus.HELD, GrantStatus.REPLACED})


@dataclass(frozen=True, slots=True)
class MissingCompetencyText:
    """Text about one competency that is not acquired."""

    seen: str = ""
    missing: str = ""
    expected: str = ""
    way: str = ""


@dataclass(frozen=True, slots=True)
class LetterCompetency:
    """A competency that the jury did not find acquired, and what is told of it."""

    number: str
    text: str
    finding: FindingValue
    said: MissingCompetencyText


@dataclass(frozen=True, slots=True)
class LetterAcquired:
    """A competency found acquired in a block not granted; letters that left before kept its number alone."""

    number: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class LetterBlock:
    """A block not granted: the jury's reason and recommendation, what it found acquired all the same,
    what it did not.
    """

    number: int
    title: str
    reason: str
    recommendation: str
    acquired: tuple[LetterAcquired, ...]
    competencies: tuple[LetterCompetency, ...]


@dataclass(frozen=True, slots=True)
class LetterGranted:
    """A block that this decision granted, the number that proves it, and where it stood on the day of the letter."""

    number: int
    title: str
    certificate: str
    reason: str
    status: GrantStatus = GrantStatus.HELD
    # The last day of a block whose validity is limited (R6).
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class LetterHeld:
    """A block that was held before."""

    number: int
    title: str
    held_on: date
    certificate: str
    # Whether the certificate was delivered before this product was used: no page here shows it.
    is_prior: bool = False
    # The last day of a block whose validity is limited (R6).
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class LetterOther:
    """A block that this letter neither grants, refuses nor counts as held, and on which ground: not
    presented, suspended…
    """

    number: int
    title: str
    ground: GrantGround
    # The last day of a block whose validity has ended (R6); letters that left before it was kept do not say.
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class LetterSession:
    """A session planned for this certification after the letter: a candidate asks when they may come again."""

    held_on: date
    place: str


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything a notification says, frozen when it is sent; codes stay codes, their words are the reader's."""

    certifier: str
    address: str
    city: str
    remedies: str
    contact: str
    candidate: str
    title: str
    code: str
    minutes: str
    decided_on: date
    result: Result
    granted: tuple[LetterGranted, ...]
    held: tuple[LetterHeld, ...]
    refused: tuple[LetterBlock, ...]
    whole: str = ""
    others: tuple[LetterOther, ...] = ()
    sessions: tuple[LetterSession, ...] = ()
    signatory: str = ""
    quality: str = ""
    notified_at: datetime | None = None
    # How many blocks the certification has; letters that left before it was kept do not say.
    blocks: int = 0
    # Whether the candidate came by VAE, with a livret 2; and whether a new try waits for the next cohort.
    by_vae: bool = True
    next_cohort: bool = False
    # Where it goes on paper, today: the letter as it left keeps no address, which an erasure takes away.
    recipient: str = ""

    @property
    def lacking(self) -> tuple[LetterCompetency, ...]:
        """Every competency the letter must explain, in the order of the certification."""
        return tuple(competency for block in self.refused for competency in block.competencies)

    @property
    def acquired(self) -> int:
        """Return how many blocks stand acquired on the day of the letter: those of this decision, and those held
        before.
        """
        return sum(letter_granted.status in HELD_STATUSES for letter_granted in self.granted) + len(self.held)

    @property
    def is_limited(self) -> bool:
        """Return whether the validity of a block that this decision granted ends (R6)."""
        return any(block.valid_until is not None for block in self.granted)

    @property
    def tells_an_end(self) -> bool:
        """Return whether it tells of a block, granted, held before or lost, that time ends (R6)."""
        ends = any(block.valid_until is not None for block in self.held)
        lapsed = any(
            other.valid_until is not None or other.ground is GrantGround.VALIDITY_ENDED for other in self.others
        )
        return self.is_limited or ends or lapsed

    @property
    def left(self) -> int:
        """Return how many blocks may be presented again, or for the first time."""
        return len(self.refused) + sum(letter_other.ground in PRESENTABLE for letter_other in self.others)

    @property
    def to_present(self) -> bool:
        """Return whether a block may be presented again, or for the first time."""
        return self.left > 0


def prefilled(reason: str, recommendation: str) -> MissingCompetencyText:
    """Return the text that the minutes hold already about one competency: the jury's reason, and what it recommends
    for its block.
    """
    return MissingCompetencyText(seen=reason, expected=recommendation)


def is_complete(explanation: MissingCompetencyText) -> bool:
    """Return whether a stranger who reads it knows why not, and what next: nothing of the four is silent [design]."""
    return all(text.strip() for text in (explanation.seen, explanation.missing, explanation.expected, explanation.way))


def completed(letter: Letter, texts: Mapping[str, MissingCompetencyText]) -> Letter:
    """Return the letter with what the certifier wrote, by the competency's number; what is not given stays as the
    minutes tell it.
    """
    refused = tuple(
        replace(
            block,
            competencies=tuple(
                replace(competency, said=texts.get(competency.number, competency.said))
                for competency in block.competencies
            ),
        )
        for block in letter.refused
    )
    return replace(letter, refused=refused)


def letter_to_json(letter: Letter) -> dict[str, Any]:
    """Write a letter as what JSON knows: days and moments as ISO 8601, codes as their text."""
    plain: dict[str, Any] = _plain(asdict(letter))
    for other in plain["others"]:
        if other["valid_until"] is None:  # the version before, which may run beside, does not know it
            del other["valid_until"]
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def letter_from_json(data: Mapping[str, Any]) -> Letter:
    """Read a letter back; raises KeyError or TypeError for what `letter_to_json` did not write."""
    values = dict(data)
    values["decided_on"] = date.fromisoformat(values["decided_on"])
    values["notified_at"] = datetime.fromisoformat(values["notified_at"]) if values["notified_at"] else None
    values["result"] = Result(Label(values["result"]["label"]), ResultOf(values["result"]["of"]))
    # Letters that left before a status was kept told of blocks that were held.
    values["granted"] = tuple(_granted(block) for block in values["granted"])
    values["held"] = tuple(_held(block) for block in values["held"])
    values["refused"] = tuple(_block(block) for block in values["refused"])
    # Letters that left before these were told say nothing of them.
    values["others"] = tuple(_other(block) for block in values.get("others", ()))
    values["sessions"] = tuple(
        LetterSession(**{**session, "held_on": date.fromisoformat(session["held_on"])})
        for session in values.get("sessions", ())
    )
    return Letter(**values)


def _granted(block: Mapping[str, Any]) -> LetterGranted:
    status = GrantStatus(block.get("status", "held"))
    return LetterGranted(**{**block, "status": status, "valid_until": _day(block.get("valid_until"))})


def _held(block: Mapping[str, Any]) -> LetterHeld:
    dates = {"held_on": date.fromisoformat(block["held_on"]), "valid_until": _day(block.get("valid_until"))}
    return LetterHeld(**{**block, **dates})


def _other(block: Mapping[str, Any]) -> LetterOther:
    told = {"ground": GrantGround(block["ground"]), "valid_until": _day(block.get("valid_until"))}
    return LetterOther(**{**block, **told})


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _block(block: Mapping[str, Any]) -> LetterBlock:
    competencies = tuple(
        LetterCompetency(
            each["number"], each["text"], FindingValue(each["finding"]), MissingCompetencyText(**each["said"])
        )
        for each in block["competencies"]
    )
    acquired = tuple(
        LetterAcquired(**each) if isinstance(each, dict) else LetterAcquired(each) for each in block["acquired"]
    )
    return LetterBlock(**{**block, "acquired": acquired, "competencies": competencies})
