"""``lighting profiles show``: one device profile as a person wants to read it, at 80 columns."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from drivers.profile import ALL_FUNCTIONS, WHOLE_DEVICE, Feed, LevelMeaning, Point, Profile, Reaction, Trust
from lighting.assets.fact import Fact, Value
from lighting.assets.profile_shelf import ShelvedProfile
from lighting.cli.voice import Voice

_TRUST: dict[Trust, str] = {
    "hardware": "profile_trust_hardware",
    "vendor": "profile_trust_vendor",
    "community": "profile_trust_community",
}
_LEVEL: dict[LevelMeaning, str] = {
    "light": "profile_level_light",
    "arc": "profile_level_arc",
    "unknown": "profile_level_unknown",
}
_FED_BY: dict[Feed, str] = {
    "any_request": "profile_fed_by_any_request",
    "write": "profile_fed_by_write",
    "register": "profile_fed_by_register",
    "none": "profile_fed_by_none",
    "unknown": "profile_fed_by_unknown",
}
_CAUSES = (
    ("profile_lost_master", "profile_lost_master_set"),
    ("profile_lost_lamp_bus", "profile_lost_lamp_bus_set"),
    ("profile_power_return", "profile_power_return_set"),
)
_SECTIONS = (("live", "Live points"), ("setting", "Settings"), ("command", "Commands"))


def profile_lines(shelved: ShelvedProfile, voice: Voice, *, width: int) -> list[str]:
    """The lines of a profile: what it is, its points, what it does by itself, and where that is known from."""
    profile, out = shelved.profile, _Page(voice, width)
    out.line(f"{profile.name} ({profile.id})")
    out.fact(Fact(_TRUST[profile.trust], {"maker": profile.maker}))
    out.fact(Fact("profile_own_file" if shelved.is_own else "profile_built_in", {"file": shelved.file}))
    for fact in (*_link(profile), *_limits(profile), *_identity(profile), *_mode(profile)):
        out.fact(fact)
    _channels(profile, out)
    out.lines.append("")
    out.fact(Fact("profile_addresses"))
    for point_class, heading in _SECTIONS:
        _points([point for point in profile.points if point.point_class == point_class], heading, out)
    _failsafe(profile, out)
    _rest(profile, out)
    return out.lines


class _Page:
    """Lines of at most ``width`` signs; what is longer goes on further in."""

    def __init__(self, voice: Voice, width: int) -> None:
        self.voice, self._width = voice, width
        self.lines: list[str] = []

    def line(self, text: str, indent: int = 0) -> None:
        first, then = " " * indent, " " * (indent + 2)
        wrapped = textwrap.wrap(text, self._width, initial_indent=first, subsequent_indent=then, break_on_hyphens=False)
        self.lines += wrapped or [""]

    def fact(self, fact: Fact, indent: int = 0) -> None:
        self.line(self.voice.sentence(fact), indent)

    def heading(self, text: str) -> None:
        self.lines += ["", self.voice.heading(text)]


def _link(profile: Profile) -> Iterator[Fact]:
    link = profile.link
    known = (link.baud, link.parity, link.stop_bits, link.unit_id)
    if any(part is not None for part in known):
        values: dict[str, Value] = {
            "baud": link.baud,
            "parity": link.parity,
            "stop_bits": link.stop_bits,
            "unit_id": link.unit_id,
        }
        yield Fact("profile_link", values)
    if link.notes:
        yield Fact("profile_link_notes", {"notes": " ".join(link.notes.split())})


def _limits(profile: Profile) -> Iterator[Fact]:
    limits = profile.limits
    yield Fact(
        "profile_limits",
        {
            "registers_read": limits.max_registers_per_read,
            "registers_written": limits.max_registers_per_write,
            "gap": limits.max_gap,
        },
    )
    if limits.pause_ms:
        yield Fact("profile_pause", {"pause": f"{limits.pause_ms:g}"})
    if limits.timeout_ms:
        yield Fact("profile_timeout", {"timeout": f"{limits.timeout_ms:g}"})
    if limits.functions != ALL_FUNCTIONS:
        yield Fact("profile_functions", {"functions": ", ".join(map(str, limits.functions))})
    if limits.broadcast:
        yield Fact("profile_takes_broadcast")
    if limits.broadcast_tcp:
        yield Fact("profile_takes_broadcast_tcp")


def _identity(profile: Profile) -> Iterator[Fact]:
    if profile.probe:
        yield Fact("profile_probe", {"point": profile.probe})
    for check in profile.identity:
        if check.equals is None:
            yield Fact("profile_probe", {"point": check.point})
        else:
            yield Fact("profile_identity", {"point": check.point, "equals": check.equals})


def _mode(profile: Profile) -> Iterator[Fact]:
    if profile.mode is not None:
        yield Fact("profile_mode", {"point": profile.mode.point, "raw": profile.mode.raw})
    if any(channel.role == "dimmer" for channel in profile.channels):
        yield Fact(_LEVEL[profile.level_meaning])


def _channels(profile: Profile, out: _Page) -> None:
    groups: dict[tuple[str, float | None, int | None], list[str]] = {}
    for channel in profile.channels:
        groups.setdefault((channel.role, channel.max_load_w, channel.max_lamps), []).append(channel.id)
    if groups:
        out.heading("Channels")
    for (role, load_w, lamps), ids in groups.items():
        said = [f"{role}: {_folded(ids)}"]
        said += [out.voice.sentence(Fact("profile_load", {"load_w": load_w}))] if load_w is not None else []
        said += [out.voice.sentence(Fact("profile_lamps", {"lamps": lamps}))] if lamps is not None else []
        out.line("; ".join(said), 2)


def _folded(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 8 else f"{names[0]} … {names[-1]} ({len(names)})"


def _points(points: Sequence[Point], heading: str, out: _Page) -> None:
    """Points that differ only by channel and address stand together."""
    alike: list[tuple[Point, list[Point]]] = []
    for point in points:
        kind = _kind(point)
        known = next((group for other, group in alike if other == kind), None)
        if known is None:
            alike.append((kind, [point]))
        else:
            known.append(point)
    if alike:
        out.heading(heading)
    for _, group in alike:
        _point(group, out)


def _kind(point: Point) -> Point:
    return dataclasses.replace(
        point,
        name="",
        channel="" if point.channel == WHOLE_DEVICE else "x",
        address=0,
        manual_number="",
        verify="x" if point.verify else "",
        write_address=None if point.write_address is None else point.write_address - point.address,
    )


def _ends(texts: Sequence[str]) -> str:
    return texts[0] if len(set(texts)) == 1 else f"{texts[0]} … {texts[-1]}"


def _point(group: Sequence[Point], out: _Page) -> None:
    point, voice = group[0], out.voice
    access = "read_write" if point.readable and point.writable else "read" if point.readable else "write"
    unit = point.unit_name
    head = f"{_ends([one.name for one in group])}: {point.quantity.value.replace('_', ' ')}"
    out.line(f"{head}{', ' + unit if unit else ''} ({voice.heading(_ACCESS[access])})", 2)
    manuals = [one.manual_number for one in group if one.manual_number]
    said = [f"{point.table} {_ends([str(one.address) for one in group])}"]
    said += [voice.sentence(Fact("profile_manual", {"number": _ends(manuals)}))] if manuals else []
    said.append(_type(point))
    said += [voice.sentence(fact) for fact in _point_facts(point)]
    out.line("; ".join(said), 6)
    if point.curve_points:
        out.line(", ".join(f"{raw} → {value:g}" for raw, value in point.curve_points), 6)
    for words in (point.enumeration, point.flags):
        if words:
            sign = "=" if words is point.enumeration else ":"
            out.line(", ".join(f"{raw} {sign} {word}" for raw, word in sorted(words.items())), 6)


_ACCESS = {"read_write": "read and written", "read": "read", "write": "written"}


def _type(point: Point) -> str:
    said: str = point.data_type
    if point.data_type == "string":
        said += f"[{point.register_count * point.chars_per_register}]"
    if point.bits is not None:
        first, width = point.bits
        said += f" bit {first}" if width == 1 else f" bits {first} … {first + width - 1}"
    if point.scale != 1:
        said += f" × {_exact(point.scale)}"
    if point.offset:
        said += f" {'+' if point.offset > 0 else '-'} {_exact(abs(point.offset))}"
    return said


def _exact(number: Fraction) -> str:
    """A power of ten as a decimal, anything else as a fraction."""
    rest = number.denominator
    while rest % 10 == 0:
        rest //= 10
    return f"{float(number):g}" if rest == 1 else str(number)


def _point_facts(point: Point) -> Iterator[Fact]:
    if point.word_order == "little" and point.register_count > 1:
        yield Fact("profile_point_words")
    if point.byte_order == "little":
        yield Fact("profile_point_bytes")
    if point.curve != "linear":
        yield Fact("profile_point_curve", {"curve": point.curve.replace("_", " ")})
    if point.valid_min is not None or point.valid_max is not None:
        yield Fact("profile_point_valid", {"range": _range(point.valid_min, point.valid_max)})
    if point.write_min is not None or point.write_max is not None:
        yield Fact("profile_point_written", {"range": _range(point.write_min, point.write_max)})
    if point.write_step is not None:
        yield Fact("profile_point_step", {"step": _exact(point.write_step)})
    if point.write_address is not None and point.write_address != point.address:
        yield Fact("profile_point_write_address", {"address": str(point.write_address)})
    if point.forbidden_raw:
        yield Fact("profile_point_forbidden", {"raw": ", ".join(map(str, point.forbidden_raw))})
    if point.sentinels:
        yield Fact("profile_point_sentinels", {"raw": ", ".join(f"0x{raw:X}" for raw in point.sentinels)})
    if point.verify:
        yield Fact("profile_point_verify", {"point": point.verify})
    if point.verify_after_ms:
        yield Fact("profile_point_verify_after", {"after": f"{point.verify_after_ms:g}"})
    if point.min_interval_s is not None:
        yield Fact("profile_point_interval", {"interval_s": point.min_interval_s})
    if point.daily_budget is not None:
        yield Fact("profile_point_budget", {"times": point.daily_budget})
    if point.counter_wrap or point.counter_bits:
        wrap = point.counter_wrap or 1 << (point.counter_bits or 0)
        yield Fact("profile_point_counter", {"wrap": str(wrap)})
    if point.poll != "fast" and point.point_class == "live":
        yield Fact("profile_point_poll", {"poll": point.poll})


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return f"≤ {high:g}"
    return f"≥ {low:g}" if high is None else f"{low:g} … {high:g}"


def _failsafe(profile: Profile, out: _Page) -> None:
    failsafe = profile.failsafe
    if not any(channel.role in ("dimmer", "relay") for channel in profile.channels):
        return
    out.heading("What it does by itself")
    reactions = (failsafe.lost_master, failsafe.lost_lamp_bus, failsafe.power_return)
    for (fixed, can_be_set), reaction in zip(_CAUSES, reactions, strict=True):
        out.fact(_reaction(can_be_set if reaction.can_be_set else fixed, reaction), 2)
    out.fact(Fact(_FED_BY[failsafe.fed_by], {"point": failsafe.fed_point}), 2)
    if failsafe.watchdog is not None:
        out.fact(Fact("profile_watchdog_set", {"quantity": _words(failsafe.watchdog.value)}), 2)
    if failsafe.watchdog_s is not None:
        out.fact(Fact("profile_watchdog_time", {"watchdog_s": failsafe.watchdog_s}), 2)
    for paragraph in _paragraphs(failsafe.notes):
        out.line(paragraph, 2)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _reaction(code: str, reaction: Reaction) -> Fact:
    level = "" if reaction.level_pct is None else f" {reaction.level_pct:g} %"
    values: dict[str, Value] = {"kind": f"{reaction.kind}{level}"}
    if reaction.can_be_set:
        choices = ", ".join(f"{raw} = {word}" for raw, word in sorted(reaction.meanings.items()))
        settings = [_words(one.value) for one in (reaction.action, reaction.level) if one is not None]
        values |= {"settings": " + ".join(settings), "choices": f" ({choices})" if choices else ""}
    return Fact(code, values)


def _paragraphs(text: str) -> Iterable[str]:
    return [line for line in (line.strip() for line in text.splitlines()) if line]


def _rest(profile: Profile, out: _Page) -> None:
    if profile.notes:
        out.heading("Notes")
        for paragraph in _paragraphs(profile.notes):
            out.line(paragraph, 2)
    if profile.sources:
        out.heading("Sources")
        for source in profile.sources:
            out.line(source, 2)
    if profile.variants:
        out.heading("Variants")
        for variant in profile.variants:
            out.line(f"{variant.id}: {variant.name}", 2)
    out.lines.append("")
    out.fact(Fact("profile_vectors", {"vectors": len(profile.vectors), "points": len(profile.points)}))
