"""nginx in front: it takes whole requests before it passes them on, so that a slow line occupies nobody."""

import grp
import os
import pwd
import resource
import shutil
from collections.abc import Sequence
from pathlib import Path

from config import MEBIBYTE
from portfolio.run.supervisor import Command
from portfolio.web.request_limits import FORM_MAX_BYTES
from tools.nginx_errors import FILE as ERRORS

CONF = Path(__file__).with_name("nginx.conf")
# How many files nginx may open, where the machine lets it: a thousand slow connections leave room for others.
_FILES = 32_768


def find_nginx() -> str | None:
    """Return the program, also where the path of an ordinary account does not lead."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def nginx(folder: Path, port: int, behind: Sequence[int], limit: int, annex: int) -> Command | None:
    """Answer nginx on this port before those, its files in this folder, or None when it is not installed.

    The limits, in bytes, are those of a file and of what a third party joins.
    """
    program = find_nginx()
    if program is None:
        return None
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    servers = "\n".join(f"        server 127.0.0.1:{one} max_fails=1 fail_timeout=5s;" for one in behind)
    conf = CONF.read_text(encoding="utf-8")
    limits = {"LIMIT": _more_than(limit + FORM_MAX_BYTES), "ANNEX": _more_than(annex + FORM_MAX_BYTES)}
    files = _open_files()
    words = limits | {
        "FOLDER": _quoted(folder), "ERRORS": _quoted(ERRORS), "PORT": port, "SERVERS": servers,
        "USER": _user(), "FILES": files, "CONNECTIONS": files // 2,
    }  # fmt: skip
    for name, value in words.items():
        conf = conf.replace(f"@{name}@", str(value))
    path = folder / "nginx.conf"
    path.write_text(conf, encoding="utf-8")
    return Command("nginx", [program, "-e", "stderr", "-p", str(folder), "-c", str(path)])


def _user() -> str:
    """Started by root, nginx would work as `nobody`, who may open nothing of a folder that is closed."""
    if os.geteuid() != 0:
        return ""
    return f"user {pwd.getpwuid(0).pw_name} {grp.getgrgid(os.getegid()).gr_name};"


def _open_files() -> int:
    """Return how many files nginx may open: no more than what this process may give it."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)


def _quoted(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace('"', '\\"')


def _more_than(limit: int) -> str:
    """The application says its limits itself: what is in front only stops what is far beyond."""
    return f"{limit // MEBIBYTE + 2}m"
