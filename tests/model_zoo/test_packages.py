"""The packages in model_zoo/ are those of their recipes, small, described, and run by all."""

from importlib.metadata import version

import numpy as np
import pytest
import yaml
from helpers.bioimageio_command import check_with_bioimageio
from helpers.static_gate import operations_of_tensorflow_2_7, unknown_operations
from helpers.zoo_packages import MODEL_ZOO, NAMES, archive_of, tensors_of_test, unzipped

from divnoising_tf.zoo import load
from model_zoo.builder import read_recipe
from model_zoo.builder.build import generated_pair

LARGEST = 5_000_000
pytestmark = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Return the unzipped folder of a package, each unzipped once."""
    known = {}

    def folder(name):
        if name not in known:
            known[name] = unzipped(archive_of(name), tmp_path_factory.mktemp("unzipped"))
        return known[name]

    return folder


def test_package_is_small(name):
    assert archive_of(name).stat().st_size < LARGEST


def test_model_is_that_of_the_recipe(name):
    recipe, model = read_recipe(MODEL_ZOO / name), load(archive_of(name))
    sizes = recipe.network.model_dump(exclude={"family"})
    assert {key: getattr(model, key) for key in sizes} == sizes
    assert model.family.name == recipe.network.family


def test_licence_citations_and_training_data_are_told(name, folders):
    recipe = read_recipe(MODEL_ZOO / name)
    rdf = yaml.safe_load((folders(name) / "rdf.yaml").read_text(encoding="utf-8"))
    readme = (folders(name) / "README.md").read_text(encoding="utf-8")
    assert rdf["license"] == recipe.metadata["license"]
    assert f"Licence: {recipe.metadata['license']}." in readme
    # the two papers of the method, and the recipe's own
    assert len(rdf["cite"]) == 2 + len(recipe.metadata["cite"])
    cited = {one.get("doi") or one.get("url") for one in rdf["cite"]}
    assert {one.get("doi") or one.get("url") for one in recipe.metadata["cite"]} <= cited
    assert f"The data is published: {recipe.data.published}" in readme
    # those that were built while the builder was a command of `divnoising` say so
    former = f"divnoising zoo build {name}"
    assert any(f"Built by `{command}`" in readme for command in (recipe.command, former))
    assert "## Validation" in readme


def test_tensorflow_2_7_knows_every_operation(name, folders):
    assert not unknown_operations(folders(name), operations_of_tensorflow_2_7())


def test_test_output_is_an_image_of_counts(name, folders):
    """A model that learned nothing would pass every comparison of consumers."""
    image, output = tensors_of_test(folders(name))
    mean, uncertainty = output[..., 0], output[..., 1]
    # 0.01 after one step of training
    assert np.corrcoef(image.ravel(), mean.ravel())[0, 1] > 0.2
    assert uncertainty.min() > 0
    # samples differ from each other by about what the uncertainty says
    spread = output[..., 2:].std(axis=-1, ddof=1)
    assert 0.8 < np.median(spread / uncertainty) < 1.25


def test_a_test_image_that_is_drawn_by_the_model_shows_no_data(name, folders):
    recipe = read_recipe(MODEL_ZOO / name)
    if recipe.package.test_image == "data":
        assert recipe.data.source == "demo"  # whose image may be published
        return
    image, _ = tensors_of_test(folders(name))
    shown = image[0, ..., 0]
    drawn, _ = generated_pair(
        load(archive_of(name)), recipe.package.test_size, recipe.training.seed
    )
    # another processor rounds otherwise, and a Gaussian of the mixture may be another one there
    assert np.mean(np.abs(shown - drawn) < 0.05 * drawn.std()) > 0.98
    # pixels of the data are whole numbers, those of the noise model are not
    assert np.mean(shown == np.round(shown)) < 1e-3


@pytest.mark.slow
def test_package_passes_bioimageio_test(name, tmp_path, record_property):
    record_property("version", version("bioimageio.core"))
    check_with_bioimageio(archive_of(name), tmp_path)
