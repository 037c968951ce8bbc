"""Check that what is made of a small file takes a minute of processor at most, whatever its steps do."""

import io
from pathlib import Path

import pytest

from portfolio.domain.dossier.rules.rendition import RenditionFailure
from portfolio.files.conversion import converting, office, pandoc
from portfolio.files.conversion.codes import NotConverted
from portfolio.files.conversion.converting import converted
from portfolio.files.conversion.processes import SMALL_BYTES, bounded_seconds
from portfolio.files.file_types.types import FileType

# Of a program that took all the processor it may have (SIGXCPU).
STOPPED = 256 - 24
MOST = 60


@pytest.fixture
def given(monkeypatch) -> list[int]:
    """Return the seconds of processor that each step was given; the last step of each program takes them all."""
    found: list[int] = []

    def run_program(command, folder, limits, **_):
        found.append(limits.cpu_seconds)
        return STOPPED

    class Office:
        def save(self, source, target: Path, options, seconds):
            found.append(seconds)
            if target.name != "workbook.ods":
                raise NotConverted(RenditionFailure.TOO_HEAVY)

        def end(self):
            pass

    def run_main(main, folder: Path, *_, limits=None):
        found.append(limits.cpu_seconds if limits else bounded_seconds(folder, MOST, 15))
        if main != office._LAYOUT:
            raise NotConverted(RenditionFailure.TOO_HEAVY)
        (folder / "prepared.ods").touch()
        return {"rows": None}

    monkeypatch.setattr(pandoc, "run_program", run_program)
    monkeypatch.setattr(office, "_Office", Office)
    for module in (office, converting):
        monkeypatch.setattr(module, "run_main", run_main)
    monkeypatch.setattr(office, "has_office", lambda _kind: True)
    return found


@pytest.mark.parametrize(
    "kind",
    [FileType.DOCX, FileType.ODT, FileType.RTF, FileType.DOC, FileType.XLSX, FileType.ODS, FileType.CSV,
     FileType.PPTX, FileType.ODP, FileType.HTML, FileType.EPUB, FileType.TEXT, FileType.EML, FileType.ZIP],
    ids=str,
)  # fmt: skip
def test_no_small_file_is_given_more_than_a_minute(given, kind):
    with pytest.raises(NotConverted) as refused, converted(io.BytesIO(b"x" * 1000), kind, "notes.md"):
        pass
    assert refused.value.reason is RenditionFailure.TOO_HEAVY
    assert 0 < sum(given) <= MOST, given


def test_a_heavy_file_is_given_the_time_of_its_weight(tmp_path):
    with (tmp_path / "input").open("wb") as file:
        file.truncate(SMALL_BYTES)
    assert bounded_seconds(tmp_path, 75, 18) == 75
    (tmp_path / "kept").write_bytes(b"small")
    assert bounded_seconds(tmp_path, 75, 18) == 18
