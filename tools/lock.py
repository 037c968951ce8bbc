"""Write the two lock files: every library that the two lists bring, its version and the SHA-256 of its files.

The versions that are installed here are kept: what is locked is what was tried.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile

LISTS = ("requirements", "requirements-dev")
_COMPILE = (
    "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes",
    "--no-annotate", "--no-header", "--no-emit-index-url",
)  # fmt: skip


def main() -> None:
    """Write `requirements.lock` and `requirements-dev.lock` beside their lists."""
    frozen = _run("-m", "pip", "freeze")
    for name in LISTS:
        lock = Path(f"{name}.lock")
        with NamedTemporaryFile("w", suffix=".txt") as tried:
            tried.write(frozen)
            tried.flush()
            _run(*_COMPILE, "--constraint", tried.name, "--output-file", str(lock), f"{name}.txt")
        heading = f"# Made by `make lock` from {name}.txt: what both commands install."
        lock.write_text(f"{heading}\n{lock.read_text()}")


def _run(*words: str) -> str:
    return subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, *words], stdout=subprocess.PIPE, text=True, check=True
    ).stdout


if __name__ == "__main__":
    main()
