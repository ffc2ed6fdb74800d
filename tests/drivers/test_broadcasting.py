"""A broadcast: only where every device of the line takes it, never without the gate, and read back at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import pytest

from drivers.broadcasting import broadcast
from drivers.bus import Bus, BusCounters
from drivers.codec import UNKNOWN
from drivers.device import Device
from drivers.errors import Rejected, Unreachable
from drivers.line_address import parse_line_address
from drivers.line_cost import NETWORK_COST
from drivers.profile import Limits, Point, Profile
from drivers.profile_file import built_in_profiles
from drivers.quantity import Quantity
from drivers.setting_budget import SettingBudget
from drivers.simulator.line import SimulatedLine
from drivers.simulator.simulated_device import SimulatedDevice
from drivers.writing import Allowed, ConfirmedAct, WriteOutcome
from tests.drivers.board import profile_of
from tests.drivers.wire_data import words_data

LEVEL = Point("level", Quantity.DIM_LEVEL, "1", "holding", 16, "u16", writable=True, write_min=0, write_max=100)
HEARS = profile_of((LEVEL,), Limits(broadcast=True))
ACT = ConfirmedAct(by="operator", reason="test", word="line")


class Account:
    """A budget that writes down what was claimed, and may refuse."""

    def __init__(self, refusal: str = "") -> None:
        self.claims: list[str] = []
        self._refusal = refusal

    async def claim(self, device: str, point: Point) -> None:
        if self._refusal:
            raise Rejected(self._refusal)
        self.claims.append(device)


async def tell(
    devices: Sequence[Device],
    value: float = 60,
    *,
    point: str = "level",
    act: ConfirmedAct = ACT,
    budget: SettingBudget | None = None,
    allowed: Allowed = lambda: True,
) -> dict[str, WriteOutcome]:
    return dict(await broadcast(devices, point, value, act=act, budget=budget or Account(), allowed=allowed))


class Line:
    """A line in memory whose units hear unit 0; ``deaf`` ones do not, and ``silent`` ones do not answer either."""

    def __init__(self, url: str = "rtu-tcp://127.0.0.1:1") -> None:
        self.address = parse_line_address(url)
        self.name = "line"
        self.counters = BusCounters()
        self.line_cost = NETWORK_COST
        self.told: list[tuple[int, tuple[int, ...]]] = []
        self.limits: list[Limits] = []
        self.values: dict[int, int] = {}
        self.deaf: set[int] = set()
        self.silent: set[int] = set()
        self.reads: list[int] = []

    async def broadcast_registers(
        self, address: int, values: Sequence[int], *, limits: Limits, allowed: Allowed, priority: object
    ) -> None:
        if not allowed():
            raise Rejected("no longer allowed when its turn came")
        self.told.append((address, tuple(values)))
        self.limits.append(limits)
        self.values |= {unit: values[0] for unit in range(1, 10) if unit not in self.deaf}

    async def read_block(self, unit_id: int, *_question: object, **_options: object) -> bytes:
        self.reads.append(unit_id)
        if unit_id in self.silent:
            raise Unreachable("no answer in time")
        return words_data([self.values.get(unit_id, 0)])


def devices_on(line: Line, *profiles: Profile) -> list[Device]:
    return [Device(f"D{n}", line, n, profile) for n, profile in enumerate(profiles, start=1)]  # type: ignore[arg-type]


async def test_every_device_is_read_back_after_it() -> None:
    line = Line()
    line.deaf, line.silent = {2}, {3}
    outcomes = await tell(devices_on(line, HEARS, HEARS, HEARS))
    assert line.told == [(16, (60,))]
    assert sorted(line.reads) == [1, 2, 3]
    assert {name: outcome.verified for name, outcome in outcomes.items()} == {"D1": True, "D2": False, "D3": False}
    assert outcomes["D2"].read_back == 0
    assert outcomes["D3"].read_back is UNKNOWN.value


async def test_a_lockout_on_the_line_stops_it_at_the_last_moment() -> None:
    line = Line()
    with pytest.raises(Rejected, match="no longer allowed"):
        await tell(devices_on(line, HEARS), allowed=iter([True, False]).__next__)
    with pytest.raises(Rejected, match="not allowed"):
        await tell(devices_on(line, HEARS), allowed=lambda: False)
    assert line.told == []


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (profile_of((LEVEL,), Limits()), "takes no broadcast"),
        (profile_of((), Limits(broadcast=True)), "has no level"),
        (profile_of((replace(LEVEL, address=17),), Limits(broadcast=True)), "another write"),
        (profile_of((replace(LEVEL, write_address=3),), Limits(broadcast=True)), "another write"),
        (profile_of((replace(LEVEL, data_type="u32", register_count=2),), Limits(broadcast=True)), "another write"),
        (profile_of((replace(LEVEL, point_class="setting"),), Limits(broadcast=True)), "another write"),
        (profile_of((replace(LEVEL, quantity=Quantity.MINIMUM_LEVEL),), Limits(broadcast=True)), "another write"),
        (profile_of((replace(LEVEL, writable=False),), Limits(broadcast=True)), "has no level"),
        (profile_of((replace(LEVEL, forbidden_raw=(60,)),), Limits(broadcast=True)), "must not be written"),
        (profile_of((replace(LEVEL, write_max=50),), Limits(broadcast=True)), "takes 0 to 50"),
        (profile_of((LEVEL,), Limits(broadcast=True, functions=(3, 5))), "needs function 16"),
    ],
)
async def test_one_device_that_would_take_it_otherwise_refuses_it_for_all(other: Profile, why: str) -> None:
    line = Line()
    with pytest.raises(Rejected, match=why):
        await tell(devices_on(line, HEARS, other))
    assert line.told == []


async def test_it_goes_to_one_line_and_to_somebody() -> None:
    apart = [*devices_on(Line(), HEARS), *devices_on(Line(), HEARS)]
    for devices in ([], apart):
        with pytest.raises(Rejected, match="one line"):
            await tell(devices)


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:1", "tls://127.0.0.1:1"])
async def test_over_modbus_tcp_and_tls_each_profile_must_allow_it_by_itself(url: str) -> None:
    line = Line(url)
    there = replace(HEARS, limits=Limits(broadcast=True, broadcast_tcp=True))
    with pytest.raises(Rejected, match=r"\(D2\) takes no broadcast over Modbus TCP or TLS"):
        await tell(devices_on(line, there, HEARS))
    assert line.told == []
    assert (await tell(devices_on(line, there, there)))["D2"].verified


@pytest.mark.parametrize(
    "act",
    [
        ConfirmedAct(by="operator", reason="test", word="level"),
        ConfirmedAct(by="operator", reason=" ", word="line"),
        ConfirmedAct(by="", reason="test", word="line"),
    ],
)
async def test_it_is_a_persons_act_confirmed_by_the_name_of_the_line(act: ConfirmedAct) -> None:
    line = Line()
    with pytest.raises(Rejected, match="who does it, why, and line typed"):
        await tell(devices_on(line, HEARS), act=act)
    assert line.told == []
    assert line.reads == []


async def test_the_longest_pause_is_kept_and_the_function_is_one_that_all_know() -> None:
    line = Line()
    slow = replace(HEARS, limits=Limits(broadcast=True, pause_ms=700, functions=(3, 16)))
    await tell(devices_on(line, HEARS, slow, HEARS))
    assert [(limits.pause_ms, limits.functions) for limits in line.limits] == [(700, (3, 16))]


SETTING = replace(LEVEL, name="minimum", quantity=Quantity.MINIMUM_LEVEL, point_class="setting", poll="once")
SETS = profile_of((SETTING,), Limits(broadcast=True))


async def test_a_setting_is_sent_only_where_it_differs_somewhere_and_accounted_for_on_every_device() -> None:
    line, account = Line(), Account()
    line.values = {1: 60, 2: 60, 3: 60}
    devices = devices_on(line, SETS, SETS, SETS)
    outcomes = await tell(devices, point="minimum", budget=account)
    assert line.told == []
    assert account.claims == []
    assert all(outcome.skipped and outcome.verified for outcome in outcomes.values())
    line.values[2] = 59
    line.silent = {3}
    outcomes = await tell(devices, point="minimum", budget=account)
    assert line.told == [(16, (60,))]
    assert account.claims == ["D1", "D2", "D3"]
    assert {name: outcome.verified for name, outcome in outcomes.items()} == {"D1": True, "D2": True, "D3": False}
    assert not any(outcome.skipped for outcome in outcomes.values())


async def test_a_setting_must_read_exactly_as_written() -> None:
    line = Line()
    line.deaf, line.values = {2}, {2: 61}
    outcomes = await tell(devices_on(line, SETS, SETS), point="minimum")
    assert {name: outcome.verified for name, outcome in outcomes.items()} == {"D1": True, "D2": False}


async def test_a_budget_that_is_used_up_keeps_it_back() -> None:
    line = Line()
    with pytest.raises(Rejected, match="spared"):
        await tell(devices_on(line, SETS), point="minimum", budget=Account("its memory is spared"))
    assert line.told == []


async def test_a_lockout_that_comes_while_settings_are_read_accounts_for_nothing() -> None:
    line, account = Line(), Account()
    with pytest.raises(Rejected, match="no longer allowed"):
        await tell(devices_on(line, SETS), point="minimum", budget=account, allowed=iter([True, False]).__next__)
    assert line.told == []
    assert account.claims == []


@pytest.mark.parametrize("framing", ["tcp", "rtu-tcp"])
async def test_on_a_real_line_both_devices_hear_it_and_show_it(framing: Literal["tcp", "rtu-tcp"]) -> None:
    profile = built_in_profiles()["wb-mao4"]
    hears = replace(profile, limits=replace(profile.limits, broadcast=True, broadcast_tcp=True))
    simulated = [SimulatedDevice(hears, unit, now_s=lambda: 100.0, seed=unit) for unit in (1, 2)]
    line = SimulatedLine("127.0.0.1", 0, framing, simulated)
    await line.start()
    bus = Bus("line", f"{framing}://127.0.0.1:{line.port}", timeout_s=5)
    try:
        devices = [Device(f"D{unit}", bus, unit, hears) for unit in (1, 2)]
        for point, quantity, value in (("level_3", Quantity.DIM_LEVEL, 40.0), ("on_3", Quantity.OUTPUT_ON, 1.0)):
            outcomes = await tell(devices, value, point=point)
            assert [outcome.verified for outcome in outcomes.values()] == [True, True]
            assert {device.get(quantity, "3") for device in simulated} == {value}
        before = [len(device.writes) for device in simulated]
        with pytest.raises(Rejected):
            await tell(devices, 10.0, point="level_3", allowed=lambda: False)
        assert [len(device.writes) for device in simulated] == before
    finally:
        await bus.close()
        await line.close()
