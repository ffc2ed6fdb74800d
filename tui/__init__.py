"""The terminal dashboard: draws what ``lighting.desk`` answers, sends what a person decides."""
