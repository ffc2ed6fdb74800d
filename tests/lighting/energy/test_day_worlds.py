"""The worlds of a day beside a plain count of minutes, and what is measured beside the sum of its parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lighting.assets.model import LampGroup
from lighting.energy.apportion import apportion
from lighting.energy.day_account import BySlot, MeteredBySlot, Subjects, slot_accounts
from lighting.energy.day_worlds import (
    LEAST_MS,
    MODELLED_WORLDS,
    NOT_DECIDED,
    Decided,
    Reported,
    Span,
    heard_spans,
    modelled_worlds,
)
from lighting.energy.lamp_power import lamp_power
from lighting.energy.level_runs import LIT, LIT_UNKNOWN, UNLIT
from lighting.energy.luminaire_power import CircuitPower
from lighting.energy.pieces import Steps
from lighting.energy.rule_levels import FULL_LEVEL, RuleLevels
from lighting.energy.worlds import CAUSES, WORLDS
from lighting.schedule.instructions import Layer
from tests.effort import examples
from tests.lighting.schedule.conftest import circuit, site_of

MINUTE_MS = 60_000
MINUTES = 180
START_MS = 1_764_288_000_000
EDGES = START_MS + np.arange(0, MINUTES + 1, 60) * MINUTE_MS
SITE = site_of(
    [
        circuit("A"),
        circuit("B", relay=None, lamps=(LampGroup("hps", 3), LampGroup("led", 2))),
        circuit("C", dimmer=None, lamps=(LampGroup("fixed", 7),)),
    ]
)
N = len(SITE.circuits)

minutes = st.integers(1, MINUTES - 1)
levels = st.sampled_from([0, 2500, 5000, 7000, FULL_LEVEL])
steps_of_rules = st.dictionaries(minutes, st.lists(levels, min_size=4, max_size=4), max_size=3)
layers = st.sampled_from([NOT_DECIDED, *(int(layer) for layer in Layer)])
decisions = st.dictionaries(minutes, st.tuples(st.one_of(st.just(-1), levels), layers), max_size=4)
reports = st.dictionaries(
    minutes, st.tuples(st.one_of(st.just(-1), levels), st.sampled_from([UNLIT, LIT, LIT_UNKNOWN])), max_size=4
)
spans = st.lists(st.integers(0, MINUTES), min_size=2, max_size=4, unique=True).map(
    lambda found: tuple(zip(sorted(found)[::2], sorted(found)[1::2], strict=False))
)


@dataclass
class Minutes:
    """(N, MINUTES) what holds in each minute, out of steps by minute."""

    rules: np.ndarray
    decided: np.ndarray
    reported: np.ndarray

    @staticmethod
    def held(rows: list[dict[int, tuple[int, ...]]], first: tuple[int, ...]) -> np.ndarray:
        found = np.zeros((len(rows), MINUTES, len(first)), dtype=np.int64)
        for number, steps in enumerate(rows):
            value: tuple[int, ...] = first
            for minute in range(MINUTES):
                value = tuple(steps.get(minute, value))
                found[number, minute] = value
        return found


def steps(rows: list[dict[int, tuple[int, ...]]], first: tuple[int, ...]) -> tuple[Steps, np.ndarray]:
    table = [
        (number, START_MS + minute * MINUTE_MS, *value)
        for number, one in enumerate(rows)
        for minute, value in sorted(({0: first} | one).items())
    ]
    columns = np.array(table, dtype=np.int64)
    return Steps(columns[:, 0].astype(np.intp), columns[:, 1]), columns[:, 2:]


def lasting(holds: list[bool]) -> list[bool]:
    """Where something holds for five minutes on end, or touches an end of the span."""
    found = [False] * MINUTES
    begin = 0
    for minute in range(MINUTES + 1):
        if minute == MINUTES or not holds[minute]:
            is_long = (minute - begin) * MINUTE_MS >= LEAST_MS or begin == 0 or minute == MINUTES
            if minute > begin and is_long:
                found[begin:minute] = [True] * (minute - begin)
            begin = minute + 1
    return found


def inside(minute: int, some: tuple[tuple[int, int], ...]) -> bool:
    return any(begin <= minute < end for begin, end in some)


def spoken(reported: np.ndarray) -> np.ndarray:
    return np.asarray((reported[..., 0] >= 0) | (reported[..., 1] != LIT_UNKNOWN))


def counted(held: Minutes, lit, ruled, heard, decided_ms, dead) -> dict[str, np.ndarray]:  # type: ignore[no-untyped-def]
    """The definitions, minute by minute, in plain Python."""
    power = CircuitPower(SITE)
    names = (*MODELLED_WORLDS, "undelivered_lamp_ms", "undelivered_ws", "lit_lamp_ms")
    sums = {name: np.zeros((N, len(EDGES) - 1)) for name in names}
    counts = [one.lamp_count for one in SITE.circuits.values()]
    legacy_w = [
        sum(group.count * SITE.luminaire_types[group.luminaire_type].rated_w for group in one.lamps)
        for one in SITE.circuits.values()
    ]

    @cache
    def watts(number: int, level: int) -> float:
        every = np.zeros(N)
        every[number] = level / 100.0
        return float(power.expected_w(every)[number])

    for number in range(N):
        chains, unseen, burns = [], [], []
        spoke = bool(spoken(held.reported[number]).any())
        for minute in range(MINUTES):
            switched, scheduled, traffic, output = held.rules[number, minute].tolist()
            level, layer = held.decided[number, minute].tolist()
            report, state = held.reported[number, minute].tolist()
            in_force = inside(minute, ruled if spoke else decided_ms) and layer != NOT_DECIDED
            by_people = in_force and layer < Layer.DEMAND_LIMIT
            limited = level if in_force and layer == Layer.DEMAND_LIMIT and level >= 0 else output
            seen: int | None = 0 if state == UNLIT else (report if report >= 0 else None)
            somehow = state == LIT and report <= 0
            people = limited
            if by_people:
                people = level if level >= 0 else FULL_LEVEL if somehow else limited if seen is None else seen
            asked = level if in_force and level >= 0 else people
            actual = (asked if asked > 0 else FULL_LEVEL) if somehow else asked if seen is None else seen
            full = FULL_LEVEL if inside(minute, lit) else 0
            chains.append([full, switched, scheduled, traffic, output, limited, people, asked, asked, actual])
            wanted = output > 0 if by_people and level < 0 else asked > 0
            silent = state == LIT_UNKNOWN and report < 0 and inside(minute, heard) and spoke and in_force
            dark = state == UNLIT or silent
            unseen.append((wanted, wanted and dark))
            burns.append(asked == 0 and actual > 0)
        missing, burned = lasting([one[1] for one in unseen]), lasting(burns)
        for minute, chain in enumerate(chains):
            slot = minute // 60
            chain[8] = chain[9] if burned[minute] else chain[7]
            alive = 0.0 if missing[minute] else 1.0 - dead[number]
            energies = [legacy_w[number] if inside(minute, lit) else 0.0, *(watts(number, level) for level in chain)]
            for name, energy in zip(MODELLED_WORLDS, energies, strict=True):
                sums[name][number, slot] += energy * 60 * alive
            lost = 1.0 if missing[minute] else dead[number] if unseen[minute][0] else 0.0
            sums["undelivered_lamp_ms"][number, slot] += lost * counts[number] * MINUTE_MS
            sums["undelivered_ws"][number, slot] += lost * watts(number, FULL_LEVEL) * 60
            sums["lit_lamp_ms"][number, slot] += (chain[9] > 0) * alive * counts[number] * MINUTE_MS
    return sums


@settings(max_examples=examples(25))
@given(
    st.lists(steps_of_rules, min_size=N, max_size=N),
    st.lists(decisions, min_size=N, max_size=N),
    st.lists(reports, min_size=N, max_size=N),
    spans,
    spans,
    spans,
    spans,
    st.lists(st.sampled_from([0.0, 0.0, 0.25]), min_size=N, max_size=N),
)
def test_worlds_are_those_of_a_count_of_minutes(  # type: ignore[no-untyped-def]
    by_rules, decided, reported, lit, ruled, heard, decided_ms, dead
) -> None:
    held = Minutes(
        Minutes.held(by_rules, (0, 0, 0, 0)),
        Minutes.held(decided, (-1, NOT_DECIDED)),
        Minutes.held(reported, (-1, LIT_UNKNOWN)),
    )
    rule_steps, rule_values = steps(by_rules, (0, 0, 0, 0))
    decided_steps, decided_values = steps(decided, (-1, NOT_DECIDED))
    reported_steps, reported_values = steps(reported, (-1, LIT_UNKNOWN))
    found = modelled_worlds(
        lamp_power(SITE),
        RuleLevels(rule_steps.circuit, rule_steps.at_ms, rule_values.T.astype(np.int32), np.arange(N)),
        Decided(decided_steps, decided_values[:, 0].astype(np.int32), decided_values[:, 1].astype(np.uint8)),
        Reported(
            reported_steps,
            reported_values[:, 0].astype(np.int32),
            reported_values[:, 1].astype(np.uint8),
            np.asarray(spoken(held.reported).any(axis=1)),
        ),
        Span(EDGES, _in_ms(lit), _in_ms(ruled), _in_ms(heard), decided_ms=_in_ms(decided_ms)),
        np.array(dead),
    )
    expected = counted(held, lit, ruled, heard, decided_ms, dead)
    for number, name in enumerate(MODELLED_WORLDS):
        assert np.abs(found.worlds_ws[number] - expected[name]).max() <= 0.5 + 1e-3, name
    for name in ("undelivered_lamp_ms", "undelivered_ws", "lit_lamp_ms"):
        assert np.abs(getattr(found, name) - expected[name]).max() <= 1.0, name


def _in_ms(some: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    return tuple((START_MS + begin * MINUTE_MS, START_MS + end * MINUTE_MS) for begin, end in some)


def test_heard_spans_are_the_union_of_what_is_known() -> None:
    found, values = steps([{5: (50, LIT), 9: (-1, LIT_UNKNOWN)}, {7: (0, UNLIT), 20: (-1, LIT_UNKNOWN)}], (-1, 2))
    reported = Reported(found, values[:, 0].astype(np.int32), values[:, 1].astype(np.uint8), np.ones(2, np.bool_))
    assert heard_spans(reported, int(EDGES[-1]), np.array([True, True])) == _in_ms(((5, 20),))
    assert heard_spans(reported, int(EDGES[-1]), np.array([True, False])) == _in_ms(((5, 9),))


@settings(max_examples=examples(60))
@given(st.data())
def test_parts_are_whole_and_nearest_to_their_share(data: st.DataObject) -> None:
    part_of = np.array([*data.draw(st.lists(st.integers(0, 2), min_size=1, max_size=8)), 0, 1, 2], dtype=np.intp)
    most = data.draw(st.sampled_from([3, 10**6, 10**10]))
    total = np.array(
        data.draw(st.lists(st.lists(st.integers(-most, most), min_size=2, max_size=2), min_size=3, max_size=3))
    )
    weights = np.array([data.draw(st.lists(st.integers(0, most), min_size=2, max_size=2)) for _ in part_of])
    parts = apportion(total, weights, part_of)
    for whole in range(3):
        mine = part_of == whole
        assert (parts[mine].sum(axis=0) == total[whole]).all()
        for slot in range(2):
            weight = weights[mine, slot].astype(object)
            weight = weight if weight.sum() else weight + 1
            for part, share in zip(parts[mine, slot].tolist(), weight, strict=True):
                assert abs(part * int(weight.sum()) - int(total[whole, slot]) * int(share)) < int(weight.sum())


def test_a_whole_without_a_part_is_refused() -> None:
    with pytest.raises(ValueError, match="has a part"):
        apportion(np.array([[1], [2]]), np.array([[1]]), np.array([0]))


@settings(max_examples=examples(60))
@given(st.data())
def test_causes_sum_to_legacy_less_metered_and_parts_to_the_meter(data: st.DataObject) -> None:
    """Over random worlds, groups and meters: exactly, and nothing is guessed where a meter does not know."""
    n, slots, groups = data.draw(st.integers(1, 6)), 3, 2
    seed = data.draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    worlds = random.integers(0, 10**7, (len(MODELLED_WORLDS), n, slots)) * random.integers(0, 2, (1, n, slots))
    present = np.full((n, slots), 3_600_000)
    by_slot = BySlot(
        worlds,
        random.integers(0, 10**6, (n, slots)),
        random.integers(0, 10**6, (n, slots)),
        random.integers(0, 10**6, (n, slots)),
        np.minimum(worlds[-1], random.integers(0, 10**7, (n, slots))),
        present,
        random.integers(0, 10**6, (n, slots)),
        np.array([0.0, 0.5, 1.0]),
    )
    subjects = Subjects(
        group=random.integers(-1, groups, n).astype(np.intp),
        is_load=random.integers(0, 2, n).astype(np.bool_),
        installed_uw=random.integers(0, 10**9, n),
        is_unmetered=np.zeros(n, dtype=np.bool_),
    )
    meters = MeteredBySlot(
        random.integers(0, 10**8, (groups, slots)),
        random.integers(0, 4, (groups, slots)) > 0,
        random.integers(0, 3_600_000, (groups, slots)),
        random.integers(-(10**6), 10**6, (groups, slots)),
        random.integers(0, 2, (groups, slots)).astype(np.bool_),
    )
    found = slot_accounts(subjects, by_slot, meters)
    day = found.of_day()
    saved = np.sum([day.of_world(cause.before) - day.of_world(cause.after) for cause in CAUSES], axis=0)
    assert (saved == day.of_world(WORLDS[0]) - day.of_world(WORLDS[-1])).all()
    assert ((day.known_ms + day.unknown_ms) == present.sum(axis=1)).all()
    assert (day.daytime_ws >= 0).all()
    assert (day.daytime_ws <= day.of_world("metered")).all()
    metered = found.account.of_world("metered").reshape(n, slots)
    for group in range(groups):
        mine = subjects.group == group
        if not mine.any():
            continue
        known = meters.is_known[group]
        assert (metered[mine].sum(axis=0) == np.where(known, meters.energy_ws[group], 0)).all()
        unknown = found.account.worlds_ws.reshape(len(WORLDS), n, slots)[:, mine][:, :, ~known]
        assert not unknown.any()
    alone = subjects.group < 0
    assert (metered[alone] == worlds[-1][alone]).all()


def test_where_the_model_knows_of_no_load_the_permanent_ones_take_what_was_metered() -> None:
    zero = np.zeros((2, 1), dtype=np.int64)
    by_slot = BySlot(
        np.zeros((len(MODELLED_WORLDS), 2, 1), np.int64), zero, zero, zero, zero, zero + 10, zero, np.ones(1)
    )
    subjects = Subjects(
        np.zeros(2, np.intp), np.array([False, True]), np.array([9_000_000, 1_000_000]), np.zeros(2, bool)
    )
    one = np.array([[1]])
    meters = MeteredBySlot(one * 100, one > 0, one * 0, one * 0, one < 0)
    assert slot_accounts(subjects, by_slot, meters).account.of_world("metered").tolist() == [0, 100]
    lamps = Subjects(subjects.group, np.zeros(2, bool), subjects.installed_uw, subjects.is_unmetered)
    assert slot_accounts(lamps, by_slot, meters).account.of_world("metered").tolist() == [90, 10]
