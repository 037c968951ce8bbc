"""Random deliberations played on a database: drafts and ballots in any order, then the closing."""

from contextlib import suppress
from datetime import date
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.jury.models.deliberation import RecordedDecision
from portfolio.domain.jury.models.sessions import DecisionDraft
from portfolio.domain.jury.rules.deliberation import DecisionRecord
from portfolio.domain.jury.rules.enums import Outcome
from portfolio.domain.jury.rules.opinions import VoteChoice
from portfolio.domain.jury_session.use_cases import ballots
from portfolio.domain.jury_session.use_cases.deliberation import record_decision
from portfolio.errors import Refusal
from tests.jury.builders import DAY, FIVE, ON_THE_DAY, Scene, close, scene
from tests.second_reading import facts as f
from tests.second_reading import reading

TWO = {"size": 2, "seats": ["president", "employee_representative"], "casting_vote": False}
RULES = (({}, FIVE), ({"casting_vote": False}, FIVE), (TWO, FIVE[:2]), (TWO | {"casting_vote": True}, FIVE[:2]))
DRAFTS = (
    f.Draft(f.VALIDATED),
    f.Draft(f.NOT_VALIDATED, "Trop peu d’exemples.", "L’entretien l’a montré.", "Ajoutez un budget."),
    f.Draft(f.NOT_VALIDATED, "Trop peu d’exemples.", "", "Ajoutez un budget."),
)
NOTHING_FALSE = reading.Regularity(frozenset(), frozenset(), frozenset())


class Sitting:
    """A regular jury before a candidate whose competencies are all acquired, each block drafted « validated »."""

    def __init__(self, db: Database, random: Random) -> None:
        self.db, self.random = db, random
        rule, members = random.choice(RULES)
        self.made: Scene = scene(db, members=members, refused=(), **({"jury": rule} if rule else {}))
        seats = [str(naming.seat) for naming in members]
        self.jury = f.Jury(
            DAY,
            f.JuryRule(len(seats), tuple(seats), None, None, casting_vote=bool(rule.get("casting_vote", True))),
            tuple(f.Member(rank, seat) for rank, seat in enumerate(seats)),
        )
        self.acts: list[list[f.Draft | f.Ballot]] = [[DRAFTS[0]] for _ in self.made.blocks]

    def live(self) -> None:
        """Draft a decision, or hold a ballot, on one of the first two blocks."""
        with suppress(Refusal):
            rank = self.random.randrange(2)
            (self.draft if self.random.random() < 0.4 else self.vote)(rank)

    def draft(self, rank: int) -> None:
        """The presidency drafts a decision; one that the last ballot contradicts is refused."""
        told, block = self.random.choice(DRAFTS), self.made.blocks[rank]
        record = DecisionRecord(Outcome(told.outcome), told.reason, told.override, told.recommendation)
        with self.db.transaction() as session:
            query = select(DecisionDraft.revision).where(DecisionDraft.block_id == block.id)
            record_decision(
                session,
                self.made.hearing_id,
                block.id,
                record,
                revision=session.scalar(query) or 0,
                by=self.made.president.id,
                at=ON_THE_DAY,
            )
        self.acts[rank].append(told)

    def vote(self, rank: int) -> None:
        """The members vote, or some of them; the presidency closes the ballot, or keeps it open."""
        if self.acts[rank] and isinstance(self.acts[rank][-1], f.Ballot) and not self.acts[rank][-1].closed:
            return
        votes, closed = [], False
        people = [self.made.members[Seat(member.seat)].id for member in self.jury.members]
        with self.db.transaction() as session:
            ballot = ballots.open_ballot(
                session, self.made.hearing_id, self.made.blocks[rank].id, by=self.made.president.id, at=ON_THE_DAY
            )
            for person, member in zip(people, self.jury.members, strict=True):
                if self.random.random() < 0.85:
                    choice = self.random.choice((f.FOR, f.FOR, f.AGAINST, f.AGAINST, f.ABSTAINS))
                    closed = ballots.cast_vote(
                        session, self.made.hearing_id, ballot.id, VoteChoice(choice), by=person, at=ON_THE_DAY
                    )
                    votes.append((member.person, choice))
            if not closed and self.random.random() < 0.85:
                ballots.close_ballot(session, self.made.hearing_id, ballot.id, by=self.made.president.id, at=ON_THE_DAY)
                closed = True
        self.acts[rank].append(f.Ballot(tuple(votes), closed))

    @property
    def hearing(self) -> f.Hearing:
        """Return what happened, as the second reading reads it."""
        told = tuple(
            f.Deliberation(rank, (f.Finding("acquired"),) * len(block.competencies), tuple(self.acts[rank]))
            for rank, block in enumerate(self.made.blocks)
        )
        scope = frozenset(range(len(told)))
        return f.Hearing("PV", 1, f.VAE, DAY, "france_vae", DAY, "none", scope, self.jury, told)

    def check(self) -> str:
        """Close, and compare; return how it ended."""
        faults = reading.closing_faults(self.hearing, f.Version(1, ()), (), date.max, NOTHING_FALSE)
        try:
            close(self.db, self.made)
        except Refusal:
            assert faults, "refused, and nothing prevents it"
            return "refused"
        assert not faults, faults
        decided = {told.block: reading.decided(told, self.jury) for told in self.hearing.deliberations}
        with self.db.reader() as session:
            assert self._recorded(session) == decided
            won = {rank for rank, outcome in decided.items() if outcome == f.VALIDATED}
            granted = set(session.scalars(select(Grant.block_id)))
            assert granted == {self.made.blocks[rank].id for rank in won}
        return "closed, all validated" if len(won) == len(decided) else "closed, a block refused"

    def _recorded(self, session: Session) -> dict[int, str]:
        rows = {row.block_id: str(row.outcome) for row in session.scalars(select(RecordedDecision))}
        return {rank: rows[block.id] for rank, block in enumerate(self.made.blocks)}
