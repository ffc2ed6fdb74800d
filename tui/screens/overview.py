"""The overview: what is lit, what needs a person, how the districts do, and tonight drawn against what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from lighting.assets.fact import Problem
from lighting.desk.answers import CityOutlook, DistrictAnswer, PlanSeries, StatusAnswer
from tui.acts import SetLevel
from tui.chart import Span, band, binned, bridged, hour_axis, lit_span, sampled, step_chart
from tui.desk_like import DeskLike
from tui.figures import clock, duration, level, power, share
from tui.needs import Need, needs_of
from tui.parts import Line, Part, Role, cut, fit, shortened, spread
from tui.screens.base import DashboardScreen, Keys
from tui.voice import Voice
from tui.widgets.lines import Lines

NIGHT_STEP_MS = 300_000
"""The drawing of the night is asked for again when so much of the site's time has gone by."""
TONIGHT_LINES = 4
LEAST_NEEDS = 3
CHART_FROM, CHART_MOST = 8, 21


@dataclass(frozen=True, slots=True)
class Night:
    """Plan and measured power of the whole city over this night."""

    plan: PlanSeries
    at_ms: Sequence[int]
    power_w: Sequence[float]


@dataclass(frozen=True, slots=True)
class Overview:
    status: StatusAnswer
    needs: Sequence[Need]
    night: Night
    outlook: CityOutlook


class OverviewScreen(DashboardScreen[Overview]):
    """↑ and ↓ move through what needs a person; Enter opens it."""

    KEYS: ClassVar[Keys] = (
        ("1", "over"),
        ("2", "circuits"),
        ("3", "needs you"),
        ("4", "instructions"),
        ("Enter", "open"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("enter", "open", show=False),
        Binding("slash", "filter", show=False),
        Binding("s", "set", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._answer: Overview | None = None
        self._night_key: object = None
        self._chosen = ""

    def body(self) -> Iterator[Widget]:
        yield Lines(self._draw, ascii_only=self.dashboard.ascii_only, id="overview")

    def ask(self, desk: DeskLike) -> Overview:
        status = self.status or desk.status()
        tonight, revision = status.tonight.night, status.controller.revision_id
        key = (tonight, revision, status.instructions_in_force, status.now_ms // NIGHT_STEP_MS)
        night = self._answer.night if self._answer and key == self._night_key else _night(desk)
        self._night_key = key
        return Overview(status, needs_of(status, desk.circuits()), night, desk.city_outlook())

    def take(self, answer: Overview) -> None:
        self._answer = answer
        self.redraw()

    def redraw(self) -> None:
        super().redraw()
        self.lines("overview").redraw()

    def _place(self) -> int:
        needs = self._answer.needs if self._answer else ()
        return next((n for n, need in enumerate(needs) if need.id == self._chosen), 0)

    def action_move(self, by: int) -> None:
        if self._answer and self._answer.needs:
            place = max(0, min(self._place() + by, len(self._answer.needs) - 1))
            self._chosen = self._answer.needs[place].id
            self.redraw()

    async def action_open(self) -> None:
        if self._answer is None or not self._answer.needs:
            return
        need = self._answer.needs[self._place()]
        await open_need(self, need)

    async def action_filter(self) -> None:
        await self.dashboard.open_filtered("")

    def action_set(self) -> None:
        self.dashboard.begin(SetLevel(""))

    def _draw(self, width: int, height: int) -> Sequence[Line]:
        if self._answer is None:
            return [[("", "")]]
        answer, voice = self._answer, self.voice
        room = height - 2 - 2 - 2 - TONIGHT_LINES - 1
        districts = answer.status.districts
        for_needs = max(min(len(answer.needs), LEAST_NEEDS), min(len(answer.needs), room - len(districts)), 1)
        for_districts = max(1, min(len(districts), room - for_needs))
        return [
            *_summary(answer.status, width),
            [("", "")],
            *_needs(answer.needs, self._place(), for_needs, voice, width),
            [("", "")],
            *_districts(districts, for_districts, width),
            [("", "")],
            *_tonight(answer, width, TONIGHT_LINES + room - for_needs - for_districts),
        ]


async def open_need(screen: DashboardScreen[Any], need: Need) -> None:
    """Open the circuit, or the circuits, that a need is about."""
    rows = await screen.dashboard.link.ask(lambda desk: desk.circuits())
    if any(row.id == need.opens for row in rows):
        screen.dashboard.open_circuit(need.opens)
    elif need.opens:
        await screen.dashboard.open_filtered(need.opens)
    else:
        await screen.dashboard.action_show("needs")


def _night(desk: DeskLike) -> Night:
    at_ms, power_w = desk.city_power()
    return Night(desk.city_plan(), at_ms, power_w)


def _summary(status: StatusAnswer, width: int) -> list[Line]:
    lit_role: Role = "strong" if status.lit >= status.should_be_lit else "bad"
    lit = f"{status.lit} of {status.should_be_lit}"
    first: list[Part] = [
        ("  lit ", "faint"), (lit, lit_role),
        ("     level ", "faint"), (level(status.level_pct), "strong"),
        ("     power ", "faint"), (power(status.power_w), "strong"),
        (f"  (expected {power(status.expected_power_w)}, {share(status.power_w, status.expected_power_w)})", ""),
    ]  # fmt: skip
    full_w = status.metered_full_power_w
    of_them = f" of {status.metered_circuits} metered circuits" if status.metered_circuits < status.circuits else ""
    against_full = f"{share(status.power_w, full_w)} against full power ({power(full_w)}{of_them})"
    others = [
        (status.lit_besides, "lit besides"),
        (status.unknown, "unknown"),
        (status.local_control, "in local control"),
        (status.instructions_in_force, "instructions in force"),
    ]
    alone = {} if status.without_us is None else status.without_us.counts
    dark, unsure = alone.get("goes_dark", 0), alone.get("unknown", 0)
    others += [(dark, "dark without us"), (unsure, "unsure without us")]
    second: list[Part] = [(f"  {against_full}", "")]
    second += [(f"   {count} {what}", "faint") for count, what in others if count]
    return [first, shortened(second, width)]


def _needs(needs: Sequence[Need], place: int, count: int, voice: Voice, width: int) -> list[Line]:
    if not needs:
        return [[("  NEEDS YOU", "head")], [("  ● nothing: every circuit does what it should", "good")]]
    first = max(0, min(place - count + 1, len(needs) - count))
    shown = f"{first + 1}–{min(first + count, len(needs))} of {len(needs)} " if len(needs) > count else ""
    lines: list[Line] = [spread([("  NEEDS YOU", "head")], [(shown, "faint")], width)]
    for number, need in enumerate(needs[first : first + count], first):
        lines.append(need_line(need, voice, width, chosen=number == place))
    return lines


def need_line(need: Need, voice: Voice, width: int, *, chosen: bool) -> Line:
    """Symbol, kind, subject, sentence, and since when."""
    what = voice.problem(need.what) if isinstance(need.what, Problem) else voice.say(need.what)
    age = duration((voice.now_ms - need.since_ms) / 1_000) if voice.now_ms and need.since_ms else ""
    role: Role = "bad" if need.rank <= 1 else "warn" if need.symbol != "△" else ""
    head = f"{need.symbol} {need.kind}"
    left: list[Part] = [("> " if chosen else "  ", "strong"), (fit(head, 18), role), (" ", "")]
    left.append((fit(need.subject, 9) + " " if need.subject else "", "strong"))
    left.append((what, ""))
    return spread(left, [(age + " ", "faint")], width)


def _districts(districts: Sequence[DistrictAnswer], count: int, width: int) -> list[Line]:
    name_width = max(14, min(30, width - 62))
    heading = (
        f"  {fit('DISTRICT', name_width)}{'lit':>9}{'level':>9}{'power':>11}{'expected':>11}{'off plan':>11}  link"
    )
    lines: list[Line] = [[(heading, "head")]]
    lines += [_district(d, name_width) for d in districts[: count if len(districts) <= count else max(1, count - 1)]]
    if len(lines) <= len(districts):
        lines.append([(f"  and {len(districts) - len(lines) + 1} more", "faint")])
    return lines


def _district(district: DistrictAnswer, name_width: int) -> Line:
    short = district.lit < district.should_be_lit
    silent = district.unreachable_devices
    link: Part = (f"  ▲ {silent} silent", "bad") if silent else ("  ● ok", "good")
    if district.unknown:
        link = (
            (f"{link[0]}, {district.unknown} unknown", "bad") if silent else (f"  ? {district.unknown} unknown", "warn")
        )
    figures = (
        f"{level(district.level_pct):>9}{power(district.power_w):>11}{power(district.expected_power_w):>11}"
        f"{share(district.power_w, district.expected_power_w):>11}"
    )
    lit = f"{district.lit}/{district.should_be_lit}"
    return [(f"  {fit(district.name, name_width)}", ""), (f"{lit:>9}", "bad" if short else ""), (figures, ""), link]


def _tonight(answer: Overview, width: int, height: int) -> list[Line]:
    """Plan and measured power over the night: two bands, or a chart where there is height for it."""
    status, night = answer.status, answer.night
    label = 12 if height < CHART_FROM else 6
    plan = night.plan
    levels = plan.level_pct[:, 0] if plan.level_pct.size else plan.level_pct.reshape(-1)
    span = lit_span(plan.at_ms, levels, max(10, width - label - 2), (status.tonight.dusk_ms, status.tonight.dawn_ms))
    heading: list[Part] = [
        ("  TONIGHT", "head"),
        (f"   {cut(_next_change(answer.outlook, status.timezone), width - 14)}", ""),
    ]
    if span is None:
        return [heading, [("  no plan", "faint")]]
    of_full = [100 * w / status.full_power_w if status.full_power_w else None for w in night.power_w]
    drawn = bridged(binned(night.at_ms, of_full, span), gap=2)
    planned = sampled(plan.at_ms, levels, span)
    axis: Line = [(" " * label + hour_axis(span, status.timezone), "faint")]
    if height >= CHART_FROM:
        heading += [("   ─ ", "plan"), ("plan  ", "faint"), ("▪ ", "good"), (_what_power(status), "faint")]
        rows = min(CHART_MOST, height - 2)
        return [heading, *step_chart(planned, drawn, rows - 1 + rows % 2, span.column(status.now_ms)), axis]
    return [
        heading,
        [(fit("  plan", label), "faint"), *_band(planned, span, status.now_ms)],
        [
            (fit("  power" if status.metered_circuits == status.circuits else "  known", label), "faint"),
            (band(drawn), "good"),
        ],
        axis,
    ]


def _what_power(status: StatusAnswer) -> str:
    """What the points are; where meters are missing they are low for that, not for a saving."""
    if status.metered_circuits < status.circuits:
        return f"power known ({status.metered_circuits} of {status.circuits} circuits), of full power"
    return "power, of full power"


def _band(values: Sequence[float], span: Span, now_ms: int) -> list[Part]:
    """What is past in full, what is to come faint: the present is where they meet."""
    text = band(values)
    now = max(0, min(span.column(now_ms), len(text)))
    return [(text[:now], "plan"), (text[now:], "faint")]


def _next_change(outlook: CityOutlook, timezone: str) -> str:
    text = f"planned now {level(outlook.level_pct)}"
    if outlook.reaches_pct is not None:
        text += f", on its way to {level(outlook.reaches_pct)}"
    if outlook.next_ms is not None:
        text += f", {level(outlook.next_pct)} at {clock(outlook.next_ms, timezone)}"
    return text
