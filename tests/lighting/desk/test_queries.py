"""What the desk answers: true with and without a store, a controller and fresh values; quick at 10,000 circuits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lighting.assets.fact import Fact
from lighting.assets.model import Circuit
from lighting.desk.desk import BrokenSite, Desk, NotFound, WrongUsage
from lighting.schedule.instructions import Layer
from lighting.store.records import DecisionChange, DeviceState, Reading
from lighting.store.store import Store, StoreError, StoreUnavailable, open_store, store_url_for

if TYPE_CHECKING:
    from tests.lighting.desk.conftest import Controller, DeskOf, StandingClock


def test_a_folder_without_a_store_is_answered_and_gets_none_by_asking(folder: Path, clock: StandingClock) -> None:
    with Desk(folder, user_id="operator", clock=clock) as desk:
        status = desk.status()
        assert status.controller.life == "never_ran"
        assert (status.circuits, status.should_be_lit, status.lit, status.unknown) == (4, 4, 0, 4)
        assert status.power_w is None
        assert len(desk.circuits()) == 4
        assert desk.circuit("C-0101").measured == ()
        assert desk.why("C-0101").level_pct == 100
        assert (desk.instructions(), desk.revisions(), desk.city_power()) == ([], [], ([], []))
        assert not desk.refresh()
    assert not (folder / "state").exists()


def test_a_folder_that_is_no_site_is_said(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage) as refused:
        Desk(tmp_path, user_id="x")
    assert refused.value.fact.code == "no_site_here"


def test_a_broken_folder_tells_its_problems(folder: Path) -> None:
    (folder / "buses.csv").write_text("id\n", encoding="utf-8")
    with pytest.raises(BrokenSite) as refused:
        Desk(folder, user_id="x")
    assert len(refused.value.problems) >= 1


def test_the_accepted_revision_rules_and_not_the_edited_folder(
    folder: Path, desk: Desk, desk_of: DeskOf, store: Store
) -> None:
    desk.apply(note="first")
    (folder / "buses.csv").write_text("id\n", encoding="utf-8")
    with desk_of("crew") as other:
        assert len(other.site.circuits) == 4
        status = other.status()
        assert status.folder_differs
        assert any(not problem.is_warning for problem in status.folder_problems)


def test_a_stray_file_is_told_and_neither_counted_nor_accepted(folder: Path, desk: Desk, desk_of: DeskOf) -> None:
    desk.apply()
    (folder / "circuit.csv").write_text("id\n", encoding="utf-8")
    with desk_of("crew") as other:
        assert not other.status().folder_differs
    answer = desk.apply(dry_run=True)
    assert (answer.changed_files, [problem.fact.code for problem in answer.problems]) == ((), ["file_not_used"])


def test_an_edit_that_was_accepted_is_taken_up_by_refresh(folder: Path, desk: Desk, desk_of: DeskOf) -> None:
    desk.apply()
    with desk_of("crew") as other:
        text = (folder / "site.toml").read_text(encoding="utf-8")
        (folder / "site.toml").write_text(text.replace("Example town", "Exemplary town"), encoding="utf-8")
        assert other.status().folder_differs
        assert not other.refresh()
        answer = desk.apply(note="renamed")
        assert (answer.accepted, answer.changed_files) == (True, ("site.toml",))
        assert other.refresh()
        assert other.site.name == "Exemplary town"
        assert not other.status().folder_differs


def test_apply_of_the_same_folder_makes_no_new_revision(desk: Desk) -> None:
    first = desk.apply().revision
    assert desk.apply().revision == first
    assert len(desk.revisions()) == 1


def test_a_dry_run_and_a_broken_folder_accept_nothing(folder: Path, desk: Desk) -> None:
    assert not desk.apply(dry_run=True).accepted
    assert desk.revisions() == []
    (folder / "circuits.csv").write_text("id\n", encoding="utf-8")
    answer = desk.apply()
    assert (answer.accepted, answer.revision) == (False, None)
    assert answer.problems
    assert desk.revisions() == []


def test_the_life_of_the_controller_is_told_by_its_lock_and_its_beat(desk: Desk, controller: Controller) -> None:
    assert desk.status().controller.life == "never_ran"
    controller.start()
    assert desk.status().controller.life == "running"
    controller.beat(real_age_s=31)
    assert desk.status().controller.life == "silent"
    controller.stop()
    assert desk.status().controller.life == "stopped"


def test_lit_level_and_power_are_summed_from_what_is_fresh(
    desk: Desk, store: Store, clock: StandingClock, controller: Controller
) -> None:
    controller.put("C-0101", lit=True, accepted_pct=50.0, desired_pct=50.0, expected_power_w=1000.0)
    controller.put("C-0103", lit=False, accepted_pct=0.0, desired_pct=100.0, expected_power_w=1200.0)
    meter = str(desk.site.circuits["C-0101"].meter[0])
    key = store.keys.ensure("meter", [meter], at_ms=clock.now_ms())[meter]
    store.readings.append([Reading(clock.now_ms(), key, power_w=1010.0)])
    status = desk.status()
    assert (status.lit, status.unknown, status.should_be_lit) == (1, 2, 4)
    rated = [desk.site.luminaire_types[t].rated_w * n for t, n in (("led-90", 24), ("hps-150", 8))]
    assert status.level_pct == pytest.approx(50 * rated[0] / sum(rated))
    assert status.power_w == 1010.0
    # Only the circuit whose meter is fresh is compared, so that a silent meter saves nothing.
    assert status.metered_circuits == 1
    assert status.metered_full_power_w is not None
    assert rated[0] <= status.metered_full_power_w < status.full_power_w / 1.5
    assert status.full_power_w > sum(rated)
    assert [d.circuits for d in status.districts] == [3, 1]
    clock.at_ms += 1_000_000  # all of it is stale now
    status = desk.status()
    assert (status.lit, status.unknown, status.power_w) == (0, 4, None)
    assert (status.metered_circuits, status.metered_full_power_w) == (0, None)
    assert [row.is_stale for row in desk.circuits()] == [True] * 4


def test_lit_under_a_lockout_is_counted_apart(desk: Desk, controller: Controller) -> None:
    for circuit in desk.site.circuits:
        controller.put(circuit, lit=True, accepted_pct=100.0)
    desk.lock(desk.parse_scope("C-0101"), until_ms=None, reason="x")
    status = desk.status()
    assert (status.lit, status.should_be_lit, status.lit_besides) == (3, 3, 1)
    assert [(d.lit, d.should_be_lit, d.lit_besides) for d in status.districts] == [(2, 2, 1), (1, 1, 0)]


def test_why_says_when_the_devices_were_read_before_the_change(
    desk: Desk, clock: StandingClock, controller: Controller, store: Store
) -> None:
    controller.put("C-0101", desired_pct=100.0, accepted_pct=100.0, on_since_ms=0)
    assert not desk.why("C-0101").read_before_change
    clock.at_ms += 5_000
    desk.set_level(desk.parse_scope("C-0101"), 60, until_ms=desk.parse_until("1h"), reason="x")
    assert desk.why("C-0101").read_before_change  # the controller has not taken it up
    read_ms, decided_ms = clock.at_ms - 5_000, clock.at_ms + 1_000
    clock.at_ms += 2_000
    key = controller.key("C-0101")
    change = DecisionChange(key, decided_ms, 60.0, int(Layer.OVERRIDE), Fact("override_in_force"), 1)
    store.history.add_decisions([change])
    controller.put("C-0101", desired_pct=60.0, accepted_pct=60.0, on_since_ms=0, polled_ms=read_ms)
    assert desk.why("C-0101").read_before_change  # written, not read again
    controller.put("C-0101", desired_pct=60.0, accepted_pct=60.0, on_since_ms=0)
    assert not desk.why("C-0101").read_before_change


def test_a_store_that_cannot_be_opened_is_no_controller_that_never_ran(folder: Path, clock: StandingClock) -> None:
    (folder / "state").write_text("not a folder", encoding="utf-8")
    with pytest.raises(StoreError):
        Desk(folder, user_id="x", clock=clock)


def test_a_store_whose_folder_is_nowhere_is_said(folder: Path, tmp_path: Path, clock: StandingClock) -> None:
    text = (folder / "site.toml").read_text(encoding="utf-8")
    url = f"sqlite:///{tmp_path}/nowhere/lighting.db"
    kept = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("url"))
    (folder / "site.toml").write_text(kept.replace("[store]", f'[store]\nurl = "{url}"'), encoding="utf-8")
    with pytest.raises(StoreError) as refused:
        Desk(folder, user_id="x", clock=clock)
    assert refused.value.fact.code == "store_cannot_open"
    (tmp_path / "nowhere").mkdir()
    with Desk(folder, user_id="operator", clock=clock) as desk:
        assert desk.status().controller.life == "never_ran"
        desk.apply()
    (tmp_path / "nowhere" / "lighting.db").unlink()
    with pytest.raises(StoreError):
        Desk(folder, user_id="x", clock=clock)


def test_silent_devices_count_for_the_district_of_their_cabinet(desk: Desk, store: Store, clock: StandingClock) -> None:
    now_ms = clock.now_ms()
    key = store.keys.ensure("device", ["CB02-D"], at_ms=now_ms)["CB02-D"]
    store.states.put_devices([DeviceState(key, now_ms, reachable=False, last_ok_ms=None, fault="unreachable")])
    assert [district.unreachable_devices for district in desk.status().districts] == [0, 1]
    assert desk.circuit("C-0201").devices[0][1] is not None


def test_one_circuit_has_all_for_its_screen(
    desk: Desk, store: Store, clock: StandingClock, controller: Controller
) -> None:
    key = controller.key("C-0101")
    store.readings.append([Reading(clock.now_ms() - 60_000, key, level_pct=100.0, power_w=2100.0)])
    desk.set_level(desk.parse_scope("cabinet:CB01"), 100, until_ms=desk.parse_until("1h"), reason="x")
    answer = desk.circuit("C-0101")
    assert answer.lamps == (("led-90", 24),)
    assert answer.floor_pct == pytest.approx(100 * 0.5 / 1.1)
    assert answer.plan.level_pct.shape == (1440, 1)
    assert [reading.power_w for reading in answer.measured] == [2100.0]
    assert [status.instruction.scope_id for status in answer.instructions] == ["CB01"]
    assert answer.plan_changes[0].at_ms == answer.plan.at_ms[0]
    assert answer.trail[0].layer is Layer.OVERRIDE
    with pytest.raises(NotFound):
        desk.circuit("C-9999")


def test_the_plan_follows_an_override_to_its_end(desk: Desk) -> None:
    desk.set_level(desk.parse_scope("C-0101"), 60, until_ms=desk.parse_until("23:00"), reason="x")
    plan = desk.plan(("C-0101",))
    at = dict(zip(plan.at_ms.tolist(), plan.level_pct[:, 0].tolist(), strict=True))
    assert at[desk.parse_until("22:59")] == 60
    assert at[desk.parse_until("23:00")] == 70  # the program's own step of 22:00
    changes = desk.plan_changes(("C-0101",))["C-0101"]
    assert [c.level_pct for c in changes if c.at_ms == desk.parse_until("23:00")] == [70]


def circuits(desk: Desk) -> list[Circuit]:
    return list(desk.site.circuits.values())


def test_the_city_plan_is_one_weighted_mean_and_worked_out_once(desk: Desk) -> None:
    city = desk.city_plan()
    assert city.level_pct.shape == (288, 1)
    rated_w = [desk.site.luminaire_types[c.lamps[0].luminaire_type].rated_w * c.lamp_count for c in circuits(desk)]
    evening_pct = [80.0 if c.program == "park-path" else 100.0 for c in circuits(desk)]
    assert np.nanmax(city.level_pct) == pytest.approx(np.average(evening_pct, weights=rated_w))
    assert desk.city_plan() is city
    desk.set_level(desk.parse_scope("C-0101"), 60, until_ms=desk.parse_until("1h"), reason="x")
    assert desk.city_plan() is not city


def test_the_outlook_is_exact_between_the_steps_of_the_drawn_plan(desk: Desk, clock: StandingClock) -> None:
    start_ms = clock.at_ms = desk.parse_until("2026-11-23T20:01:10")
    desk.set_level(desk.parse_scope("C-0101"), 60, until_ms=start_ms + 80_000, reason="x")
    clock.at_ms += 1_000
    during = desk.city_outlook()
    assert during.next_ms == start_ms + 80_000  # 20:02:30
    clock.at_ms = start_ms + 60_000
    low = desk.city_outlook()
    clock.at_ms = start_ms + 80_000
    after = desk.city_outlook()
    assert during.level_pct is not None
    assert low.level_pct is not None
    assert after.level_pct is not None
    assert low.level_pct == during.level_pct < after.level_pct, "what a person asks is at once"
    assert (during.reaches_pct, low.reaches_pct) == (None, None)
    assert after.level_pct == during.next_pct == low.next_pct
    assert after.level_pct > low.level_pct + 1
    assert after.next_ms == desk.parse_until("2026-11-23T22:00"), "when it begins, not when a percent is gone"
    clock.at_ms = desk.parse_until("2026-11-23T22:05")
    assert desk.city_outlook().level_pct == pytest.approx(after.next_pct, abs=0.01), "the level that it ends with"


def test_why_of_the_past_comes_from_what_was_recorded(
    desk: Desk, store: Store, clock: StandingClock, controller: Controller
) -> None:
    desk.apply()
    hour_ago_ms = clock.now_ms() - 3_600_000
    cause = Fact("clock_doubted")
    store.history.add_decisions(
        [DecisionChange(controller.key("C-0101"), hour_ago_ms, 100.0, int(Layer.FALLBACK), cause, 1)]
    )
    answer = desk.why("C-0101", at_ms=hour_ago_ms + 60_000)
    assert (answer.level_pct, answer.recorded is not None) == (100.0, True)
    assert next(step.fact.code for step in answer.trail if step.ruled) == "clock_doubted"
    with pytest.raises(WrongUsage):
        desk.why("C-0101", at_ms=hour_ago_ms - 1)


def test_why_of_the_past_shows_an_override_that_was_released_since(
    desk: Desk, store: Store, clock: StandingClock, controller: Controller
) -> None:
    desk.apply()
    scope = desk.parse_scope("C-0101")
    wanted = desk.set_level(scope, 60, until_ms=desk.parse_until("1h"), reason="x").instruction_id
    then_ms = clock.now_ms() + 60_000
    cause = Fact("override_in_force", {"id": wanted})
    change = DecisionChange(controller.key("C-0101"), clock.now_ms(), 60.0, int(Layer.OVERRIDE), cause, 1)
    store.history.add_decisions([change])
    clock.at_ms += 600_000
    desk.release(scope, reason="over")
    clock.at_ms += 600_000
    answer = desk.why("C-0101", at_ms=then_ms)
    assert answer.level_pct == 60
    assert any(step.ruled and step.fact.values.get("id") == wanted for step in answer.trail)


def test_why_can_look_ahead(desk: Desk) -> None:
    assert desk.why("C-0101", at_ms=desk.parse_until("03:00")).level_pct == 50


def test_city_power_sums_each_meter_once(desk: Desk, store: Store, clock: StandingClock) -> None:
    keys = store.keys.ensure("meter", ["CB01-M:L1", "CB01-M:L2"], at_ms=clock.now_ms())
    at_ms = clock.now_ms() - 60_000
    store.readings.append([Reading(at_ms, key, power_w=100.0) for key in keys.values()])
    assert desk.city_power() == ([at_ms], [200.0])


def test_a_desk_left_open_finds_the_store_that_took_the_place_of_its_own(folder: Path, clock: StandingClock) -> None:
    open_store(store_url_for(folder)).close()
    with Desk(folder, user_id="operator", clock=clock) as desk:
        desk.set_level(desk.parse_scope("C-0101"), 60, until_ms=desk.parse_until("1h"), reason="x")
        (folder / "state").rename(folder / "state.old")
        open_store(store_url_for(folder)).close()
        with pytest.raises(StoreUnavailable):
            desk.set_level(desk.parse_scope("C-0101"), 60, until_ms=desk.parse_until("1h"), reason="x")
        desk.refresh()
        assert desk.instructions() == []
