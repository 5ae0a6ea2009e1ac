"""Token ids are of real text, the same every time, and kept in a cache that is never trusted blindly."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import torch

from benchsuite.errors import UsageError
from workloads import corpus


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BENCHSUITE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("BENCHSUITE_CORPUS", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def small_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "small.txt"
    path.write_text(
        "The quick brown fox jumps over the lazy dog; the dog sleeps on. Größe, naïve, 日本語.\n" * 3, encoding="utf-8"
    )
    monkeypatch.setenv("BENCHSUITE_CORPUS", str(path))
    return path


def entries(cache: Path) -> list[Path]:
    return sorted(path for path in cache.rglob("*") if path.is_file())


def id_count(path: Path, vocabulary: int) -> int:
    return len(corpus.learn_ids(path.read_text(encoding="utf-8"), vocabulary)) // 4


def test_manual_gives_ids_in_range_that_are_spread_like_words_of_a_language() -> None:
    ids_BT = corpus.token_ids(8, 2048, 50257)
    assert ids_BT.shape == (8, 2048)
    assert ids_BT.dtype == torch.int64
    assert int(ids_BT.min()) >= 0
    assert int(ids_BT.max()) < 50257
    counts = [count for _, count in Counter(ids_BT.flatten().tolist()).most_common()]
    assert 0.15 < sum(counts[:10]) / sum(counts) < 0.45  # a few tokens are everywhere
    assert len(counts) > 1500  # and many are rare
    assert sum(count == 1 for count in counts) > 0.2 * len(counts)


def test_learning_twice_gives_the_same_ids() -> None:
    text = corpus.corpus_text()[:50_000]
    assert corpus.learn_ids(text, 2000) == corpus.learn_ids(text, 2000)


def test_tokens_are_the_text(small_corpus: Path) -> None:
    """With one token a byte there is nothing to learn, and rows are windows of the file's bytes, up to their names."""
    ids_1T = corpus.token_ids(1, len(small_corpus.read_bytes()), 256)
    names: dict[int, int] = {}
    for given, byte in zip(ids_1T[0].tolist(), small_corpus.read_bytes(), strict=True):
        assert names.setdefault(given, byte) == byte
    assert len(set(names.values())) == len(names)


def test_rows_are_passages_that_start_evenly_spread(small_corpus: Path) -> None:
    count = id_count(small_corpus, 300)
    whole_T = corpus.token_ids(1, count, 300)[0]
    for row, ids_T in enumerate(corpus.token_ids(4, 5, 300)):
        start = row * count // 4
        assert torch.equal(ids_T, whole_T[start : start + 5])


def test_short_text_wraps_around(small_corpus: Path) -> None:
    length = id_count(small_corpus, 300)
    ids_T = corpus.token_ids(1, 3 * length, 300)[0]
    assert torch.equal(ids_T[:length], ids_T[length : 2 * length])
    assert torch.equal(ids_T[:length], ids_T[2 * length :])


def test_second_call_reads_the_cache(own_cache: Path, small_corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = corpus.token_ids(2, 16, 300)
    monkeypatch.setattr(corpus, "learn_ids", lambda *_: pytest.fail("learnt again"))
    assert torch.equal(first, corpus.token_ids(2, 16, 300))
    assert len(entries(own_cache)) == 1


def test_cache_tells_texts_and_vocabularies_apart(own_cache: Path, small_corpus: Path) -> None:
    corpus.token_ids(1, 4, 300)
    corpus.token_ids(1, 4, 280)
    small_corpus.write_text("another text altogether")
    corpus.token_ids(1, 4, 300)
    assert len(entries(own_cache)) == 3


@pytest.mark.parametrize("damage", [b"", b"short", b"flip", b"cut"])
def test_damaged_entry_is_made_again(own_cache: Path, small_corpus: Path, damage: bytes) -> None:
    first = corpus.token_ids(2, 16, 300)
    (entry,) = entries(own_cache)
    whole = entry.read_bytes()
    flipped = whole[:-1] + bytes([whole[-1] ^ 1])
    entry.write_bytes({b"flip": flipped, b"cut": whole[:-4]}.get(damage, damage))
    assert torch.equal(first, corpus.token_ids(2, 16, 300))
    assert entry.read_bytes() == whole


def test_unwritable_cache_is_no_failure(own_cache: Path, small_corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = corpus.token_ids(2, 16, 300)
    monkeypatch.setenv("BENCHSUITE_CACHE", str(small_corpus / "inside a file"))
    assert torch.equal(first, corpus.token_ids(2, 16, 300))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(None, "cannot be read"), (b"", "is empty"), (b" \n\n", "is empty"), (b"caf\xe9", "is not UTF-8")],
)
def test_unusable_corpus_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, complaint: str
) -> None:
    path = tmp_path / "mine.txt"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("BENCHSUITE_CORPUS", str(path))
    with pytest.raises(UsageError) as caught:
        corpus.token_ids(1, 4, 300)
    message = str(caught.value)
    assert complaint in message
    assert str(path) in message
    assert "name a UTF-8 text file" in message


def test_folder_as_corpus_is_a_usage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHSUITE_CORPUS", str(tmp_path))
    with pytest.raises(UsageError, match="cannot be read"):
        corpus.token_ids(1, 4, 300)


def test_vocabulary_below_a_byte_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="vocabulary=255"):
        corpus.token_ids(1, 4, 255)
