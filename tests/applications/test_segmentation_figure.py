import numpy as np
import pytest
from applications.cells import membranes

from divnoising_tf.applications import segmentation_figure
from divnoising_tf.errors import InputError


def test_panels_and_what_they_count():
    image, truth = membranes((48, 61))
    samples, labels = np.stack([image] * 4), [truth] * 4
    labels[1] = np.where(truth == 1, 2, truth)
    figure = segmentation_figure(image, samples, labels, {"Consensus (BIC)": truth}, truth)
    titles = [axis.get_title() for axis in figure.axes if axis.get_title()]
    n = truth.max()
    assert titles == [
        "image",
        f"sample 1: {n} cells",
        f"sample 2: {n - 1} cells",
        f"sample 3: {n} cells",
        "share of samples with\nan outline here",
        f"Consensus (BIC): {n} cells",
        f"truth: {n} cells",
    ]
    agreement = figure.axes[4].images[0].get_array()
    assert set(np.unique(agreement)) == {0, 0.75, 1}


def test_a_pixel_and_no_cells():
    nothing = np.zeros((1, 1), int)
    assert segmentation_figure(nothing, [nothing], [nothing], {"Consensus (Avg)": nothing})


def test_what_does_not_fit_is_refused():
    image, labels = np.zeros((4, 4)), np.ones((4, 4), int)
    for samples, segmentations, consensus in (
        ([image, image], [labels], {}),
        ([image[1:]], [labels], {}),
        ([image], [labels], {"Consensus (Avg)": labels[1:]}),
    ):
        with pytest.raises(InputError, match="one shape"):
            segmentation_figure(image, samples, segmentations, consensus)
