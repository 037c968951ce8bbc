"""French sentences about files: why one is refused and what to do, which ones are accepted.

What a check or a sweep of the files found, in French.

What is said, in French, when a page is not drawn: what happens, then what to do.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from portfolio.domain.dossier.rules.rendition import PageError, QuarantineState, RenditionFailure
from portfolio.files.file_types.types import ActiveContent, FileCategory, FileRejected, RejectionReason
from portfolio.files.integrity.check import IntegrityIssue, IntegrityReport, IssueKind
from portfolio.french_text import NBSP, enumeration, size

ACCEPTED = (
    "PDF, photos et images (JPEG, PNG, HEIC, WebP, GIF, TIFF, AVIF, BMP, JPEG 2000, Photoshop, SVG, EMF, "
    "WMF…), documents Word, Excel, PowerPoint et LibreOffice, documents Pages, Numbers et Keynote qui "
    "contiennent un aperçu, texte, CSV, XML, RTF, pages web (HTML, MHT) et livres (EPUB), messages "
    "enregistrés (EML, MSG), sons (MP3, M4A, WAV, OGG, FLAC, AMR, CAF…), vidéos (MP4, MOV, WebM, MKV, AVI, "
    "FLV…) et archives ZIP"
)

FAMILIES: Mapping[FileCategory, str] = {
    FileCategory.DOCUMENT: "Document",
    FileCategory.IMAGE: "Image",
    FileCategory.SPREADSHEET: "Tableau",
    FileCategory.SLIDES: "Diaporama",
    FileCategory.TEXT: "Texte",
    FileCategory.MAIL: "Message",
    FileCategory.ARCHIVE: "Archive",
    FileCategory.AUDIO: "Son",
    FileCategory.VIDEO: "Vidéo",
}

# Each sentence says what is wrong, then what to do.
_SENTENCES: Mapping[RejectionReason, tuple[str, str]] = {
    RejectionReason.EMPTY: (
        "Ce fichier est vide.",
        "Vérifiez qu’il s’ouvre sur votre appareil, puis envoyez-le à nouveau.",
    ),
    RejectionReason.DAMAGED: (
        "Ce fichier{kind} est incomplet ou abîmé : nous ne parvenons pas à l’ouvrir.",
        "Ouvrez-le sur votre appareil, enregistrez-le à nouveau, puis renvoyez-le.",
    ),
    RejectionReason.PASSWORD: (
        "Ce fichier est protégé par un mot de passe : le jury ne pourrait pas l’ouvrir.",
        "Enregistrez-en une copie sans mot de passe, puis envoyez cette copie.",
    ),
    RejectionReason.LOCKED: (
        "Ce fichier est verrouillé pour certaines personnes (certificat, gestion des droits) : "
        "le jury ne pourrait pas l’ouvrir.",
        "Ouvrez-le sur votre appareil, imprimez-le en PDF, puis envoyez ce PDF.",
    ),
    RejectionReason.COMPRESSION: (
        "Ce fichier{kind} est compressé d’une façon que la plupart des programmes ne lisent pas.",
        "Enregistrez-le à nouveau en PDF, ou refaites l’archive en ZIP ordinaire, puis renvoyez-le.",
    ),
    RejectionReason.UNSAFE_NAMES: (
        "Ce fichier contient un lien, deux fois le même nom, ou un nom qui mène hors de lui (« ../ », « C: »).",
        "Refaites l’archive à partir de votre dossier, ou enregistrez le document en PDF, puis renvoyez-le.",
    ),
    RejectionReason.TOO_MANY_PIXELS: (
        "Cette image est trop grande : {limit} millions de pixels au plus.",
        "Envoyez-en une version plus petite : sur un téléphone, une capture d’écran de la photo suffit.",
    ),
    RejectionReason.RESOURCE_LIMIT: (
        "Ce fichier demande trop de mémoire ou de temps pour être ouvert.",
        "Enregistrez-le à nouveau en PDF, ou divisez-le en plusieurs fichiers.",
    ),
    RejectionReason.DECOMPRESSION_BOMB: (
        "Ce document contient beaucoup plus de données que sa taille ne l’annonce : nous ne l’ouvrons pas.",
        "Enregistrez-le en PDF, puis envoyez le PDF.",
    ),
    RejectionReason.ARCHIVE: (
        "Ce fichier est une archive d’un type qui ne s’ouvre pas ici (7z, RAR, TAR…).",
        "Envoyez-la en ZIP, ou envoyez un par un les documents qu’elle contient : chacun est une preuve.",
    ),
    RejectionReason.SPANNED: (
        "Ce fichier est un morceau d’une archive coupée en plusieurs fichiers.",
        "Réunissez l’archive sur votre appareil, puis envoyez un par un les documents qu’elle contient.",
    ),
    RejectionReason.WEB_PAGE: (
        "Ce fichier XML ou HTML ne contient pas de page à lire.",
        "Imprimez la page en PDF, puis envoyez le PDF.",
    ),
    RejectionReason.WEB_ARCHIVE: (
        "Ce fichier est une page enregistrée par Safari (.webarchive), que seul Safari peut ouvrir.",
        "Ouvrez-le dans Safari, imprimez la page en PDF, puis envoyez le PDF.",
    ),
    RejectionReason.ACTIVE_DRAWING: (
        "Ce dessin SVG contient un programme, ou va chercher un autre fichier.",
        "Exportez le dessin en PDF ou en PNG, puis envoyez cette copie.",
    ),
    RejectionReason.PROGRAM: (
        "Ce fichier est un programme : il n’est pas accepté.",
        "Montrez ce qu’il fait par des captures d’écran, une vidéo ou un PDF.",
    ),
    RejectionReason.SHORTCUT: (
        "Ce fichier est un raccourci : il mène à un document, mais ne le contient pas.",
        "Ouvrez-le, enregistrez le document lui-même en PDF, puis envoyez ce PDF.",
    ),
    RejectionReason.MACROS: (
        "Ce document contient des macros, c’est-à-dire un programme.",
        "Enregistrez-le sans macros (.docx, .xlsx, .pptx…) ou en PDF.",
    ),
    RejectionReason.REMOTE_CONTENT: (
        "Ce document va chercher un modèle ou un objet sur internet quand on l’ouvre.",
        "Enregistrez-le en PDF, puis envoyez le PDF.",
    ),
    RejectionReason.FORMULA_INJECTION: (
        "Ce tableau contient une formule qui lance un programme.",
        "Remplacez les formules par leurs valeurs, ou enregistrez le tableau en PDF.",
    ),
    RejectionReason.DDE: (
        ("Ce document demande des données à un autre programme quand on l’ouvre (lien DDE) : il pourrait le lancer."),
        "Remplacez ces liens par leurs valeurs, ou enregistrez le document en PDF.",
    ),
    RejectionReason.ENTITIES: (
        "Ce document déclare des entités XML (DTD), qu’aucun logiciel de bureautique n’écrit.",
        "Enregistrez-le à nouveau dans votre logiciel, ou en PDF, puis envoyez cette copie.",
    ),
    RejectionReason.EMBEDDED_PROGRAM: (
        "Ce document contient un programme, dans un objet ou dans une pièce jointe.",
        "Retirez ce programme, ou imprimez le document en PDF, puis envoyez cette copie.",
    ),
    RejectionReason.LAUNCHES: (
        "Ce PDF demande de lancer un programme ou d’ouvrir un autre fichier.",
        "Imprimez-le en PDF, puis envoyez cette copie.",
    ),
    RejectionReason.DYNAMIC_FORM: (
        (
            "Ce formulaire ne s’affiche que dans Adobe Reader : partout ailleurs, il demande d’attendre "
            "(« Please wait… »)."
        ),
        "Ouvrez-le dans Adobe Reader, imprimez-le en PDF, puis envoyez ce PDF.",
    ),
    RejectionReason.OTHER_IMAGE: (
        "Ce format d’image n’est pas accepté.",
        "Enregistrez l’image en JPEG, en PNG ou en PDF.",
    ),
    RejectionReason.OTHER_MEDIA: (
        "Ce format de son ou de vidéo n’est pas accepté.",
        "Enregistrez le son en MP3 ou en M4A, la vidéo en MP4.",
    ),
    RejectionReason.OTHER_OFFICE: (
        "Ce format de document{program} n’est pas accepté.",
        "Enregistrez-le en PDF, ou en format Word, Excel, PowerPoint ou LibreOffice.",
    ),
    RejectionReason.NO_PREVIEW: (
        "Ce document{program} ne contient pas d’aperçu : seul le programme d’Apple qui l’a fait peut l’ouvrir.",
        "Dans ce programme, exportez-le en PDF, puis envoyez ce PDF.",
    ),
    RejectionReason.EBOOK: (
        "Ce livre numérique (EPUB) est verrouillé.",
        "Envoyez-en une copie sans verrou, ou enregistrée en PDF.",
    ),
    RejectionReason.UNKNOWN: ("Nous ne reconnaissons pas ce type de fichier.", "Types acceptés : {accepted}."),
    RejectionReason.INFECTED: (
        "L’antivirus a trouvé un programme dangereux dans ce fichier.",
        "Ne l’ouvrez plus sur votre appareil, et envoyez une autre copie du document.",
    ),
    RejectionReason.TOO_LARGE_TO_SCAN: (
        "Ce fichier est trop gros pour l’antivirus, et n’est pas accepté sans analyse.",
        "Envoyez-en une version plus légère.",
    ),
    RejectionReason.NOT_SCANNED: (
        "L’antivirus ne répond pas, et ce fichier n’est pas accepté sans analyse.",
        "Renvoyez-le plus tard.",
    ),
    RejectionReason.NOT_CHECKED: (
        "Nous n’avons pas pu vérifier ce fichier, et ce n’est pas de votre fait.",
        "Réessayez dans quelques minutes.",
    ),
}

# What is said of a file that was received while the antivirus did not answer.
QUARANTINE: Mapping[QuarantineState, str] = {
    QuarantineState.WAITING: (
        "En attente de vérification par l’antivirus. Le fichier est reçu : il n’y a rien à renvoyer. "
        "Personne ne peut l’ouvrir avant. Qui l’a envoyé recevra un courrier."
    ),
    QuarantineState.INFECTED: (
        "L’antivirus a trouvé un programme dangereux dans ce fichier : il n’est pas gardé. Une autre copie "
        "du document est à envoyer."
    ),
    QuarantineState.TOO_LARGE: (
        "Ce fichier est trop gros pour l’antivirus : il n’est pas gardé. Une version plus légère est à envoyer."
    ),
    QuarantineState.DAMAGED: (
        "Ce fichier s’est abîmé avant sa vérification, et ce n’est pas de votre fait. Envoyez-le de nouveau."
    ),
}

# What the copies that others receive do without.
ACTIVE_CONTENT: Mapping[ActiveContent, str] = {
    ActiveContent.SCRIPT: "un programme (JavaScript)",
    ActiveContent.STARTS: "une action qui démarre à l’ouverture",
    ActiveContent.OPENS_FILE: "un lien vers un autre fichier",
    ActiveContent.SENDS_FORM: "un formulaire qui envoie des données",
    ActiveContent.PLAYS: "un son ou une vidéo qui se lance",
}


def defused_message(active: Iterable[ActiveContent]) -> str:
    """Say to whose file it is that the others receive it without what acts by itself in it."""
    return (
        f"Ce fichier contient {_named(active)}{NBSP}: les autres personnes en reçoivent une copie sans cela, "
        "et l’original reste à vous."
    )


def defused_copy_message(active: Iterable[ActiveContent]) -> str:
    """Say to who receives a file that it is a copy, without what acts by itself in the original."""
    return f"L’original contient {_named(active)}{NBSP}: le fichier à télécharger est une copie sans cela."


def _named(active: Iterable[ActiveContent]) -> str:
    return enumeration(ACTIVE_CONTENT[content] for content in active)


_TOO_LARGE = "Ce fichier est trop lourd : {limit} au plus. Envoyez-en une version plus légère, ou en plusieurs parties."
STORE_FULL = "La place manque pour enregistrer ce fichier, et ce n’est pas de votre fait. Réessayez plus tard."
STORE_DOWN = (
    "Les fichiers ne sont pas accessibles en ce moment, et ce n’est pas de votre fait. Réessayez dans quelques minutes."
)


def refusal_message(refused: FileRejected) -> str:
    """Say why the file is refused and what to do."""
    return _reason(refused.code, refused.facts)


def too_large_message(limit: int) -> str:
    """Say that a file exceeds the limit, given in bytes, and what to do."""
    return _TOO_LARGE.format(limit=size(limit))


def _reason(code: RejectionReason, facts: Mapping[str, Any]) -> str:
    kind = f" {facts['kind']}".upper() if "kind" in facts else ""
    program = f" ({facts['program']})" if "program" in facts else ""
    limit = int(facts.get("limit", 0)) // 1_000_000
    return " ".join(_SENTENCES[code]).format(kind=kind, program=program, limit=limit, accepted=ACCEPTED)


REFUSALS: Mapping[RejectionReason, Callable[[Mapping[str, Any]], str]] = {
    code: partial(_reason, code) for code in _SENTENCES
}


TABLES: Mapping[str, str] = {
    "evidence_file": "pièce d’un dossier",
    "sealed_file": "pièce scellée",
    "signed_document": "papier d’un jury",
    "acquisition": "justificatif d’une acquisition",
    "prior_holding": "preuve d’un bloc détenu avant l’usage d’Acquis",
    "prior_holding_end": "preuve d’une rectification",
    "ending_proposal": "preuve d’une rectification proposée",
    "holder_import_file": "preuve d’une reprise de titulaires en attente",
    "word_template": "modèle DOCX d’un livret 2",
    "book_edition": "document préparé d’un dossier",
    "control_pack": "dossier de contrôle",
    "page_image": "image d’une page",
    "rendition": "PDF ou enregistrement préparé d’une pièce",
}
# Made from an original, so made again from it.
REGENERATED_TABLES = ("page_image", "rendition")
_REMAKE = "Cette copie de travail manque ou est abîmée : {file}. « flask check-files --remake » la fait refaire."
_FAULTS: Mapping[IssueKind, str] = {
    IssueKind.CHANGED: "Ce fichier n’est plus celui qui a été reçu : {file}. Reprenez-le d’une sauvegarde.",
    IssueKind.MISSING: "Ce fichier manque : {file}. Reprenez-le d’une sauvegarde.",
    IssueKind.ORPHAN: (
        "Aucune ligne ne nomme ce fichier : {file}. S’il a plus d’un jour, « flask sweep-files » l’enlève."
    ),
}


def finding_message(found: IntegrityIssue) -> str:
    """Say what is wrong with a file, which row names it, and what to do."""
    named = f", {TABLES.get(found.table, found.table)} ({found.table}, ligne {found.row})" if found.table else ""
    sentence = _REMAKE if found.table in REGENERATED_TABLES else _FAULTS[found.fault]
    return sentence.format(file=found.key + named)


def report_messages(checked: IntegrityReport) -> list[str]:
    """Say each thing that is wrong, then how much was read."""
    return [*map(finding_message, checked.findings), _summary(checked)]


def _summary(checked: IntegrityReport) -> str:
    read = f"{_counted(checked.files, 'fichier relu', 'fichiers relus')} ({size(checked.size)})"
    if checked.ok:
        return f"{read} : tout est comme à la réception."
    return f"{read} : {_counted(len(checked.findings), 'point', 'points')} à regarder."


def checked_as_json(checked: IntegrityReport) -> dict[str, Any]:
    """Answer the same as values, in lists by fault."""
    lists = {
        fault.value: [_as_json(finding) for finding in checked.findings if finding.fault is fault]
        for fault in IssueKind
    }
    return {"ok": checked.ok, "files": checked.files, "bytes": checked.size, **lists, "sentence": _summary(checked)}


def _as_json(found: IntegrityIssue) -> dict[str, str]:
    return {"key": found.key, "table": found.table, "row": found.row, "sentence": finding_message(found)}


def failed_renditions_message(count: int, *, again: bool) -> str:
    """Say of how many files page images or a copy were given up, and that they are ordered again, or how to."""
    files = _counted(count, "fichier", "fichiers")
    if again:
        return f"Nouvel essai pour {files} dont on avait renoncé à dessiner les pages ou à préparer la copie."
    return f"Pages ou copie abandonnées après plusieurs essais : {files}. « flask check-files --remake » essaie encore."


def cleanup_message(begun: int, forgotten: int) -> str:
    """Say what was removed."""
    if not begun and not forgotten:
        return "Rien à enlever."
    sent = _counted(begun, "envoi inachevé", "envois inachevés")
    return f"Enlevés : {sent}, {_counted(forgotten, 'fichier que rien ne nomme', 'fichiers que rien ne nomme')}."


def _counted(count: int, singular: str, plural: str) -> str:
    return f"{count} {singular if count < 2 else plural}"


FAULTS: Mapping[PageError, str] = {
    PageError.NOT_PAGES: ("Ce fichier ne s’affiche pas ici. Enregistré en PDF puis déposé de nouveau, il se lira."),
    PageError.NO_SUCH_PAGE: "Cette page n’existe pas dans la pièce.",
    PageError.BROKEN_PAGE: (
        "Cette page ne peut pas être affichée. Prise en photo ou enregistrée de nouveau, elle se lira."
    ),
    PageError.TOO_HEAVY: ("Cette page est trop lourde pour être affichée ici. Enregistrée plus légère, elle se lira."),
    PageError.BEYOND: (
        "Une pièce se lit ici jusqu’à sa page 500. Déposée en plusieurs fichiers, elle se lit en entier."
    ),
    PageError.NOT_DRAWN: (
        "Cette page n’a pas pu être affichée, et ce n’est pas de votre fait : réessayez dans un instant."
    ),
}
DAMAGED = (
    "Le fichier de cette pièce a changé depuis sa réception : il n’est pas montré. "
    "L’organisme certificateur en est averti sur sa page d’accueil ; lui seul peut le faire restaurer."
)
MISSING = (
    "Le fichier de cette pièce n’est plus dans le stockage : rien n’en est montré. "
    "L’organisme certificateur en est averti sur sa page d’accueil ; lui seul peut le faire restaurer."
)
DAMAGED_PAGE = (
    "L’image de cette page a changé ou a disparu depuis sa préparation : elle n’est pas montrée. "
    "L’organisme certificateur en est averti sur sa page d’accueil."
)
DAMAGED_RECORDING = (
    "L’enregistrement préparé pour cette page a changé ou a disparu depuis sa préparation : il n’est pas "
    "joué. "
    "L’organisme certificateur en est averti sur sa page d’accueil."
)
PENDING = "Encore un instant : la page se prépare."
PAUSED = (
    "La préparation des pages est en pause, ce n’est pas de votre fait : revenez plus tard, elle reprendra d’elle-même."
)
# Why nothing more is drawn of a file.
REFUSED: Mapping[RenditionFailure, str] = {
    RenditionFailure.NO_ORIGINAL: (
        "Le fichier de cette pièce ne se retrouve pas. Dites-le à l’organisme certificateur."
    ),
    RenditionFailure.TOO_HEAVY: (
        "Cette pièce est trop lourde pour être affichée ici. Enregistrée plus légère ou en plusieurs "
        "fichiers, elle se lira."
    ),
    RenditionFailure.NOT_MADE: (
        "Les pages n’ont pas pu être préparées, et ce n’est pas de votre fait. Dites-le à l’organisme certificateur."
    ),
    RenditionFailure.FELL: (
        "L’affichage de cette pièce a plusieurs fois arrêté notre programme : nous n’essayons plus. "
        "Enregistrée en PDF puis déposée de nouveau, elle se lira sans doute ici."
    ),
    RenditionFailure.UNREADABLE: (
        "Ce fichier n’a pas pu être ouvert ici : il est peut-être abîmé, ou protégé. "
        "Enregistré en PDF puis déposé de nouveau, il se lira."
    ),
    RenditionFailure.NO_CONVERTER: (
        "Ce fichier est gardé, mais illisible ici\u00a0: ce serveur n’a pas le programme qui l’ouvre. "
        "Joint aussi en PDF, il se lira."
    ),
    RenditionFailure.NO_WALL: (
        "Cette pièce n’est pas encore lisible ici. Ce serveur n’a pas la protection qu’il faut pour ouvrir ce "
        "type de fichier sans risque. Enregistrée en PDF, elle se lira."
    ),
}
