"""Modbus and the devices behind it. Knows nothing of cities and could be used alone.

The road of a reading, from the wire up: ``link`` (one connection) and ``frames`` (bytes) carry a question of
``questions``; ``wire`` judges the reply and what its failing says of the unit; ``bus`` lets one question at a time
onto the line in a fair order (``turnstile``, ``fair_queue``); ``device`` asks the blocks that ``read_plan`` and
``poll_plan`` worked out (without what ``refusals`` remembers) and has ``codec`` make samples of them. A write goes
the other way, through ``writing``; a setting also through ``setting_budget``, a write to all units through
``broadcasting``.

A device type is data: ``profile`` holds the facts, ``profile_file`` reads them from TOML (``profile_toml`` the
shape, ``profile_expand`` the repeats), and ``profile_check``, ``point_check`` and ``failsafe_check`` say what is
wrong with it.

``simulator`` serves the same profiles from the other end of the wire; nothing else here imports it.
"""
