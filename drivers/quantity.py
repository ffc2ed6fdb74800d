"""The closed list of what a point of a device can mean, each with its one engineering unit.

A profile maps registers onto these; everything above the drivers speaks only of quantities, so that a
meter of another make changes no line of code.
"""

from __future__ import annotations

from enum import StrEnum


class Quantity(StrEnum):
    """What a point means. The value is the name used in profiles and in stored device writes."""

    # lighting output
    DIM_LEVEL = "dim_level"
    DIM_LEVEL_ACTUAL = "dim_level_actual"
    OUTPUT_ON = "output_on"
    RELAY_CLOSED = "relay_closed"
    CONTACT_CLOSED = "contact_closed"
    LAMP_FAILURE = "lamp_failure"
    LAMP_STATUS = "lamp_status"
    COLOUR_TEMPERATURE = "colour_temperature"
    OUTPUT_VOLTAGE = "output_voltage"
    # inputs and counters
    INPUT_ACTIVE = "input_active"
    PULSE_COUNT = "pulse_count"
    PULSE_FREQUENCY = "pulse_frequency"
    # sensors
    ILLUMINANCE = "illuminance"
    HUMIDITY = "humidity"
    # electricity
    VOLTAGE = "voltage"
    CURRENT = "current"
    ACTIVE_POWER = "active_power"
    APPARENT_POWER = "apparent_power"
    REACTIVE_POWER = "reactive_power"
    POWER_FACTOR = "power_factor"
    PHASE_ANGLE = "phase_angle"
    FREQUENCY = "frequency"
    ENERGY_IMPORT = "energy_import"
    ENERGY_EXPORT = "energy_export"
    ENERGY_TOTAL = "energy_total"
    REACTIVE_ENERGY_IMPORT = "reactive_energy_import"
    REACTIVE_ENERGY_EXPORT = "reactive_energy_export"
    REACTIVE_ENERGY_TOTAL = "reactive_energy_total"
    VOLTAGE_THD = "voltage_thd"
    LINE_VOLTAGE = "line_voltage"
    PEAK_VOLTAGE = "peak_voltage"
    PEAK_CURRENT = "peak_current"
    # the device itself
    SERIAL_NUMBER = "serial_number"
    FIRMWARE_VERSION = "firmware_version"
    MODEL = "model"
    UPTIME = "uptime"
    SUPPLY_VOLTAGE = "supply_voltage"
    MCU_VOLTAGE = "mcu_voltage"
    TEMPERATURE = "temperature"
    # settings
    WATCHDOG_TIMEOUT = "watchdog_timeout"
    SAFETY_ACTION = "safety_action"
    SAFETY_LEVEL = "safety_level"
    POWER_ON_ACTION = "power_on_action"
    POWER_ON_LEVEL = "power_on_level"
    SYSTEM_FAILURE_LEVEL = "system_failure_level"
    RAMP_UP = "ramp_up"
    RAMP_DOWN = "ramp_down"
    MINIMUM_LEVEL = "minimum_level"
    MAXIMUM_LEVEL = "maximum_level"
    FADE_TIME = "fade_time"
    FADE_RATE = "fade_rate"
    DIMMING_CURVE = "dimming_curve"
    OUTPUT_MODE = "output_mode"
    INPUT_MODE = "input_mode"
    DEBOUNCE = "debounce"
    STARTUP_DELAY = "startup_delay"
    RESTART_DELAY = "restart_delay"
    BAUD_RATE = "baud_rate"
    UNIT_ID = "unit_id"
    # acts that are no state: never done by automation
    COMMAND = "command"
    STATUS = "status"
    OTHER = "other"


UNITS: dict[Quantity, str] = {
    Quantity.DIM_LEVEL: "%",
    Quantity.DIM_LEVEL_ACTUAL: "%",
    Quantity.COLOUR_TEMPERATURE: "K",
    Quantity.OUTPUT_VOLTAGE: "V",
    Quantity.PULSE_COUNT: "pulses",
    Quantity.PULSE_FREQUENCY: "Hz",
    Quantity.ILLUMINANCE: "lx",
    Quantity.HUMIDITY: "%",
    Quantity.VOLTAGE: "V",
    Quantity.CURRENT: "A",
    Quantity.ACTIVE_POWER: "W",
    Quantity.APPARENT_POWER: "VA",
    Quantity.REACTIVE_POWER: "var",
    Quantity.PHASE_ANGLE: "deg",
    Quantity.FREQUENCY: "Hz",
    Quantity.ENERGY_IMPORT: "kWh",
    Quantity.ENERGY_EXPORT: "kWh",
    Quantity.ENERGY_TOTAL: "kWh",
    Quantity.REACTIVE_ENERGY_IMPORT: "kvarh",
    Quantity.REACTIVE_ENERGY_EXPORT: "kvarh",
    Quantity.REACTIVE_ENERGY_TOTAL: "kvarh",
    Quantity.VOLTAGE_THD: "%",
    Quantity.LINE_VOLTAGE: "V",
    Quantity.PEAK_VOLTAGE: "V",
    Quantity.PEAK_CURRENT: "A",
    Quantity.UPTIME: "s",
    Quantity.SUPPLY_VOLTAGE: "V",
    Quantity.MCU_VOLTAGE: "V",
    Quantity.TEMPERATURE: "degC",
    Quantity.WATCHDOG_TIMEOUT: "s",
    Quantity.SAFETY_LEVEL: "%",
    Quantity.POWER_ON_LEVEL: "%",
    Quantity.SYSTEM_FAILURE_LEVEL: "%",
    Quantity.RAMP_UP: "ms/%",
    Quantity.RAMP_DOWN: "ms/%",
    Quantity.MINIMUM_LEVEL: "%",
    Quantity.MAXIMUM_LEVEL: "%",
    Quantity.DEBOUNCE: "ms",
    Quantity.STARTUP_DELAY: "s",
    Quantity.RESTART_DELAY: "s",
    Quantity.BAUD_RATE: "bit/s",
}
"""Engineering unit of each quantity; a quantity that is absent here has none (a state, a code, a text)."""

LEVELS = frozenset(
    {
        Quantity.DIM_LEVEL,
        Quantity.DIM_LEVEL_ACTUAL,
        Quantity.SAFETY_LEVEL,
        Quantity.POWER_ON_LEVEL,
        Quantity.SYSTEM_FAILURE_LEVEL,
        Quantity.MINIMUM_LEVEL,
        Quantity.MAXIMUM_LEVEL,
    }
)
"""The quantities that are a dimming level in %: 0 is dark, and what is asked above 0 is never made dark by rounding."""

MANY: frozenset[Quantity] = frozenset({Quantity.OTHER, Quantity.STATUS, Quantity.COMMAND})
"""Meanings that a channel may have more than once: such points share nothing and are told apart by their names."""
