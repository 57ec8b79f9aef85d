"""Reads W2S (Widefield2SIM): real wide-field noise, single shots and means of 400 of them."""

import csv
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from divnoising_tf.errors import InputError

SIGNAL_FIELDS = 20  # the first ones, whose truth is there beside that of the test fields
_NOISY = "noisy_avg1_fov001-120.npz"
_TRUTHS = ("gt_avg400_fov001-020.npz", "gt_avg400_fov081-120.npz")
_UNITS = "calibration.csv"


class W2SImages(NamedTuple):
    """One channel, float32.

    Attributes:
        noisy: single shots of fields 1-120, (120, y, x).
        signal: truth of fields 1-20, in the units of their shots, (20, y, x).
        truth: of the test fields 81-120, in units of its own, (40, y, x).
    """

    noisy: np.ndarray
    signal: np.ndarray
    truth: np.ndarray


def read_w2s(folder: str | os.PathLike[str], units: str = "counts") -> W2SImages:
    """Read one channel.

    The published 8-bit images were stretched each on its own; electrons undo it, and then all
    of them share one noise model. The folder's SOURCE.txt says how that was measured.

    Args:
        folder: of the channel, with the shots and truths as .npz and calibration.csv.
        units: "counts" as they are, or "electrons".

    Returns:
        The images.

    Raises:
        InputError: the folder does not hold them.
    """
    folder = Path(folder)
    _refuse_incomplete(folder)
    noisy = _images(folder / _NOISY)
    matched, truth = (_images(folder / name) for name in _TRUTHS)
    with (folder / _UNITS).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    # b and c bring the truth to the shot's counts; alpha and beta are slope and intercept of the
    # noise variance against the signal
    scale, shift, gain, intercept = (
        np.array([float(row[name]) for row in rows], np.float32)[:, np.newaxis, np.newaxis]
        for name in ("b", "c", "alpha", "beta")
    )
    n = SIGNAL_FIELDS
    signal = scale[:n] * matched + shift[:n]
    if units == "electrons":
        noisy = noisy / gain + intercept / gain**2
        signal = signal / gain[:n] + intercept[:n] / gain[:n] ** 2
    return W2SImages(noisy, signal, truth)


def _images(path: Path) -> np.ndarray:
    with np.load(path) as file:
        return np.asarray(file["images"], np.float32)


def _refuse_incomplete(folder: Path) -> None:
    missing = [name for name in (_NOISY, *_TRUTHS, _UNITS) if not (folder / name).is_file()]
    if missing:
        raise InputError(
            "The images of W2S are not there.",
            f"no {', '.join(missing)} in {folder}",
            "Set DIVNOISING_DATA to the folder that holds the channel's folder.",
        )
