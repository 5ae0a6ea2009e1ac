import itertools
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from benchsuite.measure.telemetry import PERIOD_SECONDS, Reading, Watch, accelerator, processors
from benchsuite.nvml import open_nvml
from tests.fake_nvml import library, processes, refuse
from tests.trees import plant


def read(ours: tuple[int, ...] = (), **changes: Any) -> Reading:
    """One reading of a fake accelerator on which processes `ours` are ours."""
    nvml = open_nvml(library(**changes))
    assert nvml is not None
    return accelerator(nvml, "device0", lambda: 7.0, lambda pid: pid in ours)()


def clocks(*megahertz: int) -> dict[str, str]:
    return {
        f"sys/devices/system/cpu/cpu{i}/cpufreq/scaling_cur_freq": str(1000 * speed)
        for i, speed in enumerate(megahertz)
    }


def test_an_accelerator_is_read_in_base_units() -> None:
    assert read() == Reading(7.0, 1.5e9, 2.619e9, 60, 300.5, 0, 0)


def test_a_driver_that_refuses_everything_gives_an_empty_reading() -> None:
    refused = {name: refuse for name in vars(library()) if name.startswith("nvmlDeviceGet")}
    assert read(**refused) == Reading(7.0)


def test_an_older_library_says_why_a_clock_is_low_by_another_name() -> None:
    older = {"nvmlDeviceGetCurrentClocksEventReasons": refuse}
    assert read(**older, nvmlDeviceGetCurrentClocksThrottleReasons=lambda handle: 0x4).reasons == 0x4


@pytest.mark.parametrize(
    ("before", "during", "ours", "foreign"),
    [
        ((), (5,), (5,), 0),
        ((), (5, 6), (5, 6), 0),
        ((9,), (5, 9), (5,), 1),
        ((), (5, 9), (5,), 1),
        # Where the driver counts processes otherwise than we do, the one that came is ours.
        ((), (700,), (), 0),
        ((900,), (700, 900), (), 1),
        ((), (700, 900), (), 1),
        ((900,), (900,), (), 1),
    ],
)
def test_processes_that_are_not_ours_are_counted(
    before: tuple[int, ...], during: tuple[int, ...], ours: tuple[int, ...], foreign: int
) -> None:
    lists = iter([processes(*before), processes(*during)])
    assert read(ours, nvmlDeviceGetComputeRunningProcesses=lambda handle: next(lists)).foreign == foreign


def test_this_process_and_what_it_started_are_ours() -> None:
    nvml = open_nvml(library(nvmlDeviceGetComputeRunningProcesses=lambda handle: processes(os.getpid(), 1)))
    assert nvml is not None
    # Process 1 started us, or somebody else; we did not start it.
    assert accelerator(nvml, "device0")().foreign == 1


@pytest.mark.parametrize(("threads", "hertz"), [(1, 4e9), (2, 3.5e9), (4, 1e9), (9, 1e9)])
def test_busy_processors_are_the_fastest_ones(tmp_path: Path, threads: int, hertz: float) -> None:
    source = processors(threads, plant(tmp_path, clocks(1000, 3500, 1200, 4000)), range(4), lambda: 1.0)
    assert source is not None
    assert source() == Reading(1.0, hertz)


def test_of_many_processors_some_are_read(tmp_path: Path) -> None:
    source = processors(50, plant(tmp_path, clocks(*([3000, 1000] * 50))), range(100), lambda: 1.0)
    assert source is not None
    assert source().clock_hertz in (3e9, 1e9)


def test_without_frequency_files_there_is_nothing_to_watch(tmp_path: Path) -> None:
    assert processors(1, tmp_path, range(4)) is None
    running = threading.active_count()
    with Watch(None) as watch:
        assert threading.active_count() == running
    assert watch.readings == []


def test_processors_whose_files_vanish_have_no_clock(tmp_path: Path) -> None:
    source = processors(1, plant(tmp_path, clocks(3000)), range(1), lambda: 1.0)
    assert source is not None
    (tmp_path / "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq").unlink()
    assert source() == Reading(1.0)


def test_readings_are_taken_until_the_watch_ends() -> None:
    count, enough = itertools.count(), threading.Event()

    def source() -> Reading:
        number = next(count)
        if number == 2:
            enough.set()
        return Reading(float(number))

    with Watch(source, period=1e-4) as watch:
        assert enough.wait(60)
    taken = len(watch.readings)
    assert [r.at for r in watch.readings] == list(range(taken))
    assert taken >= 3
    assert next(count) == taken


def test_an_accelerator_is_read_five_times_a_second_at_the_least() -> None:
    assert 1 / PERIOD_SECONDS >= 5
