"""The body tells candidates their result: per competency not acquired, why not, and what next."""

from collections.abc import Mapping
from datetime import datetime

from demo.builder import Stage, Walk
from portfolio.domain.notification.rules.letter import MissingCompetencyText
from portfolio.domain.notification.use_cases.notifying import notify

ALL_GIVEN: Mapping[str, MissingCompetencyText] = {}

PAUL = {
    "3.3": MissingCompetencyText(
        "Un plan d’actions clair, et un modèle économique qui tient.",
        "Deux choses : un budget suivi en cours d’année, et un choix fait à partir de ce suivi. Ni votre "
        "dossier ni vos réponses à l’entretien ne les montraient.",
        "Un budget réel, prévu puis dépensé, suivi en cours d’année ; et un moment où ce suivi vous a fait choisir.",
        "Joignez un tableau du prévu et du dépensé, et racontez dans votre récit un choix que vous en avez tiré.",
    )
}

SOPHIE = {
    "2.1": MissingCompetencyText(
        "Un audit solide du parcours d’achat, fait en observant douze spectateurs.",
        "Trois choses : les fonctions de l’offre, classées par priorité ; les contraintes de budget ; les "
        "contraintes de planning.",
        "Une offre décrite : ses fonctions classées, avec ce qui passe d’abord et pourquoi ; son budget ; "
        "son planning.",
        "Joignez le cahier des charges de la billetterie s’il donne les fonctions classées, le budget et le "
        "planning. Ce qu’il ne donne pas, écrivez-le dans votre récit et joignez une pièce qui le montre.",
    ),
    "2.2": MissingCompetencyText(
        "Le recrutement d’une apprentie, à votre demande, et la répartition des tâches.",
        "Deux choses : comment vous avez estimé la charge de travail, et comment vous avez su quelles "
        "compétences il fallait.",
        "Une estimation de la charge, en jours ; les compétences nécessaires ; et ce que vous en avez conclu.",
        "Joignez un tableau de charge, pour les jours, et une fiche de poste, pour les compétences. "
        "Racontez ensuite pourquoi une apprentie répondait à ce besoin.",
    ),
    "3.3": MissingCompetencyText(
        "Une stratégie de communication cohérente d’une saison à l’autre.",
        "Trois choses : le budget, le modèle économique, et un plan d’actions chiffré. Le jury ne les a pas "
        "trouvés dans votre dossier, ni entendus à l’entretien.",
        "Un budget, prévu et dépensé ; le modèle économique, c’est-à-dire d’où vient l’argent et ce que "
        "coûte chaque billet vendu ; un plan d’actions chiffré, avec ce qu’il a rapporté.",
        "Joignez le budget de la billetterie, prévu et dépensé, et un plan d’actions qui donne le coût et "
        "le résultat de chaque action. Expliquez le modèle économique dans votre récit, en une page, et "
        "préparez-vous à le présenter à l’entretien.",
    ),
}


def tell(stage: Stage, walk: Walk, number: int, text: Mapping[str, MissingCompetencyText], at: datetime) -> None:
    """Send the letter of one submission, signed by the certifying body."""
    with stage.database.transaction() as session:
        notify(session, walk.candidacy_id, number, text, by=stage.certifier, at=at)
