"""``lighting status``: one screen, what needs a person before what is merely interesting."""

from __future__ import annotations

from collections.abc import Sequence

from lighting.assets.fact import Fact, Value
from lighting.cli.json_forms import form, plain
from lighting.cli.say_without_us import print_standings
from lighting.cli.table import Column, print_table
from lighting.cli.voice import Voice, print_json
from lighting.desk.answers import CircuitStanding, ControllerAnswer, DistrictAnswer, StatusAnswer
from lighting.desk.overview import is_about_folder
from lighting.desk.without_us_facts import head_facts
from lighting.wording.figures import Manner, level, local_time, power

SCHEMA = "lighting.status/1"
UNKNOWN = "–"
MOST_ALARMS = 20


def print_status(
    answer: StatusAnswer, voice: Voice, *, standings: Sequence[CircuitStanding] | None = None, as_json: bool
) -> None:
    """Print the overview as text or as one JSON document; with ``standings`` every circuit too."""
    if as_json:
        print_json(form(SCHEMA, **plain(answer), **({} if standings is None else {"by_circuit": standings})))
        return
    voice.data(*headline(answer), *_needs(answer))
    voice.data(*_figures(answer))
    if answer.without_us is not None:
        voice.data(*head_facts(answer.without_us))
    if standings is None:
        voice.data(Fact("status_circuits_elsewhere"))
    print()
    print_table(_COLUMNS, [_row(district) for district in answer.districts], voice)
    if standings:
        print()
        print_standings(standings, voice)


def headline(answer: StatusAnswer) -> list[Fact]:
    """Place, local time, the sun, and whether the controller lives."""
    return [
        Fact(
            "status_place",
            {
                "site": answer.site_name,
                "now": local_time(answer.now_ms, Manner(answer.timezone)),
                "timezone": answer.timezone,
            },
        ),
        *([Fact("status_accelerated", {"speed": answer.clock_speed})] if answer.clock_speed != 1.0 else []),
        _sun(answer),
        controller_fact(answer.controller),
    ]


def _sun(answer: StatusAnswer) -> Fact:
    sun = answer.tonight
    if sun.sunset_ms is not None and sun.sunrise_ms is not None:
        values = {"sunset_ms": sun.sunset_ms, "sunrise_ms": sun.sunrise_ms}
        return Fact("status_sun_dark", values) if sun.dark_now else Fact("status_sun_light", values)
    return Fact("status_sun_missing_dark") if sun.dark_now else Fact("status_sun_missing_light")


def controller_fact(controller: ControllerAnswer) -> Fact:
    """Whether the controller lives, in plain words."""
    age: dict[str, str | int | float | bool | None] = {"beat_age_s": controller.beat_age_s}
    if controller.life == "running" and controller.beat_age_s is None:
        return Fact("controller_starting")
    if controller.life == "running":
        return Fact("controller_running", {**age, "revision": controller.revision_id})
    if controller.life == "silent":
        return Fact("controller_silent", age)
    if controller.life == "stopped":
        return Fact("controller_stopped", age)
    return Fact("controller_never_ran")


def _needs(answer: StatusAnswer) -> list[Fact]:
    """What needs a person: doubts and faults of the controller, alarms, an edited folder."""
    controller = answer.controller
    fault = None if is_about_folder(controller.fault) else controller.fault
    facts = [fact for fact in (controller.doubt, fault) if fact is not None]
    # The doubt of this moment says more than the alarm that it raised when it began.
    alarms = [a for a in answer.alarms if controller.doubt is None or a.kind != "clock_doubted"]
    facts += [alarm.fact for alarm in alarms[:MOST_ALARMS]]
    if len(alarms) > MOST_ALARMS:
        facts.append(Fact("status_more_alarms", {"more": len(alarms) - MOST_ALARMS}))
    facts += _folder(answer)
    facts += [problem.fact for problem in answer.program_profiles]
    return [Fact("status_needs_you"), *facts] if facts else []


def _folder(answer: StatusAnswer) -> list[Fact]:
    """One sentence about an edited folder, with the revision that runs where one does."""
    errors = sum(not problem.is_warning for problem in answer.folder_problems)
    controller = answer.controller
    revision = controller.revision_id if controller.life == "running" else None
    if controller.fault is not None and controller.fault.code == "folder_unreadable_revision_runs" and errors:
        return []  # it was said as the controller's
    if errors:
        values: dict[str, Value] = {"problems": errors}
        if revision is None:
            return [Fact("status_folder_broken", values)]
        return [Fact("folder_broken_revision_runs", {**values, "revision": revision})]
    if not answer.folder_differs:
        return []
    if revision is None:
        return [Fact("status_folder_differs")]
    return [Fact("folder_differs_revision_runs", {"revision": revision})]


def _figures(answer: StatusAnswer) -> list[Fact]:
    facts = [
        Fact(
            "status_lit",
            {
                "lit": answer.lit,
                "should_be_lit": answer.should_be_lit,
                "circuits": answer.circuits,
                "unknown": answer.unknown,
            },
        ),
        *([Fact("status_lit_besides", {"circuits": answer.lit_besides})] if answer.lit_besides else []),
        Fact("status_level", {"level_pct": _round(answer.level_pct)}),
        Fact(
            "status_power",
            {
                "power_w": answer.power_w,
                "expected_power_w": answer.expected_power_w,
                "full_power_w": answer.full_power_w,
            },
        ),
        Fact("status_instructions", {"count": answer.instructions_in_force}),
    ]
    if answer.proposals:
        facts.append(Fact("status_proposals", {"count": answer.proposals}))
    if answer.local_control:
        facts.append(Fact("status_local_control", {"circuits": answer.local_control}))
    return facts


def _round(value_pct: float | None) -> float | None:
    return None if value_pct is None else round(value_pct)


_COLUMNS = (
    Column("DISTRICT", gives_way=True),
    Column("CIRCUITS", right=True),
    Column("LIT", right=True),
    Column("SHOULD BE", right=True),
    Column("UNKNOWN", right=True),
    Column("LEVEL", right=True),
    Column("POWER", right=True),
    Column("EXPECTED", right=True),
    Column("SILENT", right=True),
)


def _row(district: DistrictAnswer) -> tuple[str, ...]:
    return (
        district.name or district.id,
        str(district.circuits),
        str(district.lit),
        str(district.should_be_lit),
        str(district.unknown),
        UNKNOWN if district.level_pct is None else level(round(district.level_pct)),
        UNKNOWN if district.power_w is None else power(district.power_w),
        UNKNOWN if district.expected_power_w is None else power(district.expected_power_w),
        str(district.unreachable_devices),
    )
