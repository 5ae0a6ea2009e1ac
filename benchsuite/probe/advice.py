"""What to change on this machine for better numbers; what is not known gives no advice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchsuite import units
from benchsuite.probe.noise import Noise
from benchsuite.records import Accelerator, Cpu, Environment


@dataclass(frozen=True)
class Advice:
    """One thing to change: what is so, why it matters, how to change it."""

    what: str
    why: str
    how: str


def advice(
    environment: Environment,
    noise: Noise | None = None,
    undriven: tuple[str, ...] = (),
    foreign: int = 0,
    power: str | None = None,
) -> tuple[Advice, ...]:
    """What would help, most useful first.

    `undriven` are the bus addresses of accelerators without a driver, `foreign` other processes that compute on ours,
    `power` is why the host's energy cannot be read.
    """
    return (
        *_devices(environment, undriven),
        *_neighbours(foreign),
        *(_load(noise) if noise is not None else ()),
        *_quota(environment.cpu),
        *(item for device in environment.accelerators for item in _accelerator(device)),
        *_clocks(environment.cpu),
        *_memory(environment),
        *_layout(environment),
        *_energy(power),
    )


def _devices(environment: Environment, undriven: tuple[str, ...]) -> Iterator[Advice]:
    torch = environment.packages.get("torch", "")
    if undriven:
        yield Advice(
            f"an NVIDIA accelerator at {', '.join(undriven)} has no driver",
            "nothing can run on it",
            "install the maker's driver and load it",
        )
    if environment.accelerators and torch.endswith("+cpu"):
        yield Advice(
            f"torch {torch} is built without accelerators, and this machine has {environment.accelerators[0].name}",
            "every job on it will be skipped",
            "install a build of torch for CUDA",
        )


def _neighbours(foreign: int) -> Iterator[Advice]:
    if foreign:
        yield Advice(
            f"{foreign} other process{'es compute' if foreign > 1 else ' computes'} on the accelerator",
            "the device is theirs for as long as they like, and so are its memory and power",
            "stop them (nvidia-smi lists them), or choose a free device by CUDA_VISIBLE_DEVICES",
        )


def _accelerator(device: Accelerator) -> Iterator[Advice]:
    limit, usual = device.power_limit_watts, device.default_power_limit_watts
    if limit is not None and usual is not None and limit < usual:
        yield Advice(
            f"the power limit of {device.name} is {limit:g} W, below its usual {usual:g} W",
            "under load its clock is lowered to keep it",
            f"sudo nvidia-smi --power-limit {usual:g}, unless it is meant to be so",
        )
    best = (device.pcie or "").rpartition("x")[2]
    if device.pcie_width and best.isdecimal() and device.pcie_width < int(best):
        yield Advice(
            f"{device.name} uses {device.pcie_width} of {best} lanes of its link",
            "copies to and from it take as much longer",
            "put it into another slot, or see what shares its lanes",
        )


def _energy(refusal: str | None) -> Iterator[Advice]:
    what, colon, how = (refusal or "").partition(": ")
    if colon:
        yield Advice(what, "energy/host stays empty", how)


def _load(noise: Noise) -> Iterator[Advice]:
    if noise.foreign_share is not None and noise.foreign_share > 0.05:
        yield Advice(
            f"other processes use {units.percent(noise.foreign_share)} of the processors",
            "they delay samples and lower the clock",
            "stop them, or run when the machine is idle",
        )
    if noise.steal_share is not None and noise.steal_share > 0.02:
        yield Advice(
            f"the hypervisor takes {units.percent(noise.steal_share)} of the processors' time",
            "what neighbours do shows in the numbers",
            "compare interleaved runs only, or use a dedicated machine",
        )


def _quota(cpu: Cpu) -> Iterator[Advice]:
    quota = cpu.quota_cores
    if quota is None or quota >= cpu.usable_cpus:
        return
    if quota != int(quota):
        yield Advice(
            f"the CPU quota is {quota:g} cores, no whole number",
            "a thread beyond the whole cores is stopped in every period",
            f"set the quota to {int(quota) + 1} cores, or give this process processors of its own",
        )
    else:
        yield Advice(
            f"the CPU quota of {quota:g} cores is below the {cpu.usable_cpus} processors in sight",
            "threads that wander over them are stopped once the quota is used up",
            f"pin to {quota:g} processors (taskset, --cpuset-cpus) in place of the quota",
        )


def _clocks(cpu: Cpu) -> Iterator[Advice]:
    if cpu.governor is not None and cpu.governor != "performance":
        yield Advice(
            f"the frequency governor is {cpu.governor}",
            "the clock rises and falls with the load, so that the first samples differ from the last",
            "sudo cpupower frequency-set --governor performance",
        )
    if cpu.smt and cpu.usable_cpus > 1:
        yield Advice(
            "processors share physical cores (SMT is on)",
            "two threads on one core slow each other; this harness uses a thread for each core, others may not",
            "for published numbers turn it off (echo off | sudo tee /sys/devices/system/cpu/smt/control)",
        )
    if cpu.boost:
        yield Advice(
            "the clock may boost above nominal",
            "how far depends on heat and on what neighbours do",
            "for comparisons over days turn it off (echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost)",
        )


def _memory(environment: Environment) -> Iterator[Advice]:
    if environment.swap_bytes > 0:
        yield Advice(
            f"{units.size(environment.swap_bytes)} of swap are on",
            "a case that does not fit is timed on disk instead of failing",
            "sudo swapoff --all while measuring",
        )
    reasons = {
        "never": "large tensors need a translation for every 4 KiB",
        "always": "the kernel merges pages in the background while samples are timed",
    }
    if environment.huge_pages in reasons:
        yield Advice(
            f"transparent huge pages are set to {environment.huge_pages}",
            reasons[environment.huge_pages],
            "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled",
        )


def _layout(environment: Environment) -> Iterator[Advice]:
    if environment.aslr is False:
        yield Advice(
            "addresses are not randomised",
            "every process has the same layout, and its luck looks like a result",
            "sudo sysctl kernel.randomize_va_space=2",
        )
    if environment.cpu.is_virtual:
        yield Advice(
            "this is a virtual machine",
            "clocks, caches and memory bandwidth are shared with neighbours that cannot be seen",
            "compare what was measured side by side in one run rather than two stored runs",
        )
