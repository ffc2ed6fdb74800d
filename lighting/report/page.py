"""The report as one HTML file: styles and figures inside it, no script, nothing fetched. Prints on A4."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files

from lighting.desk.energy_answers import EnergyReport
from lighting.report.contents import document
from lighting.report.document import Block, Document, Picture
from lighting.report.drawing import style, svg_of, with_prefix
from lighting.report.figures import FIGURES
from lighting.report.language import language_of


def html_bytes(report: EnergyReport, language: str) -> bytes:
    """The page in UTF-8; the same report gives the same bytes."""
    made = document(report, language)
    return _filled(made, lambda picture: drawn(report, language, picture)).encode("utf-8")


def drawn(report: EnergyReport, language: str, picture: Picture) -> str:
    """A figure as SVG with its words inside it, for who hears the page."""
    from markupsafe import Markup, escape

    with style():
        svg = svg_of(FIGURES[picture.name](report, language_of(report, language)))
    name = f"figure-{picture.name}"
    svg = with_prefix(svg, name)
    words = Markup('<title id="{0}-title">{1}</title>\n<desc id="{0}-desc">{2}</desc>').format(
        name, picture.title, picture.description
    )
    role = f'role="img" aria-labelledby="{escape(name)}-title {escape(name)}-desc"'
    head, rest = svg.split(">", 1)
    return Markup(f"{head} {role}>\n{words}{rest}")  # noqa: S704 - our own SVG; all words in it are escaped


def _filled(made: Document, svg_of_picture: Callable[[Picture], str]) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("lighting.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        finalize=unbroken,
    )
    css = files("lighting.report").joinpath("templates", "page.css").read_text(encoding="utf-8")
    from lighting.wording.speech import translate

    return environment.get_template("page.html.jinja").render(
        doc=made,
        css=Markup(css),  # noqa: S704 - our own file
        contents=translate("Contents", language=made.language),
        kind_of=_kind_of,
        svg_of=svg_of_picture,
    )


_BREAK = re.compile(r"(?<=\d) (?=%|(?:kWh|kW|W|kg|km|h|kvarh)\b)")


def unbroken(text: object) -> object:
    """A text in which no line ends between a number and its unit; anything else as it is, such as a figure."""
    return _BREAK.sub("\u00a0", text) if type(text) is str else text


def _kind_of(block: Block) -> str:
    return type(block).__name__
