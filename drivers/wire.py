"""Exchanges on a line: one question, one reply that is judged, and what its failing says of the unit and of the line.

Holds the connection and what is known of each unit. Who may ask, and when, is decided in ``bus``.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Protocol

from drivers.backoff import Backoff
from drivers.bus_counters import BusCounters, UnitCounters
from drivers.errors import DriverError, Implausible, Rejected, Unreachable
from drivers.frames import Garbled, Misfit
from drivers.late_answers import LateAnswers
from drivers.line_address import LineAddress
from drivers.link import Link, Lost, NoAnswer, open_link
from drivers.profile import Limits
from drivers.questions import Question
from drivers.tls import TlsFiles, WrongPeer

Observer = Callable[[int, bytes, bytes | None, float], None]
"""Told of every try that left for the wire: unit id, request PDU, reply PDU (None: none came), seconds it took."""

_DEVICE_FAILURE, _ACKNOWLEDGE, _BUSY, _NO_PATH, _NO_TARGET = 0x04, 0x05, 0x06, 0x0A, 0x0B
_SILENT_CODES = {
    _DEVICE_FAILURE: "the unit does not answer, or has failed",
    _NO_PATH: "the gateway has no way to the unit",
    _NO_TARGET: "the unit does not answer the gateway",
}
_SUSPECT_AFTER = 3
"""Time-outs in a row, of whatever units, after which the connection itself is taken for dead and made anew; and
losses in a row, of units that were well, after which it is the line that is left alone for a while."""

LONGEST_LATE_S = 10.0
"""No answer is later than this. Needed only for a unit that refuses whatever it could be told apart by."""


class Claim(Protocol):
    """The right to be the only master of a line. ``take`` tells why it cannot be had, empty where it is ours."""

    def take(self) -> str: ...
    def release(self) -> None: ...


class TryAgain(Exception):
    """This try failed in a way that another one may mend; ``error`` is what it is if that is one too many."""

    def __init__(self, error: DriverError, *, is_busy: bool) -> None:
        super().__init__(error.detail)
        self.error = error
        self.is_busy = is_busy


class _Doubtful(Unreachable):
    """A refusal that may be the late answer to an earlier question of the same function."""


@dataclass(slots=True)
class Unit:
    """What is known of a unit. ``late`` is what may still come where that cannot be told; ``answered`` and
    ``answered_before`` are the last two different questions that it answered. ``has_lost``: the connection was lost
    when it was asked last. ``is_asked_by_person``: a person has asked it in this back-off already.
    """

    unit_id: int
    counters: UnitCounters
    silence: Backoff | None = None
    has_answered: bool = False
    has_lost: bool = False
    is_asked_by_person: bool = False
    late: LateAnswers = field(default_factory=LateAnswers)
    answered: Question | None = None
    answered_before: Question | None = None

    def is_silent(self, now_s: float) -> bool:
        """Whether it did not answer and is left alone for the moment."""
        return self.silence is not None and not self.silence.is_over(now_s)


class Wire:
    """The connection of a bus. ``new_backoff`` makes the back-off of a unit that falls silent; ``claim`` is taken
    before the line is connected.

    One exchange at a time; whoever calls sees to that. Failures are errors of ``drivers.errors`` or ``TryAgain``.
    """

    def __init__(
        self,
        name: str,
        address: LineAddress,
        counters: BusCounters,
        *,
        tls: TlsFiles | None,
        peer_role: str,
        connect_s: float,
        reconnect_longest_s: float,
        new_backoff: Callable[[], Backoff],
        rng: random.Random,
        claim: Claim | None = None,
    ) -> None:
        self._claim = claim
        self._name = name
        self._address = address
        self._counters = counters
        self._tls = tls
        self._wanted_role = peer_role
        self._connect_s = connect_s
        self._new_backoff = new_backoff
        self._connecting = Backoff(min(0.2, reconnect_longest_s), reconnect_longest_s, rng)
        self._has_connected = False
        self._timeouts_in_row = self._losses_in_row = 0
        self._is_serial = address.framing == "serial"
        self.is_closed = False
        self.link: Link | None = None
        self.observer: Observer | None = None

    @property
    def gap_s(self) -> float:
        """The silence that the line wants after each exchange."""
        return 0.0 if self.link is None else self.link.gap_s

    async def connected(self) -> Link:
        """The open connection, made anew where it is lost. Raises Unreachable, or Rejected for a wrong peer."""
        if self.link is not None and self.link.is_open:
            return self.link
        self.drop()
        if not self._connecting.is_over(asyncio.get_running_loop().time()):
            raise Unreachable(f"not connected: {self._counters.last_error}", bus=self._name)
        if self._claim is not None and (why := self._claim.take()):
            self._note_lost(why)
            raise Unreachable(f"cannot connect: {why}", bus=self._name)
        try:
            link = await open_link(
                self._address, self._counters, timeout_s=self._connect_s, tls=self._tls, role=self._wanted_role
            )
        except (Lost, WrongPeer) as error:
            self._note_lost(str(error))
            kind = Rejected if isinstance(error, WrongPeer) else Unreachable
            raise kind(f"cannot connect: {error}", bus=self._name) from error
        if self.is_closed:
            self.link = link
            self.close()
            raise Unreachable("the line was closed", bus=self._name)
        self._counters.connects += 1
        self._counters.reconnects += self._has_connected
        self._counters.last_error = ""
        self._has_connected = True
        self._timeouts_in_row = 0
        self.link = link
        return link

    def close(self) -> None:
        """Give the connection up for good, and the right to it."""
        self.is_closed = True
        self.drop()
        if self._claim is not None:
            self._claim.release()

    def drop(self) -> None:
        """Give the connection up; the next exchange makes another."""
        link, self.link = self.link, None
        if link is not None:
            link.close()

    async def exchange(self, link: Link, unit: Unit, question: Question, timeout_s: float) -> bytes:
        """The PDU of a reply that fits the question bit by bit."""
        counters = unit.counters
        counters.requests += 1
        late = unit.late.shapes(question) if unit.late.pending else ()
        sent_at_s = perf_counter()  # a loop's own time may stand still for a millisecond
        try:
            reply = await link.ask(question, timeout_s, late)
        except asyncio.CancelledError:
            if not link.tells_apart:
                self._leave_unanswered(link, unit, question)
            raise
        except (NoAnswer, Lost, Garbled, Misfit) as error:
            self._observe(unit, question, None, perf_counter() - sent_at_s)
            raise await self._failed(link, unit, question, error) from error
        elapsed_s = perf_counter() - sent_at_s
        counters.round_trips.add(elapsed_s)
        self._observe(unit, question, reply, elapsed_s)
        self._timeouts_in_row = self._losses_in_row = 0
        unit.has_lost = False
        self._connecting.succeeded()
        if question.is_answered_by(reply):
            unit.has_answered = True
            unit.silence = None
            if unit.answered is not question:
                unit.answered, unit.answered_before = question, unit.answered
            if unit.late.pending:
                _settle(link, unit, question)
            return reply
        if reply[0] == question.function | 0x80 and len(reply) == 2:
            raise self._refusal(link, unit, question, reply[1])
        await self._break_off(link, unit, question)
        raise self._implausible(unit, question.misfit(reply))

    def _observe(self, unit: Unit, question: Question, reply: bytes | None, elapsed_s: float) -> None:
        if self.observer is not None:
            self.observer(unit.unit_id, question.pdu, reply, elapsed_s)

    async def part_from_late(
        self, link: Link, unit: Unit, question: Question, limits: Limits, timeout_s: float
    ) -> None:
        """Ask something whose answer cannot be taken for any that may still come, before ``question`` is asked.

        Needed where no transaction id tells answers apart: draining or connecting anew does not stop what the device,
        or a serial server between, still holds. Where all that is asked is refused, a question may part by itself if
        no late answer can look like its own; else the unit is Unreachable until nothing can come any more.
        """
        late = unit.late
        if late.quiet_until_s:
            self._wait_for_quiet(unit)
            return
        for _ in range(len(late.pending) + 2):
            answered = (unit.answered_before, unit.answered)
            probe = late.parting_question(unit.unit_id, question.shape, limits, answered)
            if probe is None:
                late.clear()  # it can be asked for nothing: no value of it can be mistaken
                return
            with contextlib.suppress(Rejected, _Doubtful):  # a refusal is an answer too
                await self.exchange(link, unit, probe, timeout_s)
            await asyncio.sleep(max(limits.pause_ms / 1000, link.gap_s))
            if not late.pending:
                return
        if not question.is_read or late.may_bring(question.shape):
            late.quiet_until_s = asyncio.get_running_loop().time() + LONGEST_LATE_S
            self._wait_for_quiet(unit)

    def _wait_for_quiet(self, unit: Unit) -> None:
        """Raises Unreachable until a unit that refuses to be parted from was asked nothing for long enough."""
        if asyncio.get_running_loop().time() < unit.late.quiet_until_s:
            raise self._unreachable(unit, "what it answers now cannot be told from what it was asked before")
        unit.late.clear()

    def tell(self, link: Link, question: Question) -> float:
        """Send what nobody answers; the seconds that it takes on the wire."""
        try:
            wire_s = link.tell(question)
        except Lost as error:
            self._note_lost(str(error))
            raise Unreachable(f"the connection was lost: {error}", bus=self._name) from error
        self._counters.broadcasts += 1
        return wire_s

    async def _failed(self, link: Link, unit: Unit, question: Question, error: Exception) -> Exception:
        """What a question without a whole answer means; the line is made fit for the next one."""
        if isinstance(error, Lost):
            if not link.tells_apart:
                unit.late.expect(question)  # a serial server gives it to whoever is connected then
            return self._lost(link, unit, question, error)
        if isinstance(error, NoAnswer):
            self._note_silence(unit)
            if not link.tells_apart:
                await self._break_off(link, unit, question)
            return self._unreachable(unit, str(error))
        await self._break_off(link, unit, question)
        if isinstance(error, Misfit):
            return self._implausible(unit, str(error))
        unit.counters.garbled += 1
        implausible = self._implausible(unit, f"an answer that cannot be read: {error}")
        return TryAgain(implausible, is_busy=False) if question.is_read else implausible

    def _lost(self, link: Link, unit: Unit, question: Question, lost: Lost) -> Exception:
        """Some gateways close the connection when they are asked for a unit that is not there.

        So it is held against the unit and not the line, and connected again at once; unless several units in a row
        that were well lose it. An old connection may also have ended of itself: it is not held against anybody, and a
        read is asked again, once.
        """
        why = str(lost)
        error = self._unreachable(unit, f"the connection was lost: {why}")
        is_refused_peer = self._address.framing == "tls" and not link.has_heard
        if self._is_serial or is_refused_peer or not lost.was_asked:
            self._note_lost(why)
            return error
        self.drop()
        self._counters.last_error = why
        is_first, unit.has_lost = not unit.has_lost, True
        if is_first and link.has_heard:
            return TryAgain(error, is_busy=False) if question.is_read else error
        if unit.silence is None:
            self._losses_in_row += 1
        if self._losses_in_row >= _SUSPECT_AFTER:
            self._note_lost(why)
        self._fell_silent(unit)
        return error

    def _refusal(self, link: Link, unit: Unit, question: Question, code: int) -> Exception:
        exceptions = unit.counters.exceptions
        exceptions[code] = exceptions.get(code, 0) + 1
        is_doubtful = bool(unit.late.pending) and not link.tells_apart and unit.late.doubts(question)
        if is_doubtful:
            unit.late.refused(question)
        if code in _SILENT_CODES:
            # 4 is also a device's own failure; one that has answered before is not taken for absent.
            if code != _DEVICE_FAILURE or not unit.has_answered:
                self._fell_silent(unit)
            return self._unreachable(unit, f"exception {code}: {_SILENT_CODES[code]}")
        unit.silence = None
        if is_doubtful:
            detail = f"exception {code}, maybe to an earlier question"
            unit.counters.last_error = detail
            return _Doubtful(detail, bus=self._name, unit_id=unit.unit_id)
        unit.late.clear()
        if code == _BUSY:
            return TryAgain(self._unreachable(unit, f"exception {code}: the unit is busy"), is_busy=True)
        if code == _ACKNOWLEDGE:
            error = self._unreachable(unit, f"exception {code}: the unit has begun it and is not done")
            return TryAgain(error, is_busy=True) if question.is_read else error
        unit.counters.last_error = f"exception {code}"
        return Rejected(f"exception {code}", bus=self._name, unit_id=unit.unit_id, exception_code=code)

    def _note_silence(self, unit: Unit) -> None:
        unit.counters.timeouts += 1
        self._fell_silent(unit)
        self._timeouts_in_row += 1
        if self._timeouts_in_row >= _SUSPECT_AFTER and not self._is_serial:
            self.drop()  # it may be half open: the peer restarted, or a firewall forgot it

    async def _break_off(self, link: Link, unit: Unit, question: Question) -> None:
        """Be rid of what the line may still bring for this question: a new connection, or a quiet serial line."""
        self._leave_unanswered(link, unit, question)
        if self._is_serial:
            await link.drain()

    def _leave_unanswered(self, link: Link, unit: Unit, question: Question) -> None:
        if not link.tells_apart:
            unit.late.expect(question)
        if not self._is_serial:
            self.drop()

    def _note_lost(self, why: str) -> None:
        self._connecting.failed(asyncio.get_running_loop().time())
        self._counters.last_error = why
        self.drop()

    def _fell_silent(self, unit: Unit) -> None:
        unit.silence = unit.silence or self._new_backoff()
        unit.silence.failed(asyncio.get_running_loop().time())

    def _unreachable(self, unit: Unit, detail: str) -> Unreachable:
        unit.counters.last_error = detail
        return Unreachable(detail, bus=self._name, unit_id=unit.unit_id)

    def _implausible(self, unit: Unit, detail: str) -> Implausible:
        unit.counters.implausible += 1
        unit.counters.last_error = detail
        return Implausible(detail, bus=self._name, unit_id=unit.unit_id)


def _settle(link: Link, unit: Unit, question: Question) -> None:
    """What its answer says of those that were late."""
    if link.tells_apart:
        unit.late.clear()
    else:
        unit.late.answered(question)
