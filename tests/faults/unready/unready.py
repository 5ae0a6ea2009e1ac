"""A stranger's backends whose jobs end in their workers, before torch is imported, so that a whole run is quick."""

from dataclasses import dataclass

from benchsuite import Unsupported


@dataclass(frozen=True)
class Backend:
    name: str
    error: Exception
    device: str = "cpu"
    imports: tuple[str, ...] = ()

    def missing(self):
        return None

    def refuses(self, program, precision):
        return None

    def check(self):
        raise self.error

    def prepare(self, program, precision, threads):
        raise AssertionError


unready = Backend("unready", Unsupported("not ready"))
broken = Backend("broken", RuntimeError("broken"))
