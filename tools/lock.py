"""Write the lock files: every library that each list brings, its version and the SHA-256 of its files.

The versions that are installed here are kept: what is locked is what was tried. The day on which each was released is
kept beside, so that `docs/licences.md` is written without network.
"""

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

from packaging.requirements import Requirement

LISTS = ("requirements", "requirements-dev", "requirements-voice")
_COMPILE = (
    "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes",
    "--no-annotate", "--no-header", "--no-emit-index-url",
)  # fmt: skip
RELEASES = Path("tools/releases.toml")


def main() -> None:
    """Write the lock of each list beside it, and the days of the releases."""
    write_locks()
    write_releases()


def write_locks() -> None:
    """Write the lock of each list beside it."""
    frozen = _run("-m", "pip", "freeze")
    for name in LISTS:
        lock = Path(f"{name}.lock")
        with NamedTemporaryFile("w", suffix=".txt") as tried:
            tried.write(frozen)
            tried.flush()
            _run(*_COMPILE, "--constraint", tried.name, "--output-file", str(lock), f"{name}.txt")
        heading = f"# Made by `make lock` from {name}.txt: what is installed."
        lock.write_text(f"{heading}\n{lock.read_text()}")


def pins(lock: Path) -> list[Requirement]:
    """Return what a lock file pins, with the machines that each is for."""
    entries = lock.read_text("utf-8").replace("\\\n", " ").splitlines()
    return [Requirement(entry.split(" --hash")[0]) for entry in entries if entry and not entry.startswith("#")]


def version_of(pin: Requirement) -> str:
    """Return the version that a pin wants."""
    return str(pin.specifier).removeprefix("==")


def write_releases() -> None:
    """Write on which day each version of the lock files was released."""
    days = {key: day for name in LISTS for key, day in _releases(name)}
    lines = [f'"{key}" = {day}' for key, day in sorted(days.items())]
    heading = f"# Made by `make lock`: the day of the release of each version that is locked.\nread_on = {date.today()}"
    RELEASES.write_text("\n".join([heading, "", "[released]", *lines, ""]), "utf-8")


def _releases(name: str) -> Iterator[tuple[str, date]]:
    """Yield each version of a lock, and the day on which the first of its files was sent."""
    with TemporaryDirectory() as folder:
        locked, dated = Path(folder, "locked.txt"), Path(folder, "pylock.toml")
        locked.write_text("".join(f"{pin}\n" for pin in pins(Path(f"{name}.lock"))), "utf-8")
        held = ("--constraint", str(locked), "--output-file", str(dated))
        _run(*_COMPILE, "--format", "pylock.toml", *held, f"{name}.txt")
        for package in tomllib.loads(dated.read_text("utf-8"))["packages"]:
            files = [*package.get("wheels", ()), *filter(None, [package.get("sdist")])]
            yield f"{package['name']}=={package['version']}", min(file["upload-time"] for file in files).date()


def _run(*words: str) -> str:
    return subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, *words], stdout=subprocess.PIPE, text=True, check=True
    ).stdout


if __name__ == "__main__":
    main()
