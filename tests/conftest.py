import os
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("MPLBACKEND", "Agg")
# as users have it, whatever module a test imports first
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

# imported as they are needed; collected, their classes would be registered twice
collect_ignore = ["helpers"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests that build programs of other languages in one process: they share folders."""
    for item in items:
        if {"fiji", "consumers"} & set(item.path.parts):
            item.add_marker(pytest.mark.xdist_group("consumers"))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real images; tests that need it are skipped, saying so, without it."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("DIVNOISING_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"no real images: {folder} does not exist (set DIVNOISING_DATA)")
    return folder
