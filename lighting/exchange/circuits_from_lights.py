"""Lamps on controllers as circuits: by branch where the inventory names usable ones, within a channel's limits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from drivers.profile_file import built_in_profiles
from lighting.assets.fact import Fact
from lighting.assets.nearest import shown
from lighting.exchange.inventory import Lamp, LampPart
from lighting.exchange.wattage import LED

DIMMER_PROFILE = "wb-mao4"

_BRANCH = re.compile(r"[A-Za-z]{1,2}|[1-9]\d?(?:[/-][1-9]\d?)*", re.ASCII)
_SLOW_LAMPS = {"hps": 60, "sodium": 60, "mercury": 300, "mv": 300, "mh": 600, "metal": 600}
"""Discharge lamps by the beginning of their name, with seconds until they strike again when hot (general knowledge)."""


@dataclass(frozen=True, slots=True)
class DraftCircuit:
    """A circuit to be: its lamps, and ``luminaires`` as the table writes them."""

    id: str
    cabinet: str
    lamps: tuple[Lamp, ...]

    @property
    def luminaires(self) -> str:
        counts = Counter(type_id(part) for lamp in self.lamps for part in lamp.parts)
        return "+".join(f"{kind}:{counts[kind]}" for kind in sorted(counts))

    @property
    def is_dimmable(self) -> bool:
        return any(is_led(part) for lamp in self.lamps for part in lamp.parts)


def circuits_of(lamps: Sequence[Lamp], remarks: list[Fact]) -> list[DraftCircuit]:
    """The circuits of all controllers, ordered by controller and branch; adds what was assumed to ``remarks``."""
    controllers = {lamp.controller.casefold() for lamp in lamps}
    groups: dict[tuple[str, str], list[Lamp]] = {}
    unusable = 0
    for lamp in sorted(lamps, key=lambda lamp: lamp.row):
        branch = usable_branch(lamp.branch, controllers)
        unusable += bool(lamp.branch) and not branch
        groups.setdefault((lamp.controller, branch), []).append(lamp)
    if unusable:
        remarks.append(Fact("branches_not_usable", {"lamp_count": unusable}))
    circuits: list[DraftCircuit] = []
    taken: set[str] = set()
    split = 0
    for (controller, branch), members in sorted(groups.items()):
        pieces = _pieces(members)
        split += len(pieces) > 1
        for piece in pieces:
            circuit = DraftCircuit(_free_id(controller, branch, taken), controller, piece)
            taken.add(circuit.id.casefold())
            circuits.append(circuit)
    if split:
        remarks.append(Fact("circuits_split", {"circuit_count": split, "maximum_count": _most_lamps()}))
    return circuits


def usable_branch(text: str, controllers: set[str]) -> str:
    """A branch's name: one or two letters, or numbers such as ``5/7``; empty for ``?``, ``0``, a controller's id …"""
    return text.replace("/", "-") if _BRANCH.fullmatch(text) and text.casefold() not in controllers else ""


def _free_id(controller: str, branch: str, taken: set[str]) -> str:
    """``SL029-A`` for branch A, ``SL029-1`` without one, or the next number that is free."""
    if branch and f"{controller}-{branch}".casefold() not in taken:
        return f"{controller}-{branch}"
    stem = f"{controller}-{branch}." if branch else f"{controller}-"
    number = 1
    while f"{stem}{number}".casefold() in taken:
        number += 1
    return f"{stem}{number}"


def _pieces(lamps: Sequence[Lamp]) -> list[tuple[Lamp, ...]]:
    """The lamps in as few pieces as a dimmer's channel allows, a pole never torn apart."""
    most = _most_lamps()
    if most is None:
        return [tuple(lamps)]
    pieces: list[tuple[Lamp, ...]] = []
    piece: list[Lamp] = []
    for lamp in lamps:
        if piece and sum(len(p.parts) for p in piece) + len(lamp.parts) > most:
            pieces.append(tuple(piece))
            piece = []
        piece.append(lamp)
    return [*pieces, tuple(piece)]


@cache
def _most_lamps() -> int | None:
    """How many luminaires one channel of the dimmer may have, where its profile knows."""
    channel = built_in_profiles()[DIMMER_PROFILE].channel("1", "dimmer")
    return channel.max_lamps if channel else None


def is_led(part: LampPart) -> bool:
    """Whether a luminaire can be dimmed: only what is called LED (``LED``, ``led 4000 K``) is taken to be."""
    return _slug(part.kind).split("-")[0] == LED.casefold()


def type_id(part: LampPart) -> str:
    """The luminaire type's id: the lamp's kind and watts, ``hps-250``; ``unstated-100`` where no kind is given."""
    return f"{_slug(part.kind) or 'unstated'}-{part.watts:g}"


def _slug(kind: str) -> str:
    return re.sub(r"[\W_]+", "-", kind.casefold()).strip("-")[:40]


def luminaire_type_rows(lamps: Sequence[Lamp]) -> list[dict[str, object]]:
    """A row for each kind and wattage in use. Only LEDs can be dimmed; discharge lamps warm up slowly."""
    parts = {type_id(part): part for lamp in lamps for part in lamp.parts}
    return [_type_row(kind, parts[kind]) for kind in sorted(parts)]


def _type_row(kind: str, part: LampPart) -> dict[str, object]:
    restrike_s = next((s for name, s in _SLOW_LAMPS.items() if part.kind.casefold().startswith(name)), None)
    return {
        "id": kind,
        "name": f"{shown(part.kind) or 'Lamp of a kind not stated'} {part.watts:g} W",
        "rated_w": f"{part.watts:g}",
        "curve": "led" if is_led(part) else "none",
        "minimum_level_pct": 10 if is_led(part) else 100,
        "start_s": 1 if restrike_s is None else 5,
        "warm_up_s": 5 if restrike_s is None else 600,
        "restrike_s": restrike_s or 0,
    }
