"""Where each missing thing is done, and how they are gathered on the checklist."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from flask import url_for

from portfolio.domain.dossier.rules.completeness import Gap, MissingItem
from portfolio.wording.submission import GAPS, item_message

Links = list[tuple[str, str]]


def group_by_kind(candidacy_id: UUID, items: Iterable[MissingItem]) -> list[tuple[str, Links]]:
    """Gather missing things by kind, in the order in which they come: a sentence, then a link each."""
    groups: dict[Gap, Links] = {}
    for item in items:
        groups.setdefault(item.gap, []).append((item_message(item), missing_item_url(candidacy_id, item)))
    return [(GAPS[gap], links) for gap, links in groups.items()]


def missing_item_url(candidacy_id: UUID, item: MissingItem) -> str:
    """Answer the address where one missing thing is done."""
    return _PLACES.get(item.gap, _at_competency)(candidacy_id, item)


def _at_competency(candidacy_id: UUID, item: MissingItem) -> str:
    assert item.competency is not None
    return url_for("dossier.competency", candidacy_id=candidacy_id, competency_id=item.competency.id)


def _at_piece(candidacy_id: UUID, item: MissingItem) -> str:
    assert item.piece is not None
    return url_for("evidence.describe", candidacy_id=candidacy_id, evidence_id=item.piece.id)


def _at_claim(candidacy_id: UUID, item: MissingItem) -> str:
    assert item.misplaced is not None
    return url_for("dossier.change_claim", candidacy_id=candidacy_id, claim_id=item.misplaced.claim_id)


# What belongs to one competency is done on its page.
_PLACES: Mapping[Gap, Callable[[UUID, MissingItem], str]] = {
    Gap.NOTHING_TO_PROVE: lambda candidacy_id, _: url_for("dossier.home", candidacy_id=candidacy_id),
    Gap.NO_EXPERIENCE: lambda candidacy_id, _: url_for("dossier.experiences", candidacy_id=candidacy_id),
    Gap.EMPTY_TEXT: lambda candidacy_id, _: url_for("dossier.general_texts", candidacy_id=candidacy_id),
    Gap.PASSAGE_MISPLACED: _at_claim,
    Gap.PIECE_NOT_SWORN: _at_piece,
    Gap.PIECE_UNDESCRIBED: _at_piece,
    Gap.PIECE_UNUSED: _at_piece,
}
