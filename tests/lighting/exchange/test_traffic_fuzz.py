"""Whatever bytes a file has: it is read, count by count used or refused, or refused as a whole. Never anything else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.exchange.traffic_counts import CountRefusal, CountRow, CountsError, CountsRead
from lighting.exchange.traffic_csv import CountLines, read_csv_counts
from lighting.exchange.traffic_muenster import read_muenster
from lighting.exchange.traffic_pems import read_pems

HOURS = ";".join(f"{hour}:00" for hour in range(24))
OWN = (
    "section,from,until,vehicles,lane\nRING,2026-10-25T02:00+01:00,2026-10-25T02:10+01:00,57,1\nRING,2026-11-01 17:00,"
)
PEMS = (
    "5 Minutes,Lane 1 Flow (Veh/5 Minutes),# Lane Points,% Observed\n13/01/2016 0:00,12,1,100\n13/03/2016 2:00,1,1,9\n"
)
MUENSTER = f"Name  /  Date: 2016_10_30;{HOURS}\nA (MQ1);{'7;' * 24}\nA (MQ2);1;2;\nB;{'-1;' * 24}\n"

Reader = Callable[[bytes], CountsRead]
READERS: dict[str, tuple[str, Reader]] = {
    "csv": (OWN, lambda data: read_csv_counts(data, "a.csv", "Europe/Berlin")),
    "pems": (PEMS, lambda data: read_pems(data, "a.csv", "America/Los_Angeles", "day-first")),
    "muenster": (MUENSTER, lambda data: read_muenster(data, "2016_10_30_24mq.csv", "Europe/Berlin", ("A", "B"))),
}


def read_or_refused(reader: Reader, data: bytes) -> None:
    try:
        read = reader(data)
    except CountsError:
        return
    assert read.read_count == len(read.rows) + read.refused_count
    for row in read.rows:
        assert row.from_ms < row.until_ms
        assert all(0 <= one < 1e6 for one in row.vehicles)


@pytest.mark.parametrize("form", READERS)
@given(data=st.data())
def test_a_file_of_the_form_with_anything_put_into_it(form: str, data: st.DataObject) -> None:
    text, reader = READERS[form]
    at = data.draw(st.integers(0, len(text)))
    until = data.draw(st.integers(at, min(len(text), at + 30)))
    put = data.draw(st.text(max_size=20) | st.text("0123456789;,:/-.+\n\"'{}[] eE", max_size=20))
    read_or_refused(reader, (text[:at] + put + text[until:]).encode("utf-8", errors="surrogatepass"))


@pytest.mark.parametrize("form", READERS)
@given(data=st.binary(max_size=200))
def test_any_bytes(form: str, data: bytes) -> None:
    read_or_refused(READERS[form][1], data)


@given(st.lists(st.text(max_size=60), max_size=5), st.booleans())
def test_no_line_of_a_stream_can_end_it(texts: list[str], is_json: bool) -> None:
    lines = CountLines("standard input", "Europe/Berlin")
    lines.read("{}" if is_json else "section,from,until,vehicles")
    for number, text in enumerate(texts, start=2):
        found = lines.read(text)
        assert found is None or (isinstance(found, (CountRow, CountRefusal)) and found.line == number)
