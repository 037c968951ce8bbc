"""A sealed dossier of real files: sixty pieces, a hundred and twenty claims, eleven narratives of 500 to
3,000 words.
"""

import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.account.passwords import hash_password
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.certification.models import Block, Certification, CertificationVersion, Competency
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.dossier.models.dossier import Claim, Dossier, Experience, Narrative
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.models.renditions import Page, Rendition
from portfolio.domain.dossier.rules.description import Anonymity, Authorship, Confidentiality, EvidenceKind
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.dossier.rules.rendition import METHOD, RenditionKind, RenditionState
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile, upload_batch
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.files.file_types.types import FileRejected
from portfolio.files.renditions.rendition_worker import RenditionWorker
from portfolio.wording.submission import statement_of

PIECES, CLAIMS = 60, 120
WORDS_OF_NARRATIVES = (500, 800, 1100, 1400, 600, 3000, 900, 2000, 700, 1200, 2500)
TITLE = "Expert(e) en stratégie digitale"
BLOCKS = (
    (
        "Piloter un dispositif digital",
        (
            "Accompagner la transition digitale en interne et à l’externe",
            "Organiser et suivre l’ensemble des opérations d’un projet",
        ),
    ),
    (
        "Définir les solutions techniques d’un projet digital",
        (
            "Créer une offre de service digital répondant aux objectifs stratégiques, aux contraintes "
            "techniques, budgétaires et de planning",
            "Évaluer les ressources humaines nécessaires",
            "Recueillir et utiliser les données d’usage pour son offre de service",
        ),
    ),
    (
        "Définir une stratégie digitale",
        (
            "Organiser sa veille et sa recherche, en français et en anglais",
            "Définir et défendre une stratégie d’offre de services originale et pertinente au regard du "
            "contexte, du marché et des usages",
            "Élaborer une stratégie de communication et marketing digital, son modèle économique, son budget et les plans d’actions",  # noqa: E501
        ),
    ),
    (
        "Déployer un dispositif digital de communication et marketing",
        (
            (
                "Définir une politique d’implantation sur les supports digitaux et les réseaux sociaux et "
                "organiser tous les moyens"
            ),
            "Produire et décliner les contenus en fonction des canaux digitaux retenus",
            "Sélectionner et contracter avec les partenaires, prestataires",
        ),
    ),
)
_SENTENCES = (
    ("Quand j’ai pris ce poste, l’office recevait trois mille appels par mois et ne savait pas d’où ils venaient."),
    "J’ai d’abord demandé à chaque service de me montrer, sur son poste, comment il répondait à un usager.",
    (
        "J’ai comparé trois solutions : garder l’outil existant, en louer un autre, ou confier le "
        "développement à un prestataire."
    ),
    (
        "Le budget était de 42 000 € sur deux ans, hébergement compris, et la directrice voulait un premier "
        "résultat en juin."
    ),
    "J’ai préféré commencer petit, avec deux agences volontaires, plutôt que d’imposer le même outil à tout le monde le même jour.",  # noqa: E501
    (
        "Chaque lundi, je tenais un point de trente minutes avec l’équipe ; j’en rédigeais le relevé de "
        "décisions le jour même."
    ),
    (
        "Le tableau de bord que j’ai construit suivait quatre chiffres : visites, demandes reçues, délai de "
        "réponse, satisfaction."
    ),
    (
        "Au bout de trois mois, le délai moyen de réponse était passé de neuf jours à deux, et les appels "
        "avaient baissé d’un tiers."
    ),
    (
        "Avec le recul, j’aurais associé plus tôt les agents d’accueil : c’est eux qui connaissaient les "
        "vraies questions."
    ),
    (
        "J’ai négocié avec le prestataire un paiement en trois fois, lié à des livraisons vérifiables, ce "
        "qui a évité un retard."
    ),
    (
        "La veille m’a appris que deux collectivités voisines avaient abandonné une messagerie automatique "
        "jugée trop froide."
    ),
    (
        "J’ai écrit le cahier des charges seule, puis je l’ai fait relire par la juriste et par un usager "
        "de l’association locale."
    ),
    ("Pour chaque canal, j’ai défini un ton, un rythme de publication et une personne qui répond dans la journée."),
    (
        "Les mesures d’audience ont montré que sept visites sur dix venaient d’un téléphone : j’ai revu "
        "toutes les maquettes."
    ),
    "J’ai formé quatorze collègues, par groupes de cinq, avec un exercice tiré de leur propre courrier.",
    (
        "Quand deux équipes n’étaient pas d’accord, je leur ai demandé d’écrire chacune ce que l’usager "
        "devait pouvoir faire."
    ),
)


@dataclass(frozen=True)
class SealedScene:
    """The submission that was sealed, and whose it is."""

    candidacy_id: UUID
    submission_id: UUID
    root: str
    pages: int


def narrative_text(words: int, seed: int) -> str:
    """Return French text of about so many words, in paragraphs; a list stands in the middle of a long one."""
    chosen, sentences, count = random.Random(seed), [], 0  # noqa: S311 - a text to typeset, not a secret
    while count < words:
        sentence = chosen.choice(_SENTENCES)
        sentences.append(sentence)
        count += len(sentence.split())
    paragraphs = [" ".join(sentences[at : at + 6]) for at in range(0, len(sentences), 6)]
    if len(paragraphs) > 3:
        paragraphs.insert(
            2,
            "- cadrer le besoin avec les trois services ;\n- choisir l’outil et le prestataire ;\n- former "
            "les équipes.",
        )
    return "\n\n".join(paragraphs)


def build(
    app: Flask, corpus: Path, pieces: int = PIECES, *, draw: Callable[[Flask], None] | None = None
) -> SealedScene:
    """Fill a store with the dossier, draw the pages of its pieces, and seal it."""
    database: Database = app.extensions["database"]
    files = received_files(app, corpus, pieces)
    at = datetime.now(UTC) - timedelta(days=2)
    with database.transaction() as session:
        candidacy = _candidacy(session, at)
        experience_id = add_texts(session, candidacy.id, at)
        rows = [
            add_piece(session, candidacy.id, experience_id, number, file, at) for number, file in enumerate(files, 1)
        ]
        session.flush()
        competencies = [competency for block in candidacy.version.blocks for competency in block.competencies]
        add_narratives(session, candidacy.id, competencies, at)
        candidacy_id, candidate_id = candidacy.id, candidacy.candidate_id
        version = candidacy.version
        statement = statement_of(candidacy.candidate.name, version.title, version.certification.code)
        ids = [(row.id, row.files[0].family, row.files[0].pages, row.files[0].seconds) for row in rows]
        numbers = [competency.id for competency in competencies]
    (draw or draw_pages)(app)
    with database.transaction() as session:
        add_claims(session, candidacy_id, ids, numbers, at)
    with database.transaction() as session:
        submission = submit(session, candidacy_id, statement, by=candidate_id, at=datetime.now(UTC))
        return SealedScene(candidacy_id, submission.id, submission.root, sum(pages or 1 for _, _, pages, _ in ids))


def draw_pages(app: Flask) -> None:
    """Draw the pages of everything that was received."""
    RenditionWorker(app.extensions["database"], app.extensions["files"], lambda: datetime.now(UTC)).run_all_due()


def mark_as_drawn(app: Flask) -> None:
    """Write that the pages of every PDF are drawn and hide nothing: only their images are missing."""
    database: Database = app.extensions["database"]
    at = datetime.now(UTC)
    with database.transaction() as session:
        for file in session.scalars(select(EvidenceFile)):
            order = Rendition(
                file_id=file.id,
                kind=RenditionKind.PAGES,
                state=RenditionState.READY,
                requested_at=at,
                finished_at=at,
                method=METHOD,
            )
            order.drawn_pages = [Page(number=number, text="") for number in range(1, (file.pages or 1) + 1)]
            session.add(order)


def received_files(app: Flask, corpus: Path, pieces: int) -> list[ReceivedFile]:
    """Keep the files of a folder that are accepted, as many as asked; those that the product refuses are left out."""
    found: list[ReceivedFile] = []
    with upload_batch(app.extensions["files"], 10**9) as batch:
        for path in sorted((corpus / "benign").iterdir(), key=lambda one: one.name.lower()):
            if len(found) == pieces:
                break
            try:
                found.append(batch.store_file(path.name, io.BytesIO(path.read_bytes())))
            except FileRejected:
                continue
        batch.keep()
    return found


def _candidacy(session: Session, at: datetime) -> Candidacy:
    body = CertifyingBody(name="Institut des métiers du numérique", city="Paris", created_at=at)
    candidate, advisor = (
        Person(
            email=f"{name}@exemple.fr",
            name=title,
            password_hash=hash_password("quatre blocs et une marée"),
            created_at=at,
        )
        for name, title in (("ines", "Inès Lefèvre-Marchand"), ("claire", "Claire Morel"))
    )
    session.add_all([body, candidate, advisor])
    session.flush()
    version = CertificationVersion(
        certification=Certification(body_id=body.id, code="RNCP16959"),
        number=1,
        entry={},
        title=TITLE,
        level="7",
        imported_at=at,
    )
    version.blocks = [
        Block(
            number=number,
            title=title,
            assessments=["Cas pratique"],
            competencies=[Competency(number=nth, text=text) for nth, text in enumerate(texts, 1)],
        )
        for number, (title, texts) in enumerate(BLOCKS, 1)
    ]
    session.add(version)
    session.flush()
    version.published_at = at
    candidacy = Candidacy(
        candidate_id=candidate.id, version_id=version.id, advisor_id=advisor.id, route=Route.VAE,
        regime=Regime.FRANCE_VAE, scope=Scope.WHOLE, admissible_on=at.date(), opened_at=at,
        blocks=list(version.blocks),
    )  # fmt: skip
    session.add(candidacy)
    session.flush()
    return candidacy


def add_texts(session: Session, candidacy_id: UUID, at: datetime) -> UUID:
    """Add the draft with its texts and one experience, whose id is returned."""
    texts = {
        "career": narrative_text(700, 91),
        "motivation": narrative_text(300, 92),
        "conclusion": narrative_text(400, 93),
    }
    session.add(Dossier(candidacy_id=candidacy_id, state=DossierState.DRAFT, changed_at=at, **texts))
    experience = Experience(
        candidacy_id=candidacy_id, structure="Office de tourisme de la Côte",
        post="Responsable de la communication digitale", began_on=date(2018, 9, 1),
        context=narrative_text(160, 94), perimeter=narrative_text(90, 95),
        responsibilities=narrative_text(120, 96), changed_at=at,
    )  # fmt: skip
    session.add(experience)
    session.flush()
    return experience.id


def add_piece(
    session: Session, candidacy_id: UUID, experience_id: UUID, number: int, file: ReceivedFile, at: datetime
) -> Evidence:
    """Add a described piece with its file."""
    kinds = list(EvidenceKind)
    piece = Evidence(
        candidacy_id=candidacy_id,
        number=number,
        title=_title(number, file.name),
        experience_id=experience_id,
        kind=next(kind for kind in kinds[number % len(kinds) :] + kinds if kind is not EvidenceKind.WEB_ADDRESS),
        dated_from=date(2021, 1 + number % 12, 1),
        own_role=narrative_text(45, number),
        authorship=Authorship.SHARED if number % 5 == 0 else Authorship.MINE,
        own_part="J’ai tenu le planning, rédigé les comptes rendus et présenté le bilan." if number % 5 == 0 else "",
        confidentiality=Confidentiality.RESTRICTED if number % 9 == 0 else Confidentiality.OPEN,
        anonymity=Anonymity.NOT_NEEDED,
        added_at=at,
        changed_at=at,
    )
    piece.files = [
        EvidenceFile(
            number=1, key=file.key, name=file.name, mime=file.mime, family=file.family, pages=file.pages,
            seconds=file.seconds, size=file.size, sha256=file.sha256, received_at=at,
        )
    ]  # fmt: skip
    session.add(piece)
    return piece


def _title(number: int, name: str) -> str:
    subjects = (
        "Tableau de bord de la saison",
        "Cahier des charges du site",
        "Compte rendu du comité",
        "Plan de communication",
    )
    return f"{subjects[number % 4]}, {Path(name).stem.replace('_', ' ').lower()}"


def add_narratives(session: Session, candidacy_id: UUID, competencies: list[Competency], at: datetime) -> None:
    """Add a narrative of 500 to 3,000 words to each competency."""
    for number, (competency, words) in enumerate(zip(competencies, WORDS_OF_NARRATIVES, strict=True)):
        session.add(
            Narrative(
                candidacy_id=candidacy_id, competency_id=competency.id,
                situation=narrative_text(words // 5, 4 * number),
                actions=narrative_text(words * 2 // 5, 4 * number + 1),
                choices=narrative_text(words // 5, 4 * number + 2),
                result=narrative_text(words // 5, 4 * number + 3), changed_at=at,
            )
        )  # fmt: skip


def add_claims(
    session: Session,
    candidacy_id: UUID,
    pieces: list[tuple[UUID, str, int | None, int | None]],
    competencies: list[UUID],
    at: datetime,
) -> None:
    """Two claims a piece, on two competencies, each at pages or at moments that the file has."""
    chosen = random.Random(7)  # noqa: S311
    for place, (evidence_id, family, pages, seconds) in enumerate(pieces):
        for nth in range(CLAIMS // PIECES):
            competency = competencies[(place + 4 * nth) % len(competencies)]
            comment = narrative_text(40 + 20 * (place % 3), 500 + 2 * place + nth)
            passage = _passage(chosen, family, pages, seconds)
            session.add(
                Claim(
                    candidacy_id=candidacy_id, evidence_id=evidence_id, competency_id=competency,
                    passage=passage, comment=comment, changed_at=at,
                )
            )  # fmt: skip


def _passage(chosen: random.Random, family: str, pages: int | None, seconds: int | None) -> str:
    if family in ("audio", "video"):
        return "0:01" if seconds and seconds > 1 else ""
    if not pages or pages == 1:
        return "1" if pages and chosen.random() < 0.5 else ""
    first = chosen.randint(1, pages)
    last = min(pages, first + chosen.randint(0, 2))
    return str(first) if first == last else f"{first}-{last}"
