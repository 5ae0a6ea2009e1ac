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

if TYPE_CHECKING:
    from torch import Tensor

LARGEST_VOCABULARY = 50257  # of GPT-2; the text at hand teaches fewer
SMALLEST_VOCABULARY = 256  # one token for each byte
LONGEST_TEXT = 8 * 2**20  # characters; the rest of a longer file is not read
_DIGEST_BYTES = 32


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
        with Path(named).open(encoding="utf-8") as file:
            text = file.read(LONGEST_TEXT)
    except UnicodeDecodeError as error:
        raise UsageError(f"corpus {named} is not UTF-8 text ({error.reason}): name a UTF-8 text file") from error
    except OSError as error:
        raise UsageError(f"corpus {named} cannot be read ({error.strerror}): name a UTF-8 text file") from error
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
    ids = _read(path)
    if ids is None:
        ids = learn_ids(text, vocabulary)
        entry = hashlib.sha256(ids).digest() + ids

        def fill(file: Path) -> None:
            file.write_bytes(entry)

        cache.write(path, fill)  # a cache only saves time: where it cannot be written, nothing is lost but that
    return ids


def _read(path: Path) -> bytes | None:
    """The ids of a cache entry; None if it is missing, unreadable or not what was written."""
    try:
        entry = path.read_bytes()
    except OSError:
        return None
    digest, ids = entry[:_DIGEST_BYTES], entry[_DIGEST_BYTES:]
    return ids if ids and hashlib.sha256(ids).digest() == digest else None
