"""The ``--json`` of every command: one versioned schema each, documented in docs/json.md. Only additions are allowed.

Names of fields are those of the desk's answers, with their units; times are UTC milliseconds; a reason is its code with
its values; unknown is null, never 0.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np

from lighting.schedule.instructions import Layer

_INTERNAL = frozenset({"circuit_key", "asset_key", "device_key", "files", "content_hash"})


def plain(value: Any) -> Any:
    """JSON of an answer: dataclasses become objects, arrays lists, NaN null, layers their names."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _field(field.name, getattr(value, field.name))
            for field in dataclasses.fields(value)
            if field.name not in _INTERNAL
        }
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, Layer):
        return value.name.lower()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def _field(name: str, value: Any) -> Any:
    return layer_name(value) if name == "layer" and value is not None else plain(value)


def layer_name(layer: int) -> str:
    """The word of a layer of the decision; ``none`` before the first."""
    try:
        return Layer(layer).name.lower()
    except ValueError:
        return "none"


def form(schema: str, **content: Any) -> dict[str, Any]:
    """A document of that schema, such as ``form("lighting.status/1", …)``."""
    return {"schema": schema, **{name: plain(value) for name, value in content.items()}}
