"""The receipt of a submission."""

from __future__ import annotations

from portfolio.documents.receipt import Exhibit, Receipt
from portfolio.domain.notification.use_cases.document_data import ReceiptData
from portfolio.wording.documents.names import block_names, certification_name, held_names


def receipt_value(paper: ReceiptData) -> Receipt:
    """Say what the receipt of a sealed dossier says."""
    dossier = paper.dossier
    return Receipt(
        certifier=dossier.certification.body,
        candidate=dossier.candidate,
        certification=certification_name(dossier),
        number=dossier.header.number,
        submitted_at=paper.submitted_at,
        root=paper.root,
        blocks=block_names(dossier),
        statement=dossier.statement.text,
        statement_signed_at=dossier.statement.signed_at,
        exhibits=tuple(Exhibit(one.label, one.title, one.name, one.size, one.sha256) for one in dossier.exhibits),
        manifest=paper.manifest,
        held=held_names(dossier),
    )
