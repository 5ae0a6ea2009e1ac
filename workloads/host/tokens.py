"""Text to ids by the `tokenizers` library, many documents at once or one by one."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


def passages(text: str, count: int, characters: int) -> list[str]:
    """`count` pieces of `text` that start evenly spread; a piece that meets the end goes on at the beginning."""
    endless = text * (2 + characters // len(text))
    starts = (i * len(text) // count for i in range(count))
    return [endless[start : start + characters] for start in starts]


def learn(text: str, vocabulary: int) -> Any:
    """A byte-level BPE of at most `vocabulary` tokens, learnt from `text`."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, show_progress=False, initial_alphabet=alphabet)
    tokenizer.train_from_iterator([text], trainer)
    return tokenizer


class Encoder:
    """Encodes `documents` in the order of `order_N` as one batch, on `threads` threads of the library's own."""

    def __init__(self, tokenizer: Any, documents: Sequence[str], order_N: Tensor, threads: int) -> None:
        self._tokenizer, self._documents, self._order_N = tokenizer, documents, order_N
        self._ids: list[list[int]] = []
        # The library reads both when it first runs in parallel, and its pool lives as long as the process.
        os.environ["TOKENIZERS_PARALLELISM"] = "true" if threads > 1 else "false"
        os.environ["RAYON_NUM_THREADS"] = str(threads)

    def encode(self) -> None:
        """One batch, to lists of ids."""
        documents = [self._documents[i] for i in self._order_N.tolist()]
        self._ids = [encoded.ids for encoded in self._tokenizer.encode_batch_fast(documents)]

    def output(self) -> dict[str, Tensor]:
        """`ids` of all documents one after another, and the `lengths` of each."""
        return _as_tensors(self._ids)


def one_by_one(tokenizer: Any, documents: Sequence[str]) -> dict[str, Tensor]:
    """The same by encoding each document alone; each must give its text back, or the ids are not its."""
    ids = [tokenizer.encode(document).ids for document in documents]
    for document, own in zip(documents, ids, strict=True):
        assert tokenizer.decode(own) == document, f"the ids of {document[:40]!r} do not give it back"
    return _as_tensors(ids)


def _as_tensors(ids: Sequence[Sequence[int]]) -> dict[str, Tensor]:
    import torch

    return {"ids": torch.tensor(list(itertools.chain(*ids))), "lengths": torch.tensor([len(own) for own in ids])}
