"""The process that becomes a program of another project, or runs a module of ours: it gives up everything
else first.
"""

import contextlib
import ctypes
import importlib
import json
import os
import resource
import signal
import sys
from pathlib import Path

from portfolio.files.sandbox.policy import ChildKind
from portfolio.files.sandbox.walls import confine_in_folder, enter_own_root

_DIE_WITH_PARENT = 1
_OWN_FOLDERS = ("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")
# Libraries of the system, the time, and chance: what any program needs.
_SYSTEM = (
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/etc/localtime",
    "/usr/share/zoneinfo", "/dev/urandom", "/dev/random",
)  # fmt: skip


def main() -> None:
    """Leave the network, the other processes and the paths of this machine, then run the command or the
    module given as JSON.
    """
    settings = json.loads(sys.argv[3])
    folder, read = Path.cwd(), [Path(path) for path in (*_SYSTEM, *settings["read"])]
    _die_with_parent()
    has_own_root = enter_own_root(folder, read)
    # The first process of a space of processes: when it ends, all the others of that space end.
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    _die_with_parent()
    os.nice(5)
    for what, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, settings["cpu"]),
        (resource.RLIMIT_AS, settings["memory"]),
        (resource.RLIMIT_FSIZE, settings["file"]),
    ):
        resource.setrlimit(what, (value, value))
    os.environ |= dict.fromkeys(_OWN_FOLDERS, str(folder))
    kind = ChildKind.MODULE if "main" in settings else ChildKind.PROGRAM
    confine_in_folder(kind, folder, read, has_own_root=has_own_root)
    if kind is ChildKind.MODULE:
        sys.argv = [*sys.argv[:2], settings["main"], *settings["arguments"]]
        importlib.import_module(settings["main"]).main()
        return
    # Without /proc, a program finds the libraries beside it by this.
    os.environ["LD_ORIGIN_PATH"] = os.path.dirname(settings["command"][0])
    os.execv(settings["command"][0], settings["command"])  # noqa: S606 - our own command


def _die_with_parent() -> None:
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
