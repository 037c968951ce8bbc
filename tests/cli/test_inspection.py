"""`flask inspect-file` says what would become of a file; `flask doctor` what a machine has."""

import json
import os

import pytest

from portfolio.files.conversion import office
from tests import office_files, samples
from tests.evidence.test_active_copies import active_pdf


def inspected(app, *paths) -> list[dict]:
    answer = app.test_cli_runner().invoke(args=["inspect-file", "--json", *map(str, paths)])
    return [json.loads(line) for line in answer.output.splitlines() if line.startswith('{"file"')]


@pytest.mark.slow
def test_each_file_is_told_as_an_upload_would_be(app, tmp_path):
    files = {
        "bilan.csv": b"Poste;Heures\nAccueil;12\n",
        "dossier.pdf": samples.pdf(3, "Bonjour"),
        "voix.flac": office_files.sound(),
        "fichiers.zip": samples.archive({"notes.txt": "Bonjour"}),
        "photo.png": samples.png(),
        "jeu.exe": samples.PROGRAM,
        "abime.flac": b"fLaC" + bytes(99),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    found = {one["file"].rpartition("/")[2]: one for one in inspected(app, *(tmp_path / name for name in files))}
    assert list(found) == list(files)
    assert set(found["bilan.csv"]) == {
        "file",
        "accepted",
        "reason",
        "kind",
        "pages",
        "readable",
        "shown",
        "characters",
        "seconds",
        "scanned",
        "defused",
    }
    told = {name: (one["accepted"], one["kind"], one["readable"], one["pages"]) for name, one in found.items()}
    assert told == {
        "bilan.csv": (True, "csv", "pages", 1),
        "dossier.pdf": (True, "pdf", "pages", 3),
        "voix.flac": (True, "flac", "player", None),
        "fichiers.zip": (True, "zip", "list", 2),
        "photo.png": (True, "png", "pages", 1),
        "jeu.exe": (False, None, "none", None),
        "abime.flac": (True, "flac", "none", None),
    }
    assert found["bilan.csv"]["characters"] >= len("PosteHeuresAccueil12")
    assert "programme" in found["jeu.exe"]["reason"]
    assert "n’a pas pu être ouvert" in found["abime.flac"]["reason"]


@pytest.mark.slow
def test_how_much_of_a_long_file_is_shown_is_told(app, tmp_path):
    (tmp_path / "dossier.pdf").write_bytes(samples.pdf(620))
    (tmp_path / "releve.tsv").write_text("".join(f"ligne {row}\tvaleur\n" for row in range(6_000)), "utf-8")
    (tmp_path / "bilan.pdf").write_bytes(samples.pdf(3))
    paths = [tmp_path / name for name in ("dossier.pdf", "releve.tsv", "bilan.pdf")]
    assert [one["shown"].replace("\u00a0", " ") for one in inspected(app, *paths)] == [
        "500 pages sur 620",
        "5 000 lignes sur 6 000",
        "",
    ]


def test_a_name_that_is_not_utf8_is_escaped(app, tmp_path):
    path = os.fsencode(tmp_path) + b"/bilan_\xe9t\xe9.pdf"
    with open(path, "wb") as file:
        file.write(samples.pdf(1))
    for option in (["--json"], []):
        answer = app.test_cli_runner().invoke(args=["inspect-file", *option, os.fsdecode(path)])
        assert answer.exit_code == 0
        assert "bilan_" in answer.stdout_bytes.decode("utf-8", "strict")
    assert inspected(app, os.fsdecode(path))[0]["file"].endswith(r"bilan_\xe9t\xe9.pdf")


def test_a_file_that_is_not_there_is_told_so(app, tmp_path):
    [found] = inspected(app, tmp_path / "absent.pdf")
    assert (found["accepted"], found["readable"]) == (False, "none")
    assert found["reason"]


def test_the_machine_says_that_libreoffice_is_missing_and_what_to_install(app, monkeypatch):
    monkeypatch.setenv(office.SETTING, "")
    answer = app.test_cli_runner().invoke(args=["doctor"])
    assert answer.exit_code == 1
    assert "libreoffice-writer-nogui" in answer.output
    report = json.loads(app.test_cli_runner().invoke(args=["doctor", "--json"]).output)
    assert report["libreoffice"] == {"documents": False, "spreadsheets": False, "slides": False}


def test_what_acts_by_itself_and_others_do_not_receive_is_named(app, tmp_path):
    (tmp_path / "formulaire.pdf").write_bytes(active_pdf())
    (tmp_path / "bilan.pdf").write_bytes(samples.pdf(1))
    by_name = {one["file"].rpartition("/")[2]: one for one in inspected(app, *tmp_path.glob("*.pdf"))}
    assert by_name["formulaire.pdf"]["accepted"]
    assert {"script", "starts"} <= set(by_name["formulaire.pdf"]["defused"])
    assert by_name["bilan.pdf"]["defused"] == []
    told = app.test_cli_runner().invoke(args=["inspect-file", str(tmp_path / "formulaire.pdf")]).output
    assert "copie sans" in told.replace("\u00a0", " ")
    assert "JavaScript" in told
