"""What can be told of a device without importing anything heavy."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import re
from pathlib import Path


def missing_package(distribution: str) -> str | None:
    """Why `distribution` cannot be used; None where it is installed."""
    try:
        importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return f"{distribution} is not installed"
    return None


def missing_nvidia(root: Path = Path("/")) -> str | None:
    """Why no NVIDIA device can be used; None where the kernel shows one."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return "no NVIDIA device: CUDA_VISIBLE_DEVICES hides them all"
    if any((root / "dev").glob("nvidia[0-9]*")) or (root / "dev/dxg").exists():
        return None
    return "no NVIDIA device"


def missing_torch_device(device: str) -> str | None:
    """Why torch cannot use `device`: not installed, built without it, or no such device."""
    if reason := missing_package("torch"):
        return reason
    if device == "cpu":
        return None
    if device == "mps":
        return None if platform.system() == "Darwin" and platform.machine() == "arm64" else "no Apple GPU"
    if device == "xpu":
        return None if _built_with("xpu") else "torch is built without XPU"
    if not (_built_with("cuda") or _built_with("hip")):
        return "torch is built without CUDA"
    if _built_with("hip"):
        return None if Path("/dev/kfd").exists() else "no AMD device"
    return missing_nvidia()


def _built_with(what: str) -> bool:
    """What torch's own `version.py` says of its build, read as text: importing torch takes seconds."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return False
    try:
        text = (Path(spec.origin).parent / "version.py").read_text(encoding="utf-8")
    except OSError:
        return False
    return re.search(rf"^{what}\b[^=]*=\s*['\"]", text, re.MULTILINE) is not None
