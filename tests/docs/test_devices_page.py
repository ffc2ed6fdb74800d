"""The page of supported devices is made from the profiles, and current."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from drivers.profile_file import built_in_profiles

ROOT = Path(__file__).resolve().parents[2]
MODULE = runpy.run_path(str(ROOT / "docs" / "devices.py"))


def test_the_page_is_current() -> None:
    assert MODULE["PAGE"].read_text(encoding="utf-8") == MODULE["page"](), "run: python docs/devices.py"


def test_every_device_type_stands_in_one_table_and_has_its_place() -> None:
    page: str = MODULE["page"]()
    for profile_id in built_in_profiles():
        if "+" not in profile_id:
            assert page.count(f"| [`{profile_id}`](#{profile_id}) |") == 1
            assert page.count(f'<a id="{profile_id}">') == 1
        assert f"`{profile_id}`" in page


def test_what_data_cannot_do_is_said_of_devices_that_exist() -> None:
    named = [name for row in MODULE["OUTSIDE"] for name in re.findall(r"`([^`]+)`", row[0])]
    assert named
    assert set(named) <= set(built_in_profiles())
