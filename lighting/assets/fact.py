"""A reason, problem or refusal as a fact: a stable code with typed values, never a sentence.

``lighting.wording`` alone turns it into words. Codes are part of ``--json``: never renamed, never re-used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Fact:
    """``code`` is snake_case; ``values`` are plain, so that they go into JSON and the store unchanged."""

    code: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a site folder, with its place. ``line`` is 1-based, 0 when the whole file is meant."""

    fact: Fact
    file: str
    line: int = 0
    field: str = ""
    is_warning: bool = False
