"""English templates of tariffs, bills and their reconciliation: what is wrong in the files, and what is told."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    # tariff.toml, format 2
    "tariff_flat_and_versions": N_("{field} stands beside [[versions]]: move it into the version that it belongs to"),
    "tariff_no_price": N_("no price: give price_per_kwh, tiers or prices (a file of hourly prices)"),
    "tariff_price_and_tiers": N_("tiers stand in the place of price_per_kwh: leave one of them out"),
    "tariff_one_of_two": N_("give either {either} or {other}, and not both"),
    "tariff_season_twice": N_("there are two seasons {season}: put all their dates into one"),
    "tariff_last_tier_open": N_("the last tier has no {field}: it takes all the rest"),
    "tariff_tier_without_end": N_("tier {tier_number} needs {field}: only the last one takes all the rest"),
    "tariff_tiers_not_rising": N_("{found} is not above the {before} of the tier before it"),
    "tariff_ratchet_not_reckoned": N_(
        "a ratchet (a share of the highest power of earlier months) is not reckoned: leave ratchet_percent out, and"
        " expect the bill to differ by it"
    ),
    "tariff_tax_on_nothing": N_("a tax per_kwh is on energy alone: leave “on” out"),
    "tariff_tax_twice": N_("{name} is the name of something above it: taxes need names of their own"),
    "tariff_holidays_unknown": N_(
        "some window names holidays, but calendar.toml has none: [holidays] with country, or added"
    ),
    "tariff_file_missing": N_("there is no file {file}"),
    "tariff_file_elsewhere": N_("{file}: such a file stands in the folder {folder}"),
    "tariff_dates_reversed": N_("valid_to is before valid_from"),
    "tariff_dates_overlap": N_(
        "numbers {first_number} and {other_number} are both valid on some day: end the first with valid_to on the day"
        " before the other begins"
    ),
    "tariff_dates_gap": N_("nothing is valid from {from_date} until {until_date}: these days have no value"),
    "tariff_name_of_two_prices": N_(
        "what has the name {name} above has another price: windows of one name are one, give this one its own"
    ),
    # files of hourly values
    "series_empty": N_("the file has no values"),
    "series_not_used": N_("{file} is not named in tariff.toml, and not used"),
    "series_without_offset": N_(
        "{found} has no offset: write 2026-01-31T23:00+01:00 or …Z, so that the hours of a clock change are told apart"
        " (lighting tariff import prices does it)"
    ),
    "series_twice": N_("begins at the same time as line {line}"),
    "series_not_rising": N_("begins before the value of line {line} ends"),
    "series_length": N_("a value holds for {duration_ms}: from a minute to a day is allowed"),
    # what a bill does not know
    "bill_hours_without_price": N_("Hours without a price, not reckoned: {duration_ms} in all."),
    "bill_without_reactive": N_("Reactive energy is not known here, and not in the bill."),
    "bill_part_of_month": N_(
        "Months of which only some days are in the span, of all: {months}. What the tariff says by the month (limits of"
        " tiers, demand, fixed and minimum charges) counts by that share."
    ),
    "bill_demand_measured": N_(
        "The demand charge is on means of {minutes} min of the meters' raw readings, known for {measured_pct}; the rest"
        " is by hours."
    ),
    "bill_demand_of_many_minutes": N_(
        "The demand charges are on means of different lengths: all are reckoned by hours, which may be lower."
    ),
    "bill_demand_too_large": N_(
        "The demand charge is by hours: raw readings of {channels} channels and {days} days are too many to be cut."
    ),
    "bill_supply_hours_shared": N_(
        "The energy of a supply is known by day, its hours are taken as those of the whole site: its money is a mean,"
        " and decides nothing."
    ),
    "bill_demand_of_slots": N_(
        "The demand charge is on the highest mean of {step_ms}; the tariff means {minutes} min, which may be higher."
    ),
    # import of URDB
    "urdb_not_json": N_("{file}:{line}: not JSON: {detail}"),
    "urdb_no_rate": N_("{file} holds no rate of URDB: an object, or the answer of its API with items"),
    "urdb_many_rates": N_("{file} holds {count} rates: choose one with --label: {allowed}"),
    "urdb_key_twice": N_("{file}: the field {field} is there twice in one object: which of them counts?"),
    "urdb_label_unknown": N_("no rate has the label {found}; there are: {allowed}"),
    "urdb_field_missing": N_("{field} is missing: the rate cannot be reckoned without it"),
    "urdb_value": N_("{field}: {found} is not a value that this field can have"),
    "urdb_not_a_number": N_("{field}: {found} is not a number that can be used"),
    "urdb_unit": N_("{field}: {found} cannot be written in a tariff file, which knows here: {allowed}"),
    "urdb_tier_without_max": N_("{field} is missing: only the last tier takes all the rest"),
    "urdb_limits_not_rising": N_("{field}: {found} is not above the {before} of the tier before it"),
    "urdb_schedule_missing": N_("{field} is missing beside the other schedule"),
    "urdb_schedule_form": N_("{field}: a schedule is 12 months of 24 hours"),
    "urdb_months_form": N_("{field}: needs 12 values, one a month"),
    "urdb_period_unknown": N_("{field}: {found} is none of the {count} periods"),
    "urdb_currency": N_("currency: not stated, taken as {currency}"),
    "urdb_adjustment": N_("{field}: {found} is added to the rate"),
    "urdb_last_max": N_("{field}: the limit {found} of the last tier is left out: it takes all the rest"),
    "urdb_periods_unused": N_("{field}: periods {numbers} are in no schedule and left out"),
    "urdb_demand_window": N_("{field}: not stated, taken as {minutes} min"),
    "urdb_left_out": N_("LEFT OUT, not in any bill: {field} = {found} (no field that this program knows)"),
    "urdb_left_out_ratchet": N_(
        "LEFT OUT, not in any bill: {field} = {found} (a ratchet, on the highest power of earlier months: no month is"
        " reckoned with another)"
    ),
    "urdb_left_out_coincident": N_(
        "LEFT OUT, not in any bill: {field} = {found} (on the power at the peak of the whole grid, whose time only the"
        " utility knows)"
    ),
    "urdb_left_out_sell": N_("LEFT OUT, not in any bill: {field} = {found} (for energy sold: lighting sells none)"),
    "urdb_left_out_of_year": N_(
        "LEFT OUT, not in any bill: {field} = {found} (a minimum of the year's bill: months are reckoned)"
    ),
    "urdb_left_out_meters": N_(
        "LEFT OUT, not in any bill: {field} = {found} (of each further meter; the fixed charge is of every supply)"
    ),
    "urdb_left_out_reactive": N_(
        "LEFT OUT, not in any bill: {field} = {found} (no limit of tan phi beside it: write a [[reactive]] yourself)"
    ),
    "urdb_fields": N_(
        "{read_count} fields read: {used_count} used, {note_count} that charge nothing, {refused_count} left out"
    ),
    "urdb_rates": N_("{read_count} rates read: {used_count} written, {refused_count} refused"),
    "urdb_rate_refused": N_("{label} (number {number}) refused: {reason}"),
    "urdb_rate_written": N_("{label} (number {number}): {file}"),
    # import of price files
    "price_file_refused": N_("{file} was not taken: {count} lines refused, nothing was written"),
    "file_line_not_utf8": N_("{file}, line {line}: it is no text in UTF-8; save it as such"),
    "price_no_heading": N_(
        "{file}, line {line}: {found} is a time: a heading with the names of the columns must stand above it"
    ),
    "price_too_large": N_("{found} comes to more than {maximum} a kWh: is --unit right?"),
    "column_twice_in": N_("{file}: the column {column} is there twice; give each a name of its own"),
    "line_too_long": N_("the line is far too long for a row; is it the right file?"),
    "price_unit": N_("{found} is no unit of a price: such as {allowed}"),
    "price_column": N_("there is no column {found}: {allowed}"),
    "price_column_needed": N_("{file}: say --price-column, one of {allowed}"),
    "price_missing": N_("no price (with --gaps such a line is left out and told)"),
    "price_time": N_(
        "{found} is not a time: 2026-01-31T23:00+01:00, 2026-01-31 23:00, 31.01.2026 23:00, 31/01/2026 23:00"
    ),
    "price_not_rising": N_("is before the time of line {line}"),
    "price_gap": N_("{from_ms} until {until_ms} lacks before this line (with --gaps it is left out and told)"),
    "prices_written": N_("{file}: {count} prices of {step_ms} from {from_ms} until {until_ms}"),
    "prices_gap": N_("no price from {from_ms} until {until_ms}"),
    "prices_named": N_('name it in tariff.toml: prices = "{file}"'),
    # bills
    "bill_ends_before": N_("the last day {to_date} is before the first, {from_date}"),
    "bill_too_long": N_("{days} days are too many for a bill: at most {most}"),
    "bill_number_twice": N_(
        "supply {supply} has a bill {number} already (entry {bill}): withdraw it first if it was wrong"
    ),
    "bill_overlaps": N_(
        "bill {number} (entry {bill}) of supply {supply} is for {from_date} to {to_date}, both included: days are"
        " billed once"
    ),
    "bill_other_currency": N_("{found}: the bills of supply {supply} are in {currency}"),
    "bill_not_tariff_currency": N_("{found}: the tariff of the site is in {currency}"),
    "bill_supply_unknown": N_(
        "{found} is no supply of this site; there are: {allowed} (named in supplies.csv; site is the whole of it)"
    ),
    "bill_supply_unknown_nearest": N_(
        "{found} is no supply of this site, did you mean {nearest}? There are: {allowed}"
    ),
    "bill_not_over": N_("its last day, {to_date}, is not over (today is {today_date}): a bill is of days that were"),
    "bills_file_refused": N_("{file} cannot be read as a table of bills: none was entered"),
    "bills_separator": N_("cells are separated by {found} here: save it with commas, semicolons or tabs between them"),
    "number_may_be_two": N_("{found} is {one} or {other}: write one of these, no other number shows what a comma is"),
    "bills_no_rows": N_("the file has a heading and no bills: each is a line below it"),
    "bills_refused": N_("{count} bills refused, {added} entered, {same} on record already"),
    "bills_added": N_("{added} bills entered, {same} on record already"),
    "bills_none": N_("no bills on record: lighting bills add, lighting bills import FILE.csv"),
    "bill_unknown": N_("there is no entry {bill} that stands (lighting bills list)"),
    "bill_withdrawn": N_("entry {bill} is withdrawn"),
    "bill_reason_needed": N_("say with --reason why entry {bill} is withdrawn"),
    # reconciliation
    "bill_not_metered": N_("nothing is metered or modelled for its days"),
    "bill_days_without_account": N_("{days} of its days have no account yet"),
    "bill_too_little_known": N_("only {known_pct} of its time is known, and {least_pct} is needed to tell"),
    "bill_energy_differs": N_("the energy differs by {difference_ws}, more than the {within_ws} that meters allow"),
    "bill_energy_agrees_money_unknown": N_(
        "the energy agrees ({difference_ws}, within {within_ws}); the tariff cannot reckon the money"
    ),
    "bill_money_differs": N_("the energy agrees, the money does not: {difference_e4}, more than {within_e4}"),
    "bill_agrees": N_("agrees: {difference_ws}, within {within_ws}"),
    # the tariff in words
    "tariff_none": N_("The site has no tariff.toml."),
    "tariff_none_then": N_("No version of the tariff is valid on {at_date}."),
    "tariff_in_force": N_("{name}: prices in {currency}, valid from {from_date} to {to_date}"),
    "tariff_hourly": N_("Hourly prices of {file} are added: {count} from {from_ms} until {until_ms}."),
    "tariff_hour_missing": N_("{file} has no price for {count} of this day's hours."),
    "tariff_tier": N_("{name}: {price} a kWh up to {limit} kWh of a month"),
    "tariff_tier_rest": N_("{name}: {price} a kWh for the rest of a month"),
    "tariff_demand": N_("{name}: {price} a kW of the highest mean of {minutes} min in a month, up to {limit} kW"),
    "tariff_demand_rest": N_("{name}: {price} a kW of the highest mean of {minutes} min in a month"),
    "tariff_fixed": N_("{name}: {amount} a {per} for each supply point"),
    "tariff_fixed_once": N_("{name}: {amount} a {per}"),
    "tariff_minimum": N_("{name}: at least {amount} a {per} for each supply point, before taxes"),
    "tariff_minimum_once": N_("{name}: at least {amount} a {per}, before taxes"),
    "tariff_reactive": N_("{name}: {price} a kvarh above tan φ {limit}, {kind}"),
    "tariff_adjustment": N_("{name}: {price} a kWh"),
    "tariff_tax_percent": N_("{name}: {percent} % of {on}"),
    "tariff_tax_kwh": N_("{name}: {price} a kWh"),
    "tariff_co2": N_("CO2: {g_per_kwh} g/kWh ({source}, {year})"),
    "tariff_co2_series": N_("CO2: hour by hour from {file} ({source}, {year})"),
    "tariff_checked": N_("{file} is good: {count} versions"),
    "tariff_check_failed": N_("{file} cannot be used: {count} problems"),
    "tariff_written": N_("{file} is written; read it, then: lighting tariff check {file}"),
    "tariff_file_exists": N_("{file} is there already: --replace overwrites it"),
    "tariff_day_wrong": N_("--at {found} is not a date such as 2026-01-31"),
    "timezone_needed": N_("{found} is no time zone: such as Europe/Berlin"),
}
