"""Many blocks at once are the same bytes, and the same readings, as one by one."""

from __future__ import annotations

import numpy as np
import pytest

from lighting.store.packing import pack
from lighting.store.packing_many import pack_many, unpack_many
from lighting.store.reading_columns import NO_ENERGY, ReadingColumns

_FAR_FLOATS = np.array([0.1, -0.5, 1e12, 5e-324, np.inf, 1 / 3, 238.25])


def _blocks(chance: np.random.Generator, n_blocks: int) -> list[ReadingColumns]:
    """Of all forms: constant, in steps, decimal, of far numbers, unknown here and there or throughout."""

    def floats(n: int) -> np.ndarray:
        form = chance.integers(5)
        if form == 0:
            return np.full(n, chance.choice([np.nan, 60.0, 0.25]))
        found = np.round(chance.uniform(-50, 3000, n), int(form)) if form < 4 else chance.choice(_FAR_FLOATS, n)
        return np.where(chance.random(n) < 0.2 * chance.integers(2), np.nan, found)

    def block(key: int) -> ReadingColumns:
        n = int(chance.integers(1, 30))
        step = chance.choice([60_000, 0])
        at_ms = 10 + np.cumsum(np.full(n, step) if step else chance.integers(1, 90_000, n))
        counter = np.cumsum(chance.integers(0, 10 ** int(chance.integers(1, 16)), n))
        energy_ws = np.where(chance.random(n) < 0.2 * chance.integers(2), NO_ENERGY, counter)
        return ReadingColumns.made(
            at_ms, np.full(n, key), level_pct=floats(n), power_w=floats(n), voltage_v=floats(n), energy_ws=energy_ws
        )

    return [block(key) for key in range(n_blocks)]


@pytest.mark.parametrize("seed", range(20))
def test_packed_together_is_the_same_as_one_by_one(seed: int) -> None:
    blocks = _blocks(np.random.default_rng(seed), 1 + 3 * seed)
    joined = ReadingColumns.joined(blocks)
    packed = pack_many(joined, np.cumsum([0, *map(len, blocks[:-1])]))
    assert packed == [pack(one) for one in blocks]
    assert pack(unpack_many(packed)) == pack(joined)


def test_what_is_no_block_is_refused() -> None:
    with pytest.raises(ValueError, match="no packed readings"):
        unpack_many([b"\x02abcdef"])
    with pytest.raises(ValueError, match="62 bits"):
        pack_many(ReadingColumns.made([1, 3, 4], [1, 1, 1], energy_ws=[-(2**62), 2**62, 0]), np.array([0]))
