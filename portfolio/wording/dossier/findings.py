"""What the jury found on a competency, as the matrix draws it after the notification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from portfolio.domain.dossier.rules.state import DossierState
from portfolio.domain.jury.rules.enums import FindingValue

# The glyph of each finding, and its words.
FOUND: Mapping[FindingValue, tuple[str, str]] = {
    FindingValue.ACQUIRED: ("held", "acquise, selon le jury"),
    FindingValue.PARTIALLY: ("part", "partiellement acquise, selon le jury"),
    FindingValue.NOT_ACQUIRED: ("uncovered", "non acquise, selon le jury"),
}


def finding_context(state: DossierState, finding: FindingValue | None) -> dict[str, str]:
    """Return what the jury's finding changes in the drawing of a competency; nothing without one.

    In a dossier that is open again the evidence is drawn, and the finding is recalled beside.
    """
    if finding is None:
        return {}
    glyph, words = FOUND[finding]
    if state is DossierState.SUBMITTED:
        return {"state": glyph, "state_label": words}
    return {"found": f"{words[:1].upper()}{words[1:]}"}


def found_summary(findings: Sequence[FindingValue]) -> str:
    """Say how many competencies of the blocks that are not acquired the jury found acquired."""
    acquired = sum(finding is FindingValue.ACQUIRED for finding in findings)
    total = len(findings)
    clause = (
        f"{acquired} compétence est notée acquise"
        if acquired == 1
        else f"{acquired} compétences sont notées acquises"
    )
    some = clause if acquired else "aucune compétence n’est notée acquise"
    return f"Dans les blocs qui ne sont pas acquis, {some} par le jury, sur {total}."
