"""Sophie Vasseur: two blocks held since her first session, two to prepare; from a theatre in Lorient."""

from datetime import date

from demo.persona import Exhibit, Life
from demo.sample_documents import House, Paper
from portfolio.domain.candidacy.rules.opening import PersonInput
from portfolio.domain.dossier.rules.description import Anonymity, Authorship, Confidentiality, EvidenceKind
from portfolio.domain.dossier.rules.draft import GeneralText, NarrativeText
from portfolio.domain.dossier.rules.texts import ClaimText, ExperienceText

HOUSE = House(
    house="Théâtre de l’Écluse",
    city="Lorient",
    activity="scène conventionnée",
    offer="les abonnements et la billetterie en ligne",
    public="les moins de trente ans",
    site="theatre-ecluse.exemple.fr",
    project="nouvelle billetterie en ligne",
    promise="Une place de théâtre aussi simple à prendre qu’un billet de train.",
    author="Sophie Vasseur",
    position="occupe le poste de responsable de la communication digitale depuis le 1er octobre 2014",
    signatory="Marianne Hervé",
    signatory_role="administratrice",
    partner="Coopérative Lumen",
    results=(
        "La part des billets vendus en ligne est passée de 18 % à 63 % en quatre saisons, et le public de "
        "moins de trente ans a crû d’un tiers."
    ),
    colour="#5a3d8a",
    duties=(
        "la conduite du changement de billetterie, avec l’équipe d’accueil ;",
        "la ligne éditoriale du site et des réseaux ;",
        "le choix des prestataires et la rédaction de leurs contrats.",
    ),
)

POSTS = (
    ExperienceText(
        "Responsable de la communication digitale",
        "Théâtre de l’Écluse, Lorient",
        date(2014, 10, 1),
        None,
        "Scène conventionnée de dix-neuf salariés, quarante spectacles par saison, 31 000 spectateurs.",
        "Site, billetterie, réseaux, captations ; budget de 62 000 € par saison.",
        "Je dirige une chargée de contenus et une apprentie ; je rends compte à l’administratrice.",
    ),
    ExperienceText(
        "Attachée à l’information",
        "Compagnie Les Sémaphores",
        date(2009, 1, 5),
        date(2014, 9, 26),
        "Compagnie en tournée, six permanents.",
        "Dossiers de diffusion, site, relations avec soixante lieux.",
        "Je portais seule la diffusion numérique.",
    ),
)

EXHIBITS = (
    Exhibit(
        Paper.MINUTES,
        "reunion-accueil-2017.pdf",
        "Compte rendu : passage à la nouvelle billetterie",
        EvidenceKind.MEETING_MINUTES,
        "septembre 2017",
        date(2017, 9, 17),
        "J’ai animé la réunion avec l’équipe d’accueil et rédigé le compte rendu.",
        {"1.1": ClaimText("2", "Les craintes de l’accueil et les réponses que j’ai proposées.")},
        anonymity=Anonymity.DONE,
    ),
    Exhibit(
        Paper.PLANNING,
        "planning-billetterie.pdf",
        "Planning de la billetterie",
        EvidenceKind.PLAN,
        "mars 2017",
        date(2017, 3, 6),
        "Je l’ai construit et tenu.",
        {"1.2": ClaimText("1-2", "Le calendrier et mes arbitrages.")},
        until=date(2017, 9, 1),
    ),
    Exhibit(
        Paper.AUDIT,
        "audit-parcours-billets.pdf",
        "Audit du parcours d’achat",
        EvidenceKind.REPORT,
        "janvier 2017",
        date(2017, 1, 16),
        "J’ai observé douze spectateurs et rédigé le rapport.",
        {
            "2.1": ClaimText("3", "Les défauts relevés et leur charge."),
            "2.3": ClaimText("2", "Les données d’usage de la saison précédente."),
        },
    ),
    Exhibit(
        Paper.WATCH,
        "veille-spectacle-vivant.pdf",
        "Bulletin de veille",
        EvidenceKind.DELIVERABLE,
        "mai 2018",
        date(2018, 5, 7),
        "Je l’ai rédigé pour les six lieux du réseau.",
        {"3.1": ClaimText("2-5", "Mes lectures et ce que j’en propose.")},
    ),
    Exhibit(
        Paper.MARKETING,
        "plan-saison-2019.pdf",
        "Plan de communication de la saison 2019-2020",
        EvidenceKind.PLAN,
        "juin 2019",
        date(2019, 6, 3),
        "J’ai écrit le plan avec la directrice des publics.",
        {
            "3.2": ClaimText("2", "Le public des moins de trente ans, et pourquoi lui."),
            "4.1": ClaimText("4", "Les réseaux retenus, leur rythme, qui publie."),
        },
        authorship=Authorship.SHARED,
        part="Les parties 1, 3 et 4.",
    ),
    Exhibit(
        Paper.STAND,
        "hall-du-theatre.jpg",
        "Présentation de saison dans le hall",
        EvidenceKind.PHOTO,
        "septembre 2019",
        date(2019, 9, 14),
        "J’ai conçu les panneaux : chacun reprend une vidéo de la saison.",
        {"4.2": ClaimText("", "Le même contenu, de la vidéo au panneau.")},
    ),
    Exhibit(
        Paper.CONTRACT,
        "contrat-lumen.pdf",
        "Contrat avec la Coopérative Lumen",
        EvidenceKind.CONTRACT,
        "avril 2017",
        date(2017, 4, 10),
        "J’ai comparé les offres et négocié le contrat.",
        {"4.3": ClaimText("1-4", "La comparaison et les articles négociés.")},
        confidentiality=Confidentiality.RESTRICTED,
    ),
)

# What she adds after the first jury, for blocks 2 and 3.
LATER = (
    Exhibit(
        Paper.BUDGET,
        "budget-billetterie.pdf",
        "Budget de la billetterie : prévu et dépensé",
        EvidenceKind.BUDGET,
        "novembre 2017",
        date(2017, 2, 1),
        "J’ai établi ce budget et je l’ai suivi chaque mois.",
        {"3.3": ClaimText("1-3", "Le jury demandait un budget réel : le voici, avec les écarts et le retour attendu.")},
        until=date(2017, 11, 30),
    ),
    Exhibit(
        Paper.SPECIFICATION,
        "cahier-des-charges-billetterie.pdf",
        "Cahier des charges de la billetterie",
        EvidenceKind.DELIVERABLE,
        "février 2017",
        date(2017, 2, 20),
        "J’ai rédigé ce document après l’audit.",
        {"2.1": ClaimText("3-5", "Les fonctions, les contraintes de budget et de date.")},
    ),
)

STORIES = {
    "1.1": NarrativeText(
        "L’équipe d’accueil tenait la billetterie papier depuis vingt ans et n’en voulait pas d’autre.",
        "J’ai travaillé un mois à leur guichet, puis préparé le passage avec elles : deux outils côte à "
        "côte pendant une saison.",
        "J’ai renoncé au basculement en une nuit. Les abonnés âgés gardaient leur formulaire, saisi par l’accueil.",
        "Aucun départ, et l’accueil forme aujourd’hui les lieux voisins.",
    ),
    "1.2": NarrativeText(
        "Six mois entre deux saisons, et la vente des abonnements qui ne se décale pas.",
        "J’ai tenu un planning, un registre des risques et des points chaque semaine avec le prestataire.",
        "J’ai repoussé le choix du fauteuil sur plan pour garder la date.",
        "Ouverture le 1er septembre 2017 ; 2 100 abonnements vendus en dix jours.",
    ),
    "2.1": NarrativeText(
        "Le parcours d’achat durait onze minutes.",
        "J’ai conduit un audit et proposé une nouvelle offre.",
        "",
        "Quatre minutes en moyenne.",
    ),
    "2.2": NarrativeText(
        "Une seule personne à la communication.",
        "J’ai demandé une apprentie et réparti les tâches.",
        "",
        "L’apprentie a été embauchée.",
    ),
    "2.3": NarrativeText(
        "La billetterie papier ne disait rien des publics.",
        "J’ai exploité les données de vente de la première saison en ligne.",
        "J’ai gardé l’âge et la commune, rien d’autre.",
        "J’ai su que les moins de trente ans achetaient la veille, après 22 heures.",
    ),
    "3.1": NarrativeText(
        "Les lieux du réseau refaisaient chacun les mêmes recherches.",
        "Je publie depuis 2016 un bulletin commun, à partir de huit sources, dont quatre anglaises.",
        "Je préfère six fiches utiles à trente liens.",
        "Six théâtres l’utilisent.",
    ),
    "3.2": NarrativeText(
        "Le public vieillissait.",
        "J’ai proposé une offre pour les moins de trente ans : une place la veille, à prix unique.",
        "J’ai défendu le prix unique contre la grille de neuf tarifs.",
        "Un tiers de jeunes en plus en deux saisons.",
    ),
    "3.3": NarrativeText(
        "Le plan de communication était annuel.", "J’ai écrit un plan d’actions avec la directrice des publics.", "", ""
    ),
    "4.1": NarrativeText(
        "Quatre comptes, aucune règle.",
        "J’ai défini trois canaux, un rythme et une personne pour chacun ; j’ai écrit la charte de réponse.",
        "J’ai fermé le quatrième, où nous parlions seuls.",
        "Toute question reçoit une réponse dans la journée.",
    ),
    "4.2": NarrativeText(
        "Les spectacles étaient annoncés par le texte du dossier de presse.",
        "J’ai créé un format : une vidéo de quarante secondes, d’où viennent l’affiche, la page et le panneau.",
        "J’ai fait parler les techniciens plutôt que les metteurs en scène.",
        "Les vidéos dépassent 9 000 vues, pour une ville de 57 000 habitants.",
    ),
    "4.3": NarrativeText(
        "Trois prestataires de billetterie se partageaient le marché.",
        "J’ai bâti une grille, appelé six théâtres clients et négocié les frais par billet.",
        "J’ai choisi une coopérative un peu plus chère, qui laissait les données au théâtre.",
        "0,42 € par billet au lieu de 0,80 €, et des données qui restent ici.",
    ),
}

LATER_STORIES = {
    "2.1": NarrativeText(
        "Le parcours d’achat durait onze minutes et perdait deux acheteurs sur trois sur téléphone.",
        "Après l’audit, j’ai rédigé le cahier des charges, chiffré neuf fonctions et testé un prototype "
        "avec douze spectateurs.",
        "Avec 54 000 € et six mois, j’ai sorti le choix du fauteuil du premier lot : il coûtait autant que "
        "tout le reste.",
        "Quatre minutes en moyenne, et 63 % des billets vendus en ligne après quatre saisons.",
    )
}

LIFE = Life(
    who=PersonInput("sophie.vasseur@exemple.fr", "Sophie Vasseur"),
    admissible_on=date(2021, 5, 18),
    house=HOUSE,
    posts=POSTS,
    exhibits=EXHIBITS,
    stories=STORIES,
    texts={
        GeneralText.CAREER: (
            "Je viens des lettres et de la tournée. J’ai appris le numérique en vendant des spectacles à "
            "des gens que je ne voyais jamais."
        ),
        GeneralText.MOTIVATION: (
            "Je souhaite diriger la communication d’un lieu plus grand, et pouvoir encadrer des apprentis en titre."
        ),
        GeneralText.CONCLUSION: ("Ce que je sais faire, je l’ai appris des autres : ce dossier leur doit beaucoup."),
    },
)
