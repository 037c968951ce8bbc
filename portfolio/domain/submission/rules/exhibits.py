"""Number the exhibits of a sealed dossier."""

from __future__ import annotations

from collections.abc import Collection, Mapping


def exhibit_labels(pieces: Mapping[int, Collection[tuple[int, int]]]) -> dict[int, str]:
    """Give each piece its exhibit label, in the order in which exhibits are listed [design].

    `pieces` maps the number of a piece in the draft to the competencies it is claimed for, each as (block,
    competency). A piece takes the block of its first claimed competency, in the order of the certification:
    « B2-03 » is the third exhibit of block 2. A piece without any claim is an annex: « A-01 ».
    """
    claimed = sorted((min(of), number) for number, of in pieces.items() if of)
    labels: dict[int, str] = {}
    counts: dict[int, int] = {}
    for (block, _competency), number in claimed:
        counts[block] = counts.get(block, 0) + 1
        labels[number] = f"B{block}-{counts[block]:02d}"
    annexes = sorted(number for number, of in pieces.items() if not of)
    labels |= {number: f"A-{rank:02d}" for rank, number in enumerate(annexes, start=1)}
    return labels
