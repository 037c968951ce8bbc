"""Retention in French: kinds of data, why each goes or stays, what holds a dossier, and the refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from portfolio.domain.retention.rules import Cause, DataKind, Extent, Ground, Hold, LegalGround, RetentionRefusal

KINDS: Mapping[DataKind, str] = {
    DataKind.DRAFTS: "Brouillons, preuves non déposées, échanges",
    DataKind.SEALED: "Dossier déposé, pièces et notes du jury",
    DataKind.DECISIONS: "Procès-verbaux, décisions et certificats",
    DataKind.ACCESS: "Traces de consultation",
}
GROUNDS: Mapping[Ground, str] = {
    Ground.AFTER_DECISION: "après la décision et la fin des recours",
    Ground.AFTER_CLOSURE: "après la fermeture de la candidature",
    Ground.INACTIVE: "après la dernière activité",
    Ground.AWAITS_DECISION: "pas de date : le dossier attend son jury",
    Ground.AWAITS_NOTIFICATION: "pas de date : le résultat n’est pas encore notifié",
    Ground.PERMANENT: "sans limite : ils prouvent ce que vous avez obtenu",
    Ground.ROLLING: "douze mois après chaque consultation",
    Ground.ERASED: "déjà effacés",
}
HOLDS: Mapping[Hold, str] = {
    Hold.LEGAL_HOLD: "Conservation décidée par l’organisme",
    Hold.APPEAL: "Un recours est en cours",
    Hold.OBSERVATIONS: "La personne est invitée à présenter ses observations",
    Hold.PROPOSAL: "Une décision attend la confirmation d’un second membre",
    Hold.SUSPENDED: "Des attributions sont suspendues",
}
EXTENTS: Mapping[Extent, str] = {
    Extent.DRAFTS: "Brouillons et preuves non déposées",
    Extent.WHOLE: "Tout le dossier",
}
CAUSES: Mapping[Cause, str] = {
    Cause.DUE: "échéance",
    Cause.ASKED: "demande du candidat",
}
LEGAL_GROUNDS: Mapping[LegalGround, str] = {
    LegalGround.LEGAL_CLAIMS: "Constatation, exercice ou défense de droits en justice (article 17, 3, e du RGPD)",
    LegalGround.LEGAL_OBLIGATION: "Obligation légale de l’organisme certificateur (article 17, 3, b du RGPD)",
    LegalGround.PUBLIC_INTEREST: "Archivage dans l’intérêt public (article 17, 3, d du RGPD)",
}
REFUSALS: Mapping[RetentionRefusal, Callable[[dict[str, Any]], str]] = {
    RetentionRefusal.ALREADY_ASKED: lambda _: "Cette demande est déjà faite : l’organisme doit d’abord y répondre.",
    RetentionRefusal.ALREADY_ANSWERED: lambda _: "Un membre de l’organisme a déjà répondu à cette demande.",
    RetentionRefusal.ALREADY_ERASED: lambda _: "Ce dossier est déjà effacé, ou son effacement est déjà décidé.",
    RetentionRefusal.AWAITS_DECISION: lambda _: (
        "Ce dossier attend son jury. Fermez d’abord la candidature, puis acceptez l’effacement."
    ),
    RetentionRefusal.HELD: lambda _: (
        "Ce dossier est conservé pour une procédure ou par décision. Levez d’abord ce qui le retient."
    ),
    RetentionRefusal.HOLD_ENDED: lambda _: "Cette conservation est déjà levée.",
    RetentionRefusal.REASON_MISSING: lambda _: "Écrivez le motif.",
}
