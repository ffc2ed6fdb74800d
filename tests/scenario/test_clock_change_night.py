"""Whole nights in which the clocks change, live: controller and devices over real Modbus, noon to noon.

The site's clock runs ahead as fast as the controller ticks, never more than a few minutes of the night at once, so
that every change is seen on its own however busy the machine is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from drivers.quantity import Quantity
from lighting.assets.fact import Fact
from lighting.assets.template import template_texts
from lighting.cli.entry import run
from lighting.schedule.night import night_span_ms
from lighting.store.records import DecisionChange
from lighting.wording.templates import all_words

if TYPE_CHECKING:
    from tests.scenario.conftest import MakeStreet, Street

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
MOST_AT_ONCE_MS = 15 * 60_000
SPEED = 6000.0
LEAST_TICK_S = 0.05
DIMMED = ("C-0101", "C-0201")


@dataclass(frozen=True, slots=True)
class Zone:
    name: str
    latitude_deg: float
    longitude_deg: float


AMSTERDAM = Zone("Europe/Amsterdam", 52.0, 4.4)
OTHERS = (
    Zone("Australia/Lord_Howe", -31.55, 159.08),
    Zone("Africa/Casablanca", 33.57, -7.59),
    Zone("America/Havana", 23.1, -82.4),
    Zone("Pacific/Chatham", -43.95, -176.55),
    Zone("America/St_Johns", 47.56, -52.71),
    Zone("Europe/Dublin", 53.35, -6.26),
)


@dataclass(frozen=True, slots=True)
class Change:
    """A night whose clocks jump at ``at_ms`` from the face ``before`` to the face ``after`` (minutes of the day)."""

    night: date
    at_ms: int
    before: int
    after: int

    @property
    def is_forward(self) -> bool:
        return self.after > self.before

    @property
    def inside(self) -> int:
        """A face that this night never shows, or shows twice: in the middle between the two."""
        return (self.before + self.after) // 2 % 1440


def face(at_ms: int, zone: ZoneInfo) -> int:
    """What the local clock shows, in minutes of the day."""
    local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone)
    return local.hour * 60 + local.minute


def offset(at_ms: int, zone: ZoneInfo) -> timedelta | None:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).utcoffset()


def changes_of(name: str, year: int = 2026) -> Iterator[Change]:
    """The clock changes of that year, found by looking at every night of it."""
    zone, night = ZoneInfo(name), date(year, 1, 1)
    while night.year == year:
        start_ms, end_ms = night_span_ms(night, name)
        if end_ms - start_ms != DAY_MS:
            first_ms, last_ms = start_ms, end_ms
            while last_ms - first_ms > 60_000:
                middle = (first_ms + last_ms) // 120_000 * 60_000
                if offset(middle, zone) == offset(start_ms, zone):
                    first_ms = middle
                else:
                    last_ms = middle
            shift = (end_ms - start_ms - DAY_MS) // 60_000
            after = face(last_ms, zone)
            yield Change(night, last_ms, after + shift, after)
        night += timedelta(days=1)


def clock(minutes: int) -> str:
    return f"{minutes % 1440 // 60:02d}:{minutes % 60:02d}"


def texts_for(zone: Zone, change: Change) -> dict[str, str]:
    """The example site there, with steps before the change, in the middle of it and after it."""
    files = template_texts()
    site = files["site.toml"]
    for old, new in (
        ('"Asia/Ho_Chi_Minh"', f'"{zone.name}"'),
        ("latitude_deg = 21.0285", f"latitude_deg = {zone.latitude_deg}"),
        ("longitude_deg = 105.8542", f"longitude_deg = {zone.longitude_deg}"),
        ("fade_off = false", "ramp_down_s = 0.0\nfade_off = false"),
    ):
        assert old in site
        site = site.replace(old, new)
    steps = [
        ("dusk", 100),
        ("22:00", 70),
        (clock(change.before - 75), 60),
        (clock(change.inside), 50),
        (clock(max(change.before, change.after) + 90), 90),
    ]
    written = ",\n".join(f'  {{ at = "{at}", level_pct = {level} }}' for at, level in steps)
    programs = f"""schema_version = 1
[programs.main-road]
lit_from = "dusk"
lit_until = "dawn"
steps = [
{written},
]
[programs.park-path]
lit_from = "sunset-10m"
lit_until = "later of dawn and {clock(change.inside)}"
steps = [
  {{ at = "sunset-10m", level_pct = 80 }},
  {{ at = "later of {clock(change.inside)} and civil_dusk", level_pct = 45 }},
  {{ at = "civil_dawn", level_pct = 75 }},
]
[programs.full-night]
lit_from = "dusk"
lit_until = "dawn"
"""
    kinds = files["luminaire_types.csv"].replace(",1,5,0,", ",1,0,0,").replace(",5,600,60,", ",1,0,0,")
    return {
        "site.toml": site,
        "programs.toml": programs,
        "calendar.toml": "schema_version = 1\n",
        "luminaire_types.csv": kinds,
        "circuits.csv": without_places(files["circuits.csv"]),
        "cabinets.csv": without_places(files["cabinets.csv"]),
    }


def without_places(table: str) -> str:
    """The rows of a table without their coordinates."""
    lines = table.splitlines()
    head = next(line for line in lines if line.startswith("id,")).split(",")
    blank = {head.index("latitude_deg"), head.index("longitude_deg")}
    rows = [line.split(",") for line in lines if not line.startswith(("#", "id,"))]
    told = [",".join("" if n in blank else cell for n, cell in enumerate(row)) for row in rows]
    return "\n".join([",".join(head), *told, ""])


def printed_plan(street: Street, night: date, capsys: pytest.CaptureFixture[str]) -> dict[str, list[dict[str, Any]]]:
    """What ``lighting plan`` prints of that night."""
    capsys.readouterr()
    assert run(["-s", str(street.folder), "plan", "--night", night.isoformat(), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    return {one["circuit"]: lasting(one["changes"]) for one in document["circuits"]}


def lasting(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that last for a second: between two events of the sun at one elevation there may be a few milliseconds."""
    kept = [a for a, b in pairwise(changes) if b["at_ms"] - a["at_ms"] >= 1000]
    return [*kept, changes[-1]]


async def lived_through(street: Street, start_ms: int, end_ms: int) -> list[int]:
    """Run the controller through a night; the instants of its decisions."""
    decided: list[int] = []
    paced = street.clock.now_ms
    limit_ms = start_ms

    def now_ms() -> int:
        return min(paced(), (decided[-1] if decided else limit_ms) + MOST_AT_ONCE_MS)

    street.clock.set_to(start_ms)
    street.clock.now_ms = now_ms  # type: ignore[method-assign]
    controller = await street.start()
    await street.until(lambda: controller.tick is not None)
    assert controller.tick is not None
    watch(controller.tick, decided)
    await street.until(lambda: bool(decided) and decided[-1] >= end_ms, within_s=120)
    await street.stop()
    return decided


def watch(tick: Any, decided: list[int]) -> None:
    """Note the instant of every decision."""
    work: Callable[[], Any] = tick.work

    async def noted() -> None:
        await work()
        decided.append(tick.decided_ms)

    tick.work = noted


def rows_of(street: Street, circuit: str) -> list[DecisionChange]:
    return street.store.history.decisions(street.store.keys.known("circuit")[circuit], 0, 2**62)


def since_of(cause: dict[str, Any] | Fact) -> Any:
    return (cause.values if isinstance(cause, Fact) else cause["values"]).get("since_ms")


async def check_night(
    make_street: MakeStreet,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    zone: Zone,
    change: Change,
) -> None:
    """All that holds of such a night; see the asserts."""
    monkeypatch.setattr("lighting.operation.controller.LEAST_TICK_S", LEAST_TICK_S)
    street = await make_street(after_dusk_s=0, speed=SPEED, more=texts_for(zone, change))
    start_ms, end_ms = night_span_ms(change.night, zone.name)
    plan = printed_plan(street, change.night, capsys)
    decided = await lived_through(street, start_ms, end_ms)
    ticks = [at_ms for at_ms in decided if at_ms < end_ms]
    assert ticks[0] < start_ms + 2 * MOST_AT_ONCE_MS
    assert max(later - earlier for earlier, later in pairwise(ticks)) <= 2 * MOST_AT_ONCE_MS
    for circuit, changes in plan.items():
        rows = [row for row in rows_of(street, circuit) if row.at_ms < end_ms]
        check_rows(rows, ticks)
        told = [(c["level_pct"], c["cause"]["code"], since_of(c["cause"])) for c in changes]
        lived = [(row.level_pct, row.cause.code, since_of(row.cause)) for row in rows]
        assert lived == told, f"{circuit}: what was printed beforehand is what was lived"
        check_moments(rows, changes, ticks)
    check_jump(rows_of(street, "C-0101"), change)
    for circuit in DIMMED:
        check_wire(street, circuit, [row for row in rows_of(street, circuit) if row.at_ms < end_ms])
    assert printed_plan(street, change.night, capsys) == plan
    assert "clock_doubted" not in {alarm.kind for alarm in street.store.history.alarms()}


def check_rows(rows: list[DecisionChange], ticks: list[int]) -> None:
    """One row a change, each at a decision, with a cause that has words; the first from the first decision on."""
    assert len({row.at_ms for row in rows}) == len(rows)
    assert rows[0].at_ms <= ticks[0]  # the first decision may be made before anybody looks
    assert {row.at_ms for row in rows[1:]} <= set(ticks)
    assert all(row.cause.code in all_words() for row in rows)
    assert all((a.level_pct, a.layer, a.cause) != (b.level_pct, b.layer, b.cause) for a, b in pairwise(rows))


def check_moments(rows: list[DecisionChange], changes: list[dict[str, Any]], ticks: list[int]) -> None:
    """Each change was lived at the first decision after its moment, and the moment is the one that its cause names."""
    for row, planned in zip(rows[1:], changes[1:], strict=True):
        before = max(at_ms for at_ms in ticks if at_ms < row.at_ms)
        assert before < planned["at_ms"] <= row.at_ms
        since_ms = since_of(row.cause)
        assert since_ms is None or 0 <= planned["at_ms"] - since_ms < 1000


def check_jump(rows: list[DecisionChange], change: Change) -> None:
    """The step in the middle: at the jump where its time is left out, the first time where it comes twice."""
    (step,) = [row for row in rows if row.level_pct == 50.0 and row.cause.code == "program_step"]
    half_ms = abs(change.after - change.before) * 30_000
    assert since_of(step.cause) == (change.at_ms if change.is_forward else change.at_ms - half_ms)


def check_wire(street: Street, circuit: str, rows: list[DecisionChange]) -> None:
    """The dimmer was written the levels of the night in their order, verified, and nothing else while lit."""
    ref = street.site.circuits[circuit].dimmer
    assert ref is not None
    key = street.store.keys.known("device")[ref.device]
    writes = [w for w in street.store.history.writes(key, 0, 2**62) if w.channel == ref.channel]
    assert {write.outcome for write in writes} == {"verified"}
    sent = [write.value for write in writes if write.quantity == Quantity.DIM_LEVEL.value]
    wanted = [row.level_pct for row in rows if row.level_pct]
    # Off leaves the dimmer at its night-safe level, from which the next evening begins.
    levels = [level for level, _ in _runs(sent)]
    asked = [level for level, _ in _runs(wanted)]
    assert levels in (asked, [100.0, *asked], [*asked, 100.0], [100.0, *asked, 100.0])


def _runs(levels: list[Any]) -> list[tuple[float, int]]:
    found: list[tuple[float, int]] = []
    for level in levels:
        if found and found[-1][0] == level:
            found[-1] = (level, found[-1][1] + 1)
        else:
            found.append((level, 1))
    return found


@pytest.mark.parametrize("change", list(changes_of(AMSTERDAM.name)), ids=lambda change: change.night.isoformat())
async def test_a_night_of_amsterdam_is_lived_as_it_was_printed(
    make_street: MakeStreet, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    await check_night(make_street, capsys, monkeypatch, AMSTERDAM, change)


NIGHTS = [(zone, change) for zone in OTHERS for change in changes_of(zone.name)]


@pytest.mark.long
@pytest.mark.parametrize(("zone", "change"), NIGHTS, ids=[f"{z.name}-{c.night.isoformat()}" for z, c in NIGHTS])
async def test_a_night_of_another_zone_is_lived_as_it_was_printed(
    make_street: MakeStreet,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    zone: Zone,
    change: Change,
) -> None:
    await check_night(make_street, capsys, monkeypatch, zone, change)
