"""An adversary: acts of one hearing in every order, from a store kept in a transaction that is never committed.

Orders that begin alike are walked together: each act is done once after each beginning, then taken back.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from portfolio.calendar import day_of
from portfolio.db.engine import Database
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury_session.use_cases import declarations, planning
from portfolio.domain.presence.use_cases import record_sheet
from portfolio.errors import Refusal
from tests.jury.builders import act
from tests.machine.adversary_acts import ACTS, AFTERNOON, Act, Moment, NobodyError
from tests.machine.adversary_checks import Counts, Fault, Story, after
from tests.machine.adversary_rows import Rows, read
from tests.machine.world import DAY, DEPUTY, SEALED_AT, Setting, Start, begin
from tests.snapshots import STORIES

BY_NAME = {each.name: each for each in ACTS}
# Orders to walk, as what may come after each act.
Tree = Mapping[str, Any]
READY, FOUND, DRAFTED = "everybody is there", "everything is found", "everything is validated"
BEGINNINGS: dict[str, tuple[str, ...]] = {
    "nothing made": (),
    "before its day": (),
    "a jury ready": (READY,),
    "all found and drafted": (READY, FOUND, DRAFTED),
    "a closed ballot": (READY, FOUND, DRAFTED, "block 1 is voted"),
    "everything voted": (READY, FOUND, "everything is voted"),
    "suspended": (
        *(READY, "an interview is written", "opinions are given", FOUND, DRAFTED, "block 1 is voted", "suspended"),
    ),
}
# How each order is brought to an end, as far as the product lets it: as it is, with everybody there, without effect.
CLOSE, ATTEND, VOID = BY_NAME["closed, decided today"], BY_NAME["everybody is there, corrected"], BY_NAME["void"]


@dataclass(frozen=True)
class World:
    """A store that is ready: a hearing on its day, and two sessions to which it can be moved."""

    start: Start
    same_day: UUID
    later: UUID


def prepare(db: Database, setting: Setting) -> World:
    """Fill a fresh store, once a process for each setting."""
    return STORIES.begin_with(db, f"adversary {setting!r}", lambda fresh: _told(fresh, setting))


def _told(db: Database, setting: Setting) -> World:
    with db.transaction() as session:
        start = begin(session, setting)
        others = []
        for day in (DAY, DAY + timedelta(days=3)):
            plan = Planning(start.versions[0], day, "Lyon")
            jury = planning.plan_session(session, start.body_id, plan, by=start.certifier, at=SEALED_AT)
            for _, one in start.juries[0].values():
                paper = act() if one.appointed_on else None
                planning.name_member(session, jury.id, one, paper, by=start.certifier, at=SEALED_AT)
                session.expire(jury, ["members"])
            others.append(jury.id)
        for session_id in (start.session_id, *others):
            if setting.members == 2:
                planning.name_member(session, session_id, DEPUTY, act(), by=start.certifier, at=SEALED_AT)
        return World(start, *others)


@dataclass
class Adversary:
    """Walk of one hearing, and the state that it came to."""

    connection: Connection
    world: World
    counts: Counts = field(default_factory=Counts)
    faults: list[Fault] = field(default_factory=list)
    tries_each_end: bool = False
    orders: int = 0
    refused: int = 0
    # How often each act was accepted, and how hearings ended.
    accepted: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        connection: Any = self.connection
        # Without what a commit does beside the acts: lists and search are no matter of a sitting.
        self.db = Database("", engine=lambda _url: connection)
        self.numbers = {block: number for (_, number), block in self.world.start.blocks.items()}

    @contextmanager
    def taken_back(self) -> Iterator[None]:
        """Take back what is done meanwhile."""
        point = self.connection.begin_nested()
        try:
            yield
        finally:
            point.rollback()

    def rows(self) -> Rows:
        return read(self.connection, self.world.start.hearing_id, self.numbers)

    def begin(self, name: str) -> Story:
        """Return the story of a beginning; its acts are checked like the others."""
        is_before = name == "before its day"
        at = datetime.combine(DAY - timedelta(days=1) if is_before else DAY, AFTERNOON)
        story = Story(self.rows(), at, DAY, SEALED_AT, DAY)
        if BEGINNINGS[name] or is_before:
            story = self.get_ready(story)
        for each in BEGINNINGS[name]:
            told = self.do(story, BY_NAME[each])
            assert told is not None, f"{each} is refused at the beginning"
            story = told
        return replace(story, order=(f"({name})",))

    def do(self, story: Story, what: Act) -> Story | None:
        """Return the story after an act, None when it is refused, or bears on a hearing that is no more."""
        if story.rows.hearing is None:
            return None
        at = story.at + timedelta(minutes=1, days=what.nights)
        world = self.world
        moment = Moment(world.start, world.same_day, world.later, story.rows, story.number + 1, at)
        try:
            with self.db.transaction() as session:
                what.do(session, moment)
        except (Refusal, NobodyError):
            return None
        except Exception as error:
            seen = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
            self.faults.append(Fault("exception", (*story.order, what.name), seen))
            return None
        told, faults = after(story, what, moment, self.rows())
        self.faults += faults
        if told.rows.minutes is not None and story.rows.minutes is None:
            self.ended[f"{told.rows.hearing and told.rows.hearing.attendance}{' void' if what is VOID else ''}"] += 1
            self.faults += self.counts.note(told)
        if told.day != story.day and told.day > day_of(at):
            at = datetime.combine(told.day, AFTERNOON)
        return replace(told, at=at)

    def get_ready(self, story: Story) -> Story:
        """Let every member who has not declared and read do so."""
        for person in (row.person for row in story.rows.members):
            for kind in (StatementKind.NO_RELATION, StatementKind.READ):
                if (person, str(kind)) in story.rows.said:
                    continue
                try:
                    with self.db.transaction() as session:
                        declarations.record_statement(
                            session, self.world.start.hearing_id, MemberDeclarations(person, kind), by=person, at=story.at
                        )  # fmt: skip
                except Refusal:
                    break
        return replace(story, rows=self.rows())

    def sign_sheet(self, story: Story) -> None:
        """Let the jury and the candidate sign a sheet of presence."""
        start = self.world.start
        people = [row.person for row in story.rows.members] + [start.candidate]
        with self.db.transaction() as session:
            record_sheet(session, start.session_id, people, act("feuille.pdf"), by=start.certifier, at=story.at)

    def walk(self, story: Story, tree: Tree) -> None:
        """Walk every order of a tree, and bring each to an end."""
        for name, further in tree.items():
            with self.taken_back():
                self.orders += 1
                told = self.do(story, BY_NAME[name])
                if told is None:
                    self.refused += 1  # nothing was written: what comes after it is an order without it
                    continue
                self.accepted[name] += 1
                self.walk(told, further)
                self.bring_to_an_end(told)

    def bring_to_an_end(self, story: Story) -> None:
        """Close the minutes as they are, close them once everybody is there, or void them: in turn, or each."""
        if not story.rows.is_open:
            return
        story = replace(story, at=max(story.at, datetime.combine(story.day, AFTERNOON)))
        ways = (self.close, self.attend_and_close, self.void)
        for way in ways if self.tries_each_end else (ways[sum(self.accepted.values()) % len(ways)],):
            with self.taken_back():
                way(story)

    def close(self, story: Story) -> None:
        self.do(story, CLOSE)

    def attend_and_close(self, story: Story) -> None:
        there = self.do(self.get_ready(story), ATTEND)
        if there is not None:
            self.do(there, CLOSE)

    def void(self, story: Story) -> None:
        self.do(story, VOID)


@contextmanager
def opened(db: Database, setting: Setting) -> Iterator[Adversary]:
    """Give an adversary on a store, in a transaction that is taken back at the end."""
    world = prepare(db, setting)
    with db.engine.connect().execution_options(writes=True) as connection:
        outer = connection.begin()
        connection.begin_nested()  # so that an act that is refused takes back itself alone
        yield Adversary(connection, world)
        outer.rollback()


def tree_of(orders: Sequence[tuple[str, ...]]) -> dict[str, Any]:
    """Return orders as a tree."""
    tree: dict[str, Any] = {}
    for order in orders:
        branch = tree
        for name in order:
            branch = branch.setdefault(name, {})
    return tree
