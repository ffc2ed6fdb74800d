"""Any device type that ships can be simulated, and the simulated unit is recognised as what it is."""

from __future__ import annotations

import pytest

from drivers.codec import SampleQuality, decode
from drivers.profile_file import built_in_profiles
from drivers.simulator.simulated_device import SimulatedDevice


@pytest.mark.parametrize("profile_id", built_in_profiles())
def test_a_simulated_unit_is_recognised_by_its_own_identity(profile_id: str) -> None:
    profile = built_in_profiles()[profile_id]
    device = SimulatedDevice(profile, 1)
    for name, equals in [(check.point, check.equals) for check in profile.identity] + [(profile.probe, None)]:
        point = profile.point_named(name)
        assert point is not None
        raw = device.read(point.table, point.address, point.register_count)
        assert raw is not None
        sample = decode(point, raw)
        assert sample.quality is SampleQuality.GOOD
        assert equals is None or sample.value == equals
