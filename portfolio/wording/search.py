"""French names of what a search finds."""

from __future__ import annotations

from collections.abc import Sequence

from portfolio.domain.search.models import SearchKind
from portfolio.domain.search.use_cases.search import Hit

KINDS = {
    SearchKind.EVIDENCE: "Pièce",
    SearchKind.CLAIM: "Commentaire",
    SearchKind.NARRATIVE: "Récit",
    SearchKind.PAGE: "Page",
    SearchKind.SEALED_EXHIBIT: "Pièce",
    SearchKind.SEALED_CLAIM: "Commentaire",
    SearchKind.SEALED_NARRATIVE: "Récit",
}


def place_message(hit: Hit) -> str:
    """Return where a match is: « Page 12 de la pièce 7 »."""
    piece = f"la pièce {hit.exhibit or hit.number}" if hit.exhibit or hit.number else ""
    if hit.kind is SearchKind.PAGE:
        return f"Page {hit.page} de {piece}"
    if hit.kind in (SearchKind.CLAIM, SearchKind.SEALED_CLAIM):
        return f"Commentaire sur {piece}"
    if hit.kind in (SearchKind.NARRATIVE, SearchKind.SEALED_NARRATIVE):
        return "Récit"
    return f"À propos de {piece}"


def count_message(hits: Sequence[Hit], page: int, *, has_next: bool) -> str:
    """Return how many matches the page shows."""
    if not hits:
        return "Aucun résultat" if page == 1 else "Plus aucun résultat"
    if page == 1 and not has_next:
        return "1 résultat" if len(hits) == 1 else f"{len(hits)} résultats"
    first = (page - 1) * 50 + 1
    return f"Résultats {first} à {first + len(hits) - 1}"
