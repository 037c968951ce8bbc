"""Sources of the conditions of a jury's rule: those that the text of the entry itself asks for for, and which come
from elsewhere (J1–J8).
"""

import re
from collections import Counter
from dataclasses import replace
from functools import lru_cache

from portfolio.domain.certification.readers.cncp_text.cleaning import fold, squeeze
from portfolio.domain.certification.readers.cncp_text.jury import jury_rule_of, stated_size
from portfolio.domain.certification.readers.cncp_text.jury_conditions import rule_without_seats
from portfolio.domain.certification.readers.cncp_text.listing import BULLET_SIGNS
from portfolio.domain.certification.rules.entry import Entry, Route
from portfolio.domain.certification.rules.jury_rule import JuryRule, JuryTerm, TermSource

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
