"""Advisories compared with the lock files."""

import json
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from tools import audit

LIBRARY = audit.Library("some-library", Version("2.3"), ("requirements.lock",))


def advisory(*affected: dict[str, Any], name: str = "PYSEC-2026-1", **fields: Any) -> dict[str, Any]:
    return {"id": name, "summary": "A file is read outside its folder.", "affected": list(affected), **fields}


def affected(
    *events: dict[str, str], name: str = "Some_Library", ecosystem: str = "PyPI", **fields: Any
) -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": list(events)}] if events else []
    return {"package": {"ecosystem": ecosystem, "name": name}, "ranges": ranges} | fields


def two_ranges(*bounds: tuple[str, str]) -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": first}, {"fixed": fixed}]} for first, fixed in bounds]
    return affected(ranges=ranges)


def findings(*read: dict[str, Any], library: audit.Library = LIBRARY) -> list[audit.Finding]:
    return audit.concerned([library], [msgspec.convert(each, audit.Advisory) for each in read])


def mendings(*entries: dict[str, Any]) -> list[str]:
    return [str(finding.mended_by) for finding in findings(advisory(*entries))]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([affected({"introduced": "0"}, {"fixed": "2.4"})], ["2.4"]),
        ([affected({"introduced": "0"}, {"fixed": "2.3"})], []),
        ([affected({"introduced": "0"}, {"fixed": "2.10"})], ["2.10"]),
        ([affected({"introduced": "2.3"}, {"fixed": "2.3.1"})], ["2.3.1"]),
        ([affected({"introduced": "2.3.1"}, {"fixed": "2.4"})], []),
        ([affected({"introduced": "0"}, {"last_affected": "2.3"})], ["None"]),
        ([affected({"introduced": "0"}, {"last_affected": "2.2"})], []),
        ([affected({"introduced": "0"})], ["None"]),
        ([affected({"introduced": "0"}, {"fixed": "1.9"}, {"introduced": "2.0"}, {"fixed": "2.5"})], ["2.5"]),
        ([affected({"introduced": "2.0"}, {"fixed": "2.5"}, {"introduced": "0"}, {"fixed": "1.9"})], ["2.5"]),
        ([affected({"introduced": "0"}, {"limit": "2.0"})], []),
        ([affected({"introduced": "0"}, {"limit": "2.5"})], ["None"]),
        ([affected({"introduced": "3"}, {"fixed": "3.1"}), affected({"introduced": "2"}, {"fixed": "2.8"})], ["2.8"]),
        ([affected({"introduced": "0"}, {"fixed": "2.4"}, {"introduced": "2.4"}, {"fixed": "2.6"})], ["2.6"]),
        ([two_ranges(("0", "2.4"), ("2.2", "2.6"))], ["2.6"]),
        ([two_ranges(("2.2", "2.6"), ("0", "2.4"))], ["2.6"]),
        ([two_ranges(("0", "2.4"), ("2.5", "2.6"))], ["2.4"]),
        ([affected({"introduced": "0"}, {"fixed": "2.4"}, versions=["2.4"])], ["None"]),
        ([affected(versions=["2.2", "2.3.0"])], ["None"]),
        ([affected(versions=["2.2", "a very old one"])], []),
        ([affected({"introduced": "0"}, {"fixed": "1.0"}, versions=["2.3"])], ["None"]),
        ([affected()], ["None"]),
        ([affected(ranges=[{"type": "GIT", "events": [{"introduced": "0"}]}])], []),
        ([affected({"introduced": "0"}, name="some.library")], ["None"]),
        ([affected({"introduced": "0"}, name="another-library")], []),
        ([affected({"introduced": "0"}, ecosystem="npm")], []),
        ([], []),
    ],
)
def test_an_advisory_concerns_the_versions_that_it_names(entries, expected):
    assert mendings(*entries) == expected


def test_an_advisory_that_was_withdrawn_concerns_nothing():
    read = advisory(affected({"introduced": "0"}), withdrawn="2026-01-01T00:00:00Z")
    assert findings(read) == []


def test_one_fault_by_two_names_is_said_once_with_the_later_mending():
    first = advisory(affected({"introduced": "0"}, {"fixed": "2.4"}), name="PYSEC-1", aliases=["CVE-1"])
    second = advisory(affected({"introduced": "0"}, {"fixed": "2.5"}), name="GHSA-1", aliases=["CVE-1"])
    other = advisory(affected({"introduced": "0"}), name="CVE-2")
    found = findings(first, second, other)
    assert [(sorted(each.names), str(each.mended_by)) for each in found] == [
        (["CVE-1", "GHSA-1", "PYSEC-1"], "2.5"),
        (["CVE-2"], "None"),
    ]


VERSIONS = st.tuples(st.integers(0, 3), st.integers(0, 3)).map(lambda parts: f"{parts[0]}.{parts[1]}")


@given(VERSIONS, VERSIONS, VERSIONS)
def test_a_range_holds_from_where_it_begins_until_it_is_mended(version, introduced, fixed):
    library = LIBRARY._replace(version=Version(version))
    read = advisory(affected({"introduced": introduced}, {"fixed": fixed}))
    begins, ends, tried = Version(introduced), Version(fixed), Version(version)
    # A range that ends before it begins begins again there, and goes on.
    expected = begins <= tried < ends if begins < ends else begins <= tried
    assert bool(findings(read, library=library)) == expected


def run(path: Path | str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    status = audit.main(str(path))
    return status, capsys.readouterr().out


def concerning_flask(fixed: str) -> dict[str, Any]:
    return advisory(affected({"introduced": "0"}, {"fixed": fixed}, name="Flask"))


def test_what_is_concerned_is_said_with_the_version_that_mends_it(tmp_path, capsys):
    file = tmp_path / "advisory.json"
    file.write_text(json.dumps(concerning_flask("999.1")))
    status, words = run(file, capsys)
    assert status == 1
    assert "flask " in words
    assert "(requirements.lock, requirements-dev.lock)" in words
    assert "999.1" in words
    assert "PYSEC-2026-1" in words
    assert "A file is read" in words


@pytest.mark.parametrize("kind", ["file", "list", "folder", "archive"])
def test_a_file_a_list_a_folder_and_an_archive_are_read(tmp_path, capsys, kind):
    texts = [json.dumps(concerning_flask("0.1")), json.dumps(concerning_flask("999"))]
    path = tmp_path / {"archive": "all.zip", "folder": "folder"}.get(kind, "all.json")
    if kind == "archive":
        with zipfile.ZipFile(path, "w") as archive:
            for number, text in enumerate(texts):
                archive.writestr(f"{number}.json", text)
    elif kind == "folder":
        (path / "below").mkdir(parents=True)
        (path / "a.json").write_text(texts[0])
        (path / "below" / "b.json").write_text(texts[1])
    else:
        path.write_text(texts[1] if kind == "file" else f"[{', '.join(texts)}]")
    assert run(path, capsys)[0] == 1


def test_nothing_concerned_is_said_too(tmp_path, capsys):
    file = tmp_path / "advisory.json"
    file.write_text(json.dumps(concerning_flask("0.1")))
    status, words = run(file, capsys)
    assert status == 0
    assert "1 avis" in words


@pytest.mark.parametrize(
    "content", [None, "", "{", "[]3", '{"summary": "no id"}', '{"id": 3}', '{"id": "a", "affected": 1}']
)
def test_a_file_that_cannot_be_read_is_said_and_is_no_success(tmp_path, capsys, content):
    file = tmp_path / "advisory.json"
    if content is not None:
        file.write_text(content)
    status, words = run(file, capsys)
    assert status == 2
    assert "advisory.json" in words


@pytest.mark.parametrize("name", ["empty", "broken.zip"])
def test_a_folder_without_advisories_and_a_broken_archive_are_no_success(tmp_path, capsys, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.zip").write_bytes(b"not an archive")
    assert run(tmp_path / name, capsys)[0] == 2


def test_without_a_file_it_says_how_to_give_one(capsys):
    status, words = run("", capsys)
    assert status == 2
    assert "make audit ADVISORIES=" in words
