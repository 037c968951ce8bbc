"""The notification of a result: its words, and its values for the PDF."""

from __future__ import annotations

from portfolio.certificate.rules import GrantStatus
from portfolio.certificate.wording import result_words
from portfolio.documents import (
    BlockName,
    CertificationName,
    GrantedBlock,
    HeldName,
    MissingCompetency,
    Notification,
    RefusedBlock,
    Signature,
    notification_pdf,
)
from portfolio.jury.wording import FINDINGS
from portfolio.paper.rules import Letter, LetterBlock, LetterGranted
from portfolio.paper.wording.names import HOW, code_words
from portfolio.web.filters import NBSP, count

__all__ = ["FINDINGS", "GRANTED", "letter_pdf", "result_words", "summary_words", "way_words"]

# What a granted block is on the day of the letter.
GRANTED = {
    GrantStatus.HELD: "Ce bloc vous est acquis définitivement.",
    GrantStatus.SUSPENDED: (
        f"Le jury vous a accordé ce bloc. Il est suspendu depuis{NBSP}: ni acquis ni perdu, le temps d’un examen."
    ),
    GrantStatus.WITHDRAWN: "Le jury vous avait accordé ce bloc. Il a été retiré depuis.",
    GrantStatus.ANNULLED: (
        "Le jury vous avait accordé ce bloc. La décision a été annulée depuis, sans échec pour vous. "
        "Un nouveau jury peut l’accorder."
    ),
    GrantStatus.REPLACED: "Ce bloc vous est acquis définitivement, sous un autre numéro.",
}


def way_words(block: LetterBlock) -> str:
    """What is always true of the way forward; the certifier makes it precise."""
    return (
        "Complétez votre dossier sur cette compétence, puis présentez de nouveau "
        f"le bloc{NBSP}{block.number} à une prochaine session."
    )


def summary_words(letter: Letter) -> str:
    """Say in a line how many blocks this decision gives and leaves."""
    told = []
    held = [one for one in letter.granted if one.status == GrantStatus.HELD]
    if held:
        told.append(f"Vous obtenez {count(len(held), 'bloc')}.")
    if letter.refused:
        told.append(f"{count(len(letter.refused), 'bloc reste', 'blocs restent')} à valider.".capitalize())
    if letter.whole:
        told.append(f"La certification entière est obtenue, certificat {letter.whole}.")
    return " ".join(told)


def letter_pdf(letter: Letter) -> bytes:
    """Answer the letter as it left, as a PDF; raises MissingRemedies."""
    assert letter.notified_at is not None
    return notification_pdf(
        Notification(
            certifier=letter.certifier,
            certifier_address=tuple(letter.address.splitlines()),
            candidate=letter.candidate,
            candidate_address=(),
            certification=CertificationName(letter.title, code_words(letter.code)),
            minutes=letter.minutes,
            decided_on=letter.decided_on,
            place=letter.city,
            notified_at=letter.notified_at,
            result=result_words(letter.result),
            granted=tuple(_granted(one) for one in letter.granted),
            refused=tuple(_refused(one) for one in letter.refused),
            remedies=letter.remedies,
            summary=summary_words(letter),
            held=tuple(HeldName(one.number, one.title, one.held_on, one.certificate) for one in letter.held),
            contact=letter.contact,
            signed_by=Signature(letter.signatory, letter.quality, letter.notified_at, HOW),
        )
    )


def _granted(one: LetterGranted) -> GrantedBlock:
    return GrantedBlock(BlockName(one.number, one.title), one.certificate, one.reason, GRANTED[one.status])


def _refused(block: LetterBlock) -> RefusedBlock:
    competencies = tuple(
        MissingCompetency(
            one.number,
            one.text,
            FINDINGS[one.finding],
            one.said.seen,
            one.said.missing,
            one.said.expected,
            one.said.way,
        )
        for one in block.competencies
    )
    way = "" if competencies else block.recommendation
    return RefusedBlock(BlockName(block.number, block.title), block.reason, competencies, block.acquired, way)
