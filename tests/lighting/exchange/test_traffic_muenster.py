"""Münster's daily files: the real ones with their real traps, and made-up ones for the days that are not here."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lighting.exchange.traffic_counts import CountsError, CountsRead
from lighting.exchange.traffic_muenster import counts_of_day, is_sum_row, read_day, read_muenster
from lighting.exchange.wall_times import utc_ms

ZONE = "Europe/Berlin"
RING = "MQ_03290_FV12_GR"
HOURS = ";".join(f"{hour}:00" for hour in range(24))
FULL = ";".join(str(hour) for hour in range(24)) + ";"


def made(
    rows: str, day: str = "2016_06_01", name: str | None = None, detectors: tuple[str, ...] = ("A",)
) -> CountsRead:
    text = f"Name  /  Date: {day};{HOURS}\n{rows}"
    return read_muenster(text.encode(), f"{day}_24mq.csv" if name is None else name, ZONE, detectors)


def reasons(read: CountsRead) -> dict[str, int]:
    found: Counter[str] = Counter()
    for refusal in read.refusals:
        found[refusal.fact.code] += refusal.count
    assert read.read_count == len(read.rows) + read.refused_count
    return dict(found)


@pytest.fixture(scope="module")
def days(shared_dir: Path) -> dict[str, bytes]:
    folder = shared_dir / "data" / "traffic_muenster" / "raw"
    found = {file.name: file.read_bytes() for file in sorted(folder.glob("2016_1*_24mq.csv"))}
    return {name: data for name, data in found.items() if "2016_10_17" <= name[:10] <= "2016_11_01"}


def test_a_day_is_24_hours_of_local_time() -> None:
    read = made(f"A (MQ7);{FULL}\n")
    assert [row.vehicles[0] for row in read.rows] == list(range(24))
    assert read.rows[0].from_ms == utc_ms(datetime(2016, 6, 1, tzinfo=ZoneInfo(ZONE)))
    assert {row.until_ms - row.from_ms for row in read.rows} == {3_600_000}


def test_a_detector_is_named_with_or_without_its_number() -> None:
    assert made(f"A (MQ7);{FULL}\n", detectors=("A (MQ7)",)).rows == made(f"A (MQ7);{FULL}\n").rows


def test_the_separator_at_the_end_may_be_missing() -> None:
    assert made(f"A;{FULL}\n").rows == made(f"A;{FULL.removesuffix(';')}\n").rows


def test_several_detectors_are_the_lanes_in_their_order() -> None:
    read = made(f"A;{FULL}\nB;{FULL.replace('23', '99')}\n", detectors=("B", "A"))
    assert read.rows[-1].vehicles == (99.0, 23.0)


def test_a_row_that_is_packed_left_says_no_hour() -> None:
    assert reasons(made("A;1;2;3;\n")) == {"row_packed_left": 24}
    assert reasons(made(f"A;{FULL}\nB;1;2;\n", detectors=("A", "B"))) == {"row_packed_left": 24}


def test_a_blank_hour_is_no_zero() -> None:
    read = made(f"A;{FULL.replace(';13;', ';;')}\n")
    assert reasons(read) == {"hour_blank": 1}
    assert 13 not in [row.vehicles[0] for row in read.rows]


def test_negative_and_enormous_counts_are_none() -> None:
    assert reasons(made(f"A;{FULL.replace(';13;', ';-2;')}\n")) == {"count_negative": 1}
    assert reasons(made(f"A;{FULL.replace(';13;', ';3602;')}\n")) == {"count_not_plausible": 1}


def test_after_the_hour_that_clocks_skip_no_hour_is_certain() -> None:
    spring = ";".join(str(hour) for hour in range(23)) + ";;"
    read = made(f"A;{spring}\n", day="2016_03_27")
    assert reasons(read) == {"hour_unknown_after_clock_change": 22}
    assert [row.vehicles[0] for row in read.rows] == [0, 1]


def test_the_hour_that_clocks_show_twice_is_none_whether_blank_or_filled() -> None:
    for two in ("2", ""):
        read = made(f"A;{FULL.replace(';2;', f';{two};', 1)}\n", day="2016_10_30")
        assert reasons(read) == {"hour_is_twice": 1}
        one, three = read.rows[1], read.rows[2]
        assert three.from_ms - one.until_ms == 7_200_000


def test_a_heading_without_rows_is_a_day_of_which_nothing_is_known() -> None:
    read = made("")
    assert (read.read_count, read.rows, [remark.code for remark in read.remarks]) == (0, (), ["counts_day_empty"])


def test_a_name_that_a_file_lacks_is_a_remark_with_the_nearest() -> None:
    read = made(f"MQ_03290_FV12_GR;{FULL}\n", detectors=("MQ_03290_FV12_G",))
    assert read.read_count == 0
    assert [(remark.code, remark.values.get("nearest")) for remark in read.remarks] == [
        ("detector_not_in_file_nearest", "MQ_03290_FV12_GR")
    ]


def test_two_rows_of_one_name_are_refused_and_harm_no_other() -> None:
    rows = f"A (MQ1);{FULL}\nA (MQ2);{FULL}\nB;{FULL}\n"
    assert reasons(made(rows)) == {"detector_twice": 24}
    assert len(made(rows, detectors=("B",)).rows) == 24


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        (f"Name  /  Date: 2016_06_01;{HOURS}\n", "2016_06_02_24mq.csv", "muenster_dates_disagree"),
        (f"Name  /  Date: 2016_06_01;{HOURS}\n", "counts.csv", "muenster_dates_disagree"),
        (f"Name  /  Date: 2016_02_30;{HOURS}\n", "2016_02_30_24mq.csv", "muenster_dates_disagree"),
        (
            f"Name  /  Date: 2016_06_01;{HOURS.replace('5:00;', '', 1)}\n",
            "2016_06_01.csv",
            "muenster_heading_not_known",
        ),
        ("a,b\n", "2016_06_01.csv", "muenster_heading_not_known"),
        ("", "2016_06_01.csv", "muenster_heading_not_known"),
    ],
)
def test_a_file_whose_day_is_not_certain_is_none(text: str, name: str, code: str) -> None:
    with pytest.raises(CountsError) as refusal:
        read_muenster(text.encode(), name, ZONE, ("A",))
    assert refusal.value.fact.code == code


def test_rows_that_sum_loops_are_known_by_their_names() -> None:
    assert is_sum_row("LSA 3290 Schleifen")
    assert is_sum_row("Alle Motion Det 12")
    assert not is_sum_row(RING)


@pytest.mark.shared
def test_a_real_fortnight_of_one_detector(days: dict[str, bytes]) -> None:
    found: Counter[str] = Counter()
    used = 0
    for name, data in days.items():
        read = read_muenster(data, name, ZONE, (RING,))
        used += len(read.rows)
        found.update(reasons(read))
    assert len(days) == 16
    assert (used, dict(found)) == (335, {"row_packed_left": 48, "hour_is_twice": 1})


@pytest.mark.shared
def test_the_broken_counter_and_the_sums_are_not_believed(days: dict[str, bytes]) -> None:
    broken: Counter[str] = Counter()
    sums = 0
    for name, data in days.items():
        broken.update(reasons(read_muenster(data, name, ZONE, ("MQ_01230_FV1_G",))))
        sums += reasons(read_muenster(data, name, ZONE, ("LSA 3290 Schleifen",))).get("count_not_plausible", 0)
    assert dict(broken) == {"count_not_plausible": 383, "hour_is_twice": 1}
    assert sums == 219


@pytest.mark.shared
def test_of_all_detectors_every_hour_is_used_or_refused(days: dict[str, bytes]) -> None:
    found: Counter[str] = Counter()
    read_count = used = 0
    for name, data in days.items():
        day = read_day(data, name)
        for detector in day.rows:
            read = counts_of_day(day, ZONE, (detector,))
            read_count, used = read_count + read.read_count, used + len(read.rows)
            found.update(reasons(read))
    assert read_count == used + sum(found.values()) == 239_448
    assert dict(found) == {
        "hour_blank": 5789,
        "row_packed_left": 2712,
        "count_not_plausible": 675,
        "hour_is_twice": 620,
        "count_negative": 3,
    }
