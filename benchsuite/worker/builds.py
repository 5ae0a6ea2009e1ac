"""How the libraries that are timed were built: what they compute with, and on what; asked in a worker."""

from __future__ import annotations

import re
from importlib import util
from typing import Any


def builds() -> dict[str, str]:
    """Version and maker by what it is; what is not installed or not built in is left out."""
    return {**(_torch() if util.find_spec("torch") else {}), **_numpy(), **_onnxruntime()}


def _torch() -> dict[str, str]:
    import torch

    said = torch.__config__.show()
    patterns = {
        "BLAS of torch": r"BLAS_INFO=(\w+)",
        "MKL": r"Math Kernel Library Version (\S+?)(?:-Product)? ",
        "oneDNN": r"MKL-DNN (v\S+)",
        "OpenMP": r"a\.k\.a\. OpenMP (\S+)\)",
        "kernels of torch": r"CPU capability usage: (\S+)",
    }
    found = {name: match[1] for name, pattern in patterns.items() if (match := re.search(pattern, said))}
    found |= {"CUDA": torch.version.cuda} if torch.version.cuda else {}
    found |= {"HIP": torch.version.hip} if torch.version.hip else {}
    library: Any = torch.backends.cudnn
    cudnn = library.version()
    return {**found, **({"cuDNN": _cudnn(cudnn)} if cudnn else {}), **_accelerators()}


def _cudnn(number: int) -> str:
    """`90100` is 9.1.0, and before version 9 `8907` was 8.9.7."""
    major = 10_000 if number >= 90_000 else 1000
    return f"{number // major}.{number % major // 100}.{number % 100}"


def _accelerators() -> dict[str, str]:
    """What torch itself sees, which on other makers' devices is all that there is to see."""
    import torch

    if not torch.accelerator.is_available():
        return {}
    kind = torch.accelerator.current_accelerator()
    assert kind is not None
    ask: Any = getattr(torch.get_device_module(kind), "get_device_name", None)
    names = [str(ask(i)) for i in range(torch.accelerator.device_count())] if ask else ["1 device"]
    return {f"{kind.type} of torch": ", ".join(names)}


def _numpy() -> dict[str, str]:
    import numpy as np

    # The stubs say that this always prints.
    config: Any = np.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {})
    name = f"{blas.get('name', '')} {blas.get('version', '')}".strip()
    return {"BLAS of numpy": name} if name else {}


def _onnxruntime() -> dict[str, str]:
    if util.find_spec("onnxruntime") is None:
        return {}
    import onnxruntime

    return {"ONNX Runtime": ", ".join(name for name in onnxruntime.get_available_providers())}
