"""Olivier Marchetti: block 4 only, validated, then suspended; from a cheese cooperative in Lons-le-Saunier."""

from datetime import date

from demo.persona import Exhibit, Life
from demo.sample_documents import House, Paper
from portfolio.domain.candidacy.rules.opening import PersonInput
from portfolio.domain.dossier.rules.description import EvidenceKind
from portfolio.domain.dossier.rules.draft import GeneralText, NarrativeText
from portfolio.domain.dossier.rules.texts import ClaimText, ExperienceText

HOUSE = House(
    house="Coopérative des Fruitières du Revermont",
    city="Lons-le-Saunier",
    activity="coopérative de fromageries",
    offer="les colis de fromages et les visites de caves",
    public="les familles qui commandent pour une fête",
    site="fruitieres-revermont.exemple.fr",
    project="vente en ligne de colis",
    promise="Un colis préparé à la cave, livré le jour que vous choisissez.",
    author="Olivier Marchetti",
    position="occupe le poste de chargé de communication digitale depuis le 3 octobre 2016",
    signatory="Élodie Vuillemin",
    signatory_role="directrice",
    partner="Studio Bressan",
    results=("Les colis vendus en ligne sont passés de 300 à 2 100 par an. Une commande sur trois vient des réseaux."),
    colour="#7a5a12",
    duties=(
        "la présence de la coopérative sur les réseaux ;",
        "les contenus du site et des lettres d’information ;",
        "le choix et le suivi des prestataires.",
    ),
)

LIFE = Life(
    who=PersonInput("olivier.marchetti@exemple.fr", "Olivier Marchetti"),
    admissible_on=date(2021, 10, 4),
    house=HOUSE,
    posts=(
        ExperienceText(
            "Chargé de communication digitale",
            "Coopérative des Fruitières du Revermont, Lons-le-Saunier",
            date(2016, 10, 3),
            None,
            "Sept fromageries, quarante-deux salariés, une boutique par village.",
            "Site, réseaux, lettres d’information ; budget de 38 000 € par an.",
            "Je choisis les canaux et les contenus ; la directrice valide le budget.",
        ),
    ),
    exhibits=(
        Exhibit(
            Paper.MARKETING,
            "plan-reseaux.pdf",
            "Plan de présence sur les réseaux",
            EvidenceKind.PLAN,
            "mars 2018",
            date(2018, 3, 12),
            "J’ai écrit ce plan et je l’ai appliqué deux ans.",
            {
                "4.1": ClaimText("1-2", "Les canaux retenus, et pourquoi."),
                "4.2": ClaimText("2", "Les contenus prévus, canal par canal."),
            },
        ),
        Exhibit(
            Paper.CONTRACT,
            "contrat-studio.pdf",
            "Contrat avec le Studio Bressan",
            EvidenceKind.CONTRACT,
            "juin 2019",
            date(2019, 6, 5),
            "J’ai consulté trois studios et négocié ce contrat.",
            {"4.3": ClaimText("1", "Le choix du prestataire et les étapes de paiement.")},
        ),
    ),
    stories={
        "4.1": NarrativeText(
            "Sept boutiques publiaient chacune de leur côté.",
            "J’ai retenu deux canaux, écrit une charte courte et formé une personne par fromagerie.",
            "J’ai fermé cinq pages presque vides, malgré l’avis de deux villages.",
            "Une commande en ligne sur trois vient aujourd’hui des réseaux.",
        ),
        "4.2": NarrativeText(
            "Les textes parlaient de tonnes de lait, jamais de la table.",
            "J’ai écrit les fiches, filmé l’affinage et décliné le tout pour le site, la lettre et les réseaux.",
            "J’ai préféré peu de films, tournés en cave, sans musique.",
            "La lettre est ouverte par un abonné sur deux.",
        ),
        "4.3": NarrativeText(
            "La coopérative n’avait jamais commandé de site.",
            "J’ai écrit le besoin, consulté trois studios et négocié un paiement en quatre étapes.",
            "J’ai écarté le moins cher, qui gardait les droits sur les images.",
            "Le site a ouvert à la date prévue, dans le budget.",
        ),
    },
    texts={
        GeneralText.CAREER: (
            "Vendeur en fromagerie, puis chargé de communication : je raconte depuis 2016 un métier que je "
            "connais derrière le comptoir."
        ),
        GeneralText.MOTIVATION: (
            "Je présente un seul bloc, celui que j’exerce chaque jour. Les autres viendront ensuite."
        ),
        GeneralText.CONCLUSION: "Écrire ce dossier m’a montré ce que je décidais sans le dire.",
    },
)
