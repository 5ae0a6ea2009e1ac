"""Operations of one iteration by PyTorch's own counter."""

from __future__ import annotations

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode
from transformers import DynamicCache, EncoderDecoderCache

from benchsuite import Forward, Generate, TrainStep


def counted(program: Forward | TrainStep | Generate) -> int:
    """Operations that PyTorch counts in one iteration; attention is spelt out: no product is computed twice."""
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        match program:
            case Forward():
                program.module(*program.inputs)
            case TrainStep():
                program.loss(program.module, *program.inputs).backward()
            case Generate():
                generate(program)
    return int(counter.get_total_flops())


@torch.no_grad()
def generate(program: Generate) -> None:
    if program.start is not None:
        return translate(program)
    if program.cache_shape is None:
        return run_windows(program)
    ids_BT, cache, seen = program.inputs[0], DynamicCache(), 0
    for _ in range(program.new_tokens):
        new = ids_BT.shape[1]
        mask_TS = torch.ones(new, seen + new, dtype=torch.bool).tril(seen)
        output = program.module(
            input_ids=ids_BT,
            position_ids=torch.arange(seen, seen + new)[None],
            attention_mask=mask_TS[None, None],
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        ids_BT, seen = output.logits.argmax(-1), seen + new
    return None


def run_windows(program: Generate) -> None:
    batch, prompt = program.inputs[0].shape
    ids_BT = torch.zeros(batch, prompt + program.new_tokens, dtype=torch.int64)
    for _ in range(program.new_tokens):
        program.module(input_ids=ids_BT, use_cache=False, logits_to_keep=1)


def translate(program: Generate) -> None:
    encoded = program.module.get_encoder()(program.inputs[0])
    cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
    ids_B1 = torch.full_like(program.inputs[0][:, :1], program.start or 0)
    for _ in range(program.new_tokens):
        output = program.module(
            encoder_outputs=encoded, decoder_input_ids=ids_B1, past_key_values=cache, use_cache=True
        )
        ids_B1 = output.logits.argmax(-1)


def weights(program: Forward | TrainStep | Generate) -> int:
    """How many values the parameters hold; tied ones count once."""
    return sum(parameter.numel() for parameter in program.module.parameters())
