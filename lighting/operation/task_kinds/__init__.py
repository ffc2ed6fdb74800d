"""The kinds of tasks: one module each, with a ``KIND``. A new module is a new kind; nothing else has to be told."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from lighting.operation.task_work import TaskKind


@cache
def task_kinds() -> Mapping[str, TaskKind]:
    """Every kind by its name."""
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    kinds = [kind for module in modules if isinstance(kind := getattr(module, "KIND", None), TaskKind)]
    return {kind.name: kind for kind in kinds}
