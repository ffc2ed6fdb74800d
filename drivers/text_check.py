"""Texts of a profile go to terminals and tables: none may command one, or break a line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from drivers.profile_problem import AddProblem, Path

_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode's general categories of controls, formats (turned writing among them), what is unassigned, and line ends."""


def check_texts(document: Mapping[str, object], add: AddProblem) -> None:
    """Tell every text and key of a TOML table that cannot be printed; ``notes`` may have several lines."""
    for path, text in _texts(document):
        shown = text.replace("\n", " ").replace("\t", " ") if path[-1] == "notes" else text
        odd = next((character for character in shown if unicodedata.category(character) in _UNPRINTABLE), None)
        if odd is not None:
            add("profile_text_unprintable", {"found": f"U+{ord(odd):04X}"}, path)


def _texts(document: Mapping[str, object]) -> Iterator[tuple[Path, str]]:
    waiting: list[tuple[Path, object]] = [((key,), value) for key, value in document.items()]
    waiting += [((key,), key) for key in document]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            yield path, value
        elif len(path) > 20:
            continue  # deeper than any profile: its shape is refused anyway
        elif isinstance(value, dict):
            waiting += [((*path, key), inner) for key, inner in value.items()]
            waiting += [((*path, key), key) for key in value]
        elif isinstance(value, list):
            waiting += [((*path, index), inner) for index, inner in enumerate(value)]
