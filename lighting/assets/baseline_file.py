"""``baseline.toml`` and the log of hours from their shapes to the facts of ``lighting.assets.baseline``."""

from __future__ import annotations

from lighting.assets.baseline import (
    Adjustment,
    Baseline,
    LitSpan,
    MeterOfDevice,
    Reference,
    ReferencePeriod,
    StatedWatts,
    SwitchingPoint,
)
from lighting.assets.baseline_shapes import BaselineFile, LoggedHoursRow, SwitchingTable


def baseline_of(file: BaselineFile) -> Baseline:
    """The facts of a file that fits its shape; without the log."""
    return Baseline(
        switching=_switching(file.switching),
        watts=tuple(StatedWatts(**row.fields()) for row in file.watts),
        meter_class=file.meter.meter_class,
        meters=tuple(MeterOfDevice(**row.fields()) for row in file.meters),
        model_error_pct=file.model.error_pct,
        adjustments=tuple(Adjustment(**row.fields()) for row in file.adjustments),
        reference=Reference(
            tuple(ReferencePeriod(**row.fields()) for row in file.reference.periods), file.reference.error_pct
        ),
        is_stated=file != BaselineFile(format=1),
    )


def _switching(table: SwitchingTable) -> SwitchingPoint:
    """The stated point; the default photocell where the table names none."""
    values = table.fields()
    is_logged = values.pop("logged")
    rest = {"is_logged": is_logged, "error_min": table.error_min, "source": table.source}
    if is_logged or (table.on_elevation_deg is not None and table.off_elevation_deg is not None):
        elevations = {"on_elevation_deg": table.on_elevation_deg, "off_elevation_deg": table.off_elevation_deg}
        return SwitchingPoint(on_lx=None, off_lx=None, **elevations, **rest)
    if table.on_lx is not None and table.off_lx is not None:
        return SwitchingPoint(on_lx=table.on_lx, off_lx=table.off_lx, **rest)
    return SwitchingPoint(**rest)


def lit_span_of(row: LoggedHoursRow) -> LitSpan:
    """One row of the log."""
    return LitSpan(row.on, row.off)
