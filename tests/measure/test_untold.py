from pathlib import Path

from benchsuite.measure.counters import Counters
from benchsuite.measure.doubts import LIMITS
from benchsuite.measure.joining import TELEMETRY_LIMITS
from benchsuite.measure.untold import untold
from tests.measure.test_counters import busy_machine

# They are told by the job and by the samples, which are always there; the last by the accelerator's own library.
NEED_NO_COUNTER = {"oversubscribed", "timer-coarse", "foreign-gpu-process"}


def test_a_machine_with_every_counter_leaves_nothing_untold(tmp_path: Path) -> None:
    assert untold(Counters.read(busy_machine(tmp_path), cpus=[0, 1]).values) == {}


def test_without_any_counter_every_code_that_needs_one_is_untold() -> None:
    assert set(untold({})) == (LIMITS.keys() | TELEMETRY_LIMITS.keys()) - NEED_NO_COUNTER


def test_one_of_several_witnesses_is_enough() -> None:
    assert "cpu-contended" not in untold({"pressure/cpu_seconds": 0.0})
    assert "cpu-contended" in untold({"machine/busy_seconds": 0.0, "machine/idle_seconds": 0.0})
    assert {"low-clock", "clock-throttled"}.isdisjoint(untold({"telemetry/watts": 1.0, "telemetry/clock_hertz": 1e9}))


def test_the_outermost_group_of_version_2_has_no_quota_to_tell_of(tmp_path: Path) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("0::/\n", encoding="utf-8")
    (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
    (tmp_path / "sys/fs/cgroup/cpu.stat").write_text("usage_usec 5\n", encoding="utf-8")
    seen = Counters.read(tmp_path, cpus=[0]).values
    assert (seen["quota/throttled_periods"], seen["quota/throttled_seconds"]) == (0, 0)
    assert "quota-throttled" not in untold(seen)
