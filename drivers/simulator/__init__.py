"""Devices that speak real Modbus, with luminaires and faults behind them. Production code never imports it."""
