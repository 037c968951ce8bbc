"""French names of what a search finds."""

from collections.abc import Sequence

from portfolio.domain.search.models import SearchKind
from portfolio.domain.search.use_cases.search import PAGE_SIZE, FoundPiece, Hit


def piece_message(piece: FoundPiece) -> str:
    """Return what is found: « Pièce 7 », « Récit »."""
    first = piece.hits[0]
    label = first.exhibit or first.number
    return f"Pièce {label}" if label else "Récit"


def place_message(hit: Hit) -> str:
    """Return where in a piece a match is: « Page 12 », « Commentaire »; nothing of the piece itself."""
    if hit.kind is SearchKind.PAGE:
        return f"Page {hit.page}, lu par machine" if hit.is_machine_read else f"Page {hit.page}"
    return "Commentaire" if hit.kind in (SearchKind.CLAIM, SearchKind.SEALED_CLAIM) else ""


def pages_message(count: int) -> str:
    """Return how many pages of a piece match."""
    return f"{count} page{'s' if count > 1 else ''}" if count else ""


def more_message(count: int, name: str) -> str:
    """Return how many matches of a piece are not quoted: « 46 autres pages »."""
    return f"1 autre {name}" if count == 1 else f"{count} autres {name}s"


def count_message(found: Sequence[FoundPiece], page: int, *, has_next: bool) -> str:
    """Return how many pieces and narratives the page shows."""
    if not found:
        return "Aucun résultat" if page == 1 else "Plus aucun résultat"
    if page == 1 and not has_next:
        return "1 résultat" if len(found) == 1 else f"{len(found)} résultats"
    first = (page - 1) * PAGE_SIZE + 1
    return f"Résultats {first} à {first + len(found) - 1}"
