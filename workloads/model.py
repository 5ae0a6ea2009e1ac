"""A model of `transformers` with its own weights: where it is, what it does, and the operations of a pass.

B = batch, T = positions, V = vocabulary. Nothing here asks the network: an id of the hub must have been downloaded.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import unquote

from benchsuite import Case, Unsupported
from benchsuite.errors import UsageError

_PURPOSES = {
    "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES": "causal",
    "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES": "seq2seq",
    "MODEL_FOR_MASKED_LM_MAPPING_NAMES": "masked",
    "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES": "classification",
    "MODEL_FOR_TEXT_ENCODING_MAPPING_NAMES": "encoder",
    "MODEL_MAPPING_NAMES": "encoder",
}


@dataclass(frozen=True, eq=False)
class Model:
    """What a folder says of itself: `kind` is a class of `transformers`, `purpose` what it is for."""

    name: str
    folder: Path
    config: Any
    kind: Any
    purpose: str

    @property
    def text(self) -> Any:
        """The configuration of the part that reads text."""
        return self.config if self.config.is_encoder_decoder else self.config.get_text_config()

    @property
    def cache_shape(self) -> tuple[int, int, int]:
        """Layers of the decoder, key-value heads, head dimension. Raises Unsupported where not every layer attends."""
        text = self.text
        layers = _first(text, "num_decoder_layers", "decoder_layers", "num_hidden_layers")
        heads = _first(text, "decoder_attention_heads", "num_attention_heads")
        if not layers or not heads or "linear_attention" in (_first(text, "layer_types") or ()):
            raise Unsupported(f"{self.name} is a {self.kind.__name__}: only networks whose layers all attend are run")
        return (
            layers,
            _first(text, "num_key_value_heads") or heads,
            _first(text, "head_dim") or text.hidden_size // heads,
        )

    @property
    def attended(self) -> int:
        """Width of all heads of a layer together."""
        _, _, head_dim = self.cache_shape
        return int(head_dim * _first(self.text, "decoder_attention_heads", "num_attention_heads"))


@dataclass(frozen=True)
class Size:
    """Weights in matrices: of an encoder (none but for encoder-decoders), of all other layers, and to the vocabulary.

    Tables of embeddings are not counted; a matrix to the vocabulary is, whether or not it is also such a table. Of a
    mixture of experts those count that a token meets.
    """

    encoder: int
    layers: int
    head: int


def model_of(case: Case) -> Model:
    """The model on the axis `model`. Raises UsageError where it is not here, Unsupported for what it is."""
    return _described(unquote(case.choice("model")))


@functools.lru_cache(maxsize=4)
def _described(name: str) -> Model:
    folder = located(name)
    import transformers
    from transformers import AutoConfig
    from transformers.models.auto import modeling_auto

    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"model {name} has no configuration that can be read ({_line(error)})") from error
    # A configuration may name kernels of the hub, which would be loaded and run.
    config._attn_implementation = config._experts_implementation = None
    _check_weights_are_its_own(folder)
    if getattr(config, "quantization_config", None):
        raise Unsupported(f"the weights of {name} are quantised: name a model with floating-point weights")
    kind = (config.architectures or ["no architecture"])[0]
    for mapping, purpose in _PURPOSES.items():
        if kind in getattr(modeling_auto, mapping).values() and hasattr(transformers, kind):
            if config.is_encoder_decoder and purpose != "seq2seq":
                break
            model = Model(name, folder, config, getattr(transformers, kind), purpose)
            if hasattr(model.text, "vocab_size") and model.cache_shape:
                return model
    raise Unsupported(f"{name} is a {kind}: only language models, text encoders and sequence classifiers are run")


def located(name: str) -> Path:
    """The folder of a model: `name` itself, or where the hub's cache holds that id. Raises UsageError."""
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError) as error:
        raise UsageError(
            f"model {name} is no folder here, nor is it in the hub's cache: download it and give its folder"
        ) from error


@functools.lru_cache(maxsize=4)
def size_of(model: Model) -> Size:
    """Weights by what multiplies them, counted on a device without memory."""
    import torch
    from torch import nn

    with torch.device("meta"):
        network = model.kind(model.config)
    head = network.get_output_embeddings() if model.purpose in ("causal", "masked", "seq2seq") else None
    encoding = set(network.get_encoder().parameters()) if model.config.is_encoder_decoder else set()
    experts = _first(model.text, "num_local_experts", "num_experts", "n_routed_experts") or 1
    met = (_first(model.text, "num_experts_per_tok") or 1) / experts
    matrices = {
        parameter: int(parameter.numel() * (met if parameter.ndim == 3 else 1))
        for name, part in network.named_modules()
        if not isinstance(part, nn.Embedding) and part is not head
        if model.purpose != "encoder" or "pooler" not in name
        for parameter in part.parameters(recurse=False)
        if parameter.ndim > 1
    }
    encoder = sum(count for parameter, count in matrices.items() if parameter in encoding)
    return Size(encoder, sum(matrices.values()) - encoder, head.weight.numel() if head is not None else 0)


def pooling(folder: Path) -> tuple[str, bool]:
    """What `sentence-transformers` does after an encoder: `mean`, `cls` or `none`, and whether to scale to length one.

    Raises Unsupported for further layers.
    """
    modules = _json(folder / "modules.json") or []
    kinds = [str(part.get("type", "")).rpartition(".")[2] for part in modules]
    if unknown := set(kinds) - {"Transformer", "Pooling", "Normalize"}:
        raise Unsupported(f"{folder} asks for {', '.join(sorted(unknown))} after its encoder, which are not run")
    if "Pooling" not in kinds:
        return "none", False
    chosen = _json(_inside(folder, str(modules[kinds.index("Pooling")]["path"])) / "config.json") or {}
    modes = sorted(mode for mode, wanted in chosen.items() if mode.startswith("pooling_mode") and wanted)
    for mode, word in (("pooling_mode_mean_tokens", "mean"), ("pooling_mode_cls_token", "cls")):
        if modes == [mode]:
            return word, "Normalize" in kinds
    raise Unsupported(f"{folder} pools by {', '.join(modes) or 'nothing known'}: only means and first tokens are run")


def ids_for(model: Model, batch: int, seq: int) -> Any:
    """Ids (B, T): the corpus by the model's own tokenizer where its folder has one; no special tokens, no padding."""
    import torch

    from workloads.corpus import corpus_text, token_ids

    vocabulary = int(model.text.vocab_size)
    file = model.folder / "tokenizer.json"
    if not file.is_file():
        return token_ids(batch, seq, vocabulary)
    from tokenizers import Tokenizer

    text = corpus_text()[: 12 * batch * seq]  # no tokenizer needs more characters a token, over such a length
    ids_N = torch.tensor(Tokenizer.from_file(str(file)).encode(text, add_special_tokens=False).ids)
    if not len(ids_N) or int(ids_N.max()) >= vocabulary:
        raise UsageError(f"{file} does not fit its model, whose vocabulary has {vocabulary} tokens: repair the folder")
    return ids_N[torch.arange(batch * seq) % len(ids_N)].view(batch, seq)


def _check_weights_are_its_own(folder: Path) -> None:
    """Raise Unsupported where a folder refers to weights that do not lie in it."""
    if (folder / "adapter_config.json").exists():
        raise Unsupported(f"{folder} is an adapter, whose weights are another model's: merge it, and name the result")
    shards = (_json(folder / "model.safetensors.index.json") or {}).get("weight_map", {})
    for shard in set(map(str, shards.values())):
        _inside(folder, shard)


def _inside(folder: Path, name: str) -> Path:
    """What a file of a folder calls `name`. Raises Unsupported where that is elsewhere."""
    if PurePath(name).is_absolute() or ".." in PurePath(name).parts:
        raise Unsupported(f"{folder} refers to {name[:60]!r}: only what lies in it is read")
    return folder / name


def _first(config: Any, *names: str) -> Any:
    return next((value for name in names if (value := getattr(config, name, None)) is not None), None)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return None


def _line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]
