"""What is said, in French, when a page is not drawn: what happens, then what to do."""

from __future__ import annotations

from collections.abc import Mapping

from portfolio.evidence.rendering.codes import PageFault

FAULTS: Mapping[PageFault, str] = {
    PageFault.NOT_PAGES: "Cette pièce ne se lit pas encore ici page par page : téléchargez-la.",
    PageFault.NO_SUCH_PAGE: "Cette page n’existe pas dans la pièce.",
    PageFault.BROKEN_PAGE: "Cette page ne peut pas être dessinée : téléchargez la pièce.",
    PageFault.TOO_HEAVY: "Cette page est trop lourde pour être dessinée ici : téléchargez la pièce.",
    PageFault.NOT_DRAWN: "Cette page n’a pas pu être dessinée, ce n’est pas de votre fait : réessayez, ou téléchargez la pièce.",
}
BUSY = "Encore un instant : la page se prépare."
