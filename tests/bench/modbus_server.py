"""The simulated side of the benchmarks: ``server.c`` in a process of its own, or the little Python server without gcc.

It does as little as can be, so that the client under test has its core to itself. ``load.c`` measures in the same run
how many requests it could serve, so that a figure measured against it is known not to be its own limit.
"""

from __future__ import annotations

import asyncio
import os
import struct
import subprocess
import sys
from contextlib import ExitStack
from types import TracebackType
from typing import cast

import psutil
import uvloop

from tests.bench.c_programs import compiled

WINDOW = bytes(range(256)) * 2


class FastServer:
    """The server as a child process; ``ports`` is where it listens, ``kind`` says which one it is.

    Every answer leaves ``latency_ms`` after its request came; unit ``silent_unit`` (0: none) never answers; one that
    ``spins`` never sleeps, so that no client pays for waking it up. All that needs the C server, and so do several
    ports and writing: ``can`` is False where there is only the Python one.
    """

    def __init__(
        self,
        *,
        ports: int = 1,
        latency_ms: float = 0.0,
        silent_unit: int = 0,
        spins: bool = False,
        cores: set[int] | None = None,
    ) -> None:
        self._asked = (ports, latency_ms, silent_unit, int(spins))
        self._cores = cores
        self._stack = ExitStack()
        self.ports: list[int] = []
        self.kind = ""

    def __enter__(self) -> FastServer:
        program = self._stack.enter_context(compiled("server"))
        self.can = program is not None
        self.kind = "C, epoll" if self.can else "Python, uvloop"
        words = [str(each) for each in self._asked]
        command = [sys.executable, "-m", "tests.bench.modbus_server"] if program is None else [str(program), *words]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._cores:
            os.sched_setaffinity(self._child.pid, self._cores)
        assert self._child.stdout is not None
        while line := self._child.stdout.readline().strip():
            self.ports.append(int(line))
        return self

    @property
    def port(self) -> int:
        return self.ports[0]

    def cpu_s(self) -> float:
        """Processor seconds that it has used so far."""
        times = psutil.Process(self._child.pid).cpu_times()
        return float(times.user + times.system)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.close()
        self._child.wait(timeout=10)
        self._child.stdout.close()
        self._stack.close()


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
    print(f"{server.sockets[0].getsockname()[1]}\n", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # ends when the parent closes the pipe


if __name__ == "__main__":
    uvloop.run(_serve())
