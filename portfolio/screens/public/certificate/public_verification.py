"""What anyone who has a certificate's number may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.holdings.models.grants import Certificate
from portfolio.domain.holdings.use_cases.granting import AwardBlock, list_award_blocks
from portfolio.domain.holdings.use_cases.status import CertificateStatus, load_certificate_status
from portfolio.domain.ledger.checkpoints import checkpoint_covering, latest_checkpoint
from portfolio.domain.ledger.rules.chain import Checkpoint
from portfolio.domain.notification.models import CertificateSignature


@dataclass(frozen=True, slots=True)
class PublicCertificate:
    """A certificate as it was issued, and where it stands today: `labels` are the words of `printed_text`,
    unchanged since, but without the birth of the holder, which is for their paper only. `blocks` are those of
    a whole, each with its act.

    `recorded` is the head of the ledger that its paper prints, `latest` the one that ends the ledger now.
    """

    number: str
    labels: Mapping[str, Any]
    issued_at: datetime
    standing: CertificateStatus
    signed_at: datetime | None = None
    blocks: tuple[AwardBlock, ...] = ()
    recorded: Checkpoint | None = None
    latest: Checkpoint | None = None

    @property
    def is_whole(self) -> bool:
        """Return whether it certifies the whole certification; otherwise one block and only it."""
        return bool(self.labels["subject"] == "whole")

    @property
    def delivered_on(self) -> date:
        """The day of the decision that gave it."""
        return date.fromisoformat(self.labels["delivered_on"])


def find_public_certificate(session: Session, number: str) -> PublicCertificate | None:
    """Find a certificate by its exact number, in a few queries; None when no certificate has it."""
    found = session.scalar(select(Certificate).where(Certificate.number == number))
    if found is None:
        return None
    return PublicCertificate(
        number=found.number,
        labels={name: value for name, value in found.printed_text.items() if name != "birth"},
        issued_at=found.issued_at,
        standing=load_certificate_status(session, found),
        signed_at=session.scalar(
            select(CertificateSignature.signed_at).where(CertificateSignature.certificate_id == found.id)
        ),
        blocks=list_award_blocks(session, found),
        recorded=checkpoint_covering(session, "certificate", found.id),
        latest=latest_checkpoint(session),
    )
