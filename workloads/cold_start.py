"""GPT-2 from the start of a process to its first token: interpreter, imports, network, weights, prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchsuite import Case, HostSteps, HostTask, Work, Workload
from workloads.gpt2 import VOCABULARY, Shape

if TYPE_CHECKING:
    from torch import Tensor


def build(case: Case) -> HostTask:
    """A prompt of shape (1, prompt) from the corpus; the weights are in a safetensors file of the cache folder."""
    from workloads.corpus import token_ids
    from workloads.host.cold import ColdStarts, weights_file
    from workloads.nets.gpt2 import gpt2

    shape = Shape(case["layers"], case["width"])
    shape.check(case["prompt"])
    module = gpt2(shape)
    weights = weights_file(module, f"gpt2-{shape.layers}-{shape.width}")

    def prepare(inputs: tuple[Tensor, ...], threads: int) -> HostSteps:
        starts = ColdStarts(weights, shape, inputs[0], threads)
        return HostSteps(starts.phases, starts.output, {"page cache": "warm: files were read or written just before"})

    def expected(prompt_BT: Tensor) -> dict[str, Tensor]:
        """In float64, by the module that was written."""
        import copy

        import torch

        with torch.no_grad():
            logits_V = copy.deepcopy(module).double()(input_ids=prompt_BT, use_cache=False).logits[0, -1]
        return {"logits": logits_V, "short": torch.zeros((), dtype=torch.float64)}

    return HostTask((token_ids(1, case["prompt"], VOCABULARY),), prepare, expected)


def work(_: Case) -> Work:
    """One start. Its parts are limited by other things each, so neither operations nor bytes are counted."""
    return Work(items=1, unit="starts", launches=0)


workload = Workload(
    name="cold-start",
    summary="GPT-2 from the start of a process to its first token",
    kind="host",
    program=HostTask,
    axes={"prompt": 16, "layers": 12, "width": 768},
    presets={"smoke": {"prompt": (8,), "layers": (2,), "width": (128,)}, "full": {}},
    build=build,
    work=work,
    imports=("torch", "safetensors.torch", "tokenizers", "transformers.models.gpt2.modeling_gpt2"),
)
