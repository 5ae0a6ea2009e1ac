"""A backend for tests: time passes on a clock of its own by a script, and there is no device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING

from benchsuite.backend import DeviceTimer, Phase, Session
from benchsuite.workload import Forward, Program

if TYPE_CHECKING:
    from torch import Tensor


class FakeClock:
    """Nanoseconds that pass only where somebody lets them."""

    def __init__(self) -> None:
        self.now = 0

    def read(self) -> int:
        """The time, as each of the clocks that a measurement reads."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass."""
        self.now += round(seconds * 1e9)


@dataclass(frozen=True)
class Script:
    """A phase: the seconds of its calls in turn, over and over, and what `Phase` says of it."""

    seconds: tuple[float, ...] = (1e-3,)
    units: int = 1
    metric: str | None = None


class FakeSession:
    """Phases that take their time at once, or on a queue: then `synchronize` does, as on an accelerator."""

    def __init__(self, program: Program, clock: FakeClock, scripts: tuple[Script, ...], *, queued: bool) -> None:
        self.inputs: tuple[Tensor, ...] = tuple(x.clone() for x in program.inputs)
        self.synchronize: Callable[[], None] | None = self._wait if queued else None
        self.device_timer: DeviceTimer | None = _Timer(self) if queued else None
        self.notes: dict[str, str] = {}
        self.phases = tuple(Phase(self._phase(script), script.units, script.metric) for script in scripts)
        self.queued_seconds = 0.0
        self._compute: Callable[..., Tensor] = program.module if isinstance(program, Forward) else _copy
        self._clock = clock

    def _phase(self, script: Script) -> Callable[[], object]:
        seconds = cycle(script.seconds)

        def run() -> None:
            self.queued_seconds += next(seconds)
            if self.synchronize is None:
                self._wait()
            self._result = self._compute(*self.inputs)

        return run

    def _wait(self) -> None:
        self._clock.advance(self.queued_seconds)
        self.queued_seconds = 0.0

    def output(self) -> dict[str, Tensor]:
        """`output`: what the module says of the inputs, or the first input where there is no module."""
        return {"output": self._result.detach().clone()}

    def reset(self, program: Program) -> None:
        """Nothing to forget."""


def _copy(x: Tensor) -> Tensor:
    return x.clone()


class _Timer:
    """Seconds queued between its two events."""

    def __init__(self, session: FakeSession) -> None:
        self._session = session

    def start(self) -> None:
        self._start = self._session.queued_seconds

    def stop(self) -> None:
        self._stop = self._session.queued_seconds

    def seconds(self) -> float:
        return self._stop - self._start


@dataclass(frozen=True)
class FakeBackend:
    """Runs forward programs and transfers; `scripts` say how long the phases of an iteration take."""

    clock: FakeClock
    scripts: tuple[Script, ...] = (Script(),)
    queued: bool = False
    name: str = "fake"
    device: str = "cpu"
    imports: tuple[str, ...] = ("torch",)

    def missing(self) -> str | None:
        """Never."""
        return None

    def refuses(self, program: type[Program], precision: str) -> str | None:
        """See `Backend.refuses`."""
        return None if precision == "fp32" else "the fake backend computes as its programs do, in fp32"

    def check(self) -> None:
        """There is no device to look for."""

    def prepare(self, program: Program, precision: str, threads: int) -> Session:
        """See `Backend.prepare`."""
        return FakeSession(program, self.clock, self.scripts, queued=self.queued)
