"""Reads the old text form of a register entry, the CNCP's "résumé descriptif", as it comes out of its PDF."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from portfolio.domain.certification.readers.cncp_text import blocks as block_reading
from portfolio.domain.certification.readers.cncp_text.cleaning import clean, fold, mend_hyphens, plain_lines
from portfolio.domain.certification.readers.cncp_text.heading import (
    CODE,
    authority_of,
    code_of,
    details_of,
    levels_of,
    nsf_of,
    rome_of,
    title_of,
)
from portfolio.domain.certification.readers.cncp_text.jury_conditions import (
    block_count_doubts,
    block_validity_of,
    defence_of,
    deliverables_of,
    permanence_of,
)
from portfolio.domain.certification.readers.cncp_text.listing import general_list, with_aliases
from portfolio.domain.certification.readers.cncp_text.registrations import (
    holders_of,
    predecessor_of,
    registrations_of,
    routes_of,
    sites_of,
)
from portfolio.domain.certification.readers.cncp_text.sections import Chunk, Section, chunks_of, is_layout, text_of
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Entry, EntryBlock, Permanence, Registration
from portfolio.domain.certification.rules.registration import Part, PartFinding, RejectionReason, UnreadableEntry

MOST_FINDINGS = 50  # No entry has that many blocks, and a refusal is read by a person.
HEAD = "repertoire national des certifications professionnelles"


@dataclass(frozen=True, slots=True)
class _Source:
    """The mended text and its cuts, which every part is read from."""

    raw: str
    text: str
    chunks: Sequence[Chunk]
    code: str
    title: str
    about_title: Sequence[Doubt]


def read(text: str) -> Entry:
    """Read a register entry, with a doubt beside each thing that was deduced, unknown or contradictory.

    Raises UnreadableEntry, with what was understood and what was missing, when the text has no code, no
    block, or a block without a competency. Never raises anything else, whatever the text.
    """
    if is_layout(text) and (HEAD in " ".join(fold(text).split()) or CODE.search(fold(text))):
        raise UnreadableEntry(RejectionReason.IS_LAYOUT_TEXT)
    plain, about_characters = clean(text)
    mended, hyphens = mend_hyphens(plain)
    code, about_code = code_of(mended)
    chunks = chunks_of(mended)
    source = _Source(plain_lines(text), mended, chunks, code, *title_of(chunks))
    blocks, about_blocks = _blocks(source)
    entry, about_rest = _entry(source, blocks)
    doubts = [*about_characters, *about_code, *source.about_title, *about_rest, *about_blocks]
    if (
        any(doubt.what is DoubtCode.PERMANENCE_OF_BLOCK for doubt in about_blocks)
        and entry.permanence is Permanence.UNLIMITED
    ):
        entry = replace(entry, permanence=None)  # it decides rights: never unlimited while a block says otherwise
    doubts += _placed(hyphens, entry)
    return replace(entry, doubts=tuple(dict.fromkeys(doubts)))


def _blocks(source: _Source) -> tuple[list[EntryBlock], list[Doubt]]:
    raws = block_reading.raw_blocks(source.text, source.chunks)
    read_blocks = [block_reading.block_of(raw) for raw in raws]
    blocks = [block for block, _ in read_blocks]
    _refuse(source, blocks)
    aliased, about_wordings = with_aliases(blocks, general_list(source.chunks))
    doubts = block_reading.numbering_doubts(blocks, raws, source.code)
    doubts += filter(None, (block_validity_of(raw.number, raw.body) for raw in raws))
    doubts += block_count_doubts(text_of(source.chunks, Section.COMPOSITION), len(blocks))
    return aliased, [*doubts, *(doubt for _, found in read_blocks for doubt in found), *about_wordings]


def _refuse(source: _Source, blocks: Sequence[EntryBlock]) -> None:
    mute = [block for block in blocks if not block.competencies]
    if source.code and blocks and not mute:
        return
    missing = [] if source.code else [PartFinding(Part.CODE)]
    missing += [] if source.title else [PartFinding(Part.TITLE)]
    missing += [] if blocks else [PartFinding(Part.BLOCKS)]
    missing += [PartFinding(Part.COMPETENCIES_OF_BLOCK, (str(block.number), block.title)) for block in mute]
    reason = RejectionReason.BLOCK_WITHOUT_COMPETENCY if mute and source.code else RejectionReason.NOT_AN_ENTRY
    raise UnreadableEntry(reason, islice(_understood(source, blocks), MOST_FINDINGS), missing[:MOST_FINDINGS])


def _understood(source: _Source, blocks: Sequence[EntryBlock]) -> Iterator[PartFinding]:
    if HEAD in " ".join(fold(source.text).split()):
        yield PartFinding(Part.HEADING)
    if source.code:
        yield PartFinding(Part.CODE, (source.code,))
    if source.title:
        yield PartFinding(Part.TITLE, (source.title[:200],))
    registrations, _ = registrations_of(source.chunks)
    if registrations:
        yield PartFinding(Part.REGISTRATIONS, (str(len(registrations)),))
    for block in blocks:
        if block.competencies:
            yield PartFinding(Part.BLOCK, (str(block.number), block.title, str(len(block.competencies))))


def _entry(source: _Source, blocks: Sequence[EntryBlock]) -> tuple[Entry, list[Doubt]]:
    chunks = source.chunks
    authority, about_authority = authority_of(chunks)
    registrations, about_registrations = registrations_of(chunks)
    routes, jury, about_routes = routes_of(source.text, chunks)
    deliverables, about_deliverables = deliverables_of(chunks)
    permanence, about_permanence = permanence_of(chunks)
    predecessor, about_predecessor = predecessor_of(source.raw, source.code)
    level, level_1969 = levels_of(chunks)
    entry = Entry(
        code=source.code,
        title=source.title,
        blocks=tuple(blocks),
        titles_seen=_titles(source.title, registrations),
        level=level,
        level_1969=level_1969,
        nsf=nsf_of(chunks),
        rome=rome_of(chunks),
        certifiers=authority.certifiers,
        signatory=authority.signatory,
        predecessor=predecessor,
        registrations=registrations,
        routes=routes,
        jury=jury,
        deliverables=deliverables,
        defence=defence_of(chunks),
        permanence=permanence,
        sites=sites_of(chunks),
        holders_per_year=holders_of(chunks),
        details=details_of(chunks, source.raw),
    )
    doubts = [*_heading_doubts(entry), *about_authority, *about_predecessor, *about_registrations, *about_routes]
    return entry, [*doubts, *about_deliverables, *about_permanence]


def _titles(title: str, registrations: Sequence[Registration]) -> tuple[str, ...]:
    """Return the head's title first, then those of the acts, from the latest."""
    return tuple(
        dict.fromkeys(filter(None, [title, *(registration.title for registration in reversed(registrations))]))
    )


def _heading_doubts(entry: Entry) -> Iterator[Doubt]:
    if not entry.title:
        yield Doubt("title", DoubtCode.TITLE_MISSING)
    if len(entry.titles_seen) > 1:
        yield Doubt("title", DoubtCode.TITLES_DIFFER, entry.titles_seen)
    for name in ("level", "nsf", "rome"):
        if not getattr(entry, name):
            yield Doubt(name, DoubtCode.SECTION_MISSING, (name,))


def _placed(hyphens: Sequence[tuple[str, str, bool]], entry: Entry) -> Iterator[Doubt]:
    """Put the doubt about a mended word beside what it stands in; a word that no part kept raises none."""
    for written, mended, joined in hyphens:
        code = DoubtCode.HYPHEN_REMOVED if joined else DoubtCode.HYPHEN_KEPT
        for where, text in _texts(entry):
            if mended in text:
                yield Doubt(where, code, (written, mended))


def _texts(entry: Entry) -> Iterator[tuple[str, str]]:
    yield from (("title", entry.title), ("signatory", entry.signatory or ""), ("defence", entry.defence or ""))
    yield from (("certifiers", name) for name in entry.certifiers)
    yield from (("deliverables", text) for text in entry.deliverables)
    yield from (("sites", site.site) for site in entry.sites)
    for number, registration in enumerate(entry.registrations, 1):
        yield f"registrations.{number}", registration.title
    for route in entry.routes:
        yield f"routes.{route.route}", route.jury or ""
    for block in entry.blocks:
        where = f"blocks.{block.number}"
        yield where, block.title
        yield from ((f"{where}.assessments", text) for text in block.assessments)
        for competency in block.competencies:
            yield f"{where}.competencies.{competency.number}", f"{competency.text}\n{competency.alias or ''}"
