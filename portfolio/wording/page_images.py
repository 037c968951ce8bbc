"""What is said, in French, when a page is not drawn: what happens, then what to do."""

from __future__ import annotations

from collections.abc import Mapping

from portfolio.domain.evidence.rules.rendition import PageError, RenditionFailure

FAULTS: Mapping[PageError, str] = {
    PageError.NOT_PAGES: (
        "Ce fichier ne s’affiche pas ici. Enregistré en PDF puis déposé de nouveau, il se lira."
    ),
    PageError.NO_SUCH_PAGE: "Cette page n’existe pas dans la pièce.",
    PageError.BROKEN_PAGE: (
        "Cette page ne peut pas être affichée. Prise en photo ou enregistrée de nouveau, elle se lira."
    ),
    PageError.TOO_HEAVY: (
        "Cette page est trop lourde pour être affichée ici. Enregistrée plus légère, elle se lira."
    ),
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
    "La préparation des pages est en pause, ce n’est pas de votre fait : revenez plus "
    "tard, elle reprendra d’elle-même."
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
        "Les pages n’ont pas pu être préparées, et ce n’est pas de votre fait. Dites-le à l’organisme "
        "certificateur."
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
        "Ce serveur n’a pas le programme qui ouvre ce type de fichier. Enregistrée en PDF puis "
        "déposée de nouveau, la pièce se lira."
    ),
    RenditionFailure.NO_WALL: (
        "Cette pièce n’est pas encore lisible ici : ce serveur n’a pas la protection qu’il faut pour ouvrir "
        "ce type de fichier sans risque. Enregistrée en PDF, elle se lira."
    ),
}
