"""The contract of every noise model p(x|s): what the camera makes of a clean signal."""

import json
import os
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from divnoising_tf.errors import InputError
from divnoising_tf.files.atomic import atomic_path
from divnoising_tf.noise_models.report import NoiseModelReport, report
from divnoising_tf.noise_models.tensors import float32, stateless_seed

_FILE_FORMAT = "divnoising_tf noise model"


class NoiseModel(keras.layers.Layer):
    """The distribution p(x|s) of one pixel's observation x, given its signal s (Eq. 1).

    Pixels are independent given the signal. Observations, signals and all parameters are in
    the image's own counts; nothing is normalised here. A subclass gives `distribution`, a
    TFP distribution whose batch shape is the signal's, or overrides the methods below, and
    `get_config`, which holds the present parameter values: a noise model is rebuilt from its
    configuration alone.

    Args:
        signal_range: lowest and highest signal, in counts, that the calibration data held;
            None if the model holds for any signal.
        trainable: whether training a `DivNoising` model also changes the noise model.
    """

    def __init__(
        self,
        signal_range: tuple[float, float] | None = None,
        trainable: bool = False,
        **kwargs: Any,
    ):
        # float32 under every dtype policy: likelihoods do not bear bfloat16
        kwargs["dtype"] = "float32"
        super().__init__(trainable=trainable, **kwargs)
        self.signal_range = None if signal_range is None else _checked_range(signal_range)

    def distribution(self, signal: Any) -> Any:
        """Return the TFP distribution of the observation, batch shape that of `signal`."""
        raise NotImplementedError

    def log_prob(self, observation: Any, signal: Any) -> tf.Tensor:
        """Return ln p(observation | signal), per count; shapes broadcast.

        Args:
            observation: noisy values, counts.
            signal: clean values, counts.

        Returns:
            float32 tensor of the broadcast shape.
        """
        return self.distribution(float32(signal)).log_prob(float32(observation))

    def cdf(self, observation: Any, signal: Any) -> tf.Tensor:
        """Return P(x <= observation | signal), in [0, 1]; shapes broadcast, counts."""
        return self.distribution(float32(signal)).cdf(float32(observation))

    def sample(self, signal: Any, seed: int) -> tf.Tensor:
        """Draw one noisy image, counts, of the shape of `signal`; same seed, same noise."""
        return self.distribution(float32(signal)).sample(seed=stateless_seed(seed))

    def mean(self, signal: Any) -> tf.Tensor:
        """Return the mean of the observation, counts, of the shape of `signal`."""
        return self.distribution(float32(signal)).mean()

    def variance(self, signal: Any) -> tf.Tensor:
        """Return the variance of the observation, counts squared, of the shape of `signal`."""
        return self.distribution(float32(signal)).variance()

    def call(self, observation: Any, signal: Any) -> tf.Tensor:
        """Return `log_prob`, so that the noise model works as a likelihood layer."""
        return self.log_prob(observation, signal)

    def report(
        self, signal: Any, observation: Any = None, held_out: Any = None, seed: int = 0
    ) -> NoiseModelReport:
        """Judge this noise model on pairs of signal and observation.

        A histogram and a plain Gaussian are fitted to one half of the pixels, chosen at random;
        they and this model are judged on the other half. If this model was fitted to the same
        images, it has seen those pixels too. That flatters it little, as it has few parameters
        and there are many pixels, but images of another day say more: give them as `held_out`.

        Args:
            signal: clean images, counts, or `CalibrationPairs`; see `pairs_from_images`.
            observation: noisy images, counts; None with `CalibrationPairs`.
            held_out: pixels to judge on instead: (signal, observation) or `CalibrationPairs`;
                `signal` and `observation` then only serve to fit the two reference models.
            seed: of the halves, and of the random places inside grey levels.

        Returns:
            The report: `print` it, look at its `figure()`.

        Raises:
            InputError: fewer than 2000 pixels, or images that do not fit together.

        Example:
            >>> from divnoising_tf.noise_models import GaussianNoiseModel
            >>> signal = np.linspace(100, 200, 40_000).reshape(200, 200)
            >>> noise = GaussianNoiseModel(standard_deviation=5.0)
            >>> noise.report(signal, noise.sample(signal, seed=0)).verdict
            'good'
            >>> GaussianNoiseModel(10.0).report(signal, noise.sample(signal, seed=0)).verdict
            'bad'
        """
        return report(self, signal, observation, held_out=held_out, seed=seed)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments; subclasses add their parameter values."""
        return {"name": self.name, "trainable": self.trainable, "signal_range": self.signal_range}

    def save(self, path: str | os.PathLike[str], overwrite: bool = False) -> None:
        """Write the noise model as JSON.

        Args:
            path: file name, by convention ending in `.json`.
            overwrite: whether an existing file may be replaced.

        Raises:
            InputError: the file exists, or the folder cannot be written.
        """
        content = {"format": _FILE_FORMAT, "version": 1, "class": type(self).__name__}
        content["config"] = self.get_config()
        with atomic_path(path, overwrite) as temporary:
            temporary.write_text(json.dumps(content, indent=1), encoding="utf-8")

    @staticmethod
    def load(path: str | os.PathLike[str]) -> "NoiseModel":
        """Read a noise model of any class, as written by `save`.

        Raises:
            InputError: the file is missing, or is not a noise model.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            if content["format"] != _FILE_FORMAT:
                raise KeyError("format")
            name = content["class"]
            model: NoiseModel = _noise_model_classes()[name].from_config(content["config"])
            return model
        except InputError:
            raise
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                "This file is not a noise model.",
                f"{path} ({type(error).__name__}: {error})",
                "Give a .json file written by NoiseModel.save, or read a PN2V/DivNoising .npz "
                "file with GaussianMixtureNoiseModel.from_npz.",
            ) from error

    def _described_range(self) -> str:
        if self.signal_range is None:
            return "any signal"
        return f"signal {self.signal_range[0]:g} to {self.signal_range[1]:g} counts"


def _noise_model_classes() -> dict[str, type[NoiseModel]]:
    classes, waiting = {}, [NoiseModel]
    while waiting:
        subclasses = waiting.pop().__subclasses__()
        classes.update({one.__name__: one for one in subclasses})
        waiting += subclasses
    return classes


def _checked_range(signal_range: tuple[float, float]) -> tuple[float, float]:
    low, high = (float(value) for value in signal_range)
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise InputError(
            "The signal range is not a range.",
            f"{low} to {high}",
            "Give two finite values in counts, the lower one first.",
        )
    return low, high
