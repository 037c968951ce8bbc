"""What the juries of the demonstration found, and why; each reason bears on a competency."""

from demo.jury_sessions import ACQUIRED, Verdict, missing, partly, refused

WHOLE = Verdict({}, {})

PAUL = Verdict(
    {
        "3.3": partly(
            "Le plan est clair et le modèle économique tient, mais ni le dossier ni l’entretien ne montrent "
            "un budget suivi en cours d’année, ni un choix fait à partir de ce suivi."
        )
    },
    {
        3: refused(
            "La compétence 3.3 n’est que partiellement acquise : le suivi du budget en cours d’année et un "
            "choix fait à partir de lui manquent.",
            "Présentez un budget réel, prévu et dépensé, et racontez un choix que ce suivi vous a fait "
            "faire en cours d’année.",
        )
    },
)

SOPHIE = Verdict(
    {
        "2.1": partly(
            "L’audit est solide. Le dossier ne montre ni fonctions classées par priorité, ni contraintes de "
            "budget et de planning."
        ),
        "2.2": missing(
            "Une apprentie a été recrutée à la demande de la candidate. Le dossier n’explique pas comment "
            "la charge et les compétences nécessaires ont été évaluées."
        ),
        "3.3": missing(
            "La stratégie est cohérente. Le jury n’a trouvé au dossier, ni entendu à l’entretien, ni "
            "budget, ni modèle économique, ni plan d’actions chiffré."
        ),
    },
    {
        2: refused(
            "La compétence 2.1 est partiellement acquise : les fonctions de l’offre, le budget et le "
            "planning manquent. La compétence 2.2 n’est pas acquise : ni la charge ni les compétences "
            "nécessaires ne sont estimées.",
            "Pour 2.1, joignez un cahier des charges avec les fonctions classées, le budget et le planning. "
            "Pour 2.2, joignez un tableau de charge et une fiche de poste, et racontez comment vous avez "
            "estimé les jours et les compétences.",
        ),
        3: refused(
            "La compétence 3.3 n’est pas acquise : le budget, le modèle économique et un plan d’actions "
            "chiffré manquent.",
            "Pour 3.3, joignez le budget de la billetterie, prévu et dépensé, et un plan d’actions chiffré "
            "avec ce qu’il a rapporté ; expliquez le modèle économique dans votre récit et à l’entretien.",
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
