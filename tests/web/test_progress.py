"""The progress of a long request: recorded while it lasts, forgotten at its end."""

import pytest

from portfolio.web.progress import percent_done, reported


def test_the_percentage_is_read_while_the_request_lasts_and_forgotten_at_its_end():
    assert percent_done("somebody:1") is None
    with reported("somebody:1") as report:
        report(30, 120)
        assert percent_done("somebody:1") == 25
        assert percent_done("somebody:2") is None
        report(120, 120)
        assert percent_done("somebody:1") == 100
    assert percent_done("somebody:1") is None


def fails() -> None:
    with reported("somebody:3") as report:
        report(1, 2)
        raise ValueError("broken")


def test_a_request_that_fails_forgets_its_progress():
    with pytest.raises(ValueError, match="broken"):
        fails()
    assert percent_done("somebody:3") is None


def test_an_empty_file_has_no_division_by_zero():
    with reported("somebody:4") as report:
        report(0, 0)
        assert percent_done("somebody:4") == 0
