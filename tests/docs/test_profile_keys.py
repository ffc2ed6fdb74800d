"""The page of a profile's keys describes every key that the reader takes, and is current."""

from __future__ import annotations

import runpy
from pathlib import Path

from drivers.profile_toml import ProfileToml, Strict

ROOT = Path(__file__).resolve().parents[2]
MODULE = runpy.run_path(str(ROOT / "docs" / "profile_keys.py"))


def shapes(of: type[Strict] = Strict) -> set[type[Strict]]:
    return {one for direct in of.__subclasses__() for one in (direct, *shapes(direct))}


def test_every_key_is_described_and_none_besides() -> None:
    meanings = MODULE["MEANINGS"]
    assert ProfileToml in meanings
    assert set(meanings) == set(MODULE["TITLES"])
    assert set(meanings) == {shape for shape in shapes() if shape.__module__ == "drivers.profile_toml"}
    for shape, described in meanings.items():
        assert list(described) == [MODULE["key_of"](name, field) for name, field in shape.model_fields.items()]


def test_the_page_is_current() -> None:
    assert MODULE["PAGE"].read_text(encoding="utf-8") == MODULE["page"](), "run: python docs/profile_keys.py"
