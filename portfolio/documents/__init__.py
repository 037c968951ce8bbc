"""Documents that people file or frame: values in, PDF/A-3b and PDF/UA-1 out, by Typst. Knows no noun of VAE."""

from portfolio.documents.attestation import Attestation, attestation_pdf
from portfolio.documents.certificate import (
    Became,
    BlockCertificate,
    HeldBlock,
    Parchment,
    block_certificate_pdf,
    parchment_pdf,
)
from portfolio.documents.minutes import (
    DecidedBlock,
    FoundCompetency,
    Minutes,
    Predicate,
    Rectification,
    SeatedMember,
    minutes_pdf,
)
from portfolio.documents.notification import (
    GrantedBlock,
    MissingCompetency,
    MissingRemedies,
    Notification,
    OtherBlock,
    RefusedBlock,
    notification_pdf,
)
from portfolio.documents.receipt import AssessmentLine, Exhibit, Receipt, receipt_pdf
from portfolio.documents.typesetting import DocumentTooLarge
from portfolio.documents.values import BlockName, CertificationName, HeldName, LedgerHead, Register, Signature

__all__ = [
    "AssessmentLine",
    "Attestation",
    "Became",
    "BlockCertificate",
    "BlockName",
    "CertificationName",
    "DecidedBlock",
    "DocumentTooLarge",
    "Exhibit",
    "FoundCompetency",
    "GrantedBlock",
    "HeldBlock",
    "HeldName",
    "LedgerHead",
    "Minutes",
    "MissingCompetency",
    "MissingRemedies",
    "Notification",
    "OtherBlock",
    "Parchment",
    "Predicate",
    "Receipt",
    "Rectification",
    "RefusedBlock",
    "Register",
    "SeatedMember",
    "Signature",
    "attestation_pdf",
    "block_certificate_pdf",
    "minutes_pdf",
    "notification_pdf",
    "parchment_pdf",
    "receipt_pdf",
]
