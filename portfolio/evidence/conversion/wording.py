"""Sentences and names, in French, about files made readable."""

from __future__ import annotations

from collections.abc import Mapping

from portfolio.evidence.conversion.codes import Converter
from portfolio.evidence.conversion.contents import InnerFault

HEADERS: Mapping[str, str] = {"From": "De", "To": "À", "Cc": "Copie à", "Date": "Date"}
ATTACHED = "Pièces jointes"
NO_SUBJECT = "Message sans objet"
NO_TEXT = "Ce message ne contient pas de texte."
ARCHIVE_TITLE = "Fichiers de l’archive"
ARCHIVE_COLUMNS = ("Nom", "Taille")
ARCHIVE_MORE = "L’archive contient d’autres fichiers : les {count} premiers sont listés."

MADE_BY: Mapping[Converter, str] = {
    Converter.LIBREOFFICE: "Pages préparées par LibreOffice à partir du fichier : la mise en page peut différer un peu de l’original.",
    Converter.TEXT: "Pages préparées à partir du texte, des tableaux et des images du fichier, sans sa mise en page.",
    Converter.MEDIA: "Copie préparée pour être lue ici, sans les données de localisation du fichier.",
}
CUT = "Le fichier est long : seul son début est montré ici."
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


def made_by(converter: str) -> str:
    """Return which program prepared what is read; nothing when the file is shown as it is."""
    return MADE_BY[Converter(converter)] if converter else ""


def shown_size(count: int) -> str:
    """Return a number of bytes as people read it: « 12 ko », « 3,4 Mo »."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))}\u00a0ko"
    return f"{count / 1_000_000:.1f}\u00a0Mo".replace(".", ",")
