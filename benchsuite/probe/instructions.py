"""What /proc/cpuinfo says of the processors: model, instruction sets, microcode."""

from __future__ import annotations

from pathlib import Path

from benchsuite.procfs import ROOT, text

FEATURES = (
    "avx2",
    "fma",
    "f16c",
    "avx512f",
    "avx512_vnni",
    "avx512_bf16",
    "avx512_fp16",
    "avx_vnni",
    "amx_tile",
    "amx_int8",
    "amx_bf16",
    "amx_fp16",
    "neon",
    "asimd",
    "asimdhp",
    "asimddp",
    "sve",
    "sve2",
    "sme",
    "bf16",
    "i8mm",
)
"""Instruction sets that choose which kernel a library runs, by the names the kernel gives them."""

_ARM_PARTS = {
    ("0x41", "0xd08"): "ARM Cortex-A72",
    ("0x41", "0xd0b"): "ARM Cortex-A76",
    ("0x41", "0xd0c"): "ARM Neoverse-N1",
    ("0x41", "0xd40"): "ARM Neoverse-V1",
    ("0x41", "0xd49"): "ARM Neoverse-N2",
    ("0x41", "0xd4f"): "ARM Neoverse-V2",
}

Block = dict[str, str]


def blocks(root: Path = ROOT) -> tuple[Block, ...]:
    """One table for each processor of /proc/cpuinfo; asked of py-cpuinfo on a system that has no such file."""
    contents = text(root / "proc/cpuinfo")
    if contents is None and root == ROOT:
        return _asked()
    found = []
    for paragraph in (contents or "").split("\n\n"):
        pairs = (line.partition(":") for line in paragraph.splitlines())
        block = {name.strip(): value.strip() for name, sign, value in pairs if sign}
        if "processor" in block:
            found.append(block)
    return tuple(found)


def model(found: tuple[Block, ...]) -> str:
    """The model's name; an ARM processor that gives none is named by maker and part; else `unknown`."""
    block = found[0] if found else {}
    name = block.get("model name") or block.get("cpu model")
    maker, part = block.get("CPU implementer"), block.get("CPU part")
    if name or not (maker and part):
        return name or "unknown"
    return _ARM_PARTS.get((maker, part), f"ARM maker {maker} part {part}")


def features(found: tuple[Block, ...]) -> tuple[str, ...]:
    """Those of FEATURES that every processor has, in that order."""
    flags = [set((block.get("flags") or block.get("Features") or "").split()) for block in found]
    return tuple(name for name in FEATURES if flags and all(name in have for have in flags))


def microcode(found: tuple[Block, ...]) -> str | None:
    """The microcode's version."""
    return found[0].get("microcode") if found else None


def _asked() -> tuple[Block, ...]:
    # It starts processes and takes a second, which is why it comes last.
    import cpuinfo

    said = cpuinfo.get_cpu_info()
    block: Block = {"processor": "0", "model name": said.get("brand_raw", ""), "flags": " ".join(said.get("flags", ()))}
    return tuple(block for _ in range(said.get("count", 1)))
