"""Reads a package of 1EdTech CASE 1.0 or 1.1 (CFPackage, JSON): a top item is a block, an item without
children a competency.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from portfolio.domain.certification.readers import bounded_json, mahara_matrix
from portfolio.domain.certification.readers.bounded_json import line_at, objects_at, text_at
from portfolio.domain.certification.readers.france_competences.blocks import list_doubts
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import (
    CompetencySource,
    CutRule,
    Entry,
    EntryBlock,
    EntryCompetency,
    is_own_code,
)
from portfolio.domain.certification.rules.entry_schema import MalformedEntry, entry_as_json, entry_from_json
from portfolio.domain.certification.rules.registration import Part, PartFinding, RejectionReason, UnreadableEntry

MAX_ITEMS = 20_000
CODE = re.compile(r"RNCP\d{1,6}")
EXTENSION = "acquis"  # what our own export adds in the extensions that CASE 1.1 allows


@dataclass
class Tree:
    """The items of a package by identifier, the parent of each, and the children of each in order."""

    document: str
    items: dict[str, Mapping[str, Any]]
    parents: dict[str, str] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)
    ranks: dict[str, int] = field(default_factory=dict)


def recognises(data: bytes) -> bool:
    """Return whether a file is JSON with a CFDocument."""
    return bounded_json.looks_like_json(data) and b'"CFDocument"' in data


def read(data: bytes) -> Entry:
    """Return the entry of a package.

    Raise UnreadableEntry about a cycle, a parent that is not there, or an identifier used twice.
    """
    package = bounded_json.parse(data)
    document = bounded_json.object_of(package, "CFDocument")
    tree = _tree(document, list(objects_at(package, "CFItems")), list(objects_at(package, "CFAssociations")))
    title = line_at(document, "title")
    blocks, about_blocks = _blocks(tree, title)
    mahara_matrix.check_blocks(blocks)
    code = line_at(_extension(document), "registerCode")
    doubts = mahara_matrix.framework_doubts()
    has_code = bool(CODE.fullmatch(code)) or is_own_code(code)
    if has_code:
        doubts = [doubt for doubt in doubts if doubt.what is not DoubtCode.FRAMEWORK_WITHOUT_CODE]
    routes, about_routes = mahara_matrix.unknown_routes()
    doubts += [*mahara_matrix.title_doubts(title), *about_routes, *_about_document(document), *about_blocks]
    own = _own_entry(document, title, blocks)
    if own is not None and has_code:
        return replace(own, code=code, doubts=tuple(about_blocks))
    creator = line_at(document, "creator")
    return Entry(
        code=code if has_code else "",
        title=title,
        titles_seen=mahara_matrix.titles_of(title),
        blocks=tuple(blocks),
        certifiers=(creator,) if creator else (),
        routes=routes,
        doubts=tuple(doubts),
    )


def _own_entry(document: Mapping[str, Any], title: str, blocks: list[EntryBlock]) -> Entry | None:
    """Return the entry that our own export kept beside its blocks; None for a package of another program, or
    a damaged one.
    """
    rest = _extension(document).get("entry")
    if not isinstance(rest, Mapping):
        return None
    written = entry_as_json(Entry("", title, tuple(blocks)))
    try:
        own = entry_from_json({**rest, "blocks": written["blocks"], "doubts": []})
    except MalformedEntry:
        return None
    return own if " ".join(own.title.split()) == " ".join(title.split()) else replace(own, title=title)


def _extension(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(objects_at(next(objects_at(item, "extensions"), {}), EXTENSION), {})


def _tree(document: Mapping[str, Any], items: list[Mapping[str, Any]], associations: list[Mapping[str, Any]]) -> Tree:
    if len(items) > MAX_ITEMS or len(associations) > 4 * MAX_ITEMS:
        raise UnreadableEntry(RejectionReason.TOO_MANY_ITEMS)
    tree = Tree(_identifier(document), {_identifier(item): item for item in items})
    if len(tree.items) != len(items) or "" in tree.items or tree.document in tree.items:
        raise UnreadableEntry(RejectionReason.IDENTIFIER_TWICE)
    order = {identifier: place for place, identifier in enumerate(tree.items)}
    ranked = []
    for association in associations:
        if line_at(association, "associationType") == "isChildOf":
            child, parent = _node(association, "originNodeURI"), _node(association, "destinationNodeURI")
            if child not in tree.items:
                continue  # it concerns an item of another package
            _check_parent(tree, child, parent)
            rank = _rank(association, tree.items[child], order[child])
            ranked.append((rank, child, parent))
            if rank[0] == 0:
                tree.ranks.setdefault(child, rank[1])
    for _, child, parent in sorted(ranked, key=lambda place: place[0]):
        if child in tree.parents:
            tree.several.add(child)
            continue
        tree.parents[child] = parent
        tree.children.setdefault(parent, []).append(child)
    _refuse_cycle(tree)
    return tree


def _identifier(thing: Mapping[str, Any]) -> str:
    return line_at(thing, "identifier").lower()[:100]


def _node(association: Mapping[str, Any], key: str) -> str:
    """Return the identifier of a node: a link object, or a bare address that ends with it."""
    link = next(objects_at(association, key), None)
    written = line_at(link, "identifier") if link is not None else line_at(association, key)
    return written.rstrip("/").rsplit("/", 1)[-1].lower()[:100]


def _check_parent(tree: Tree, child: str, parent: str) -> None:
    if parent != tree.document and parent not in tree.items:
        facts = (parent, line_at(tree.items[child], "fullStatement")[:100])
        raise UnreadableEntry(RejectionReason.PARENT_MISSING, missing=[PartFinding(Part.PARENT, facts)])


def _rank(association: Mapping[str, Any], item: Mapping[str, Any], place: int) -> tuple[int, int, tuple[int, ...], int]:
    """Return the place of an item among its siblings: sequenceNumber, then listEnumeration, then the
    order of the file.
    """
    number = association.get("sequenceNumber")
    sequence = number if isinstance(number, int) and not isinstance(number, bool) else None
    listed = tuple(int(part) for part in re.findall(r"\d{1,9}", line_at(item, "listEnumeration"))[:6])
    return (0 if sequence is not None else 1, sequence or 0, listed, place)


def _refuse_cycle(tree: Tree) -> None:
    done: set[str] = set()
    for start in tree.parents:
        path: dict[str, None] = {}  # in order, and quick to look in
        current = start
        while current in tree.parents and current not in done:
            if current in path:
                loop = list(path)[list(path).index(current) :]
                names = [line_at(tree.items[identifier], "fullStatement")[:80] for identifier in loop[:20]]
                raise UnreadableEntry(RejectionReason.CYCLE, [PartFinding(Part.CYCLE, (name,)) for name in names])
            path[current] = None
            current = tree.parents[current]
        done.update(path)


def _blocks(tree: Tree, title: str) -> tuple[list[EntryBlock], list[Doubt]]:
    loose = [item for item in tree.items if item not in tree.parents]
    top = [*tree.children.get(tree.document, []), *loose]
    doubts = [Doubt("blocks", DoubtCode.ITEM_WITHOUT_PARENT, (_statement(tree, item)[:300],)) for item in loose]
    if top and not any(tree.children.get(item) for item in top):
        # A flat list has no blocks: it is kept as one, which a person cuts.
        return [EntryBlock(1, title, _competencies(tree, top))], [
            *doubts,
            *_about_items(tree, 1, top),
            Doubt("blocks.1", DoubtCode.FRAMEWORK_WITHOUT_BLOCKS),
        ]
    blocks = []
    for number, identifier in zip(_numbers(tree, top), top, strict=True):
        low, headings = _descendants(tree, identifier)
        extension = _extension(tree.items[identifier])
        written = extension.get("assessments")
        assessments = (
            tuple(bounded_json.plain(text) for text in written if isinstance(text, str))
            if isinstance(written, list)
            else ()
        )
        stated = extension.get("certificateStated") is True
        block = EntryBlock(number, _statement(tree, identifier), _competencies(tree, low), assessments, stated)
        code, option = line_at(extension, "code") or None, line_at(extension, "option")
        blocks.append(replace(block, code=code, source=_source(extension), option=option))
        where = f"blocks.{number}"
        doubts += [
            Doubt(where, DoubtCode.HEADING_SET_ASIDE, (_statement(tree, heading)[:300],)) for heading in headings
        ]
        doubts += [
            Doubt(where, DoubtCode.ITEM_WITH_SEVERAL_PARENTS, (_statement(tree, item)[:300],))
            for item in low
            if item in tree.several
        ]
        if not assessments:
            doubts.append(Doubt(f"{where}.assessments", DoubtCode.ASSESSMENT_MISSING))
        if not block.title:
            doubts.append(Doubt(where, DoubtCode.BLOCK_TITLE_MISSING))
        doubts += _about_items(tree, number, low)
    return blocks, doubts


def _about_items(tree: Tree, number: int, identifiers: list[str]) -> list[Doubt]:
    """Return the doubts about the items of a block: their codes, their ranks, an end that one of them has."""
    items = [tree.items[identifier] for identifier in identifiers]
    codes = [line_at(item, "humanCodingScheme") for item in items]
    ranks = [tree.ranks[identifier] for identifier in identifiers if identifier in tree.ranks]
    doubts = list(list_doubts(number, [_statement(tree, identifier) for identifier in identifiers], codes))
    parents = {tree.parents.get(identifier) for identifier in identifiers}
    if len(parents) == 1 and len(set(ranks)) < len(ranks):
        told = ", ".join(map(str, ranks))[:300]
        doubts.append(Doubt(f"blocks.{number}", DoubtCode.COMPETENCY_NUMBERING, (told,)))
    ended = [item for item in items if line_at(item, "statusEndDate")]
    return [*doubts, *(_not_kept(item, "statusEndDate", f"blocks.{number}") for item in ended)]


def _not_kept(item: Mapping[str, Any], name: str, where: str) -> Doubt:
    return Doubt(where, DoubtCode.FIELD_NOT_KEPT, (name, line_at(item, name)[:100]))


def _about_document(document: Mapping[str, Any]) -> list[Doubt]:
    """Return the doubts about the state of a framework: a draft, one that is withdrawn, one that ended."""
    status = line_at(document, "adoptionStatus")
    doubts = [_not_kept(document, "statusEndDate", "file")] if line_at(document, "statusEndDate") else []
    if status and status != "Adopted":
        doubts.append(Doubt("details.page_state", DoubtCode.ENTRY_NOT_PUBLISHED, (status[:100],)))
    return doubts


def _statement(tree: Tree, identifier: str) -> str:
    found = text_at(tree.items[identifier], "fullStatement") or line_at(tree.items[identifier], "abbreviatedStatement")
    return _exact(_extension(tree.items[identifier]), "text", found)


def _exact(extension: Mapping[str, Any], key: str, shown: str) -> str:
    """Return the text as our own export kept it, when it is the one shown; else the one shown, which
    somebody changed.
    """
    kept = extension.get(key)
    return kept if isinstance(kept, str) and bounded_json.plain(kept) == shown else shown


def _source(extension: Mapping[str, Any]) -> CompetencySource | None:
    kept = extension.get("source")
    if not isinstance(kept, Mapping) or not isinstance(kept.get("text"), str) or kept.get("cut") not in set(CutRule):
        return None
    return CompetencySource(kept["text"], CutRule(kept["cut"]))


def _competencies(tree: Tree, identifiers: list[str]) -> tuple[EntryCompetency, ...]:
    kept = [identifier for identifier in identifiers if _statement(tree, identifier)]
    return tuple(
        EntryCompetency(number, _statement(tree, identifier), _alias(tree.items[identifier]))
        for number, identifier in zip(_numbers(tree, kept), kept, strict=True)
    )


def _alias(item: Mapping[str, Any]) -> str | None:
    return _exact(_extension(item), "alias", text_at(item, "alternativeLabel")) or None


def _numbers(tree: Tree, identifiers: list[str]) -> list[int]:
    """Return the numbers that our own export wrote, when each has its own; else the order."""
    written = [_extension(tree.items[identifier]).get("number") for identifier in identifiers]
    numbers = [number for number in written if type(number) is int and 0 < number < 10_000]
    return numbers if len(set(numbers)) == len(identifiers) else list(range(1, len(identifiers) + 1))


def _descendants(tree: Tree, top: str) -> tuple[list[str], list[str]]:
    """Return the items under one that have no children, in order, and those between, which are only headings."""
    low: list[str] = []
    headings: list[str] = []
    waiting = list(reversed(tree.children.get(top, [])))
    while waiting:
        current = waiting.pop()
        below = tree.children.get(current, [])
        (headings if below else low).append(current)
        waiting.extend(reversed(below))
    return low, headings
