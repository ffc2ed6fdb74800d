"""What must not be lost? Schema, readings, instructions, audit, revisions, migrations."""
