"""One circuit: what it should do, what the device took, what was measured, why, and what was asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from lighting.desk.answers import CircuitAnswer
from lighting.desk.without_us_facts import sentence
from lighting.store.records import CircuitState, Quality
from tui.acts import LockOut, Release, SetLevel, Unlock
from tui.chart import binned, bridged, hour_axis, lit_span, sampled, step_chart
from tui.condition import condition_of
from tui.desk_like import DeskLike
from tui.figures import UNKNOWN, clock, duration, level, moment, power, share
from tui.parts import Line, Part, Role, fit, spread
from tui.screens.base import DashboardScreen, Keys
from tui.screens.instructions import state_part, what_text
from tui.screens.why import WhyScreen
from tui.voice import Voice
from tui.widgets.lines import Lines

Dark = tuple[int | None, int | None]
CHART_LEAST, CHART_MOST = 5, 17
BESIDE_CHART = 16
"""Lines of the screen that are not the chart, with two instructions and three decisions."""


class CircuitScreen(DashboardScreen[CircuitAnswer]):
    """``s`` set, ``r`` release, ``w`` why, ``l`` lock out, ``u`` unlock; Esc goes back."""

    KEYS: ClassVar[Keys] = (
        ("s", "set"), ("r", "release"), ("w", "why"), ("l", "lock out"), ("u", "unlock"), ("↓", "more"),
        ("Esc", "back"),
    )  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "back", show=False),
        Binding("s", "set", show=False),
        Binding("r", "release", show=False),
        Binding("w", "why", show=False),
        Binding("l", "lock", show=False),
        Binding("u", "unlock", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
        Binding("pagedown,space", "scroll(10)", show=False),
    ]

    def __init__(self, circuit_id: str) -> None:
        super().__init__()
        self.circuit_id = circuit_id
        self._answer: CircuitAnswer | None = None

    def body(self) -> Iterator[Widget]:
        yield Lines(self._draw, ascii_only=self.dashboard.ascii_only, id="circuit")

    def ask(self, desk: DeskLike) -> CircuitAnswer:
        return desk.circuit(self.circuit_id)

    def take(self, answer: CircuitAnswer) -> None:
        self._answer = answer
        self.redraw()

    def redraw(self) -> None:
        super().redraw()
        self.lines("circuit").redraw()

    def _dark(self) -> Dark:
        return (None, None) if self.status is None else (self.status.tonight.dusk_ms, self.status.tonight.dawn_ms)

    def _is_old(self) -> bool:
        """Whether what was read last may no longer be so: it is too old, or nobody reads it any more."""
        stale = self._answer is not None and self._answer.row.is_stale
        return stale or (self.status is not None and self.status.controller.life != "running")

    def action_back(self) -> None:
        self.dashboard.pop_screen()

    def action_scroll(self, by: int) -> None:
        self.lines("circuit").scroll_lines(by)

    def action_set(self) -> None:
        self.dashboard.begin(SetLevel(self.circuit_id))

    def action_release(self) -> None:
        self.dashboard.begin(Release(self.circuit_id))

    def action_lock(self) -> None:
        self.dashboard.begin(LockOut(self.circuit_id))

    def action_unlock(self) -> None:
        self.dashboard.begin(Unlock(self.circuit_id))

    def action_why(self) -> None:
        if self._answer is not None:
            self.dashboard.push_screen(WhyScreen(self._answer, self.voice))

    def _draw(self, width: int, height: int) -> Sequence[Line]:
        if self._answer is None:
            return [[(f" {self.circuit_id}", "strong"), ("  asking …", "faint")]]
        answer, voice, old = self._answer, self.voice, self._is_old()
        chart_height = max(CHART_LEAST, min(CHART_MOST, height - BESIDE_CHART))
        return [
            _heading(answer, width),
            *_levels(answer, voice, old=old),
            *_without_us(answer, voice),
            [("", "")],
            *_night(answer, voice, width, chart_height, self._dark()),
            *_electrical(answer, voice, old=old),
            *_instructions(answer, voice),
            *_decisions(answer, voice),
            *_devices(answer, voice, old=old),
        ]


def _heading(answer: CircuitAnswer, width: int) -> Line:
    row = answer.row
    lamps = ", ".join(f"{count} × {kind}" for kind, count in answer.lamps)
    left: list[Part] = [(f" {row.id}", "strong"), (f" · {row.road or row.name} · {row.cabinet} · {lamps}", "")]
    return spread(left, [condition_of(row).part, (" ", "")], width)


def _levels(answer: CircuitAnswer, voice: Voice, *, old: bool) -> list[Line]:
    state = answer.row.state
    if state is None:
        return [[("  no value yet: the controller has not seen this circuit", "warn")]]
    asked = "not ours to write" if state.desired_pct is None else level(state.desired_pct)
    return [
        [("  desired  ", "faint"), (f"{asked:>6}", "strong"), (f"   {voice.say(state.cause)}", "")],
        [("  accepted ", "faint"), (f"{level(state.accepted_pct):>6}", "strong"), *_accepted(state, voice, old=old)],
        [("  actual   ", "faint"), (f"{level(state.actual_pct):>6}", "strong"), *_actual(answer, state, old=old)],
    ]


def _without_us(answer: CircuitAnswer, voice: Voice) -> list[Line]:
    """Whether it would stay lit if the controller died now."""
    if answer.without_us is None:
        return []
    role: Role = {"goes_dark": "bad", "unknown": "warn", "excepted": "warn"}.get(answer.without_us.verdict, "")  # type: ignore[assignment]
    return [[(f"  {voice.say(sentence(answer.without_us))}", role)]]


def _accepted(state: CircuitState, voice: Voice, *, old: bool) -> Line:
    if state.polled_ms is None:
        return [("   never polled", "warn")]
    age = "" if voice.now_ms is None else f", {duration((voice.now_ms - state.polled_ms) / 1_000)} ago"
    when = f"polled {clock(state.polled_ms, voice.timezone, seconds=True)}{age}"
    if old:
        return [(f"   STALE: {when}", "warn")]
    if state.pending:
        return [(f"   being written now, {when}", "strong")]
    return [(f"   echoed by the device, {when}", "")]


def _actual(answer: CircuitAnswer, state: CircuitState, *, old: bool) -> Line:
    if state.power_w is None:
        if answer.meter_shared_with:
            return [(f"   its meter is shared with {', '.join(answer.meter_shared_with)}", "faint")]
        return [("   no fresh power" if answer.meter else "   no meter of its own", "faint")]
    off = share(state.power_w, state.expected_power_w)
    text = f"{power(state.power_w)} measured, {power(state.expected_power_w)} expected ({off})"
    return [(f"   STALE: {text}", "warn") if old else (f"   {text}", ""), (_quality(state.quality), "warn")]


def _quality(quality: int) -> str:
    """Why a value is not to be taken at its face, in words; simulated is no fault."""
    names = [
        flag.name.lower().replace("_", " ") for flag in Quality(quality) if flag is not Quality.SIMULATED and flag.name
    ]
    return "  " + ", ".join(names) if names else ""


def _night(answer: CircuitAnswer, voice: Voice, width: int, height: int, dark: Dark) -> list[Line]:
    plan = answer.plan
    levels = plan.level_pct[:, 0] if plan.level_pct.size else plan.level_pct.reshape(-1)
    span = lit_span(plan.at_ms, levels, max(10, width - 8), dark)
    if span is None:
        return [[("  no plan for tonight", "faint")]]
    has_power = any(value is not None for value in answer.measured_level_pct)
    values = list(answer.measured_level_pct) if has_power else [reading.level_pct for reading in answer.measured]
    measured = bridged(binned([reading.at_ms for reading in answer.measured], values, span), gap=0)
    now_column = -1 if voice.now_ms is None else span.column(voice.now_ms)
    lines: list[Line] = list(step_chart(sampled(plan.at_ms, levels, span), measured, height, now_column))
    legend: list[Part] = [("      " + hour_axis(span, voice.timezone), "faint")]
    point = "measured" if has_power else f"accepted ({_why_no_power(answer)})"
    key: list[Part] = [("  ─ ", "plan"), ("plan  ", "faint"), ("▪ ", "good"), (point, "faint")]
    key.append((_next(answer, voice), ""))
    return [*lines, legend, key]


def _why_no_power(answer: CircuitAnswer) -> str:
    if answer.meter_shared_with:
        return "its meter is shared"
    return "its meter gave no power" if answer.meter else "no meter of its own"


def _next(answer: CircuitAnswer, voice: Voice) -> str:
    coming = [change for change in answer.plan_changes if voice.now_ms is not None and change.at_ms > voice.now_ms]
    floor = f"   floor {level(answer.floor_pct)}, lamp minimum {level(answer.minimum_level_pct)}"
    if not coming:
        return floor
    return f"   next {level(coming[0].level_pct)} at {clock(coming[0].at_ms, voice.timezone)}{floor}"


def _electrical(answer: CircuitAnswer, voice: Voice, *, old: bool) -> list[Line]:
    """A line a meter channel: what it read last, and that this is past where it is."""
    lines: list[Line] = []
    for ref, reading in answer.meter_readings:
        head: Part = (f"  {fit(ref, 14)}", "")
        if reading is None:
            lines.append([head, ("never read", "faint")])
            continue
        values = (
            _figure(reading.voltage_v, ".1f", " V"),
            _figure(reading.current_a, ".2f", " A"),
            "power factor " + _figure(reading.power_factor, ".2f", ""),
            power(reading.power_w),
        )
        past: Line = []
        if old or _is_past(reading.at_ms, answer.stale_limit_ms, voice.now_ms):
            past = [(f"   STALE {clock(reading.at_ms, voice.timezone, seconds=True)}", "warn")]
        lines.append([head, ("   ".join(values), ""), *past, (_quality(reading.quality), "warn")])
    return lines


def _is_past(at_ms: int, limit_ms: float | None, now_ms: int | None) -> bool:
    return limit_ms is not None and now_ms is not None and now_ms - at_ms > limit_ms


def _figure(value: float | None, form: str, unit: str) -> str:
    return UNKNOWN if value is None else f"{value:{form}}{unit}"


def _instructions(answer: CircuitAnswer, voice: Voice) -> list[Line]:
    lines: list[Line] = []
    for status in answer.instructions[:4]:
        asked = status.instruction
        until = moment(asked.until_ms, voice.timezone, voice.now_ms) if asked.until_ms else "taken off"
        word, role = state_part(status)
        text = f" {what_text(status)} until {until} by {asked.by}: {asked.reason}"
        lines.append([(fit(f"  #{asked.id}", 9), "faint"), (fit(word, 20), role), (text, "")])
    return lines


def _decisions(answer: CircuitAnswer, voice: Voice) -> list[Line]:
    lines: list[Line] = []
    for change in reversed(answer.decisions[-8:]):
        at = f"  {moment(change.at_ms, voice.timezone, voice.now_ms)}"
        asked = UNKNOWN if change.level_pct is None else level(change.level_pct)
        lines.append([(fit(at, 9), "faint"), (f"{asked:>6}", ""), (f"  {voice.say(change.cause)}", "faint")])
    return lines


def _devices(answer: CircuitAnswer, voice: Voice, *, old: bool) -> list[Line]:
    lines: list[Line] = []
    for device_id, state in answer.devices:
        head: Part = (f"  {fit(device_id, 14)}", "")
        if state is None or state.reachable is None:
            lines.append([head, ("? not asked yet", "faint")])
            continue
        last = (
            ""
            if state.last_ok_ms is None
            else f", last answered {clock(state.last_ok_ms, voice.timezone, seconds=True)}"
        )
        if old and state.reachable:
            lines.append([head, ("? STALE: it answered", "warn"), (last, "")])
            continue
        role: Role = "good" if state.reachable else "bad"
        word = "● answers" if state.reachable else f"▲ silent: {state.fault.replace('_', ' ')}"
        lines.append([head, (word, role), (last, "faint")])
    return lines
