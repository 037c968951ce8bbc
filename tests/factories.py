"""People and things of VAE, ready for a test. Each function writes in the session it is given."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import count
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.db.engine import Base, Database, new_id
from portfolio.domain.account.models import CertifyingBody, CertifyingBodyMember, Person
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.certification.models import (
    Block,
    Certification,
    CertificationVersion,
    Competency,
    RegistrationPeriod,
)
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.use_cases.jury_rules import write_jury_rules
from portfolio.domain.dossier.models.dossier import Claim, Dossier, Experience, Narrative
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.models.renditions import Rendition
from portfolio.domain.dossier.rules.description import Anonymity, Authorship, Confidentiality, EvidenceKind
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.dossier.rules.rendition import RenditionKind, RenditionState
from portfolio.domain.email.models import CertifyingBodySettings
from portfolio.domain.holdings.models.events import Acquisition
from portfolio.domain.holdings.models.grants import Certificate, Grant
from portfolio.domain.holdings.rules.facts import Source
from portfolio.files.storage.store import new_key
from tests import samples
from tests.snapshots import STORIES

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADMISSIBLE = date(2021, 11, 12)
PASSWORD = "une phrase facile à retenir"
# Checked in a moment, as the product checks a hash made with other settings than its own.
_hash = PasswordHasher(memory_cost=8, time_cost=1, parallelism=1).hash(PASSWORD)
_numbers = count(1)
Row = TypeVar("Row", bound=Base)

BLOCKS = (
    (
        "Piloter un dispositif digital",
        ("Accompagner la transition digitale", "Organiser et suivre les opérations d’un projet"),
    ),
    (
        "Définir les solutions techniques d’un projet digital",
        (
            "Créer une offre de service digital",
            "Évaluer les ressources humaines nécessaires",
            "Utiliser les données d’usage",
        ),
    ),
    (
        "Définir une stratégie digitale",
        ("Organiser sa veille", "Définir une stratégie d’offre", "Élaborer une stratégie marketing"),
    ),
    (
        "Déployer un dispositif digital",
        ("Définir une politique d’implantation", "Produire et décliner les contenus", "Sélectionner les partenaires"),
    ),
)
SEATS = ["president", "employee_representative", "director_or_delegate", "teacher_trainer", "pedagogical_manager"]


def person(session: Session, name: str = "Samia Benali", email: str | None = None) -> Person:
    """Someone with an account, whose password is `PASSWORD`."""
    address = email or f"personne{next(_numbers)}@exemple.fr"
    found = Person(email=address, name=name, password_hash=_hash, created_at=AT)
    session.add(found)
    session.flush()
    return found


def _saved(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row


# The texts on remedies that a body adopted, but for its juries': the first letters of these kinds may leave.
ADOPTED = {
    f"remedies_{kind}": f"Vous pouvez contester cela devant la commission n° {number} dans les deux mois."
    for number, kind in enumerate(("admissibility", "annulment", "complaint"), 1)
}


def born(session: Session, candidacy_id: UUID) -> None:
    """The candidate gave their birth: their parchment may be signed."""
    from portfolio.domain.admissibility.use_cases.corrections import record_birth
    from portfolio.domain.candidacy.rules.opening import Birth

    own = session.get_one(Candidacy, candidacy_id).candidate_id
    record_birth(session, candidacy_id, Birth(date(1984, 5, 12), "Bordeaux"), by=own, at=AT)


def body(session: Session, name: str = "Institut de l’exemple") -> CertifyingBody:
    """A certifying body; it has said nothing of itself but its remedies, those of its juries left out."""
    found = CertifyingBody(name=name, city="Paris", created_at=AT)
    session.add(found)
    session.flush()
    session.add(CertifyingBodySettings(body_id=found.id, legal_name=name, city="Paris", **ADOPTED))
    session.flush()
    return found


def certifier(session: Session, body_id: UUID, name: str = "Hélène Roche") -> Person:
    """Someone who acts for a body."""
    found = person(session, name)
    session.add(CertifyingBodyMember(body_id=body_id, person_id=found.id))
    session.flush()
    return found


def entry(code: str = "RNCP16959", title: str = "Expert en stratégie digitale") -> dict[str, Any]:
    """A register entry in its JSON form."""
    blocks = [
        {
            "number": number,
            "title": block_title,
            "assessments": ["Cas pratique à partir d’une problématique d’entreprise."],
            "certificate_stated": True,
            "competencies": [{"number": n, "text": text, "alias": None} for n, text in enumerate(texts, 1)],
        }
        for number, (block_title, texts) in enumerate(BLOCKS, 1)
    ]
    periods = [
        {"title": title, "act": "Arrêté du 26 septembre 2016", "from": "2016-06-16", "until": "2018-10-04"},
        {"title": title, "act": "Arrêté du 27 décembre 2018", "from": "2018-10-04", "until": "2022-01-04"},
    ]
    return {
        "code": code,
        "title": title,
        "titles_seen": [title],
        "level": "7",
        "level_1969": "I",
        "nsf": ["326"],
        "rome": ["E1103"],
        "certifiers": ["Institut de l’exemple"],
        "signatory": "Directeur de l’Institut",
        "predecessor": "RNCP9052",
        "registrations": periods,
        "registered_until": "2022-01-04",
        "routes": [{"route": "vae", "open": True, "jury": "Cinq personnes."}],
        "jury": {"size": 5, "seats": SEATS, "external_min": 0.4, "representatives_min": 0.4},
        "blocks": blocks,
        "deliverables": [],
        "defence": None,
        "permanence": "unlimited",
        "sites": [],
        "holders_per_year": [],
        "doubts": [],
    }


def published_version(session: Session, body_id: UUID, code: str = "RNCP16959", **jury: object) -> CertificationVersion:
    """A published version of four blocks and eleven competencies, registered until 2022-01-04; `jury` adds to
    its rule, `routes` to its routes; `frame` is that of its livret 2.
    """
    certification = Certification(body_id=body_id, code=code)
    content = entry(code)
    routes = cast("list[tuple[str, bool | None]]", jury.pop("routes", []))
    content["routes"] += [{"route": route, "open": is_open, "jury": None} for route, is_open in routes]
    if frame := jury.pop("frame", None):
        content["frame"] = frame
    content["jury"] |= jury
    version = CertificationVersion(
        certification=certification, number=1, entry=content, title=content["title"], level="7", imported_at=AT
    )
    version.registrations = [
        RegistrationPeriod(
            title=one["title"],
            act=one["act"],
            starts_on=date.fromisoformat(one["from"]),
            ends_on=date.fromisoformat(one["until"]),
        )
        for one in content["registrations"]
    ]
    version.blocks = [
        Block(
            number=number,
            title=title,
            assessments=["Cas pratique"],
            competencies=[Competency(number=n, text=text) for n, text in enumerate(texts, 1)],
        )
        for number, (title, texts) in enumerate(BLOCKS, 1)
    ]
    session.add(version)
    session.flush()
    write_jury_rules(session, version.id, version.to_entry())
    version.published_at = AT
    session.flush()
    return version


def candidacy(
    session: Session, version: CertificationVersion, candidate: Person, advisor: Person | None = None
) -> Candidacy:
    """A whole-scope candidacy with its empty draft."""
    found = Candidacy(
        candidate_id=candidate.id,
        version_id=version.id,
        advisor_id=advisor.id if advisor else None,
        route=Route.VAE,
        regime=Regime.FRANCE_VAE,
        scope=Scope.WHOLE,
        admissible_on=ADMISSIBLE,
        opened_at=AT,
        blocks=list(version.blocks),
    )
    session.add(found)
    session.flush()
    session.add(Dossier(candidacy_id=found.id, state=DossierState.DRAFT, changed_at=AT))
    session.flush()
    return found


# What a test may put in the store for a piece.
CONTENT = samples.pdf().ljust(1000)


def evidence(session: Session, candidacy_id: UUID, number: int = 1, title: str = "Bulletin de veille") -> Evidence:
    """A described piece with one file version (its content is not in any store)."""
    return _saved(session, _evidence(candidacy_id, number, title))


def _evidence(candidacy_id: UUID, number: int, title: str) -> Evidence:
    found = Evidence(
        id=new_id(),
        candidacy_id=candidacy_id,
        number=number,
        title=title,
        kind=EvidenceKind.DELIVERABLE,
        dated_from=date(2019, 3, 1),
        own_role="Je l’ai conçu et rédigé seule.",
        authorship=Authorship.MINE,
        confidentiality=Confidentiality.OPEN,
        anonymity=Anonymity.NOT_NEEDED,
        added_at=AT,
        changed_at=AT,
    )
    name = new_key()
    found.files = [
        EvidenceFile(
            number=1, key=name, name="bulletin.pdf", mime="application/pdf", family="document", pages=12,
            size=len(CONTENT), sha256=sha256(CONTENT).hexdigest(), received_at=AT,
        )
    ]  # fmt: skip
    return found


def claim(session: Session, piece: Evidence, competency: Competency, passage: str = "4-5") -> Claim:
    """This piece shows this competency."""
    return _saved(session, _claim(piece, competency, passage))


def _claim(piece: Evidence, competency: Competency, passage: str = "4-5") -> Claim:
    return Claim(
        candidacy_id=piece.candidacy_id,
        evidence_id=piece.id,
        competency_id=competency.id,
        passage=passage,
        comment="J’ai choisi les sources et rédigé la synthèse.",
        changed_at=AT,
    )


def held(session: Session, candidacy: Candidacy, block_id: UUID, granted_on: date, number: str = "") -> Grant:
    """A block held by another route, with the proof that someone verified and its certificate."""
    code = uuid4().hex
    act = Acquisition(
        candidacy_id=candidacy.id, person_id=candidacy.candidate_id, block_id=block_id, acquired_on=granted_on,
        obtained_at="Évaluation de la formation de Lyon", verified_by=candidacy.candidate_id, verified_at=AT, file_key=code,
        file_name="attestation.pdf", file_mime="application/pdf", file_size=8, file_sha256=code * 2,
    )  # fmt: skip
    session.add(act)
    session.flush()
    grant = Grant(
        person_id=candidacy.candidate_id, block_id=block_id, source=Source.ACQUISITION, acquisition_id=act.id,
        granted_on=granted_on, recorded_at=AT,
    )  # fmt: skip
    session.add(grant)
    session.flush()
    session.add(Certificate(number=number or code[:20].upper(), grant_id=grant.id, printed_text={}, issued_at=AT))
    session.flush()
    return grant


def narrative(session: Session, candidacy_id: UUID, competency: Competency) -> Narrative:
    """A narrative with its four answers."""
    return _saved(session, _narrative(candidacy_id, competency))


def _narrative(candidacy_id: UUID, competency: Competency) -> Narrative:
    return Narrative(
        candidacy_id=candidacy_id,
        competency_id=competency.id,
        situation="L’agence perdait des clients.",
        actions="J’ai mené l’audit.",
        choices="J’ai préféré le mobile.",
        result="Les ventes ont repris.",
        changed_at=AT,
    )


def experience(session: Session, candidacy_id: UUID) -> Experience:
    """A post held."""
    return _saved(session, _experience(candidacy_id))


def _experience(candidacy_id: UUID) -> Experience:
    return Experience(
        candidacy_id=candidacy_id,
        structure="Agence du Port",
        post="Cheffe de projet",
        began_on=date(2012, 1, 1),
        changed_at=AT,
    )


@dataclass
class World:
    """One certifying body, one candidate with an advisor, a draft with a few pieces."""

    body: CertifyingBody
    certifier: Person
    candidate: Person
    advisor: Person
    version: CertificationVersion
    candidacy: Candidacy
    pieces: list[Evidence] = field(default_factory=list)

    @property
    def competencies(self) -> list[Competency]:
        """Return the eleven competencies, in order."""
        return [competency for block in self.version.blocks for competency in block.competencies]


def begin_world(db: Database, *, filled: bool = True, jury: dict[str, object] | None = None) -> World:
    """Return the same in a store where nothing is yet: written once a process, then restored."""

    def write(fresh: Database) -> World:
        with fresh.transaction() as session:
            return world(session, filled=filled, jury=jury)

    return STORIES.begin_with(db, f"world {filled} {jury!r} {sha256(CONTENT).hexdigest()}", write)


def world(session: Session, *, filled: bool = True, jury: dict[str, object] | None = None) -> World:
    """Everything a path needs before the submission; `filled` claims a piece and tells a story for each competency."""
    the_body = body(session)
    the_certifier = certifier(session, the_body.id)
    version = published_version(session, the_body.id, **(jury or {}))
    candidate, advisor = person(session), person(session, "Claire Morel")
    made = World(the_body, the_certifier, candidate, advisor, version, candidacy(session, version, candidate, advisor))
    if filled:
        made.pieces += fill(session, made.candidacy.id, made.competencies)
    session.flush()
    return made


def fill(session: Session, candidacy_id: UUID, competencies: Sequence[Competency]) -> list[Evidence]:
    """A draft that may be submitted: an experience, and for each competency a piece claimed and a story told."""
    pieces = []
    session.add(_experience(candidacy_id))
    for number, competency in enumerate(competencies, 1):
        piece = _evidence(candidacy_id, number, f"Pièce sur {competency.label}")
        session.add_all((piece, _claim(piece, competency), _narrative(candidacy_id, competency)))
        pieces.append(piece)
    session.flush()
    return pieces


def drawn(session: Session) -> None:
    """Say of every PDF that its pages are drawn and hide nothing: others than its owner may take it away."""
    for file in session.scalars(select(EvidenceFile).where(EvidenceFile.mime == "application/pdf")):
        known = select(Rendition).where(Rendition.file_id == file.id, Rendition.kind == RenditionKind.PAGES)
        found = session.scalar(known) or Rendition(file_id=file.id, kind=RenditionKind.PAGES, requested_at=AT)
        found.state, found.run_after, found.finished_at = RenditionState.READY, None, AT
        found.contents = (found.contents or {}) | {"defused": []}
        session.add(found)
