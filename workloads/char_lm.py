"""A language model over characters in numbers, and the characters of the corpus as its ids.

Letters: E = 32, width of the embedding; D = 64, width of the one attention head; V = characters of the corpus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

EMBEDDING, WIDTH = 32, 64


def characters() -> list[str]:
    """The characters of the corpus, sorted; an id is a place in this list."""
    from workloads.corpus import corpus_text

    return sorted(set(corpus_text()))


def character_ids(batch: int, seq: int) -> Tensor:
    """Ids of shape (batch, seq): rows are passages that start evenly spread over the corpus, which goes round."""
    import numpy as np
    import torch

    from workloads.corpus import corpus_text

    text = corpus_text()
    codes_N = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    known_V = np.array([ord(character) for character in characters()], dtype="<u4")
    starts_B1 = np.arange(batch)[:, None] * len(codes_N) // batch
    passages = codes_N[(starts_B1 + np.arange(seq)) % len(codes_N)]
    return torch.from_numpy(np.searchsorted(known_V, passages).astype(np.int64))


def weights(vocabulary: int, positions: int) -> int:
    """All weights: tables V E and P E, attention 3 E D, output D V + V."""
    tables = (vocabulary + positions) * EMBEDDING
    return tables + 3 * EMBEDDING * WIDTH + WIDTH * vocabulary + vocabulary


def flops(tokens: int, pairs: int, outputs: int, vocabulary: int) -> int:
    """6 E D a token, 4 D a (query, key) pair, 2 D V a position that has an output."""
    return 6 * EMBEDDING * WIDTH * tokens + 4 * WIDTH * pairs + 2 * WIDTH * vocabulary * outputs
