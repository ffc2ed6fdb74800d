"""A revision is taken while lamps burn: within two ticks, without a restart, and no lamp flickers that need not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from drivers.quantity import Quantity
from drivers.simulator.line import SimulatedLine
from drivers.simulator.simulated_device import SimulatedDevice
from lighting.assets.folder import folder_texts
from lighting.cli.simulated_city import SimulatedCity, build_city
from lighting.desk.desk import Desk
from lighting.desk.revision_desk import RevisionDesk
from lighting.store.records import DeviceWrite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.scenario.conftest import MakeStreet, Street

MOST_TICKS = 2


def edit(street: Street, file: str, *pairs: tuple[str, str]) -> None:
    path = street.folder / file
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, (file, old)
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def rename_program(street: Street, old: str, new: str) -> None:
    edit(street, "programs.toml", (f"[programs.{old}]", f"[programs.{new}]"))
    edit(street, "circuits.csv", (f",{old},", f",{new},"))


def drop(street: Street, file: str, word: str) -> str:
    """Take the rows with that word out of a table; the text before."""
    path = street.folder / file
    text = path.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines(keepends=True) if word not in line or line.startswith("#")]
    path.write_text("".join(kept), encoding="utf-8")
    return text


def writes_by_device(street: Street) -> dict[str, int]:
    return {name: len(device.writes) for name, device in street.city.devices.items()}


def written_since(street: Street, before: dict[str, int]) -> dict[str, int]:
    """Writing requests that reached devices since then, by device; only those that had any."""
    now = writes_by_device(street)
    return {name: now[name] - before[name] for name in now if now[name] != before[name]}


async def settled(street: Street) -> None:
    """Lit as the programs want it, with nothing under way."""
    await street.until(lambda: street.all_lit() and abs(street.level("C-0201") - 80) < 0.01)
    await street.until(lambda: not any(state.pending for state in street.states().values()))
    await street.ticks(2)


def desk_of(street: Street) -> Desk:
    return Desk(street.folder, user_id="operator", store=street.store, clock=street.clock)


async def taken(street: Street, revision: int) -> int:
    """Wait until the controller runs that revision; how many ticks it took."""
    begun = street.tick_number()

    def runs() -> bool:
        beat = street.store.controller.last_beat()
        return beat is not None and beat.revision_id == revision

    await street.until(runs)
    return street.tick_number() - begun


async def apply(street: Street) -> int:
    """Accept the folder as a person does; the ticks until the controller ran it."""
    with desk_of(street) as desk:
        answer = desk.apply(note="test")
    assert answer.accepted, answer.problems
    assert answer.revision is not None
    return await taken(street, answer.revision.id)


async def accept_unchecked(street: Street) -> int:
    """Accept the folder past the desk, which would refuse more polls than the watchdogs of uncommissioned devices."""
    files = folder_texts(street.folder)
    revision = street.store.revisions.add(files, at_ms=street.clock.now_ms(), by="operator", note="test")
    return await taken(street, revision.id)


async def roll_back(street: Street) -> int:
    with desk_of(street) as desk:
        revisions = RevisionDesk(desk)
        answer = revisions.accept(revisions.propose_rollback(None))
    assert answer.revision is not None
    return await taken(street, answer.revision.id)


async def test_only_the_circuits_of_a_changed_program_are_written_to_by_apply_and_rollback(
    make_street: MakeStreet,
) -> None:
    street = await make_street(after_dusk_s=600, speed=40.0, tick_s=20.0)
    await street.start()
    await settled(street)
    connections = {bus: line.connection_count for bus, line in street.city.lines.items()}
    before = writes_by_device(street)
    edit(street, "programs.toml", ("level_pct = 80", "level_pct = 65"))
    ticks = await apply(street)
    await street.until(lambda: round(street.level("C-0201")) == 65)
    await street.ticks(4)
    first = written_since(street, before)
    assert set(first) == {"CB02-D"}, "of the changed program alone, and its contactor is left alone"
    before = writes_by_device(street)
    back_ticks = await roll_back(street)
    await street.until(lambda: round(street.level("C-0201")) == 80)
    await street.ticks(4)
    assert written_since(street, before) == {"CB02-D": 1}, "up is at once: one write"
    assert max(ticks, back_ticks) <= MOST_TICKS
    assert {bus: line.connection_count for bus, line in street.city.lines.items()} == connections
    print(f"taken after {ticks} and {back_ticks} ticks; writes {first}")


SAME_LIGHT: dict[str, Callable[[Street], None]] = {
    "a name and a road": lambda s: edit(s, "circuits.csv", ("Market street crossings,Market street", "Zebra,High")),
    "a circuit renamed": lambda s: edit(s, "circuits.csv", ("C-0103,", "C-0113,")),
    "polls at another pace": lambda s: edit(s, "site.toml", ("poll_s = 60.0 ", "poll_s = 45.0 ")),
    "a step of another hour": lambda s: edit(
        s, "programs.toml", ('"05:00", level_pct = 100', '"04:40", level_pct = 90')
    ),
    "a rule of other nights": lambda s: edit(s, "calendar.toml", ('["fri", "sat"]', '["sun"]')),
    "a program of another name": lambda s: rename_program(s, "full-night", "all-night"),
}


async def test_what_changes_no_level_of_this_moment_writes_nothing(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600, speed=40.0, tick_s=20.0)
    await street.start()
    await settled(street)
    before = writes_by_device(street)
    for case, change in SAME_LIGHT.items():
        change(street)
        assert await apply(street) <= MOST_TICKS, case
        await street.ticks(3)
        assert written_since(street, before) == {}, case
    assert street.all_lit()


async def test_a_cabinet_that_goes_and_comes_is_left_as_it_is_and_its_neighbours_too(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600, speed=40.0, tick_s=20.0)
    await street.start()
    await settled(street)
    before = writes_by_device(street)
    files = ("circuits.csv", "devices.csv", "cabinets.csv", "buses.csv")
    whole = {file: drop(street, file, "CB02") for file in files}
    assert await apply(street) <= MOST_TICKS
    await street.ticks(4)
    assert written_since(street, before) == {}
    assert street.all_lit(), "what is not ours any more stays as it was left"
    for file, text in whole.items():
        (street.folder / file).write_text(text, encoding="utf-8")
    assert await apply(street) <= MOST_TICKS
    await street.until(lambda: (street.accepted("C-0201") or 0) > 79)
    await street.ticks(4)
    assert written_since(street, before) == {}, "it was read before anything was written, and was as it should be"
    assert street.all_lit()


async def test_devices_that_go_and_come_on_a_line_that_stays_write_nothing(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600, speed=40.0, tick_s=20.0)
    await street.start()
    await settled(street)
    before = writes_by_device(street)
    circuits = drop(street, "circuits.csv", "C-0101")
    groups = drop(street, "groups.csv", "C-0101")
    edit(street, "circuits.csv", ("CB01-D:2,CB01-R:2,CB01-M:L2", ",CB01-R:2,"), (",CB01-M:L3,", ",,"))
    loads = drop(street, "permanent_loads.csv", "CB01-M")
    devices = drop(street, "devices.csv", "CB01-M")
    drop(street, "devices.csv", "CB01-D")
    assert await apply(street) <= MOST_TICKS
    await street.ticks(4)
    whole = {"circuits.csv": circuits, "groups.csv": groups, "devices.csv": devices, "permanent_loads.csv": loads}
    for file, text in whole.items():
        (street.folder / file).write_text(text, encoding="utf-8")
    assert await accept_unchecked(street) <= MOST_TICKS
    await street.until(lambda: street.accepted("C-0101") == 100.0)
    await street.ticks(4)
    assert written_since(street, before) == {}
    assert street.all_lit()


@asynccontextmanager
async def second_line(street: Street, bus: str, devices: list[SimulatedDevice]) -> AsyncIterator[SimulatedLine]:
    line = SimulatedLine("127.0.0.1", 0, street.site.buses[bus].framing, devices)
    await line.start()
    yield line
    await line.close()


async def test_a_line_that_gets_another_address_keeps_its_light(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600, speed=40.0, tick_s=20.0)
    await street.start()
    await settled(street)
    before = writes_by_device(street)
    ours = [street.device(name) for name, device in street.site.devices.items() if device.bus == "CB02-bus"]
    async with second_line(street, "CB02-bus", ours) as line:
        edit(street, "buses.csv", (street.city.bus_urls()["CB02-bus"], f"rtu-tcp://127.0.0.1:{line.port}"))
        assert await apply(street) <= MOST_TICKS
        await street.until(lambda: line.connection_count > 0 and street.accepted("C-0201") == 80.0)
        await street.ticks(4)
        assert written_since(street, before) == {}
        assert street.all_lit()
        await street.stop()


async def test_other_devices_behind_another_address_are_lit_and_are_no_local_act(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600, speed=40.0, tick_s=20.0)
    await street.start()
    await settled(street)
    before = writes_by_device(street)
    other = build_city(street.site, now_s=street.city.now_s, seed=8, any_port=True)
    await other.start()
    edit(street, "buses.csv", (street.city.bus_urls()["CB02-bus"], other.bus_urls()["CB02-bus"]))
    assert await apply(street) <= MOST_TICKS
    await street.until(lambda: level_in(other, "C-0201") > 79.9)
    await street.until(lambda: street.accepted("C-0201") == 80.0)
    await street.ticks(3)
    assert street.states()["C-0201"].local_control == "", "nobody moved the contactor of the new cabinet"
    assert written_since(street, before) == {}, "nothing reached the old line, nor any neighbour"
    await street.stop()
    await other.close()


def level_in(city: SimulatedCity, circuit: str) -> float:
    return city.banks[circuit].level_pct(city.now_s())


async def test_a_line_that_nobody_answers_on_holds_up_no_other(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600, speed=40.0, tick_s=20.0)
    await street.start()
    await settled(street)
    before = writes_by_device(street)
    edit(street, "buses.csv", (street.city.bus_urls()["CB02-bus"], "rtu-tcp://127.0.0.1:9"))
    edit(
        street,
        "programs.toml",
        ('"dusk", level_pct = 100 },\n  { at = "22:00"', '"dusk", level_pct = 90 },\n  { at = "22:00"'),
    )
    assert await apply(street) <= MOST_TICKS
    await street.until(lambda: abs(street.level("C-0101") - 90) < 0.01)
    assert set(written_since(street, before)) == {"CB01-D"}
    assert street.all_lit(), "what is not reached keeps what it was given"


async def test_a_hand_in_the_cabinet_is_still_one_after_a_revision(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600, speed=40.0, tick_s=20.0)
    await street.start()
    await settled(street)
    street.move_relay("C-0103", closed=False)
    await street.until(lambda: street.states()["C-0103"].local_control == "unexplained")
    before = writes_by_device(street)
    edit(street, "circuits.csv", ("C-0103,", "C-0113,"))
    edit(street, "site.toml", ("poll_s = 60.0 ", "poll_s = 50.0 "))
    assert await apply(street) <= MOST_TICKS
    await street.ticks(4)
    assert street.states()["C-0113"].local_control == "unexplained"
    assert written_since(street, before) == {}, "what somebody switched off there stays off under any name"
    assert Quantity.RELAY_CLOSED.value not in {write.quantity for write in relay_writes(street)}


def relay_writes(street: Street) -> list[DeviceWrite]:
    """Writes to the contactors of the first cabinet since the hand was seen there."""
    key = street.store.keys.known("device")["CB01-R"]
    since = min(a.raised_ms for a in street.store.history.alarms(standing_only=True) if a.kind == "local_control")
    return street.store.history.writes(key, since, 2**62)
