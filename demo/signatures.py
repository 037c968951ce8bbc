"""The body says what its documents carry, then signs the certificates its juries gave."""

import re
from datetime import datetime

from demo.builder import BODY, CITY, Stage
from portfolio.domain.certifying_body.rules import BodySettingsValue, InformationKind, RemedyKind
from portfolio.domain.certifying_body.settings import load_body_page, save_body_settings, save_information_page
from portfolio.domain.holdings.use_cases.signatures import load_signing_page, sign
from portfolio.french_text import NBSP
from portfolio.wording.certifying_body import model_text

REMEDIES = (
    "Vous pouvez demander par écrit à l’Institut Alma un nouvel examen de cette décision, dans les deux "
    "mois qui suivent sa réception. Le jury est seul juge des compétences. Un autre jury ne peut être réuni "
    "que si les règles n’ont pas été suivies, par exemple si une personne du jury n’avait pas le droit d’y "
    f"siéger{NBSP}: dites alors laquelle, et pourquoi."
)

REMEDIES_OF = {
    RemedyKind.ADMISSIBILITY: (
        "Vous pouvez contester ce refus par écrit auprès de l’Institut Alma, dans les deux mois qui suivent sa "
        "réception, ou faire une nouvelle demande. Vous pouvez aussi saisir le tribunal judiciaire de Rennes."
    ),
    RemedyKind.ANNULMENT: (
        "Vous pouvez contester cette décision par écrit auprès de l’Institut Alma, dans les deux mois qui suivent sa "
        "réception, ou saisir le tribunal judiciaire de Rennes."
    ),
    RemedyKind.COMPLAINT: (
        f"Cette réponse ne vous convient pas{NBSP}? Demandez par écrit un nouvel examen à la direction de "
        "l’Institut Alma. Vous pouvez ensuite saisir gratuitement le Défenseur des droits."
    ),
}

# What the models of the information pages leave between brackets.
BRACKETS = re.compile(r"\[[^]]+\]")
KNOWN = {
    "[nombre]": "3",
    "[forme juridique]": "association",
    "[prénom, nom et qualité]": "Hélène Roche, responsable de la certification",
    "[nom, adresse et téléphone de l’hébergeur]": "l’Institut Alma, sur ses propres machines",
    "[nom et adresse électronique]": "Luc Morvan, donnees@exemple.fr",
    "[durée]": "30 jours",
    "[totale, partielle ou non conforme]": "partielle",
    "[date]": "12 mai 2026",
    "[auteur]": "le service numérique de l’institut",
    f"[liste, ou «{NBSP}aucun connu{NBSP}»]": "les pièces que les candidats déposent",
}


def speak(stage: Stage, at: datetime) -> None:
    """Hélène Roche writes the settings of the body, and signs for it."""
    words = BodySettingsValue(
        legal_name=BODY,
        address="8, quai de la Prévalaye\n35000 Rennes",
        city=CITY,
        signatory_id=stage.certifier,
        signatory_quality="Responsable de la certification",
        remedies=REMEDIES,
        contact="Hélène Roche, certification@exemple.fr",
        remedies_admissibility=REMEDIES_OF[RemedyKind.ADMISSIBILITY],
        remedies_annulment=REMEDIES_OF[RemedyKind.ANNULMENT],
        remedies_complaint=REMEDIES_OF[RemedyKind.COMPLAINT],
    )
    with stage.database.transaction() as session:
        revision = load_body_page(session, stage.body_id).revision
        save_body_settings(session, stage.body_id, words, revision=revision, by=stage.certifier, at=at)
        for kind in InformationKind:
            text = BRACKETS.sub(lambda left: KNOWN[left[0]], model_text(kind, words))
            save_information_page(session, stage.body_id, kind, text, revision=0, by=stage.certifier, at=at)


def sign_all(stage: Stage, at: datetime) -> None:
    """Every certificate that waits is signed."""
    with stage.database.transaction() as session:
        waiting = [
            unsigned_certificate.id for unsigned_certificate in load_signing_page(session, stage.body_id).waiting
        ]
        sign(session, stage.body_id, waiting, by=stage.certifier, at=at)
