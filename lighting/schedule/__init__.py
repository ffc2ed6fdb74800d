"""What level should each circuit have, and why? Pure: no I/O, no clock."""
