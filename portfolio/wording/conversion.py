"""Sentences and names, in French, about files made readable."""

from collections.abc import Mapping
from typing import Any

from portfolio.files.conversion.contents import InnerFault
from portfolio.files.file_types.types import ActiveContent, Converter
from portfolio.french_text import NBSP, thousands
from portfolio.wording.files import ACTIVE_CONTENT

MADE_BY: Mapping[Converter, str] = {
    Converter.LIBREOFFICE: (
        "Pages préparées par LibreOffice à partir du fichier : la mise en page peut différer un peu de l’original."
    ),
    Converter.TEXT: ("Pages préparées à partir du texte, des tableaux et des images du fichier, sans sa mise en page."),
    Converter.PREVIEW: (
        "Aperçu contenu dans le fichier : il peut ne montrer que le début. Le document lui-même ne s’ouvre "
        "qu’avec Pages, Numbers ou Keynote."
    ),
    Converter.MEDIA: "Copie préparée pour être lue ici, sans les données de localisation du fichier.",
}
# How much is shown of a file that is too long, as the command that inspects it says it.
SHOWN_PAGES, SHOWN_ROWS, SHOWN_BEGINNING = ("{shown} pages sur {in_all}", "{shown} lignes sur {in_all}", "le début")
_CUT = f"Ce fichier est long{NBSP}: {{shown}} se lisent ici. Déposé en plusieurs fichiers, il se lit en entier."
_CUT_PDF = f"Ce PDF est long{NBSP}: {{shown}} se lisent ici. Déposé en plusieurs fichiers, il se lit en entier."
_CUT_SOMEWHERE = (
    f"Ce fichier est long{NBSP}: seul son début est montré ici. Déposé en plusieurs fichiers, il se lit en entier."
)
INNER_FAULTS: Mapping[InnerFault, str] = {
    InnerFault.TOO_MANY: "l’archive contient trop de fichiers pour les montrer tous",
    InnerFault.TOO_LARGE: "trop lourd pour être ouvert ici",
    InnerFault.PASSWORD: "protégé par un mot de passe",
    InnerFault.REFUSED: "ce type de fichier ne s’ouvre pas ici",
    InnerFault.RECORDING: "son ou vidéo : à déposer comme une pièce à part",
    InnerFault.NESTED: "archive ou message dans un autre : à déposer à part",
    InnerFault.NOT_SHOWN: "n’a pas pu être ouvert",
    InnerFault.BEYOND: "au-delà de la 500ᵉ page",
}


def inner_fault(code: str) -> str:
    """Return why a file inside another one is not shown."""
    return INNER_FAULTS[InnerFault(code)]


def shown_part(
    pages: tuple[int, int] | None = None, rows: tuple[int, int] | None = None, *, is_cut: bool = False
) -> str:
    """Return how much is shown of a file: « 500 pages sur 620 »; nothing when it is shown whole."""
    if pages and pages[0] < pages[1]:
        return SHOWN_PAGES.format(shown=thousands(pages[0]), in_all=thousands(pages[1]))
    if rows:
        return SHOWN_ROWS.format(shown=thousands(rows[0]), in_all=thousands(rows[1]))
    return SHOWN_BEGINNING if is_cut else ""


def cut_pdf_sentence(shown: str) -> str:
    """Say how many pages are shown of a PDF that has more than are looked at: nobody else receives it."""
    return _CUT_PDF.format(shown=shown) if shown else ""


def cut_sentence(shown: str) -> str:
    """Say how much is shown of a file that is too long, and where the rest is; nothing of one shown whole."""
    if not shown:
        return ""
    return _CUT_SOMEWHERE if shown == SHOWN_BEGINNING else _CUT.format(shown=shown)


def made_by(converter: str) -> str:
    """Return which program prepared what is read; nothing when the file is shown as it is."""
    return MADE_BY[Converter(converter)] if converter else ""


_NO_WALLS = (
    "Cette machine n’isole pas les programmes qui ouvrent les fichiers reçus (seccomp, avec Landlock ou des "
    "espaces de noms)"
)
_NOT_READ = (
    f"{_NO_WALLS}{NBSP}: les documents, les sons et les vidéos ne sont pas encore lisibles ici. Mettez le "
    f"noyau à jour, ou acceptez le risque par UNCONFINED_CONVERSION=1."
)
_WITHOUT_WALLS = (
    f"{_NO_WALLS}{NBSP}: ils sont ouverts quand même, comme cette installation l’accepte "
    "(UNCONFINED_CONVERSION). Un fichier piégé pourrait lire ou changer les données."
)
_READABLE = {
    "pages": "lu page par page",
    "list": "lu comme une liste de fichiers",
    "player": "joué dans la page",
    "none": "à télécharger",
}


def inspection_sentence(found: Mapping[str, Any]) -> str:
    """Return one line about a file: whether it is accepted, and how it is read."""
    if not found["accepted"]:
        return f"{found['file']}{NBSP}: refusé. {found['reason']}"
    pages = f", {found['pages']} page{'s' if found['pages'] > 1 else ''}" if found["pages"] else ""
    reason = f" {found['reason']}" if found["reason"] else ""
    cut = f" Montré{NBSP}: {found['shown']}." if found["shown"] else ""
    how = f"{_READABLE[found['readable']]}{pages}, {found['seconds']:.1f}{NBSP}s"
    defused = ", ".join(ACTIVE_CONTENT[ActiveContent(code)] for code in found.get("defused", ()))
    copied = f" Les autres personnes en reçoivent une copie sans{NBSP}: {defused}." if defused else ""
    return f"{found['file']}{NBSP}: accepté ({found['kind']}), {how}.{cut}{reason}{copied}"


def machine_sentences(report: Mapping[str, Any]) -> list[str]:
    """Return what a machine has, one sentence a line, with what to do about what is missing."""
    names = {
        "documents": "libreoffice-writer-nogui",
        "spreadsheets": "libreoffice-calc-nogui",
        "slides": "libreoffice-impress-nogui",
    }
    wanted = [names[name] for name, there in report["libreoffice"].items() if not there]
    office = (
        f"LibreOffice{NBSP}: absent ou incomplet. Les fichiers sont lus sans leur mise en page. "
        f"Aucune bibliothèque ne lit le texte des DOC, PPT, EMF et WMF{NBSP}: ils sont gardés sans être lus. "
        f"Installez{NBSP}: apt-get install --no-install-recommends {' '.join(wanted)}"
        if wanted
        else f"LibreOffice{NBSP}: présent, documents, tableaux et diaporamas sont lus avec leur mise en page."
    )
    lines = [office, _libmagic_sentence(report["libmagic"])]
    there = {"pandoc": report["pandoc"], "recordings": report["recordings"], **report["walls"]}
    return [*lines, *(f"{label}{NBSP}: {'oui' if there[name] else 'non'}." for name, label in _PARTS.items())]


def _libmagic_sentence(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return f"libmagic{NBSP}: absente, aucun fichier n’est reconnu. Installez libmagic1."
    version = f"{found['version'] // 100}.{found['version'] % 100:02}"
    if found["is_system"]:
        return f"libmagic{NBSP}: {version}, celle du système."
    return (
        f"libmagic{NBSP}: {version}, celle du paquet Python, de 2021. Installez celle du système (libmagic1) "
        "si elle est plus récente."
    )


_PARTS = {
    "pandoc": "Pandoc",
    "recordings": "Sons et vidéos",
    "system_calls": "Appels système filtrés (seccomp)",
    "landlock": "Fichiers isolés (Landlock)",
    "own_root": "Racine et réseau à part (espaces de noms)",
}


def walls_sentence(*, are_closed: bool, is_accepted: bool) -> str:
    """Say, where the walls around what opens a file are missing, what follows; nothing where they are not."""
    if are_closed:
        return ""
    return _WITHOUT_WALLS if is_accepted else _NOT_READ
