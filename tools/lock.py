"""Write the lock files: every library that each list brings, its version and the SHA-256 of its files.

The versions that are installed here are kept: what is locked is what was tried.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile

LISTS = ("requirements", "requirements-dev", "requirements-voice")
_COMPILE = (
    "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes",
    "--no-annotate", "--no-header", "--no-emit-index-url",
)  # fmt: skip


def main() -> None:
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


def _run(*words: str) -> str:
    return subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, *words], stdout=subprocess.PIPE, text=True, check=True
    ).stdout


if __name__ == "__main__":
    main()
