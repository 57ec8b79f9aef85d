"""eBook, rendered text under noise of its own range: error rates of reading (Fig. 3 of the paper).

Trained on noisy pages of the first 85 % of "The Beetle".
Read are patches of 128 x 128 pixels from the rest. Where each line stands is given to all
methods alike, ink is 0 counts and paper 255, and curly quotes, dashes and dots count as a typist's.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import divnoising_tf as dn
from divnoising_tf.applications.text_recognition import Reading, read_lines
from divnoising_tf.applications.text_voting import combined
from divnoising_tf.plotting import save_figure
from divnoising_tf.posterior import Posterior
from divnoising_tf.posterior.clusters import Clusters, clusters_of_samples
from experiments import beetle, kept
from experiments.divnoising import model_of_settings
from experiments.ebook_scores import (
    LEVELS,
    clean_images,
    error_rates,
    read_pages,
    row_of_images,
    texts_of,
)
from experiments.figures.ebook import clusters_picture, errors_figure, patch_picture
from experiments.seed_tables import seed_table, training_words
from experiments.tasks.ebook import pages_of_book

_DEFAULTS: dict[str, Any] = {
    "name": "ebook_text",
    "patches": 60,  # to read
    "samples": 1000,  # for the MMSE and the MAP
    "voters": 20,  # samples that are read one by one
    "line_samples": 1000,  # whose clusters are read for each line; 0 leaves them out
    # the paper's 10,000 samples of a crop of one patch; its bandwidth of 800 belongs to its crop
    "clusters": {"n": 10_000, "bandwidth": None},
    # the word "been"
    "crop": {"patch": 0, "rows": [104, 124], "columns": [66, 120]},
    "training_pages": 200,
    "network": {},
    "training": {},
}


def run(settings: Mapping[str, Any], minutes: float, seed: int) -> dict[str, Any]:
    """Train, denoise in every way, read, and find the clusters of a crop.

    Args:
        settings: what differs from `_DEFAULTS`.
        minutes: of training.
        seed: of the training.
    """
    settings = {**_DEFAULTS, **settings}
    options = {"training_pages": settings["training_pages"], "test_images": settings["patches"]}
    task, model, measured = model_of_settings(
        "ebook", options, settings, minutes, seed, settings.get("models")
    )
    _, pages = pages_of_book(1, settings["patches"])
    images = {"clean": clean_images(pages), "noisy": np.stack(task.test)}

    posterior = model.posterior(images["noisy"])
    images["MMSE"] = posterior.moments(settings["samples"]).mean
    images["MAP"] = posterior.mode(settings["samples"])
    readings = dict(zip(images, read_pages(pages, list(images.values())), strict=True))
    rows = [row_of_images(name, pages, some, readings[name]) for name, some in images.items()]
    samples = posterior.sample(settings["voters"])
    rows += _sample_rows(pages, samples)
    if settings["line_samples"]:
        rows += _cluster_rows(pages, model, images["noisy"], settings["line_samples"])
    for row in rows:
        print(row, flush=True)
    clusters = _crop_clusters(posterior, settings)
    _keep(settings, seed, images, samples, clusters)
    number = len(pages[0].texts)
    of_patch = {name: texts_of(some[:number]) for name, some in readings.items()}
    return {
        "name": settings["name"],
        "seed": seed,
        "patches read": len(pages),
        "lines read": sum(len(page.texts) for page in pages),
        "samples of MMSE and MAP": settings["samples"],
        "training": {"pages": len(task.train), **measured},
        "rows": rows,
        "first patch": {"text": list(pages[0].texts), **of_patch},
        "clusters of the crop": {**settings["crop"], **_described(clusters)},
    }


def draw(results: list[dict[str, Any]], folder: Path) -> list[Path]:
    """Draw the error rates, a patch, and the clusters of the crop: rendered text only."""
    name = results[0]["name"]
    figures = {folder / f"{name}_errors.png": errors_figure([one["rows"] for one in results])}
    arrays = kept.kept_arrays(f"{name}-{results[0]['seed']}")
    if arrays is not None:
        figures[folder / f"{name}_patch.png"] = patch_picture(arrays, results[0])
        figures[folder / f"{name}_clusters.png"] = clusters_picture(arrays, results[0])
    for path, figure in figures.items():
        save_figure(figure, path, overwrite=True)
    return list(figures)


def table(name: str, _recipe: Any, records: list[dict[str, Any]]) -> str:
    """Return error rates and PSNR of every way to read as Markdown."""
    return seed_table(name, records, _table_rows, _facts)


def _sample_rows(pages: Sequence[beetle.Page], samples: np.ndarray) -> list[dict[str, Any]]:
    votes = read_pages(pages, samples)
    each = [row_of_images("", pages, *pair) for pair in zip(samples, votes, strict=True)]
    measures = [key for key in each[0] if key != "image"]
    mean = {key: round(float(np.mean([row[key] for row in each])), 2) for key in measures}
    rows = [{"image": f"one sample, mean over {len(each)}", **mean}]
    lines = [(line, None) for line in zip(*votes, strict=True)]
    return rows + _combined_rows(f"{len(samples)} samples", pages, lines)


def _cluster_rows(
    pages: Sequence[beetle.Page], model: dn.DivNoising, noisy: np.ndarray, n: int
) -> list[dict[str, Any]]:
    """Return the errors when the clusters of each line are read, with their shares as weights."""
    lines = []
    for page, image in zip(pages, noisy, strict=True):
        samples = model.posterior(image).sample(n)
        for top, bottom in page.rows:
            clusters = clusters_of_samples(samples[:, top:bottom])
            read = read_lines(clusters.images, [_whole(clusters)], LEVELS)
            lines.append(([one[0] for one in read], clusters.share))
    return _combined_rows(f"9 clusters of {n} samples of each line", pages, lines)


def _combined_rows(
    name: str, pages: Sequence[beetle.Page], lines: Sequence[tuple[Sequence[Reading], Any]]
) -> list[dict[str, Any]]:
    """Return a row for every way to combine the readings of each line."""
    rows = []
    for unit in ("line", "character"):
        for weighting in ("votes", "likelihood"):
            texts = [combined(read, support, weighting, unit) for read, support in lines]
            rows.append({"image": f"{name}, {unit}, {weighting}", **error_rates(pages, texts)})
    return rows


def _crop_clusters(posterior: Posterior, settings: Mapping[str, Any]) -> Clusters:
    crop = settings["crop"]
    rows, columns = slice(*crop["rows"]), slice(*crop["columns"])
    return posterior.clusters(rows, columns, plane=crop["patch"], **settings["clusters"])


def _described(clusters: Clusters) -> dict[str, Any]:
    """Return the clusters' support and what is read in them."""
    read = read_lines(clusters.images, [_whole(clusters)], LEVELS)
    return {
        "samples": clusters.samples,
        "bandwidth": round(clusters.bandwidth, 1),
        "support": clusters.support.tolist(),
        "share": clusters.share.round(4).tolist(),
        "read as": [lines[0].text for lines in read],
    }


def _keep(
    settings: Mapping[str, Any],
    seed: int,
    images: Mapping[str, np.ndarray],
    samples: np.ndarray,
    clusters: Clusters,
) -> None:
    """Keep what the pictures show: one patch, and the clusters."""
    patch = settings["crop"]["patch"]
    kept.keep_arrays(
        f"{settings['name']}-{seed}",
        **{name: some[patch] for name, some in images.items()},
        samples=samples[:4, patch],
        clusters=clusters.images,
    )


def _whole(clusters: Clusters) -> tuple[int, int]:
    return 0, clusters.images.shape[1]


def _table_rows(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows; a vote among texts has no PSNR."""
    return result["rows"]


def _facts(result: Mapping[str, Any]) -> dict[str, Any]:
    return training_words(result["training"])
