"""Sentences about appointments, presence and funding."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from portfolio.calendar import day_of
from portfolio.documents.attendance import Attendance
from portfolio.documents.attendance import PresenceLine as PrintedLine
from portfolio.domain.funding.models import Appointment, Funding
from portfolio.domain.funding.rules import (
    Commitment,
    FunderKind,
    FundingRefusal,
    Held,
    LeaveAnswer,
    LeaveInput,
    PaperKind,
    PresenceColumn,
    PresenceFault,
    PresenceLine,
    SheetLine,
    StepKind,
)
from portfolio.domain.funding.use_cases import AttendanceFacts
from portfolio.french_text import NBSP, count, date_fr, datetime_fr
from portfolio.wording.jury.labels import euros

STEPS = {
    StepKind.DIAGNOSTIC: "Diagnostic",
    StepKind.FEASIBILITY: "Faisabilité",
    StepKind.INDIVIDUAL: "Accompagnement individuel",
    StepKind.GROUP: "Accompagnement en groupe",
    StepKind.TRAINING: "Complément de formation",
    StepKind.MOCK_INTERVIEW: "Entretien blanc",
    StepKind.JURY: "Jury",
    StepKind.POST_JURY: "Rendez-vous après le jury",
}
HELD = {Held.PLANNED: "Prévu", Held.HELD: "Tenu", Held.EXCUSED: "Personne excusée", Held.ABSENT: "Personne absente"}
FUNDERS = {
    FunderKind.CPF: "Compte personnel de formation (CPF)",
    FunderKind.TRANSITIONS_PRO: "Transitions Pro",
    FunderKind.OPCO: "Opérateur de compétences (OPCO)",
    FunderKind.EMPLOYER: "Employeur",
    FunderKind.REGION: "Région",
    FunderKind.FRANCE_TRAVAIL: "France Travail",
    FunderKind.AGEFIPH: "Agefiph",
    FunderKind.SELF: "La personne elle-même",
    FunderKind.OTHER: "Autre",
}
COMMITMENTS = {
    Commitment.ASKED: "Demandé",
    Commitment.PROMISED: "Promis, sans accord écrit",
    Commitment.GRANTED: "Accordé",
    Commitment.REFUSED: "Refusé",
}
REFUSALS: dict[FundingRefusal, Callable[[dict[str, Any]], str]] = {
    FundingRefusal.NOT_HELD_YET: lambda _: (
        "Ce rendez-vous n’a pas encore commencé : il ne peut pas être tenu. Corrigez le jour ou l’heure."
    ),
    FundingRefusal.NOT_TO_SIGN: lambda _: "Ce rendez-vous n’est pas à signer : il est déjà signé, ou n’a pas été tenu.",
    FundingRefusal.NOTHING_HELD: lambda _: (
        "Aucun rendez-vous n’est tenu : il n’y a rien à certifier. Inscrivez d’abord une présence."
    ),
    FundingRefusal.NOTHING_CHANGED: lambda _: "Le dernier certificat dit déjà la même chose. Rien n’est changé.",
}


PAPERS = {
    PaperKind.QUOTE: "Devis",
    PaperKind.CONVENTION: "Convention",
    PaperKind.GRANT: "Accord du financeur",
    PaperKind.OTHER: "Autre document",
}
LEAVE_ANSWERS = {
    LeaveAnswer.WAITING: "Pas encore de réponse",
    LeaveAnswer.GRANTED: "Accordé",
    LeaveAnswer.DEFERRED: "Reporté",
    LeaveAnswer.REFUSED: "Refusé",
}


def leave_message(leave: LeaveInput, today: date) -> str:
    """Say where a request of leave stands, its clock, and what the law says of it."""
    asked = f"{duration(leave.minutes)} à partir du {date_fr(leave.first_day)}, demandées le {date_fr(leave.sent_on)}."
    if leave.answer is LeaveAnswer.WAITING:
        until = date_fr(leave.answer_until)
        silent = f"Sans réponse le {until}, le congé est accordé"
        said = (
            f"{silent}." if leave.is_agreed(today) else f"Réponse attendue avant le {until} ; le silence vaut accord."
        )
    else:
        said = f"{LEAVE_ANSWERS[leave.answer]} le {date_fr(leave.answered_on)}."
        if leave.deferred_to:
            said = f"Reporté au {date_fr(leave.deferred_to)}, réponse du {date_fr(leave.answered_on)}."
    rule, more = leave.rule, ""
    if leave.is_late:
        more += f" La demande est partie moins de {rule.ask_days} jours avant : l’employeur peut la refuser."
    if leave.is_deferred_too_far:
        more += f" Un report va jusqu’à {count(rule.defer_months, 'mois', 'mois')} au plus."
    return f"{asked} {said}{more}"


def leave_total_message(requests: Sequence[LeaveInput], today: date) -> str:
    """Say how much of the leave of a session of assessment is used, by the law of the last request."""
    used = sum(leave.minutes for leave in requests if leave.is_agreed(today))
    most = requests[0].rule
    over = " Au-delà, l’employeur doit l’accepter par écrit." if used > most.minutes else ""
    return f"{duration(used)} de congé sur {duration(most.minutes)} par session d’évaluation ({most.source}).{over}"


def duration(minutes: int) -> str:
    """Say minutes as hours: « 1 h 30 », « 45 min »."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d}" if rest else f"{hours} h"


def funding_message(funding: Funding) -> str:
    """Say what a funder answered: a promise is never said as an agreement."""
    said = COMMITMENTS[funding.commitment]
    if funding.number:
        said += f", n° {funding.number}"
    if funding.decided_on:
        said += f", le {date_fr(funding.decided_on)}"
    if funding.minutes is not None:
        said += f", {duration(funding.minutes)}"
    if funding.cents is not None:
        said += f", {euros(funding.cents)}\u00a0€"
    if funding.valid_until:
        said += f", valable jusqu’au {date_fr(funding.valid_until)}"
    return said


def presence_message(appointment: Appointment) -> str:
    """Say whether an appointment was held, how long it was attended, and whether the person signed."""
    if appointment.held is not Held.HELD:
        return HELD[appointment.held]
    signed = f", signé par la personne le {datetime_fr(appointment.signed_at)}" if appointment.signed_at else ""
    return f"Tenu, {duration(appointment.attended or 0)} de présence{signed}"


def attendance_value(facts: AttendanceFacts) -> Attendance:
    """Say what a certificate of attendance says; an appointment to come is no part of it."""
    lines = [line for line in facts.sheet.lines if line.held is not Held.PLANNED]
    days = [day_of(line.starts_at) for line in lines if line.held is Held.HELD]
    period = date_fr(days[0]) if days[0] == days[-1] else f"du {date_fr(days[0])} au {date_fr(days[-1])}"
    return Attendance(
        facts.number,
        facts.version,
        facts.body,
        tuple(line for line in facts.address.splitlines() if line.strip()),
        facts.siret,
        facts.city,
        facts.holder,
        facts.employer,
        f"{facts.title} ({facts.code})",
        period,
        duration(sum(line.planned for line in lines)),
        duration(facts.sheet.attended),
        tuple(_line(line) for line in lines),
        facts.issued_at,
    )


def _line(line: SheetLine) -> PrintedLine:
    attended = duration(line.attended) if line.held is Held.HELD else HELD[line.held].lower()
    means = "par la personne" if line.kind is StepKind.JURY else "par son compte"
    signed = f"{means}, {datetime_fr(line.signed_at)}" if line.signed_at else ""
    return PrintedLine(datetime_fr(line.starts_at), STEPS[line.kind], duration(line.planned), attended, signed)


SHEET_HEADER = ("Jour et heure", "Rendez-vous", "Minutes prévues", "État", "Minutes de présence", "Signé le")


def sheet_row(line: SheetLine) -> tuple[Any, ...]:
    """Return the cells of a line of the presence sheet."""
    return line.starts_at, STEPS[line.kind], line.planned, HELD[line.held], line.attended, line.signed_at


PRESENCE_COLUMNS = {
    PresenceColumn.NAME: "Nom",
    PresenceColumn.FIRST_NAME: "Prénom",
    PresenceColumn.EMAIL: "Courriel",
    PresenceColumn.DAY: "Date",
    PresenceColumn.START: "Heure de début",
    PresenceColumn.END: "Heure de fin",
    PresenceColumn.KIND: "Rendez-vous",
    PresenceColumn.HELD: "Présence",
    PresenceColumn.PLACE: "Lieu",
}
_PRESENCE_FAULTS = {
    PresenceFault.PERSON: "aucune candidature ouverte n’a ce nom ou cette adresse. Ajoutez le courriel de la personne.",
    PresenceFault.SEVERAL: "plusieurs candidatures ouvertes sont à ce nom. Inscrivez-le depuis la bonne candidature.",
    PresenceFault.DAY: "« {cell} » n’est pas une date. Écrivez par exemple 12/03/2026.",
    PresenceFault.START: "« {cell} » n’est pas une heure de début. Écrivez par exemple 9:30 ou 9 h 30.",
    PresenceFault.END: "« {cell} » n’est pas une heure de fin qui suit le début. Écrivez par exemple 11:00 ou 11 h.",
    PresenceFault.KIND: "« {cell} » n’est pas un rendez-vous. Écrivez " + ", ".join(STEPS.values()) + ".",
    PresenceFault.HELD: "« {cell} » ne dit pas la présence. Écrivez présent, absent, excusé ou prévu.",
    PresenceFault.TO_COME: "ce rendez-vous n’a pas commencé. Écrivez prévu, ou corrigez la date.",
    PresenceFault.PLACE: "le lieu est trop long.",
    PresenceFault.TWICE: "deux lignes disent le même début pour la même personne.",
}


def wrong_presence_message(line: PresenceLine) -> str:
    """Say which line of a list of presence cannot be read, and why."""
    assert line.fault is not None
    return f"Ligne {line.number}, «{NBSP}{line.who}{NBSP}»{NBSP}: {_PRESENCE_FAULTS[line.fault].format(cell=line.cell)}"


def presence_saved_message(number: int) -> str:
    """Say how many appointments a list wrote."""
    return count(number, "rendez-vous est inscrit.", "rendez-vous sont inscrits.") if number else "Rien n’a changé."
