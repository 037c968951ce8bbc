"""Titles of the information pages."""

from __future__ import annotations

from portfolio.domain.certifying_body.rules import BodySettingsValue, InformationKind

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
# What a body may adopt: between brackets, what it alone knows.
MODELS = {
    InformationKind.HELP: (
        "Pour toute question sur votre parcours, votre dossier ou votre jury, écrivez à {contact}. Nous "
        "répondons sous [nombre] jours ouvrés.\n\n"
        "Pour être accompagné, adressez-vous à la personne nommée sur votre page d’accueil. Pour un problème "
        "technique, décrivez la page, l’heure et ce que vous vouliez faire."
    ),
    InformationKind.LEGAL_NOTICE: (
        "Éditeur : {name}, [forme juridique], {address}{siret}.\n"
        "Direction de la publication : [prénom, nom et qualité].\n"
        "Contact : {contact}.\n"
        "Hébergement : [nom, adresse et téléphone de l’hébergeur]."
    ),
    InformationKind.PERSONAL_DATA: (
        "Responsable du traitement : {name}, {address}.\n"
        "Délégué à la protection des données : [nom et adresse électronique].\n\n"
        "Pourquoi : instruire votre candidature, réunir le jury, délivrer et prouver les certificats. Base "
        "légale : l’obligation légale du certificateur (code du travail, articles L6113-1 et suivants, "
        "L6411-1 et suivants) et la mission d’intérêt public.\n"
        "Qui les reçoit : vous, la personne qui vous accompagne, les membres de votre jury, nos services "
        "habilités ; la Caisse des dépôts pour ce que la loi demande de transmettre.\n"
        "Combien de temps : les durées de votre dossier sont écrites sur sa page. Les procès-verbaux et les "
        "certificats sont gardés sans limite. Les sauvegardes sont effacées après [durée].\n\n"
        "Vos droits : accès, rectification, effacement, limitation, opposition, directives après la mort. "
        "Écrivez à {contact} : nous répondons sous un mois. Vous pouvez saisir la CNIL (www.cnil.fr)."
    ),
    InformationKind.ACCESSIBILITY: (
        "{name} s’engage à rendre ce service accessible (article 47 de la loi du 11 février 2005).\n"
        "État de conformité au RGAA 4.1 : [totale, partielle ou non conforme], d’après l’audit du [date] par "
        "[auteur].\n"
        "Contenus non accessibles : [liste, ou « aucun connu »].\n\n"
        "Si un contenu ne vous est pas accessible, écrivez à {contact} : nous vous en donnons une autre "
        "forme. Sans réponse satisfaisante, vous pouvez saisir le Défenseur des droits "
        "(www.defenseurdesdroits.fr)."
    ),
}
REMEDIES_MODEL = (
    "Vous pouvez contester cette décision dans les deux mois qui suivent sa réception :\n"
    "— par un recours gracieux, écrit et motivé, adressé à {name}, {address} ;\n"
    "— ou devant le tribunal [administratif ou judiciaire] de [ville].\n"
    "Un recours gracieux formé dans ce délai le prolonge. Le jury est souverain dans son appréciation : un "
    "recours porte sur la régularité de la procédure."
)
BRACKETS_LEFT = "Remplacez d’abord ce qui est entre crochets : vous seul le savez."


def model_text(kind: InformationKind | None, words: BodySettingsValue) -> str:
    """Return the model of a page, or of the text on remedies, with what the body has already said."""
    model = MODELS[kind] if kind else REMEDIES_MODEL
    return model.format(
        name=words.legal_name or "[nom de l’organisme]",
        address=", ".join(words.address.split("\n")) or "[adresse]",
        contact=words.contact or "[adresse électronique et téléphone]",
        siret=f", SIRET {words.siret}" if words.siret else "",
    )


def has_brackets(text: str) -> bool:
    """Return whether a passage of a model is still to replace."""
    return "[" in text and "]" in text
