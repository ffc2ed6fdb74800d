"""Nights on the example street: what people see, asked of the lamps themselves."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from drivers.quantity import Quantity
from lighting.schedule.instructions import Layer
from lighting.store.records import Quality

if TYPE_CHECKING:
    from tests.scenario.conftest import MakeStreet


async def test_dusk_lights_the_street(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=-120)
    await street.start()
    await street.ticks(2)
    assert street.lit() == set()
    await street.until(street.all_lit)
    await street.until(lambda: all(state.lit for state in street.states().values()))
    assert {round(street.level(c)) for c in ("C-0101", "C-0102")} == {100}
    await street.until(lambda: round(street.level("C-0201")) == 80)


async def test_dawn_puts_it_out_and_leaves_every_dimmer_at_its_night_safe_level(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=60)
    await street.start()
    await street.until(lambda: street.all_lit() and round(street.level("C-0201")) == 80)
    await street.stop()
    street.clock.step(14 * 3_600_000)
    await street.start()
    await street.until(lambda: street.lit() == set())
    dimmers = [street.site.circuits[circuit].dimmer for circuit in ("C-0101", "C-0102", "C-0201")]
    await street.until(
        lambda: all(d and street.device(d.device).get(Quantity.DIM_LEVEL, d.channel) == 100.0 for d in dimmers)
    )


async def test_contactors_of_a_cabinet_close_one_after_the_other(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=30, speed=4.0)
    await street.start()
    await street.until(street.all_lit)
    closings = [w.at_s for w in street.device("CB01-R").writes if w.function == 5 and w.values[0]]
    assert len(closings) == 3
    gaps_s = [later - earlier for earlier, later in pairwise(closings)]
    assert min(gaps_s) >= street.site.control.stagger_kept_s


async def test_after_a_returning_supply_contactors_close_one_after_the_other_and_settings_are_read_again(
    make_street: MakeStreet,
) -> None:
    street = await make_street(after_dusk_s=600, speed=6.0)
    controller = await street.start()
    await street.until(street.all_lit)
    assert controller.tick is not None
    relays = controller.tick.live.devices["CB01-R"]
    await street.until(lambda: relays.once_ms is not None)
    first_read_ms, before = relays.once_ms, len(street.device("CB01-R").writes)
    street.device("CB01-R").set(Quantity.POWER_ON_ACTION, "", 0.0)  # its safe state: off
    street.device("CB01-R").reboot()
    controller.tick.poller.due_now(["CB01-R"])
    await street.until(lambda: len(street.device("CB01-R").writes) >= before + 3)
    closings = [w.at_s for w in list(street.device("CB01-R").writes)[before:] if w.function == 5 and w.values[0]]
    assert len(closings) == 3
    assert min(later - earlier for earlier, later in pairwise(closings)) >= 1.0
    await street.until(lambda: relays.once_ms != first_read_ms)


async def test_only_differences_are_written(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=60)
    await street.start()
    await street.until(lambda: street.all_lit() and round(street.level("C-0201")) == 80)
    await street.ticks(2)
    before = len(street.writes())
    await street.ticks(5)
    assert len(street.writes()) == before


async def test_a_persons_level_reaches_the_lamp_is_confirmed_and_ends_by_itself(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    await street.start()
    await street.until(street.all_lit)
    order = street.record(Layer.OVERRIDE, "C-0101", level_pct=60.0, for_s=240.0)
    await street.until(lambda: round(street.level("C-0101")) == 60)
    await street.until(lambda: street.instruction_state(order) == "confirmed")
    status = street.store.instructions.get(order.id)
    assert status is not None
    assert status.latency_ms is not None
    assert status.latency_ms >= 0
    await street.until(lambda: round(street.level("C-0101")) == 100)
    await street.until(lambda: street.instruction_state(order) == "expired")


async def test_a_released_override_gives_the_level_back_to_the_program(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    await street.start()
    await street.until(street.all_lit)
    order = street.record(Layer.OVERRIDE, "CB01", scope_kind="cabinet", level_pct=70.0)
    await street.until(lambda: street.accepted("C-0101") == 70.0)
    # A crossing is never dimmed, and a sodium lamp without a dimmer is on or off.
    await street.until(lambda: street.instruction_state(order) == "confirmed")
    assert street.accepted("C-0102") == 100.0
    assert street.store.instructions.release(order.id, at_ms=street.clock.now_ms(), by="operator", reason="done")
    await street.until(lambda: street.accepted("C-0101") == 100.0)


async def test_readings_states_and_decisions_are_stored(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=-60)
    await street.start()
    await street.until(street.all_lit)
    await street.until(lambda: all((state.power_w or 0) > 50 for state in street.states().values()))
    states = street.states()
    assert round(states["C-0101"].actual_pct or 0) in range(95, 101)
    expected_w, power_w = states["C-0101"].expected_power_w, states["C-0101"].power_w
    assert expected_w is not None
    assert power_w is not None
    assert abs(power_w - expected_w) < 0.1 * expected_w
    key = street.store.keys.known("circuit")["C-0101"]
    # States and readings are two transactions: the reading of the poll that showed the light follows its state.
    await street.until(lambda: street.store.readings.of_series(key, 0, 2**62)[-1].level_pct == 100.0)
    readings = street.store.readings.of_series(key, 0, 2**62)
    assert (readings[0].power_w or 0.0) < 1.0
    meter = street.store.readings.of_series(street.store.keys.known("meter")["CB01-M:L1"], 0, 2**62)
    assert all(reading.quality == Quality.GOOD for reading in meter)
    changes = street.store.history.decisions(key, 0, 2**62)
    assert [change.level_pct for change in changes] == [0.0, 100.0]
    writes = street.store.history.write_counts(0, 2**62)
    assert set(writes) == {"verified"}


async def test_the_controllers_beat_tells_revision_tick_and_end(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    await street.start()
    await street.ticks(3)
    beat = street.store.controller.last_beat()
    assert beat is not None
    assert beat.revision_id == 1
    assert beat.tick_s > 0
    assert not beat.stopped
    await street.stop()
    beat = street.store.controller.last_beat()
    assert beat is not None
    assert beat.stopped


async def test_stopping_leaves_the_lamps_as_they_are(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    await street.start()
    await street.until(lambda: street.all_lit() and round(street.level("C-0201")) == 80)
    await street.until(lambda: not any(state.pending for state in street.states().values()))
    before = len(street.writes())
    await street.stop()
    assert street.all_lit()
    assert len(street.writes()) == before


async def test_a_restart_while_lit_writes_nothing(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    await street.start()
    await street.until(lambda: street.all_lit() and round(street.level("C-0201")) == 80)
    await street.stop()
    before = len(street.writes())
    await street.start()
    await street.ticks(3)
    assert len(street.writes()) == before


async def test_an_override_by_day_is_confirmed_at_its_level_not_at_the_warm_ups(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=-7200)
    await street.start()
    await street.until(lambda: street.accepted("C-0101") == 0.0)
    order = street.record(Layer.OVERRIDE, "C-0101", level_pct=60.0)
    await street.until(lambda: street.instruction_state(order) == "confirmed")
    assert street.accepted("C-0101") == 60.0
    assert street.controller is not None
    assert street.controller.tick is not None
    assert street.controller.tick.next_warm_ms() is None, "the end of the warm-up was taken up by a tick"
