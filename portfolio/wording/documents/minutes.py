"""The minutes of a jury for one candidate, from what was copied at closing."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from portfolio.documents.minutes import (
    DecidedBlock,
    FormerSitting,
    FoundCompetency,
    Mark,
    Minutes,
    Predicate,
    Rectification,
    SeatedMember,
)
from portfolio.documents.values import BlockName, Signature
from portfolio.domain.assessment.rules import DefenceMinutes
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.holdings.rules.facts import Lapse
from portfolio.domain.jury.models.deliberation import RecordedFinding
from portfolio.domain.jury.rules.composition import EXTERNAL_MONTHS
from portfolio.domain.jury.rules.conditions import answer_from_record
from portfolio.domain.jury.rules.enums import Attendance, College, FindingValue, Outcome, RelationAsked, TiesAnswer
from portfolio.domain.notification.use_cases.document_data import DecidedBlockData, MinutesData
from portfolio.french_text import NBSP, date_fr, datetime_fr
from portfolio.wording.assessment import defence_words
from portfolio.wording.candidacy import ROUTES
from portfolio.wording.documents.deliberated import also_heard
from portfolio.wording.documents.names import HOW, certification_name, held_names, ledger_checkpoint
from portfolio.wording.holdings.grants import result_message, status_change_message
from portfolio.wording.jury import (
    FINDINGS,
    GROUNDS,
    QUESTIONS,
    SEATS,
    affiliations_message,
    course_messages,
    predicate_message,
    source_message,
    vote_messages,
)
from portfolio.wording.jury.labels import RELATIONS, SHORT_COLLEGES
from portfolio.wording.jury.sittings import former_sittings

MARKS: Mapping[FindingValue, Mark] = {
    FindingValue.ACQUIRED: "full",
    FindingValue.PARTIALLY: "half",
    FindingValue.NOT_ACQUIRED: "none",
}
_VOID = "Séance sans effet. Aucune décision, aucun échec : {what} peut être présenté à une autre session."
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


def minutes_value(data: MinutesData) -> Minutes:
    """Say what closed minutes say, signed by the president if they are."""
    composition, dossier = data.composition, data.dossier
    president: Mapping[str, Any] = next(
        (member for member in composition["members"] if member["seat"] == Seat.PRESIDENT), {}
    )
    return Minutes(
        number=data.number,
        certifier=dossier.certification.body,
        certification=certification_name(dossier),
        candidate=dossier.candidate,
        held_on=data.decided_on,
        place=composition.get("place") or "",
        result=_result(data),
        void=data.void_reason,
        submission=_read(data),
        route=ROUTES[dossier.route] if dossier.is_record else "",
        defence=_defence(composition),
        heard=also_heard(data),
        root=data.root,
        drawn_at=max(
            [
                data.closed_at,
                *(rectification.written_at for rectification in data.rectifications),
                *(act.recorded_at for act in data.since),
                *(by.closed_at for act in data.since for by in act.again if by.closed_at),
            ]
        ),
        members=tuple(_member(member, composition, dossier.is_record) for member in composition["members"]),
        others=tuple(_member(member, composition, dossier.is_record) for member in composition.get("others", [])),
        predicates=tuple(_predicate(predicate) for predicate in composition["predicates"]),
        blocks=tuple(_decided(block, composition) for block in data.blocks),
        course=course_messages(composition),
        former=tuple(FormerSitting(each.title, each.lines) for each in former_sittings(composition)),
        held=held_names(dossier),
        quorum=_quorum(composition["members"], composition.get("quorum")),
        justification=composition.get("parity_reason") or "",
        attendance=_CAME[data.attendance],
        admissibility=_ADMISSIBILITY[Lapse(composition.get("lapse") or Lapse.NONE)],
        rectifications=tuple(
            Rectification(rectification.text, rectification.author, datetime_fr(rectification.written_at))
            for rectification in data.rectifications
        ),
        since=tuple(status_change_message(act) for act in data.since),
        ledger=ledger_checkpoint(data.head),
        signed_by=Signature(data.signed_by, _quality(data, president), data.signed_at, HOW) if data.signed_at else None,
    )


def _read(paper: MinutesData) -> str:
    number, on = paper.dossier.header.number, date_fr(paper.submitted_at)
    if paper.dossier.is_record:
        return f"le relevé d’évaluation arrêté le {on} (relevé n°{NBSP}{number})"
    return f"le dossier scellé le {on} (dépôt n°{NBSP}{number})"


def _defence(told: Mapping[str, Any]) -> str:
    """Say how long the defence lasted; nothing when none was recorded."""
    lasted = told.get("defence")
    return defence_words(DefenceMinutes(**lasted)).capitalize() if lasted else ""


def _result(data: MinutesData) -> str:
    if data.void_reason:
        return _VOID.format(what="le relevé" if data.dossier.is_record else "le dossier scellé")
    return result_message(data.result) if data.attendance is Attendance.HEARD else _NOTHING_DECIDED


def _quality(data: MinutesData, president: Mapping[str, Any]) -> str:
    """Return in which quality the minutes are signed: by the president, or for the certifier when the sitting had
    no effect.
    """
    return "Pour l’organisme certificateur" if data.void_reason else president.get("quality") or SEATS[Seat.PRESIDENT]


def _member(member: Mapping[str, Any], recorded: Mapping[str, Any], is_record: bool) -> SeatedMember:
    statements = member.get("statements") or {}
    seat = SEATS[Seat(member["seat"])] + (" (suppléance)" if member.get("substitute") else "")
    presence = "" if "present" not in member else "Présence constatée" if member["present"] else "Absence constatée"
    return SeatedMember(
        seat=seat,
        name=member["name"],
        quality=member["quality"],
        college=SHORT_COLLEGES.get(College(member["college"]), ""),
        presence=presence,
        declaration=_stated(statements, "recusal", "Récusation")
        or _stated(statements, "no_relation", f"Déclare n’avoir {RELATIONS[_relation(statements)]}"),
        reading=_stated(statements, "read", f"Atteste avoir lu le {'relevé' if is_record else 'dossier'}"),
        ties=_ties(member, recorded),
    )


def _relation(statements: Mapping[str, Any]) -> RelationAsked:
    """Return which relations the declaration denies; any, in those signed before it depended on the route."""
    return RelationAsked(statements.get("no_relation", {}).get("relation", RelationAsked.ANY))


def _ties(member: Mapping[str, Any], recorded: Mapping[str, Any]) -> str:
    """Return the answer about ties; minutes closed before the question was asked record none."""
    if not member.get("ties"):
        return ""
    return affiliations_message(
        TiesAnswer(member["ties"]),
        member["external"],
        recorded.get("external_months", EXTERNAL_MONTHS),
        directs=member.get("directs", False),
    )


def _stated(statements: Mapping[str, Any], kind: str, words: str) -> str:
    statement = statements.get(kind)
    if not statement:
        return ""
    if statement.get("signed_on"):
        return f"{words},\nformulaire signé le {date_fr(date.fromisoformat(statement['signed_on']))}"
    how = f"sur{NBSP}papier" if statement.get("on_paper") else f"en{NBSP}ligne"
    return f"{words},\nle {datetime_fr(datetime.fromisoformat(statement['at']))}, {how}"


def _predicate(predicate: Mapping[str, Any]) -> Predicate:
    """One condition as it was answered at closing."""
    answer = answer_from_record(predicate)
    return Predicate(
        QUESTIONS[answer.id],
        predicate_message(answer),
        source_message(answer.source),
        None if answer.is_without_object else answer.holds,
    )


def _quorum(members: list[dict[str, Any]], quorum: int | None) -> str:
    if not any("present" in member for member in members):
        return ""
    here = sum(1 for member in members if member.get("present"))
    asked = f" Le quorum est de {quorum} membres, présidence comprise." if quorum else ""
    present = "membre présent" if here < 2 else "membres présents"
    return f"{here} {present} sur les {len(members)} qui siègent.{asked}"


def _decided(data: DecidedBlockData, composition: Mapping[str, Any]) -> DecidedBlock:
    decision = data.decision
    return DecidedBlock(
        BlockName(data.block.number, data.block.title),
        decision.outcome is Outcome.VALIDATED,
        decision.reason,
        tuple(_found(*each) for each in data.findings),
        decision.override_reason,
        decision.recommendation,
        decision.no_recommendation or "",
        vote_messages(composition, data.block.number, decision.votes, decision.outcome),
    )


def _found(number: str, text: str, finding: RecordedFinding) -> FoundCompetency:
    ground = GROUNDS[finding.ground] if finding.ground else ""
    if finding.ground_text:
        ground = f"{ground} : {finding.ground_text}"
    return FoundCompetency(number, text, FINDINGS[finding.value], MARKS[finding.value], finding.reason, ground)
