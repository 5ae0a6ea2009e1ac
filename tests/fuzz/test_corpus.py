"""The seeds of fuzzing, and what fuzzing found, replayed; the fuzzer itself is not needed for that."""

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS, attempt

CORPUS = Path(__file__).parent / "corpus"
SEEDS = ("run.jsonl", "pairs.jsonl", "pyproject.toml", "pytest.json", "google.json", "hyperfine.json")
FILES = sorted(path for path in CORPUS.rglob("*") if path.is_file())


def test_each_target_has_seeds_and_they_are_small() -> None:
    assert {path.parent.name for path in FILES} == set(TARGETS)
    assert sum(path.stat().st_size for path in FILES) < 200_000


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_of_it_does_what_it_must_not(target: str) -> None:
    for path in (path for path in FILES if path.parent.name == target):
        assert attempt(TARGETS[target], path.read_bytes()) or path.name not in SEEDS
