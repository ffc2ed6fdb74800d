"""The example site in a store of each kind, with decisions, reports and meters as a controller leaves them."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, insert, make_url, text

from lighting.assets.fact import Fact
from lighting.assets.folder import read_accepted
from lighting.assets.model import Site
from lighting.assets.template import template_texts
from lighting.energy.level_runs import LIT, LIT_UNKNOWN, UNLIT, pack_runs
from lighting.energy.slots import hour_edges_of_day
from lighting.schedule.instructions import Layer
from lighting.store.engine import Database
from lighting.store.records import DecisionChange
from lighting.store.schema import rollup_hour
from lighting.store.store import Store, open_store

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = date(2026, 11, 20)
HOUR_MS = 3_600_000


def local_ms(text: str) -> int:
    """UTC milliseconds of a local date-time of the example site."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp() * 1000)


@dataclass
class Past:
    """Writes into a store what a controller of the example site would have left there."""

    store: Store
    site: Site
    texts: Mapping[str, str]
    revision_id: int
    circuits: Mapping[str, int]
    meters: Mapping[str, int]

    def decide(self, circuit: str, *steps: tuple[str, float | None, Layer]) -> None:
        """Record decisions of a circuit: local time, level, layer."""
        self.store.history.add_decisions(
            [
                DecisionChange(self.circuits[circuit], local_ms(at), level, layer, Fact("x"), self.revision_id)
                for at, level, layer in steps
            ]
        )

    def report(self, circuit: str, day: date, *steps: tuple[str, float, int]) -> None:
        """Record the runs of a circuit for every hour of a day: local time, level, lit; unknown before the first."""
        rows = []
        changes = [(local_ms(at), level, lit) for at, level, lit in steps]
        for start, end in _hours(day):
            before = [change for change in changes if change[0] <= start]
            first = (start, *before[-1][1:]) if before else (start, float("nan"), LIT_UNKNOWN)
            runs = [first, *(change for change in changes if start < change[0] < end)]
            blob = pack_runs([at - start for at, _, _ in runs], [one[1] for one in runs], [one[2] for one in runs])
            rows.append(self._row(start, self.circuits[circuit], levels=blob))
        self._write(rows)

    def meter(self, channel: str, day: date, energies_ws: Sequence[int | None], *, reactive: int | None = None) -> None:
        """Record what a meter channel counted in each hour of a day; None is unknown."""
        self._write(
            [
                self._row(
                    start,
                    self.meters[channel],
                    energy_ws=energy,
                    known_ms=0 if energy is None else end - start,
                    reactive_vars=reactive,
                )
                for (start, end), energy in zip(_hours(day), energies_ws, strict=True)
            ]
        )

    def _row(self, start_ms: int, key: int, **values: object) -> dict[str, object]:
        blank: dict[str, object] = {
            "energy_ws": None,
            "known_ms": 0,
            "spread_ms": 0,
            "integrated_ms": 0,
            "reactive_vars": None,
            "readings": 60,
            "flags": 0,
            "levels": None,
        }
        return blank | {"start_ms": start_ms, "series_key": key} | values

    def _write(self, rows: list[dict[str, object]]) -> None:
        database = Database(self.store.url)
        with database.writing(durable=False) as connection:
            connection.execute(insert(rollup_hour), rows)
        database.close()


def _hours(day: date) -> list[tuple[int, int]]:
    edges = hour_edges_of_day(day, "Asia/Ho_Chi_Minh")
    return list(itertools.pairwise(edges))


SQLITE = pytest.param("sqlite", id="sqlite")
POSTGRESQL = pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgresql)


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        with open_store(f"sqlite:///{tmp_path / 'lighting.sqlite3'}") as opened:
            yield opened
        return
    server = make_url(request.getfixturevalue("postgresql_url"))
    name = f"lighting_{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    url = server.update_query_dict({"options": f"-csearch_path={name}"})
    with open_store(url.render_as_string(hide_password=False)) as opened:
        yield opened
    with engine.connect() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


@pytest.fixture
def past(store: Store) -> Past:
    return past_of(store, template_texts())


def past_of(store: Store, texts: Mapping[str, str], *, at: str = "2026-11-01T09:00") -> Past:
    """Accept a site and give its assets their keys."""
    revision = store.revisions.add(texts, at_ms=local_ms(at), by="test", note="")
    site = read_accepted(texts).site
    assert site is not None
    refs = {str(ref) for circuit in site.circuits.values() for ref in circuit.meter}
    refs |= {str(ref) for load in site.permanent_loads for ref in load.meter}
    return Past(
        store,
        site,
        texts,
        revision.id,
        store.keys.ensure("circuit", list(site.circuits), at_ms=0),
        store.keys.ensure("meter", sorted(refs), at_ms=0),
    )


__all__ = ["DAY", "HOUR_MS", "LIT", "UNLIT", "Layer", "Past", "local_ms", "past_of"]
