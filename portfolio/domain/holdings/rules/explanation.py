"""Everything that is answered to a person about their blocks, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from portfolio.domain.holdings.rules.completion import CompletionAnswer, Result
from portfolio.domain.holdings.rules.granting import GrantAnswer, GrantGround


@dataclass(frozen=True, slots=True)
class Explanation:
    """Per block, in the order of the certification, what stands and why; the whole; the name of the result
    (R8).
    """

    answers: tuple[GrantAnswer, ...]
    whole: CompletionAnswer
    result: Result
    requested: frozenset[UUID]

    @property
    def missing_requested(self) -> tuple[GrantAnswer, ...]:
        """The blocks that the candidacy asks for and that are not held."""
        return tuple(
            answer for answer in self.answers if answer.block.id in self.requested and not answer.granted
        )

    @property
    def blocks_to_submit(self) -> tuple[GrantAnswer, ...]:
        """Those of them that may be presented next: a suspended one waits for the certifier's word (R10)."""
        return tuple(
            grant_answer
            for grant_answer in self.missing_requested
            if grant_answer.ground is not GrantGround.SUSPENDED
        )
