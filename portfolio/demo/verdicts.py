"""What the juries of the demonstration found, and why; each reason bears on a competency."""
# ruff: noqa: E501 - what people say reads better whole

from __future__ import annotations

from portfolio.demo.judging import ACQUIRED, Verdict, missing, partly, refused

WHOLE = Verdict({}, {})

PAUL = Verdict(
    {
        "3.3": partly(
            "Le plan est clair et le modèle économique tient, mais le candidat n’a pas pu montrer comment il suivait son budget en cours d’année."
        )
    },
    {
        3: refused(
            "La compétence 3.3 n’est que partiellement acquise : le suivi du budget n’est ni montré, ni expliqué à l’entretien.",
            "Présentez un budget réel, prévu et dépensé, et racontez un arbitrage que vous avez fait en cours d’année.",
        )
    },
)

SOPHIE = Verdict(
    {
        "2.1": partly(
            "L’audit est solide, mais le dossier ne montre ni fonctions classées ni contraintes de budget et de planning."
        ),
        "2.2": missing(
            "La candidate dit avoir demandé une apprentie ; elle n’explique pas comment elle a évalué la charge et les compétences."
        ),
        "3.3": missing("Aucun budget n’est présenté, et le modèle économique n’a pas pu être exposé à l’entretien."),
    },
    {
        2: refused(
            "Les compétences 2.1 et 2.2 ne sont pas établies : l’offre n’est pas spécifiée, les ressources humaines ne sont pas évaluées.",
            "Joignez le cahier des charges que vous citez, et racontez comment vous avez estimé la charge de l’équipe, en jours et en compétences.",
        ),
        3: refused(
            "La compétence 3.3 n’est pas acquise : ni budget, ni modèle économique, ni plan d’actions chiffré.",
            "Présentez le budget de la billetterie, prévu et dépensé, et ce qu’il a rapporté ; reliez-le au plan d’actions de la saison.",
        ),
    },
)

# What the president has noted of Karim so far: block 1 is decided, block 2 begun.
KARIM = {
    "1.1": ACQUIRED,
    "1.2": ACQUIRED,
    "2.1": ACQUIRED,
    "2.2": partly("La charge est estimée avec sérieux ; les compétences recherchées restent à préciser à l’entretien."),
}
