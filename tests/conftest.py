"""What all tests share: the reference data, and the guard rails."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.effort import IS_LONG, examples

CHECKOUT = Path(__file__).resolve().parent.parent

# The same examples at every check, so that a red run can be repeated; new ones in the long form.
# Slow drawing says that a machine is busy, not that a rule is broken.
BUSY = (HealthCheck.too_slow,)
settings.register_profile("check", max_examples=50, derandomize=True, deadline=None, suppress_health_check=BUSY)
settings.register_profile("long", max_examples=examples(100), deadline=None, suppress_health_check=BUSY)
settings.load_profile("long" if IS_LONG else "check")


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The reference data beside the checkout; tests that need it are skipped where it is absent."""
    folder = CHECKOUT.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("the reference data folder (../shared) is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def postgresql_url() -> str:
    """A PostgreSQL server to test on, named by LIGHTING_TEST_POSTGRES."""
    url = os.environ.get("LIGHTING_TEST_POSTGRES", "")
    if not url:
        pytest.skip("LIGHTING_TEST_POSTGRES names no server (Debian package postgresql)")
    return url


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, as their time limits tell, so that no worker is left with one at the very end."""

    def limit_s(item: pytest.Item) -> float:
        return max((limit for mark in item.iter_markers("timeout") for limit in mark.args), default=0.0)

    items.sort(key=limit_s, reverse=True)


# A shell that starts the tests in the background leaves SIGINT ignored, and so it would be in every program they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
