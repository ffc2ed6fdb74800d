"""Readings on disk: the same ones come back, in order, whatever tore the files."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lighting.operation import spool as spool_module
from lighting.operation.spool import ReadingSpool, _packed, _unpacked
from lighting.store.records import Reading

LIMIT = 100_000_000
NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
COUNTS = st.integers(0, 2**62)
READINGS = st.builds(
    Reading,
    COUNTS,
    COUNTS,
    NUMBERS,
    NUMBERS,
    st.none() | COUNTS,
    NUMBERS,
    NUMBERS,
    NUMBERS,
    st.integers(0, 63),
    NUMBERS,
)


def readings(first: int, count: int) -> list[Reading]:
    return [Reading(at_ms=at_ms, series_key=7, power_w=at_ms / 7) for at_ms in range(first, first + count)]


def all_of(spool: ReadingSpool) -> list[int]:
    """Carry over everything; the times, in order."""
    found: list[int] = []
    while portion := spool.first():
        found += [reading.at_ms for reading in portion]
        spool.carried_over()
    return found


@settings(max_examples=25)
@given(st.lists(READINGS, min_size=1, max_size=6))
def test_what_comes_back_is_what_was_written(some: list[Reading]) -> None:
    header = spool_module._HEADER.size
    assert _unpacked(_packed(some)[header:], len(some)) == some


def test_portions_come_back_in_order_and_files_go(tmp_path: Path) -> None:
    spool = ReadingSpool(tmp_path / "spool", LIMIT)
    assert spool.first() == []
    spool.append(readings(0, 12_000))
    spool.append(readings(12_000, 10))
    assert spool.waiting == 12_010
    assert spool.size_bytes == sum(path.stat().st_size for path in (tmp_path / "spool").iterdir())
    assert all_of(spool) == list(range(12_010))
    assert spool.waiting == 0
    assert not list((tmp_path / "spool").iterdir())
    spool.append(readings(5, 1))
    assert all_of(spool) == [5]


def test_the_next_controller_finds_what_the_last_one_left(tmp_path: Path) -> None:
    first = ReadingSpool(tmp_path, LIMIT)
    first.append(readings(0, 6_000))
    assert len(first.first()) == 5_000
    first.carried_over()
    second = ReadingSpool(tmp_path, LIMIT)
    second.append(readings(6_000, 5))
    assert len(list(tmp_path.iterdir())) == 2, "nothing is written behind what a crash may have torn"
    assert all_of(second) == list(range(6_005)), "what was carried over already comes again, which changes nothing"


@pytest.mark.parametrize("kept", [0.02, 0.5, 0.98])
def test_a_torn_end_is_passed_over(tmp_path: Path, kept: float) -> None:
    spool = ReadingSpool(tmp_path, LIMIT)
    spool.append(readings(0, 10))
    whole = spool.size_bytes
    spool.append(readings(10, 10))
    (path,) = tmp_path.iterdir()
    os.truncate(path, whole + round((path.stat().st_size - whole) * kept))
    again = ReadingSpool(tmp_path, LIMIT)
    assert again.waiting == 10
    again.append(readings(20, 10))
    assert all_of(again) == [*range(10), *range(20, 30)]


def test_a_damaged_portion_is_not_believed(tmp_path: Path) -> None:
    spool = ReadingSpool(tmp_path, LIMIT)
    spool.append(readings(0, 10))
    (path,) = tmp_path.iterdir()
    data = bytearray(path.read_bytes())
    data[-3] ^= 0x10
    path.write_bytes(data)
    assert all_of(ReadingSpool(tmp_path, LIMIT)) == []


def test_at_the_limit_the_oldest_go_and_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "_LEAST_SEGMENT_BYTES", 1)
    spool = ReadingSpool(tmp_path, 5_000)
    for first in range(0, 2_000, 50):
        spool.append(readings(first, 50))
    assert 4_000 < spool.size_bytes <= 5_000
    assert spool.lost > 0
    assert all_of(spool) == list(range(spool.lost, 2_000))


def test_what_a_full_disk_did_not_take_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = ReadingSpool(tmp_path, LIMIT)
    spool.append(readings(0, 10))

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            spool.append(readings(10, 10))
    assert spool.waiting == 10
    spool.append(readings(20, 10))
    assert all_of(spool) == [*range(10), *range(20, 30)]


WRITES_FOR_EVER = """
import sys
from pathlib import Path
from lighting.operation.spool import ReadingSpool
from lighting.store.records import Reading
spool, first = ReadingSpool(Path(sys.argv[1]), 10**9), 0
while True:
    spool.append([Reading(at_ms=at_ms, series_key=7) for at_ms in range(first, first + 20)])
    first += 20
    print(first, flush=True)
"""


@pytest.mark.parametrize("kills", [2, pytest.param(30, marks=pytest.mark.long)])
def test_what_was_acknowledged_survives_a_kill_at_any_moment(tmp_path: Path, kills: int) -> None:
    for kill in range(kills):
        folder = tmp_path / str(kill)
        with subprocess.Popen(
            [sys.executable, "-c", WRITES_FOR_EVER, str(folder)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            told = [writer.stdout.readline() for _ in range(3 + kill)]
            writer.kill()
            told += writer.stdout.readlines()
        acknowledged = int([line for line in told if line.endswith("\n")][-1])
        found = all_of(ReadingSpool(folder, LIMIT))
        assert found == list(range(len(found)))
        assert acknowledged <= len(found) <= acknowledged + 20
