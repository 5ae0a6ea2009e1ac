"""A stranger's backend under which the misbehaving workload goes wrong at the stage that its axis `when` says."""

from benchsuite.backends.torch_backend import TorchBackend
from benchsuite.workload import Phase

CALLS_BEFORE_TIMING = 10


class Wrapped:
    """Passes everything on. As on an accelerator, what went wrong is told by whoever waits for it."""

    def __init__(self, session, module):
        self._session, self._module, self._calls = session, module, 0
        self.inputs, self.notes, self.device_timer = session.inputs, session.notes, session.device_timer
        self.phases = (Phase(self._run),)
        self.reset = session.reset

    def _reach(self, stage):
        if self._module.when == stage:
            self._module.act()

    def _run(self):
        self._calls += 1
        self._reach("first")
        self._session.phases[0].run()

    def synchronize(self):
        if self._calls > CALLS_BEFORE_TIMING:
            self._reach("measure")

    def output(self):
        self._reach("verify")
        return self._session.output()


class Backend:
    name, device = "misbehaving-cpu", "cpu"
    imports = ("torch", "benchsuite.backends.torch_sessions")

    def __init__(self):
        self._torch = TorchBackend("torch-eager-cpu", "cpu")

    def missing(self):
        return None

    def refuses(self, program, precision):
        return None

    def check(self):
        pass

    def prepare(self, program, precision, threads):
        if program.module.when == "prepare":
            program.module.act()
        return Wrapped(self._torch.prepare(program, precision, threads), program.module)


backend = Backend()
