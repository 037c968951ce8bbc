"""French sentences about pieces of evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from portfolio.domain.dossier.rules.citation import (
    CitationError,
    CitationErrorCode,
    CitationUnit,
    moment_message,
    stored_citation_error,
    stored_form,
)
from portfolio.domain.dossier.rules.description import (
    Anonymity,
    Authorship,
    Confidentiality,
    EvidenceKind,
    EvidenceRefusal,
    Hint,
    MissingFact,
    PeriodError,
    Question,
)
from portfolio.domain.dossier.rules.quota import QuotaRefusal, UploadRefusal
from portfolio.domain.dossier.rules.rendition import DownloadMode
from portfolio.files.file_types.types import FileRejected, FileType, is_played
from portfolio.files.filenames import display_filename
from portfolio.files.storage.store import StoreFull, StoreUnavailable, TooLarge
from portfolio.french_text import NBSP, enumeration, shortened, size
from portfolio.wording.files import STORE_DOWN, STORE_FULL, refusal_message

REFUSALS: Mapping[EvidenceRefusal | UploadRefusal | QuotaRefusal, Callable[[dict[str, Any]], str]] = {
    EvidenceRefusal.COLLECTED: lambda _: (
        "La personne qui a écrit cette pièce l’a signée : son fichier et sa description ne changent plus. "
        "Vous pouvez choisir ce qu’elle montre, ou la retirer de votre dossier."
    ),
    EvidenceRefusal.SUSPENDED: lambda facts: (
        f"Cette pièce montre une compétence du bloc {facts.get('block', '')}, suspendu. Elle reste telle "
        "qu’elle est jusqu’à la décision de l’organisme certificateur. Pour un autre bloc, ajoutez une autre pièce."
    ),
    EvidenceRefusal.ERASED: lambda _: (
        "Cette pièce a été retirée il y a plus de trente jours : son fichier est effacé. Ajoutez le fichier de nouveau."
    ),
    EvidenceRefusal.TOO_MANY_MASKS: lambda _: (
        "Ce fichier a déjà deux cents caches. Retirez-en, ou dessinez des caches plus grands."
    ),
    EvidenceRefusal.MASKS_CHANGED: lambda _: (
        "Les caches ont changé pendant la préparation de la copie. Revenez à la page du masquage, puis "
        "appliquez de nouveau."
    ),
    UploadRefusal.AT_ONCE: lambda _: (
        "D’autres fichiers que vous envoyez sont encore en cours de vérification. "
        "Attendez qu’ils soient reçus, puis renvoyez celui-ci."
    ),
    UploadRefusal.TAKEN: lambda _: (
        "Ce fichier vient d’être ajouté par un autre envoi du même formulaire. Regardez vos preuves : il y est déjà."
    ),
    QuotaRefusal.PERSON: lambda facts: (
        f"Vos preuves occupent presque toute la place prévue : il vous reste {size(facts['room'])}. "
        "Choisissez un fichier plus léger, ou réduisez celui-ci."
    ),
    QuotaRefusal.BODY: lambda facts: (
        "La place prévue pour les dossiers de votre organisme certificateur est presque épuisée : "
        f"il reste {size(facts['room'])}. "
        "Prévenez votre organisme certificateur, et renvoyez ce fichier plus tard."
    ),
    UploadRefusal.TOO_MANY: lambda _: (
        "Trop d’envois sont restés inachevés dans ce dossier. Terminez ou oubliez ceux que montre la page "
        "« Ajouter une preuve »."
    ),
}

KINDS: Mapping[EvidenceKind, str] = {
    EvidenceKind.EMPLOYER_ATTESTATION: "Attestation d’un employeur",
    EvidenceKind.THIRD_PARTY_ATTESTATION: "Attestation d’un client, d’un partenaire ou d’un collègue",
    EvidenceKind.DELIVERABLE: "Livrable, production",
    EvidenceKind.REPORT: "Rapport, bilan, étude",
    EvidenceKind.PLAN: "Plan, planning, cahier des charges, note de cadrage",
    EvidenceKind.BUDGET: "Budget, devis chiffré",
    EvidenceKind.DASHBOARD: "Tableau de bord, statistiques",
    EvidenceKind.SCREENSHOT: "Capture d’écran",
    EvidenceKind.PHOTO: "Photo",
    EvidenceKind.RECORDING: "Vidéo ou enregistrement sonore",
    EvidenceKind.EMAIL: "Courriel, échange de messages",
    EvidenceKind.MEETING_MINUTES: "Compte rendu de réunion",
    EvidenceKind.CONTRACT: "Contrat, devis, bon de commande",
    EvidenceKind.PUBLISHED_CONTENT: "Contenu publié",
    EvidenceKind.WEB_ADDRESS: "Page web, avec votre capture datée",
    EvidenceKind.TRAINING_CERTIFICATE: "Attestation ou certificat de formation",
    EvidenceKind.PRIOR_CERTIFICATE: "Certificat de compétences déjà obtenu",
}

AUTHORSHIP: Mapping[Authorship, str] = {
    Authorship.MINE: "C’est mon travail",
    Authorship.SHARED: "Un travail d’équipe, auquel j’ai participé",
    Authorship.OTHER: "Le travail de quelqu’un d’autre",
}
AUTHORSHIP_HINTS: Mapping[str, str] = {
    Authorship.SHARED: "Décrivez votre part plus bas : le jury veut voir ce que vous avez fait vous-même.",
    Authorship.OTHER: ("Par exemple une attestation écrite pour vous, ou un document que vous avez fait appliquer."),
}

CONFIDENTIALITY: Mapping[Confidentiality, str] = {
    Confidentiality.OPEN: "Rien de confidentiel",
    Confidentiality.RESTRICTED: "Confidentiel : à ne pas montrer à d’autres personnes",
}
CONFIDENTIALITY_HINTS: Mapping[str, str] = {
    Confidentiality.RESTRICTED: (
        "Confidentielle ou non, la personne qui vous accompagne lit cette pièce ici. Après le dépôt, les membres "
        "de votre jury la lisent aussi. Toutes ces personnes sont tenues au secret. "
        "Demandez tout de même l’accord de votre employeur."
    )
}

ANONYMITY: Mapping[Anonymity, str] = {
    Anonymity.NOT_NEEDED: "La pièce ne cite aucune autre personne, ou seulement des noms déjà publics",
    Anonymity.DONE: "J’ai masqué les noms et coordonnées des autres personnes",
    Anonymity.NOT_YET: "Il reste des noms à masquer",
}
ANONYMITY_HINTS: Mapping[str, str] = {
    Anonymity.NOT_YET: "Vous les masquerez ensuite sur la page de la pièce. Il le faut avant le dépôt."
}

# Steps of a description, by number.
STEP_TITLES: Mapping[int, str] = {
    1: "Qu’est-ce que cette pièce ?",
    2: "Quand et où ?",
    3: "Quel a été votre rôle ?",
    4: "Qui peut la voir ?",
}
STEP_LEADS: Mapping[int, str] = {
    1: "Quatre étapes courtes. Passez celles que vous voulez : vous y reviendrez plus tard.",
    2: "Une date approchée convient.",
    3: "Deux ou trois phrases suffisent. Dites « je ».",
    4: "Ces deux réponses sont demandées avant le dépôt.",
}
STEP_HINTS: Mapping[str, Mapping[str, str]] = {
    "authorship": AUTHORSHIP_HINTS,
    "confidentiality": CONFIDENTIALITY_HINTS,
    "anonymity": ANONYMITY_HINTS,
}
# What is proposed, and from what: the person still has the last word.
PROPOSED: Mapping[str, str] = {
    "kind": "Proposé d’après le type du fichier. Corrigez si besoin.",
    "dated_from": "Proposé d’après la photo : le jour que l’appareil a noté. Corrigez si besoin.",
    "experience_id": "Proposée : c’est la seule que vous avez décrite.",
}

# What is asked, as the object of « il manque »; and the sentence that invites to say it.
MISSING: Mapping[MissingFact, str] = {
    MissingFact.TITLE: "un titre",
    MissingFact.KIND: "ce qu’est la pièce",
    MissingFact.DATE: "la date",
    MissingFact.EXPERIENCE: "l’expérience concernée",
    MissingFact.OWN_ROLE: "votre rôle",
    MissingFact.AUTHORSHIP: "qui a fait ce travail",
    MissingFact.OWN_PART: "votre part dans ce travail d’équipe",
    MissingFact.CONFIDENTIALITY: "si la pièce est confidentielle",
    MissingFact.ANONYMITY: "si la pièce cite d’autres personnes",
    MissingFact.ANONYMITY_TO_DO: "les noms à masquer",
    MissingFact.WEB_ADDRESS: "l’adresse de la page",
    MissingFact.CAPTURED_ON: "le jour de votre capture",
}

PERIODS: Mapping[PeriodError, str] = {
    PeriodError.BACKWARDS: "La fin est avant le début. Vérifiez les deux dates.",
    PeriodError.END_ALONE: "Indiquez aussi la date de début. Pour un seul jour, la date de début suffit.",
    PeriodError.FUTURE: "Cette date est à venir. Indiquez une date passée ou celle d’aujourd’hui.",
}

QUESTIONS: Mapping[Question, str] = {
    Question.VALID: "Cette pièce montre-t-elle bien la compétence ?",
    Question.AUTHENTIC: "Est-ce bien votre travail ?",
    Question.CURRENT: "Cette pièce est-elle assez récente ?",
    Question.SUFFICIENT: "Cette pièce suffit-elle à convaincre ?",
}

HINTS: Mapping[Hint, str] = {
    Hint.NO_CLAIM: (
        "Choisissez la compétence que montre cette pièce : sans cela, le jury ne saura pas quoi y chercher."
    ),
    Hint.NO_COMMENT: (
        "Pour une compétence au moins, vous n’avez pas encore expliqué ce que montre la pièce. Une phrase suffit."
    ),
    Hint.EVERYWHERE: (
        "Vous l’utilisez pour beaucoup de compétences. Un jury préfère des preuves différentes : gardez "
        "cette pièce pour ce qu’elle montre le mieux."
    ),
    Hint.NOT_ALONE: (
        "Ce document est le travail d’une autre personne. Ajoutez par exemple une attestation qui décrit votre rôle."
    ),
    Hint.SAYS_WE: "Vous écrivez « nous ». Le jury cherche votre part : essayez « je ».",
    Hint.OLD: (
        "Cette pièce a plus de cinq ans. Elle reste utile si vous expliquez ce que vous en faites encore, "
        "ou si une pièce plus récente la complète."
    ),
    Hint.UNDATED: "Sans date, le jury ne sait pas si elle est récente. Une date approchée convient.",
    Hint.NO_PASSAGE: "Cette pièce est longue. Indiquez les pages à lire : le jury les ouvrira tout de suite.",
    Hint.SILENT: (
        "Une image a besoin d’une explication. Écrivez en deux phrases ce qu’il faut y voir et ce que vous y avez fait."
    ),
}

# The rule of each hint: what is looked at, and who asks for it.
HINT_RULES: Mapping[Hint, str] = {
    Hint.NO_CLAIM: "Ce conseil vient quand la pièce n’est reliée à aucune compétence.",
    Hint.NO_COMMENT: "Ce conseil vient quand une des compétences reliées n’a pas d’explication.",
    Hint.EVERYWHERE: (
        "Ce conseil vient quand une pièce sert à plus de quatre compétences : un usage, pas une règle de droit."
    ),
    Hint.NOT_ALONE: (
        "Ce conseil vient quand vous dites que le travail est celui d’une autre personne, sauf pour une attestation."
    ),
    Hint.SAYS_WE: "Ce conseil vient quand votre texte dit « nous » ou « on » sans jamais dire « je ».",
    Hint.OLD: (
        "Ce conseil vient quand la date de la pièce a plus de cinq ans. C’est un usage, pas une règle de droit."
    ),
    Hint.UNDATED: "Ce conseil vient quand la pièce n’a pas de date.",
    Hint.NO_PASSAGE: "Ce conseil vient quand la pièce a plus de quatre pages et qu’aucune n’est indiquée.",
    Hint.SILENT: ("Ce conseil vient pour une photo, une capture ou un tableau de bord sans texte sur votre rôle."),
}

PASSAGE_LABELS: Mapping[CitationUnit, str] = {
    CitationUnit.PAGES: "À quelles pages ?",
    CitationUnit.MINUTES: "À quelles minutes ?",
    CitationUnit.FREE: "À quel endroit ?",
}
PASSAGE_HELP: Mapping[CitationUnit, str] = {
    CitationUnit.PAGES: "Par exemple 4-5, 9. Rien à écrire si toute la pièce est à lire.",
    CitationUnit.MINUTES: "Par exemple 12:30-14:00. Rien à écrire si tout est à écouter ou à regarder.",
    CitationUnit.FREE: ("Par exemple « page 3 » ou « onglet Budget ». Rien à écrire si toute la pièce est à regarder."),
}


def citation_error_message(fault: CitationError, measure: CitationUnit) -> str:
    """Say what is wrong with a passage and how to write it."""
    if fault.code is CitationErrorCode.UNREADABLE:
        example = "12:30-14:00" if measure is CitationUnit.MINUTES else "4-5, 9"
        what = f"« {_short(fault.where)} » n’est pas compris" if fault.where else "Ce passage n’est pas compris"
        return f"{what}. Écrivez par exemple {example}."
    if fault.code is CitationErrorCode.BACKWARDS:
        return f"« {_short(fault.where)} » finit avant de commencer. Écrivez le plus petit nombre d’abord."
    if fault.code is CitationErrorCode.ZERO:
        return "Les pages se comptent à partir de 1."
    if fault.code is CitationErrorCode.BEYOND:
        return _beyond(fault, measure)
    if fault.code is CitationErrorCode.OTHER_MEASURE:
        return f"« {_short(fault.where)} » était le passage d’un autre fichier. {_RETELL[measure]}"
    if fault.code is CitationErrorCode.NOT_PLAYED:
        return (
            f"«{NBSP}{_short(fault.where)}{NBSP}» est un moment, et cette pièce n’est ni un son ni une "
            "vidéo. Indiquez une page, ou rien."
        )
    if fault.code is CitationErrorCode.NOT_IN_SHEETS:
        return (
            f"«{NBSP}{_short(fault.where)}{NBSP}» n’est pas dans ce classeur, tel qu’il se lit ici. Il va "
            f"jusqu’à{NBSP}: {fault.last}."
        )
    if fault.code is CitationErrorCode.NOT_COUNTED_YET:
        return (
            f"«{NBSP}{_short(fault.where)}{NBSP}» n’est pas encore vérifié{NBSP}: le fichier se "
            "prépare. Revenez bientôt, ou effacez ce passage."
        )
    return "Ce passage est trop long. Gardez les pages ou les minutes les plus parlantes."


_RETELL: Mapping[CitationUnit, str] = {
    CitationUnit.PAGES: "Indiquez les pages du nouveau fichier.",
    CitationUnit.MINUTES: "Indiquez les minutes du nouveau fichier.",
    CitationUnit.FREE: "Indiquez où regarder dans le nouveau fichier.",
}


def _beyond(fault: CitationError, measure: CitationUnit) -> str:
    if measure is CitationUnit.MINUTES:
        length = moment_message(fault.pages or 0)
        place = moment_message(int(fault.where)) if fault.where.isdecimal() else f"« {_short(fault.where)} »"
        return f"Cet enregistrement dure {length} : il s’arrête avant {place}."
    pages = "une seule page" if fault.pages == 1 else f"{fault.pages} pages"
    return f"Cette pièce a {pages} : la page {_short(fault.where)} n’existe pas."


@lru_cache(maxsize=4096)
def citation_message(passage: str, measure: CitationUnit) -> str:
    """Say where to look: « pages 4 à 5 et 9 », « de 12:30 à 14:00 »; « toute la pièce » when nothing is said."""
    if not passage:
        return "toute la pièce"
    passage = stored_form(passage, measure)
    if measure is CitationUnit.FREE or stored_citation_error(passage, measure) is not None:
        return passage
    items = [item.split("-") for item in passage.split(", ")]
    if measure is CitationUnit.MINUTES:
        return enumeration(f"de {item[0]} à {item[1]}" if len(item) > 1 else f"à {item[0]}" for item in items)
    several = len(items) > 1 or len(items[0]) > 1
    return ("pages" if several else "page") + NBSP + enumeration(" à ".join(item) for item in items)


# What the owner of a file is told of what the others receive of it.
_SHARED: Mapping[DownloadMode, str] = {
    DownloadMode.SOON: ("Pour les autres personnes, le fichier à télécharger se prépare. L’original reste à vous."),
    DownloadMode.READ_FIRST: (
        "Les autres personnes lisent ses pages ici. Elles pourront recevoir le fichier quand toutes ses "
        "pages seront préparées."
    ),
}
_PLAYED = (
    "Les autres personnes l’écoutent ou le regardent ici, et en reçoivent une copie sans données de "
    "localisation. L’original reste à vous."
)
_DRAWN = (
    "Les autres personnes en lisent ici les pages et en reçoivent un PDF, sans données de localisation. "
    "L’original reste à vous."
)
_WITHHELD = "Ce fichier n’a pas pu être vérifié en entier : les autres personnes "
_READ_HERE = "lisent ses pages ici, mais ne reçoivent pas le fichier."
_NOT_AT_ALL = "ne le reçoivent pas. Pour leur donner ce fichier, enregistrez-le en PDF, puis remplacez-le ici."


def shared_message(offer: DownloadMode, mime: str, *, read_here: bool) -> str:
    """Say to its owner what the others receive of a file; `read_here`: its pages are shown.

    Nothing of a PDF, which they receive.
    """
    if offer is DownloadMode.COPY and mime != FileType.PDF.mime:
        return _PLAYED if is_played(mime) else _DRAWN
    if offer is DownloadMode.WITHHELD:
        return _WITHHELD + (_READ_HERE if read_here else _NOT_AT_ALL)
    return _SHARED.get(offer, "")


def hidden_text_messages(pages: Sequence[int]) -> tuple[str, str]:
    """Say to its owner that pages of a file hide text, who sees it, and what to do; `pages` are the numbers
    of those pages.
    """
    several = len(pages) > 1
    shown = [str(page) for page in pages[:MOST_PAGES_NAMED]] + (["d’autres"] if len(pages) > MOST_PAGES_NAMED else [])
    where = f"{'aux pages' if several else 'à la page'}{NBSP}{enumeration(shown)}"
    return (
        f"Ce fichier contient du texte que l’on ne voit pas, {where}. Il peut être sous un rectangle noir, en blanc "
        "sur blanc, dans un calque masqué ou hors de la page. Le logiciel qui a fait le fichier a pu l’y "
        "mettre sans que vous le sachiez. Les autres personnes lisent les pages telles que vous "
        "les voyez, sans ce texte. Elles ne reçoivent pas le fichier, car il contient encore ce texte.",
        "Pour leur donner le fichier, faites une photo ou une capture de ces pages. Enregistrez-les en PDF, "
        "puis remplacez le fichier.",
    )


def missing_message(missing: Iterable[MissingFact]) -> str:
    """Say what a piece does not say yet: « Il reste à indiquer la date, votre rôle et si la pièce est
    confidentielle. »
    """
    facts = list(missing)
    if len(facts) >= MANY_MISSING:
        return "Indiquez ce qu’est cette pièce, d’où elle vient et quel a été votre rôle. Quelques minutes suffisent."
    labels = [MISSING[fact] for fact in facts if fact is not MissingFact.ANONYMITY_TO_DO]
    sentences = [f"Il reste à indiquer {enumeration(labels)}."] if labels else []
    if MissingFact.ANONYMITY_TO_DO in facts:
        sentences.append("Il reste des noms à masquer.")
    return " ".join(sentences)


NAMES_TO_MASK = "noms à masquer"


def todo_of(missing: Sequence[MissingFact], competencies: Sequence[str]) -> str:
    """Say in two or three words what is left to do with a piece; nothing when all is done."""
    later = {MissingFact.EXPERIENCE, MissingFact.ANONYMITY_TO_DO}
    if len(missing) >= MANY_MISSING:
        return "à décrire"
    if any(fact not in later for fact in missing):
        return "à compléter"
    if not competencies:
        return "compétence à choisir"
    return NAMES_TO_MASK if MissingFact.ANONYMITY_TO_DO in missing else ""


# How many page numbers a sentence names.
MOST_PAGES_NAMED = 5
# Beyond this, a list of what is missing is longer to read than the form is to fill.
MANY_MISSING = 5


def added_message(pieces: int, *, without_comment: bool = False) -> str:
    """Say that pieces are added, and claimed without a comment where they are."""
    asked = (
        f" Dites aussi ce qu’on y voit{NBSP}: sinon le jury lira «{NBSP}Sans commentaire{NBSP}»."
        if without_comment
        else ""
    )
    if pieces == 1:
        return "Le fichier est reçu et vérifié. Décrivez maintenant cette pièce." + asked
    return f"{pieces} pièces sont ajoutées." + asked


def reused_message(pieces: int) -> str:
    """Say that pieces of another candidacy are in this one."""
    if pieces == 1:
        return "Une pièce est reprise. Choisissez maintenant les compétences qu’elle montre dans ce dossier."
    return f"{pieces} pièces sont reprises. Choisissez maintenant les compétences que chacune montre dans ce dossier."


def same_file_refusal(name: str | None, number: int, title: str) -> str:
    """Return the sentence of a file that the dossier has already, and that makes no second piece unless it is
    asked for.
    """
    return (
        f"« {display_filename(name)} » est déjà dans votre dossier : c’est la pièce {number}, « {title} ». "
        "Ce fichier n’est pas ajouté une deuxième fois."
    )


def replaced_message(misplaced: int) -> str:
    """Say that a file is replaced, and how many of the passages to read no longer exist in it."""
    done = "Le fichier est remplacé. Vous pouvez encore lire la version précédente."
    if not misplaced:
        return done
    passages = "Un passage à regarder n’existe" if misplaced == 1 else f"{misplaced} passages à regarder n’existent"
    return f"{done} {passages} plus dans le nouveau fichier : corrigez-{'le' if misplaced == 1 else 'les'}."


PHOTOS_TITLE, PHOTOS_OF = "Photos", "Photos du {day}"
SAME_IN_LIST = "« {name} » est le même fichier que « {first} » : il n’est ajouté qu’une fois."
SAME_AGAIN = "Ce fichier est le même que celui de la version précédente : rien n’a changé à lire."
NOT_WHOLE = "Ce fichier n’est pas arrivé en entier. Choisissez-le de nouveau : l’envoi reprend où il s’était arrêté."
ALTERED = (
    "« {name} » s’est abîmé sur notre disque, et ce n’est pas de votre fait. Choisissez-le de nouveau et renvoyez-le."
)


def refused_message(error: FileRejected | TooLarge | StoreFull | StoreUnavailable, name: str | None) -> str:
    """Say why a file is not accepted and what to do; `name` tells it from the others sent with it."""
    if isinstance(error, FileRejected):
        sentence = refusal_message(error)
    elif isinstance(error, TooLarge):
        limit = size(error.limit)
        sentence = (
            f"Ce fichier est trop lourd : {limit} au plus. Réduisez-le : moins de pages, images plus "
            "petites, vidéo plus courte."
        )
    else:
        sentence = STORE_FULL if isinstance(error, StoreFull) else STORE_DOWN
    return f"« {display_filename(name)} » : {sentence[:1].lower()}{sentence[1:]}" if name else sentence


def _short(text: str) -> str:
    return shortened(text, 40)
