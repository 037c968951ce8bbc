"""The receipt of a submission.

The words of the juror's booklet, as plain values for its template.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from portfolio.documents.livret.book import passages_of
from portfolio.documents.receipt import AssessmentLine, Exhibit, Receipt
from portfolio.documents.values import to_template_value
from portfolio.domain.notification.use_cases.document_data import ReceiptData
from portfolio.domain.submission.rules.dossier import SealedAssessment, SealedClaim, SealedCompetency, SealedDossier
from portfolio.french_text import NBSP, count, date_fr, datetime_fr, elide_de, shortened, size
from portfolio.wording.assessment import KINDS, OUTCOMES
from portfolio.wording.candidacy import ROUTES
from portfolio.wording.documents.names import block_names, certification_name, format_code, held_names
from portfolio.wording.dossier import PROMPTS
from portfolio.wording.evidence import KINDS as EVIDENCE_KINDS
from portfolio.wording.evidence import citation_message


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
        f"{KINDS[assessment.kind]}, {where}, {date_fr(assessment.assessed_on)}, évaluation par {assessment.examiner}"
    )
    result = (
        f"{OUTCOMES[assessment.outcome]}. {assessment.detail}"
        if assessment.detail
        else f"{OUTCOMES[assessment.outcome]}."
    )
    if assessment.proof:
        result += f"\nPreuve{NBSP}: {assessment.proof}"
    return AssessmentLine(assessment.title, about, result, assessment.exhibit or "")


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
                "competencies": [_competency(competency, dossier, characters) for competency in block.competencies],
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
        "claims": [_booklet_claim(claim, dossier, characters) for claim in competency.claims],
    }


def _booklet_claim(claim: SealedClaim, dossier: SealedDossier, characters: int) -> dict[str, str]:
    found = dossier.exhibit(claim.exhibit)
    passage = citation_message(claim.passage, found.measure) if found and claim.passage else ""
    passage = re.sub(r"^pages?" + NBSP, f"p.{NBSP}", passage)
    said = first_sentence(claim.comment, characters) if claim.comment.strip() else "sans commentaire"
    return {"exhibit": claim.exhibit, "passage": to_template_value(passage), "sentence": to_template_value(said)}


def first_sentence(text: str, characters: int) -> str:
    """Return the first sentence of a text, cut at a word after so many characters; nothing for 0."""
    if not characters:
        return ""
    sentence = re.split(r"(?<=[.!?…])\s", " ".join(text.split()), maxsplit=1)[0]
    return shortened(sentence, characters)


EDITIONS: Mapping[str, str] = {
    "livret-2.pdf": "Le livret 2, édition de lecture",
    "livret-2-archive.pdf": "Le livret 2, édition d’archive",
}


def index_values(
    dossier: SealedDossier, root: str, names: Mapping[str, str], editions: Sequence[str]
) -> dict[str, Any]:
    """Return the values of the index: what was sealed, with a link to each file of the ZIP."""
    return {
        "title": f"Livret 2 {elide_de(dossier.candidate)}",
        "candidate": dossier.candidate,
        "certification": f"{dossier.certification.title} ({format_code(dossier.certification.code)})",
        "body": dossier.certification.body,
        "sealed": (f"Dossier n°{NBSP}{dossier.header.number}, scellé le {datetime_fr(dossier.header.sealed_at)}"),
        "root": root,
        "editions": [(name, EDITIONS.get(name, name)) for name in editions],
        "blocks": [
            {
                "title": f"Bloc {block.number}. {block.title}",
                "competencies": [
                    {
                        "number": competency.number,
                        "text": competency.text,
                        "narrative": [
                            (title, getattr(competency.narrative, name))
                            for name, title in PROMPTS.items()
                            if getattr(competency.narrative, name)
                        ],
                        "claims": [_claim(claim, dossier, names) for claim in competency.claims],
                    }
                    for competency in block.competencies
                ],
            }
            for block in dossier.blocks
        ],
        "exhibits": [
            {
                "label": exhibit.label,
                "title": exhibit.title,
                "href": quote(names[exhibit.label]),
                "about": ", ".join(
                    part
                    for part in (
                        EVIDENCE_KINDS[exhibit.kind] if exhibit.kind else "",
                        date_fr(exhibit.dated_from),
                        size(exhibit.size),
                    )
                    if part
                ),
                "name": exhibit.name,
                "sha256": exhibit.sha256,
            }
            for exhibit in dossier.exhibits
            if exhibit.label in names
        ],
    }


def _claim(claim: SealedClaim, dossier: SealedDossier, names: Mapping[str, str]) -> dict[str, str]:
    exhibit = dossier.exhibit(claim.exhibit)
    href = quote(names.get(claim.exhibit, ""))
    if exhibit is None:
        return {"exhibit": claim.exhibit, "href": href, "title": "", "passage": claim.passage, "comment": claim.comment}
    pages = [
        passage.page for passage in passages_of(claim.passage, exhibit.measure, exhibit.pages or 0) if passage.page
    ]
    return {
        "exhibit": claim.exhibit,
        "href": f"{href}#page={pages[0]}" if pages and exhibit.mime == "application/pdf" else href,
        "title": exhibit.title,
        "passage": citation_message(claim.passage, exhibit.measure),
        "comment": claim.comment,
    }
