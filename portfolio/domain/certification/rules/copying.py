"""The entry of a new certification made from the version of another."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.jury_rule import JuryRule, TermSource
from portfolio.domain.certification.rules.versioning import unresolved_doubts

# Facts of the register about the entry that is copied: they would be false of another certification.
REGISTER_PLACES = frozenset(
    {"file", "code", "title", "titles_seen", "predecessor", "registrations", "holders_per_year"}
)


def copied_entry(
    entry: Entry, settled: Collection[str], *, code: str, title: str, level: str | None
) -> Entry:
    """Return a copy under another code, without what the register says of the original alone.

    Registrations, previous entry, holders, titles seen and quoted jury texts stay with the original. Doubts
    that nobody has settled follow what they are about. A jury condition that the original entry asks for
    becomes the certifier's.
    """
    doubts = (
        doubt
        for doubt in unresolved_doubts(entry, settled)
        if doubt.where.split(".")[0] not in REGISTER_PLACES
    )
    return replace(
        entry,
        code=code,
        title=title or entry.title,
        titles_seen=(),
        level=level or entry.level,
        level_1969=None,
        predecessor=None,
        registrations=(),
        routes=tuple(replace(route, jury=None, rule=_owned(route.rule)) for route in entry.routes),
        jury=_owned(entry.jury),
        blocks=tuple(replace(block, certificate_stated=False) for block in entry.blocks),
        holders_per_year=(),
        doubts=tuple(doubts),
    )


def _owned(jury: JuryRule | None) -> JuryRule | None:
    if jury is None:
        return None
    own = {TermSource.ENTRY: TermSource.CERTIFIER}
    return replace(jury, sources=tuple((term, own.get(source, source)) for term, source in jury.sources))
