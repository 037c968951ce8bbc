"""A program of another project can call nobody, read nothing of ours, write only in its folder, and ends with
its children.
"""

import os
import socket
import sys
import time
from pathlib import Path

import pytest

from portfolio.files.conversion.processes import readable_paths
from portfolio.files.sandbox import process
from portfolio.files.sandbox.program_sandbox import ProgramLimits, WaitingModule, run_module, run_program
from portfolio.files.sandbox.walls import landlock_version

LIMITS = ProgramLimits(cpu_seconds=10, file_bytes=1_000_000)
with_landlock = pytest.mark.skipif(not landlock_version(), reason="this kernel has no Landlock")


def run(folder: Path, code: str, limits: ProgramLimits = LIMITS) -> int:
    return run_program([os.path.realpath(sys.executable), "-I", "-c", code], folder, limits, read=readable_paths())


def test_it_writes_in_its_folder(tmp_path):
    assert run(tmp_path, "open('made', 'w').write('x')") == 0
    assert (tmp_path / "made").read_text() == "x"


def test_its_folder_keeps_its_name(tmp_path):
    assert run(tmp_path, f"open({str(tmp_path / 'made')!r}, 'w')") == 0
    assert (tmp_path / "made").exists()


def test_it_calls_nobody(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(1)
        code = f"import socket; socket.create_connection(('127.0.0.1', {door.getsockname()[1]}), 2)"
        assert run(tmp_path, code) != 0
        with pytest.raises(TimeoutError):
            door.accept()


def test_it_reaches_no_socket_of_another_program(tmp_path):
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / "door"))
        door.listen()
        assert run(tmp_path, "import socket; socket.socket(socket.AF_UNIX).connect('door')") != 0


@with_landlock
@pytest.mark.parametrize("path", ["/etc/passwd", "/proc/1/environ", str(Path(__file__))])
def test_it_reads_nothing_of_ours(tmp_path, path):
    assert run(tmp_path, f"open({path!r}).read()") != 0


@pytest.mark.slow
@with_landlock
def test_a_module_of_ours_reads_nothing_else_either(tmp_path, caplog):
    (tmp_path / "book.json").symlink_to(__file__)
    assert run_module("portfolio.documents.livret.making", [], tmp_path, LIMITS, read=readable_paths()) != 0
    assert "book.json" in caplog.text


@with_landlock
def test_it_writes_nowhere_else(tmp_path):
    folder, other = tmp_path / "own", tmp_path / "other"
    folder.mkdir()
    other.mkdir()
    assert run(folder, f"open({str(other / 'x')!r}, 'w')") != 0
    assert list(other.iterdir()) == []


def test_a_file_without_end_is_cut(tmp_path):
    assert run(tmp_path, "open('big', 'wb').write(bytes(5_000_000))") != 0
    assert (tmp_path / "big").stat().st_size <= LIMITS.file_bytes


@pytest.mark.parametrize(
    "code",
    [
        "import time\nfor n in range(60): open(f'f{n}', 'wb').write(bytes(900_000)); time.sleep(0.05)",
        "import os, time\nfor n in range(60): os.makedirs(f'd{n}/e'); open(f'd{n}/e/f', 'wb').write(bytes(900_000)); "
        "time.sleep(0.05)",
    ],
)
def test_files_that_are_many_are_cut_as_one_is(tmp_path, caplog, code):
    assert run(tmp_path, code) != 0
    assert "wrote too much" in caplog.text
    written = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    assert written < 40_000_000, "of the 54 MB that it would write"


def test_it_starts_no_process(tmp_path):
    assert run(tmp_path, "import os; os.fork()") != 0


def test_it_is_ended_when_it_takes_too_long(tmp_path):
    code = (
        "import contextlib, os, time\n"
        "with contextlib.suppress(OSError):\n"
        "    os.setsid()\n"
        "while True:\n"
        "    open('alive', 'w').write(str(time.time())); time.sleep(0.05)\n"
    )
    with pytest.raises(TimeoutError):
        run(tmp_path, code, ProgramLimits(cpu_seconds=2, patience=1))
    time.sleep(0.5)
    last = (tmp_path / "alive").stat().st_mtime_ns
    time.sleep(0.5)
    assert (tmp_path / "alive").stat().st_mtime_ns == last


@pytest.fixture
def waiting(tmp_path, monkeypatch):
    """Return a module of tests that waits in the sandbox: it tries what each line asks, and says what came of it."""
    code, folder = tmp_path / "code", tmp_path / "own"
    code.mkdir()
    folder.mkdir()
    (code / "waits.py").write_text(
        "import sys\n"
        "def main():\n"
        "    print('ready', flush=True)\n"
        "    for line in sys.stdin:\n"
        "        try:\n"
        "            found = str(eval(line))\n"
        "        except OSError as error:\n"
        "            found = type(error).__name__\n"
        "        print(found, flush=True)\n"
    )
    monkeypatch.setattr(process, "_CHILD", f"import sys; sys.path.append({str(code)!r})\n{process._CHILD}")
    module = WaitingModule("waits", [], folder, LIMITS, read=[*readable_paths(), str(code)])
    yield module
    module.end()


@with_landlock
def test_a_module_that_waits_has_the_same_walls_when_it_is_asked(waiting, tmp_path):
    assert waiting.ask("6 * 7") == "42"
    assert waiting.ask("open('made', 'w').write('x')") == "1"
    assert waiting.ask("open('/etc/passwd').read()") in ("PermissionError", "FileNotFoundError")
    assert waiting.ask("__import__('socket').socket()") == "PermissionError"
    assert waiting.ask("__import__('os').fork()") == "PermissionError"
    assert waiting.is_alive
    waiting.end()
    assert not waiting.is_alive
    assert (tmp_path / "own/made").read_text() == "x"


def test_a_module_that_waits_and_breaks_answers_nothing_and_says_how_it_ended(waiting):
    assert waiting.ask("__import__('os')._exit(7)") is None
    assert waiting.end() == 7


def test_a_module_that_waits_ends_when_nobody_can_ask_it_any_more(waiting):
    assert waiting.ask("1") == "1"
    waiting._program.process.stdin.close()
    assert waiting._program.process.wait(10) == 0
