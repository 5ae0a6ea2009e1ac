"""Greedy generation by a model of `transformers` with its own weights, as `--model` names it."""

from __future__ import annotations

from benchsuite import Case, Generate, Unsupported, Work, Workload
from benchsuite.errors import UsageError
from workloads.model import Model, ids_for, model_of, size_of


def build(case: Case) -> Generate:
    """A prompt of shape (B, prompt) of the corpus; the end-of-text token does not end generation.

    Raises UsageError where nothing is left to generate, Unsupported for a model that does not generate.
    """
    import inspect

    model, prompt, length = _model(case), case["prompt"], case["length"]
    if length <= prompt:
        raise UsageError(f"length={length} leaves nothing to generate after prompt={prompt}: choose a larger length")
    if model.purpose == "causal" and "position_ids" not in inspect.signature(model.kind.forward).parameters:
        raise Unsupported(f"{model.kind.__name__} takes no positions, which generation over a fixed cache gives it")
    from workloads.nets.pretrained import load

    network = load(model, length)
    inputs = (ids_for(model, case["batch"], prompt),)
    if model.purpose == "causal":
        return Generate(network, inputs, length - prompt, model.cache_shape)
    return Generate(network, inputs, length - prompt, model.cache_shape, start=model.config.decoder_start_token_id)


def work(case: Case) -> Work:
    """As of `model-forward`, over the passes that `gpt2-generate` describes: the prompt's, then one a token.

    An encoder-decoder's encoder reads the prompt, P long; then each pass over one token reads the keys and values of
    the prompt and of the tokens before. Values: each pass reads all weights in matrices but the encoder's, which are
    read once, and the keys and values that it sees; it writes those of its tokens.
    """
    model, batch, prompt = _model(case), case["batch"], case["prompt"]
    size, new_tokens, (layers, heads, head_dim) = size_of(model), case["length"] - prompt, model.cache_shape
    steps = range(1, new_tokens)
    if model.purpose == "seq2seq":
        tokens, seen = new_tokens, sum(prompt + step for step in range(1, new_tokens + 1))
        pairs = prompt * prompt + seen
    else:
        tokens, seen = prompt + new_tokens - 1, sum(prompt + step for step in steps)
        pairs = prompt * (prompt + 1) // 2 + seen
    products = size.encoder * prompt + size.layers * tokens + size.head * new_tokens
    cache = 2 * layers * heads * head_dim * batch * (tokens + seen)
    return Work(
        items=batch * new_tokens,
        unit="tokens",
        flops=batch * (2 * products + 4 * layers * model.attended * pairs),
        values=size.encoder + new_tokens * (size.layers + size.head) + cache,
        launches=new_tokens,
    )


def _model(case: Case) -> Model:
    model = model_of(case)
    if model.purpose not in ("causal", "seq2seq"):
        raise Unsupported(f"{model.kind.__name__} does not generate text")
    return model


workload = Workload(
    name="model-generate",
    summary="greedy generation by the model that --model names",
    kind="generation",
    program=Generate,
    axes={"model": "", "batch": 1, "prompt": 16, "length": 50},
    # No model, no case: none is part of a preset until it is named.
    presets={
        "smoke": {"model": (), "prompt": (8,), "length": (12,)},
        "quick": {"model": ()},
        "full": {"model": ()},
    },
    build=build,
    work=work,
    imports=("torch", "tokenizers", "transformers.models.auto.modeling_auto"),
)
