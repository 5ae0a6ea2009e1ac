"""The second contract: a backend prepares a program, a session runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from benchsuite.workload import Phase, Program

if TYPE_CHECKING:
    from torch import Tensor


__all__ = ["Backend", "DeviceTimer", "Phase", "Session", "call"]


class DeviceTimer(Protocol):
    """Two events on the device's own queue."""

    def start(self) -> None:
        """Enqueue the first event."""
        ...

    def stop(self) -> None:
        """Enqueue the second event."""
        ...

    def seconds(self) -> float:
        """Between the events, once the session is synchronised."""
        ...


class Session(Protocol):
    """A program made ready. One iteration is all `phases` in order.

    `inputs` are the very tensors that the phases read: whoever holds the session may rewrite them in place between
    iterations, and the next iteration must see the new values. `synchronize` is None where a phase returns when done.
    """

    inputs: tuple[Tensor, ...]
    phases: tuple[Phase, ...]
    synchronize: Callable[[], None] | None
    device_timer: DeviceTimer | None
    notes: dict[str, str]

    def output(self) -> dict[str, Tensor]:
        """The last iteration's results, as host tensors of the caller's own that no later iteration changes.

        Of a training step `loss`, and the parameters as `parameter/<name>`, which alone may be the session's own.
        """
        ...

    def reset(self, program: Program) -> None:
        """Forget what iterations changed: weights, optimizer and cache become those of the freshly built `program`."""
        ...


class Backend(Protocol):
    """A way to run programs on a device. Everything but `check` and `prepare` is cheap and imports nothing heavy."""

    @property
    def name(self) -> str:
        """What users write."""
        ...

    @property
    def device(self) -> str:
        """`cpu`, `cuda`, ...: whose ceilings apply."""
        ...

    @property
    def imports(self) -> tuple[str, ...]:
        """Modules to import in the zygote before forking."""
        ...

    def missing(self) -> str | None:
        """Why this machine cannot run it, as far as can be told without importing anything heavy; None if it can."""
        ...

    def refuses(self, program: type[Program], precision: str) -> str | None:
        """Why it cannot run this kind of program in this precision; None if it can."""
        ...

    def check(self) -> None:
        """Look for the device itself; in a worker only. Raises Unsupported."""
        ...

    def prepare(self, program: Program, precision: str, threads: int) -> Session:
        """Make `program` ready to run. Raises Unsupported where the program turns out not to be runnable."""
        ...


def call(session: Session) -> None:
    """One iteration, synchronised."""
    for phase in session.phases:
        phase.run()
    if session.synchronize is not None:
        session.synchronize()
