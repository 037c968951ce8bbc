"""Retention in French: kinds of data, why each goes or stays, what holds a dossier, and the refusals."""

from collections.abc import Callable, Mapping
from typing import Any

from portfolio.domain.candidacy.rules.stage import Cause, Extent
from portfolio.domain.retention.rules import DataKind, Ground, Hold, LegalGround, RetentionRefusal

KINDS: Mapping[DataKind, str] = {
    DataKind.DRAFTS: "Brouillons, preuves non déposées, échanges",
    DataKind.SEALED: "Dossier déposé, pièces et notes du jury",
    DataKind.DECISIONS: "Procès-verbaux, décisions et certificats",
    DataKind.ACCESS: "Traces de consultation",
}


def kind_message(kind: DataKind, ground: Ground) -> str:
    """Say what goes: a dossier that was never sealed goes as a whole once nobody works on it any more."""
    if kind is DataKind.DRAFTS and ground is Ground.INACTIVE:
        return "Tout le dossier, jamais déposé, et le compte"
    return KINDS[kind]


GROUNDS: Mapping[Ground, str] = {
    Ground.AFTER_DECISION: "après la décision et la fin des recours",
    Ground.AFTER_CLOSURE: "après la fermeture de la candidature",
    Ground.INACTIVE: "après la dernière activité",
    Ground.AWAITS_DECISION: "le dossier attend son jury",
    Ground.AWAITS_NOTIFICATION: "le résultat n’est pas encore notifié",
    Ground.PERMANENT: "ils prouvent ce qui est obtenu",
    Ground.ROLLING: "comptés de chaque consultation",
    Ground.ERASED: "après leur durée, ou à la demande de la personne",
}
# What stands in the place of a day.
TERMS: Mapping[Ground, str] = {Ground.PERMANENT: "sans limite", Ground.ROLLING: "douze mois", Ground.ERASED: "effacés"}
HOLDS: Mapping[Hold, str] = {
    Hold.LEGAL_HOLD: "Conservation décidée par l’organisme",
    Hold.APPEAL: "Un recours est en cours",
    Hold.OBSERVATIONS: "La personne est invitée à présenter ses observations",
    Hold.PROPOSAL: "Une décision attend la confirmation d’un second membre",
    Hold.SUSPENDED: "Des attributions sont suspendues",
}
# The same, told to the candidate.
OWN_HOLDS: Mapping[Hold, str] = {
    Hold.LEGAL_HOLD: "L’organisme garde ce dossier pour une raison qu’il peut vous donner",
    Hold.APPEAL: "Votre recours est en cours",
    Hold.OBSERVATIONS: "L’organisme attend vos observations",
    Hold.PROPOSAL: "Une décision sur ce dossier est en cours",
    Hold.SUSPENDED: "Des blocs sont suspendus, en attente d’une décision",
}
EXTENTS: Mapping[Extent, str] = {Extent.DRAFTS: "Brouillons et preuves non déposées", Extent.WHOLE: "Tout le dossier"}
CAUSES: Mapping[Cause, str] = {Cause.DUE: "échéance", Cause.ASKED: "demande du candidat"}
LEGAL_GROUNDS: Mapping[LegalGround, str] = {
    LegalGround.LEGAL_CLAIMS: ("Constatation, exercice ou défense de droits en justice (article 17, 3, e du RGPD)"),
    LegalGround.LEGAL_OBLIGATION: "Obligation légale de l’organisme certificateur (article 17, 3, b du RGPD)",
    LegalGround.PUBLIC_INTEREST: "Archivage dans l’intérêt public (article 17, 3, d du RGPD)",
}
REFUSALS: Mapping[RetentionRefusal, Callable[[dict[str, Any]], str]] = {
    RetentionRefusal.ALREADY_ASKED: lambda _: "Cette demande est déjà faite : l’organisme doit d’abord y répondre.",
    RetentionRefusal.ALREADY_ANSWERED: lambda _: "Un membre de l’organisme a déjà répondu à cette demande.",
    RetentionRefusal.ALREADY_ERASED: lambda _: "Ce dossier est déjà effacé, ou son effacement est déjà décidé.",
    RetentionRefusal.AWAITS_DECISION: lambda _: (
        "Ce dossier attend son jury. Fermez d’abord la candidature, puis acceptez l’effacement."
    ),
    RetentionRefusal.HELD: lambda _: (
        "Ce dossier est conservé pour une procédure ou par décision. Levez d’abord ce qui le retient."
    ),
    RetentionRefusal.HOLD_ENDED: lambda _: "Cette conservation est déjà levée.",
}
# What a body may answer to a request for erasure; the first one accepts it.
ANSWERS: Mapping[str, str] = {
    "accept": "Accepter : le dossier est effacé",
    **{ground.value: f"Conserver : {label[0].lower()}{label[1:]}" for ground, label in LEGAL_GROUNDS.items()},
}
LIST_TERMS: Mapping[str, str] = {
    "30": "D’ici 30 jours",
    "90": "D’ici 90 jours",
    "365": "D’ici un an",
    "sans-date": "Sans date",
}
LIST_STATES: Mapping[str, str] = {
    "retenu": "Retenu",
    "prevenu": "Personne prévenue",
    "a-prevenir": "Personne pas encore prévenue",
}
PERIODS: Mapping[str, str] = {
    "appeal_months": "délai de recours, en mois",
    "drafts_months": "brouillons, en mois",
    "sealed_months": "dossier déposé, en mois",
    "inactive_months": "dossier abandonné, en mois",
    "notice_days": "prévenance, en jours",
}
