"""The age of the lamps, for decisions that correct their light output."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import Site
from lighting.schedule.site_index import site_index
from lighting.store.store import Store


def burning_hours(site: Site, store: Store | None) -> NDArray[np.float64] | None:
    """The age of each circuit's lamps in hours, (n_circuits,), as the controller counted it last.

    None where no light output is corrected: nothing asks for it then.
    """
    if store is None or not site_index(site).output.is_used:
        return None
    keys, rows = store.keys.known("circuit"), store.burning.all()
    counted = [rows.get(keys.get(circuit_id, -1)) for circuit_id in site.circuits]
    return np.array(
        [
            circuit.burning_h + (0 if row is None else row.burned_ms / 3_600_000)
            for circuit, row in zip(site.circuits.values(), counted, strict=True)
        ],
        dtype=np.float64,
    )
