"""Who rules: scopes, newest first, half-open spans, and lockouts that never end by themselves."""

from __future__ import annotations

from dataclasses import replace

from lighting.assets.model import Site
from lighting.schedule.instructions import Instruction, Layer, is_in_force, span_ms, weakest_first
from lighting.schedule.places import covers


def note(note_id: int = 1, layer: Layer = Layer.OVERRIDE, **changes: int | str | None) -> Instruction:
    values = {
        "scope_kind": "circuit",
        "scope_id": "A",
        "level_pct": 40.0,
        "from_ms": 1_000,
        "until_ms": 2_000,
        "by": "an",
        "reason": "works",
    }
    return Instruction(id=note_id, layer=layer, **(values | changes))  # type: ignore[arg-type]


def test_an_override_holds_from_its_start_until_just_before_its_end() -> None:
    assert [is_in_force(note(), at) for at in (999, 1_000, 1_999, 2_000)] == [False, True, True, False]


def test_a_release_ends_it_earlier_never_later() -> None:
    assert span_ms(note(released_ms=1_500)) == (1_000, 1_500)
    assert span_ms(note(released_ms=5_000)) == (1_000, 2_000)


def test_a_lockout_outlives_its_time_and_ends_only_by_release() -> None:
    lockout = note(layer=Layer.LOCKOUT)
    assert is_in_force(lockout, 10**15)
    assert not is_in_force(note(layer=Layer.LOCKOUT, released_ms=1_500), 1_500)


def test_a_lockout_holds_under_a_doubted_clock_that_shows_a_time_before_it() -> None:
    assert not is_in_force(note(layer=Layer.LOCKOUT), 5)
    assert is_in_force(note(layer=Layer.LOCKOUT), 5, clock_doubted=True)
    assert not is_in_force(note(layer=Layer.LOCKOUT, released_ms=1_500), 5, clock_doubted=True)


def test_scopes_cover_what_they_name(four_circuits: Site) -> None:
    circuits = {c.id: replace(c, road="Quay road") if c.id in "AD" else c for c in four_circuits.circuits.values()}
    circuits["B"] = replace(circuits["B"], latitude_deg=21.0300, longitude_deg=105.8500)
    four_circuits = replace(four_circuits, circuits=circuits, groups={"market": ("C", "A", "gone")})

    def covered(kind: str, scope_id: str) -> str:
        instruction = note(scope_kind=kind, scope_id=scope_id)
        return "".join(c.id for c in four_circuits.circuits.values() if covers(four_circuits, instruction, c.id))

    assert covered("circuit", "A") == "A"
    assert covered("cabinet", "K2") == "CD"
    assert covered("district", "north") == "ABC"
    assert covered("district", "nowhere") == ""
    assert covered("road", "Quay road") == "AD"
    assert covered("group", "market") == "AC"
    # 0.0045 degrees of latitude are 500 m.
    assert covered("area", "21.0345,105.8500,501") == "B"
    assert covered("area", "21.0345,105.8500,499") == "", "and those without a position are in no area"


def test_stronger_layers_and_newer_ids_come_last_and_notes_of_giving_back_not_at_all() -> None:
    given = [
        note(5, Layer.LOCKOUT),
        note(7),
        note(2),
        note(9, Layer.LOCAL_CONTROL),
        note(3, Layer.EMERGENCY),
        note(8, Layer.TEST),
    ]
    assert [instruction.id for instruction in weakest_first(given)] == [2, 7, 8, 3, 5]
