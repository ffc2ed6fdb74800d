"""The running service: polling, reconciling, watching, housekeeping."""
