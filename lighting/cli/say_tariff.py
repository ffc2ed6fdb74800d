"""``lighting tariff``: the tariff in words, and a small table of what each hour of a week costs."""

from __future__ import annotations

from collections.abc import Sequence

from lighting.assets.notation import WEEKDAYS
from lighting.cli.json_forms import form
from lighting.cli.table import Column, print_table
from lighting.cli.voice import Voice, print_json
from lighting.desk.tariff import PriceStretch, TariffAnswer
from lighting.wording.figures import Manner, local_time, number, offset_where_twice

SCHEMA = "lighting.tariff/1"
UNKNOWN = "–"


def print_tariff(answer: TariffAnswer, timezone: str, voice: Voice, *, as_json: bool) -> None:
    """All of it, as JSON or in words."""
    if as_json:
        content = {name: getattr(answer, name) for name in TariffAnswer.__dataclass_fields__}
        print_json(form(SCHEMA, **content))
        return
    voice.data(*answer.says)
    print()
    columns = (Column("DAYS"), Column("FROM"), Column("UNTIL"), Column(f"{answer.currency}/KWH", right=True))
    print_table(columns, [_row(one) for one in answer.week], voice)
    if answer.hours:
        print()
        manner = Manner(timezone, answer.hours[len(answer.hours) // 2].from_ms)
        hours = [
            (
                local_time(one.from_ms, manner) + offset_where_twice(one.from_ms, timezone),
                UNKNOWN if one.price_per_kwh is None else number(one.price_per_kwh),
            )
            for one in answer.hours
        ]
        print_table((Column(answer.at_date), Column(f"{answer.currency}/KWH", right=True)), hours, voice)


def _row(one: PriceStretch) -> tuple[str, ...]:
    return days_text(one.weekdays), _clock(one.from_minutes), _clock(one.until_minutes), number(one.price_per_kwh)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def days_text(days: Sequence[int]) -> str:
    """Days as short as they can be said: ``mon-fri``, ``sat, holiday``."""
    names = (*WEEKDAYS, "holiday")
    spans: list[list[int]] = []
    for day in days:
        if spans and spans[-1][1] == day - 1 and day < len(WEEKDAYS):
            spans[-1][1] = day
        else:
            spans.append([day, day])
    return ", ".join(names[a] if a == b else f"{names[a]}-{names[b]}" for a, b in spans)
