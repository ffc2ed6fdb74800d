"""Importing past readings: read in portions, checked row by row, recorded with who did it; or only looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact, Value
from lighting.assets.model import Site
from lighting.assets.nearest import nearest, shown
from lighting.desk import rights
from lighting.desk.desk import Desk
from lighting.desk.readings_recording import Recorder, gathered
from lighting.desk.refusal import NotFound, WrongUsage
from lighting.exchange.interval_counters import by_series, contradicted_ms, counter_runs, sorted_intervals
from lighting.exchange.office_dates import DateOrder
from lighting.exchange.reading_conflicts import CONFLICTS, FIELD_OF_ROLE, LinedReadings
from lighting.exchange.reading_roles import ENERGY, METER, ROLES, ReadingsError, Roles, roles_of
from lighting.exchange.reading_rows import ODD_ROWS, Refusals, RowChunk, RowReader, Series, SeriesNames, joined
from lighting.exchange.reading_times import TWICE, ReadingTimes, told_apart
from lighting.exchange.readings_csv import csv_heading, csv_portions
from lighting.exchange.readings_parquet import parquet_heading, parquet_portions
from lighting.exchange.wall_times import is_known_zone
from lighting.store.reading_columns import NO_ENERGY, ReadingColumns
from lighting.store.records import Quality
from lighting.store.store import Store

_NOBODYS = 2**40
Stamp = Literal["begin", "end"]


@dataclass(frozen=True, slots=True)
class ReadingsWish:
    """How the file is to be read. ``columns`` by role; ``interval_ms``: its energies are those of such intervals.

    ``stamp``: whether its times are the begins or the ends of the intervals. ``meter`` or ``circuit``: whose readings
    all of them are. ``timezone`` None: the site's. ``date_order``: of dates such as 03/04/2026.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    energy_unit: str | None = None
    interval_ms: int | None = None
    stamp: Stamp = "begin"
    meter: str = ""
    circuit: str = ""
    date_order: DateOrder | None = None


@dataclass(frozen=True, slots=True)
class ReadingsImported:
    """``read_count`` = ``used_count`` + the refused. ``readings`` came of the used rows, ``added`` of them were new.

    ``has_revision``: a revision of the site was accepted, so that accounts can be made of readings.
    """

    read_count: int
    used_count: int
    refused_count: int
    readings: int
    added: int
    series_count: int
    from_ms: int | None
    until_ms: int | None
    columns: Mapping[str, str]
    refusals: Refusals
    dry_run: bool
    has_revision: bool

    @property
    def contradicted_count(self) -> int:
        """The refused ones that say another thing than what is stored of their instant, or than another line."""
        return sum(self.refusals.counts[code] for code in CONFLICTS)


@dataclass(slots=True)
class _Became:
    readings: int = 0
    added: int = 0
    keys: set[int] = field(default_factory=set)
    from_ms: int | None = None
    until_ms: int | None = None

    def count(self, past: ReadingColumns, added: int) -> None:
        if not len(past):
            return
        self.readings += len(past)
        self.added += added
        self.keys.update(np.unique(past.series_key).tolist())
        low, high = int(past.at_ms.min()), int(past.at_ms.max())
        self.from_ms = low if self.from_ms is None else min(self.from_ms, low)
        self.until_ms = high if self.until_ms is None else max(self.until_ms, high)


def import_readings(
    desk: Desk, file: Path, wish: ReadingsWish, *, dry_run: bool = False, progress: Callable[[int], None] | None = None
) -> ReadingsImported:
    """Import a file of readings, in bounded memory; that of intervals as a whole, for they are summed.

    A reading that is stored already stays as it is, and one that contradicts it is refused. Raises ``ReadingsError``
    and ``WrongUsage`` for a file or options that cannot be used, ``NotFound`` for a meter or circuit that is not known,
    ``Refused`` for want of the right.
    """
    desk.refresh()
    rights.require(desk.site, desk.user_id, "operator", "import readings")
    if wish.timezone is not None and not is_known_zone(wish.timezone):
        raise WrongUsage(Fact("timezone_unknown_here", {"found": shown(wish.timezone)}))
    is_parquet = _is_parquet(file)
    heading = parquet_heading(file) if is_parquet else csv_heading(file)
    has_series = bool(wish.meter or wish.circuit)
    roles = roles_of(heading, wish.columns, energy_unit=wish.energy_unit, file=file.name, has_series=has_series)
    _check_interval(roles, wish, file)
    series = _series(desk, wish, dry_run=dry_run)
    refusals = Refusals(file.name)
    times = ReadingTimes(wish.timezone or desk.site.timezone, now_ms=desk.clock.now_ms(), date_order=wish.date_order)
    reader = RowReader(roles, times, series, refusals)
    portions = parquet_portions(file) if is_parquet else csv_portions(file, refusals)
    chunks = _chunks(reader, portions, progress)
    recorder = Recorder(desk.existing_store if dry_run else desk.store, refusals, dry_run)
    became = _Became()
    if wish.interval_ms is None:
        parts: Iterable[LinedReadings] = map(_as_read, chunks)
    else:
        parts = _summed(desk.existing_store, chunks, wish, refusals)
    for part in gathered(parts):
        became.count(*recorder.record(part))
    odd = sum(refusals.counts[code] for code in ODD_ROWS)
    read = reader.read_count + odd
    if not read:
        raise ReadingsError(Fact("readings_no_rows", {"file": file.name}))
    answer = ReadingsImported(
        read,
        read - refusals.count,
        refusals.count,
        became.readings,
        became.added,
        len(became.keys),
        became.from_ms,
        became.until_ms,
        {role: heading[roles.places[role]] for role in ROLES if role in roles.places},
        refusals,
        dry_run,
        desk.revision is not None,
    )
    if not dry_run and answer.used_count:
        _audit(desk, file, answer)
    return answer


def _is_parquet(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            return stream.read(4) == b"PAR1"
    except OSError as error:
        values: dict[str, Value] = {"file": str(file), "detail": error.strerror or str(error)}
        raise WrongUsage(Fact("readings_file_missing", values)) from error


def _check_interval(roles: Roles, wish: ReadingsWish, file: Path) -> None:
    if wish.interval_ms is None:
        return
    if ENERGY not in roles.places:
        raise ReadingsError(Fact("interval_needs_energy", {"file": file.name}))
    if roles.measured != (ENERGY,):
        others = ", ".join(role for role in roles.measured if role != ENERGY)
        raise ReadingsError(Fact("interval_energy_alone", {"file": file.name, "roles": others}))


def _series(desk: Desk, wish: ReadingsWish, *, dry_run: bool) -> Series:
    """Keys of the meters and circuits of the site, and of those that it had before."""
    site = desk.site
    meters = _keys(desk, "meter", _meter_refs(site), dry_run=dry_run)
    circuits = _keys(desk, "circuit", list(site.circuits), dry_run=dry_run)
    if wish.meter and wish.circuit:
        raise WrongUsage(Fact("readings_one_series"))
    for role, known, name in ((METER, meters, wish.meter), ("circuit", circuits, wish.circuit)):
        if not name:
            continue
        if name not in known:
            guess = nearest(name, sorted(known))
            values: dict[str, Value] = {"kind": role, "found": shown(name)}
            if guess:
                raise NotFound(Fact("reading_series_unknown_nearest", {**values, "nearest": guess}))
            raise NotFound(Fact("reading_series_unknown", values))
        return Series(SeriesNames(meters), SeriesNames(circuits), known[name])
    return Series(SeriesNames(meters), SeriesNames(circuits))


def _keys(desk: Desk, kind: str, ids: list[str], *, dry_run: bool) -> dict[str, int]:
    """Made where they are missing; a dry run makes neither keys nor a store, and takes numbers that nobody has."""
    if dry_run:
        known = {} if desk.existing_store is None else desk.existing_store.keys.known(kind)
        return {name: _NOBODYS + number for number, name in enumerate(ids)} | known
    return {**desk.store.keys.known(kind), **desk.store.keys.ensure(kind, ids, at_ms=desk.clock.now_ms())}


def _meter_refs(site: Site) -> list[str]:
    refs = [ref for circuit in site.circuits.values() for ref in circuit.meter]
    refs += [ref for load in site.permanent_loads for ref in load.meter]
    return [str(ref) for ref in dict.fromkeys(refs)]


def _chunks(
    reader: RowReader, portions: Iterator[tuple[object, object]], progress: Callable[[int], None] | None
) -> Iterator[RowChunk]:
    """What can be used, portion by portion; at the end what stood in a doubled hour."""
    for lines, columns in portions:
        yield reader.read(lines, columns)  # type: ignore[arg-type]
        if progress is not None:
            progress(reader.read_count)
    if reader.twice:
        yield _doubled_hours(reader)


def _doubled_hours(reader: RowReader) -> RowChunk:
    rows = joined([chunk for chunk, _both in reader.twice])
    both = np.concatenate([both for _chunk, both in reader.twice])
    at_ms = told_apart(rows.series, both[:, 0], both[:, 1])
    unknown = at_ms == TWICE
    for row in np.flatnonzero(unknown).tolist():
        reader.refuse(int(rows.line[row]), Fact("reading_time_is_twice", {"stored_ms": int(both[row, 0])}))
    return RowChunk(rows.line, at_ms, rows.series, rows.values).take(~unknown)


def _as_read(chunk: RowChunk) -> LinedReadings:
    given: dict[str, NDArray[Any]] = {FIELD_OF_ROLE[role]: column for role, column in chunk.values.items()}
    energy = chunk.values.get(ENERGY)
    if energy is not None:
        given["energy_ws"] = np.where(np.isnan(energy), NO_ENERGY, np.rint(np.nan_to_num(energy)).astype(np.int64))
    return LinedReadings(chunk.line, ReadingColumns.made(chunk.at_ms, chunk.series, **given))


def _summed(
    store: Store | None, chunks: Iterator[RowChunk], wish: ReadingsWish, refusals: Refusals
) -> Iterator[LinedReadings]:
    """The counters of the series, one series after the other."""
    interval_ms = wish.interval_ms or 0
    gathered = [chunk for chunk in chunks if len(chunk)]
    if not gathered:
        return
    rows = sorted_intervals(joined(gathered), interval_ms, refusals)
    begins = rows.at_ms - (interval_ms if wish.stamp == "end" else 0)
    energy_ws = np.rint(rows.values[ENERGY]).astype(np.int64)
    known = {} if store is None else store.readings.latest()
    for key, places in by_series(rows):
        first_ms, last_ms = int(begins[places[0]]), int(begins[places[-1]]) + interval_ms
        stored: dict[int, int] = {}
        if store is not None and key in known:
            found = store.readings.of_series(key, first_ms, last_ms)
            stored = {one.at_ms: one.energy_ws for one in found if one.energy_ws is not None}
        for run in counter_runs(key, begins[places], energy_ws[places], interval_ms, stored):
            wrong_ms = contradicted_ms(run, stored)
            if wrong_ms is not None:
                within = (begins[places] >= run.at_ms[0]) & (begins[places] < run.at_ms[-1])
                for line in rows.line[places[within]].tolist():
                    refusals.add(line, "", Fact("interval_contradicts", {"stored_ms": wrong_ms}))
                continue
            quality = np.full(run.at_ms.size, int(Quality.SUMMED), np.int16)
            if run.begins_anew:
                quality[0] |= int(Quality.AFTER_GAP)
            series = np.full(run.at_ms.size, key, np.int64)
            made = ReadingColumns.made(run.at_ms, series, energy_ws=run.energy_ws, quality=quality)
            yield LinedReadings(None, made)


def _audit(desk: Desk, file: Path, answer: ReadingsImported) -> None:
    values: dict[str, Value] = {
        "file": file.name,
        "read_count": answer.read_count,
        "refused_count": answer.refused_count,
        "readings": answer.readings,
        "added": answer.added,
        "from_ms": answer.from_ms,
        "until_ms": answer.until_ms,
    }
    desk.store.history.add_audit(
        at_ms=desk.clock.now_ms(), by=desk.user_id, act="readings_import", subject="readings", values=values
    )
