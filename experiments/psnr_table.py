"""The table of PSNR by data set and method, and the sentence that says where DivNoising loses."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from experiments.recipe import Recipe
from measuring.machine import training_pace
from measuring.markdown import table_heading, table_line

NOISY, MMSE, MAP = "noisy", "DivNoising MMSE", "DivNoising MAP"
COLUMNS = {
    "noisy": NOISY,
    "nlm": "NLM",
    "bm3d": "BM3D",
    "noise2void": "N2V",
    "pn2v": "PN2V",
    "divnoising": MMSE,
    "divnoising map": MAP,
    "care": "CARE",
}
SUPERVISED = {"CARE"}


class Score(NamedTuple):
    """PSNR in dB of one column of one row: mean over seeds, their deviation, their number."""

    mean: float
    deviation: float
    seeds: int

    def __str__(self) -> str:
        spread = f" ± {self.deviation:.2f}" if self.seeds > 1 else ""
        return f"{self.mean:.2f}{spread}"


def table(name: str, recipe: Recipe, records: list[dict[str, Any]]) -> str:
    """Return everything about a table of PSNR as Markdown.

    Args:
        name: of the recipe.
        recipe: with the rows.
        records: the kept results of its parts.
    """
    scores = scores_of_rows(recipe, records)
    lines = [f"`python -m experiments run {name}`", "", *_psnr_lines(recipe, scores, records), ""]
    if scores:
        lines += [where_we_lose(recipe, scores), ""]
    lines += [*_part_lines(recipe, records), *_training_lines(recipe, records)]
    lines += [*_calibration_lines(recipe, records), *_absent_lines(recipe)]
    return "\n".join(lines).strip()


def scores_of_rows(recipe: Recipe, records: list[dict[str, Any]]) -> dict[str, dict[str, Score]]:
    """Return the score of every row and column that there is a result of."""
    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        for column, value in record["result"]["scores"].items():
            values[record["row"]][column].append(value)
    own = {
        row: {column: _score(some) for column, some in columns.items()}
        for row, columns in values.items()
    }
    return {
        row: own.get(recipe.rows[row].same_images_as or "", {}) | columns
        for row, columns in own.items()
    }


def best_unsupervised(scores: dict[str, Score]) -> set[str]:
    """Return the columns that are best without clean images, to the digits that are shown."""
    values = {
        column: round(score.mean, 2) for column, score in scores.items() if column not in SUPERVISED
    }
    return {column for column, value in values.items() if value == max(values.values())}


def where_we_lose(recipe: Recipe, scores: dict[str, dict[str, Score]]) -> str:
    """Say in a sentence in which rows another unsupervised method is better, and by how much."""
    lost = []
    compared = 0
    for row, columns in scores.items():
        ours = [columns[column].mean for column in (MMSE, MAP) if column in columns]
        others = [column for column in columns if column not in {MMSE, MAP, NOISY, *SUPERVISED}]
        if not ours or not others:
            continue
        compared += 1
        best = max(others, key=lambda column: columns[column].mean)
        gap = round(columns[best].mean, 2) - round(max(ours), 2)
        if gap > 0:
            lost.append(f"{recipe.rows[row].title} ({best} by {gap:.2f} dB)")
    if not compared:
        return "Where we lose: nothing to compare with yet."
    if not lost:
        return f"Where we lose: in none of {compared} rows."
    return f"Where we lose, in {len(lost)} of {compared} rows: {'; '.join(lost)}."


def _score(values: list[float]) -> Score:
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return Score(float(np.mean(values)), deviation, len(values))


def _psnr_lines(
    recipe: Recipe, scores: dict[str, dict[str, Score]], records: list[dict[str, Any]]
) -> list[str]:
    columns = [one for one in COLUMNS.values() if any(one in some for some in scores.values())]
    lines = table_heading(["data", *columns])
    collapsed = {
        record["row"]
        for record in records
        if record["result"].get("training", {}).get("collapsed", False)
    }
    for name, row in recipe.rows.items():
        if name not in scores:
            words = "not run yet" if row.here else "not run here"
            lines.append(table_line([row.title, words, *[""] * (len(columns) - 1)]))
            continue
        best = best_unsupervised(scores[name])
        cells = []
        for column in columns:
            cell = str(scores[name][column]) if column in scores[name] else ""
            cell = f"**{cell}**" if column in best else cell
            cells.append(cell + " †" if column == MMSE and name in collapsed else cell)
        lines.append(table_line([row.title, *cells]))
    if collapsed:
        lines += ["", "† The posterior of a run had collapsed: all its samples are one image."]
    return lines


def _part_lines(recipe: Recipe, records: list[dict[str, Any]]) -> list[str]:
    lines = []
    for record in records:
        part = record["result"].get("MAP of a part")
        if part is not None:
            sampling = recipe.rows[record["row"]].sampling
            images = f"{sampling.mode_images} images" if sampling.mode_images else "all images"
            size = f", {sampling.mode_size} × {sampling.mode_size} pixels" * bool(
                sampling.mode_size
            )
            lines.append(
                f"- {recipe.rows[record['row']].title}, MAP of {images}{size}: "
                f"{part[MAP]:.2f} dB, MMSE of the same: {part[MMSE]:.2f} dB"
            )
    return [*lines, ""] if lines else []


def _training_lines(recipe: Recipe, records: list[dict[str, Any]]) -> list[str]:
    """Say minutes and steps of everything that was trained."""
    trained = [record for record in records if record["result"].get("steps")]
    rows = []
    for (row, method), runs in _grouped(trained, "row", "method").items():
        results = [run["result"] for run in runs]
        restarts = [one["training"]["restarts"] for one in results if "training" in one]
        samples = [
            one["samples, mean over images"]
            for one in results
            if "samples, mean over images" in one
        ]
        rows.append(
            [
                recipe.rows[row].title,
                COLUMNS[method].removesuffix(" MMSE"),
                _seeds(runs),
                _each(f"{one['training minutes']:.1f}" for one in results),
                _each(_pace_words(run["machine"]) for run in runs if "machine" in run),
                round(np.mean([one["steps"] for one in results])),
                sum(restarts) if restarts else "",
                f"{np.mean(samples):.1f}" if samples else "",
            ]
        )
    columns = [
        "data",
        "method",
        "seeds",
        "minutes of each",
        "cores (numbers)",
        "steps, mean",
        "restarts in all",
        "samples of the MMSE",
    ]
    return [*table_heading(columns), *map(table_line, rows), ""] if rows else []


def _calibration_lines(recipe: Recipe, records: list[dict[str, Any]]) -> list[str]:
    measured = [record for record in records if record["result"].get("calibration")]
    if not measured:
        return []
    names = list(measured[0]["result"]["calibration"])
    rows = []
    for (row,), runs in _grouped(measured, "row").items():
        values = [run["result"]["calibration"] for run in runs]
        means = [np.mean([one.get(name, np.nan) for one in values]) for name in names]
        rows.append([recipe.rows[row].title, _seeds(runs), *[f"{mean:.3g}" for mean in means]])
    words = "Calibration of the uncertainty, mean over the seeds:"
    return [words, "", *table_heading(["data", "seeds", *names]), *map(table_line, rows), ""]


def _grouped(
    records: list[dict[str, Any]], *keys: str
) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """Return the records by what stands under the keys, in their order."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        groups[tuple(record[key] for key in keys)].append(record)
    return groups


def _pace_words(machine: dict[str, Any]) -> str:
    """Return what decides how many steps a minute has."""
    cores, precision = training_pace(machine)
    return f"{cores} ({precision.removeprefix('mixed_')})"


def _seeds(runs: list[dict[str, Any]]) -> str:
    return _each(run["seed"] for run in runs)


def _each(values: Iterable[Any]) -> str:
    """Return the values that differ, as words."""
    return ", ".join(dict.fromkeys(map(str, values)))


def _absent_lines(recipe: Recipe) -> list[str]:
    absent = [row for row in recipe.rows.values() if not row.here]
    lines = [f"- {row.title}: {row.published}" for row in absent]
    return ["Not run here, for want of the images, which are published:", "", *lines] * bool(lines)
