"""Third parties of the demonstration: one has attested, one has opened the request and not answered yet."""

import io
import re
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from demo.builder import Stage, Walk
from portfolio.documents.attestation import attestation_pdf
from portfolio.domain.dossier.models.attestation import Attestation
from portfolio.domain.dossier.rules.attestation import (
    ClaimedRelationship,
    Delivery,
    Relationship,
    RequestText,
    Statement,
)
from portfolio.domain.dossier.rules.texts import ClaimText
from portfolio.domain.dossier.use_cases import attestation_requests as requests
from portfolio.domain.dossier.use_cases import attestation_responses as responses
from portfolio.domain.dossier.use_cases import attestation_signing as signing
from portfolio.domain.dossier.use_cases.claims import add_claims
from portfolio.domain.dossier.use_cases.uploads import upload_batch
from portfolio.domain.email.models import OutgoingEmail
from portfolio.wording.attestation import OATH, attestation_value, titles_for

LIFE = timedelta(days=30)


def signed(stage: Stage, walk: Walk, post: UUID) -> None:
    """The director of the tourist office attests what Samia did there, and Samia says what it shows."""
    asked, answered = stage.ago(23, 19), stage.ago(19, 8, 40)
    asking = RequestText(
        "Erwan Le Hir",
        "erwan.lehir@abers-tourisme.example",
        ClaimedRelationship.MANAGER,
        "Office de tourisme du Pays des Abers",
        post,
        "Le réseau des quarante hébergeurs : sa création, les réunions, la lettre mensuelle, et ce que cela a changé.",
        date(2012, 9, 3),
        date(2016, 2, 26),
        (stage.competencies["4.2"], stage.competencies["4.3"]),
    )
    words = Statement(
        ClaimedRelationship.MANAGER,
        "Office de tourisme du Pays des Abers",
        date(2012, 9, 3),
        date(2016, 2, 26),
        "Je dirige l’office de tourisme depuis 2010. J’ai recruté Samia Benali et j’ai été son responsable direct.",
        "Elle a créé de toutes pièces le réseau des hébergeurs. Elle est allée les voir un par un, a écrit "
        "avec eux la charte des photos et des textes, puis a réuni les quarante deux fois par an. Elle "
        "rédigeait seule la lettre mensuelle, en français et en anglais, et la déclinait pour le site et "
        "les réseaux.\n\nQuand deux hébergeurs ont voulu partir, elle a proposé de partager le coût des "
        "photographies : ils sont restés.",
        "Chaque mois pour la lettre, deux fois par an pour les réunions, de 2013 à son départ.",
        "La lettre comptait 11 000 abonnés en 2016, contre 3 200 à son arrivée.",
        Relationship.NONE,
    )
    token = _ask(stage, walk, asking, asked)
    with stage.database.transaction() as session:
        responses.save_statement(session, token, words, 0, at=stage.ago(20, 21))
    evidence = _sign(stage, token, asking, answered)
    shows = ClaimText("1", "Le directeur y décrit la lettre que j’écrivais et déclinais pour le site et les réseaux.")
    with stage.database.transaction() as session:
        wanted = [stage.competencies["4.2"]]
        add_claims(session, walk.candidacy_id, evidence, wanted, shows, by=walk.candidate_id, at=stage.ago(18, 20))


def waiting(stage: Stage, walk: Walk, post: UUID) -> None:
    """A contractor has opened the request; a reminder may leave."""
    asking = RequestText(
        "Nolwenn Quéré",
        "nolwenn@atelier-goeland.example",
        ClaimedRelationship.PARTNER,
        "Atelier Goéland",
        post,
        "La consultation de 2018 : comment je l’ai conduite, comment j’ai comparé vos offres, et le suivi du contrat.",
        date(2018, 9, 1),
        date(2019, 6, 30),
        (stage.competencies["4.3"],),
    )
    token = _ask(stage, walk, asking, stage.ago(5, 18))
    with stage.database.transaction() as session:
        responses.start(session, token, at=stage.ago(4, 12, 20))


def _ask(stage: Stage, walk: Walk, asking: RequestText, at: datetime) -> str:
    """Ask, and answer the token of the link, which only its letter holds."""
    with stage.database.transaction() as session:
        requests.ask(session, walk.candidacy_id, asking, LIFE, by=walk.candidate_id, at=at)
        return _found(session, asking.email, r"/attester/([\w-]+)")


def _sign(stage: Stage, token: str, asking: RequestText, at: datetime) -> UUID:
    """Confirm the address and sign; answer the piece."""
    with stage.database.transaction() as session:
        responses.send_code(session, token, at=at)
        code = _found(session, asking.email, r"(?m)^(\d{6})$")
        visit = responses.load_respondent(session, token, at=at)
        assert visit is not None
    prepared = signing.prepare(visit, asking.name, OATH, Delivery.MAILED, at=at)
    titles = signing.EvidenceTitles(*titles_for(asking.name, asking.organisation))
    with upload_batch(stage.files, stage.limit) as batch:
        file = batch.store_file("attestation.pdf", io.BytesIO(attestation_pdf(attestation_value(prepared.record))))
        with stage.database.transaction() as session:
            signing.sign(session, token, code, prepared, file, titles)
            made = session.get_one(Attestation, prepared.record.id)
        batch.keep()
    return made.evidence_id


def _found(session: Session, email: str, pattern: str) -> str:
    """What the letters to a third party say."""
    session.flush()
    for text in session.scalars(select(OutgoingEmail.text).where(OutgoingEmail.to_email == email)):
        if found := re.search(pattern, text):
            return found.group(1)
    raise LookupError(email)
