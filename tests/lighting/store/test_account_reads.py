"""Accounts read back as columns: the same sums however a span is cut into months, days and hours."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lighting.desk.energy_span import DaySpan, night_span
from lighting.energy.worlds import WORLDS
from lighting.store.account_records import AccountSpan
from lighting.store.store import Store
from tests.lighting.desk.energy_store import BASIS, Subject, fill

ZONE = "Europe/Berlin"
SUBJECTS = (
    Subject("C-1", "north", 1),
    Subject("C-2", "north", 2, kind="apportioned"),
    Subject("C-3", "south", 3, kind="modelled", unknown_share=0.25),
    Subject("CB:L1/heater", "south", 1, asset_kind="load", lamps=0),
)
FIRST, LAST = date(2026, 2, 26), date(2026, 4, 2)
METERED = WORLDS.index("metered")


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (FIRST, LAST),
        (date(2026, 3, 1), date(2026, 3, 31)),
        (date(2026, 3, 29), date(2026, 3, 29)),  # 23 hours
        (date(2026, 2, 28), date(2026, 4, 1)),
        (date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_hours_and_subjects_sum_to_the_truth(store: Store, first: date, last: date) -> None:
    truth = fill(store, SUBJECTS, FIRST, LAST, ZONE)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    read = store.account_reads.of_span(DaySpan(first, last, ZONE).to_read())
    assert read.subjects is not None
    for name in ("legacy_ws", "full_ws", "metered_ws"):
        row = WORLDS.index(name.removesuffix("_ws"))
        assert int(read.hours.account.worlds_ws[row].sum()) == truth.total(name, days=days)
        assert int(read.subjects.account.worlds_ws[row].sum()) == truth.total(name, days=days)
    for name in ("undelivered_lamp_ms", "known_ms", "unknown_ms", "daytime_ws"):
        assert int(getattr(read.hours.account, name).sum()) == truth.total(name, days=days)
        assert int(getattr(read.subjects.account, name).sum()) == truth.total(name, days=days)
    assert sum(one.energy_ws for one in read.kinds) == truth.total("metered_ws", days=days)


def test_rows_are_districts_and_subjects_each_once(store: Store) -> None:
    fill(store, SUBJECTS, date(2026, 3, 1), date(2026, 3, 2), ZONE)
    read = store.account_reads.of_span(DaySpan(date(2026, 3, 1), date(2026, 3, 2), ZONE).to_read())
    assert read.subjects is not None
    assert read.hours.start_ms.size == 48 * 2
    assert read.subjects.subject_key.size == len(SUBJECTS)
    assert {read.assets[int(key)] for key in read.subjects.subject_key} == {(s.asset_kind, s.id) for s in SUBJECTS}
    assert [(day.is_dirty, day.basis_hash, day.revision_id) for day in read.days] == [(False, BASIS, 1)] * 2


def test_reactive_energy_stands_beside_the_energy_of_the_same_meters(store: Store) -> None:
    truth = fill(store, SUBJECTS, date(2026, 3, 1), date(2026, 3, 1), ZONE, reactive_share=-0.2)
    read = store.account_reads.of_span(DaySpan(date(2026, 3, 1), date(2026, 3, 1), ZONE).to_read())
    assert read.hours.is_reactive.all()  # a metered subject is in each district
    of_meters = truth.total("metered_ws") - _of_kinds(read.kinds, {1, 2, 3})
    assert int(read.hours.reactive_of_ws.sum()) == of_meters
    assert int(read.hours.reactive_vars.sum()) == pytest.approx(-0.2 * of_meters, rel=1e-6)


def _of_kinds(kinds: object, wanted: set[int]) -> int:
    return sum(one.energy_ws for one in kinds if one.kind in wanted)  # type: ignore[attr-defined]


def test_a_night_reads_the_hours_from_noon_to_noon(store: Store) -> None:
    fill(store, SUBJECTS, date(2026, 3, 1), date(2026, 3, 3), ZONE)
    span = night_span(date(2026, 3, 1), ZONE)
    read = store.account_reads.of_span(span.to_read(), with_subjects=False)
    assert read.subjects is None
    assert read.hours.start_ms.size == 24 * 2
    assert len(read.days) == 2


def test_an_empty_store_has_nothing(store: Store) -> None:
    read = store.account_reads.of_span(AccountSpan(0, 10**13, 0, (0,), ((0, 10**13),)))
    assert read.subjects is not None
    assert (read.hours.start_ms.size, read.subjects.subject_key.size, read.days, read.kinds) == (0, 0, (), ())
    assert store.account_reads.made_span_ms() is None


def test_the_first_and_last_day_that_was_made(store: Store) -> None:
    fill(store, SUBJECTS[:1], date(2026, 3, 1), date(2026, 3, 3), ZONE)
    found = store.account_reads.made_span_ms()
    days = DaySpan(date(2026, 3, 1), date(2026, 3, 3), ZONE).day_edges_ms.tolist()
    assert found == (days[0], days[2])
