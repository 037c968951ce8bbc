"""The words of the editions of a dossier: their names, their states, why none is made."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from portfolio.domain.submission.rules.comparison import (
    Change,
    ClaimChange,
    Comparison,
    ExhibitChange,
    ExperienceChange,
)
from portfolio.domain.submission.rules.returns import EditionKind, EditionRefusal, EditionState, ImportRefusal, PackKind
from portfolio.domain.submission.use_cases.verification import FileCheck, FileCheckAnswer
from portfolio.french_text import NBSP, count, enumeration
from portfolio.wording.dossier import PROMPTS, TEXTS

NAMES: Mapping[EditionKind | PackKind, str] = {
    EditionKind.READING: "Édition de lecture",
    EditionKind.ARCHIVAL: "Édition d’archive",
    EditionKind.BOOKLET: "Livret de jury",
    EditionKind.ZIP: "Dossier complet (ZIP)",
    EditionKind.FRANCE_VAE: "Envoi pour France VAE",
    EditionKind.DRAFT: "Brouillon du livret",
    EditionKind.WORD: "Livret au modèle de l’organisme (DOCX)",
    PackKind.CONTROL: "Dossier de contrôle (ZIP)",
}
# For whom a document is: what its fold says, beside the reading edition.
FOR: Mapping[EditionKind, str] = {
    EditionKind.ARCHIVAL: "Pour l’archive",
    EditionKind.BOOKLET: "Pour un membre du jury",
    EditionKind.ZIP: "Pour vérifier sans ce site, avec les fichiers d’origine",
    EditionKind.FRANCE_VAE: "Pour le portail France VAE",
    EditionKind.WORD: "Pour le modèle Word de l’organisme",
}
ABOUT: Mapping[EditionKind | PackKind, str] = {
    EditionKind.READING: (
        "Le livret entier, avec les pages des pièces. Chaque preuve citée ouvre la bonne page, et la page "
        "ramène au récit."
    ),
    EditionKind.ARCHIVAL: (
        "Le même livret, fait pour être gardé vingt ans et lu par un lecteur d’écran. La liste de tout ce "
        "qui est scellé y est jointe."
    ),
    EditionKind.BOOKLET: (
        "Deux pages qui résument ce que le dossier propose, puis une grille à remplir pour chaque compétence."
    ),
    EditionKind.ZIP: (
        "Le livret, les fichiers d’origine, la liste de tout ce qui est scellé, une page à ouvrir sans "
        "Internet, et le programme qui vérifie le tout. Les fichiers sont tels qu’ils ont été déposés, car "
        f"ce sont eux que le code de contrôle vérifie{NBSP}: en ouvrir un peut afficher une image prise "
        "sur Internet. Pour lire les pièces, prenez plutôt l’édition de lecture."
    ),
    EditionKind.FRANCE_VAE: (
        f"Un fichier principal et huit annexes au plus, de 10{NBSP}Mo chacun, à déposer sur le portail."
    ),
    EditionKind.DRAFT: (
        "Le livret tel qu’il est maintenant, pour le relire sur papier. Chaque page porte le mot « brouillon »."
    ),
    EditionKind.WORD: (
        "Les textes du livret dans le modèle Word de l’organisme certificateur. C’est un document de "
        "travail : seul le dossier scellé fait foi."
    ),
    PackKind.CONTROL: (
        "Qui siégeait, ce qui a été lu, décidé, notifié, contesté, et ce qui manque, avec les procès-verbaux et "
        f"les lettres. Ouvrez d’abord le fichier INDEX.html. Le dossier contient des données personnelles{NBSP}: "
        "donnez-le seulement à qui contrôle."
    ),
}
STATES: Mapping[EditionState, str] = {
    EditionState.WAITING: "En attente",
    EditionState.MAKING: "En préparation",
    EditionState.READY: "Prête",
    EditionState.FAILED: "La préparation a échoué. Vous pouvez la demander de nouveau.",
    EditionState.CANCELLED: "La préparation a été arrêtée.",
}
REFUSALS: Mapping[EditionRefusal | ImportRefusal, Callable[[dict[str, Any]], str]] = {
    EditionRefusal.NO_BOOK: lambda _: (
        "Ce dépôt est un relevé d’évaluation : il n’a pas de livret 2. Son relevé en PDF est sur sa page."
    ),
    EditionRefusal.NOT_READY: lambda _: (
        "Ce document n’est pas encore prêt. Demandez-le, puis revenez quand il est préparé."
    ),
    EditionRefusal.NO_TEMPLATE: lambda _: "L’organisme n’a pas de modèle DOCX pour cette certification.",
    ImportRefusal.HERE_ALREADY: lambda _: "Ce dossier est déjà ici, sous le même code de contrôle.",
    ImportRefusal.OTHER_CERTIFICATION: lambda facts: (
        f"Le bloc {facts['block']} de cette certification n’est pas écrit ici comme dans le dossier. "
        "Importez-le ailleurs."
    ),
    ImportRefusal.NOT_AN_ARCHIVE: lambda _: (
        "Ce fichier n’est pas le ZIP d’un livret 2 scellé, ou la liste de ce qui est scellé a été modifiée."
    ),
    ImportRefusal.FILE_CHANGED: lambda facts: (
        f"La pièce {facts['exhibit']} manque dans le ZIP, ou n’est plus celle qui a été scellée. Rien n’est importé."
    ),
}

FILE_NAMES: Mapping[EditionKind, str] = {
    EditionKind.READING: "livret-2.pdf",
    EditionKind.ARCHIVAL: "livret-2-archive.pdf",
    EditionKind.BOOKLET: "livret-de-jury.pdf",
    EditionKind.FRANCE_VAE: "france-vae.zip",
    EditionKind.DRAFT: "brouillon-du-livret-2.pdf",
    EditionKind.WORD: "livret-2.docx",
}


def refusal_message(code: StrEnum, facts: dict[str, Any]) -> str:
    """Return the sentence of a refusal of this module."""
    return REFUSALS[code](facts)  # type: ignore[index]


def progress_message(done: int, total: int) -> str:
    """Say how far a document is."""
    return f"{min(99, 100 * done // total)}{NBSP}%" if total else "la préparation commence"


def laid_otherwise_messages(contents: Mapping[str, Any]) -> list[str]:
    """Say which pieces a document does not hold as they are: pages that nothing prints, then those laid as images."""
    said = []
    for key, words in _LAID_OTHERWISE.items():
        pieces = [
            f"{label} (page{'s' if len(pages) > 1 else ''}{NBSP}{enumeration(map(str, pages[:_PAGES_NAMED]))}"
            f"{'…' if len(pages) > _PAGES_NAMED else ''})"
            for label, pages in sorted((contents.get(key) or {}).items())
        ]
        if pieces:
            said.append(f"{words}{NBSP}: {enumeration(pieces)}.")
    return said


_LAID_OTHERWISE = {
    "unprinted": "Ces pages n’ont pas pu être imprimées, et le livret le dit à leur place",
    "replaced": "Ces pages sont mises en image, pour que tout lecteur de PDF les montre",
}
_PAGES_NAMED = 8


def check_message(answer: FileCheckAnswer) -> str:
    """Say whether a file is the one that was sealed, and which exhibit it is about."""
    if answer.check is FileCheck.SAME:
        made = f"un document fait de ce dossier ({NAMES[answer.edition].lower()})" if answer.edition else ""
        which = f"la pièce {answer.label}" if answer.label else made or "la liste de ce qui est scellé"
        return f"Identique : ce fichier est {which}, sans un octet changé."
    if answer.check is FileCheck.DIFFERENT:
        return f"Différent : ce fichier n’est pas la pièce {answer.label} telle qu’elle a été scellée."
    if answer.check is FileCheck.NOT_PART:
        return "Ce fichier n’en fait pas partie : aucune pièce du dossier n’a ce code de contrôle."
    return "Aucun dossier scellé ici ne porte ce code de contrôle. Comparez-le signe par signe avec celui du récépissé."


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
