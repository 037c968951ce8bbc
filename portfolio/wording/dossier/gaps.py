"""What a submission lacks, each thing in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from portfolio.domain.dossier.rules.completeness import Gap, MissingItem
from portfolio.domain.dossier.rules.draft import MisplacedCitation
from portfolio.wording.certification.book_frame import length_message, part_title, written_message
from portfolio.wording.dossier.names import TEXTS
from portfolio.wording.evidence import citation_error_message, missing_message

GAPS: Mapping[Gap, Callable[[MissingItem], str]] = {
    Gap.NOTHING_TO_PROVE: lambda _: (
        "Tous les blocs demandés vous sont déjà acquis : il n’y a rien à déposer."
    ),
    Gap.NO_EXPERIENCE: lambda _: "Décrivez au moins une expérience.",
    Gap.EMPTY_COMPETENCY: lambda item: f"{_named(item)} : ni récit ni preuve. Le jury n’aurait rien à lire.",
    Gap.PIECE_NOT_SWORN: lambda item: f"{_numbered(item)} : {_lowered(missing_message(item.facts))}",
    Gap.PASSAGE_MISPLACED: lambda item: misplaced_message(item.misplaced) if item.misplaced else "",
    Gap.NO_CLAIM: lambda item: f"{_named(item)} : aucune preuve. Vous pourrez en parler à l’entretien.",
    Gap.NO_NARRATIVE: lambda item: f"{_named(item)} : pas de récit. Le jury ne lira que vos preuves.",
    Gap.EMPTY_PROMPTS: lambda item: f"{_named(item)} : une question du récit reste sans réponse.",
    Gap.NO_COMMENT: lambda item: f"{_named(item)} : une preuve n’est pas commentée.",
    Gap.PIECE_UNDESCRIBED: lambda item: f"{_numbered(item)} : {_lowered(missing_message(item.facts))}",
    Gap.PIECE_UNUSED: lambda item: f"{_numbered(item)} n’est reliée à aucune compétence.",
    Gap.EMPTY_TEXT: lambda item: f"{TEXTS[item.text] if item.text else ''} : ce texte est vide.",
    Gap.REQUIRED_TEXT: lambda item: f"{_part(item)} : l’organisme certificateur demande ce texte.",
    Gap.REQUIRED_NARRATIVE: lambda item: f"{_named(item)} : l’organisme certificateur demande un récit.",
    Gap.TOO_LONG: lambda item: f"{_named(item) or _part(item)} : {_length(item)}",
}


def missing_item_message(item: MissingItem) -> str:
    """Say one thing that a submission lacks."""
    return GAPS[item.gap](item)


def misplaced_message(citation: MisplacedCitation) -> str:
    """Say which passage does not fit the file of its piece, and why."""
    fault = citation_error_message(citation.fault, citation.measure)
    return (
        f"Compétence {citation.competency.label}, pièce {citation.piece.number}, "
        f"« {citation.piece.piece.title} » : "
        f"{_lowered(fault)}"
    )


def _part(item: MissingItem) -> str:
    return part_title(item.section) if item.section else ""


def _length(item: MissingItem) -> str:
    return (
        f"{length_message(item.section)} {written_message(item.section, item.words)}" if item.section else ""
    )


def _named(item: MissingItem) -> str:
    return f"Compétence {item.competency.label}, « {item.competency.text} »" if item.competency else ""


def _numbered(item: MissingItem) -> str:
    return f"Pièce {item.piece.number}, « {item.piece.piece.title} »" if item.piece else ""


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
