"""French words of a candidate's own assessment of a competency."""

from __future__ import annotations

from collections.abc import Mapping

from portfolio.domain.review.rules.assessment import SelfAssessment

QUESTION = "Où en êtes-vous ?"
LEVELS: Mapping[SelfAssessment, str] = {
    SelfAssessment.ABLE: "Je sais le faire",
    SelfAssessment.PARTLY: "Je sais en faire une partie",
    SelfAssessment.NOT_YET: "Je ne sais pas encore le faire",
}
KEPT = "Votre réponse est enregistrée. Seule la personne qui vous accompagne la voit."
