"""What the tests of a sitting share: what a refusal says, and members bent as no service would."""

import pytest
from sqlalchemy import select

from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.models.sessions import JuryMember
from portfolio.domain.jury.rules.deliberation import ClosingErrorCode
from portfolio.domain.jury.rules.enums import JuryRefusal, StatementKind
from portfolio.errors import Refusal
from tests.jury.builders import close

RECUSAL, FREE, READ = StatementKind.RECUSAL, StatementKind.NO_RELATION, StatementKind.READ


def refusal_of(act) -> Refusal:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value


def irregular(db, made) -> list[str]:
    """Return the predicates for which closing is refused; nothing else prevents it."""
    refused = refusal_of(lambda: close(db, made))
    assert refused.code is JuryRefusal.NOT_READY
    faults = refused.facts["faults"]
    assert {fault.code for fault in faults} == {ClosingErrorCode.IRREGULAR}
    return [fault.facts["predicate"] for fault in faults]


def change(db, made, seat: Seat, **columns) -> None:
    """Bend a member in the store, as no service would."""
    with db.transaction() as session:
        member = session.scalars(
            select(JuryMember).where(JuryMember.session_id == made.session_id, JuryMember.seat == seat)
        ).one()
        for column, value in columns.items():
            setattr(member, column, value)


def take_away(db, made, seat: Seat) -> None:
    with db.transaction() as session:
        session.delete(
            session.scalars(
                select(JuryMember).where(JuryMember.session_id == made.session_id, JuryMember.seat == seat)
            ).one()
        )
