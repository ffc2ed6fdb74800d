"""The made-up report, once for all tests of this room."""

from __future__ import annotations

import pytest

from lighting.desk.energy_answers import EnergyReport
from tests.lighting.report.made_report import made_report


@pytest.fixture(scope="session")
def made() -> EnergyReport:
    return made_report()
