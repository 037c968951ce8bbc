"""What is wrong with a line copied out of a spreadsheet."""

from __future__ import annotations

from portfolio.domain.candidacy.rules.opening import MAX_LINES, CandidacyRefusal, LineFault, WrongLine
from portfolio.domain.group_acts.rules import OpeningOutcome
from portfolio.domain.group_acts.use_cases.openings import OpeningLineResult, RefusedLine
from portfolio.french_text import NBSP, count
from portfolio.wording.candidacy import REFUSALS

_FAULTS = {
    LineFault.NO_EMAIL: "l’adresse électronique manque, ou n’est pas complète.",
    LineFault.NO_NAME: "le nom manque.",
    LineFault.TOO_LONG: "le nom ou l’adresse est trop long.",
    LineFault.TWICE: "cette adresse est sur plusieurs lignes.",
    LineFault.TOO_MANY: f"{MAX_LINES} personnes au plus à la fois. Collez la suite après.",
}


def wrong_line_message(line: WrongLine) -> str:
    """Say which line cannot be read, and why."""
    return f"Ligne {line.number}, «{NBSP}{line.text}{NBSP}»{NBSP}: {_FAULTS[line.fault]}"


def refused_line_message(refused: RefusedLine) -> str:
    """Say which line the rules refuse, and why."""
    line = refused.line
    return f"Ligne {line.number}, {line.name}{NBSP}: {REFUSALS[refused.code](refused.facts)}"


def not_opened_message(line: OpeningLineResult) -> str:
    """Say why the candidacy of a line is not open."""
    if line.outcome is OpeningOutcome.FAILED:
        return "Une panne l’a empêché, après trois essais. Recommencez pour cette personne."
    if line.refusal in set(CandidacyRefusal):
        return REFUSALS[CandidacyRefusal(line.refusal or "")](line.facts)
    return "Une règle l’empêche."


def opened_title(number: int) -> str:
    """Say how many are open."""
    return count(number, "candidature est ouverte", "candidatures sont ouvertes")
