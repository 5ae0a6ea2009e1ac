"""What every test is kept from: the user's own cache."""

import os

import pytest


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """References, graphs and kernels go to a folder of this session's, here and in the processes that it starts."""
    os.environ["BENCHSUITE_CACHE"] = str(tmp_path_factory.mktemp("cache"))
