"""French sentences about the changes between two sealed versions."""

from collections.abc import Mapping

from portfolio.domain.submission.rules.comparison import (
    Change,
    ClaimChange,
    Comparison,
    ExhibitChange,
    ExperienceChange,
)
from portfolio.french_text import NBSP, count, enumeration
from portfolio.wording.dossier import PROMPTS, TEXTS

PIECES: Mapping[Change, str] = {Change.ADDED: "Ajoutée", Change.REMOVED: "Retirée", Change.CHANGED: "Modifiée"}
TONES: Mapping[Change, str] = {Change.ADDED: "good", Change.REMOVED: "bad", Change.CHANGED: "said"}
_EXPERIENCE = {
    "post": "Poste",
    "structure": "Structure",
    "context": "Contexte",
    "perimeter": "Périmètre",
    "responsibilities": "Responsabilités",
}
_DESCRIBED = {
    "title": "le titre",
    "kind": "la nature",
    "dated_from": "la date",
    "dated_to": "la date de fin",
    "own_role": "le rôle de la personne",
    "authorship": "l’auteur",
    "own_part": "la part de la personne",
    "confidentiality": "la confidentialité",
    "anonymity": "l’anonymat des tiers",
    "web_address": "l’adresse du site",
    "captured_on": "la date de la copie",
}


def text_name(name: str) -> str:
    """Name a text of the dossier, of an experience or of a narrative."""
    general = {text.value: label for text, label in TEXTS.items()}
    return general.get(name) or _EXPERIENCE.get(name) or str(PROMPTS.get(name, name))


def summary(comparison: Comparison) -> str:
    """Say in one sentence how much changed."""
    if comparison.is_empty:
        return "Rien n’a changé entre ces deux versions."
    parts = [
        count(comparison.text_count, "texte modifié", "textes modifiés") if comparison.text_count else "",
        *(
            count(number, f"pièce {word}", f"pièces {word}s")
            for change, word in ((Change.ADDED, "ajoutée"), (Change.REMOVED, "retirée"), (Change.CHANGED, "modifiée"))
            if (number := len(comparison.exhibits_of(change)))
        ),
        *(
            count(number, f"rattachement {word}", f"rattachements {word}s")
            for change, word in ((Change.ADDED, "ajouté"), (Change.REMOVED, "retiré"), (Change.CHANGED, "modifié"))
            if (
                number := sum(
                    claim.change is change for competency in comparison.competencies for claim in competency.claims
                )
            )
        ),
        *_blocks(comparison),
        count(len(comparison.experiences), "expérience touchée", "expériences touchées")
        if comparison.experiences
        else "",
    ]
    return f"{enumeration([part for part in parts if part])}."


def _blocks(comparison: Comparison) -> list[str]:
    added, removed = comparison.blocks_added, comparison.blocks_removed
    told = []
    for numbers, before, after in ((added, "", " en plus"), (removed, "plus ", "")):
        if numbers:
            plural = "s" if len(numbers) > 1 else ""
            names = enumeration([str(number) for number in numbers])
            told.append(f"bloc{plural}{NBSP}{names} {before}présenté{plural}{after}")
    return told


def claim_notes(claim: ClaimChange) -> list[str]:
    """Say what else changed of a claim than its comment."""
    notes = []
    if claim.passage is not None:
        before, after = (passage or "aucun passage" for passage in claim.passage)
        notes.append(f"Passage à regarder{NBSP}: {before}, puis {after}.")
    if claim.anchors_added:
        notes.append(f"{count(claim.anchors_added, 'endroit repéré', 'endroits repérés')} en plus dans la pièce.")
    if claim.anchors_removed:
        notes.append(f"{count(claim.anchors_removed, 'endroit repéré', 'endroits repérés')} en moins dans la pièce.")
    return notes


def exhibit_notes(exhibit: ExhibitChange, masks: int = 0) -> list[str]:
    """Say what changed of an exhibit."""
    notes = []
    if exhibit.has_new_file:
        masked = f", avec {count(masks, 'partie masquée', 'parties masquées')} par la personne" if masks else ""
        notes.append(f"Nouvelle version du fichier{masked}.")
    if exhibit.described:
        notes.append(
            f"Description modifiée{NBSP}: {enumeration([_DESCRIBED.get(name, name) for name in exhibit.described])}."
        )
    return notes


def experience_notes(experience: ExperienceChange) -> list[str]:
    """Say what else changed of an experience than its texts."""
    return ["Dates modifiées."] if experience.has_other_dates else []
