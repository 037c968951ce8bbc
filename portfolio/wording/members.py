"""What the rights of the members of a body are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portfolio.domain.account.rules import MemberRight
from portfolio.domain.certifying_body.rules import MemberRefusal

RIGHTS = {
    MemberRight.MANAGER: "Tout faire, et gérer l’équipe",
    MemberRight.SIGNATORY: "Tout faire, sauf gérer l’équipe",
    MemberRight.READER: "Lire seulement",
}
REFUSALS: dict[MemberRefusal, Callable[[dict[str, Any]], str]] = {
    MemberRefusal.LAST_MANAGER: lambda _: (
        "Personne d’autre ne pourrait gérer l’équipe. Donnez d’abord ce droit à une personne qui a déjà "
        "choisi son mot de passe."
    ),
    MemberRefusal.NOT_MEMBER: lambda _: "Cette personne n’est plus dans l’équipe.",
}
