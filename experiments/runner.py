"""Runs the parts of a recipe, goes on after an interruption, and keeps every result."""

import dataclasses
import math
import sys
import time
import traceback
from collections.abc import Sequence
from typing import Any

from divnoising_tf.errors import InputError
from experiments.kinds import load_kind
from experiments.recipe import Recipe, Row
from experiments.results_store import (
    STEPS_OF,
    WITHOUT_TRAINING,
    Part,
    parts,
    read_record,
    trained_beside,
    write_record,
)
from measuring.machine import machine, training_pace

# its licence is for non-commercial use: who may use it, asks for it by name
_ON_REQUEST = {"bm3d"}


def chosen_parts(
    name: str,
    recipe: Recipe,
    rows: Sequence[str] = (),
    methods: Sequence[str] = (),
    seeds: Sequence[int] = (),
) -> list[Part]:
    """Return the parts of a recipe that are asked for; nothing given is all but BM3D.

    Raises:
        InputError: there is no such row, method or part.
    """
    for what, wanted, known in (
        ("row", rows, recipe.rows),
        ("method", methods, recipe.methods),
    ):
        unknown = sorted(set(wanted) - set(known))
        if unknown:
            raise InputError(
                f"The experiment {name} has no such {what}.",
                ", ".join(unknown),
                f"It has: {', '.join(known) or 'none'}.",
            )
    # who names a row has its images
    found = [
        part
        for part in parts(name, recipe, bool(rows), seeds)
        if (not rows or part.row in rows)
        and (part.method in methods if methods else part.method not in _ON_REQUEST)
    ]
    if not found:
        raise InputError(
            "Nothing of this experiment fits.",
            f"rows {list(rows)}, methods {list(methods)}",
            "A row may leave a method out; see its `methods` in the recipe.",
        )
    return found


def run_parts(
    recipe: Recipe,
    wanted: Sequence[Part],
    minutes: float | None = None,
    again: bool = False,
    models: str | None = None,
    steps_of: int | None = None,
) -> list[Part]:
    """Run parts, one after the other; what is finished is not repeated.

    A part that fails does not keep the others from being run. A training fails where others of its
    row were made by a machine with another pace: the same minutes would not be the same budget.

    Args:
        recipe: of the parts.
        wanted: the parts.
        minutes: of training; None for the recipe's.
        again: whether finished parts are repeated.
        models: folder in which trained models are kept and, if they are there, found; None for
            that of `kept`.
        steps_of: a seed that is finished: every method makes as many steps as it did with that
            seed, whatever time they take here. Of rows alone.

    Returns:
        The parts that failed.
    """
    failed = []
    described: dict[str, Any] = {}
    kind = load_kind(recipe.kind)
    for number, part in enumerate(wanted, 1):
        finished = read_record(part)
        if finished is not None and not again:
            changed = finished["recipe"] != _recipe_of(recipe, part)
            note = "; the recipe has changed since, --again repeats it" if changed else ""
            print(f"{part}: finished{_with_minutes(finished)}{note}", flush=True)
            continue
        print(f"{part}: part {number} of {len(wanted)}", flush=True)
        described = described or machine()
        budget = minutes or _minutes(recipe, part)
        begin = time.perf_counter()
        try:
            settings, time_limit = _settings(recipe, part, models), budget
            if steps_of is not None and part.method not in WITHOUT_TRAINING:
                settings["row"] = _with_steps(settings["row"], part, steps_of)
                time_limit = math.inf
            elif not again:
                _refuse_another_machine(part, described)
            result = kind.run(settings, time_limit, part.seed)
        except Exception as error:
            # a night's run is worth more than its weakest part
            if isinstance(error, InputError):
                print(error, file=sys.stderr)
            else:
                traceback.print_exc()
            failed.append(part)
            continue
        record = {
            "experiment": part.experiment,
            "row": part.row,
            "method": part.method,
            "seed": part.seed,
            "minutes": budget,
            "command": _command(part, minutes, steps_of),
            "wall minutes in all": round((time.perf_counter() - begin) / 60, 2),
            "machine": described,
            "recipe": _recipe_of(recipe, part),
            "result": result,
        }
        if time_limit == math.inf:
            record[STEPS_OF] = steps_of
        write_record(part, record)
        print(f"{part}: {result.get('scores', 'done')}", flush=True)
    for part in failed:
        print(f"{part}: FAILED", file=sys.stderr)
    return failed


def _with_steps(row: Row, part: Part, seed: int) -> Row:
    """Return a row whose methods are trained for the steps that a part of it made with a seed."""
    of_seed = dataclasses.replace(part, seed=seed)
    finished = read_record(of_seed)
    if finished is None or part.seed == seed:
        raise InputError(
            "There are no steps to repeat.",
            f"{part}, and the steps of seed {seed}",
            "Run that seed first, and give --steps-of-seed with other seeds.",
        )
    steps = {"most_steps": finished["result"]["steps"]}
    return row.model_copy(update={"training": row.training.model_copy(update=steps)})


def _refuse_another_machine(part: Part, described: dict[str, Any]) -> None:
    if part.row is None or part.method in WITHOUT_TRAINING:
        return
    here = training_pace(described)
    for other in trained_beside(part):
        there = training_pace(other["machine"])
        if here != there:
            raise InputError(
                "Other results of this row come from a machine that trains at another pace.",
                f"here {here[0]} cores in {here[1]}, {other['method']} of seed {other['seed']} "
                f"{there[0]} cores in {there[1]}",
                "Run it on such a machine (taskset gives a process fewer cores), or for as many "
                f"steps (--steps-of-seed {other['seed']}), or the whole row here (--again).",
            )


def _settings(recipe: Recipe, part: Part, models: str | None) -> dict[str, Any]:
    settings = {"name": part.experiment, **recipe.settings}
    if models is not None:
        settings["models"] = models
    if part.row is not None:
        settings |= {"name": part.row, "method": part.method, "row": recipe.rows[part.row]}
    return settings


def _recipe_of(recipe: Recipe, part: Part) -> dict[str, Any]:
    """Return what the recipe says of a part."""
    if part.row is None:
        return recipe.settings
    row = recipe.rows[part.row].model_dump(mode="json", exclude={"seeds", "methods", "minutes"})
    return {**row, "settings": recipe.settings} if recipe.settings else row


def _with_minutes(record: dict[str, Any]) -> str:
    return "" if record["minutes"] is None else f", with {record['minutes']:g} minutes"


def _minutes(recipe: Recipe, part: Part) -> float | None:
    row = recipe.rows.get(part.row or "")
    return recipe.minutes if row is None or row.minutes is None else row.minutes


def _command(part: Part, minutes: float | None, steps_of: int | None) -> str:
    words = [f"python -m experiments run {part.experiment}"]
    if part.row is not None:
        words.append(f"--row {part.row} --method {part.method}")
    words.append(f"--seed {part.seed}")
    if minutes is not None:
        words.append(f"--minutes {minutes:g}")
    if steps_of is not None:
        words.append(f"--steps-of-seed {steps_of}")
    return " ".join(words)
