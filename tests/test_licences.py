"""The page of licences: up to date with the lock files, and true of what is installed."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from tools import licences

UNKNOWN = "a-library-of-nobody"


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A copy of the files that the page is written from."""
    (tmp_path / "tools").mkdir()
    for name in licences.LISTS:
        shutil.copy(licences.TOP / f"{name}.txt", tmp_path)
        shutil.copy(licences.TOP / f"{name}.lock", tmp_path)
    for name in (licences.KEPT, licences.TEMPLATE, licences.RELEASES):
        shutil.copy(licences.TOP / name, tmp_path / name)
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_page_is_the_one_that_the_lock_files_give():
    written, page = licences.page(licences.TOP).splitlines(), (licences.TOP / licences.PAGE).read_text().splitlines()
    assert [line for line in written if line not in page] == [], "make licences"
    assert written == page, "make licences"


def test_nothing_is_carried_by_a_wheel_and_not_told():
    kept = licences.kept_by_hand(licences.TOP)
    untold = {
        name: parts - set(kept["inside"].get(name, ()))
        for name, parts in licences.carried().items()
        if any(f"{name}==" in (licences.TOP / f"{lock}.lock").read_text() for lock in licences.LISTS)
    }
    assert {name: parts for name, parts in untold.items() if parts} == {}, licences.KEPT


def test_the_encoders_under_the_gpl_are_seen_inside_their_wheels():
    assert {"x264", "x265"} <= licences.carried()["av"]
    page = (licences.TOP / licences.PAGE).read_text()
    assert "| x264 | GPL-2.0-or-later | av |" in page
    assert "| pymupdf | AGPL-3.0-only |  | les essais |" in page


def test_a_library_added_to_a_lock_is_named_until_its_release_and_its_licence_are_known(top):
    lock = top / "requirements.lock"
    lock.write_text(f"{lock.read_text()}{UNKNOWN}==1.0 \\\n    --hash=sha256:{'0' * 64}\n")
    with pytest.raises(licences.Missing, match=rf"{UNKNOWN} 1\.0"):
        licences.page(top)
    change(top / licences.RELEASES, "[released]", f'[released]\n"{UNKNOWN}==1.0" = 2026-01-02')
    with pytest.raises(licences.Missing, match=UNKNOWN):
        licences.page(top)
    change(top / licences.KEPT, "[licences]", f'[licences]\n{UNKNOWN} = {{ licence = "MIT", why = "a test" }}')
    assert re.search(rf"^\| {UNKNOWN} \| 1\.0 \| MIT \| 2026-01-02 \|", licences.page(top), re.M)


def test_a_version_that_changes_asks_for_the_day_of_its_release(top):
    change(top / "requirements.lock", "odfpy==1.4.1", "odfpy==1.4.2")
    with pytest.raises(licences.Missing, match=r"odfpy 1\.4\.2"):
        licences.page(top)


def test_a_library_without_a_release_for_three_years_asks_why_it_stays(top):
    kept = top / licences.KEPT
    kept.write_text("\n".join(line for line in kept.read_text().splitlines() if not line.startswith('odfpy = "')))
    with pytest.raises(licences.Missing, match="odfpy"):
        licences.page(top)


def test_three_years_are_counted_to_the_day():
    row = licences.Row("a", "1", "MIT", date(2023, 3, 1), "")
    assert licences.silent({"requirements": [row]}, date(2026, 3, 2)) == [row]
    assert licences.silent({"requirements": [row]}, date(2026, 3, 1)) == []
    assert licences.silent({"requirements": [row]}, date(2028, 2, 29)) == [row]


@pytest.mark.parametrize(
    ("licence", "is_copyleft"),
    [
        ("GPL-2.0-or-later", True),
        ("AGPL-3.0-only", True),
        ("LGPL-LR", True),
        ("MPL-2.0 AND MIT", True),
        ("LGPL-3.0-or-later OR GPL-2.0-or-later", True),
        ("BSD-3-Clause OR GPL-2.0-only", False),
        ("Apache-2.0 AND MIT", False),
    ],
)
def test_a_licence_is_copyleft_where_no_other_can_be_chosen(licence, is_copyleft):
    assert licences.is_copyleft(licence) == is_copyleft
