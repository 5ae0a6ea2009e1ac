"""A stranger's module that goes wrong while it is imported, in the way that the environment says."""

# ruff: noqa: T201

import os
import signal
import sys

how = os.environ["MISBEHAVING_IMPORT"]
if how == "prints":
    print("much\n" * 100_000, file=sys.stderr)
if how == "raises":
    raise RuntimeError("no cheese")
if how == "exits":
    print("no\ncheese at all", file=sys.stderr, flush=True)
    os._exit(4)
if how == "hangs":
    signal.pause()
