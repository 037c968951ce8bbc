"""Days on which a jury is seldom expected, and what the page of a session says of them."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from portfolio.calendar import day_of, public_holiday
from portfolio.wording.jury.schedule import day_off_message


def test_the_eleven_public_holidays_of_a_year_are_those_of_the_labour_code():
    days = [date(2027, 1, 1) + timedelta(days=number) for number in range(365)]
    assert [f"{day:%d/%m}" for day in days if public_holiday(day)] == [
        "01/01", "29/03", "01/05", "06/05", "08/05", "17/05", "14/07", "15/08", "01/11", "11/11", "25/12"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "message"),
    [
        (date(2027, 11, 10), ""),
        (date(2027, 11, 11), "Le 11 novembre 2027 est un jour férié (Armistice)."),
        (date(2027, 11, 14), "Le 14 novembre 2027 est un dimanche."),
        (date(2027, 8, 15), "Le 15 août 2027 est un dimanche et un jour férié (Assomption)."),
    ],
)
def test_a_day_off_is_named(day: date, message: str):
    assert day_off_message(day).replace("\N{NO-BREAK SPACE}", " ") == message


def test_the_day_of_a_moment_is_that_of_paris_everywhere():
    """Between midnight in Paris and midnight in UTC, a day read off the moment itself is that of the day before."""
    assert day_of(datetime(2026, 11, 30, 23, 30, tzinfo=UTC)) == date(2026, 12, 1)
    read = re.compile(r"(?:\bat|_at|\bmoment|now\(\)|clock\(\))\.date\(\)|\)\.date\(\) (?:if|for|[<>])")
    top = Path(__file__).parents[1]
    faults = [
        f"{path.relative_to(top)}:{number}"
        for path in [*(top / "portfolio").rglob("*.py"), *(top / "demo").rglob("*.py")]
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if read.search(line)
    ]
    assert not faults, "\n".join(faults)
