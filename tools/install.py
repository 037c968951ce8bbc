"""Make the virtual environment and install the libraries of a lock file, with their progress.

`make run` and `make test` begin here: it needs nothing but Python.
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

OLDEST = (3, 11)
_LAST_LINES = 8
_PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off")
_NO_VENV = "Il manque une partie de Python. Sous Debian et Ubuntu : apt-get install python3-venv, puis recommencez."
_NOT_OURS = (
    "Rien ne peut être écrit dans « {folder} ». Copiez le projet dans un dossier à vous, ou donnez deux "
    "dossiers où écrire : make run VENV=$HOME/acquis-venv DATA=$HOME/acquis."
)
_FAILED = (
    "{words}\nLes bibliothèques n’ont pas pu être installées : voyez ci-dessus. Vérifiez le réseau et la "
    "place du disque, puis recommencez."
)


def main(venv: Path, lock: Path) -> None:
    """Install what a lock file names; end with one French sentence and status 1 where it cannot be done."""
    python = venv / "bin" / "python"
    if not _is_recent(python):
        _make(venv)
    wanted = sum("==" in line for line in lock.read_text("utf-8").splitlines())
    seen, last = 0, [""]
    env = os.environ | {"PYTHONUNBUFFERED": "1"}
    command = [str(python), *_PIP, "--require-hashes", "--no-deps", "-r", str(lock)]
    with _started(command, env) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            last = [*last, line][-_LAST_LINES:]
            if line.startswith(("Collecting ", "Requirement already satisfied", "Ignoring ")):
                seen += 1
                _tell(f"1/4 Bibliothèques : {seen} sur {wanted}")
            elif line.startswith("Installing collected packages"):
                _tell(f"1/4 Bibliothèques : installation des {wanted}…")
    if pip.returncode:
        sys.exit(_FAILED.format(words="".join(last)))
    _tell(f"1/4 Bibliothèques : les {wanted} sont là.", ends=True)


def _is_recent(python: Path) -> bool:
    """Return whether an environment is here that this release of Acquis can use."""
    code = f"import sys, pip; sys.exit(sys.version_info < {OLDEST})"
    try:
        return _started([str(python), "-c", code], os.environ).wait() == 0
    except OSError:
        return False


def _make(venv: Path) -> None:
    _tell("1/4 Bibliothèques : un environnement à part…")
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(_NO_VENV)
    folder = next(folder for folder in (venv.absolute(), *venv.absolute().parents) if folder.exists())
    if not os.access(folder, os.W_OK):
        sys.exit(_NOT_OURS.format(folder=folder))
    again = ["--clear"] if (venv / "pyvenv.cfg").exists() else []
    with _started([sys.executable, "-m", "venv", *again, str(venv)], os.environ) as made:
        assert made.stdout is not None
        words = made.stdout.read()
    if made.returncode:
        sys.exit(_FAILED.format(words=words))


def _started(command: Sequence[str], env: dict[str, str] | os._Environ[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own command
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _tell(words: str, *, ends: bool = False) -> None:
    """Write a step: in the place of the one before on a terminal; elsewhere, those that last and the end."""
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\033[K{words}" + ("\n" if ends else ""))
    elif ends or words.endswith("…"):
        sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
