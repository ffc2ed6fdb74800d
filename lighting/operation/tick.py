"""One tick: look at the clock, read what is due, decide every level, and start writing where asked and
reported differ.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import structlog

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.operation.alarms import Standing, alarm_changes, standing_alarms
from lighting.operation.burning import BurningHours
from lighting.operation.clock_watch import ClockLook, ClockWatch
from lighting.operation.confirmations import Confirmations
from lighting.operation.failsafe_watch import FailsafeWatch
from lighting.operation.lamp_tests import ended_by_others
from lighting.operation.ledger import Ledger
from lighting.operation.lines import Lines
from lighting.operation.live import Live, LiveCircuit
from lighting.operation.local_control import gives_back, known_before, local_cause
from lighting.operation.lockout import locked_circuits
from lighting.operation.poller import Poller
from lighting.operation.reconciler import asked_level
from lighting.operation.senses import Senses
from lighting.operation.state_rows import StateRows
from lighting.operation.takeover import cabinets_with_input
from lighting.operation.writer import Writer
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import Decisions, decide
from lighting.schedule.instructions import Instruction
from lighting.schedule.places import covers
from lighting.store.clock import Clock
from lighting.store.records import DecisionChange, InstructionStateName

log = structlog.get_logger("lighting.operation.tick")

FIRST_POLL_BOUND_S = 3.0
POLL_BOUND_S = 0.5
WRITE_BOUND_S = 0.5
SOON_S = 0.05
WAY_DOWN_STEP_PCT = 5.0
"""A level on its way down is written in such steps: contactors, drivers and lines are spared the rest."""
_SAME_PCT = 0.005


class Tick:
    """The working parts of a controller and the order in which a tick uses them. Never waits for the store."""

    def __init__(
        self,
        live: Live,
        lines: Lines,
        ledger: Ledger,
        clock: Clock,
        watch: ClockWatch,
        *,
        look: Callable[[], ClockLook],
        revision_id: int,
    ) -> None:
        self.live = live
        self.watch = watch
        self.revision_id = revision_id
        self.instructions: tuple[Instruction, ...] = ()
        self.alarms: Standing = {}
        self.house_facts: dict[str, Fact] = {}
        self.stopping = False
        self.decided_ms: int | None = None
        self._decided_s = -1.0
        self._clock = clock
        self._look = look
        self._ledger = ledger
        self._confirmations = Confirmations()
        self._tests_over: set[int] = set()
        self._locked: frozenset[str] = frozenset()
        self._rows = StateRows(live, ledger)
        self.burning = BurningHours(live, ledger)
        self._first = True
        self.poller = Poller(live, lines, ledger, clock)
        self.poller.locked = lambda: self._locked
        self.senses = Senses(live, ledger, speed=clock.speed)
        self.poller.heard = self.senses.hear
        self.failsafe = FailsafeWatch(live, lines, ledger, clock)
        self.writer = Writer(live, lines, ledger, self.poller, clock, may_write=self.may_write)

    @property
    def site(self) -> Site:
        return self.live.wiring.site

    def may_write(self, circuit: LiveCircuit) -> bool:
        """The gate of every write: not under a lockout, not in local control, not while stopping."""
        at_hand = self.live.local_inputs.get(circuit.wiring.circuit.cabinet, False)
        return not (self.stopping or circuit.local or at_hand or circuit.id in self._locked)

    def may_write_for_a_person(self, circuit_ids: Iterable[str]) -> bool:
        """The gate of a task's write: no lockout on what it may touch, and not while stopping.

        Local control does not stop it: who turned the switch may be the one who asks.
        """
        return not self.stopping and self._locked.isdisjoint(circuit_ids)

    def take_instructions(self, instructions: tuple[Instruction, ...], states: dict[int, InstructionStateName]) -> None:
        """What is in force now. A lockout works from here on; a new instruction is tried at once and read back."""
        instructions = self._without_ended_tests(instructions)
        fresh = set(self._confirmations.unknown(instructions))
        self.instructions = instructions
        self._lock()
        self._know_order(states)
        ended = self._confirmations.see(
            instructions, states, now_s=time.monotonic(), now_ms=self._clock.now_ms(), speed=self._clock.speed
        )
        self._ledger.add_transitions(ended)
        for note in (note for note in instructions if note.id in fresh):
            for circuit in self._covered(note):
                circuit.next_try_s = 0.0
                self.poller.due_now(circuit.wiring.output_devices)

    def _without_ended_tests(self, instructions: tuple[Instruction, ...]) -> tuple[Instruction, ...]:
        """Those in force but for the lamp tests that something newer has ended; each end is told once."""
        over = ended_by_others(self.site, instructions, self._clock.now_ms())
        self._ledger.add_transitions(step for step in over if step.instruction_id not in self._tests_over)
        self._tests_over.update(step.instruction_id for step in over)
        return tuple(note for note in instructions if note.id not in self._tests_over)

    def take_live(self, live: Live, revision_id: int) -> None:
        """Go on with another revision. A switch that was not read yet is waited for as at a start."""
        new_inputs = cabinets_with_input(live.wiring) - cabinets_with_input(self.live.wiring)
        self._first = self._first or bool(new_inputs)
        self.live = self.poller.live = self.writer.live = self.failsafe.live = live
        self.senses.take_live(live)
        self.revision_id = revision_id
        self._rows = StateRows(live, self._ledger)
        self.burning = BurningHours(live, self._ledger)
        self._lock()

    async def work(self) -> None:
        """The tick itself. Lines that do not answer hold it up for at most a second in all (three at the first)."""
        self.watch.look(self._look())
        self.poller.clock_doubted = self.watch.doubt is not None
        bound_s = FIRST_POLL_BOUND_S if self._first else POLL_BOUND_S
        self._first = False
        await self.poller.round(self.poller.due(self._clock.now_ms()), bound_s=bound_s)
        self._decide()
        self.writer.reconcile()
        self.failsafe.look()
        self.publish()
        await self.writer.settle(WRITE_BOUND_S)
        await self.poller.follow_up_due(bound_s=POLL_BOUND_S, within_s=SOON_S)
        self.publish()

    def publish(self) -> None:
        """Judge what is known and leave it in the ledger: meanings of power, changed rows, confirmations, alarms."""
        now_ms, now_s = self._clock.now_ms(), time.monotonic()
        self._rows.tell(now_ms)
        self.burning.look(now_ms)
        for circuit in self.live.circuits.values():
            _note_darkness(circuit, now_ms)
        decided_ms = now_ms if self.decided_ms is None else self.decided_ms
        steps = self._confirmations.judge(
            self.live, decided_s=self._decided_s, decided_ms=decided_ms, now_s=now_s, now_ms=now_ms
        )
        self._ledger.add_transitions(steps)
        self._publish_alarms(now_ms)

    def next_warm_ms(self) -> int | None:
        """When the next circuit that is held at full level has warmed up: its level is then decided anew, at once."""
        # As of the last decision: one that has warmed up since then is due now, not forgotten.
        decided_ms = self.decided_ms
        if decided_ms is None:
            return None
        times = [c.warm_at_ms for c in self.live.circuits.values() if c.is_warming(decided_ms)]
        return min((at_ms for at_ms in times if at_ms is not None), default=None)

    def _lock(self) -> None:
        self._locked = locked_circuits(self.site, self.instructions)

    def _know_order(self, states: dict[int, InstructionStateName]) -> None:
        """Which instruction is the newest, and which are older than the acts that a restart took over."""
        newest = max((note.id for note in self.instructions), default=0)
        self.live.newest_instruction_id = max(newest, self.live.newest_instruction_id)
        for circuit in self.live.circuits.values():
            if circuit.unexplained_since_ms is not None and circuit.unexplained_after_id is None:
                circuit.unexplained_after_id = known_before(
                    self.site, self.instructions, states, circuit.id, since_ms=circuit.unexplained_since_ms
                )

    def _covered(self, note: Instruction) -> Iterable[LiveCircuit]:
        return (circuit for circuit in self.live.circuits.values() if covers(self.site, note, circuit.id))

    def _decide(self) -> None:
        now_ms = self._clock.now_ms()
        circuits = list(self.live.circuits.values())
        for circuit in circuits:
            self._settle_local_control(circuit)
        self.senses.look(now_ms)
        conditions = Conditions(
            local_control=np.array([bool(circuit.local) for circuit in circuits], dtype=np.bool_),
            on_since_ms=np.array([_or_minus_one(circuit.on_since_ms) for circuit in circuits], dtype=np.int64),
            clock_doubted=self.watch.doubt is not None,
            inputs=replace(self.senses.inputs, burning_h=self.burning.hours()),
        )
        instant = np.array([now_ms], dtype=np.int64)
        self._take(circuits, decide(self.site, instant, self.instructions, conditions), now_ms)
        self.decided_ms, self._decided_s = now_ms, time.monotonic()

    def _settle_local_control(self, circuit: LiveCircuit) -> None:
        asset = circuit.wiring.circuit
        if circuit.unexplained_since_ms is not None and any(
            gives_back(self.site, note, asset.id, after_id=circuit.unexplained_after_id) for note in self.instructions
        ):
            circuit.unexplained_since_ms = circuit.unexplained_after_id = None
        before = circuit.local
        circuit.local = local_cause(
            input_active=self.live.local_inputs.get(asset.cabinet, False),
            unexplained=circuit.unexplained_since_ms is not None,
        )
        if circuit.local != before:
            log.info("local_control", circuit=asset.id, cause=circuit.local or "given back")
            # What the hand did is known now and is no new act.
            circuit.relay_seen = None

    def _take(self, circuits: list[LiveCircuit], decisions: Decisions, now_ms: int) -> None:
        changes = []
        for index, circuit in enumerate(circuits):
            level_pct = float(decisions.level_pct[0, index])
            on_its_way = level_pct > float(decisions.target_pct[0, index]) + _SAME_PCT
            stepped_pct = _stepped(level_pct, float(decisions.target_pct[0, index])) if on_its_way else level_pct
            asked_pct = asked_level(circuit.wiring.output, stepped_pct)
            if _is_on(asked_pct) != _is_on(circuit.asked_pct):
                circuit.next_try_s = 0.0  # what failed before was something else
            circuit.asked_pct = asked_pct
            circuit.layer = int(decisions.layer[0, index])
            circuit.cause = decisions.causes[int(decisions.cause[0, index])]
            circuit.dark = bool(decisions.dark[0, index])
            circuit.unlit_ticks = 0 if circuit.unlit_since_ms is None else circuit.unlit_ticks + 1
            decided = (None if circuit.asked_pct is None else round(level_pct, 2), circuit.layer, circuit.cause)
            # A way down is two changes, its beginning and its end, however many ticks it takes.
            under_way = on_its_way and circuit.decided is not None and decided[1:] == circuit.decided[1:]
            if decided != circuit.decided and not under_way:
                circuit.decided = decided
                changes.append(DecisionChange(circuit.key, now_ms, *decided, revision_id=self.revision_id))
        self._ledger.add_decisions(changes)

    def _publish_alarms(self, now_ms: int) -> None:
        standing = standing_alarms(
            self.live,
            site_id=self.site.id,
            now_ms=now_ms,
            doubt=self.watch.doubt,
            instructions=self.instructions,
            house_facts=self.house_facts,
            drifted=self.failsafe.drifted,
            not_fed=self.failsafe.not_fed,
            other_mode=self.failsafe.other_mode,
            sensed=self.senses.alarms(now_ms, self.alarms.keys()),
            waiting=None if self._ledger.waiting is None else self._ledger.waiting.alarms(),
        )
        changes = alarm_changes(self.alarms, standing)
        self.alarms = standing
        self._ledger.add_alarms(changes, now_ms)
        for key, fact in changes.raised:
            log.warning("alarm_raised", alarm=key.kind, subject=key.subject_id, code=fact.code)
        for key in changes.returned:
            log.info("alarm_returned", alarm=key.kind, subject=key.subject_id)


def _stepped(level_pct: float, target_pct: float) -> float:
    """Return a level on its way down in steps that are worth a write: never under where it is, never over full."""
    steps = math.ceil((level_pct - target_pct) / WAY_DOWN_STEP_PCT - 1e-6)
    return min(100.0, target_pct + steps * WAY_DOWN_STEP_PCT)


def _is_on(asked_pct: float | None) -> bool | None:
    return None if asked_pct is None else asked_pct > 0


def _or_minus_one(at_ms: int | None) -> int:
    return -1 if at_ms is None else at_ms


def _note_darkness(circuit: LiveCircuit, now_ms: int) -> None:
    """Since when it should be lit while dark and nothing confirms that it is."""
    should_be_lit = bool(circuit.dark) and circuit.asked_pct is not None and circuit.asked_pct > 0
    if not should_be_lit or circuit.lit:
        circuit.unlit_since_ms = None
    elif circuit.unlit_since_ms is None or circuit.unlit_since_ms > now_ms:  # the clock was stepped back
        circuit.unlit_since_ms = now_ms
