"""What is broken, and who mends it? Pure: no I/O, no clock."""
