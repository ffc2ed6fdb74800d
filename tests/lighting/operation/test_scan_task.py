"""A scan of a line: it stands in nobody's way, and neither its silence nor a line that is gone is misread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from drivers.bus import Bus, Priority
from drivers.errors import Unreachable
from drivers.probe_strength import is_weak
from drivers.profile import Limits
from drivers.scan import base_profiles
from lighting.assets.model import Site
from lighting.operation.task_kinds import scan
from lighting.operation.task_runner import Turns
from lighting.operation.task_work import TaskWork
from tests.drivers.evil_line import EvilLine, Question
from tests.drivers.honest import honest


def scan_of(bus: Bus, site: Site, turns: Turns, found: list[Mapping[str, Any]], last: int) -> TaskWork:
    numbers = {"first": 1, "last": last}
    work = SimpleNamespace(
        bus=lambda: bus,
        site=site,
        clock=SimpleNamespace(now_ms=lambda: 0),
        number=lambda name, default: numbers.get(name, default),
        progress=lambda done, total: None,
        emit=found.append,
        turn=turns.turn,
    )
    return cast("TaskWork", work)


@asynccontextmanager
async def line_with(*units: int) -> AsyncIterator[EvilLine]:
    line = EvilLine("tcp", lambda question: honest(question) if question.unit_id in units else None)
    await line.open()
    try:
        yield line
    finally:
        await line.close()


async def test_units_that_are_none_of_the_line_leave_no_mark_on_its_counters(site: Site) -> None:
    known = {device.unit_id for device in site.devices.values() if device.bus == "CB01-bus"}
    absent = max(known) + 1
    async with line_with(1) as line:
        bus = Bus("CB01-bus", line.url, timeout_s=0.05)
        found: list[Mapping[str, Any]] = []
        await scan.KIND.run(scan_of(bus, site, Turns(), found, absent))
        await bus.close()
    assert [unit["unit_id"] for unit in found] == [1]
    assert set(bus.counters.units) == known
    assert not bus.is_backing_off(absent)


class Pauses(Bus):
    """A bus that writes down with which pause each unit is asked."""

    def __init__(self, url: str) -> None:
        super().__init__("CB01-bus", url, timeout_s=5.0)
        self.ms: dict[int, set[float]] = {}

    async def read_block(
        self,
        unit_id: int,
        table: Any,
        address: int,
        count: int,
        *,
        priority: Priority = Priority.POLL,
        limits: Limits = Limits(),  # noqa: B008
    ) -> bytes:
        self.ms.setdefault(unit_id, set()).add(limits.pause_ms)
        return await super().read_block(unit_id, table, address, count, priority=priority, limits=limits)


async def test_each_unit_gets_the_pause_of_its_profile_and_an_unknown_one_the_longest(site: Site) -> None:
    listed = {device.unit_id: device.profile for device in site.devices.values() if device.bus == "CB01-bus"}
    wanted = {unit: site.profiles[profile].limits.pause_ms for unit, profile in listed.items()}
    longest = max(profile.limits.pause_ms for profile in base_profiles(site.profiles.values()))
    assert len(set(wanted.values())) > 1
    assert longest > max(wanted.values())
    unknown = max(listed) + 1
    async with line_with(*listed, unknown) as line:
        bus = Pauses(line.url)
        await scan.KIND.run(scan_of(bus, site, Turns(), [], unknown))
        await bus.close()
    assert bus.ms == {unit: {pause_ms} for unit, pause_ms in wanted.items()} | {unknown: {longest}}


async def test_a_fit_that_says_little_is_called_weak(site: Site) -> None:
    async with line_with(1) as line:
        bus = Bus("CB01-bus", line.url, timeout_s=5.0)
        found: list[Mapping[str, Any]] = []
        await scan.KIND.run(scan_of(bus, site, Turns(), found, 1))
        await bus.close()
    told = {fit["profile"]: fit["weak"] for fit in found[0]["fits"]}
    assert told
    assert told == {name: is_weak(site.profiles[name]) for name in told}
    assert any(told.values())


async def test_whoever_reads_a_device_meanwhile_waits_for_one_unit_only(site: Site) -> None:
    held = asyncio.Event()
    turns = Turns()

    def answering(question: Question) -> None:
        held.set()

    line = EvilLine("tcp", answering)
    await line.open()
    bus = Bus("CB01-bus", line.url, timeout_s=0.2)
    scanning = asyncio.create_task(cast("Any", scan.KIND.run(scan_of(bus, site, turns, [], 20))))
    await held.wait()
    async with turns.turn("CB01-bus"):
        assert not scanning.done()
    scanning.cancel()
    await asyncio.wait([scanning])
    await bus.close()
    await line.close()


async def test_a_line_that_cannot_be_connected_is_said_and_no_unit_is_called_absent(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "LINE_PAUSE_S", 0.01)
    async with line_with() as line:
        url = line.url
    bus = Bus("CB01-bus", url)
    with pytest.raises(Unreachable, match="connect"):
        await scan.KIND.run(scan_of(bus, site, Turns(), [], 20))
    await bus.close()
