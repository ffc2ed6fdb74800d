"""Lines of the dashboard as plain parts (text with a role), and how they become what a terminal shows.

A role is a meaning (``bad``, ``faint``), not a colour; no meaning is carried by colour alone.
"""

from __future__ import annotations

import locale
import os
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

Role = Literal["", "strong", "faint", "good", "warn", "bad", "head", "chosen", "alert", "plan"]
Part = tuple[str, Role]
Line = Sequence[Part]

STYLES: dict[Role, Style] = {
    "": Style(),
    "strong": Style(bold=True),
    "faint": Style(dim=True),
    "good": Style(color="green"),
    "warn": Style(color="yellow"),
    "bad": Style(color="red", bold=True),
    "head": Style(color="cyan", bold=True),
    "chosen": Style(reverse=True),
    "alert": Style(color="red", bold=True, reverse=True),
    "plan": Style(color="cyan"),
}

# One character for one: a line keeps its width in a terminal that knows only ASCII.
_ASCII = str.maketrans(
    {
        "●": "*", "○": "o", "▲": "!", "△": "^", "▼": "v", "◆": "+", "↯": "~", "⊘": "X", "▪": "o", "►": ">",
        "│": "|", "┤": "|", "┼": "+", "┊": ":", "─": "-", "╭": ".", "╮": ".", "╰": "'", "╯": "'", "━": "=",
        "▁": ".", "▂": ":", "▃": "-", "▄": "=", "▅": "+", "▆": "*", "▇": "%", "█": "#",
        "…": "~", "·": "-", "–": "-", "—": "-", "−": "-", "×": "x", "→": ">", "↑": "^", "↓": "v",
        "Đ": "D", "đ": "d", "«": '"', "»": '"', "‘": "'", "’": "'", "“": '"', "”": '"', "\u202f": " ", "\xa0": " ",
    }
)  # fmt: skip


def terminal_is_ascii(environment: Mapping[str, str] | None = None) -> bool:
    """True where ``LIGHTING_ASCII`` is set (and not 0) or the locale's encoding is not UTF-8."""
    given = (os.environ if environment is None else environment).get("LIGHTING_ASCII", "")
    if given:
        return given != "0"
    return locale.getencoding().lower().replace("-", "") not in {"utf8", "utf16", "utf32"}


def ascii_form(text: str) -> str:
    """The text in ASCII: symbols by their plain form, letters without their marks, anything else as ``?``."""
    plain = text.translate(_ASCII)
    if plain.isascii():
        return plain
    letters = (c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    return "".join(c if c.isascii() else "?" * cell_len(c) for c in letters)


def folded(text: str) -> str:
    """A form for searching: without case and marks, so that ``trang tien`` finds ``Tràng Tiền``."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def cut(text: str, width: int) -> str:
    """The text in at most ``width`` terminal cells, ending in ``…`` where something was left out."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def fit(text: str, width: int, *, right: bool = False) -> str:
    """The text in exactly ``width`` cells: cut or padded; ``right`` aligns numbers."""
    short = cut(text, width)
    space = " " * (width - cell_len(short))
    return space + short if right else short + space


def width_of(line: Iterable[Part]) -> int:
    return sum(cell_len(text) for text, _ in line)


def spread(left: Line, right: Line, width: int) -> list[Part]:
    """Both parts on one line, ``right`` at the end. The left one is cut first."""
    room = max(0, width - width_of(right) - 1)
    start = shortened(left, room)
    return [*start, (" " * (width - width_of(start) - width_of(right)), ""), *right]


def shortened(line: Line, width: int) -> list[Part]:
    """The line in at most ``width`` cells."""
    if width_of(line) <= width:
        return list(line)
    parts: list[Part] = []
    room = width
    for text, role in line:
        size = cell_len(text)
        if size >= room:
            parts.append((cut(text + " ", room) if size == room else cut(text, room), role))
            break
        parts.append((text, role))
        room -= size
    return parts


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most ``width`` cells, broken between words; a word that is longer is cut."""
    lines: list[str] = []
    for word in text.split():
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(cut(word, width))
    return lines or [""]


def strip_of(line: Line, width: int, *, ascii_only: bool = False) -> Strip:
    """What the terminal gets for one line: exactly ``width`` cells."""
    parts = shortened([(printable(text), role) for text, role in line], width)
    segments = [Segment(ascii_form(text) if ascii_only else text, STYLES[role]) for text, role in parts if text]
    strip = Strip(segments)
    return strip.adjust_cell_length(width, STYLES[parts[-1][1] if parts and parts[-1][1] in _FILLS else ""])


def blank(width: int) -> Strip:
    """An empty line. It has a style, because the filter for NO_COLOR expects one."""
    return Strip.blank(width, STYLES[""])


def printable(text: str) -> str:
    """No name in a table, whoever wrote it, may send the terminal an escape sequence or break a line."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " if c.isspace() else "?" for c in text)


_FILLS: frozenset[Role] = frozenset({"chosen", "alert"})
