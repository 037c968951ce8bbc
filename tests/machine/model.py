"""What a hearing grants and what a person holds, by a few lines of domain.md; nothing of the product is used."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date

FOR, AGAINST, ABSTAIN = "for", "against", "abstain"
VALIDATED, REFUSED = "validated", "not_validated"
HEARD, ABSENT, EXCUSED = "heard", "absent", "excused"
# A block: its version, and its number there.
Block = tuple[int, int]


@dataclass
class Member:
    """A member before one candidate; `seat` is shared by a holder and its substitutes, in the order of `rank`."""

    key: str
    seat: str
    rank: int = 0
    declared: bool = False
    read: bool = False
    recused: bool = False
    present: bool | None = None

    @property
    def ready(self) -> bool:
        """Tell whether the member may speak and vote: declared, read, not recused."""
        return self.declared and self.read and not self.recused


@dataclass
class Ballot:
    """A vote on one block: what each member chose, and who could vote when it was closed."""

    choices: dict[str, str] = field(default_factory=dict)
    voters: frozenset[str] = frozenset()
    president: str | None = None
    closed: bool = False
    closed_on: date | None = None

    def counts(self, voters: frozenset[str]) -> tuple[int, int]:
        """Count who voted for and against among these members, each once."""
        cast = [choice for key, choice in self.choices.items() if key in voters]
        return cast.count(FOR), cast.count(AGAINST)

    def outcome(self, casting_vote: bool) -> str:
        """Return what the ballot decides: the majority; on a tie the president's own vote, if it was cast and
        the rule gives a casting vote; else the block is not validated (J11).
        """
        in_favour, against = self.counts(self.voters)
        if in_favour != against:
            return VALIDATED if in_favour > against else REFUSED
        own = self.choices.get(self.president or "") if self.president in self.voters else None
        return VALIDATED if casting_vote and own == FOR else REFUSED


@dataclass
class Hearing:
    """One candidate before a jury, as the acts on it made it; `day` is that of the sitting under way (§10)."""

    version: int
    day: date
    blocks: tuple[int, ...]
    members: list[Member]
    casting_vote: bool
    found: dict[int, bool] = field(default_factory=dict)
    drafts: dict[int, str] = field(default_factory=dict)
    overrides: dict[int, str] = field(default_factory=dict)
    ballots: dict[int, list[Ballot]] = field(default_factory=dict)
    attendance: str = HEARD
    suspensions: list[str] = field(default_factory=list)
    is_suspended: bool = False
    is_returned: bool = False
    # Its members were found biased in another decision on the person.
    is_barred: bool = False
    recusals: list[str] = field(default_factory=list)
    moves: list[tuple[str, bool]] = field(default_factory=list)
    closed: bool = False
    closed_on: date | None = None
    decided_on: date | None = None
    void: bool = False
    # Who could vote when the deliberation was suspended; everybody who ever sat, with what they stated.
    suspended_voters: frozenset[str] = frozenset()
    known: dict[str, Member] = field(default_factory=dict)
    # Counts that the presidency typed: for, against, its own voice.
    counts: dict[int, tuple[int, int, str]] = field(default_factory=dict)
    notified: bool = False
    decided: dict[int, str] = field(default_factory=dict)
    is_annulled: bool = False
    is_held_back: bool = False
    withdrawn: set[int] = field(default_factory=set)
    # The blocks whose decision an appeal annulled.
    appealed: set[int] = field(default_factory=set)

    @property
    def is_begun(self) -> bool:
        """Tell whether the sitting under way has made something: who ends it says why (§10)."""
        made = self.found or self.drafts or self.ballots or self.is_suspended
        return bool(made) or any(one.present is not None for one in self.members)

    def begin_again(self, day: date, members: list[Member]) -> None:
        """Begin another sitting, empty: nothing of the one that ended decides; what a person stated stays said."""
        self.known |= {one.key: one for one in self.members}
        self.members = [self.known.get(one.key, one) for one in members]
        for one in self.members:
            one.present = None
        self.day, self.attendance, self.is_suspended = day, HEARD, False
        for made in (self.found, self.drafts, self.overrides, self.ballots, self.counts):
            made.clear()
        self.moves.clear()
        self.recusals = [one.key for one in self.members if one.recused]

    def resume(self, day: date) -> None:
        """Go on in a new sitting: the same members with all they had; others vote anew, on what they confirm (§10)."""
        self.is_suspended, self.day = False, day
        if self.voters != self.suspended_voters:
            self.ballots.clear()
            self.counts.clear()

    def counted(self, number: int) -> str | None:
        """Return what typed counts decide: the majority, or the voice of the presidency where the rule gives it (§10)."""
        if number not in self.counts:
            return None
        in_favour, against, voice = self.counts[number]
        if in_favour != against:
            return VALIDATED if in_favour > against else REFUSED
        return VALIDATED if self.casting_vote and voice == FOR else REFUSED

    def in_seat(self, seat: str) -> Member:
        """Return who holds a seat: its holder, else the first substitute who is there and not recused."""
        ranked = sorted((one for one in self.members if one.seat == seat), key=lambda one: one.rank)
        holder = ranked[0]
        if not holder.recused and holder.present is not False:
            return holder
        able = [one for one in ranked[1:] if not one.recused and one.present is not False]
        there = [one for one in able if one.present]
        return next(iter([*there, *(able if holder.recused else [])]), holder)

    @property
    def seats(self) -> list[str]:
        """Return the seats, the president's first."""
        return list(dict.fromkeys(one.seat for one in self.members))

    @property
    def jury(self) -> list[Member]:
        """Return who deliberates, a member for each seat."""
        return [self.in_seat(seat) for seat in self.seats]

    @property
    def president(self) -> Member:
        """Return who presides."""
        return self.jury[0]

    @property
    def voters(self) -> frozenset[str]:
        """Return who can vote now."""
        able = () if self.is_barred else self.jury
        return frozenset(one.key for one in able if one.present is not False and not one.recused)

    def last_ballot(self, block: int) -> Ballot | None:
        """Return the last ballot on a block."""
        return self.ballots[block][-1] if self.ballots.get(block) else None

    def outcome(self, block: int) -> str | None:
        """Return what this jury decides on a block: by its last closed ballot, else as drafted."""
        closed = [ballot for ballot in self.ballots.get(block, []) if ballot.closed]
        return closed[-1].outcome(self.casting_vote) if closed else self.drafts.get(block)

    @property
    def is_decided(self) -> bool:
        """Tell whether minutes with decisions were closed."""
        return self.closed and not self.void and self.attendance == HEARD

    @property
    def lost(self) -> set[int]:
        """Return the blocks whose decision was annulled (R12); what was withdrawn for fraud stays so (R11)."""
        return (set(self.decided) if self.is_annulled else self.appealed) - self.withdrawn

    def gives(self, block: int) -> bool:
        """Say whether the decision makes a block held today (R3, R10–R12)."""
        stands = self.is_decided and not self.is_annulled and not self.is_held_back
        return (
            stands
            and self.decided.get(block) == VALIDATED
            and block not in self.withdrawn
            and block not in self.appealed
        )


def months_after(day: date, months: int) -> date:
    """Return the day of the same number so many months later, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass
class Person:
    """What happened to one person; `months` limits the validity of some blocks (R6)."""

    months: dict[Block, int]
    hearings: list[Hearing] = field(default_factory=list)
    acquired: list[tuple[Block, date]] = field(default_factory=list)
    ended: set[tuple[Block, date]] = field(default_factory=set)
    equivalences: list[tuple[Block, Block, date]] = field(default_factory=list)
    # Who took part in a decision that was annulled for bias: none of them judges the person again.
    biased: set[str] = field(default_factory=set)

    def _until(self, block: Block, on: date) -> date:
        return months_after(on, self.months[block]) if block in self.months else date.max

    def events(self, *, notified: bool = False) -> set[tuple[Block, date, date]]:
        """Return every act that gives a block: which, since when, and until when; an equivalence ends with
        what it starts from, or with its own block, and a chain of them that comes back to a block gives nothing more.
        With `notified`, without the decisions that no letter told.
        """
        found = {
            (block, heard.decided_on, self._until(block, heard.decided_on), frozenset((block,)))
            for heard in self.hearings
            if heard.decided_on is not None
            for block in ((heard.version, number) for number in heard.blocks if heard.gives(number))
            if heard.notified or not notified
        }
        found |= {
            (block, on, self._until(block, on), frozenset((block,)))
            for block, on in self.acquired
            if (block, on) not in self.ended
        }
        while True:
            more = {
                (aim, max(on, declared), min(until, self._until(aim, max(on, declared))), through | {aim})
                for held, aim, declared in self.equivalences
                for block, on, until, through in found
                if block == held and aim not in through and max(on, declared) <= until
            } - found
            if not more:
                return {(block, on, until) for block, on, until, _ in found}
            found |= more

    def held(self, day: date, *, notified: bool = False) -> set[Block]:
        """Return the blocks held on a day; `notified` as `events`."""
        return {block for block, on, until in self.events(notified=notified) if on <= day <= until}

    def whole_on(self, blocks: set[Block]) -> date | None:
        """Return the first day on which every block of a version is valid (R7)."""
        events = self.events()
        days = sorted({on for block, on, _ in events if block in blocks})
        return next(
            (day for day in days if blocks <= {block for block, on, until in events if on <= day <= until}), None
        )
