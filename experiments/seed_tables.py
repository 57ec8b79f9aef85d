"""Markdown of experiments that were run with several seeds: a line for each thing measured."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from measuring.machine import machine_words
from measuring.markdown import table_heading, table_line

Facts = Callable[[Mapping[str, Any]], dict[str, Any]]
Rows = Callable[[Mapping[str, Any]], list[dict[str, Any]]]


def seed_table(
    name: str,
    records: Sequence[Mapping[str, Any]],
    rows: Rows,
    facts: Facts | None = None,
    digits: int = 4,
) -> str:
    """Return command, budget and machine, and the means over the seeds as a table.

    Args:
        name: of the recipe.
        records: of the runner, one for each seed; without any the table says so.
        rows: makes rows of what a kind returned: a text that names the row, then numbers.
        facts: makes numbers by name, that belong to no row.
        digits: of every number.
    """
    if not records:
        return f"`python -m experiments run {name}`: not run yet."
    runs = [rows(record["result"]) for record in records]
    columns = list(dict.fromkeys(key for row in runs[0] for key in row))
    lines = table_heading(columns)
    for same in zip(*runs, strict=True):
        cells = ([row[key] for row in same if key in row] for key in columns)
        lines.append(table_line(_cell(values, digits) for values in cells))
    conditions = _conditions(records)
    if facts is not None:
        seeds = [facts(record["result"]) for record in records]
        words = [f"{key} {_cell([one[key] for one in seeds], digits)}" for key in seeds[0]]
        conditions.append(f"- {', '.join(words)}")
    return "\n".join([f"`python -m experiments run {name}`", "", *conditions, "", *lines])


def training_words(training: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a table says of a training: minutes, steps, nats per pixel, active channels."""
    keys = ("minutes", "steps", "KL, nats per pixel", "active channels", "restarts")
    return {key: training[key] for key in keys}


def _cell(values: Sequence[Any], digits: int) -> str:
    if not values:
        return ""
    if isinstance(values[0], str):
        return values[0]
    mean = f"{np.mean(values):.{digits}g}"
    return mean if len(values) == 1 else f"{mean} ± {np.std(values, ddof=1):.2g}"


def _conditions(records: Sequence[Mapping[str, Any]]) -> list[str]:
    seeds = ", ".join(str(record["seed"]) for record in records)
    minutes = sorted({record["minutes"] for record in records} - {None})
    words = f"seeds: {seeds}"
    if minutes:
        words = f"minutes of a training: {', '.join(f'{one:g}' for one in minutes)}; {words}"
    if len(records) > 1:
        words += "; mean ± standard deviation over the seeds"
    return [f"- {words}", f"- {machine_words(records[0]['machine'])}"]
