"""The French sentences about the pool of jurors."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from portfolio.calendar import PARIS
from portfolio.domain.jury.models.pool import JurorConflict
from portfolio.domain.jury.rules.enums import TiesAnswer
from portfolio.domain.jury.rules.juror_card import ConflictKind, HalfDay, JurorCard, PoolRefusal, Workload
from portfolio.domain.jury.rules.juror_sheet import JurorColumn, JurorFault, JurorLine
from portfolio.domain.jury.rules.passage import SummonedAs
from portfolio.domain.presence.rules import Convened, PresenceMeans, PresenceRefusal
from portfolio.french_text import NBSP, count, date_fr, elide_de, enumeration, hour_fr
from portfolio.wording.jury.labels import SEATS, TIE_KINDS
from portfolio.wording.jury.predicates import lower
from portfolio.wording.jury.schedule import minute_of_day, passage_message

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
REFUSALS: Mapping[StrEnum, Callable[[dict[str, Any]], str]] = {
    PoolRefusal.ALREADY_IN_POOL: lambda facts: (
        f"Cette adresse est déjà celle {elide_de(facts['name'])}, dans la liste des jurés. Ouvrez plutôt sa fiche."
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
    PresenceRefusal.NOT_THE_DAY: lambda facts: (
        f"Les présences se signent le jour du jury, le {date_fr(date.fromisoformat(facts['day']))}."
    ),
    PresenceRefusal.BEFORE_THE_DAY: lambda facts: (
        f"Le jury se réunit le {date_fr(date.fromisoformat(facts['day']))}{NBSP}: "
        "personne n’a encore pu signer la feuille."
    ),
    PresenceRefusal.CANCELLED: lambda _: "Cette session est annulée. Aucune présence ne s’y signe.",
    PresenceRefusal.CLOSED: lambda _: "Le procès-verbal est clos. La présence qu’il dit ne change plus.",
    PresenceRefusal.NOT_CONVENED: lambda _: "Cette personne n’est pas attendue à cette session. Rien n’est signé.",
    PresenceRefusal.SIGNED_ALREADY: lambda facts: f"{facts['name']} a déjà signé. Une présence se signe une fois.",
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
    JurorColumn.DIRECTION: "Dirige l’établissement",
    JurorColumn.DELEGATED_FROM: "Délégation de la direction, premier jour",
    JurorColumn.DELEGATED_UNTIL: "Délégation de la direction, dernier jour",
    JurorColumn.TIES: "Liens avec l’organisme certificateur",
    JurorColumn.PROFESSIONAL: "Exerce le métier certifié",
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
    JurorFault.DIRECTION: f"«{NBSP}{{cell}}{NBSP}» ne dit pas oui ou non, pour la direction de l’établissement.",
    JurorFault.DELEGATION: (
        f"«{NBSP}{{cell}}{NBSP}» n’est pas une délégation. Écrivez son premier jour, et le dernier s’il y en a un."
    ),
    JurorFault.TIES: (
        f"«{NBSP}{{cell}}{NBSP}» ne dit pas quel lien la personne a avec votre organisme. Écrivez aucun, salarié, "
        "mandat ou enseignement, avec son dernier jour s’il est terminé."
    ),
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
    declared = (
        "direction de l’établissement" if card.is_director else "",
        "en activité" if card.in_activity else "",
        "exerce le métier certifié" if card.is_professional else "",
        _delegation(card),
        _ties(card),
    )
    seats = enumeration([SEATS[seat].lower() for seat in card.seats])
    said = (card.quality, card.profession, card.employer, college, *declared, seats, card.phone, address, qualified, km)
    return f"{NBSP}; ".join(filter(None, said))


def _delegation(card: JurorCard) -> str:
    if card.delegated_from is None:
        return ""
    until = f" au {date_fr(card.delegated_until)}" if card.delegated_until else ""
    return f"délégation {'du' if until else 'depuis le'} {date_fr(card.delegated_from)}{until}"


def _ties(card: JurorCard) -> str:
    until = [f" jusqu’au {date_fr(tie.ended_on)}" if tie.ended_on else "" for tie in card.ties]
    told = [f"{lower(TIE_KINDS[tie.kind])} avec l’organisme{end}" for tie, end in zip(card.ties, until, strict=True)]
    return enumeration(told) or ("aucun lien avec l’organisme" if card.ties_answer is TiesAnswer.NONE else "")


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


ROLES = {SummonedAs.JUROR: "membre du jury", SummonedAs.CANDIDATE: "candidat ou candidate"}
_MEANS = {PresenceMeans.OWN_CODE: "par son code", PresenceMeans.PAPER_SHEET: "sur la feuille"}
WRONG_CODE = (
    "Ce code n’est pas celui de cette personne. Vérifiez votre nom, puis les six chiffres de votre page ou de votre "
    "convocation."
)


def wait_message(wait: timedelta) -> str:
    """Say that too many codes were tried for a person, and how long to wait."""
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    return (
        f"Trop de codes faux pour cette personne. Réessayez dans {count(minutes, 'minute')}, "
        "ou signez la feuille en papier."
    )


def spaced_code(code: str) -> str:
    """Cut a code in two, as it is read aloud."""
    return f"{code[: len(code) // 2]}{NBSP}{code[len(code) // 2 :]}"


def clock(moment: datetime) -> str:
    """Say the hour of a moment in Paris."""
    return hour_fr(minute_of_day(moment.astimezone(PARIS)))


def person_label(person: Convened) -> str:
    """Name a person in the list where they choose their name."""
    passage = passage_message(person.start_minute, person.end_minute)
    return f"{person.name}, {ROLES[person.role]}{f', {passage}' if passage else ''}"


def signed_message(signed_at: datetime, means: PresenceMeans, held_on: date) -> str:
    """Say when and by which means a presence was signed."""
    local = signed_at.astimezone(PARIS)
    day = "" if local.date() == held_on else f"le {date_fr(local.date())} "
    if means is PresenceMeans.PAPER_SHEET:
        return f"Signature {_MEANS[means]}, enregistrée {day}à {clock(signed_at)}"
    return f"Signature {_MEANS[means]}, {day}à {clock(signed_at)}"


def signed_count_message(people: Sequence[Convened]) -> str:
    """Say how many of those expected have signed."""
    done = sum(person.signed_at is not None for person in people)
    return f"{count(done, 'présence signée', 'présences signées')} sur {len(people)}"
