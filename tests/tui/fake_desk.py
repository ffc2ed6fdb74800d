"""A desk without a city behind it: a made-up district of Hà Nội whose values a test can move as it likes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np

from lighting.assets.fact import Fact, Problem, Value
from lighting.assets.model import ScopeKind
from lighting.desk.answers import (
    CircuitAnswer,
    CircuitRow,
    CircuitWithoutUs,
    CityOutlook,
    ControllerAnswer,
    ControllerLife,
    DistrictAnswer,
    PlanChange,
    PlanSeries,
    Receipt,
    StatusAnswer,
    TonightAnswer,
    WithoutUsAnswer,
)
from lighting.desk.refusal import NotFound, Refused, WrongUsage
from lighting.desk.scopes import Scope
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.trail import TrailEntry
from lighting.store.records import (
    AlarmState,
    CircuitState,
    DecisionChange,
    DeviceState,
    InstructionStatus,
    Reading,
)

ZONE = "Asia/Ho_Chi_Minh"
NOW_MS = round(datetime(2026, 11, 23, 11, 42, tzinfo=UTC).timestamp() * 1000)
"""Monday 23 November 2026, 18:42 in Hà Nội."""
MINUTE_MS = 60_000
DUSK_MS = NOW_MS - 87 * MINUTE_MS
DAWN_MS = NOW_MS + 687 * MINUTE_MS
ROADS = ("Tràng Tiền", "Hàng Bài", "Lý Thái Tổ", "Hàng Bạc", "Đinh Tiên Hoàng", "Phố Nhà Thờ và Ấu Triệu nối dài")
DISTRICTS = (("hang-bac", "Hàng Bạc"), ("hang-bai", "Hàng Bài"), ("trang-tien", "Tràng Tiền"))
FLOOR_PCT = 30.0


def _row(number: int) -> CircuitRow:
    power_w = 700.0 + (number * 37) % 500
    state = CircuitState(
        circuit_key=number,
        at_ms=NOW_MS - 2_000,
        desired_pct=80.0,
        accepted_pct=80.0,
        actual_pct=79.0,
        lit=True,
        power_w=power_w,
        expected_power_w=power_w * 1.02,
        layer=Layer.PROGRAM,
        cause=Fact("program_step", {"program": "main-roads", "level_pct": 80.0, "since_ms": DUSK_MS}),
        dark=True,
        polled_ms=NOW_MS - 20_000,
    )
    return CircuitRow(
        id=f"C-{number:04d}" if number < 10_000 else f"C-{number}",
        name=f"Circuit {number}",
        road=ROADS[number % len(ROADS)],
        cabinet=f"CB-{number // 4:02d}",
        district=DISTRICTS[number % 3][0],
        program="main-roads",
        lamp_count=24,
        state=state,
        is_stale=False,
        overridden=False,
        locked_out=False,
        district_name=DISTRICTS[number % 3][1],
    )


@dataclass
class FakeDesk:
    """Every answer is made of ``rows``; ``fails`` is raised by every question while it is set."""

    circuit_count: int = 100
    life: ControllerLife = "running"
    beat_age_s: float = 2.0
    confirms: bool = True
    held_back_s: float = 0.01
    now_ms: int = NOW_MS
    fails: Exception | None = None
    fails_preview: Exception | None = None
    alarms: tuple[AlarmState, ...] = ()
    problems: tuple[Problem, ...] = ()
    speed: float = 1.0
    site_name: str = "Hoàn Kiếm"
    rows: dict[str, CircuitRow] = field(default_factory=dict)
    asked: list[InstructionStatus] = field(default_factory=list)
    acts: list[tuple[object, ...]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    on_circuits: Callable[[], None] | None = None
    without_us: WithoutUsAnswer | None = None
    alone: CircuitWithoutUs | None = None

    def __post_init__(self) -> None:
        self.rows = {row.id: row for row in map(_row, range(1, self.circuit_count + 1))}

    def change(
        self, circuit_id: str, *, stale: bool | None = None, locked: bool | None = None, **state: object
    ) -> None:
        """Give one circuit other values, as a refresh would find them."""
        row = self.rows[circuit_id]
        known = row.state
        assert known is not None
        self.rows[circuit_id] = replace(
            row,
            state=replace(known, **state),  # type: ignore[arg-type]
            is_stale=row.is_stale if stale is None else stale,
            locked_out=row.locked_out if locked is None else locked,
        )

    def _question(self, name: str) -> None:
        self.questions.append(name)
        if self.fails is not None:
            raise self.fails

    def close(self) -> None:
        self.questions.append("close")

    def refresh(self) -> bool:
        return False

    def status(self) -> StatusAnswer:
        self._question("status")
        rows = list(self.rows.values())
        powers = [row.state.power_w or 0.0 for row in rows if row.state]
        expected = [row.state.expected_power_w or 0.0 for row in rows if row.state]
        return StatusAnswer(
            site_name=self.site_name,
            timezone=ZONE,
            now_ms=self.now_ms,
            clock_speed=self.speed,
            controller=ControllerAnswer(self.life, self.beat_age_s, 1, 10.0, "cabinet-pc", None, None),
            tonight=TonightAnswer(
                "2026-11-23", DUSK_MS, DAWN_MS, DUSK_MS, DAWN_MS, "rises_and_sets", DUSK_MS <= self.now_ms < DAWN_MS
            ),
            circuits=len(rows),
            should_be_lit=len(rows),
            lit=sum(1 for row in rows if row.state and row.state.lit),
            unknown=sum(1 for row in rows if row.state is None or row.state.lit is None),
            local_control=sum(1 for row in rows if row.state and row.state.local_control),
            level_pct=80.0,
            power_w=sum(powers),
            expected_power_w=sum(expected),
            full_power_w=sum(expected) * 1.4,
            districts=tuple(self._district(id_, name) for id_, name in DISTRICTS),
            alarms=self.alarms,
            instructions_in_force=len(self.asked),
            folder_differs=False,
            folder_problems=self.problems,
            metered_full_power_w=sum(expected) * 1.4,
            metered_circuits=len(rows),
            without_us=self.without_us,
        )

    def _district(self, id_: str, name: str) -> DistrictAnswer:
        rows = [row for row in self.rows.values() if row.district == id_]
        lit = sum(1 for row in rows if row.state and row.state.lit)
        power_w = sum(row.state.power_w or 0.0 for row in rows if row.state)
        return DistrictAnswer(id_, name, len(rows), len(rows), lit, 0, 80.0, power_w, power_w * 1.02, 0)

    def circuits(self) -> list[CircuitRow]:
        self._question("circuits")
        if self.on_circuits is not None:
            self.on_circuits()
        return list(self.rows.values())

    def _plan(self, ids: tuple[str, ...]) -> PlanSeries:
        at_ms = np.arange(DUSK_MS - 300 * MINUTE_MS, DAWN_MS + 300 * MINUTE_MS, 5 * MINUTE_MS, dtype=np.int64)
        level = np.where((at_ms >= DUSK_MS) & (at_ms < DAWN_MS), 80.0, 0.0)
        level = np.where((at_ms >= NOW_MS + 198 * MINUTE_MS) & (at_ms < NOW_MS + 618 * MINUTE_MS), 60.0, level)
        return PlanSeries(ids, at_ms, np.repeat(level.astype(np.float32)[:, None], len(ids), axis=1))

    def city_plan(self) -> PlanSeries:
        self._question("city_plan")
        return self._plan(("",))

    def city_outlook(self) -> CityOutlook:
        self._question("city_outlook")
        return CityOutlook(80.0, NOW_MS + 198 * MINUTE_MS, 60.0)

    def city_power(self) -> tuple[list[int], list[float]]:
        self._question("city_power")
        times = list(range(DUSK_MS, self.now_ms, 5 * MINUTE_MS))
        return times, [92_000.0] * len(times)

    def circuit(self, circuit_id: str) -> CircuitAnswer:
        self._question("circuit")
        if circuit_id not in self.rows:
            raise NotFound(Fact("circuit_not_found", {"id": circuit_id}))
        row = self.rows[circuit_id]
        cause = Fact("program_step", {"program": "main-roads", "level_pct": 80.0, "since_ms": DUSK_MS})
        return CircuitAnswer(
            row=row,
            lamps=(("LED-60", 24),),
            floor_pct=FLOOR_PCT,
            minimum_level_pct=10.0,
            rated_power_w=1_440.0,
            meter=("M-1:L1",),
            meter_shared_with=(),
            plan=self._plan((circuit_id,)),
            plan_changes=(PlanChange(NOW_MS + 198 * MINUTE_MS, 60.0, cause),),
            measured=tuple(self._readings()),
            decisions=(DecisionChange(1, DUSK_MS, 80.0, Layer.PROGRAM, cause, 1),),
            instructions=tuple(s for s in self.asked if s.instruction.scope_id == circuit_id),
            devices=(("DIM-01", DeviceState(1, self.now_ms, True, self.now_ms - 2_000)), ("REL-01", None)),
            trail=(
                TrailEntry(Layer.PROGRAM, cause, True, 80.0),
                TrailEntry(Layer.FALLBACK, Fact("fallback_dark"), False, 100.0),
            ),
            measured_level_pct=(80.0,) * len(self._readings()),
            meter_readings=(("M-1:L1", self._readings()[-1]),),
            without_us=self.alone,
        )

    def _readings(self) -> list[Reading]:
        times = range(DUSK_MS + MINUTE_MS, self.now_ms, 2 * MINUTE_MS)
        return [Reading(at, 1, 80.0, 811.0, None, 229.8, 3.66, 0.96) for at in times]

    def instructions(self, *, all_states: bool = False) -> list[InstructionStatus]:
        self._question("instructions")
        over = {"released", "expired"}
        return [s for s in reversed(self.asked) if all_states or s.state not in over]

    def parse_scope(self, text: str) -> Scope:
        kind, _, id_ = text.rpartition(":")
        if kind in {"cabinet", "district"}:
            return Scope("cabinet" if kind == "cabinet" else "district", id_)
        if text not in self.rows:
            raise NotFound(Fact("circuit_not_found", {"id": text}))
        return Scope("circuit", text)

    def parse_until(self, text: str | None) -> int:
        if text is None:
            return self.now_ms + 120 * MINUTE_MS
        if text == "06:00":
            return NOW_MS + 678 * MINUTE_MS
        if text == "18:43":
            return self._next(NOW_MS + MINUTE_MS)
        raise WrongUsage(Fact("fake_until_not_understood", {"found": text}))

    def _next(self, at_ms: int) -> int:
        """The next time that the clock shows what it shows at that instant, as the real desk takes a clock time."""
        return at_ms if at_ms > self.now_ms else at_ms + 1_440 * MINUTE_MS

    def _refuse_past(self, until_ms: int | None) -> None:
        if until_ms is not None and until_ms <= self.now_ms:
            raise WrongUsage(Fact("until_in_the_past", {"until_ms": until_ms, "now_ms": self.now_ms}))

    def preview_set(
        self, scope: Scope, level_pct: float, *, until_ms: int, below_floor: bool = False
    ) -> tuple[Fact, ...]:
        if self.fails_preview is not None:
            raise self.fails_preview
        if level_pct < FLOOR_PCT and not below_floor:
            raise Refused(Fact("fake_below_floor", {"level_pct": level_pct, "floor_pct": FLOOR_PCT}))
        values: dict[str, Value] = {"id": scope.id, "level_pct": level_pct, "until_ms": until_ms, "lamps": 24}
        return (Fact("fake_set_preview", values),)

    def set_level(
        self, scope: Scope, level_pct: float, *, until_ms: int, reason: str, below_floor: bool = False
    ) -> Receipt:
        self._refuse_past(until_ms)
        self.acts.append(("set", scope, level_pct, until_ms, reason, below_floor))
        return self._record(Layer.OVERRIDE, scope, level_pct, until_ms, reason)

    def release(self, scope: Scope, *, reason: str) -> Receipt:
        self.acts.append(("release", scope, reason))
        taken = [s.instruction.id for s in self.asked if s.instruction.scope_id == scope.id]
        self.asked = [replace(s, state="released") if s.instruction.id in taken else s for s in self.asked]
        return Receipt(None, None, None, self.life, (scope.id,), None, released=tuple(taken))

    def release_number(self, number: int, *, reason: str) -> Receipt:
        self.acts.append(("release_number", number, reason))
        self.asked = [replace(s, state="released") if s.instruction.id == number else s for s in self.asked]
        return Receipt(None, None, None, self.life, (), None, released=(number,))

    def confirm(self, number: int) -> Receipt:
        self.acts.append(("confirm", number))
        self.asked = [replace(s, state="recorded") if s.instruction.id == number else s for s in self.asked]
        return Receipt(number, None, None, self.life, (), None, state="recorded")

    def lock(self, scope: Scope, *, until_ms: int | None, reason: str) -> Receipt:
        self._refuse_past(until_ms)
        self.acts.append(("lock", scope, until_ms, reason))
        if scope.kind == "circuit":
            self.change(scope.id, locked=True)
        receipt = self._record(Layer.LOCKOUT, scope, None, until_ms, reason)
        return replace(receipt, warnings=(Fact("fake_failsafe_lights", {"level_pct": 100.0}),))

    def unlock(self, scope: Scope, *, reason: str, word: str = "") -> Receipt:
        self.acts.append(("unlock", scope, reason, word))
        if scope.kind == "circuit":
            self.change(scope.id, locked=False)
        return Receipt(None, None, None, self.life, (scope.id,), None, released=(1,))

    def _record(self, layer: Layer, scope: Scope, level_pct: float | None, until_ms: int | None, why: str) -> Receipt:
        kind: ScopeKind = scope.kind
        number = len(self.asked) + 17
        asked = Instruction(number, layer, kind, scope.id, level_pct, self.now_ms, until_ms, "an", why)
        self.asked.append(InstructionStatus(asked, "recorded", self.now_ms))
        return Receipt(number, None, None, self.life, (scope.id,), until_ms)

    def wait_confirmed(self, instruction_ids: tuple[int, ...], *, timeout_s: float = 15.0) -> Receipt:
        if not self.confirms:
            time.sleep(min(timeout_s, self.held_back_s))
            return Receipt(instruction_ids[0], False, None, self.life, (), None)
        self.asked = [
            replace(s, state="confirmed", latency_ms=4_100)
            if s.instruction.id in instruction_ids and s.state == "recorded"
            else s
            for s in self.asked
        ]
        return Receipt(instruction_ids[0], True, 4.1, self.life, (), None)
