"""What ``lighting simulate --faults`` says: what it will do wrong, in one line, and at its end what it has done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from drivers.simulator.fault_rule import FaultRule
from lighting.assets.fact import Fact
from lighting.cli.simulated_city import SimulatedCity


def faults_fact(rules: Sequence[FaultRule], city: SimulatedCity, seed: int) -> Fact:
    """The buses with a proxy, and each rule in a few words."""
    said = "; ".join(rule_words(rule) for rule in rules)
    return Fact("simulator_faults", {"buses": ", ".join(city.proxies), "seed": seed, "rules": said})


def faults_done_fact(city: SimulatedCity) -> Fact:
    """How many of each fault were done on all buses together."""
    done: Counter[str] = Counter()
    for proxy in city.proxies.values():
        done.update(proxy.done)
    questions = sum(proxy.question_count for proxy in city.proxies.values())
    if not done:
        return Fact("simulator_no_fault_done", {"question_count": questions})
    said = ", ".join(f"{kind} {count}" for kind, count in sorted(done.items()))
    return Fact("simulator_faults_done", {"question_count": questions, "done": said})


def rule_words(rule: FaultRule) -> str:
    """A rule in the words of its file, such as ``delay 30 % of requests 10-20, units 3, until 60 s``."""
    words: list[str] = [rule.fault]
    if rule.delay_ms or rule.jitter_ms:
        words.append(f"{rule.delay_ms:g}{f'-{rule.delay_ms + rule.jitter_ms:g}' if rule.jitter_ms else ''} ms")
    if rule.probability < 1 or not rule.requests:
        words.append(f"{100 * rule.probability:g} %")
    if rule.requests:
        spans = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in rule.requests)
        words.append(f"of {'connections' if rule.fault == 'mute' else 'requests'} {spans}")
    for key, numbers in (("units", rule.units), ("functions", rule.functions), ("buses", rule.buses)):
        if numbers:
            words.append(f"{key} {', '.join(map(str, numbers))}")
    if rule.from_s:
        words.append(f"from {rule.from_s:g} s")
    if rule.until_s is not None:
        words.append(f"until {rule.until_s:g} s")
    if rule.at_most is not None:
        words.append(f"at most {rule.at_most}")
    return " ".join(words)
