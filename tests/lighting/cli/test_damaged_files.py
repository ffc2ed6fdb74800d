"""Damaged files of bills, prices, readings, tariffs and rates: one clear error each, and nothing left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lighting.cli.entry import run
from tests.lighting.cli.the_site import make_site, store_of

Capture = pytest.CaptureFixture[str]

GOOD = {
    "bills": b"number,from,to,kwh,amount\n1,2026-01-01,2026-01-31,5,9\n2,2026-02-01,2026-02-28,5,9\n",
    "prices": b"time,price\n2026-01-01 00:00,5\n2026-01-01 01:00,2\n",
    "readings": b"time,circuit,power_w\n2026-01-01 00:00,C-0101,5\n2026-01-01 00:15,C-0101,2\n",
    "tariff": b'format = 2\nname = "x"\ncurrency = "EUR"\nprice_per_kwh = 5.0\n',
    "urdb": b'{"name": "x",\n "energyratestructure": [[{"rate": 5, "max": 9, "unit": "kWh"}, {"rate": 0.2}]]}\n',
}
WORDS = {
    "bills": ["bills", "import", "FILE"],
    "prices": ["tariff", "import", "prices", "FILE", "--unit", "EUR/MWh", "--timezone", "Europe/Berlin", "--out", "o"],
    "readings": ["import", "readings", "FILE"],
    "tariff": ["tariff", "check", "FILE"],
    "urdb": ["tariff", "import", "urdb", "FILE", "--out", "o"],
}
Damage = Callable[[bytes], bytes]


def five(by: str) -> Damage:
    """The one figure 5 of the file as something else."""
    return lambda good: good.replace(b",5" if b",5" in good else b"5.0" if b"5.0" in good else b"5", by.encode(), 1)


ALL = tuple(GOOD)
TABLES = ("bills", "prices", "readings")
WHOLE: list[tuple[str, Damage, tuple[str, ...]]] = [
    ("empty", lambda _: b"", ALL),
    ("UTF-16", lambda good: good.decode().encode("utf-16"), ALL),
    ("Latin 1 at its end", lambda good: good + "# Zähler\n".encode("latin-1"), ALL),
    ("binary", lambda _: bytes(range(256)) * 9, ALL),
    ("one endless line", lambda _: b"x" * 200_000, ALL),
    ("a page of a portal", lambda _: b"<!DOCTYPE html><html><body>Log in</body></html>\n", ALL),
    ("a zip", lambda _: b"PK\x03\x04" + bytes(300), ("prices", "readings")),
    ("blank", lambda _: b"\n \n", ("bills", "prices")),
    ("null", lambda _: b"null\n", ("urdb",)),
    ("thousands of brackets", lambda _: b"[" * 10_000, ("bills", "urdb")),
    ("cut in the middle", lambda good: good[: len(good) // 2], ("tariff", "urdb")),
    ("pipes", lambda good: good.replace(b",", b"|"), TABLES),
    ("bars", lambda good: good.replace(b",", b"|"), ("bills",)),
    ("a heading alone", lambda good: good.split(b"\n")[0] + b"\n", TABLES),
    ("no heading", lambda good: good.split(b"\n", 1)[1], TABLES),
    ("a column twice", lambda good: good.replace(b"\n", b",9\n").replace(b",9\n", b",amount\n", 1), ("bills",)),
    ("a column twice", lambda good: b"\n".join(x + b"," + x for x in good.split(b"\n") if x), ("prices", "readings")),
    ("NaN", five("nan"), ("tariff",)),
    ("NaN", five("NaN"), ("urdb",)),
    ("true", five("true"), ("tariff", "urdb")),
    ("huge", five("1e300"), ("tariff", "urdb")),
    ("thousands of digits", five("9" * 5_000), ("tariff", "urdb")),
    ("a key twice", lambda good: good.replace(b'"name"', b'"name": 1, "name"'), ("urdb",)),
    ("a path that leads out", lambda good: good + b'prices = "prices/../../x.csv"\n', ("tariff",)),
]
TIMES = {
    "a quote left open": '"2026-01-01 00:00',
    "no such day": "2026-02-30 00:00",
    "the year 1": "0001-01-01 00:00",
    "no such offset": "2026-01-01T02:30+99:00",
    "a date that may be two": "03/04/2026 00:00",
    "a control character": "2026-\x1b[31m01",
    "other digits": "٢٠٢٦-01-01 00:00",
}
FIGURES = {
    "not a number": "NaN",
    "infinite": "-inf",
    "huge": "1e400",
    "hundreds of digits": "9" * 400,
    "beyond what can be": "99999999999999",
    "hexadecimal": "0x5",
    "underscored": "5_0",
    "other digits": "٥",
    "nothing": "",
    "a comma": "5,5",
    "words": "five",
}
ROWS = {
    "bills": ("{n},{time},2026-01-31,{figure},9", "2026-03-01"),
    "prices": ("{time},{figure}", "2026-03-29 02:30"),  # no clock of the zone shows it
    "readings": ("{time},C-0101,{figure}", "2999-01-01 00:00"),
}


def cases(damages: list[tuple[str, Damage, tuple[str, ...]]]) -> list[object]:
    return [pytest.param(kind, damage, id=f"{kind}-{name}") for name, damage, kinds in damages for kind in kinds]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One site for all: nothing damaged changes it, and what is good in a file is on record from the first of them."""
    return make_site(tmp_path_factory.mktemp("damaged") / "city")


@pytest.fixture
def told(city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Iterator[Callable[..., int]]:
    monkeypatch.setenv("LIGHTING_SITE", str(city))

    def runs(kind: str, content: bytes | Path) -> int:
        file = content if isinstance(content, Path) else tmp_path / "damaged.file"
        if isinstance(content, bytes):
            file.write_bytes(content)
        return run([str(file) if word == "FILE" else word for word in WORDS[kind]])

    yield runs
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("damaged.file", "gone", "a folder")] == []


def check_said(capsys: Capture) -> str:
    said = capsys.readouterr()
    text = said.out + said.err
    assert "should not happen" not in text
    assert "Traceback" not in text
    assert max(map(len, text.splitlines())) < 400, "no line is as long as the damage"
    return text


@pytest.mark.parametrize(("kind", "damage"), cases(WHOLE))
def test_what_cannot_be_read_as_a_whole_ends_with_2(
    told: Callable[..., int], capsys: Capture, kind: str, damage: Damage
) -> None:
    assert damage(GOOD[kind]) != GOOD[kind]
    assert told(kind, damage(GOOD[kind])) == 2
    assert "lighting: " in check_said(capsys) or kind == "prices"


@pytest.mark.parametrize("kind", TABLES)
def test_every_damaged_row_is_told_with_its_line(
    told: Callable[..., int], capsys: Capture, tmp_path: Path, kind: str
) -> None:
    """Bills and readings lose no good row for it; of prices nothing is written."""
    row, wrong_time = ROWS[kind]
    good_time = "2026-01-01" if kind == "bills" else "2026-01-01 00:00"
    pairs = [(good_time, figure) for figure in FIGURES.values()]
    pairs += [(time, "5") for time in (*TIMES.values(), wrong_time)]
    rows = [row.format(n=n, time=time, figure=figure) for n, (time, figure) in enumerate(pairs)]
    rows.append(rows[0].rsplit(",", 1)[0])
    assert told(kind, GOOD[kind] + "".join(f"{one}\n" for one in rows).encode()) == (0 if kind == "readings" else 1)
    text = check_said(capsys)
    if kind == "readings":
        assert f"{len(rows) + 2} rows read: 2 used, {len(rows)} refused" in text
        return
    if kind == "bills":
        assert f"{len(rows)} bills refused, 2 entered" in text
    assert all(f"damaged.file:{line}" in text for line in range(4, 4 + len(rows)))


@pytest.mark.parametrize("kind", ALL)
def test_a_folder_or_nothing_is_no_file(told: Callable[..., int], capsys: Capture, tmp_path: Path, kind: str) -> None:
    (tmp_path / "a folder").mkdir()
    assert told(kind, tmp_path / "a folder") == 2
    assert "Is a directory" in check_said(capsys)
    assert told(kind, tmp_path / "gone") == 2
    assert "No such file or directory" in check_said(capsys)


def test_a_file_that_is_damaged_at_its_end_leaves_no_half_behind(
    told: Callable[..., int], city: Path, capsys: Capture
) -> None:
    rows = b"".join(b"2025-06-%02d %02d:%02d,C-0102,5\n" % (n // 1440 + 1, n // 60 % 24, n % 60) for n in range(30_000))
    head = b"time,circuit,power_w\n"
    assert told("readings", head + rows + rows + b"2025-07-01 00:00,C-0102,\xff\n") == 2
    assert "line 60002" in check_said(capsys)
    with store_of(city) as store:
        key = store.keys.known("circuit").get("C-0102")
        assert key is None or store.readings.of_series(key, 0, 2**61) == []


def test_a_place_that_cannot_be_written_is_told(told: Callable[..., int], capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "damaged.file").write_bytes(GOOD["prices"])
    words = [str(tmp_path / "damaged.file") if word == "FILE" else word for word in WORDS["prices"]]
    assert run([*words[:-1], str(tmp_path / "damaged.file" / "o.csv")]) == 2
    assert "Not a directory" in check_said(capsys)
    assert run([*words[:-1], str(tmp_path), "--replace"]) == 2
    assert "Is a directory" in check_said(capsys)
