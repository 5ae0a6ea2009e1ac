"""One step of training a recurrent language model on truncated sequences: forward, backward through time, Adam."""

from __future__ import annotations

from benchsuite import Case, TrainStep, Work, Workload
from benchsuite.errors import UsageError
from workloads.bert import learning_bytes

VOCABULARY = 10_000
GATES = {"tanh": 1, "lstm": 4}


def build(case: Case) -> TrainStep:
    """Ids and labels of shape (B, T) from the corpus. Raises UsageError for an unknown cell."""
    from workloads.corpus import token_ids
    from workloads.nets.rnn_lm import RecurrentModel, adam, next_token_loss

    cell = case.choice("cell")
    if cell not in GATES:
        raise UsageError(f"cell={cell} is unknown: choose cell=lstm or tanh")
    ids_BT1 = token_ids(case["batch"], case["seq"] + 1, VOCABULARY)  # one more, for the last label
    inputs = (ids_BT1[:, :-1].contiguous(), ids_BT1[:, 1:].contiguous())
    module = RecurrentModel(cell, VOCABULARY, case["width"], case["layers"]).train()
    return TrainStep(module, inputs, next_token_loss, adam)


def work(case: Case) -> Work:
    """Three times a forward pass of 2 B T (L G 2 D^2 + V D) operations; G = 4 gates in an LSTM, 1 in a tanh cell.

    The first state is zero and learns nothing, so that one product in backward, of L G D^2 multiply-adds a sequence,
    need not be done; it is counted.
    Bytes are those of a step of Adam; rows of the embedding that are read are left out. The steps of all layers are
    T L launches that must follow one another.
    """
    batch, seq, width, layers = case["batch"], case["seq"], case["width"], case["layers"]
    gates = GATES.get(case.choice("cell"), 0)
    cells = layers * gates * (2 * width**2 + width)
    output = VOCABULARY * (width + 1)
    flops = 2 * batch * seq * (layers * gates * 2 * width**2 + VOCABULARY * width)
    moved = learning_bytes(cells + output, cells + output + VOCABULARY * width)
    return Work(items=batch * seq, unit="tokens", flops=3 * flops, bytes=moved, launches=seq * layers)


workload = Workload(
    name="rnn-train",
    summary="one training step of a recurrent language model with Adam",
    kind="training",
    program=TrainStep,
    # The small model of Zaremba et al. 2014.
    axes={"cell": "lstm", "batch": 20, "seq": 20, "width": 200, "layers": 2},
    presets={
        "smoke": {"cell": ("lstm", "tanh"), "batch": (2,), "seq": (4,), "width": (32,), "layers": (1,)},
        "full": {"cell": ("lstm", "tanh")},
    },
    build=build,
    work=work,
    imports=("torch", "torch._dynamo", "tokenizers"),
)
