"""The process that becomes a program of another project, or runs a module of ours: it gives up everything
else first.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import resource
import signal
import sys
from pathlib import Path

from portfolio.files.sandbox.landlock import restrict_files
from portfolio.files.sandbox.limits import unshare_namespaces
from portfolio.files.sandbox.seccomp import filter_network_calls

_DIE_WITH_PARENT = 1
_NEW_PROCESSES, _NEW_MOUNTS, _BIND = 0x20000000, 0x00020000, 4096
_OWN_FOLDERS = ("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")
_TEMPORARY = Path("/tmp")  # noqa: S108 - a private folder is shown in its place  # nosec B108
# In a command: the folder of the run, wherever the program sees it.
FOLDER = "{folder}"
# Libraries, fonts and their settings; nothing of ours, and nothing that names a person or holds a key.
_SYSTEM = (
    "/usr", "/lib", "/lib64", "/bin", "/opt", "/etc/fonts", "/etc/ld.so.cache", "/etc/libreoffice",
    "/etc/localtime", "/etc/alternatives", "/var/cache/fontconfig", "/var/lib/libreoffice",
    "/var/spool/libreoffice",
    "/dev/urandom", "/dev/random",
)  # fmt: skip


def main() -> None:
    """Leave the network and the other processes, restrict the files, then run the command or the module
    given as JSON.
    """
    settings = json.loads(sys.argv[3])
    _die_with_parent()
    unshare_namespaces()
    folder = _private_folder()
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
    restrict_files(
        read=[Path(path) for path in (*_SYSTEM, *settings["read"])],
        write=[Path(folder), Path("/dev/null")],
        sockets=[_TEMPORARY],
    )
    filter_network_calls()
    os.environ |= dict.fromkeys(_OWN_FOLDERS, folder)
    if "main" in settings:
        sys.argv = [*sys.argv[:2], settings["main"], *settings["arguments"]]
        importlib.import_module(settings["main"]).main()
        return
    command = [argument.replace(FOLDER, folder) for argument in settings["command"]]
    os.execv(command[0], command)  # noqa: S606 - our own command


def _private_folder() -> str:
    """Show the folder of this run in the place of /tmp, where programs leave files, and return where it is;
    itself if refused.
    """
    folder, libc = os.getcwd(), ctypes.CDLL(None)
    with contextlib.suppress(AttributeError, OSError):
        libc.unshare(_NEW_PROCESSES)
        if (
            libc.unshare(_NEW_MOUNTS) == 0
            and libc.mount(folder.encode(), str(_TEMPORARY).encode(), None, _BIND, None) == 0
        ):
            os.chdir(_TEMPORARY)
            return str(_TEMPORARY)
    return folder


def _die_with_parent() -> None:
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
