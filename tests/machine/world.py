"""Stores that the machine starts from: a jury named before a sealed dossier, one store for each setting."""

import pickle
import shutil
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.account.models import LoginSession, Person
from portfolio.domain.account.rules import token_hash
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.certification.models import Block, Certification, CertificationVersion, Competency
from portfolio.domain.certification.use_cases.jury_rules import write_jury_rules
from portfolio.domain.certifying_body import settings
from portfolio.domain.certifying_body.rules import BodySettingsValue
from portfolio.domain.jury.rules.juror_card import MemberInput, Planning
from portfolio.domain.jury_session.use_cases import planning
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.web import clock
from tests import factories, postgresql
from tests.jury.builders import FIVE, PRESIDENT, STATEMENT, act
from tests.page import CheckedClient

TWO = FIVE[:2]
DEPUTY = replace(PRESIDENT, email="adam@exemple.fr", name="Rémi Adam", rank=1)
SEALED_AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
DAY = date(2026, 6, 18)
NOON = time(10, 0, tzinfo=UTC)
# Block by block, the texts of its competencies.
BLOCKS = (("Piloter un dispositif", ("Conduire le projet",)), ("Définir une stratégie", ("Veiller", "Chiffrer")))
_tokens = count(1)


@dataclass(frozen=True)
class Setting:
    """What the entry says of its jury and of the validity of its first block."""

    members: int
    casting_vote: bool
    quorum: int | None = None
    months: int | None = None


SETTINGS = (
    Setting(2, casting_vote=False, months=2),
    Setting(5, casting_vote=True),
    Setting(2, casting_vote=True),
    Setting(5, casting_vote=False, quorum=3, months=2),
)


@dataclass
class Start:
    """Ids of a store that is ready: the versions, the people, a hearing on its day."""

    body_id: UUID
    certifier: UUID
    second: UUID
    candidate: UUID
    versions: list[UUID]
    blocks: dict[tuple[int, int], UUID]
    competencies: dict[tuple[int, int], list[UUID]]
    # Two juries without a member in common.
    juries: list[dict[str, tuple[UUID, MemberInput]]]
    candidacy_id: UUID
    submission_id: UUID
    session_id: UUID
    hearing_id: UUID


def naming(setting: Setting, *, others: bool = False) -> tuple[MemberInput, ...]:
    """Return who is named: a jury of two without substitute, or of five with a deputy president; `others`: as
    many people who are not of the first jury.
    """
    first = TWO if setting.members == 2 else (*FIVE, DEPUTY)
    return (
        tuple(replace(one, email=f"autre-{one.email}", name=f"{one.name} Noël") for one in first) if others else first
    )


def begin(session: Session, setting: Setting) -> Start:
    """Write everything that a hearing needs, up to its jury; nobody has declared."""
    body = factories.body(session)
    certifier = factories.certifier(session, body.id)
    second = factories.certifier(session, body.id, "Nour Haddad")
    certification = Certification(body_id=body.id, code="RNCP16959")
    versions = [_version(session, certification, number, setting) for number in (1, 2)]
    candidate = factories.person(session, "Samia Benali", "samia@exemple.fr")
    juries = [
        {
            f"{'other ' if others else ''}{one.seat}{one.rank or ''}": (
                factories.person(session, one.name, one.email),
                one,
            )
            for one in naming(setting, others=others)
        }
        for others in (False, True)
    ]
    words = BodySettingsValue("Institut de l’exemple", "5, rue des Arts\n33000 Bordeaux", "Bordeaux", certifier.id,
                              "Directrice", "Vous avez deux mois pour demander un nouvel examen.", "05 00 00 00 00",
                              **factories.ADOPTED)  # fmt: skip
    settings.save_body_settings(session, body.id, words, revision=0, by=certifier.id, at=factories.AT)
    start = Start(
        body.id,
        certifier.id,
        second.id,
        candidate.id,
        [version.id for version in versions],
        {(v, block.number): block.id for v, version in enumerate(versions, 1) for block in version.blocks},
        {
            (v, block.number): [competency.id for competency in block.competencies]
            for v, version in enumerate(versions, 1)
            for block in version.blocks
        },
        [{key: (person.id, one) for key, (person, one) in people.items()} for people in juries],
        *[None] * 4,  # type: ignore[arg-type]
    )
    log_in(session, "certifier", certifier)
    log_in(session, "candidate", candidate)
    for key, (person, _) in (juries[0] | juries[1]).items():
        log_in(session, key, person)
    candidacy = open_candidacy(session, start, 1)
    submission = submit(session, candidacy.id, STATEMENT, by=candidate.id, at=SEALED_AT)
    start.candidacy_id, start.submission_id = candidacy.id, submission.id
    start.session_id, start.hearing_id = convene(session, start, 1, submission, DAY, SEALED_AT)
    return start


def _version(session: Session, certification: Certification, number: int, setting: Setting) -> CertificationVersion:
    content = factories.entry(certification.code)
    content["blocks"] = [
        content["blocks"][0]
        | {
            "number": n,
            "title": title,
            "competencies": [{"number": rank, "text": words, "alias": None} for rank, words in enumerate(texts, 1)],
        }
        for n, (title, texts) in enumerate(BLOCKS, 1)
    ]
    seats = [str(one.seat) for one in naming(setting) if not one.rank]
    content["jury"] |= {"size": setting.members, "seats": seats, "casting_vote": setting.casting_vote}
    content["jury"] |= {"quorum": setting.quorum} if setting.quorum else {}
    version = CertificationVersion(
        certification=certification, number=number, entry=content, title=content["title"], level="7",
        imported_at=factories.AT,
        blocks=[
            Block(
                number=n, title=title, assessments=["Cas pratique"],
                validity_months=setting.months if n == 1 else None,
                competencies=[Competency(number=rank, text=words) for rank, words in enumerate(texts, 1)],
            )
            for n, (title, texts) in enumerate(BLOCKS, 1)
        ],
    )  # fmt: skip
    session.add(version)
    session.flush()
    write_jury_rules(session, version.id, version.to_entry())
    version.published_at = factories.AT
    session.flush()
    return version


def log_in(session: Session, token: str, person: Person) -> None:
    """Open a session of login under a known token."""
    session.add(
        LoginSession(
            token_digest=token_hash(token),
            person_id=person.id,
            started_at=factories.AT,
            expires_at=datetime(2100, 1, 1, tzinfo=UTC),
        )
    )


def open_candidacy(session: Session, start: Start, version: int) -> Candidacy:
    """Open a candidacy on a version, with a draft that may be sealed."""
    row = session.get_one(CertificationVersion, start.versions[version - 1])
    candidate = session.get_one(Person, start.candidate)
    candidacy = factories.candidacy(session, row, candidate)
    factories.fill(session, candidacy.id, [one for block in row.blocks for one in block.competencies])
    return candidacy


def convene(
    session: Session, start: Start, version: int, submission: Submission, day: date, at: datetime, jury: int = 0
) -> tuple[UUID, UUID]:
    """Plan a session, name one of the juries, and put a sealed dossier on its list."""
    planned = planning.plan_session(
        session, start.body_id, Planning(start.versions[version - 1], day, "Bordeaux"), by=start.certifier, at=at
    )
    for _, one in start.juries[jury].values():
        paper = act() if one.appointed_on else None
        planning.name_member(session, planned.id, one, paper, by=start.certifier, at=at)
        session.expire(planned, ["members"])
    heard = planning.add_hearing(session, planned.id, submission.id, by=start.certifier, at=at)
    return planned.id, heard.id


class Store:
    """The application on one database, put back to the start of a setting before each example; its clock is
    the example's.
    """

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app = app
        self.folder = folder
        self.db: Database = app.extensions["database"]
        self.place = self.db.engine.url
        self.at = SEALED_AT
        self.started = 0
        self.reached: Counter[str] = Counter()
        self._kept: dict[Setting, tuple[str, bytes]] = {}
        app.test_client_class = CheckedClient

    def set_clock(self, monkeypatch: Any) -> None:
        """Let pages read the example's moment."""
        monkeypatch.setattr(clock, "datetime", SimpleNamespace(now=lambda _zone: self.at))

    def start(self, setting: Setting) -> Start:
        """Put the store back to the start of a setting."""
        if setting not in self._kept:
            self._restore(self._keep("empty") if not self._kept else self._kept_empty)
            with self.db.transaction() as session:
                told = begin(session, setting)
            self._kept[setting] = (self._keep(f"kept{len(self._kept)}"), pickle.dumps(told))
        self.started += 1
        name, told = self._kept[setting]
        self._restore(name)
        self.at = datetime.combine(DAY, NOON)
        return pickle.loads(told)

    def _keep(self, name: str) -> str:
        if name == "empty":
            self._kept_empty = f"{self.place.database}_empty" if self._on_server else name
            name = self._kept_empty
        elif self._on_server:
            name = f"{self.place.database}_{name}"
        self.db.engine.dispose()
        if self._on_server:
            postgresql.copy(self.place.set(database=name), str(self.place.database))
        else:
            engine = create_engine(self.place)
            with engine.connect() as connection:
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            engine.dispose()
            shutil.copy(str(self.place.database), self.folder / name)
        return name

    @property
    def _on_server(self) -> bool:
        return self.place.get_backend_name() == "postgresql"

    def _restore(self, name: str) -> None:
        self.db.engine.dispose()
        if self._on_server:
            postgresql.run(self.place, f'DROP DATABASE "{self.place.database}" WITH (FORCE)')
            postgresql.copy(self.place, name)
        else:
            for suffix in ("-wal", "-shm"):
                Path(f"{self.place.database}{suffix}").unlink(missing_ok=True)
            shutil.copy(self.folder / name, str(self.place.database))

    def forget(self) -> None:
        """Remove the copies kept on a server."""
        self.db.engine.dispose()
        names = [self._kept_empty, *(name for name, _ in self._kept.values())] if self._kept else []
        for name in names if self._on_server else ():
            postgresql.run(self.place, f'DROP DATABASE "{name}" WITH (FORCE)')

    def browser(self, token: str) -> CheckedClient:
        """A browser in which this person is logged in."""
        client = self.app.test_client()
        assert isinstance(client, CheckedClient)
        with client.session_transaction() as kept:
            kept["_user_id"], kept["_fresh"] = token, True
        return client
