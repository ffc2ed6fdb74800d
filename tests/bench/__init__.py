"""Speed and memory, each beside what it is compared with in the same run. Never a timed test: ``make bench`` prints."""
