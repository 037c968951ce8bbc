"""Reads a framework of Mahara's SmartEvidence (`.matrix`, JSON): standards are blocks, lowest elements competencies."""

from collections.abc import Mapping
from typing import Any

from portfolio.domain.certification.readers import bounded_json, framework
from portfolio.domain.certification.readers.bounded_json import line_at, objects_at, text_at
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Entry, EntryBlock, EntryCompetency
from portfolio.domain.certification.rules.registration import Part, PartFinding, RejectionReason, UnreadableEntry

MAX_ELEMENTS = 5000
NO_PARENT = {"", "undefined", "null", "0"}


def recognises(data: bytes) -> bool:
    """Return whether a file is JSON with a framework of standards."""
    return bounded_json.looks_like_json(data) and b'"framework"' in data[:2000] and b'"standards"' in data


def read(data: bytes) -> Entry:
    """Return the entry of a framework.

    Raise UnreadableEntry when an element names a standard or a parent that is not there.
    """
    parsed = bounded_json.parse(data)
    found = bounded_json.object_of(parsed, "framework")
    elements = list(objects_at(found, "standardelements"))
    standards = list(objects_at(found, "standards"))
    if len(elements) > MAX_ELEMENTS or len(standards) > framework.MAX_BLOCKS:
        raise UnreadableEntry(RejectionReason.TOO_MANY_ITEMS)
    parents = _parents(elements)
    blocks, doubts = [], framework.framework_doubts()
    _check_standards(standards, elements)
    for number, standard in enumerate(standards, 1):
        own = [element for element in elements if _id(element, "standardid") == _id(standard, "standardid")]
        texts = [_wording(element) for element in own if _id(element, "elementid") not in parents]
        competencies = tuple(EntryCompetency(n, text) for n, text in enumerate(filter(None, dict.fromkeys(texts)), 1))
        blocks.append(EntryBlock(number, line_at(standard, "name"), competencies))
        lowest = [element for element in own if _id(element, "elementid") not in parents]
        raws = [text_at(element, "name") for element in lowest]
        doubts += framework.list_doubts(number, raws, [_id(element, "elementid") for element in lowest])
        doubts += _doubts(number, standard, own, parents, texts)
    framework.check_blocks(blocks)
    numbers = [_id(standard, "shortname") for standard in standards]
    if all(map(str.isdecimal, numbers)) and numbers != [str(block.number) for block in blocks]:
        doubts.append(Doubt("blocks", DoubtCode.BLOCK_NUMBERING, (", ".join(numbers)[:300],)))
    title = line_at(found, "name")
    routes, about_routes = framework.unknown_routes()
    doubts += [*framework.title_doubts(title), *about_routes]
    return Entry("", title, tuple(blocks), framework.titles_of(title), routes=routes, doubts=tuple(doubts))


def _id(element: Mapping[str, Any], key: str) -> str:
    """Return an identifier as text: Mahara writes some as numbers, some as texts."""
    value = element.get(key)
    return str(value)[:100].strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _parent(element: Mapping[str, Any]) -> str:
    written = _id(element, "parentelementid") or _id(element, "parentid")
    return "" if written in NO_PARENT else written


def _wording(element: Mapping[str, Any]) -> str:
    return line_at(element, "name") or line_at(element, "shortname")


def _parents(elements: list[Mapping[str, Any]]) -> set[str]:
    ids = {_id(element, "elementid") for element in elements} - {""}
    for element in elements:
        if _parent(element) and _parent(element) not in ids:
            raise UnreadableEntry(
                RejectionReason.PARENT_MISSING,
                missing=[PartFinding(Part.PARENT, (_parent(element), _wording(element)[:100]))],
            )
    above = {_id(element, "elementid"): _parent(element) for element in elements}
    done: set[str] = set()
    for start in above:
        seen, current = {start}, above[start]
        while current and current not in done:
            if current in seen:
                raise UnreadableEntry(RejectionReason.CYCLE, [PartFinding(Part.CYCLE, (start,))])
            seen.add(current)
            current = above.get(current, "")
        done |= seen
    return {parent for parent in above.values() if parent}


def _check_standards(standards: list[Mapping[str, Any]], elements: list[Mapping[str, Any]]) -> None:
    ids = [_id(standard, "standardid") for standard in standards]
    if len(set(ids)) != len(ids):
        raise UnreadableEntry(RejectionReason.IDENTIFIER_TWICE)
    for element in elements:
        if _id(element, "standardid") not in ids:
            facts = (_id(element, "standardid"), _wording(element)[:100])
            raise UnreadableEntry(RejectionReason.PARENT_MISSING, missing=[PartFinding(Part.PARENT, facts)])


def _doubts(
    number: int, standard: Mapping[str, Any], own: list[Mapping[str, Any]], parents: set[str], texts: list[str]
) -> list[Doubt]:
    where = f"blocks.{number}"
    headings = [_wording(element) for element in own if _id(element, "elementid") in parents]
    doubts = [Doubt(where, DoubtCode.HEADING_SET_ASIDE, (text[:300],)) for text in headings if text]
    if len(set(texts)) != len(texts):
        doubts.append(Doubt(where, DoubtCode.COMPETENCY_WRITTEN_TWICE))
    if not line_at(standard, "name"):
        doubts.append(Doubt(where, DoubtCode.BLOCK_TITLE_MISSING))
    return [*doubts, Doubt(f"{where}.assessments", DoubtCode.ASSESSMENT_MISSING)]
