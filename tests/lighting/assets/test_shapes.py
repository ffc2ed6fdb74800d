"""Every column and key of the folder is a field of its fact, with the fact's own default."""

from __future__ import annotations

import dataclasses

import pytest

from lighting.assets import model, shapes

PAIRS: list[tuple[type[shapes.Shape], type, dict[str, str]]] = [
    (shapes.DistrictRow, model.District, {}),
    (shapes.BusRow, model.Bus, {}),
    (shapes.CabinetRow, model.Cabinet, {}),
    (shapes.DeviceRow, model.Device, {}),
    (shapes.LuminaireTypeRow, model.LuminaireType, {}),
    (shapes.CircuitRow, model.Circuit, {"luminaires": "lamps"}),
    (shapes.PermanentLoadRow, model.PermanentLoad, {}),
    (shapes.UserTable, model.User, {}),
    (shapes.ControlTable, model.ControlSettings, {}),
    (shapes.StepTable, model.ProgramStep, {}),
    (shapes.RuleTable, model.CalendarRule, {}),
]


@pytest.mark.parametrize(("shape", "fact", "renamed"), PAIRS, ids=lambda value: getattr(value, "__name__", ""))
def test_columns_are_the_facts_fields(shape: type[shapes.Shape], fact: type, renamed: dict[str, str]) -> None:
    assert {renamed.get(name, name) for name in shapes.columns_of(shape)} == {f.name for f in dataclasses.fields(fact)}


@pytest.mark.parametrize(("shape", "fact", "renamed"), PAIRS, ids=lambda value: getattr(value, "__name__", ""))
def test_defaults_are_the_facts_defaults(shape: type[shapes.Shape], fact: type, renamed: dict[str, str]) -> None:
    for field in dataclasses.fields(fact):
        if field.default is not dataclasses.MISSING and field.name not in renamed.values():
            assert shape.model_fields[field.name].default == field.default, field.name
