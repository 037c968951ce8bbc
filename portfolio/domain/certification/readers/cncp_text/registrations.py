"""The acts of registration: what each calls the certification, and between which days it holds."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from portfolio.domain.certification.readers.cncp_text.cleaning import fold, spans, squeeze
from portfolio.domain.certification.readers.cncp_text.listing import DATE, NUMBER, day_of, number_of, years_after
from portfolio.domain.certification.readers.cncp_text.sections import Chunk, Section
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Registration

# Case matters: an act that modifies "l'arrêté du …" names another one in lower case.
ACT = re.compile(
    r"\b(?:Arrêté|Arrete|ARRÊTÉ|Décret|Decret|Décision|Decision)\s+(?:n\s*°\s*\S+\s+)?(?:du|de)\s+(?=\d|premier)"
)
IS_REGISTRATION = re.compile(r"\benregistrement\b")
PUBLISHED = re.compile(
    rf"\b(?:publiee?|parue?)\s+au\s+(?:journal\s+officiel(?:\s+de\s+la\s+republique\s+francaise)?|jo|jorf)(?:\s+n\s*°\s*\d+)?\s+(?:du\s+)?(?P<day>{DATE})"
)
NAMED = re.compile(
    r"\bsous\s+l'intitule\s*:?\s*(?P<title>.+?)(?=\s*,?\s*(?:avec\s+effet|prenant\s+effet|a\s+compter|jusqu')|\.\s|\.?\Z)"
)
SINCE = re.compile(
    rf"\b(?:avec|prenant)\s+effet\s+(?:au|du|le|a\s+compter\s+du|a\s+partir\s+du)\s+(?P<day>{DATE})|\ba\s+compter\s+du\s+(?P<from>{DATE})"
)
UNTIL = re.compile(rf"\bjusqu'(?:au|a\s+la\s+date\s+du)\s+(?P<day>{DATE})")
YEARS = re.compile(
    rf"\benregistrement\s+pour\s+(?:une\s+duree\s+de\s+)?(?P<years>{NUMBER})\s*(?:\(\s*\w+\s*\)\s*)?ans?\b"
)
ABROGATES = re.compile(
    r"\b(?:abrog\w+|retir(?:e|ant|ait)\b|annul\w+|suspen\w+|radi(?:e|ant|ation)\b|mettant\s+fin|met\s+fin)"
)
IMPOSSIBLE = re.compile(DATE)
EXPIRY = re.compile(
    rf"\bdate\s+d'(?:echeance|expiration)(?:\s+de\s+(?:l'enregistrement|la\s+certification))?\s*:?\s*(?:le\s+)?(?P<day>{DATE})\.?"
)
QUOTES = " \"'«»“”„’‘,;:"
LONGEST_ACT = 300


def registrations_of(chunks: Sequence[Chunk]) -> tuple[tuple[Registration, ...], list[Doubt]]:
    """Read the acts in the order of their dates; what is deduced, missing or contradictory is doubted."""
    read: dict[Registration, list[Doubt]] = {}
    ending: list[Doubt] = []
    for piece in _acts(chunks):
        if ABROGATES.search(fold(piece)):
            ending.append(Doubt("registrations", DoubtCode.ACT_ABROGATES, (piece[:LONGEST_ACT],)))
            if not _registers_first(fold(piece)):
                continue
        registration, doubts = _registration(piece)
        read.setdefault(registration, doubts)
    _give_expiry(read, _expiry(chunks))
    ordered = sorted(read, key=_order)
    found = [
        Doubt(f"registrations.{number}", doubt.what, doubt.facts)
        for number, ordered_registration in enumerate(ordered, 1)
        for doubt in read[ordered_registration]
    ]
    if not ordered:
        found.append(Doubt("registrations", DoubtCode.SECTION_MISSING, ("registrations",)))
    return tuple(ordered), [*found, *ending, *_continuity_doubts(ordered)]


def _order(registration: Registration) -> tuple[date, date, str]:
    return (registration.since or date.max, registration.until or date.max, registration.act)


def _registers_first(folded: str) -> bool:
    """Return whether an act registers before it ends another; "portant abrogation de l'enregistrement" does not."""
    registers, ends = re.search(r"\bportant\s+enregistrement\b", folded), ABROGATES.search(folded)
    return bool(registers and ends and registers.start() < ends.start())


def _expiry(chunks: Sequence[Chunk]) -> str | None:
    """Return the date that stands after "Date d'échéance", folded, as it is written; the last one when there
    are several.
    """
    texts = [squeeze(fold(chunk.text)) for chunk in chunks if chunk.section is Section.LEGAL]
    found = [match["day"] for text in texts for match in EXPIRY.finditer(text)]
    return found[-1] if found else None


def _give_expiry(read: dict[Registration, list[Doubt]], written: str | None) -> None:
    """Give the expiry date of the entry to its latest act when that act has no end of its own; doubt it when
    they differ.

    Without any act it is kept as a registration whose beginning is unknown.
    """
    if written is None:
        return
    day = day_of(written)
    if day is None:
        latest = max(read, key=_order, default=Registration("", "Date d’échéance", None, None))
        read.setdefault(latest, []).append(Doubt("", DoubtCode.REGISTRATION_DATE_IMPOSSIBLE, (written,)))
        return
    if not read:
        read[Registration("", f"Date d’échéance : {written}", None, day)] = [
            Doubt("", DoubtCode.REGISTRATION_DATES_MISSING)
        ]
        return
    latest = max(read, key=_order)
    doubts = read.pop(latest)
    deduced = any(doubt.what is DoubtCode.REGISTRATION_END_DEDUCED for doubt in doubts)
    if latest.until is None or deduced:
        kept = [doubt for doubt in doubts if doubt.what is not DoubtCode.REGISTRATION_END_DEDUCED]
        if latest.since is not None:
            kept = [doubt for doubt in kept if doubt.what is not DoubtCode.REGISTRATION_DATES_MISSING]
        if deduced and latest.until != day:
            kept.append(
                Doubt("", DoubtCode.REGISTRATION_EXPIRY_DIFFERS, (day.isoformat(), (latest.until or day).isoformat()))
            )
        read[replace(latest, until=day)] = kept
        return
    if latest.until != day:
        doubts.append(Doubt("", DoubtCode.REGISTRATION_EXPIRY_DIFFERS, (day.isoformat(), latest.until.isoformat())))
    read[latest] = doubts


def _acts(chunks: Sequence[Chunk]) -> Iterator[str]:
    for chunk in chunks:
        if chunk.section is Section.LEGAL:
            text = squeeze(chunk.text)
            text = _without_expiry(text)
            for start, end in spans([match.start() for match in ACT.finditer(text)], len(text)):
                if IS_REGISTRATION.search(fold(text[start:end])):
                    yield text[start:end].strip()


def _without_expiry(text: str) -> str:
    """Return a text without its expiry dates, which would be read as the end of an act's title."""
    for match in reversed(list(EXPIRY.finditer(fold(text)))):
        text = f"{text[: match.start()].rstrip()} {text[match.end() :].lstrip()}"
    return text.strip()


def _registration(piece: str) -> tuple[Registration, list[Doubt]]:
    folded = fold(piece)
    doubts: list[Doubt] = []
    published, named = _day(PUBLISHED, folded), NAMED.search(folded)
    since, until = _day(SINCE, folded), _day(UNTIL, folded)
    impossible = [written for written in IMPOSSIBLE.findall(folded) if day_of(written) is None]
    doubts += [Doubt("", DoubtCode.REGISTRATION_DATE_IMPOSSIBLE, (written,)) for written in dict.fromkeys(impossible)]
    years = None if impossible else YEARS.search(folded)  # nothing is deduced beside a date that does not exist
    ends = _end_dates(since, published, number_of(years["years"]) if years else None)
    if since is None and published is not None and not impossible:
        since = published
        doubts.append(Doubt("", DoubtCode.REGISTRATION_START_DEDUCED, (since.isoformat(),)))
    if until is None and ends:
        until = ends[0]
        doubts.append(Doubt("", DoubtCode.REGISTRATION_END_DEDUCED, (until.isoformat(),)))
    elif until is not None and ends and until not in ends:
        doubts.append(
            Doubt("", DoubtCode.REGISTRATION_DURATION_DIFFERS, (years["years"] if years else "", until.isoformat()))
        )
    if since is None or until is None:
        doubts.append(Doubt("", DoubtCode.REGISTRATION_DATES_MISSING))
    title = piece[named.start("title") : named.end("title")].strip(QUOTES) if named else ""
    if not title:
        doubts.append(Doubt("", DoubtCode.REGISTRATION_TITLE_MISSING))
    return Registration(title, _name_of(piece), since, until), doubts


def _day(pattern: re.Pattern[str], folded: str) -> date | None:
    match = pattern.search(folded)
    return day_of(next(filter(None, match.groups()))) if match else None


def _end_dates(since: date | None, published: date | None, years: int | None) -> list[date]:
    """A duration runs from the publication, as in every act of the reference entry; some count it from the effect."""
    if years is None:
        return []
    ends = (years_after(day, years) for day in (published, since) if day is not None)
    return [end for end in ends if end is not None]


def _name_of(piece: str) -> str:
    """Return the name of an act, which stops before what it does ("portant enregistrement…")."""
    stop = re.search(r"\s*,?\s+portant\b|\.\s", fold(piece))
    return piece[: stop.start() if stop else None][:LONGEST_ACT].strip(" .,")


def _continuity_doubts(ordered: Sequence[Registration]) -> Iterator[Doubt]:
    """Say where two registrations leave days between them, or hold together for more than the day they meet."""
    for number, (registration, following) in enumerate(pairwise(ordered), 2):
        if registration.until is None or following.since is None:
            continue
        facts = (registration.until.isoformat(), following.since.isoformat())
        if following.since - registration.until > timedelta(days=1):
            yield Doubt(f"registrations.{number}", DoubtCode.REGISTRATION_GAP, facts)
        elif following.since < registration.until:
            yield Doubt(f"registrations.{number}", DoubtCode.REGISTRATION_OVERLAP, facts)
