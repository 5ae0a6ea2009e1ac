"""A recurrent layer: a tanh cell unrolled in Python, or the library's RNN and LSTM."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload
from benchsuite.errors import UsageError
from workloads.axes import word

_GATES = {"tanh-unrolled": 1, "rnn": 1, "lstm": 4}


def build(case: Case) -> Forward:
    """Activations (T, B, D) at unit scale; the state is as wide as they are. Raises UsageError for an unknown cell."""
    from workloads.nets.recurrent import Library, Unrolled, fill_recurrent
    from workloads.nets.weights import normal

    cell, batch, seq, width = _cell(case), case["batch"], case["seq"], case["width"]
    if seq < 1:
        raise UsageError(f"seq={seq} leaves no step to take: choose seq=1 or more")
    module = Unrolled(width) if cell == "tanh-unrolled" else Library(width, gated=cell == "lstm")
    fill_recurrent(module)
    return Forward(module.eval(), (normal("x", seq, batch, width),))


def work(case: Case) -> Work:
    """4 G B T D^2 operations: G matrices of D^2 on the input and G on the state; G = 1, or 4 gates of an LSTM.

    Values: G (2 D^2 + 2 D) weights read once, since one step leaves them in a cache for the next where it can; the
    input read and the states written. Each of the T steps waits for the one before.
    """
    tokens, width, gates = case["batch"] * case["seq"], case["width"], _GATES[_cell(case)]
    values = gates * (2 * width**2 + 2 * width) + 2 * tokens * width
    return Work(tokens, "tokens", flops=4 * gates * tokens * width**2, values=values, launches=case["seq"])


def _cell(case: Case) -> str:
    return word(case, "cell", *_GATES)


workload = Workload(
    name="rnn",
    summary="a recurrent layer: unrolled tanh cell, RNN or LSTM",
    kind="kernel",
    program=Forward,
    axes={"batch": 16, "seq": 64, "width": 512, "cell": "lstm"},
    presets={
        "smoke": {"batch": (2,), "seq": (8,), "width": (32,), "cell": tuple(_GATES)},
        "quick": {},
        "full": {"cell": tuple(_GATES)},
        "sweep": {"seq": (16, 32, 64, 128, 256, 512)},
    },
    accelerated={
        "quick": {"batch": (128,), "seq": (128,), "width": (1024,)},
        "full": {"batch": (128,), "seq": (128,), "width": (1024,), "cell": ("rnn", "lstm")},
        "sweep": {"seq": (1024,)},
    },
    build=build,
    work=work,
)
