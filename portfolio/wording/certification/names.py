"""The French names of seats, routes, sites, of the parts of an entry, and the words of each condition of a jury."""

from collections.abc import Callable, Iterable, Mapping

from portfolio.domain.certification.rules.entry import (
    CutRule,
    EntryBlock,
    Habilitation,
    HabilitationState,
    Permanence,
    Route,
    SiteKind,
)
from portfolio.domain.certification.rules.juries import ConditionLine
from portfolio.domain.certification.rules.jury_rule import JuryTerm, ParityBasis, Seat, TermSource

TERM_NAMES = {
    JuryTerm.SIZE: "Le nombre de membres",
    JuryTerm.SEATS: "Les sièges",
    JuryTerm.PRESIDENT_COLLEGE: "La présidence vient du collège employeurs",
    JuryTerm.PRESIDENT_APPOINTED: "La présidence est nommée par la direction",
    JuryTerm.EMPLOYEE_IN_ACTIVITY: "La personne qui représente les salariés est en activité",
    JuryTerm.DIRECTOR_OR_DELEGATE: "La direction, ou sa délégation",
    JuryTerm.EXTERNAL_MIN: "La part de membres extérieurs",
    JuryTerm.REPRESENTATIVES_MIN: "La part de représentants, des deux collèges",
    JuryTerm.COLLEGE_PARITY: "Autant d’employeurs que de salariés",
    JuryTerm.TEACHING_PARITY: "Autant d’enseignants que de membres de la profession",
    JuryTerm.PROFESSIONALS_MIN: "Le nombre de professionnels",
    JuryTerm.TRADE_MAX: "Les professionnels d’un même métier, au plus",
    JuryTerm.TRADE_MIN: "Les professionnels d’un même métier, au moins",
    JuryTerm.EMPLOYERS_MIN: "Les membres du collège employeurs, au moins",
    JuryTerm.EMPLOYERS_MAX: "Les membres du collège employeurs, au plus",
    JuryTerm.EMPLOYEES_MIN: "Les membres du collège salariés, au moins",
    JuryTerm.EMPLOYEES_MAX: "Les membres du collège salariés, au plus",
    JuryTerm.QUORUM: "Le quorum",
    JuryTerm.NO_CASTING_VOTE: "Aucune voix prépondérante",
}
# The label of the field of each condition that only some rules have.
CONDITION_LABELS = {
    JuryTerm.COLLEGE_PARITY: "À parité : autant de membres du collège employeurs que du collège salariés",
    JuryTerm.TEACHING_PARITY: "À parité : autant d’enseignants que de membres de la profession",
    JuryTerm.PROFESSIONALS_MIN: "Professionnels du métier, au moins",
    JuryTerm.TRADE_MAX: "D’un même métier, au plus",
    JuryTerm.TRADE_MIN: "D’un même métier, au moins",
    JuryTerm.EMPLOYERS_MIN: "Collège employeurs, au moins",
    JuryTerm.EMPLOYERS_MAX: "Collège employeurs, au plus",
    JuryTerm.EMPLOYEES_MIN: "Collège salariés, au moins",
    JuryTerm.EMPLOYEES_MAX: "Collège salariés, au plus",
}
TERM_SOURCES = {
    TermSource.ENTRY: "Texte de la fiche",
    TermSource.CERTIFIER: "Règle du certificateur",
    TermSource.DESIGN: "Choix par défaut d’Acquis",
}
SEAT_NAMES = {
    Seat.PRESIDENT: "Présidence du jury",
    Seat.EMPLOYEE_REPRESENTATIVE: "Représentation des salariés",
    Seat.DIRECTOR_OR_DELEGATE: "Direction de l’établissement, ou sa délégation",
    Seat.TEACHER_TRAINER: "Enseignement et formation",
    Seat.PEDAGOGICAL_MANAGER: "Responsable pédagogique",
    Seat.EMPLOYER_REPRESENTATIVE: "Représentation des employeurs",
    Seat.EXTERNAL_PROFESSIONAL: "Personne extérieure, du métier",
    Seat.PROFESSIONAL: "Professionnel ou professionnelle du métier",
    Seat.MEMBER: "Membre du jury",
}
ROUTE_NAMES = {
    Route.INITIAL_TRAINING: "Formation initiale (élève ou étudiant)",
    Route.APPRENTICESHIP: "Contrat d’apprentissage",
    Route.CONTINUING_TRAINING: "Formation continue",
    Route.PROFESSIONALISATION: "Contrat de professionnalisation",
    Route.INDIVIDUAL: "Candidature individuelle",
    Route.VAE: "Validation des acquis de l’expérience (VAE)",
}
SITE_KIND_NAMES = {SiteKind.CERTIFICATION: "Lieu de certification", SiteKind.PREPARATION: "Lieu de préparation"}
PERMANENCE_NAMES = {Permanence.UNLIMITED: "Illimitée", Permanence.LIMITED: "Limitée dans le temps"}
CUT_NAMES = {
    CutRule.CODES: "Découpées d’après leurs codes.",
    CutRule.NUMBERS: "Découpées d’après leurs numéros.",
    CutRule.BULLETS: "Découpées d’après les puces.",
    CutRule.LINES: "Découpées d’après les retours à la ligne.",
    CutRule.SEMICOLONS: "Découpées aux points-virgules.",
    CutRule.CAPITALS: "Découpées devant les verbes en majuscule.",
    CutRule.WHOLE: "Laissées en une seule compétence.",
}
HABILITATION_NAMES = {
    Habilitation.TRAIN: "former",
    Habilitation.ORGANISE: "organiser l’évaluation",
    Habilitation.BOTH: "former et organiser l’évaluation",
}
HABILITATION_STATES = {
    HabilitationState.ACTIVE: "active",
    HabilitationState.INACTIVE: "inactive",
    HabilitationState.REMOVED: "supprimée",
}
PASSAGE_NAMES = {
    "OBJECTIFS_CONTEXTE": "Objectifs et contexte",
    "ACTIVITES_VISEES": "Activités visées",
    "CAPACITES_ATTESTEES": "Compétences attestées (résumé général)",
    "SECTEURS_ACTIVITE": "Secteurs d’activité",
    "TYPE_EMPLOI_ACCESSIBLES": "Emplois accessibles",
    "REGLEMENTATIONS_ACTIVITES": "Réglementation de l’activité",
    "PREREQUIS_ENTREE_FORMATION": "Prérequis pour entrer en formation",
    "PREREQUIS_VALIDATION_CERTIFICATION": "Prérequis pour la certification",
    "VALIDATION_PARTIELLE_PERIMETRE": "Validation partielle",
    "NIVEAU_MAITRISE_COMPETENCES": "Niveau de maîtrise des compétences",
    "MODALITES_RENOUVELLEMENT": "Renouvellement",
    "COMPOSANTES": "Composantes de la certification",
    "CAS_PRATIQUE": "Cas pratique",
    "OBTENTION_PARTIELLE": "Obtention partielle et nouvelle tentative",
    "VAE": "Par la VAE",
    "ACCES_PAR_BLOCS": "Accès par blocs",
    "STATISTIQUES": "Statistiques",
    "AUTRES_SOURCES": "Autres sources d’information",
    "LIENS_CERTIFICATIONS": "Liens avec d’autres certifications",
}
DETAIL_NAMES = {
    "award": "Type de diplôme ou de titre",
    "page_state": "État de la fiche au répertoire",
    "is_active": "Active au répertoire",
    "registration_kind": "Enregistrement",
    "delivery_until": "Dernier jour pour délivrer aux inscrits",
    "web_address": "Adresse web",
    "new_caledonia": "Accessible en Nouvelle-Calédonie",
    "french_polynesia": "Accessible en Polynésie française",
    "predecessors": "Fiches précédentes",
    "successors": "Fiches suivantes",
    "nsf": "Spécialités (NSF)",
    "rome": "Métiers (ROME)",
    "formacodes": "Formacodes",
    "agreements": "Conventions collectives",
    "certifiers": "Certificateurs",
    "partners": "Partenaires",
    "acts": "Actes publiés",
    "statistics": "Titulaires par promotion",
    "correspondences": "Correspondances",
}
RATE_NAMES = {
    "TAUX_INSERTION_GLOBAL_6MOIS": "en emploi à 6 mois",
    "TAUX_INSERTION_METIER_6MOIS": "dans le métier à 6 mois",
    "TAUX_INSERTION_METIER_2ANS": "dans le métier à 2 ans",
}
FIELD_NAMES = {
    "code": "Code",
    "title": "Intitulé",
    "titles_seen": "Intitulés relevés",
    "level": "Niveau européen",
    "level_1969": "Niveau de 1969",
    "nsf": "Codes NSF",
    "rome": "Codes ROME",
    "certifiers": "Certificateurs",
    "signatory": "Signataire",
    "predecessor": "Fiche précédente",
    "registrations": "Enregistrements",
    "routes": "Voies d’accès",
    "territories": "Territoires",
    "jury": "Jury",
    "juries": "Jury d’une voie",
    "blocks": "Blocs de compétences",
    "general_list": "Liste générale des compétences",
    "deliverables": "Livrables",
    "defence": "Soutenance",
    "permanence": "Validité des blocs",
    "sites": "Lieux",
    "holders_per_year": "Titulaires par an",
    "file": "Fichier",
    "frame": "Cadre du livret 2",
    "decision": "Décision des blocs",
    "options_needed": "Options demandées",
    "whole_source": "Source de la règle de la certification entière",
    "certifying_title": "À quel titre l’organisme la délivre",
}


def twin_labels(blocks: Iterable[EntryBlock]) -> dict[tuple[int, int], str]:
    """Name, for each competency, those of other blocks in the same words: « 2.3, 4.1 »."""
    found: dict[str, list[tuple[int, int]]] = {}
    for block in blocks:
        for entry_competency in (each for each in block.competencies if each.text.strip()):
            found.setdefault(" ".join(entry_competency.text.casefold().split()), []).append(
                (block.number, entry_competency.number)
            )
    return {
        place: ", ".join(f"{block}.{number}" for block, number in places if block != place[0])
        for places in found.values()
        for place in places
    }


def route_name(code: str) -> str:
    """Name a route by its code; a code that is none is shown as it is."""
    return ROUTE_NAMES[Route(code)] if code in set(Route) else code


def term_name(code: str) -> str:
    """Name a condition of a jury's rule by its code; a code that is none is shown as it is."""
    return TERM_NAMES[JuryTerm(code)] if code in set(JuryTerm) else code


def location_message(where: str) -> str:
    """Say where a doubt or a fault stands: "blocks.3.competencies.2" is « Bloc 3, compétence 2 »."""
    head, *rest = where.split(".")
    if head == "blocks" and rest:
        place = f"Bloc {rest[0]}"
        return f"{place}, compétence {rest[2]}" if rest[1:2] == ["competencies"] and len(rest) > 2 else place
    if head == "registrations" and rest:
        return f"Enregistrement {rest[0]}"
    if head == "juries" and rest and rest[0] in set(Route):
        return f"Jury de la voie « {ROUTE_NAMES[Route(rest[0])]} »"
    if head == "details" and rest:
        names = PASSAGE_NAMES if rest[0] == "passages" else DETAIL_NAMES
        return names.get(rest[-1] if rest[0] == "passages" else rest[0], rest[-1])
    if head == "routes" and rest and rest[0] in set(Route):
        return f"Voie « {ROUTE_NAMES[Route(rest[0])]} »"
    if head == "frame" and rest:
        return f"Cadre du livret 2, partie {rest[0]}"
    return FIELD_NAMES.get(head, where)


_PARITIES: dict[ParityBasis | None, str] = {
    None: "Le jury est à parité",
    ParityBasis.NAMED: "Le jury est nommé à parité",
    ParityBasis.PRESENT: "Les membres présents sont à parité",
}
_LAPSES: dict[ParityBasis | None, str] = {
    None: "",
    ParityBasis.NAMED: " Une absence le jour du jury ne l’empêche pas de délibérer.",
    ParityBasis.PRESENT: "",
}


def percent(share: float) -> str:
    """Write a share the French way: « 40 % », « 33,3 % »."""
    return f"{share * 100:.4g}".replace(".", ",") + "\u00a0%"


def _trade(line: ConditionLine) -> str:
    return (
        f"{_practise(line.count)} le métier « {line.text} »" if line.text else f"{_practise(line.count)} le même métier"
    )


def _practise(count: int | None) -> str:
    return "exercent" if (count or 0) > 1 else "exerce"


def _people(count: int | None, what: str = "membre") -> str:
    return f"{count or 0} {what}{'s' if (count or 0) > 1 else ''}"


TERM_SENTENCES: Mapping[JuryTerm, Callable[[ConditionLine], str]] = {
    JuryTerm.SIZE: lambda line: f"Le jury compte exactement {_people(line.count)}.",
    JuryTerm.PRESIDENT_COLLEGE: lambda _: "La présidence revient au collège employeurs.",
    JuryTerm.PRESIDENT_APPOINTED: lambda _: "La direction nomme la présidence, par un acte joint à la session.",
    JuryTerm.EMPLOYEE_IN_ACTIVITY: lambda _: "La personne qui représente les salariés est en activité le jour du jury.",
    JuryTerm.DIRECTOR_OR_DELEGATE: lambda _: (
        "La direction siège elle-même, ou par une délégation valable le jour du jury."
    ),
    JuryTerm.EXTERNAL_MIN: lambda line: f"{percent(line.share or 0)} au moins de membres extérieurs.",
    JuryTerm.REPRESENTATIVES_MIN: lambda line: (
        f"{percent(line.share or 0)} au moins de représentants des salariés et des employeurs, des deux collèges."
    ),
    JuryTerm.COLLEGE_PARITY: lambda line: (
        f"{_PARITIES[line.basis]} : autant de membres du collège employeurs que du collège "
        f"salariés.{_LAPSES[line.basis]}"
    ),
    JuryTerm.TEACHING_PARITY: lambda line: (
        f"{_PARITIES[line.basis]} : autant d’enseignants que de membres de la profession.{_LAPSES[line.basis]}"
    ),
    JuryTerm.PROFESSIONALS_MIN: lambda line: (
        f"{_people(line.count)} au moins {_practise(line.count)} un métier visé par la certification."
    ),
    JuryTerm.TRADE_MAX: lambda line: f"{_people(line.count, 'professionnel')} au plus {_trade(line)}.",
    JuryTerm.TRADE_MIN: lambda line: f"{_people(line.count, 'professionnel')} au moins {_trade(line)}.",
    JuryTerm.EMPLOYERS_MIN: lambda line: f"{_people(line.count)} au moins du collège employeurs.",
    JuryTerm.EMPLOYERS_MAX: lambda line: f"{_people(line.count)} au plus du collège employeurs.",
    JuryTerm.EMPLOYEES_MIN: lambda line: f"{_people(line.count)} au moins du collège salariés.",
    JuryTerm.EMPLOYEES_MAX: lambda line: f"{_people(line.count)} au plus du collège salariés.",
    JuryTerm.QUORUM: lambda line: (
        f"{_people(line.count)} au moins doivent être présents pour délibérer, dont la présidence."
    ),
    JuryTerm.NO_CASTING_VOTE: lambda _: (
        "La présidence n’a pas de voix prépondérante : sur un partage, le bloc n’est pas validé."
    ),
}
