"""What a sign-in by an OpenID provider says when it does not succeed, and what to do then."""

from __future__ import annotations

from portfolio.french_text import elide_de

ANOTHER_ACCOUNT = (
    "Cette identité ouvre déjà un autre compte",
    (
        "Rien n’a changé. Si les deux comptes sont à vous, entrez dans l’autre et retirez-y cette identité "
        "depuis « Mon compte »."
    ),
)
INVITATION_OVER = (
    "Cette invitation ne peut pas être acceptée ainsi",
    "L’invitation a déjà servi, ou cette identité ouvre déjà un autre compte. Ouvrez de nouveau le lien de "
    "votre courrier et choisissez un mot de passe, ou demandez une nouvelle invitation à votre organisme.",
)
_OTHERWISE = "Vous pouvez aussi entrer avec votre adresse et votre mot de passe."


def openid_message(fault: str, label: str) -> tuple[str, str]:
    """Return the title and the text of a page for a fault of `portfolio.web.openid.OpenIdFault`."""
    name = label or "votre fournisseur d’identité"
    return {
        "away": (
            "Connexion impossible pour l’instant",
            f"Le service {elide_de(name)} ne répond pas. Réessayez dans quelques minutes. {_OTHERWISE}",
        ),
        "settings": (
            "Connexion impossible pour l’instant",
            f"Les réglages de la connexion par {name} ne conviennent pas. Prévenez la personne qui gère "
            f"cette installation. {_OTHERWISE}",
        ),
        "cancelled": (
            "Connexion abandonnée",
            f"La connexion par {name} a été abandonnée. Recommencez quand vous voulez. {_OTHERWISE}",
        ),
        "level": (
            "Connexion refusée",
            f"Le niveau de sécurité de votre connexion par {name} est plus bas que celui demandé ici. "
            f"Recommencez et choisissez un moyen de connexion plus sûr. {_OTHERWISE}",
        ),
        "state": (
            "Cette connexion ne peut plus servir",
            (
                "Elle a déjà servi, a pris trop de temps, ou a commencé dans un autre navigateur. "
                f"Recommencez. {_OTHERWISE}"
            ),
        ),
    }.get(
        fault,
        (
            "Connexion refusée",
            f"La réponse {elide_de(name)} n’a pas pu être vérifiée : personne n’est entré. Recommencez. Si "
            f"cela se répète, prévenez la personne qui gère cette installation. {_OTHERWISE}",
        ),
    )
