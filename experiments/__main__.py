"""Runs experiments: `python -m experiments list`, `run`, `tables`, `figures`."""

import argparse
import sys
from pathlib import Path
from typing import Any

from divnoising_tf.errors import InputError
from divnoising_tf.progress import show_progress
from experiments.recipe import Recipe, read_recipe, recipe_names
from experiments.results_store import parts, read_record, records

IMAGES = Path(__file__).parents[1] / "docs" / "images"


def main(words: list[str] | None = None) -> int:
    """Obey the command line; return the exit code."""
    arguments = _parser().parse_args(words)
    try:
        return arguments.function(arguments)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m experiments", description=__doc__)
    commands = parser.add_subparsers(required=True)

    run = commands.add_parser("run", help="run an experiment, or go on with it")
    run.add_argument("name", help="of the recipe, experiments/recipes/NAME.yaml")
    run.add_argument("--minutes", type=float, help="of training; the recipe's, if not given")
    run.add_argument("--seed", type=int, nargs="+", default=[], help="instead of the recipe's")
    run.add_argument(
        "--steps-of-seed", type=int, help="make the steps of this seed, whatever time they take"
    )
    run.add_argument("--method", nargs="+", default=[], help="only these methods")
    run.add_argument("--row", nargs="+", default=[], help="only these rows")
    run.add_argument("--again", action="store_true", help="repeat what is finished")
    run.add_argument("--models", help="folder of trained models; experiments/models, if not given")
    run.set_defaults(function=_run)

    listed = commands.add_parser("list", help="show all experiments and what is finished")
    listed.set_defaults(function=_list)

    tables = commands.add_parser("tables", help="write the results into docs/results.md")
    tables.set_defaults(function=_tables)

    figures = commands.add_parser("figures", help="draw the figures of the results")
    figures.add_argument("name", nargs="*", help="of recipes; all, if none is given")
    figures.add_argument("--folder", type=Path, default=IMAGES)
    figures.set_defaults(function=_figures)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    from experiments.runner import chosen_parts, run_parts

    if arguments.minutes is not None and not arguments.minutes > 0:
        raise InputError("The time to train must be positive.", arguments.minutes, "Give minutes.")
    recipe = read_recipe(arguments.name)
    if arguments.minutes is not None and recipe.minutes is None:
        raise InputError(
            "This experiment does not train for a time.", arguments.name, "Leave --minutes out."
        )
    if arguments.steps_of_seed is not None and not recipe.rows:
        raise InputError(
            "This experiment has no rows, whose steps could be repeated.",
            arguments.name,
            "Leave --steps-of-seed out.",
        )
    wanted = chosen_parts(arguments.name, recipe, arguments.row, arguments.method, arguments.seed)
    for name, row in recipe.rows.items():
        if not row.here and not arguments.row:
            print(f"{name}: not run here; {row.published}")
    # a bar for every image fills the log of a night
    show_progress(False)
    failed = run_parts(
        recipe,
        wanted,
        arguments.minutes,
        arguments.again,
        arguments.models,
        arguments.steps_of_seed,
    )
    return 1 if failed else 0


def _list(_arguments: argparse.Namespace) -> int:
    for name in recipe_names():
        recipe = read_recipe(name)
        every = list(parts(name, recipe))
        finished = sum(read_record(part) is not None for part in every)
        print(f"{name}: {recipe.title} ({recipe.kind}; {finished} of {len(every)} parts finished)")
        for row_name, row in recipe.rows.items():
            here = "" if row.here else f"; not run here, {row.published}"
            print(f"    {row_name}: {row.title}{here}")
    return 0


def _tables(_arguments: argparse.Namespace) -> int:
    from experiments.tables import main as write_tables

    write_tables()
    return 0


def _figures(arguments: argparse.Namespace) -> int:
    from experiments.kinds import load_kind

    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name in arguments.name or recipe_names():
        recipe = read_recipe(name)
        found = [{**_place(recipe, record), **record["result"]} for record in records(name, recipe)]
        draw = getattr(load_kind(recipe.kind), "draw", None)
        if draw is None or not found:
            print(f"{name}: nothing to draw")
            continue
        for path in draw(found, arguments.folder):
            print(f"wrote {path}")
    return 0


def _place(recipe: Recipe, record: dict[str, Any]) -> dict[str, Any]:
    """Return where in a table a result belongs; nothing for a kind without rows."""
    if record["row"] is None:
        return {}
    row = recipe.rows[record["row"]]
    place = {
        "experiment": record["experiment"],
        "title": row.title,
        "method": record["method"],
    }
    if row.same_images_as is not None:
        place["same images as"] = recipe.rows[row.same_images_as].title
    return place


if __name__ == "__main__":
    sys.exit(main())
