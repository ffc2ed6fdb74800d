"""When an instruction is confirmed: its circuits, read back after it was seen, report what it asks. Pure.

Latency is real time. At normal speed it counts from the recorded time; with an accelerated clock, where the recorded
time is no measure of real time, from the moment the controller first saw the instruction (at most a look of 250 ms
later).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lighting.assets.fact import Fact, Value
from lighting.assets.model import Site
from lighting.operation.ledger import Transition
from lighting.operation.live import Live, LiveCircuit
from lighting.operation.local_control import gives_back
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.places import covers
from lighting.store.records import InstructionStateName

FAILED_ATTEMPTS = 3
FAILED_AFTER_S = 10.0
_SETTING_LAYERS = (Layer.EMERGENCY, Layer.TEST, Layer.OVERRIDE)


@dataclass(slots=True)
class Tracked:
    """An instruction in force. ``waited_ms`` is how long it lay in the store, real time, before it was first seen.

    ``waits_for`` is the code of why it is only sent, as last written down.
    """

    instruction: Instruction
    state: InstructionStateName
    seen_s: float
    waited_ms: int = 0
    waits_for: str = ""


class Confirmations:
    """Follows every instruction in force from recorded to confirmed, failed or expired."""

    def __init__(self) -> None:
        self.tracked: dict[int, Tracked] = {}

    def unknown(self, instructions: Iterable[Instruction]) -> list[int]:
        """Ids whose stored state must be asked for before ``see``."""
        return [note.id for note in instructions if note.id not in self.tracked]

    def see(
        self,
        instructions: Iterable[Instruction],
        states: Mapping[int, InstructionStateName],
        *,
        now_s: float,
        now_ms: int,
        speed: float,
    ) -> list[Transition]:
        """Take the instructions that are in force now; returns the ends of those that ran out."""
        present = {note.id: note for note in instructions}
        ended = [self.tracked.pop(note_id) for note_id in list(self.tracked) if note_id not in present]
        for note in present.values():
            if note.id not in self.tracked:
                waited_ms = max(0, now_ms - note.from_ms) if speed == 1.0 else 0
                self.tracked[note.id] = Tracked(note, states.get(note.id, "recorded"), now_s, waited_ms)
            else:
                self.tracked[note.id].instruction = note
        return [Transition(t.instruction.id, "expired", now_ms) for t in ended if _ran_out(t.instruction, now_ms)]

    def judge(self, live: Live, *, decided_s: float, decided_ms: int, now_s: float, now_ms: int) -> list[Transition]:
        """The steps that instructions have made, given what circuits report. ``decided_s`` and ``decided_ms``: when
        levels were last decided.
        """
        steps: list[Transition] = []
        for tracked in self.tracked.values():
            if tracked.state == "confirmed" or _is_to_come(tracked.instruction, now_ms) or tracked.seen_s > decided_s:
                continue
            verdict = self._verdict(tracked, live, now_s, decided_ms)
            if verdict is None or _is_known(tracked, *verdict):
                continue
            tracked.state, fact = verdict
            tracked.waits_for = "" if fact is None else fact.code
            latency_ms = None
            if tracked.state == "confirmed":
                latency_ms = tracked.waited_ms + round((now_s - tracked.seen_s) * 1000)
            steps.append(Transition(tracked.instruction.id, tracked.state, now_ms, fact, latency_ms))
        return steps

    def _verdict(
        self, tracked: Tracked, live: Live, now_s: float, decided_ms: int
    ) -> tuple[InstructionStateName, Fact | None] | None:
        note = tracked.instruction
        covered = [c for c in live.circuits.values() if covers(live.wiring.site, note, c.id)]
        if note.layer is Layer.LOCKOUT:
            return None if any(circuit.writing for circuit in covered) else ("confirmed", None)
        if note.layer is Layer.LOCAL_CONTROL:
            waiting = any(
                circuit.unexplained_since_ms is not None
                and gives_back(live.wiring.site, note, circuit.id, after_id=circuit.unexplained_after_id)
                for circuit in covered
            )
            return None if waiting else ("confirmed", None)
        if note.layer is Layer.DEMAND_LIMIT:
            # Who is under the cap anyway follows it too; what is stronger is not its to rule.
            under = [c for c in covered if c.asked_pct is not None and c.layer >= Layer.DEMAND_LIMIT]
            return self._setting_verdict(tracked, under, now_s, decided_ms)
        if note.layer is Layer.EMERGENCY and note.level_pct is None and not any(c.dark for c in covered):
            return "sent", Fact("emergency_waits_for_dark")
        if note.layer not in _SETTING_LAYERS:
            return None
        return self._setting_verdict(
            tracked, [c for c in covered if self._rules(live.wiring.site, note, c)], now_s, decided_ms
        )

    def _setting_verdict(
        self, tracked: Tracked, ruled: list[LiveCircuit], now_s: float, decided_ms: int
    ) -> tuple[InstructionStateName, Fact | None]:
        if not ruled:
            return "sent", Fact("instruction_held_back", {"id": tracked.instruction.id})
        wanted_pct = tracked.instruction.level_pct
        # Full level for the warm-up is not yet the level that was asked for, nor is it after the warm-up until a
        # decision has asked for that.
        dimmed = wanted_pct is not None and 0 < wanted_pct < 100
        late = [
            c
            for c in ruled
            if c.writing or not c.agrees or c.feedback_s < tracked.seen_s or (dimmed and _will_dim(c, decided_ms))
        ]
        if not late:
            return "confirmed", None
        failing = [c for c in late if c.failed_attempts >= FAILED_ATTEMPTS]
        if failing and now_s - tracked.seen_s >= FAILED_AFTER_S:
            values: dict[str, Value] = {
                "id": tracked.instruction.id,
                "circuit": failing[0].id,
                "circuits": len(failing),
            }
            return "failed", Fact("instruction_not_confirmed", {**values, "failure": failing[0].failure})
        return ("failed" if tracked.state == "failed" else "sent"), None

    def _rules(self, site: Site, note: Instruction, circuit: LiveCircuit) -> bool:
        """Whether that instruction is the one which set the circuit's level: of its layer, and the newest there."""
        if circuit.layer != note.layer or circuit.asked_pct is None:
            return False
        return not any(
            other.instruction.id > note.id
            and other.instruction.layer is note.layer
            and covers(site, other.instruction, circuit.id)
            for other in self.tracked.values()
        )


def _is_known(tracked: Tracked, state: InstructionStateName, fact: Fact | None) -> bool:
    """Whether that was written down already; what is only sent may wait for something else meanwhile."""
    return state == tracked.state and (state != "sent" or tracked.waits_for == ("" if fact is None else fact.code))


def _will_dim(circuit: LiveCircuit, decided_ms: int) -> bool:
    """Whether it is at full level only until its lamps are warm; without a dimmer that level is its last."""
    return circuit.wiring.circuit.dimmer is not None and circuit.is_warming(decided_ms)


def _is_to_come(note: Instruction, now_ms: int) -> bool:
    """Whether its time has not come. Giving back counts from its recording, whatever a clock set back says."""
    return note.layer is not Layer.LOCAL_CONTROL and note.from_ms > now_ms


def _ran_out(note: Instruction, now_ms: int) -> bool:
    return note.layer is not Layer.LOCKOUT and note.until_ms is not None and note.until_ms <= now_ms
