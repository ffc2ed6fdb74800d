"""The uncertainty of each line of a report: days, months, districts, supplies and circuits, and of the whole.

What of an hour is modelled is not told apart in the store: days and months have the share that their districts have
over the span. Against a metered reference (option C) the whole alone has an error of baseline and saving: how well the
reference fits a single month or district, nobody measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import Circuit
from lighting.desk.energy_answers import Errors, SpanLine
from lighting.desk.energy_baselines import Claims
from lighting.desk.energy_ledger import ALL_WORLDS, Against, Ledger, Sums
from lighting.energy.line_errors import LineErrors, Lines, LineShares, line_errors
from lighting.energy.uncertainty import NORMAL_90, combined, site_errors, within_90_ws

Places = NDArray[np.intp]
Floats = NDArray[np.float64]
_METERED = ALL_WORLDS.index("metered")
_OF_REFERENCE = ("reference", "reference_meter")


@dataclass(frozen=True, slots=True)
class ErrorBasis:
    """On what the errors of the lines of a report rest. ``share_of_kind`` (n_kinds, n_districts): of the energy used,
    in the order of ``ENERGY_KINDS``.
    """

    made: Claims
    against: Against
    share_of_kind: Floats

    @property
    def is_reference(self) -> bool:
        claim = self.made.of(self.against.code)
        return claim is not None and claim.option == "C"

    @property
    def factor(self) -> float:
        """By what the standard errors of baseline and saving are multiplied: as that of the saving in all."""
        claim = self.made.of(self.against.code)
        return NORMAL_90 if claim is None or not claim.se_ws else claim.within_ws / claim.se_ws

    def of_places(self, circuits: Sequence[Sequence[Circuit]], sums: Sums, *, are_whole: bool) -> list[Errors]:
        """Of places that have whole meters; ``are_whole``: districts, against a reference of the whole site."""
        modelled = self.share_of_kind[2:].sum(axis=0) * sums.energy_ws[_METERED]
        return self.of_sums(
            circuits, sums, modelled, np.zeros(modelled.shape), is_told=not (are_whole and self.is_reference)
        )

    def of_sums(
        self,
        circuits: Sequence[Sequence[Circuit]],
        sums: Sums,
        modelled_ws: Floats,
        apportioned_ws: Floats,
        *,
        is_told: bool = True,
    ) -> list[Errors]:
        """Of places whose modelled and apportioned energies are known."""
        if not self.made.span.days:
            return [Errors()] * len(circuits)
        shares = LineShares.of_places(self.made.site, circuits, float(self._hours(np.zeros(1, np.intp), 1)[0]))
        return self._errors(sums, modelled_ws, apportioned_ws, shares, is_told=is_told)

    def of_spans(self, ledger: Ledger, sums: Sums, into: Places, of_day: Places) -> list[Errors]:
        """Of days or months: ``into`` says to which line a row of the ledger goes, ``of_day`` a day of the claims."""
        n = sums.energy_ws.shape[1]
        if not self.made.span.days:
            return [Errors()] * n
        used = ledger.energy_ws[_METERED]
        of_rows = self.share_of_kind[:, ledger.district] * used
        modelled = np.bincount(into, weights=of_rows[2:].sum(axis=0), minlength=n).astype(np.float64)
        shares = LineShares.of_site(site_errors(self.made.site, self.made.circuits), self._hours(of_day, n))
        return self._errors(sums, modelled, np.zeros(n), shares, is_told=not self.is_reference)

    def of_total(self, line: SpanLine, errors: Errors) -> SpanLine:
        """The whole has the errors of its claim."""
        claim = self.made.of(self.against.code)
        if claim is None:
            return line
        found = replace(errors, saved_se_ws=claim.se_ws, saved_within_ws=claim.within_ws)
        if self.is_reference:
            before = combined([part for part in claim.parts if part.code in _OF_REFERENCE])
            found = replace(found, baseline_se_ws=round(before.se_ws), baseline_within_ws=within_90_ws(before))
        return replace(line, errors=found)

    def _hours(self, of_day: Places, n: int) -> Floats:
        """(n,) the relative error of the baseline's hours of the days of each line."""
        lit_ms, days = np.zeros(n), np.zeros(n)
        np.add.at(lit_ms, np.broadcast_to(of_day, self.made.lit_ms.shape), self.made.lit_ms)
        np.add.at(days, np.broadcast_to(of_day, self.made.lit_ms.shape), 1.0)
        hours_ms = self.made.site.baseline.switching.error_min * 60_000.0
        return np.divide(hours_ms * days, lit_ms, out=np.zeros(n), where=lit_ms > 0)

    def _errors(
        self, sums: Sums, modelled_ws: Floats, apportioned_ws: Floats, shares: LineShares, *, is_told: bool
    ) -> list[Errors]:
        world = self.against.causes[0].before if self.against.world in ("legacy", "full") else self._own_world
        lines = Lines(sums.energy_ws[ALL_WORLDS.index(world)], sums.energy_ws[_METERED], modelled_ws, apportioned_ws)
        return self._told(line_errors(lines, shares, are_same_lamps=world != "legacy"), is_told=is_told)

    @property
    def _own_world(self) -> str:
        """The world that a baseline with adjustments, or a reference, stands before."""
        return self.against.causes[0].after

    def _told(self, found: LineErrors, *, is_told: bool) -> list[Errors]:
        used = found.used_ws.tolist(), np.rint(found.used_ws * NORMAL_90).astype(np.int64).tolist()
        if not is_told:
            return [Errors(used_se_ws=se, used_within_ws=within) for se, within in zip(*used, strict=True)]
        rows = [used[0], found.baseline_ws.tolist(), found.saved_ws.tolist(), used[1]]
        rows += [np.rint(one * self.factor).astype(np.int64).tolist() for one in (found.baseline_ws, found.saved_ws)]
        return [Errors(*row) for row in zip(*rows, strict=True)]
