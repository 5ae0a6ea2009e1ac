"""Sampling characters from a small language model, which runs over the whole text for each of them."""

from __future__ import annotations

from benchsuite import Case, Generate, Work, Workload
from benchsuite.errors import UsageError
from workloads.char_lm import character_ids, characters, flops, weights
from workloads.gpt2 import causal_pairs


def build(case: Case) -> Generate:
    """A prompt of shape (B, prompt) from the corpus, and noise that makes the best character a sample."""
    from workloads.nets.char_lm import CharacterModel, gumbel

    batch, prompt, new_tokens, vocabulary = case["batch"], case["prompt"], case["new"], len(characters())
    if new_tokens < 1 or prompt < 1:
        raise UsageError(f"prompt={prompt},new={new_tokens} leaves nothing to do: choose 1 or more of each")
    module = CharacterModel(vocabulary, prompt + new_tokens).eval()
    return Generate(module, (character_ids(batch, prompt), gumbel("noise", batch, new_tokens, vocabulary)), new_tokens)


def work(case: Case) -> Work:
    """Each character is a pass over all P + N positions, with one output; pairs that causality masks are not counted.

    Values: each pass reads the weights; bytes: its noise, of fp32 in every precision.
    """
    batch, new_tokens, vocabulary = case["batch"], case["new"], len(characters())
    length = case["prompt"] + new_tokens
    one = flops(batch * length, batch * causal_pairs(length), batch, vocabulary)
    return Work(
        items=batch * new_tokens,
        unit="characters",
        flops=new_tokens * one,
        bytes=4 * batch * new_tokens * vocabulary,
        values=new_tokens * weights(vocabulary, length),
        launches=new_tokens,
    )


workload = Workload(
    name="char-lm-generate",
    summary="characters sampled from a small language model, without a cache",
    kind="generation",
    program=Generate,
    axes={"batch": 1, "prompt": 14, "new": 50},
    presets={"smoke": {"prompt": (6,), "new": (8,)}, "full": {}},
    build=build,
    work=work,
)
