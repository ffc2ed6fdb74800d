"""The figures of a report by name. Each takes the report and a language and gives a matplotlib figure.

Nothing is told by colour alone: lightness, hatching, line style and labels beside the marks say it too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lighting.desk.energy_answers import EnergyReport, Known
from lighting.report import figure_map
from lighting.report.drawing import DEEP, GREY, INK, LIGHT, MIDDLE, RULE, hatch, new_figure, number_axis, size_in
from lighting.report.language import WS_PER_KWH, Language
from lighting.report.naming import cause_name, kind_name
from lighting.report.part_method import kinds

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LABELLED_MONTHS = 15


def waterfall(report: EnergyReport, language: Language) -> Figure:
    """From the baseline by each cause to what was used: savings plain, losses hatched, «unexplained» dashed."""
    causes = report.causes
    baseline, used = report.total.baseline.energy_ws, report.total.used.energy_ws
    figure, axes = new_figure(0.9 + 0.27 * (len(causes) + 2))
    names = [language.word("Baseline"), *(cause_name(line.code, language) for line in causes), language.word("Used")]
    axes.barh(0, baseline / WS_PER_KWH, color=DEEP, height=0.62)
    axes.barh(len(causes) + 1, used / WS_PER_KWH, color=DEEP, height=0.62)
    top = baseline
    bars = []
    for row, line in enumerate(causes, 1):
        left, width = top - max(line.saved.energy_ws, 0), abs(line.saved.energy_ws)
        bars.append((row, left, width, line))
        top -= line.saved.energy_ws
    _limits(axes, [baseline, used, *(left + width for _row, left, width, _line in bars)], [0, *(b[1] for b in bars)])
    axes.set_ylim(len(causes) + 1.6, -0.6)
    _spread(figure)
    _waterfall_labels(axes, baseline, used, len(causes) + 1, language)
    for row, left, width, line in bars:
        is_odd = line.code == "unexplained"
        face = "white" if is_odd else MIDDLE if line.saved.energy_ws >= 0 else LIGHT
        dashes = (0, (3, 2)) if is_odd else "solid"
        axes.barh(
            row, width / WS_PER_KWH, left=left / WS_PER_KWH, color=face, edgecolor=INK, lw=0.7, ls=dashes, height=0.62
        )
        if line.saved.energy_ws < 0 and not is_odd:
            hatch(axes, left / WS_PER_KWH, row - 0.31, width / WS_PER_KWH, 0.62)
        text = language.kwh(-line.saved.energy_ws, signed=True)
        axes.annotate(text, ((left + width) / WS_PER_KWH, row), (4, 0), textcoords="offset points", va="center")
    _steps(axes, baseline, [line.saved.energy_ws for line in causes])
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0)
    _energy_axis(axes, "x", language)
    return figure


def _waterfall_labels(axes: Axes, baseline: int, used: int, last: int, language: Language) -> None:
    for row, energy in ((0, baseline), (last, used)):
        axes.annotate(
            language.kwh(energy),
            (energy / WS_PER_KWH, row),
            (4, 0),
            textcoords="offset points",
            va="center",
            weight="bold",
        )


def _steps(axes: Axes, baseline: int, saved: list[int]) -> None:
    """Thin lines from the end of one bar to the beginning of the next."""
    level = baseline
    for row, change in enumerate([0, *saved]):
        level -= change
        axes.plot([level / WS_PER_KWH] * 2, [row + 0.31, row + 0.69], color=GREY, lw=0.6)


def _limits(axes: Axes, highest: list[int], lowest: list[int]) -> None:
    high, low = max(highest) / WS_PER_KWH, min(lowest) / WS_PER_KWH
    room = (high - low or 1.0) * 0.14
    axes.set_xlim(low - (room if low < 0 else 0), high + room)


def _spread(figure: Figure) -> None:
    """Fixed margins: a figure's size does not hang on how a font is measured."""
    figure.subplots_adjust(left=0.27, right=0.98, top=0.98, bottom=0.42 / figure.get_figheight())


def _margins(figure: Figure, *, left: float = 0.1, top: float = 0.3) -> None:
    height = figure.get_figheight()
    figure.subplots_adjust(left=left, right=0.96, top=1 - top / height, bottom=0.45 / height)


def _energy_axis(axes: Axes, which: str, language: Language) -> None:
    axis = axes.xaxis if which == "x" else axes.yaxis
    number_axis(axes, which, language)
    axis.set_label_text("kWh")
    axes.grid(axis="x" if which == "x" else "y")


def months(report: EnergyReport, language: Language) -> Figure:
    """Two bars a month: the baseline hatched, what was used in solid blue."""
    figure, axes = new_figure(2.7)
    _margins(figure, left=0.13)
    found = report.months
    known = [Known.of(report, line) for line in found]
    baseline = [one.baseline.energy_ws / WS_PER_KWH if one.baseline else 0.0 for one in known]
    used = [one.used.energy_ws / WS_PER_KWH if one.used else 0.0 for one in known]
    places = range(len(found))
    width = 0.4
    axes.set_xlim(-0.6, max(len(found) - 0.4, 3.4 if len(found) < 4 else 0))
    axes.set_ylim(0, (max([*baseline, *used]) or 1.0) * 1.12)
    left = [place - width for place in places]
    axes.bar(left, baseline, width, align="edge", color=LIGHT, edgecolor=INK, lw=0.6, label=language.word("Baseline"))
    axes.bar(places, used, width, align="edge", color=DEEP, edgecolor=INK, lw=0.6, label=language.word("Used"))
    for start, height in zip(left, baseline, strict=True):
        hatch(axes, start, 0, width, height)
    every = -(-len(found) // _LABELLED_MONTHS)
    shown = list(places)[::every]
    axes.set_xticks(shown, [language.short_month(found[place].from_day) for place in shown])
    axes.tick_params(axis="x", length=0)
    _energy_axis(axes, "y", language)
    _key(axes, [(LIGHT, True, language.word("Baseline")), (DEEP, False, language.word("Used"))])
    return figure


def _key(axes: Axes, entries: list[tuple[str, bool, str]]) -> None:
    """A key above the axes, its marks hatched as the bars are."""
    from matplotlib.patches import Rectangle

    figure = axes.figure
    width_in, height_in = size_in(axes)
    x = axes.get_position().x0 * width_in
    y = height_in - 0.2
    for colour, is_hatched, text in entries:
        box = Rectangle((x, y), 0.2, 0.11, fc=colour, ec=INK, lw=0.6, transform=figure.dpi_scale_trans, clip_on=False)
        axes.add_patch(box)
        if is_hatched:
            ends = axes.transData.inverted().transform(figure.dpi_scale_trans.transform([(x, y), (x + 0.2, y + 0.11)]))
            hatch(axes, *ends[0], *(ends[1] - ends[0]), is_clipped=False)
        axes.text(x + 0.26, y + 0.02, text, transform=figure.dpi_scale_trans)
        x += 0.26 + 0.085 * len(text) + 0.25


def night(report: EnergyReport, language: Language) -> Figure:
    """Steps of the mean power of each hour from noon to noon: used solid, baseline dashed."""
    profile = report.load_profile
    figure, axes = new_figure(2.6)
    _margins(figure, left=0.1)
    edges = list(range(len(profile.hours) + 1))
    used = [None if value is None else value / 1000 for value in profile.used_w]
    baseline = [None if value is None else value / 1000 for value in profile.baseline_w]
    high = max((value for value in (*used, *baseline) if value is not None), default=1.0)
    axes.set_xlim(0, len(profile.hours))
    axes.set_ylim(0, (high or 1.0) * 1.1)
    axes.stairs([_or_nan(value) for value in used], edges, color=LIGHT, fill=True)
    axes.stairs([_or_nan(value) for value in baseline], edges, color=INK, ls=(0, (4, 2)), lw=1.1, baseline=None)
    axes.stairs([_or_nan(value) for value in used], edges, color=DEEP, lw=1.8, baseline=None)
    shown = edges[::3]
    axes.set_xticks(shown, [f"{(profile.hours[0] + hour) % 24:02d}:00" for hour in shown])
    number_axis(axes, "y", language)
    axes.set_ylabel("kW")
    axes.grid(axis="y")
    _line_key(axes, [(INK, (0, (4, 2)), language.word("Baseline")), (DEEP, "solid", language.word("Used"))])
    return figure


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _line_key(axes: Axes, entries: list[tuple[str, object, str]]) -> None:
    from matplotlib.lines import Line2D

    figure = axes.figure
    width_in, height_in = size_in(axes)
    x, y = axes.get_position().x0 * width_in, height_in - 0.15
    for colour, dashes, text in entries:
        line = Line2D([x, x + 0.35], [y, y], color=colour, ls=dashes, lw=1.5, transform=figure.dpi_scale_trans)
        line.set_clip_on(False)
        axes.add_line(line)
        axes.text(x + 0.42, y, text, transform=figure.dpi_scale_trans, va="center")
        x += 0.42 + 0.085 * len(text) + 0.25


def load(report: EnergyReport, language: Language) -> Figure:
    """The power of the hours, highest first."""
    figure, axes = new_figure(2.3)
    _margins(figure, left=0.1, top=0.12)
    # The highest hour is that of all shares down to none.
    shares = [0.0, *(share * 100 for share, _power in report.load_duration_w)]
    powers = [power / 1000 for _share, power in (report.load_duration_w[0], *report.load_duration_w)]
    axes.set_xlim(0, 100)
    axes.set_ylim(0, (max(powers) or 1.0) * 1.1)
    axes.fill_between(shares, powers, color=LIGHT, lw=0)
    axes.plot(shares, powers, color=DEEP, lw=1.8)
    number_axis(axes, "y", language)
    axes.set_ylabel("kW")
    axes.set_xlabel(language.word("Share of the time") + ", %")
    axes.grid(axis="y")
    return figure


_LETTER = 0.0108
"""Of the width of a figure, at most what a letter takes: labels stand apart whatever font a reader has."""
_LOOKS = {
    "metered": (DEEP, False),
    "apportioned": (MIDDLE, False),
    "modelled": (LIGHT, True),
    "unmetered": ("white", False),
}


def coverage(report: EnergyReport, language: Language) -> Figure:
    """One bar of all energy by how it is known; a label that has no room beside the last stands a line lower."""
    found = kinds(report)
    whole = sum(energy for _kind, energy in found) or 1
    shown = [(kind, energy / whole) for kind, energy in found if energy]
    labels = _labels([(share, f"{kind_name(kind, language)} {language.share(share)}") for kind, share in shown])
    lines = 1 + max((line for _place, line, _text in labels), default=0)
    figure, axes = new_figure(0.59 + 0.16 * lines)
    figure.subplots_adjust(left=0.01, right=0.99, top=0.98, bottom=(0.1 + 0.16 * lines) / figure.get_figheight())
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_axis_off()
    left = 0.0
    for kind, share in shown:
        colour, is_hatched = _LOOKS[kind]
        axes.barh(0.5, share, left=left, height=0.9, color=colour, edgecolor=INK, lw=0.7)
        if is_hatched:
            hatch(axes, left, 0.05, share, 0.9)
        left += share
    for place, line, text in labels:
        below = (0, -4 - 11.5 * line)
        is_at_end = place + _LETTER * len(text) >= 1.0
        at, side = (1.0, "right") if is_at_end else (place, "left")
        axes.annotate(text, (at, 0), below, textcoords="offset points", va="top", ha=side)
    axes.axhline(0, color=RULE, lw=0)
    return figure


def _labels(shares: list[tuple[float, str]]) -> list[tuple[float, int, str]]:
    """Where each label begins (0…1), on which line below the bar, and its text; none of a part too small to see."""
    found: list[tuple[float, int, str]] = []
    ends: list[float] = []
    left = 0.0
    for share, text in shares:
        width = _LETTER * len(text)
        place = max(0.0, min(left, 1.0 - width))
        left += share
        if share <= 0.03:
            continue
        line = next((number for number, end in enumerate(ends) if end <= place), len(ends))
        ends[line : line + 1] = [place + width + _LETTER]
        found.append((place, line, text))
    return found


FIGURES: dict[str, Callable[[EnergyReport, Language], Figure]] = {
    "waterfall": waterfall,
    "months": months,
    "night": night,
    "load": load,
    "map": figure_map.circuits,
    "coverage": coverage,
}
