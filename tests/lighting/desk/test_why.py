"""Why a circuit has its level: now, as it was recorded, as it is planned; until when, and what comes next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lighting.assets.fact import Fact
from lighting.desk.answers import WhyAnswer
from lighting.desk.desk import Desk
from lighting.schedule.instructions import Layer
from lighting.schedule.plan_changes import LevelChange
from lighting.store.records import DecisionChange
from lighting.store.store import Store

if TYPE_CHECKING:
    from tests.lighting.desk.conftest import Controller, StandingClock

C = "C-0101"


def at(desk: Desk, text: str) -> int:
    return desk.parse_moment(text)


def ruling(answer: WhyAnswer) -> str:
    return next(step.fact.code for step in answer.trail if step.ruled)


def coming(answer: WhyAnswer) -> list[tuple[int, float | None, str]]:
    return [(change.at_ms, change.level_pct, change.cause.code) for change in answer.coming]


def test_now_says_until_when_and_what_comes_next(desk: Desk) -> None:
    desk.set_level(desk.parse_scope(C), 60, until_ms=at(desk, "23:00"), reason="x")
    answer = desk.why(C)
    assert (answer.tense, ruling(answer)) == ("now", "override_in_force")
    assert coming(answer) == [(at(desk, "23:00"), 70.0, "program_step")]


def test_on_its_way_down_it_says_where_that_ends(desk: Desk) -> None:
    step_ms = at(desk, "22:00")
    answer = desk.why(C, at_ms=step_ms)
    way_down, (coming_next,) = answer.falling, answer.coming
    assert isinstance(way_down, LevelChange)
    assert (way_down.at_ms, way_down.level_pct, way_down.cause.code) == (step_ms, 70.0, "program_step")
    assert step_ms < way_down.reached_ms <= step_ms + 60_000
    assert (coming_next.at_ms, coming_next.level_pct) == (at(desk, "2026-11-24 00:00"), 50.0)
    assert desk.why(C, at_ms=way_down.reached_ms).falling is None
    assert desk.why(C, at_ms=step_ms - 1).falling is None


def test_what_leaves_the_level_as_it_is_is_told_with_what_does_not(desk: Desk) -> None:
    answer = desk.why("C-0102")  # never dimmed: at 22:00 only the reason changes
    assert [change[1:] for change in coming(answer)] == [(100.0, "raised_to_floor"), (0.0, "program_off")]
    assert answer.coming[0].at_ms == at(desk, "22:00")


def test_by_day_the_next_night_is_looked_at(desk: Desk, clock: StandingClock) -> None:
    clock.at_ms = at(desk, "2026-11-23 09:00")
    (change,) = desk.why(C).coming
    assert change.level_pct == 100
    assert at(desk, "2026-11-23 17:00") < change.at_ms < at(desk, "2026-11-23 17:30")


def test_a_circuit_that_nobody_writes_has_nothing_to_come(desk: Desk, controller: Controller) -> None:
    desk.lock(desk.parse_scope(C), until_ms=at(desk, "+2h"), reason="x")
    assert desk.why(C).coming == ()
    controller.put("C-0201", local_control="input")
    assert desk.why("C-0201").coming == ()


def test_an_override_that_was_taken_off_leaves_no_trace(desk: Desk, clock: StandingClock) -> None:
    clock.at_ms = at(desk, "23:00")
    scope = desk.parse_scope(C)
    desk.set_level(scope, 100, until_ms=at(desk, "+1h"), reason="x")
    clock.at_ms += 600_000
    desk.release(scope, reason="over")
    assert desk.instructions() == []
    clock.at_ms += 6_000
    answer = desk.why(C)
    assert ruling(answer) == "program_step"
    assert answer.level_pct == 70
    assert not any(step.fact.code in ("override_in_force", "dimming_down") for step in answer.trail)
    assert coming(answer)[0][:2] == (at(desk, "00:00"), 50.0)
    clock.at_ms = at(desk, "00:00:10")
    answer = desk.why(C)
    assert answer.level_pct == pytest.approx(70 - 100 / 60 * 10, abs=0.1)
    assert answer.trail[-1].fact.code == "dimming_down"
    assert coming(answer)[0][1] == 100.0, "not the way down that is under way"


def test_what_is_to_come_is_planned_with_instructions_that_end_by_themselves(desk: Desk) -> None:
    desk.set_level(desk.parse_scope(C), 60, until_ms=at(desk, "23:00"), reason="x")
    during, after = desk.why(C, at_ms=at(desk, "22:30")), desk.why(C, at_ms=at(desk, "23:30"))
    assert (during.tense, during.level_pct, ruling(during)) == ("future", 60, "override_in_force")
    assert (after.level_pct, ruling(after)) == (70, "program_step")
    assert not any(step.fact.code == "override_in_force" for step in after.trail)
    assert coming(after)[0][:2] == (at(desk, "00:00"), 50.0)


def test_lamps_that_will_be_warming_up_are_said_to_be(folder: Path, desk: Desk, clock: StandingClock) -> None:
    clock.at_ms = at(desk, "2026-11-23 15:00")
    dusk_ms = desk.why("C-0103").coming[0].at_ms
    (step,) = [s for s in desk.why("C-0103", at_ms=dusk_ms + 60_000).trail if s.ruled]
    assert step.fact.code == "program_step", "at full level warming up changes nothing"


def recorded(store: Store, key: int, at_ms: int, level_pct: float, layer: Layer, cause: Fact) -> None:
    store.history.add_decisions([DecisionChange(key, at_ms, level_pct, int(layer), cause, 1)])


def test_of_the_past_it_says_what_came_after(
    desk: Desk, store: Store, clock: StandingClock, controller: Controller
) -> None:
    desk.apply()
    key, start_ms = controller.key(C), clock.now_ms()
    wanted = desk.set_level(desk.parse_scope(C), 60, until_ms=at(desk, "+1h"), reason="x").instruction_id
    cause = Fact("override_in_force", {"id": wanted})
    for second, level in ((0, 90.0), (10, 70.0), (20, 60.0)):
        recorded(store, key, start_ms + second * 1000, level, Layer.OVERRIDE, cause)
    recorded(store, key, start_ms + 3_600_000, 100.0, Layer.PROGRAM, Fact("program_step", {"since_ms": 1}))
    clock.at_ms += 4_000_000
    answer = desk.why(C, at_ms=start_ms + 12_000)
    assert (answer.tense, answer.level_pct) == ("past", 70.0)
    assert coming(answer) == [(start_ms + 3_600_000, 100.0, "program_step")], "a ramp is no change of who rules"
    assert desk.why(C, at_ms=start_ms + 3_700_000).coming == (), "and so it still is"


def test_an_override_that_has_just_ended_leaves_no_trace(
    desk: Desk, store: Store, clock: StandingClock, controller: Controller
) -> None:
    desk.apply()
    clock.at_ms = at(desk, "23:00")
    desk.set_level(desk.parse_scope(C), 100, until_ms=at(desk, "+10m"), reason="x")
    ended_ms = clock.now_ms() + 600_000
    program = Fact("program_step", {"program": "main-road"})
    recorded(store, controller.key(C), ended_ms, 50.0, Layer.PROGRAM, program)
    clock.at_ms = ended_ms + 3_600_000
    answer = desk.why(C, at_ms=ended_ms + 1)
    assert answer.level_pct == 50.0
    assert not [step for step in answer.trail if step.fact.code in ("dimming_down", "override_in_force")]
