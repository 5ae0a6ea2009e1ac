"""Sessions that cheat: each wraps an honest one and lies in one way."""

from __future__ import annotations

import threading
from collections.abc import Callable

import torch
from torch import Tensor

from benchsuite.backend import DeviceTimer, Phase, Session, call
from benchsuite.workload import Program

CALLS_BEFORE_TIMING = 3
Output = dict[str, Tensor]


class Honest:
    """Passes everything on; a cheat overrides what it lies about."""

    def __init__(self, session: Session) -> None:
        self.session, self.inputs = session, session.inputs
        self.phases = (Phase(self.run),)
        self.synchronize: Callable[[], None] | None = None
        self.device_timer: DeviceTimer | None = None
        self.notes: dict[str, str] = {}
        self.calls = 0

    def run(self) -> None:
        self.calls += 1
        self.work()

    def work(self) -> None:
        call(self.session)

    def output(self) -> Output:
        return self.session.output()

    def reset(self, program: Program) -> None:
        self.session.reset(program)


class RemembersFirstOutput(Honest):
    def work(self) -> None:
        if self.calls == 1:
            super().work()


class RemembersByIdentity(Honest):
    """A cache keyed by the tensors' addresses, which stay the same when their contents do not."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.seen: dict[tuple[int, ...], Output] = {}

    def work(self) -> None:
        key = tuple(x.data_ptr() for x in self.inputs)
        if key not in self.seen:
            super().work()
            self.seen[key] = super().output()
        self.result = self.seen[key]

    def output(self) -> Output:
        return self.result


class IdleWhileTimed(Honest):
    def work(self) -> None:
        if self.calls <= CALLS_BEFORE_TIMING:
            super().work()


class PutsOffWork(Honest):
    """Works only when asked for the output."""

    def work(self) -> None:
        """Later."""

    def output(self) -> Output:
        super().work()
        return super().output()


class ReturnsEarly(Honest):
    """Works in a thread that synchronising does not wait for; slow as it is, it ends after the output was read."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.synchronize = lambda: None
        self.may_end = threading.Event()
        self.thread: threading.Thread | None = None
        call(session)

    def work(self) -> None:
        self.finish()
        self.may_end.clear()
        self.thread = threading.Thread(target=self.later)
        self.thread.start()

    def later(self) -> None:
        self.may_end.wait()
        super().work()

    def finish(self) -> None:
        self.may_end.set()
        if self.thread is not None:
            self.thread.join()

    def output(self) -> Output:
        result = super().output()
        self.finish()
        return result


class MutatesInputs(Honest):
    def work(self) -> None:
        super().work()
        self.inputs[0].add_(1)


class ReusesOutputMemory(Honest):
    """Hands out the buffer that every iteration writes to."""

    buffer: Tensor | None = None

    def output(self) -> Output:
        result = super().output()["output"]
        self.buffer = result if self.buffer is None else self.buffer.copy_(result)
        return {"output": self.buffer}


class SwapsInputs(Honest):
    def work(self) -> None:
        a, b = (x.clone() for x in self.inputs)
        self.inputs[0].copy_(b)
        self.inputs[1].copy_(a)
        super().work()
        self.inputs[0].copy_(a)
        self.inputs[1].copy_(b)


class Alters(Honest):
    """Changes each output by `change`."""

    change: Callable[[Tensor], Tensor]

    def output(self) -> Output:
        return {name: type(self).change(x) for name, x in super().output().items()}


class RoundsToHalf(Alters):
    change = staticmethod(lambda x: x.half().float())


class RoundsToBfloat16(Alters):
    change = staticmethod(lambda x: x.bfloat16().float())


class HasOneNaN(Alters):
    change = staticmethod(lambda x: x.flatten().index_fill(0, torch.tensor(0), float("nan")).view_as(x))


class HasOneInfinity(Alters):
    change = staticmethod(lambda x: x.flatten().index_fill(0, torch.tensor(0), float("inf")).view_as(x))


class IsEmpty(Alters):
    change = staticmethod(lambda x: x[:0])


class HasWrongShape(Alters):
    change = staticmethod(lambda x: x.flatten())


class DropsLastRow(Alters):
    change = staticmethod(lambda x: torch.cat([x[:-1], torch.zeros_like(x[-1:])]))
