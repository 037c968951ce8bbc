"""Pass an open file to a waiting child process, over a Unix socket (SCM_RIGHTS).

The parent sends the file, the write end of a pipe for the output, and one bounded line of JSON.
"""

import json
import os
import signal
import socket
from collections.abc import Callable

from portfolio.files.sandbox.policy import ChildKind, prepare_filter
from portfolio.files.sandbox.walls import unshare_namespaces

_MAX_MESSAGE_BYTES = 4096
_TAKEN = b"."


def has_pidfd() -> bool:
    """Return whether the system has process descriptors (pidfd, Linux), which name a process without a race."""
    try:
        held = os.pidfd_open(os.getpid())
        signal.pidfd_send_signal(held, 0)
    except (AttributeError, OSError):
        return False
    os.close(held)
    return True


def send_file(channel: socket.socket, file: int, answer: int, *arguments: str | int) -> int | None:
    """Send an open file and the output pipe to the process at the other end.

    Return the descriptor of the child process, where pidfd exists. Raise OSError when the other end is closed.
    """
    socket.send_fds(channel, [json.dumps(arguments).encode() + b"\n"], [file, answer])
    data, held, _, _ = socket.recv_fds(channel, 1, 1)
    if not data:
        raise ConnectionResetError
    return held[0] if held else None


def receive_file(*, forks: bool, rehearse: Callable[[], object] = lambda: None) -> list[str | int]:
    """In the fork server: wait on standard input for files, and run the callback once in the child that receives one.

    The file becomes the standard input of the child, and the pipe its standard output; the child has no network and no
    memory of other files. Each child runs `rehearse` while it waits, so that it has its own copy of the memory pages.
    The fork server touches no file, never returns, and stops with the process that started it, when the socket closes.
    """
    unshare_namespaces()
    prepare_filter(ChildKind.DECODER)
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
    for descriptor in (*files, *held):
        os.close(descriptor)
    arguments: list[str | int] = json.loads(asked)
    return arguments


def _fork_server_child() -> int:
    """Fork a child, and another one each time a child has received a file; return, in each child, the pipe
    for its message.
    """
    signal.signal(
        signal.SIGCHLD, signal.SIG_IGN
    )  # held by a descriptor of its own, a child is buried at once when it ends
    while True:
        read, write = os.pipe()
        if not os.fork():
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(read)
            return write
        os.close(write)
        if (
            os.read(read, 1) != _TAKEN
        ):  # nobody hands files any more, or the child died: a file handed now would wait in vain
            os._exit(0)
        os.close(read)
