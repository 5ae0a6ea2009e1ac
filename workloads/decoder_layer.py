"""One decoder layer of the original transformer's base size: causal attention, cross attention and feed-forward."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload

WIDTH, HEADS, FEED_FORWARD = 512, 8, 2048  # the base model of Vaswani et al. 2017


def build(case: Case) -> Forward:
    """Activations (B, T, 512) and an encoder's output (B, S, 512), at unit scale. T = seq, S = memory."""
    from workloads.nets.layers import DecoderLayer
    from workloads.nets.weights import fill, keeping_scale, normal

    batch, seq = case["batch"], case["seq"]
    module = DecoderLayer(HEADS, WIDTH // HEADS, FEED_FORWARD, positions=seq).eval()
    fill(module, keeping_scale(module))
    return Forward(module, (normal("x", batch, seq, WIDTH), normal("memory", batch, case["memory"], WIDTH)))


def work(case: Case) -> Work:
    """B (T (12 D^2 + 4 D F) + 4 D^2 S + 4 D (T (T + 1) / 2 + T S)) operations.

    Six projections of D^2 and the feed-forward's two matrices of D F for each position, two of D^2 for each of the
    encoder's; D multiply-adds for a pair's score and D for its value, in all pairs that look at no later position.
    Values: 8 D^2 + 2 D F + 15 D + F weights and both inputs read, the output written.
    """
    batch, seq, memory = case["batch"], case["seq"], case["memory"]
    pairs = seq * (seq + 1) // 2 + seq * memory
    flops = seq * (12 * WIDTH**2 + 4 * WIDTH * FEED_FORWARD) + 4 * WIDTH**2 * memory + 4 * WIDTH * pairs
    weights = 8 * WIDTH**2 + 2 * WIDTH * FEED_FORWARD + 15 * WIDTH + FEED_FORWARD
    values = weights + batch * WIDTH * (2 * seq + memory)
    return Work(items=batch * seq, unit="tokens", flops=batch * flops, values=values)


workload = Workload(
    name="decoder-layer",
    summary="one decoder layer of the original transformer, base size",
    kind="layer",
    program=Forward,
    axes={"batch": 4, "seq": 128, "memory": 256},
    presets={
        "smoke": {"batch": (1,), "seq": (16,), "memory": (24,)},
        "full": {},
    },
    accelerated={"full": {"batch": (32,), "seq": (1024,), "memory": (2048,)}},
    build=build,
    work=work,
)
