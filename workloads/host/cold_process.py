"""From nothing to the first token: run as a process of its own, it writes a byte as each part is done.

Arguments: a file of weights, layers, width, threads, and the prompt's ids. After the fifth byte come the token as 8
bytes and the logits that it was chosen by, as 32-bit floats.
"""

from __future__ import annotations

import os
import sys

_OUT = 1


def main(weights: str, layers: str, width: str, threads: str, *prompt: str) -> None:
    """Interpreter, imports, network, weights, first token."""
    _done()
    import torch
    from safetensors.torch import load_file

    from workloads.gpt2 import Shape
    from workloads.nets.gpt2 import unfilled

    _done()
    torch.set_num_threads(int(threads))
    torch.set_grad_enabled(False)
    module = unfilled(Shape(int(layers), int(width)))
    _done()
    module.load_state_dict(load_file(weights), strict=False, assign=True)
    module.tie_weights()  # type: ignore[operator]
    _done()
    ids_BT = torch.tensor([[int(token) for token in prompt]])
    logits_V = module(input_ids=ids_BT, use_cache=True, logits_to_keep=1).logits[0, -1]
    token = int(logits_V.argmax())
    _done()
    sys.stdout.buffer.write(token.to_bytes(8, "little") + logits_V.numpy().tobytes())
    sys.stdout.buffer.flush()
    os._exit(0)


def _done() -> None:
    os.write(_OUT, b".")


if __name__ == "__main__":
    main(*sys.argv[1:])
