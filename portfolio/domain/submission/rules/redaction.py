"""What stays of a sealed dossier once it is erased: what its minutes refer to, and no word of the
candidate.
"""

from __future__ import annotations

from dataclasses import replace

from portfolio.domain.submission.rules.dossier import SealedBlock, SealedDossier, SealedNarrative, SealedTexts

_NOTHING = SealedNarrative("", "", "", "")


def redact(dossier: SealedDossier, candidate: str) -> SealedDossier:
    """Return a dossier with the certification, the blocks asked for and the name given, and without a text or
    an exhibit.

    Its root is not the one that was sealed: the ledger says that the words were erased.
    """
    statement = replace(dossier.statement, text="") if dossier.statement is not None else None
    return replace(
        dossier,
        candidate=candidate,
        statement=statement,
        texts=SealedTexts("", "", ""),
        blocks=tuple(_redact_block(block) for block in dossier.blocks),
        experiences=(),
        exhibits=(),
        assessments=tuple(
            replace(each, detail="", examiner="", exhibit=None) for each in dossier.assessments
        ),
    )


def _redact_block(block: SealedBlock) -> SealedBlock:
    competencies = tuple(
        replace(each, narrative=_NOTHING, claims=(), anchors=()) for each in block.competencies
    )
    return replace(block, competencies=competencies)
