"""A Modbus TCP server that does as little as can be, for benchmarks: every register read answers a made-up window.

It runs in a process of its own, so that the client under test has its core to itself; ``capacity`` shows how many
requests it could serve, so that a figure measured against it is known not to be its own limit.
"""

from __future__ import annotations

import asyncio
import struct
import subprocess
import sys
from types import TracebackType
from typing import cast

import uvloop

WINDOW = bytes(range(256)) * 2


class _Window(asyncio.Protocol):
    """Answers FC 1–4 from ``WINDOW``, whatever the address; nothing else is asked of it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by class
        self._pending = b""

    def data_received(self, data: bytes) -> None:
        pending = self._pending + data
        answers = []
        while len(pending) >= 12:
            transaction, _, _, unit, function, address, count = struct.unpack_from(">HHHBBHH", pending)
            size = count * 2 if function >= 3 else (count + 7) // 8
            offset = (address * 2) % 256
            answers.append(
                struct.pack(">HHHBBB", transaction, 0, 3 + size, unit, function, size) + WINDOW[offset : offset + size]
            )
            pending = pending[12:]
        self._pending = pending
        self._transport.write(b"".join(answers))


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Window, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # ends when the parent closes the pipe


class WindowServer:
    """The server as a child process; ``port`` is where it listens."""

    def __enter__(self) -> WindowServer:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.modbus_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._child.stdout is not None
        self.port = int(self._child.stdout.readline())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.close()
        self._child.wait(timeout=10)
        self._child.stdout.close()


if __name__ == "__main__":
    uvloop.run(_serve())
