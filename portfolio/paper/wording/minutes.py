"""The minutes of a jury for one candidate, from what was copied at closing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from portfolio.assessment.rules import DefenceMinutes
from portfolio.assessment.wording import defence_words
from portfolio.candidacy.wording import ROUTES
from portfolio.certificate.rules import Lapse
from portfolio.certificate.wording import result_words
from portfolio.documents import (
    BlockName,
    DecidedBlock,
    FoundCompetency,
    Minutes,
    Predicate,
    Rectification,
    SeatedMember,
    Signature,
)
from portfolio.documents.minutes import Mark
from portfolio.jury.minutes import CompetencyFinding
from portfolio.jury.rules import (
    EXTERNAL_MONTHS,
    Attendance,
    College,
    FindingValue,
    Outcome,
    Seat,
    TiesAnswer,
    voters_recorded,
)
from portfolio.jury.rules import Votes as Counted
from portfolio.jury.rules.recording import answer_from_record
from portfolio.jury.wording import (
    FINDINGS,
    GROUNDS,
    QUESTIONS,
    SEATS,
    predicate_sentence,
    source_sentence,
    ties_sentence,
    vote_question,
    votes_sentence,
)
from portfolio.jury.wording.labels import SHORT_COLLEGES
from portfolio.paper.services import MinutesPaper
from portfolio.paper.services.papers import DecidedPaper
from portfolio.paper.wording.names import HOW, certification_name, held_names, ledger_head
from portfolio.web.filters import NBSP, day, moment

MARKS: Mapping[FindingValue, Mark] = {
    FindingValue.ACQUIRED: "full",
    FindingValue.PARTIALLY: "half",
    FindingValue.NOT_ACQUIRED: "none",
}
_VOID = "Séance sans effet. Aucune décision, aucun échec : {what} attend une autre session."
_NOTHING_DECIDED = "Aucune décision : la personne n’a pas été entendue. Elle ne perd rien."
_CAME: Mapping[Attendance, str] = {
    Attendance.HEARD: "présence constatée",
    Attendance.ABSENT: "absence constatée",
    Attendance.EXCUSED: "absence excusée",
}
# What the closing saw of the admissibility (R3); the six months kept need no word.
_ADMISSIBILITY: Mapping[Lapse, str] = {
    Lapse.NONE: "",
    Lapse.RULED: "maintenue par une décision du certificateur, après un délai dépassé",
    Lapse.NOT_RULED: "un délai était dépassé, et le certificateur ne s’était pas prononcé",
    Lapse.LAPSED: "caduque, par une décision du certificateur",
}


def minutes_value(paper: MinutesPaper) -> Minutes:
    """Say what closed minutes say, signed by the president if they are."""
    told, dossier = paper.composition, paper.dossier
    president: Mapping[str, Any] = next((one for one in told["members"] if one["seat"] == Seat.PRESIDENT), {})
    return Minutes(
        number=paper.number,
        certifier=dossier.certification.body,
        certification=certification_name(dossier),
        candidate=dossier.candidate,
        held_on=paper.decided_on,
        place=told.get("place") or "",
        result=_result(paper),
        void=paper.void_reason,
        submission=_read(paper),
        route=ROUTES[dossier.route] if dossier.is_record else "",
        defence=_defence(told),
        root=paper.root,
        drawn_at=max([paper.closed_at, *(one.written_at for one in paper.rectifications)]),
        members=tuple(_member(one, told, dossier.is_record) for one in told["members"]),
        others=tuple(_member(one, told, dossier.is_record) for one in told.get("others", [])),
        predicates=tuple(_predicate(one) for one in told["predicates"]),
        blocks=tuple(
            _decided(one, voters_recorded(told["members"]), casting_vote=told.get("casting_vote", True)) for one in paper.blocks
        ),
        held=held_names(dossier),
        quorum=_quorum(told["members"], told.get("quorum")),
        justification=told.get("parity_reason") or "",
        attendance=_CAME[paper.attendance],
        admissibility=_ADMISSIBILITY[Lapse(told.get("lapse") or Lapse.NONE)],
        rectifications=tuple(Rectification(one.text, one.author, moment(one.written_at)) for one in paper.rectifications),
        ledger=ledger_head(paper.head),
        signed_by=Signature(paper.signed_by, _quality(paper, president), paper.signed_at, HOW) if paper.signed_at else None,
    )


def _read(paper: MinutesPaper) -> str:
    number, on = paper.dossier.header.number, day(paper.submitted_at)
    if paper.dossier.is_record:
        return f"le relevé d’évaluation arrêté le {on} (relevé n°{NBSP}{number})"
    return f"le dossier scellé le {on} (dépôt n°{NBSP}{number})"


def _defence(told: Mapping[str, Any]) -> str:
    """Say how long the defence lasted; nothing when none was recorded."""
    lasted = told.get("defence")
    return defence_words(DefenceMinutes(**lasted)).capitalize() if lasted else ""


def _result(paper: MinutesPaper) -> str:
    if paper.void_reason:
        return _VOID.format(what="le relevé" if paper.dossier.is_record else "le dossier scellé")
    return result_words(paper.result) if paper.attendance is Attendance.HEARD else _NOTHING_DECIDED


def _quality(paper: MinutesPaper, president: Mapping[str, Any]) -> str:
    """The president signs minutes; those of a sitting without effect are signed for the certifier."""
    return "Pour l’organisme certificateur" if paper.void_reason else president.get("quality") or SEATS[Seat.PRESIDENT]


def _member(one: Mapping[str, Any], told: Mapping[str, Any], is_record: bool) -> SeatedMember:
    statements = one.get("statements") or {}
    seat = SEATS[Seat(one["seat"])] + (" (suppléance)" if one.get("substitute") else "")
    presence = "" if "present" not in one else "Présence constatée" if one["present"] else "Absence constatée"
    return SeatedMember(
        seat=seat,
        name=one["name"],
        quality=one["quality"],
        college=SHORT_COLLEGES.get(College(one["college"]), ""),
        presence=presence,
        declaration=_said(statements, "recusal", "Récusation") or _said(statements, "no_relation", "Déclare n’avoir aucun lien"),
        reading=_said(statements, "read", f"Atteste avoir lu le {'relevé' if is_record else 'dossier'}"),
        ties=_ties(one, told),
    )


def _ties(one: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """Return the answer about ties; minutes closed before the question was asked record none."""
    if not one.get("ties"):
        return ""
    return ties_sentence(TiesAnswer(one["ties"]), one["external"], told.get("external_months", EXTERNAL_MONTHS))


def _said(statements: Mapping[str, Any], kind: str, words: str) -> str:
    one = statements.get(kind)
    if not one:
        return ""
    if one.get("signed_on"):
        return f"{words},\nformulaire signé le {day(date.fromisoformat(one['signed_on']))}"
    how = f"sur{NBSP}papier" if one.get("on_paper") else f"en{NBSP}ligne"
    return f"{words},\nle {moment(datetime.fromisoformat(one['at']))}, {how}"


def _predicate(one: Mapping[str, Any]) -> Predicate:
    """One condition as it was answered at closing."""
    answer = answer_from_record(one)
    return Predicate(QUESTIONS[answer.id], predicate_sentence(answer), source_sentence(answer.source), answer.holds)


def _quorum(members: list[dict[str, Any]], quorum: int | None) -> str:
    if not any("present" in one for one in members):
        return ""
    here = sum(1 for one in members if one.get("present"))
    asked = f" Le quorum est de {quorum} membres, présidence comprise." if quorum else ""
    return f"{here} membres présents sur les {len(members)} qui siègent.{asked}"


def _decided(paper: DecidedPaper, deliberated: int, *, casting_vote: bool = True) -> DecidedBlock:
    one = paper.decision
    return DecidedBlock(
        BlockName(paper.block.number, paper.block.title),
        one.outcome is Outcome.VALIDATED,
        one.reason,
        tuple(_found(*each) for each in paper.findings),
        one.override_reason,
        one.recommendation,
        one.no_recommendation or "",
        _votes(paper.block.number, one.votes, deliberated, casting_vote=casting_vote),
    )


def _votes(block: int, votes: Counted, deliberated: int, *, casting_vote: bool) -> str:
    """What was voted on, and the count that the screen shows; nothing when no vote was counted."""
    counts = votes_sentence(votes, deliberated, casting_vote=casting_vote)
    return f"{vote_question(block)} {counts}." if counts else ""


def _found(number: str, text: str, finding: CompetencyFinding) -> FoundCompetency:
    ground = GROUNDS[finding.ground] if finding.ground else ""
    if finding.ground_text:
        ground = f"{ground} : {finding.ground_text}"
    return FoundCompetency(number, text, FINDINGS[finding.value], MARKS[finding.value], finding.reason, ground)
