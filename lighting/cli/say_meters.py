"""``lighting meter``: the meters with what is mounted, and a replacement as it was stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lighting.assets.fact import Fact, Value
from lighting.cli.json_forms import form
from lighting.cli.table import Column, print_table
from lighting.cli.voice import Voice, print_json
from lighting.desk.meter_desk import MeterRow, Replacement
from lighting.wording.figures import Manner, local_second

METERS_SCHEMA = "lighting.meters/1"
METER_REPLACE_SCHEMA = "lighting.meter_replace/1"

_COLUMNS = (
    Column("METER"),
    Column("PROFILE", gives_way=True),
    Column("CHANNELS", gives_way=True),
    Column("SERIAL NUMBER", gives_way=True),
    Column("SINCE"),
    Column("REPLACED", right=True),
)


def print_meters(rows: Sequence[MeterRow], voice: Voice, *, now_ms: int, as_json: bool) -> None:
    """A row a meter; the serial number is known once somebody has told of a replacement."""
    if as_json:
        print_json(form(METERS_SCHEMA, now_ms=now_ms, meters=[_row(row) for row in rows]))
        return
    if not rows:
        voice.tell(Fact("no_meters"))
        return
    manner = Manner(voice.timezone, now_ms)
    print_table(_COLUMNS, [_cells(row, manner) for row in rows], voice)


def _cells(row: MeterRow, manner: Manner) -> tuple[str, ...]:
    standing = row.mounted[-1] if row.mounted else None
    serial = "–" if standing is None else standing.serial_number
    since = "–" if standing is None else local_second(_ms(standing.from_utc), manner)
    return row.device, row.profile, ", ".join(row.channels), serial, since, str(len(row.mounted))


def _row(row: MeterRow) -> dict[str, object]:
    mounted = [
        {
            "serial_number": one.serial_number,
            "from_ms": _ms(one.from_utc),
            "until_ms": None if one.until_utc is None else _ms(one.until_utc),
        }
        for one in row.mounted
    ]
    return {"device": row.device, "profile": row.profile, "channels": list(row.channels), "mounted": mounted}


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def print_replacement(replaced: Replacement, voice: Voice, *, as_json: bool) -> None:
    """What was stored, and for which channels the energy around it stays unknown."""
    if as_json:
        print_json(
            form(
                METER_REPLACE_SCHEMA,
                device=replaced.device,
                at_ms=replaced.at_ms,
                serial_number=replaced.serial_number,
                closing_ws=dict(replaced.closing_ws),
                opening_ws=dict(replaced.opening_ws),
                unknown_channels=list(replaced.silent),
            )
        )
        return
    values: dict[str, Value] = {"device": replaced.device, "serial": replaced.serial_number, "at_ms": replaced.at_ms}
    voice.tell(Fact("meter_replaced", values))
    if replaced.silent:
        voice.tell(Fact("meter_figures_missing", {"channels": ", ".join(replaced.silent)}))
