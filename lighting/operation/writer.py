"""Carries out what the reconciler asks: one sequence a circuit, all lines side by side, each write verified
and recorded.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog

from drivers.bus import Priority
from drivers.errors import DriverError
from drivers.quantity import Quantity
from lighting.assets.model import ChannelRef
from lighting.operation.background import start_task
from lighting.operation.ledger import Ledger
from lighting.operation.lines import Lines
from lighting.operation.live import Live, LiveCircuit, LiveDevice
from lighting.operation.local_control import RelaySight
from lighting.operation.poller import Poller
from lighting.operation.reconciler import Answers, Output, Step, StepKind, next_step, possible_step
from lighting.schedule.instructions import Layer
from lighting.store.clock import Clock
from lighting.store.records import DeviceWrite

log = structlog.get_logger("lighting.operation.writer")

MAX_STEPS = 16
MAX_STAGGERS = 3
"""A pause may end to find that another contactor closed by itself; one that chatters must not hold up the others."""
FIRST_RETRY_S = 1.0
LAST_RETRY_S = 60.0


@dataclass(slots=True)
class _Stagger:
    """The contactors of one cabinet close one after the other. ``last_s``: monotonic, when one may have closed last."""

    last_s: float
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Writer:
    """``may_write`` is asked at the very moment before bytes leave. ``finished`` is set when a sequence ends."""

    def __init__(
        self,
        live: Live,
        lines: Lines,
        ledger: Ledger,
        poller: Poller,
        clock: Clock,
        *,
        may_write: Callable[[LiveCircuit], bool],
    ) -> None:
        self.live = live
        self.finished: Callable[[], None] = lambda: None
        self._lines = lines
        self._ledger = ledger
        self._poller = poller
        self._clock = clock
        self._may_write = may_write
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._staggers: dict[str, _Stagger] = {}
        # What the last controller closed just before its end is not known.
        self._begun_s = time.monotonic()

    def is_busy(self, circuit_id: str) -> bool:
        task = self._tasks.get(circuit_id)
        return task is not None and not task.done()

    def reconcile(self) -> None:
        """Start a sequence for every circuit that differs, may be written to and is not being written to already."""
        now_ms, now_s = self._clock.now_ms(), time.monotonic()
        for circuit in self.live.circuits.values():
            if self.is_busy(circuit.id):
                continue
            step = next_step(circuit.wiring.output, circuit.asked_pct, circuit.reported(now_ms))
            if step is None or not self._may_write(circuit):
                circuit.pending = False
                if step is None:
                    circuit.failed_attempts, circuit.failure, circuit.next_try_s = 0, "", 0.0
                continue
            circuit.pending = True
            if now_s >= circuit.next_try_s:
                self._start(circuit, now_ms)

    async def settle(self, bound_s: float) -> None:
        """Wait for the running sequences, at most that long; the others go on."""
        running = [task for task in self._tasks.values() if not task.done()]
        if running:
            await asyncio.wait(running, timeout=bound_s)

    async def stop(self) -> None:
        """End every sequence where it stands; lamps stay as they are."""
        running = [task for task in self._tasks.values() if not task.done()]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=1.0)

    def _start(self, circuit: LiveCircuit, now_ms: int) -> None:
        if self._possible(circuit, circuit.wiring.output, now_ms) is not None:
            self._tasks[circuit.id] = start_task(self._sequence(circuit), f"write {circuit.id}")
        else:
            self._note_waiting(circuit)

    def _possible(self, circuit: LiveCircuit, output: Output, now_ms: int) -> Step | None:
        """The next step that a device which answers can take; a device that was never read yet waits for that."""
        asset = circuit.wiring.circuit
        answers = Answers(relay=self._answers(asset.relay), dimmer=self._answers(asset.dimmer))
        return possible_step(output, circuit.asked_pct, circuit.reported(now_ms), answers)

    def _answers(self, ref: ChannelRef | None) -> bool:
        return ref is not None and self.live.devices[ref.device].reachable is True

    def _note_waiting(self, circuit: LiveCircuit) -> None:
        """What is left to do needs a device that does not answer: a failure, once that device was asked at all."""
        silent = [name for name in circuit.wiring.output_devices if self.live.devices[name].reachable is False]
        if silent:
            self._note_failure(circuit, "unreachable", detail=f"no answer from {', '.join(sorted(silent))}")

    async def _sequence(self, circuit: LiveCircuit) -> None:
        circuit.writing = True
        wrote = False
        output = circuit.wiring.output
        try:
            for _ in range(MAX_STEPS):
                now_ms = self._clock.now_ms()
                ahead = next_step(output, circuit.asked_pct, circuit.reported(now_ms))
                if ahead is None or not self._may_write(circuit):
                    break
                step = self._possible(circuit, output, now_ms)
                if step is None:
                    self._note_waiting(circuit)
                    return
                if step.kind is StepKind.WAIT:
                    await self._pause(step.value)
                elif await self._carry_out(circuit, step):
                    wrote = True
                elif step.kind is StepKind.FADE and self._may_write(circuit):
                    # Lamps that will not dim are still switched off.
                    output = replace(output, fade_level_pct=None)
                else:
                    return
            else:
                self._note_failure(circuit, "not_settling")
                return
            circuit.failed_attempts, circuit.failure, circuit.next_try_s = 0, "", 0.0
            circuit.feedback_s, circuit.feedback_ms = time.monotonic(), self._clock.now_ms()
            circuit.pending = False
        finally:
            circuit.writing = False
            circuit.written_s = time.monotonic()
            if wrote:
                self._poller.follow_up(circuit.wiring.devices, circuit.wiring.settle_s / self._clock.speed)
            self.finished()

    async def _carry_out(self, circuit: LiveCircuit, step: Step) -> bool:
        relay, dimmer = circuit.wiring.circuit.relay, circuit.wiring.circuit.dimmer
        match step.kind:
            case StepKind.CLOSE_RELAY if relay is not None:
                return await self._close_in_turn(circuit, relay)
            case StepKind.OPEN_RELAY if relay is not None:
                return await self._write(circuit, relay, Quantity.RELAY_CLOSED, 0.0)
            case StepKind.OUTPUT_ON if dimmer is not None:
                return await self._write(circuit, dimmer, Quantity.OUTPUT_ON, 1.0)
            case StepKind.SET_LEVEL | StepKind.FADE if dimmer is not None:
                return await self._write(circuit, dimmer, Quantity.DIM_LEVEL, step.value)
        return False

    async def _close_in_turn(self, circuit: LiveCircuit, relay: ChannelRef) -> bool:
        """LED inrush trips breakers: at least the site's stagger between two contactors of a cabinet (site time).

        Also after a contactor that closed by itself, when the supply returned or by hand.
        """
        cabinet = circuit.wiring.circuit.cabinet
        stagger = self._staggers.setdefault(cabinet, _Stagger(self._begun_s))
        async with stagger.turn:
            for _ in range(MAX_STAGGERS):
                await self._pause(self._stagger_left_s(cabinet, stagger))
            if circuit.asked_pct is None or circuit.asked_pct <= 0:
                return True
            try:
                return await self._write(circuit, relay, Quantity.RELAY_CLOSED, 1.0)
            finally:
                stagger.last_s = time.monotonic()

    def _stagger_left_s(self, cabinet: str, stagger: _Stagger) -> float:
        """Site seconds until the next contactor of the cabinet may close.

        Our own closings are counted on the monotonic clock, which nobody steps.
        """
        now_ms, kept_s = self._clock.now_ms(), self.live.wiring.site.control.stagger_kept_s
        ages_s = [(time.monotonic() - stagger.last_s) * self._clock.speed]
        for circuit_id in self.live.wiring.circuits_of_cabinet.get(cabinet, ()):
            closed_ms = self.live.circuits[circuit_id].closed_since_ms
            if closed_ms is not None and closed_ms <= now_ms:
                ages_s.append((now_ms - closed_ms) / 1000)
        return kept_s - min(ages_s)

    async def _pause(self, site_s: float, at_most_s: float = 3600.0) -> None:
        if site_s > 0:
            await asyncio.sleep(min(site_s, at_most_s) / self._clock.speed + 0.001)

    async def _write(self, circuit: LiveCircuit, ref: ChannelRef, quantity: Quantity, value: float) -> bool:
        """One write, verified and recorded; False when it failed (counted, tried again at a later tick)."""
        stopped = False

        def allowed() -> bool:
            nonlocal stopped
            stopped = not self._may_write(circuit)
            return not stopped

        started_s = time.monotonic()
        written_to = self.live.devices[ref.device]  # a revision may take it out while the write is under way
        priority = Priority.PERSON if Layer.LOCKOUT < circuit.layer <= Layer.OVERRIDE else Priority.CONTROLLER
        try:
            outcome = await self._lines.devices[ref.device].write(
                quantity, ref.channel, value, priority=priority, allowed=allowed
            )
        except DriverError as error:
            if not stopped:
                self._unsure(circuit, quantity)
                self._poller.due_now([ref.device])  # is it the device, or only this write?
                took_ms = round((time.monotonic() - started_s) * 1000)
                self._record(circuit, ref, written_to, quantity, value, error.code, took_ms)
                self._note_failure(circuit, error.code, detail=error.detail)
            return False
        told = "verified" if outcome.verified else "echoed"
        self._record(circuit, ref, written_to, quantity, value, told, outcome.latency_ms)
        if not outcome.verified:
            self._unsure(circuit, quantity)
            self._note_failure(circuit, "not_verified")
            return False
        self._take(circuit, written_to, quantity, value if outcome.read_back is None else outcome.read_back)
        return True

    def _take(self, circuit: LiveCircuit, device: LiveDevice, quantity: Quantity, value: float) -> None:
        now_ms = self._clock.now_ms()
        if quantity is Quantity.DIM_LEVEL:
            circuit.level_pct = value
        elif quantity is Quantity.OUTPUT_ON:
            circuit.output_on = bool(value)
        else:
            circuit.relay_closed = circuit.relay_commanded = bool(value)
            circuit.relay_seen = RelaySight(bool(value), device.uptime_at(now_ms), now_ms)
        circuit.note_feedback(now_ms)

    def _unsure(self, circuit: LiveCircuit, quantity: Quantity) -> None:
        """A write that may or may not have acted explains whatever the relay shows next."""
        if quantity is Quantity.RELAY_CLOSED:
            circuit.relay_seen = None

    def _note_failure(self, circuit: LiveCircuit, code: str, *, detail: str = "") -> None:
        if circuit.failure != code:
            log.warning("write_failed", circuit=circuit.id, code=code, detail=detail, asked_pct=circuit.asked_pct)
        circuit.failure = code
        circuit.failed_attempts += 1
        wait_s = min(LAST_RETRY_S, FIRST_RETRY_S * 2 ** min(10, circuit.failed_attempts - 1))
        circuit.next_try_s = time.monotonic() + wait_s

    def _record(
        self,
        circuit: LiveCircuit,
        ref: ChannelRef,
        device: LiveDevice,
        quantity: Quantity,
        value: float,
        outcome: str,
        latency_ms: int,
    ) -> None:
        instruction_id = circuit.cause.values.get("id")
        self._ledger.add_write(
            DeviceWrite(
                at_ms=self._clock.now_ms(),
                device_key=device.key,
                channel=ref.channel,
                quantity=quantity.value,
                value=value,
                outcome=outcome,
                latency_ms=latency_ms,
                instruction_id=instruction_id if isinstance(instruction_id, int) else None,
            )
        )
