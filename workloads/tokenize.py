"""Real text to token ids by a byte-level BPE, a batch of documents at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchsuite import Case, HostSteps, HostTask, Phase, Work, Workload

if TYPE_CHECKING:
    from torch import Tensor


def build(case: Case) -> HostTask:
    """Documents of `characters` each, cut from the corpus at even distances, and the order in which they come.

    The tokenizer is learnt from that same corpus, with GPT-2's vocabulary as the most.
    """
    import torch

    from workloads.corpus import LARGEST_VOCABULARY, corpus_text
    from workloads.host.tokens import Encoder, learn, one_by_one, passages

    text = corpus_text()
    tokenizer = learn(text, LARGEST_VOCABULARY)
    documents = passages(text, case["documents"], case["characters"])

    def prepare(inputs: tuple[Tensor, ...], threads: int) -> HostSteps:
        encoder = Encoder(tokenizer, documents, inputs[0], threads)
        return HostSteps((Phase(encoder.encode),), encoder.output)

    def expected(order_N: Tensor) -> dict[str, Tensor]:
        return one_by_one(tokenizer, [documents[i] for i in order_N.tolist()])

    order_N = torch.randperm(len(documents), generator=torch.Generator().manual_seed(0))
    return HostTask((order_N,), prepare, expected)


def work(case: Case) -> Work:
    """Every character once; how many tokens they make depends on the corpus. Nothing else here is a limit to it."""
    return Work(items=case["documents"] * case["characters"], unit="characters", launches=0)


workload = Workload(
    name="tokenize",
    summary="real text to token ids by a byte-level BPE",
    kind="host",
    program=HostTask,
    axes={"documents": 32, "characters": 2048},
    presets={
        "smoke": {"documents": (4,), "characters": (256,)},
        "quick": {},
        "full": {"documents": (1, 256)},
    },
    build=build,
    work=work,
    imports=("torch", "tokenizers"),
    tolerance={"fp32": 0.0},
)
