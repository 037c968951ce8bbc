"""Reasons why a file is not taken as the DOCX template of a certifier, and what to do."""

from collections.abc import Callable, Mapping

from portfolio.documents.word.client import MAX_FILE_BYTES, TemplateFault, TemplateRejected
from portfolio.french_text import NBSP, size

SAVED = "Le modèle est enregistré. Les livrets peuvent être préparés avec lui dès maintenant."
REMOVED = "Le modèle est retiré. Les livrets déjà préparés restent à télécharger jusqu’à leur prochaine préparation."

_FAULTS: Mapping[TemplateFault, Callable[[TemplateRejected], str]] = {
    TemplateFault.TOO_HEAVY: lambda _: (
        f"Ce modèle dépasse {size(MAX_FILE_BYTES)}. Allégez ses images, puis envoyez-le de nouveau."
    ),
    TemplateFault.NOT_A_DOCX: lambda _: "Ce fichier n’est pas un document Word. Enregistrez le modèle au format .docx.",
    TemplateFault.UNREADABLE: lambda _: (
        "Ce document ne peut pas servir de modèle. Ouvrez-le dans Word ou LibreOffice, enregistrez-le au "
        "format .docx (et non .dotx), puis envoyez-le de nouveau."
    ),
    TemplateFault.NO_FIELD: lambda _: (
        f"Ce document n’a aucune balise{NBSP}: rien n’y serait rempli. Écrivez par exemple {{{{ candidat "
        "}} où le nom doit venir."
    ),
    TemplateFault.UNKNOWN_FIELD: lambda rejected: (
        f"La balise {rejected.tag} ne correspond à aucun champ."
        + (f" Vouliez-vous écrire «{NBSP}{rejected.near}{NBSP}»{NBSP}?" if rejected.near else "")
        + " La liste des champs est plus bas."
    ),
    TemplateFault.BROKEN_TAG: lambda rejected: (
        (
            f"La balise {rejected.tag} est mal formée, ou n’est pas fermée. Corrigez-la, puis envoyez le "
            "modèle de nouveau."
        )
        if rejected.tag
        else "Une balise est mal formée, ou n’est pas fermée. Corrigez-la, puis envoyez le modèle de nouveau."
    ),
    TemplateFault.FORBIDDEN: lambda _: (
        "Une balise fait un calcul ou un appel qu’un modèle ne peut pas faire. Gardez les champs de la "
        "liste, les boucles et les conditions."
    ),
    TemplateFault.TOO_LONG: lambda _: (
        "Remplir ce modèle prend trop de temps. Simplifiez-le, puis envoyez-le de nouveau."
    ),
}


def rejected_message(rejected: TemplateRejected) -> str:
    """Say why a file is not taken, naming the tag that is wrong."""
    return _FAULTS[rejected.code](rejected)
