"""Source of each condition of a jury rule, after a correction by a person."""

from __future__ import annotations

from collections.abc import Mapping

from portfolio.domain.certification.rules.jury_rule import TERM_SEATS, JuryRule, JuryTerm, TermSource

Sources = tuple[tuple[JuryTerm, TermSource], ...]


def sources_after(before: JuryRule, after: JuryRule, typed: Mapping[str, TermSource]) -> Sources:
    """Return the sources of a corrected rule: a value that a person changed is theirs, unless they name
    another source.

    `typed` holds the sources on the form. J3 to J6 are asked by default when a seat is added (design).
    """
    found = {term: _after(term, before, after, typed.get(term)) for term in JuryTerm if after.asks(term)}
    return tuple((term, source) for term, source in found.items() if source is not None)


def _after(term: JuryTerm, before: JuryRule, after: JuryRule, typed: TermSource | None) -> TermSource | None:
    known = before.source_of(term)
    if before.value_of(term) == after.value_of(term):
        return typed or known
    if typed is not None and typed is not known:
        return typed
    return TermSource.DESIGN if term in TERM_SEATS else TermSource.CERTIFIER
