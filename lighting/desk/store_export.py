"""Taking tables out of the store as files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from lighting.assets.fact import Fact, Value
from lighting.desk.desk import Desk
from lighting.desk.refusal import WrongUsage
from lighting.energy.slots import day_start_ms
from lighting.exchange.readings_parquet import parquet_module
from lighting.exchange.table_files import write_csv, write_parquet
from lighting.store.store import StoreUnavailable

Format = Literal["csv", "parquet"]


@dataclass(frozen=True, slots=True)
class DaySpan:
    """Local calendar days, both ends included; None has no end."""

    first: date | None = None
    last: date | None = None

    def from_ms(self, timezone: str) -> int | None:
        return None if self.first is None else day_start_ms(self.first, timezone)

    def until_ms(self, timezone: str) -> int | None:
        return None if self.last is None else day_start_ms(self.last + timedelta(days=1), timezone)


@dataclass(frozen=True, slots=True)
class Exported:
    what: str
    file: Path
    rows: int


def day_span(first: str | None, last: str | None) -> DaySpan:
    """Two ISO dates. Raises ``WrongUsage`` for what is none, and where the last is before the first."""
    span = DaySpan(*(None if text is None else _date(text) for text in (first, last)))
    if span.first is not None and span.last is not None and span.last < span.first:
        values: dict[str, Value] = {"from_date": span.first.isoformat(), "to_date": span.last.isoformat()}
        raise WrongUsage(Fact("whatif_ends_before", values))
    return span


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WrongUsage(Fact("date_not_understood", {"text": text})) from error


def export_tables(
    desk: Desk,
    folder: Path,
    whats: Sequence[str],
    span: DaySpan,
    *,
    form: Format,
    overwrite: bool = False,
    progress: Callable[[str, int], None] | None = None,
) -> list[Exported]:
    """Write a file a table into ``folder``, made if it is missing. Anybody who may read the site may.

    Raises ``WrongUsage`` where a file is there already, ``StoreError`` for the store.
    """
    from lighting.store.engine import Database
    from lighting.store.exports import WHATS, export

    desk.refresh()
    store = desk.existing_store
    if store is None:
        raise StoreUnavailable(Fact("store_missing", {"place": str(desk.folder)}))
    if form == "parquet":
        parquet_module()
    zone = desk.site.timezone
    chosen = [what for what in WHATS if what in whats]
    files = {what: folder / f"{what}.{form}" for what in chosen}
    for file in files.values():
        if file.exists() and not overwrite:
            raise WrongUsage(Fact("export_exists", {"file": str(file)}))
    folder.mkdir(parents=True, exist_ok=True)
    done = []
    database = Database(store.url)
    try:
        for what in chosen:
            table = export(database, what, span.from_ms(zone), span.until_ms(zone))
            rows = (write_csv if form == "csv" else write_parquet)(table, files[what], zone)
            done.append(Exported(what, files[what], rows))
            if progress is not None:
                progress(what, rows)
    finally:
        database.close()
    return done
