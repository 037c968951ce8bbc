"""Confirming an equivalence that the register proposes."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from portfolio.domain.holdings.rules.facts import EquivalenceKind
from portfolio.domain.holdings.rules.status_changes import EquivalenceInput
from portfolio.screens.certifier.notifications.forms import PasswordConfirmForm
from portfolio.web.forms import ConfirmField, MultiLineField, RadioChoiceField
from portfolio.wording.holdings.grants import EQUIVALENCES


class Direction(StrEnum):
    """Which of the two blocks a person holds."""

    HERE = "here"
    OTHER = "other"


class ProposalForm(PasswordConfirmForm):
    """Which block counts for which, how much, and why; nothing is chosen beforehand, because it is not
    undone.
    """

    direction = RadioChoiceField(
        "Le bloc que la personne détient", Direction, missing="Choisissez le bloc détenu."
    )
    kind = RadioChoiceField(
        "Équivalence",
        EquivalenceKind,
        missing="Choisissez ce que vaut le premier bloc.",
        choices=EQUIVALENCES,
    )
    reason = MultiLineField("Preuve ou motif", missing="Écrivez sur quoi repose cette décision.", limit=5000)
    sure = ConfirmField(
        "J’ai relu cette décision. Les certificats qui en découlent ne se reprennent pas.",
        missing="Relisez la décision, puis cochez cette case : ce qu’elle donne ne se reprend pas.",
    )

    def __init__(self, here: str, other: str, **more: Any) -> None:
        super().__init__(**more)
        self.direction.choices = [(Direction.HERE, here), (Direction.OTHER, other)]

    def value(self, block_id: UUID, other_id: UUID) -> EquivalenceInput:
        """Return the ruling."""
        typed: dict[str, Any] = self.data
        held, counts_for = (
            (block_id, other_id) if typed["direction"] is Direction.HERE else (other_id, block_id)
        )
        return EquivalenceInput(held, counts_for, typed["kind"], typed["reason"] or "")
