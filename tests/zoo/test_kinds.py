"""The three kinds of package, and which numbers of samples belong to each."""

import zipfile

import numpy as np
import pytest
import yaml
from helpers.zoo_models import METADATA, noisy, small_model

from divnoising_tf.errors import InputError
from divnoising_tf.zoo import export
from divnoising_tf.zoo.kinds import KINDS, sample_numbers


@pytest.mark.parametrize(
    ("kind", "numbers", "names"),
    [
        ("mmse", {"n_averaged": 4}, ["mean", "uncertainty"]),
        ("samples", {"n_samples": 2}, ["sample 1", "sample 2"]),
    ],
)
def test_a_package_gives_what_its_kind_says(tmp_path, kind, numbers, names):
    model = small_model()
    image = noisy(20, 17)
    path = export(
        model, tmp_path / "m.zip", image, kind=kind, truth=image + 1, metadata=METADATA, **numbers
    )
    with zipfile.ZipFile(path) as archive:
        rdf = yaml.safe_load(archive.read("rdf.yaml"))
        with archive.open("test_output.npy") as file:
            output = np.load(file)
        readme = archive.read("README.md").decode()
    assert rdf["outputs"][0]["axes"][3]["channel_names"] == names
    posterior = model.posterior(image, seed=None)
    expected = posterior.moments(4) if kind == "mmse" else posterior.sample(2)
    np.testing.assert_allclose(output[0], np.stack([*expected], axis=-1), rtol=1e-4)
    assert "| noisy test image | " in readme
    assert ("Mean and uncertainty are over 4 samples" in readme) == (kind == "mmse")


def test_numbers_are_those_of_the_kind_unless_given():
    assert {kind: sample_numbers(kind) for kind in KINDS} == KINDS
    assert sample_numbers("full", 2, 5) == (2, 5)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("movie",), "not known"),
        (("mmse", 3), "has no n_samples"),
        (("samples", 3, 9), "has no n_averaged"),
        (("full", 0), "has n_samples"),
        (("full", 5, 4), "numbers of samples"),
    ],
)
def test_numbers_of_another_kind_are_refused(arguments, reason):
    with pytest.raises(InputError, match=reason):
        sample_numbers(*arguments)
