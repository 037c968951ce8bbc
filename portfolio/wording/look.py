"""The words of the look of a body's documents: what is allowed, and why a logo or a colour is not taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from portfolio.domain.certifying_body.look import MIN_CONTRAST, contrast_with_white
from portfolio.files.conversion.logo_client import LogoFault, LogoRejected
from portfolio.french_text import NBSP, size

ATTESTATION = (
    "Ce logo est celui de l’organisme, et ne reprend aucun emblème de l’État : ni Marianne, ni le bloc "
    "« République française », ni le drapeau qui les accompagne."
)
ATTESTATION_MISSING = (
    "Vérifiez le logo, puis cochez cette case : les emblèmes de l’État sont réservés à ses services."
)
COLOUR_CHOICES = {"usual": "La couleur habituelle d’Acquis", "own": "La couleur de l’organisme"}
NOT_A_COLOUR = "Donnez une couleur par ses six chiffres, comme « #14564f »."
LOGO_SAVED = "Le logo est enregistré. Les prochains documents le portent."
LOGO_REMOVED = "Le logo est retiré des prochains documents. Ceux qui le portent déjà le gardent."
ACCENT_SAVED = "La couleur est enregistrée. Les prochains documents la prennent."

_FAULTS: Mapping[LogoFault, Callable[[Mapping[str, int]], str]] = {
    LogoFault.TOO_HEAVY: lambda facts: (
        f"Ce fichier dépasse {size(facts['limit'])}. Exportez un logo plus léger, en PNG, en JPEG ou en SVG."
    ),
    LogoFault.NOT_A_PICTURE: lambda _: (
        "Ce fichier n’est ni un PNG, ni un JPEG, ni un SVG. Exportez le logo dans un de ces formats."
    ),
    LogoFault.TOO_SMALL: lambda facts: (
        f"Ce logo mesure {facts['side']} pixels : il serait flou sur le papier. Il en faut au moins "
        f"{facts['least']} sur son plus grand côté."
    ),
    LogoFault.TOO_LONG: lambda _: (
        "Ce logo est trop allongé pour se lire sur un document. Choisissez une version plus compacte."
    ),
    LogoFault.TOO_PALE: lambda _: (
        "Ce logo ne se voit pas sur du blanc. Choisissez la version faite pour un fond clair."
    ),
    LogoFault.UNREADABLE: lambda _: (
        "Ce fichier ne s’ouvre pas comme une image. Exportez de nouveau le logo en PNG ou en JPEG."
    ),
}


def logo_rejected_message(rejected: LogoRejected) -> str:
    """Say why a picture is not taken as a logo, and what to do."""
    return _FAULTS[rejected.code](rejected.facts)


def too_pale_message(colour: str, proposed: str) -> str:
    """Say that a colour cannot be read on white, and which one can."""
    return (
        f"Cette couleur est trop claire pour être lue sur du blanc{NBSP}: son contraste est de "
        f"{_figure(contrast_with_white(colour))}, il en faut {_figure(MIN_CONTRAST)}. La plus proche qui "
        f"convient est {proposed}."
    )


def _figure(contrast: float) -> str:
    return f"{int(contrast * 10) / 10:.1f}".replace(".", ",")
