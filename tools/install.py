"""Make the virtual environment and install the libraries of a lock file, with their progress.

`make run` and `make test` begin here: it needs nothing but Python. An environment that has the libraries already
is left as it is; one whose Python has changed or gone is made again.
"""

import fcntl
import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

OLDEST = (3, 11)
_LAST_LINES = 8
_SILENCE_S = 10
_PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off")
# What the settings of another project would change: which modules are read, and where libraries go.
_FOREIGN = {"PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_DRY_RUN", "PIP_QUIET"}
_NO_VENV = "Il manque une partie de Python. Sous Debian et Ubuntu : apt-get install python3-venv, puis recommencez."
_NOT_OURS = (
    "Rien ne peut être écrit dans « {folder} ». Copiez le projet dans un dossier à vous, ou donnez deux "
    "dossiers où écrire : make run VENV=$HOME/acquis-venv DATA=$HOME/acquis."
)
_COLON = (
    "Python ne fait pas d’environnement dans « {folder} », dont le nom a un « {sign} ». Donnez un autre dossier : "
    "make run VENV=$HOME/acquis-venv."
)
_FAILED = (
    "{words}\nLes bibliothèques n’ont pas pu être installées : voyez ci-dessus. Vérifiez le réseau et la "
    "place du disque, puis recommencez."
)
_STOPPED = "\nArrêté avant la fin. Recommencez quand vous voulez : la même commande reprend."


def main(venv: Path, lock: Path) -> None:
    """Install what a lock file names; end with one French sentence and status 1 where it cannot be done."""
    if _has(venv, lock):
        return
    _check_place(venv)
    with _alone(venv):
        if _has(venv, lock):  # another command has just installed it
            return
        record = _record(venv)
        record.unlink(missing_ok=True)
        if _release(venv) < OLDEST:
            _make(venv)
        _install(venv, lock)
        record.write_text(f"{_release(venv)}\n{lock.read_text('utf-8')}", "utf-8")


def _record(venv: Path) -> Path:
    """Return the file that says which release of Python has which libraries here."""
    return venv / "acquis.installed"


def _has(venv: Path, lock: Path) -> bool:
    """Return whether the environment works, and has every library of a lock file."""
    try:
        release, *installed = _record(venv).read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return False
    return set(lock.read_text("utf-8").splitlines()[1:]) <= set(installed) and release == str(_release(venv))


def _release(venv: Path) -> tuple[int, ...]:
    """Return the release of Python of an environment; nothing where there is none, or where it has no pip."""
    code = "import sys, importlib.util as u; print(*sys.version_info[:2]) if u.find_spec('pip') else None"
    try:
        asked = _started([str(venv / "bin" / "python"), "-c", code])
    except OSError:
        return ()
    said, _ = asked.communicate()
    return tuple(map(int, said.split())) if asked.returncode == 0 else ()


def _check_place(venv: Path) -> None:
    """End with a sentence where no environment can be made."""
    folder = next(folder for folder in (venv.absolute(), *venv.absolute().parents) if folder.exists())
    if not os.access(folder, os.W_OK):
        sys.exit(_NOT_OURS.format(folder=folder))
    if os.pathsep in str(venv.absolute()):
        sys.exit(_COLON.format(folder=venv.absolute(), sign=os.pathsep))


@contextmanager
def _alone(venv: Path) -> Iterator[None]:
    """Wait until no other command installs in this environment."""
    try:
        venv.mkdir(parents=True, exist_ok=True)
        held = os.open(venv, os.O_RDONLY)
    except OSError as error:
        sys.exit(_FAILED.format(words=error))
    try:
        with suppress(OSError):  # a file system without locks
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _tell("1/4 Bibliothèques : une autre commande les installe, celle-ci attend…")
                fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _make(venv: Path) -> None:
    _tell("1/4 Bibliothèques : un environnement à part…")
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(_NO_VENV)
    made = _started([sys.executable, "-m", "venv", "--clear", str(venv)])
    words, _ = made.communicate()
    if made.returncode:
        sys.exit(_FAILED.format(words=words))


def _install(venv: Path, lock: Path) -> None:
    wanted = sum("==" in line for line in lock.read_text("utf-8").splitlines())
    seen, last = 0, [""]
    command = [str(venv / "bin" / "python"), *_PIP, "--require-hashes", "--no-deps", "-r", str(lock)]
    with _started(command) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            last = [*last, line][-_LAST_LINES:]
            if line.startswith(("Collecting ", "Requirement already satisfied", "Ignoring ")):
                seen += 1
                _tell(f"1/4 Bibliothèques : {seen} sur {wanted}", passing=True)
            elif line.startswith("Installing collected packages"):
                _tell(f"1/4 Bibliothèques : installation des {wanted}…")
    if pip.returncode:
        sys.exit(_FAILED.format(words="".join(last)))
    _tell(f"1/4 Bibliothèques : les {wanted} sont là.", ends=True)


def _started(command: Sequence[str]) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    return subprocess.Popen(  # noqa: S603 - our own command
        command, env=kept | {"PYTHONUNBUFFERED": "1", "PIP_USER": "0"}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


_said_at = 0.0


def _tell(words: str, *, ends: bool = False, passing: bool = False) -> None:
    """Write a step: in the place of the one before on a terminal; elsewhere one that is passing only after a
    silence.
    """
    global _said_at
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\033[K{words}" + ("\n" if ends else ""))
    elif not passing or time.monotonic() > _said_at + _SILENCE_S:
        sys.stdout.write(f"{words}\n")
        _said_at = time.monotonic()
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
    except KeyboardInterrupt:
        sys.exit(_STOPPED)
    except OSError as error:  # a disk that fills, a pipe that nobody reads any more
        sys.exit(_FAILED.format(words=error))
