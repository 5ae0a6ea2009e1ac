"""Greedy generation by GPT-2: the prompt at once, then one token at a time, with a key-value cache or without."""

from __future__ import annotations

from benchsuite import Case, Generate, Work, Workload
from benchsuite.errors import UsageError
from workloads.axes import word
from workloads.gpt2 import HEAD_DIM, VOCABULARY, Shape, causal_pairs


def build(case: Case) -> Generate:
    """A prompt of shape (B, prompt) from the corpus. Raises UsageError where nothing is left to generate."""
    from workloads.corpus import token_ids
    from workloads.nets.gpt2 import gpt2

    prompt, length, cached = case["prompt"], case["length"], word(case, "cache", "on", "off") == "on"
    if length <= prompt:
        raise UsageError(f"length={length} leaves nothing to generate after prompt={prompt}: choose a larger length")
    shape = Shape(case["layers"], case["width"])
    shape.check(length)
    inputs = (token_ids(case["batch"], prompt, VOCABULARY),)
    cache_shape = (shape.layers, shape.heads, HEAD_DIM) if cached else None
    return Generate(gpt2(shape), inputs, length - prompt, cache_shape)


def work(case: Case) -> Work:
    """With the cache a pass over the prompt, P long, yields the first new token; each later one is a pass over one.

    The pass that yields token s = 1, 2, ... after the first sees P + s positions. The output matrix works on the last
    position alone. Values: each pass reads the weights and writes its tokens' keys and values, 2 D a
    layer; a pass over one token reads the keys and values of every position it sees.
    Without the cache every new token is a pass over all positions, so that shapes stay the same; no keys or values are
    kept.
    """
    shape, batch, prompt = Shape(case["layers"], case["width"]), case["batch"], case["prompt"]
    new_tokens = case["length"] - prompt
    if case.choice("cache") == "off":
        tokens = new_tokens * case["length"]
        pairs, cache = new_tokens * causal_pairs(case["length"]), 0
    else:
        seen = sum(prompt + step for step in range(1, new_tokens))
        tokens = prompt + new_tokens - 1
        pairs = causal_pairs(prompt) + seen
        cache = 2 * shape.layers * shape.width * batch * (tokens + seen)
    return Work(
        items=batch * new_tokens,
        unit="tokens",
        flops=shape.layer_flops(batch * tokens, batch * pairs) + shape.output_flops(batch * new_tokens),
        values=new_tokens * shape.weights_read + cache,
        launches=new_tokens,
    )


workload = Workload(
    name="gpt2-generate",
    summary="greedy generation by GPT-2, with a key-value cache or without",
    kind="generation",
    program=Generate,
    axes={"batch": 1, "prompt": 16, "length": 50, "layers": 12, "width": 768, "cache": "on"},
    presets={
        "smoke": {"prompt": (8,), "length": (12,), "layers": (2,), "width": (128,), "cache": ("on", "off")},
        "quick": {"length": (32,)},
        "full": {"length": (32,), "cache": ("on", "off")},
        "sweep": {"prompt": (8,), "length": (16, 32, 64), "layers": (6,), "width": (384,), "cache": ("on", "off")},
    },
    accelerated={
        "full": {"batch": (1, 8), "length": (256,)},
        "sweep": {"prompt": (8,), "length": (128, 256), "layers": (6,), "width": (384,), "cache": ("on", "off")},
    },
    build=build,
    work=work,
    imports=("torch", "tokenizers", "transformers.models.gpt2.modeling_gpt2"),
)
