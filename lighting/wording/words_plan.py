"""What ``lighting plan`` and ``lighting calendar`` say."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    # plan
    "plan_heading": N_("Lighting night of {night}, {circuits} circuits"),
    "plan_heading_one": N_("Lighting night of {night}, {circuit}"),
    "plan_of": N_("{names}"),
    "plan_of_many": N_("{names} and {more} more ({circuits} circuits)"),
    "plan_falls": N_("{from_level} → {level_pct} in {over_s}"),
    "plan_falls_off": N_("{from_level} → off in {over_s}"),
    "plan_staggered": N_("When the program switches on, each comes on up to {ahead_s} earlier: the grid sees no step."),
    "plan_more_groups": N_("And {groups} more groups, {circuits} circuits (all: --csv or --json)."),
    "plan_chart_key": N_("Each band is 100 % high. _ is off, ? is not ours to write."),
    "plan_one_form": N_("choose one of {forms}: they are forms of one answer"),
    "plan_too_large": N_(
        "{steps} steps of {circuits} circuits are too many to print: take a longer --at-step, or --csv"
    ),
    "plan_step_out_of_range": N_("the step “{found}” is not between 1 s and 12 h"),
    "plan_csv_written": N_("{file}: {circuits} circuits, {steps} steps of {step_s}"),
    # why
    "why_level_planned": N_("{circuit}, {name}: {level_pct} planned for {at_ms}"),
    "why_off_planned": N_("{circuit}, {name}: off is planned for {at_ms}"),
    "why_falls": N_("on its way down: {level_pct} at {at}"),
    "why_falls_off": N_("on its way down: off at {at}"),
    "why_then_level": N_("until {at_ms}, then {level_pct}: {because}"),
    "why_then_off": N_("until {at_ms}, then off: {because}"),
    "why_then_kept": N_("until {at_ms}, then still {level_pct}: {because}"),
    "why_then_nothing": N_("until {at_ms}, then nothing is written: {because}"),
    "why_still_so": N_("and so it still is"),
    "why_set_aside": N_("Set aside by that:"),
    "why_shaped": N_("Then shaped:"),
    "moment_not_understood": N_(
        "“{text}” is no time: write now, 22:30 (of this lighting night), yesterday 22:30, 2026-11-24 22:30, "
        "2h (ago), +2h, or an ISO time with its offset"
    ),
    "moment_is_a_night": N_(
        "“{text}” is a whole night: write one moment of it, such as 22:30; `lighting plan CIRCUIT` shows them all"
    ),
    "moment_twice": N_("{found} comes twice, for clocks are put back: write {either}"),
    "moment_left_out": N_("{found} does not exist, for clocks are put forward over it: write {either}"),
    # calendar
    "calendar_heading": N_("Lighting nights {from_date} to {to_date} ({nights}), {circuits} circuits"),
    "calendar_heading_of": N_("Lighting nights {from_date} to {to_date} ({nights}), {target}, {circuits} circuits"),
    "calendar_no_rules": N_("The calendar has no rules: each circuit follows its own program every night."),
    "calendar_rule_nights": N_("{number}  {rule}: {nights} nights"),
    "calendar_rule_nights_of": N_("{number}  {rule}: {nights} nights, {circuits} circuits"),
    "calendar_rule_nights_some": N_("{number}  {rule}: {nights} nights, {least} to {most} circuits"),
    "calendar_no_rule_nights": N_("–  No rule, own programs: {nights} nights"),
    "calendar_no_rule_nights_of": N_("–  No rule, own programs: {nights} nights, {circuits} circuits"),
    "calendar_no_rule_nights_some": N_("–  No rule, own programs: {nights} nights, {least} to {most} circuits"),
    "calendar_all_nights": N_("all of them"),
    "calendar_other_nights": N_("all other nights"),
    "calendar_every": N_("every {weekdays}"),
    "calendar_every_from": N_("every {weekdays} from {from_date} to {to_date}"),
    "calendar_but": N_("{nights}, but not {but}"),
    "calendar_and": N_("{nights}, and {more}"),
    "calendar_own": N_("own programs"),
    "calendar_own_kept": N_("own programs kept"),
    "calendar_rule_of": N_("{rule} ({circuits} circuits)"),
    "calendar_no_rule": N_("no rule"),
    "calendar_no_rule_of": N_("no rule ({circuits} circuits)"),
    "calendar_idle": N_("Without effect:"),
    "calendar_over": N_("Rules no more:"),
    "calendar_ends_before": N_("the end {to_date} is before the beginning {from_date}"),
    "calendar_too_long": N_("{nights} nights are too many: at most {most}"),
    # rules that never rule
    "rule_place_empty": N_("rule “{rule}” can never rule: no circuit is in {places}"),
    "rule_over": N_("rule “{rule}” rules no more: its last night was {last}"),
    "rule_dates_meet_nothing": N_("rule “{rule}” can never rule: none of its dates meets its other conditions"),
    "rule_holidays_meet_nothing": N_(
        "rule “{rule}” never rules from {from_date} to {to_date}: no public holiday meets its other conditions"
    ),
    "rule_meets_no_night": N_("rule “{rule}” can never rule: no night of any year meets its conditions"),
    "rule_set_aside": N_(
        "rule “{rule}” can never rule: on every night of every year that it matches, {by} comes first"
    ),
    "rule_set_aside_on_dates": N_("rule “{rule}” can never rule: on each of its dates to come, {by} comes first"),
    "rule_set_aside_between": N_(
        "rule “{rule}” never rules from {from_date} to {to_date}: on every night that it matches, {by} comes first"
    ),
    "rule_programs_unused": N_("rule “{rule}” changes nothing: no circuit that it reaches has the program {programs}"),
}

HEADINGS: tuple[str, ...] = ()
