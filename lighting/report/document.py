"""What a page of a report is made of, before it is drawn as HTML or PDF: sections of paragraphs, tables and figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``is_warning`` is one that a reader must not miss."""

    text: str
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Points:
    """A list of sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms with what stands for them."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A figure to be seen first, with what has to stand beside it."""

    label: str
    value: str
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyFigures:
    figures: tuple[KeyFigure, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """``width``: its part of the page beside the other columns."""

    heading: str
    is_number: bool = True
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Table:
    """``strong`` are the numbers of rows that are sums or totals; the first column heads its row."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    strong: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure by the name under which ``lighting.report.figures`` draws it, with its words for who does not see it."""

    name: str
    title: str
    description: str


Block = Paragraph | Points | Terms | KeyFigures | Table | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """``id`` is the same in every language. ``begins_page``: on paper it starts a page."""

    id: str
    heading: str
    blocks: tuple[Block, ...]
    begins_page: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report in one language; ``facts`` are the lines under its title."""

    language: str
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
