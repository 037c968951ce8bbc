"""French sentences about a place in a piece: where it is, whether it is still there, what is wrong with it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from portfolio.domain.dossier.rules.anchors import MAX_ANCHORS, QUOTE_MAX_CHARS, Anchor, AnchorErrorCode, AnchorFit
from portfolio.domain.dossier.rules.citation import CitationUnit
from portfolio.french_text import NBSP, shortened

_SHORT_QUOTE_CHARS = 120

ERRORS: Mapping[AnchorErrorCode, str] = {
    AnchorErrorCode.NO_SUCH_PAGE: "Cette page n’existe pas dans la pièce. Vérifiez son numéro.",
    AnchorErrorCode.NO_PLACE: "Indiquez où regarder : une zone de la page ou quelques mots de son texte.",
    AnchorErrorCode.REGION_UNREADABLE: "La zone n’est pas comprise. Tracez-la de nouveau sur la page.",
    AnchorErrorCode.REGION_TOO_SMALL: "La zone est trop petite pour être vue. Tracez-la plus grande.",
    AnchorErrorCode.QUOTE_TOO_LONG: (
        f"Ce passage dépasse {QUOTE_MAX_CHARS} caractères. Gardez les mots les plus parlants, ou encadrez la zone."
    ),
    AnchorErrorCode.QUOTE_NOT_FOUND: (
        "Ces mots ne se trouvent pas sur cette page. Copiez-les depuis « Texte de la page », ou encadrez la zone."
    ),
    AnchorErrorCode.TOO_MANY: (
        f"Vous avez déjà marqué {MAX_ANCHORS} endroits pour cette compétence. Retirez-en un pour en ajouter un autre."
    ),
    AnchorErrorCode.PASSAGE_TOO_LONG: (
        "La liste des passages devient trop longue. Gardez les pages ou les minutes les plus parlantes."
    ),
    AnchorErrorCode.COMMENT_TOO_LONG: (
        "Avec ce qui est déjà écrit pour cette compétence, le commentaire devient trop long. Raccourcissez-le."
    ),
    AnchorErrorCode.REPLACED_VERSION: (
        "Le fichier de cette pièce a été remplacé entre-temps. Ouvrez la version actuelle, puis marquez "
        "l’endroit de nouveau."
    ),
}


def _sentence(sentence: str, _facts: dict[str, Any]) -> str:
    return sentence


REFUSALS: dict[AnchorErrorCode, Callable[[dict[str, Any]], str]] = {
    code: partial(_sentence, sentence) for code, sentence in ERRORS.items()
}


PLACE_LABELS: Mapping[CitationUnit, str] = {
    CitationUnit.PAGES: "À quelles pages ?",
    CitationUnit.MINUTES: "À quelles minutes ?",
    CitationUnit.FREE: "À quelles pages ?",
}

# A region without a mouse: thirds and halves of the page.
ZONES: Mapping[str, str] = {
    "": "Toute la page",
    "0,0,10000,3400": "Le haut de la page",
    "0,3300,10000,6700": "Le milieu de la page",
    "0,6600,10000,10000": "Le bas de la page",
    "0,0,5000,10000": "La moitié gauche",
    "5000,0,10000,10000": "La moitié droite",
}


def anchor_message(anchor: Anchor) -> str:
    """Say where a place is: « p. 12, encadré », « p. 12, « … » »."""
    page = f"p.{NBSP}{anchor.page}"
    return f"{page}, «{NBSP}{_short(anchor.quote)}{NBSP}»" if anchor.quote else f"{page}, encadré"


def fit_message(anchor: Anchor, fit: AnchorFit, moved_to: int | None = None) -> str:
    """Say what became of a place in a later version of the file; nothing of one that is still there."""
    before = f"Marqué sur la version {anchor.file_version} du fichier"
    if fit is AnchorFit.MOVED:
        return f"{before}. Dans cette version, le passage est à la page {moved_to}."
    if fit is AnchorFit.GONE:
        what = "ce passage ne s’y trouve plus" if anchor.quote else "cette page n’existe plus"
        return f"{before}. Dans cette version, {what}."
    return f"{before}. Vérifiez qu’il s’agit encore du même endroit." if fit is AnchorFit.UNKNOWN else ""


def _short(quote: str) -> str:
    return shortened(" ".join(quote.split()), _SHORT_QUOTE_CHARS)
