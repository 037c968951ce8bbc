"""The rule of a jury read from its prose: kept only when every part of the text is understood."""

from __future__ import annotations

import re
from dataclasses import replace

from portfolio.domain.certification.readers.cncp_text.jury import RANGE, jury_rule_of, stated_size
from portfolio.domain.certification.readers.cncp_text.jury_conditions import (
    rule_without_seats,
    without_conditions,
)
from portfolio.domain.certification.readers.cncp_text.jury_sources import sources_of
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.jury_rule import JuryRule, Seat

# Words that a rule of sizes, seats and minimum shares does not hold, or that make a seat conditional.
BEYOND_RULE = re.compile(
    r"\bparite\b|\bparts?\s+egales?\b|\bmajorite|\bmajoritaire|\bmaxim|\bau\s+plus\b|\bau\s+moins\s+un|\binternes?\b|\bautant\b"
    r"|\bsuppleant|\bou\s+(?:un|une|deux|des|trois)\b|\bet/ou\b|\bcas\s+echeant|\beventuellement|\bselon\b|\bsi\b|\bsauf\b"
    r"|\bart(?:icle)?s?\b|\barrete\b|\bdecret\b|\brecteur\b|\bchaque\b|\bpar\s+candidat|\bnombre\s+egal|\bidem\b"
)
# A director or an accountant of an outside firm holds no seat of the certifier's direction or of the
# employees.
OUTSIDE_DIRECTOR = re.compile(
    r"\bdirect(?:eur|rice)\w*\s+(?:d'|de\s+l|des?\s+)(?:une?\s+)?(?:entreprise|societe|agence|cabinet|association)"
)
EMPLOYEE_OF_FIRM = re.compile(r"\bsalariee?s?\s+(?:du|de\s+la|de\s+l|d'un|d'une)\b")
OUTSIDE_TEACHER = re.compile(
    r"(?:president|enseignant|formateur|directeur|directrice|responsable)\w*[^.;\n]{0,40}\bexterieur"
)

# The seat of a professional is one of a person from outside: a text that does not say so of each is not that
# seat.
PROFESSIONAL = re.compile(
    r"\b(?:professionnel|expert)\w*(?P<outside>[^.;,\n]{0,20}\b(?:exterieur|externe|independant))?"
)


def certain_rule(text: str) -> tuple[JuryRule | None, list[Doubt]]:
    """Return the rule of a jury with its minor doubts, or None with one doubt when a part of the text is not
    understood.
    """
    lines = re.sub(r"[ \t]{2,}", "\n", text)
    rule, doubts = jury_rule_of(lines)
    if not _is_certain(rule, lines, doubts):
        return None, [Doubt("jury", DoubtCode.JURY_NOT_CERTAIN)]
    return replace(rule, sources=sources_of(rule, lines)), doubts


def _is_certain(rule: JuryRule, text: str, doubts: list[Doubt]) -> bool:
    if rule_without_seats(text) is not None:
        return True
    folded = without_conditions(text)
    if any(
        pattern.search(folded)
        for pattern in (BEYOND_RULE, OUTSIDE_DIRECTOR, EMPLOYEE_OF_FIRM, OUTSIDE_TEACHER, RANGE)
    ):
        return False
    if Seat.EXTERNAL_PROFESSIONAL in rule.seats and not all(
        match["outside"] for match in PROFESSIONAL.finditer(folded)
    ):
        return False
    unsure = {
        DoubtCode.JURY_SEAT_UNKNOWN,
        DoubtCode.JURY_SIZE_UNKNOWN,
        DoubtCode.JURY_SIZE_DIFFERS,
        DoubtCode.JURY_SIZE_READ_FROM_MINIMUM,
    }
    if any(doubt.what in unsure for doubt in doubts):
        return False
    return (
        rule.size is not None
        and rule.size == stated_size(text) == len(rule.seats)
        and rule.seats.count(Seat.PRESIDENT) == 1
    )
