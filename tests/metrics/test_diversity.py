import numpy as np
import pytest

from divnoising_tf.errors import InputError
from divnoising_tf.metrics import psnr, psnr_standard_deviation


def test_deviation_of_the_psnrs_of_samples(rng):
    truth = rng.random((20, 20)) * 100
    samples = truth + rng.normal(size=(7, 20, 20)) * np.arange(1, 8)[:, None, None]
    expected = np.std([psnr(truth, one, 255) for one in samples], ddof=1)
    assert psnr_standard_deviation(truth, iter(samples), 255) == pytest.approx(expected)
    assert psnr_standard_deviation(truth, [samples[0], samples[0]]) == 0


def test_what_has_no_deviation_is_refused(rng):
    truth = rng.random((8, 8))
    with pytest.raises(InputError, match="at least two"):
        psnr_standard_deviation(truth, [truth + 1])
    with pytest.raises(InputError, match="infinite"):
        psnr_standard_deviation(truth, [truth, truth + 1])
