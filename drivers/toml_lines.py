"""The line of each key of a TOML text, for sending a reader to the place of a mistake.

It walks a text that ``tomllib`` has already accepted (TOML 1.0) and keeps only places; of a text that is no TOML it
knows what stands before the first thing that it does not understand.
"""

from __future__ import annotations

import contextlib
import re
import tomllib
from collections.abc import Sequence

Location = tuple[str | int, ...]

MOST_PARTS = 64
"""Parts of the longest dotted key that is followed."""

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_KEY_PART = re.compile(r"""[\w-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""", re.ASCII)
_TEXT = re.compile(
    r"""\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]+")


class _NotUnderstood(Exception):
    """The walk ends here."""


class TomlLines:
    """Where the keys of a TOML text stand, those of tables in tables, inline tables and arrays among them."""

    def __init__(self, text: str) -> None:
        self._text = text.removeprefix("\ufeff")
        self._lines: dict[Location, int] = {}
        self._arrays: dict[Location, int] = {}
        self._counted, self._line = 0, 1
        with contextlib.suppress(_NotUnderstood, RecursionError):
            self._document()

    def line_of(self, location: Sequence[str | int]) -> int:
        """The 1-based line of the longest known beginning of that location; 0 when none is known."""
        path = tuple(location)
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return 0

    def _document(self) -> None:
        table: Location = ()
        at = self._skip(0)
        while at < len(self._text):
            if self._text[at] == "[":
                table, at = self._header(at)
            else:
                at = self._assignment(table, at)
            at = self._skip(at)

    def _header(self, at: int) -> tuple[Location, int]:
        """The table that a header opens: those of an array are numbered, those inside one belong to its newest."""
        is_array = self._text.startswith("[[", at)
        parts, end = self._dotted(at + 1 + is_array)
        path: Location = ()
        for index, part in enumerate(parts):
            path = (*path, part)
            if is_array and index == len(parts) - 1:
                self._arrays[path] = self._arrays.get(path, -1) + 1
            if path in self._arrays:
                self._found(path, at)
                path = (*path, self._arrays[path])
        self._found(path, at)
        return path, self._expect("]" * (1 + is_array), end)

    def _assignment(self, table: Location, at: int) -> int:
        """``key = value``, the key perhaps dotted."""
        parts, end = self._dotted(at)
        path = table
        for part in parts:
            path = (*path, part)
            self._found(path, at)
        return self._value(path, self._blank(self._expect("=", end)))

    def _value(self, path: Location, at: int) -> int:
        if self._text.startswith("[", at):
            return self._array(path, at + 1)
        if self._text.startswith("{", at):
            return self._inline_table(path, at + 1)
        match = _TEXT.match(self._text, at) or _SCALAR.match(self._text, at)
        if match is None:
            raise _NotUnderstood
        return match.end()

    def _array(self, path: Location, at: int) -> int:
        index, at = 0, self._skip(at)
        while not self._text.startswith("]", at):
            self._found((*path, index), at)
            at = self._comma(self._skip(self._value((*path, index), at)), "]")
            index += 1
        return at + 1

    def _inline_table(self, path: Location, at: int) -> int:
        at = self._skip(at)
        while not self._text.startswith("}", at):
            at = self._comma(self._skip(self._assignment(path, at)), "}")
        return at + 1

    def _comma(self, at: int, end: str) -> int:
        return at if self._text.startswith(end, at) else self._skip(self._expect(",", at))

    def _dotted(self, at: int) -> tuple[Location, int]:
        parts: list[str] = []
        while True:
            match = _KEY_PART.match(self._text, self._blank(at))
            if match is None or len(parts) == MOST_PARTS:
                raise _NotUnderstood
            parts.append(_key(match[0]))
            at = self._blank(match.end())
            if not self._text.startswith(".", at):
                return tuple(parts), at
            at += 1

    def _expect(self, sign: str, at: int) -> int:
        if not self._text.startswith(sign, at):
            raise _NotUnderstood
        return at + len(sign)

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return at if match is None else match.end()

    def _blank(self, at: int) -> int:
        match = _BLANK.match(self._text, at)
        return at if match is None else match.end()

    def _found(self, path: Location, at: int) -> None:
        """The first place of a path counts. Places come in order, so that the lines are counted once."""
        if at > self._counted:
            self._line += self._text.count("\n", self._counted, at)
            self._counted = at
        self._lines.setdefault(path, self._line)


def _key(part: str) -> str:
    """A key without its quotes and with its escapes undone."""
    if part[0] not in "\"'":
        return part
    try:
        return str(tomllib.loads(f"key = {part}")["key"])
    except ValueError:
        return part[1:-1]
