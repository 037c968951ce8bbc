"""The stage of the demonstration: its certifying body, its people, its moments of the past."""

import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from demo.passphrase import PASSPHRASE
from demo.sample_images import logo
from portfolio.calendar import PARIS, day_of
from portfolio.db.engine import Database
from portfolio.domain.access_monitoring.rules import AccessVolume
from portfolio.domain.access_monitoring.use_cases import Access, record_access
from portfolio.domain.account.models import CertifyingBodyMember
from portfolio.domain.account.passwords import hash_password
from portfolio.domain.account.use_cases import create_certifier, find_or_create_person
from portfolio.domain.admissibility.use_cases.corrections import record_birth
from portfolio.domain.admissibility.use_cases.opening import open_candidacy
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import Birth, NewCandidacy, PersonInput, Scope
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.entry_schema import entry_from_json
from portfolio.domain.certification.rules.versioning import Correction, doubt_key
from portfolio.domain.certification.use_cases.drafting import correct_draft
from portfolio.domain.certification.use_cases.importing import import_entry
from portfolio.domain.certification.use_cases.publishing import publish
from portfolio.domain.certifying_body.look import set_accent, set_logo
from portfolio.domain.certifying_body.rules import Logo
from portfolio.files.file_types.types import FileRejected
from portfolio.files.renditions.logo_client import LogoRejected, written_logo
from portfolio.files.storage.store import FileStore

ENTRY = Path(__file__).with_name("rncp-16959.json")
BODY = "Institut Alma des métiers du numérique"
CITY = "Rennes"
# Its documents bear a logo that the demonstration draws, and this colour.
SHORT_NAME, COLOUR = "Alma", "#8a1f4f"
NO_LOGO = "Le logo de l’organisme n’a pas pu être préparé sur cette machine : les documents s’en passent."
CERTIFIER = PersonInput("helene.roche@exemple.fr", "Hélène Roche")


@dataclass(frozen=True)
class Walk:
    """The candidacy of someone, and who walks it with them: their advisor, else the certifier."""

    name: str
    candidacy_id: UUID
    candidate_id: UUID
    advisor_id: UUID


@dataclass
class Stage:
    """The stores and the present; then whatever was made so far, by the name that the story calls it."""

    database: Database
    files: FileStore
    limit: int
    now: datetime
    people: dict[str, UUID] = field(default_factory=dict)
    # The first candidacy of each, by address.
    walks: dict[str, Walk] = field(default_factory=dict)
    blocks: dict[int, UUID] = field(default_factory=dict)
    competencies: dict[str, UUID] = field(default_factory=dict)
    body_id: UUID = field(init=False)
    version_id: UUID = field(init=False)
    title: str = ""
    code: str = ""
    left_out: list[str] = field(default_factory=list)
    # The same stage, where the shorter title is what is presented.
    short: "Stage" = field(init=False)

    def ago(self, days: int, hour: int = 10, minute: int = 0) -> datetime:
        """A moment: so many days ago, at this hour in Paris; never later than now."""
        day = day_of(self.now) - timedelta(days=days)
        return min(datetime.combine(day, time(hour, minute), PARIS), self.now)

    def ahead(self, days: int, hour: int = 9, minute: int = 0) -> datetime:
        """A moment to come: in so many days, or a little more when that falls on a week-end."""
        day = day_of(self.now) + timedelta(days=days)
        day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
        return datetime.combine(day, time(hour, minute), PARIS)

    def weekday_ago(self, days: int) -> int:
        """So many days ago, or a little more when that falls on a week-end: juries do not sit then."""
        weekday = self.ago(days, 12).astimezone(PARIS).weekday()
        return days + max(0, weekday - 4)

    @property
    def certifier(self) -> UUID:
        """Who acts for the body."""
        return self.people[CERTIFIER.email]

    def welcome(self, people: Iterable[PersonInput], at: datetime) -> None:
        """Give people an account with the common passphrase, as if each had chosen it from their link."""
        secret = hash_password(PASSPHRASE)
        with self.database.transaction() as session:
            for someone in people:
                person = find_or_create_person(session, someone.email, someone.name, at=at)
                person.password_hash = secret
                self.people[someone.email] = person.id

    def open_dossier(self, session: Session, reader: UUID, candidacy_id: UUID, at: datetime) -> None:
        """Keep that somebody opened the dossier of a candidacy, as its pages do."""
        subject = session.get_one(Candidacy, candidacy_id).candidate_id
        opened = Access(reader, self.body_id, subject, candidacy_id=candidacy_id)
        record_access(session, opened, AccessVolume(100, 1000), day=at.astimezone(PARIS).date(), at=at)

    def found_body(self, at: datetime) -> None:
        """Make the certifying body, import the entry, settle its doubts, publish it."""
        looked = at + timedelta(minutes=25)
        picture = self._logo()
        with self.database.transaction() as session:
            member = create_certifier(session, CERTIFIER.email, CERTIFIER.name, BODY, CITY, at=at)
            session.flush()
            self.body_id = session.scalars(
                select(CertifyingBodyMember.body_id).where(CertifyingBodyMember.person_id == member.id)
            ).one()
            self.people[CERTIFIER.email] = member.id
            self.publish(session, json.loads(ENTRY.read_text(encoding="utf-8")), at)
            if picture is not None:
                set_logo(session, self.body_id, picture, by=member.id, at=looked)
            set_accent(session, self.body_id, COLOUR, by=member.id, at=looked)

    def publish(self, session: Session, stored: Mapping[str, Any], at: datetime) -> None:
        """Import an entry, settle its doubts, publish it: what comes next is about it."""
        entry, looked = entry_from_json(dict(stored)), at + timedelta(minutes=25)
        settled = tuple(doubt_key(doubt) for doubt in entry.doubts)
        version = import_entry(session, self.body_id, entry, by=self.certifier, at=at).version
        correction = Correction(dict(stored), version.revision, settled)
        correct_draft(session, version.id, correction, by=self.certifier, at=looked)
        self._learn(publish(session, version.id, by=self.certifier, at=looked + timedelta(minutes=5)))

    def _logo(self) -> Logo | None:
        """Draw the logo of the body; without it, where this machine reads no picture, the story goes on."""
        drawn = logo(SHORT_NAME, COLOUR)
        try:
            return written_logo(io.BytesIO(drawn), len(drawn))
        except (LogoRejected, FileRejected):
            self.left_out.append(NO_LOGO)
            return None

    def _learn(self, version: CertificationVersion) -> None:
        self.version_id, self.title, self.code = version.id, version.title, version.certification.code
        self.blocks = {block.number: block.id for block in version.blocks}
        self.competencies = {
            competency.label: competency.id for block in version.blocks for competency in block.competencies
        }

    def open(
        self,
        who: PersonInput,
        admissible_on: date,
        advisor: PersonInput | None,
        at: datetime,
        *,
        route: Route = Route.VAE,
        regime: Regime = Regime.CERFA,
        override: str = "",
        blocks: tuple[UUID, ...] = (),
    ) -> Walk:
        """Open the candidacy of someone, with their advisor, for the whole or for some blocks.

        `override` is the reason that passes over the expired entry.
        """
        opening = NewCandidacy(
            self.version_id,
            who,
            route,
            regime,
            Scope.BLOCKS if blocks else Scope.WHOLE,
            blocks,
            admissible_on,
            advisor,
            override,
        )
        with self.database.transaction() as session:
            candidacy = open_candidacy(session, self.body_id, opening, by=self.certifier, at=at)
            self.people[who.email] = candidacy.candidate_id
            walk = Walk(who.name, candidacy.id, candidacy.candidate_id, candidacy.advisor_id or self.certifier)
            self.walks.setdefault(who.email, walk)
            return walk

    def born(self, walk: Walk, birth: Birth, at: datetime) -> None:
        """The candidate gives what their certificates will say of their birth."""
        with self.database.transaction() as session:
            record_birth(session, walk.candidacy_id, birth, by=walk.candidate_id, at=at)
