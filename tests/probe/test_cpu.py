import dataclasses
from pathlib import Path

import pytest

from benchsuite.probe.cpu import cpu, physical_cores_usable, processors_usable, quota_cores
from benchsuite.records import Cpu
from tests import trees

EIGHT = frozenset(range(8))
TWO = frozenset({0, 1})


def test_an_intel_server_with_amx_and_smt(tmp_path: Path) -> None:
    seen = cpu(trees.intel_server(tmp_path), EIGHT)
    assert (seen.model, seen.physical_cores, seen.logical_cores) == ("Intel(R) Xeon(R) Platinum 8480+", 4, 8)
    assert seen.features == (
        *("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "avx_vnni"),
        *("amx_tile", "amx_int8", "amx_bf16"),
    )
    assert seen.caches == {"L1d": 48 * 2**10, "L1i": 32 * 2**10, "L2": 2 * 2**20, "L3": 105 * 2**20}
    assert (seen.smt, seen.boost, seen.governor, seen.numa_nodes) == (True, True, "powersave", 2)
    assert (seen.virtualization, seen.quota_cores, seen.microcode) == ("none", None, "0x2b000590")


def test_a_virtual_machine_has_no_clock_to_tell(tmp_path: Path) -> None:
    seen = cpu(trees.amd_guest(tmp_path), TWO)
    assert (seen.virtualization, seen.smt, seen.governor, seen.boost) == ("kvm", False, None, None)


def test_a_hypervisor_without_a_name_is_a_vm(tmp_path: Path) -> None:
    trees.plant(tmp_path, {"proc/cpuinfo": trees.x86_cpuinfo(1, "AMD EPYC", "fpu hypervisor")})
    assert cpu(tmp_path, TWO).virtualization == "vm"


def test_a_clouds_bare_machine_is_none(tmp_path: Path) -> None:
    trees.plant(trees.intel_server(tmp_path), {"sys/class/dmi/id/sys_vendor": "Amazon EC2"})
    assert cpu(tmp_path, EIGHT).virtualization == "none"


@pytest.mark.parametrize(("part", "model"), [("0xd40", "ARM Neoverse-V1"), ("0xabc", "ARM maker 0x41 part 0xabc")])
def test_an_arm_machine_is_named_by_its_part(tmp_path: Path, part: str, model: str) -> None:
    seen = cpu(trees.arm_server(tmp_path, part), TWO)
    assert seen.model == model
    assert seen.features == ("asimd", "asimddp", "sve", "bf16", "i8mm")
    assert seen.virtualization is None


def test_a_feature_that_one_processor_lacks_is_left_out(tmp_path: Path) -> None:
    both = trees.x86_cpuinfo(1, "x", "avx2 avx512f") + "\n" + trees.x86_cpuinfo(1, "x", "avx2")
    trees.plant(tmp_path, {"proc/cpuinfo": both})
    assert cpu(tmp_path, TWO).features == ("avx2",)


def test_governors_that_differ_are_all_named(tmp_path: Path) -> None:
    trees.plant(trees.intel_server(tmp_path), {"sys/devices/system/cpu/cpu3/cpufreq/scaling_governor": "performance"})
    assert cpu(tmp_path, EIGHT).governor == "performance+powersave"


@pytest.mark.parametrize(("affinity", "cores"), [({0, 4}, 1), ({0, 1, 2, 3}, 4), ({0, 1, 4, 5}, 2), ({7}, 1)])
def test_threads_default_to_cores_within_affinity(tmp_path: Path, affinity: set[int], cores: int) -> None:
    assert physical_cores_usable(trees.intel_server(tmp_path), frozenset(affinity)) == cores


def test_a_quota_of_one_and_a_half_gives_one_thread(tmp_path: Path) -> None:
    root = trees.container(tmp_path)
    assert quota_cores(root) == 1.5
    assert physical_cores_usable(root, EIGHT) == 1


def test_usable_processors_are_the_smaller_of_affinity_and_quota(tmp_path: Path) -> None:
    root = trees.container(tmp_path)
    assert processors_usable(root, EIGHT) == 1.5
    assert processors_usable(root, frozenset({3})) == 1
    assert processors_usable(tmp_path / "nothing", TWO) == 2


def test_the_tightest_enclosing_group_holds(tmp_path: Path) -> None:
    group = "sys/fs/cgroup"
    quotas = {f"{group}/a/b/cpu.max": "max 100000", f"{group}/a/cpu.max": "300000 100000", f"{group}/cpu.max": "8 1"}
    assert quota_cores(trees.plant(tmp_path, quotas | {"proc/self/cgroup": "0::/a/b"})) == 3


@pytest.mark.parametrize(("quota", "cores"), [("250000", 2.5), ("-1", None), ("0", None), ("x", None)])
def test_a_quota_of_version_1(tmp_path: Path, quota: str, cores: float | None) -> None:
    group = "sys/fs/cgroup/cpu,cpuacct/job"
    files = {f"{group}/cpu.cfs_quota_us": quota, f"{group}/cpu.cfs_period_us": "100000"}
    assert quota_cores(trees.plant(tmp_path, files | {"proc/self/cgroup": "2:cpu,cpuacct:/job"})) == cores


@pytest.mark.parametrize("kind", [None, *range(10)])
def test_garbage_and_nothing_at_all_are_unknown(tmp_path: Path, kind: int | None) -> None:
    seen = cpu(tmp_path if kind is None else trees.garbage(tmp_path, kind), TWO)
    unknown = Cpu("unknown", seen.architecture, seen.physical_cores, seen.logical_cores, 2)
    # A governor may have any word for its name.
    assert dataclasses.replace(seen, governor=None) == unknown
    assert 1 <= physical_cores_usable(tmp_path, TWO) <= seen.logical_cores
