"""PeMS 5-minute files: the real one with its real traps, and small ones for what it does not have."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lighting.exchange.traffic_counts import CountsError, CountsRead
from lighting.exchange.traffic_pems import DateOrder, read_pems
from lighting.exchange.wall_times import utc_ms

ZONE = "America/Los_Angeles"
HEADING = "5 Minutes,Lane 1 Flow (Veh/5 Minutes),# Lane Points,% Observed\n"


def made(text: str, dates: DateOrder | None = None) -> CountsRead:
    return read_pems(text.encode(), "made.csv", ZONE, dates)


def refused(text: str, dates: DateOrder | None = None) -> str:
    with pytest.raises(CountsError) as refusal:
        made(text, dates)
    return refusal.value.fact.code


@pytest.fixture(scope="module")
def real(shared_dir: Path) -> CountsRead:
    return read_pems((shared_dir / "data" / "traffic_pems_5min" / "train.csv").read_bytes(), "train.csv", ZONE)


@pytest.mark.shared
def test_the_mark_and_the_column_that_looks_like_a_comment_cost_no_row(real: CountsRead) -> None:
    assert real.read_count == 7776
    assert len(real.rows) == 7775
    assert max(row.vehicles[0] for row in real.rows) == 197


@pytest.mark.shared
def test_the_row_that_was_not_observed_is_no_count(real: CountsRead) -> None:
    (refusal,) = real.refusals
    assert (refusal.line, refusal.fact.code, dict(refusal.fact.values)) == (
        6167,
        "pems_not_observed",
        {"observed_pct": 0.0},
    )
    at = utc_ms(datetime(2016, 2, 19, 9, 45, tzinfo=ZoneInfo(ZONE)))
    assert at not in {row.from_ms for row in real.rows}


@pytest.mark.shared
def test_the_first_day_is_the_fourth_of_january(real: CountsRead) -> None:
    assert real.rows[0].from_ms == utc_ms(datetime(2016, 1, 4, tzinfo=ZoneInfo(ZONE)))
    assert real.rows[-1].until_ms == utc_ms(datetime(2016, 3, 1, tzinfo=ZoneInfo(ZONE)))
    assert {row.until_ms - row.from_ms for row in real.rows} == {300_000}
    proven = next(remark for remark in real.remarks if remark.code == "date_order_proven")
    assert dict(proven.values) == {"file": "train.csv", "order": "day-first", "line": 2018}


@pytest.mark.shared
def test_whole_days_that_are_missing_are_said_and_not_filled(real: CountsRead) -> None:
    lacking = next(remark for remark in real.remarks if remark.code == "counts_lack_days")
    assert dict(lacking.values) == {"file": "train.csv", "gap_count": 10, "day_count": 30}
    assert not [row for row in real.rows if row.from_ms == utc_ms(datetime(2016, 1, 9, 12, tzinfo=ZoneInfo(ZONE)))]


@pytest.mark.shared
def test_saying_the_other_order_is_disproved_by_the_file(shared_dir: Path) -> None:
    data = (shared_dir / "data" / "traffic_pems_5min" / "train.csv").read_bytes()
    with pytest.raises(CountsError) as refusal:
        read_pems(data, "train.csv", ZONE, "month-first")
    assert refusal.value.fact.code == "date_order_disproved"
    assert refusal.value.fact.values["line"] == 2018


@pytest.mark.shared
def test_the_first_twelve_days_alone_prove_nothing(shared_dir: Path) -> None:
    data = (shared_dir / "data" / "traffic_pems_5min" / "train.csv").read_bytes()
    days = b"\n".join(line for line in data.splitlines() if line[:2] not in (b"13", b"14", b"15", b"22", b"29"))
    early = b"\n".join(days.splitlines()[:1000])
    with pytest.raises(CountsError) as refusal:
        read_pems(early, "early.csv", ZONE)
    assert refusal.value.fact.code == "date_order_unknown"
    assert read_pems(early, "early.csv", ZONE, "day-first").rows[0].from_ms == utc_ms(
        datetime(2016, 1, 4, tzinfo=ZoneInfo(ZONE))
    )


def test_the_order_is_told_or_proven() -> None:
    assert refused(HEADING + "04/01/2016 0:00,12,1,100\n") == "date_order_unknown"
    day, month = (made(HEADING + "04/01/2016 0:00,12,1,100\n", order) for order in ("day-first", "month-first"))
    assert day.rows[0].from_ms == utc_ms(datetime(2016, 1, 4, tzinfo=ZoneInfo(ZONE)))
    assert month.rows[0].from_ms == utc_ms(datetime(2016, 4, 1, tzinfo=ZoneInfo(ZONE)))
    proven = made(HEADING + "04/01/2016 0:00,12,1,100\n04/13/2016 0:00,12,1,100\n")
    assert proven.rows[0].from_ms == utc_ms(datetime(2016, 4, 1, tzinfo=ZoneInfo(ZONE)))


def test_both_orders_in_one_file_are_refused() -> None:
    assert refused(HEADING + "13/01/2016 0:00,12,1,100\n01/13/2016 0:05,12,1,100\n") == "dates_in_both_orders"


def test_the_worst_lane_may_be_any_of_them() -> None:
    heading = "5 Minutes,Lane 2 Flow (Veh/5 Minutes),Lane 1 Flow (Veh/5 Minutes),# Lane Points,% Observed\n"
    (row,) = made(heading + "13/01/2016 0:00,7,12,2,100\n").rows
    assert row.vehicles == (12.0, 7.0)
    without = heading.replace("Lane 1", "Lane 3")
    assert refused(without + "13/01/2016 0:00,7,12,2,100\n") == "pems_lanes_missing"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("31/02/2016 0:00,12,1,100", "count_time_not_understood"),
        ("13/01/2016,12,1,100", "count_time_not_understood"),
        ("13/03/2016 2:30,12,1,100", "wall_time_does_not_exist"),
        ("06/11/2016 1:30,12,1,100", "wall_time_is_twice"),
        ("13/01/2016 0:05,12,1,50", "pems_not_observed"),
        ("13/01/2016 0:05,12,1,nan", "pems_not_observed"),
        ("13/01/2016 0:05,12,1,", "count_not_a_number"),
        ("13/01/2016 0:05,,1,100", "count_not_a_number"),
        ("13/01/2016 0:05,-2,1,100", "count_negative"),
        ("13/01/2016 0:05,251,1,100", "count_not_plausible"),
        ("13/01/2016 0:05,12", "wrong_cell_count"),
    ],
)
def test_a_row_that_is_no_count_is_refused_with_its_line(cells: str, code: str) -> None:
    read = made(HEADING + "13/01/2016 0:00,12,1,100\n" + cells + "\n", "day-first")
    assert [(refusal.line, refusal.fact.code) for refusal in read.refusals] == [(3, code)]
    assert (read.read_count, len(read.rows)) == (2, 1)


def test_a_file_of_another_form_is_none() -> None:
    assert refused("") == "pems_columns_missing"
    assert refused("time,flow\n1,2\n") == "pems_columns_missing"
    assert refused(HEADING) == "counts_empty"
    assert refused(HEADING + '13/01/2016 0:00,"12,1,100') == "counts_not_csv"
