"""Two ends of a serial line without hardware: what goes into one comes out of the other, pumped by a thread."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import tty
from types import TracebackType


class Crossed:
    """Pumps bytes both ways between two descriptors until it is closed; it owns both."""

    def __init__(self, one: int, other: int, *kept: int) -> None:
        self._ends = {one: other, other: one}
        self._kept = kept
        self._wake, self._woken = os.pipe()
        self._thread = threading.Thread(target=self._pump, daemon=True)
        self._thread.start()

    def _pump(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                ready, _, _ = select.select([*self._ends, self._wake], [], [])
                if self._wake in ready:
                    return
                for end in ready:
                    data = os.read(end, 4096)
                    if not data:
                        return
                    os.write(self._ends[end], data)

    def __enter__(self) -> Crossed:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.write(self._woken, b"x")
        self._thread.join(5)
        for descriptor in (*self._ends, *self._kept, self._wake, self._woken):
            os.close(descriptor)


def _terminal() -> tuple[int, int, str]:
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    return ours, theirs, os.ttyname(theirs)


def null_modem() -> tuple[Crossed, str, str]:
    """The pump and the devices of the two ends."""
    ours, kept, one = _terminal()
    others, kept_too, other = _terminal()
    return Crossed(ours, others, kept, kept_too), one, other


def serial_to(port: int) -> tuple[Crossed, str]:
    """The pump and the device of a serial line whose other end is a TCP server of this machine."""
    ours, kept, device = _terminal()
    connection = socket.create_connection(("127.0.0.1", port))
    return Crossed(ours, connection.detach(), kept), device
