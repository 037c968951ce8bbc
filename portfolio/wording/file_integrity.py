"""What a check or a sweep of the files found, in French."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portfolio.files.integrity.check import IntegrityIssue, IntegrityReport, IssueKind
from portfolio.french_text import size

TABLES: Mapping[str, str] = {
    "evidence_file": "pièce d’un dossier",
    "sealed_file": "pièce scellée",
    "signed_document": "papier d’un jury",
    "acquisition": "justificatif d’une acquisition",
    "prior_holding": "preuve d’un bloc détenu avant l’usage d’Acquis",
    "prior_holding_end": "preuve d’une rectification",
    "holder_import_file": "preuve d’une reprise de titulaires en attente",
    "word_template": "modèle DOCX d’un livret 2",
    "book_edition": "document préparé d’un dossier",
    "page_image": "image d’une page",
    "rendition": "PDF ou enregistrement préparé d’une pièce",
}
# Made from an original, so made again from it.
REGENERATED_TABLES = ("page_image", "rendition")
_REMAKE = (
    "Cette copie de travail manque ou est abîmée : {file}. « flask check-files --remake » la fait refaire."
)
_FAULTS: Mapping[IssueKind, str] = {
    IssueKind.CHANGED: "Ce fichier n’est plus celui qui a été reçu : {file}. Reprenez-le d’une sauvegarde.",
    IssueKind.MISSING: "Ce fichier manque : {file}. Reprenez-le d’une sauvegarde.",
    IssueKind.ORPHAN: (
        "Aucune ligne ne nomme ce fichier : {file}. S’il a plus d’un jour, « flask sweep-files » l’enlève."
    ),
}


def finding_message(found: IntegrityIssue) -> str:
    """Say what is wrong with a file, which row names it, and what to do."""
    named = (
        f", {TABLES.get(found.table, found.table)} ({found.table}, ligne {found.row})" if found.table else ""
    )
    sentence = _REMAKE if found.table in REGENERATED_TABLES else _FAULTS[found.fault]
    return sentence.format(file=found.key + named)


def report_messages(checked: IntegrityReport) -> list[str]:
    """Say each thing that is wrong, then how much was read."""
    return [*map(finding_message, checked.findings), _summary(checked)]


def _summary(checked: IntegrityReport) -> str:
    read = f"{_counted(checked.files, 'fichier relu', 'fichiers relus')} ({size(checked.size)})"
    if checked.ok:
        return f"{read} : tout est comme à la réception."
    return f"{read} : {_counted(len(checked.findings), 'point', 'points')} à regarder."


def checked_as_json(checked: IntegrityReport) -> dict[str, Any]:
    """Answer the same as values, in lists by fault."""
    lists = {
        fault.value: [_as_json(finding) for finding in checked.findings if finding.fault is fault]
        for fault in IssueKind
    }
    return {
        "ok": checked.ok,
        "files": checked.files,
        "bytes": checked.size,
        **lists,
        "sentence": _summary(checked),
    }


def _as_json(found: IntegrityIssue) -> dict[str, str]:
    return {"key": found.key, "table": found.table, "row": found.row, "sentence": finding_message(found)}


def failed_renditions_message(count: int, *, again: bool) -> str:
    """Say of how many files page images or a copy were given up, and that they are ordered again, or how
    to.
    """
    files = _counted(count, "fichier", "fichiers")
    if again:
        return f"Nouvel essai pour {files} dont on avait renoncé à dessiner les pages ou à préparer la copie."
    return (
        f"Pages ou copie abandonnées après plusieurs essais : {files}. « flask check-files --remake » "
        "essaie encore."
    )


def cleanup_message(begun: int, forgotten: int) -> str:
    """Say what was removed."""
    if not begun and not forgotten:
        return "Rien à enlever."
    sent = _counted(begun, "envoi inachevé", "envois inachevés")
    return (
        f"Enlevés : {sent}, {_counted(forgotten, 'fichier que rien ne nomme', 'fichiers que rien ne nomme')}."
    )


def _counted(count: int, singular: str, plural: str) -> str:
    return f"{count} {singular if count < 2 else plural}"
