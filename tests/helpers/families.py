"""One small model of every family, with random weights, for tests of what all must hold."""

from collections.abc import Callable
from typing import Any

from helpers.random_models import random_hierarchy, random_model
from helpers.two_grids import two_grids

# the last is a family of the tests: two grids, so that nothing can be wired to one
SMALL_MODELS: dict[str, Callable[..., Any]] = {
    "divnoising": random_model,
    "hierarchical": random_hierarchy,
    "two grids": two_grids,
}
