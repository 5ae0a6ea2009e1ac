"""What every test is kept from: the user's own cache, and chance."""

import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

# The same examples every time; `--hypothesis-seed` or another profile looks for new ones.
settings.register_profile("same", derandomize=True)
settings.load_profile("same")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """References, graphs and kernels go to a folder of this session's, here and in the processes that it starts."""
    os.environ["BENCHSUITE_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def gradients_as_before() -> Iterator[None]:
    """A session says for its whole process whether gradients are recorded; the tests share one."""
    yield
    if torch := sys.modules.get("torch"):
        torch.set_grad_enabled(True)
