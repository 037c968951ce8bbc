"""One installation with two certifying bodies, and one candidate in each state a dossier can be in.

Built once. A state is the tag of its candidate: `draft`, `sealed`, `called` (before a jury: one member has declared,
nobody else; `listed` is on the same list), `heard` (a jury reads), `closed` (decided, not told yet), `past` (closed for
longer than the jury reads), `reopened` (a second draft after the seal; a piece was taken out of it). `beside` is before
another jury of the same body (the people of « annex »), `far` belongs to the other body, « south ».
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BytesIO
from uuid import UUID

from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.files.storage.store import FileStore, new_key
from tests import factories
from tests.jury import builders
from tests.rights.leak_markers import Canary, Planted

# How many days ago each jury sat; those who sat read for thirty days (config.juror_days).
SAT = {"heard": 0, "closed": 1, "reopened": 20, "past": 60}
STATES = ("draft", "sealed", "called", "heard", "closed", "past", "reopened")
SEATED = (
    ("president", builders.PRESIDENT),
    ("employee", builders.EMPLOYEE),
    ("director", builders.DIRECTOR),
    ("teacher", builders.TEACHER),
    ("pedagogue", builders.MANAGER),
    ("substitute", builders.SUBSTITUTE),
    ("silent", replace(builders.SUBSTITUTE, seat=Seat.PEDAGOGICAL_MANAGER)),
)
READERS = ("president", "employee", "director", "substitute", "pedagogue")


@dataclass
class House:
    """A certifying body with its people and its published version."""

    tag: str
    body_id: UUID
    version_id: UUID
    certifier: Person
    advisor: Person
    jurors: dict[str, Person] = field(default_factory=dict)
    # What follows the register: a notice, a proposed equivalence, a partner, a site.
    followed: dict[str, UUID] = field(default_factory=dict)


@dataclass
class World:
    """People by what they are, the ids of each state by the name they have in URLs, and what was planted."""

    people: dict[str, UUID] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    places: dict[str, dict[str, object]] = field(default_factory=dict)
    planted: Planted = field(default_factory=Planted)


@dataclass
class Building:
    """What the building of the world needs at hand."""

    database: Database
    files: FileStore
    at: datetime
    world: World = field(default_factory=World)

    def keep(self, owner: str, name: str, body: bytes) -> ReceivedFile:
        """A file in the store, with the canary in its name."""
        kept = self.files.save(new_key(), BytesIO(body))
        named = f"{Canary(owner, name)}.pdf"
        return ReceivedFile(kept.key, named, "application/pdf", "document", 1, kept.size, kept.sha256)


def someone(made: Building, owner: str, what: str) -> Person:
    """A person whose name and address are canaries; the same person when asked again."""
    email = f"{Canary(owner, what + 'email')}@exemple.fr"
    with made.database.transaction() as session:
        known = session.scalar(select(Person).where(Person.email == email))
        return known or factories.person(session, f"Camille {Canary(owner, what)}", email)


def jurors(made: Building, owner: str) -> dict[str, Person]:
    return {what: someone(made, owner, what) for what, _ in SEATED}
