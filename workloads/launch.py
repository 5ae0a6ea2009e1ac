"""One operator on next to nothing: the time that starting anything takes."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload

VALUES = 2


def build(_: Case) -> Forward:
    """Two values: of a single one the elements could not change places, so a remembered output would pass."""
    from workloads.nets.negation import Negation
    from workloads.nets.weights import normal

    return Forward(Negation(), (normal("x", VALUES),))


def work(_: Case) -> Work:
    """One launch, of which two values are read and two written."""
    return Work(items=1, unit="launches", values=2 * VALUES)


workload = Workload(
    name="launch",
    summary="one operator on two values",
    kind="ceiling",
    program=Forward,
    axes={},
    presets={"smoke": {}, "quick": {}, "full": {}, "sweep": {}},
    build=build,
    work=work,
)
