"""Which output moves which lamps: connects simulated devices with the lamp banks behind them."""

from __future__ import annotations

from drivers.quantity import Quantity
from drivers.simulator.lamp_bank import LampBank
from drivers.simulator.simulated_device import SimulatedDevice


def wire_dimmer(device: SimulatedDevice, channel: str, bank: LampBank) -> None:
    """The bank follows that output's level and on/off, with the device's ramp; the reached level is reported back."""

    def follow_level(level_pct: float, now_s: float) -> None:
        is_up = level_pct > bank.level_pct(now_s)
        bank.set_level(level_pct, now_s, ramp_ms_per_pct=device.ramp_ms_per_pct(channel, is_up=is_up))

    device.on_change(Quantity.DIM_LEVEL, channel, follow_level)
    device.on_change(Quantity.OUTPUT_ON, channel, lambda value, now_s: bank.set_output_on(value != 0.0, now_s))
    device.provide_level(channel, bank.level_pct)


def wire_relay(device: SimulatedDevice, channel: str, bank: LampBank) -> None:
    """The bank's contactor follows that relay, and takes its present state at once."""
    device.on_change(Quantity.RELAY_CLOSED, channel, lambda value, now_s: bank.set_contactor(value != 0.0, now_s))
    bank.set_contactor(bool(device.get(Quantity.RELAY_CLOSED, channel)), device.now_s())
