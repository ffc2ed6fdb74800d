"""The report as JSON: every figure of ``EnergyReport`` exactly, the same in every language; documented in docs/json.md.

Energy is integer Ws, money integer 10⁻⁴ of the minor unit, CO₂ integer g; unknown is null, never 0. Only additions are
allowed under the same ``format``.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from functools import cache
from typing import Any

from lighting.desk.energy_answers import EnergyReport

SCHEMA = "lighting.report/1"
FORMAT = 1


def json_bytes(report: EnergyReport) -> bytes:
    """UTF-8, a line for each field and for each entry of a list, so that two reports can be compared line by line."""
    head = {"schema": SCHEMA, "format": FORMAT}
    content = {**head, **{name: getattr(report, name) for name in _names(EnergyReport)}}
    lines = ",\n".join(f"{_text(name)}: {_value(value)}" for name, value in content.items())
    return f"{{\n{lines}\n}}\n".encode()


def _value(value: object) -> str:
    if not isinstance(value, tuple) or not value or not dataclasses.is_dataclass(value[0]):
        return _text(_plain(value))
    return "[\n" + ",\n".join(_text(_plain(one)) for one in value) + "\n]"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


_AS_IT_IS = frozenset({str, int, bool, type(None)})


def _plain(value: object) -> object:
    """A million values in a large city: what is looked at again for each of them is its type alone."""
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind is float:
        return value if math.isfinite(value) else None  # type: ignore[arg-type]
    names = _fields_of(kind)  # type: ignore[arg-type]
    if names is not None:
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    return value


@cache
def _fields_of(kind: type[Any]) -> tuple[str, ...] | None:
    """The fields of a dataclass; None for any other type."""
    return _names(kind) if dataclasses.is_dataclass(kind) else None
