"""nginx in front: it takes whole requests before it passes them on, so that a slow line occupies nobody."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from config import MEBIBYTE
from portfolio.run.supervisor import Command
from portfolio.web.request_limits import FORM_MAX_BYTES

CONF = Path(__file__).with_name("nginx.conf")


def nginx(folder: Path, port: int, behind: Sequence[int], limit: int, annex: int) -> Command | None:
    """Answer nginx on this port before those, its files in this folder, or None when it is not installed.

    The limits, in bytes, are those of a file and of what a third party joins.
    """
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        return None
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    servers = "\n".join(f"        server 127.0.0.1:{one} max_fails=1 fail_timeout=5s;" for one in behind)
    conf = CONF.read_text(encoding="utf-8")
    limits = {"LIMIT": _more_than(limit + FORM_MAX_BYTES), "ANNEX": _more_than(annex + FORM_MAX_BYTES)}
    for name, value in ({"FOLDER": folder, "PORT": port, "SERVERS": servers} | limits).items():
        conf = conf.replace(f"@{name}@", str(value))
    path = folder / "nginx.conf"
    path.write_text(conf, encoding="utf-8")
    return Command("nginx", [program, "-e", "stderr", "-p", str(folder), "-c", str(path)])


def _more_than(limit: int) -> str:
    """The application says its limits itself: what is in front only stops what is far beyond."""
    return f"{limit // MEBIBYTE + 2}m"
