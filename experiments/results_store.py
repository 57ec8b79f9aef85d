"""The results of recipes: results/NAME.jsonl, a line for every part: a row, a method, a seed."""

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.recipe import Recipe
from measuring.files import write_text

RESULTS = Path(__file__).parent / "results"
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

    @classmethod
    def of(cls, record: dict[str, Any]) -> "Part":
        """Return the part that a record is of."""
        return cls(record["experiment"], record["row"], record["method"], record["seed"])

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
    """Keep the result of a part, in the place of an earlier one."""
    with _alone():
        kept = _all_of(part.experiment) | {part: record}
        lines = [json.dumps(one, ensure_ascii=False) + "\n" for one in kept.values()]
        write_text(_file(part.experiment), "".join(lines))


def read_record(part: Part) -> dict[str, Any] | None:
    """Return what `write_record` kept; None if there is nothing."""
    return _all_of(part.experiment).get(part)


def trained_beside(part: Part) -> list[dict[str, Any]]:
    """Return the kept results of all that was trained for the same row in the same time.

    What was given the steps of another seed may have taken any time.
    """
    found = [one for other, one in _all_of(part.experiment).items() if other.row == part.row]
    return [one for one in found if one["result"].get("steps") and STEPS_OF not in one]


def records(name: str, recipe: Recipe) -> list[dict[str, Any]]:
    """Return all kept results of a recipe, in its order, whatever their seeds."""
    kept = _all_of(name)
    seeds = sorted({part.seed for part in kept})
    found = []
    for part in parts(name, recipe, with_absent=True, seeds=[0]):
        of_seeds = (Part(name, part.row, part.method, seed) for seed in seeds)
        found += [kept[one] for one in of_seeds if one in kept]
    return found


def _file(name: str) -> Path:
    return RESULTS / f"{name}.jsonl"


def _all_of(name: str) -> dict[Part, dict[str, Any]]:
    """Return all kept results of an experiment, by their parts."""
    if not _file(name).is_file():
        return {}
    # not splitlines: what was read in an image may have a separator of its own
    lines = _file(name).read_text(encoding="utf-8").strip().split("\n")
    return {Part.of(record): record for record in map(json.loads, lines)}


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Keep other runs from writing meanwhile: two may go side by side, each on its core."""
    try:
        import fcntl
    except ImportError:  # Windows, which cannot bind a run to a core either
        yield
        return
    RESULTS.mkdir(parents=True, exist_ok=True)
    folder = os.open(RESULTS, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
