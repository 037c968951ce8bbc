"""The equivalences of blocks that an entry suggests: its correspondences, and blocks of one title in a
successor.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from portfolio.domain.certification.rules.entry import Entry


class ProposalOrigin(StrEnum):
    """Why an equivalence is proposed."""

    CORRESPONDENCE = "correspondence"
    SUCCESSOR = "successor"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A block of this entry, by its number, and a block of another entry, by its code or its title."""

    block: int
    origin: ProposalOrigin
    other_code: str
    other_block: str
    group_size: int = 1


def proposals_of(entry: Entry, successor: str | None = None) -> list[Proposal]:
    """Return what an entry suggests, each once; a correspondence of the whole entry suggests no block.

    `successor` is the entry that the certifier named after this one, beside those that the register names.

    A correspondence of several blocks together keeps its size: holding one of them alone is not what the
    register compares.
    """
    suggested = [*_by_title(entry, successor), *_correspondences(entry)]
    found = {(proposal.block, proposal.other_code, proposal.other_block): proposal for proposal in suggested}
    return sorted(
        found.values(), key=lambda proposal: (proposal.block, proposal.other_code, proposal.other_block)
    )


def _correspondences(entry: Entry) -> Iterator[Proposal]:
    numbers = {block.code: block.number for block in entry.blocks if block.code}
    for correspondence in entry.details.correspondences if entry.details else ():
        blocks = [numbers[code] for code in correspondence.blocks if code in numbers]
        for number in blocks:
            for other in correspondence.other_blocks:
                yield Proposal(
                    number,
                    ProposalOrigin.CORRESPONDENCE,
                    correspondence.entry[:40],
                    other[:300],
                    len(correspondence.blocks),
                )


def _by_title(entry: Entry, successor: str | None) -> Iterator[Proposal]:
    named = entry.details.successors if entry.details else ()
    for code in dict.fromkeys([*named, *([successor] if successor else [])]):
        for block in entry.blocks:
            yield Proposal(block.number, ProposalOrigin.SUCCESSOR, code[:40], block.title[:300])
