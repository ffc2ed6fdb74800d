"""A city's street lighting: what there is, what it should do, what it did, what it saved."""

__version__ = "0.1.0"
