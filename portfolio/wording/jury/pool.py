"""The French sentences about the pool of jurors."""

from collections.abc import Callable
from typing import Any

from portfolio.domain.jury.models.pool import JurorConflict
from portfolio.domain.jury.rules.juror_card import ConflictKind, HalfDay, JurorCard, PoolRefusal, Workload
from portfolio.domain.jury.rules.juror_sheet import JurorColumn, JurorFault, JurorLine
from portfolio.french_text import NBSP, count, date_fr, elide_de
from portfolio.wording.jury.predicates import lower

HALVES = {HalfDay.MORNING: "Le matin", HalfDay.AFTERNOON: "L’après-midi"}
AVAILABILITIES = {"free": "Disponible", "busy": "Pas disponible"}
SHORT_COLLEGES = {"employers": "employeurs", "employees": "salariés", "none": ""}
CONFLICTS = {
    ConflictKind.COLLABORATOR: "Travaille ou a travaillé avec cette personne",
    ConflictKind.ADVISER: "Accompagne, forme ou encadre cette personne",
    ConflictKind.INSTITUTION: "Même employeur ou même organisme",
    ConflictKind.PERSONAL: "Lien familial ou personnel",
    ConflictKind.OTHER: "Autre lien",
}
REFUSALS: dict[PoolRefusal, Callable[[dict[str, Any]], str]] = {
    PoolRefusal.ALREADY_IN_POOL: lambda facts: (
        f"Cette adresse est déjà celle de {facts['name']}, dans la liste des jurés. Ouvrez plutôt sa fiche."
    ),
    PoolRefusal.UNKNOWN_JUROR: lambda _facts: (
        "Cette personne n’est plus dans la liste des jurés. Choisissez quelqu’un d’autre."
    ),
    PoolRefusal.UNKNOWN_CANDIDATE: lambda _facts: (
        "Ce candidat n’est pas un candidat de votre organisme. Choisissez-en un autre."
    ),
    PoolRefusal.REMOVED: lambda facts: (
        f"{facts['name']} n’est plus dans la liste des jurés. Remettez d’abord sa fiche dans la liste."
    ),
    PoolRefusal.PERIOD_REVERSED: lambda _facts: "Une période se termine avant d’avoir commencé. Corrigez ses dates.",
    PoolRefusal.TIES_CONTRADICTED: lambda _facts: (
        "La réponse sur les liens et les liens décrits ne vont pas ensemble. Corrigez l’une ou les autres."
    ),
    PoolRefusal.LINK_ENDED: lambda _facts: "Ce lien ne sert plus. Demandez-en un autre à l’organisme.",
    PoolRefusal.NO_FORMER_JURY: lambda _facts: (
        "Aucun jury précédent n’a les mêmes sièges. Nommez les membres un par un."
    ),
    PoolRefusal.TWICE: lambda facts: f"{facts['name']} est à deux sièges. Une personne siège à un seul.",
    PoolRefusal.SEAT_TAKEN: lambda facts: (
        (f"Entre-temps, quelqu’un d’autre a nommé {facts['name']} à ce siège. Relisez la composition de la session.")
        if facts["name"]
        else "Entre-temps, ce siège a été libéré. Relisez la composition de la session."
    ),
}


COLUMNS = {
    JurorColumn.NAME: "Nom",
    JurorColumn.FIRST_NAME: "Prénom",
    JurorColumn.EMAIL: "Courriel",
    JurorColumn.PHONE: "Téléphone",
    JurorColumn.QUALITY: "Qualité ou fonction",
    JurorColumn.PROFESSION: "Métier",
    JurorColumn.EMPLOYER: "Employeur",
    JurorColumn.COLLEGE: "Collège",
    JurorColumn.GENDER: "Civilité",
    JurorColumn.IN_ACTIVITY: "En activité",
    JurorColumn.SEATS: "Sièges possibles",
    JurorColumn.QUALIFIED: "Certifications, par leur code",
    JurorColumn.DISTANCE: "Distance en kilomètres",
    JurorColumn.ADDRESS: "Adresse postale",
    JurorColumn.POSTCODE: "Code postal",
    JurorColumn.TOWN: "Ville",
}
_FAULTS = {
    JurorFault.NO_EMAIL: "l’adresse électronique manque, ou n’est pas complète.",
    JurorFault.NO_NAME: "le nom manque.",
    JurorFault.TOO_LONG: "une cellule est trop longue.",
    JurorFault.TWICE: "cette adresse est sur plusieurs lignes.",
    JurorFault.COLLEGE: f"«{NBSP}{{cell}}{NBSP}» n’est pas un collège. Écrivez employeurs, salariés, ou rien.",
    JurorFault.SEAT: f"«{NBSP}{{cell}}{NBSP}» n’est pas un siège d’un jury.",
    JurorFault.YES_OR_NO: f"«{NBSP}{{cell}}{NBSP}» ne dit pas oui ou non.",
    JurorFault.DISTANCE: f"«{NBSP}{{cell}}{NBSP}» n’est pas un nombre entier de kilomètres.",
    JurorFault.CODE: f"«{NBSP}{{cell}}{NBSP}» n’est pas le code d’une de vos certifications.",
}


def wrong_juror_message(line: JurorLine) -> str:
    """Say which line cannot be read, and why."""
    assert line.fault is not None
    named = line.card.name or line.card.email
    return f"Ligne {line.number}, «{NBSP}{named}{NBSP}»{NBSP}: {_FAULTS[line.fault].format(cell=line.cell)}"


def juror_details(card: JurorCard) -> str:
    """Say what a card of a list holds besides the name and the address."""
    college = SHORT_COLLEGES[card.college] and f"collège des {SHORT_COLLEGES[card.college]}"
    km = "" if card.distance_km is None else f"{card.distance_km}{NBSP}km"
    address = card.postal_address.replace("\n", ", ")
    qualified = count(len(card.qualified_for), "certification") if card.qualified_for else ""
    said = (card.quality, card.profession, card.employer, college, card.phone, address, qualified, km)
    return f"{NBSP}; ".join(filter(None, said))


def added_message(number: int) -> str:
    """Say how many people joined the pool."""
    return count(number, "personne est dans la liste des jurés.", "personnes sont dans la liste des jurés.")


def conflict_message(conflict: JurorConflict | None, candidate: str) -> str:
    """Say to a member why they do not judge a candidate; without a recorded conflict, they accompanied or
    judged them.
    """
    if conflict is None:
        return f"Vous avez accompagné {candidate}, ou siégé à un jury dont la décision a été annulée pour partialité."
    if conflict.is_pinned:
        return (
            f"L’organisme certificateur a noté un lien entre vous et {candidate} : {lower(CONFLICTS[conflict.kind])}."
        )
    return (
        f"Votre fiche de juré nomme le même employeur que le parcours {elide_de(candidate)} : {conflict.organisation}."
    )


def workload_message(load: Workload) -> str:
    """Say in how many juries a person sat, and in how many they will."""
    past = "aucun jury" if not load.past else "1 jury" if load.past == 1 else f"{load.past} jurys"
    if load.last_on is not None:
        past += f", le dernier le {date_fr(load.last_on)}"
    return past + (f"{NBSP}; {load.coming} à venir" if load.coming else "")
