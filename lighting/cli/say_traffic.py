"""``lighting traffic show``: every section on a line, or one with the reason of its class."""

from __future__ import annotations

from lighting.assets.fact import Fact
from lighting.cli.json_forms import form
from lighting.cli.table import Column, print_table
from lighting.cli.voice import Voice, print_json
from lighting.desk.traffic_now import SectionNow
from lighting.wording.figures import Manner, duration, local_time, number

SCHEMA = "lighting.traffic/1"
UNKNOWN = "–"


def print_sections(sections: list[SectionNow], voice: Voice, *, alone: bool, as_json: bool) -> None:
    """The table of sections; with ``alone`` the reason and where its counts come from below it."""
    if as_json:
        print_json(form(SCHEMA, now_ms=voice.now_ms, sections=sections))
        return
    columns = (
        Column("SECTION", gives_way=True),
        Column("VEH/H", right=True),
        Column("OF", right=True),
        Column("SHARE", right=True),
        Column("BASIS"),
        Column("CLASS"),
        Column("SINCE"),
        Column("COUNTED", right=True),
    )
    print_table(columns, [_row(one, voice) for one in sections], voice)
    if any(one.decides == "counts" for one in sections):
        voice.tell(Fact("traffic_decided_by_counts"))
    if alone:
        for one in sections:
            voice.data(one.reason if one.classes else Fact("traffic_no_circuit"))
            voice.data(
                Fact("traffic_source", {"counters": one.source}) if one.source else Fact("traffic_source_pushed")
            )


def _row(one: SectionNow, voice: Voice) -> tuple[str, ...]:
    flow = one.flow_veh_h
    return (
        one.section,
        UNKNOWN if flow is None else number(round(flow)),
        number(one.capacity_veh_h),
        UNKNOWN if flow is None else f"{100 * flow / one.capacity_veh_h:.0f} %",
        "worst lane" if one.basis == "uni_11248" else "all lanes",
        classes(one),
        UNKNOWN if one.since_ms is None else local_time(one.since_ms, Manner(voice.timezone, voice.now_ms)),
        UNKNOWN if one.age_s is None else f"{duration(max(0.0, one.age_s))} ago",
    )


def classes(one: SectionNow) -> str:
    """The class by traffic of each design class among its circuits: ``M4 (M3)`` where it is another."""
    return (
        ", ".join(
            c.lighting_class if c.lighting_class == c.design_class else f"{c.lighting_class} ({c.design_class})"
            for c in one.classes
        )
        or UNKNOWN
    )
