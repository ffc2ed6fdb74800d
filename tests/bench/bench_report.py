"""A year's report of 10,000 circuits in each form: processor time and memory, after the figures are assembled"""

from __future__ import annotations

import json
import subprocess
import sys

from tests.bench.table import Row

CIRCUITS, LARGE = 10_000, 100_000
FORMS = ("html", "pdf", "xlsx", "csv", "json")
MOST_S, MOST_MB = 5.0, 500.0
_CHILD = """
import json, sys, time
from tests.bench.peak import peak_mb
from tests.lighting.report.made_report import made_report
form, n = sys.argv[1], int(sys.argv[2])
made = made_report(n_circuits=n)
before_mb, start_s = peak_mb(), time.process_time()
from lighting.report.writing import FORMS
size = len(FORMS[form](made, "vi"))
print(json.dumps([time.process_time() - start_s, peak_mb(), before_mb, size]))
"""


def one_form(form: str, circuits: int) -> tuple[float, float, float, int]:
    """(processor s with all imports, peak MB, MB before it, bytes) of a form in a process of its own."""
    child = subprocess.run(
        [sys.executable, "-c", _CHILD, form, str(circuits)], capture_output=True, text=True, check=True
    )
    seconds, peak, before, size = json.loads(child.stdout)
    return seconds, peak, before, size


def run(*, large: bool = False) -> list[Row]:
    """Each form alone stays under the bound that is asked of assembly and form together."""
    circuits = LARGE if large else CIRCUITS
    rows = []
    for form in FORMS:
        seconds, peak, _before, size = one_form(form, circuits)
        bound_s, bound_mb = (None, None) if large else (MOST_S, MOST_MB)
        rows.append(
            Row(
                f"{form}, {size / 1e6:.2f} MB",
                seconds,
                "s",
                asked="" if bound_s is None else f"≤ {MOST_S:.0f} s",
                met=None if bound_s is None else seconds <= bound_s,
            )
        )
        rows.append(
            Row(
                f"{form}, peak of memory",
                peak,
                "MB",
                asked="" if bound_mb is None else f"≤ {MOST_MB:.0f} MB",
                met=None if bound_mb is None else peak <= bound_mb,
            )
        )
    return rows
