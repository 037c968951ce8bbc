"""The words of the index of the ZIP of a dossier, as plain values for its template."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from portfolio.documents.livret.book import passages_of
from portfolio.domain.submission.rules.dossier import SealedClaim, SealedDossier
from portfolio.french_text import NBSP, date_fr, datetime_fr, elide_de, size
from portfolio.wording.documents.names import format_code
from portfolio.wording.dossier import PROMPTS
from portfolio.wording.evidence import KINDS, citation_message

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
                        KINDS[exhibit.kind] if exhibit.kind else "",
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
