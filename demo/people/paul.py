"""Paul Girard: the whole certification, in two sessions; from a maker of cargo bikes in Brest."""

from datetime import date

from demo.persona import Exhibit, Life
from demo.sample_documents import House, Paper
from portfolio.domain.candidacy.rules.opening import Birth, PersonInput
from portfolio.domain.dossier.rules.description import Anonymity, Authorship, Confidentiality, EvidenceKind
from portfolio.domain.dossier.rules.draft import GeneralText, NarrativeText
from portfolio.domain.dossier.rules.texts import ClaimText, ExperienceText

HOUSE = House(
    house="Cycles Kerdoncuff",
    city="Brest",
    activity="fabricant de vélos cargo",
    offer="les vélos sur commande et leur entretien",
    public="les familles sans seconde voiture",
    site="cycles-kerdoncuff.exemple.fr",
    project="configurateur de vélos en ligne",
    promise="Le vélo de votre famille, monté près de chez vous, suivi dix ans.",
    author="Paul Girard",
    position="occupe le poste de responsable marketing et digital depuis le 6 janvier 2014",
    signatory="Nolwenn Kerdoncuff",
    signatory_role="gérante",
    partner="Bureau Nord-Ouest",
    results=(
        "Le configurateur est à l’origine de sept commandes sur dix. Le délai entre la visite et la "
        "commande est passé de cinq semaines à deux."
    ),
    colour="#a34a0d",
    duties=(
        "la conception du configurateur et de ses évolutions ;",
        "la stratégie de communication et son budget ;",
        "les relations avec les vingt-deux revendeurs.",
    ),
)

POSTS = (
    ExperienceText(
        "Responsable marketing et digital",
        "Cycles Kerdoncuff, Brest",
        date(2014, 1, 6),
        None,
        "Atelier de vingt-six personnes, 900 vélos par an, vingt-deux revendeurs.",
        "Site, configurateur, relations avec les revendeurs ; budget de 95 000 € par an.",
        "Je décide de la ligne et des moyens ; j’encadre deux personnes.",
    ),
    ExperienceText(
        "Webmestre",
        "Agglomération de Morlaix",
        date(2008, 4, 1),
        date(2013, 12, 20),
        "Service de communication de six personnes.",
        "Site de l’agglomération et de cinq communes.",
        "Je tenais les sites et formais les contributeurs.",
    ),
)

EXHIBITS = (
    Exhibit(
        Paper.MINUTES,
        "reunion-revendeurs.pdf",
        "Réunion des revendeurs sur le configurateur",
        EvidenceKind.MEETING_MINUTES,
        "juin 2018",
        date(2018, 6, 6),
        "J’ai animé la réunion et rédigé le compte rendu.",
        {
            "1.1": ClaimText("2", "Les craintes des revendeurs et la page que chacun a obtenue."),
            "1.2": ClaimText("1", "Les décisions et leur suivi."),
        },
        anonymity=Anonymity.DONE,
    ),
    Exhibit(
        Paper.SPECIFICATION,
        "cdc-configurateur.pdf",
        "Cahier des charges du configurateur",
        EvidenceKind.DELIVERABLE,
        "novembre 2017",
        date(2017, 11, 20),
        "Je l’ai rédigé seul.",
        {"2.1": ClaimText("2-5", "Objectifs, fonctions, contraintes, planning.")},
    ),
    Exhibit(
        Paper.PLANNING,
        "planning-configurateur.pdf",
        "Planning et charges",
        EvidenceKind.PLAN,
        "janvier 2018",
        date(2018, 1, 8),
        "Je l’ai construit avec le chef d’atelier.",
        {
            "1.2": ClaimText("1-2", "Le suivi sur six mois."),
            "2.2": ClaimText("1", "Les charges, d’où vient la demande d’un poste de photographe à mi-temps."),
        },
        until=date(2018, 6, 22),
        authorship=Authorship.SHARED,
        part="Tout, sauf les durées de l’atelier.",
    ),
    Exhibit(
        Paper.DASHBOARD,
        "suivi-configurations.png",
        "Suivi des configurations",
        EvidenceKind.DASHBOARD,
        "mai 2019",
        date(2019, 5, 20),
        "J’ai défini chaque indicateur.",
        {"2.3": ClaimText("", "L’abandon au choix de la caisse m’a fait passer de onze options à quatre.")},
    ),
    Exhibit(
        Paper.WATCH,
        "veille-velo.pdf",
        "Bulletin de veille du printemps 2019",
        EvidenceKind.DELIVERABLE,
        "avril 2019",
        date(2019, 4, 1),
        "Je le rédige chaque trimestre, à partir de sources françaises, anglaises et néerlandaises.",
        {"3.1": ClaimText("2-6, 12", "Fiches et sources.")},
    ),
    Exhibit(
        Paper.MARKETING,
        "plan-2019.pdf",
        "Plan de communication 2019",
        EvidenceKind.PLAN,
        "janvier 2019",
        date(2019, 1, 14),
        "J’ai écrit le plan et construit le budget.",
        {
            "3.2": ClaimText("1-2", "Le choix des familles sans seconde voiture."),
            "3.3": ClaimText("3-4", "Modèle économique, budget, actions."),
            "4.1": ClaimText("4", "Les canaux retenus."),
        },
    ),
    Exhibit(
        Paper.STAND,
        "stand-fete-du-velo.jpg",
        "Le stand à la fête du vélo",
        EvidenceKind.PHOTO,
        "mai 2019",
        date(2019, 5, 25),
        "J’ai conçu le stand : trois familles, trois vélos, la même histoire que sur le site.",
        {"4.2": ClaimText("", "Les contenus du site, déclinés pour être lus debout.")},
    ),
    Exhibit(
        Paper.CONTRACT,
        "contrat-bureau-nord-ouest.pdf",
        "Contrat de développement",
        EvidenceKind.CONTRACT,
        "décembre 2017",
        date(2017, 12, 11),
        "J’ai comparé trois offres et négocié le contrat.",
        {"4.3": ClaimText("1-4", "Les articles et la comparaison.")},
        confidentiality=Confidentiality.RESTRICTED,
    ),
)

LATER = (
    Exhibit(
        Paper.BUDGET,
        "budget-2019.pdf",
        "Budget 2019, prévu et suivi",
        EvidenceKind.BUDGET,
        "janvier 2019",
        date(2019, 1, 14),
        "J’ai établi ce budget, je l’ai suivi et j’ai arbitré la réserve.",
        {"3.3": ClaimText("1-3", "Le suivi mensuel que le premier jury ne trouvait pas.")},
        until=date(2019, 12, 20),
    ),
)

STORIES = {
    "1.1": NarrativeText(
        "Les revendeurs voyaient le configurateur comme une vente directe déguisée.",
        "Je suis allé chez dix-huit d’entre eux, et j’ai fait rattacher chaque commande au plus proche.",
        "J’ai renoncé à la livraison à domicile, que certains clients demandaient.",
        "Vingt-et-un revendeurs sur vingt-deux l’utilisent en boutique.",
    ),
    "1.2": NarrativeText(
        "Le projet mêlait l’atelier, un prestataire et une saison qui commence en mars.",
        "J’ai tenu le planning, les risques et un point chaque vendredi, debout, dans l’atelier.",
        "J’ai livré avec quatre modèles plutôt que neuf.",
        "En ligne le 5 mars 2019.",
    ),
    "2.1": NarrativeText(
        "Commander un vélo demandait trois visites et un devis à la main.",
        "J’ai décrit un configurateur en cinq étapes, chiffré et testé avec douze familles.",
        "J’ai affiché le prix dès la première étape, contre l’usage du métier.",
        "Sept commandes sur dix en viennent.",
    ),
    "2.2": NarrativeText(
        "Deux personnes, et des photographies à refaire pour chaque option.",
        "J’ai chiffré les charges, décrit le poste et obtenu un mi-temps de photographe.",
        "J’ai préféré un mi-temps durable à un prestataire à la journée.",
        "Toutes les options sont photographiées en moins d’une semaine.",
    ),
    "2.3": NarrativeText(
        "Je voyais les commandes, non les hésitations.",
        "J’ai mesuré chaque étape du configurateur et rappelé trente personnes qui avaient abandonné.",
        "J’ai ramené onze caisses à quatre ; les autres restent sur demande.",
        "L’abandon à cette étape est passé de 52 % à 21 %.",
    ),
    "3.1": NarrativeText(
        "Le vélo cargo vient du nord : tout s’y invente cinq ans plus tôt.",
        "Je lis chaque semaine quatre sources anglaises et deux néerlandaises, traduites, et j’en tire un bulletin.",
        "Je croise toujours une annonce avec un client ou un atelier.",
        "Le suivi sur dix ans vient d’un atelier d’Utrecht que j’ai visité.",
    ),
    "3.2": NarrativeText(
        "Tout le monde visait le cycliste sportif.",
        "J’ai proposé de parler aux familles qui renoncent à la seconde voiture, et de comparer au prix d’une voiture.",
        "J’ai défendu ce choix deux fois devant la gérante, chiffres de vente à l’appui.",
        "Les familles font 64 % des commandes.",
    ),
    "3.3": NarrativeText(
        "Le budget se décidait foire par foire.",
        "J’ai bâti un plan annuel, un coût par commande et un suivi mensuel.",
        "J’ai arrêté quatre foires sur neuf.",
        "Le coût par commande est passé de 210 € à 120 €.",
    ),
    "4.1": NarrativeText(
        "Aucune présence suivie sur les réseaux.",
        "J’ai choisi deux canaux, écrit la charte et formé l’atelier à répondre.",
        "J’ai préféré peu de messages, écrits par ceux qui montent les vélos.",
        "Une question sur cinq devient un essai en boutique.",
    ),
    "4.2": NarrativeText(
        "Les pages décrivaient des pièces, jamais une journée.",
        "J’ai suivi trois familles pendant un an, en textes, photos, vidéos et panneaux.",
        "Je les ai choisies avec leurs doutes, et je n’ai rien coupé.",
        "Ces pages précèdent la moitié des commandes.",
    ),
    "4.3": NarrativeText(
        "Le premier devis de configurateur dépassait le budget de l’année.",
        "J’ai réécrit le besoin, consulté trois entreprises et négocié un paiement par étapes.",
        "J’ai choisi celle qui proposait le moins de fonctions.",
        "Livré à 4 % près, code remis, contrat renouvelé deux fois.",
    ),
}

BIRTH = Birth(date(1979, 2, 8), "Quimper")

LIFE = Life(
    who=PersonInput("paul.girard@exemple.fr", "Paul Girard"),
    admissible_on=date(2019, 6, 7),
    house=HOUSE,
    posts=POSTS,
    exhibits=EXHIBITS,
    stories=STORIES,
    texts={
        GeneralText.CAREER: (
            "Webmestre par hasard, homme de marketing par nécessité, je fais le même métier depuis 2014 : "
            "rendre simple une décision chère."
        ),
        GeneralText.MOTIVATION: (
            "La gérante prépare sa succession. Un titre de niveau 7 me permettrait de prendre sa suite avec "
            "la confiance de la banque."
        ),
        GeneralText.CONCLUSION: (
            "J’aurais voulu écrire ce dossier dix ans plus tôt : il m’aurait évité deux erreurs, que je "
            "raconte au bloc 3."
        ),
    },
)
