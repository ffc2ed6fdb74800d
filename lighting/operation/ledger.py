"""All store work of the controller, with buffers that outlive a store that fails.

One worker thread writes; another reads what people have asked for, which must not wait behind a flush.

The control loop never waits for the store: it leaves here what happened, and a flush carries it over. While the
store is full, locked or gone, what happened waits in bounded buffers (the oldest go first) and lamps are controlled
all the same. Readings go from memory to a spool on disk (``lighting.operation.readings_waiting``).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, TypeVar

import structlog

from lighting.assets.fact import Fact
from lighting.operation.alarms import AlarmChanges, AlarmKey
from lighting.operation.background import start_task
from lighting.operation.readings_waiting import ReadingsWaiting
from lighting.schedule.traffic_counts import TrafficCount
from lighting.store.records import (
    BurningState,
    CircuitState,
    ControllerBeat,
    DecisionChange,
    DeviceState,
    DeviceWrite,
    InputChange,
    InputState,
    InstructionStateName,
    Reading,
)
from lighting.store.store import Store, StoreError

T = TypeVar("T")
READINGS_KEPT = 200_000
EVENTS_KEPT = 50_000

log = structlog.get_logger("lighting.operation.ledger")


@dataclass(frozen=True, slots=True)
class Transition:
    """A step in an instruction's life, with the real time from recorded to confirmed where it is that step."""

    instruction_id: int
    state: InstructionStateName
    at_ms: int
    fact: Fact | None = None
    latency_ms: int | None = None


@dataclass(frozen=True, slots=True)
class AlarmEvent:
    turn: Literal["raise", "return"]
    key: AlarmKey
    at_ms: int
    fact: Fact | None = None


@dataclass(slots=True)
class _Batch:
    readings: list[Reading] = field(default_factory=list)
    decisions: list[DecisionChange] = field(default_factory=list)
    writes: list[DeviceWrite] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    alarms: list[AlarmEvent] = field(default_factory=list)
    circuits: dict[int, CircuitState] = field(default_factory=dict)
    devices: dict[int, DeviceState] = field(default_factory=dict)
    burning: dict[int, BurningState] = field(default_factory=dict)
    input_states: dict[tuple[str, str], InputState] = field(default_factory=dict)
    input_changes: list[InputChange] = field(default_factory=list)
    counts: list[tuple[str, TrafficCount]] = field(default_factory=list)
    beat: ControllerBeat | None = None


class Ledger:
    """The controller's side of the store. ``fault`` is the fact of the last failed flush, None while all goes well."""

    def __init__(self, store: Store, waiting: ReadingsWaiting | None = None) -> None:
        self.store = store
        self.fault: Fact | None = None
        self.dropped = 0
        self.waiting = waiting
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-reader")
        self._batch = _Batch()
        self._flushing: asyncio.Task[None] | None = None

    async def ask(self, question: Callable[[], T]) -> T:
        """Run a store call in the worker thread, in turn. Raises what it raises (``StoreError``)."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, question)

    async def look(self, question: Callable[[], T]) -> T:
        """Run a store call that only reads, beside what is being written. Raises what it raises (``StoreError``)."""
        return await asyncio.get_running_loop().run_in_executor(self._reader, question)

    def add_readings(self, readings: Iterable[Reading]) -> None:
        self._batch.readings.extend(readings)

    def add_decisions(self, changes: Iterable[DecisionChange]) -> None:
        self._batch.decisions.extend(changes)

    def add_write(self, write: DeviceWrite) -> None:
        self._batch.writes.append(write)

    def add_transitions(self, transitions: Iterable[Transition]) -> None:
        self._batch.transitions.extend(transitions)

    def add_alarms(self, changes: AlarmChanges, at_ms: int) -> None:
        self._batch.alarms.extend(AlarmEvent("raise", key, at_ms, fact) for key, fact in changes.raised)
        self._batch.alarms.extend(AlarmEvent("return", key, at_ms) for key in changes.returned)

    def put_circuit(self, state: CircuitState) -> None:
        self._batch.circuits[state.circuit_key] = state

    def put_device(self, state: DeviceState) -> None:
        self._batch.devices[state.asset_key] = state

    def put_burning(self, state: BurningState) -> None:
        self._batch.burning[state.circuit_key] = state

    def keep_senses(self, states: Iterable[InputState], changes: Iterable[InputChange]) -> None:
        """The states of sections and photocells, with what they say from now on."""
        self._batch.input_states |= {(state.kind, state.input_id): state for state in states}
        self._batch.input_changes.extend(changes)

    def keep_count(self, section: str, count: TrafficCount) -> None:
        """What the counters of a section have counted."""
        self._batch.counts.append((section, count))

    def put_beat(self, beat: ControllerBeat) -> None:
        self._batch.beat = beat

    def flush_soon(self) -> None:
        """Start a flush in the background; one that is under way takes the rest the next time.

        While a store that does not answer holds one up, readings go to the spool all the same.
        """
        if self._flushing is None or self._flushing.done():
            self._flushing = start_task(self.flush(), "flush")
        elif self.waiting is not None:
            self._batch.readings = self._within_memory(self.waiting.spill_soon(self._batch.readings))

    def _within_memory(self, readings: list[Reading]) -> list[Reading]:
        """The newest of them, as many as memory holds; what goes is counted."""
        excess = len(readings) - READINGS_KEPT
        if excess <= 0:
            return readings
        self.dropped += excess
        if self.waiting is not None:
            self.waiting.lost_in_memory += excess
        return readings[excess:]

    async def flush(self) -> None:
        """Carry over everything that waits. What fails is kept for the next time, and said once."""
        batch, self._batch = self._batch, _Batch()
        try:
            await self._carry_over(batch)
        except StoreError as error:
            self._note_fault(error.fact)
        except Exception as error:  # a fault of our own: what happened is kept all the same
            if self.fault is None:
                log.exception("flush_failed")
            self._note_fault(Fact("store_flush_failed", {"detail": type(error).__name__}))
        else:
            self._note_fault(None)
        if self.waiting is not None:
            batch.readings = await self.waiting.after_flush(batch.readings, store_is_well=self.fault is None)
        self._batch = self._merged(batch, self._batch)

    async def close(self) -> None:
        """A last flush, then end the threads."""
        if self._flushing is not None:
            await asyncio.wait([self._flushing])
        await self.flush()
        if self.waiting is not None:
            self._batch.readings = await self.waiting.close(self._batch.readings)
        self._worker.shutdown(wait=False, cancel_futures=True)
        self._reader.shutdown(wait=False, cancel_futures=True)

    async def _carry_over(self, batch: _Batch) -> None:
        """Write a batch topic by topic, clearing each as it is done. The heartbeat first: it tells of a fault of
        the others. Steps of instructions go before every topic, with those that came meanwhile: someone waits for them.
        """
        await self.ask(partial(_carry_beat, self.store, batch))
        for topic in _TOPICS:
            await self._carry_steps(batch)
            await self.ask(partial(topic, self.store, batch))
        if self.waiting is not None:

            async def append(readings: list[Reading]) -> None:
                await self._carry_steps(batch)
                await self.ask(partial(self.store.readings.append, readings))

            await self.waiting.carry_over(append)

    async def _carry_steps(self, batch: _Batch) -> None:
        fresh, self._batch.transitions = self._batch.transitions, []
        batch.transitions.extend(fresh)
        if batch.transitions:
            # What circuits report goes first: who reads that an instruction is confirmed finds its level there.
            batch.circuits |= self._batch.circuits
            self._batch.circuits = {}
            await self.ask(partial(_carry_circuits, self.store, batch))
            await self.ask(partial(_carry_transitions, self.store, batch))

    def _note_fault(self, fault: Fact | None) -> None:
        before, self.fault = self.fault, fault
        if fault is not None and (before is None or before.code != fault.code):
            log.error("store_failing", code=fault.code, **fault.values)
        elif fault is None and before is not None:
            log.info("store_well_again", dropped=self.dropped)

    def _merged(self, older: _Batch, newer: _Batch) -> _Batch:
        """What was left of a flush, then what came in meanwhile; the oldest go where a buffer is full."""
        return _Batch(
            readings=self._within_memory(older.readings + newer.readings) if older.readings else newer.readings,
            decisions=self._bounded(older.decisions, newer.decisions, EVENTS_KEPT),
            writes=self._bounded(older.writes, newer.writes, EVENTS_KEPT),
            transitions=self._bounded(older.transitions, newer.transitions, EVENTS_KEPT),
            alarms=self._bounded(older.alarms, newer.alarms, EVENTS_KEPT),
            circuits=older.circuits | newer.circuits,
            devices=older.devices | newer.devices,
            burning=older.burning | newer.burning,
            input_states=older.input_states | newer.input_states,
            input_changes=self._bounded(older.input_changes, newer.input_changes, EVENTS_KEPT),
            counts=self._bounded(older.counts, newer.counts, EVENTS_KEPT),
            beat=newer.beat or older.beat,
        )

    def _bounded(self, older: list[Any], newer: list[Any], limit: int) -> list[Any]:
        if not older:
            return newer
        kept = deque(older, maxlen=limit)
        kept.extend(newer)
        self.dropped += len(older) + len(newer) - len(kept)
        return list(kept)


def _carry_beat(store: Store, batch: _Batch) -> None:
    if batch.beat is not None:
        store.controller.beat(batch.beat)
        batch.beat = None


def _carry_transitions(store: Store, batch: _Batch) -> None:
    while batch.transitions:
        step = batch.transitions[0]
        store.instructions.transition(
            step.instruction_id, step.state, at_ms=step.at_ms, fact=step.fact, latency_ms=step.latency_ms
        )
        batch.transitions.pop(0)


def _carry_circuits(store: Store, batch: _Batch) -> None:
    if batch.circuits:
        store.states.put_circuits(list(batch.circuits.values()))
        batch.circuits.clear()


def _carry_devices(store: Store, batch: _Batch) -> None:
    if batch.devices:
        store.states.put_devices(list(batch.devices.values()))
        batch.devices.clear()


def _carry_burning(store: Store, batch: _Batch) -> None:
    if batch.burning:
        store.burning.put(list(batch.burning.values()))
        batch.burning.clear()


def _carry_decisions(store: Store, batch: _Batch) -> None:
    if batch.decisions:
        store.history.add_decisions(batch.decisions)
        batch.decisions.clear()


def _carry_writes(store: Store, batch: _Batch) -> None:
    if batch.writes:
        store.history.add_writes(batch.writes)
        batch.writes.clear()


def _carry_alarms(store: Store, batch: _Batch) -> None:
    while batch.alarms:
        _carry_alarm(store, batch.alarms[0])
        batch.alarms.pop(0)


def _carry_readings(store: Store, batch: _Batch) -> None:
    if batch.readings:
        store.readings.append(batch.readings)
        batch.readings.clear()


def _carry_senses(store: Store, batch: _Batch) -> None:
    store.senses.save(list(batch.input_states.values()), batch.input_changes)
    batch.input_states.clear()
    batch.input_changes.clear()


def _carry_counts(store: Store, batch: _Batch) -> None:
    while batch.counts:
        section = batch.counts[0][0]
        store.senses.add_counts(section, [count for one, count in batch.counts if one == section], "counter")
        batch.counts = [(one, count) for one, count in batch.counts if one != section]


def _carry_alarm(store: Store, event: AlarmEvent) -> None:
    key = event.key
    if event.turn == "return":
        store.history.return_alarm(key.kind, key.subject_kind, key.subject_id, at_ms=event.at_ms)
        return
    fact = event.fact or Fact(key.kind)
    store.history.raise_alarm(key.kind, key.subject_kind, key.subject_id, at_ms=event.at_ms, fact=fact)


_TOPICS = (
    _carry_circuits,
    _carry_devices,
    _carry_decisions,
    _carry_senses,
    _carry_writes,
    _carry_alarms,
    _carry_burning,
    _carry_counts,
    _carry_readings,
)
