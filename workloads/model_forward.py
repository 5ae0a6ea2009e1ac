"""A pass over text by a model of `transformers` with its own weights, as `--model` names it."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload
from workloads.model import Model, ids_for, model_of, pooling, size_of


def build(case: Case) -> Forward:
    """Ids of shape (B, T) of the corpus; an encoder-decoder reads them on both sides."""
    from workloads.nets.pretrained import Pass, load

    model = model_of(case)
    ids_BT = ids_for(model, case["batch"], case["seq"])
    module = Pass(model, load(model, case["seq"])).eval()
    return Forward(module, (ids_BT, ids_BT.clone()) if model.purpose == "seq2seq" else (ids_BT,))


def work(case: Case) -> Work:
    """2 operations for each weight in a matrix and token, and 4 A for each pair that attends, in each layer.

    A is the width of all heads. It is an approximation: weights are counted from the configuration, each as if every
    token met it once. A classifier's head is then counted for each token and not for each sequence, layers that share
    their weights are counted as one, and a window that attention is limited to is not heeded.
    Values: those weights and what is written. Bytes: ids of 8 B.
    """
    model, batch, seq = model_of(case), case["batch"], case["seq"]
    size, (layers, _, _) = size_of(model), model.cache_shape
    weights = size.encoder + size.layers + size.head
    causal, whole = seq * (seq + 1) // 2, seq * seq
    pairs = {"causal": causal, "seq2seq": causal + 2 * whole}.get(model.purpose, whole)
    return Work(
        items=batch * seq,
        unit="tokens",
        flops=batch * (2 * weights * seq + 4 * layers * model.attended * pairs),
        bytes=8 * batch * seq * (2 if model.purpose == "seq2seq" else 1),
        values=weights + batch * _outputs(model, seq),
    )


def _outputs(model: Model, seq: int) -> int:
    """Numbers written for one sequence."""
    if model.purpose == "classification":
        return int(model.config.num_labels)
    if model.purpose == "encoder":
        return int(model.text.hidden_size) * (seq if pooling(model.folder)[0] == "none" else 1)
    return int(model.text.vocab_size) * seq


workload = Workload(
    name="model-forward",
    summary="a pass by the model that --model names",
    kind="inference",
    program=Forward,
    axes={"model": "", "batch": 1, "seq": 128},
    # No model, no case: none is part of a preset until it is named.
    presets={
        "smoke": {"model": (), "seq": (16,)},
        "quick": {"model": ()},
        "full": {"model": (), "batch": (1, 16)},
    },
    build=build,
    work=work,
    imports=("torch", "tokenizers", "transformers.models.auto.modeling_auto"),
)
