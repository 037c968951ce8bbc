"""The sealed dossier as a flat list of items, each hashed by itself, and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, TypeVar, cast, get_args, get_type_hints

from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.submission.rules.dossier import (
    RECORD_FORMAT,
    Header,
    SealedAnchor,
    SealedAssessment,
    SealedBlock,
    SealedCertification,
    SealedClaim,
    SealedCohort,
    SealedCompetency,
    SealedDossier,
    SealedExhibit,
    SealedExperience,
    SealedHeldBlock,
    SealedNarrative,
    SealedSection,
    SealedStatement,
    SealedTexts,
)

Item = dict[str, Any]
V = TypeVar("V")


def items_of(dossier: SealedDossier) -> list[Item]:
    """List the items of a sealed dossier, in the order in which a person would read it.

    Each item has an `id` that means something only inside its manifest; an item names another by such an id
    or number.
    """
    return [
        _item("dossier", dossier.header),
        _item("certification", dossier.certification),
        {"id": "candidate", "name": dossier.candidate},
        {
            "id": "scope",
            "route": dossier.route.value,
            "scope": dossier.scope.value,
            "blocks": list(dossier.requested),
        },
        *(
            []
            if dossier.is_record
            else [_item("statement", dossier.statement), _item("texts", dossier.texts)]
        ),
        *(_item(f"section:{section.number}", section) for section in dossier.sections),
        *([_item("cohort", dossier.cohort)] if dossier.cohort else []),
        *(
            _item(f"held-block:{sealed_held_block.number}", sealed_held_block)
            for sealed_held_block in dossier.held_blocks
        ),
        *(_item(f"experience:{experience.number}", experience) for experience in dossier.experiences),
        *(
            item
            for block in dossier.blocks
            for item in _items_of_block(block, with_narrative=not dossier.is_record)
        ),
        *(_item(f"assessment:{assessment.number}", assessment) for assessment in dossier.assessments),
        *(_item(f"exhibit:{exhibit.label}", exhibit) for exhibit in dossier.exhibits),
    ]


def _items_of_block(block: SealedBlock, *, with_narrative: bool) -> list[Item]:
    items: list[Item] = [{"id": f"block:{block.number}", "number": block.number, "title": block.title}]
    for competency in block.competencies:
        items.append(
            {"id": f"competency:{competency.number}", "number": competency.number, "text": competency.text}
        )
        if with_narrative:
            items.append(_item(f"narrative:{competency.number}", competency.narrative))
        items += [_item(f"claim:{competency.number}:{claim.exhibit}", claim) for claim in competency.claims]
        ranks: Counter[str] = Counter()
        for anchor in competency.anchors:
            ranks[anchor.exhibit] += 1
            items.append(
                _item(f"anchor:{competency.number}:{anchor.exhibit}:{ranks[anchor.exhibit]}", anchor)
            )
    return items


def dossier_of(items: list[Item]) -> SealedDossier:
    """Build the sealed dossier from its items; raises KeyError, TypeError or ValueError where they are not
    such a list.
    """
    by_id = {item["id"]: item for item in items}
    scope = by_id["scope"]
    is_record = by_id["dossier"]["format"] == RECORD_FORMAT
    return SealedDossier(
        header=_built(Header, by_id["dossier"]),
        certification=_built(SealedCertification, by_id["certification"]),
        candidate=by_id["candidate"]["name"],
        route=Route(scope["route"]),
        scope=Scope(scope["scope"]),
        requested=tuple(scope["blocks"]),
        statement=None if is_record else _built(SealedStatement, by_id["statement"]),
        texts=SealedTexts("", "", "") if is_record else _built(SealedTexts, by_id["texts"]),
        held_blocks=_all(SealedHeldBlock, "held-block:", items),
        experiences=_all(SealedExperience, "experience:", items),
        blocks=tuple(_block(item, items, is_record) for item in items if item["id"].startswith("block:")),
        exhibits=_all(SealedExhibit, "exhibit:", items),
        assessments=_all(SealedAssessment, "assessment:", items),
        cohort=_built(SealedCohort, by_id["cohort"]) if "cohort" in by_id else None,
        sections=_all(SealedSection, "section:", items),
    )


def _block(block: Item, items: list[Item], is_record: bool) -> SealedBlock:
    inside = [item for item in items if item["id"].startswith(f"competency:{block['number']}.")]
    return SealedBlock(
        block["number"], block["title"], tuple(_competency(item, items, is_record) for item in inside)
    )


def _competency(item: Item, items: list[Item], is_record: bool) -> SealedCompetency:
    number = item["number"]
    if is_record:
        return SealedCompetency(number, item["text"], SealedNarrative("", "", "", ""))
    (narrative,) = _all(
        SealedNarrative,
        f"narrative:{number}",
        [sealed_item for sealed_item in items if sealed_item["id"] == f"narrative:{number}"],
    )
    claims, anchors = (
        _all(SealedClaim, f"claim:{number}:", items),
        _all(SealedAnchor, f"anchor:{number}:", items),
    )
    return SealedCompetency(number, item["text"], narrative, claims, anchors)


def _item(item_id: str, value: Any) -> Item:
    return {"id": item_id} | {field.name: _plain(getattr(value, field.name)) for field in fields(value)}


def _plain(value: Any) -> Any:
    """Turn a field into what JSON knows: moments in UTC and days as ISO 8601, codes as their text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _all(kind: type[V], prefix: str, items: list[Item]) -> tuple[V, ...]:
    return tuple(_built(kind, item) for item in items if item["id"].startswith(prefix))


def _built(kind: type[V], item: Mapping[str, Any]) -> V:
    return kind(**{name: _read(type_, item[name]) for name, type_ in _types(cast("Any", kind)).items()})


@cache
def _types(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(type_: Any, value: Any) -> Any:
    """Turn what JSON held back into the type of a field; raises ValueError or TypeError."""
    choices = get_args(type_) or (type_,)
    if value is None:
        if NoneType in choices:
            return None
        raise TypeError("a value is missing")
    wanted = next(choice for choice in choices if choice is not NoneType)
    if wanted in (datetime, date):
        return wanted.fromisoformat(value)
    if issubclass(wanted, Enum):
        return wanted(value)
    if type(value) is not wanted:
        raise TypeError(f"{wanted.__name__} expected")
    return value
