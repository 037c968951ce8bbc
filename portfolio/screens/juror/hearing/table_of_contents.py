"""The first column of the reader: what there is to read, and where one is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for

from portfolio.domain.jury.use_cases.hearing_page import AssessedBlock, AssessedCompetency, HearingPageData
from portfolio.domain.jury.use_cases.reading_page import ListedBlock, ListedCompetency, ReadingPageData
from portfolio.french_text import date_fr

Page = HearingPageData | ReadingPageData


def table_of_contents(page: Page, *, here: UUID | str | None = None) -> list[dict[str, Any]]:
    """List the pages of a hearing by block; `here` is the id or the name of the page one is on."""
    return [_dossier(page, here), *(_block(page, block, here) for block in page.blocks), _jury(page, here)]


def _jury(page: Page, here: UUID | str | None) -> dict[str, Any]:
    named = (
        ("Mes avis", "own_opinions"),
        ("Fiche d’entretien", "interview_sheet"),
        ("Délibération", "deliberation"),
    )
    items = [_item(label, url_for(f".{name}", hearing_id=page.id), here == name) for label, name in named]
    return {"label": "Le jury", "items": items}


def _dossier(page: Page, here: UUID | str | None) -> dict[str, Any]:
    texts = ("Évaluations", "assessments") if page.sealed.is_record else ("Parcours et textes", "texts")
    pieces = "Tous les documents" if page.sealed.is_record else "Toutes les pièces"
    by_experience = () if page.sealed.is_record else (("Par expérience", "experiences"),)
    named = (
        ("Présentation", "hearing"),
        texts,
        *by_experience,
        (pieces, "exhibits"),
        ("Rechercher", "search"),
        ("Mes notes", "notes"),
    )
    items = [_item(label, url_for(f".{name}", hearing_id=page.id), here == name) for label, name in named]
    return {"label": "Le relevé" if page.sealed.is_record else "Le dossier", "items": items}


def _block(page: Page, block: AssessedBlock | ListedBlock, here: UUID | str | None) -> dict[str, Any]:
    if not block.open:
        before = "Acquis auparavant" if page.sealed.is_record else "Acquis avant ce dépôt"
        since = f"Acquis le {date_fr(block.held.granted_on)}" if block.held else before
        items = [_item(since, url_for(".hearing", hearing_id=page.id, _anchor=f"bloc-{block.number}"), False)]
        return {"label": f"Bloc {block.number}", "items": items}
    items = [_competency(page, line, here) for line in block.competencies]
    decision = url_for(".block", hearing_id=page.id, block_id=block.id)
    items.append(_item("Décision sur le bloc", decision, here == block.id, block.is_decided))
    return {"label": f"Bloc {block.number}", "items": items}


def _competency(
    page: Page, line: AssessedCompetency | ListedCompetency, here: UUID | str | None
) -> dict[str, Any]:
    href = url_for(".competency", hearing_id=page.id, competency_id=line.id)
    return _item(f"{line.label} {line.text}", href, here == line.id, line.is_found)


def _item(label: str, href: str, current: bool, done: bool | None = None) -> dict[str, Any]:
    return {"label": label, "href": href, "current": current, "done": done}
