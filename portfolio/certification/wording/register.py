"""What prevents publication, what is wrong in a corrected entry, and how a document stands towards the register."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from portfolio.certification.rules import (
    AdmissibilityAnswer,
    AdmissibilityGround,
    FaultCode,
    MalformedCode,
    MalformedEntry,
    PublicationFault,
    Standing,
    StandingCode,
    StandingGround,
)
from portfolio.certification.wording.names import route_name, term_name
from portfolio.web.filters import day

Facts = Sequence[str]

FAULTS: dict[FaultCode, Callable[[Facts], str]] = {
    FaultCode.NO_CODE: lambda _: "Le code de la fiche manque. Saisissez-le (« RNCP12345 »).",
    FaultCode.CODE_FORM: lambda f: (
        f"« {f[0]} » n’est pas un code de fiche. Écrivez « RNCP » suivi du numéro, sans espace, ou un code propre à "
        "votre organisme, avec au moins une lettre (par exemple CQP-VENTE-2)."
    ),
    FaultCode.NO_TITLE: lambda _: "L’intitulé manque. Saisissez celui qui figurera sur les documents.",
    FaultCode.NO_BLOCK: lambda _: "Cette certification n’a aucun bloc. Ajoutez-en au moins un.",
    FaultCode.BLOCK_NUMBER: lambda f: f"« {f[0]} » n’est pas un numéro de bloc. Numérotez à partir de 1.",
    FaultCode.BLOCK_TWICE: lambda f: f"Deux blocs portent le numéro {f[0]}. Changez l’un des deux.",
    FaultCode.BLOCK_WITHOUT_TITLE: lambda f: f"Le bloc {f[0]} n’a pas de titre. Saisissez-le.",
    FaultCode.BLOCK_WITHOUT_COMPETENCY: lambda f: f"Le bloc {f[0]} n’a aucune compétence. Ajoutez-en au moins une.",
    FaultCode.COMPETENCY_NUMBER: lambda f: f"« {f[0]} » n’est pas un numéro de compétence. Numérotez à partir de 1.",
    FaultCode.COMPETENCY_TWICE: lambda f: f"Deux compétences portent le numéro {f[0]}. Changez l’une des deux.",
    FaultCode.COMPETENCY_WITHOUT_TEXT: lambda f: f"La compétence {f[0]} est vide. Rédigez-la ou retirez-la.",
    FaultCode.REGISTRATION_DATES_UNKNOWN: lambda _: "Une date d’enregistrement manque. Saisissez le début et la fin.",
    FaultCode.REGISTRATION_ENDS_BEFORE_IT_STARTS: lambda _: "Un enregistrement finit avant de commencer. Corrigez ses dates.",
    FaultCode.NO_JURY_RULE: lambda _: "La composition du jury manque. Saisissez sa taille et ses sièges.",
    FaultCode.JURY_SIZE: lambda _: "Un jury compte au moins deux membres. Saisissez sa taille.",
    FaultCode.JURY_SEATS_DIFFER: lambda f: f"Le jury compte {f[0]} membres pour {f[1]} sièges. Donnez un siège à chaque membre.",
    FaultCode.JURY_QUORUM: lambda f: (
        f"Un quorum de {f[0]} ne convient pas à ce jury. Donnez un nombre d’au moins deux membres et d’au plus la taille du "
        "jury, ou laissez vide pour demander tous les membres."
    ),
    FaultCode.JURY_PRESIDENT: lambda _: "Un jury a une présidente ou un président, et un seul. Corrigez les sièges.",
    FaultCode.JURY_OF_ROUTE_EMPTY: lambda f: (
        f"Le jury de la voie « {route_name(f[0])} » n’a pas encore de règle. Saisissez-la, ou reprenez la règle commune."
    ),
    FaultCode.JURY_COUNT: lambda f: (
        f"« {term_name(f[2])} » : {f[0]} ne convient pas à un jury de {f[1]} membres. Corrigez ce nombre."
    ),
    FaultCode.JURY_RANGE: lambda f: (
        f"« {term_name(f[2])} » : le minimum ({f[0]}) dépasse le maximum ({f[1]}). Corrigez l’un des deux."
    ),
    FaultCode.BLOCK_THRESHOLD: lambda f: (
        f"Le bloc {f[0]} est décidé d’après une part : donnez cette part, entre 1 et 100, sur la page « Règles du jury »."
    ),
    FaultCode.JURY_RATIO: lambda f: f"« {f[0]} » n’est pas une proportion. Saisissez un nombre entre 0 et 1 (0,4 pour 40 %).",
}

MALFORMED = {
    MalformedCode.NOT_AN_OBJECT: "un ensemble de champs est attendu",
    MalformedCode.NOT_A_LIST: "une liste est attendue",
    MalformedCode.MISSING: "ce champ manque",
    MalformedCode.UNKNOWN_KEY: "ce champ n’existe pas",
    MalformedCode.NOT_TEXT: "du texte est attendu",
    MalformedCode.NOT_A_NUMBER: "un nombre est attendu",
    MalformedCode.NOT_A_BOOLEAN: "oui ou non est attendu",
    MalformedCode.NOT_A_DATE: "une date est attendue (2022-01-04)",
    MalformedCode.UNKNOWN_VALUE: "cette valeur n’est pas prévue",
}

STANDINGS = {
    StandingCode.IN_FORCE: "Certification enregistrée au RNCP à la date de délivrance.",
    StandingCode.PROTECTED: (
        "Certification dont l’enregistrement a pris fin, délivrée au titre de l’article L6113-9 du Code du travail."
    ),
    StandingCode.NO_CLAIM: "Ce document ne se prévaut pas d’un enregistrement au RNCP.",
}
STANDING_GROUNDS = {
    StandingGround.DELIVERED_WHILE_REGISTERED: "Délivrée le {day}, pendant l’enregistrement valable jusqu’au {until}.",
    StandingGround.ADMISSIBLE_WHILE_REGISTERED: "Recevabilité du {day}, pendant l’enregistrement valable jusqu’au {until}.",
    StandingGround.TRAINING_BEGUN_WHILE_REGISTERED: (
        "Formation commencée le {day}, pendant l’enregistrement valable jusqu’au {until}."
    ),
    StandingGround.NOTHING_WHILE_REGISTERED: (
        "Ni la délivrance, ni la recevabilité, ni le début de la formation ne tombent pendant un enregistrement."
    ),
    StandingGround.NO_REGISTRATION_KNOWN: "Aucun enregistrement n’est connu pour cette certification.",
}
ADMISSIBILITIES = {
    AdmissibilityGround.REGISTERED: "La recevabilité du {day} tombe pendant un enregistrement, valable jusqu’au {until}.",
    AdmissibilityGround.EXPIRED: (
        "L’enregistrement de cette certification a pris fin le {expired} : une recevabilité du {day} est trop tardive "
        "pour ouvrir une candidature."
    ),
    AdmissibilityGround.NOT_YET_REGISTERED: (
        "La recevabilité du {day} est antérieure au premier enregistrement. Vérifiez cette date."
    ),
    AdmissibilityGround.NO_REGISTRATION_KNOWN: (
        "Aucun enregistrement n’est connu pour cette certification : vérifiez avant d’ouvrir la candidature."
    ),
}


def fault_sentence(fault: PublicationFault) -> str:
    """Say what prevents publication and what to do."""
    return FAULTS[fault.what](fault.facts)


def malformed_sentence(error: MalformedEntry) -> str:
    """Say which field of a JSON entry is wrong, and what it should be."""
    return f"{error.path} : {MALFORMED[error.code]}."


def standing_sentence(standing: Standing) -> str:
    """Say how a document stands towards the register, and the fact that decides (R9)."""
    until = day(standing.registration.until) if standing.registration else ""
    return f"{STANDINGS[standing.code]} {STANDING_GROUNDS[standing.ground].format(day=day(standing.day), until=until)}"


def admissibility_sentence(answer: AdmissibilityAnswer) -> str:
    """Say whether a candidacy may be opened at its admissibility date, and which entry to turn to when not (R9)."""
    until = day(answer.registration.until) if answer.registration else ""
    sentence = ADMISSIBILITIES[answer.ground].format(day=day(answer.admissible_on), until=until, expired=day(answer.expired_on))
    return f"{sentence} La fiche {answer.successor} lui succède." if answer.stopped and answer.successor else sentence
