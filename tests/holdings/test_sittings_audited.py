"""Minutes of before sittings were recorded: what others decided, on another day, or after which a candidate was said to
be absent, is named with the act that mends it (domain §10).
"""

from collections.abc import Callable

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.holdings.rules.decision_audit import Contradiction, Mending
from portfolio.domain.jury.models.deliberation import Adjournment, Minutes, RecordedDecision
from portfolio.domain.jury.models.sessions import FindingDraft, Hearing
from portfolio.domain.jury.rules.enums import Attendance, PresidencyVote
from portfolio.domain.jury_session.use_cases.minutes import rectify
from tests.holdings.test_decision_audit import FIVE_SEATS, FOR, LATER, annul, audited, ballot, closed, unguard, votes
from tests.jury.builders import ON_THE_DAY, Scene

OTHERS = [(Contradiction.OTHER_MEMBERS, number, Mending.ANNUL) for number in (1, 2, 3, 4)]
ANOTHER_DAY = [(Contradiction.DAY, None, Mending.RECTIFY)]


def bend(db: Database, *changes: Callable[[Session], object]) -> None:
    """Write rows as an earlier version left them."""
    with db.transaction() as session:
        unguard(session)
        for change in changes:
            change(session)


@pytest.mark.parametrize(
    "made_by_others",
    [
        lambda session, _made: session.execute(update(Hearing).values(moved_at=LATER)),
        lambda session, made: session.execute(update(FindingDraft).values(written_by=made.certifier.id)),
    ],
)
def test_what_other_members_drafted_is_named_until_it_is_annulled(
    db: Database, made_by_others: Callable[[Session, Scene], object]
):
    made = closed(db)
    assert audited(db) == []
    bend(db, lambda session: made_by_others(session, made))
    assert audited(db) == OTHERS
    annul(db, made, made.blocks[0])
    assert audited(db) == []


def test_a_block_voted_by_people_of_another_jury_is_named(db: Database):
    made = closed(db)
    made.members[FIVE_SEATS[4]] = made.certifier
    ballot(db, made, made.blocks[1], votes(FOR, FOR, FOR, FOR, FOR))
    assert audited(db) == OTHERS[1:2]


def test_a_vote_that_an_absence_left_out_of_the_minutes_is_named(db: Database):
    made = closed(db)
    ballot(db, made, made.blocks[0], votes(FOR, FOR, FOR, FOR, FOR))
    bend(
        db,
        lambda session: session.execute(update(Minutes).values(attendance=Attendance.ABSENT)),
        lambda session: session.query(RecordedDecision).delete(),
    )
    assert (Contradiction.ABSENT_AFTER_VOTE, 1, Mending.NEW_JURY) in audited(db)


def test_a_decision_dated_of_its_session_and_signed_later_is_named_until_it_is_rectified(db: Database):
    made = closed(db)
    bend(db, lambda session: session.execute(update(Minutes).values(closed_at=LATER)))
    assert audited(db) == ANOTHER_DAY
    with db.transaction() as session:
        rectify(session, made.hearing_id, "Le jury a délibéré le 28 juin.", by=made.certifier.id, at=LATER)
    assert audited(db) == []


def test_a_day_that_the_presidency_stated_is_not_named(db: Database):
    closed(db)

    def state(session: Session) -> None:
        minutes = session.query(Minutes).one()
        minutes.composition = minutes.composition | {"stated_on": minutes.decided_on.isoformat()}
        minutes.closed_at = LATER

    bend(db, state)
    assert audited(db) == []


def test_a_decision_dated_before_its_jury_resumed_is_named(db: Database):
    made = closed(db)
    stop = {"reason": "Panne.", "adjourned_at": ON_THE_DAY, "adjourned_by": made.president.id}
    bend(db, lambda session: session.add(Adjournment(hearing_id=made.hearing_id, resumed_at=LATER, **stop)))
    assert audited(db) == ANOTHER_DAY


@pytest.mark.parametrize(
    ("voice", "said"),
    [
        (None, [(Contradiction.VOICE, 1, Mending.RECTIFY)]),
        (PresidencyVote.FOR, []),
        (PresidencyVote.AGAINST, [(Contradiction.CASTING_VOTE, 1, Mending.ANNUL)]),
    ],
)
def test_a_tie_typed_by_hand_asks_how_the_presidency_voted(
    db: Database, voice: PresidencyVote | None, said: list[tuple[Contradiction, int | None, Mending]]
):
    made = closed(db)
    counts = {"votes_for": 2, "votes_against": 2, "votes_abstained": 1, "votes_presidency": voice}
    own = RecordedDecision.block_id == made.blocks[0].id
    bend(db, lambda session: session.execute(update(RecordedDecision).where(own).values(counts)))
    assert audited(db) == said
