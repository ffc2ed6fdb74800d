"""Whatever is done to the answers, a value that is believed is true, and a write that is called verified took place.

Two things nobody can tell, and no rule here asks for them: on Modbus TCP, which has no checksum of its own, a bit that
flips inside the values; and on RTU framing an answer of the same unit, function and size that a gateway gives twice
with a delay.
"""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.simulator.fault_rule import FaultKind, FaultRule
from tests.drivers.faulty_line import TIMEOUT_S, Framing, faulty
from tests.effort import examples

TIMEOUT_MS = 1000 * TIMEOUT_S
STEPS = 16
BOTH: tuple[Framing, ...] = ("tcp", "rtu-tcp")

FAULTS: dict[str, tuple[FaultRule, ...]] = {
    "delay": (FaultRule("delay", 0.5, delay_ms=2, jitter_ms=0.2 * TIMEOUT_MS),),
    "delay beyond the time-out": (FaultRule("delay", 0.3, delay_ms=1.1 * TIMEOUT_MS, jitter_ms=0.3 * TIMEOUT_MS),),
    "drop the question": (FaultRule("drop", 0.3, lost="question"),),
    "drop the answer": (FaultRule("drop", 0.3),),
    "truncate": (FaultRule("truncate", 0.3),),
    "duplicate": (FaultRule("duplicate", 0.5),),
    "late": (FaultRule("late", 0.3),),
    "late by a serial gateway": (FaultRule("delay", 0.3, delay_ms=1.1 * TIMEOUT_MS, any_connection=True),),
    "other unit": (FaultRule("other_unit", 0.3),),
    "other function": (FaultRule("other_function", 0.3),),
    "echo of another address": (FaultRule("wrong_echo", 0.5, where="head"),),
    "echo of another value": (FaultRule("wrong_echo", 0.5, where="values"),),
    "wrong count": (FaultRule("wrong_count", 0.3),),
    "busy": (FaultRule("exception", 0.3, code=6),),
    "no such address": (FaultRule("exception", 0.3, code=2),),
    "gateway without a device": (FaultRule("exception", 0.3, code=11),),
    "reset at the question": (FaultRule("reset", 0.3, lost="question"),),
    "reset at the answer": (FaultRule("reset", 0.3),),
    "half open": (FaultRule("half_open", requests=((7, 7),)),),
    "mute": (FaultRule("reset", requests=((3, 3),)), FaultRule("mute", requests=((2, 2),))),
    "corrupt head": (FaultRule("corrupt", 0.4, where="head", repair_crc=True),),
}
ONLY_WITH_CRC: dict[str, tuple[FaultRule, ...]] = {
    "corrupt 1 bit": (FaultRule("corrupt", 0.4),),
    # CRC-16 finds every error of up to three bits in a frame of this length.
    "corrupt 3 bits": (FaultRule("corrupt", 0.4, bits=3),),
}
CASES = [(name, rules, framing) for framing in BOTH for name, rules in FAULTS.items()]
CASES += [(name, rules, "rtu-tcp") for name, rules in ONLY_WITH_CRC.items()]
CASES += [("duplicate later", (FaultRule("duplicate", 0.5, delay_ms=2),), "tcp")]


@pytest.mark.parametrize(("name", "rules", "framing"), CASES, ids=[f"{case[0]}-{case[2]}" for case in CASES])
async def test_no_fault_makes_a_false_value_believed_and_all_is_well_again_after_it(
    name: str, rules: tuple[FaultRule, ...], framing: Framing
) -> None:
    async with faulty(rules, framing, seed=5) as line:
        assert await line.exercise(STEPS, seed=11) == []
        kind = rules[-1].fault
        assert line.proxy.done[kind] > 0, f"{kind} was not done"
        await line.until_well(rules)


def rule(*kinds: FaultKind, often: float = 0.3, **details: st.SearchStrategy[object]) -> st.SearchStrategy[FaultRule]:
    return st.builds(FaultRule, st.sampled_from(kinds), st.just(often), **details)


FAULT = st.one_of(
    rule("drop", "reset", lost=st.sampled_from(["question", "answer"])),
    rule("delay", delay_ms=st.sampled_from([1.0, 20.0, 55.0, 70.0])),
    rule("truncate", "duplicate", "late", "other_unit", "other_function", "wrong_count", "wrong_echo"),
    rule("exception", code=st.integers(1, 11)),
    rule("corrupt", where=st.just("head"), repair_crc=st.just(True)),
    rule("mute", often=0.2),
)


@settings(max_examples=examples(6))
@given(st.lists(FAULT, min_size=1, max_size=4), st.sampled_from(BOTH), st.integers(0, 2**32))
def test_no_mixture_of_faults_makes_a_false_value_believed(rules: list[FaultRule], framing: Framing, seed: int) -> None:
    async def night() -> None:
        async with faulty(rules, framing, seed=seed) as line:
            assert await line.exercise(20, seed=seed) == []
            await line.until_well(rules)

    with asyncio.Runner() as runner:
        runner.run(night())
