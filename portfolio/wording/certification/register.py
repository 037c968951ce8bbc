"""French sentences about what prevents publication, what is wrong in a corrected entry, and how a document stands
towards the register.
"""

from collections.abc import Callable, Sequence

from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry_schema import MalformedCode, MalformedEntry
from portfolio.domain.certification.rules.juries import HabilitationAnswer, HabilitationGround, Purpose
from portfolio.domain.certification.rules.publication import PublicationError, PublicationErrorCode
from portfolio.domain.certification.rules.registration import (
    AdmissibilityAnswer,
    AdmissibilityGround,
    RegistrationStatus,
    RegistrationStatusCode,
    RegistrationStatusReason,
)
from portfolio.domain.certification.rules.watching import RegisterNoticeKind
from portfolio.french_text import NBSP, count, date_fr, enumeration
from portfolio.wording.certification.names import ROUTE_NAMES, route_name, term_name
from portfolio.wording.certification.reading import doubt_message, iso_day

Facts = Sequence[str]


def _blocks(numbers: Facts) -> str:
    return f"{'les blocs' if len(numbers) > 1 else 'le bloc'}{NBSP}{enumeration(numbers)}"


FAULTS: dict[PublicationErrorCode, Callable[[Facts], str]] = {
    PublicationErrorCode.NO_CODE: lambda _: "Le code de la fiche manque. Saisissez-le (« RNCP12345 »).",
    PublicationErrorCode.CODE_FORM: lambda f: (
        f"« {f[0]} » n’est pas un code de fiche. Écrivez « RNCP » suivi du numéro, sans espace, ou un code "
        "propre à votre organisme, avec au moins une lettre (par exemple CQP-VENTE-2)."
    ),
    PublicationErrorCode.NO_TITLE: lambda _: "L’intitulé manque. Saisissez celui qui figurera sur les documents.",
    PublicationErrorCode.NO_BLOCK: lambda _: "Cette certification n’a aucun bloc. Ajoutez-en au moins un.",
    PublicationErrorCode.OPTIONS_NEEDED: lambda f: (
        f"La certification entière demande {f[0]} options, et les blocs en forment {f[1]}. Corrigez le "
        "nombre sur la page « Règles du jury »."
    ),
    PublicationErrorCode.WHOLE_WITHOUT_SOURCE: lambda _: (
        "Des blocs sont en option, et rien n’indique où est écrite la règle de la certification entière. "
        "Donnez sa source sur la page « Règles du jury »."
    ),
    PublicationErrorCode.BLOCK_NUMBER: lambda f: f"« {f[0]} » n’est pas un numéro de bloc. Numérotez à partir de 1.",
    PublicationErrorCode.BLOCK_TWICE: lambda f: f"Deux blocs portent le numéro {f[0]}. Changez l’un des deux.",
    PublicationErrorCode.BLOCK_WITHOUT_TITLE: lambda f: f"Le bloc {f[0]} n’a pas de titre. Saisissez-le.",
    PublicationErrorCode.BLOCK_WITHOUT_COMPETENCY: lambda f: (
        f"Le bloc {f[0]} n’a aucune compétence. Ajoutez-en au moins une."
    ),
    PublicationErrorCode.COMPETENCY_NUMBER: lambda f: (
        f"« {f[0]} » n’est pas un numéro de compétence. Numérotez à partir de 1."
    ),
    PublicationErrorCode.COMPETENCY_TWICE: lambda f: (
        f"Deux compétences portent le numéro {f[0]}. Changez l’une des deux."
    ),
    PublicationErrorCode.COMPETENCY_WITHOUT_TEXT: lambda f: f"La compétence {f[0]} est vide. Rédigez-la ou retirez-la.",
    PublicationErrorCode.REGISTRATION_DATES_UNKNOWN: lambda _: (
        "Une date d’enregistrement manque. Saisissez le début et la fin."
    ),
    PublicationErrorCode.REGISTRATION_ENDS_BEFORE_IT_STARTS: lambda _: (
        "Un enregistrement finit avant de commencer. Corrigez ses dates."
    ),
    PublicationErrorCode.NO_JURY_RULE: lambda _: "La composition du jury manque. Saisissez sa taille et ses sièges.",
    PublicationErrorCode.JURY_SIZE: lambda _: "Un jury compte au moins deux membres. Saisissez sa taille.",
    PublicationErrorCode.JURY_SEATS_DIFFER: lambda f: (
        f"Le jury compte {count(int(f[0]), 'membre')} pour {count(int(f[1]), 'siège')}. "
        "Donnez un siège à chaque membre."
    ),
    PublicationErrorCode.JURY_QUORUM: lambda f: (
        f"Un quorum de {f[0]} ne convient pas à ce jury. Donnez un nombre d’au moins deux membres et d’au "
        "plus la taille du jury, ou laissez vide pour demander tous les membres."
    ),
    PublicationErrorCode.JURY_PRESIDENT: lambda _: (
        "Un jury a une présidente ou un président, et un seul. Corrigez les sièges."
    ),
    PublicationErrorCode.JURY_OF_ROUTE_EMPTY: lambda f: (
        f"Le jury de la voie « {route_name(f[0])} » n’a pas encore de règle. Saisissez-la, ou reprenez la "
        "règle commune."
    ),
    PublicationErrorCode.VALIDITY_WITHOUT_MONTHS: lambda f: (
        f"La validité des blocs est limitée, sans durée pour {_blocks(f)}. Sans elle, ce qui est acquis "
        f"le serait pour toujours. Écrivez cette durée, en mois, sur la page «{NBSP}Règles du jury{NBSP}»."
    ),
    PublicationErrorCode.VALIDITY_CONTRADICTED: lambda f: (
        f"La validité des blocs est illimitée, et une durée est écrite pour {_blocks(f)}. Corrigez l’une ou l’autre."
    ),
    PublicationErrorCode.JURY_COUNT: lambda f: (
        f"« {term_name(f[2])} » : {f[0]} ne convient pas à un jury de {count(int(f[1]), 'membre')}. Corrigez ce nombre."
    ),
    PublicationErrorCode.JURY_RANGE: lambda f: (
        f"« {term_name(f[2])} » : le minimum ({f[0]}) dépasse le maximum ({f[1]}). Corrigez l’un des deux."
    ),
    PublicationErrorCode.BLOCK_THRESHOLD: lambda f: (
        f"Le bloc {f[0]} est décidé d’après une part : donnez cette part, entre 1 et 100, sur la page "
        "« Règles du jury »."
    ),
    PublicationErrorCode.DOUBT_UNANSWERED: lambda f: (
        "Vérifiez ce point, puis cochez-le : il change des droits. "
        + doubt_message(Doubt("", DoubtCode(f[0]), tuple(f[1:])))
    ),
    PublicationErrorCode.OTHER_CERTIFIER: lambda f: (
        f"La fiche nomme {enumeration(f[1].splitlines())}, et non {f[0]}. Dites à quel titre votre organisme "
        "délivre cette certification (délégation, habilitation, fusion), et par quel document. Si c’est une "
        "question de nom, donnez son SIRET dans les réglages de l’organisme."
    ),
    PublicationErrorCode.JURY_RATIO: lambda f: (
        f"« {f[0]} » n’est pas une proportion. Saisissez un nombre entre 0 et 1 (0,4 pour 40 %)."
    ),
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
    RegistrationStatusCode.IN_FORCE: "Certification enregistrée au répertoire à la date de délivrance.",
    RegistrationStatusCode.PROTECTED: (
        "Certification dont l’enregistrement a pris fin, délivrée au titre de l’article L6113-9 du Code du travail."
    ),
    RegistrationStatusCode.NO_CLAIM: "Ce document ne se prévaut pas d’un enregistrement au répertoire.",
}
REGISTRATION_STATUS_REASONS = {
    RegistrationStatusReason.DELIVERED_WHILE_REGISTERED: (
        "Délivrée le {day}, pendant l’enregistrement valable jusqu’au {until}."
    ),
    RegistrationStatusReason.ADMISSIBLE_WHILE_REGISTERED: (
        "Recevabilité du {day}, pendant l’enregistrement valable jusqu’au {until}."
    ),
    RegistrationStatusReason.TRAINING_BEGUN_WHILE_REGISTERED: (
        "Formation commencée le {day}, pendant l’enregistrement valable jusqu’au {until}."
    ),
    RegistrationStatusReason.NOTHING_WHILE_REGISTERED: (
        "Ni la délivrance, ni la recevabilité, ni le début de la formation ne tombent pendant un enregistrement."
    ),
    RegistrationStatusReason.NO_REGISTRATION_KNOWN: ("Aucun enregistrement n’est connu pour cette certification."),
}
ADMISSIBILITIES = {
    AdmissibilityGround.REGISTERED: (
        "La recevabilité du {day} tombe pendant un enregistrement, valable jusqu’au {until}."
    ),
    AdmissibilityGround.EXPIRED: (
        "L’enregistrement de cette certification a pris fin le {expired} : une recevabilité du {day} est "
        "trop tardive pour ouvrir une candidature."
    ),
    AdmissibilityGround.NOT_YET_REGISTERED: (
        "La recevabilité du {day} est antérieure au premier enregistrement. Vérifiez cette date."
    ),
    AdmissibilityGround.NO_REGISTRATION_KNOWN: (
        "Aucun enregistrement n’est connu pour cette certification : vérifiez avant d’ouvrir la candidature."
    ),
}


def publication_error_message(fault: PublicationError) -> str:
    """Say what prevents publication and what to do."""
    return FAULTS[fault.what](fault.facts)


def malformed_message(error: MalformedEntry) -> str:
    """Say which field of a JSON entry is wrong, and what it should be."""
    return f"{error.path} : {MALFORMED[error.code]}."


def registration_status_message(status: RegistrationStatus) -> str:
    """Say how a document stands towards the register, and the fact that decides (R9)."""
    until = date_fr(status.registration.until) if status.registration else ""
    reason = REGISTRATION_STATUS_REASONS[status.ground].format(day=date_fr(status.day), until=until)
    return f"{STANDINGS[status.code]} {reason}"


def admissibility_message(answer: AdmissibilityAnswer) -> str:
    """Say whether a candidacy may be opened at its admissibility date, and which entry to turn to when not (R9)."""
    until = date_fr(answer.registration.until) if answer.registration else ""
    sentence = ADMISSIBILITIES[answer.ground].format(
        day=date_fr(answer.admissible_on), until=until, expired=date_fr(answer.expired_on)
    )
    return f"{sentence} La fiche {answer.successor} lui succède." if answer.stopped and answer.successor else sentence


STATE_NOW = {"inactive": "inactive", "removed": "supprimée"}
ROUTES_BY_CODE: dict[str, str] = {route.value: name for route, name in ROUTE_NAMES.items()}

NOTICES: dict[RegisterNoticeKind, Callable[[Facts], str]] = {
    RegisterNoticeKind.CHANGED: lambda f: (
        f"Le contenu de la fiche a changé au répertoire : un brouillon de la version {f[0]} est créé. "
        "Relisez-le, puis publiez-le ou abandonnez-le."
    ),
    RegisterNoticeKind.ENDS_SOON: lambda f: (
        f"L’enregistrement prend fin le {iso_day(f[0])}, dans moins de {f[1]} mois. "
        "Préparez la demande de renouvellement, ou nommez la fiche suivante."
    ),
    RegisterNoticeKind.SUCCESSOR: lambda f: (
        f"Le répertoire nomme la fiche {f[0]} comme suite de celle-ci. Confirmez-la sur la page de la version."
    ),
    RegisterNoticeKind.ROUTE_CLOSED: lambda f: (
        f"La voie « {ROUTES_BY_CODE.get(f[0], f[0])} » est maintenant fermée au répertoire. "
        "Les candidatures ouvertes par cette voie ne changent pas."
    ),
    RegisterNoticeKind.HABILITATION_LOST: lambda f: (
        f"L’habilitation du partenaire {f[0]} est {STATE_NOW.get(f[1], f[1])} au répertoire. "
        "Vérifiez les candidatures et les sessions prévues avec ce partenaire."
    ),
}
NOTICE_TITLES = {
    RegisterNoticeKind.CHANGED: "Fiche modifiée",
    RegisterNoticeKind.ENDS_SOON: "Fin d’enregistrement proche",
    RegisterNoticeKind.SUCCESSOR: "Fiche suivante publiée",
    RegisterNoticeKind.ROUTE_CLOSED: "Voie d’accès fermée",
    RegisterNoticeKind.HABILITATION_LOST: "Habilitation perdue",
}

PURPOSES = {Purpose.TRAIN: "former", Purpose.ORGANISE: "organiser l’évaluation"}
OF_PURPOSES = {"former": "de former", "organiser l’évaluation": "d’organiser l’évaluation"}
GROUNDS: dict[HabilitationGround, Callable[[str, str, str], str]] = {
    HabilitationGround.HELD: lambda what, since, until: (
        f"l’habilitation à {what} est "
        f"active{f' depuis le {since}' if since else ''}{f' jusqu’au {until}' if until else ''}."
    ),
    HabilitationGround.OTHER_PURPOSE: lambda what, _since, _until: (
        f"l’habilitation de ce partenaire ne permet pas {OF_PURPOSES[what]}."
    ),
    HabilitationGround.NOT_YET: lambda _what, since, _until: f"l’habilitation ne commence que le {since}.",
    HabilitationGround.ENDED: lambda _what, _since, until: f"l’habilitation a pris fin le {until}.",
    HabilitationGround.INACTIVE: lambda _what, _since, _until: (
        "le répertoire donne cette habilitation comme inactive ou supprimée, sans date."
    ),
    HabilitationGround.NOT_PARTNER: lambda _what, _since, _until: (
        "cet organisme n’est pas partenaire de cette certification."
    ),
    HabilitationGround.UNKNOWN: lambda what, _since, _until: f"rien n’indique si ce partenaire peut {what}.",
}


OLD_EXPORT = (
    "Cet export a plus de 30 jours, d’après son nom : le répertoire a pu changer depuis. Téléchargez le dernier."
)


def notice_sentence(kind: RegisterNoticeKind, facts: Facts) -> str:
    """Say one fact about an entry, and what to do."""
    return NOTICES[kind]((*facts, "", ""))


def habilitation_sentence(answer: HabilitationAnswer) -> str:
    """Say whether a partner may do something on a day, and the ground: « Le 4 mai 2026, l’habilitation a pris
    fin le… ».
    """
    since, until = (date_fr(answer.since) if answer.since else "", date_fr(answer.until) if answer.until else "")
    return f"Le {date_fr(answer.on)}, {GROUNDS[answer.ground](PURPOSES[answer.purpose], since, until)}"
