"""Fuzz one target with coverage as the guide: `python -m tests.fuzz TARGET [CORPUS] [OPTION of libFuzzer]...`.

atheris, which does this, is not among what the project needs: install it apart, beside what the readers import.
"""

import random
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["benchsuite"]):
    from tests.fuzz.targets import TARGETS, attempt

from tests.hostile import changed

_CORPUS = Path(__file__).parent / "corpus"


def _mutated(data: bytes, most: int, seed: int) -> bytes:
    """Every other time a change that leaves JSON mostly whole, which bytes alone would rarely get past the parser."""
    draw = random.Random(seed)
    if draw.random() < 0.5:
        return atheris.Mutate(data, most)
    return changed(data, draw)[:most]


def main() -> None:
    """Run until told to stop; a finding leaves its input as a file."""
    target = TARGETS[sys.argv[1]]
    corpus = [argument for argument in sys.argv[2:] if not argument.startswith("-")]
    options = [argument for argument in sys.argv[2:] if argument.startswith("-")]
    arguments = [sys.argv[0], *(corpus or [str(_CORPUS / sys.argv[1])]), *options]
    atheris.Setup(arguments, lambda data: attempt(target, data) and None, custom_mutator=_mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
