"""Greedy generation by a grouped-query rotary language model of 0.6 billion parameters with a key-value cache."""

from __future__ import annotations

from benchsuite import Case, Generate, Work, Workload
from benchsuite.errors import UsageError
from workloads.gpt2 import causal_pairs
from workloads.llama import HEAD_DIM, VOCABULARY, Shape


def build(case: Case) -> Generate:
    """A prompt of shape (B, prompt) from the corpus. Raises UsageError where nothing is left to generate."""
    from workloads.corpus import token_ids
    from workloads.nets.llama import llama

    prompt, length = case["prompt"], case["length"]
    if length <= prompt:
        raise UsageError(f"length={length} leaves nothing to generate after prompt={prompt}: choose a larger length")
    shape = Shape(case["layers"], case["width"], case["vocabulary"])
    shape.check(length)
    inputs = (token_ids(case["batch"], prompt, shape.vocabulary),)
    return Generate(llama(shape), inputs, length - prompt, (shape.layers, shape.kv_heads, HEAD_DIM))


def work(case: Case) -> Work:
    """One pass over the prompt, P long, yields the first new token; each later one is a pass over one token.

    The pass that yields token s = 1, 2, ... after the first sees P + s positions. The output matrix works on the last
    position alone. Values: each pass reads the weights and writes its tokens' keys and values, 2 x 128 G a layer; a
    pass over one token reads the keys and values of every position it sees.
    """
    shape, batch, prompt = Shape(case["layers"], case["width"], case["vocabulary"]), case["batch"], case["prompt"]
    new_tokens = case["length"] - prompt
    seen = sum(prompt + step for step in range(1, new_tokens))
    tokens = prompt + new_tokens - 1
    cache = 2 * shape.layers * shape.kv_heads * HEAD_DIM * batch * (tokens + seen)
    return Work(
        items=batch * new_tokens,
        unit="tokens",
        flops=shape.flops(batch * tokens, batch * (causal_pairs(prompt) + seen), batch * new_tokens),
        values=new_tokens * shape.weights + cache,
        launches=new_tokens,
    )


workload = Workload(
    name="llama-generate",
    summary="greedy generation by a 0.6B grouped-query rotary model",
    kind="generation",
    program=Generate,
    axes={"batch": 1, "prompt": 16, "length": 32, "layers": 28, "width": 1024, "vocabulary": VOCABULARY},
    presets={
        "smoke": {"prompt": (6,), "length": (10,), "layers": (2,), "width": (128,), "vocabulary": (512,)},
        "full": {},
    },
    accelerated={"quick": {"length": (128,)}, "full": {"batch": (1, 8), "length": (256,)}},
    build=build,
    work=work,
    imports=("torch", "tokenizers", "transformers.models.qwen3.modeling_qwen3"),
)
