"""``lighting baseline`` in words and as JSON."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from lighting.assets.fact import Fact, Value
from lighting.cli.json_forms import form
from lighting.cli.voice import Voice, laid_out, print_json
from lighting.desk.baselining import BaselineAnswer, baseline
from lighting.desk.desk import Desk

SCHEMA = "lighting.baseline/1"


def print_baseline(desk: Desk, voice: Voice, *, as_json: bool) -> None:
    """Work it out and print it in that form."""
    answer = baseline(desk)
    if as_json:
        print_json(form(SCHEMA, **{name: getattr(answer, name) for name in BaselineAnswer.__dataclass_fields__}))
        return
    if answer.revision is None:
        voice.data(Fact("baseline_of_folder"))
    else:
        voice.data(Fact("baseline_of_revision", {"revision": answer.revision}))
    if not answer.is_stated:
        voice.data(Fact("baseline_all_default"))
    _part(voice, "baseline_heading_options", [_option(one.code, one.is_there) for one in answer.options])
    _part(voice, "baseline_heading_switching", [answer.switching, *_tonight(answer)])
    _part(voice, "baseline_heading_watts", answer.watts)
    _part(voice, "baseline_heading_errors", [*answer.meters, *_errors(answer)])
    _part(voice, "baseline_heading_reference", answer.reference)
    _part(voice, "baseline_heading_adjustments", answer.adjustments)
    _part(voice, "baseline_heading_lacking", answer.lacking or [Fact("baseline_nothing_lacking")])


def _part(voice: Voice, heading: str, facts: Sequence[Fact]) -> None:
    """A heading with a line for each fact; nothing without any."""
    if not facts:
        return
    print()
    voice.data(Fact(heading))
    for fact in facts:
        print(laid_out(voice.sentence(fact), sys.stdout, indent="  "))


def _option(code: str, is_there: bool) -> Fact:
    codes = {
        "same_lamps_full_power": ("option_same_lamps", ""),
        "lamps_before": ("option_lamps_before", "option_no_lamps_before"),
        "metered_reference": ("option_reference", "option_no_reference"),
    }
    return Fact(codes[code][0] if is_there else codes[code][1])


def _tonight(answer: BaselineAnswer) -> list[Fact]:
    hours: dict[str, Value] = {"lit_s": answer.tonight_h * 3600, "sun_s": answer.sunset_to_sunrise_h * 3600}
    times = [Fact("baseline_tonight_lit", {"on_ms": one.on_ms, "off_ms": one.off_ms}) for one in answer.tonight]
    tonight = [*times, Fact("baseline_tonight_hours", hours)] if times else [Fact("baseline_tonight_dark")]
    year: dict[str, Value] = {"hours": round(answer.year_h), "sun_hours": round(answer.sunset_to_sunrise_year_h)}
    return [*tonight, Fact("baseline_year_hours", year)]


def _errors(answer: BaselineAnswer) -> list[Fact]:
    values: dict[str, Value] = {f"{name}_error_pct": value for name, value in answer.errors_pct.items()}
    return [Fact("baseline_model", {"error_pct": answer.model_error_pct}), Fact("baseline_errors", values)]
