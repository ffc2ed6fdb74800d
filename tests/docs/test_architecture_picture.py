"""The README's picture of the architecture is drawn from the code, and current."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_picture_is_what_the_import_law_draws() -> None:
    module = runpy.run_path(str(ROOT / "docs" / "architecture.py"))
    drawn = module["draw"]()
    assert module["PICTURE"].read_text(encoding="utf-8") == drawn, "run: python docs/architecture.py"
    assert all(f">{room}<" in drawn for row in module["rooms_from_the_law"]() for room in row)
