"""What is said, in French, when a page is not drawn: what happens, then what to do."""

from __future__ import annotations

from collections.abc import Mapping

from portfolio.domain.evidence.rules.rendition import PageError, RenditionFailure

FAULTS: Mapping[PageError, str] = {
    PageError.NOT_PAGES: (
        "Ce fichier ne s’affiche pas ici : téléchargez la pièce pour l’ouvrir sur votre appareil."
    ),
    PageError.NO_SUCH_PAGE: "Cette page n’existe pas dans la pièce.",
    PageError.BROKEN_PAGE: "Cette page ne peut pas être affichée : téléchargez la pièce.",
    PageError.TOO_HEAVY: "Cette page est trop lourde pour être affichée ici : téléchargez la pièce.",
    PageError.BEYOND: "Une pièce se lit ici jusqu’à sa page 500 : pour la suite, téléchargez-la.",
    PageError.NOT_DRAWN: (
        "Cette page n’a pas pu être affichée, ce n’est pas de votre fait : réessayez, ou téléchargez la "
        "pièce."
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
    "L’organisme certificateur en est averti sur sa page d’accueil. En attendant, téléchargez la pièce."
)
DAMAGED_RECORDING = (
    "L’enregistrement préparé pour cette page a changé ou a disparu depuis sa préparation : il n’est pas "
    "joué. "
    "L’organisme certificateur en est averti sur sa page d’accueil."
)
PENDING = "Encore un instant : la page se prépare."
PAUSED = (
    "La préparation des pages est en pause, ce n’est pas de votre fait : téléchargez la pièce, ou revenez "
    "plus tard."
)
# Why nothing more is drawn of a file.
REFUSED: Mapping[RenditionFailure, str] = {
    RenditionFailure.NO_ORIGINAL: (
        "Le fichier de cette pièce ne se retrouve pas. Dites-le à l’organisme certificateur."
    ),
    RenditionFailure.TOO_HEAVY: "Cette pièce est trop lourde pour être affichée ici : téléchargez-la.",
    RenditionFailure.NOT_MADE: (
        "Les pages n’ont pas pu être préparées, ce n’est pas de votre fait : téléchargez la pièce."
    ),
    RenditionFailure.FELL: (
        "L’affichage de cette pièce a plusieurs fois arrêté notre programme : nous n’essayons plus. "
        "Téléchargez-la pour la lire ; enregistrée en PDF puis déposée de nouveau, elle se lira sans doute "
        "ici."
    ),
    RenditionFailure.UNREADABLE: (
        "Ce fichier n’a pas pu être ouvert ici : il est peut-être abîmé, ou protégé. "
        "Téléchargez-le pour l’ouvrir sur votre appareil."
    ),
    RenditionFailure.NO_CONVERTER: (
        "Ce serveur n’a pas le programme qui ouvre ce type de fichier. Téléchargez la pièce, ou déposez-la "
        "en PDF."
    ),
    RenditionFailure.NO_WALL: (
        "Cette pièce n’est pas encore lisible ici : ce serveur n’a pas la protection qu’il faut pour ouvrir "
        "ce type de fichier sans risque. Téléchargez-la, ou déposez-la en PDF."
    ),
}
