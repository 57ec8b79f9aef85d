"""Noise model files of PN2V, DivNoising, HDN and CAREamics (.npz), read and written."""

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from divnoising_tf.errors import InputError
from divnoising_tf.files.atomic import atomic_path

_KEYS = ("trained_weight", "min_signal", "max_signal", "min_sigma")


def read_pn2v_file(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read the parameters of a Gaussian mixture noise model.

    The key `min_sigma` is the lower bound of the variance, not of the standard deviation, in
    the code that writes these files.

    Args:
        path: name of the .npz file.

    Returns:
        Arguments of `GaussianMixtureNoiseModel`: coefficients, number of components and of
        coefficients, signal range (counts), smallest variance (counts squared).

    Raises:
        InputError: the file is missing, is not an .npz file, needs pickle, or holds something
            else.
    """
    values = _arrays(path)
    weight = values["trained_weight"]
    scalars = [values[key] for key in _KEYS[1:]]
    if weight.ndim != 2 or weight.shape[0] % 3 or not weight.size:
        raise _refusal(path, f"trained_weight of shape {weight.shape}")
    if any(scalar.size != 1 for scalar in scalars):
        raise _refusal(path, f"shapes {[scalar.shape for scalar in scalars]} of {_KEYS[1:]}")
    low, high, smallest = (float(scalar.reshape(())) for scalar in scalars)
    return {
        "signal_range": (low, high),
        "n_components": weight.shape[0] // 3,
        "n_coefficients": weight.shape[1],
        "coefficients": weight,
        # 0 stands for no bound; a variance of 0 has no density
        "min_variance": max(smallest, 1e-12 * (high - low) ** 2),
    }


def write_pn2v_file(
    path: str | os.PathLike[str],
    coefficients: np.ndarray,
    signal_range: tuple[float, float],
    min_variance: float,
    overwrite: bool = False,
) -> None:
    """Write the parameters of a Gaussian mixture noise model, as `read_pn2v_file` reads them.

    Args:
        path: name of the file, ending in .npz.
        coefficients: (3K, C), rows of means (counts), log-variances, weights.
        signal_range: counts.
        min_variance: counts squared.
        overwrite: whether an existing file may be replaced.

    Raises:
        InputError: the name does not end in .npz, the file exists, or cannot be written.
    """
    if Path(path).suffix != ".npz":
        raise InputError(
            "The name of a PN2V noise model ends in .npz.", path, "Change the file name."
        )
    low, high = signal_range
    with atomic_path(path, overwrite) as temporary:
        np.savez(
            temporary,
            trained_weight=np.asarray(coefficients, np.float32),
            # the published reader makes tensors of these, which needs an axis
            min_signal=np.array([low], np.float32),
            max_signal=np.array([high], np.float32),
            min_sigma=np.float64(min_variance),
        )


def _arrays(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            missing = [key for key in _KEYS if key not in file.files]
            if missing:
                raise _refusal(path, f"no {', '.join(missing)}")
            return {key: np.asarray(file[key], np.float64) for key in _KEYS}
    except InputError:
        raise
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise _refusal(path, error) from error
        raise InputError(
            "This noise model holds Python objects, which can run any program when they are read.",
            path,
            "If you trust the file: load it with numpy.load(path, allow_pickle=True), convert "
            "its entries with numpy.asarray(entry.tolist(), float), and save them again with "
            "numpy.savez.",
        ) from error
    except (OSError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise _refusal(path, error) from error


def _refusal(path: str | os.PathLike[str], found: object) -> InputError:
    return InputError(
        "This file is not a Gaussian mixture noise model of PN2V, DivNoising, HDN or CAREamics.",
        f"{path} ({found})",
        f"Give an .npz file that holds {', '.join(_KEYS)}; a .json file is read by "
        "NoiseModel.load.",
    )
