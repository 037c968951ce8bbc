"""The names that every document shares.

Why a document is not signed or a letter does not leave.

A letter about nobody: it shows a certifier how its documents look.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from portfolio.documents.notification import GrantedBlock, Notification, notification_picture
from portfolio.documents.values import BlockName, CertificationName, HeldName, LedgerCheckpoint, Signature
from portfolio.domain.certifying_body.rules import BodySettingsValue, DocumentRefusal, Look, RemedyKind
from portfolio.domain.submission.rules.dossier import SealedDossier
from portfolio.french_text import NBSP, date_fr

HOW = "en ligne, depuis son compte, en redonnant son mot de passe"


def format_code(code: str) -> str:
    """« RNCP16959 » as documents write it: « RNCP 16959 »."""
    return re.sub(r"^([A-Za-z]+)\s*(\d)", rf"\1{NBSP}\2", code)


def certification_name(dossier: SealedDossier) -> CertificationName:
    """Name the certification that a sealed dossier answers, in its own words."""
    certification = dossier.certification
    return CertificationName(
        certification.title, format_code(certification.code), certification.level, certification.level
    )


def held_names(dossier: SealedDossier) -> tuple[HeldName, ...]:
    """Name the blocks held when a dossier was sealed."""
    return tuple(HeldName(block.number, block.title, block.held_on, block.certificate) for block in dossier.held_blocks)


def block_names(dossier: SealedDossier) -> tuple[BlockName, ...]:
    """Name the blocks that a dossier presents."""
    return tuple(BlockName(block.number, block.title) for block in dossier.blocks)


def ledger_checkpoint(head: tuple[int, str] | None) -> LedgerCheckpoint | None:
    """Return the ledger's head as documents print it."""
    return LedgerCheckpoint(*head) if head else None


_WITHOUT_REMEDIES: Mapping[RemedyKind, str] = {
    RemedyKind.JURY: "Aucune notification ne part",
    RemedyKind.ADMISSIBILITY: "Aucune lettre ne refuse une recevabilité",
    RemedyKind.ANNULMENT: "Aucune lettre n’annonce une suspension, une annulation ou un retrait",
    RemedyKind.COMPLAINT: "Aucune réponse à une réclamation ne part",
}
_SETTINGS = "Complétez les réglages de l’organisme, puis revenez ici."


def complete_message(numbers: Sequence[str]) -> str:
    """Return the sentence that names the competencies without an explanation in the letter."""
    which = f"la compétence {numbers[0]}" if len(numbers) == 1 else f"les compétences {', '.join(numbers)}"
    return (
        f"La lettre n’explique pas encore {which} : écrivez ce que le jury a vu, ce qui manquait, "
        "ce qui est attendu et par où passer."
    )


def earlier_message(minutes: str, decided_on: date) -> str:
    """Return the sentence that names the decision whose letter goes first."""
    return (
        f"La décision du jury du {date_fr(decided_on)} (procès-verbal {minutes}) concerne la même personne "
        f"et n’est pas encore notifiée. Notifiez-la d’abord{NBSP}: chaque lettre dit où en est chaque bloc."
    )


REFUSALS: dict[DocumentRefusal, Callable[[dict[str, Any]], str]] = {
    DocumentRefusal.NO_REMEDIES: lambda facts: (
        f"{_WITHOUT_REMEDIES[facts.get('kind', RemedyKind.JURY)]} sans le texte sur les voies et délais de recours, "
        "que l’organisme écrit lui-même. " + _SETTINGS
    ),
    DocumentRefusal.NO_SIGNATORY: lambda _: (
        ("Personne n’est encore désigné pour signer les documents de l’organisme, ou sa qualité n’est pas dite. ")
        + _SETTINGS
    ),
    DocumentRefusal.NOT_SIGNATORY: lambda facts: (
        f"Seule la personne désignée pour signer, {facts['name']}, peut le faire : chaque personne signe "
        "avec son propre compte. Demandez-lui de se connecter, ou changez les réglages de l’organisme."
    ),
    DocumentRefusal.FOREIGN_SIGNATORY: lambda _: (
        "La personne qui signe doit être membre de l’organisme. Choisissez-la dans la liste."
    ),
    DocumentRefusal.NOT_DECIDED: lambda _: "Le jury n’a pas encore décidé : il n’y a pas de résultat à notifier.",
    DocumentRefusal.ALREADY_NOTIFIED: lambda _: (
        "Ce résultat est déjà notifié : la lettre est signée telle qu’elle est et ne change plus."
    ),
    DocumentRefusal.EARLIER_FIRST: lambda facts: earlier_message(facts["minutes"], facts["decided_on"]),
    DocumentRefusal.NOT_RECEIVED_THEN: lambda facts: (
        f"La réception ne peut pas précéder la lettre, envoyée le {date_fr(facts['sent'])}, ni être à venir."
    ),
    DocumentRefusal.INCOMPLETE: lambda facts: complete_message(facts["numbers"]),
}


_AT = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
_LETTER = Notification(
    certifier="",
    certifier_address=(),
    candidate="Prénom Nom",
    candidate_address=("12, rue de l’Exemple", "33000 Bordeaux"),
    certification=CertificationName("Intitulé de la certification", f"RNCP{NBSP}00000"),
    minutes="EXEMPLE",
    decided_on=date(2026, 1, 12),
    place="Bordeaux",
    notified_at=_AT,
    result="Validation partielle",
    granted=(GrantedBlock(BlockName(1, "Un bloc acquis"), "EXEMPLE"),),
    refused=(),
    remedies="Ici vient votre texte sur les recours.",
    closing="Nous vous adressons nos salutations les meilleures.",
    greeting="Bonjour Prénom Nom,",
    summary="Ceci est un exemple : il ne concerne personne.",
    signed_by=Signature("Prénom Nom", "Qualité de la personne qui signe", _AT, "en ligne"),
)
# As wide as the column that shows it, on a fine screen.
_POINTS_PER_INCH = 110


def sample_letter_picture(settings: BodySettingsValue, look: Look) -> bytes:
    """Return the picture of the first page of a sample letter of a body."""
    letter = replace(
        _LETTER,
        certifier=settings.legal_name or "Nom de l’organisme",
        certifier_address=tuple(settings.address.splitlines()),
        place=settings.city or _LETTER.place,
    )
    return notification_picture(letter, look, points_per_inch=_POINTS_PER_INCH)
