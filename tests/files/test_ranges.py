"""Byte ranges: what was received and what is missing make the whole file, whatever the order of the parts."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from portfolio.files.uploads.running_digest import merged, missing, overlaps, prefix

SIZE = 50
RANGES = st.lists(
    st.tuples(st.integers(0, SIZE - 1), st.integers(1, 10)).map(lambda one: (one[0], min(SIZE, sum(one))))
)


def places(ranges) -> set[int]:
    return {place for start, end in ranges for place in range(start, end)}


@given(RANGES)
def test_merged_ranges_hold_the_same_bytes_and_never_touch(ranges):
    found = merged(ranges)
    assert places(found) == places(ranges)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(found))


@given(RANGES)
def test_what_is_received_and_what_is_missing_make_the_file(ranges):
    received = merged(ranges)
    absent = missing(received, SIZE)
    assert places(received) | places(absent) == set(range(SIZE))
    assert not places(received) & places(absent)
    assert prefix(received) == min((start for start, _ in absent), default=SIZE)


@given(RANGES, st.integers(0, SIZE - 1), st.integers(1, 10))
def test_two_ranges_overlap_when_they_share_a_byte(ranges, start, length):
    assert overlaps(ranges, start, start + length) == bool(places(ranges) & places([(start, start + length)]))
