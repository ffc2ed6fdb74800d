"""English templates of what a reader of a day's account of energy has to know."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    "account_replayed": N_(
        "No decision is recorded for {circuits} circuits in {hours} circuit-hours: there they count as the rules ask."
    ),
    "account_no_reports": N_("No levels were reported this day: every circuit counts as it was asked."),
    "account_revisions": N_("{revisions} revisions of the site ruled this day, each its own part of it."),
    "account_meters_unknown": N_(
        "The energy of {hours} of {of} meter-hours is unknown: these hours are left out of every figure."
    ),
}
