"""How a file is handed to a child of a process that has loaded everything: born before there is one, it waits for it.

Both ends speak over a socket: the file, open, with the end of a pipe to answer in, and a bounded line of JSON.
"""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Callable

from portfolio.files.sandbox.limits import unshare_namespaces

_MAX_MESSAGE_BYTES = 4096
_TAKEN = b"."


def has_pidfd() -> bool:
    """Say whether a descriptor can hold a process here, as on Linux: it is ended without a doubt of who has its number."""
    try:
        held = os.pidfd_open(os.getpid())
        signal.pidfd_send_signal(held, 0)
    except (AttributeError, OSError):
        return False
    os.close(held)
    return True


def send_file(channel: socket.socket, file: int, answer: int, *arguments: str | int) -> int | None:
    """Hand an open file to whoever waits at the other end, and where to answer.

    Answers the descriptor that holds the child, where one can be held; raises OSError when nobody waits any more.
    """
    socket.send_fds(channel, [json.dumps(arguments).encode() + b"\n"], [file, answer])
    data, held, _, _ = socket.recv_fds(channel, 1, 1)
    if not data:
        raise ConnectionResetError
    return held[0] if held else None


def receive_file(*, forks: bool, rehearse: Callable[[], object] = lambda: None) -> list[str | int]:
    """In that process: wait on standard input for files, and answer what is asked of each, once in the child that is to open it.

    The file is then its standard input, and the pipe its standard output; it is alone on its network, and of the fork server it
    has nothing more. `rehearse` is done by each child while it waits, so that the memory it will touch is its own already.
    The fork server touches no file, never returns, and stops with the process that started it, when the socket closes.
    """
    unshare_namespaces()
    channel, answer = socket.socket(fileno=0), -1
    if forks:
        answer = _fork_server_child()
        unshare_namespaces()
        rehearse()
    asked, files, _, _ = socket.recv_fds(channel, _MAX_MESSAGE_BYTES, 2)
    if len(files) != 2:
        os._exit(0)
    held = [os.pidfd_open(os.getpid())] if forks else []
    socket.send_fds(channel, [_TAKEN], held)
    os.dup2(files[0], channel.detach())  # closes the socket before anything else
    os.dup2(files[1], 1)
    if forks:
        os.write(answer, _TAKEN)
        os.close(answer)
    for one in (*files, *held):
        os.close(one)
    arguments: list[str | int] = json.loads(asked)
    return arguments


def _fork_server_child() -> int:
    """Bear a child, and another one each time a child has taken a file; answer, in each, the pipe to say so in."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # held by a descriptor of its own, a child is buried at once when it ends
    while True:
        read, write = os.pipe()
        if not os.fork():
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(read)
            return write
        os.close(write)
        if os.read(read, 1) != _TAKEN:  # nobody hands files any more, or the child died: a file handed now would wait in vain
            os._exit(0)
        os.close(read)
