"""The map of intensity: circuits where they are, larger and darker the more energy a lamp took; nothing is fetched."""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import TYPE_CHECKING, TypeVar

from lighting.desk.energy_answers import EnergyReport
from lighting.report.drawing import GREY, INK, new_figure, number_axis, size_in
from lighting.report.language import Language
from lighting.report.part_places import placed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

T = TypeVar("T")
SHADES = ("#f1f4f8", "#c3d2e3", "#8aa8c8", "#4b78a8", "#143a5f")
_SIZES_PT2 = (6.0, 12.0, 20.0, 32.0, 50.0)
_MANY = 1500
"""With more marks than these they are drawn smaller, and as a picture inside the SVG: quick to make and to show."""
_HEIGHT_IN, _KEY_IN = 4.6, 1.35
_KM_PER_DEG = 111.195


def limits_of(values: list[float]) -> tuple[float, ...]:
    """The upper limits of all but the last class: fifths of the circuits; fewer where they are equal."""
    ordered = sorted(values)
    fifths = [ordered[min(len(ordered) - 1, math.ceil(len(ordered) * part / 5) - 1)] for part in range(1, 5)]
    return tuple(limit for limit in dict.fromkeys(fifths) if limit < ordered[-1])


def circuits(report: EnergyReport, language: Language) -> Figure:
    """Marks by position; equirectangular, true to scale in the middle of the map."""
    found = placed(report)
    figure, axes = new_figure(_HEIGHT_IN)
    latitudes = [line.latitude_deg or 0.0 for line in found]
    longitudes = [line.longitude_deg or 0.0 for line in found]
    squeeze = max(0.05, math.cos(math.radians((min(latitudes) + max(latitudes)) / 2)))
    figure.subplots_adjust(left=0.13, right=1 - _KEY_IN / figure.get_figwidth(), top=0.98, bottom=0.1)
    _frame(axes, latitudes, longitudes, squeeze)
    limits = limits_of([line.kwh_per_lamp for line in found])
    shades = _of_classes(SHADES, len(limits) + 1)
    smaller = min(2.0, math.sqrt(_MANY / 4 / len(found)))
    classes = [bisect_left(limits, line.kwh_per_lamp) for line in found]
    for number, shade in enumerate(shades):
        members = [place for place, one in enumerate(classes) if one == number]
        axes.scatter(
            [longitudes[place] for place in members],
            [latitudes[place] for place in members],
            s=_of_classes(_SIZES_PT2, len(shades))[number] * smaller,
            c=shade,
            edgecolors=INK,
            linewidths=0.4 * min(1.0, smaller),
            rasterized=len(found) > _MANY,
        )
    number_axis(axes, "x", language)
    number_axis(axes, "y", language)
    axes.set_xlabel(language.word("Longitude") + ", °")
    axes.set_ylabel(language.word("Latitude") + ", °")
    of_class = [
        [line.kwh_per_lamp for line, one in zip(found, classes, strict=True) if one == n] for n in range(len(shades))
    ]
    _key(axes, of_class, shades, language)
    _scale_bar(axes, squeeze, language)
    return figure


def _of_classes(values: tuple[T, ...], n: int) -> list[T]:
    """Of five steps those for n classes, always with the ends."""
    if n == 1:
        return [values[2]]
    return [values[round(number * (len(values) - 1) / (n - 1))] for number in range(n)]


def _frame(axes: Axes, latitudes: list[float], longitudes: list[float], squeeze: float) -> None:
    """Limits that leave a margin, have the axes' own shape, and keep a kilometre as long both ways."""
    box = axes.get_position()
    wide_in, high_in = size_in(axes)
    wide, high = box.width * wide_in, box.height * high_in
    height = (
        max(max(latitudes) - min(latitudes), (max(longitudes) - min(longitudes)) * squeeze * high / wide, 0.002) * 1.1
    )
    width = height * wide / high / squeeze
    middle_lat = (max(latitudes) + min(latitudes)) / 2
    middle_lon = (max(longitudes) + min(longitudes)) / 2
    axes.set_ylim(middle_lat - height / 2, middle_lat + height / 2)
    axes.set_xlim(middle_lon - width / 2, middle_lon + width / 2)


def _key(axes: Axes, classes: list[list[float]], shades: list[str], language: Language) -> None:
    """The classes beside the map, each with its mark, its lowest and its highest value."""
    edges = [edge for values in classes for edge in (min(values), max(values))]
    decimals = next((n for n in (1, 2, 3) if _differ(edges, n)), 3)
    sizes = _of_classes(_SIZES_PT2, len(shades))
    axes.text(1.04, 0.98, language.word("kWh per lamp"), transform=axes.transAxes, va="top", weight="bold")
    for number, (shade, size) in enumerate(zip(shades, sizes, strict=True)):
        y = 0.91 - 0.06 * (len(shades) - 1 - number)
        axes.scatter(
            [1.06], [y], s=size * 1.5, c=shade, edgecolors=INK, linewidths=0.4, transform=axes.transAxes, clip_on=False
        )
        low, high = (language.number(edge, decimals) for edge in edges[2 * number : 2 * number + 2])
        text = low if low == high else f"{low} – {high}"
        axes.text(1.1, y, text, transform=axes.transAxes, va="center")


def _differ(edges: list[float], decimals: int) -> bool:
    """Whether those that differ are written differently."""
    return len({round(edge, decimals) for edge in edges}) == len({round(edge, 6) for edge in edges})


def _scale_bar(axes: Axes, squeeze: float, language: Language) -> None:
    """A round number of kilometres, about a fifth of the width."""
    low, high = axes.get_xlim()
    width_km = (high - low) * squeeze * _KM_PER_DEG
    size = 10 ** math.floor(math.log10(width_km / 5))
    length_km = max(step * size for step in (1, 2, 5) if step * size <= width_km / 5)
    share = length_km / width_km
    axes.plot([1.05, 1.05 + share], [0.04, 0.04], color=GREY, lw=2, transform=axes.transAxes, clip_on=False)
    text = f"{language.number(length_km, 0 if length_km >= 1 else 3 if length_km < 0.01 else 2)} km"
    axes.text(1.05, 0.06, text, transform=axes.transAxes, va="bottom")
