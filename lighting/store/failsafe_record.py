"""What a row of ``failsafe_state`` holds in its ``found``: the settings as last read, and as they were commissioned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SettingValues = Mapping[str, float | str | None]


@dataclass(frozen=True, slots=True)
class FoundSettings:
    """Values by point name, in the unit of the point. ``commissioned_ms`` None: nobody has commissioned the device.

    ``commissioned`` is what reading back showed then; a later reading that differs has drifted.
    """

    values: SettingValues = field(default_factory=dict)
    commissioned: SettingValues = field(default_factory=dict)
    commissioned_ms: int | None = None
    commissioned_by: str = ""

    def drifted(self) -> tuple[str, ...]:
        """Points that do not read as they were commissioned; one that could not be read says nothing."""
        read = self.values
        return tuple(
            name for name, value in self.commissioned.items() if read.get(name) is not None and read[name] != value
        )

    def as_json(self) -> dict[str, object]:
        """The plain form that the store keeps."""
        return {
            "values": dict(self.values),
            "commissioned": dict(self.commissioned),
            "commissioned_ms": self.commissioned_ms,
            "commissioned_by": self.commissioned_by,
        }


def found_settings(found: Mapping[str, object]) -> FoundSettings:
    """From the plain form; what is missing there was never read or never commissioned."""
    at_ms = found.get("commissioned_ms")
    return FoundSettings(
        values=_values(found.get("values")),
        commissioned=_values(found.get("commissioned")),
        commissioned_ms=at_ms if isinstance(at_ms, int) else None,
        commissioned_by=str(found.get("commissioned_by") or ""),
    )


def _values(found: object) -> dict[str, float | str | None]:
    if not isinstance(found, Mapping):
        return {}
    return {str(name): _value(value) for name, value in found.items()}


def _value(value: object) -> float | str | None:
    if isinstance(value, bool) or value is None:
        return None
    return float(value) if isinstance(value, (int, float)) else str(value)
