"""French names of what a search finds."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from portfolio.domain.search.models import SearchKind
from portfolio.domain.search.use_cases.leads import SuggestedCompetency
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


def lead_hints(leads: Sequence[SuggestedCompetency]) -> Mapping[UUID, str]:
    """Return, under each competency that a piece may show, the words of the piece that made one think so."""
    return {
        lead.competency_id: f"Piste : le mot « {words} » est dans {_where(lead)}."
        if len(found) == 1
        else f"Piste : les mots « {words} » sont dans {_where(lead)}."
        for lead in leads
        for found in [list(dict.fromkeys(part.lower() for part, is_match in lead.parts if is_match))[:6]]
        for words in [", ".join(found)]
    }


def _where(lead: SuggestedCompetency) -> str:
    if not lead.page:
        return "votre description"
    return f"la page {lead.page}, lue par machine" if lead.is_machine_read else f"la page {lead.page}"
