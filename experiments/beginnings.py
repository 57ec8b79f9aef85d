"""How a training must begin where most of an image is noise: first steps of several beginnings.

    python -m experiments.beginnings --steps 700

For each: the loss, the KL divergence and what the decoder's last level hears. Where none of its
ReLUs is alive, no gradient comes through, and no training goes on.
"""

import argparse
from typing import Any

import keras
import numpy as np

import divnoising_tf as dn
from divnoising_tf.precision import chosen_precision
from divnoising_tf.strong_noise import STRONG_NOISE_NETWORK
from divnoising_tf.units import noise_share
from experiments.common import write_results
from experiments.tasks import load_task
from measuring.machine import machine

_STEPS_PER_EPOCH = 50
_LATE, _RISE = 6, 4  # epochs without the KL divergence, and of its rise
# name, arguments of the model, epochs without the KL divergence
_ORDINARY = ("ordinary", {}, 0)
_ALL_THREE = ("all three", STRONG_NOISE_NETWORK, _LATE)
_LATE_ALONE = ("late divergence", {}, _LATE)
_WEIGHTS_ALONE = ("He weights, narrow posterior", STRONG_NOISE_NETWORK, 0)
_TASKS: dict[str, tuple[str, dict[str, Any], tuple[Any, ...]]] = {
    "eBook, σ = 255": (
        "ebook",
        {"training_pages": 60, "test_images": 1},
        (_ORDINARY, _ALL_THREE, _LATE_ALONE, _WEIGHTS_ALONE),
    ),
}


def main() -> None:
    """Train every beginning for some steps on every task, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=700)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rows: list[dict[str, Any]] = []
    described = machine()
    command = f"python -m experiments.beginnings --steps {arguments.steps} --seed {arguments.seed}"
    for title, (name, options, beginnings) in _TASKS.items():
        task = load_task(name, {**options, "patch_size": 128, "batch_size": 4})
        share = round(noise_share(task.train, task.noise_model), 3)
        for beginning, network, start in beginnings:
            rows.append({"data": title, "share of noise": share, "beginning": beginning})
            rows[-1] |= _begun(task, {"depth": 3, **network}, start, arguments)
            print(rows[-1], flush=True)
            # a row costs minutes: what there is is kept
            write_results("beginnings", {"command": command, "machine": described, "rows": rows})


def _begun(
    task: Any, network: dict[str, Any], start: int, arguments: argparse.Namespace
) -> dict[str, Any]:
    """Return what is there after some steps; the divergence rises after `start` epochs."""
    keras.utils.set_random_seed(arguments.seed)
    model = dn.DivNoising(task.noise_model, dtype=chosen_precision(), **network)
    model.compile(keras.optimizers.Adam(1e-3))
    patches, _ = dn.data.patches(
        task.train,
        task.patch_size,
        task.batch_size,
        validation_fraction=0.0,
        seed=arguments.seed,
        augment=task.augment,
        steps_per_epoch=_STEPS_PER_EPOCH,
    )
    history = model.fit(
        patches,
        epochs=-(-arguments.steps // _STEPS_PER_EPOCH),
        callbacks=[dn.KLAnnealing(_RISE, start)],
        verbose=0,
    ).history
    return {
        "loss": round(history["loss"][-1], 4),
        "reconstruction": round(history["reconstruction"][-1], 4),
        "KL, nats per pixel": round(history["kl"][-1], 4),
        "active channels": int(history["active_channels"][-1]),
        "live ReLUs of the last level": _live_share(model, next(iter(patches))),
    }


def _live_share(model: dn.DivNoising, images: Any) -> float:
    """Return the share of channels of the decoder's last level that any pixel wakes."""
    latent, _ = model.encode(images)
    features, levels = model.decoder.convolutions()
    features = features(latent)
    for convolution, upsampling in levels:
        last = convolution(features)
        features = upsampling(last)
    awake = np.asarray(keras.ops.convert_to_numpy(last > 0)).any((0, 1, 2))
    return round(float(awake.mean()), 3)


if __name__ == "__main__":
    main()
