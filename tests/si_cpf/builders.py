"""Holders of a whole certification, each with the identity that the Caisse des Dépôts asks for."""

from datetime import UTC, date, datetime
from io import BytesIO
from uuid import UUID
from xml.sax.saxutils import escape

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.holdings.models.grants import Award, Certificate
from portfolio.domain.si_cpf.models import SiCpfFlow, SiCpfPassage
from portfolio.domain.si_cpf.rules import HolderIdentity, SchemaVersion, Sex
from portfolio.domain.si_cpf.use_cases import transmission
from tests import factories

KEY = "la clé de cette installation"
AWARDED = date(2026, 3, 20)
AT = datetime(2026, 3, 29, 0, 59, 30, tzinfo=UTC)
LATER = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
NOBODY = "Aucun titulaire ne correspond aux critères obligatoires"


def holder(session: Session, world: factories.World, name: str = "Samia Benali", on: date = AWARDED) -> Candidacy:
    """Someone who holds the whole, by acquisitions, certified that day."""
    person = factories.person(session, name)
    candidacy = factories.candidacy(session, world.version, person)
    grants = [factories.held(session, candidacy, block.id, on) for block in world.version.blocks]
    award = Award(
        person_id=person.id, version_id=world.version.id, completed_by=grants[-1].id, obtained_on=on, recorded_at=AT
    )  # fmt: skip
    session.add(award)
    session.flush()
    number = f"C-{award.id.hex[:16].upper()}"
    session.add(
        Certificate(
            number=number,
            award_id=award.id,
            printed_text={"holder": name, "delivered_on": on.isoformat()},
            issued_at=AT,
        )
    )
    session.flush()
    return candidacy


def identify(session: Session, candidacy: Candidacy, at: datetime = AT, **changed: object) -> None:
    told: dict[str, object] = {
        "birth_name": "BENALI", "first_name": "Samia", "sex": Sex.FEMALE, "born_on": date(1984, 5, 12)
    }  # fmt: skip
    value = HolderIdentity(**(told | changed))
    transmission.record_identity(session, candidacy.id, value, KEY, by=candidacy.candidate_id, at=at)


def enrol(session: Session, world: factories.World, **changed: object) -> None:
    """The body says what the Caisse des Dépôts gave it."""
    told: dict[str, object] = {"send_blocks": False, "revision": 0} | changed
    version = told.pop("version", SchemaVersion.V1_1_5)
    transmission.save_settings(
        session, world.body.id, "03VML243", "MCFCER000209", version, by=world.certifier.id, at=AT, **told
    )  # fmt: skip


def receipt(session: Session, flow: SiCpfFlow, rejected: dict[str, str], *, but: set[str] = frozenset()) -> BytesIO:
    """The receipt of a file: these are rejected, the others accepted; `but` are not spoken of."""
    subject = func.coalesce(SiCpfPassage.award_id, SiCpfPassage.grant_id)
    found = session.scalars(select(subject).where(SiCpfPassage.flow_id == flow.id))
    sent = {str(UUID(str(each))) for each in found} - but
    refused = "".join(
        f"<passage><idTechnique>{key}</idTechnique><messageErreur>{escape(said)}</messageErreur></passage>"
        for key, said in rejected.items()
    )
    taken = "".join(f"<idTechnique>{key}</idTechnique>" for key in sorted(sent - rejected.keys()))
    return BytesIO(
        f'<?xml version="1.0" encoding="UTF-8"?><ns2:rapport xmlns:ns2="urn:cdc:cpf:pc5:rapport:schema">'
        f"<nomFichier>x.xml</nomFichier><idFlux>{flow.flow_id}</idFlux><idTraitement>T-1</idTraitement>"
        f"<PassagesKO>{refused}</PassagesKO><PassagesOK>{taken}</PassagesOK></ns2:rapport>".encode()
    )


def technical_ids(session: Session, flow: SiCpfFlow) -> list[str]:
    query = select(SiCpfPassage.award_id).where(SiCpfPassage.flow_id == flow.id).order_by(SiCpfPassage.award_id)
    return [str(key) for key in session.scalars(query)]
