"""The receipt of a submission."""

from __future__ import annotations

from portfolio.documents.receipt import AssessmentLine, Exhibit, Receipt
from portfolio.domain.notification.use_cases.document_data import ReceiptData
from portfolio.domain.submission.rules.dossier import SealedAssessment
from portfolio.french_text import NBSP, date_fr
from portfolio.wording.assessment import KINDS, OUTCOMES
from portfolio.wording.candidacy import ROUTES
from portfolio.wording.documents.names import block_names, certification_name, held_names


def receipt_value(data: ReceiptData) -> Receipt:
    """Say what the receipt of a sealed dossier says."""
    dossier = data.dossier
    return Receipt(
        certifier=dossier.certification.body,
        candidate=dossier.candidate,
        certification=certification_name(dossier),
        number=dossier.header.number,
        submitted_at=data.submitted_at,
        root=data.root,
        blocks=block_names(dossier),
        statement=dossier.statement.text if dossier.statement else "",
        statement_signed_at=dossier.statement.signed_at if dossier.statement else None,
        route=ROUTES[dossier.route] if dossier.is_record else "",
        assessments=tuple(_assessment(assessment) for assessment in dossier.assessments),
        exhibits=tuple(
            Exhibit(exhibit.label, exhibit.title, exhibit.name, exhibit.size, exhibit.sha256)
            for exhibit in dossier.exhibits
        ),
        manifest=data.manifest,
        held=held_names(dossier),
    )


def _assessment(assessment: SealedAssessment) -> AssessmentLine:
    where = f"bloc{NBSP}{assessment.block}" if assessment.block else "toute la certification"
    about = (
        f"{KINDS[assessment.kind]}, {where}, {date_fr(assessment.assessed_on)}, "
        f"évaluation par {assessment.examiner}"
    )
    result = (
        f"{OUTCOMES[assessment.outcome]}. {assessment.detail}"
        if assessment.detail
        else f"{OUTCOMES[assessment.outcome]}."
    )
    return AssessmentLine(assessment.title, about, result, assessment.exhibit or "")
