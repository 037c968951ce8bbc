"""The bench keeps what it measured whatever one part meets, and waits for a server as long as it lives."""

import json
import sys
from types import SimpleNamespace

import pytest

from benchmarks import __main__ as bench
from benchmarks.measure import Line
from benchmarks.servers import running, wait_for


def stopped_short(end: type[BaseException]):
    """Return a part that measures a line, then fails so."""

    def measure():
        yield Line("avant la panne", "", "1 ms", "")
        raise end("le disque est plein")

    return SimpleNamespace(measure=measure)


def test_what_was_measured_is_kept_when_a_part_fails(monkeypatch, tmp_path, capsys):
    whole = SimpleNamespace(measure=lambda: [Line("après la panne", "", "2 ms", "", "2 ms", met=True)])
    parts = {"un": stopped_short(RuntimeError), "deux": stopped_short(SystemExit), "trois": whole}
    monkeypatch.setattr(bench, "SUBJECTS", parts)
    monkeypatch.setattr(sys, "argv", ["bench", "--json", str(tmp_path / "kept.json")])
    assert bench.main() == 1
    printed = capsys.readouterr()
    assert [printed.out.count(words) for words in ("avant la panne", "après la panne")] == [2, 1]
    assert "RuntimeError: le disque est plein" in printed.err
    assert printed.err.splitlines()[-1].endswith("un, deux. La raison est écrite plus haut.")
    kept = json.loads((tmp_path / "kept.json").read_text())
    assert kept["failed"] == ["un", "deux"]
    assert [line["subject"] for line in kept["lines"]] == ["1 ms", "1 ms", "2 ms"]


def test_what_was_measured_is_kept_when_it_is_interrupted(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(bench, "SUBJECTS", {"un": stopped_short(KeyboardInterrupt), "deux": None})
    monkeypatch.setattr(sys, "argv", ["bench", "--json", str(tmp_path / "kept.json")])
    assert bench.main() == 1
    assert "avant la panne" in capsys.readouterr().out
    assert len(json.loads((tmp_path / "kept.json").read_text())["lines"]) == 1


def test_a_server_that_ends_is_not_waited_for_and_its_last_lines_are_shown(tmp_path):
    log = tmp_path / "log"
    ends = "import sys; print('le port est pris', flush=True); sys.exit(3)"
    with (
        running(["-c", ends], {}, log) as process,
        pytest.raises(RuntimeError, match=r"(?s)arrêté \(3\).*le port est pris"),
    ):
        wait_for(process, log, lambda: False)


def test_a_slow_server_is_waited_for_and_ended(tmp_path):
    log = tmp_path / "log"
    speaks = "import time; time.sleep(0.5); print('prêt', flush=True); time.sleep(60)"
    with running(["-c", speaks], {"PYTHONUTF8": "1"}, log) as process:
        wait_for(process, log, lambda: "prêt" in log.read_text())
        assert process.poll() is None
    assert process.poll() is not None
