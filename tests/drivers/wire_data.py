"""Blocks as they stand on the wire, from the numbers that a test is written in."""

from __future__ import annotations

import struct
from collections.abc import Sequence


def words_data(words: Sequence[int]) -> bytes:
    """Two bytes a register, the high one first."""
    return struct.pack(f">{len(words)}H", *words)


def bits_data(bits: Sequence[int]) -> bytes:
    """Eight bits a byte, the first one lowest."""
    number = sum(1 << place for place, bit in enumerate(bits) if bit)
    return number.to_bytes((len(bits) + 7) // 8, "little")
