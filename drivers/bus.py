"""One line or gateway: the Modbus client, a fair queue, pacing, reconnecting, and one error family.

The only file outside the simulator that imports pymodbus. What pymodbus does not do is done here: replies are checked
against the question, one request at a time leaves in a fair order, a device that is silent is left alone for a while,
and a connection on which a late answer could be taken for the next one is not used again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import struct
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal
from urllib.parse import urlsplit

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusException, ModbusIOException
from pymodbus.framer import FramerRTU, FramerSocket, FramerType
from pymodbus.pdu import DecodePDU, ModbusPDU
from pymodbus.pdu.register_message import ReadHoldingRegistersResponse, ReadInputRegistersResponse

from drivers.backoff import Backoff
from drivers.bus_counters import BusCounters
from drivers.errors import DriverError, Implausible, Rejected, Unreachable
from drivers.fair_queue import Priority
from drivers.line_cost import NETWORK_COST
from drivers.profile import Limits
from drivers.turnstile import Turnstile

__all__ = ["Bus", "BusCounters", "Priority"]

# pymodbus logs the bytes of every failure; failures are counted and raised here instead.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)

BitTable = Literal["coil", "discrete"]
RegisterTable = Literal["holding", "input"]
Allowed = Callable[[], bool]

_LIMITS = Limits()
_READ_FUNCTIONS = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}
_LOST = "the connection was lost"
_SILENT_CODES = (0x04, 0x0A, 0x0B)
"""Exceptions by which a gateway (or a server, 0x04) says that the unit behind it does not answer."""
_BUSY_CODES = (0x05, 0x06)
"""Acknowledge and busy: the device lives, and has not done it yet."""
_NO_UNIT = 0
_ALLOWED_UNITS = range(1, 256)
"""0 is the broadcast, which nobody answers and which no lockout could stop at one circuit."""


class _GarbledReply(Exception):
    """Bytes came that are no answer to anything."""


class _Decoder(DecodePDU):
    """pymodbus' decoder, with a short way for register reads, the bulk of all traffic.

    pymodbus unpacks register by register, and puts each reply into words for a log that is off; half of its time.
    """

    def decode(self, frame: bytes) -> ModbusPDU | None:
        reply_class = _REGISTER_REPLIES.get(frame[0])
        if reply_class is None:
            return super().decode(frame)
        byte_count = len(frame) - 2
        if byte_count < 2 or byte_count % 2 or frame[1] != byte_count:
            return None
        reply: ModbusPDU = reply_class()
        reply.registers = struct.unpack_from(f">{byte_count // 2}H", frame, 2)
        return reply


_REGISTER_REPLIES: dict[int, type[ModbusPDU]] = {3: ReadHoldingRegistersResponse, 4: ReadInputRegistersResponse}


class _StrictSocketFramer(FramerSocket):
    """TCP framing that reports an undecodable reply instead of raising into the event loop."""

    garbled: Callable[[], None]

    def handleFrame(self, data: bytes, exp_devid: int, exp_tid: int) -> tuple[int, ModbusPDU | None]:  # noqa: N802
        try:
            return super().handleFrame(data, exp_devid, exp_tid)
        except (ModbusException, LookupError, ValueError, struct.error):
            self.garbled()
            return len(data), None


class _StrictRtuFramer(FramerRTU):
    """RTU framing that reports an undecodable reply instead of raising into the event loop."""

    garbled: Callable[[], None]

    def handleFrame(self, data: bytes, exp_devid: int, exp_tid: int) -> tuple[int, ModbusPDU | None]:  # noqa: N802
        try:
            return super().handleFrame(data, exp_devid, exp_tid)
        except (ModbusException, LookupError, ValueError, struct.error):
            self.garbled()
            return len(data), None


class Bus:
    """A line, or a gateway with lines behind it. One request is under way at a time.

    ``url`` is ``tcp://host:port`` (Modbus TCP) or ``rtu-tcp://host:port`` (RTU frames over TCP). ``timeout_s`` is real
    time, for connecting and for an answer. Every failure is an error of ``drivers.errors``; nothing is repeated here.
    Raises ValueError for a url that is neither.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        timeout_s: float = 1.0,
        backoff_first_s: float = 1.0,
        backoff_longest_s: float = 30.0,
        reconnect_longest_s: float = 5.0,
        rng: random.Random | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("tcp", "rtu-tcp") or not parts.hostname:
            raise ValueError(f"{url!r} is neither tcp://host:port nor rtu-tcp://host:port")
        self.name = name
        self.url = url
        self.timeout_s = timeout_s
        self.line_cost = NETWORK_COST
        self.counters = BusCounters()
        self._host = parts.hostname
        self._port = parts.port or 502
        self._is_rtu = parts.scheme == "rtu-tcp"
        self._rng = rng or random.Random(name)
        self._backoff_s = (backoff_first_s, backoff_longest_s)
        self._silent_units: dict[int, Backoff] = {}
        self._link = Backoff(min(0.2, reconnect_longest_s), reconnect_longest_s, self._rng)
        self._client: AsyncModbusTcpClient | None = None
        self._has_connected = False
        self._echoes_ids: bool | None = None
        self._is_closed = False
        self._turnstile = Turnstile()
        self._is_waiting_for_answer = False
        self._answered_units: set[int] = set()

    @property
    def is_connected(self) -> bool:
        """Whether the connection stands. It is made, and made again, when a request needs it."""
        return self._client is not None and self._client.connected

    def is_backing_off(self, unit_id: int) -> bool:
        """Whether that unit was silent and is left alone for the moment."""
        backoff = self._silent_units.get(unit_id)
        return backoff is not None and not backoff.is_over(asyncio.get_running_loop().time())

    async def start(self) -> None:
        """Connect once. A line that is not there yet is no error: each later request tries again, with a back-off."""
        self._is_closed = False
        await self._turnstile.enter(_NO_UNIT, Priority.PERSON)
        try:
            await self._connected_client()
        except Unreachable:
            return
        finally:
            self._turnstile.leave(_NO_UNIT)

    async def close(self) -> None:
        """Close the connection; whoever waits gets Unreachable."""
        self._is_closed = True
        self._turnstile.turn_away(lambda: Unreachable("the line was closed", bus=self.name))
        self._end_request(ConnectionException(_LOST))
        self._drop()
        await asyncio.sleep(0)  # the transport closes its socket in the loop's next round

    async def read_bits(
        self,
        unit_id: int,
        table: BitTable,
        address: int,
        count: int,
        *,
        priority: Priority = Priority.POLL,
        limits: Limits = _LIMITS,
    ) -> Sequence[bool]:
        """``count`` coils or discrete inputs from a 0-based address."""
        self._refuse_size(unit_id, count, limits.max_bits_per_read)

        def ask(client: AsyncModbusTcpClient) -> Awaitable[ModbusPDU]:
            read = client.read_coils if table == "coil" else client.read_discrete_inputs
            return read(address, count=count, device_id=unit_id)

        reply = await self._request(unit_id, _READ_FUNCTIONS[table], ask, priority, limits)
        if len(reply.bits) != (count + 7) // 8 * 8:
            raise self._implausible(unit_id, f"{len(reply.bits)} bits in answer to {count}")
        return reply.bits[:count]

    async def read_registers(
        self,
        unit_id: int,
        table: RegisterTable,
        address: int,
        count: int,
        *,
        priority: Priority = Priority.POLL,
        limits: Limits = _LIMITS,
    ) -> Sequence[int]:
        """``count`` holding or input registers from a 0-based address."""
        self._refuse_size(unit_id, count, limits.max_registers_per_read)

        def ask(client: AsyncModbusTcpClient) -> Awaitable[ModbusPDU]:
            read = client.read_holding_registers if table == "holding" else client.read_input_registers
            return read(address, count=count, device_id=unit_id)

        reply = await self._request(unit_id, _READ_FUNCTIONS[table], ask, priority, limits)
        if len(reply.registers) != count:
            raise self._implausible(unit_id, f"{len(reply.registers)} registers in answer to {count}")
        return reply.registers

    async def write_coil(
        self,
        unit_id: int,
        address: int,
        on: bool,
        *,
        priority: Priority = Priority.CONTROLLER,
        limits: Limits = _LIMITS,
        allowed: Allowed | None = None,
    ) -> None:
        """Write one coil (function 5). ``allowed`` is asked at the moment the bytes leave; False is a Rejected."""

        def ask(client: AsyncModbusTcpClient) -> Awaitable[ModbusPDU]:
            return client.write_coil(address, on, device_id=unit_id)

        reply = await self._request(unit_id, 5, ask, priority, limits, allowed)
        if reply.address != address or list(reply.bits) != [on]:
            raise self._implausible(unit_id, f"echo {reply.address}={list(reply.bits)} of {address}={on}")

    async def write_registers(
        self,
        unit_id: int,
        address: int,
        values: Sequence[int],
        *,
        priority: Priority = Priority.CONTROLLER,
        limits: Limits = _LIMITS,
        allowed: Allowed | None = None,
    ) -> None:
        """Write one register (function 6) or several (function 16). ``allowed`` as for ``write_coil``."""
        words, count = list(values), len(values)
        self._refuse_size(unit_id, count, limits.max_registers_per_write)

        def ask(client: AsyncModbusTcpClient) -> Awaitable[ModbusPDU]:
            if count == 1:
                return client.write_register(address, words[0], device_id=unit_id)
            return client.write_registers(address, words, device_id=unit_id)

        reply = await self._request(unit_id, 6 if count == 1 else 16, ask, priority, limits, allowed)
        echo = list(reply.registers) == words if count == 1 else reply.count == count
        if reply.address != address or not echo:
            raise self._implausible(unit_id, f"echo at {reply.address} does not fit the write at {address}")

    async def _request(
        self,
        unit_id: int,
        function: int,
        ask: Callable[[AsyncModbusTcpClient], Awaitable[ModbusPDU]],
        priority: Priority,
        limits: Limits,
        allowed: Allowed | None = None,
    ) -> ModbusPDU:
        """Wait for the line, ask, and give back a reply that is one to this function of this unit."""
        if unit_id not in _ALLOWED_UNITS:
            raise Rejected(f"there is no unit {unit_id}", bus=self.name, unit_id=unit_id)
        self._refuse_silent(unit_id)
        await self._turnstile.enter(unit_id, priority)
        try:
            self._refuse_silent(unit_id)  # it may have fallen silent while this request waited
            client = await self._connected_client()
            client.ctx.comm_params.timeout_connect = max(self.timeout_s, limits.timeout_ms / 1000)
            # Nothing is awaited between this question and the bytes: the client's own lock is free, as one request
            # at a time comes here.
            if allowed is not None and not allowed():
                raise Rejected("no longer allowed when its turn came", bus=self.name, unit_id=unit_id)
            reply = await self._exchange(client, unit_id, ask)
        finally:
            self._turnstile.leave(unit_id, limits.pause_ms / 1000)
        self._check_function(reply, unit_id, function)
        return reply

    async def _exchange(
        self, client: AsyncModbusTcpClient, unit_id: int, ask: Callable[[AsyncModbusTcpClient], Awaitable[ModbusPDU]]
    ) -> ModbusPDU:
        loop = asyncio.get_running_loop()
        counters = self.counters
        counters.requests += 1
        sent_at_s = loop.time()
        self._is_waiting_for_answer = True
        try:
            reply = await ask(client)
        except ModbusIOException as error:
            counters.timeouts += 1
            self._fell_silent(unit_id)
            if self._is_rtu or not self._echoes_ids:
                self._drop()  # its late answer would be taken for the answer to the next request
            raise Unreachable("no answer in time", bus=self.name, unit_id=unit_id) from error
        except (ConnectionException, OSError) as error:
            self._link.failed(loop.time())
            self._drop()
            raise Unreachable(_LOST, bus=self.name, unit_id=unit_id) from error
        except _GarbledReply as error:
            self._drop()
            raise self._implausible(unit_id, "an answer that cannot be read") from error
        except (ModbusException, ValueError, struct.error) as error:
            raise Rejected(f"cannot be asked: {error}", bus=self.name, unit_id=unit_id) from error
        except Exception as error:  # the transport's own: uvloop raises RuntimeError on one that was closed under us
            self._link.failed(loop.time())
            self._drop()
            raise Unreachable(_LOST, bus=self.name, unit_id=unit_id) from error
        except asyncio.CancelledError:
            self._drop()
            raise
        finally:
            self._is_waiting_for_answer = False
        counters.answers += 1
        counters.round_trip_sum_s += loop.time() - sent_at_s
        self._link.succeeded()
        if not self._is_rtu:
            self._echoes_ids = reply.transaction_id != 0
        return reply

    def _check_function(self, reply: ModbusPDU, unit_id: int, function: int) -> None:
        if reply.function_code == function and reply.dev_id == unit_id:
            self._answered_units.add(unit_id)
            if unit_id in self._silent_units:
                del self._silent_units[unit_id]
            return
        if reply.function_code == function | 0x80:
            raise self._refusal(unit_id, reply.exception_code)
        raise self._implausible(unit_id, f"function {reply.function_code} in answer to {function}")

    def _refusal(self, unit_id: int, code: int) -> DriverError:
        exceptions = self.counters.exceptions
        exceptions[code] = exceptions.get(code, 0) + 1
        if code in _SILENT_CODES:
            # 0x04 is also a device's own failure; one that has answered before is not taken for absent.
            if code != 0x04 or unit_id not in self._answered_units:
                self._fell_silent(unit_id)
            return Unreachable(f"exception {code}: the unit does not answer", bus=self.name, unit_id=unit_id)
        if code in _BUSY_CODES:
            return Unreachable(f"exception {code}: the unit is busy", bus=self.name, unit_id=unit_id)
        return Rejected(f"exception {code}", bus=self.name, unit_id=unit_id, exception_code=code)

    def _implausible(self, unit_id: int, detail: str) -> Implausible:
        self.counters.implausible += 1
        # An answer to another question may be followed by more of them.
        self._drop()
        return Implausible(detail, bus=self.name, unit_id=unit_id)

    def _refuse_size(self, unit_id: int, count: int, limit: int) -> None:
        if not 1 <= count <= limit:
            raise Rejected(f"{count} in one request; 1 to {limit} allowed", bus=self.name, unit_id=unit_id)

    def _refuse_silent(self, unit_id: int) -> None:
        if self._is_closed:
            raise Unreachable("the line is closed", bus=self.name, unit_id=unit_id)
        if self._silent_units and self.is_backing_off(unit_id):
            raise Unreachable("silent a moment ago", bus=self.name, unit_id=unit_id)

    def _fell_silent(self, unit_id: int) -> None:
        backoff = self._silent_units.get(unit_id)
        if backoff is None:
            backoff = self._silent_units[unit_id] = Backoff(*self._backoff_s, self._rng)
        backoff.failed(asyncio.get_running_loop().time())

    async def _connected_client(self) -> AsyncModbusTcpClient:
        if self._client is not None and self._client.connected and not _is_cut(self._client):
            return self._client
        self._drop()
        loop = asyncio.get_running_loop()
        if not self._link.is_over(loop.time()):
            raise Unreachable("not connected", bus=self.name)
        client = self._new_client()
        is_connected = False
        try:
            is_connected = await client.connect() and not _is_cut(client)
        except Exception as error:
            self._link.failed(loop.time())
            raise Unreachable("cannot connect", bus=self.name) from error
        finally:
            if not is_connected:
                _close(client)
        if self._is_closed:
            _close(client)
            raise Unreachable("the line was closed", bus=self.name)
        if not is_connected:
            self._link.failed(loop.time())
            raise Unreachable("cannot connect", bus=self.name)
        self.counters.connects += 1
        self.counters.reconnects += self._has_connected
        self._has_connected = True
        self._client = client
        return client

    def _new_client(self) -> AsyncModbusTcpClient:
        """A client of its own for each connection, so that nothing of an old one can be taken for an answer."""

        def noticed(is_connected: bool) -> None:
            if not is_connected and client is self._client:
                self._end_request(ConnectionException(_LOST))

        client = AsyncModbusTcpClient(
            self._host,
            port=self._port,
            name=self.name,
            framer=FramerType.RTU if self._is_rtu else FramerType.SOCKET,
            timeout=self.timeout_s,
            retries=0,
            reconnect_delay=0,  # reconnecting is done here, when a request needs it
            trace_connect=noticed,
        )
        framer = (_StrictRtuFramer if self._is_rtu else _StrictSocketFramer)(_Decoder(False))
        framer.garbled = lambda: self._end_request(_GarbledReply()) if client is self._client else None
        client.ctx.framer = framer
        # One dead unit must not cut the line for all: silence is counted here, per unit.
        client.set_max_no_responses(2**62)
        return client

    def _end_request(self, error: Exception) -> None:
        """End the request under way, if there is one: its answer cannot come any more."""
        if self._client is not None and self._is_waiting_for_answer:
            pending = self._client.ctx.response_future
            if not pending.done():
                pending.set_exception(error)

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            _close(client)


def _is_cut(client: AsyncModbusTcpClient) -> bool:
    """Whether the transport is closed though pymodbus has it as connected.

    A peer that accepts and closes at once is gone before pymodbus keeps the transport, and is never noticed there.
    """
    return client.ctx.transport is None or client.ctx.transport.is_closing()


def _close(client: AsyncModbusTcpClient) -> None:
    with contextlib.suppress(RuntimeError, OSError):  # a transport that was closed under us is closed
        client.close()
