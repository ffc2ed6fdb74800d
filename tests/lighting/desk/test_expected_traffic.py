"""What typical weeks expect: for a plan's coming hours, never for a live decision, and never learnt from the future."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from lighting.assets.folder import folder_texts, read_site
from lighting.assets.model import Site
from lighting.assets.template import write_template
from lighting.desk.expected_traffic import LEARN_FROM_MS, expected_traffic, learnt_weeks, newest_week
from lighting.desk.senses import inputs_known
from lighting.desk.snapshot import snapshot
from lighting.schedule.inputs import UNKNOWN
from lighting.schedule.traffic_rules import TrafficCount
from lighting.schedule.typical_week import TooLittleHistory
from lighting.store.store import Store
from tests.lighting.cli.the_site import with_traffic
from tests.lighting.desk.conftest import ZONE, local_ms

HOUR_MS = 3_600_000
NOW_MS = local_ms("2026-11-23T15:00")
WEEKS = 6


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "site"
    write_template(place)
    return with_traffic(place)


@pytest.fixture
def site(folder: Path) -> Site:
    found = read_site(folder_texts(folder)).site
    assert found is not None
    return found


def busy_until_eight(at_ms: int) -> float:
    """1,500 vehicles an hour from 6:00 to 20:00, 100 by night: 83 % and 6 % of the lane's service flow."""
    return 1500.0 if 6 <= datetime.fromtimestamp(at_ms / 1000, ZONE).hour < 20 else 100.0


@pytest.fixture
def taught(store: Store) -> Store:
    hours = range(NOW_MS - WEEKS * 7 * 24 * HOUR_MS, NOW_MS, HOUR_MS)
    store.senses.add_counts("MARKET", [TrafficCount(at, at + HOUR_MS, (busy_until_eight(at),)) for at in hours], "file")
    return store


def steps(site: Site, store: Store, *clock: str, until_ms: int = NOW_MS) -> list[int]:
    at_ms = np.array([local_ms(f"2026-11-{one}") for one in clock], dtype=np.int64)
    last_ms = int(at_ms[-1])
    expected = expected_traffic(site, store, NOW_MS, last_ms + HOUR_MS, learn_until_ms=until_ms)
    known = inputs_known(site, store, NOW_MS, last_ms, now_ms=NOW_MS, expected=expected)
    values: list[int] = known.traffic["MARKET"].at(at_ms)[0].tolist()
    return values


def test_a_plan_expects_the_class_of_a_usual_evening(site: Site, taught: Store) -> None:
    assert steps(site, taught, "23T19:30", "23T20:15", "23T20:25", "23T21:00", "24T05:55", "24T06:15") == [
        *(0, 0, 1, 2),
        *(2, 0),
    ]


def test_its_reasons_say_that_nobody_counted_it(site: Site, taught: Store) -> None:
    expected = expected_traffic(site, taught, NOW_MS, NOW_MS + 12 * HOUR_MS, learn_until_ms=NOW_MS)
    codes = {fact.code for fact in expected["MARKET"].facts}
    assert "traffic_typical" in codes
    assert "traffic_counted" not in codes


def test_the_live_decision_knows_nothing_of_it(site: Site, taught: Store) -> None:
    for at in ("2026-11-23T15:00", "2026-11-23T23:00"):
        assert "MARKET" not in snapshot(site, taught, local_ms(at)).inputs.traffic


def test_a_replay_does_not_learn_from_what_it_replays(site: Site, taught: Store) -> None:
    early_ms = NOW_MS - 7 * 24 * HOUR_MS - HOUR_MS // 2
    week = learnt_weeks(site, taught, until_ms=early_ms)["MARKET"]
    assert week.until_ms == early_ms - HOUR_MS // 2, "an hour that is not over is no history"
    assert learnt_weeks(site, taught, until_ms=NOW_MS)["MARKET"].until_ms == NOW_MS
    assert learnt_weeks(site, taught, until_ms=NOW_MS - 5 * 7 * 24 * HOUR_MS) == {}


def test_without_enough_history_nothing_is_expected(site: Site, store: Store) -> None:
    assert expected_traffic(site, store, NOW_MS, NOW_MS + HOUR_MS, learn_until_ms=NOW_MS) == {}
    assert expected_traffic(site, None, NOW_MS, NOW_MS + HOUR_MS, learn_until_ms=NOW_MS) == {}


def test_a_live_count_does_not_hide_the_history(site: Site, taught: Store) -> None:
    """The newest year holds one count, or the last day of the history and that count: an older year suffices."""
    before = learnt_weeks(site, taught, until_ms=NOW_MS)["MARKET"]
    for later_ms in (LEARN_FROM_MS, LEARN_FROM_MS - 20 * 24 * HOUR_MS, 15 * LEARN_FROM_MS):
        live_ms = NOW_MS + later_ms
        taught.senses.add_counts("MARKET", [TrafficCount(live_ms, live_ms + 600_000, (57.0,))], "push")
        week = learnt_weeks(site, taught, until_ms=live_ms + HOUR_MS)["MARKET"]
        assert (week.from_ms, week.until_ms) == (before.from_ms, before.until_ms)


def test_of_years_that_have_too_little_the_one_with_most_days_is_told(site: Site, store: Store) -> None:
    hours = range(NOW_MS - 2 * 7 * 24 * HOUR_MS, NOW_MS, HOUR_MS)
    live_ms = NOW_MS + 3 * LEARN_FROM_MS
    counts = [TrafficCount(at, at + HOUR_MS, (100.0,)) for at in (*hours, live_ms)]
    store.senses.add_counts("MARKET", counts, "file")
    with pytest.raises(TooLittleHistory) as found:
        newest_week(store, "MARKET", site.timezone, until_ms=live_ms + HOUR_MS, is_holiday=lambda day: False)
    values = found.value.fact.values
    assert (values["from_ms"], values["until_ms"], values["days"]) == (hours[0], NOW_MS, 15)


def test_the_high_percentile_never_dims_more(site: Site, store: Store) -> None:
    """One evening in six is busy all night: the median dims, the 90th percentile does not."""
    hours = range(NOW_MS - WEEKS * 7 * 24 * HOUR_MS, NOW_MS, HOUR_MS)
    counts = [
        TrafficCount(at, at + HOUR_MS, (1500.0 if (at // (7 * 24 * HOUR_MS)) % 3 == 0 else busy_until_eight(at),))
        for at in hours
    ]
    store.senses.add_counts("MARKET", counts, "file")
    at_ms = np.arange(NOW_MS, NOW_MS + 24 * HOUR_MS, 600_000, dtype=np.int64)
    usual, high = (
        expected_traffic(site, store, NOW_MS, NOW_MS + 24 * HOUR_MS, learn_until_ms=NOW_MS, high=high)["MARKET"].at(
            at_ms
        )[0]
        for high in (False, True)
    )
    assert (high <= usual).all()
    assert (high < usual).any()
    assert UNKNOWN not in usual.tolist()
