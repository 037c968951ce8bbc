"""Titles of the information pages."""

from __future__ import annotations

from portfolio.domain.certifying_body.rules import InformationKind

TITLES = {
    InformationKind.HELP: "Aide",
    InformationKind.LEGAL_NOTICE: "Mentions légales",
    InformationKind.PERSONAL_DATA: "Données personnelles",
    InformationKind.ACCESSIBILITY: "Accessibilité",
}
# What a body is asked to write, when it writes nothing yet.
HINTS = {
    InformationKind.HELP: "Qui appeler, à quelles heures, pour quelles questions. Les adresses utiles.",
    InformationKind.LEGAL_NOTICE: (
        "Nom et forme de l’organisme, adresse, directeur ou directrice de la publication, hébergeur."
    ),
    InformationKind.PERSONAL_DATA: (
        "Responsable du traitement, délégué à la protection des données, finalités et bases légales, "
        "destinataires, durées de conservation, sauvegardes, droits de la personne, réclamation à la CNIL."
    ),
    InformationKind.ACCESSIBILITY: (
        "Votre déclaration d’accessibilité : état de conformité au RGAA, date et auteur de l’audit, "
        "contenus non accessibles, moyen de vous signaler un défaut, Défenseur des droits."
    ),
}
ADDRESSES = {
    InformationKind.HELP: "information.help_page",
    InformationKind.LEGAL_NOTICE: "information.legal_notice",
    InformationKind.PERSONAL_DATA: "information.personal_data",
    InformationKind.ACCESSIBILITY: "information.accessibility",
}
