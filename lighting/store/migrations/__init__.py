"""How an older store becomes one of this version: one numbered step after the other, each in one transaction."""
