import os
from pathlib import Path

import pytest

from benchsuite.measure.counters import GAUGES, Counters, difference
from tests import trees

T = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def busy_machine(root: Path) -> Path:
    """Two processors with every counter there is, under a version 2 control group."""
    cpus = "sys/devices/system/cpu"
    files = {
        "proc/stat": f"cpu 9 9 9 9 9 9 9 9\ncpu0 {T} 0 0 {T} {T} 0 0 {T}\ncpu1 0 0 {T} 0 {T} 0 0 0",
        "proc/self/cgroup": "0::/job",
        "sys/fs/cgroup/job/cpu.stat": "usage_usec 5\nnr_periods 9\nnr_throttled 3\nthrottled_usec 2500000",
        "sys/fs/cgroup/cpu.stat": "usage_usec 5",
        "proc/self/task/7/schedstat": "5000000000 1500000000 10",
        "proc/self/task/8/schedstat": "5000000000 500000000 10",
        "proc/pressure/cpu": "some avg10=0.18 avg60=0.36 avg300=0.12 total=6000000\nfull avg10=0.00 total=1",
        "proc/pressure/memory": "some avg10=0.00 avg60=0.00 avg300=0.00 total=2000000",
        "proc/pressure/io": "some avg10=0.00 avg60=0.00 avg300=0.00 total=1000000",
        "proc/vmstat": "nr_free_pages 5\npswpin 2\npswpout 3",
        "proc/loadavg": "1.50 0.08 0.11 3/90 3756",
        f"{cpus}/cpu0/cpufreq/scaling_cur_freq": "3000000",
        f"{cpus}/cpu1/cpufreq/scaling_cur_freq": "2000000",
        f"{cpus}/cpu0/thermal_throttle/core_throttle_count": "4",
        f"{cpus}/cpu0/thermal_throttle/package_throttle_count": "5",
    }
    return trees.plant(root, files)


def without_process(counters: Counters) -> dict[str, float]:
    own = {"process/wait_seconds"}
    return {name: value for name, value in counters.values.items() if not name.startswith("process/") or name in own}


def test_every_counter_is_read_in_base_units(tmp_path: Path) -> None:
    assert without_process(Counters.read(busy_machine(tmp_path), cpus=[0, 1])) == pytest.approx(
        {
            "machine/busy_seconds": 2.0,
            "machine/idle_seconds": 3.0,
            "machine/steal_seconds": 1.0,
            "process/wait_seconds": 2.0,
            "pressure/cpu_seconds": 6.0,
            "pressure/memory_seconds": 2.0,
            "pressure/io_seconds": 1.0,
            "quota/throttled_periods": 3,
            "quota/throttled_seconds": 2.5,
            "swap/in_bytes": 2 * PAGE,
            "swap/out_bytes": 3 * PAGE,
            "load/one_minute": 1.5,
            "load/runnable": 3,
            "clock/lowest_hertz": 2e9,
            "clock/median_hertz": 2.5e9,
            "clock/throttle_events": 9,
        }
    )


def test_throttling_of_version_1_is_in_nanoseconds(tmp_path: Path) -> None:
    group = "sys/fs/cgroup/cpu/job"
    files = {f"{group}/cpu.stat": "nr_throttled 2\nthrottled_time 500000000", "proc/self/cgroup": "1:cpu:/job"}
    seen = Counters.read(trees.plant(tmp_path, files), cpus=[0]).values
    assert (seen["quota/throttled_periods"], seen["quota/throttled_seconds"]) == (2, 0.5)


@pytest.mark.parametrize("empty", [True, False])
def test_where_the_kernel_says_nothing_only_the_process_is_counted(tmp_path: Path, empty: bool) -> None:
    root = tmp_path if empty else trees.garbage(busy_machine(tmp_path))
    seen = Counters.read(root, cpus=[0, 1]).values
    assert {name.partition("/")[0] for name in seen} == {"process"}
    assert "process/wait_seconds" not in seen


def test_this_machine_is_read() -> None:
    before = Counters.read()
    passed = difference(before, Counters.read())
    assert passed["process/user_seconds"] >= 0
    assert all(value >= 0 for value in passed.values())


def test_a_difference_is_what_grew_and_the_latest_state() -> None:
    before = {"swap/in_bytes": 1.0, "load/runnable": 9.0, "process/wait_seconds": 5.0, "quota/throttled_periods": 1.0}
    after = {"swap/in_bytes": 4.0, "load/runnable": 2.0, "process/wait_seconds": 4.0, "machine/busy_seconds": 7.0}
    passed = difference(Counters(before), Counters(after))
    assert passed == {"swap/in_bytes": 3.0, "load/runnable": 2.0, "process/wait_seconds": 0.0}


def test_the_states_are_all_known_counters(tmp_path: Path) -> None:
    assert set(Counters.read(busy_machine(tmp_path), cpus=[0, 1]).values) > GAUGES


def test_on_a_large_machine_few_processors_stand_for_all(tmp_path: Path) -> None:
    folder = "sys/devices/system/cpu/cpu{}/thermal_throttle/core_throttle_count"
    trees.plant(tmp_path, {folder.format(index): "1" for index in range(256)})
    assert Counters.read(tmp_path, cpus=range(256)).values["clock/throttle_events"] <= 8
