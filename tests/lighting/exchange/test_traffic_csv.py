"""Our own form of counts: CSV with a heading, or one JSON object a line; a bad line loses no other."""

from __future__ import annotations

import pytest

from lighting.exchange.traffic_counts import CountRefusal, CountRow, CountsError
from lighting.exchange.traffic_csv import CountLines, read_csv_counts

ZONE = "Europe/Berlin"
HEADING = "section,from,until,vehicles\n"


def codes(text: str) -> list[tuple[int, str]]:
    read = read_csv_counts(text.encode(), "counts.csv", ZONE)
    assert read.read_count == len(read.rows) + read.refused_count
    return [(refusal.line, refusal.fact.code) for refusal in read.refusals]


def rows(text: str) -> tuple[CountRow, ...]:
    read = read_csv_counts(text.encode(), "counts.csv", ZONE)
    assert read.refusals == ()
    return read.rows


def test_local_times_and_times_with_an_offset_are_the_same_instants() -> None:
    local, with_offset = rows(
        HEADING + "RING,2026-11-28T17:00,2026-11-28T17:10,57\nRING,2026-11-28T16:00Z,2026-11-28T17:10+01:00,57\n"
    )
    assert (local.from_ms, local.until_ms) == (with_offset.from_ms, with_offset.until_ms)
    assert local.until_ms - local.from_ms == 600_000
    assert (local.section, local.vehicles, local.lane, local.line) == ("RING", (57.0,), None, 2)


def test_columns_may_stand_in_any_order_with_a_mark_before_them_and_comments_between() -> None:
    text = "\ufeff# of the ring\nlane,vehicles,until,from,section\n\n2,41,2026-11-28T17:10Z,2026-11-28T17:00Z,RING\n"
    (row,) = rows(text)
    assert (row.lane, row.vehicles, row.line) == (2, (41.0,), 4)


def test_one_number_a_lane() -> None:
    (row,) = rows(HEADING + "RING,2026-11-28T17:00Z,2026-11-28T17:10Z,57+41\n")
    assert row.vehicles == (57.0, 41.0)


def test_json_lines_say_the_same() -> None:
    one = '{"section": "RING", "from": "2026-11-28T17:00Z", "until": "2026-11-28T17:10Z", "vehicles": %s}\n'
    read = rows(one % "57" + one % "[57, 41]" + one % '"57+41"' + (one % "3").replace("}", ', "lane": 2}'))
    assert [row.vehicles for row in read] == [(57.0,), (57.0, 41.0), (57.0, 41.0), (3.0,)]
    assert [row.lane for row in read] == [None, None, None, 2]


def test_json_lines_and_csv_with_its_heading_may_come_in_one_stream_in_any_order() -> None:
    as_json = '{"section": "RING", "from": "2026-11-28T17:00Z", "until": "2026-11-28T17:10Z", "vehicles": 7}\n'
    as_csv = "RING,2026-11-28T17:10Z,2026-11-28T17:20Z,57\n"
    assert [row.vehicles for row in rows(HEADING + as_csv + as_json + as_csv)] == [(57.0,), (7.0,), (57.0,)]
    assert [row.vehicles for row in rows(as_json + HEADING + as_csv + as_json)] == [(7.0,), (57.0,), (7.0,)]


def test_a_line_of_csv_without_a_heading_among_json_is_refused_alone() -> None:
    as_json = '{"section": "RING", "from": "2026-11-28T17:00Z", "until": "2026-11-28T17:10Z", "vehicles": 7}\n'
    assert codes(as_json + "RING,2026-11-28T17:10Z,2026-11-28T17:20Z,57\n" + as_json) == [(2, "count_line_not_json")]
    read = read_csv_counts((as_json + "section,from,until,vehicle\n").encode(), "counts.csv", ZONE)
    assert len(read.rows) == 1


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("RING,2026-10-25T02:10,2026-10-25T02:20,57", "wall_time_is_twice"),
        ("RING,2026-03-29T02:10,2026-03-29T02:20,57", "wall_time_does_not_exist"),
        ("RING,noon,2026-11-28T17:10Z,57", "count_time_not_understood"),
        ("RING,2026-11-28T17:10Z,2026-11-28T17:10Z,57", "count_ends_before_it_begins"),
        ("RING,2026-11-26T17:10Z,2026-11-28T17:10Z,57", "count_too_long"),
        ("RING,2026-11-28T17:00Z,2026-11-28T17:10Z,", "count_not_a_number"),
        ("RING,2026-11-28T17:00Z,2026-11-28T17:10Z,nan", "count_not_a_number"),
        ("RING,2026-11-28T17:00Z,2026-11-28T17:10Z,inf", "count_not_a_number"),
        ("RING,2026-11-28T17:00Z,2026-11-28T17:10Z,1_0", "count_not_a_number"),
        ("RING,2026-11-28T17:00Z,2026-11-28T17:10Z,٥", "count_not_a_number"),
        ("RING,2026-11-28T17:00Z,2026-11-28T17:10Z,-1", "count_negative"),
        ("RING,2026-11-28T17:00Z,2026-11-28T17:10Z,501", "count_not_plausible"),
        ("RING,2026-11-28T17:00Z,2026-11-28T17:10Z", "wrong_cell_count"),
        ('RING,2026-11-28T17:00Z,2026-11-28T17:10Z,"57', "count_line_not_csv"),
        (",2026-11-28T17:00Z,2026-11-28T17:10Z,57", "count_without_section"),
        ("x" * 10_001, "count_line_too_long"),
    ],
)
def test_a_bad_line_is_refused_with_its_number_and_the_good_ones_stay(line: str, code: str) -> None:
    good = "RING,2026-11-28T16:00Z,2026-11-28T16:10Z,57\n"
    text = HEADING + good + line + "\n" + good
    assert codes(text) == [(3, code)]
    assert len(read_csv_counts(text.encode(), "counts.csv", ZONE).rows) == 2


@pytest.mark.parametrize(
    ("cell", "code"), [("0", "lane_not_a_number"), ("one", "lane_not_a_number"), ("²", "lane_not_a_number")]
)
def test_a_lane_is_a_number_from_one(cell: str, code: str) -> None:
    assert codes(f"section,from,until,vehicles,lane\nRING,2026-11-28T17:00Z,2026-11-28T17:10Z,5,{cell}\n") == [
        (2, code)
    ]


def test_a_lane_and_one_number_for_each_lane_contradict_each_other() -> None:
    text = "section,from,until,vehicles,lane\nRING,2026-11-28T17:00Z,2026-11-28T17:10Z,5+6,1\n"
    assert codes(text) == [(2, "lane_and_many")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "counts_empty"),
        (HEADING, "counts_empty"),
        ("RING,2026-11-28T17:00Z,2026-11-28T17:10Z,57\n", "counts_without_heading"),
        ("section,from,until\n", "counts_without_heading"),
        ("section,from,until,vehicles,vehicles\n", "counts_without_heading"),
        ("section,from,until,vehicle\n", "unknown_key_nearest"),
    ],
)
def test_a_file_that_does_not_begin_as_it_should_is_none(text: str, code: str) -> None:
    with pytest.raises(CountsError) as refusal:
        read_csv_counts(text.encode(), "counts.csv", ZONE)
    assert refusal.value.fact.code == code


def test_bytes_that_are_no_text_are_said_with_their_line() -> None:
    with pytest.raises(CountsError) as refusal:
        read_csv_counts(HEADING.encode() + b"RING\xff", "counts.csv", ZONE)
    assert dict(refusal.value.fact.values) == {"file": "counts.csv", "line": 2}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{", "count_line_not_json"),
        ("[1]", "count_object_incomplete"),
        ('{"section": "RING"}', "count_object_incomplete"),
        (
            '{"section": "R", "from": "2026-11-28T17:00Z", "until": "2026-11-28T17:10Z", "vehicles": 1, "lanes": 2}',
            "unknown_key_nearest",
        ),
        (
            '{"section": "R", "from": "2026-11-28T17:00Z", "until": "2026-11-28T17:10Z", "vehicles": true}',
            "count_not_a_number",
        ),
        ("[" * 20_000, "count_line_too_long"),
        ("[" * 9_000, "count_line_not_json"),
    ],
)
def test_a_line_that_is_no_count_in_json_is_refused(line: str, code: str) -> None:
    lines = CountLines("standard input", ZONE)
    lines.read('{"section": "R", "from": "2026-11-28T17:00Z", "until": "2026-11-28T17:10Z", "vehicles": 1}')
    found = lines.read(line)
    assert isinstance(found, CountRefusal)
    assert (found.line, found.fact.code) == (2, code)
