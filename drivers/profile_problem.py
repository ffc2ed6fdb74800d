"""What can be wrong with a profile, as a fact with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

Value = str | int | float | bool | None
Path = tuple[str | int, ...]
"""The keys and indices that lead to a place in a file."""


JUDGEMENTS = frozenset(
    {
        "profile_budget_of_no_setting",
        "profile_channel_without_point",
        "profile_command_without_write",
        "profile_key_for_type",
        "profile_key_without_write",
        "profile_number_digits",
        "profile_level_range",
        "profile_output_state",
        "profile_output_type",
        "profile_output_use",
        "profile_output_words",
        "profile_overlap",
        "profile_poll_of_setting",
        "profile_probe_mute",
        "profile_sources",
        "profile_text_unprintable",
        "profile_unit",
        "profile_valid_range",
        "profile_verify_unit",
    }
)
"""Problems of a profile that can be used all the same: one that an older program has accepted stands."""


@dataclass(frozen=True, slots=True)
class ProfileProblem:
    """``code`` is stable and has words; ``line`` is 1-based, 0 for the whole file; ``field`` is like points.3.type."""

    code: str
    values: Mapping[str, Value] = field(default_factory=dict)
    line: int = 0
    field: str = ""
    file: str = ""


class AddProblem(Protocol):
    """Takes one problem: its code, its values and the path of the key it belongs to."""

    def __call__(self, code: str, values: dict[str, Value], path: Path) -> None: ...
