"""CUDA graphs: a call is recorded once, then replayed, so that launching all its kernels costs one launch."""

from __future__ import annotations

from collections.abc import Callable

import torch

_CALLS_BEFORE_CAPTURE = 3


def captured(run: Callable[[], None], before: Callable[[], object]) -> Callable[[], None]:
    """`run` warmed up on a side stream, as capture asks for, then captured; calling the result replays it."""
    stream: torch.cuda.Stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(_CALLS_BEFORE_CAPTURE):
            before()
            run()
    before()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()

    def replay() -> None:
        graph.replay()

    return replay
