"""``lighting simulate``: serve a site's devices over real Modbus on this machine until it is told to end."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from lighting.assets.fact import Fact, Problem
from lighting.assets.folder import folder_texts, read_site
from lighting.assets.model import Site
from lighting.cli.faults_file import FaultsReading, read_faults
from lighting.cli.say_faults import faults_done_fact, faults_fact
from lighting.cli.say_wear import worn_facts
from lighting.cli.simulated_city import CannotSimulate, SimulatedCity, SiteSeconds, build_city
from lighting.cli.voice import laid_out
from lighting.store.clock import Clock, SystemClock
from lighting.store.store import StoreError, open_store, store_url_for
from lighting.wording.speech import say, say_problem

_LOOK_AT_CLOCK_S = 2.0
DONE, FAILED, WRONG_SITE = 0, 1, 2


def run_simulate(folder: Path, *, seed: int = 0, faults_file: Path | None = None) -> int:
    """Serve the folder's site; returns 0 after a clean end, 1 when a port is taken, 2 when the site is wrong.

    ``faults_file`` says what shall go wrong on its buses; 2 when it is wrong itself.
    """
    site = _read(folder)
    if site is None:
        return WRONG_SITE
    faults = FaultsReading() if faults_file is None else _faults(faults_file, site)
    if faults.problems:
        return WRONG_SITE
    fault_seed = seed if faults.seed is None else faults.seed
    now_s, street = SiteSeconds(), _StreetTime()
    try:
        city = build_city(
            site, now_s=now_s, seed=seed, faults=faults.rules, fault_seed=fault_seed, site_ms=street.site_ms
        )
        if faults.rules:
            _tell(faults_fact(faults.rules, city, fault_seed))
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(_serve(city, now_s, street, store_url_for(folder, site.store_url)))
    except CannotSimulate as refusal:
        _tell(refusal.fact)
        return FAILED


def serves_fact(site: Site) -> Fact:
    """What the simulator says first, and only when every line listens."""
    values = {
        "line_count": len(site.buses),
        "device_count": len(site.devices),
        "lamp_count": sum(circuit.lamp_count for circuit in site.circuits.values()),
        "circuit_count": len(site.circuits),
    }
    return Fact("simulator_serves", values)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it exists."""
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def _read(folder: Path) -> Site | None:
    reading = read_site(folder_texts(folder))
    if reading.site is None:
        for problem in reading.problems:
            if not problem.is_warning:
                print(laid_out(say_problem(problem), sys.stderr), file=sys.stderr)
    return reading.site


def _faults(file: Path, site: Site) -> FaultsReading:
    """The faults file's rules, or its problems, which are told."""
    try:
        reading = read_faults(file.read_text(encoding="utf-8"), str(file), site.buses)
    except UnicodeDecodeError:
        reading = FaultsReading(problems=(Problem(Fact("not_utf8", {"file": file.name}), str(file)),))
    except OSError as error:
        detail = error.strerror or str(error)
        fact = Fact("faults_file_not_read", {"file": str(file), "detail": detail})
        reading = FaultsReading(problems=(Problem(fact, ""),))
    for problem in reading.problems:
        print(laid_out(say_problem(problem), sys.stderr), file=sys.stderr)
    return reading


async def _serve(city: SimulatedCity, now_s: SiteSeconds, street: _StreetTime, store_url: str) -> int:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await city.start()
    _tell(serves_fact(city.site))
    following = asyncio.create_task(_follow_clock(now_s, street, store_url))
    try:
        await ended.wait()
    finally:
        following.cancel()
        await city.close()
    if city.proxies:
        _tell(faults_done_fact(city))
    requests = sum(device.request_count for device in city.devices.values())
    writes = sum(len(device.writes) for device in city.devices.values())
    for fact in worn_facts(city):
        _tell(fact)
    _tell(Fact("simulator_ended", {"request_count": requests, "write_count": writes}))
    return DONE


class _StreetTime:
    """The time at which traffic and daylight are: that of the clock in the store, as last seen."""

    def __init__(self) -> None:
        self.clock: Clock = SystemClock()

    def site_ms(self, _now_s: float) -> float:
        return self.clock.now_ms()


async def _follow_clock(now_s: SiteSeconds, street: _StreetTime, store_url: str) -> None:
    """Keep the pace of the clock in the store, so that energy and warm-up run at the site's speed; and its time."""
    while True:
        clock = await asyncio.to_thread(_stored_clock, store_url)
        if clock is not None:
            street.clock = clock
            if clock.speed != now_s.speed:
                now_s.change_speed(clock.speed)
                _tell(Fact("simulator_speed", {"speed": clock.speed}))
        await asyncio.sleep(_LOOK_AT_CLOCK_S)


def _stored_clock(store_url: str) -> Clock | None:
    """The site's clock; None while there is no store to ask."""
    try:
        with open_store(store_url, create=False) as store:
            return store.controller.clock()
    except StoreError:
        return None


def _tell(fact: Fact) -> None:
    print(laid_out(say(fact), sys.stderr), file=sys.stderr, flush=True)
