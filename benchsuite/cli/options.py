"""Options that several commands share, and what a preset stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from benchsuite import units
from benchsuite.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Effort:
    """Rounds (least, most), half-width to reach, sampling a job and round (seconds, least), until when extra rounds."""

    least: int
    most: int
    target: float
    seconds: float
    samples: int
    extra: float | None = None


EFFORTS = {
    "smoke": Effort(1, 1, 0.1, 0.15, 2),
    "quick": Effort(4, 8, 0.02, 0.2, 2, extra=270.0),
    "full": Effort(4, 20, 0.01, 0.6, 2, extra=2700.0),
    "sweep": Effort(4, 4, 0.02, 0.12, 2),
}


class Duration(click.ParamType[float]):
    """Seconds of `90s`, `10m`, `1.5h`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds."""
        if isinstance(value, float):
            return value
        try:
            return units.parse_duration(value)
        except UsageError as error:
            self.fail(str(error), param, ctx)


class Width(click.ParamType[float]):
    """A ratio between 0 and 1 of `0.02` or `2%`."""

    name = "ratio"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The ratio."""
        text = str(value).strip()
        try:
            ratio = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            ratio = -1.0
        if not 0 < ratio < 1:
            self.fail(f"{text!r} is not a ratio between 0 and 1: write 0.02 or 2%", param, ctx)
        return ratio


def selection(command: F) -> F:
    """Which jobs: patterns, models, backends, precisions, preset, threads."""
    for decorate in (
        click.option(
            "--model",
            "models",
            multiple=True,
            metavar="PATH_OR_ID",
            help="a model of transformers with its own weights: a folder, or an id of the hub; repeatable",
        ),
        click.option("--threads", type=click.IntRange(1, 4096), help="CPU threads of a job [default: physical cores]"),
        click.option(
            "--preset", default="quick", show_default=True, help="smoke, quick, full or sweep: sizes and effort"
        ),
        click.option(
            "--precision", "precisions", multiple=True, help="fp32 [default], tf32, bf16, fp16, int8; repeatable"
        ),
        click.option(
            "--backend", "backends", multiple=True, help="a backend, or a pattern such as 'torch-*'; repeatable"
        ),
        click.argument("patterns", nargs=-1, metavar="[PATTERN]..."),
    ):
        command = decorate(command)
    return command
