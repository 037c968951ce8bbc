"""Where each missing thing is done, and how they are gathered on the checklist."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from flask import url_for
from sqlalchemy.orm import Session

from portfolio.domain.dossier.rules.completeness import Gap, MissingItem
from portfolio.domain.submission.rules.dossier import SealedDossier
from portfolio.domain.submission.rules.readability import HintKind, hints_of
from portfolio.domain.submission.use_cases.build_manifest import load_draft_rows
from portfolio.screens.candidate.submission.queries import piece_ids
from portfolio.wording.readability import hint_sentence
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


def _at_long_text(candidacy_id: UUID, item: MissingItem) -> str:
    if item.competency is not None:
        return _at_competency(candidacy_id, item)
    return url_for("dossier.general_texts" if item.text else "dossier.experiences", candidacy_id=candidacy_id)


# What belongs to one competency is done on its page.
_PLACES: Mapping[Gap, Callable[[UUID, MissingItem], str]] = {
    Gap.NOTHING_TO_PROVE: lambda candidacy_id, _: url_for("dossier.home", candidacy_id=candidacy_id),
    Gap.NO_EXPERIENCE: lambda candidacy_id, _: url_for("dossier.experiences", candidacy_id=candidacy_id),
    Gap.EMPTY_TEXT: lambda candidacy_id, _: url_for("dossier.general_texts", candidacy_id=candidacy_id),
    Gap.REQUIRED_TEXT: lambda candidacy_id, _: url_for("dossier.general_texts", candidacy_id=candidacy_id),
    Gap.TOO_LONG: _at_long_text,
    Gap.PASSAGE_MISPLACED: _at_claim,
    Gap.PIECE_NOT_SWORN: _at_piece,
    Gap.PIECE_UNDESCRIBED: _at_piece,
    Gap.PIECE_UNUSED: _at_piece,
}


def hint_links(session: Session, candidacy_id: UUID, draft: SealedDossier) -> Links:
    """Return each reading hint with the address where it is mended."""
    rows, numbers = load_draft_rows(session, candidacy_id), piece_ids(session, candidacy_id)
    competencies = {each.label: each.id for block in rows.presented for each in block.competencies}
    firsts = {block.number: block.competencies[0].id for block in rows.presented if block.competencies}
    found = []
    for hint in hints_of(draft):
        if hint.kind is HintKind.OVERUSED_PIECE:
            place = url_for(
                "evidence.describe", candidacy_id=candidacy_id, evidence_id=numbers[hint.exhibit][0]
            )
        else:
            competency = competencies.get(hint.competency) or firsts[hint.block or 0]
            place = url_for("dossier.competency", candidacy_id=candidacy_id, competency_id=competency)
        found.append((hint_sentence(hint), place))
    return found
