"""A draft, its doubts and what becomes of them while a person corrects it; what a use case can answer about
versions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from portfolio.domain.certification.rules.decision_rule import DecisionRule
from portfolio.domain.certification.rules.doubts import FOLDED_DOUBTS, Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Entry, EntryBlock


class ImportOutcome(StrEnum):
    """What an import made: nothing is ever replaced."""

    FIRST = "first_version"
    NEXT = "next_version"
    BESIDE_A_DRAFT = "beside_a_draft"
    ALREADY_THERE = "already_there"


class CertificationRefusal(StrEnum):
    """Why a use case about a certification says no."""

    DRAFT_GONE = "draft_gone"
    ALREADY_PUBLISHED = "already_published"
    NOT_PUBLISHED = "not_published"
    NOT_PUBLISHABLE = "not_publishable"
    DRAFT_CHANGED = "draft_changed"
    CODE_NEEDED = "entry_code_needed"
    CODE_TAKEN = "entry_code_taken"
    CODE_FIXED = "entry_code_fixed"
    CODE_FORM = "entry_code_form"
    CODE_IN_USE = "entry_code_in_use"
    BASE_GONE = "base_gone"
    SUCCESSOR_FORM = "successor_form"
    SUCCESSOR_IS_ITSELF = "successor_is_itself"
    PARTNER_THERE = "partner_there"
    PARTNER_GONE = "partner_gone"


@dataclass(frozen=True, slots=True)
class Correction:
    """The state of a draft, in the form that is stored: as it was shown to a person, or as they corrected it.

    `revision` is the one they had before them; `settled` holds the keys of the doubts they looked at.
    """

    entry_json: Mapping[str, Any]
    revision: int
    settled: tuple[str, ...] = ()
    decision_rule: DecisionRule = DecisionRule.EVERY
    decision_threshold: int | None = None


def settled_by_rules(entry: Entry) -> frozenset[str]:
    """Return the keys of the doubts that a jury rule typed by a person settles: those about a rule left
    empty.
    """
    common = entry.jury is not None and not entry.jury.is_empty
    empty = {
        f"routes.{route.route}" for route in entry.routes if route.rule is not None and route.rule.is_empty
    }
    return frozenset(
        doubt_key(doubt)
        for doubt in entry.doubts
        if (doubt.what is DoubtCode.JURY_NOT_CERTAIN and doubt.where == "jury" and common)
        or (doubt.what is DoubtCode.JURY_OF_ROUTE_EMPTY and common and doubt.where not in empty)
    )


def digest_of(stored: Mapping[str, Any]) -> str:
    """Give the fingerprint of a stored entry: the same content, the same 64 characters, whatever the order of
    its keys.
    """
    text = json.dumps(stored, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def former_digests(stored: Mapping[str, Any]) -> set[str]:
    """Return the fingerprints that earlier readers gave the same file: without details, or under codes
    renamed since.
    """
    renamed = {new: old for old, new in FOLDED_DOUBTS.items()}
    doubts = [
        {**doubt, "what": renamed.get(doubt["what"], doubt["what"])} for doubt in stored.get("doubts") or ()
    ]
    with_doubts = {**stored, "doubts": doubts}
    without_details = {key: value for key, value in stored.items() if key != "details"}
    return {digest_of(with_doubts), digest_of(without_details)}


def doubt_key(doubt: Doubt) -> str:
    """Name a doubt of one entry, so that a person can say they have looked at it."""
    text = json.dumps([doubt.where, doubt.what, *doubt.facts], ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


def places_of(entry: Entry) -> list[str]:
    """List the places of an entry that a correction can move or remove: registrations, blocks,
    competencies.
    """
    places = [f"registrations.{number}" for number, _ in enumerate(entry.registrations, 1)]
    for block in entry.blocks:
        places.append(f"blocks.{block.number}")
        places += [
            f"blocks.{block.number}.competencies.{competency.number}" for competency in block.competencies
        ]
    return places


def longest_place(where: str, places: Collection[str]) -> str | None:
    """Find the narrowest of some places that holds "blocks.3.competencies.2"; None when none does."""
    parts = where.split(".")
    heads = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((head for head in heads if head in places), None)


def carry_over_doubts(
    doubts: Iterable[Doubt], places: Collection[str], moves: Mapping[str, str], settled: Collection[str]
) -> tuple[tuple[Doubt, ...], list[str]]:
    """Keep every doubt beside what it is about, when blocks are renumbered or lines removed.

    `places` are those of the entry before, `moves` says where each of them stands now. A doubt whose place
    was removed is kept, and counts as looked at. Answers with the doubts and the keys of those that are
    settled.
    """
    carried: list[Doubt] = []
    looked_at: list[str] = []
    for doubt in doubts:
        place = longest_place(doubt.where, places)
        is_removed = place is not None and place not in moves
        where = doubt.where if place is None or is_removed else moves[place] + doubt.where[len(place) :]
        moved = replace(doubt, where=where)
        carried.append(moved)
        if is_removed or doubt_key(doubt) in settled:
            looked_at.append(doubt_key(moved))
    return tuple(carried), looked_at


def unresolved_doubts(entry: Entry, settled: Collection[str]) -> list[Doubt]:
    """List the doubts that nobody has looked at yet."""
    return [doubt for doubt in entry.doubts if doubt_key(doubt) not in settled]


def carry_over_decisions(before: Entry, read: Entry) -> Entry:
    """Return an entry read again with what the body decided on the version before (domain §9): the frame of
    the livret 2, by which title it certifies, the exact title, and, where the register did not change what
    they are about, the rules of the jury, the decision and validity of each block.
    """
    blocks = {_block_text(block): block for block in before.blocks}
    kept = {
        block.number: replace(
            block,
            decision_rule=same.decision_rule,
            decision_threshold=same.decision_threshold,
            validity_months=same.validity_months,
        )
        for block in read.blocks
        if (same := blocks.get(_block_text(block))) is not None
    }
    texts = {route.route: route for route in before.routes}
    same_jury = {route.route: route.jury for route in read.routes} == {
        route.route: route.jury for route in before.routes
    }
    return replace(
        read,
        title=before.title if before.titles_seen == read.titles_seen else read.title,
        frame=before.frame,
        certifying_title=before.certifying_title,
        jury=before.jury if same_jury else read.jury,
        routes=tuple(
            replace(route, rule=texts[route.route].rule) if same_jury else route for route in read.routes
        ),
        permanence=read.permanence or before.permanence,
        blocks=tuple(kept.get(block.number, block) for block in read.blocks),
    )


def _block_text(block: EntryBlock) -> tuple[object, ...]:
    """Return what makes two blocks the same: title, competencies and assessments as they are written."""
    competencies = tuple((competency.number, competency.text) for competency in block.competencies)
    return block.number, block.title, competencies, block.assessments
