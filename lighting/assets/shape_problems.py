"""What pydantic found wrong, as problems with facts. No sentence of pydantic's reaches a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from lighting.assets.fact import Fact, Problem, Value
from lighting.assets.nearest import not_one_of, shown, unknown_key
from lighting.assets.shapes import NOTATION_ERROR, Shape

_NUMBER_TYPES = {"float_parsing", "float_type", "finite_number"}
_WHOLE_TYPES = {"int_parsing", "int_type", "int_from_float", "int_parsing_size"}
_YES_NO_TYPES = {"bool_parsing", "bool_type"}

Location = tuple[str | int, ...]


def problems_of(
    error: ValidationError, shape: type[Shape], file: str, line_of: Callable[[Location], int]
) -> list[Problem]:
    """One problem for each thing that does not fit the shape, at the line that ``line_of`` gives for its location."""
    problems = []
    items = error.errors(include_url=False)
    for item in items:
        location = tuple(part for part in item["loc"] if part != "[key]")
        if item["type"] == "too_short" and any(
            one["loc"][: len(item["loc"])] == item["loc"] for one in items if one is not item
        ):
            continue  # too short only for want of what is wrong in it
        fact = _fact_of(item["type"], item.get("input"), item.get("ctx", {}), location, shape)
        problems.append(Problem(fact, file, line_of(location), ".".join(str(part) for part in location)))
    return problems


def _fact_of(kind: str, found: object, context: dict[str, Any], location: Location, shape: type[Shape]) -> Fact:
    text = _shown(found)
    if kind == NOTATION_ERROR and isinstance(context.get("fact"), Fact):
        fact: Fact = context["fact"]
        return fact
    if kind == "missing":
        return Fact("value_missing", {"field": str(location[-1])})
    if kind == "extra_forbidden":
        return unknown_key(str(location[-1]), keys_at(shape, location[:-1]))
    if kind == "literal_error":
        return not_one_of(
            _shown(found), [str(a) for a in get_args(_annotation_at(shape, location))] or _expected(context)
        )
    if kind in _NUMBER_TYPES:
        return Fact("not_a_number", {"found": text})
    if kind in _WHOLE_TYPES:
        return Fact("not_a_whole_number", {"found": text})
    if kind in _YES_NO_TYPES:
        return Fact("not_yes_or_no", {"found": text})
    return _range_fact(kind, text, context)


def _shown(found: object) -> str:
    try:
        return shown(str(found))
    except RecursionError:  # tables within tables, a thousand deep, are read but cannot be written out
        return type(found).__name__


def _range_fact(kind: str, text: str, context: dict[str, Any]) -> Fact:
    limits: dict[str, Value] = {key: context[key] for key in ("ge", "le", "gt", "lt") if key in context}
    if kind == "greater_than_equal":
        return Fact("number_too_small", {"found": text, "minimum": limits["ge"]})
    if kind == "greater_than":
        return Fact("number_not_above", {"found": text, "minimum": limits["gt"]})
    if kind in ("less_than_equal", "less_than"):
        return Fact("number_too_large", {"found": text, "maximum": limits.get("le", limits.get("lt"))})
    return Fact("wrong_kind_of_value", {"found": text, "kind": kind.removesuffix("_type")})


def _expected(context: dict[str, Any]) -> Sequence[str]:
    return [part.strip(" '") for part in str(context.get("expected", "")).replace(" or ", ",").split(",")]


def _annotation_at(shape: type[BaseModel], location: Location) -> object:
    """The annotation of the field at that location, as far as shapes nest."""
    annotation: object = shape
    for part in location:
        if isinstance(part, int):
            continue
        inner = _shape_in(annotation)
        if inner is None or part not in inner.model_fields:
            continue
        annotation = inner.model_fields[part].annotation
    return annotation


def keys_at(shape: type[BaseModel], location: Location) -> tuple[str, ...]:
    """The keys that are allowed in the table at that location."""
    inner = _shape_in(_annotation_at(shape, location))
    return tuple(field.alias or name for name, field in inner.model_fields.items()) if inner is not None else ()


def _shape_in(annotation: object) -> type[BaseModel] | None:
    """The shape that an annotation holds, through tuples and dicts; None when it holds none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_shape_in(argument) for argument in get_args(annotation))
    return next((shape for shape in found if shape is not None), None)
