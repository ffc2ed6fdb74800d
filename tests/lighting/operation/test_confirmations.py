"""An instruction is confirmed by circuits that were read back after it was seen."""

from __future__ import annotations

from dataclasses import replace

from lighting.operation.confirmations import Confirmations
from lighting.operation.ledger import Transition
from lighting.operation.live import Live
from lighting.schedule.instructions import Instruction, Layer

ORDER = Instruction(5, Layer.OVERRIDE, "circuit", "C-0101", 60.0, 1000, 9_000_000, "crew", "works")


def tracking(*notes: Instruction) -> Confirmations:
    confirmations = Confirmations()
    confirmations.see(notes, {}, now_s=10.0, now_ms=1200, speed=1.0)
    return confirmations


def ruled(live: Live, *, level: float, feedback_s: float) -> None:
    circuit = live.circuits["C-0101"]
    circuit.layer, circuit.asked_pct = int(Layer.OVERRIDE), 60.0
    circuit.level_pct, circuit.relay_closed, circuit.output_on = level, True, True
    circuit.feedback_s = feedback_s


def judged(
    confirmations: Confirmations, live: Live, now_s: float, decided_s: float = 10.1, decided_ms: int = 2000
) -> list[Transition]:
    return confirmations.judge(live, decided_s=decided_s, decided_ms=decided_ms, now_s=now_s, now_ms=2000)


def test_nothing_is_said_before_the_decision_has_seen_it(live: Live) -> None:
    ruled(live, level=60.0, feedback_s=11.0)
    assert judged(tracking(ORDER), live, 11.0, decided_s=9.9) == []


def test_an_old_echo_confirms_nothing_a_fresh_one_does_with_its_latency(live: Live) -> None:
    confirmations = tracking(ORDER)
    ruled(live, level=60.0, feedback_s=9.0)
    assert [step.state for step in judged(confirmations, live, 10.2)] == ["sent"]
    ruled(live, level=60.0, feedback_s=10.5)
    (step,) = judged(confirmations, live, 10.5)
    assert (step.state, step.latency_ms) == ("confirmed", 200 + 500)
    assert judged(confirmations, live, 11.0) == []


def test_while_it_is_being_written_it_is_not_confirmed(live: Live) -> None:
    confirmations = tracking(ORDER)
    ruled(live, level=60.0, feedback_s=10.5)
    live.circuits["C-0101"].writing = True
    assert [step.state for step in judged(confirmations, live, 10.6)] == ["sent"]


def test_it_fails_after_its_retry_budget_and_may_be_confirmed_later(live: Live) -> None:
    confirmations = tracking(ORDER)
    ruled(live, level=100.0, feedback_s=10.5)
    live.circuits["C-0101"].failed_attempts = 3
    assert [step.state for step in judged(confirmations, live, 12.0)] == ["sent"]
    (failed,) = judged(confirmations, live, 20.0)
    assert failed.state == "failed"
    assert failed.fact is not None
    assert failed.fact.values["circuit"] == "C-0101"
    live.circuits["C-0101"].failed_attempts = 0
    ruled(live, level=60.0, feedback_s=30.0)
    assert [step.state for step in judged(confirmations, live, 30.0)] == ["confirmed"]


def test_an_older_instruction_under_a_newer_one_is_held_back(live: Live) -> None:
    newer = replace(ORDER, id=6, level_pct=80.0)
    confirmations = tracking(ORDER, newer)
    ruled(live, level=60.0, feedback_s=10.5)
    steps = {step.instruction_id: step for step in judged(confirmations, live, 10.5)}
    assert steps[6].state == "confirmed"
    assert steps[5].state == "sent"
    assert steps[5].fact is not None
    assert steps[5].fact.code == "instruction_held_back"


def test_what_is_held_back_only_later_or_no_more_is_written_down_once_each(live: Live) -> None:
    confirmations = tracking(ORDER)
    ruled(live, level=100.0, feedback_s=10.5)
    assert [step.fact for step in judged(confirmations, live, 10.5)] == [None]
    live.circuits["C-0101"].layer = int(Layer.EMERGENCY)
    (step,) = judged(confirmations, live, 10.6)
    assert step.fact is not None
    assert (step.state, step.fact.code) == ("sent", "instruction_held_back")
    assert judged(confirmations, live, 10.7) == []
    ruled(live, level=100.0, feedback_s=10.8)
    assert [(step.state, step.fact) for step in judged(confirmations, live, 10.8)] == [("sent", None)]


def test_a_lockout_is_confirmed_when_no_write_is_under_way(live: Live) -> None:
    confirmations = tracking(Instruction(9, Layer.LOCKOUT, "cabinet", "CB01", None, 1000, None, "crew", "cable"))
    live.circuits["C-0102"].writing = True
    assert judged(confirmations, live, 10.5) == []
    live.circuits["C-0102"].writing = False
    assert [step.state for step in judged(confirmations, live, 10.6)] == ["confirmed"]


def test_what_ran_out_expires_and_what_was_taken_off_does_not(live: Live) -> None:
    confirmations = tracking(ORDER, replace(ORDER, id=6, until_ms=1500))
    ended = confirmations.see([], {}, now_s=20.0, now_ms=1600, speed=1.0)
    assert [(step.instruction_id, step.state) for step in ended] == [(6, "expired")]


def test_after_a_restart_a_confirmed_instruction_is_not_confirmed_again(live: Live) -> None:
    confirmations = Confirmations()
    confirmations.see([ORDER], {5: "confirmed"}, now_s=10.0, now_ms=1200, speed=1.0)
    ruled(live, level=60.0, feedback_s=10.5)
    assert judged(confirmations, live, 10.5) == []


def test_full_light_during_the_warm_up_is_not_the_level_that_was_asked_for(live: Live) -> None:
    confirmations = tracking(ORDER)
    ruled(live, level=100.0, feedback_s=10.5)
    circuit = live.circuits["C-0101"]
    circuit.asked_pct, circuit.on_since_ms = 100.0, 1900
    assert circuit.wiring.warm_up_ms == 5000
    assert [step.state for step in judged(confirmations, live, 10.6)] == ["sent"]
    ruled(live, level=60.0, feedback_s=16.0)
    assert [step.state for step in judged(confirmations, live, 16.0)] == ["confirmed"]


def test_full_light_after_the_warm_up_is_not_it_either_until_a_decision_has_asked_for_the_level(live: Live) -> None:
    confirmations = tracking(ORDER)
    ruled(live, level=100.0, feedback_s=10.5)
    circuit = live.circuits["C-0101"]
    circuit.asked_pct, circuit.on_since_ms = 100.0, 2000 - circuit.wiring.warm_up_ms
    assert not circuit.is_warming(2000)
    assert [step.state for step in judged(confirmations, live, 10.6, decided_ms=1999)] == ["sent"]
    ruled(live, level=60.0, feedback_s=10.7)
    assert [step.state for step in judged(confirmations, live, 10.8, decided_ms=2000)] == ["confirmed"]


def test_a_circuit_that_stays_at_full_by_its_floor_is_confirmed_once_it_is_warm(live: Live) -> None:
    confirmations = tracking(ORDER)
    ruled(live, level=100.0, feedback_s=10.5)
    circuit = live.circuits["C-0101"]
    circuit.asked_pct, circuit.on_since_ms = 100.0, -10_000
    assert [step.state for step in judged(confirmations, live, 10.6)] == ["confirmed"]


LIMIT = Instruction(5, Layer.DEMAND_LIMIT, "cabinet", "CB01", 60.0, 1000, 9_000_000, "operator", "grid")
EMERGENCY = Instruction(5, Layer.EMERGENCY, "circuit", "C-0101", None, 1000, 9_000_000, "crew", "accident")


def put(live: Live, circuit_id: str, layer: Layer, asked: float, level: float, feedback_s: float = 10.5) -> None:
    circuit = live.circuits[circuit_id]
    circuit.layer, circuit.asked_pct, circuit.feedback_s = int(layer), asked, feedback_s
    circuit.level_pct, circuit.relay_closed, circuit.output_on = level, asked > 0, asked > 0
    circuit.on_since_ms = -10_000_000 if asked > 0 else None  # warm


def test_a_limit_is_confirmed_when_all_that_it_covers_follow(live: Live) -> None:
    confirmations = tracking(LIMIT)
    put(live, "C-0101", Layer.DEMAND_LIMIT, 60.0, 60.0)
    put(live, "C-0102", Layer.DEMAND_LIMIT, 100.0, 80.0)  # its floor; its dimmer has not followed yet
    put(live, "C-0103", Layer.PROGRAM, 0.0, 0.0)
    assert [step.state for step in judged(confirmations, live, 10.6)] == ["sent"]
    put(live, "C-0102", Layer.DEMAND_LIMIT, 100.0, 100.0)
    assert [step.state for step in judged(confirmations, live, 10.7)] == ["confirmed"]


def test_a_limit_that_nothing_has_to_be_written_for_is_confirmed_once_it_was_read(live: Live) -> None:
    confirmations = tracking(LIMIT)
    for circuit in ("C-0101", "C-0102", "C-0103"):
        put(live, circuit, Layer.PROGRAM, 0.0, 0.0, feedback_s=9.0)
    assert [step.state for step in judged(confirmations, live, 10.6)] == ["sent"]
    for circuit in ("C-0101", "C-0102", "C-0103"):
        put(live, circuit, Layer.PROGRAM, 0.0, 0.0)
    assert [step.state for step in judged(confirmations, live, 10.7)] == ["confirmed"]


def test_a_limit_under_something_stronger_everywhere_is_held_back(live: Live) -> None:
    confirmations = tracking(LIMIT)
    for circuit in ("C-0101", "C-0102", "C-0103"):
        put(live, circuit, Layer.OVERRIDE, 90.0, 90.0)
    (step,) = judged(confirmations, live, 10.6)
    assert step.fact is not None
    assert (step.state, step.fact.code) == ("sent", "instruction_held_back")


def test_two_limits_are_both_confirmed(live: Live) -> None:
    lower = replace(LIMIT, id=6, level_pct=50.0)
    confirmations = tracking(LIMIT, lower)
    for circuit in ("C-0101", "C-0102", "C-0103"):
        put(live, circuit, Layer.DEMAND_LIMIT, 100.0, 100.0)
    assert {step.instruction_id: step.state for step in judged(confirmations, live, 10.6)} == {
        5: "confirmed",
        6: "confirmed",
    }


def test_an_emergency_by_day_waits_for_dark_and_is_confirmed_then(live: Live) -> None:
    confirmations = tracking(EMERGENCY)
    put(live, "C-0101", Layer.PROGRAM, 0.0, 0.0)
    live.circuits["C-0101"].dark = False
    (step,) = judged(confirmations, live, 10.6)
    assert step.fact is not None
    assert (step.state, step.fact.code) == ("sent", "emergency_waits_for_dark")
    put(live, "C-0101", Layer.EMERGENCY, 100.0, 100.0)
    live.circuits["C-0101"].dark = True
    assert [step.state for step in judged(confirmations, live, 10.7)] == ["confirmed"]


def test_lamps_without_a_dimmer_are_not_waited_for_until_they_are_warm(live: Live) -> None:
    confirmations = tracking(replace(LIMIT, scope_kind="circuit", scope_id="C-0103"))
    put(live, "C-0103", Layer.DEMAND_LIMIT, 100.0, 100.0)
    circuit = live.circuits["C-0103"]
    circuit.on_since_ms = 1900
    assert circuit.is_warming(2000)
    assert [step.state for step in judged(confirmations, live, 10.6)] == ["confirmed"]
