"""Parts that the readers of frameworks share: a framework that is no register entry says little of an entry."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from portfolio.domain.certification.readers.cncp_text.jury import jury_rule_of
from portfolio.domain.certification.readers.cncp_text.jury_sources import sources_of
from portfolio.domain.certification.readers.france_competences.blocks import are_in_order, cut, cut_doubts, holds_list
from portfolio.domain.certification.readers.france_competences.texts import has_markup, plain
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import CompetencySource, EntryBlock, EntryCompetency, Route, RouteEntry
from portfolio.domain.certification.rules.jury_rule import JuryRule
from portfolio.domain.certification.rules.registration import Part, PartFinding, RejectionReason, UnreadableEntry

MAX_BLOCKS, MAX_COMPETENCIES = 100, 1000


def check_blocks(blocks: Sequence[EntryBlock]) -> None:
    """Raise UnreadableEntry when there is no block, too many, or one without a competency."""
    if not blocks:
        raise UnreadableEntry(RejectionReason.NOT_AN_ENTRY, missing=[PartFinding(Part.BLOCKS)])
    if len(blocks) > MAX_BLOCKS or sum(len(block.competencies) for block in blocks) > MAX_COMPETENCIES:
        raise UnreadableEntry(RejectionReason.TOO_MANY_ITEMS)
    empty = [block for block in blocks if not block.competencies]
    if empty:
        missing = [PartFinding(Part.COMPETENCIES_OF_BLOCK, (str(block.number), block.title)) for block in empty]
        raise UnreadableEntry(RejectionReason.BLOCK_WITHOUT_COMPETENCY, missing=missing)


def unknown_routes() -> tuple[tuple[RouteEntry, ...], list[Doubt]]:
    """Return the six routes as unknown, with a doubt each: a format that names no route closes none."""
    routes = tuple(RouteEntry(route, None) for route in Route)
    return routes, [Doubt(f"routes.{route}", DoubtCode.ROUTE_ABSENT) for route in Route]


def framework_doubts() -> list[Doubt]:
    """Return what no framework says of a certification: its code, its acts, its jury, its validity."""
    return [
        Doubt("code", DoubtCode.FRAMEWORK_WITHOUT_CODE),
        Doubt("registrations", DoubtCode.SECTION_MISSING, ("registrations",)),
        Doubt("jury", DoubtCode.JURY_MISSING),
        Doubt("permanence", DoubtCode.PERMANENCE_UNKNOWN),
    ]


@dataclass(frozen=True, slots=True)
class CutBlock:
    """The competencies cut out of the prose of a block, the text that they come from, and what must be looked at."""

    competencies: tuple[EntryCompetency, ...]
    source: CompetencySource | None
    doubts: tuple[Doubt, ...]


def cut_block(number: int, text: str) -> CutBlock:
    """Cut the prose of a block into competencies, as the reader of the published data does."""
    found = cut(plain(text))
    competencies = tuple(EntryCompetency(place, item) for place, item in enumerate(found.items, 1))
    source = CompetencySource(text, found.rule) if text else None
    where = f"blocks.{number}"
    markup = [Doubt(where, DoubtCode.MARKUP_REMOVED)] if has_markup(text) else []
    return CutBlock(competencies, source, (*cut_doubts(where, found), *markup))


def list_doubts(number: int, texts: Sequence[str], codes: Sequence[str]) -> Iterator[Doubt]:
    """Yield what a person must look at in competencies that a source writes one by one, with its codes."""
    where, written = f"blocks.{number}", [text for text in texts if text.strip()]
    if len(written) < len(texts):
        yield Doubt(where, DoubtCode.COMPETENCY_WITHOUT_TEXT, (str(len(texts) - len(written)),))
    if not are_in_order(codes):
        yield Doubt(where, DoubtCode.COMPETENCY_NUMBERING, (", ".join(codes)[:300],))
    for rank, text in enumerate(written, 1):
        if holds_list(text):
            yield Doubt(f"{where}.competencies.{rank}", DoubtCode.COMPETENCIES_NESTED)


def titles_of(title: str) -> tuple[str, ...]:
    """Return the titles seen by a reader that reads one at most."""
    return (title,) if title else ()


def title_doubts(title: str) -> list[Doubt]:
    """Return the doubt of an entry without a title."""
    return [] if title else [Doubt("title", DoubtCode.TITLE_MISSING)]


def jury_of(routes: Iterable[RouteEntry]) -> tuple[JuryRule | None, list[Doubt]]:
    """Return the rule of the jury for VAE, else of the first route that has one, which is then doubted."""
    texts = {route_entry.route: route_entry.jury for route_entry in routes if route_entry.jury}
    if not texts:
        return None, [Doubt("jury", DoubtCode.JURY_MISSING)]
    chosen = Route.VAE if Route.VAE in texts else next(iter(texts))
    rule, doubts = jury_rule_of(texts[chosen])
    if chosen is not Route.VAE:
        doubts.append(Doubt("jury", DoubtCode.JURY_TAKEN_FROM_ROUTE, (str(chosen),)))
    differ = [route for route, text in texts.items() if text != texts[chosen]]
    doubts += [Doubt(f"routes.{route}", DoubtCode.JURY_TEXTS_DIFFER, (str(chosen),)) for route in differ]
    sources = sources_of(rule, texts[chosen])
    return replace(rule, sources=sources), doubts
