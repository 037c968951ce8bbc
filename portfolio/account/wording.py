"""What accounts say in French."""

from __future__ import annotations

from portfolio.account.rules import PASSWORD_MAX, PASSWORD_MIN, PasswordFault

PASSWORD_FAULTS = {
    PasswordFault.TOO_SHORT: f"Ce mot de passe est trop court : {PASSWORD_MIN} caractères au moins.",
    PasswordFault.TOO_LONG: f"Ce mot de passe est trop long : {PASSWORD_MAX} caractères au plus.",
    PasswordFault.REPEATS: "Ce mot de passe répète trop les mêmes caractères. Variez-les.",
    PasswordFault.IS_EMAIL: "Ce mot de passe est votre adresse. Choisissez autre chose.",
}
