"""Sentences about the audit of closed minutes, each with the act that mends it."""

from collections.abc import Mapping
from typing import Any

from portfolio.domain.holdings.rules.decision_audit import Contradiction, Mending
from portfolio.domain.holdings.use_cases.decision_audit import AuditedAct
from portfolio.domain.jury.rules.enums import Outcome
from portfolio.french_text import NBSP, count, date_fr

_OUTCOMES: Mapping[Outcome | None, str] = {
    Outcome.VALIDATED: f"«{NBSP}validé{NBSP}»",
    Outcome.NOT_VALIDATED: f"«{NBSP}non validé{NBSP}»",
}
_OTHER = {Outcome.VALIDATED: Outcome.NOT_VALIDATED, Outcome.NOT_VALIDATED: Outcome.VALIDATED}
_WHY: Mapping[Contradiction, str] = {
    Contradiction.BALLOT: "le vote, {counts}, donne {expected} ; le procès-verbal décide {decided}",
    Contradiction.CASTING_VOTE: (
        "le vote est à égalité, {counts} ; la règle du jury et le vote de la présidence donnent {expected}, "
        "le procès-verbal décide {decided}"
    ),
    Contradiction.BALLOT_OPEN: "un vote était encore ouvert à la clôture du procès-verbal",
    Contradiction.VALIDITY: (
        "la certification entière est enregistrée au {on}, et ce bloc n’était pas valable ce jour-là"
    ),
    Contradiction.LAW: "le procès-verbal cite {reference}, qui ne s’applique pas à ce parcours",
    Contradiction.LAW_CERTIFICATE: (
        "le certificat invoque {reference}, qui ne protège pas une candidature individuelle"
    ),
}
_MENDINGS: Mapping[Mending, str] = {
    Mending.ANNUL: ("Annulez la décision depuis le certificat du bloc, puis inscrivez le dossier à une autre session."),
    Mending.NEW_JURY: "Prévenez la personne, et inscrivez le bloc à une autre session.",
    Mending.PRESENT_AGAIN: (
        "Prévenez la personne : elle présente de nouveau ce bloc, et la décision du jury complète la certification."
    ),
    Mending.RECTIFY: "Inscrivez une rectification à la suite du procès-verbal.",
}


def audit_message(found: AuditedAct) -> str:
    """Say one contradiction, and the act that mends it."""
    finding = found.finding
    block = f", bloc{NBSP}{finding.block}" if finding.block else ""
    in_favour, against = finding.votes.in_favour or 0, finding.votes.against or 0
    facts = {
        "counts": f"{in_favour} pour et {against} contre",
        "expected": _OUTCOMES.get(finding.expected, ""),
        "decided": _OUTCOMES[_OTHER[finding.expected]] if finding.expected else "",
        "reference": finding.reference,
        "on": date_fr(finding.on) if finding.on else "",
    }
    why = _WHY[finding.kind].format(**facts)
    return f"{found.reference}{block} : {why}. {_MENDINGS[finding.mending]}"


def audit_summary(found: int) -> str:
    """Say how many contradictions were found."""
    if not found:
        return "Aucune décision close ne contredit ses votes, sa règle ou la loi."
    return f"{count(found, 'contradiction')}. Rien n’a été changé : chacune se répare par l’acte indiqué."


def audited_as_json(found: AuditedAct) -> dict[str, Any]:
    """Turn one into the object that `flask audit-decisions --json` prints on a line."""
    return {
        "code": str(found.finding.kind),
        "reference": found.reference,
        "candidacy": str(found.candidacy_id),
        "block": found.finding.block,
        "mending": str(found.finding.mending),
        "sentence": audit_message(found),
    }
