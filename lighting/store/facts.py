"""Facts and their values in columns: a code, and the values as JSON text that both databases keep alike."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping

from lighting.assets.fact import Fact, Value


def values_text(values: Mapping[str, Value]) -> str:
    """JSON of plain values, keys sorted. JSON knows no NaN or infinity: they are stored as null, which is "unknown"."""
    if not values:
        return "{}"
    return json.dumps({name: _finite(value) for name, value in values.items()}, ensure_ascii=False, sort_keys=True)


def values_of(text: str | None) -> dict[str, Value]:
    loaded: dict[str, Value] = json.loads(text) if text and text != "{}" else {}
    return loaded


def json_text(document: Mapping[str, object]) -> str:
    """JSON of nested plain values, in their order. NaN and infinity, at any depth, are stored as null: unknown."""
    return json.dumps(_finite_deep(document), ensure_ascii=False)


def json_of(text: str) -> dict[str, object]:
    loaded: dict[str, object] = json.loads(text)
    return loaded


def fact_of(code: str | None, text: str | None) -> Fact | None:
    """The fact of two columns; None where no code is stored."""
    return None if code is None else Fact(code, values_of(text))


def columns_of(fact: Fact | None, prefix: str) -> dict[str, str | None]:
    """The two columns ``<prefix>_code`` and ``<prefix>_values`` of a fact."""
    if fact is None:
        return {f"{prefix}_code": None, f"{prefix}_values": None}
    return {f"{prefix}_code": fact.code, f"{prefix}_values": values_text(fact.values)}


def fact_columns(facts: Iterable[Fact]) -> dict[int, tuple[str, str]]:
    """Code and values of each fact, by its ``id``: one fact often is the cause of a whole city.

    Good only while the facts live.
    """
    return {key: (fact.code, values_text(fact.values)) for key, fact in {id(fact): fact for fact in facts}.items()}


def _finite(value: Value) -> Value:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _finite_deep(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _finite_deep(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite_deep(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
