"""What all tests share: the reference data, and the guard rails."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


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
