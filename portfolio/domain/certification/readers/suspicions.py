"""Faults that no reader can tell from the form of an entry alone: texts in the wrong encoding, days and levels that
cannot be, blocks that are alike, an act that does not cover its registration, the state of the page.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from typing import Any

from portfolio.domain.certification.readers.cncp_text.cleaning import lexicon, same_words
from portfolio.domain.certification.readers.cncp_text.listing import EMPTY_BULLET
from portfolio.domain.certification.readers.france_competences.blocks import OF_ENTRY
from portfolio.domain.certification.readers.validity import with_validity_of_texts
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Entry, EntryBlock, Registration
from portfolio.domain.certification.rules.entry_schema import entry_as_json, entry_from_json

# A text that these order shows other letters than it holds.
DIRECTION = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
UNREADABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]|</?[A-Za-z][^<>]{0,80}>|&(?:[a-z]{2,8}|#\\d+);"
)
# UTF-8 read as Windows-1252, Latin-1 or Mac Roman; accents replaced by question marks.
MISENCODED = re.compile(
    r"Ã|Â(?=[\s«»°§©®.,;:!?)’'-]|$)|â€|Å“|ï¿½|√[\u00a0-\uffff]|[‚‡ŽŠ](?=[a-z])(?<=[a-z].)|(?<=[a-zà-ÿ])\?(?=[a-zà-ÿ])"
    r"|\b[A-Z]\?[a-z]{2}"
)
OLDEST, LATEST = 1969, 2099
LONGEST = timedelta(days=366 * 20)
PUBLISHED = "publiée"
PLACES = ("title", "certifiers", "signatory", "registrations", "routes", "blocks", "deliverables", "defence")
QUOTED = 120


def with_suspicions(entry: Entry) -> Entry:
    """Return an entry without marks of direction, with a doubt for each thing that cannot be as it is written."""
    stored = entry_as_json(entry)
    about_texts = list(_about_texts(stored))
    if DIRECTION.search(texts_of(stored)):
        entry = entry_from_json(_undirected(stored))
    about_level = list(_about_level(entry))
    if any(doubt.what is DoubtCode.LEVEL_UNKNOWN for doubt in about_level):
        entry = replace(entry, level=None)
    doubts = [
        *entry.doubts,
        *about_texts,
        *about_level,
        *_about_codes(entry),
        *_about_cuts(entry),
        *_about_correspondences(entry),
        *_about_state(entry),
        *(doubt for rank, act in enumerate(entry.registrations, 1) for doubt in _about_days(rank, act)),
        *_about_blocks(entry.blocks),
    ]
    return with_options(with_validity_of_texts(replace(entry, doubts=tuple(dict.fromkeys(doubts)))))


# Words by which the register names the ways to one certification, between which a person chooses.
WAY = (
    r"(?:options?|parcours|dominantes?|mentions?|sp[ée]cialit[ée]s?|sp[ée]cialisations?|variantes?"
    r"|champs?\s+d['’]application)"
)
# « Option A », « Parcours n° 2 », « Spécialité « Vente » », « Bloc de spécialisation : vente » in the title of a block.
_NAME = r"«\s*(?P<words>[^»]{1,60}?)\s*»|(?P<sign>(?-i:[A-Z])|\d{1,2})\b"
SIGNED = re.compile(rf"\b(?P<way>{WAY})\s*(?:n\s*[°º]\s*)?(?:[:–—-]\s*)?(?:{_NAME})", re.IGNORECASE)
LED = re.compile(
    rf"(?:\A\W*(?:bloc\s+(?:de\s+)?)?|\(\s*|[:–—-]\s+)(?P<way>{WAY})\s*[:–—-]?\s+(?P<words>[^:–—()\n]{{2,60}}?)\s*"
    r"(?:[:–—)]|\s-\s|\Z)",
    re.IGNORECASE,
)
# A block whose title has one of these may not be asked of everyone.
OPTIONAL = re.compile(
    r"\boption(?:s|nel\w*)?\b|\bfacultati\w+|\bau\s+choix\b|\bde\s+sp[ée]cialisation\b", re.IGNORECASE
)
# The same in the text of a block, where these words are also of ordinary French.
OPTIONAL_BLOCK = re.compile(
    r"\b(?:blocs?|[ée]preuves?|unit[ée]s?|modules?)\b[^.\n]{0,60}?(?:\boptionnel\w*|\bfacultati\w+|\bau\s+choix\b)"
    rf"|(?:\A|\n)\W*{SIGNED.pattern}",
    re.IGNORECASE,
)
# The title of an entry that covers several of them.
SEVERAL_WAYS = re.compile(
    r"\b(?:options|dominantes|mentions|sp[ée]cialit[ée]s|sp[ée]cialisations|variantes)\b|\bau\s+choix\b", re.IGNORECASE
)
_NUMBER = r"(?:une?|deux|trois|quatre|\d)\b"
CHOICE = re.compile(
    rf"\b(?P<number>{_NUMBER})\s+(?:(?!{_NUMBER})\w+\s+){{0,2}}options?\b|\bau\s+choix\b"
    rf"|\b(?P<some>{_NUMBER})\s+(?:(?!{_NUMBER})[\w'’]+\s+){{0,2}}{WAY}[^.]{{0,60}}?\b(?:parmi|choisi\w*)\b",
    re.IGNORECASE,
)
OF_WAYS = re.compile(rf"\b(?:{WAY}|blocs?|facultati\w+)\b", re.IGNORECASE)
COUNTS = {"un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4}
# The last two speak of the work: only a choice of blocks or options is read there.
OF_THE_WHOLE = (
    "VALIDATION_PARTIELLE_PERIMETRE",
    "PREREQUIS_VALIDATION_CERTIFICATION",
    "CAPACITES_ATTESTEES",
    "COMPOSANTES",
    "OBJECTIFS_CONTEXTE",
    "ACTIVITES_VISEES",
)


def with_options(entry: Entry) -> Entry:
    """Return an entry whose blocks are of the options that their titles name, with the rule of the whole
    where a text of the entry writes it, and a doubt in either case.
    """
    if entry.options:
        return entry
    named = {block.number: _option_in(block.title) for block in entry.blocks}
    sentence = _sentence_of_choice(entry)
    if len(set(filter(None, named.values()))) < 2:
        told = next(_unclear(entry), sentence)
        doubts = [Doubt("blocks", DoubtCode.OPTION_UNCLEAR, (told[:QUOTED],))] if told else []
        return replace(entry, doubts=(*entry.doubts, *doubts))
    found = CHOICE.search(sentence)
    number = (found["number"] or found["some"] or "1").lower() if found else "1"
    needed = COUNTS.get(number) or int(number)
    blocks = tuple(replace(block, option=named[block.number]) for block in entry.blocks)
    read = replace(entry, blocks=blocks, options_needed=needed, whole_source=sentence)
    list_of = ", ".join(f"{name} ({', '.join(map(str, each))})" for name, each in read.options.items())
    doubt = Doubt("blocks", DoubtCode.OPTIONS_READ, (list_of, str(needed)))
    return replace(read, doubts=(*entry.doubts, doubt))


def _option_in(title: str) -> str:
    found = SIGNED.search(title) or LED.search(title)
    if found is None:
        return ""
    name = found["words"] or found.groupdict().get("sign", "")
    return f"{found['way'].capitalize()} {name}"[:80].strip()


def _is_optional(title: str) -> bool:
    return any(pattern.search(title) for pattern in (OPTIONAL, SIGNED, LED))


def _unclear(entry: Entry) -> Iterator[str]:
    """Yield what an entry says of options that its blocks do not name: titles of blocks, their texts, its own title."""
    yield from (block.title for block in entry.blocks if _is_optional(block.title))
    for block in entry.blocks:
        text = "\n".join((block.source.text if block.source else "", *block.assessments))
        texts = [text, *(competency.text for competency in block.competencies)]
        yield from (found[0].strip() for found in map(OPTIONAL_BLOCK.search, texts) if found)
    if SEVERAL_WAYS.search(entry.title):
        yield entry.title


def _sentence_of_choice(entry: Entry) -> str:
    """Return the sentence of the entry that says how many options the whole asks for; empty without one."""
    passages = entry.details.passages if entry.details else ()
    sentences = (
        sentence
        for name in OF_THE_WHOLE
        for passage in passages
        if passage.name == name
        for sentence in re.split(r"(?<=[.;])\s+|\n", passage.text)
    )
    return next((each.strip()[:300] for each in sentences if _is_choice(each)), "")


def _is_choice(sentence: str) -> bool:
    return bool(
        (CHOICE.search(sentence) and OF_WAYS.search(sentence))
        or re.search(r"\bblocs?\b[^.]{0,80}\b(?:facultati|optionnel|de sp[ée]cialisation)", sentence, re.IGNORECASE)
    )


def texts_of(value: Any) -> str:
    """Return every text of a JSON value on lines."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        value = value.values()
    return "\n".join(map(texts_of, value)) if hasattr(value, "__iter__") else ""


def _undirected(value: Any) -> Any:
    if isinstance(value, str):
        return DIRECTION.sub("", value)
    if isinstance(value, dict):
        return {key: _undirected(inner) for key, inner in value.items()}
    return list(map(_undirected, value)) if isinstance(value, list) else value


def _about_texts(stored: dict[str, Any]) -> Iterator[Doubt]:
    for name in PLACES:
        value = stored.get(name)
        for where, part in (
            [(f"blocks.{block['number']}", {**block, "source": None}) for block in value or ()]
            if name == "blocks"
            else [(name, value)]
        ):
            text = texts_of(part)
            for pattern, code in (
                (DIRECTION, DoubtCode.DIRECTION_REMOVED),
                (UNREADABLE, DoubtCode.TEXT_UNREADABLE),
                (MISENCODED, DoubtCode.TEXT_MISENCODED),
            ):
                line = next((line for line in text.split("\n") if pattern.search(line)), None)
                if line is not None:
                    yield Doubt(where, code, (DIRECTION.sub("", line)[:QUOTED],))


def _about_codes(entry: Entry) -> Iterator[Doubt]:
    from portfolio.domain.certification.readers.nomenclatures import about_codes  # tables that no page waits for

    return about_codes(entry)


LEVELS_OF_1969 = {"I": "78", "II": "6", "III": "5", "IV": "4", "V": "3"}


def _about_level(entry: Entry) -> Iterator[Doubt]:
    if entry.level is not None and not re.fullmatch("[1-8]", entry.level):
        yield Doubt("level", DoubtCode.LEVEL_UNKNOWN, (entry.level[:40],))
    elif entry.level_1969 and entry.level and entry.level not in LEVELS_OF_1969.get(entry.level_1969, entry.level):
        yield Doubt("level", DoubtCode.LEVEL_DIFFERS, (entry.level, entry.level_1969))
    elif entry.level is None and not any(doubt.where == "level" for doubt in entry.doubts):
        yield Doubt("level", DoubtCode.SECTION_MISSING, ("level",))


# A hyphen before a space, « prépa- rer », is that of a line that ended there; « pré- et post- » is not.
CUT_WORD = re.compile(r"([^\W\d_]{2,})-\s+((?!(?:et|ou|ni|à)\b)[a-zà-ÿœ]{2,})\b")
EMPTY_SEAT = re.compile(r"(?:^|\s)[-–—*•](?=\s+[-–—*•]\s|\s*$)")
BROKEN_LINE = re.compile(r"([^\W\d_]+)(?:\n[ \t]*|[ \t]{2,})([a-zà-ÿœ]+)")


def _about_cuts(entry: Entry) -> Iterator[Doubt]:
    """Yield a doubt for each word that the end of a line seems to cut, and for bullets without a text."""
    yield from (Doubt("title", DoubtCode.WORD_CUT, (word,)) for word in _cut_words(entry.title))
    for block in entry.blocks:
        where, source = f"blocks.{block.number}", block.source.text if block.source else ""
        texts = [source, block.title, *block.assessments, *(item.text for item in block.competencies)]
        words = dict.fromkeys(word for text in texts for word in _cut_words(text))
        yield from (Doubt(where, DoubtCode.WORD_CUT, (word,)) for word in words)
        if empty := len(EMPTY_BULLET.findall(source)):
            yield Doubt(where, DoubtCode.COMPETENCY_WITHOUT_TEXT, (str(empty),))
    for route in entry.routes:
        if empty_seat := EMPTY_SEAT.search(route.jury or ""):
            yield Doubt(f"routes.{route.route}", DoubtCode.JURY_SEAT_UNKNOWN, (empty_seat[0].strip(),))


def _cut_words(text: str) -> Iterator[str]:
    """Yield the words in two pieces, after a hyphen or not: their whole is a French word and they are not, or,
    after a hyphen, one of them is none.
    """
    for pattern in (CUT_WORD, BROKEN_LINE):
        for match in pattern.finditer(text):
            left, right = match[1].lower(), match[2].lower()
            are_words = left in lexicon() and right in lexicon()
            if (left + right in lexicon() and (pattern is CUT_WORD or not are_words)) or (
                pattern is CUT_WORD and not are_words
            ):
                yield " ".join(match[0].split())


def _about_correspondences(entry: Entry) -> Iterator[Doubt]:
    """Yield a doubt for each correspondence of a block that the entry does not have, or of another entry's block."""
    own = {block.code for block in entry.blocks}
    for found in entry.details.correspondences if entry.details else ():
        absent = [code for code in found.blocks if code not in own]
        absent += [
            code for code in found.other_blocks if (of := OF_ENTRY.match(code)) and of[1].upper() != found.entry.upper()
        ]
        yield from (Doubt("blocks", DoubtCode.CORRESPONDENCE_ABSENT, (code[:40], found.entry[:20])) for code in absent)
        if not found.blocks or not found.other_blocks or not found.entry:
            yield Doubt("blocks", DoubtCode.CORRESPONDENCE_ABSENT, ("", found.entry[:20]))


def _about_state(entry: Entry) -> Iterator[Doubt]:
    details = entry.details
    if details is None:
        return
    if details.is_active is False:
        yield Doubt("details.is_active", DoubtCode.ENTRY_INACTIVE)
    if details.page_state and details.page_state.casefold() != PUBLISHED:
        yield Doubt("details.page_state", DoubtCode.ENTRY_NOT_PUBLISHED, (details.page_state[:QUOTED],))
    limit, end = details.delivery_until, entry.registered_until
    if limit and (not OLDEST <= limit.year <= LATEST or (end and limit < end)):
        yield Doubt("details.delivery_until", DoubtCode.DATE_IMPLAUSIBLE, (limit.isoformat(),))


def _about_days(rank: int, act: Registration) -> Iterator[Doubt]:
    where = f"registrations.{rank}"
    odd = [day for day in (act.since, act.until) if day and not OLDEST <= day.year <= LATEST]
    if not odd and act.since and act.until and not act.since <= act.until <= act.since + LONGEST:
        odd = [act.until]
    yield from (Doubt(where, DoubtCode.DATE_IMPLAUSIBLE, (day.isoformat(),)) for day in odd)


LONGEST_COMPETENCY = 2000  # a longer text joins several


def _about_blocks(blocks: tuple[EntryBlock, ...]) -> Iterator[Doubt]:
    for block, other in combinations(blocks, 2):
        lists = [sorted(_bare(item.text) for item in each.competencies) for each in (block, other)]
        same_list = bool(lists[0]) and lists[0] == lists[1]
        if same_list or (block.title and same_words(block.title, other.title)):
            facts = (str(block.number), "list" if same_list else "title")
            yield Doubt(f"blocks.{other.number}", DoubtCode.BLOCKS_ALIKE, facts)
    numbers = sorted(block.number for block in blocks)
    if numbers != list(range(1, len(numbers) + 1)):
        yield Doubt("blocks", DoubtCode.BLOCK_NUMBERING, (", ".join(map(str, numbers)),))
    for block in blocks:
        seen: set[str] = set()
        for competency in block.competencies:
            words, where = _bare(competency.text), f"blocks.{block.number}.competencies.{competency.number}"
            if words in seen:
                yield Doubt(where, DoubtCode.COMPETENCY_TWICE)
            if len(competency.text) > LONGEST_COMPETENCY:
                yield Doubt(where, DoubtCode.COMPETENCIES_MERGED)
            seen.add(words)


def _bare(text: str) -> str:
    """Return a competency without case, accents, punctuation and the code it begins with."""
    return re.sub(r"\A[a-z]{0,3}[ .]?[\d ]+", "", " ".join(re.findall(r"\w+", text.casefold())))
