"""A letter about nobody: it shows a certifier how its documents look."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from portfolio.documents.notification import GrantedBlock, Notification, notification_picture
from portfolio.documents.values import BlockName, CertificationName, Signature
from portfolio.domain.certifying_body.rules import BodySettingsValue, Look
from portfolio.french_text import NBSP

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
