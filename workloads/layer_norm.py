"""Layer normalisation (Ba et al. 2016) over the width of a transformer."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload


def build(case: Case) -> Forward:
    """Rows of shape (B T, D) at unit scale; the learnt scales are around one and the biases around zero."""
    import torch
    from torch import nn

    from workloads.nets.weights import normal

    width = case["width"]
    module = nn.LayerNorm(width).eval()
    with torch.no_grad():
        module.weight.copy_(1 + normal("scale", width) / 10)
        module.bias.copy_(normal("bias", width) / 10)
    return Forward(module, (normal("x", case["batch"] * case["seq"], width),))


def work(case: Case) -> Work:
    """No product of matrices. Values: each row read once and written once, 2 D weights read."""
    rows, width = case["batch"] * case["seq"], case["width"]
    return Work(items=rows, unit="tokens", values=2 * rows * width + 2 * width)


workload = Workload(
    name="layer-norm",
    summary="layer normalisation",
    kind="kernel",
    program=Forward,
    axes={"batch": 32, "seq": 512, "width": 768},
    presets={"smoke": {"batch": (1,), "seq": (64,), "width": (64,)}, "full": {}},
    accelerated={"full": {"batch": (64,), "seq": (1024,)}},
    build=build,
    work=work,
)
