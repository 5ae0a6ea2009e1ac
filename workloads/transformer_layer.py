"""One encoder layer of the original transformer's base size: attention and feed-forward, normalised after or before."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload
from workloads.axes import word

WIDTH, HEADS, FEED_FORWARD = 512, 8, 2048  # the base model of Vaswani et al. 2017


def build(case: Case) -> Forward:
    """Activations of shape (B, T, 512) at unit scale. Raises UsageError for an unknown norm."""
    from workloads.nets.layers import EncoderLayer
    from workloads.nets.weights import fill, keeping_scale, normal

    norm_first = word(case, "norm", "post", "pre") == "pre"
    module = EncoderLayer(HEADS, WIDTH // HEADS, FEED_FORWARD, norm_first=norm_first).eval()
    fill(module, keeping_scale(module))
    return Forward(module, (normal("x", case["batch"], case["seq"], WIDTH),))


def work(case: Case) -> Work:
    """B T (8 D^2 + 4 T D + 4 D F) operations: attention's projections, its pairs, two feed-forward matrices of D F.

    Values: 4 D^2 + 2 D F + 9 D + F weights read, the input read and the output written.
    """
    tokens = case["batch"] * case["seq"]
    flops = tokens * (8 * WIDTH**2 + 4 * case["seq"] * WIDTH + 4 * WIDTH * FEED_FORWARD)
    weights = 4 * WIDTH**2 + 2 * WIDTH * FEED_FORWARD + 9 * WIDTH + FEED_FORWARD
    return Work(items=tokens, unit="tokens", flops=flops, values=weights + 2 * tokens * WIDTH)


workload = Workload(
    name="transformer-layer",
    summary="one encoder layer of the original transformer, base size",
    kind="layer",
    program=Forward,
    axes={"batch": 8, "seq": 256, "norm": "post"},
    presets={
        "smoke": {"batch": (1,), "seq": (32,), "norm": ("post", "pre")},
        "quick": {},
        "full": {"norm": ("post", "pre")},
    },
    accelerated={"quick": {"batch": (64,), "seq": (512,)}, "full": {"batch": (32,), "seq": (2048,)}},
    build=build,
    work=work,
)
