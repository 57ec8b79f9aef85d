"""The results of recipes, one JSON file for every part: a row, a method, a seed."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from divnoising_tf._files import atomic_path
from experiments.common import RESULTS
from experiments.recipe import Recipe

# methods that are not trained and give the same for every seed
WITHOUT_TRAINING = {"noisy", "nlm", "bm3d"}
# under it a record has the seed whose number of steps it was trained for, instead of a time
STEPS_OF = "steps of seed"


@dataclass(frozen=True)
class Part:
    """The smallest piece of an experiment that is run and kept; row and method may be None."""

    experiment: str
    row: str | None
    method: str | None
    seed: int

    @property
    def path(self) -> Path:
        """Where its result is kept."""
        folder = RESULTS / self.experiment
        if self.row is None:
            return folder / f"seed{self.seed}.json"
        return folder / self.row / f"{self.method}_seed{self.seed}.json"

    def __str__(self) -> str:
        words = [self.experiment, self.row, self.method, f"seed {self.seed}"]
        return ", ".join(word for word in words if word)


def parts(
    name: str, recipe: Recipe, with_absent: bool = False, seeds: Sequence[int] = ()
) -> Iterator[Part]:
    """Yield the parts of a recipe, row by row.

    Args:
        name: of the recipe.
        recipe: what is run.
        with_absent: whether rows whose images are not here belong to it.
        seeds: instead of the recipe's.
    """
    if not recipe.rows:
        yield from (Part(name, None, None, seed) for seed in seeds or recipe.seeds)
    for row_name, row in recipe.rows.items():
        if row.here or with_absent:
            chosen = list(seeds or row.seeds or recipe.seeds)
            for seed in chosen:
                for method in row.methods or recipe.methods:
                    if seed == chosen[0] or method not in WITHOUT_TRAINING:
                        yield Part(name, row_name, method, seed)


def write_record(part: Part, record: dict[str, Any]) -> None:
    """Keep the result of a part, replacing an earlier one."""
    part.path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(part.path, overwrite=True) as temporary:
        temporary.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def read_record(part: Part) -> dict[str, Any] | None:
    """Return what `write_record` kept; None if there is nothing."""
    if not part.path.is_file():
        return None
    return json.loads(part.path.read_text(encoding="utf-8"))


def trained_beside(part: Part) -> list[dict[str, Any]]:
    """Return the kept results of all that was trained for the same row in the same time.

    What was given the steps of another seed may have taken any time.
    """
    found = [
        json.loads(file.read_text(encoding="utf-8")) for file in part.path.parent.glob("*.json")
    ]
    return [one for one in found if one["result"].get("steps") and STEPS_OF not in one]


def records(name: str, recipe: Recipe) -> list[dict[str, Any]]:
    """Return all kept results of a recipe, in its order, whatever their seeds."""
    found = []
    for part in parts(name, recipe, with_absent=True, seeds=[0]):
        pattern = part.path.name.replace("seed0", "seed*")
        for file in sorted(part.path.parent.glob(pattern)):
            found.append(json.loads(file.read_text(encoding="utf-8")))
    return found
