"""What a device refuses to be read is found out once, by halving, and costs nothing from then on."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.bus import BusCounters, Priority
from drivers.codec import UNKNOWN
from drivers.device import Device
from drivers.errors import Rejected
from drivers.line_cost import NETWORK_COST
from drivers.profile import Limits, Point
from drivers.profile_file import built_in_profiles
from drivers.quantity import Quantity
from drivers.refusals import FIRST_WAIT_S, LONGEST_WAIT_S, Refusals
from tests.drivers.board import Board, Registers, profile_of
from tests.drivers.wire_data import words_data
from tests.effort import examples

MAO4 = built_in_profiles()["wb-mao4"]


def row(*addresses: int) -> tuple[Point, ...]:
    return tuple(Point(f"p{n}", Quantity.OTHER, "", "holding", n, "u16") for n in addresses)


async def polled(device: Device) -> tuple[dict[str, float | str | None], int]:
    """The values of a poll, and how many requests it took."""
    before = device.bus.counters.requests
    samples = await device.read()
    return {name: sample.value for name, sample in samples.items()}, device.bus.counters.requests - before


async def test_one_missing_coil_of_a_row_loses_no_other_and_is_asked_once(
    board: Board, device_registers: Registers, caplog: pytest.LogCaptureFixture
) -> None:
    device_registers.tables[1].update({16: 1, 18: 1})
    device_registers.missing.add((1, 17))
    device = await board(MAO4)
    values, requests = await polled(device)
    assert [values[f"on_{n}"] for n in range(1, 5)] == [1.0, None, 1.0, 0.0]
    assert requests == 4 + 4  # the coils in halves, then the half with the missing one
    values, requests = await polled(device)
    assert [values[f"on_{n}"] for n in range(1, 5)] == [1.0, None, 1.0, 0.0]
    assert requests == 5
    assert [record.getMessage() for record in caplog.records] == [
        "device (unit 1 on line) refuses to be read at coil 17 (exception 2): left out from now on"
    ]


async def test_a_refused_gap_is_halved_to_and_remembered_for_every_plan(
    board: Board, device_registers: Registers, caplog: pytest.LogCaptureFixture
) -> None:
    device_registers.missing.add((3, 13))
    device_registers.tables[3].update(dict.fromkeys(range(40), 7))
    points = row(0, 4, 8, 12, 16, 20)
    device = await board(profile_of(points, Limits(max_gap=3)))
    values, requests = await polled(device)
    assert values == {point.name: 7.0 for point in points}
    assert requests == 1 + 2 + 2  # whole; halves at 8 | 12; of the right one 12 and 16, 20
    assert (await polled(device))[1] == 2
    before = device.bus.counters.requests
    assert set(await device.read((points[3], points[4]))) == {"p12", "p16"}
    assert device.bus.counters.requests - before == 2  # no other plan tries that gap
    assert len(caplog.records) == 1


async def test_many_forbidden_gaps_end_in_a_plan_without_refusals(board: Board, device_registers: Registers) -> None:
    device_registers.missing |= {(3, 1), (3, 5), (3, 9)}
    points = row(0, 2, 4, 6, 8, 10)
    device = await board(profile_of(points, Limits(max_gap=1)))
    refusals = []
    for _ in range(4):
        values, _ = await polled(device)
        assert set(values.values()) == {0.0}
        refusals.append(device.bus.counters.exceptions.get(2, 0))
    assert refusals[-1] == refusals[-2]
    assert (await polled(device))[1] == 4


async def test_a_device_that_gives_less_than_its_profile_says_is_read_in_smaller_blocks(
    board: Board, device_registers: Registers
) -> None:
    device_registers.longest = 3
    device = await board(profile_of(row(*range(8)), Limits()))
    for _ in range(3):
        values, _ = await polled(device)
        assert len(values) == 8
        assert None not in values.values()
    exceptions = dict(device.bus.counters.exceptions)
    await device.read()
    assert device.bus.counters.exceptions == exceptions


@settings(max_examples=examples(60), deadline=None)
@given(st.data())
def test_whatever_is_missing_the_rest_is_known_and_refusals_end(data: st.DataObject) -> None:
    addresses = sorted(data.draw(st.sets(st.integers(0, 24), min_size=1, max_size=10)))
    missing = data.draw(st.sets(st.integers(0, 25), max_size=8))
    limits = Limits(max_gap=data.draw(st.integers(0, 4)), max_registers_per_read=data.draw(st.integers(1, 12)))
    points = row(*addresses)
    line = MemoryLine(missing)
    device = Device("device", line, 1, profile_of(points, limits))  # type: ignore[arg-type]
    known = {point.name for point in points if point.address not in missing}

    async def poll() -> None:
        for _ in range(12):
            samples = await device.read()
            assert set(samples) == {point.name for point in points}
            assert {name for name, sample in samples.items() if sample is not UNKNOWN} == known
            assert all(samples[f"p{n}"].value == float(n) for n in addresses if n not in missing)
        before = line.refusals
        await device.read()
        assert line.refusals == before

    asyncio.run(poll())


class MemoryLine:
    """A line in memory, for properties: it refuses a block that touches a missing address."""

    def __init__(self, missing: set[int]) -> None:
        self.name = "memory"
        self.counters = BusCounters()
        self.line_cost = NETWORK_COST
        self.missing = missing
        self.refusals = 0

    async def read_block(self, _unit_id: int, _table: str, address: int, count: int, **_options: object) -> bytes:
        asked = range(address, address + count)
        if self.missing.intersection(asked):
            self.refusals += 1
            raise Rejected("exception 2", exception_code=2)
        return words_data(asked)


async def test_an_absent_point_is_asked_again_alone_and_more_and_more_seldom(
    board: Board, device_registers: Registers, monkeypatch: pytest.MonkeyPatch
) -> None:
    device_registers.missing.add((3, 1))
    device = await board(profile_of(row(0, 1, 2), Limits()))
    now_s = 1000.0
    monkeypatch.setattr(device, "_now_s", lambda: now_s)
    assert (await polled(device)) == ({"p0": 0.0, "p1": None, "p2": 0.0}, 5)
    assert (await polled(device))[1] == 2
    now_s += FIRST_WAIT_S
    assert (await polled(device))[1] == 3
    now_s += FIRST_WAIT_S
    assert (await polled(device))[1] == 2
    now_s += FIRST_WAIT_S
    device_registers.missing.clear()
    device_registers.tables[3][1] = 5
    assert (await polled(device)) == ({"p0": 0.0, "p1": 5.0, "p2": 0.0}, 3)
    assert (await polled(device))[0]["p1"] == 5.0


def test_the_wait_grows_to_an_hour_and_no_longer() -> None:
    refusals = Refusals("device")
    now_s, waits = 0.0, []
    for _ in range(9):
        refusals.note_absent(("holding", 1, 2), now_s, connects=1)
        wait_s = next(s for s in range(0, 4000, 60) if refusals.ask_again(now_s + s, 1))
        waits.append(wait_s)
        now_s += wait_s
    assert waits[:4] == [60, 120, 240, 480]
    assert waits[-2:] == [LONGEST_WAIT_S, LONGEST_WAIT_S]


async def test_what_was_absent_is_asked_again_after_a_reconnect_and_after_a_restart(
    board: Board, device_registers: Registers
) -> None:
    device_registers.missing.add((3, 1))
    device = await board(profile_of(row(0, 1), Limits()))
    await device.read()
    assert (await polled(device))[1] == 1
    await cut(device)
    assert (await polled(device))[1] == 2
    assert (await polled(device))[1] == 1
    device_registers.missing.clear()
    device.restarted()
    assert (await polled(device)) == ({"p0": 0.0, "p1": 0.0}, 1)


async def cut(device: Device) -> None:
    await device.bus.close()
    await device.bus.start()


async def test_a_person_who_asks_for_an_absent_point_is_answered_by_the_device(
    board: Board, device_registers: Registers
) -> None:
    device_registers.missing.add((3, 1))
    points = row(0, 1)
    device = await board(profile_of(points, Limits()))
    await device.read()
    before = device.bus.counters.requests
    assert (await device.read(points, priority=Priority.POLL))["p1"] is UNKNOWN
    assert device.bus.counters.requests == before + 1
    device_registers.missing.clear()
    device_registers.tables[3][1] = 9
    assert (await device.read(points, priority=Priority.PERSON))["p1"].value == 9.0


async def test_a_point_longer_than_a_request_is_refused_and_never_read_in_pieces(board: Board) -> None:
    text = Point("text", Quantity.OTHER, "", "holding", 0, "string", register_count=20)
    device = await board(profile_of((text,), Limits(max_registers_per_read=10)))
    with pytest.raises(Rejected, match="text cannot be read"):
        await device.read()
    assert device.bus.counters.requests == 0


async def test_devices_of_a_type_share_a_plan_until_one_of_them_refuses(
    board: Board, device_registers: Registers
) -> None:
    profile = profile_of(row(0, 2, 4), Limits(max_gap=1))
    one, two, other = await board(profile), await board(profile), await board(replace(profile, limits=Limits()))
    assert one._planned(None, Priority.POLL) is two._planned(None, Priority.POLL)
    assert len(other._planned(None, Priority.POLL).reads) == 3
    device_registers.missing.add((3, 1))
    await one.read()
    device_registers.missing.clear()
    assert (await polled(one))[1] == 2
    assert (await polled(two))[1] == 1
