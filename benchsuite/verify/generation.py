"""Generated tokens by a model's plain path: the library's own growing cache, or the whole text for every token.

B = batch, T = ids so far, N = new tokens, V = vocabulary. `inputs` are those of `Generate`: ids, and noise if tokens
are sampled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from benchsuite.workload import Generate

if TYPE_CHECKING:
    from torch import Tensor


def generate(program: Generate, twin: Any, inputs: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """`tokens` (B, N), and the `logits` (B, V) of the last."""
    import torch

    ids_BT, noise = _beginning(program, inputs[0]), inputs[1:]
    known, logits_of = ids_BT.shape[1], _logits_of(program, twin, inputs[0])
    for n in range(program.new_tokens):
        logits_BV = logits_of(ids_BT)
        score_BV = logits_BV + noise[0][:, n] if noise else logits_BV
        ids_BT = torch.cat([ids_BT, score_BV.argmax(-1, keepdim=True)], 1)
    return {"tokens": ids_BT[:, known:], "logits": logits_BV}


def shortfall(program: Generate, twin: Any, inputs: tuple[Tensor, ...], tokens_BN: Tensor) -> tuple[Tensor, Tensor]:
    """By how much each token's score (B, N) is short of the best after those before it; the last logits (B, V)."""
    import torch

    ids_BT = torch.cat([_beginning(program, inputs[0]), tokens_BN[:, :-1]], 1)
    short, last, count = [], [], tokens_BN.shape[1]
    for row, tokens_N in enumerate(tokens_BN):
        given, ids_1T = inputs[0][row : row + 1], ids_BT[row : row + 1]
        if program.start is None:
            logits_NV = twin(input_ids=ids_1T, use_cache=False, logits_to_keep=count).logits[0]
        else:
            logits_NV = twin(input_ids=given, decoder_input_ids=ids_1T, use_cache=False).logits[0]
        score_NV = logits_NV + inputs[1][row] if len(inputs) > 1 else logits_NV
        short.append(score_NV.amax(-1) - score_NV.gather(-1, tokens_N[:, None])[:, 0])
        last.append(logits_NV[-1])
    return torch.stack(short), torch.stack(last)


def _beginning(program: Generate, given_BT: Tensor) -> Tensor:
    """The ids before the first new token."""
    return given_BT if program.start is None else given_BT[:, :1] * 0 + program.start


def _logits_of(program: Generate, twin: Any, given_BT: Tensor) -> Callable[[Tensor], Tensor]:
    """The logits (B, V) after ids, which grow by one from call to call."""
    import torch
    from transformers import DynamicCache

    if program.start is not None:
        encoded = twin.get_encoder()(input_ids=given_BT)
        return lambda ids_BT: _last(twin(encoder_outputs=encoded, decoder_input_ids=ids_BT, use_cache=False))
    if not hasattr(twin, "generate"):  # it is not the library's, and need not know of caches
        return lambda ids_BT: _last(twin(input_ids=ids_BT, use_cache=False, logits_to_keep=1))
    past = DynamicCache()

    def cached(ids_BT: Tensor) -> Tensor:
        new_BT = ids_BT[:, past.get_seq_length() :]
        seen_BT = torch.ones_like(ids_BT)
        return _last(twin(input_ids=new_BT, attention_mask=seen_BT, past_key_values=past, use_cache=True))

    return cached


def _last(output: Any) -> Tensor:
    logits_BV: Tensor = output.logits[:, -1]
    return logits_BV
