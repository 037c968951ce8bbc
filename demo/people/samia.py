"""Samia Benali: half-way through her draft; from an agency of tailor-made journeys in Saint-Malo."""

from datetime import date

from demo.persona import Exhibit, Life
from demo.sample_documents import House, Paper
from portfolio.domain.candidacy.rules.opening import PersonInput
from portfolio.domain.dossier.rules.description import Anonymity, Authorship, Confidentiality, EvidenceKind
from portfolio.domain.dossier.rules.draft import GeneralText, NarrativeText
from portfolio.domain.dossier.rules.texts import ClaimText, ExperienceText

HOUSE = House(
    house="Escales Malouines",
    city="Saint-Malo",
    activity="agence de voyages réceptive",
    offer="les séjours sur mesure entre Cancale et la Rance",
    public="les familles franciliennes",
    site="escales-malouines.exemple.fr",
    project="refonte du parcours de réservation",
    promise="Un séjour en Bretagne préparé par quelqu’un qui y vit, à prix ferme.",
    author="Samia Benali",
    position="a occupé le poste de cheffe de projet digital du 1er mars 2016 au 30 juin 2021, à temps plein",
    signatory="Anne Le Goff",
    signatory_role="directrice",
    partner="Atelier Grand Large",
    results=(
        "Les demandes directes sont passées de 31 % à 54 % des ventes entre 2018 et 2020. Le parcours "
        "refait sous sa conduite a été mis en ligne à la date prévue, dans le budget."
    ),
    colour="#0b5d78",
    duties=(
        "le pilotage de la refonte du site et de son parcours de réservation ;",
        "la veille mensuelle, en français et en anglais, et sa diffusion ;",
        "le choix des prestataires et le suivi de leurs contrats ;",
        "la formation des huit conseillères et conseillers au nouvel outil.",
    ),
)

POSTS = (
    ExperienceText(
        "Cheffe de projet digital",
        "Escales Malouines, Saint-Malo",
        date(2016, 3, 1),
        date(2021, 6, 30),
        "Agence réceptive de quatorze personnes. Les ventes passaient pour deux tiers par des plateformes, "
        "et leur commission montait chaque année.",
        "Site, messagerie, mesure d’audience, campagnes ; budget annuel de 48 000 €, deux prestataires, une "
        "alternante.",
        "Je répondais du calendrier, du budget et des résultats devant la directrice, avec un comité toutes "
        "les deux semaines.",
    ),
    ExperienceText(
        "Chargée de communication",
        "Office de tourisme du Pays des Abers",
        date(2012, 9, 3),
        date(2016, 2, 26),
        "Établissement public de neuf personnes, quatre bureaux d’accueil sur la côte.",
        "Site en trois langues, lettre mensuelle à 11 000 abonnés, réseaux sociaux.",
        "Je rédigeais et publiais seule ; j’animais un réseau de quarante hébergeurs.",
    ),
    ExperienceText(
        "Bénévole, responsable du site",
        "Festival Marée de Mots",
        date(2014, 1, 15),
        None,
        "Association de lecture à voix haute, un festival par an, soixante bénévoles.",
        "Site et billetterie en ligne, programme papier.",
        "J’ai monté la billetterie et je forme chaque année deux personnes à la tenir.",
    ),
)

EXHIBITS = (
    Exhibit(
        Paper.WATCH,
        "veille-mars-2020.pdf",
        "Bulletin de veille de mars 2020",
        EvidenceKind.DELIVERABLE,
        "mars 2020",
        date(2020, 3, 2),
        "J’ai choisi les sources, lu les articles et écrit toutes les fiches. La directrice relisait la page 1.",
        {
            "3.1": ClaimText(
                "2-4, 12",
                "Chaque fiche croise une source française et une source anglaise ; la page 12 donne mon "
                "rythme de lecture.",
            ),
            "3.2": ClaimText("10", "De cette fiche est partie l’idée de l’avantage réservé aux demandes directes."),
        },
    ),
    Exhibit(
        Paper.AUDIT,
        "audit-site-2018.pdf",
        "Audit du site et du parcours de réservation",
        EvidenceKind.REPORT,
        "novembre 2018",
        date(2018, 11, 12),
        "J’ai conduit les douze observations, relu les statistiques et rédigé le rapport seule.",
        {
            "2.1": ClaimText(
                "3-4", "Les défauts relevés deviennent les fonctions du cahier des charges, avec leur charge."
            ),
            "2.3": ClaimText(
                "2", "Je pars des mesures pour situer la rupture, puis je les confronte à ce que disent les clients."
            ),
        },
    ),
    Exhibit(
        Paper.SPECIFICATION,
        "cahier-des-charges-v1.pdf",
        "Cahier des charges de la refonte",
        EvidenceKind.DELIVERABLE,
        "janvier 2019",
        date(2019, 1, 21),
        "J’ai rédigé le document et négocié avec la direction la sortie de l’espace client.",
        {
            "2.1": ClaimText(
                "3-5", "Fonctions classées par priorité, contraintes de budget et date ferme : tout y est arbitré."
            )
        },
    ),
    Exhibit(
        Paper.PLANNING,
        "planning-refonte.pdf",
        "Planning et tableau d’avancement",
        EvidenceKind.PLAN,
        "avril 2019",
        date(2019, 2, 4),
        "J’ai construit le planning et je l’ai tenu à jour chaque vendredi.",
        {"1.2": ClaimText("1-2", "Le diagramme montre l’enchaînement, la page 2 mes décisions en cours de route.")},
        until=date(2019, 7, 12),
    ),
    Exhibit(
        Paper.MINUTES,
        "comite-2019-05.pdf",
        "Compte rendu du comité de projet de mai 2019",
        EvidenceKind.MEETING_MINUTES,
        "mai 2019",
        date(2019, 5, 25),
        "J’ai animé la réunion et rédigé le compte rendu le jour même.",
        {
            "1.1": ClaimText("2", "Les craintes de chaque équipe et la réponse que j’ai fait adopter."),
            "1.2": ClaimText("1", "Les décisions, qui les porte et pour quand."),
        },
        anonymity=Anonymity.DONE,
    ),
    Exhibit(
        Paper.BOARD,
        "tableau-atelier.jpg",
        "Tableau de l’atelier « parcours » avec les conseillères",
        EvidenceKind.PHOTO,
        "février 2019",
        date(2019, 2, 19),
        "J’ai préparé et animé cet atelier de trois heures. La ligne verte est le parcours retenu.",
        {
            "1.1": ClaimText(
                "", "Les conseillères ont elles-mêmes placé les étapes : c’est là que le refus du formulaire est tombé."
            )
        },
        anonymity=Anonymity.DONE,
    ),
    Exhibit(
        Paper.DASHBOARD,
        "tableau-de-bord.png",
        "Tableau de bord hebdomadaire",
        EvidenceKind.SCREENSHOT,
        "octobre 2020",
        date(2020, 10, 5),
        "J’ai choisi les quatre indicateurs et fait le réglage. Regardez la courbe : la pente change après "
        "la mise en ligne.",
        {
            "2.3": ClaimText(
                "", "Je lisais ces nombres chaque lundi ; la baisse des abandons au prix a décidé de l’acompte."
            )
        },
    ),
    Exhibit(
        Paper.MARKETING,
        "plan-communication-2020.pdf",
        "Plan de communication et marketing 2020",
        EvidenceKind.PLAN,
        "décembre 2019",
        date(2019, 12, 9),
        "J’ai écrit le plan, sauf le chiffrage des campagnes payantes, fait avec l’agence média.",
        {
            "3.3": ClaimText("3-4", "Coût par vente de chaque canal, budget par trimestre, actions mois par mois."),
            "3.2": ClaimText("2", "Le positionnement que j’ai défendu contre l’idée d’être « partout »."),
        },
        authorship=Authorship.SHARED,
        part="Tout, hors les montants de recherche payante de la page 4.",
        confidentiality=Confidentiality.RESTRICTED,
    ),
    Exhibit(
        Paper.ATTESTATION,
        "attestation-le-goff.pdf",
        "Attestation de la directrice d’Escales Malouines",
        EvidenceKind.EMPLOYER_ATTESTATION,
        "juillet 2021",
        date(2021, 7, 2),
        "Elle confirme mes responsabilités de 2016 à 2021.",
        {"1.2": ClaimText("1", "La directrice atteste que je répondais du calendrier et du budget.")},
        authorship=Authorship.OTHER,
    ),
)

STORIES = {
    "1.1": NarrativeText(
        "En 2018, huit conseillères vendaient au téléphone et voyaient le site comme une menace. Les "
        "plateformes prenaient deux ventes sur trois.",
        "J’ai passé une journée à côté de chacune, puis animé trois ateliers où elles ont dessiné le "
        "parcours. J’ai formé l’équipe par groupes de deux, sur de vraies demandes.",
        "J’ai écarté la formation en salle : elle aurait coûté une semaine fermée. J’ai préféré que le "
        "formulaire annonce un rappel, avec le prénom de la conseillère.",
        "Six mois plus tard, sept conseillères sur huit ouvraient la boîte commune en premier. Les "
        "partenaires hébergeurs ont demandé la même page.",
    ),
    "1.2": NarrativeText(
        "La refonte devait être en ligne avant les vacances d’été 2019, avec un seul prestataire et une "
        "direction qui partait en salon.",
        "J’ai découpé le projet en douze tâches, tenu un tableau chaque vendredi et réuni le comité toutes "
        "les deux semaines.",
        "En semaine 15, un retard d’une semaine menaçait la recette. J’ai sorti l’espace client du lot 1 "
        "plutôt que de déplacer la date.",
        "Mise en ligne le 8 juillet 2019, zéro défaut bloquant, 3 % sous le budget.",
    ),
    "2.1": NarrativeText(
        "Le parcours comptait neuf écrans et n’affichait le prix qu’à la sixième étape.",
        "J’ai rédigé l’audit, puis un cahier des charges de neuf fonctions, classées et chiffrées, et testé "
        "un prototype avec douze personnes.",
        "J’ai refusé l’application mobile : deux ans de gain pour la payer. J’ai gardé l’acompte, qui "
        "demandait cinq jours.",
        "Quatre écrans au lieu de neuf ; les demandes envoyées ont crû de 23 % à trafic égal.",
    ),
    "2.2": NarrativeText(
        "Il fallait une personne pour les contenus et du temps de développement, sans embauche possible.",
        "J’ai estimé la charge de chaque lot en jours et proposé une alternante.",
    ),
    "2.3": NarrativeText(
        "La mesure comptait des visites, mais aucune demande.",
        "J’ai posé quatre indicateurs, relu treize mois de données et confronté les courbes aux douze entretiens.",
        "J’ai retiré les indicateurs flatteurs, comme les pages vues, pour n’en garder que quatre qui "
        "déclenchent une décision.",
        "L’abandon au prix est passé de 61 % à 38 %. C’est cette mesure qui a fait accepter l’acompte.",
    ),
    "3.1": NarrativeText(
        "Chacun lisait de son côté et rien n’arrivait jusqu’aux décisions.",
        "Depuis 2017, je lis huit sources, dont quatre en anglais, et je publie un bulletin de douze pages "
        "le premier lundi du mois.",
        "Je n’y mets que ce qui appelle une décision, avec deux sources au moins. J’ai abandonné les "
        "alertes automatiques : trop de bruit.",
        "En trois ans, onze fiches ont débouché sur une action, dont le bandeau de consentement posé avant la date.",
    ),
    "3.2": NarrativeText(
        "Les plateformes vendaient moins cher, les maisons de luxe mieux : l’agence n’avait pas de place à elle.",
        "J’ai comparé onze concurrents, interrogé vingt clientes et défendu devant la direction « le séjour "
        "préparé par quelqu’un qui y vit ».",
        "La directrice voulait baisser les prix ; j’ai montré, marge par canal, que dix points de ventes "
        "directes rapportaient davantage.",
        "",
    ),
    "3.3": NarrativeText(
        "Le budget de communication était reconduit chaque année sans bilan.",
        "J’ai bâti un plan annuel : segments, coût par vente de chaque canal, budget par trimestre, huit "
        "actions datées.",
        "J’ai concentré 70 % du budget sur deux canaux et gardé 10 % pour l’imprévu.",
        "Le coût d’une vente est passé de 41 € à 29 € en un an.",
    ),
    "4.2": NarrativeText(
        "Les mêmes textes étaient collés partout, du site aux réseaux.",
        "J’ai écrit une trame par canal et tourné deux vidéos par mois avec un téléphone.",
    ),
}

LIFE = Life(
    who=PersonInput("samia.benali@exemple.fr", "Samia Benali"),
    admissible_on=date(2021, 11, 12),
    house=HOUSE,
    posts=POSTS,
    exhibits=EXHIBITS,
    stories=STORIES,
    texts={
        GeneralText.CAREER: (
            "Après une licence de langues, j’ai commencé à l’accueil d’un office de tourisme, où j’ai pris "
            "le site parce que personne ne le voulait. De là, tout s’est enchaîné : les hébergeurs à "
            "former, la lettre à écrire, puis, chez Escales Malouines, un projet entier à conduire."
        ),
        GeneralText.MOTIVATION: (
            "J’exerce ce métier depuis dix ans sans diplôme qui le dise. Je veux pouvoir répondre aux "
            "offres qui demandent un niveau 7, et surtout mettre des mots sur ce que j’ai appris seule."
        ),
        GeneralText.CONCLUSION: "",
    },
)
