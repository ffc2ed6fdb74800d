"""Every asset has a small integer key, given once and never re-used."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from lighting.store.records import Installation
from lighting.store.schema import UtcTime
from lighting.store.store import Store, StoreError, open_store


def test_ensure_gives_each_id_one_key_and_keeps_it(store: Store) -> None:
    first = store.keys.ensure("circuit", ["C-1", "C-2", "C-1"], at_ms=1)
    again = store.keys.ensure("circuit", ["C-2", "C-3"], at_ms=2)
    assert list(first) == ["C-1", "C-2"]
    assert again["C-2"] == first["C-2"]
    assert len({*first.values(), *again.values()}) == 3
    assert store.keys.known("circuit") == first | again


def test_a_key_alone_names_an_asset_whatever_its_kind(store: Store) -> None:
    circuits = store.keys.ensure("circuit", ["X"], at_ms=1)
    devices = store.keys.ensure("device", ["X"], at_ms=1)
    assert circuits["X"] != devices["X"]
    assert store.keys.known("device") == devices


def test_a_key_is_never_used_again_even_when_its_row_is_gone(store: Store) -> None:
    key = store.keys.ensure("circuit", ["C-1"], at_ms=1)["C-1"]
    database = store.keys._database  # type: ignore[attr-defined]
    with database.writing(durable=True) as connection:
        connection.exec_driver_sql("DELETE FROM asset")
    assert store.keys.ensure("circuit", ["C-2"], at_ms=2)["C-2"] > key


def test_rename_keeps_the_key_and_the_former_ids(store: Store) -> None:
    key = store.keys.ensure("circuit", ["old"], at_ms=1)["old"]
    store.keys.rename("circuit", "old", "newer", at_ms=2)
    store.keys.rename("circuit", "newer", "newest", at_ms=3)
    assert store.keys.known("circuit") == {"newest": key}
    assert store.keys.former_ids(key) == ["old", "newer"]
    assert store.keys.ensure("circuit", ["old"], at_ms=4)["old"] != key, "a freed id is another asset"


@pytest.mark.parametrize(("old", "new", "code"), [("none", "C-9", "asset_unknown"), ("C-1", "C-2", "asset_id_taken")])
def test_rename_of_nothing_and_onto_another_is_refused(store: Store, old: str, new: str, code: str) -> None:
    before = store.keys.ensure("circuit", ["C-1", "C-2"], at_ms=1)
    with pytest.raises(StoreError) as refused:
        store.keys.rename("circuit", old, new, at_ms=2)
    assert refused.value.fact.code == code
    assert store.keys.known("circuit") == before


def test_two_that_ask_at_once_get_the_same_keys(store_url: str) -> None:
    ids = [f"C-{number}" for number in range(50)]

    def ask(_: int) -> dict[str, int]:
        with open_store(store_url) as mine:
            return mine.keys.ensure("circuit", ids, at_ms=1)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(4)))
    assert all(answer == answers[0] for answer in answers)
    assert len(set(answers[0].values())) == 50


def test_a_replaced_meter_is_a_new_installation(store: Store) -> None:
    key = store.keys.ensure("meter", ["M-1:L1"], at_ms=1)["M-1:L1"]
    hanoi = timezone(timedelta(hours=7))
    store.keys.install(key, "SN-1", from_utc=datetime(2026, 1, 1, tzinfo=UTC))
    store.keys.install(key, "SN-2", from_utc=datetime(2026, 5, 1, 7, tzinfo=hanoi))
    replaced_utc = datetime(2026, 5, 1, tzinfo=UTC)
    assert store.keys.installations(key) == [
        Installation(key, "SN-1", datetime(2026, 1, 1, tzinfo=UTC), replaced_utc),
        Installation(key, "SN-2", replaced_utc, None),
    ]


_HOURS = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))


@given(st.datetimes(timezones=_HOURS).filter(lambda at: 1900 < at.year < 9000))
def test_a_time_in_a_column_is_the_same_instant_to_the_millisecond(at: datetime) -> None:
    column, dialect = UtcTime(), sqlite.dialect()
    stored = column.process_bind_param(at, dialect)
    assert isinstance(stored, int)
    found = column.process_result_value(stored, dialect)
    assert found is not None
    assert timedelta(0) <= at.astimezone(UTC) - found < timedelta(milliseconds=1)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        UtcTime().process_bind_param(datetime.fromisoformat("2026-01-01"), sqlite.dialect())


def test_each_channel_of_a_replaced_meter_counts_anew(store: Store) -> None:
    device = store.keys.ensure("device", ["CB01-M", "CB02-M"], at_ms=0)["CB01-M"]
    keys = store.keys.ensure("meter", ["CB01-M:L1", "CB01-M:L2", "CB02-M:total"], at_ms=0)
    assert store.keys.meters_replaced() == []
    at = datetime(2026, 1, 1, tzinfo=UTC)
    store.keys.install(
        device, "SN-1", from_utc=at, told_by="eve", told_ms=7, subject="CB01-M", values={"serial": "SN-1"}
    )
    at_ms = round(at.timestamp() * 1000)
    assert store.keys.meters_replaced() == [(keys["CB01-M:L1"], at_ms), (keys["CB01-M:L2"], at_ms)]
    assert [(entry.act, entry.by, entry.at_ms) for entry in store.history.audit()] == [("meter_replace", "eve", 7)]
