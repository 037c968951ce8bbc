"""The first column of the reader: what there is to read, and where one is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for

from portfolio.domain.jury.use_cases.hearing_page import AssessedBlock, AssessedCompetency, HearingPageData
from portfolio.domain.jury.use_cases.reading import ListedBlock, ListedCompetency, ReadingPageData
from portfolio.french_text import date_fr
from portfolio.web.urls import url_builder

Page = HearingPageData | ReadingPageData


def table_of_contents(page: Page, *, here: UUID | str | None = None) -> list[dict[str, Any]]:
    """List the pages of a hearing by block; `here` is the id or the name of the page one is on."""
    blocks = _Blocks(page, here)
    return [_dossier(page, here), *(blocks.group(block) for block in page.blocks), _jury(page, here)]


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


class _Blocks:
    """Builds the groups of the blocks; the addresses of their competencies and decisions are built once."""

    def __init__(self, page: Page, here: UUID | str | None) -> None:
        self._page, self._here = page, here
        self._competency = url_builder(".competency", "competency_id", hearing_id=page.id)
        self._decision = url_builder(".block", "block_id", hearing_id=page.id)

    def group(self, block: AssessedBlock | ListedBlock) -> dict[str, Any]:
        """Return a block with its competencies and its decision, or since when it is held."""
        title = f"Bloc {block.number}"
        if not block.open:
            return {"label": title, "items": [self._held(block)]}
        items = [self._line(line) for line in block.competencies]
        here = self._here == block.id
        done = self._noted(block.is_decided)
        items.append(_item("Décision sur le bloc", self._decision(block.id), here, done))
        return {"label": title, "items": items}

    def _held(self, block: AssessedBlock | ListedBlock) -> dict[str, Any]:
        before = "Acquis auparavant" if self._page.sealed.is_record else "Acquis avant ce dépôt"
        since = f"Acquis le {date_fr(block.held.granted_on)}" if block.held else before
        href = url_for(".hearing", hearing_id=self._page.id, _anchor=f"bloc-{block.number}")
        return _item(since, href, False)

    def _line(self, line: AssessedCompetency | ListedCompetency) -> dict[str, Any]:
        href = self._competency(line.id)
        return _item(f"{line.label} {line.text}", href, self._here == line.id, self._noted(line.is_found))

    def _noted(self, is_noted: bool) -> bool | None:
        return is_noted if self._page.shows_drafts else None


def _item(label: str, href: str, current: bool, done: bool | None = None) -> dict[str, Any]:
    return {"label": label, "href": href, "current": current, "done": done}
