"""A version as a package of 1EdTech CASE 1.1: its blocks and competencies with identifiers that never change."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID, uuid5

from portfolio.domain.certification.rules.doubts import Doubt
from portfolio.domain.certification.rules.entry import Entry, EntryBlock, EntryCompetency
from portfolio.domain.certification.rules.entry_schema import entry_as_json

CASE_PATH = "/ims/case/v1p1"
DOCUMENT = "document"  # the path of the document itself, by which it is identified
EXTENSION = "acquis"  # CASE 1.1 allows extensions; these keep what CASE has no field for


@dataclass(frozen=True, slots=True)
class Framework:
    """A published version, who publishes it, and the address of the site where its parts are read."""

    certification_id: UUID
    code: str
    number: int
    creator: str
    published_at: datetime
    address: str
    entry: Entry

    def identifier(self, path: str) -> str:
        """Return the identifier of a part of this version."""
        return part_identifier(self.certification_id, self.code, self.number, path)

    @property
    def changed_at(self) -> str:
        """Return the moment of publication with its time zone: a published version never changes again."""
        at = self.published_at if self.published_at.tzinfo else self.published_at.replace(tzinfo=UTC)
        return at.astimezone(UTC).isoformat(timespec="seconds")


def part_identifier(certification_id: UUID, code: str, number: int, path: str) -> str:
    """Return the UUIDv5 of a part, from the certification, its code, the version's number and the path of the part."""
    return str(uuid5(certification_id, f"{code}/{number}/{path}"))


def document_uri(address: str, identifier: str) -> str:
    """Return where the document of a version is read, from the address of the site."""
    return f"{address}{CASE_PATH}/CFDocuments/{identifier}"


def item_uri(address: str, identifier: str) -> str:
    """Return where an item of a version is read, from the address of the site."""
    return f"{address}{CASE_PATH}/CFItems/{identifier}"


def block_path(number: int) -> str:
    """Return the path of a block, by which it is identified."""
    return f"block/{number}"


def competency_path(block: int, number: int) -> str:
    """Return the path of a competency, by which it is identified."""
    return f"block/{block}/competency/{number}"


def package_of(framework: Framework) -> dict[str, Any]:
    """Return the CFPackage of a version: its document, an item for each block and competency, and where each stands."""
    return {
        "CFDocument": _document(framework),
        "CFItems": [item for _, item in _items(framework)],
        "CFAssociations": list(_associations(framework)),
    }


def item_of(framework: Framework, identifier: str) -> dict[str, Any] | None:
    """Return one CFItem with the link to its document; None when the version has no such item."""
    found = next((item for _, item in _items(framework) if item["identifier"] == identifier), None)
    return None if found is None else {**found, "CFDocumentURI": _document_link(framework)}


def document_of(framework: Framework) -> dict[str, Any]:
    """Return the CFDocument of a version with the link to its package."""
    document = _document(framework)
    package = document["uri"].replace("/CFDocuments/", "/CFPackages/")
    link = {"title": document["title"], "identifier": document["identifier"], "uri": package}
    return {**document, "CFPackageURI": link}


def associations_of(framework: Framework, identifier: str) -> list[dict[str, Any]]:
    """Return the associations that an item stands in."""
    ends = ("originNodeURI", "destinationNodeURI")
    return [each for each in _associations(framework) if identifier in (each[end]["identifier"] for end in ends)]


def _document_link(framework: Framework) -> dict[str, str]:
    identifier = framework.identifier(DOCUMENT)
    uri = document_uri(framework.address, identifier)
    return {"title": _line(framework.entry.title), "identifier": identifier, "uri": uri}


def _line(text: str) -> str:
    return " ".join(text.split())


def _document(framework: Framework) -> dict[str, Any]:
    entry = framework.entry
    starts = [registration.since for registration in entry.registrations if registration.since]
    document: dict[str, Any] = {
        "identifier": framework.identifier(DOCUMENT),
        "uri": document_uri(framework.address, framework.identifier(DOCUMENT)),
        "caseVersion": "1.1",
        "frameworkType": "certification",
        "creator": _line(framework.creator),
        "title": _line(entry.title),
        "lastChangeDateTime": framework.changed_at,
        "language": "fr",
        "version": str(framework.number),
        "adoptionStatus": "Adopted",
        "extensions": {EXTENSION: {"registerCode": framework.code, "entry": _rest(entry)}},
    }
    if starts and entry.registered_until:
        document |= {"statusStartDate": min(starts).isoformat(), "statusEndDate": entry.registered_until.isoformat()}
    return document


def _rest(entry: Entry) -> dict[str, Any]:
    """Return what the entry says beside its blocks: CASE has no field for it, and an export is read back equal."""
    return {key: value for key, value in entry_as_json(entry).items() if key not in ("blocks", "doubts")}


def _items(framework: Framework) -> Iterator[tuple[str, dict[str, Any]]]:
    for block in framework.entry.blocks:
        yield block_path(block.number), _block_item(framework, block)
        for competency in block.competencies:
            yield competency_path(block.number, competency.number), _competency_item(framework, block, competency)


def _item(framework: Framework, path: str, statement: str, code: str, kind: str) -> dict[str, Any]:
    identifier = framework.identifier(path)
    return {
        "identifier": identifier,
        "uri": item_uri(framework.address, identifier),
        "fullStatement": statement,
        "humanCodingScheme": code,
        "CFItemType": kind,
        "language": "fr",
        "lastChangeDateTime": framework.changed_at,
    }


def _block_item(framework: Framework, block: EntryBlock) -> dict[str, Any]:
    item = _item(framework, block_path(block.number), block.title, str(block.number), "Block")
    kept: dict[str, Any] = {
        "number": block.number,
        "assessments": list(block.assessments),
        "certificateStated": block.certificate_stated,
        "text": block.title,
    }
    if block.code is not None:
        kept["code"] = block.code
    if block.option:
        kept["option"] = block.option
    if block.source is not None:
        kept["source"] = {"text": block.source.text, "cut": str(block.source.cut)}
    return {**item, "extensions": {EXTENSION: kept}}


def _competency_item(framework: Framework, block: EntryBlock, competency: EntryCompetency) -> dict[str, Any]:
    code = f"{block.number}.{competency.number}"
    item = _item(framework, competency_path(block.number, competency.number), competency.text, code, "Competency")
    kept = {"number": competency.number, "text": competency.text}
    item["extensions"] = {EXTENSION: kept | ({"alias": competency.alias} if competency.alias else {})}
    return {**item, "alternativeLabel": competency.alias} if competency.alias else item


def _associations(framework: Framework) -> Iterator[dict[str, Any]]:
    document = _document_link(framework)
    for place, block in enumerate(framework.entry.blocks, 1):
        block_link = _link(framework, block_path(block.number), block.title)
        yield _child(framework, block_path(block.number), block_link, document, place)
        for rank, competency in enumerate(block.competencies, 1):
            path = competency_path(block.number, competency.number)
            yield _child(framework, path, _link(framework, path, competency.text), block_link, rank)


def _link(framework: Framework, path: str, title: str) -> dict[str, str]:
    identifier = framework.identifier(path)
    return {"title": _line(title), "identifier": identifier, "uri": item_uri(framework.address, identifier)}


def _child(
    framework: Framework, path: str, child: dict[str, str], parent: dict[str, str], place: int
) -> dict[str, Any]:
    identifier = framework.identifier(f"{path}/isChildOf")
    return {
        "identifier": identifier,
        "uri": f"{document_uri(framework.address, framework.identifier(DOCUMENT))}#{identifier}",
        "associationType": "isChildOf",
        "sequenceNumber": place,
        "originNodeURI": child,
        "destinationNodeURI": parent,
        "lastChangeDateTime": framework.changed_at,
    }


_Column = TypeVar("_Column")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
HEADING = ("Bloc", "Compétence", "Modalité d’évaluation")


class SheetFaultCode(StrEnum):
    """Reasons why a spreadsheet, or one of its lines, is not read."""

    EMPTY = "sheet_empty"
    NOT_TEXT = "sheet_not_text"
    TOO_LARGE = "sheet_too_large"
    TOO_MANY_LINES = "sheet_too_many_lines"
    NO_SEPARATOR = "sheet_no_separator"
    ONLY_HEADING = "sheet_only_heading"
    HEADING = "sheet_heading"
    QUOTE = "sheet_quote"
    TOO_MANY_CELLS = "sheet_too_many_cells"
    NO_BLOCK = "sheet_no_block"
    NO_COMPETENCY = "sheet_no_competency"
    BLOCK_DIFFERS = "sheet_block_differs"
    TWICE = "sheet_twice"
    TITLE_TOO_LONG = "sheet_title_too_long"
    COMPETENCY_TOO_LONG = "sheet_competency_too_long"
    TOO_MANY_BLOCKS = "sheet_too_many_blocks"
    TOO_MANY_COMPETENCIES = "sheet_too_many_competencies"


@dataclass(frozen=True, slots=True)
class SheetFault:
    """One fault: its code, the line where it is (None for the whole file), the facts its sentence quotes."""

    what: SheetFaultCode
    line: int | None = None
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The blocks read, the faults in the order of the lines, whether the encoding was guessed, the columns
    not read, what a person must look at in the blocks.
    """

    blocks: tuple[EntryBlock, ...]
    faults: tuple[SheetFault, ...] = ()
    is_guessed: bool = False
    ignored: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def safe_cell(text: str) -> str:
    """Return a text as a cell that a spreadsheet program shows and never computes: an apostrophe goes
    before a formula.
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def plain_cell(text: str) -> str:
    """Return the text that `safe_cell` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text


def folded(text: str) -> str:
    """Return a heading or a code word as it is compared: without case, accents and what ends a label."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split()).strip(" :.*")


def guess_columns(headings: Sequence[str], names: Mapping[_Column, Sequence[str]]) -> list[_Column | None]:
    """Return which column each heading names, by the names that people give it: each column once, None for the others.

    A heading that is a name comes before one that contains it (« date de naissance du candidat »). What makes a word
    inclusive is not read (« candidat(e) »).
    """
    known = {_heading(name): column for column, listed in names.items() for name in listed}
    words = [_heading(heading) for heading in headings]
    found: list[_Column | None] = [None] * len(words)
    for place, word in enumerate(words):
        if known.get(word) not in found:
            found[place] = known.get(word)
    for name in sorted(known, key=len, reverse=True):
        for place, word in enumerate(words):
            if found[place] is None and known[name] not in found and f" {name} " in f" {word} ":
                found[place] = known[name]
    return found


def _heading(text: str) -> str:
    return folded(re.sub(r"\((?:e|s|es)\)s?|·e(?:·?s)?", "", text))


def read_day(text: str) -> date | None:
    """Return the day that a cell holds, as people and programs write it; None for another text.

    Two digits of a year are those of the past century from 30 on.
    """
    for pattern in ("%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y"):
        try:
            found = datetime.strptime(text.split(" ")[0], pattern).date()
        except ValueError:
            continue
        if pattern.endswith("%y"):
            found = found.replace(year=found.year % 100 + (1900 if found.year % 100 >= 30 else 2000))
        return found if date(1900, 1, 1) <= found <= date(2200, 1, 1) else None
    return None


def sheet_rows(blocks: tuple[EntryBlock, ...]) -> Iterator[tuple[str, str, str]]:
    """Yield the lines of a spreadsheet, its heading first: a block names its assessments on its first line."""
    yield HEADING
    for block in blocks:
        name = f"Bloc {block.number} - {block.title}" if block.title else f"Bloc {block.number}"
        assessments = "\n".join(block.assessments)
        for rank, competency in enumerate(block.competencies):
            yield safe_cell(name), safe_cell(competency.text), safe_cell("" if rank else assessments)
        if not block.competencies:
            yield safe_cell(name), "", safe_cell(assessments)
