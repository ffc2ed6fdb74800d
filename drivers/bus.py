"""One line or gateway: a fair queue, pacing, back-off, retries, the check of every reply, and one error family.

The order on the line: people, then the controller, then polls; among equals the units take turns, and each unit's pause
is kept. A unit that is silent is left alone for a while that doubles, so that it costs its line one time-out in each
such while, whatever waits for it; and one more where a person asks, who may have just mended it: their first request
of such a while is tried at once. Nothing is believed that does not fit its question bit by bit.

What is tried again, and here only:

* *busy* (exception 6): the unit lives and has done nothing: asked again up to three times, with the line free for
  others in between. *Acknowledge* (5) has begun a write: only reads are asked again;
* a read whose answer was spoilt on its way, or over which an old connection ended: once. A write is not: the
  reconciler sees by reading what became of it;
* nothing after a time-out.
"""

from __future__ import annotations

import asyncio
import math
import random
import struct
from collections.abc import Callable, Sequence
from typing import Literal

from drivers.backoff import Backoff
from drivers.bus_counters import BusCounters
from drivers.errors import DriverError, Rejected, Unreachable
from drivers.fair_queue import Priority
from drivers.line_address import LineAddress, parse_line_address
from drivers.line_cost import NETWORK_COST, LineCost, serial_cost
from drivers.profile import Limits
from drivers.questions import CannotAsk, Question, coils_question, read_question, registers_question
from drivers.tls import TlsFiles
from drivers.turnstile import Turnstile
from drivers.wire import Claim, Observer, TryAgain, Unit, Wire

__all__ = ["Bus", "BusCounters", "Priority"]

BitTable = Literal["coil", "discrete"]
RegisterTable = Literal["holding", "input"]
Allowed = Callable[[], bool]

_LIMITS = Limits()
_BUSY_TRIES = 3
_BROADCAST = 0
_UNITS = range(1, 256)
"""0 is the broadcast, which nobody answers and which no lockout could stop at one circuit."""
_READ_HEAD = 2
"""Function and byte count, before the data of a read's reply."""
_WORDS = tuple(struct.Struct(f">{count}H") for count in range(126))


class Bus:
    """A line, or a gateway with lines behind it. One request is under way at a time.

    ``url`` is one of the forms of ``line_address.FORMS``. ``tls`` are the certificates of a ``tls://`` line and
    ``peer_role`` the role that its peer must have, if any. ``timeout_s`` is real time, for connecting and for an answer
    (on a serial line the time on the wire is added). ``turnaround_s`` is how long the line rests after a broadcast.
    ``claim`` is taken before the line is connected and given back when it is closed.
    Every failure is an error of ``drivers.errors``. Raises ``AddressProblem``, a ValueError, for another url.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        tls: TlsFiles | None = None,
        peer_role: str = "",
        timeout_s: float = 1.0,
        backoff_first_s: float = 1.0,
        backoff_longest_s: float = 30.0,
        reconnect_longest_s: float = 5.0,
        busy_pause_s: float = 0.1,
        turnaround_s: float = 0.2,
        rng: random.Random | None = None,
        claim: Claim | None = None,
    ) -> None:
        self.address = parse_line_address(url)
        self.name = name
        self.url = url
        self.timeout_s = timeout_s
        self.line_cost = _line_cost(self.address)
        self.counters = BusCounters()
        self._busy_pause_s = busy_pause_s
        self._turnaround_s = turnaround_s
        self._units: dict[int, Unit] = {}
        self._turnstile = Turnstile()
        jitter = rng or random.Random(name)
        self._wire = Wire(
            name,
            self.address,
            self.counters,
            tls=tls,
            peer_role=peer_role,
            connect_s=timeout_s,
            reconnect_longest_s=reconnect_longest_s,
            new_backoff=lambda: Backoff(backoff_first_s, backoff_longest_s, jitter),
            rng=jitter,
            claim=claim,
        )

    @property
    def is_connected(self) -> bool:
        """Whether the connection stands. It is made, and made again, when a request needs it."""
        return self._wire.link is not None and self._wire.link.is_open

    @property
    def peer_role(self) -> str | None:
        """The role in the certificate of the connected TLS peer: empty when it has none, None without such a peer."""
        return None if self._wire.link is None else self._wire.link.peer_role

    @property
    def observer(self) -> Observer | None:
        """Who is told of every try that leaves for the wire; a recorder sets itself here."""
        return self._wire.observer

    @observer.setter
    def observer(self, observer: Observer | None) -> None:
        self._wire.observer = observer

    def forget(self, unit_id: int) -> None:
        """A unit that was asked for and is none of the line: neither its silence nor its counters are kept."""
        self._units.pop(unit_id, None)
        self.counters.units.pop(unit_id, None)

    def is_backing_off(self, unit_id: int) -> bool:
        """Whether that unit was silent and is left alone for the moment."""
        unit = self._units.get(unit_id)
        return unit is not None and unit.is_silent(asyncio.get_running_loop().time())

    async def start(self) -> None:
        """Connect once. A line that is not there yet is no error: each later request tries again, with a back-off.

        ``counters.last_error`` tells why it could not be reached.
        """
        self._wire.is_closed = False
        await self._turnstile.enter(_BROADCAST, Priority.PERSON)
        try:
            await self._wire.connected()
        except DriverError:
            return
        finally:
            self._turnstile.leave(_BROADCAST)

    async def close(self) -> None:
        """Close the connection; whoever waits gets Unreachable."""
        self._turnstile.turn_away(lambda: Unreachable("the line was closed", bus=self.name))
        self._wire.close()
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
        data = await self.read_block(unit_id, table, address, count, priority=priority, limits=limits)
        return [bool(byte >> bit & 1) for byte in data for bit in range(8)][:count]

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
        return _WORDS[count].unpack(
            await self.read_block(unit_id, table, address, count, priority=priority, limits=limits)
        )

    async def read_block(
        self,
        unit_id: int,
        table: BitTable | RegisterTable,
        address: int,
        count: int,
        *,
        priority: Priority = Priority.POLL,
        limits: Limits = _LIMITS,
    ) -> bytes:
        """``count`` registers or bits as they stood on the wire, for a decoder of the whole block.

        Two bytes a register, the high one first; or eight bits a byte, the first one lowest.
        """
        unit = self._unit(unit_id)
        try:
            question = read_question(unit_id, table, address, count, limits)
        except CannotAsk as error:
            raise self._refused(unit, str(error)) from error
        return (await self._request(unit, question, priority, limits, None))[_READ_HEAD:]

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
        """Write one coil: function 5, or 15 where the device has no 5.

        ``allowed`` is asked at the moment the bytes leave, again at each try; False is a Rejected.
        """
        await self.write_coils(unit_id, address, [on], priority=priority, limits=limits, allowed=allowed)

    async def write_coils(
        self,
        unit_id: int,
        address: int,
        values: Sequence[bool],
        *,
        priority: Priority = Priority.CONTROLLER,
        limits: Limits = _LIMITS,
        allowed: Allowed | None = None,
    ) -> None:
        """Write several coils at once (function 15); one as ``write_coil`` does. ``allowed`` as there."""
        unit = self._unit(unit_id)
        try:
            question = coils_question(unit_id, address, values, limits)
        except CannotAsk as error:
            raise self._refused(unit, str(error)) from error
        await self._request(unit, question, priority, limits, allowed)

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
        """Write one register (function 6, or 16 where the device has no 6) or several (16).

        ``allowed`` as for ``write_coil``.
        """
        unit = self._unit(unit_id)
        try:
            question = registers_question(unit_id, address, values, limits)
        except CannotAsk as error:
            raise self._refused(unit, str(error)) from error
        await self._request(unit, question, priority, limits, allowed)

    async def broadcast_coils(
        self,
        address: int,
        values: Sequence[bool],
        *,
        limits: Limits,
        allowed: Allowed,
        priority: Priority = Priority.PERSON,
    ) -> None:
        """Write coils of every unit on the line; nobody answers, so that each must be read afterwards.

        Refused unless ``limits.broadcast``. No lockout of a single output stops it: ``allowed`` must say that none is
        on this line, and is asked at the moment the bytes leave.
        """
        try:
            question = coils_question(_BROADCAST, address, values, limits)
        except CannotAsk as error:
            raise Rejected(str(error), bus=self.name, unit_id=_BROADCAST) from error
        await self._tell(question, priority, limits, allowed)

    async def broadcast_registers(
        self,
        address: int,
        values: Sequence[int],
        *,
        limits: Limits,
        allowed: Allowed,
        priority: Priority = Priority.PERSON,
    ) -> None:
        """Write registers of every unit on the line. Otherwise as ``broadcast_coils``."""
        try:
            question = registers_question(_BROADCAST, address, values, limits)
        except CannotAsk as error:
            raise Rejected(str(error), bus=self.name, unit_id=_BROADCAST) from error
        await self._tell(question, priority, limits, allowed)

    async def _request(
        self, unit: Unit, question: Question, priority: Priority, limits: Limits, allowed: Allowed | None
    ) -> bytes:
        """Wait for the line, ask, and give back a reply that fits; ask again where that is safe and may help."""
        busy_tries, has_repeated = 0, False
        while True:
            try:
                return await self._try(unit, question, priority, limits, allowed)
            except TryAgain as again:
                if busy_tries == _BUSY_TRIES if again.is_busy else has_repeated:
                    raise again.error from None
                busy_tries += again.is_busy
                has_repeated |= not again.is_busy
                unit.counters.repeated += 1

    async def _try(
        self, unit: Unit, question: Question, priority: Priority, limits: Limits, allowed: Allowed | None
    ) -> bytes:
        may_ask = self._may_ask_silent(unit, priority)
        await self._turnstile.enter(unit.unit_id, priority)
        wire, pause_s = self._wire, limits.pause_ms / 1000
        try:
            if not may_ask:  # it may have fallen silent while this request waited
                self._may_ask_silent(unit, priority)
            self._refuse_closed(unit)
            link = wire.link
            if link is None or not link.is_open:
                link = await wire.connected()
            timeout_s = max(self.timeout_s, limits.timeout_ms / 1000)
            if unit.late.pending:
                await wire.part_from_late(link, unit, question, limits, timeout_s)
            # Nothing is awaited between this question and the bytes.
            if allowed is not None and not allowed():
                raise self._refused(unit, "no longer allowed when its turn came")
            return await wire.exchange(link, unit, question, timeout_s)
        except TryAgain as again:
            if again.is_busy:
                pause_s = max(pause_s, self._busy_pause_s)
            raise
        finally:
            self._turnstile.leave(unit.unit_id, pause_s, wire.gap_s)

    async def _tell(self, question: Question, priority: Priority, limits: Limits, allowed: Allowed) -> None:
        """Send what nobody answers, and let the line rest until every unit has done it."""
        if not limits.broadcast:
            raise Rejected("the device's profile allows no broadcast", bus=self.name, unit_id=_BROADCAST)
        rest_s = 0.0
        await self._turnstile.enter(_BROADCAST, priority)
        try:
            if self._wire.is_closed:
                raise Unreachable("the line is closed", bus=self.name, unit_id=_BROADCAST)
            link = await self._wire.connected()
            if not allowed():
                raise Rejected("no longer allowed when its turn came", bus=self.name, unit_id=_BROADCAST)
            rest_s = self._wire.tell(link, question) + max(self._turnaround_s, limits.pause_ms / 1000)
        finally:
            self._turnstile.leave(_BROADCAST, 0.0, rest_s)

    def _may_ask_silent(self, unit: Unit, priority: Priority) -> bool:
        """Whether a silent unit is asked all the same, as a person's first request of its back-off is.

        False for one that is not silent. Raises Unreachable for one that is left alone.
        """
        self._refuse_closed(unit)
        now_s = asyncio.get_running_loop().time()
        if unit.silence is None or not unit.is_silent(now_s):
            unit.is_asked_by_person = False
            return False
        if priority is Priority.PERSON and not unit.is_asked_by_person:
            unit.is_asked_by_person = True
            return True
        unit.counters.refused += 1
        detail = f"silent a moment ago and left alone; asked again in {math.ceil(unit.silence.left_s(now_s))} s"
        raise Unreachable(detail, bus=self.name, unit_id=unit.unit_id)

    def _refuse_closed(self, unit: Unit) -> None:
        if self._wire.is_closed:
            raise Unreachable("the line is closed", bus=self.name, unit_id=unit.unit_id)

    def _refused(self, unit: Unit, detail: str) -> Rejected:
        unit.counters.refused += 1
        return Rejected(detail, bus=self.name, unit_id=unit.unit_id)

    def _unit(self, unit_id: int) -> Unit:
        unit = self._units.get(unit_id)
        if unit is None:
            if unit_id not in _UNITS:
                raise Rejected(f"there is no unit {unit_id}", bus=self.name, unit_id=unit_id)
            unit = self._units[unit_id] = Unit(unit_id, self.counters.unit(unit_id))
        return unit


def _line_cost(address: LineAddress) -> LineCost:
    """A serial line's from its speed; RTU over TCP is a converter with such a line behind it, of a speed nobody says.

    What lies behind a gateway of its own frames is not known here: the number of requests counts.
    """
    if not address.is_rtu:
        return NETWORK_COST
    # An address without a device has the settings that most devices are delivered with.
    return serial_cost(address.baud, bits_per_character=address.bits_per_character)
