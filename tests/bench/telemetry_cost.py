"""What watching costs: one process samples without a break while the parent watches and does not, in turn.

A machine that shows neither processors' clocks nor an accelerator is given files and a library that do, so that as much
is read as on any other: sixteen frequency files, and all that is asked of an NVIDIA device.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from benchsuite.analysis.estimate import estimate
from benchsuite.catalog import backends, workloads
from benchsuite.measure.clock import Clock
from benchsuite.measure.loop import inner_loop
from benchsuite.measure.sample import Sample, latency
from benchsuite.measure.telemetry import PERIOD_SECONDS, Reading, Source, Watch, accelerator, processors
from benchsuite.nvml import open_nvml
from benchsuite.records import Case
from tests.fake_nvml import library
from tests.trees import plant

LIMIT = 0.005
CASES = (Case("matmul", {"size": 256}), Case("launch", {}), Case("memory-read", {"mebibytes": 64}))
PART_SECONDS = 0.5
# A block is A B B A, so that a steady drift cancels.
ORDER = (True, False, False, True)

Part = tuple[bool, int, int]


def source(root: Path) -> Source:
    """What the parent would read for a job on the host, and for one on an accelerator besides."""
    plant(root, {f"sys/devices/system/cpu/cpu{i}/cpufreq/scaling_cur_freq": "3000000" for i in range(16)})
    clocks = processors(1) or processors(1, root, range(16))
    nvml = open_nvml()
    handle = next(iter(nvml.devices()), None) if nvml is not None else None
    if handle is None:
        nvml, handle = open_nvml(library()), "device0"
    assert clocks is not None
    assert nvml is not None
    device = accelerator(nvml, handle)

    def read() -> Reading:
        clocks()
        return device()

    return read


def seconds(read: Source, count: int = 200) -> float:
    """Of processor time that one reading takes."""
    start = time.process_time()
    for _ in range(count):
        read()
    return (time.process_time() - start) / count


def sample(case: Case, parent: Connection) -> None:
    """Take samples until the parent speaks, then send them."""
    import torch

    torch.set_num_threads(1)
    program = workloads()[case.workload].build(case)
    session = backends()["torch-eager-cpu"].prepare(program, "fp32", 1)
    clock = Clock()
    first = min(latency(session, 1, clock).wall for _ in range(50))
    iterations, taken = inner_loop(first), []
    parent.send(iterations)
    while not parent.poll():
        taken.append(latency(session, iterations, clock))
    parent.send(taken)


def watched(case: Case, blocks: int, read: Source) -> tuple[list[Sample], int, list[Part], int]:
    """The samples and their inner loop, when the parent watched, and how many readings it took."""
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=sample, args=(case, theirs), daemon=True)
    child.start()
    iterations, parts, readings = ours.recv(), [], 0
    for on in ORDER * blocks:
        start = time.perf_counter_ns()
        with Watch(read if on else None) as watch:
            time.sleep(PART_SECONDS)
        readings += len(watch.readings)
        parts.append((on, start, time.perf_counter_ns()))
    ours.send(None)
    taken = ours.recv()
    child.join()
    return taken, iterations, parts, readings


def ratios(taken: Sequence[Sample], iterations: int, parts: Sequence[Part], field: str) -> list[float]:
    """Watched over unwatched by the medians of `field`, one for each block."""
    medians = []
    for on, start, end in parts:
        inside = [s for s in taken if s.start >= start and s.start + s.wall * iterations * 1e9 <= end]
        medians.append((on, statistics.median(getattr(s, field) for s in inside)))
    found = []
    for i in range(0, len(medians), len(ORDER)):
        block = medians[i : i + len(ORDER)]
        sides = (statistics.geometric_mean(m for on, m in block if on == side) for side in (True, False))
        found.append(next(sides) / next(sides))
    return found


def say(what: str, found: Sequence[float]) -> tuple[float, float]:
    """Print the mean ratio; the ends of its 95 % interval."""
    seen = estimate(found, len(found))
    assert seen.low is not None
    assert seen.high is not None
    print(f"{what:36} {seen.value:.4f} ({seen.low:.4f} to {seen.high:.4f})")
    return seen.low, seen.high


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blocks", type=int, default=20)
    options = parser.parse_args()
    everything: dict[str, list[float]] = {"wall": [], "cpu": []}
    with tempfile.TemporaryDirectory() as folder:
        read = source(Path(folder))
        cost = seconds(read)
        print(f"a reading takes {1e6 * cost:.0f} µs of processor time: {cost / PERIOD_SECONDS:.2%} of one processor")
        for case in CASES:
            taken, iterations, parts, readings = watched(case, options.blocks, read)
            print(f"{case.id}: {len(taken)} samples of {iterations} iterations, {readings} readings")
            for field, found in everything.items():
                found.extend(ratios(taken, iterations, parts, field))
                say(f"  by {field} time", found[-options.blocks :])
    low, high = say("watched / unwatched, wall time", everything["wall"])
    say("watched / unwatched, processor time", everything["cpu"])
    # What the interval leaves open is not held against it, and is no proof either.
    print(f"limit {1 + LIMIT}: {'shown' if high <= 1 + LIMIT else 'not shown; more --blocks, or a quieter machine'}")
    return int(low > 1 + LIMIT)


if __name__ == "__main__":
    sys.exit(main())
