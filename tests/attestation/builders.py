"""A candidate, an experience, a third party asked; and how one signs, for tests."""

import io
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.documents.attestation import attestation_pdf
from portfolio.domain.dossier.rules.attestation import (
    ClaimedRelationship,
    Delivery,
    Relationship,
    RequestText,
    Statement,
)
from portfolio.domain.dossier.use_cases import attestation_requests as requests
from portfolio.domain.dossier.use_cases import attestation_responses as responses
from portfolio.domain.dossier.use_cases import attestation_signing as signing
from portfolio.domain.dossier.use_cases.attestation_signing import EvidenceTitles, PreparedSignature
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile, upload_batch
from portfolio.domain.email.models import OutgoingEmail
from portfolio.files.storage.store import FileStore
from portfolio.wording.attestation import OATH, attestation_value, titles_for
from tests import factories

AT = factories.AT
LIFE = timedelta(days=30)
WORDS = Statement(
    quality=ClaimedRelationship.MANAGER,
    organisation="Agence du Port",
    began_on=date(2012, 1, 1),
    ended_on=date(2016, 6, 30),
    capacity="J’étais la directrice de l’agence.",
    seen="Samia a conduit seule la refonte du site, du cahier des charges à la mise en ligne.",
    often="Chaque semaine en 2015.",
    more="",
    tie=Relationship.NONE,
)


@dataclass
class Scene:
    """The ids of what was made."""

    world: factories.World
    experience_id: UUID

    @property
    def candidacy_id(self) -> UUID:
        return self.world.candidacy.id

    @property
    def candidate_id(self) -> UUID:
        return self.world.candidate.id


def scene(db: Database) -> Scene:
    """A candidate with one experience, who has asked nobody yet."""
    with db.transaction() as session:
        world = factories.world(session, filled=False)
        past = factories.experience(session, world.candidacy.id)
        return Scene(world, past.id)


def asking(made: Scene, **changed: object) -> RequestText:
    """Return what is asked of Gwenaëlle."""
    asked = RequestText(
        name="Gwenaëlle Le Goff",
        email="g.legoff@agence-du-port.fr",
        quality=ClaimedRelationship.MANAGER,
        organisation="Agence du Port",
        experience_id=made.experience_id,
        wanted="La conduite de la refonte du site en 2015.",
        competency_ids=(made.world.competencies[1].id,),
    )
    return replace(asked, **changed)


def ask(db: Database, made: Scene, at: datetime = AT, **changed: object) -> tuple[UUID, str]:
    """Ask, and answer the id of the request with the token that its letter carries."""
    with db.transaction() as session:
        key = requests.ask(session, made.candidacy_id, asking(made, **changed), LIFE, by=made.candidate_id, at=at)
        session.flush()
        return key, token_in(last_letter(session, str(changed.get("email", "g.legoff@agence-du-port.fr"))))


def last_letter(session: Session, email: str, subject: str = "%") -> str:
    """Return the text of the last letter to an address, of this subject if it matters."""
    query = (
        select(OutgoingEmail.text)
        .where(OutgoingEmail.to_email == email, OutgoingEmail.subject.like(subject))
        .order_by(OutgoingEmail.created_at.desc())
    )
    return session.scalars(query).first() or ""


def token_in(text: str) -> str:
    """Return the token of the link in a letter."""
    found = re.search(r"/attester/(?:copie/)?([\w-]{43})", text)
    assert found, text
    return found.group(1)


def code_in(text: str) -> str:
    """Return the code in a letter."""
    found = re.search(r"^(\d{6})$", text, re.MULTILINE)
    assert found, text
    return found.group(1)


def write(db: Database, token: str, words: Statement = WORDS, at: datetime = AT) -> None:
    """Write the whole text."""
    with db.transaction() as session:
        visit = responses.load_respondent(session, token, at=at)
        assert visit is not None
        responses.save_statement(session, token, words, visit.revision, at=at)


def code(db: Database, token: str, at: datetime = AT, email: str = "g.legoff@agence-du-port.fr") -> str:
    """Have a code sent, and read it."""
    with db.transaction() as session:
        responses.send_code(session, token, at=at)
        session.flush()
        return code_in(last_letter(session, email, "%code%"))


def prepared(db: Database, token: str, at: datetime = AT, name: str = "Gwenaëlle Le Goff") -> PreparedSignature:
    """Return what is about to be signed."""
    with db.reader() as session:
        visit = responses.load_respondent(session, token, at=at)
        assert visit is not None
        return signing.prepare(visit, name, OATH, Delivery.MAILED, at=at)


def drawn(files: FileStore, ready: PreparedSignature) -> ReceivedFile:
    """Return the PDF of an attestation, kept in the store."""
    with upload_batch(files, 10_000_000) as batch:
        kept = batch.store_file("attestation.pdf", io.BytesIO(attestation_pdf(attestation_value(ready.record))))
        batch.keep()
    return kept


def sign(db: Database, files: FileStore, token: str, at: datetime = AT) -> str:
    """Write, confirm the address, sign; answer the token of the copy."""
    write(db, token, at=at)
    typed = code(db, token, at)
    ready = prepared(db, token, at)
    file = drawn(files, ready)
    titles = EvidenceTitles(*titles_for(ready.record.name, ready.record.words.organisation))
    with db.transaction() as session:
        return signing.sign(session, token, typed, ready, file, titles)
