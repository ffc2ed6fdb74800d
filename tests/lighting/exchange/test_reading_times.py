"""Times of past readings are instants, or refused with their reason: nothing is guessed where clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lighting.exchange.office_dates import DateOrder
from lighting.exchange.reading_times import EARLIEST_MS, REFUSED, TWICE, ReadingTimes, told_apart
from lighting.exchange.wall_times import utc_ms
from tests.effort import examples

NOW_MS = utc_ms(datetime(2026, 11, 28, tzinfo=UTC))
ZONES = ("Europe/Berlin", "Asia/Ho_Chi_Minh", "Australia/Lord_Howe", "America/St_Johns", "UTC")
INSTANTS = st.integers(EARLIEST_MS // 1000 + 86_400, NOW_MS // 1000 - 86_400)


def times(zone: str = "Europe/Berlin") -> ReadingTimes:
    return ReadingTimes(zone, now_ms=NOW_MS)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-29 01:59", datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        ("2026-03-29T03:00:00", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("2026-10-25T02:30:00+02:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25T02:30:00+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("1767225600", datetime(2026, 1, 1, tzinfo=UTC)),
        ("1767225600000", datetime(2026, 1, 1, tzinfo=UTC)),
        ("29.03.2026 00:15", datetime(2026, 3, 28, 23, 15, tzinfo=UTC)),
        ("3.4.2026 00:15:30", datetime(2026, 4, 2, 22, 15, 30, tzinfo=UTC)),
        ("29/03/2026 00:15", datetime(2026, 3, 28, 23, 15, tzinfo=UTC)),
        ("03-29-2026 0:15", datetime(2026, 3, 28, 23, 15, tzinfo=UTC)),
        ("04/04/2026 00:15+02:00", datetime(2026, 4, 3, 22, 15, tzinfo=UTC)),
        (" 1767225600.5 ", datetime(2026, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_what_a_time_means(text: str, at: datetime) -> None:
    assert times()[text] == utc_ms(at)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-03-29 02:30", "wall_time_does_not_exist"),
        ("2026-03-29", "reading_time_not_understood"),
        ("29.03.2026 02:30", "wall_time_does_not_exist"),
        ("29.03.2026", "reading_time_not_understood"),
        ("29.03.26 00:15", "reading_time_not_understood"),
        ("03.29.2026 00:15", "reading_time_not_understood"),
        ("31.04.2026 00:15", "reading_time_not_understood"),
        ("31.12.2026 00:15", "reading_time_in_future"),
        ("03/04/2026 00:15", "date_may_be_two"),
        ("", "reading_time_not_understood"),
        ("12", "reading_time_not_understood"),
        ("1970-01-01T00:00", "reading_time_too_early"),
        ("100000000", "reading_time_too_early"),
        ("2026-12-01T00:00", "reading_time_in_future"),
    ],
)
def test_why_a_time_is_refused(text: str, code: str) -> None:
    known = times()
    assert known[text] == REFUSED
    assert known.why[text].code == code


@pytest.mark.parametrize(
    ("order", "text", "day"),
    [("dmy", "03/04/2026 12:00", 3), ("mdy", "03/04/2026 12:00", 4), ("mdy", "3.4.2026 12:00", 3)],
)
def test_a_date_that_may_be_two_is_the_one_that_is_told(order: DateOrder, text: str, day: int) -> None:
    known = ReadingTimes("UTC", now_ms=NOW_MS, date_order=order)
    assert datetime.fromtimestamp(known[text] / 1000, UTC).day == day


def test_two_orders_in_one_file_are_refused() -> None:
    known = times()
    assert known["29/03/2026 00:15"] > 0
    assert known["03/30/2026 00:15"] == REFUSED
    assert known.why["03/30/2026 00:15"].code == "date_other_order"
    assert known["03/04/2026 00:15"] == REFUSED, "what one line shows is not taken for another"


@given(INSTANTS, st.sampled_from(ZONES))
def test_a_time_with_its_offset_is_that_instant_everywhere(at_s: int, zone: str) -> None:
    local = datetime.fromtimestamp(at_s, UTC).astimezone(ZoneInfo(zone))
    assert times("UTC")[local.isoformat()] == at_s * 1000


@given(INSTANTS, st.sampled_from(ZONES))
def test_a_wall_time_is_the_instant_or_one_of_the_two(at_s: int, zone: str) -> None:
    text = datetime.fromtimestamp(at_s, UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat()
    known = times(zone)
    assert known[text] == at_s * 1000 or (known[text] == TWICE and at_s * 1000 in known.both[text])


def changes(zone: str, year: int) -> list[datetime]:
    """Noons before the days on which the clocks of a zone are changed."""
    noons = [datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=day) for day in range(365)]
    offsets = [noon.astimezone(ZoneInfo(zone)).utcoffset() for noon in noons]
    return [noon for noon, before, after in zip(noons, offsets, offsets[1:], strict=False) if before != after]


@settings(max_examples=examples(25))
@given(st.sampled_from(ZONES[:4]), st.integers(2000, 2025), st.sampled_from([15, 30]), st.integers(1, 3))
def test_a_file_that_runs_through_a_doubled_hour_is_told_apart_wholly(
    zone: str, year: int, step: int, count: int
) -> None:
    """For series that lie mixed in the file, and over more than one change of the clocks."""
    known = times(zone)
    rows = []
    for noon in changes(zone, year):
        for minutes in range(0, 24 * 60, step):
            at = noon + timedelta(minutes=minutes)
            text = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat()
            if known[text] == TWICE:
                rows += [(series, *known.both[text], utc_ms(at)) for series in range(count)]
            else:
                assert known[text] == utc_ms(at)
    table = np.array(rows, np.int64).reshape(-1, 4)
    assert told_apart(table[:, 0], table[:, 1], table[:, 2]).tolist() == table[:, 3].tolist()


@pytest.mark.parametrize(
    ("minutes", "known"),
    [
        ([0, 15, 30, 45], None),
        ([0], None),
        ([0, 0], [0, 60]),
        ([0, 30, 0, 30], [0, 30, 60, 90]),
        ([45, 0, 15], [45, 60, 75]),
        ([0, 0, 15, 15, 30, 30], None),
        ([45, 30, 15, 0], None),
    ],
    ids=["once", "a single one", "hourly", "half-hourly", "begins late", "each line doubled", "backwards"],
)
def test_a_doubled_hour_is_told_apart_by_two_runs_and_by_nothing_less(
    minutes: list[int], known: list[int] | None
) -> None:
    begin = utc_ms(datetime(2026, 10, 25, 0, 0, tzinfo=UTC))
    first = begin + np.array(minutes, np.int64) * 60_000
    found = told_apart(np.ones(first.size, np.int64), first, first + 3_600_000)
    expected = [TWICE] * first.size if known is None else [begin + one * 60_000 for one in known]
    assert found.tolist() == expected
