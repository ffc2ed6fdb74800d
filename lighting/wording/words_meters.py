"""What is said of meters and their replacement."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    "no_meters": N_("no circuit and no permanent load of the site names a meter"),
    "meter_replaced": N_("{device}: the meter {serial} counts from {at_ms} on"),
    "meter_figures_missing": N_(
        "the energy between the last reading of the old meter and the first of the new one stays unknown on "
        "{channels}: give --closing and --opening"
    ),
    "device_measures_nothing": N_("{device} is the meter of no circuit and of no permanent load"),
    "meter_replaced_in_future": N_("{at_ms} lies in the future (it is {now_ms} now): tell of it once it is done"),
    "meter_replaced_before": N_(
        "{device}: the meter {serial} was mounted {from_ms}; a replacement before that cannot be told any more"
    ),
    "meter_stands_already": N_("{device}: the meter {serial} stands there since {from_ms} already"),
    "meter_serial_missing": N_("give the serial number of the new meter with --serial, {longest} characters at most"),
    "meter_channel_missing": N_("“{text}”: say of which channel, as L1=123.4 (the site uses {known})"),
    "meter_channel_unknown": N_("{device} has no channel {channel} that the site uses (it uses {known})"),
    "meter_figure_twice": N_("two figures of {channel}: give one"),
    "meter_figure_wrong": N_("“{text}” is no figure in kWh: write it as 8112.4, from 0 to {most}"),
    "meter_closing_too_low": N_(
        "{channel}: the closing figure {kwh} kWh is under the {polled_kwh} that were polled before; check the "
        "figure and the time"
    ),
}
