import numpy as np
import pytest
import tifffile
from helpers.images import noisy_images, smooth_images
from helpers.random_models import random_model

from divnoising_tf import InputError
from experiments.kinds.antithetic import _compared, _run, run
from experiments.results_store import Part, read_record
from measuring.markdown import DOCS


class _Linear:
    """Samples of a decoder that is linear: the errors of a pair cancel."""

    def __init__(self, truth, deviation):
        self._truth, self._deviation = truth, deviation

    def samples(self, n, sign):
        random = np.random.default_rng(0)
        for _ in range(n):
            yield self._truth + sign * self._deviation * random.normal(size=self._truth.shape)


def test_pairs_of_a_linear_decoder_have_no_error_and_their_deviation_is_right():
    truth = smooth_images(1, 48)[0].astype(np.float64)
    made = _run(_Linear(truth, 5.0), truth, [2, 40], 400)
    assert made["paired"] == pytest.approx(0, abs=1e-20)
    assert made["plain"][[0, 99]] == pytest.approx([25, 0.25], rel=0.1)
    as_if_independent, corrected = made["variances"][40]
    # pairs differ by the whole deviation, their means by nothing
    assert as_if_independent.mean() == pytest.approx(25 * 40 / 39, rel=0.05)
    assert corrected.mean() == pytest.approx(25, rel=0.05)


def test_the_number_of_plain_samples_for_as_much_is_counted_from_one():
    runs = [
        {
            "plain": np.array([9.0, 4.0, 1.0]),
            "paired": np.array([4.0, 0.5]),
            "variance": np.ones((2, 2)),
            "variances": {},
        }
    ]
    rows = _compared(runs, 10.0, [2])["rows"]
    assert rows[0]["plain samples for as much"] == 2
    assert rows[0]["pairs, dB"] == pytest.approx(10 * np.log10(100 / 4), abs=1e-4)


def test_it_measures_what_the_demo_left(tmp_path):
    model = random_model()
    model.save(tmp_path / "model.keras")
    tifffile.imwrite(tmp_path / "noisy.tif", noisy_images(1, 32)[0])
    tifffile.imwrite(tmp_path / "truth.tif", smooth_images(1, 32)[0])
    settings = {"folder": str(tmp_path), "size": 16, "seeds": 2, "numbers": [2, 6], "plain": 12}
    result = run(settings, None, 0)
    assert result["seeds"] == 2
    assert [row["samples"] for row in result["rows"]] == [2, 6]
    assert "plain, 12 samples, dB" in result
    with pytest.raises(InputError, match=r"run\.py demo"):
        run({**settings, "folder": str(tmp_path / "none")}, None, 0)


def test_the_page_has_what_was_measured():
    page = (DOCS / "scaling.md").read_text(encoding="utf-8")
    measured = read_record(Part("antithetic", None, None, 0))["result"]
    for row in measured["rows"]:
        if row["samples"] in (2, 4, 10, 100):
            plain, pairs = row["plain, dB"], row["pairs, dB"]
            assert f"| {row['samples']} | {plain:.2f} | {pairs:.2f} |" in page
    assert f"| 1000 | {measured['plain, 1000 samples, dB']:.2f} |" in page
