"""The hours of accounts, a row a day: packed to the last figure, cut where days of two time zones overlap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lighting.energy.slots import HOUR_MS
from lighting.store.account_hours import COLUMNS, pack_hours, read_hours, replace_hours, unpack_hours
from lighting.store.engine import Database
from lighting.store.exports import export
from lighting.store.reading_columns import NO_ENERGY
from lighting.store.store import Store

FIGURES = st.one_of(st.integers(-(2**61), 2**61), st.just(NO_ENERGY), st.integers(0, 3))


@given(st.integers(0, 40).flatmap(lambda n: arrays(np.int64, (len(COLUMNS), n), elements=FIGURES)))
def test_what_is_packed_is_unpacked_to_the_last_figure(hours: np.ndarray) -> None:
    assert np.array_equal(unpack_hours(pack_hours(hours)), hours)


@pytest.mark.parametrize("packed", [b"", b"\x01", b"\x02\x00\x00\x00\x00" + b"\x00" * 300])
def test_bytes_that_are_no_hours_are_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match="no packed hours"):
        unpack_hours(packed)


def hours_of(first: int, count: int, figure: int, district: int = 9) -> np.ndarray:
    found = np.full((len(COLUMNS), count), figure, np.int64)
    found[0] = (first + np.arange(count)) * HOUR_MS
    found[1], found[2] = district, 0
    return found


def test_a_day_replaces_its_own_hours_and_no_others(store: Store) -> None:
    """Also where days of another zone lie across its edges, as while every day is made again."""
    database = Database(store.url)
    with database.writing(durable=False) as connection:
        for first, figure in ((0, 1), (24, 2), (48, 3)):
            replace_hours(connection, first * HOUR_MS, (first + 24) * HOUR_MS, hours_of(first, 24, figure))
        shuffled = np.concatenate([hours_of(31, 24, 5), hours_of(31, 24, 4, district=8)], axis=1)[:, ::-1]
        replace_hours(connection, 31 * HOUR_MS, 55 * HOUR_MS, shuffled)
    with database.reading() as connection:
        found = read_hours(connection, HOUR_MS, 70 * HOUR_MS)
    expected = [(h, 9, 1) for h in range(1, 24)] + [(h, 9, 2) for h in range(24, 31)]
    expected += [(h, district, figure) for h in range(31, 55) for district, figure in ((8, 4), (9, 5))]
    expected += [(h, 9, 3) for h in range(55, 70)]
    assert list(zip((found[0] // HOUR_MS).tolist(), found[1].tolist(), found[5].tolist(), strict=True)) == expected
    with database.writing(durable=False) as connection:
        replace_hours(connection, 31 * HOUR_MS, 55 * HOUR_MS, np.zeros((len(COLUMNS), 0), np.int64))
    with database.reading() as connection:
        assert read_hours(connection, 30 * HOUR_MS, 56 * HOUR_MS)[0].tolist() == [30 * HOUR_MS, 55 * HOUR_MS]
    database.close()


def test_an_export_has_a_row_an_hour_with_ids_and_nothing_where_nothing_is_measured(store: Store) -> None:
    key = store.keys.ensure("district", ["centre"], at_ms=0)["centre"]
    database = Database(store.url)
    hours = hours_of(0, 24, 7, district=key)
    hours[-1, 3] = NO_ENERGY
    with database.writing(durable=False) as connection:
        replace_hours(connection, 0, 24 * HOUR_MS, hours)
    found = export(database, "account-hours", 2 * HOUR_MS, 5 * HOUR_MS)
    rows = [row for some in found.rows for row in some]
    database.close()
    names = [column.heading for column in found.columns]
    assert names[:4] == ["start_ms", "district_kind", "district", "kind"]
    assert len(names) == len(COLUMNS) + 1 == len(rows[0])
    assert [row[:4] for row in rows] == [(h * HOUR_MS, "district", "centre", 0) for h in (2, 3, 4)]
    assert [row[-1] for row in rows] == [7, None, 7]
