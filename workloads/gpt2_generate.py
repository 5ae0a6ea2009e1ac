"""Greedy generation by GPT-2 with a key-value cache: the prompt at once, then one token at a time."""

from __future__ import annotations

from benchsuite import Case, Generate, Work, Workload
from benchsuite.errors import UsageError
from workloads.gpt2 import HEAD_DIM, VOCABULARY, Shape, causal_pairs


def build(case: Case) -> Generate:
    """A prompt of shape (B, prompt) from the corpus. Raises UsageError where nothing is left to generate."""
    from workloads.corpus import token_ids
    from workloads.nets.gpt2 import gpt2

    prompt, length = case["prompt"], case["length"]
    if length <= prompt:
        raise UsageError(f"length={length} leaves nothing to generate after prompt={prompt}: choose a larger length")
    shape = Shape(case["layers"], case["width"])
    shape.check(length)
    inputs = (token_ids(case["batch"], prompt, VOCABULARY),)
    return Generate(gpt2(shape), inputs, length - prompt, (shape.layers, shape.heads, HEAD_DIM))


def work(case: Case) -> Work:
    """One pass over the prompt, P long, yields the first new token; each later one is a pass over one token.

    The pass that yields token s = 1, 2, ... after the first sees P + s positions. The output matrix works on the last
    position alone. Values: each pass reads the weights and writes its tokens' keys and values, 2 D a
    layer; a pass over one token reads the keys and values of every position it sees.
    """
    shape, batch, prompt = Shape(case["layers"], case["width"]), case["batch"], case["prompt"]
    new_tokens = case["length"] - prompt
    seen = sum(prompt + step for step in range(1, new_tokens))
    tokens = prompt + new_tokens - 1
    flops = shape.layer_flops(batch * tokens, batch * (causal_pairs(prompt) + seen))
    flops += shape.output_flops(batch * new_tokens)
    cache = 2 * shape.layers * shape.width * batch * (tokens + seen)
    return Work(
        items=batch * new_tokens,
        unit="tokens",
        flops=flops,
        values=new_tokens * shape.weights_read + cache,
        launches=new_tokens,
    )


workload = Workload(
    name="gpt2-generate",
    summary="greedy generation by GPT-2 with a key-value cache",
    kind="generation",
    program=Generate,
    axes={"batch": 1, "prompt": 16, "length": 50, "layers": 12, "width": 768},
    presets={
        "smoke": {"prompt": (8,), "length": (12,), "layers": (2,), "width": (128,)},
        "quick": {"batch": (1,)},
        "full": {"batch": (1, 8), "length": (50, 256)},
    },
    build=build,
    work=work,
    imports=("torch", "tokenizers", "transformers.models.gpt2.modeling_gpt2"),
)
