"""What should it use, what did it use, what did it save? Pure: no I/O, no clock."""
