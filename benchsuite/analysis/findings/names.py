"""The workloads that the claims are about, by their names."""

from __future__ import annotations

from benchsuite.analysis.limits import FLOPS_WORKLOAD, LAUNCH_WORKLOAD, MEMORY_WORKLOADS, OWN_WORKLOADS

RECURRENT = ("rnn",)
ATTENTION = ("attention-self",)
ATTENTION_BY_LENGTH = ("attention-self", "attention-causal")

TRAINING = (
    "bert-finetune",
    "bert-pretrain",
    "gpt2-pretrain",
    "t5-train",
    "distill-step",
    "char-lm-train",
    "rnn-train",
    "dense-classifier-train",
)
INFERENCE = ("bert-classify", "bert-evaluate", "gpt2-forward", "t5-forward", "minilm-embed", "model-forward")
GENERATION = ("gpt2-generate", "t5-generate", "llama-generate", "char-lm-generate", "model-generate")

WITH_CACHE_OR_WITHOUT = ("gpt2-generate",)
BATCHED = (*INFERENCE, *GENERATION)
PRUNED = ("feed-forward", "bert-classify")
DECODE = ("attention-decode", "gpt2-generate", "llama-generate")
PREFILL = ("attention-causal", "gpt2-forward")
CEILINGS = (FLOPS_WORKLOAD, *MEMORY_WORKLOADS, LAUNCH_WORKLOAD, *OWN_WORKLOADS)
STEP_AND_FORWARD = {"bert-finetune": "bert-evaluate"}
"""A training step, and the forward pass with the same loss on the same batch."""


def place(kind: str) -> str:
    """A kind of device in a sentence."""
    return "the CPU" if kind == "cpu" else kind
