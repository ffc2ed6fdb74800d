"""Modbus and the devices behind it. Knows nothing of cities and could be used alone."""
