"""How much a fit says: whether the probe points of a profile would fit many an other device as well. Pure.

A level of 0 to 100 % is read from half of all registers there are, for most of them hold small numbers. Such a profile
fits whatever answers at those addresses.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from drivers.profile import Point, Profile
from drivers.scan import ProbeCheck, checks_of, judged

WEAK_SHARE = 0.1
"""A profile is weak when it would fit more than this part of what other devices give at its probe points."""

_COMMON = (0, 1, 2, 5, 10, 50, 100, 230, 255, 500, 1000, 2300, 5000, 10000, 0x4366, 0x7FFF, 0x8000, 0xFFFF)
"""What registers often hold: flags, small counts, levels, mains voltage in three scales (0x4366: 230 as a float's first
word), round numbers and not-a-value marks. A choice, to compare profiles by; no device was asked.
"""


def is_weak(profile: Profile) -> bool:
    """Whether a whole fit of that profile says little; one without checks fits nothing and is not weak."""
    checks = checks_of(profile)
    return bool(checks) and math.prod(map(common_share, checks)) > WEAK_SHARE


def common_share(check: ProbeCheck) -> float:
    """Which part of what registers often hold would fit the check, 0 to 1."""
    raws = _common_raws(check.point)
    return sum(judged(check, raw).fits for raw in raws) / len(raws)


def _common_raws(point: Point) -> Sequence[tuple[int, ...]]:
    if point.data_type == "bit":
        return ((0,), (1,))
    if point.register_count == 1:
        return tuple((word,) for word in _COMMON)
    more = point.register_count - 1
    return tuple((*((first,) * more), last) for first, last in itertools.product(_COMMON, repeat=2))
