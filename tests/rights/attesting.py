"""Third parties: one asked by each candidate who is still writing their text, one who signed, before the seal
of some.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from portfolio.domain.candidacy.models import SealedFile
from portfolio.domain.dossier.models.attestation import Attestation
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.rules.attestation import ClaimedRelationship, Relationship, RequestText, Statement
from portfolio.domain.dossier.use_cases import attestation_requests as requests
from portfolio.domain.dossier.use_cases import attestation_responses as responses
from portfolio.domain.dossier.use_cases import attestation_signing as signing
from portfolio.domain.dossier.use_cases.uploads import delete_file
from tests.attestation import builders
from tests.rights.fixtures_world import Building
from tests.rights.leak_markers import Canary, colour_pdf

# Those of whom a third party signed.
SIGNED = ("draft", "heard")
LIFE = timedelta(days=30)


def wait(made: Building, tag: str) -> None:
    """Ask a third party who writes the whole, and does not sign: nobody reads what they wrote."""
    place, at = made.world.places[tag], made.at - timedelta(days=4)
    key, token = _ask(
        made, tag, f"Dominique {Canary(tag, 'attester')}", f"{Canary(tag, 'attesteremail')}@exemple.fr", "wanted"
    )
    words = Statement(
        ClaimedRelationship.CLIENT,
        str(Canary(tag, "unsigned")),
        capacity="Cliente.",
        seen=str(Canary(tag, "unsigned")),
        tie=Relationship.NONE,
    )
    builders.write(made.database, token, words, at)
    file = made.keep(tag, "unsigned", colour_pdf(str(Canary(tag, "unsigned")), (255, 255, 255)))
    with made.database.transaction() as session:
        responses.attach_file(session, token, file, at=at)
    place["request_id"], place["attestation_token"] = key, token


def sign(made: Building, tag: str) -> None:
    """Ask a third party who signs."""
    place, at = made.world.places[tag], made.at - timedelta(days=4)
    email = f"{Canary(tag, 'signedemail')}@exemple.fr"
    key, token = _ask(made, tag, "Dominique Signée", email, "role")
    words = Statement(
        ClaimedRelationship.CLIENT,
        "Agence",
        capacity="Cliente.",
        seen=str(Canary(tag, "comment")),
        tie=Relationship.NONE,
    )
    builders.write(made.database, token, words, at)
    typed, ready = (
        builders.code(made.database, token, at, email),
        builders.prepared(made.database, token, at, "Dominique Signée"),
    )
    file = builders.drawn(made.files, ready)
    with made.database.transaction() as session:
        place["copy_token"] = signing.sign(
            session, token, typed, ready, file, signing.EvidenceTitles("Attestation", "Annexe")
        )
        session.flush()
        place["attested_id"] = session.scalars(
            select(Attestation.evidence_id).where(Attestation.request_id == key)
        ).one()


def regret(made: Building, tag: str) -> None:
    """Ask two who write the whole: one is no longer needed, one refuses; then all that is left of them is forgotten.

    It happened so long ago that their addresses and the letters to them are erased too (domain §8).
    """
    place, at = made.world.places[tag], made.at - timedelta(days=40)
    by = made.world.people[f"candidate {tag}"]
    for what in ("withdrawn", "refused"):
        email = f"{Canary(tag, 'forgotten')}.{what}@exemple.fr"
        key, token = _ask(made, tag, f"Dominique {Canary(tag, 'attester')}", email, "wanted", at)
        gone = str(Canary(tag, what))
        builders.write(
            made.database,
            token,
            Statement(ClaimedRelationship.CLIENT, gone, capacity=gone, seen=gone, tie=Relationship.NONE),
            at,
        )
        file = made.keep(tag, what, colour_pdf(gone, (255, 255, 255)))
        with made.database.transaction() as session:
            responses.attach_file(session, token, file, at=at)
        with made.database.transaction() as session:
            if what == "refused":
                left = responses.decline(session, token, "", at=at)
            else:
                left = requests.withdraw(session, place["candidacy_id"], key, by=by, at=at)
        delete_file(made.files, left)
        place[f"{what}_token"], place[f"{what}_request_id"] = token, key


def sealed(made: Building, tag: str) -> None:
    """Learn which exhibit of the sealed dossier the attestation became."""
    place = made.world.places[tag]
    with made.database.reader() as session:
        key = session.scalars(select(EvidenceFile.key).where(EvidenceFile.evidence_id == place["attested_id"])).one()
        place["attested_label"] = session.scalars(select(SealedFile.exhibit).where(SealedFile.key == key)).one()


def _ask(made: Building, tag: str, name: str, email: str, wanted: str, at: datetime | None = None) -> tuple[UUID, str]:
    place, at = made.world.places[tag], at or made.at - timedelta(days=4)
    by = made.world.people[f"candidate {tag}"]
    asking = RequestText(
        name, email, ClaimedRelationship.CLIENT, "Agence", place["experience_id"], str(Canary(tag, wanted))
    )
    with made.database.transaction() as session:
        key = requests.ask(session, place["candidacy_id"], asking, LIFE, by=by, at=at)
        session.flush()
        return key, builders.token_in(builders.last_letter(session, email))
