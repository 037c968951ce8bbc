"""Sentences of the sittings of a hearing: how each ended, and what it did."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from portfolio.domain.jury.rules.deliberation import Votes
from portfolio.domain.jury.rules.enums import FindingValue, Outcome
from portfolio.domain.jury.rules.sitting import SittingEnding
from portfolio.french_text import date_fr, enumeration
from portfolio.wording.jury.labels import FINDINGS, OUTCOMES
from portfolio.wording.jury.schedule import course_messages, vote_messages

Recorded = Mapping[str, Any]
ENDINGS: Mapping[SittingEnding, str] = {
    SittingEnding.DECIDED: "le jury a décidé",
    SittingEnding.ABSENT: "la personne n’est pas venue",
    SittingEnding.SUSPENDED: "séance suspendue",
    SittingEnding.MOVED: "audition reportée à une autre session",
    SittingEnding.DAY_CHANGED: "jour de la session changé",
    SittingEnding.MEMBERS_CHANGED: "composition du jury changée",
    SittingEnding.CANCELLED: "session annulée",
    SittingEnding.VOID: "séance sans effet",
}


@dataclass(frozen=True, slots=True)
class FormerSitting:
    """A sitting that ended before the one that decided: its day and its end, then what it did, a sentence each."""

    title: str
    lines: tuple[str, ...]


def former_sittings(composition: Recorded) -> tuple[FormerSitting, ...]:
    """Say each sitting that ended before these minutes, in order, then the one that they close when it has no effect:
    what these did decides nothing.
    """
    former = tuple(_former(sitting) for sitting in composition.get("sittings", ()))
    if "voters" not in composition:  # kept where the jury decides nothing: otherwise the minutes tell its decisions
        return former
    ended = {"ending": SittingEnding.VOID, "reason": ""}
    ended |= {name: composition[name] for name in ("held_on", "place", "ending") if name in composition}
    return (*former, _former(ended | {"record": composition}))


def _former(sitting: Recorded) -> FormerSitting:
    day = date_fr(date.fromisoformat(sitting["held_on"]))
    where = f", {sitting['place']}" if sitting.get("place") else ""
    title = f"Séance du {day}{where} : {ENDINGS[SittingEnding(sitting['ending'])]}"
    return FormerSitting(title, tuple(_lines(sitting, sitting["record"])))


def _lines(sitting: Recorded, record: Recorded) -> Iterator[str]:
    if sitting["reason"]:
        yield f"Motif : {sitting['reason'].rstrip('.')}."
    sat = [member["name"] for member in record.get("members", ()) if member.get("present")]
    if sat:
        yield f"Membres présents : {enumeration(sat)}."
    found = [_finding(each) for each in record.get("findings", ())]
    if found:
        yield f"Constats notés : {' ; '.join(found)}."
    for decision in record.get("decisions", ()):
        yield from _decision(record, decision)
    decided = {decision["block"] for decision in record.get("decisions", ())}
    voted = dict.fromkeys(ballot["block"] for ballot in record.get("course", {}).get("ballots", ()))
    for block in (block for block in voted if block not in decided):
        yield from vote_messages(record, block, Votes(), Outcome.NOT_VALIDATED)
    for entry in record.get("interview", ()):
        yield f"Entretien : {entry['question']} — {entry['heard']}" if entry["question"] else entry["heard"]
    if sitting["ending"] != SittingEnding.SUSPENDED:
        yield from course_messages(record)


def _finding(each: Recorded) -> str:
    said = f"{each['competency']} {FINDINGS[FindingValue(each['value'])].lower()}"
    return f"{said} ({each['reason'].rstrip('.')})" if each.get("reason") else said


def _decision(record: Recorded, decision: Recorded) -> Iterator[str]:
    outcome = Outcome(decision["outcome"])
    reason = f" Motif : {decision['reason'].rstrip('.')}." if decision.get("reason") else ""
    yield f"Bloc {decision['block']}, décision préparée : {OUTCOMES[outcome].lower()}.{reason}"
    votes = Votes(decision.get("in_favour"), decision.get("against"), decision.get("abstained"))
    yield from vote_messages(record, decision["block"], votes, outcome)
