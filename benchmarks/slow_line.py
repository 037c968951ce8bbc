"""A slow line on this machine: a TCP proxy that stands for a shaped network interface, which not every kernel offers.

It is no network: it forwards segments at a given rate in each direction, shared by all the connections. A lost segment
is sent again, which takes its time once more on the line, and what follows it on the same connection waits for a round
trip. A cut resets every connection, and nobody gets through for a while.
"""

import asyncio
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

SEGMENT = 1460
# What a connection may hold of unsent bytes in this process: more would hide the slowness from who sends.
_BUFFER = 32 * 1024
# By how many seconds a line that a busy machine wakes up late may catch up, as a network card does from its
# queue.
_BURST = 0.1


@dataclass(frozen=True)
class Shape:
    """Bits a second in each direction, the share of segments that are lost, the seconds of a round trip and
    of a cut.
    """

    bits_per_second: int = 2_000_000
    loss: float = 0.02
    round_trip: float = 0.05
    cut_seconds: float = 2.0
    segment: int = SEGMENT


@dataclass
class SlowLine:
    """The line while it runs: what it has carried, and how to cut it."""

    shape: Shape
    target: int
    port: int = 0
    sent: int = 0
    lost: int = 0
    cuts: int = 0
    cut_at: list[int] = field(default_factory=list)
    _chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - the same losses each time
    _free_at: dict[str, float] = field(default_factory=dict)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _away_until: float = 0.0
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _ended: asyncio.Event = field(init=False)

    def forget(self) -> None:
        """Count from here what is carried."""
        self.sent = self.lost = 0

    async def serve(self, ready: threading.Event) -> None:
        """Forward until `end` is called from another thread."""
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        listening.bind(("127.0.0.1", 0))
        server = await asyncio.start_server(self._connected, sock=listening, limit=_BUFFER)
        self.port = listening.getsockname()[1]
        ready.set()
        await self._ended.wait()
        server.close()
        self._reset()
        while self._open:
            await asyncio.sleep(0.01)

    def end(self) -> None:
        """Stop forwarding."""
        self._loop.call_soon_threadsafe(self._ended.set)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Whatever ends this connection, the end of the line among others, both its sides are closed.
        self._open.add(writer)
        try:
            if asyncio.get_running_loop().time() < self._away_until:
                return
            there, back = await asyncio.open_connection("127.0.0.1", self.target, limit=_BUFFER)
            self._open.add(back)
            try:
                await asyncio.gather(self._carry(reader, back, "up"), self._carry(there, writer, "down"))
            finally:
                self._close(back)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._close(writer)

    def _close(self, writer: asyncio.StreamWriter) -> None:
        self._open.discard(writer)
        writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str) -> None:
        while segment := await reader.read(self.shape.segment):
            await self._pass(len(segment), way)
            if self._chance.random() < self.shape.loss:
                self.lost += 1
                await asyncio.sleep(self.shape.round_trip)
                await self._pass(len(segment), way)
            writer.write(segment)
            await writer.drain()
            if way == "up":
                self.sent += len(segment)
                if self.cut_at and self.sent >= self.cut_at[0]:
                    self.cut_at.pop(0)
                    self._cut()
        with suppress(OSError):
            writer.write_eof()

    async def _pass(self, size: int, way: str) -> None:
        """Wait until the line has carried so many bytes after what it already carries in this direction."""
        now = asyncio.get_running_loop().time()
        self._free_at[way] = max(now - _BURST, self._free_at.get(way, 0.0)) + 8 * size / self.shape.bits_per_second
        if self._free_at[way] > now:
            await asyncio.sleep(self._free_at[way] - now)

    def _cut(self) -> None:
        self.cuts += 1
        self._away_until = asyncio.get_running_loop().time() + self.shape.cut_seconds
        self._reset()

    def _reset(self) -> None:
        for writer in tuple(self._open):
            writer.transport.abort()


@contextmanager
def slow_line(target: int, shape: Shape) -> Iterator[SlowLine]:
    """Run a line to this port of the machine in a thread of its own."""
    line, ready = SlowLine(shape, target), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(line.serve(ready)), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield line
    finally:
        line.end()
        thread.join(timeout=10)
