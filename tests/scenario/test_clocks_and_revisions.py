"""Clocks that lie, folders that change, a store that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lighting.assets.fact import Fact
from lighting.assets.folder import folder_texts
from lighting.desk.desk import Desk
from lighting.operation.start import NoGoodSite, starting_point
from lighting.schedule.instructions import Layer
from lighting.store.records import Quality, Reading
from lighting.store.store import StoreUnavailable

if TYPE_CHECKING:
    from tests.scenario.conftest import MakeStreet, Street

HOUR_MS = 3_600_000


async def test_a_clock_two_years_back_at_start_lights_everything_and_alarms_once(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    await street.start()
    await street.until(lambda: street.all_lit() and round(street.level("C-0201")) == 80)
    await street.stop()
    newest_ms = street.store.controller.newest_trusted_ms()
    # Noon, two years earlier: by that clock the street would be dark.
    street.clock.step(-2 * 365 * 24 * HOUR_MS - 7 * HOUR_MS)
    before = len(street.writes())
    await street.start()
    await street.ticks(3)
    assert street.all_lit()
    assert round(street.level("C-0201")) == 100, "full light, not the program's 80 %"
    assert len(street.writes()) == before + 1
    assert [a.kind for a in street.store.history.alarms() if a.kind == "clock_doubted"] == ["clock_doubted"]
    assert street.store.controller.newest_trusted_ms() == newest_ms
    key = street.store.keys.known("circuit")["C-0101"]
    early = street.store.readings.of_series(key, 0, street.clock.now_ms() + HOUR_MS)
    assert early
    assert all(reading.quality & Quality.CLOCK_DOUBTED for reading in early)
    street.clock.step(2 * 365 * 24 * HOUR_MS + 7 * HOUR_MS)
    await street.until(lambda: round(street.level("C-0201")) == 80)
    await street.until(lambda: "clock_doubted" not in {kind for kind, _ in street.alarms()})


@pytest.mark.parametrize(
    "by_ms",
    [
        pytest.param(-8 * HOUR_MS, marks=pytest.mark.long),
        -HOUR_MS,
        pytest.param(HOUR_MS, marks=pytest.mark.long),
        14 * HOUR_MS,
    ],
)
async def test_a_step_of_the_clock_while_running_never_darkens_the_street(make_street: MakeStreet, by_ms: int) -> None:
    street = await make_street(after_dusk_s=600, speed=1.0, tick_s=1.0)
    controller = await street.start()
    await street.until(street.all_lit)
    street.clock.step(by_ms)
    assert controller.tick is not None
    tick = controller.tick
    await street.until(lambda: ("clock_doubted", "example") in street.alarms(), within_s=25)
    assert street.all_lit()
    assert street.level("C-0201") > 79.5, "never under the program's 80 %, whatever ramp it is on"
    await street.until(lambda: round(street.level("C-0201")) == 100, within_s=25)
    street.clock.step(-by_ms)
    await street.until(lambda: tick.watch.doubt is None, within_s=25)
    assert street.all_lit()


def edited(street: Street, file: str, old: str, new: str) -> None:
    path = street.folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


async def test_an_applied_revision_is_taken_while_lit_and_keeps_the_lines_connected(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    await street.start()
    await street.until(street.all_lit)
    connections = {bus: line.connection_count for bus, line in street.city.lines.items()}
    edited(street, "programs.toml", "level_pct = 80", "level_pct = 65")
    await street.ticks(3)
    assert round(street.level("C-0201")) == 80, "an edited folder alone changes nothing"
    revision = street.store.revisions.add(
        folder_texts(street.folder), at_ms=street.clock.now_ms(), by="operator", note="dimmer path"
    )
    await street.until(lambda: round(street.level("C-0201")) == 65)
    await street.until(lambda: (b := street.store.controller.last_beat()) is not None and b.revision_id == revision.id)
    assert street.all_lit()
    assert {bus: line.connection_count for bus, line in street.city.lines.items()} == connections


async def test_a_street_runs_the_profiles_it_was_accepted_with_until_an_apply(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    kept = "program/profiles/wb-mr6c.toml"
    first = starting_point(street.store, street.folder, at_ms=street.clock.now_ms()).revision
    older = first.files[kept].replace("pause_ms = 8 ", "pause_ms = 9 ")
    assert older != first.files[kept]
    street.store.revisions.add({**first.files, kept: older}, at_ms=street.clock.now_ms(), by="operator", note="before")
    controller = await street.start()
    await street.until(street.all_lit)
    assert controller.tick is not None
    tick = controller.tick
    assert tick.site.profiles["wb-mr6c"].limits.pause_ms == 9
    with Desk(street.folder, user_id="operator", store=street.store, clock=street.clock) as desk:
        assert desk.apply().program_profiles == ("wb-mr6c",)
    await street.until(lambda: tick.site.profiles["wb-mr6c"].limits.pause_ms == 8)
    await street.ticks(2)
    assert street.all_lit()


async def test_a_circuit_taken_out_by_a_revision_is_not_written_any_more(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    controller = await street.start()
    await street.until(street.all_lit)
    text = (street.folder / "circuits.csv").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("C-0103")]
    (street.folder / "circuits.csv").write_text("\n".join([*kept, ""]), encoding="utf-8")
    street.store.revisions.add(folder_texts(street.folder), at_ms=street.clock.now_ms(), by="operator", note="")
    assert controller.tick is not None
    tick = controller.tick
    await street.until(lambda: "C-0103" not in tick.live.circuits)
    await street.ticks(2)
    assert street.all_lit()


async def test_a_broken_folder_with_an_accepted_revision_starts_and_says_so(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    await street.start()
    await street.ticks(1)
    await street.stop()
    edited(street, "circuits.csv", "led-90:24", "led-9:24")
    await street.start()
    await street.until(street.all_lit)
    await street.until(lambda: (b := street.store.controller.last_beat()) is not None and not b.stopped)
    beat = street.store.controller.last_beat()
    assert beat is not None
    assert beat.fault is not None
    assert beat.fault.code == "folder_broken_revision_runs"


async def test_a_broken_folder_that_was_never_accepted_does_not_start(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    edited(street, "circuits.csv", "led-90:24", "led-9:24")
    edited(street, "devices.csv", "sdm120", "sdm121")
    with pytest.raises(NoGoodSite) as broken:
        starting_point(street.store, street.folder, at_ms=street.clock.now_ms())
    assert len({(problem.file, problem.line) for problem in broken.value.problems}) >= 2
    assert street.store.revisions.latest() is None


async def test_a_full_disk_is_said_once_and_the_lamps_go_on_being_controlled(
    make_street: MakeStreet, monkeypatch: pytest.MonkeyPatch
) -> None:
    street = await make_street(after_dusk_s=-60)
    await street.start()
    await street.ticks(2)
    full = StoreUnavailable(Fact("store_full", {"place": "state"}))
    whole = type(street.store.readings).append
    is_full = True

    def append(gateway: object, readings: list[Reading]) -> None:
        if is_full:
            raise full
        whole(gateway, readings)  # type: ignore[arg-type]

    monkeypatch.setattr(type(street.store.readings), "append", append)
    count = street.store.readings.count()
    await street.until(street.all_lit)
    await street.until(lambda: (b := street.store.controller.last_beat()) is not None and b.fault is not None)
    order = street.record(Layer.OVERRIDE, "C-0101", level_pct=60.0)
    await street.until(lambda: round(street.level("C-0101")) == 60)
    await street.until(lambda: street.instruction_state(order) == "confirmed")
    assert street.store.readings.count() == count
    is_full = False
    await street.until(lambda: street.store.readings.count() > count + 10)
    key = street.store.keys.known("circuit")["C-0101"]
    levels = {reading.level_pct for reading in street.store.readings.of_series(key, 0, 2**62)}
    assert levels >= {0.0, 100.0}, "nothing was lost"
