"""The nearest valid name for a typo, and the facts that carry it."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from itertools import islice

from lighting.assets.fact import Fact

_LISTED = 20
_FEW = 300


class Names(Collection[str]):
    """The valid names of a table, ready for many questions.

    Among few names the one that looks most like the typo is found; among many, one that differs by a character left
    out, added or exchanged: comparing each of thousands of typos with each of thousands of names would take minutes.
    """

    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        self._shortened: dict[str, str] | None = None

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def by_one_character(self, name: str) -> str:
        """A name that becomes the same as this one when each loses at most one character; empty when there is none."""
        if self._shortened is None:
            self._shortened = {}
            for valid in self._names:
                for form in _shortened(valid.casefold()):
                    self._shortened.setdefault(form, valid)
        forms = _shortened(name[:80].casefold())
        return next((self._shortened[form] for form in forms if form in self._shortened), "")


def _shortened(name: str) -> list[str]:
    """The name, and the name without each of its characters."""
    return [name, *(name[:i] + name[i + 1 :] for i in range(len(name)))]


def nearest(name: str, valid: Collection[str]) -> str:
    """The valid name that looks most like this one, or an empty text when none does."""
    if isinstance(valid, Names) and len(valid) > _FEW:
        return valid.by_one_character(name)
    folded = {v.casefold(): v for v in valid}
    found = difflib.get_close_matches(name[:80].casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else ""


def listed(valid: Collection[str]) -> str:
    """The valid names for a message; long lists and long names are cut with an ellipsis."""
    return ", ".join(shown(name) for name in islice(valid, _LISTED)) + (", …" if len(valid) > _LISTED else "")


def unknown_key(name: str, valid: Collection[str]) -> Fact:
    """A column or key that is not known."""
    guess = nearest(name, valid)
    if guess:
        return Fact("unknown_key_nearest", {"found": shown(name), "nearest": guess, "allowed": listed(valid)})
    return Fact("unknown_key", {"found": shown(name), "allowed": listed(valid)})


def not_one_of(found: str, valid: Collection[str]) -> Fact:
    """A word that is none of a closed list."""
    guess = nearest(found, valid)
    if guess:
        return Fact("not_one_of_nearest", {"found": shown(found), "nearest": guess, "allowed": listed(valid)})
    return Fact("not_one_of", {"found": shown(found), "allowed": listed(valid)})


def unknown_reference(kind: str, found: str, valid: Collection[str]) -> Fact:
    """A name that refers to something which is not in its table; ``kind`` says which table's word it is."""
    guess = nearest(found, valid)
    if guess:
        return Fact("unknown_reference_nearest", {"kind": kind, "found": shown(found), "nearest": guess})
    if not valid:
        return Fact("unknown_reference_none", {"kind": kind, "found": shown(found)})
    return Fact("unknown_reference", {"kind": kind, "found": shown(found), "allowed": listed(valid)})


def shown(text: str) -> str:
    """What was found, fit for a message and for JSON: at most 60 characters, nothing that a terminal would obey."""
    cut = text if len(text) <= 60 else text[:59] + "…"
    return "".join(c if c.isprintable() else "\ufffd" for c in cut)
