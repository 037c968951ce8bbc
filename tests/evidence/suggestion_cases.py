"""Documents written for the tests, each with the competencies of RNCP 16959 that it shows; none for those
that show none.
"""

COMPETENCIES = {
    "1.1": "Accompagner la transition digitale en interne et à l’externe",
    "1.2": "Organiser et suivre l’ensemble des opérations d’un projet",
    "2.1": (
        "Créer une offre de service digital répondant aux objectifs stratégiques, aux contraintes techniques, budgétaires et "
        "de planning"
    ),
    "2.2": "Évaluer les ressources humaines nécessaires",
    "2.3": "Recueillir et utiliser les données d’usage pour son offre de service",
    "3.1": "Organiser sa veille et sa recherche, en français et en anglais",
    "3.2": (
        "Définir et défendre une stratégie d’offre de services originale et pertinente au regard du contexte, du marché et "
        "des usages"
    ),
    "3.3": "Élaborer une stratégie de communication et marketing digital, son modèle économique, son budget et les plans d’actions",
    "4.1": (
        "Définir une politique d’implantation sur les supports digitaux et les réseaux sociaux et organiser tous les moyens"
    ),
    "4.2": "Produire et décliner les contenus en fonction des canaux digitaux retenus",
    "4.3": "Sélectionner et contracter avec les partenaires, prestataires",
}

DOCUMENTS: list[tuple[str, set[str]]] = [
    ("Plan de communication 2020. Notre stratégie de communication et de marketing repose sur trois actions. Le budget annuel est "
     "de 12 000 €. Le modèle économique prévoit des ventes en ligne dès mars.", {"3.3"}),
    ("Bulletin de veille n° 12. J’organise une veille hebdomadaire : recherche d’articles en français et en anglais sur le "
     "tourisme.", {"3.1"}),
    ("Contrat de prestation. Après comparaison de quatre prestataires, nous avons sélectionné l’agence Lune. Partenaires associés : "
     "l’office de tourisme.", {"4.3"}),
    ("Présence sur les réseaux sociaux : politique d’implantation. Supports retenus : Instagram, blog. Moyens organisés par "
     "trimestre, supports digitaux et réseaux.", {"4.1"}),
    ("Note aux équipes : j’ai évalué les besoins en ressources humaines. Il faut deux personnes à mi-temps ; les ressources humaines "
     "nécessaires sont disponibles en mai.", {"2.2"}),
    ("Analyse des données d’usage du site. Les données recueillies par le questionnaire ont été utilisées pour revoir l’offre et le "
     "service de réservation.", {"2.3"}),
    ("Cahier des charges : créer une offre de service digital. Objectifs stratégiques, contraintes techniques, contraintes "
     "budgétaires, planning de livraison.", {"2.1"}),
    ("Calendrier éditorial : produire les contenus, puis les décliner pour chaque canal digital retenu, lettre, blog, vidéo.",
     {"4.2"}),
    ("Recette des crêpes. Mélangez la farine, les œufs et le lait. Laissez reposer une heure. Faites cuire à feu vif.", set()),
    ("Facture n° 2020-118. Chaises pliantes, 40 unités. Total hors taxes : 860 €. Payable à trente jours.", set()),
    ("Bulletin de paie, mars 2020. Salaire de base, cotisations, net à payer avant impôt, congés acquis.", set()),
    ("Compte rendu de la réunion de copropriété. Le syndic présente le devis de la toiture. Le vote est reporté.", set()),
]  # fmt: skip
