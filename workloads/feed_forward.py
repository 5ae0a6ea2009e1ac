"""The feed-forward block of a transformer: two dense layers with GELU, of which weights may be zero."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload
from benchsuite.errors import UsageError


def build(case: Case) -> Forward:
    """Rows of shape (B T, D) at unit scale; the inner width is 4 D.

    `sparsity` is the percentage of each matrix's weights, those nearest to zero, that are set to it; the matrices stay
    dense. Raises UsageError where it is no percentage.
    """
    from torch import nn

    from workloads.nets.pruning import prune
    from workloads.nets.weights import fill, keeping_scale, normal

    width, sparsity = case["width"], case["sparsity"]
    if sparsity >= 100:
        raise UsageError(f"sparsity={sparsity} leaves no weights: choose a percentage below 100, such as sparsity=50")
    module = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)).eval()
    fill(module, keeping_scale(module))
    prune(module, sparsity)
    return Forward(module, (normal("x", case["batch"] * case["seq"], width),))


def work(case: Case) -> Work:
    """16 D^2 operations a row: two matrices of 4 D^2. Values: 8 D^2 + 5 D weights and the rows read, rows written.

    These are the dense operations whatever the sparsity: zeros are stored, and a framework that profits from them
    shows it by a shorter time.
    """
    rows, width = case["batch"] * case["seq"], case["width"]
    values = 8 * width**2 + 5 * width + 2 * rows * width
    return Work(items=rows, unit="tokens", flops=16 * rows * width**2, values=values)


workload = Workload(
    name="feed-forward",
    summary="two dense layers with GELU",
    kind="kernel",
    program=Forward,
    axes={"batch": 4, "seq": 128, "width": 768, "sparsity": 0},
    presets={
        "smoke": {"batch": (1,), "seq": (32,), "width": (64,), "sparsity": (50,)},
        "full": {"sparsity": (0, 50)},
        "sweep": {"sparsity": (0, 50, 90)},
    },
    accelerated={
        "quick": {"batch": (32,), "seq": (512,)},
        "full": {"batch": (64,), "seq": (512,)},
        "sweep": {"batch": (64,), "seq": (512,), "sparsity": (0, 50, 90)},
    },
    build=build,
    work=work,
)
