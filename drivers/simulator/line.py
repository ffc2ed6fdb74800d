"""A line or gateway that serves simulated devices over real sockets, and its faults."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterable
from typing import Literal, cast

from drivers.simulator.answering import DEVICE_FAILURE, WRITES, answer, exception
from drivers.simulator.framing import Framing, Request, RtuFraming, TcpFraming
from drivers.simulator.simulated_device import SimulatedDevice

_BROADCAST = 0


class SimulatedLine:
    """One listening socket with the devices behind it. With ``port`` 0 the system chooses; ``start`` sets the real one.

    An unknown unit is answered with exception 4 on Modbus TCP (as gateways do) and by silence on RTU (as a wire does),
    unless ``unknown_unit`` says otherwise.
    """

    def __init__(
        self,
        host: str,
        port: int,
        framing: Literal["tcp", "rtu-tcp"],
        devices: Iterable[SimulatedDevice],
        *,
        unknown_unit: Literal["exception", "silence"] | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.framing: Literal["tcp", "rtu-tcp"] = framing
        self.devices = {device.unit_id: device for device in devices}
        self.unknown_unit = unknown_unit or ("exception" if framing == "tcp" else "silence")
        self.connection_count = 0
        self._wire: Framing = TcpFraming() if framing == "tcp" else RtuFraming()
        self._silent = False
        self._connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None
        self._plugging: asyncio.Task[None] | None = None
        self._listening: socket.socket | None = None

    async def start(self) -> None:
        """Listen. Raises ``OSError`` when the port is taken or forbidden."""
        await self._listen(_listening_socket(self.host, self.port))

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        self.unplug()
        if self._plugging is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._plugging

    def unplug(self) -> None:
        """The gateway vanishes: connections are cut, new ones are refused."""
        if self._plugging is not None and not self._plugging.done():
            self._plugging.cancel()
            # A task that is cancelled before its first step never gets to close it.
            if self._listening is not None:
                self._listening.close()
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in list(self._connections):
            connection.cut()

    def plug(self) -> None:
        """The gateway is back on the same port; call inside the running loop."""
        if self._server is None:
            self._listening = _listening_socket(self.host, self.port)
            self._plugging = asyncio.get_running_loop().create_task(self._listen(self._listening))

    def silence(self) -> None:
        """The gateway still takes connections, but the wire behind it is cut: nothing answers."""
        self._silent = True

    def speak(self) -> None:
        """The wire behind the gateway is mended."""
        self._silent = False

    async def _listen(self, listening: socket.socket) -> None:
        self.port = listening.getsockname()[1]
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(lambda: _Connection(self), sock=listening)
        except BaseException:
            listening.close()
            raise
        self._listening = None

    def joined(self, connection: _Connection) -> None:
        self.connection_count += 1
        self._connections.add(connection)

    def left(self, connection: _Connection) -> None:
        self._connections.discard(connection)

    def requests(self, buffer: bytearray) -> list[Request]:
        return self._wire.requests(buffer)

    def reply(self, request: Request) -> tuple[bytes, float]:
        """The bytes that answer the request (none for silence) and the seconds to hold them back."""
        if self._silent:
            return b"", 0.0
        if request.unit_id == _BROADCAST and self._takes_broadcasts():
            self._broadcast(request)
            return b"", 0.0
        device = self.devices.get(request.unit_id)
        if device is None:
            if self.unknown_unit == "silence":
                return b"", 0.0
            return self._wire.reply(request, exception(request.pdu[0], DEVICE_FAILURE)), 0.0
        if device.is_silent:
            return b"", 0.0
        return self._wire.reply(request, answer(device, request.pdu)), device.answer_delay_s

    def _takes_broadcasts(self) -> bool:
        """On a wire unit 0 is nobody's answer; behind a gateway it is a broadcast where somebody takes it."""
        return self.framing == "rtu-tcp" or any(d.profile.limits.broadcast for d in self.devices.values())

    def _broadcast(self, request: Request) -> None:
        """Modbus over Serial Line V1.02, 2.1: to all, writes only, and nobody answers."""
        if request.pdu[0] not in WRITES:
            return
        for device in self.devices.values():
            if device.profile.limits.broadcast and not device.is_silent:
                answer(device, request.pdu)


class _Connection(asyncio.Protocol):
    """One client. Requests are answered in the order they came."""

    def __init__(self, line: SimulatedLine) -> None:
        self._line = line
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not checked with isinstance: uvloop's transports are none of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)
        raw = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._line.joined(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._line.left(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        for request in self._line.requests(self._buffer):
            reply, delay_s = self._line.reply(request)
            if not reply:
                continue
            if delay_s > 0.0:
                asyncio.get_running_loop().call_later(delay_s, self._send, reply)
            else:
                self._send(reply)

    def cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _send(self, reply: bytes) -> None:
        if self._transport is not None:
            self._transport.write(reply)


def _listening_socket(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
        listening.setblocking(False)
    except BaseException:
        listening.close()
        raise
    return listening
