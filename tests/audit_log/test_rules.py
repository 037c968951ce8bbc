"""Check what an hour of work explains."""

import pytest

from portfolio.domain.access_monitoring.rules import AccessMeasure, AccessVolume, exceeded_limits


@pytest.mark.parametrize(
    ("reach", "bounds", "passed"),
    [
        ((40, 200), (40, 200), ()),
        ((41, 0), (40, 200), (AccessMeasure.PEOPLE,)),
        ((1, 201), (40, 200), (AccessMeasure.FILES,)),
        ((41, 201), (40, 200), (AccessMeasure.PEOPLE, AccessMeasure.FILES)),
        ((5000, 5000), (0, 0), ()),
        ((5000, 5000), (0, 200), (AccessMeasure.FILES,)),
    ],
)
def test_what_passes_a_bound_is_named_and_a_bound_of_zero_is_not_watched(reach, bounds, passed):
    assert exceeded_limits(AccessVolume(*reach), AccessVolume(*bounds)) == passed
