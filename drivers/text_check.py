"""Texts of a profile go to terminals and tables: none may command one, or break a line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from drivers.plain_number import odd_sign
from drivers.profile_problem import AddProblem, Path

_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode's general categories of controls, formats (turned writing among them), what is unassigned, and line ends."""

_NUMBERS_IN_QUOTES = frozenset({"offset", "scale", "write_step"})
_TABLES_OF_NUMBERS = frozenset({"enumeration", "flags", "meanings"})
"""Their keys are raw numbers or bits."""


def check_texts(document: Mapping[str, object], add: AddProblem) -> None:
    """Tell every text and key of a TOML table that cannot be printed; ``notes`` may have several lines."""
    for path, text in _texts(document):
        shown = text.replace("\n", " ").replace("\t", " ") if path[-1] == "notes" else text
        odd = next((character for character in shown if unicodedata.category(character) in _UNPRINTABLE), None)
        if odd is not None:
            add("profile_text_unprintable", {"found": f"U+{ord(odd):04X}"}, path)


def check_digits(document: Mapping[str, object], add: AddProblem) -> None:
    """Tell every number in quotes that has other digits than 0 to 9, or underscores between them."""
    for path, text in _texts(document):
        keys = [part for part in path if isinstance(part, str)]
        is_key = keys[-1] == text
        is_number = keys[-1] in _NUMBERS_IN_QUOTES and not is_key
        is_raw = is_key and len(keys) > 1 and keys[-2] in _TABLES_OF_NUMBERS
        if (is_number or is_raw) and (odd := odd_sign(text)):
            add("profile_number_digits", {"found": text, "sign": odd}, path)


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
