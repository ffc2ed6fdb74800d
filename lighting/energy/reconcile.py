"""A utility's bill beside the meters and the tariff: agreed, in energy alone, differing, or not to be told. Pure.

Both meters may be off by their class, so that the energies agree within the root of the sum of squares of the two at
the coverage stated, plus what is not known of the days: unknown time may have held up to the mean power of the rest.
Money agrees within the same share, and no less than the rounding of a bill (0.5 %).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lighting.assets.fact import Fact, Value

Verdict = Literal["agreed", "energy_agreed", "differs", "cannot_tell"]
"""``energy_agreed``: money was billed, and none could be reckoned to be compared with it."""

METER_CLASS_PCT = 1.0
"""Of active energy: class B of EN 50470-3 and class 1 of IEC 62053-21 are within 1 % over most of their range."""
LEAST_KNOWN_SHARE = 0.9
"""Under it nothing is said: what is lacking could be anything."""
_ROUNDING_OF_BILL_PCT = 0.5


@dataclass(frozen=True, slots=True)
class Metered:
    """What is known of the bill's local days: energy in Ws and its time known, in shares 0…1 of circuit-time.

    ``reckoned_e4`` is the bill by the tariff, None where it has no price for some hour, or another currency.
    ``meter_class_pct`` of our meters.
    """

    energy_ws: int
    known_share: float
    reckoned_e4: int | None = None
    days_without_account: int = 0
    meter_class_pct: float = METER_CLASS_PCT


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Billed less metered and less reckoned, within what each would agree (Ws, 10⁻⁴ of the minor unit), and why."""

    verdict: Verdict
    difference_ws: int | None
    within_ws: int | None
    difference_e4: int | None
    within_e4: int | None
    reason: Fact

    @property
    def is_agreed(self) -> bool | None:
        """None where it cannot be told, of the energy or of the money."""
        return None if self.verdict in ("cannot_tell", "energy_agreed") else self.verdict == "agreed"


def reconcile(
    billed_ws: int, billed_e4: int, metered: Metered | None, *, bill_class_pct: float = METER_CLASS_PCT
) -> Reconciliation:
    """Return what a bill's energy and money are beside what is known; ``bill_class_pct`` of the utility's meter."""
    if metered is None:
        return Reconciliation("cannot_tell", None, None, None, None, Fact("bill_not_metered"))
    difference_ws = billed_ws - metered.energy_ws
    share = _within_share(metered, bill_class_pct)
    within_ws = round(share * max(abs(metered.energy_ws), abs(billed_ws)))
    difference_e4 = within_e4 = None
    if metered.reckoned_e4 is not None:
        difference_e4 = billed_e4 - metered.reckoned_e4
        within_e4 = round(max(share, _ROUNDING_OF_BILL_PCT / 100) * max(abs(billed_e4), abs(metered.reckoned_e4)))
    verdict, reason = _verdict(metered, difference_ws, within_ws, difference_e4, within_e4)
    if verdict == "energy_agreed" and not billed_e4:
        verdict = "agreed"  # no money was billed: there is none to be compared
    return Reconciliation(verdict, difference_ws, within_ws, difference_e4, within_e4, reason)


def _within_share(metered: Metered, bill_class_pct: float) -> float:
    """Both meters' classes, and what the unknown time may have held, as a share of the energy."""
    classes = ((metered.meter_class_pct / 100) ** 2 + (bill_class_pct / 100) ** 2) ** 0.5
    known = min(1.0, max(metered.known_share, 1e-9))
    return float(classes + (1.0 / known - 1.0))


def _verdict(
    metered: Metered, difference_ws: int, within_ws: int, difference_e4: int | None, within_e4: int | None
) -> tuple[Verdict, Fact]:
    if metered.days_without_account:
        return "cannot_tell", Fact("bill_days_without_account", {"days": metered.days_without_account})
    if metered.known_share < LEAST_KNOWN_SHARE:
        values: dict[str, Value] = {
            "known_pct": 100 * metered.known_share,
            "least_pct": 100 * LEAST_KNOWN_SHARE,
        }
        return "cannot_tell", Fact("bill_too_little_known", values)
    energy: dict[str, Value] = {"difference_ws": difference_ws, "within_ws": within_ws}
    if abs(difference_ws) > within_ws:
        return "differs", Fact("bill_energy_differs", energy)
    if difference_e4 is None or within_e4 is None:
        return "energy_agreed", Fact("bill_energy_agrees_money_unknown", energy)
    if abs(difference_e4) > within_e4:
        return "differs", Fact("bill_money_differs", {"difference_e4": difference_e4, "within_e4": within_e4})
    return "agreed", Fact("bill_agrees", energy)
