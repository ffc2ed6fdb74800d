"""The order of contactor and dimmer on the wire, and the time between two contactors of a cabinet."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from drivers.bus import Priority
from drivers.device import WriteOutcome
from drivers.errors import Unreachable
from drivers.quantity import Quantity
from lighting.assets.model import Site
from lighting.operation.ledger import Ledger
from lighting.operation.lines import Lines
from lighting.operation.live import Live
from lighting.operation.poller import Poller
from lighting.operation.takeover import SiteKeys, live_of
from lighting.operation.writer import Writer
from lighting.schedule.instructions import Layer

SPEED = 100.0


class FastClock:
    """Site time at a hundred times the real one."""

    speed = SPEED

    def __init__(self) -> None:
        self._begun_s = time.monotonic()
        self.stepped_ms = 0

    def now_ms(self) -> int:
        return 1_800_000_000_000 + self.stepped_ms + round((time.monotonic() - self._begun_s) * 1000 * SPEED)


class Written:
    """All devices of the site in one: what was written, when (site seconds), and what is refused."""

    def __init__(self, clock: FastClock) -> None:
        self.clock = clock
        self.writes: list[tuple[float, str, Quantity, str, float]] = []
        self.priorities: list[Priority] = []
        self.refuses: Callable[[Quantity, float], bool] = lambda _quantity, _value: False

    def device(self, name: str) -> SimpleNamespace:
        async def write(
            quantity: Quantity, channel: str, value: float, *, priority: Priority, allowed: Callable[[], bool]
        ) -> WriteOutcome:
            assert allowed()
            if self.refuses(quantity, value):
                raise Unreachable("no answer in time")
            self.writes.append((self.clock.now_ms() / 1000, name, quantity, channel, value))
            self.priorities.append(priority)
            await asyncio.sleep(0)
            return WriteOutcome(True, value, 1)

        return SimpleNamespace(write=write)

    def order(self) -> list[tuple[Quantity, float]]:
        return [(quantity, value) for _, _, quantity, _, value in self.writes]

    def closings_s(self) -> list[float]:
        return [at_s for at_s, _, quantity, _, value in self.writes if quantity is Quantity.RELAY_CLOSED and value]


class Bench:
    def __init__(self, live: Live) -> None:
        self.live, self.clock = live, FastClock()
        self.written = Written(self.clock)
        devices = {name: self.written.device(name) for name in live.devices}
        lines = cast("Lines", SimpleNamespace(devices=devices))
        ledger = cast("Ledger", SimpleNamespace(add_write=lambda _write: None))
        poller = Poller(live, lines, ledger, self.clock)
        self.writer = Writer(live, lines, ledger, poller, self.clock, may_write=lambda _circuit: True)
        for device in live.devices.values():
            device.reachable = True

    def ask(self, circuit_id: str, level_pct: float, *, reported: float | None, closed: bool | None) -> None:
        circuit = self.live.circuits[circuit_id]
        circuit.asked_pct = level_pct
        circuit.level_pct, circuit.relay_closed, circuit.output_on = reported, closed, True

    async def settle(self) -> None:
        self.writer.reconcile()
        await self.writer.settle(10.0)


@pytest.fixture
def bench(live: Live) -> Bench:
    return Bench(live)


@pytest.fixture
def fading(site: Site, keys: SiteKeys) -> Bench:
    return Bench(live_of(replace(site, control=replace(site.control, fade_off=True)), keys))


async def test_on_is_contactor_then_the_start_time_of_the_lamps_then_the_level(bench: Bench) -> None:
    bench.ask("C-0101", 60.0, reported=100.0, closed=False)
    await bench.settle()
    assert bench.written.order() == [(Quantity.RELAY_CLOSED, 1.0), (Quantity.DIM_LEVEL, 60.0)]
    start_s = bench.live.circuits["C-0101"].wiring.output.start_s
    assert bench.written.writes[1][0] - bench.written.writes[0][0] >= start_s > 0


async def test_off_is_contactor_then_the_dimmer_back_to_its_night_safe_level(bench: Bench) -> None:
    bench.ask("C-0101", 0.0, reported=60.0, closed=True)
    await bench.settle()
    assert bench.written.order() == [(Quantity.RELAY_CLOSED, 0.0), (Quantity.DIM_LEVEL, 100.0)]


async def test_off_fades_first_where_the_site_wants_it_and_waits_for_the_ramp(fading: Bench) -> None:
    fading.ask("C-0101", 0.0, reported=60.0, closed=True)
    await fading.settle()
    assert fading.written.order() == [
        (Quantity.DIM_LEVEL, 10.0),
        (Quantity.RELAY_CLOSED, 0.0),
        (Quantity.DIM_LEVEL, 100.0),
    ]
    fade_s = fading.live.circuits["C-0101"].wiring.output.fade_s
    assert fading.written.writes[1][0] - fading.written.writes[0][0] >= fade_s > 0


async def test_lamps_that_will_not_fade_are_switched_off_all_the_same(fading: Bench) -> None:
    fading.written.refuses = lambda quantity, value: quantity is Quantity.DIM_LEVEL and value == 10.0
    fading.ask("C-0101", 0.0, reported=60.0, closed=True)
    await fading.settle()
    assert fading.written.order() == [(Quantity.RELAY_CLOSED, 0.0), (Quantity.DIM_LEVEL, 100.0)]
    assert fading.live.circuits["C-0101"].failure == ""


async def test_contactors_of_a_cabinet_close_apart_and_those_of_another_do_not_wait(bench: Bench) -> None:
    for circuit in ("C-0101", "C-0102", "C-0103", "C-0201"):
        bench.ask(circuit, 100.0, reported=100.0, closed=False)
    await bench.settle()
    of_cabinet = [at_s for at_s, device, quantity, _, _ in bench.written.writes if device == "CB01-R" and quantity]
    assert len(of_cabinet) == 3
    assert min(later - earlier for earlier, later in itertools.pairwise(of_cabinet)) >= 1.0
    assert len(bench.written.closings_s()) == 4


async def test_a_stagger_under_a_second_that_was_accepted_once_is_a_second(site: Site, keys: SiteKeys) -> None:
    bench = Bench(live_of(replace(site, control=replace(site.control, contactor_stagger_s=0.0)), keys))
    for circuit in ("C-0101", "C-0102"):
        bench.ask(circuit, 100.0, reported=100.0, closed=False)
    await bench.settle()
    first_s, second_s = bench.written.closings_s()
    assert second_s - first_s >= 1.0


async def test_a_contactor_that_closed_by_itself_counts(bench: Bench) -> None:
    """The supply is back: one has closed at power-on; the next waits from when that was seen."""
    await asyncio.sleep(2 / SPEED)  # whatever was closed before the start is past
    bench.ask("C-0102", 100.0, reported=100.0, closed=True)
    bench.live.circuits["C-0102"].note_feedback(bench.clock.now_ms())
    seen_s = bench.clock.now_ms() / 1000
    bench.ask("C-0101", 100.0, reported=100.0, closed=False)
    await bench.settle()
    (closed_s,) = bench.written.closings_s()
    assert closed_s - seen_s >= 1.0


async def test_the_first_closing_after_a_start_waits_for_what_the_last_controller_may_have_closed(live: Live) -> None:
    bench = Bench(live)
    begun_s = bench.clock.now_ms() / 1000
    bench.ask("C-0101", 100.0, reported=100.0, closed=False)
    await bench.settle()
    assert bench.written.closings_s()[0] - begun_s >= 1.0


async def test_a_clock_that_is_stepped_on_between_two_contactors_brings_them_no_nearer(bench: Bench) -> None:
    bench.ask("C-0101", 100.0, reported=100.0, closed=False)
    bench.ask("C-0102", 100.0, reported=100.0, closed=False)
    real: list[float] = []
    taken = bench.written.refuses

    def stepping(quantity: Quantity, value: float) -> bool:
        real.append(time.monotonic())
        bench.clock.stepped_ms += 3_600_000
        return taken(quantity, value)

    bench.written.refuses = stepping
    await bench.settle()
    assert len(bench.written.closings_s()) == 2
    assert (real[1] - real[0]) * SPEED >= 1.0


@pytest.mark.parametrize(
    ("layer", "priority"),
    [
        (Layer.PROGRAM, Priority.CONTROLLER),
        (Layer.OVERRIDE, Priority.PERSON),
        (Layer.EMERGENCY, Priority.PERSON),
        (Layer.TRAFFIC, Priority.CONTROLLER),
    ],
)
async def test_what_a_person_wants_is_written_before_what_a_program_wants(
    bench: Bench, layer: Layer, priority: Priority
) -> None:
    bench.live.circuits["C-0101"].layer = layer
    bench.ask("C-0101", 60.0, reported=100.0, closed=True)
    await bench.settle()
    assert bench.written.priorities == [priority]
