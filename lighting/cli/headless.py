"""A night of the demonstration without a dashboard: progress on stderr, the judged summary at the end."""

from __future__ import annotations

import time
from collections.abc import Callable

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.cli.demo_children import Child, Children
from lighting.cli.demo_night import DemoNight
from lighting.cli.demo_summary import DemoSummary, measured_power_w, summarise
from lighting.store.clock import Clock
from lighting.store.store import Store, StoreError

_LOOK_EVERY_S = 0.5
_PROGRESS_SITE_MS = 3_600_000
_PROGRESS_REAL_S = 300.0


class ChildDied(Exception):
    """The controller or the simulator ended in the middle of the night."""

    def __init__(self, child: Child) -> None:
        super().__init__(child.name)
        self.fact = Fact(
            "demo_child_died",
            {"name": child.name, "exit_code": child.exit_code, "log": str(child.log_file), "said": child.last_words()},
        )


def watch_night(
    site: Site,
    store: Store,
    clock: Clock,
    night: DemoNight,
    children: Children,
    tell: Callable[[Fact], None],
) -> DemoSummary:
    """Follow the night until its end and judge it. Raises ``ChildDied`` when a process goes down before."""
    ticks: list[tuple[int, float]] = []
    told_ms, told_s = night.start_ms, time.monotonic()
    while (now_ms := clock.now_ms()) < night.until_ms:
        dead = children.dead()
        if dead is not None:
            raise ChildDied(dead)
        _note_tick(store, ticks)
        real_s = time.monotonic()
        if now_ms - told_ms >= _PROGRESS_SITE_MS or real_s - told_s >= _PROGRESS_REAL_S:
            told_ms, told_s = now_ms, real_s
            tell(progress(site, store, now_ms))
        time.sleep(min(_LOOK_EVERY_S, max(0.01, (night.until_ms - now_ms) / 1000.0 / clock.speed)))
    return summarise(site, store, night, ticks)


def progress(site: Site, store: Store, now_ms: int) -> Fact:
    """One line: local time, circuits lit, measured power, commands so far."""
    states = store.states.circuits()
    keys = store.keys.known("meter")
    latest = store.readings.latest(list(keys.values()))
    by_channel = {channel: latest[key] for channel, key in keys.items() if key in latest}
    power_w = measured_power_w(site, by_channel)
    counts = store.history.write_counts(0, now_ms + 1)
    return Fact(
        "demo_progress",
        {
            "at_ms": now_ms,
            "lit_count": sum(state.lit is True for state in states.values()),
            "circuit_count": len(site.circuits),
            "power_w": None if power_w is None else round(power_w, 1),
            "sent_count": sum(counts.values()),
            "confirmed_count": counts.get("verified", 0),
        },
    )


def _note_tick(store: Store, ticks: list[tuple[int, float]]) -> None:
    try:
        beat = store.controller.last_beat()
    except StoreError:
        # Busy for a moment: the next look is half a second away.
        return
    if beat is not None and beat.tick > 0 and (not ticks or beat.beat_ms > ticks[-1][0]):
        ticks.append((beat.beat_ms, beat.tick_s))
