"""The steps. Each is frozen once it was released: it does not import the tables of today."""
