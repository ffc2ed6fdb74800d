"""What an inventory writes as wattage and lamp type, understood or refused, never guessed.

``100`` is one luminaire; ``286(LED)/85`` is two on one pole, the first an LED; ``2x100`` is two alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lighting.assets.fact import Fact
from lighting.assets.nearest import shown
from lighting.exchange.inventory import LampPart

LED = "LED"
LARGEST_W = 2000.0
_MOST_PARTS = 8
_PART = re.compile(r"(?:(\d)\s*[x×]\s*)?(\d{1,5}(?:\.\d{1,3})?)\s*(?:w|watts?)?\s*(\(?\s*led\s*\)?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Watts:
    """One luminaire's watts, and whether the text marks it as an LED."""

    watts: float
    is_led: bool


def parse_wattage(text: str) -> tuple[Watts, ...] | Fact:
    """The luminaires that a wattage text names; none for an empty text; a fact when it is not understood."""
    if not text.strip():
        return ()
    found: list[Watts] = []
    for piece in re.split(r"[/+&]", text):
        match = _PART.fullmatch(piece.strip())
        if match is None:
            return Fact("wattage_not_understood", {"found": shown(text)})
        count, watts, led = match.groups()
        found += [Watts(float(watts), led is not None)] * int(count or 1)
    if not 1 <= len(found) <= _MOST_PARTS or any(not 0 < part.watts <= LARGEST_W for part in found):
        return Fact("wattage_not_believable", {"found": shown(text), "maximum_w": LARGEST_W})
    return tuple(found)


def split_types(text: str) -> tuple[str, ...]:
    """The lamp types that a text names, ``HPS/Induction`` as two; none for an empty text."""
    return tuple(part.strip() for part in text.split("/") if part.strip())


def parts_of(types: tuple[str, ...], watts: tuple[Watts, ...]) -> tuple[tuple[LampPart, ...], tuple[Fact, ...]] | Fact:
    """The luminaires of a pole with stated watts, and what had to be assumed; a fact when types and watts do not fit.

    A part marked as LED is one, whatever the type says. An unmarked part beside a marked one, on a pole whose only
    type is LED, is of a kind that the inventory does not state.
    """
    if len(types) > 1 and len(types) != len(watts):
        return Fact("types_do_not_fit_wattages", {"type_count": len(types), "wattage_count": len(watts)})
    notes: list[Fact] = []
    parts: list[LampPart] = []
    any_marked = any(part.is_led for part in watts)
    for index, part in enumerate(watts):
        stated = types[index] if len(types) > 1 else types[0] if types else ""
        if part.is_led:
            if stated.upper() != LED:
                notes.append(Fact("led_by_wattage_mark", {"stated_type": stated or "-", "watts_w": part.watts}))
            stated = LED
        elif any_marked and len(types) == 1 and stated.upper() == LED:
            notes.append(Fact("part_type_not_stated", {"watts_w": part.watts}))
            stated = ""
        parts.append(LampPart(stated, part.watts))
    return tuple(parts), tuple(notes)
