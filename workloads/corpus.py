"""Token ids of real text: Python's own manual, or a file, through a byte-level BPE learnt from that same text.

Ids are cached under the content of text, vocabulary and tokenizer version. A damaged entry is made again; where the
cache cannot be written, ids are made anew each time.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from benchsuite import cache
from benchsuite.errors import UsageError
from benchsuite.regular import LONGEST_TEXT, read_text

if TYPE_CHECKING:
    from torch import Tensor

LARGEST_VOCABULARY = 50257  # of GPT-2; the text at hand teaches fewer
SMALLEST_VOCABULARY = 256  # one token for each byte


def token_ids(batch: int, seq: int, vocabulary: int) -> Tensor:
    """Ids of shape (batch, seq), below `vocabulary`: rows are passages that start evenly spread over the text.

    Rows overlap, and a passage that meets the end goes on at the beginning, where the text is too short for the shape.
    Raises UsageError for a vocabulary of less than a byte, or a corpus that cannot be read.
    """
    import numpy as np
    import torch

    if vocabulary < SMALLEST_VOCABULARY:
        raise UsageError(f"vocabulary={vocabulary} has no id for some bytes: choose {SMALLEST_VOCABULARY} or more")
    ids_N = np.frombuffer(_cached_ids(corpus_text(), min(vocabulary, LARGEST_VOCABULARY)), dtype="<i4")
    starts_B1 = np.arange(batch)[:, None] * len(ids_N) // batch
    return torch.from_numpy(ids_N[(starts_B1 + np.arange(seq)) % len(ids_N)].astype(np.int64))


def corpus_text() -> str:
    """The text of the file that BENCHSUITE_CORPUS names, else of Python's manual. Raises UsageError."""
    named = os.environ.get("BENCHSUITE_CORPUS")
    if not named:
        from pydoc_data.topics import topics

        return "\n".join(topics[name] for name in sorted(topics))
    try:
        text = read_text(Path(named), LONGEST_TEXT)
    except UnicodeDecodeError as error:
        raise UsageError(f"corpus {named} is not UTF-8 text ({error.reason}): name a UTF-8 text file") from error
    except UsageError as error:
        raise UsageError(f"the corpus cannot be read: name a UTF-8 text file ({error})") from None
    if not text.strip():
        raise UsageError(f"corpus {named} is empty: name a UTF-8 text file with some text in it")
    return text


def learn_ids(text: str, vocabulary: int) -> bytes:
    """Ids of all of `text` as little-endian 32-bit numbers, by a BPE of at most `vocabulary` tokens learnt from it."""
    import numpy as np
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, show_progress=False, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())
    )
    tokenizer.train_from_iterator([text], trainer)
    return np.asarray(tokenizer.encode(text).ids, dtype="<i4").tobytes()


def _cached_ids(text: str, vocabulary: int) -> bytes:
    import tokenizers

    key = hashlib.sha256(f"{tokenizers.__version__}\n{vocabulary}\n{text}".encode()).hexdigest()[:32]
    path = cache.folder("corpus") / f"{key}.ids"
    ids = cache.load(path)
    if not ids:
        ids = learn_ids(text, vocabulary)
        cache.store(path, ids)  # a cache only saves time: where it cannot be written, nothing is lost but that
    return ids
