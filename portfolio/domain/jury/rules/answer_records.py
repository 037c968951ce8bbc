"""An answer of a predicate as minutes keep it, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from portfolio.domain.jury.rules.composition import PredicateAnswer, PredicateId, Source, SourceKind

_LAW = Source(SourceKind.LAW, "D6412-6")
# Minutes closed before sources were recorded: what does not depend on the certification. The rest is its
# published rule.
_SOURCES: Mapping[PredicateId, Source] = {
    PredicateId.J9: _LAW,
    PredicateId.J10: _LAW,
    PredicateId.J10_KNOWN: _LAW,
    PredicateId.J11: _LAW,
    PredicateId.J12: _LAW,
    PredicateId.J13: Source(SourceKind.CASE),
    PredicateId.J14: Source(SourceKind.DESIGN),
    PredicateId.J15: Source(SourceKind.PRACTICE),
}


def record_of(answer: PredicateAnswer) -> dict[str, Any]:
    """Return an answer with its facts and its source, as JSON values."""
    binds = answer.source.binds_from
    source = {"kind": str(answer.source.kind), "reference": answer.source.reference}
    source |= {"binds_from": binds.isoformat()} if binds else {}
    return {
        "id": str(answer.id),
        "holds": answer.holds,
        "blocking": answer.blocking,
        "facts": dict(answer.facts),
        "source": source,
    }


def answer_from_record(record: Mapping[str, Any]) -> PredicateAnswer:
    """Return the answer that a record holds; nothing mends it any more."""
    id = PredicateId(record["id"])
    return PredicateAnswer(
        id, record["holds"], record["blocking"], _source(id, record.get("source")), record["facts"]
    )


def _source(id: PredicateId, stored: Mapping[str, Any] | None) -> Source:
    if stored is None:
        return _SOURCES.get(id, Source(SourceKind.PUBLISHED))
    binds = stored.get("binds_from")
    return Source(
        SourceKind(stored["kind"]), stored.get("reference", ""), date.fromisoformat(binds) if binds else None
    )
