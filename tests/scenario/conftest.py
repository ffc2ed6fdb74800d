"""A street for whole nights: real Modbus sockets, a real store, and a clock that the test moves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import pytest

from drivers.quantity import Quantity
from drivers.simulator.fault_proxy import FaultProxy
from drivers.simulator.simulated_device import SimulatedDevice, WriteRecord
from lighting.assets.folder import folder_texts, read_site
from lighting.assets.model import ScopeKind, Site
from lighting.assets.template import template_texts, write_folder
from lighting.cli.simulated_city import SimulatedCity, SiteSeconds, build_city
from lighting.operation.controller import Controller
from lighting.operation.start import starting_point
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.sun import sun_of_night
from lighting.store.records import CircuitState
from lighting.store.store import Store, open_store, store_url_for

NIGHT = date(2026, 3, 18)
"""A Wednesday that no rule of the example's calendar touches."""


class MakeStreet(Protocol):
    """``tick_s``: of the site, where the example's 10 s would be waited out at the clock's speed. ``more``: files that
    the example has not, such as profiles of its own. ``watch_s``: the seconds that the devices' watchdogs count, by the
    number of site seconds; None: real ones.
    """

    async def __call__(
        self,
        *,
        after_dusk_s: float,
        speed: float = 60.0,
        tick_s: float = 10.0,
        proxied: bool = False,
        more: Mapping[str, str] = ...,
        watch_s: Callable[[float], float] | None = None,
    ) -> Street: ...


class StreetClock:
    """A site clock that runs at a speed and can be stepped."""

    def __init__(self, start_ms: int, speed: float) -> None:
        self.speed = speed
        self._start_ms = start_ms
        self._begun_s = time.monotonic()

    def now_ms(self) -> int:
        return round(self._start_ms + (time.monotonic() - self._begun_s) * 1000 * self.speed)

    def step(self, by_ms: int) -> None:
        self._start_ms += by_ms

    def change_speed(self, speed: float) -> None:
        """Go on from this moment at another pace."""
        self._start_ms, self._begun_s, self.speed = self.now_ms(), time.monotonic(), speed

    def set_to(self, at_ms: int) -> None:
        self.step(at_ms - self.now_ms())


class Street:
    """The example site with its simulated devices, a store and, when started, a controller."""

    def __init__(self, folder: Path, city: SimulatedCity, store: Store, clock: StreetClock) -> None:
        self.folder = folder
        self.city = city
        self.store = store
        self.clock = clock
        self.controller: Controller | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def site(self) -> Site:
        return self.city.site

    async def start(self) -> Controller:
        start = starting_point(self.store, self.folder, at_ms=self.clock.now_ms())
        self.controller = Controller(self.store, start, self.clock, holder="test")
        self._running = asyncio.get_running_loop().create_task(self.controller.run())
        return self.controller

    async def stop(self) -> None:
        if self.controller is not None and self._running is not None:
            self.controller.stop()
            await self._running
        self.controller = self._running = None

    async def until(self, holds: Callable[[], bool], *, within_s: float = 15.0) -> None:
        """Wait until it holds; a controller that died is said at once."""
        limit_s = time.monotonic() + within_s
        while not holds():
            if self._running is not None and self._running.done():
                await self._running
            if time.monotonic() > limit_s:
                raise AssertionError(f"not within {within_s} s; {self.states()}")
            await asyncio.sleep(0.02)

    async def ticks(self, count: int) -> None:
        """Wait for that many whole ticks more of the controller that runs now."""
        until_tick = self.tick_number() + count
        await self.until(lambda: self.tick_number() >= until_tick)

    def tick_number(self) -> int:
        """Of the running controller; 0 before its first, whatever one before it had reached."""
        beat = self.store.controller.last_beat()
        return 0 if beat is None or beat.stopped else beat.tick

    def states(self) -> dict[str, CircuitState]:
        keys = {key: circuit for circuit, key in self.store.keys.known("circuit").items()}
        return {keys[key]: state for key, state in self.store.states.circuits().items()}

    def layer_of(self, circuit: str) -> int | None:
        """The layer that rules a circuit; None while the controller has told nothing of it."""
        state = self.states().get(circuit)
        return None if state is None else state.layer

    def accepted(self, circuit: str) -> float | None:
        state = self.states().get(circuit)
        return None if state is None else state.accepted_pct

    def level(self, circuit: str) -> float:
        """What the street really shows: the lamp bank's level."""
        return self.city.banks[circuit].level_pct(self.city.now_s())

    def power_w(self, circuit: str) -> float:
        return self.city.banks[circuit].power_w(self.city.now_s())

    def lit(self) -> set[str]:
        """The circuits that really give light, by the power of their lamps."""
        return {circuit for circuit in self.site.circuits if self.power_w(circuit) > 50.0}

    def all_lit(self) -> bool:
        return self.lit() == set(self.site.circuits)

    def device(self, device: str) -> SimulatedDevice:
        return self.city.devices[device]

    def writes(self) -> list[WriteRecord]:
        return [write for device in self.city.devices.values() for write in device.writes]

    def requests(self) -> int:
        return sum(device.request_count for device in self.city.devices.values())

    def alarms(self) -> set[tuple[str, str]]:
        return {(alarm.kind, alarm.subject_id) for alarm in self.store.history.alarms(standing_only=True)}

    def input_at(self, channel: str, *, cabinet: str) -> None:
        """Wire the cabinet's HAND/OFF/AUTO switch to another channel, before the first start."""
        path = self.folder / "cabinets.csv"
        wired = str(self.site.cabinets[cabinet].local_input)
        text = path.read_text(encoding="utf-8")
        assert f",{wired}," in text
        path.write_text(text.replace(f",{wired},", f",{channel},"), encoding="utf-8")
        assert read_site(folder_texts(self.folder)).site is not None

    def move_relay(self, circuit: str, *, closed: bool) -> None:
        relay = self.site.circuits[circuit].relay
        assert relay is not None
        self.device(relay.device).set(Quantity.RELAY_CLOSED, relay.channel, float(closed))

    def record(
        self,
        layer: Layer,
        scope_id: str,
        *,
        level_pct: float | None = None,
        for_s: float | None = 7200.0,
        scope_kind: ScopeKind = "circuit",
        below_floor: bool = False,
    ) -> Instruction:
        now_ms = self.clock.now_ms()
        return self.store.instructions.record(
            layer=layer,
            scope_kind=scope_kind,
            scope_id=scope_id,
            level_pct=level_pct,
            from_ms=now_ms,
            until_ms=None if for_s is None else now_ms + round(for_s * 1000),
            by="operator",
            reason="test",
            below_floor=below_floor,
        )

    def instruction_state(self, instruction: Instruction) -> str:
        status = self.store.instructions.get(instruction.id)
        return "" if status is None else status.state


def dusk_ms() -> int:
    dusk = sun_of_night(NIGHT, "Asia/Ho_Chi_Minh", 21.0285, 105.8542, -0.833).dusk_ms
    assert dusk is not None
    return dusk


def on_the_real_ports(city: SimulatedCity) -> dict[str, str]:
    rows = [f"{bus},{url}" for bus, url in city.bus_urls().items()]
    return template_texts() | {"buses.csv": "\n".join(["id,url", *rows, ""])}


@pytest.fixture
async def make_street(tmp_path: Path) -> AsyncIterator[MakeStreet]:
    made: list[Street] = []

    async def make(
        *,
        after_dusk_s: float,
        speed: float = 60.0,
        tick_s: float = 10.0,
        proxied: bool = False,
        more: Mapping[str, str] = MappingProxyType({}),
        watch_s: Callable[[float], float] | None = None,
    ) -> Street:
        template = read_site(template_texts() | dict(more)).site
        assert template is not None
        now_s = SiteSeconds(speed)
        watching = time.monotonic if watch_s is None else lambda: watch_s(now_s())
        city = build_city(template, now_s=now_s, seed=7, any_port=True, watch_s=watching)
        if proxied:  # they do nothing wrong until a test tells them to
            proxies = {bus: FaultProxy((), server=("", 0), framing=line.framing) for bus, line in city.lines.items()}
            city.proxies.update(proxies)
        await city.start()
        folder = tmp_path / "site"
        texts = on_the_real_ports(city) | dict(more)
        assert "tick_s = 10.0 " in texts["site.toml"]
        settings = texts["site.toml"].replace("tick_s = 10.0 ", f"tick_s = {tick_s} ")
        settings = settings.replace('role = "crew"\n', 'role = "crew"\nbelow_floor = true\n')
        write_folder(folder, texts | {"site.toml": settings})
        assert read_site(folder_texts(folder)).site is not None
        store = open_store(store_url_for(folder))
        street = Street(folder, city, store, StreetClock(dusk_ms() + round(after_dusk_s * 1000), speed))
        made.append(street)
        return street

    yield make
    for street in made:
        await street.stop()
        await street.city.close()
        street.store.close()
