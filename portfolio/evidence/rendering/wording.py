"""What is said, in French, when a page is not drawn: what happens, then what to do."""

from __future__ import annotations

from collections.abc import Mapping

from portfolio.evidence.rendering.codes import PageFault
from portfolio.evidence.rules.rendition import RefusedRendition

FAULTS: Mapping[PageFault, str] = {
    PageFault.NOT_PAGES: "Ce fichier ne s’affiche pas ici : téléchargez la pièce pour l’ouvrir sur votre appareil.",
    PageFault.NO_SUCH_PAGE: "Cette page n’existe pas dans la pièce.",
    PageFault.BROKEN_PAGE: "Cette page ne peut pas être affichée : téléchargez la pièce.",
    PageFault.TOO_HEAVY: "Cette page est trop lourde pour être affichée ici : téléchargez la pièce.",
    PageFault.BEYOND: "Une pièce se lit ici jusqu’à sa page 500 : pour la suite, téléchargez-la.",
    PageFault.NOT_DRAWN: "Cette page n’a pas pu être affichée, ce n’est pas de votre fait : réessayez, ou téléchargez la pièce.",
}
DAMAGED = (
    "Le fichier de cette pièce a changé depuis sa réception : il n’est pas montré. "
    "L’organisme certificateur en est averti sur sa page d’accueil ; lui seul peut le faire restaurer."
)
DAMAGED_PAGE = (
    "L’image de cette page a changé depuis sa préparation : elle n’est pas montrée. "
    "L’organisme certificateur en est averti sur sa page d’accueil. En attendant, téléchargez la pièce."
)
DAMAGED_RECORDING = (
    "L’enregistrement préparé pour cette page a changé depuis sa préparation : il n’est pas joué. "
    "L’organisme certificateur en est averti sur sa page d’accueil."
)
PENDING = "Encore un instant : la page se prépare."
PAUSED = "La préparation des pages est en pause, ce n’est pas de votre fait : téléchargez la pièce, ou revenez plus tard."
# Why nothing more is drawn of a file.
REFUSED: Mapping[RefusedRendition, str] = {
    RefusedRendition.NO_ORIGINAL: "Le fichier de cette pièce ne se retrouve pas. Dites-le à l’organisme certificateur.",
    RefusedRendition.TOO_HEAVY: "Cette pièce est trop lourde pour être affichée ici : téléchargez-la.",
    RefusedRendition.NOT_MADE: "Les pages n’ont pas pu être préparées, ce n’est pas de votre fait : téléchargez la pièce.",
    RefusedRendition.FELL: (
        "L’affichage de cette pièce a plusieurs fois arrêté notre programme : nous n’essayons plus. "
        "Téléchargez-la pour la lire ; enregistrée en PDF puis déposée de nouveau, elle se lira sans doute ici."
    ),
    RefusedRendition.UNREADABLE: (
        "Ce fichier n’a pas pu être ouvert ici : il est peut-être abîmé, ou protégé. "
        "Téléchargez-le pour l’ouvrir sur votre appareil."
    ),
    RefusedRendition.NO_CONVERTER: (
        "Ce serveur n’a pas le programme qui ouvre ce type de fichier. Téléchargez la pièce, ou déposez-la en PDF."
    ),
}
