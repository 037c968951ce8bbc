"""Which letters a certifier hands over without a mail server: where their body is alone, and where it is not. On both stores."""

from __future__ import annotations

from portfolio.account.services import ask_reset, invite
from portfolio.candidacy.services.telling import tell_candidate
from portfolio.db import Database
from portfolio.mail.outbox import is_alone, list_outbox
from portfolio.mail.services import Letter
from tests import factories
from tests.factories import AT, World


def written(db: Database) -> World:
    """The candidate asked for a new password, an advisor was invited anew, somebody new too; a decision was told."""
    with db.transaction() as session:
        made = factories.world(session, filled=False)
        ask_reset(session, made.candidate.email, at=AT)
        for email in (made.advisor.email, "neuve@exemple.fr"):
            invite(session, email, "Qui", made.body.id, by=made.certifier.id, at=AT, why="advisor")
        tell_candidate(session, made.candidacy, Letter.DECIDED_LATER, at=AT)
        return made


def shown(db: Database, made: World) -> list[str]:
    with db.reader() as session:
        return sorted(str(one.mail.kind) for one in list_outbox(session, made.body.id, AT))


def test_a_body_alone_hands_over_the_links_of_its_people(db: Database) -> None:
    made = written(db)
    with db.reader() as session:
        assert is_alone(session)
        opening = [one.mail.kind for one in list_outbox(session, made.body.id, AT) if one.opens]
    assert shown(db, made) == ["decided_later", "invitation", "news", "reset"]
    assert sorted(opening) == ["invitation", "reset"]


def test_where_several_bodies_live_none_hands_over_what_tells_of_an_account(db: Database) -> None:
    made = written(db)
    with db.transaction() as session:
        factories.body(session, "Un autre institut")
    with db.reader() as session:
        assert not is_alone(session)
    assert shown(db, made) == ["decided_later"]
