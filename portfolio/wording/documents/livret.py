"""The words of the book of a sealed dossier, as plain values for its template."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import segno

from portfolio.documents.livret.book import Book, BookClaim, BookExhibit, ExhibitPage, MatrixTable, Recording
from portfolio.documents.livret.pages import Frame, frame_of
from portfolio.documents.livret.sources import Words
from portfolio.documents.values import to_template_value
from portfolio.domain.certification.rules.book_frame import DEFAULT_ORDER, BookPart
from portfolio.domain.dossier.rules.texts import text_blocks
from portfolio.domain.submission.rules.dossier import (
    SealedCompetency,
    SealedDossier,
    SealedExhibit,
    SealedExperience,
    SealedSection,
    SealedTexts,
)
from portfolio.french_text import NBSP, count, date_fr, datetime_fr, shortened, size
from portfolio.wording.documents.names import format_code
from portfolio.wording.dossier import PROMPTS
from portfolio.wording.evidence import ANONYMITY, AUTHORSHIP, CONFIDENTIALITY, KINDS
from portfolio.wording.submission import label_example

# Of the text of a page given as the alternative of its picture.
MAX_ALTERNATIVE = 6000
# In the reading edition the words of a page stand on the page itself: its alternative only begins them.
_MAX_BEGINNING = 200
# A word longer than this may leave its column, and is broken.
_LONG_WORD = 30

WORDS = Words(
    not_drawn="Cette page n’a pas pu être imprimée. Elle se lit dans le fichier de la pièce.",
    not_printed="Ce fichier ne s’imprime pas. Il accompagne le dossier ; son code de contrôle est ci-dessous.",
    not_all=f"Une partie seulement de ce fichier est imprimée{NBSP}: il est trop long.",
)


def book_values(book: Book, edition: str, at: datetime) -> dict[str, Any]:
    """Return what the template of the book reads; the sheets of the exhibits are added where their pages are known."""
    dossier = book.dossier
    values = {
        "edition": edition,
        "draft": book.is_draft,
        "candidate": dossier.candidate,
        "root": "" if book.is_draft else book.root,
        "certification": {
            "title": dossier.certification.title,
            "code": format_code(dossier.certification.code),
            "level": dossier.certification.level,
            "body": dossier.certification.body,
        },
        "dated": f"le {datetime_fr(at)}" if book.is_draft else f"le {datetime_fr(dossier.header.sealed_at)}",
        "counts": _counts(book),
        "edition_line": _edition_line(book, at),
        "exhibits_line": _exhibits_line(book),
        "statement": _statement(dossier),
        "experiences": [_experience(experience) for experience in dossier.experiences],
        "blocks": [
            {
                "number": block.number,
                "title": block.title,
                "competencies": [_competency(competency, book) for competency in block.competencies],
            }
            for block in dossier.blocks
        ],
        "matrix": [_table(matrix_table) for matrix_table in book.matrix if matrix_table.rows],
        "held": [
            {
                "number": sealed_held_block.number,
                "title": sealed_held_block.title,
                "held_on": date_fr(sealed_held_block.held_on),
                "certificate": sealed_held_block.certificate,
            }
            for sealed_held_block in dossier.held_blocks
        ],
        "sections": _sections(dossier),
        "exhibits": [
            _exhibit(exhibit, book, MAX_ALTERNATIVE if edition == "archival" else _MAX_BEGINNING)
            for exhibit in book.exhibits
        ],
    }
    printable: dict[str, Any] = _printable(values)
    printable["long_words"] = _has_long_words({name: value for name, value in printable.items() if name != "root"})
    printable["frames"] = {
        "portrait": _frame(frame_of(is_landscape=False)),
        "landscape": _frame(frame_of(is_landscape=True)),
    }
    return printable


# The parts of the book, and their usual titles; each block stands under its own.
USUAL_TITLES = {
    BookPart.CAREER: "Mon parcours",
    BookPart.MOTIVATION: "Ma motivation",
    BookPart.EXPERIENCES: "Expériences",
    BookPart.BLOCKS: "",
    BookPart.MATRIX: "Tableau de correspondance",
    BookPart.HELD: "Blocs déjà acquis",
    BookPart.CONCLUSION: "Conclusion",
}


def _sections(dossier: SealedDossier) -> list[dict[str, Any]]:
    """Return the parts of the book in their order, each with its title and the texts that it holds of its own.

    In the usual outline, career and motivation share a part; a certifier who moves or names parts has one for each.
    """
    if dossier.sections:
        return [_section(section.part, section.title, dossier) for section in dossier.sections]
    shared = [_section(part, "", dossier) for part in (BookPart.CAREER, BookPart.MOTIVATION)]
    texts = [{"title": section["title"], "text": section["texts"][0]["text"]} for section in shared if section["texts"]]
    first = {"kind": "texts", "title": "Parcours et motivation", "texts": texts}
    return [first, *(_section(part, "", dossier) for part in DEFAULT_ORDER[2:])]


def _section(part: BookPart, title: str, dossier: SealedDossier) -> dict[str, Any]:
    named = {"title": title or USUAL_TITLES[part], "texts": []}
    text = getattr(dossier.texts, part.value, None)
    if text is None:
        return {"kind": part.value, **named}
    return {"kind": "texts", **named, "texts": [{"title": "", "text": _typed(text)}] if text.strip() else []}


@dataclass(frozen=True, slots=True)
class ReadingPart:
    """A part of a dossier as screens show it: what it is, its title, and its text when it is one."""

    part: BookPart
    title: str
    text: str = ""


def reading_parts(sections: Sequence[SealedSection], texts: SealedTexts) -> list[ReadingPart]:
    """Return the parts in the order and under the titles of the frame; none for the usual outline, which
    pages know.
    """
    return [
        ReadingPart(section.part, section.title or USUAL_TITLES[section.part], getattr(texts, section.part.value, ""))
        for section in sections
    ]


def _printable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _printable(item) for name, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list | tuple) else to_template_value(value)


def _has_long_words(value: Any) -> bool:
    """Return whether a word of the values may leave its column; digests, addresses and alternatives break elsewhere."""
    if isinstance(value, dict):
        return any(
            _has_long_words(item)
            for name, item in value.items()
            if name not in ("sha256", "alt", "qr", "qr_alt", "anchor")
        )
    if isinstance(value, list):
        return any(_has_long_words(item) for item in value)
    return isinstance(value, str) and max(map(len, value.split()), default=0) > _LONG_WORD


def _frame(frame: Frame) -> dict[str, float]:
    return {name: getattr(frame, name) for name in ("width", "height", "left", "top", "across", "down")}


def _statement(dossier: SealedDossier) -> dict[str, Any]:
    if dossier.statement is None:
        return {"text": [], "signed_at": ""}
    return {"text": _typed(dossier.statement.text), "signed_at": datetime_fr(dossier.statement.signed_at)}


def _counts(book: Book) -> str:
    exhibits, pages = len(book.exhibits), book.pages
    parts = [count(exhibits, "pièce", "pièces")] + ([count(pages, "page jointe", "pages jointes")] if pages else [])
    return ", ".join(parts)


def _edition_line(book: Book, at: datetime) -> str:
    if book.is_draft:
        return f"Brouillon du {datetime_fr(at)}, non scellé"
    number = book.dossier.header.number
    return f"Dossier n°{NBSP}{number}, scellé le {date_fr(book.dossier.header.sealed_at)}"


def _exhibits_line(book: Book) -> str:
    labels = [exhibit.exhibit.label for exhibit in book.exhibits]
    example = label_example(labels)
    told = (
        [f"Le repère d’une pièce dit le premier bloc pour lequel elle est citée{NBSP}: {example}."] if example else []
    )
    if any(label.startswith("A-") for label in labels):
        told.append("Les annexes, A-01 et suivantes, ne sont citées pour aucune compétence.")
    return " ".join(told)


def _typed(text: str) -> list[dict[str, Any]]:
    return [
        {
            "kind": block.kind,
            "lines": [[{"text": span.text, "bold": span.bold} for span in line] for line in block.lines],
        }
        for block in text_blocks(text)
    ]


def _experience(experience: SealedExperience) -> dict[str, Any]:
    parts = (
        ("Le contexte", experience.context),
        ("Mon périmètre", experience.perimeter),
        ("Mes responsabilités", experience.responsibilities),
    )
    return {
        "post": experience.post or experience.structure,
        "structure": experience.structure if experience.post else "",
        "period": _period(experience.began_on, experience.ended_on),
        "parts": [{"title": title, "text": _typed(text)} for title, text in parts if text.strip()],
    }


def _period(began: Any, ended: Any) -> str:
    if began and ended:
        return date_fr(began) if began == ended else f"du {date_fr(began)} au {date_fr(ended)}"
    if began:
        return f"depuis le {date_fr(began)}"
    return f"jusqu’au {date_fr(ended)}" if ended else ""


def _competency(competency: SealedCompetency, book: Book) -> dict[str, Any]:
    claims = book.claims[competency.number]
    told = [(title, getattr(competency.narrative, name)) for name, title in PROMPTS.items()]
    return {
        "number": competency.number,
        "text": competency.text,
        "narrative": [{"title": title, "text": _typed(text)} for title, text in told if text.strip()],
        "claims_title": "La preuve de cette compétence" if len(claims) == 1 else "Les preuves de cette compétence",
        "claims": [_claim(claim) for claim in claims],
    }


def _claim(claim: BookClaim) -> dict[str, Any]:
    return {
        "anchor": claim.anchor,
        "competency": claim.competency,
        "exhibit": claim.exhibit,
        "title": claim.title or "Pièce sans titre",
        "comment": _typed(claim.comment),
        "uncommented": "" if claim.comment.strip() else "Sans commentaire.",
        "quotes": [{"text": quote.text, "page": quote.page} for quote in claim.quotes],
        "passages": [{"text": _passage(passage.text, claim), "page": passage.page} for passage in claim.passages],
    }


def _passage(text: str, claim: BookClaim) -> str:
    if claim.unit.value == "minutes":
        return text.replace("-", " à ")
    first, _, last = text.partition("-")
    if first.isdigit() and (not last or last.isdigit()):
        return f"p.{NBSP}{first}–{last} de la pièce" if last else f"p.{NBSP}{first} de la pièce"
    return text


def _table(table: MatrixTable) -> dict[str, Any]:
    return {
        "block": table.block,
        "title": table.title,
        "competencies": list(table.competencies),
        "rows": [
            {"label": label, "title": title, "cells": [_cell(cell) for cell in cells]}
            for label, title, cells in table.rows
        ],
    }


def _cell(passage: str | None) -> str | None:
    if passage is None:
        return None
    return passage if len(passage) <= 12 else "●"


def _exhibit(book_exhibit: BookExhibit, book: Book, characters: int) -> dict[str, Any]:
    exhibit, contents = book_exhibit.exhibit, book_exhibit.contents
    texts = {found.number: found.text for block in book.dossier.blocks for found in block.competencies}
    return {
        "label": exhibit.label,
        "title": exhibit.title or "Pièce sans titre",
        "short_title": shortened(exhibit.title, 110),
        "shorter_title": shortened(exhibit.title, 66),
        "pages": len(contents.pages),
        "kind": KINDS[exhibit.kind] if exhibit.kind else "",
        "facts": _facts(exhibit, book.dossier),
        "own_role": _typed(exhibit.own_role),
        "own_part": _typed(exhibit.own_part),
        "claims": [_claim(claim) | {"text": texts[claim.competency]} for claim in book_exhibit.claims],
        "media": _media(exhibit, contents.recording) if contents.recording else None,
        "notice": contents.notice,
        "file": f"{exhibit.name}, {size(exhibit.size)}"
        + (f", version {exhibit.file_version}" if exhibit.file_version > 1 else ""),
        "sha256": exhibit.sha256,
        "sheets": [_sheet(page, book_exhibit, characters) for page in contents.pages],
    }


def _sheet(page: ExhibitPage, book_exhibit: BookExhibit, characters: int) -> dict[str, Any]:
    return {
        "number": page.number,
        "landscape": False,
        "image": "",
        "across": 0,
        "down": 0,
        "notice": "",
        "regions": [list(box) for box in book_exhibit.regions_of_page(page.number)],
        "alt": _alternative(page, book_exhibit.exhibit, characters),
        "claims": [
            {"anchor": claim.anchor, "competency": claim.competency}
            for claim in book_exhibit.claims_of_page(page.number)
        ],
    }


def _alternative(page: ExhibitPage, exhibit: SealedExhibit, characters: int) -> str:
    text = shortened(" ".join(page.text.split()), characters)
    named = f"Page {page.number} de la pièce {exhibit.label}, {exhibit.title}"
    return f"{named}{NBSP}: {text}" if text else f"{named}{NBSP}: image, sans texte."


def _facts(exhibit: SealedExhibit, dossier: SealedDossier) -> list[list[str]]:
    experience = next(
        (
            sealed_experience
            for sealed_experience in dossier.experiences
            if sealed_experience.number == exhibit.experience
        ),
        None,
    )
    where = ", ".join(part for part in (experience.post, experience.structure) if part) if experience else ""
    captured = f", capture du {date_fr(exhibit.captured_on)}" if exhibit.captured_on else ""
    return [
        ["Nature", KINDS[exhibit.kind] if exhibit.kind else ""],
        ["Date", _period(exhibit.dated_from, exhibit.dated_to) if exhibit.dated_to else date_fr(exhibit.dated_from)],
        ["Expérience", where],
        ["Qui l’a réalisée", AUTHORSHIP[exhibit.authorship] if exhibit.authorship else ""],
        ["Confidentialité", CONFIDENTIALITY[exhibit.confidentiality] if exhibit.confidentiality else ""],
        ["Personnes citées", ANONYMITY[exhibit.anonymity] if exhibit.anonymity else ""],
        ["Adresse", f"{exhibit.web_address}{captured}" if exhibit.web_address else ""],
    ]


def _media(exhibit: SealedExhibit, recording: Recording) -> dict[str, Any]:
    is_film = recording.kind == "video"
    return {
        "is_film": is_film,
        "name": "Film" if is_film else "Enregistrement sonore",
        "duration": duration_message(recording.seconds) if recording.seconds else "",
        "address": recording.address,
        "qr": _qr(recording.address) if recording.address else "",
        "qr_alt": f"Code QR de l’adresse {recording.address}",
        "poster": "",
        "poster_alt": f"Une image du film {exhibit.title}"
        if is_film
        else f"La forme des sons de l’enregistrement {exhibit.title}",
        "stills": [],
    }


def duration_message(seconds: int) -> str:
    """Say how long a recording plays: « 4 min 05 », « 1 h 02 »."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours}{NBSP}h{NBSP}{minutes:02}"
    return f"{minutes}{NBSP}min{NBSP}{left:02}" if minutes else f"{left}{NBSP}s"


def _qr(address: str) -> str:
    drawing = BytesIO()
    segno.make(address.encode("utf-8", "replace"), error="m", micro=False).save(
        drawing, kind="svg", border=2, dark="#1c2329", xmldecl=False, svgns=True
    )
    return drawing.getvalue().decode("utf-8")
