"""Who must be told? Messages, shifts, escalation, delivery."""
