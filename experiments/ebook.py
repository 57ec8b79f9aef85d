"""eBook, rendered text under noise of its own range: error rates of reading, and PSNR.

    python -m experiments.ebook --minutes 30

Trained on noisy pages of the first 85 % of "The Beetle", depth 3, the KL divergence annealed.
Read are patches of 128 x 128 pixels from the rest. Where each line stands is given to all
methods alike, ink is 0 counts and paper 255, and curly quotes, dashes and dots count as a typist's.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

import divnoising_tf as dn
from divnoising_tf.applications.text_errors import character_error_rate, word_error_rate
from divnoising_tf.applications.text_recognition import Reading, read_lines
from divnoising_tf.applications.text_voting import combined
from divnoising_tf.metrics import psnr
from divnoising_tf.precision import chosen_precision
from experiments import beetle
from experiments.common import TrainingClock, data_folder, machine, write_results

TRAINING_PAGE_SIZE = 512
BATCH_SIZE = 8
STEPS_PER_EPOCH = 100
ANNEALING_EPOCHS = 15
AVERAGING = 0.998
LEVELS = (0.0, 255.0)


def main() -> None:
    """Run the experiment."""
    arguments = _arguments()
    training, validation = beetle.book(data_folder() / "the_beetle" / "the_beetle.txt")
    pages = beetle.pages(validation, limit=arguments.patches)
    noisy = beetle.noisy(np.stack([page.image for page in pages]), seed=1)
    described = machine()
    images: dict[str, np.ndarray] = {"clean": _clean(pages), "noisy": noisy}
    rows = [_row(name, pages, images[name], _read(pages, images[name])) for name in images]
    for row in rows:
        print(row, flush=True)

    model, measured = _trained(training, arguments)
    posterior = model.posterior(noisy)
    estimates = {f"MMSE of {arguments.samples} samples": posterior.moments(arguments.samples).mean}
    if hasattr(posterior, "mode"):
        estimates[f"MAP of {arguments.samples} samples"] = posterior.mode(arguments.samples)
    readings = {name: _read(pages, image) for name, image in estimates.items()}
    rows += [_row(name, pages, image, readings[name]) for name, image in estimates.items()]
    samples = posterior.sample(arguments.voters)
    votes = [_read(pages, sample) for sample in samples]
    rows += _sample_rows(pages, samples, votes)
    results = {
        "command": " ".join(["python -m experiments.ebook", *sys.argv[1:]]),
        "precision": chosen_precision(),
        "batch": f"{BATCH_SIZE} patches of {beetle.PATCH_SIZE} x {beetle.PATCH_SIZE}",
        "patches read": len(pages),
        "lines read": sum(len(page.texts) for page in pages),
        "machine": described,
        "training": measured,
        "rows": rows,
        "first patch": {
            "text": pages[0].texts,
            **{name: _texts(read[: len(pages[0].texts)]) for name, read in readings.items()},
        },
    }
    if not hasattr(posterior, "mode"):
        results["not measured"] = "MAP: this version has no Posterior.mode"
    write_results("ebook", results)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30, help="of training")
    parser.add_argument("--patches", type=int, default=60, help="to read")
    parser.add_argument("--samples", type=int, default=100, help="for the MMSE and the MAP")
    parser.add_argument("--voters", type=int, default=20, help="samples that are read one by one")
    parser.add_argument("--training-pages", type=int, help="at most; without it all")
    return parser.parse_args()


def _trained(
    paragraphs: Sequence[str], arguments: argparse.Namespace
) -> tuple[dn.DivNoising, dict[str, Any]]:
    keras.utils.set_random_seed(0)
    pages = beetle.pages(paragraphs, TRAINING_PAGE_SIZE, arguments.training_pages)
    noisy = beetle.noisy(_clean(pages), seed=0)
    model = dn.DivNoising(dn.GaussianNoiseModel(beetle.NOISE), depth=3, dtype=chosen_precision())
    optimizer = keras.optimizers.Adam(1e-3, use_ema=True, ema_momentum=AVERAGING)
    model.compile(optimizer=optimizer)
    # letters are upright: no flips and turns
    train, _ = dn.data.patches(
        noisy,
        beetle.PATCH_SIZE,
        BATCH_SIZE,
        validation_fraction=0.0,
        augment=False,
        steps_per_epoch=STEPS_PER_EPOCH,
    )
    measured: dict[str, Any] = {"pages": len(pages)}

    def measure(row: dict[str, Any]) -> None:
        row["weight of the KL divergence"] = round(float(model.kl_weight), 3)
        measured.update(row)

    # the watch comes last: after a restart its own annealing wins
    callbacks = [
        TrainingClock([arguments.minutes], measure),
        dn.KLAnnealing(ANNEALING_EPOCHS),
        dn.PosteriorCollapse(action="restart", patience=8),
    ]
    model.fit(train, epochs=100_000, callbacks=callbacks, verbose=0)
    # Keras has given the model its averaged weights at the end
    return model, measured


def _sample_rows(
    pages: Sequence[beetle.Page], samples: np.ndarray, votes: Sequence[list[Reading]]
) -> list[dict[str, Any]]:
    each = [_row("", pages, *pair) for pair in zip(samples, votes, strict=True)]
    measures = [key for key in each[0] if key != "image"]
    mean = {key: round(float(np.mean([row[key] for row in each])), 2) for key in measures}
    rows = [{"image": f"one sample, mean over {len(each)}", **mean}]
    for unit in ("line", "character"):
        for weighting in ("votes", "likelihood"):
            texts = [
                combined(line, weighting=weighting, unit=unit) for line in zip(*votes, strict=True)
            ]
            name = f"{len(samples)} samples by {unit}, {weighting}"
            rows.append({"image": name, **_errors(pages, texts)})
    return rows


def _read(pages: Sequence[beetle.Page], images: np.ndarray) -> list[Reading]:
    """Return a reading for every line of all pages."""
    return [
        reading
        for page, image in zip(pages, images, strict=True)
        for reading in read_lines(image, page.rows, LEVELS)[0]
    ]


def _row(
    name: str, pages: Sequence[beetle.Page], images: np.ndarray, readings: Sequence[Reading]
) -> dict[str, Any]:
    row = {"image": name, **_errors(pages, _texts(readings))}
    clean = _clean(pages)
    # the clean image against itself has none
    if not np.array_equal(images, clean):
        row["PSNR"] = round(psnr(clean, images, 255), 2)
    return row


def _errors(pages: Sequence[beetle.Page], texts: Sequence[str]) -> dict[str, float]:
    truth = [beetle.plain(text) for page in pages for text in page.texts]
    texts = [beetle.plain(text) for text in texts]
    return {
        "character errors, %": round(100 * character_error_rate(truth, texts), 2),
        "word errors, %": round(100 * word_error_rate(truth, texts), 2),
    }


def _texts(readings: Sequence[Reading]) -> list[str]:
    return [reading.text for reading in readings]


def _clean(pages: Sequence[beetle.Page]) -> np.ndarray:
    return np.stack([page.image for page in pages])


if __name__ == "__main__":
    main()
