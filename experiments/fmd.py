"""FMD, real confocal and two-photon noise: trained on the noisy shots of one scene.

    python -m experiments.fmd --minutes 5

For each sample type two noise models: from the four repeats, and bootstrapped from one shot by the
built-in blind-spot denoiser. PSNR (peak 255) against the mean of 50 shots.
"""

import argparse
from pathlib import Path
from typing import Any

import keras
import numpy as np
import skimage.io

import divnoising_tf as dn
from divnoising_tf.bootstrapping import bootstrap
from divnoising_tf.metrics import psnr
from divnoising_tf.precision import chosen_precision
from experiments.averaged_weights import AveragedWeights
from experiments.common import data_folder, write_results
from measuring.machine import machine
from measuring.training_clock import TrainingClock

TYPES = ("Confocal_MICE", "Confocal_BPAE_B", "TwoPhoton_BPAE_G")
SAMPLES = 100
BATCH_SIZE = 8


def main() -> None:
    """Run the experiment."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5, help="of training, each")
    parser.add_argument("--types", nargs="+", default=TYPES, choices=TYPES)
    arguments = parser.parse_args()
    folder = data_folder() / "fmd_testset"
    chosen = "" if tuple(arguments.types) == TYPES else f" --types {' '.join(arguments.types)}"
    name = "_".join(["fmd", *(arguments.types if chosen else ())])
    results: dict[str, Any] = {
        "command": f"python -m experiments.fmd --minutes {arguments.minutes:g}{chosen}",
        "machine": machine(),
        "rows": [],
    }
    for kind in arguments.types:
        results["rows"] += _rows(folder, kind, arguments.minutes)
        # an interrupted run leaves the types that it reached
        write_results(name, results)


def _rows(folder: Path, kind: str, minutes: float) -> list[dict[str, Any]]:
    shots = np.stack([skimage.io.imread(folder / f"raw_{kind}_{n}.png") for n in range(1, 5)])
    truth = skimage.io.imread(folder / f"gt_{kind}.png").astype(np.float32)
    bootstrapped = bootstrap(shots[0], minutes=minutes)
    noise_models = {
        "repeats": dn.GaussianMixtureNoiseModel.fit_repeats(shots),
        "bootstrapped": bootstrapped.noise_model,
    }
    rows = []
    for source, noise_model in noise_models.items():
        row = {
            "type": kind,
            "noise model": source,
            "noisy": round(psnr(truth, shots[0], 255), 2),
            "blind spot": round(psnr(truth, bootstrapped.denoised, 255), 2),
            **_trained(noise_model, shots, truth, minutes),
        }
        print(row, flush=True)
        rows.append(row)
    return rows


def _trained(
    noise_model: dn.NoiseModel, shots: np.ndarray, truth: np.ndarray, minutes: float
) -> dict[str, Any]:
    keras.utils.set_random_seed(0)
    model = dn.DivNoising(noise_model, dtype=chosen_precision())
    model.compile(optimizer=keras.optimizers.Adam(1e-3, use_ema=True, ema_momentum=0.99))
    train, _ = dn.data.patches(shots, 64, BATCH_SIZE, validation_fraction=0.0)
    measured: dict[str, Any] = {}

    def measure(row: dict[str, Any]) -> None:
        with AveragedWeights(model):
            mean, _deviation = model.posterior(shots[0]).moments(SAMPLES)
        measured.update(row, **{"DivNoising MMSE": round(psnr(truth, mean, 255), 2)})

    model.fit(train, epochs=100_000, callbacks=[TrainingClock([minutes], measure)], verbose=0)
    return measured


if __name__ == "__main__":
    main()
