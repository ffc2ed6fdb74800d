"""Waiting for the controller: at once without one, confirmed by its word, released by what the circuits follow."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from lighting.assets.fact import Fact
from lighting.desk.desk import Desk, NotFound
from lighting.schedule.instructions import Layer
from lighting.store.store import Store

if TYPE_CHECKING:
    from tests.lighting.desk.conftest import Controller, StandingClock


def set_one(desk: Desk, target: str = "C-0101") -> int:
    receipt = desk.set_level(desk.parse_scope(target), 60, until_ms=desk.parse_until("1h"), reason="x")
    assert receipt.instruction_id is not None
    return receipt.instruction_id


def later(act: Callable[[], None]) -> threading.Thread:
    """Do something while the test waits in the desk."""
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def test_without_a_controller_it_is_said_at_once(desk: Desk) -> None:
    receipt = desk.wait_confirmed((set_one(desk),), timeout_s=60)
    assert (receipt.confirmed, receipt.controller) == (False, "never_ran")


def test_a_controller_that_died_is_not_waited_for(desk: Desk, controller: Controller) -> None:
    controller.start()
    controller.stop()
    receipt = desk.wait_confirmed((set_one(desk),), timeout_s=60)
    assert (receipt.confirmed, receipt.controller) == (False, "stopped")


def test_the_controllers_word_confirms_with_its_latency(
    desk: Desk, store: Store, clock: StandingClock, controller: Controller
) -> None:
    controller.start()
    wanted = set_one(desk)
    seen: list[str] = []

    def confirm() -> None:
        while "recorded" not in seen:
            time.sleep(0.01)
        store.instructions.transition(wanted, "sent", at_ms=clock.now_ms())
        while "sent" not in seen:
            time.sleep(0.01)
        store.instructions.transition(wanted, "confirmed", at_ms=clock.now_ms(), latency_ms=4100)

    thread = later(confirm)
    receipt = desk.wait_confirmed((wanted,), timeout_s=60, progress=seen.append)
    thread.join()
    assert (receipt.confirmed, receipt.latency_s, receipt.instruction_id) == (True, 4.1, wanted)
    assert seen == ["recorded", "sent", "confirmed"]


def test_not_in_time_is_not_confirmed_and_names_the_circuits(desk: Desk, controller: Controller) -> None:
    controller.start()
    wanted = set_one(desk, "cabinet:CB01")
    cause = Fact("override_in_force", {"id": wanted})
    controller.put("C-0101", layer=Layer.OVERRIDE, cause=cause, desired_pct=60.0, accepted_pct=60.0)
    controller.put("C-0102", layer=Layer.OVERRIDE, cause=cause, desired_pct=100.0, accepted_pct=70.0)
    receipt = desk.wait_confirmed((wanted,), timeout_s=0)
    assert receipt.confirmed is False
    assert receipt.controller == "running"
    assert receipt.unconfirmed_circuits == ("C-0102", "C-0103")


def test_a_failure_ends_the_waiting_with_its_reason(
    desk: Desk, store: Store, clock: StandingClock, controller: Controller
) -> None:
    controller.start()
    wanted = set_one(desk)
    store.instructions.transition(wanted, "failed", at_ms=clock.now_ms(), fact=Fact("unreachable", {"bus": "B1"}))
    receipt = desk.wait_confirmed((wanted,), timeout_s=60)
    assert receipt.confirmed is False
    assert receipt.warnings[0].code == "unreachable"


def test_a_release_is_confirmed_when_the_circuit_follows_something_else(
    desk: Desk, clock: StandingClock, controller: Controller
) -> None:
    controller.start()
    wanted = set_one(desk)
    cause = Fact("override_in_force", {"id": wanted})
    controller.put("C-0101", layer=Layer.OVERRIDE, cause=cause, desired_pct=60.0, accepted_pct=60.0)
    released = desk.release(desk.parse_scope("C-0101"), reason="over").released
    clock.at_ms += 1000
    controller.beat()
    assert desk.wait_confirmed(released, timeout_s=0).confirmed is False  # still shows the override
    program = Fact("program_step", {"program": "main-road"})
    controller.put("C-0101", layer=Layer.PROGRAM, cause=program, desired_pct=100.0, accepted_pct=60.0, pending=True)
    assert desk.wait_confirmed(released, timeout_s=0).confirmed is False  # on its way
    controller.put("C-0101", layer=Layer.PROGRAM, cause=program, desired_pct=100.0, accepted_pct=100.0)
    assert desk.wait_confirmed(released, timeout_s=0).confirmed is True


def test_a_release_is_not_confirmed_before_the_controller_was_heard_again(desk: Desk, controller: Controller) -> None:
    controller.start()
    set_one(desk)
    controller.put("C-0101", layer=Layer.PROGRAM, desired_pct=100.0, accepted_pct=100.0)
    released = desk.release(desk.parse_scope("C-0101"), reason="over").released
    assert desk.wait_confirmed(released, timeout_s=0).confirmed is False


def test_a_lockout_is_confirmed_when_the_controller_leaves_the_circuit_alone(
    desk: Desk, clock: StandingClock, controller: Controller
) -> None:
    controller.start()
    held = desk.lock(desk.parse_scope("C-0101"), until_ms=None, reason="x").instruction_id
    assert held is not None
    clock.at_ms += 1000
    controller.beat()
    controller.put("C-0101", layer=Layer.LOCKOUT, cause=Fact("lockout_in_force", {"id": held}))
    assert desk.wait_confirmed((held,), timeout_s=0).confirmed is True


def test_an_instruction_that_never_was_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.wait_confirmed((99,))


def test_circuits_that_something_stronger_rules_are_told_beside_the_confirmation(
    desk: Desk, store: Store, clock: StandingClock, controller: Controller
) -> None:
    controller.start()
    wanted = set_one(desk, "cabinet:CB01")
    controller.put("C-0101", layer=int(Layer.LOCKOUT))
    controller.put("C-0102", layer=int(Layer.OVERRIDE), cause=Fact("override_in_force", {"id": wanted}))
    store.instructions.transition(wanted, "confirmed", at_ms=clock.now_ms(), latency_ms=100)
    receipt = desk.wait_confirmed((wanted,), timeout_s=60)
    assert receipt.confirmed
    assert receipt.withheld_circuits == ("C-0101",)


def test_what_something_stronger_holds_back_is_answered_at_once(
    desk: Desk, store: Store, clock: StandingClock, controller: Controller
) -> None:
    controller.start()
    wanted = set_one(desk)
    fact = Fact("instruction_held_back", {"id": wanted})
    store.instructions.transition(wanted, "sent", at_ms=clock.now_ms(), fact=fact)
    receipt = desk.wait_confirmed((wanted,), timeout_s=60)
    assert (receipt.confirmed, receipt.held_back, receipt.controller) == (False, True, "running")
    assert (receipt.withheld_circuits, receipt.unconfirmed_circuits) == (("C-0101",), ())
    assert receipt.warnings == (fact,)
