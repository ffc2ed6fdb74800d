"""A day's account from decisions, reports and meters, on each kind of store."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta

import numpy as np
from sqlalchemy import select

from lighting.accounts.day_builder import DayBuilder
from lighting.accounts.subjects import LOAD
from lighting.accounts.upkeep import GRACE_MS, bring_up_to_date, rebuild
from lighting.assets.template import template_texts
from lighting.energy.account import ACCOUNT_COLUMNS
from lighting.energy.level_runs import LIT_UNKNOWN
from lighting.energy.worlds import ENERGY_KINDS, WORLDS
from lighting.store.account_days import AccountOfDay
from lighting.store.account_hours import read_hours
from lighting.store.engine import Database
from lighting.store.schema import account_day, account_month
from lighting.store.store import Store
from tests.lighting.accounts.conftest import DAY, HOUR_MS, LIT, UNLIT, Layer, Past, local_ms, past_of

DAY_MS = 24 * HOUR_MS


def built(past: Past, day: date = DAY) -> AccountOfDay:
    found = DayBuilder(past.store).build(day)
    assert found is not None
    return found


def figure(past: Past, found: AccountOfDay, circuit: str, name: str) -> int:
    row = found.subject_key.tolist().index(past.circuits[circuit])
    if name in WORLDS:
        return int(found.account.of_world(name)[row])
    return int(getattr(found.account, name)[row])


def kinds(past: Past, found: AccountOfDay) -> dict[str, str]:
    names = {key: name for name, key in (dict(past.circuits) | past.store.keys.known(LOAD)).items()}
    return {names[key]: ENERGY_KINDS[kind] for key, kind in zip(found.subject_key, found.kind, strict=True)}


def test_where_meters_counted_and_nothing_was_decided_the_rules_are_replayed_and_it_says_for_how_long(
    past: Past,
) -> None:
    past.meter("CB01-M:L2", DAY, [500_001] * 9 + [None] * 15)
    found = built(past)
    replayed = next(note for note in found.notes if note.code == "account_replayed")
    # Nine hours of the one circuit on that meter; of all other time nothing is known, and nothing was replayed.
    assert replayed.values == {"circuits": 1, "hours": 9.0}


def test_a_modelled_circuit_is_not_known_before_anything_was_decided_or_reported(store: Store) -> None:
    texts = template_texts()
    ruled = past_of(store, texts | {"circuits.csv": texts["circuits.csv"].replace("CB01-R:2,CB01-M:L2", "CB01-R:2,")})
    ruled.decide("C-0102", ("2026-11-20T15:10", 0.0, Layer.PROGRAM), ("2026-11-20T18:00", 80.0, Layer.PROGRAM))
    ruled.report(
        "C-0102",
        DAY,
        ("2026-11-20T12:20", 0.0, UNLIT),
        ("2026-11-20T12:50", float("nan"), LIT_UNKNOWN),
        ("2026-11-20T16:00", 0.0, UNLIT),
        ("2026-11-20T18:00", 80.0, LIT),
    )
    found = built(ruled)
    assert kinds(ruled, found)["C-0102"] == "modelled"
    # Heard of from 12:20 to 12:50, decided from 15:10 on: what begins before and is silent is not known.
    assert figure(ruled, found, "C-0102", "known_ms") == 9 * HOUR_MS
    assert figure(ruled, found, "C-0102", "unknown_ms") == 15 * HOUR_MS
    lamps = ruled.site.circuits["C-0102"].lamp_count
    assert figure(ruled, found, "C-0102", "lit_lamp_ms") == 6 * HOUR_MS * lamps


def test_without_anything_recorded_nothing_is_guessed(past: Past) -> None:
    found = built(past)
    assert [note.code for note in found.notes] == ["account_meters_unknown"]
    # All circuits of the example have meters, of which nothing is known. No lamp burned for that rules would light it.
    assert not found.account.lit_lamp_ms.any()
    assert not found.account.worlds_ws.any()
    assert (found.account.unknown_ms == DAY_MS).all()


def test_a_circuit_alone_on_its_meter_is_metered_and_the_parts_of_a_shared_one_equal_it(past: Past) -> None:
    past.meter("CB01-M:L1", DAY, [1_000_000 + hour for hour in range(24)], reactive=-7)
    past.meter("CB01-M:L2", DAY, [500_001] * 24)
    past.meter("CB02-M:total", DAY, [10_000] * 12 + [None] + [10_000] * 11)
    found = built(past)
    load = past.site.permanent_loads[0]
    name = f"{load.meter[0]}/{load.name}"
    assert kinds(past, found) == {
        "C-0101": "apportioned",
        "C-0102": "metered",
        "C-0103": "metered",
        "C-0201": "metered",
        name: "apportioned",
    }
    assert figure(past, found, "C-0102", "metered") == 24 * 500_001
    shared = [past.circuits["C-0101"], past.store.keys.known(LOAD)[name]]
    rows = [found.subject_key.tolist().index(key) for key in shared]
    assert int(found.account.of_world("metered")[rows].sum()) == sum(1_000_000 + hour for hour in range(24))
    assert figure(past, found, "C-0103", "unknown_ms") == DAY_MS
    assert figure(past, found, "C-0201", "unknown_ms") == HOUR_MS
    assert figure(past, found, "C-0201", "known_ms") == 23 * HOUR_MS
    assert figure(past, found, "C-0201", "metered") == 23 * 10_000
    assert sorted(set(found.reactive_vars[found.is_reactive].tolist())) == [-7]


def test_hours_by_district_and_kind_sum_to_the_day(past: Past) -> None:
    for channel in ("CB01-M:L1", "CB01-M:L2", "CB01-M:L3", "CB02-M:total"):
        past.meter(channel, DAY, [777_777] * 24)
    found = built(past)
    assert (found.account.worlds_ws.sum(axis=1) == found.hour_account.worlds_ws.sum(axis=1)).all()
    for column in fields(found.account)[1:]:
        assert getattr(found.account, column.name).sum() == getattr(found.hour_account, column.name).sum()
    assert len(set(zip(found.hour_ms, found.district_key, found.hour_kind, strict=True))) == found.hour_ms.size


def test_an_override_is_the_worlds_of_people_and_a_day_burner_is_told_apart(past: Past) -> None:
    circuit = "C-0102"
    past.meter("CB01-M:L2", DAY, [1] * 24)
    past.decide(
        circuit,
        ("2026-11-19T17:30", 100.0, Layer.PROGRAM),
        ("2026-11-20T06:20", 0.0, Layer.PROGRAM),
        ("2026-11-20T10:00", 60.0, Layer.OVERRIDE),
        ("2026-11-20T11:00", 0.0, Layer.PROGRAM),
        ("2026-11-20T17:30", 100.0, Layer.PROGRAM),
    )
    past.report(
        circuit,
        DAY,
        ("2026-11-20T00:00", 100.0, LIT),
        ("2026-11-20T06:20", 0.0, UNLIT),
        ("2026-11-20T10:01", 60.0, LIT),
        ("2026-11-20T11:01", 0.0, UNLIT),
        ("2026-11-20T13:00", 0.0, LIT),
        ("2026-11-20T15:00", 0.0, UNLIT),
        ("2026-11-20T17:31", 100.0, LIT),
    )
    found = built(past)
    worlds = {name: figure(past, found, circuit, name) for name in WORLDS}
    full_w = 6 * 90.0
    part_w = 6 * 90.0 * (0.05 + 0.95 * (0.9 * 0.6 + 0.1 * 0.36))
    assert abs(worlds["people"] - worlds["limited"] - part_w * 3600) <= 2
    assert abs(worlds["burning"] - worlds["asked"] - full_w * 7200) <= 2
    assert worlds["actual"] - worlds["burning"] == -round(full_w * 60)  # a poll late at dusk; at 10:01 even with 11:01
    assert figure(past, found, circuit, "undelivered_lamp_ms") == 0


def test_where_devices_are_asked_seldom_a_lag_is_neither_a_burner_nor_undelivered(store: Store) -> None:
    texts = template_texts()
    seldom = past_of(store, {**texts, "site.toml": texts["site.toml"].replace("poll_s = 60.0", "poll_s = 900.0", 1)})
    circuit = "C-0102"
    seldom.meter("CB01-M:L2", DAY, [1] * 24)
    seldom.decide(circuit, ("2026-11-19T17:30", 100.0, Layer.PROGRAM), ("2026-11-20T06:20", 0.0, Layer.PROGRAM))
    seldom.report(
        circuit,
        DAY,
        ("2026-11-20T00:00", 100.0, LIT),
        ("2026-11-20T02:00", 100.0, UNLIT),
        ("2026-11-20T02:44", 100.0, LIT),  # under three polls
        ("2026-11-20T04:00", 100.0, UNLIT),
        ("2026-11-20T04:46", 100.0, LIT),
        ("2026-11-20T07:04", 0.0, UNLIT),
    )
    found = built(seldom)
    assert figure(seldom, found, circuit, "undelivered_lamp_ms") == 6 * 46 * 60_000
    assert figure(seldom, found, circuit, "burning") == figure(seldom, found, circuit, "asked")


def test_light_that_was_not_delivered_is_in_no_world_but_the_metered(past: Past) -> None:
    circuit = "C-0102"
    past.meter("CB01-M:L2", DAY, [5] * 24)
    past.decide(circuit, ("2026-11-19T17:30", 100.0, Layer.PROGRAM), ("2026-11-20T06:20", 0.0, Layer.PROGRAM))
    past.report(
        circuit,
        DAY,
        ("2026-11-20T00:00", 100.0, LIT),
        ("2026-11-20T02:00", 100.0, UNLIT),
        ("2026-11-20T04:00", 100.0, LIT),
        ("2026-11-20T06:20", 0.0, UNLIT),
    )
    found = built(past)
    assert figure(past, found, circuit, "undelivered_lamp_ms") == 6 * 2 * HOUR_MS
    assert figure(past, found, circuit, "undelivered_ws") == 6 * 90 * 7200
    hours = found.hour_account.of_world("full")[found.hour_kind == ENERGY_KINDS.index("metered")]
    assert figure(past, found, circuit, "lit_lamp_ms") == 6 * (6 * HOUR_MS + 20 * 60_000 - 2 * HOUR_MS)
    assert hours.size


def test_a_silent_device_is_unconfirmed_while_others_are_heard(past: Past) -> None:
    for circuit in ("C-0101", "C-0102"):
        past.decide(circuit, ("2026-11-19T17:30", 100.0, Layer.PROGRAM), ("2026-11-20T06:20", 0.0, Layer.PROGRAM))
    past.meter("CB01-M:L2", DAY, [5] * 24)
    past.report("C-0101", DAY, ("2026-11-20T00:00", 100.0, LIT), ("2026-11-20T06:20", 0.0, UNLIT))
    past.report(
        "C-0102",
        DAY,
        ("2026-11-20T00:00", 100.0, LIT),
        ("2026-11-20T01:00", float("nan"), 2),
        ("2026-11-20T03:30", 100.0, LIT),
        ("2026-11-20T06:20", 0.0, UNLIT),
    )
    assert figure(past, built(past), "C-0102", "undelivered_lamp_ms") == round(6 * 2.5 * HOUR_MS)


def test_upkeep_makes_what_is_over_and_the_month_is_the_sum_of_its_days(past: Past) -> None:
    last = DAY + timedelta(days=2)
    for day in (DAY, DAY + timedelta(days=1), last):
        past.meter("CB01-M:L2", day, [100_000 + day.day] * 24)
    now_ms = local_ms("2026-11-22T00:20")
    done = bring_up_to_date(past.store, now_ms)
    assert (done.made, done.left) == (2, 0)
    assert bring_up_to_date(past.store, now_ms).made == 0
    assert bring_up_to_date(past.store, local_ms("2026-11-23T00:00") + GRACE_MS).made == 1
    rows = stored(past.store)
    assert month_is_sum(rows)
    # A day that is made again changes its month by the difference alone.
    assert rebuild(past.store, DAY, last, local_ms("2026-11-24T00:00")) == 3
    assert [table.tolist() for table in stored(past.store)] == [table.tolist() for table in rows]


def test_another_baseline_makes_all_days_again_and_a_revision_within_a_day_splits_it(past: Past) -> None:
    past.meter("CB01-M:L2", DAY, [100_000] * 24)
    now_ms = local_ms("2026-11-21T09:00")
    assert bring_up_to_date(past.store, now_ms).made == 1
    before = stored(past.store)[0]
    texts = dict(past.texts)
    texts["circuits.csv"] = texts["circuits.csv"].replace("led-90:6", "led-90:12")
    texts["baseline.toml"] = "format = 1\n[switching]\non_elevation_deg = -1.0\noff_elevation_deg = -1.0\n"
    past_of(past.store, texts, at="2026-11-20T21:00")
    assert bring_up_to_date(past.store, now_ms).made == 1
    after = stored(past.store)[0]
    full = 3 + WORLDS.index("full")
    key = past.circuits["C-0102"]
    more = int(after[after[:, 1] == key][0, full]) - int(before[before[:, 1] == key][0, full])
    assert more > 6 * 90 * 3 * 3600  # six lamps more from 21:00 on, and more minutes of both
    assert month_is_sum(stored(past.store))
    found = built(past)
    assert "account_revisions" in [note.code for note in found.notes]
    assert past.store.accounts.notes(0, 2**52)[found.start_ms] == found.notes


def stored(store: Store) -> tuple[np.ndarray, ...]:
    database = Database(store.url)
    found = []
    with database.reading() as connection:
        for table in (account_day, account_month):
            keys = [column.name for column in table.primary_key]
            columns = [table.c.start_ms, table.c[keys[1]], table.c.kind, *(table.c[name] for name in ACCOUNT_COLUMNS)]
            rows = connection.execute(select(*columns).order_by(*(table.c[key] for key in keys))).all()
            found.append(np.array([tuple(row) for row in rows], dtype=np.int64).reshape(-1, len(columns)))
        found.append(read_hours(connection, 0, 2**52)[:-1].T)
    database.close()
    return tuple(found)


def month_is_sum(tables: tuple[np.ndarray, ...]) -> bool:
    days, months = tables[0], tables[1]
    for key in np.unique(days[:, 1]).tolist():
        if not (days[days[:, 1] == key][:, 3:].sum(axis=0) == months[months[:, 1] == key][:, 3:].sum(axis=0)).all():
            return False
    return bool(days.size)
