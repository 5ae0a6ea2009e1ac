"""What every test is kept from: the user's own cache, and chance."""

import os
import signal
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# A shell that runs the tests in the background has them ignore interrupts, and with them whatever they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The tests run beside each other: a thread that spins while it waits would take a processor from another test. Read by
# OpenMP when torch is loaded, here and in every process that is started.
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"

# The same examples every time, however long they take; `--hypothesis-seed` or another profile looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """References, graphs and kernels go to a folder of this session's, here and in the processes that it starts.

    The processes of pytest-xdist share it: what is in it is whole or absent, and is found by its content.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    os.environ["BENCHSUITE_CACHE"] = str(folder)
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(folder / "inductor")


@pytest.fixture(autouse=True)
def gradients_as_before() -> Iterator[None]:
    """A session says for its whole process whether gradients are recorded; the tests share one."""
    yield
    if torch := sys.modules.get("torch"):
        torch.set_grad_enabled(True)
