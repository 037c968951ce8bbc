"""Inès Duval: sealed, waiting for a session; from a seed company in Angers."""

from datetime import date

from demo.persona import Exhibit, Life
from demo.sample_documents import House, Paper
from portfolio.domain.candidacy.rules.opening import PersonInput
from portfolio.domain.dossier.rules.description import Anonymity, Authorship, Confidentiality, EvidenceKind
from portfolio.domain.dossier.rules.draft import GeneralText, NarrativeText
from portfolio.domain.dossier.rules.texts import ClaimText, ExperienceText

HOUSE = House(
    house="Semences du Val",
    city="Angers",
    activity="maison semencière",
    offer="les graines potagères vendues aux jardiniers",
    public="les jardiniers débutants",
    site="semences-du-val.exemple.fr",
    project="boutique en ligne et conseils de culture",
    promise="La bonne graine au bon moment, avec le conseil de celui qui l’a semée.",
    author="Inès Duval",
    position="a occupé le poste de responsable e-commerce du 2 novembre 2013 au 31 août 2021",
    signatory="Thomas Brossard",
    signatory_role="directeur général",
    partner="Les Ateliers du Code",
    results="La boutique en ligne, inexistante en 2014, a réalisé 38 % du chiffre d’affaires en 2020.",
    colour="#3f6b1f",
    duties=(
        "la création et la conduite de la boutique en ligne ;",
        "le budget et le plan de communication annuels ;",
        "l’encadrement de trois personnes.",
    ),
)

POSTS = (
    ExperienceText(
        "Responsable e-commerce",
        "Semences du Val, Angers",
        date(2013, 11, 2),
        date(2021, 8, 31),
        "Maison familiale de cinquante-cinq personnes, qui vendait par catalogue et en jardinerie.",
        "Boutique en ligne, contenus, campagnes ; budget de 140 000 € par an.",
        "J’encadrais trois personnes et je siégeais au comité de direction pour mes sujets.",
    ),
    ExperienceText(
        "Consultante indépendante",
        "À mon compte, Angers",
        date(2021, 9, 1),
        None,
        "J’accompagne des producteurs et des artisans vers la vente en ligne.",
        "Neuf clients, trois prestataires réguliers.",
        "Je porte seule l’offre, les devis et la conduite des projets.",
    ),
)

EXHIBITS = (
    Exhibit(
        Paper.BOARD,
        "atelier-saison.jpg",
        "Atelier avec le service clients",
        EvidenceKind.PHOTO,
        "octobre 2018",
        date(2018, 10, 9),
        "J’ai animé l’atelier. Chaque note est une question posée au téléphone, rangée par étape.",
        {"1.1": ClaimText("", "Le service clients a bâti lui-même la première page de conseils.")},
        anonymity=Anonymity.DONE,
    ),
    Exhibit(
        Paper.PLANNING,
        "planning-boutique.pdf",
        "Planning de la boutique en ligne",
        EvidenceKind.PLAN,
        "septembre 2018",
        date(2018, 9, 3),
        "Je l’ai établi et suivi.",
        {
            "1.2": ClaimText("1-2", "Les tâches, les décisions et les risques."),
            "2.2": ClaimText("2", "Les charges m’ont servi à demander un poste."),
        },
        until=date(2019, 2, 15),
    ),
    Exhibit(
        Paper.SPECIFICATION,
        "cdc-boutique.pdf",
        "Cahier des charges de la boutique",
        EvidenceKind.DELIVERABLE,
        "juin 2018",
        date(2018, 6, 18),
        "Je l’ai écrit après vingt entretiens avec des jardiniers.",
        {"2.1": ClaimText("2-5", "Des usages aux fonctions, puis aux contraintes.")},
    ),
    Exhibit(
        Paper.DASHBOARD,
        "tableau-ventes.png",
        "Tableau de bord des ventes",
        EvidenceKind.DASHBOARD,
        "mars 2020",
        date(2020, 3, 23),
        "J’ai choisi les indicateurs et construit le tableau.",
        {"2.3": ClaimText("", "La courbe du printemps 2020 m’a fait limiter les commandes à deux par foyer.")},
    ),
    Exhibit(
        Paper.WATCH,
        "veille-jardin-2019.pdf",
        "Bulletin de veille de l’automne 2019",
        EvidenceKind.DELIVERABLE,
        "octobre 2019",
        date(2019, 10, 7),
        "Je l’ai conçu et rédigé.",
        {"3.1": ClaimText("2-11", "Chaque fiche cite une source anglaise et finit par une proposition.")},
    ),
    Exhibit(
        Paper.BUDGET,
        "budget-2020.pdf",
        "Budget 2020, prévu et suivi",
        EvidenceKind.BUDGET,
        "janvier 2020",
        date(2020, 1, 10),
        "J’ai établi ce budget et l’ai suivi chaque mois.",
        {"3.3": ClaimText("1-3", "Postes, financement, retour attendu et suivi mensuel.")},
        until=date(2020, 12, 18),
        confidentiality=Confidentiality.RESTRICTED,
    ),
    Exhibit(
        Paper.MARKETING,
        "plan-2020.pdf",
        "Plan de communication 2020",
        EvidenceKind.PLAN,
        "décembre 2019",
        date(2019, 12, 2),
        "J’ai écrit le plan ; les visuels sont de ma collègue.",
        {
            "3.2": ClaimText("1-2", "Les débutants plutôt que les passionnés : le choix et ses raisons."),
            "4.1": ClaimText("4", "Les canaux, mois par mois."),
            "4.2": ClaimText("4", "La série « dans les coulisses », déclinée sur trois canaux."),
        },
        authorship=Authorship.SHARED,
        part="Tous les textes et tous les chiffres.",
    ),
    Exhibit(
        Paper.CONTRACT,
        "contrat-boutique.pdf",
        "Contrat de réalisation de la boutique",
        EvidenceKind.CONTRACT,
        "septembre 2018",
        date(2018, 9, 1),
        "J’ai consulté, comparé et négocié.",
        {"4.3": ClaimText("1-4", "Les articles négociés et la comparaison des offres.")},
        anonymity=Anonymity.DONE,
        confidentiality=Confidentiality.RESTRICTED,
    ),
)

STORIES = {
    "1.1": NarrativeText(
        "Le catalogue papier faisait vivre la maison depuis 1926 ; la boutique passait pour une lubie.",
        "J’ai réuni le service clients, relevé ses cent questions les plus fréquentes et bâti les pages avec lui.",
        "J’ai gardé le catalogue, et j’y ai fait imprimer l’adresse de chaque fiche.",
        "Les appels ont baissé d’un tiers, les commandes sont restées.",
    ),
    "1.2": NarrativeText(
        "La boutique devait ouvrir avant la saison des semis, en février 2019.",
        "J’ai découpé le projet, fixé trois décisions de comité, et suivi les écarts chaque semaine.",
        "J’ai repoussé les tutoriels vidéo pour tenir la date.",
        "Ouverture le 11 février, quatre jours d’avance.",
    ),
    "2.1": NarrativeText(
        "Un débutant ne cherche pas une variété : il demande quoi semer en ce moment.",
        "J’ai conçu une entrée par mois et par lieu, avec un panier proposé, et je l’ai spécifiée fonction "
        "par fonction.",
        "J’ai préféré un calendrier simple à un questionnaire de douze écrans.",
        "Un panier sur trois part de ce calendrier.",
    ),
    "2.2": NarrativeText(
        "Deux personnes pour 1 400 fiches.",
        "J’ai chiffré la charge, décrit deux profils et défendu un poste et demi.",
        "J’ai choisi une ancienne du conditionnement, qui connaissait chaque graine, et je l’ai formée à l’écriture.",
        "Les fiches ont été tenues à jour pour la première fois.",
    ),
    "2.3": NarrativeText(
        "En mars 2020, les commandes ont été multipliées par six en dix jours.",
        "J’ai suivi chaque matin les stocks, les paniers et les délais.",
        "J’ai limité à deux commandes par foyer plutôt que de fermer la boutique.",
        "Délai tenu à six jours ; la note des clients n’a pas baissé.",
    ),
    "3.1": NarrativeText(
        "La profession parle peu d’ergonomie, le web parle peu de semences.",
        "Je lis les deux, en français et en anglais, et j’en fais un bulletin par saison.",
        "Je suis deux jardineries anglaises de près : elles ont trois ans d’avance.",
        "Le calendrier de semis vient de l’une d’elles, adapté à nos climats.",
    ),
    "3.2": NarrativeText(
        "Les passionnés nous connaissaient ; les débutants allaient en grande surface.",
        "J’ai étudié les deux publics et proposé de servir d’abord les débutants, par le conseil.",
        "La direction craignait de perdre les fidèles ; j’ai proposé un essai sur une saison.",
        "21 000 nouveaux clients en un an, aucun fidèle perdu.",
    ),
    "3.3": NarrativeText(
        "Le budget allait au catalogue pour quatre cinquièmes.",
        "J’ai établi un budget par canal, un retour sur trois ans et un plan de huit actions.",
        "J’ai demandé 15 % de plus, gagés sur la baisse du tirage.",
        "Dépense couverte au dix-neuvième mois, comme prévu.",
    ),
    "4.1": NarrativeText(
        "Un compte par employé passionné, aucun pour la maison.",
        "J’ai défini deux réseaux, une charte et un tour de rôle.",
        "J’ai laissé les comptes personnels vivre, avec une mention.",
        "36 000 abonnés en deux ans, et des réponses signées d’un prénom.",
    ),
    "4.2": NarrativeText(
        "Les photos venaient d’une banque d’images : des tomates de studio.",
        "J’ai photographié les essais de la maison, et décliné chaque sujet en fiche, courriel et vidéo.",
        "Une photo vraie, même imparfaite, plutôt qu’une belle photo de personne.",
        "Les fiches avec photo d’essai vendent deux fois plus.",
    ),
    "4.3": NarrativeText(
        "Je n’avais jamais passé de marché.",
        "J’ai appris la grille de notes, appelé les références et relu chaque article avec un juriste.",
        "J’ai payé plus cher un prestataire voisin, qui venait sur place.",
        "Le contrat a servi de modèle aux deux suivants.",
    ),
}

LIFE = Life(
    who=PersonInput("ines.duval@exemple.fr", "Inès Duval"),
    admissible_on=date(2021, 9, 24),
    house=HOUSE,
    posts=POSTS,
    exhibits=EXHIBITS,
    stories=STORIES,
    texts={
        GeneralText.CAREER: (
            "Agronome de formation, j’ai découvert la vente en ligne en répondant aux lettres des jardiniers."
        ),
        GeneralText.MOTIVATION: "À mon compte depuis 2021, je veux un titre que mes clients reconnaissent.",
        GeneralText.CONCLUSION: (
            "J’ai relu huit ans de travail. Je vois mieux ce que j’ai décidé, et ce qui s’est décidé sans moi."
        ),
    },
)
