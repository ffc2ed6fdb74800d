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
    "plan_step_out_of_range": N_("the step «{found}» is not between 1 s and 12 h"),
    "plan_csv_written": N_("{file}: {circuits} circuits, {steps} steps of {step_s}"),
}

HEADINGS: tuple[str, ...] = ()
