"""The rule of a jury, read from one cell of the table: size, seats in order, minimum shares (J1, J2, J7, J8)."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import takewhile

from portfolio.domain.certification.readers.cncp_text.cleaning import fold, squeeze
from portfolio.domain.certification.readers.cncp_text.jury_conditions import (
    condition_doubts,
    conditions_of,
    rule_without_seats,
)
from portfolio.domain.certification.readers.cncp_text.listing import (
    BULLET,
    BULLET_SIGNS,
    NUMBER,
    SHARE,
    number_of,
    share_of,
)
from portfolio.domain.certification.readers.cncp_text.sections import has_columns
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Entry, Route
from portfolio.domain.certification.rules.jury_rule import JuryRule, JuryTerm, Seat, TermSource

MEMBERS = r"(?:personnes?|membres?|jures?|participants?)"
# One is no size: "le président est un membre de la profession".
COUNT = r"(?P<count>(?!une?\b)" + NUMBER + r")(?:\s*\(\s*\w+\s*\))?"
LEAST = r"(?P<least>d'au\s+moins|au\s+moins|au\s+minimum|a\s+minima)"
ALL_OF_THEM = r"\b(?!\s+(?:sont\s+|des\s+)?(?:exterieur|externe|independant|sur\b))"
# From the surest way of telling the size to the loosest.
SIZES = (
    re.compile(rf"\bcompos\w+(?:\(\w+\))?\s+{LEAST}?\s*(?:de\s+|d')?\s*{COUNT}\s+{MEMBERS}"),
    re.compile(
        rf"\b(?:jury|comporte|comprend|compte|constitue)\b[^.•:%]{{0,40}}?{LEAST}?\s*\b{COUNT}\s+{MEMBERS}{ALL_OF_THEM}"
    ),
    re.compile(rf"(?:{LEAST}\s+)?\b{COUNT}\s+{MEMBERS}{ALL_OF_THEM}"),
)
RANGE = re.compile(rf"\b{NUMBER}\s+(?:a|ou)\s+{NUMBER}\s+{MEMBERS}|\bentre\s+{NUMBER}\s+et\s+{NUMBER}\s+{MEMBERS}")
ANNOUNCED = re.compile(rf"\b{COUNT}\s+{MEMBERS}\b[^.:•]{{0,80}}:")
SHARES = re.compile(SHARE)
# A share that ends what it is about: "membres extérieurs : 40 %", "leur part est de 40 %".
COMES_LAST = re.compile(r"(?::|\best\s+de|\best\s+egale?\s+a|\bs'eleve\s+a)\s*\Z")
OUTSIDE = re.compile(r"\bexterieur|\bexterne|\bindependant")
REPRESENTATIVES = re.compile(r"\brepresentant|\bsalarie|\bemployeur|\bprofessions?\b")
PROFESSIONALS = re.compile(r"\bprofessionnel")
OUTSIDE_COUNT = re.compile(
    rf"(?:\b(?:dont|parmi\s+lesquels|au\s+moins)\s+(?:au\s+moins\s+)?|\b(?!une?\b))(?P<count>{NUMBER})\s+(?:{MEMBERS}\s+)?"
    r"(?:sont\s+|etant\s+)?(?:professionnels?\s+)?(?:exterieur|externe)"
)
# Articles and numbers before the noun of a seat: « un(e) salarié(e) » is one, « expert-comptable salarié » is
# not.
SEAT_HEAD = r"\W{0,5}(?:(?:les?|la|une?(?:\(e\))?|des?|membres?|" + NUMBER + r")(?:/\w{1,10})?\s+){0,6}"
# The head of another house, or of one of its services, is no director of the establishment.
OTHER_DIRECTOR = re.compile(
    r"\bdirect(?:eur|rice)\b[^,;]{0,60}?\b(?:exterieur|externe|partenaire|entreprise|societe|cabinet|agence|groupe|association"
    r"|d'une?\s+autre|commercial|artistique|financi|technique|marketing|des\s+ressources\s+humaines|de\s+projet)"
)
OTHER_QUALITY = re.compile(r"\bsalarie|\bemployeur|\bdirect(?:eur|rice)")
OTHER_HOUSE = re.compile(r"\b(?:cabinet|partenaire|entreprise|societe|agence|exterieur|externe)")
# A director « of » something that is no school: it may be another house.
DIRECTOR_OF = re.compile(
    r"\bdirect(?:eur|rice)(?:\s*\(\w+\))?\s+(?:des?|du|d')\s*(?!.{0,40}\b(?:etablissement|ecole|organisme|centre|institut|formation|cfa|titre"
    r"|certifi|campus|programme|iut|universite|lycee|composante))"
)
AT_MOST = r"(?:au\s+maximum|au\s+plus|maximum|maximal\w*|tout\s+au\s+plus)"
IS_MOST_AFTER = re.compile(rf"\s*(?:\(\s*)?(?:[^.;,•]{{0,40}}?\s)?{AT_MOST}\b")
IS_MOST_BEFORE = re.compile(
    rf"(?:{AT_MOST}|\bpas\s+plus\s+de|\bmoins\s+de|\bdans\s+la\s+limite|\binferieure?s?(?:\s+ou\s+egale?s?)?\s+a|\bplafonne\w*\s+a|\bjusqu'a|\bne\s+(?:peut|peuvent|doit|doivent)\s+(?:pas\s+)?(?:depasser|exceder)"
    r"|\bsans\s+(?:depasser|exceder)|\blimite\w*\s+a)(?:\s+(?:les?|la|des?))?\s*\Z"
)
INSIDE = re.compile(r"\binternes?\b")
CLAUSE = re.compile(r"[^,;.•]*")
# The first that fits says whom a seat is for: a president may also be a representative.
SEATS: tuple[tuple[re.Pattern[str], Seat], ...] = (
    (re.compile(r"\bpresident"), Seat.PRESIDENT),
    (
        re.compile(r"\bpedagogi|\bresponsable\s+(?:de\s+(?:la\s+)?)?(?:formation|programme|filiere)"),
        Seat.PEDAGOGICAL_MANAGER,
    ),
    (
        re.compile(rf"\brepresentant.*\bsalarie|\bcollege\s+(?:des\s+)?salarie|^{SEAT_HEAD}salarie"),
        Seat.EMPLOYEE_REPRESENTATIVE,
    ),
    (
        re.compile(rf"\brepresentant.*\bemployeur|\bcollege\s+(?:des\s+)?employeur|^{SEAT_HEAD}employeur"),
        Seat.EMPLOYER_REPRESENTATIVE,
    ),
    (OTHER_DIRECTOR, Seat.EXTERNAL_PROFESSIONAL),
    (re.compile(r"\bdirect(?:eur|rice|ion)"), Seat.DIRECTOR_OR_DELEGATE),
    (re.compile(r"\benseignant|\bformat(?:eur|rice)|\bprofesseur|\bintervenant"), Seat.TEACHER_TRAINER),
    (re.compile(r"\bprofessionnel|\bexpert|\bexterieur|\bexterne"), Seat.EXTERNAL_PROFESSIONAL),
)
ENUMERATION = re.compile(r"[,;.]\s+|\s+et\s+(?=une?\b|deux\b|trois\b|l[ea]\b|\d)")
SEAT_START = re.compile(r"(?:l[ea]s?(?:/l[ea])?|l'|une?(?:/une?)?|des|" + NUMBER + r")[\s/(]")


def jury_rule_of(text: str) -> tuple[JuryRule, list[Doubt]]:
    """Read the rule from a jury's text, lines kept; a share is read as a minimum, and doubted as such."""
    if (plain := rule_without_seats(text)) is not None:
        return plain
    size, doubts = _size(text)
    seats, unknown, deduced = ([], [], []) if has_columns(text) else _seats(text)
    if has_columns(text):
        doubts.append(Doubt("jury.seats", DoubtCode.JURY_IN_COLUMNS, (squeeze(text)[:200],)))
    doubts += [Doubt("jury.seats", DoubtCode.JURY_SEAT_UNKNOWN, (line,)) for line in unknown]
    doubts += [Doubt("jury.seats", DoubtCode.JURY_SEAT_DEDUCED, (line, str(seat))) for line, seat in deduced]
    if size is None:
        size = len(seats) or None
        doubts.append(Doubt("jury.size", DoubtCode.JURY_SIZE_UNKNOWN, (str(size or 0),)))
    elif size != len(seats):
        doubts.append(Doubt("jury.seats", DoubtCode.JURY_SIZE_DIFFERS, (str(size), str(len(seats)))))
    external, representatives, about_shares = _shares(text, size)
    conditions = conditions_of(text)
    rule = JuryRule(size, tuple(seats), external, representatives, conditions=conditions)
    return rule, [*doubts, *about_shares, *condition_doubts(conditions)]


def stated_size(text: str) -> int | None:
    """Return the number of members that a jury's text writes; None when it writes none."""
    return _size(text)[0]


def _size(text: str) -> tuple[int | None, list[Doubt]]:
    folded = squeeze(fold(text))
    if RANGE.search(folded):
        return None, []
    for pattern in SIZES:
        match = pattern.search(folded)
        if match:
            least = match["least"] or re.match(r"\s*(?:au\s+)?(?:minimum|moins)", folded[match.end() :])
            doubts = [Doubt("jury.size", DoubtCode.JURY_SIZE_READ_FROM_MINIMUM, (match["count"],))] if least else []
            return number_of(match["count"]), doubts
    return None, []


def _seats(text: str) -> tuple[list[Seat], list[str], list[tuple[str, Seat]]]:
    """Return the seats, the lines that name no known seat, and those whose seat another word of the line
    contradicts.
    """
    seats: list[Seat] = []
    unknown: list[str] = []
    deduced: list[tuple[str, Seat]] = []
    for line in _seat_lines(text):
        seat, times = _seat_of(fold(line))
        if seat is None:
            unknown.append(line)
        else:
            seats += [seat] * times
        if seat is not None and _is_deduced(seat, fold(line)):
            deduced.append((line, seat))
    return seats, unknown, deduced


def _is_deduced(seat: Seat, folded: str) -> bool:
    """Return whether another word of a line may mean another seat than the one it is read as."""
    if seat is Seat.EXTERNAL_PROFESSIONAL:
        return OTHER_QUALITY.search(folded) is not None
    if seat is Seat.DIRECTOR_OR_DELEGATE:
        return DIRECTOR_OF.search(folded) is not None
    own = seat in (Seat.EMPLOYEE_REPRESENTATIVE, Seat.EMPLOYER_REPRESENTATIVE) and "representant" not in folded
    return own and OTHER_HOUSE.search(folded) is not None


def _seat_of(folded: str) -> tuple[Seat | None, int]:
    first = folded.split(maxsplit=1)[0] if folded.split() else ""
    times = min(number_of(first) or 1, 20)
    return next((seat for pattern, seat in SEATS if pattern.search(folded)), None), times


def _seat_lines(text: str) -> list[str]:
    """Find the seats: the bulleted lines, else the lines or the enumeration after the colon that announces them."""
    lines = [line for line in text.split("\n") if line.strip()]
    if any(BULLET.match(line) for line in lines):
        return [squeeze(line) for line in _bulleted(lines) if not _is_about_shares(line)]
    announced = ANNOUNCED.search(fold(text))
    rest = text[announced.end() :] if announced else ""
    first, *others = rest.split("\n")
    seated = "\n".join([first, *takewhile(lambda line: not _is_about_shares(line), others)])
    parts = ENUMERATION.split(seated) if first.strip() else _lines_of_seats(seated)
    seats = []
    for part in map(squeeze, parts):
        if _is_about_shares(part):
            break
        if part.strip(" .,;"):
            seats.append(part.strip(" .,;"))
    return seats


def _bulleted(lines: list[str]) -> Iterator[str]:
    """Give each bulleted line with the lines that continue it; prose in capitals after a bullet is no part of it."""
    current: list[str] | None = None
    for line in lines:
        match = BULLET.match(line)
        if match or (current is not None and (line.strip()[0].isupper() or _is_about_shares(line))):
            if current is not None:
                yield " ".join(current)
            current = [line[match.end() :]] if match else None
        elif current is not None:
            current.append(line)
    if current is not None:
        yield " ".join(current)


def _lines_of_seats(text: str) -> list[str]:
    parts: list[list[str]] = []
    for line in filter(str.strip, text.split("\n")):
        if not parts or SEAT_START.match(fold(line).strip()) or _is_about_shares(line) or line.strip()[0].isupper():
            parts.append([line])
        else:
            parts[-1].append(line)
    return [" ".join(lines) for lines in parts]


def _is_about_shares(line: str) -> bool:
    folded = fold(line).strip()
    return folded.startswith("parmi") or SHARES.search(folded) is not None


def _shares(text: str, size: int | None) -> tuple[float | None, float | None, list[Doubt]]:
    found: dict[str, float] = {}
    refused: list[Doubt] = []
    folded = squeeze(fold(text))
    matches = list(SHARES.finditer(folded))
    edges = [0, *(match.end() for match in matches)]
    ends = [*(match.start() for match in matches[1:]), len(folded)]
    for match, before, end in zip(matches, edges, ends, strict=False):
        # What a share is of stands after it ("40 % sont membres extérieurs"), unless it comes last.
        text_before, text_after = folded[before : match.start()], folded[match.end() : end]
        comes_last = COMES_LAST.search(text_before)
        order = (text_before, text_after) if comes_last else (text_after, text_before)
        kind, percent = next(filter(None, map(_kind_of, order)), None), f"{share_of(match) * 100:g}"
        if INSIDE.search(_clause(text_before if comes_last else text_after, last=bool(comes_last))):
            refused.append(Doubt("jury.external_min", DoubtCode.JURY_RATIO_OF_INTERNAL_MEMBERS, (percent,)))
        elif IS_MOST_AFTER.match(text_after) or IS_MOST_BEFORE.search(text_before):
            where = f"jury.{kind or 'external_min'}"
            refused.append(Doubt(where, DoubtCode.JURY_RATIO_IS_MAXIMUM, (percent, kind or "")))
        elif kind:
            found.setdefault(kind, share_of(match))
    if "external_min" not in found and size:
        _count_outside(folded, size, found)
    doubts = [
        Doubt(f"jury.{kind}", DoubtCode.JURY_RATIO_READ_AS_MINIMUM, (f"{found[kind] * 100:g}", kind))
        if kind in found
        else Doubt(f"jury.{kind}", DoubtCode.JURY_RATIO_UNKNOWN, (kind,))
        for kind in ("external_min", "representatives_min")
        if kind in found
        or f"jury.{kind}" not in {doubt.where for doubt in refused}  # it is written, but as something else
    ]
    return found.get("external_min"), found.get("representatives_min"), refused + doubts


def _clause(folded: str, *, last: bool) -> str:
    """Return the part of a sentence that touches a share: the one before it, or the one after it."""
    parts: list[str] = [part for part in CLAUSE.findall(folded) if part.strip()] or [""]
    return parts[-1] if last else parts[0]


def _kind_of(folded: str) -> str | None:
    outside, representatives = OUTSIDE.search(folded), REPRESENTATIVES.search(folded)
    if outside and (not representatives or outside.start() < representatives.start()):
        return "external_min"
    return "representatives_min" if representatives or PROFESSIONALS.search(folded) else None


def _count_outside(folded: str, size: int, found: dict[str, float]) -> None:
    """A count of members from outside is a share too; "un professionnel extérieur" by itself only describes a seat."""
    match = OUTSIDE_COUNT.search(folded)
    if match:
        found["external_min"] = round((number_of(match["count"]) or 0) / size, 4)


Sources = tuple[tuple[JuryTerm, TermSource], ...]

# Where one seat or sentence ends: an entry kept on one line has lost its line ends, its capitals remain.
_SEAT_WORDS = (
    "Représentant|Présid|Direct|Enseignant|Format|Responsable|Professionnel|Membre|Parmi|Le |La |Le/|Un |Une |Des "
)
_NEXT_SEAT = re.compile(rf"\n\s*(?=[{BULLET_SIGNS}*–—-]|{_SEAT_WORDS})|(?<=[a-zéè)]) (?={_SEAT_WORDS})")
_SHARES_SENTENCE = re.compile(r" (?=Parmi\b)")
# Within one member of a list: neither a comma nor "et" is crossed.
_PART = r"(?:(?!\bet\b)[^.;•,])"
_PRESIDENT = r"\bpresident(?:\s*\(?e\)?)?(?:/\w+)?(?:\s+du\s+jury)?"
_IS = (
    r"\s*[,(:]?\s*(?:est\b|sera\b|doit\s+etre\b|represent\w*|issue?\b|membre\s+du\s+college\b"
    r"|choisi\w*|designe\w*|professionnel\w*)"
)
_NAMED = r"\b(?:nomme|designe|choisi)"
_DIRECTION = r"\bdirect(?:eur|rice|ion)\b"
_ACTIVE = r"\ben\s+(?:activite|exercice)\b"
_DELEGATE = (
    r"(?:(?:son|sa|leur)\b(?:/\w+)?\s+(?:\w+\s+)?(?:represent|delegu|adjoint|suppleant|mandat)|"
    + _PART
    + r"{0,30}?\bdelegation)"
)
STATED: dict[JuryTerm, tuple[re.Pattern[str], ...]] = {
    JuryTerm.PRESIDENT_COLLEGE: (
        re.compile(
            rf"{_PRESIDENT}{_IS}(?:(?!salarie){_PART}){{0,120}}?\bemployeur(?!{_PART}{{0,20}}\bou\b{_PART}{{0,30}}salarie)"
        ),
    ),
    JuryTerm.PRESIDENT_APPOINTED: (
        re.compile(
            rf"{_PRESIDENT}(?:\s*,\s*|{_PART}{{0,160}}?){_NAMED}\w*{_PART}{{0,30}}?\bpar\b{_PART}{{0,30}}?{_DIRECTION}"
        ),
        re.compile(rf"{_DIRECTION}{_PART}{{0,40}}?{_NAMED}t?\b{_PART}{{0,30}}?\bpresident"),
    ),
    JuryTerm.EMPLOYEE_IN_ACTIVITY: (
        re.compile(rf"{_ACTIVE}{_PART}{{0,60}}?\bsalarie"),
        re.compile(rf"\bsalarie(?:{_PART}{{0,60}}?|\w*\s*,\s*){_ACTIVE}"),
    ),
    JuryTerm.DIRECTOR_OR_DELEGATE: (re.compile(rf"{_DIRECTION}{_PART}{{0,60}}?\bou\s+{_DELEGATE}"),),
}
_BOTH_COLLEGES = (re.compile(r"\bsalarie"), re.compile(r"\bemployeur"))


def stated_terms(text: str) -> frozenset[JuryTerm]:
    """Return the conditions J3 to J6 that a jury's text asks for in its own words."""
    folded = squeeze(fold(_NEXT_SEAT.sub(" • ", text)))
    return frozenset(term for term, patterns in STATED.items() if any(pattern.search(folded) for pattern in patterns))


def sources_of(rule: JuryRule, text: str) -> Sources:
    """Return who asks for each condition of a rule, from the text it was read in; what cannot be told is left out.

    A value that differs from the text was typed by the certifier. A number of members that the text does not write is
    the number of its seats, which is our reading. J3 to J6 are asked by default wherever the seat exists.
    """
    found = {term: _source(term, rule, text) for term in JuryTerm if rule.asks(term)}
    return tuple((term, source) for term, source in found.items() if source is not None)


def _source(term: JuryTerm, rule: JuryRule, text: str) -> TermSource | None:
    if term in STATED:
        return TermSource.ENTRY if term in stated_terms(text) else TermSource.DESIGN
    if not text.strip():
        return TermSource.CERTIFIER
    read, _doubts = jury_rule_of(text)
    if term is JuryTerm.SEATS and rule_without_seats(text) is not None:
        return TermSource.DESIGN if read.seats == rule.seats else TermSource.CERTIFIER
    if term is JuryTerm.SEATS:
        # A list kept on one line cannot always be read again: then nobody knows, and nothing is claimed.
        readings = (read, jury_rule_of(_on_lines(text))[0])
        return TermSource.ENTRY if any(Counter(each.seats) == Counter(rule.seats) for each in readings) else None
    if term is JuryTerm.SIZE:
        stated = stated_size(text)
        deduced = TermSource.DESIGN if stated is None and rule.size == len(rule.seats) else TermSource.CERTIFIER
        return TermSource.ENTRY if rule.size == stated else deduced
    if read.value_of(term) != rule.value_of(term):
        return TermSource.CERTIFIER
    if term is JuryTerm.REPRESENTATIVES_MIN and not all(college.search(fold(text)) for college in _BOTH_COLLEGES):
        return TermSource.DESIGN  # the share is written, that both colleges sit is our reading
    return TermSource.ENTRY


def _on_lines(text: str) -> str:
    """Return a text kept on one line with its bullets at the beginning of lines again."""
    return text if "\n" in text else _SHARES_SENTENCE.sub("\n", text.replace(" • ", "\n• "))


def sourced(entry: Entry) -> JuryRule | None:
    """Return the rule of an entry with the sources it records, else with those that its text tells."""
    if entry.jury is None or entry.jury.sources:
        return entry.jury
    return replace(entry.jury, sources=_cached(entry.jury, jury_text(entry)))


def jury_text(entry: Entry) -> str:
    """Return the text that the rule is read in: that of the jury of VAE, else of the first route that has one."""
    texts = {route.route: route.jury for route in entry.routes if route.jury}
    return texts.get(Route.VAE) or next(iter(texts.values()), "")


@lru_cache(maxsize=256)
def _cached(rule: JuryRule, text: str) -> Sources:
    return sources_of(rule, text)
