"""The conditions on a whole jury, read from its text: parity of colleges, professionals, how many of one trade.

What the certification is made of: deliverables, defence, and how long what is acquired stays so.
"""

import re
from collections.abc import Iterator, Sequence

from portfolio.domain.certification.readers.cncp_text.cleaning import fold, squeeze
from portfolio.domain.certification.readers.cncp_text.listing import NUMBER, SHARE, listing_of, number_of, share_of
from portfolio.domain.certification.readers.cncp_text.sections import Chunk, Section, text_of
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Permanence
from portfolio.domain.certification.rules.jury_rule import (
    PARITIES,
    JuryCondition,
    JuryRule,
    JuryTerm,
    ParityBasis,
    Seat,
)

_MEMBERS = r"(?:personnes?|membres?|jures?)"
_AMONG = r"(?:(?:parmi\s+(?:eux|lesquels|les\s+membres|ces\s+derniers)|dont)\s*,?\s*)?"
_LEAST = r"(?:au\s+moins|au\s+minimum|minimum)"
_MOST = r"(?:au\s+plus|au\s+maximum|maximum)"
_SAME = r"(?:seul\s+et\s+)?memes?"
_TRADE = rf"(?:d'un|du|de\s+la|d'une)\s+{_SAME}\s+(?:corps\s+de\s+)?(?:metier|profession|specialite)"
_AIMED = r"(?:\s+(?:vises?e?s?|concernee?s?))?"
_OF_TRADE = rf"(?:\s+(?:du|de\s+la|des)\s+(?:metiers?|secteurs?|professions?|branche){_AIMED})?"
_EMPLOYERS = r"(?:representants?\s+(?:d'|des\s+|de\s+)?)?(?:employeurs?)"
_EMPLOYEES = r"(?:representants?\s+(?:de\s+|des\s+)?)?(?:salariee?s?)"
_PAIR = (
    rf"(?:(?:d'|de\s+|des\s+|entre\s+(?:les\s+)?){_EMPLOYERS}\s+et\s+(?:de\s+|des\s+|les\s+)?{_EMPLOYEES}"
    rf"|(?:de\s+|des\s+|entre\s+(?:les\s+)?){_EMPLOYEES}\s+et\s+(?:d'|de\s+|des\s+|les\s+)?{_EMPLOYERS})"
)
CONDITIONS: tuple[tuple[JuryTerm, re.Pattern[str]], ...] = (
    (
        JuryTerm.COLLEGE_PARITY,
        re.compile(
            rf"(?:(?:,\s*)?\ba\s+parite\s+|\bparitaire\s*,?\s*(?:compose\s+)?|\ben\s+nombre\s+egal\s+|\ba\s+parts\s+egales\s+){_PAIR}"
        ),
    ),
    (
        JuryTerm.TRADE_MAX,
        re.compile(
            rf"{_AMONG}(?:(?P<a>{NUMBER})\s+{_MOST}|{_MOST}\s+(?P<b>{NUMBER}))(?:\s+(?:sont|exercent|issus))?\s+{_TRADE}"
        ),
    ),
    (
        JuryTerm.TRADE_MIN,
        re.compile(
            rf"{_AMONG}(?:(?P<a>{NUMBER})\s+{_LEAST}|{_LEAST}\s+(?P<b>{NUMBER}))(?:\s+(?:sont|exercent|issus))?\s+{_TRADE}"
        ),
    ),
    (
        JuryTerm.PROFESSIONALS_MIN,
        re.compile(
            rf"\bdont\s+(?:{_LEAST}\s+)?(?P<a>{NUMBER})\s+(?:{_LEAST}\s+)?(?:sont\s+(?:des\s+)?)?(?:membres?\s+)?professionnel(?:le)?s?"
            rf"{_OF_TRADE}(?!\s+(?:exterieur|externe|independant))\b"
        ),
    ),
)
# A parity that an absence does not break, and a parity of those present alone.
_LAPSE = re.compile(
    r"\bsi\s+(?:cette|la)\s+parite\s+n'est\s+pas\s+(?:atteinte|respectee|realisee)"
    r"(?:\s+(?:en\s+raison|du\s+fait|a\s+cause)\s+de\s+l'absence\s+d'un\s+ou\s+(?:de\s+)?plusieurs\s+(?:de\s+(?:ses|ces)\s+)?membres)"
    r"\s*,?\s*(?:le|ce)\s+jury\s+(?:peut|pourra)\s*(?:neanmoins|toutefois|cependant)?\s+(?:valablement\s+)?deliberer(?:\s+valablement)?"
)
_OF_PRESENT = re.compile(r"\s*,?\s*(?:parmi|entre)\s+les\s+membres\s+presents|\s+des\s+membres\s+presents")
# A sentence that gives the number of members and names no seat.
_HEAD = re.compile(
    r"(?:le\s+)?jury(?:\s+(?:de\s+(?:certification|validation|vae)|final))?\s+(?:(?:est|sera)\s+)?(?:compose|constitue|comprend|comporte|compte)"
    rf"(?:\s+de|\s+d')?\s*(?P<count>(?!une?\b){NUMBER})(?:\s*\(\s*\w+\s*\))?\s+{_MEMBERS}"
)
_OUTSIDE = re.compile(
    rf"{_AMONG}(?:{_LEAST}\s+)?(?:{SHARE})\s+(?:{_LEAST}\s+)?(?:(?:sont|de|d'|des)\s*)?(?:{_MEMBERS}\s+)?(?:exterieur|externe)s?"
)
_NOTHING = re.compile(r"(?:[\s,.;:()]|\bet\b|\bdont\b|\bparmi\s+(?:eux|lesquels)\b)*")


def conditions_of(text: str) -> tuple[JuryCondition, ...]:
    """Return the conditions on the whole jury that a text writes, in the order of the rule."""
    folded = squeeze(fold(text))
    found = {term: match for term, pattern in CONDITIONS if (match := pattern.search(folded))}
    return tuple(_condition(folded, term, found[term]) for term in JuryTerm if term in found)


def _condition(folded: str, term: JuryTerm, match: re.Match[str]) -> JuryCondition:
    if term not in PARITIES:
        return JuryCondition(term, _count(match))
    if _OF_PRESENT.match(folded, match.end()):
        return JuryCondition(term, basis=ParityBasis.PRESENT)
    return JuryCondition(term, basis=ParityBasis.NAMED if _LAPSE.search(folded) else None)


def _count(match: re.Match[str]) -> int:
    written = next((value for name, value in match.groupdict().items() if name in ("a", "b") and value), None)
    return (number_of(written) or 0) if written else 0


def without_conditions(text: str) -> str:
    """Return a folded text without the conditions that `conditions_of` understands, to tell what is left of it."""
    folded = fold(text)
    if not any(condition.term in PARITIES for condition in conditions_of(text)):
        return _without(folded, *(pattern for _term, pattern in CONDITIONS))
    parity, *others = (pattern for _term, pattern in CONDITIONS)
    return _without(folded, _LAPSE, re.compile(rf"(?:{parity.pattern})(?:{_OF_PRESENT.pattern})?"), *others)


def _without(folded: str, *patterns: re.Pattern[str]) -> str:
    for pattern in patterns:
        folded = pattern.sub(" ", folded)
    return folded


def condition_doubts(conditions: tuple[JuryCondition, ...]) -> Iterator[Doubt]:
    """Yield a doubt for each condition read in prose: a person confirms it."""
    for condition in conditions:
        yield Doubt("jury", DoubtCode.JURY_CONDITION_READ, (str(condition.term), str(condition.count)))


def rule_without_seats(text: str) -> tuple[JuryRule, list[Doubt]] | None:
    """Return the rule of a text that gives a number of members and conditions, and names no seat; None for
    any other text.

    A president and as many members as it takes are proposed, and doubted: the law asks for a president (J11),
    the text for none.
    """
    folded = squeeze(fold(text))
    head = _HEAD.search(folded)
    size = number_of(head["count"]) if head else None
    if head is None or size is None or not 2 <= size <= 30:
        return None
    outside = _OUTSIDE.search(folded)
    left = without_conditions(_OUTSIDE.sub(" ", _HEAD.sub(" ", folded)))
    if not _NOTHING.fullmatch(left):
        return None
    conditions = conditions_of(folded)
    seats = (Seat.PRESIDENT, *(Seat.MEMBER for _ in range(size - 1)))
    left_out = frozenset({JuryTerm.PRESIDENT_COLLEGE, JuryTerm.PRESIDENT_APPOINTED})
    rule = JuryRule(size, seats, share_of(outside) if outside else None, conditions=conditions, left_out=left_out)
    doubts = [Doubt("jury.seats", DoubtCode.JURY_SEATS_PROPOSED, (str(size),)), *condition_doubts(conditions)]
    if rule.external_min is not None:
        doubts.append(
            Doubt(
                "jury.external_min",
                DoubtCode.JURY_RATIO_READ_AS_MINIMUM,
                (f"{rule.external_min * 100:g}", "external_min"),
            )
        )
    return rule, doubts


DELIVERABLES = re.compile(rf"\b(?P<count>{NUMBER})\s+(?:livrables?|productions?|documents?)\b[^:.]*:")
LABELLED = re.compile(r"^[ \t]*[A-ZÀ-Ý][^:.;\n]{2,60}[ \t]*:", re.MULTILINE)
GOES_ON = re.compile(r"\s*(?:\d|[a-zà-ÿœæ])")
DEFENCE = re.compile(r"^[ \t]*(?:[•\-*][ \t]*)?soutenances?\b", re.MULTILINE)
BLOCK_COUNT = re.compile(rf"\b(?P<count>{NUMBER})\s+blocs?\s+de\s+competences?\b")
UNLIMITED = re.compile(r"illimite|\bdefinitivement\b|sans\s+limite|a\s+vie\b")
NOT_UNLIMITED = re.compile(r"\b(?:non|pas|jamais|ni)[\s-]+illimite")
TIME = r"\b\w{1,15}\s?(?:\(\s?\w{1,15}\s?\)\s?)?(?:ans?|annees?|mois)\b"
YEARS = re.compile(rf"\b{NUMBER}\s*(?:\(\s*\w+\s*\)\s*)?ans?\b|\bannees?\b|\bmois\b|\blimite(?:e|s|es)?\b")
EXCEPT = re.compile(r"\b(?:sauf|hormis|except|a\s+l'exclusion|toutefois|cependant|mais)")
# A time that says how long something stays valid, as against "trois ans d'expérience".
VALID_FOR = re.compile(
    r"\b(?:valables?|valides?|validite|benefice|(?:reste|restent|est|sont|demeure\w*)\s+acquis\w*|conserv\w+|perime\w*|expire\w*|revalid\w+|renouvel\w+|recycl\w+)"
    rf"\b(?!\s+des\s+acquis)[^.]{{0,80}}?{TIME}"
)


def deliverables_of(chunks: Sequence[Chunk]) -> tuple[tuple[str, ...], list[Doubt]]:
    """Give the deliverables that the entry counts and lists, and doubt a list that does not have that many."""
    text = text_of(chunks, Section.COMPOSITION)
    opening = DELIVERABLES.search(fold(text))
    if not opening:
        return (), []
    rest = text[opening.end() :]
    label = LABELLED.search(rest)
    items = listing_of(rest[: label.start()] if label else rest).items
    count = number_of(opening["count"])
    if label is None and count is not None:
        # Nothing tells where the list ends but its announced number.
        items = items[:count]
    if len(items) == count:
        return tuple(items), []
    return tuple(items), [Doubt("deliverables", DoubtCode.DELIVERABLE_COUNT_DIFFERS, (str(count), str(len(items))))]


def defence_of(chunks: Sequence[Chunk]) -> str | None:
    """Give the paragraph about the defence, up to the next paragraph or label; None when there is none.

    The PDF may leave a blank line within a paragraph: one that goes on without a capital or a bullet is the same.
    """
    text = text_of(chunks, Section.COMPOSITION)
    opening = DEFENCE.search(fold(text))
    if not opening:
        return None
    first, *others = text[opening.start() :].lstrip().split("\n")
    own, after_blank = [first], False
    for line in others:
        if LABELLED.match(line) or (after_blank and line.strip() and not GOES_ON.match(line)):
            break
        after_blank = not line.strip()
        own.append(line)
    return squeeze(" ".join(own))


def permanence_of(chunks: Sequence[Chunk]) -> tuple[Permanence | None, list[Doubt]]:
    """Say how long a block stays acquired, from the table's line first, then from the general clauses (R6)."""
    table, clauses = text_of(chunks, Section.VALIDITY), text_of(chunks, Section.COMPOSITION)
    unlimited, limited = _is_unlimited(table), YEARS.search(fold(table)) or NOT_UNLIMITED.search(fold(table))
    timed = VALID_FOR.search(squeeze(fold(clauses)))
    if unlimited and (limited or EXCEPT.search(fold(table))):
        return None, [Doubt("permanence", DoubtCode.PERMANENCE_MIXED, (squeeze(table)[:200],))]
    if limited:
        return Permanence.LIMITED, [Doubt("permanence", DoubtCode.PERMANENCE_LIMITED, (squeeze(table)[:200],))]
    if timed and (unlimited or _is_unlimited(clauses)):
        return None, [Doubt("permanence", DoubtCode.PERMANENCE_MIXED, (_quote(clauses, timed),))]
    if timed:
        return Permanence.LIMITED, [Doubt("permanence", DoubtCode.PERMANENCE_LIMITED, (_quote(clauses, timed),))]
    if unlimited or _is_unlimited(clauses):
        return Permanence.UNLIMITED, []
    return None, [Doubt("permanence", DoubtCode.PERMANENCE_UNKNOWN)]


def _quote(text: str, timed: re.Match[str]) -> str:
    """Return the words around what was found in a squeezed text, from the beginning of their sentence
    when it is near.
    """
    whole = squeeze(text)
    start = max(whole.rfind(". ", 0, timed.start()) + 1, timed.start() - 80)
    return whole[start : timed.end()].strip()


def _is_unlimited(text: str) -> bool:
    folded = fold(text)
    return UNLIMITED.search(NOT_UNLIMITED.sub("", folded)) is not None


def block_validity_of(number: int, body: str) -> Doubt | None:
    """Return a doubt about a block whose own text limits how long it stays acquired ("valable trois ans");
    None otherwise.
    """
    timed = VALID_FOR.search(squeeze(fold(body)))
    return Doubt(f"blocks.{number}", DoubtCode.PERMANENCE_OF_BLOCK, (_quote(body, timed),)) if timed else None


def block_count_doubts(text: str, count: int) -> list[Doubt]:
    """Doubt a number of blocks that is not the one the entry's prose tells ("des quatre blocs de compétences")."""
    counts = {number_of(match["count"]) for match in BLOCK_COUNT.finditer(fold(text))} - {None, 1}
    if not counts or count in counts:
        return []
    return [Doubt("blocks", DoubtCode.BLOCK_COUNT_DIFFERS, (str(max(n for n in counts if n)), str(count)))]
