"""The product starts wherever its code, its environment, its data and its HOME lie, below /tmp too."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.cli.test_processes import until
from tools.cluster.__main__ import free_ports

TOP = Path(__file__).parents[2]
PARTS = (
    "portfolio",
    "demo",
    "migrations",
    "static",
    "templates",
    "acquis_check.py",
    "certificate_check.py",
    "config.py",
    "wsgi.py",
)
# A picture goes through a process of ours that reads the code, the libraries and nothing else.
LOGO = """
import io
from PIL import Image
from portfolio.files.renditions.logo_client import written_logo
drawn = io.BytesIO()
Image.new("RGB", (400, 200), (10, 60, 90)).save(drawn, "PNG")
print(written_logo(drawn, len(drawn.getvalue())).width)
"""


@dataclass(frozen=True)
class Place:
    """A folder below /tmp with the code, which nobody may write, and links to it and to the environment."""

    folder: Path

    @property
    def code(self) -> Path:
        return self.folder / "lien du code"

    @property
    def python(self) -> str:
        return str(self.folder / "environnement é" / Path(sys.executable).relative_to(sys.prefix))

    @property
    def env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in {"TMPDIR", "PYTHONPATH"}}
        return kept | {"HOME": str(self.folder), "DATA": str(self.folder / "données")}


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="essai d'été 100 % ", dir="/tmp") as path:
        folder = Path(path)
        folder.chmod(0o755)
        code = folder / "code"
        code.mkdir()
        for part in PARTS:
            if (TOP / part).is_dir():
                shutil.copytree(TOP / part, code / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(TOP / part, code / part)
        for made in (code, *code.rglob("*")):
            made.chmod(0o555 if made.is_dir() else 0o444)
        (folder / "lien du code").symlink_to(code)
        (folder / "environnement é").symlink_to(sys.prefix)
        yield Place(folder)
        for made in (code, *code.rglob("*")):
            made.chmod(0o755)


@pytest.mark.slow
def test_the_demonstration_starts_below_tmp(place):
    [port] = free_ports(1)
    screen = place.folder / "écran"
    with screen.open("w") as written:
        process = subprocess.Popen(
            [place.python, "-m", "portfolio.run.bootstrap"],
            cwd=place.code,
            env=place.env | {"PORT": str(port), "DEMO": "1", "LOG_FILE": str(place.folder / "journal")},
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def answers() -> bool:
        assert process.poll() is None, screen.read_text()
        return "Ctrl-C" in screen.read_text()

    try:
        # The address is the last thing said, a moment after the pages answer.
        until(answers, 120)
        assert urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10).status == 200
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    said = screen.read_text()
    assert "Comptes de la démonstration" in said
    assert "a program ended" not in said
    # The accounts stay on the screen, and the last line is the address.
    assert said.splitlines()[-1] == f"Acquis répond sur http://127.0.0.1:{port} (Ctrl-C pour arrêter)."
    assert '"serving"' in (place.folder / "journal").read_text()
    assert [line[:3] for line in said.splitlines() if line[1:3] == "/4"] == ["2/4", "3/4", "3/4", "4/4"]


@pytest.mark.parametrize("moved", ["code", "environment", "both", "none"])
def test_a_process_of_ours_reads_its_code_wherever_it_lies(place, moved):
    said = subprocess.run(
        [place.python if moved in {"environment", "both"} else sys.executable, "-c", LOGO],
        cwd=place.code if moved in {"code", "both"} else TOP,
        env=place.env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (said.stdout, said.returncode) == ("400\n", 0), said.stderr


def test_without_user_namespaces_it_runs_and_hides_nothing_from_the_machine(place):
    """Root of a container that shares its mounts, where no space of users can be made."""
    container = ["unshare", "--user", "--map-root-user", "--mount", "--propagation", "shared"]
    if shutil.which("unshare") is None or subprocess.run([*container, "true"]).returncode:
        pytest.skip("no container can be made here")
    script = (
        'echo 0 > /proc/sys/user/max_user_namespaces && cd "$1" && "$2" -c "$3" && ls -d "$1" && '
        "grep -c ' /tmp ' /proc/self/mountinfo"
    )
    mounted = sum(" /tmp " in line for line in Path("/proc/self/mountinfo").read_text().splitlines())
    said = subprocess.run(
        [*container, "sh", "-c", script, "sh", str(place.code), place.python, LOGO],
        env=place.env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said.stdout == f"400\n{place.code}\n{mounted}\n", said.stderr
