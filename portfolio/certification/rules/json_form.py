"""An entry as plain JSON values and back: the contract of the command line, and the draft that a screen corrects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from portfolio.certification.rules.entry import (
    Doubt,
    Entry,
    EntryBlock,
    JuryCondition,
    JuryRule,
    Registration,
    RouteEntry,
    SeatTerms,
)
from portfolio.certification.rules.value_json import to_json


def entry_as_json(entry: Entry, *, sentence: Callable[[Doubt], str] | None = None) -> dict[str, Any]:
    """Give an entry as JSON values, with exactly the keys of `flask import-certification --json`.

    With `sentence` (wording.doubt_sentence) a doubt's "what" is its French sentence, as the command line prints it.
    Without it a doubt keeps its code and "facts": the form to store, from which `entry_from_json` gives the same entry.
    """
    written: dict[str, Any] = {
        "code": entry.code,
        "title": entry.title,
        "titles_seen": list(entry.titles_seen),
        "level": entry.level,
        "level_1969": entry.level_1969,
        "nsf": list(entry.nsf),
        "rome": list(entry.rome),
        "certifiers": list(entry.certifiers),
        "signatory": entry.signatory,
        "predecessor": entry.predecessor,
        "registrations": [_registration(one) for one in entry.registrations],
        "registered_until": _iso(entry.registered_until),
        "routes": [_route(one, with_rule=sentence is None) for one in entry.routes],
        "jury": _jury(entry.jury, with_sources=sentence is None),
        "blocks": [_block(one) for one in entry.blocks],
        "deliverables": list(entry.deliverables),
        "defence": entry.defence,
        "permanence": str(entry.permanence) if entry.permanence else None,
        "sites": [{"kind": str(one.kind), "site": one.site, "declared_by": one.declared_by} for one in entry.sites],
        "holders_per_year": [{"site": one.site, "holders": one.holders} for one in entry.holders_per_year],
        "doubts": [_doubt(one, sentence) for one in entry.doubts],
    }
    # An entry read from a form that has no details keeps the digest it always had.
    return written | {"details": to_json(entry.details)} if entry.details else written


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _registration(one: Registration) -> dict[str, Any]:
    return {"title": one.title, "act": one.act, "from": _iso(one.since), "until": _iso(one.until)}


def _route(route: RouteEntry, *, with_rule: bool) -> dict[str, Any]:
    written = {"route": str(route.route), "open": route.open, "jury": route.jury}
    # The stored form keeps the rule of a route's own jury; the contract of the command line has no such key.
    return written | {"rule": _jury(route.rule, with_sources=True)} if with_rule and route.rule is not None else written


def _jury(jury: JuryRule | None, *, with_sources: bool) -> dict[str, Any] | None:
    if jury is None:
        return None
    rule: dict[str, Any] = {
        "size": jury.size,
        "seats": [str(seat) for seat in jury.seats],
        "external_min": jury.external_min,
        "representatives_min": jury.representatives_min,
    }
    # The certifier's own rules, which no entry of the register says: told only when they are not the default.
    if jury.quorum is not None:
        rule["quorum"] = jury.quorum
    if jury.half_external:
        rule["half_external"] = True
    if any(terms != SeatTerms() for terms in jury.seat_terms):
        rule["seat_terms"] = [_seat_terms(terms) for terms in jury.seat_terms]
    if jury.conditions:
        rule["conditions"] = [_condition(condition) for condition in jury.conditions]
    if jury.left_out:
        rule["left_out"] = sorted(str(term) for term in jury.left_out)
    if not jury.casting_vote:
        rule["casting_vote"] = False
    # The stored form keeps them; the contract of the command line has no such key.
    if with_sources and jury.sources:
        rule["sources"] = {str(term): str(source) for term, source in jury.sources}
    return rule


def _seat_terms(terms: SeatTerms) -> dict[str, Any]:
    return {
        "college": str(terms.college) if terms.college else None,
        "quality": terms.quality,
        "appointed_by": terms.appointed_by,
    }


def _condition(condition: JuryCondition) -> dict[str, Any]:
    return {"term": str(condition.term), "count": condition.count, "text": condition.text}


def _block(block: EntryBlock) -> dict[str, Any]:
    written: dict[str, Any] = {
        "number": block.number,
        "title": block.title,
        "assessments": list(block.assessments),
        "certificate_stated": block.certificate_stated,
        "competencies": [{"number": one.number, "text": one.text, "alias": one.alias} for one in block.competencies],
    }
    if block.code is not None:
        written["code"] = block.code
    if block.source is not None:
        written["source"] = {"text": block.source.text, "cut": str(block.source.cut)}
    # What a certifier settles for this block alone: written only when it is not as the version says.
    if block.decision_rule is not None:
        written |= {"decision_rule": str(block.decision_rule), "decision_threshold": block.decision_threshold}
    if block.validity_months is not None:
        written["validity_months"] = block.validity_months
    return written


def _doubt(doubt: Doubt, sentence: Callable[[Doubt], str] | None) -> Mapping[str, Any]:
    if sentence is not None:
        return {"where": doubt.where, "what": sentence(doubt)}
    return {"where": doubt.where, "what": str(doubt.what), "facts": list(doubt.facts)}
