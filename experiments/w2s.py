"""W2S, real wide-field noise: PSNR of the MMSE after 5, 10, 15 and 60 minutes on two cores.

    python -m experiments.w2s --units counts     # 8-bit counts as they are
    python -m experiments.w2s --units electrons  # each image brought to common units first

Noise model from fields of view 1-20, trained on the single shots of 1-80, tested on 81-120 with
50 samples; PSNR after the best affine match of the prediction to the ground truth, peak = range
of the ground truth. "4 fields" are 81, 94, 107 and 120.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np

import divnoising_tf as dn
from divnoising_tf.metrics import psnr_affine
from divnoising_tf.precision import PRECISIONS, chosen_precision
from experiments.averaged_weights import AveragedWeights
from experiments.common import command_of, data_folder, write_results
from measuring.machine import machine
from measuring.training_clock import TrainingClock
from model_zoo.builder.w2s import W2SImages, read_w2s

TRAINING = slice(0, 80)
TEST_FIELDS = range(81, 121)
FOUR_FIELDS = (81, 94, 107, 120)
SAMPLES = 50
# small batches: more steps in a given time than the paper's 32, and their noise is averaged out
BATCH_SIZE = 4
AVERAGING = 0.998
LEARNING_RATE = 1e-3


def main() -> None:
    """Run the experiment."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--channel", type=int, choices=(0, 2), default=2)
    parser.add_argument("--units", choices=("counts", "electrons"), default="counts")
    parser.add_argument("--marks", type=float, nargs="+", default=[5, 10, 15, 60], help="minutes")
    parser.add_argument("--all-fields", type=float, nargs="*", default=[15, 60], help="minutes")
    parser.add_argument("--precision", choices=PRECISIONS, default="auto")
    parser.add_argument(
        "--halving",
        type=int,
        default=0,
        help="steps after which the learning rate is half of what it was, falling as 1 / time; "
        "0 keeps it constant",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", type=Path, help="a .keras file for the model after the last mark")
    arguments = parser.parse_args()
    images = read_w2s(data_folder() / f"w2s_ch{arguments.channel}_8bit", arguments.units)
    described = machine()
    keras.utils.set_random_seed(arguments.seed)
    noise_model = dn.GaussianMixtureNoiseModel.fit(images.signal, images.noisy[:20])
    print(noise_model)
    precision = chosen_precision(arguments.precision)
    model = dn.DivNoising(noise_model, dtype=precision)
    rate: Any = LEARNING_RATE
    if arguments.halving:
        rate = keras.optimizers.schedules.InverseTimeDecay(rate, arguments.halving, 1.0)
    optimizer = keras.optimizers.Adam(rate, use_ema=True, ema_momentum=AVERAGING)
    model.compile(optimizer=optimizer)
    train, _ = dn.data.patches(
        images.noisy[TRAINING], 128, BATCH_SIZE, validation_fraction=0.0, seed=arguments.seed
    )

    rate_name = "falling" if arguments.halving else "constant"
    name = f"w2s_ch{arguments.channel}_{arguments.units}_{rate_name}"
    results: dict[str, Any] = {
        "command": command_of("experiments.w2s", sys.argv[1:]),
        "noise model": repr(noise_model),
        "precision": precision,
        "learning rate": f"{LEARNING_RATE}, halved by step {arguments.halving}, as 1 / time"
        if arguments.halving
        else f"{LEARNING_RATE}, constant",
        "batch": f"{BATCH_SIZE} patches of 128 x 128",
        "machine": described,
        "noisy": summary(
            {field: _psnr(images, field, images.noisy[field - 1]) for field in TEST_FIELDS}
        ),
        "marks": [],
    }

    def measure(row: dict[str, Any]) -> None:
        fields = TEST_FIELDS if row["minutes"] in arguments.all_fields else FOUR_FIELDS
        with AveragedWeights(model):
            row |= summary(test(model, images, fields))
        results["marks"].append(row)
        # an interrupted run leaves the marks that it reached
        write_results(name, results)

    clock = TrainingClock(arguments.marks, measure)
    model.fit(train, epochs=100_000, callbacks=[clock], verbose=0)
    if arguments.save:
        with AveragedWeights(model):
            model.save(arguments.save)


def test(model: dn.DivNoising, images: W2SImages, fields: Any) -> dict[int, float]:
    """Return the PSNR in dB of the MMSE of each field."""
    return {
        field: _psnr(images, field, model.posterior(images.noisy[field - 1]).moments(SAMPLES).mean)
        for field in fields
    }


def summary(values: dict[int, float]) -> dict[str, Any]:
    """Return the means over four and, where they are there, over all fields."""
    result: dict[str, Any] = {
        "PSNR, 4 fields": round(float(np.mean([values[field] for field in FOUR_FIELDS])), 2)
    }
    if len(values) == len(TEST_FIELDS):
        result["PSNR, 40 fields"] = round(float(np.mean(list(values.values()))), 2)
    result["PSNR by field"] = {str(field): round(value, 2) for field, value in values.items()}
    return result


def _psnr(images: W2SImages, field: int, prediction: np.ndarray) -> float:
    return psnr_affine(images.truth[field - 81], prediction)


if __name__ == "__main__":
    main()
