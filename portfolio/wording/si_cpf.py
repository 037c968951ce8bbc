"""French sentences of the transmission of holders to the Caisse des Dépôts (SI-CPF)."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from portfolio.domain.si_cpf.rules import (
    Advice,
    FlowAction,
    Gap,
    NirError,
    SchemaVersion,
    Sex,
    SiCpfRefusal,
    Urgency,
    advice_of,
    transmission_due_on,
    urgency_of,
)
from portfolio.domain.si_cpf.use_cases.awards import Place
from portfolio.french_text import count, date_fr

PLACES: Mapping[Place, str] = {
    Place.REJECTED: "Rejetés, à corriger",
    Place.TO_REMOVE: "À supprimer",
    Place.INCOMPLETE: "À compléter",
    Place.READY: "Prêts",
    Place.SENT: "En attente d’accusé",
    Place.ACCEPTED: "Acceptés",
    Place.REMOVED: "Supprimés",
}
SLUGS: Mapping[str, Place] = {
    "rejetes": Place.REJECTED,
    "a-supprimer": Place.TO_REMOVE,
    "a-completer": Place.INCOMPLETE,
    "prets": Place.READY,
    "envoyes": Place.SENT,
    "acceptes": Place.ACCEPTED,
    "supprimes": Place.REMOVED,
}
GAPS: Mapping[Gap, tuple[str, str]] = {
    Gap.IDENTITY: ("Titulaire", "son identité, à donner sur sa page, ou à taper ici d’après un formulaire papier"),
    Gap.CODE: ("Organisme", "un code RNCP ou RS pour cette certification"),
}
SEXES: Mapping[Sex, str] = {Sex.FEMALE: "Féminin", Sex.MALE: "Masculin"}
SCHEMAS: Mapping[SchemaVersion, str] = {
    SchemaVersion.V1_1_5: "1.1.5 (mars 2026), avec le numéro de sécurité sociale",
    SchemaVersion.V1_1_2: "1.1.2, sans numéro de sécurité sociale ni suppression",
}
ACTIONS: Mapping[FlowAction, str] = {FlowAction.CREATION: "déclaration", FlowAction.SUPPRESSION: "suppression"}
NIR_ERRORS: Mapping[NirError, str] = {
    NirError.FORM: "Ce numéro n’a pas la forme attendue. Tapez ses 15 chiffres, clé comprise ; en Corse, 2A ou 2B.",
    NirError.KEY: "La clé ne correspond pas à ce numéro. Relisez les 15 chiffres de la carte Vitale, clé comprise.",
    NirError.TEMPORARY: (
        "Ce numéro est provisoire : la Caisse des Dépôts ne le prend pas. Laissez ce champ vide, l’identité suffit."
    ),
}
FACTS = (
    *("Nom", "Certification", "Candidature", "Voie", "Inscription", "Présence devant le jury", "Obtention"),
)  # fmt: skip
TAGS: Mapping[Urgency, str] = {
    Urgency.CALM: "soft",
    Urgency.WARNED: "warn",
    Urgency.ALARMED: "bad",
    Urgency.LATE: "bad",
}


def _ids(facts: dict[str, Any]) -> str:
    more = facts["number"] - len(facts["ids"])
    return ", ".join(facts["ids"]) + (f" et {count(more, 'autre', 'autres')}" if more > 0 else "")


REFUSALS: Mapping[SiCpfRefusal, Callable[[dict[str, Any]], str]] = {
    SiCpfRefusal.NO_SETTINGS: lambda _: "Donnez d’abord les identifiants que la Caisse des Dépôts vous a remis.",
    SiCpfRefusal.NOTHING: lambda _: "Il n’y a rien à envoyer.",
    SiCpfRefusal.LIVE_FLOW: lambda facts: (
        f"L’envoi {facts['flow']} attend son accusé. Lisez cet accusé, ou abandonnez cet envoi, avant d’en préparer un "
        "autre."
    ),
    SiCpfRefusal.OLD_SCHEMA: lambda _: (
        "Le schéma 1.1.2 ne sait pas supprimer. Choisissez le schéma 1.1.5 dans les réglages de cette page."
    ),
    SiCpfRefusal.NOT_LIVE: lambda _: (
        "Cet envoi n’attend plus d’accusé, ou son fichier n’a jamais été fait. Rien n’est changé."
    ),
    SiCpfRefusal.CHANGED: lambda _: (
        "Une identité ou un acte a changé depuis le premier téléchargement : le fichier ne serait plus le même. "
        "Abandonnez cet envoi et préparez-en un autre."
    ),
    SiCpfRefusal.INVALID: lambda _: (
        "Le fichier ne suit pas le schéma de la Caisse des Dépôts : il n’est pas donné. Abandonnez cet envoi et "
        "relisez les identités et les codes."
    ),
    SiCpfRefusal.UNREADABLE: lambda _: (
        "Ce fichier n’est pas un accusé de traitement. Prenez sur le portail le fichier « Accusé_de_traitement…xml »."
    ),
    SiCpfRefusal.TOO_LARGE: lambda _: "Cet accusé est trop gros : 64 Mo et 200 000 réponses au plus.",
    SiCpfRefusal.OTHER_FLOW: lambda facts: (
        f"Cet accusé répond à l’envoi {facts['flow']}, qui n’est pas un envoi de cet organisme. Rien n’est changé."
    ),
    SiCpfRefusal.UNKNOWN: lambda facts: (
        f"Cet accusé parle de {count(facts['number'], 'passage inconnu', 'passages inconnus')} de cet envoi : "
        f"{_ids(facts)}. Rien n’est changé."
    ),
    SiCpfRefusal.INCOMPLETE: lambda facts: (
        f"Cet accusé ne répond pas pour {count(facts['number'], 'passage envoyé', 'passages envoyés')} : "
        f"{_ids(facts)}. Rien n’est changé. Attendez l’accusé complet."
    ),
    SiCpfRefusal.TWICE: lambda facts: f"Cet accusé répond deux fois pour {_ids(facts)}. Rien n’est changé.",
    SiCpfRefusal.READ_OTHERWISE: lambda _: (
        "Un autre accusé de cet envoi a déjà été lu, et ses réponses sont différentes. Rien n’est changé."
    ),
    SiCpfRefusal.NOT_ACCEPTED: lambda _: "Seul un passage accepté se supprime.",
}
ADVICE: Mapping[Advice, str] = {
    Advice.IDENTITY: (
        "Relisez avec la personne son nom de naissance, son prénom et sa date de naissance, ou demandez-lui son numéro "
        "de sécurité sociale."
    ),
    Advice.SEVERAL: "Plusieurs personnes répondent : ajoutez le numéro de sécurité sociale ou la commune de naissance.",
    Advice.OTHER: "Relisez l’identité ; si elle est juste, demandez la raison à la Caisse des Dépôts.",
}


def advice_message(message: str) -> str:
    """Say what a rejection asks for."""
    return ADVICE[advice_of(message)]


def clock_message(obtained_on: date, today: date) -> str:
    """Say by which day an award is transmitted."""
    due = transmission_due_on(obtained_on)
    late = urgency_of(obtained_on, today) is Urgency.LATE
    return f"à transmettre avant le {date_fr(due)}{' : dépassé' if late else ''}"


def receipt_message(accepted: int, rejected: int) -> str:
    """Say what a receipt answers."""
    taken = count(accepted, "passage est accepté", "passages sont acceptés")
    return f"{taken}, {count(rejected, 'est rejeté', 'sont rejetés')}."
