"""The French sentences about the pool of jurors."""

from collections.abc import Callable
from typing import Any

from portfolio.domain.jury.models.pool import JurorConflict
from portfolio.domain.jury.rules.juror_card import ConflictKind, HalfDay, PoolRefusal, Workload
from portfolio.french_text import NBSP, date_fr, elide_de
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
