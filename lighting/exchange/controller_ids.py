"""Controller ids that are mistyped: another spelling of an id that many more rows have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_NUMBERED = re.compile(r"(\D*?)\W*0*(\d+)(\D*)", re.ASCII)


def spelling_key(controller: str) -> str:
    """What is the same in two spellings of one id: ``SL07``, ``sl-007`` and ``SL 7`` are alike."""
    found = _NUMBERED.fullmatch(controller.strip())
    if found is None:
        return re.sub(r"\s+", "", controller).casefold()
    prefix, digits, suffix = found.groups()
    return f"{prefix.strip().casefold()}#{digits}#{suffix.strip().casefold()}"


def right_spellings(controllers: Iterable[str]) -> dict[str, str]:
    """For each mistyped id the right one: of the spellings alike, the one that most rows have (then the longest)."""
    counts = Counter(name for name in controllers if name)
    by_key: dict[str, list[str]] = {}
    for name in counts:
        by_key.setdefault(spelling_key(name), []).append(name)
    right: dict[str, str] = {}
    for names in by_key.values():
        best = max(names, key=lambda name: (counts[name], len(name), name))
        right |= {name: best for name in names if name != best}
    return right
