"""Importing what jobs need, each module's time by itself."""

from __future__ import annotations

import gc
import importlib
import time
from collections.abc import Iterable


def import_all(modules: Iterable[str]) -> dict[str, float]:
    """Seconds that each module took; one that cannot be is passed over, and the job that needs it says so itself.

    What was imported is kept from the collector, which would look through all of it again and again.
    """
    spent = {}
    for name in modules:
        start = time.perf_counter()
        try:
            importlib.import_module(name)
        except Exception:  # noqa: S112 (a stranger's module may raise anything, and other jobs do not need it)
            continue
        spent[name] = time.perf_counter() - start
    gc.collect()
    gc.freeze()
    return spent
