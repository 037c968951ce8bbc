"""Agreement between members: Krippendorff's alpha against published values, and properties of any figure."""

from itertools import zip_longest

from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.jury.rules.conditions import Agreement, agreement_of, delays_of, krippendorff_alpha, share

# Krippendorff 2011, example C: four observers, twelve units, missing values.
OBSERVERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
    (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
)
UNITS = [[value for value in unit if value is not None] for unit in zip_longest(*OBSERVERS)]
RATED = st.lists(st.lists(st.integers(0, 2), min_size=2, max_size=5), min_size=1, max_size=8)


def test_alpha_is_the_published_value_of_the_published_example():
    assert round(float(krippendorff_alpha(UNITS)), 3) == 0.815


def test_perfect_agreement_is_one_and_no_variation_says_nothing():
    assert krippendorff_alpha([[0, 0], [2, 2], [1, 1]]) == 1
    assert krippendorff_alpha([[1, 1], [1, 1]]) is None
    assert krippendorff_alpha([[1], [2]]) is None


@given(RATED)
def test_who_gave_which_value_never_counts(units):
    alpha = krippendorff_alpha(units)
    assert alpha == krippendorff_alpha([sorted(values) for values in reversed(units)])
    assert alpha is None or alpha <= 1


def test_few_dossiers_give_no_figure():
    assert agreement_of([[0, 2], [2, 2]]) == Agreement(None, 2)
    assert agreement_of([[0, 2], [2, 2], [1], []]) == Agreement(None, 2), "one opinion alone agrees with nobody"
    assert agreement_of([[0, 0], [2, 2], [1, 1], [2]]).dossiers == 3
    assert agreement_of([[0, 0], [2, 2], [1, 1]]).alpha == 1
    assert agreement_of([[1, 1]] * 3).unanimous


def test_delays_and_shares_of_nothing_are_not_zero():
    assert (delays_of([]).median, delays_of([3, 5, 40]).median, delays_of([3, 5, 40]).longest) == (None, 5, 40)
    assert (delays_of([]).dossiers, delays_of([3, 5, 40]).dossiers) == (0, 3)
    assert (share(1, 3), share(2, 3), share(1, 2), share(0, 0)) == (33, 67, 50, None)
