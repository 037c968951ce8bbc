"""Check how minutes count the members present."""

import pytest

from portfolio.wording.documents.minutes import _quorum


@pytest.mark.parametrize(("here", "words"), [(1, "1 membre présent sur les 2"), (2, "2 membres présents sur les 2")])
def test_one_member_present_is_said_in_the_singular(here: int, words: str):
    members = [{"present": rank < here} for rank in range(2)]
    assert _quorum(members, None).startswith(words)
