"""``lighting diff``, ``apply``, ``rollback`` and ``revisions show``: what a change is, and what it does, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lighting.assets.difference import Difference
from lighting.assets.fact import Fact, Value
from lighting.cli.json_forms import form, plain
from lighting.cli.voice import Voice, print_json
from lighting.desk.comparing import text_difference
from lighting.desk.revision_answers import Comparison, Content, Effects, NightChange, YearChange
from lighting.store.records import Revision
from lighting.wording.figures import Manner, local_time, visible

DIFF_SCHEMA = "lighting.diff/1"
REVISION_SCHEMA = "lighting.revision/1"
MOST_LINES = 20
"""Differences that are told before a question; ``lighting diff`` tells all."""


def print_diff(comparison: Comparison, heading: Fact, voice: Voice, *, as_json: bool) -> None:
    """All differences in words, and what makes it darker."""
    if as_json:
        print_json(form(DIFF_SCHEMA, **diff_form(comparison)))
        return
    voice.data(heading)
    tell_differences(comparison, voice)


def print_text(before: Content, after: Content, voice: Voice, *, as_json: bool) -> None:
    """The unified difference of the files, for a broken folder too."""
    text = text_difference(before, after)
    if as_json:
        print_json(form(DIFF_SCHEMA, before=state_form(before), after=state_form(after), text=text))
    elif text:
        print("".join(_safe(line) for line in text.splitlines(keepends=True)), end="")
    else:
        voice.tell(Fact("diff_none"))


def _safe(line: str) -> str:
    """A line of a file with what a terminal would obey written out; a tab stays."""
    end = "\n" if line.endswith("\n") else ""
    return "\t".join(visible(part) for part in line.removesuffix("\n").split("\t")) + end


def tell_differences(comparison: Comparison, voice: Voice, *, most: int | None = None) -> None:
    """A line for each difference, and then the warnings."""
    if comparison.words_alone:
        voice.data(Fact("diff_words_alone", {"files": ", ".join(comparison.words_alone)}))
    elif not comparison.differences:
        voice.data(Fact("diff_none"))
    shown = comparison.differences[:most]
    voice.data(*(difference.fact for difference in shown))
    if len(shown) < len(comparison.differences):
        voice.data(Fact("diff_more", {"more": len(comparison.differences) - len(shown)}))
    voice.tell(*comparison.warnings)


def diff_form(comparison: Comparison) -> dict[str, Any]:
    """The fields of a comparison in a document."""
    return {
        "before": state_form(comparison.before),
        "after": state_form(comparison.after),
        "changed_files": comparison.changed_files,
        "words_alone": comparison.words_alone,
        "differences": [_difference_form(one) for one in comparison.differences],
        "warnings": comparison.warnings,
    }


def state_form(content: Content) -> dict[str, Any]:
    """Which state of the files it is."""
    revision = content.revision
    return {"state": "folder" if revision is None else "revision", "revision": plain(revision)}


def _difference_form(difference: Difference) -> dict[str, Any]:
    return {
        "part": difference.part,
        "fact": plain(difference.fact),
        "circuit_count": len(difference.circuits),
        "circuits": list(difference.circuits),
    }


def tell_effects(effects: Effects, voice: Voice) -> None:
    """What it does to the coming night and to a year, as data."""
    if effects.night is not None:
        _tell_night(effects.night, voice)
    if effects.year is not None:
        _tell_year(effects.year, voice)
    elif effects.year_left_out:
        voice.data(Fact("year_left_out"))


def _tell_night(night: NightChange, voice: Voice) -> None:
    if not night.circuits:
        voice.data(Fact("night_same", {"night": night.night}))
        return
    values: dict[str, Value] = {"night": night.night, "circuits": night.circuits, "first_ms": night.first_ms}
    voice.data(Fact("night_changes", {**values, "darker": night.darker, "brighter": night.brighter}))
    energy: dict[str, Value] = {"from_ms": night.from_ms, "before_kwh": night.before_kwh, "after_kwh": night.after_kwh}
    voice.data(Fact("night_energy", {**energy, "difference": _share(night.before_kwh, night.after_kwh, voice)}))
    if night.before_pct is not None and night.after_pct is not None:
        levels: dict[str, Value] = {"before_pct": night.before_pct, "after_pct": night.after_pct}
        voice.data(Fact("night_levels", levels))


def _tell_year(year: YearChange, voice: Voice) -> None:
    energy: dict[str, Value] = {"before_kwh": year.before_kwh, "after_kwh": year.after_kwh}
    voice.data(Fact("year_energy", {**energy, "difference": _share(year.before_kwh, year.after_kwh, voice)}))
    if year.before_money is not None and year.after_money is not None:
        money: dict[str, Value] = {"before": _amount(year.before_money), "after": _amount(year.after_money)}
        share = _share(year.before_money, year.after_money, voice)
        voice.data(Fact("year_money", {**money, "currency": year.currency, "difference": share}))


def _amount(value: float) -> str:
    """Money with no more digits than a year of it means."""
    return f"{value:,.0f}".replace(",", " ") if abs(value) >= 1000 else f"{value:.2f}"


def _share(before: float, after: float, voice: Voice) -> str:
    if before <= 0:
        return voice.sentence(Fact("difference_from_nothing" if after > 0 else "difference_none"))
    share_pct = round(100 * (after - before) / before, 1)
    if share_pct == 0:
        return voice.sentence(Fact("difference_none"))
    return voice.sentence(
        Fact("difference_less" if share_pct < 0 else "difference_more", {"share_pct": abs(share_pct)})
    )


def print_revision(
    content: Content, comparison: Comparison | None, same_as: int | None, voice: Voice, *, rules: bool, as_json: bool
) -> None:
    """One accepted state: who, when, why, its files, and what it changed against the one before it."""
    revision = content.revision
    if revision is None:
        return
    files = sorted(name for name in content.files if not name.startswith("program/"))
    if as_json:
        changes = {} if comparison is None else diff_form(comparison)
        told = form(REVISION_SCHEMA, revision=revision, rules=rules, same_as=same_as, files=files)
        print_json({**told, "changes": plain(changes) or None})
        return
    _tell_head(revision, same_as, voice, rules=rules)
    if comparison is None:
        voice.data(Fact("diff_of_first"))
        return
    voice.data(_heading(comparison))
    tell_differences(comparison, voice)


def _tell_head(revision: Revision, same_as: int | None, voice: Voice, *, rules: bool) -> None:
    at = local_time(revision.at_ms, Manner(voice.timezone))
    voice.data(Fact("revision_told", {"revision": revision.id, "at": at, "by": revision.by}))
    if revision.note:
        voice.data(Fact("revision_note", {"note": revision.note}))
    if rules:
        voice.data(Fact("revision_rules"))
    if same_as is not None:
        voice.data(Fact("revision_same_as", {"same_as": same_as}))


def _heading(comparison: Comparison) -> Fact:
    return heading_of(comparison.before, comparison.after, rules=False)


def heading_of(before: Content, after: Content, *, rules: bool) -> Fact:
    """Which states are beside each other; ``rules``: the first of them is the one that rules."""
    was = None if before.revision is None else before.revision.id
    if after.revision is None:
        return Fact("diff_to_folder", {"before": was})
    return Fact("diff_to_revision" if rules else "diff_of_revisions", {"before": was, "after": after.revision.id})


def same_content(revision: Revision, revisions: Sequence[Revision]) -> int | None:
    """The first revision that says the very same, where that is another one."""
    same = [one.id for one in revisions if one.content_hash == revision.content_hash and one.id < revision.id]
    return min(same, default=None)
