"""Files are opened in a child process that has given up memory, time, disk and network, and that shares our
file only.
"""

import io
import os
import socket
import subprocess
import sys
from pathlib import Path
from tempfile import SpooledTemporaryFile

import pytest

from portfolio.files.file_types import detect as sniffing
from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason
from portfolio.files.sandbox import fork_server as mothering
from portfolio.files.sandbox.process import child_environment
from tests import samples


def sniffed(content: bytes) -> DetectedFile:
    return sniff(io.BytesIO(content), len(content))


def reason(content: bytes) -> RejectionReason:
    with pytest.raises(FileRejected) as refused:
        sniffed(content)
    return refused.value.code


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


ATTEMPTS = """
import os, resource, socket, sys
from portfolio.files.sandbox.walls import apply_limits
port, folder, writable, confined = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4] == "True"
attempts = {
    "connect": lambda: socket.socket().connect((b"127.0.0.1", port)),
    "listen": lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM),
    "read": lambda: open("/etc/passwd"),
    "create": lambda: open(f"{folder}/never", "w"),
    "write": lambda: os.write(writable, b"x"),
    "swell": lambda: bytearray(2_000_000_000),
    "lift a limit": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100)),
}
if confined:
    apply_limits(5)
for name, attempt in attempts.items():
    try:
        attempt()
    except (OSError, MemoryError, ValueError):
        continue
    os.write(1, f"{name}\\n".encode())
os._exit(0)
"""


def what_it_can_do(folder: Path, confined: bool) -> set[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener, (folder / "open").open("wb") as writable:
        ran = subprocess.run(
            [
                sys.executable,
                "-c",
                ATTEMPTS,
                str(listener.getsockname()[1]),
                str(folder),
                str(writable.fileno()),
                str(confined),
            ],
            cwd=Path(__file__).parents[2],
            pass_fds=[writable.fileno()],
            capture_output=True,
            text=True,
            check=True,
        )
    return set(ran.stdout.splitlines())


def test_a_pdf_that_asks_for_all_the_memory_is_stopped_and_this_process_does_not_grow(monkeypatch):
    monkeypatch.setattr(mothering, "PATIENCE", 60)  # however busy the machine of the test is
    before = resident()
    assert reason(samples.swollen_pdf(1_500_000_000)) is RejectionReason.RESOURCE_LIMIT
    assert resident() - before < 16_000_000


@pytest.mark.slow
def test_it_can_open_no_connection_no_file_and_write_nothing(tmp_path):
    assert what_it_can_do(tmp_path, confined=False) == {
        "connect",
        "listen",
        "read",
        "create",
        "write",
        "swell",
        "lift a limit",
    }
    assert what_it_can_do(tmp_path, confined=True) == set()


def test_it_does_not_know_our_secrets(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "canary")
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    assert "canary" not in child_environment().values()
    assert not any(name.startswith("PYTHON") for name in child_environment())


def test_when_it_cannot_start_the_file_is_not_blamed(monkeypatch, caplog):
    sniffing._opening.end()  # one that waits has started already
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert reason(samples.pdf()) is RejectionReason.NOT_CHECKED
    assert "cannot start" in caplog.text


@pytest.mark.slow
@pytest.mark.parametrize("name", ["PNG", "JPEG"])
def test_a_picture_of_just_40_million_pixels_is_within_the_childs_means(name):
    assert sniffed(samples.image(name, (40_000, 1000))).kind.family == "image"


def test_a_file_half_read_is_judged_whole_and_given_back_at_its_beginning(tmp_path):
    content = samples.pdf(2) + b"%" * 100_000
    path = tmp_path / "sent"
    path.write_bytes(content)
    with path.open("rb") as file:
        file.read(10)
        assert sniff(file, len(content)) == DetectedFile(FileType.PDF, 2)
        assert file.read() == content


def test_a_file_just_written_is_judged_with_its_last_bytes():
    content = samples.pdf(2)
    with SpooledTemporaryFile(max_size=1_000_000) as file:
        file.write(content)
        assert sniff(file, len(content)) == DetectedFile(FileType.PDF, 2)
        assert file.read() == content


def test_a_refused_file_is_given_back_at_its_beginning_too():
    file = io.BytesIO(samples.NOISE)
    with pytest.raises(FileRejected):
        sniff(file, len(samples.NOISE))
    assert file.read() == samples.NOISE
