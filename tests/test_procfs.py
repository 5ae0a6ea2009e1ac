from pathlib import Path

import pytest

from benchsuite import procfs
from tests.trees import plant


@pytest.mark.parametrize(
    ("words", "cpus"),
    [("0", {0}), ("0-3,8", {0, 1, 2, 3, 8}), ("", None), (None, None), ("3-", None), ("a-b", None), ("²", None)],
)
def test_a_processor_list_is_read_or_refused(words: str | None, cpus: set[int] | None) -> None:
    assert procfs.cpu_list(words) == (frozenset(cpus) if cpus else None)


def test_an_absurd_processor_list_is_not_expanded() -> None:
    assert procfs.cpu_list("0-99999999999") is None


@pytest.mark.parametrize("word", ["nan", "inf", "1e999", "", "x", "-"])
def test_what_is_no_finite_number_is_none(word: str) -> None:
    assert procfs.to_number(word) is None


def test_a_folder_or_a_missing_file_has_no_text(tmp_path: Path) -> None:
    assert procfs.text(tmp_path) is None
    assert procfs.text(tmp_path / "missing") is None


def test_bytes_that_are_no_text_do_not_raise(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\xff\xfe 1")
    assert procfs.number(tmp_path / "file") is None


def test_control_groups_are_listed_outwards(tmp_path: Path) -> None:
    plant(tmp_path, {"proc/self/cgroup": "0::/a/b", "sys/fs/cgroup/a/b/cpu.max": "max 100000"})
    mount = tmp_path / "sys/fs/cgroup"
    assert procfs.cgroups(tmp_path, "cpu") == (mount / "a/b", mount / "a", mount)


def test_a_path_of_the_host_leaves_the_mount(tmp_path: Path) -> None:
    plant(tmp_path, {"proc/self/cgroup": "3:cpu,cpuacct:/docker/1f", "sys/fs/cgroup/cpu,cpuacct/cpu.stat": ""})
    assert procfs.cgroups(tmp_path, "cpu") == (tmp_path / "sys/fs/cgroup/cpu,cpuacct",)


def test_a_path_cannot_leave_the_mount(tmp_path: Path) -> None:
    plant(tmp_path, {"proc/self/cgroup": "0::/../../etc", "sys/fs/cgroup/cpu.max": "max 100000", "etc/x": ""})
    assert procfs.cgroups(tmp_path, "cpu") == (tmp_path / "sys/fs/cgroup",)


def test_groups_of_other_controllers_are_passed_over(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {"proc/self/cgroup": "4:memory:/m\n1:cpu:/", "sys/fs/cgroup/memory/m/x": "", "sys/fs/cgroup/cpu/x": ""},
    )
    assert procfs.cgroups(tmp_path, "cpu") == (tmp_path / "sys/fs/cgroup/cpu",)


def test_processor_time_is_of_the_chosen_processors(tmp_path: Path) -> None:
    plant(tmp_path, {"proc/stat": "cpu 3 0 0 0 0 0 0 0\ncpu0 100 0 0 50 0 0 0 0\ncpu1 200 0 0 0 0 0 0 100 7 7\nintr 1"})
    one, both = procfs.processor_time(tmp_path, [0]), procfs.processor_time(tmp_path, [0, 1])
    assert one is not None
    assert both is not None
    assert both.busy == pytest.approx(3 * one.busy)
    assert one.steal == 0
    assert both.steal == pytest.approx(one.busy)


def test_a_short_line_is_no_processor_time(tmp_path: Path) -> None:
    plant(tmp_path, {"proc/stat": "cpu 1 2 3"})
    assert procfs.processor_time(tmp_path, [0]) is None
