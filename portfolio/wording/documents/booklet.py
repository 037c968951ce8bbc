"""The words of the juror's booklet, as plain values for its template."""

from __future__ import annotations

import re
from typing import Any

from portfolio.documents.values import to_template_value
from portfolio.domain.submission.rules.dossier import SealedClaim, SealedCompetency, SealedDossier
from portfolio.french_text import NBSP, count, shortened
from portfolio.wording.documents.names import format_code
from portfolio.wording.evidence import citation_message


def booklet_values(dossier: SealedDossier, root: str, characters: int) -> dict[str, Any]:
    """Return the values of the booklet; of each claim, the first sentence, cut after so many characters."""
    return {
        "candidate": to_template_value(dossier.candidate),
        "code": format_code(dossier.certification.code),
        "title": to_template_value(dossier.certification.title),
        "certifier": to_template_value(dossier.certification.body),
        "number": dossier.header.number,
        "root": root,
        "blocks": [
            {
                "number": block.number,
                "title": to_template_value(block.title),
                "competencies": [
                    _competency(competency, dossier, characters) for competency in block.competencies
                ],
            }
            for block in dossier.blocks
        ],
    }


def _competency(competency: SealedCompetency, dossier: SealedDossier, characters: int) -> dict[str, Any]:
    return {
        "number": competency.number,
        "text": to_template_value(competency.text),
        "exhibits": count(len(competency.claims), "preuve proposée", "preuves proposées")
        if competency.claims
        else "aucune preuve proposée",
        "claims": [_claim(claim, dossier, characters) for claim in competency.claims],
    }


def _claim(claim: SealedClaim, dossier: SealedDossier, characters: int) -> dict[str, str]:
    found = dossier.exhibit(claim.exhibit)
    passage = citation_message(claim.passage, found.measure) if found and claim.passage else ""
    passage = re.sub(r"^pages?" + NBSP, f"p.{NBSP}", passage)
    return {
        "exhibit": claim.exhibit,
        "passage": to_template_value(passage),
        "sentence": to_template_value(first_sentence(claim.comment, characters)),
    }


def first_sentence(text: str, characters: int) -> str:
    """Return the first sentence of a text, cut at a word after so many characters; nothing for 0."""
    if not characters:
        return ""
    sentence = re.split(r"(?<=[.!?…])\s", " ".join(text.split()), maxsplit=1)[0]
    return shortened(sentence, characters)
