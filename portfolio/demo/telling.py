"""The body tells candidates their result: per competency not acquired, why not, and what next."""
# ruff: noqa: E501 - what people say reads better whole

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from portfolio.demo.stage import Stage, Walk
from portfolio.paper.rules import Said
from portfolio.paper.services import notify

ALL_GIVEN: Mapping[str, Said] = {}

PAUL = {
    "3.3": Said(
        "Votre plan est clair et votre modèle économique tient. À l’entretien, vous n’avez pas pu dire comment vous suiviez votre budget.",
        "Un budget suivi : ce qui était prévu, ce qui a été dépensé, et un moment où il a fallu choisir.",
        "Qu’on vous voie tenir un budget en cours d’année, et pas seulement l’écrire au début.",
        "Joignez un tableau du prévu et du dépensé, racontez un arbitrage, puis présentez de nouveau le bloc 3 à une prochaine session.",
    )
}

SOPHIE = {
    "2.1": Said(
        "Un audit solide du parcours d’achat, et un prototype essayé avec douze spectateurs.",
        "L’offre elle-même : ni fonctions classées, ni contraintes de budget et de planning.",
        "Une offre spécifiée, dont on comprend ce qui passe d’abord et pourquoi.",
        "Joignez le cahier des charges que vous citez dans votre récit : c’est sans doute la pièce qui manque.",
    ),
    "2.2": Said(
        "Vous dites avoir demandé une apprentie et réparti les tâches.",
        "Comment vous avez su de qui vous aviez besoin.",
        "Une estimation de la charge, en jours et en compétences, et ce que vous en avez conclu.",
        "Un tableau de charge ou une fiche de poste peuvent suffire, avec le récit de votre estimation.",
    ),
    "3.3": Said(
        "Une stratégie de communication cohérente d’une saison à l’autre.",
        "Aucun budget n’est présenté, et le modèle économique n’a pas pu être exposé à l’entretien.",
        "Un plan d’actions chiffré, et ce qu’il a rapporté.",
        "Présentez le budget de la billetterie, prévu et dépensé ; reliez-le au plan d’actions de la saison.",
    ),
}


def tell(stage: Stage, walk: Walk, number: int, said: Mapping[str, Said], at: datetime) -> None:
    """The letter of one submission leaves, signed by the body."""
    with stage.database.transaction() as session:
        notify(session, walk.candidacy_id, number, said, by=stage.certifier, at=at)
