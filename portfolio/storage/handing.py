"""How a child that waits is handed its one file: open, over a socket, with what is asked of it in a bounded line of JSON."""

from __future__ import annotations

import json
import os
import socket

_MOST = 4096


def hand(line: socket.socket, file: int, *arguments: str | int) -> None:
    """Hand an open file to the child at the other end; raises OSError when it is dead."""
    socket.send_fds(line, [json.dumps(arguments).encode() + b"\n"], [file])


def handed() -> list[str | int]:
    """In the child: wait on standard input, put the file that comes in its place, and answer what is asked.

    Nothing of the one who started us stays open, and we end with it: the end of the socket is ours.
    """
    line = socket.socket(fileno=0)
    said, files, _, _ = socket.recv_fds(line, _MOST, 1)
    if not files:
        os._exit(0)
    os.dup2(files[0], line.detach())
    os.close(files[0])
    arguments: list[str | int] = json.loads(said)
    return arguments
