"""A case: one workload at one point of its axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchsuite.errors import UsageError

AxisValue = int | str


@dataclass(frozen=True)
class Case:
    """A workload and a value for each of its axes, in the workload's own order."""

    workload: str
    axes: Mapping[str, AxisValue]

    @property
    def id(self) -> str:
        """Canonical name: `attention-self/batch=8,seq=512`."""
        if not self.axes:
            return self.workload
        return f"{self.workload}/" + ",".join(f"{axis}={value}" for axis, value in self.axes.items())

    def __hash__(self) -> int:
        return hash(self.id)

    def __getitem__(self, axis: str) -> int:
        """The whole number on `axis`; for a word use `choice`."""
        value = self.axes[axis]
        assert isinstance(value, int), f"axis {axis} of {self.id} is a word: read it with choice()"
        return value

    def choice(self, axis: str) -> str:
        """The word on `axis`."""
        value = self.axes[axis]
        assert isinstance(value, str), f"axis {axis} of {self.id} is a number: read it with []"
        return value


def parse_axes(text: str) -> dict[str, tuple[AxisValue, ...]]:
    """Axes of `batch=8,seq=128|512`: each axis with the values to try. Raises UsageError."""
    axes: dict[str, tuple[AxisValue, ...]] = {}
    for part in text.split(","):
        axis, sign, values = part.partition("=")
        if not (axis and sign and values):
            raise UsageError(f"{part!r} in {text!r} is not an axis: write axis=value, such as seq=128 or seq=128|512")
        axes[axis] = tuple(map(_axis_value, values.split("|")))
    return axes


def _axis_value(text: str) -> AxisValue:
    try:
        return int(text)
    except ValueError:
        return text
