"""How long a command takes that measures nothing, beside a bare interpreter in the same run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

LIMIT = 0.35
REPEATS = 15
COMMANDS = {
    "bare interpreter": ["-c", "pass"],
    "--help": ["-m", "benchsuite", "--help"],
    "run --help": ["-m", "benchsuite", "run", "--help"],
    "list": ["-m", "benchsuite", "list"],
    "usage error": ["-m", "benchsuite", "run", "nonsense"],
}


def seconds(arguments: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], capture_output=True, check=False)
    return time.perf_counter() - start


def main() -> int:
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(REPEATS):
        for name, arguments in COMMANDS.items():
            taken[name].append(seconds(arguments))
    bare = statistics.median(taken["bare interpreter"])
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"{name:18} median {median:.3f} s ({min(times):.3f} to {max(times):.3f}), {median / bare:.1f} x bare")
    slowest = max(statistics.median(times) for times in taken.values())
    print(f"slowest median {slowest:.3f} s, limit {LIMIT} s")
    return int(slowest > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
