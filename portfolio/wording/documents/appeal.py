"""The letters of an appeal in French: the acknowledgement, the answer, the silence; that of an absence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from portfolio.documents.appeal import AppealLetter, appeal_letter_pdf
from portfolio.documents.values import CertificationName, Signature
from portfolio.domain.holdings.rules.contests import AppealOutcome, AppealState
from portfolio.domain.notification.use_cases.letter_data import AbsenceLetterData, AppealLetterData
from portfolio.french_text import NBSP, date_fr
from portfolio.wording.documents.letter import CLOSING
from portfolio.wording.documents.names import HOW, format_code
from portfolio.wording.holdings.contests import (
    APPEAL_KINDS,
    contested_message,
    due_message,
    follow_message,
)

_ANSWERS = {
    AppealOutcome.REJECTED: (
        "Réponse à votre recours",
        f"Votre recours est rejeté{NBSP}: la décision du jury ne change pas.",
    ),
    AppealOutcome.GRANTED: ("Réponse à votre recours", "Votre recours est accueilli."),
    AppealOutcome.WITHDRAWN: (
        "Fin de votre recours",
        f"Vous avez abandonné votre recours{NBSP}: la décision du jury ne change pas.",
    ),
}


def receipt_pdf(data: AppealLetterData) -> bytes:
    """Return the acknowledgement of an appeal: what was received, by which day it is answered."""
    appeal = data.details.appeal
    said = (*_received(data), due_message(replace(data.details, answer=None), appeal.received_on))
    return appeal_letter_pdf(
        _letter(
            data,
            "Accusé de réception de votre recours",
            appeal.words,
            appeal.recorded_at,
            said,
            ("Ce que vous contestez", appeal.grounds),
        ),
        data.look,
    )


def answer_pdf(data: AppealLetterData, today: date) -> bytes | None:
    """Return the letter of answer, or the one that says that silence refused; None while one is awaited."""
    details = data.details
    if details.answer is not None:
        title, words = _ANSWERS[details.answer.outcome]
        follows = follow_message(details)
        again = (
            "La date de ce jury, et ce que vous avez à faire s’il y a lieu, vous attendent sur la page de "
            "vos résultats."
        )
        return appeal_letter_pdf(
            _letter(
                data,
                title,
                details.answer.words,
                details.answer.recorded_at,
                (*_received(data), words),
                ("Motif de la réponse", details.answer.text),
                after=(follows, again) if follows else (),
                contests=details.answer.outcome is AppealOutcome.REJECTED,
            ),
            data.look,
        )
    if details.state(today) is not AppealState.LAPSED or details.due_on is None:
        return None
    lapsed_at = datetime.combine(details.due_on, time(12), UTC)
    said = (*_received(data), due_message(details, today), "La décision du jury ne change pas.")
    letter = _letter(
        data,
        "Rejet de votre recours par le silence",
        details.appeal.words,
        lapsed_at,
        said,
        contests=True,
        signed=False,
    )
    return appeal_letter_pdf(letter, data.look)


def absence_pdf(data: AbsenceLetterData) -> bytes:
    """Return the letter that says that the jury met without the person, and that nothing is lost."""
    told = "une absence excusée" if data.is_excused else "votre absence"
    waits = "Le relevé de vos évaluations" if data.is_record else "Votre dossier déposé"
    held_on, body = date_fr(data.decided_on), data.words["legal_name"]
    said = (
        f"Le jury s’est réuni le {held_on} sans vous. Son procès-verbal indique {told}, sans aucune "
        f"décision{NBSP}: ce n’est pas un échec, et vous ne perdez rien.",
        f"{waits} attend un autre jury. {body} vous écrit dès que la date est fixée.",
        f"Si quelque chose vous empêche de venir devant un jury, écrivez-le à {body}.",
    )
    letter = _letter(data, "Votre absence devant le jury", data.words, data.written_at, said)
    return appeal_letter_pdf(replace(letter, subject=f"Jury du {held_on}"), data.look)


def _received(data: AppealLetterData) -> tuple[str, ...]:
    appeal = data.details.appeal
    kind = APPEAL_KINDS[appeal.kind]
    return (
        f"Votre recours a été formé le {date_fr(appeal.filed_on)} et reçu le {date_fr(appeal.received_on)} "
        f"({kind[:1].lower()}{kind[1:]}). Il porte sur {contested_message(data.details.blocks)}.",
    )


def _letter(
    data: AppealLetterData | AbsenceLetterData,
    title: str,
    words: dict[str, Any] | None,
    at: datetime,
    said: tuple[str, ...],
    reason: tuple[str, str] = ("", ""),
    *,
    after: tuple[str, ...] = (),
    contests: bool = False,
    signed: bool = True,
) -> AppealLetter:
    told = words or data.words
    return AppealLetter(
        title=title,
        certifier=told["legal_name"],
        certifier_address=tuple(told["address"].splitlines()),
        candidate=data.candidate,
        certification=CertificationName(data.title, format_code(data.code)),
        subject=f"Décision du jury du {date_fr(data.decided_on)}",
        minutes=data.minutes,
        place=told["city"],
        written_at=at,
        said=said,
        reason_title=reason[0],
        reason=reason[1],
        after=after,
        remedies=told["remedies"] if contests else "",
        contact=told["contact"],
        closing=CLOSING,
        signed_by=Signature(told["signatory"], told["quality"], at, HOW)
        if signed and told["signatory"]
        else None,
    )
