"""The names that every document shares."""

from __future__ import annotations

import re

from portfolio.documents.values import BlockName, CertificationName, HeldName, LedgerCheckpoint
from portfolio.domain.submission.rules.dossier import SealedDossier
from portfolio.french_text import NBSP

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
    return tuple(
        HeldName(block.number, block.title, block.held_on, block.certificate) for block in dossier.held_blocks
    )


def block_names(dossier: SealedDossier) -> tuple[BlockName, ...]:
    """Name the blocks that a dossier presents."""
    return tuple(BlockName(block.number, block.title) for block in dossier.blocks)


def ledger_checkpoint(head: tuple[int, str] | None) -> LedgerCheckpoint | None:
    """The ledger's head as documents print it."""
    return LedgerCheckpoint(*head) if head else None
