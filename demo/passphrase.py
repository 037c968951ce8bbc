"""The one passphrase of everyone in the demonstration; printed with the logins, so it protects nothing."""

PASSPHRASE = "les quatre blocs de la marée"  # noqa: S105 - told to every visitor
