"""Check what is said of the blocks that two sealed versions do not both present."""

import pytest

from portfolio.domain.submission.rules.comparison import Comparison
from portfolio.wording.editions import summary


@pytest.mark.parametrize(
    ("added", "removed", "sentence"),
    [
        ((3,), (), "bloc 3 présenté en plus."),
        ((), (1, 2, 4), "blocs 1, 2 et 4 plus présentés."),
        ((2, 3), (1,), "blocs 2 et 3 présentés en plus et bloc 1 plus présenté."),
    ],
)
def test_blocks_agree_with_their_number(added: tuple[int, ...], removed: tuple[int, ...], sentence: str):
    found = summary(Comparison(1, 2, added, removed, (), (), (), ()))
    assert found.replace("\N{NO-BREAK SPACE}", " ") == sentence
