"""Values of the five documents: one candidate, one jury, two blocks decided; and what makes typesetters stumble."""

from datetime import date, datetime, timedelta, timezone
from typing import Any

from portfolio.documents.attestation import Attestation
from portfolio.documents.certificate import BlockCertificate, HeldBlock, Parchment
from portfolio.documents.minutes import DecidedBlock, FoundCompetency, Minutes, Predicate, SeatedMember
from portfolio.documents.notification import GrantedBlock, MissingCompetency, Notification, RefusedBlock
from portfolio.documents.receipt import Exhibit, Receipt
from portfolio.documents.values import BlockName, CertificationName, HeldName, LedgerCheckpoint, Register, Signature

AT = datetime(2020, 6, 18, 14, 5, tzinfo=timezone(timedelta(hours=2)))
DAY = date(2020, 6, 18)
ROOT = "b41c09e277aa3f05" * 4
BODY = "Institut des métiers numériques"
HOLDER = "Samia Benali"
TITLE = "Expert en stratégie digitale"
ACT = "Arrêté du 27 décembre 2018 publié au Journal officiel du 4 janvier 2019"
CERTIFICATION = CertificationName(TITLE, "RNCP 16959", "7", "7", ("326",))
SIGNED = Signature(
    "Claire Montreuil", "Directrice de l’institut", AT, "en ligne, depuis son compte, en redonnant son mot de passe"
)
PRESIDENT = Signature("Hugo Lemaire", "Président du jury", AT)
LEDGER = LedgerCheckpoint(1204, ROOT)
STRATEGY = BlockName(3, "Définir une stratégie digitale")
ROLL_OUT = BlockName(4, "Déployer un dispositif digital de communication et marketing")
HELD = (HeldName(1, "Piloter un dispositif digital", date(2019, 6, 18), "AAAA-BBBB-CCCC-DDDD"),)
MANIFEST = '[{"id":"header","note":"é\\u0000\\ud800 #panic()"}]'.encode()

LONG = (
    "Définir et piloter une stratégie de communication plurielle, responsable et durable, dans un contexte international, "
    "en tenant compte des contraintes techniques, budgétaires, humaines et réglementaires, avec l’ensemble des parties "
    "prenantes internes et externes de l’organisation et de ses partenaires du secteur"
)
CODE = '#panic() *gras* _penché_ $x^2$ \\ @renvoi <a> `brut` // = Titre "guillemets" -- #let x = 1'
HOSTILE = f"{CODE} \U0001f600 \x00 \ud800 \u202e مرحبا 12 \ufeff e\u0301"
WORD = "x" * 400
TEXTS = {"long": LONG, "code": CODE, "hostile": HOSTILE, "one word": WORD, "empty": ""}


def certificate(**changed: Any) -> BlockCertificate:
    told: dict[str, Any] = {
        "number": "K7QD-94MT-XW2B-R8FN",
        "validity": "Acquis définitivement : sa validité est illimitée.",
        "certifier": BODY,
        "certification": CERTIFICATION,
        "register": Register("in_force", ACT, date(2018, 10, 4), date(2022, 1, 4)),
        "block": ROLL_OUT,
        "blocks": 4,
        "competencies": (
            "Définir une politique d’implantation",
            "Produire les contenus",
            "Contracter avec les prestataires",
        ),
        "holder": HOLDER,
        "birth": "née le 12 mai 1984 à Bordeaux",
        "decision": "Décision du jury réuni à Bordeaux le 18 juin 2020, procès-verbal 2020-14",
        "delivered_on": DAY,
        "place": "Bordeaux",
        "issued_at": AT,
        "public_url": "https://acquis.exemple.fr/certificats/K7QD-94MT-XW2B-R8FN",
        "ledger": LEDGER,
        "signed_by": SIGNED,
    }
    return BlockCertificate(**(told | changed))


def parchment(**changed: Any) -> Parchment:
    told: dict[str, Any] = {
        "validity": "Tous les blocs de compétences sont acquis définitivement : validité illimitée.",
        "number": "P3XK-77QA-MM2D-9TRC",
        "certifier": BODY,
        "certification": CERTIFICATION,
        "register": Register(
            "protected", ACT, date(2018, 10, 4), date(2022, 1, 4), "la recevabilité date du 3 mars 2020"
        ),
        "held": (
            HeldBlock(STRATEGY, DAY, "K7QD-94MT-XW2B-R8FN"),
            HeldBlock(ROLL_OUT, date(2022, 6, 20), "K7QD-94MT-XW2B-R8FP"),
        ),
        "holder": HOLDER,
        "birth": "née le 12 mai 1984 à Bordeaux",
        "decision": "Décision du jury réuni à Bordeaux le 20 juin 2022, procès-verbal 2022-3",
        "delivered_on": date(2022, 6, 20),
        "place": "Bordeaux",
        "issued_at": AT,
        "public_url": "https://acquis.exemple.fr/certificats/P3XK-77QA-MM2D-9TRC",
        "ledger": LEDGER,
        "signed_by": SIGNED,
    }
    return Parchment(**(told | changed))


def exhibits(count: int) -> tuple[Exhibit, ...]:
    return tuple(
        Exhibit(f"B3-{place:02d}", f"Plan de communication {2000 + place}", f"plan_{place}.pdf", 12_400_000, ROOT)
        for place in range(1, count + 1)
    )


def receipt(**changed: Any) -> Receipt:
    told: dict[str, Any] = {
        "certifier": BODY,
        "candidate": HOLDER,
        "certification": CERTIFICATION,
        "number": 2,
        "submitted_at": AT,
        "root": ROOT,
        "blocks": (STRATEGY, ROLL_OUT),
        "statement": "J’atteste sur l’honneur que ce dossier est mon travail.",
        "statement_signed_at": AT,
        "exhibits": exhibits(3),
        "manifest": MANIFEST,
        "held": HELD,
    }
    return Receipt(**(told | changed))


def attestation(**changed: Any) -> Attestation:
    told: dict[str, Any] = {
        "certifier": BODY,
        "candidate": HOLDER,
        "certification": f"« {TITLE} » (RNCP 16959)",
        "experience": "Cheffe de projet, Agence du Port",
        "competencies": ("1.2 Organiser et suivre l’ensemble des opérations d’un projet",),
        "wanted": "La conduite de la refonte du site en 2015.",
        "name": "Gwenaëlle Le Goff",
        "quality": "Responsable hiérarchique",
        "organisation": "Agence du Port",
        "tie": "aucun",
        "began_on": date(2012, 1, 1),
        "ended_on": DAY,
        "capacity": "J’étais la directrice de l’agence.",
        "seen": "Elle a conduit seule la refonte du site.\n\nElle en a tenu le budget.",
        "often": "Chaque semaine en 2015.",
        "more": "Je la recommande.",
        "oath": "J’atteste sur l’honneur que ce que j’ai écrit est exact.",
        "address": "g…@agence-du-port.fr",
        "delivery": "Lien et code envoyés à son adresse électronique",
        "asked_at": AT,
        "opened_at": AT,
        "signed_at": AT,
        "annex": "organigramme.pdf",
        "annex_digest": ROOT,
        "digest": ROOT,
        "record": MANIFEST,
    }
    return Attestation(**(told | changed))


def decided(**changed: Any) -> DecidedBlock:
    told: dict[str, Any] = {
        "block": ROLL_OUT,
        "validated": False,
        "reason": "La compétence 4.3 n’est pas démontrée.",
        "competencies": (
            FoundCompetency(
                "4.1", "Définir une politique d’implantation", "Acquise", "full", "", "Démontrée pendant l’entretien"
            ),
            FoundCompetency("4.2", "Produire les contenus", "Partiellement acquise", "half", "Un seul canal."),
            FoundCompetency("4.3", "Contracter avec les prestataires", "Non acquise", "none", "Ni critère ni contrat."),
        ),
        "recommendation": "Apporter un cahier des charges.",
        "votes": ("Valider le bloc 4 ? 2 voix pour, 2 voix contre, 1 abstention.",),
    }
    return DecidedBlock(**(told | changed))


def minutes(**changed: Any) -> Minutes:
    member = SeatedMember(
        "Présidence du jury", "Hugo Lemaire", "Directeur de projet", "employeurs", "Présent", "Aucune relation"
    )
    told: dict[str, Any] = {
        "number": "2020-14",
        "certifier": BODY,
        "certification": CERTIFICATION,
        "candidate": HOLDER,
        "held_on": DAY,
        "place": "Bordeaux",
        "result": "Validation partielle",
        "submission": "le dossier scellé le 2 mai 2020 (dépôt no 2)",
        "root": ROOT,
        "drawn_at": AT,
        "members": (
            member,
            SeatedMember("Enseignement et formation", "Paul Nguyen", "Intervenant", reading="Lecture attestée"),
        ),
        "predicates": (
            Predicate("Le nombre de membres", "5 membres sont nommés.", "Fiche RNCP 16959", True),
            Predicate("Les membres extérieurs", "1 membre extérieur ; il en faut 2.", "Fiche RNCP 16959", False),
        ),
        "blocks": (decided(block=STRATEGY, validated=True, reason="Tout est démontré."), decided()),
        "held": HELD,
        "quorum": "Les cinq membres sont présents.",
        "ledger": LEDGER,
        "signed_by": PRESIDENT,
    }
    return Minutes(**(told | changed))


def refused(**changed: Any) -> RefusedBlock:
    told: dict[str, Any] = {
        "block": ROLL_OUT,
        "reason": "La compétence 4.3 n’est pas démontrée.",
        "competencies": (
            MissingCompetency(
                "4.3",
                "Contracter avec les prestataires",
                "Non acquise",
                (
                    ("Ce que le jury a vu", "Une liste de prestataires."),
                    ("Ce qui manquait", "Les critères de choix."),
                    ("Ce qui est attendu", "Un cahier des charges commenté."),
                    ("Par où passer", "Un devis comparé peut convenir."),
                ),
            ),
        ),
        "acquired_head": "Compétences notées acquises",
        "acquired": ("4.1 Définir une politique d’implantation", "4.2 Produire les contenus"),
        "way": "Préparer un dossier limité à ce bloc.",
    }
    return RefusedBlock(**(told | changed))


def notification(**changed: Any) -> Notification:
    told: dict[str, Any] = {
        "certifier": BODY,
        "certifier_address": ("5, rue Saint-Augustin", "33000 Bordeaux"),
        "candidate": HOLDER,
        "candidate_address": ("12, cours de la Marne", "33800 Bordeaux"),
        "certification": CERTIFICATION,
        "minutes": "2020-14",
        "decided_on": DAY,
        "place": "Bordeaux",
        "notified_at": AT,
        "result": "Validation partielle",
        "granted": (GrantedBlock(STRATEGY, "K7QD-94MT-XW2B-R8FN", "Tout est démontré."),),
        "refused": (refused(),),
        "remedies": "Vous pouvez demander un nouvel examen dans les deux mois.\n\nLe médiateur peut être saisi.",
        "closing": "Nous vous adressons nos salutations les meilleures.",
        "held": HELD,
        "contact": "Inès Fabre, responsable pédagogique",
        "signed_by": SIGNED,
    }
    return Notification(**(told | changed))
