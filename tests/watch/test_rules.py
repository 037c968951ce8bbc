"""What an hour of work explains."""

import pytest

from portfolio.watch.rules import Measure, Reach, beyond


@pytest.mark.parametrize(
    ("reach", "bounds", "passed"),
    [
        ((40, 200), (40, 200), ()),
        ((41, 0), (40, 200), (Measure.PEOPLE,)),
        ((1, 201), (40, 200), (Measure.FILES,)),
        ((41, 201), (40, 200), (Measure.PEOPLE, Measure.FILES)),
        ((5000, 5000), (0, 0), ()),
        ((5000, 5000), (0, 200), (Measure.FILES,)),
    ],
)
def test_what_passes_a_bound_is_named_and_a_bound_of_zero_is_not_watched(reach, bounds, passed):
    assert beyond(Reach(*reach), Reach(*bounds)) == passed
