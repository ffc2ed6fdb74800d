"""Accounts of a day of 10,000 circuits: the worlds by model, the shared meters, and the whole day through the store"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import numpy as np
from sqlalchemy import insert

from lighting.accounts.day_builder import DayBuilder
from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.energy.baseline_hours import baseline_spans
from lighting.energy.day_account import BySlot, MeteredBySlot, Subjects, slot_accounts
from lighting.energy.day_worlds import MODELLED_WORLDS, Decided, Reported, Span, modelled_worlds
from lighting.energy.lamp_power import lamp_power
from lighting.energy.level_runs import LIT, UNLIT, pack_runs
from lighting.energy.pieces import Steps
from lighting.energy.replay import World, replay
from lighting.energy.rule_levels import RuleCasts, rule_levels
from lighting.energy.slots import hour_edges_of_day
from lighting.schedule.instructions import Layer
from lighting.schedule.site_index import site_index
from lighting.store.engine import Database
from lighting.store.records import DecisionChange
from lighting.store.schema import rollup_hour
from lighting.store.store import Store, open_store
from tests.bench.schedule_city import TIMEZONE, Shape, city, traffic
from tests.bench.table import Row, print_rows

DAY = date(2026, 11, 23)
CIRCUITS = 10_000
DECISIONS, ROUNDS = 16, 3
EDGES = np.array(hour_edges_of_day(DAY, TIMEZONE), dtype=np.int64)
START_MS, END_MS = int(EDGES[0]), int(EDGES[-1])
MOST_PURE_S, MOST_DAY_S = 1.0, 4.0


def _cpu_s(work: Callable[[], object]) -> float:
    """Processor seconds: all of it runs in one thread, and others on the machine are then left out."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _steps(random: np.random.Generator, count: int, *, hourly: bool) -> Steps:
    """So many random steps for each circuit, the first at midnight; ``hourly``: one at each full hour as well."""
    at = np.sort(random.integers(1, (END_MS - START_MS) // 1000, (CIRCUITS, count)) * 1000, axis=1)
    at[:, 0] = 0
    if hourly:
        at = np.sort(np.concatenate([np.tile(EDGES[:-1] - START_MS, (CIRCUITS, 1)), at], axis=1), axis=1)
    of = np.repeat(np.arange(CIRCUITS, dtype=np.intp), at.shape[1])
    flat = at.ravel()
    kept = np.append((of[1:] != of[:-1]) | (flat[1:] != flat[:-1]), True)
    return Steps(of[kept], START_MS + flat[kept])


def pure_rows() -> list[Row]:
    """The worlds of every circuit, and what shared meters counted among them."""
    site = city(CIRCUITS, Shape(traffic=True, corrected=True))
    inputs = traffic(site, (DAY - timedelta(days=1), DAY))
    random = np.random.default_rng(7)
    decided, reported = _steps(random, DECISIONS, hourly=False), _steps(random, DECISIONS, hourly=True)
    levels = [random.choice([0, 5000, 7000, 10_000], one.at_ms.size).astype(np.int32) for one in (decided, reported)]
    layers = random.choice([8, 8, 8, 7, 6, 5, 2], decided.at_ms.size).astype(np.uint8)
    lit = random.choice([0, 1, 1, 1], reported.at_ms.size).astype(np.uint8)
    hours = baseline_spans(site.baseline, site.latitude_deg, site.longitude_deg, START_MS, END_MS)
    whole = ((START_MS, END_MS),)
    span = Span(EDGES, tuple((int(a), int(b)) for a, b in hours.tolist()), whole, whole)
    index, power, casts = site_index(site), lamp_power(site), RuleCasts()

    def worlds() -> object:
        rules = rule_levels(index, inputs, START_MS, END_MS, casts)
        spoke = np.ones(len(site.circuits), dtype=np.bool_)
        return modelled_worlds(
            power, rules, Decided(decided, levels[0], layers), Reported(reported, levels[1], lit, spoke), span
        )

    worlds()
    worlds_s = median(_cpu_s(worlds) for _ in range(ROUNDS))
    replay(World(site, inputs), (DAY,))
    replay_s = median(_cpu_s(lambda: replay(World(site, inputs), (DAY,))) for _ in range(ROUNDS))
    meters_s = median(_cpu_s(_shared(random)) for _ in range(ROUNDS))
    return [
        Row(
            "worlds of 10,000 circuits, a day",
            worlds_s,
            "s",
            "a replay of one night by kinds, without people or reports",
            replay_s,
            f"≤ {MOST_PURE_S:g} s",
            worlds_s <= MOST_PURE_S,
        ),
        Row("… and 3,300 shared meters split exactly", meters_s, "s"),
    ]


def _shared(random: np.random.Generator) -> Callable[[], object]:
    n, slots, groups = CIRCUITS, EDGES.size - 1, CIRCUITS // 3
    worlds = random.integers(0, 10**7, (len(MODELLED_WORLDS), n, slots))
    some = [random.integers(0, 10**6, (n, slots)) for _ in range(6)]
    by_slot = BySlot(worlds, some[0], some[1], some[2], some[3], some[4], some[5], np.zeros(slots))
    group = np.concatenate([np.arange(groups), random.integers(0, groups, n - groups)]).astype(np.intp)
    subjects = Subjects(group, np.zeros(n, np.bool_), np.full(n, 10**9), np.zeros(n, np.bool_))
    energy = random.integers(0, 10**8, (groups, slots))
    meters = MeteredBySlot(energy, energy > 0, energy * 0, energy, energy > 0)
    return lambda: slot_accounts(subjects, by_slot, meters)


def store_rows() -> list[Row]:
    """A day read from SQLite, accounted and written, with its month."""
    site = city(CIRCUITS, Shape())
    with tempfile.TemporaryDirectory() as folder, open_store(f"sqlite:///{Path(folder) / 'bench.sqlite3'}") as store:
        _fill(store, site)
        builder = DayBuilder(store, fixed=site)

        def one_day() -> None:
            store.accounts.begin_day(START_MS)
            found = builder.build(DAY)
            assert found is not None
            store.accounts.replace_day(found, made_ms=END_MS)

        one_day()
        day_s = median(_cpu_s(one_day) for _ in range(ROUNDS))
    return [
        Row(
            "a day of 10,000 circuits through SQLite", day_s, "s", asked=f"≤ {MOST_DAY_S:g} s", met=day_s <= MOST_DAY_S
        ),
        Row("… a year rebuilt", day_s * 365 / 60, "min"),
    ]


def _fill(store: Store, site: Site) -> None:
    """What a controller leaves of a day: sixteen decisions a circuit, and its reports hour by hour."""
    keys = list(store.keys.ensure("circuit", list(site.circuits), at_ms=0).values())
    on, off = 3_600_000 * 18, 3_600_000 * 6
    cause = Fact("program_step")
    at = [0, *range(off, off + 70_000, 10_000), on, *range(on + 14_400_000, on + 14_470_000, 10_000)]
    levels = [50.0, *(0.0 for _ in range(7)), 100.0, *(100.0 - 4 * step for step in range(7))]
    store.history.add_decisions(
        [
            DecisionChange(key, START_MS + when + key % 1000, level, int(Layer.PROGRAM), cause, 1)
            for key in keys
            for when, level in zip(at, levels, strict=True)
        ]
    )
    rows = []
    for hour, start_ms in enumerate(EDGES[:-1].tolist()):
        is_lit = hour < 6 or hour >= 18
        blob = pack_runs([0], [70.0 if is_lit else 0.0], [LIT if is_lit else UNLIT])
        blank = {"known_ms": 0, "spread_ms": 0, "integrated_ms": 0, "readings": 60, "flags": 0, "levels": blob}
        rows += [blank | {"start_ms": start_ms, "series_key": key} for key in keys]
    database = Database(store.url)
    with database.writing(durable=False) as connection:
        connection.execute(insert(rollup_hour), rows)
    database.close()


def run(*, large: bool = False) -> list[Row]:
    """Both kinds of figures; ``large`` adds nothing."""
    del large
    return [*pure_rows(), *store_rows()]


if __name__ == "__main__":
    print_rows(__doc__ or "", run())
