"""What accounts say in French."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from math import ceil
from typing import Any

from portfolio.domain.account.rules import PASSWORD_MAX, PASSWORD_MIN, AccountRefusal, PasswordError

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
    ),
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
