"""A child that a file has taken over reaches nothing: on machines with every wall, without Landlock, without
namespaces; where a child would have no wall, it is not started on a file.
"""

import io
import json
import os
import platform
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from portfolio.domain.dossier.rules.rendition import RenditionFailure
from portfolio.files.conversion.codes import NotConverted
from portfolio.files.conversion.converting import converted
from portfolio.files.conversion.machine import walls_of_machine
from portfolio.files.conversion.processes import readable_paths
from portfolio.files.file_types.types import FileType
from portfolio.files.sandbox import fork_server, policy, process, walls
from portfolio.files.sandbox.fork_server import ForkServer
from portfolio.files.sandbox.policy import ChildKind
from portfolio.files.sandbox.process import ChildOutput, child_environment
from portfolio.files.sandbox.program_sandbox import ProgramLimits, run_module, run_program
from portfolio.files.sandbox.walls import NO_WALL_STATUS
from portfolio.wording.files import REFUSED
from tests import samples

TOP = Path(__file__).parents[2]
HERE = Path(__file__).parent
WITHOUT = ("", "landlock", "namespaces", "landlock,namespaces")
PYTHON = os.path.realpath(sys.executable)
LIMITS = ProgramLimits(cpu_seconds=20, file_bytes=1_000_000)
MACHINE = policy.MACHINES.index(platform.machine()) if platform.machine() in policy.MACHINES else 0

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in policy.MACHINES, reason="the walls are of Linux"
)


@dataclass(frozen=True)
class Installation:
    """What is attacked: its data, backups and code, and this process."""

    folder: Path
    plan: dict[str, Any]

    def plan_for(self, kind: ChildKind) -> dict[str, Any]:
        """Return what a child of this kind tries."""
        pretended = policy.PRETENDED.get(kind, frozenset())
        calls = {
            name: numbers[MACHINE]
            for name, numbers in [*policy.refused_calls(kind), *policy.UNKNOWN.items()]
            if numbers[MACHINE] is not None and name not in pretended
        }
        return self.plan | {"calls": calls | {"newest": policy.FIRST_UNKNOWN + 10}}

    def state(self) -> dict[str, tuple[object, ...]]:
        """Return what is there, with its content, mode, links and time of change."""
        found = {}
        for path in sorted([self.folder, *self.folder.rglob("*")]):
            if self.folder / "work" not in [path, *path.parents]:
                about = path.lstat()
                content = path.read_bytes() if path.is_file() else b""
                found[str(path)] = (content, about.st_mode, about.st_nlink, about.st_mtime_ns, about.st_uid)
        return found


@pytest.fixture
def installation(tmp_path) -> Iterator[Installation]:
    """An installation whose data lie below what programs read, as in /opt or /usr/local."""
    top = tmp_path / "installation"
    for name in ("opt/data/empty", "opt/backups", "opt/code/empty", "outside/empty", "work"):
        (top / name).mkdir(parents=True)
    for name in ("opt/data/ledger.key", "opt/data/acquis.db", "opt/backups/last", "outside/file"):
        (top / name).write_text("secret")
    (top / "opt/code/new.py").write_text("code")
    (top / "opt/link").symlink_to(top / "opt/data")
    numbers = {"access": (269, 48), "ptrace": (101, 117), "sync": (162, 81)} | {
        name: policy.CONDITIONS[name].numbers for name in ("clone", "ioctl", "prctl", "prlimit64", "tgkill")
    }
    with (
        TemporaryDirectory() as short,  # as the names of sockets have to be
        socket.create_server(("127.0.0.1", 0)) as door,
        socket.socket(socket.AF_UNIX) as stream,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagram,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as abstract,
    ):
        stream.bind(f"{short}/stream")
        stream.listen()
        datagram.bind(f"{short}/datagram")
        abstract.bind(f"\0acquis-{os.getpid()}")
        plan = {
            "data": str(top / "opt/data"),
            "code": str(top / "opt/code"),
            "backup": str(top / "opt/backups/last"),
            "outside": str(top / "outside/file"),
            "stream": f"{short}/stream",
            "datagram": f"{short}/datagram",
            "abstract": f"\0acquis-{os.getpid()}",
            "pid": os.getpid(),
            "port": door.getsockname()[1],
        } | {name: found[MACHINE] for name, found in numbers.items()}
        before = walls._protection
        walls.install([top / "opt/data", top / "opt/backups"], accepts_risk=False)
        yield Installation(top, plan)
        walls.install(before.hidden, accepts_risk=before.accepts_risk)


@contextmanager
def machine_without(names: str, monkeypatch, tmp_path) -> Iterator[None]:
    """Start every child as on a machine without these walls."""
    script = tmp_path / "python"
    before = shlex.join([sys.executable, str(HERE / "machine_without.py"), names, sys.executable])
    script.write_text(f'#!/bin/sh\nexec {before} "$@"\n')
    script.chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", str(script))
        yield


def succeeded(found: dict[str, int]) -> list[str]:
    return [name for name, error in found.items() if not error]


DECODER = """
import json, os, sys
from portfolio.files.file_types import inspect_main
from portfolio.files.renditions.page_images import child_main as page_images
from portfolio.files.renditions.flattening import child_main as flattening
from portfolio.files.renditions.shared_copies import child_main as shared_copies
from tests.files import hostile
name, plan, *arguments = sys.argv[1:]
plan = json.loads(plan)
module, confine = {
    "inspection": (inspect_main, "set_rlimits"),
    "pages": (page_images, "set_rlimits"),
    "flattening": (flattening, "apply_limits"),
    "copies": (shared_copies, "set_rlimits"),
}[name]
def taken_over(*_):
    os.write(1, json.dumps(hostile.tried_all(plan)).encode() + b"\\n")
    os._exit(0)
def confined(*arguments, confine=getattr(module, confine), **named):
    confine(*arguments, **named)
    inspect_main._answer = shared_copies._copy = page_images.pdf.PdfRenderer = taken_over
setattr(module, confine, confined)
sys.argv = ["-c", "", "", *arguments]
module.main()
"""


def said_by_decoder(name: str, plan: dict[str, Any], file: int, monkeypatch) -> dict[str, int]:
    """Return what our test program did in the place of a decoder."""

    def started(_main: str, line: int, *arguments: str | int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", DECODER, name, json.dumps(plan), *map(str, arguments)],
            stdin=line,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=child_environment(),
            cwd=TOP,
        )

    monkeypatch.setattr(fork_server, "spawn_sandboxed", started)
    if name != "flattening":
        server = ForkServer("taken")
        arguments = ("pdf", "1", "1", "page") if name == "pages" else ()
        try:
            with server.output(file, 20, *arguments) as answer:
                return json.loads(answer.line(200_000) or b"{}")
        finally:
            server.end()
    with started("", file, 20, "pdf", "1", "{}") as child:
        answer = ChildOutput(child.stdout.fileno(), 60)
        said = answer.line(200_000) or b"{}"
        answer.close()
        child.kill()
        return json.loads(said)


@pytest.mark.parametrize("without", WITHOUT)
@pytest.mark.parametrize("decoder", ["inspection", "pages", "flattening", "copies"])
def test_a_decoder_that_a_file_has_taken_over_reaches_nothing(installation, without, decoder, monkeypatch, tmp_path):
    kept = installation.folder / "opt/data/kept"
    kept.write_bytes(samples.pdf())
    before = installation.state()
    with machine_without(without, monkeypatch, tmp_path), kept.open("rb") as file:
        found = said_by_decoder(decoder, installation.plan_for(ChildKind.DECODER), file.fileno(), monkeypatch)
    assert len(found) > 60
    assert succeeded(found) == []
    assert installation.state() == before


def run_taken_over(kind: ChildKind, installation: Installation, monkeypatch) -> int | None:
    """Run our test program in the place of LibreOffice, or of a module of ours; return how it ended."""
    work = installation.folder / "work"
    (work / "own").write_text("own")
    plan = json.dumps(installation.plan_for(kind))
    read = [*readable_paths(), PYTHON, str(HERE), str(installation.folder / "opt")]
    if kind is ChildKind.PROGRAM:
        source = f"{(HERE / 'hostile.py').read_text()}\nmain()"
        return run_program([PYTHON, "-I", "-c", source, plan], work, LIMITS, read=read)
    monkeypatch.setattr(process, "_CHILD", f"import sys; sys.path.append({str(HERE)!r})\n{process._CHILD}")
    return run_module("hostile", [plan], work, LIMITS, read=read)


def is_allowed_in_a_folder(name: str, installation: Installation, *, has_own_root: bool) -> bool:
    """Return whether a child that works in a folder may do this: it reads code, and without a root folder of
    its own it sees which names there are.
    """
    is_code = str(installation.folder / "opt/code") in name and name.startswith(("list", "see"))
    return is_code or (name.startswith("see") and not has_own_root)


@pytest.mark.parametrize("without", ["", "landlock", "namespaces"])
@pytest.mark.parametrize("kind", [ChildKind.MODULE, ChildKind.PROGRAM])
def test_a_child_in_a_folder_that_a_file_has_taken_over_reaches_nothing_else(
    installation, without, kind, monkeypatch, tmp_path
):
    before = installation.state()
    with machine_without(without, monkeypatch, tmp_path):
        assert run_taken_over(kind, installation, monkeypatch) == 0
    found = json.loads((installation.folder / "work/said.json").read_text())
    assert len(found) > 60
    has_own_root = "namespaces" not in without
    assert [
        name for name in succeeded(found) if not is_allowed_in_a_folder(name, installation, has_own_root=has_own_root)
    ] == []
    assert installation.state() == before


@pytest.mark.parametrize("without", ["landlock,namespaces", "landlock,namespaces,seccomp", "seccomp"])
@pytest.mark.parametrize("kind", [ChildKind.MODULE, ChildKind.PROGRAM])
def test_a_child_in_a_folder_does_not_start_without_its_walls(installation, without, kind, monkeypatch, tmp_path):
    with machine_without(without, monkeypatch, tmp_path):
        assert run_taken_over(kind, installation, monkeypatch) == NO_WALL_STATUS
    assert not (installation.folder / "work/said.json").exists()


def test_a_decoder_does_not_start_without_its_filter(installation, monkeypatch, tmp_path):
    with machine_without("seccomp", monkeypatch, tmp_path), (installation.folder / "outside/file").open("rb") as file:
        plan = installation.plan_for(ChildKind.DECODER)
        assert said_by_decoder("copies", plan, file.fileno(), monkeypatch) == {}


@pytest.mark.parametrize("without", ["landlock,namespaces", "landlock,namespaces,seccomp"])
def test_a_risk_that_is_accepted_by_name_lets_children_start(without, tmp_path, monkeypatch):
    before = walls._protection
    walls.install((), accepts_risk=True)
    try:
        with machine_without(without, monkeypatch, tmp_path):
            command = [PYTHON, "-I", "-c", "open('made', 'w')"]
            assert run_program(command, tmp_path, LIMITS, read=[*readable_paths(), PYTHON]) == 0
    finally:
        walls.install(before.hidden, accepts_risk=before.accepts_risk)
    assert (tmp_path / "made").exists()


@pytest.mark.parametrize("kind", [FileType.TEXT, FileType.DOCX, FileType.EML])
def test_without_walls_nothing_is_converted_and_the_reason_is_said(kind, monkeypatch, tmp_path):
    content = io.BytesIO(b"Bonjour")
    with (
        machine_without("landlock,namespaces", monkeypatch, tmp_path),
        pytest.raises(NotConverted) as refused,
        converted(content, kind),
    ):
        pass
    assert refused.value.reason is RenditionFailure.NO_WALL
    assert "pas encore lisible ici" in REFUSED[RenditionFailure.NO_WALL]


@pytest.mark.parametrize(
    ("without", "closed"),
    [("", True), ("landlock", True), ("namespaces", True), ("landlock,namespaces", False), ("seccomp", False)],
)
def test_each_wall_of_a_machine_is_tried(without, closed, monkeypatch, tmp_path):
    walls_of_machine.cache_clear()
    with machine_without(without, monkeypatch, tmp_path):
        found = walls_of_machine()
    walls_of_machine.cache_clear()
    assert found.are_closed is closed
    assert found.landlock is ("landlock" not in without)
    assert found.own_root is ("namespaces" not in without)
    assert found.system_calls is ("seccomp" not in without)
