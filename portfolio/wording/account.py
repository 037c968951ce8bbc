"""French sentences of accounts.

A browser in a few words, as its owner would name it.

What a sign-in by an OpenID provider says when it does not succeed, and what to do then.
"""

from collections.abc import Callable
from datetime import timedelta
from math import ceil
from typing import Any

from portfolio.domain.account.rules import PASSWORD_MAX, PASSWORD_MIN, AccountRefusal, PasswordError
from portfolio.french_text import elide_de

PASSWORD_FAULTS = {
    PasswordError.TOO_SHORT: f"Ce mot de passe est trop court : {PASSWORD_MIN} caractères au moins.",
    PasswordError.TOO_LONG: f"Ce mot de passe est trop long : {PASSWORD_MAX} caractères au plus.",
    PasswordError.REPEATS: "Ce mot de passe répète trop les mêmes caractères. Variez-les.",
    PasswordError.IS_EMAIL: "Ce mot de passe est votre adresse. Choisissez autre chose.",
    PasswordError.FREQUENT: "Ce mot de passe est parmi les plus utilisés : il serait vite deviné. "
    "Choisissez par exemple quatre mots sans rapport entre eux.",
    PasswordError.KEYBOARD: (
        "Ce mot de passe suit l’ordre du clavier, des lettres ou des chiffres : il serait vite deviné. "
        "Choisissez par exemple quatre mots sans rapport entre eux."
    ),
    PasswordError.PERSONAL: (
        "Ce mot de passe contient surtout votre nom, votre adresse ou le nom de votre organisme : il serait "
        "vite deviné. Choisissez par exemple quatre mots sans rapport entre eux."
    ),
}


def wrong_code_message(*, has_application: bool) -> str:
    """Return that a code is wrong, with what a person who has an application, or a key alone, can do."""
    return (
        "Ce code ne convient pas. Attendez le suivant de votre application, ou donnez un code de secours."
        if has_application
        else "Ce code de secours ne convient pas, ou il a déjà servi. Utilisez votre clé, ou un autre code."
    )


WRONG_PASSKEY = "Cette clé d’accès n’a pas été acceptée. Recommencez, ou donnez un code à la place."
NO_PASSKEY_ADDED = (
    "Cette clé d’accès n’a pas pu être ajoutée : elle est déjà là, a mis trop de temps, ou vous en avez "
    "déjà vingt. Recommencez."
)
TOO_MANY_CODES = "Trop de codes essayés. Votre compte n’est pas bloqué : attendez {wait}, puis recommencez."


REFUSALS: dict[AccountRefusal, Callable[[dict[str, Any]], str]] = {
    AccountRefusal.EMAIL_TAKEN: lambda _: (
        "Cette adresse ne peut pas devenir celle de votre compte. Choisissez-en une autre."
    )
}


def duration(wait: timedelta) -> str:
    """Say how long to wait, in minutes and seconds: « 1 minute 20 secondes »."""
    minutes, seconds = divmod(seconds_of(wait), 60)
    parts = [_counted(minutes, "minute"), _counted(seconds, "seconde")]
    return " ".join(part for part in parts if part)


def seconds_of(wait: timedelta) -> int:
    """Return whole seconds after which a wait is over, one at least."""
    return max(1, ceil(wait.total_seconds()))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}" if number else ""


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str) -> str:
    """Return « Firefox, Windows » from what a browser says of itself; « navigateur inconnu » when it says
    nothing known.
    """
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return ", ".join(part for part in (browser, system) if part) or "navigateur inconnu"


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
