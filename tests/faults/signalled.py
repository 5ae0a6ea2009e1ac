"""A command that gets signals at given places: `python -m tests.faults.signalled PLACE=SIGNAL ... -- ARGUMENTS`.

A place is a module and a name in it (`benchsuite.store:Writer.append`), with `#2` for its second call.
The signal is a real one, that comes when the call begins.
"""

from __future__ import annotations

import functools
import importlib
import os
import signal
import sys
from typing import Any

from benchsuite.cli import main


def signal_at(place: str, number: signal.Signals) -> None:
    """Have a signal come when `place` is called."""
    path, _, which = place.partition("#")
    module, _, name = path.partition(":")
    *owners, last = name.split(".")
    owner: Any = functools.reduce(getattr, owners, importlib.import_module(module))
    called, calls = getattr(owner, last), 0

    @functools.wraps(called)
    def wrapper(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == int(which or 1):
            os.kill(os.getpid(), number)
        return called(*arguments, **options)

    setattr(owner, last, wrapper)


if __name__ == "__main__":
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # which nohup has its children ignore
    split = sys.argv.index("--")
    for wanted in sys.argv[1:split]:
        where, _, name = wanted.partition("=")
        signal_at(where, signal.Signals[name])
    sys.argv[1:] = sys.argv[split + 1 :]
    main()
