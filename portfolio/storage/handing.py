"""How a file is handed to a process that has loaded everything, and how the child that will open it is born there.

Both ends speak over a socket: the file, open, with the end of a pipe to answer in, and a bounded line of JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket

from portfolio.storage.confinement import leave_the_others

_MOST = 4096


def can_hold() -> bool:
    """Say whether a descriptor can hold a process here, as on Linux: it is ended without a doubt of who has its number."""
    try:
        held = os.pidfd_open(os.getpid())
        signal.pidfd_send_signal(held, 0)
    except (AttributeError, OSError):
        return False
    os.close(held)
    return True


def hand(line: socket.socket, file: int, answer: int, *arguments: str | int, forks: bool) -> int | None:
    """Hand an open file to the process at the other end, and where to answer: it forks a child for it, or is the child itself.

    Answers the descriptor that holds the child, if it was born; raises OSError when the process is dead.
    """
    socket.send_fds(line, [json.dumps([forks, *arguments]).encode() + b"\n"], [file, answer])
    said, held, _, _ = socket.recv_fds(line, 1, 1)
    if not said:
        raise ConnectionResetError
    return held[0] if held else None


def handed() -> list[str | int]:
    """In that process: wait on standard input for files, and answer what is asked of each, once in the child that is to open it.

    The file is then its standard input, and the pipe its standard output; of the mother it has nothing more. The mother
    touches no file, never returns, and ends with the one who started her: the end of the socket is hers.
    """
    leave_the_others()
    line = socket.socket(fileno=0)
    arguments: list[str | int]
    while True:
        said, files, _, _ = socket.recv_fds(line, _MOST, 2)
        if len(files) != 2:
            os._exit(0)
        forks, *arguments = json.loads(said)
        if not (forks and _bears(line)):
            break
        for one in files:
            os.close(one)
    if not forks:
        line.send(b".")
    os.dup2(files[0], line.detach())  # closes the socket before anything else
    os.dup2(files[1], 1)
    for one in files:
        os.close(one)
    return arguments


def _bears(line: socket.socket) -> bool:
    """Fork a child and hand over what holds it; answer whether this is the mother."""
    # The number of a child that ended is its own until we hold it; from then on nobody needs it, and it is buried at once.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    born = os.fork()
    if not born:
        return False
    held = os.pidfd_open(born)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    socket.send_fds(line, [b"."], [held])
    os.close(held)
    return True
