"""``baseline.toml`` and the log of hours from their shapes to the facts of ``lighting.assets.baseline``."""

from __future__ import annotations

from dataclasses import replace

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
    point = SwitchingPoint(is_logged=table.logged, error_min=table.error_min, source=table.source)
    if table.logged:
        return replace(point, on_lx=None, off_lx=None)
    if table.on_elevation_deg is not None and table.off_elevation_deg is not None:
        on_deg, off_deg = table.on_elevation_deg, table.off_elevation_deg
        return replace(point, on_lx=None, off_lx=None, on_elevation_deg=on_deg, off_elevation_deg=off_deg)
    if table.on_lx is not None and table.off_lx is not None:
        return replace(point, on_lx=table.on_lx, off_lx=table.off_lx)
    return point


def lit_span_of(row: LoggedHoursRow) -> LitSpan:
    """One row of the log."""
    return LitSpan(row.on, row.off)
