"""A year's report of 100,000 circuits in each form (only with --large), after the figures are assembled"""

from __future__ import annotations

import json
import subprocess
import sys

from tests.bench.table import Row

CIRCUITS = 100_000
FORMS = ("html", "pdf", "xlsx", "csv", "json")
_CHILD = """
import json, sys, time
from tests.bench.peak import peak_mb
from tests.lighting.report.made_report import made_report
form, n = sys.argv[1], int(sys.argv[2])
made = made_report(n_circuits=n)
start_s = time.process_time()
from lighting.report.writing import FORMS
size = len(FORMS[form](made, "vi"))
print(json.dumps([time.process_time() - start_s, peak_mb(), size]))
"""


def one_form(form: str) -> tuple[float, float, int]:
    """(processor s with all imports, peak MB, bytes) of a form in a process of its own."""
    child = subprocess.run(
        [sys.executable, "-c", _CHILD, form, str(CIRCUITS)], capture_output=True, text=True, check=True
    )
    seconds, peak, size = json.loads(child.stdout)
    return seconds, peak, size


def run(*, large: bool = False) -> list[Row]:
    """Ten times the city of ``bench_energy``, which times the whole command."""
    found = {form: one_form(form) for form in FORMS} if large else {}
    return [
        Row(f"{form}, {size / 1e6:.2f} MB", seconds, "s", f"{peak:.0f} MB at most")
        for form, (seconds, peak, size) in found.items()
    ]
