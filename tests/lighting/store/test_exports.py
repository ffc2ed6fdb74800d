"""Tables that are taken out are the same bytes from either database."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from lighting.exchange.table_files import write_csv
from lighting.store.engine import Database
from lighting.store.exports import WHATS, export
from lighting.store.store import open_store
from tests.lighting.store.filled import fill

ZONE = "Asia/Ho_Chi_Minh"


def exported(url: str, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    database = Database(url)
    for what in WHATS:
        write_csv(export(database, what, None, None), folder / what, ZONE)
    database.close()
    return {what: (folder / what).read_bytes() for what in WHATS}


@pytest.mark.postgresql
def test_the_bytes_are_the_same_from_either_database(tmp_path: Path, new_schema: Callable[[], str]) -> None:
    found = []
    for name, url in (("a", f"sqlite:///{tmp_path / 'x.sqlite3'}"), ("b", new_schema())):
        open_store(url).close()
        fill(url)
        found.append(exported(url, tmp_path / name))
    assert found[0] == found[1]


def test_every_table_has_its_rows_with_ids_and_both_forms_of_time(store_url: str, tmp_path: Path) -> None:
    fill(store_url)
    for what, content in exported(store_url, tmp_path / "out").items():
        rows = list(csv.DictReader(content.decode().splitlines()))
        assert rows, what
        heads = set(rows[0])
        assert not any(head.endswith("_key") for head in heads), what
        times = [head for head in heads if head.endswith("_ms") and head.removesuffix("_ms") in heads]
        assert times, what


def test_only_the_span_is_taken(store_url: str, tmp_path: Path) -> None:
    fill(store_url)
    database = Database(store_url)
    assert write_csv(export(database, "readings", 20, 101), tmp_path / "r.csv", ZONE) == 3
    assert write_csv(export(database, "hours", 7_200_000, 7_200_001), tmp_path / "h.csv", ZONE) == 1
    database.close()
