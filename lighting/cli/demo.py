"""``lighting demo``: a made-up city, its simulator and its controller on an accelerated evening, and a look at it."""

from __future__ import annotations

import json
import math
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from lighting.assets.bus_address import parse_bus_address
from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.cli.demo_children import Child, Children
from lighting.cli.demo_city import ports_are_free
from lighting.cli.demo_folder import STATE_FOLDER, DemoRefused, demo_folder, on_other_ports, ports_of, reset_state
from lighting.cli.demo_night import DemoNight, NoNight, earliest_until_ms, night_for, parse_until
from lighting.cli.headless import ChildDied, watch_night
from lighting.cli.simulate import serves_fact
from lighting.cli.voice import laid_out
from lighting.schedule.night import NOON_MINUTES, local_ms, night_of
from lighting.store.clock import AcceleratedClock, SystemClock
from lighting.store.records import ClockRow
from lighting.store.store import Store, StoreError, open_store, store_url_for
from lighting.wording.speech import say

INTERACTIVE_SPEED, HEADLESS_SPEED = 60.0, 600.0
DEFAULT_UNTIL = "06:30"
_FASTEST, _SLOWEST = 3600.0, 0.1
_LEADS_S = (6.0, 12.0, 24.0, 48.0)
"""Real seconds that the controller is given to start before the evening begins; the next when one was too short."""
_PORT_TRIES = 3
_READY_WITHIN_S = 60.0
_READY_BEFORE_LIGHTING_MS = 60_000
_DASHBOARD_USER = "operator"
GOOD, NOT_GOOD, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


class NotReady(Exception):
    """The controller or the simulator did not come up; ``fact`` says which."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact.code)
        self.fact = fact


@dataclass(frozen=True, slots=True)
class _Evening:
    """What is shown: a site on its accelerated night."""

    folder: Path
    site: Site
    night: DemoNight
    speed: float
    seed: int


def run_demo(
    folder: Path,
    *,
    headless: bool,
    speed: float | None,
    until: str | None,
    seed: int,
    json_output: bool,
    like: Path | None = None,
) -> int:
    """Show a made-up city, or a copy of the site ``like``, on its evening.

    Returns 0 when all was well, 1 when not, 2 for wrong usage, 130 after Ctrl-C.

    Headless (asked for, or because there is no terminal) it is well only if every circuit was lit within
    ``demo_night.lit_bound_s`` of its program's lighting time and every command was confirmed.
    """
    headless = headless or not (sys.stdin.isatty() and sys.stdout.isatty())
    pace = speed if speed is not None else HEADLESS_SPEED if headless else INTERACTIVE_SPEED
    try:
        until_minutes = parse_until(until or DEFAULT_UNTIL)
    except ValueError:
        return _fail(Fact("demo_until_not_valid", {"found": until}), WRONG_USAGE)
    if not (math.isfinite(pace) and _SLOWEST <= pace <= _FASTEST):
        fact = Fact("demo_speed_not_valid", {"found": str(pace), "minimum": _SLOWEST, "maximum": _FASTEST})
        return _fail(fact, WRONG_USAGE)
    try:
        with _one_way_to_stop(), demo_folder(folder, like) as site:
            night = night_for(site, night_of(SystemClock().now_ms(), site.timezone), until_minutes)
            evening = _Evening(folder, site, night, pace, seed)
            earliest_ms = earliest_until_ms(site, night, pace)
            if headless and night.until_ms < earliest_ms:
                _tell(Fact("demo_until_too_early", {"until_ms": night.until_ms, "earliest_ms": earliest_ms}), evening)
                return WRONG_USAGE
            return _show(evening, headless=headless, json_output=json_output)
    except KeyboardInterrupt:
        return INTERRUPTED
    except DemoRefused as refused:
        print(*refused.problems, sep="\n", file=sys.stderr, end="\n" if refused.problems else "")
        return _fail(refused.fact, WRONG_USAGE if refused.wrong_site else NOT_GOOD)
    except NoNight:
        return _fail(Fact("demo_no_night"), WRONG_USAGE)
    except (NotReady, ChildDied, StoreError) as failure:
        return _fail(failure.fact, NOT_GOOD)


def _show(evening: _Evening, *, headless: bool, json_output: bool) -> int:
    with Children() as children:
        _tell(Fact("demo_starts", {"name": evening.site.name, "speed": evening.speed}), evening)
        evening = _start_simulator(evening, children)
        row = _start_controller(evening, children)
        if headless:
            return _night(evening, children, row, json_output=json_output)
        from tui.app import run_dashboard

        return run_dashboard(evening.folder, _DASHBOARD_USER)


def _night(evening: _Evening, children: Children, row: ClockRow, *, json_output: bool) -> int:
    clock = AcceleratedClock(row)
    with open_store(store_url_for(evening.folder), create=False) as store:
        summary = watch_night(evening.site, store, clock, evening.night, children, lambda fact: _tell(fact, evening))
    if json_output:
        print(json.dumps(summary.as_json(), ensure_ascii=False, indent=2))
    else:
        for fact in summary.facts():
            print(laid_out(_words(fact, evening), sys.stdout))
    if not children.end_all():
        _tell(Fact("demo_child_killed"), evening)
        return NOT_GOOD
    return GOOD if summary.is_good else NOT_GOOD


def _start_simulator(evening: _Evening, children: Children) -> _Evening:
    """The city's devices on their lines; on other ports where somebody has taken one in the meantime."""
    for _ in range(_PORT_TRIES):
        simulator = _child(evening, children, "simulate", "--seed", str(evening.seed))
        try:
            _wait_for_lines(evening, children, simulator)
        except ChildDied:
            if simulator.exit_code != NOT_GOOD or ports_are_free(ports_of(evening.site)):
                raise
            children.end(simulator)
            evening = replace(evening, site=on_other_ports(evening.folder))
        else:
            return evening
    raise NotReady(Fact("demo_no_free_ports"))


def _start_controller(evening: _Evening, children: Children) -> ClockRow:
    """The controller up, with the evening still ahead; returns the clock that all share.

    One that was too slow would meet a city that should be lit already: then again, with more time to start.
    """
    for lead_s in _LEADS_S:
        reset_state(evening.folder)
        row = _clock_row(evening, lead_s)
        with open_store(store_url_for(evening.folder)) as store:
            store.controller.set_clock_row(row)
            controller = _child(evening, children, "run")
            ready_ms = _wait_for_controller(children, store, AcceleratedClock(row))
        if ready_ms < evening.night.first_lighting_ms - _READY_BEFORE_LIGHTING_MS:
            return row
        children.end(controller)
    raise NotReady(Fact("demo_too_slow", {"speed": evening.speed}))


def _child(evening: _Evening, children: Children, command: str, *arguments: str) -> Child:
    log_file = evening.folder / STATE_FOLDER / f"{command}.log"
    return children.start(command, [command, "--site", str(evening.folder), *arguments], log_file)


def _clock_row(evening: _Evening, lead_s: float) -> ClockRow:
    """A clock that reaches the evening's start in ``lead_s`` real seconds, and stands in its afternoon before that."""
    noon_ms = local_ms(evening.night.night, NOON_MINUTES, evening.site.timezone)
    most_s = (evening.night.start_ms - noon_ms) / 1000.0 / evening.speed
    lead_ms = round(1000.0 * min(lead_s, most_s))
    return ClockRow(SystemClock().now_ms() + lead_ms, evening.night.start_ms, evening.speed)


def _wait_for_lines(evening: _Evening, children: Children, simulator: Child) -> None:
    # It says so when it listens; before that, an open port would be somebody else's.
    ready = say(serves_fact(evening.site))
    for _ in _until_ready(children, "simulate"):
        if ready in simulator.words():
            break
    for bus in evening.site.buses.values():
        address = parse_bus_address(bus.url)
        if address is not None:
            for _ in _until_ready(children, "simulate"):
                try:
                    socket.create_connection((address.host, address.port), timeout=1.0).close()
                    break
                except OSError:
                    continue


def _wait_for_controller(children: Children, store: Store, clock: AcceleratedClock) -> int:
    """The site's time when the controller had done its first tick."""
    for _ in _until_ready(children, "run"):
        try:
            beat = store.controller.last_beat()
        except StoreError:
            continue
        if beat is not None and beat.tick > 0:
            break
    return clock.now_ms()


def _until_ready(children: Children, name: str) -> Iterator[None]:
    """Look again and again; raises ``NotReady`` when it takes too long, ``ChildDied`` when a process is gone."""
    deadline_s = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < deadline_s:
        yield
        dead = children.dead()
        if dead is not None:
            raise ChildDied(dead)
        time.sleep(0.1)
    raise NotReady(Fact("demo_not_ready", {"name": name, "waited_s": _READY_WITHIN_S}))


@contextmanager
def _one_way_to_stop() -> Iterator[None]:
    """SIGTERM and a closed terminal end the demonstration as Ctrl-C does, children first."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    kept = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _words(fact: Fact, evening: _Evening) -> str:
    return say(fact, timezone=evening.site.timezone, reference_ms=evening.night.sunset_ms)


def _tell(fact: Fact, evening: _Evening) -> None:
    print(laid_out(_words(fact, evening), sys.stderr), file=sys.stderr, flush=True)


def _fail(fact: Fact, exit_code: int) -> int:
    print(laid_out(say(fact), sys.stderr), file=sys.stderr, flush=True)
    return exit_code
