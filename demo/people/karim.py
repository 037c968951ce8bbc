"""Karim Haddad: before the jury today; from a cooperative bank in Nantes."""

from datetime import date

from demo.persona import Exhibit, Life
from demo.sample_documents import House, Paper
from portfolio.domain.candidacy.rules.opening import PersonInput
from portfolio.domain.dossier.rules.description import Anonymity, Authorship, Confidentiality, EvidenceKind
from portfolio.domain.dossier.rules.draft import GeneralText, NarrativeText
from portfolio.domain.dossier.rules.texts import ClaimText, ExperienceText

HOUSE = House(
    house="Crédit des Rives",
    city="Nantes",
    activity="banque coopérative",
    offer="les comptes et prêts des associations et des très petites entreprises",
    public="les créatrices et créateurs d’entreprise",
    site="credit-des-rives.exemple.fr",
    project="ouverture de compte professionnel en ligne",
    promise="Ouvrir un compte professionnel en une soirée, et parler à quelqu’un le lendemain.",
    author="Karim Haddad",
    position="occupe le poste de responsable de l’offre digitale depuis le 4 septembre 2015, à temps plein",
    signatory="Isabelle Guérin",
    signatory_role="directrice du développement",
    partner="Studio Passerelle",
    results=(
        "Depuis sa mise en ligne en 2020, l’ouverture de compte en ligne représente quatre ouvertures "
        "professionnelles sur dix. Le délai moyen est passé de douze jours à trois."
    ),
    colour="#7a2e46",
    duties=(
        "la conduite du projet d’ouverture de compte en ligne, de l’étude au bilan ;",
        "l’accompagnement des quarante-deux agences ;",
        "la mesure des parcours et l’arbitrage des évolutions ;",
        "la négociation et le suivi des contrats de prestation.",
    ),
)

POSTS = (
    ExperienceText(
        "Responsable de l’offre digitale",
        "Crédit des Rives, Nantes",
        date(2015, 9, 4),
        None,
        "Banque coopérative régionale : 42 agences, 600 salariés, des sociétaires qui votent.",
        "Équipe de cinq personnes, budget de 380 000 € par an, quatre prestataires.",
        "Je décide des évolutions des parcours en ligne et j’en réponds devant le comité de direction "
        "chaque trimestre.",
    ),
    ExperienceText(
        "Conseiller puis référent numérique",
        "Crédit des Rives, agence de Rezé",
        date(2010, 2, 1),
        date(2015, 9, 3),
        "Agence de sept personnes, clientèle d’artisans et d’associations.",
        "Portefeuille de 340 clients professionnels.",
        "Référent de neuf agences lors du passage à la signature électronique.",
    ),
)

EXHIBITS = (
    Exhibit(
        Paper.MINUTES,
        "comite-agences-mars-2020.pdf",
        "Compte rendu du comité des agences",
        EvidenceKind.MEETING_MINUTES,
        "mars 2020",
        date(2020, 3, 3),
        "J’ai présidé le comité et rédigé le compte rendu.",
        {
            "1.1": ClaimText(
                "2", "Le tableau des craintes vient de mes visites dans onze agences ; les réponses ont été tenues."
            )
        },
        anonymity=Anonymity.DONE,
    ),
    Exhibit(
        Paper.PLANNING,
        "planning-compte-en-ligne.pdf",
        "Planning du projet et risques suivis",
        EvidenceKind.PLAN,
        "janvier 2020",
        date(2020, 1, 13),
        "J’ai construit ce planning avec le prestataire et je l’ai tenu seul.",
        {
            "1.2": ClaimText("1-2", "Page 2 : mes décisions au moment du retard, et les risques que je suivais."),
            "2.2": ClaimText("1", "Les charges par tâche, d’où j’ai tiré les besoins en personnes."),
        },
        until=date(2020, 6, 26),
    ),
    Exhibit(
        Paper.SPECIFICATION,
        "cdc-ouverture-compte.pdf",
        "Cahier des charges de l’ouverture de compte",
        EvidenceKind.DELIVERABLE,
        "novembre 2019",
        date(2019, 11, 18),
        "J’ai écrit les parties 1 à 6 ; le service juridique a relu les contraintes.",
        {"2.1": ClaimText("2-5", "Objectifs, fonctions classées, contraintes de coût et de date.")},
        authorship=Authorship.SHARED,
        part="Les parties 1 à 6. La partie 8 a été écrite avec les achats.",
    ),
    Exhibit(
        Paper.DASHBOARD,
        "suivi-parcours.png",
        "Tableau de bord du parcours d’ouverture",
        EvidenceKind.DASHBOARD,
        "septembre 2020",
        date(2020, 9, 7),
        "J’ai défini les indicateurs. La courbe montre les dossiers aboutis par semaine.",
        {
            "2.3": ClaimText(
                "",
                "C’est sur cette courbe que j’ai vu l’abandon à la pièce d’identité, et fait ajouter la "
                "reprise sur téléphone.",
            )
        },
    ),
    Exhibit(
        Paper.WATCH,
        "veille-banque-2020.pdf",
        "Bulletin de veille, janvier 2020",
        EvidenceKind.DELIVERABLE,
        "janvier 2020",
        date(2020, 1, 6),
        "Je le rédige seul, chaque mois, depuis 2017.",
        {
            "3.1": ClaimText(
                "6, 12",
                "La fiche sur l’authentification forte, lue en anglais dès le projet de norme ; mes sources "
                "en page 12.",
            )
        },
    ),
    Exhibit(
        Paper.MARKETING,
        "plan-pro-2021.pdf",
        "Plan de communication pour les créateurs d’entreprise",
        EvidenceKind.PLAN,
        "décembre 2020",
        date(2020, 12, 3),
        "J’ai écrit le plan et défendu le budget devant le comité de direction.",
        {
            "3.2": ClaimText("1-2", "Le public choisi, le positionnement et ce que j’ai refusé."),
            "3.3": ClaimText("3-4", "Le coût par canal, le budget et le calendrier des actions."),
            "4.1": ClaimText("4", "Les canaux retenus, mois par mois, avec leur cible."),
        },
        confidentiality=Confidentiality.RESTRICTED,
    ),
    Exhibit(
        Paper.STAND,
        "stand-salon-createurs.jpg",
        "Le stand au salon des entrepreneurs",
        EvidenceKind.PHOTO,
        "février 2021",
        date(2021, 2, 4),
        "J’ai conçu le message et les trois panneaux : ils reprennent, en mots plus courts, les pages du site.",
        {"4.2": ClaimText("", "Le même contenu, décliné du site au panneau : une phrase, une preuve, une adresse.")},
    ),
    Exhibit(
        Paper.CONTRACT,
        "contrat-studio-passerelle.pdf",
        "Contrat avec le Studio Passerelle",
        EvidenceKind.CONTRACT,
        "décembre 2019",
        date(2019, 12, 16),
        "J’ai comparé les offres, appelé les références et négocié les articles 2, 3 et 10.",
        {"4.3": ClaimText("2-4", "L’annexe 1 compare les trois offres ; l’article 10 est celui que j’ai obtenu.")},
        confidentiality=Confidentiality.RESTRICTED,
        anonymity=Anonymity.DONE,
    ),
)

STORIES = {
    "1.1": NarrativeText(
        "En 2019, la moitié des directeurs d’agence pensait que le compte en ligne viderait leurs bureaux.",
        "J’ai visité onze agences, recueilli les craintes par écrit, et fait nommer un référent dans "
        "chacune. J’ai monté une formation d’une demi-journée, à partir de vrais dossiers.",
        "J’ai refusé de retirer l’ouverture en agence. J’ai proposé que tout compte ouvert en ligne soit "
        "rattaché à une agence, et compté dans ses résultats.",
        "En un an, 38 agences sur 42 orientaient elles-mêmes leurs clients vers le parcours en ligne.",
    ),
    "1.2": NarrativeText(
        "Sept mois, quatre services, un prestataire et une date imposée par la nouvelle réglementation des paiements.",
        "J’ai tenu un planning de douze tâches, un registre des risques et un point écrit chaque vendredi.",
        "Au printemps 2020, l’équipe est passée à distance. J’ai réduit le lot 1 à l’entreprise "
        "individuelle plutôt que de livrer trois statuts à moitié.",
        "Livré le 22 juin 2020, dans le budget, avec deux défauts mineurs.",
    ),
    "2.1": NarrativeText(
        "Ouvrir un compte prenait douze jours et trois rendez-vous.",
        "J’ai décrit le parcours cible, écrit neuf fonctions chiffrées, fait valider les contraintes par la "
        "conformité et le juridique.",
        "J’ai préféré la photographie de la pièce d’identité à la visioconférence : moins coûteuse, et "
        "utilisable le soir.",
        "Trois jours en moyenne ; quatre ouvertures professionnelles sur dix.",
    ),
    "2.2": NarrativeText(
        "Je disposais de cinq personnes, dont aucune ne connaissait l’analyse de parcours.",
        "J’ai estimé les charges tâche par tâche, comparé aux compétences présentes, et demandé un "
        "recrutement et une formation.",
        "J’ai choisi de former une conseillère volontaire plutôt que d’acheter un profil rare : elle "
        "connaissait les clients.",
        "Elle est aujourd’hui chargée des parcours ; le recours aux prestataires a baissé d’un quart.",
    ),
    "2.3": NarrativeText(
        "Les abandons étaient connus en bloc, sans savoir où.",
        "J’ai fait mesurer chaque étape, sans donnée personnelle, et lu cinquante verbatims par mois.",
        "J’ai retenu six indicateurs. J’ai écarté l’enregistrement des écrans, que la conformité jugeait "
        "excessif, et je partage cet avis.",
        "L’abandon à la pièce d’identité est passé de 44 % à 19 % une fois la reprise sur téléphone ajoutée.",
    ),
    "3.1": NarrativeText(
        "La réglementation et les néobanques changeaient plus vite que nos comités.",
        "Je lis chaque semaine deux autorités, trois médias anglais et cinq concurrents ; j’en tire un "
        "bulletin mensuel.",
        "Je distingue ce qui oblige, ce qui menace, ce qui inspire. Je jette le reste.",
        "L’authentification forte a été prévue dix mois avant l’échéance.",
    ),
    "3.2": NarrativeText(
        "Les néobanques prenaient les indépendants les plus jeunes.",
        "J’ai étudié neuf offres, mené vingt-deux entretiens et proposé une place : « en ligne le soir, "
        "quelqu’un le lendemain ».",
        "J’ai défendu le rappel humain contre ceux qui y voyaient un coût ; je l’ai chiffré à 9 € par compte.",
        "Le comité a suivi ; 71 % des nouveaux clients citent le rappel comme raison de leur choix.",
    ),
    "3.3": NarrativeText(
        "Le lancement n’avait ni budget propre ni objectif par canal.",
        "J’ai bâti un plan annuel, un modèle de coût par compte ouvert et trois scénarios.",
        "J’ai mis les deux tiers sur la recherche et les prescripteurs ; j’ai borné l’essai sur les réseaux "
        "payants à trois mois.",
        "Coût par compte : 64 €, contre 118 € en agence.",
    ),
    "4.1": NarrativeText(
        "La banque avait onze comptes sur les réseaux, dont sept abandonnés.",
        "J’ai fermé les sept, écrit une charte de réponse et organisé une permanence de trois personnes.",
        "J’ai gardé deux réseaux seulement, ceux où nos clients posaient des questions.",
        "Réponse en moins de quatre heures ouvrées ; plus aucun message sans réponse.",
    ),
    "4.2": NarrativeText(
        "Les contenus parlaient de produits, jamais de situations.",
        "J’ai écrit douze situations de créateurs, déclinées en page, en courriel, en vidéo courte et en panneau.",
        "Une même preuve par situation, quel que soit le canal. J’ai retiré les images d’agence au profit "
        "de sociétaires volontaires.",
        "Le taux de lecture complète des pages est passé de 22 % à 47 %.",
    ),
    "4.3": NarrativeText(
        "Le prestataire historique était reconduit sans comparaison depuis six ans.",
        "J’ai consulté trois entreprises, noté leurs offres sur cinq critères et négocié le contrat avec les achats.",
        "J’ai refusé l’offre la moins chère : ni recette, ni transfert. J’ai obtenu la réversibilité à tout moment.",
        "Contrat signé en six semaines ; le transfert a été éprouvé lors d’un changement d’hébergeur.",
    ),
}

LIFE = Life(
    who=PersonInput("karim.haddad@exemple.fr", "Karim Haddad"),
    admissible_on=date(2020, 10, 2),
    house=HOUSE,
    posts=POSTS,
    exhibits=EXHIBITS,
    stories=STORIES,
    texts={
        GeneralText.CAREER: (
            "J’ai commencé au guichet. En dix ans, je suis passé de la vente de comptes à la conception de "
            "la façon dont on les ouvre."
        ),
        GeneralText.MOTIVATION: (
            "Mon équipe compte deux diplômés de ce niveau ; je les ai recrutés. Je veux être reconnu pour "
            "le même métier."
        ),
        GeneralText.CONCLUSION: (
            "Ce dossier m’a appris à dire « je » là où j’écrivais « le projet ». C’est peut-être le plus utile."
        ),
    },
)
