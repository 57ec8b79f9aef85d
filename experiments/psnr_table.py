"""The table of PSNR by data set and method, and the sentence that says where DivNoising loses."""

from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np

from experiments.recipe import Recipe

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
    lines = _heading(["data", *columns])
    collapsed = {
        record["row"]
        for record in records
        if record["result"].get("training", {}).get("collapsed", False)
    }
    for name, row in recipe.rows.items():
        if name not in scores:
            words = "not run yet" if row.here else "not run here"
            lines.append(_line([row.title, words, *[""] * (len(columns) - 1)]))
            continue
        best = best_unsupervised(scores[name])
        cells = []
        for column in columns:
            cell = str(scores[name][column]) if column in scores[name] else ""
            cell = f"**{cell}**" if column in best else cell
            cells.append(cell + " †" if column == MMSE and name in collapsed else cell)
        lines.append(_line([row.title, *cells]))
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
    rows = [
        _line(
            [
                recipe.rows[record["row"]].title,
                COLUMNS[record["method"]].removesuffix(" MMSE"),
                record["seed"],
                record["result"]["training minutes"],
                record.get("machine", {}).get("cores", ""),
                record["result"]["steps"],
                record["result"].get("training", {}).get("restarts", ""),
                record["result"].get("samples, mean over images", ""),
            ]
        )
        for record in records
        if record["result"].get("steps")
    ]
    heading = [
        "data",
        "method",
        "seed",
        "minutes",
        "cores",
        "steps",
        "restarts",
        "samples of the MMSE",
    ]
    return [*_heading(heading), *rows, ""] if rows else []


def _calibration_lines(recipe: Recipe, records: list[dict[str, Any]]) -> list[str]:
    measured = [record for record in records if record["result"].get("calibration")]
    if not measured:
        return []
    names = list(measured[0]["result"]["calibration"])
    rows = [
        _line(
            [
                recipe.rows[record["row"]].title,
                record["seed"],
                *[f"{record['result']['calibration'].get(name, np.nan):.3g}" for name in names],
            ]
        )
        for record in measured
    ]
    return ["Calibration of the uncertainty:", "", *_heading(["data", "seed", *names]), *rows, ""]


def _absent_lines(recipe: Recipe) -> list[str]:
    absent = [row for row in recipe.rows.values() if not row.here]
    lines = [f"- {row.title}: {row.published}" for row in absent]
    return ["Not run here, for want of the images, which are published:", "", *lines] * bool(lines)


def _heading(columns: list[str]) -> list[str]:
    return [_line(columns), _line(["---"] * len(columns))]


def _line(cells: list[Any]) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"
