"""How figures look: one calm style that reads without colour, drawn by matplotlib to bytes that never change.

Text in SVG stays text: on a page in the reader's font, on paper in DejaVu Sans, which matplotlib ships and which has
every Vietnamese letter. Hatching is drawn as lines, for not every reader of SVG knows patterns.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lighting.report.language import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_IN = 6.7
_PICTURE_DPI = 200
"""Of what is a picture inside the SVG: the marks of a large map."""
INK, GREY, PALE, RULE = "#1b1f24", "#6e7781", "#d0d7de", "#e6e9ed"
DEEP, MIDDLE, LIGHT = "#1f4e79", "#7a9cc0", "#e3ebf4"
"""One blue of three lightnesses: dark, middle and light stay apart in grey."""
_STYLE: dict[str, object] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 8,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "text.color": INK,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "svg.hashsalt": "lighting",
    "lines.linewidth": 1.4,
    "path.simplify": True,
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the report's style, whatever this machine's own settings of matplotlib are."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)  # type: ignore[arg-type]
        yield


def new_figure(height_in: float) -> tuple[Figure, Axes]:
    """A figure as wide as the page, with one pair of axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_IN, height_in))
    return figure, figure.add_subplot()


def size_in(axes: Axes) -> tuple[float, float]:
    """Width and height in inches of the figure that axes stand in."""
    figure = axes.get_figure(root=True)
    if figure is None:
        return WIDTH_IN, WIDTH_IN
    return figure.get_figwidth(), figure.get_figheight()


def svg_of(figure: Figure) -> str:
    """The SVG of a figure: without date, program or XML head."""
    import matplotlib as mpl

    out = io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "none"}):
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(out, format="svg", dpi=_PICTURE_DPI, metadata=nothing)
    return _cleaned(out.getvalue().decode("utf-8"))


_HEAD = re.compile(r"^.*?(?=<svg )", re.DOTALL)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_PICTURE = re.compile(r"data:image/png;base64,[^\"]*")
_GROUP_ID = re.compile(r'<g id="[^"]*"')


def _cleaned(svg: str) -> str:
    svg = _METADATA.sub("", _HEAD.sub("", svg, count=1))
    svg = _PICTURE.sub(lambda found: "".join(found[0].split()), svg)
    return _GROUP_ID.sub("<g", svg).strip() + "\n"


def with_prefix(svg: str, prefix: str) -> str:
    """The SVG with ids of its own, so that several stand in one page."""
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", svg)
    return re.sub(r'href="#([^"]+)"', rf'href="#{prefix}-\1"', svg)


def for_paper(figure: Figure) -> bytes:
    """The figure for fpdf2: as SVG, or as PNG where a part of it is a picture, which fpdf2 does not turn and place.

    It takes a pixel of text for ¾ of the unit in which lines are drawn.
    """
    svg = svg_of(figure)
    if "<image" not in svg:
        return re.sub(r"([0-9.]+)px", lambda found: f"{float(found[1]) * 4 / 3:.2f}px", svg).encode("utf-8")
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=_PICTURE_DPI, metadata={"Software": None})
    return out.getvalue()


def hatch(
    axes: Axes,
    left: float,
    bottom: float,
    width: float,
    height: float,
    *,
    step_pt: float = 4.0,
    is_clipped: bool = True,
) -> None:
    """Slanting lines in a rectangle given in data, as wide apart on paper whatever the scale.

    To be called when the limits of the axes are final.
    """
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    figure = axes.figure
    to_inches = axes.transData + figure.dpi_scale_trans.inverted()
    corners = to_inches.transform([(left, bottom), (left + width, bottom + height)])
    (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    ends = [end for line in _slanting(x0, x1, y0, y1, step_pt / 72) for end in line]
    if not ends:
        return
    path = Path(ends, [Path.MOVETO, Path.LINETO] * (len(ends) // 2))
    lines = PathPatch(path, fill=False, edgecolor=INK, linewidth=0.5, transform=figure.dpi_scale_trans)
    lines.set_clip_on(is_clipped)
    axes.add_artist(lines)


def _slanting(x0: float, x1: float, y0: float, y1: float, step: float) -> Iterator[tuple[tuple[float, float], ...]]:
    """Lines of y − x = c inside a rectangle, c on one grid for the whole figure."""
    first = int((y0 - x1) / step) - 1
    last = int((y1 - x0) / step) + 1
    for number in range(first, last + 1):
        c = number * step
        from_x, until_x = max(x0, y0 - c), min(x1, y1 - c)
        if until_x > from_x:
            yield (from_x, from_x + c), (until_x, until_x + c)


def number_axis(axes: Axes, which: str, language: Language) -> None:
    """The numbers of an axis in the language's form, with as many decimals as its steps need."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(MaxNLocator(6))
    ticks = axis.get_majorticklocs()
    step = abs(float(ticks[1] - ticks[0])) if len(ticks) > 1 else 1.0
    decimals = next((number for number in range(6) if abs(step * 10**number - round(step * 10**number)) < 1e-6), 6)
    axis.set_major_formatter(FuncFormatter(lambda value, _place: language.number(float(value), decimals)))
