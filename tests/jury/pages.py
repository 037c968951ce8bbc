"""What the tests of the jury's pages share: who is connected, where things are."""

from datetime import timedelta

from sqlalchemy import func, select

from portfolio.db.engine import Database
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.web.clock import now, today
from tests import factories
from tests.jury import builders as stage
from tests.jury.builders import Scene
from tests.page import CheckedClient

# The president's last word, and the password that signs it.
SIGNED = {"sure": "y", "password": factories.PASSWORD}
YESTERDAY = now() - timedelta(days=1)


def staged(store: Database, **changes) -> Scene:
    """A jury that sits today before a dossier sealed yesterday: at the same instant for every test, so that
    it is told once.
    """
    return stage.scene(store, **{"held_on": today(), "sealed_at": YESTERDAY} | changes)


def as_certifier(client: CheckedClient, made: Scene) -> CheckedClient:
    client.log_in(made.certifier.email, factories.PASSWORD)
    return client


def as_member(client: CheckedClient, made: Scene, seat: Seat = Seat.PRESIDENT) -> CheckedClient:
    client.log_in(made.members[seat].email, factories.PASSWORD)
    return client


def hearing(made: Scene, rest: str = "") -> str:
    return f"/jurys/{made.hearing_id}{rest}"


def competency(made: Scene, index: int = 0) -> str:
    return hearing(made, f"/competences/{made.competencies[index].id}")


def block(made: Scene, index: int = 0) -> str:
    return hearing(made, f"/blocs/{made.blocks[index].id}")


def count(store: Database, table) -> int:
    with store.reader() as session:
        return session.scalar(select(func.count()).select_from(table))
