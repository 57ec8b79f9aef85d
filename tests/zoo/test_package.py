"""A package passes the zoo's own test, in fresh processes, and its parts can be used alone."""

import re
import zipfile
from importlib.metadata import version

import keras
import numpy as np
import onnx
import pytest
import yaml
from helpers.bioimageio_command import check_with_bioimageio
from helpers.zoo_models import METADATA, noisy, small_model

import divnoising_tf.zoo.package as package_module
from divnoising_tf.errors import InputError
from divnoising_tf.models.divnoising.model import DivNoising
from divnoising_tf.noise_models import GaussianNoiseModel, NoiseModel
from divnoising_tf.zoo import Metadata, export

# odd on purpose, and not square
SIZE = (61, 75)


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def package(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("package") / "model.zip"
    metadata = Metadata.of(METADATA, training="On noise.", validation="PSNR 31.4 dB, measured.")
    return export(model, path, noisy(*SIZE), n_samples=3, n_averaged=6, metadata=metadata)


@pytest.fixture(scope="module")
def unpacked(package, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def rdf(unpacked):
    return yaml.safe_load((unpacked / "rdf.yaml").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_passes_bioimageio_test_in_five_fresh_processes(package, tmp_path, record_property):
    record_property("version", version("bioimageio.core"))
    for number in range(5):
        folder = tmp_path / str(number)
        folder.mkdir()
        check_with_bioimageio(package, folder)


def test_passes_bioimageio_test_here(package, monkeypatch, tmp_path, record_property):
    from bioimageio.core import test_model as check
    from bioimageio.spec import ValidationContext

    record_property("version", version("bioimageio.core"))
    # it unpacks the weights into the working directory
    monkeypatch.chdir(tmp_path)
    with ValidationContext(perform_io_checks=False):
        summary = check(package)
    assert summary.status == "passed", summary.format()


def test_description_is_as_fiji_reads_it(rdf):
    assert rdf["documentation"] == "README.md"
    assert rdf["covers"] == ["cover.png"]
    assert rdf["format_version"].startswith("0.5.")
    assert rdf["id"] == "divnoising-test-model"
    assert rdf["license"] == "CC-BY-4.0"
    assert len(rdf["cite"]) == 2
    (given,), (result,) = rdf["inputs"], rdf["outputs"]
    assert (given["id"], result["id"]) == ("input", "output")
    for tensor, channels in ((given, 1), (result, 5)):
        axes = tensor["axes"]
        assert [axis.get("id", axis["type"]) for axis in axes] == ["batch", "y", "x", "channel"]
        assert not any({"halo", "scale"} & set(axis) for axis in axes)
        assert len(axes[3]["channel_names"]) == channels
    assert all(axis["size"]["step"] == 1 for axis in given["axes"][1:3])
    assert result["axes"][3]["channel_names"][:3] == ["mean", "uncertainty", "sample 1"]


def test_weights_are_for_a_tensorflow_that_the_zoo_runs(rdf, unpacked):
    assert sorted(rdf["weights"]) == ["onnx", "tensorflow_saved_model_bundle"]
    entry = rdf["weights"]["tensorflow_saved_model_bundle"]
    assert tuple(map(int, entry["tensorflow_version"].split(".")[:2])) >= (2, 16)
    with zipfile.ZipFile(unpacked / entry["source"]) as archive:
        names = archive.namelist()
    assert "saved_model.pb" in names
    assert "variables/variables.index" in names


def test_onnx_weights_are_for_the_opset_that_they_are_described_with(rdf, unpacked):
    entry = rdf["weights"]["onnx"]
    (opset,) = onnx.load(unpacked / entry["source"]).opset_import
    assert entry["opset_version"] == opset.version == 17


def test_test_tensors_are_the_image_and_its_posterior(model, unpacked):
    image, output = (np.load(unpacked / f"test_{name}.npy") for name in ("input", "output"))
    np.testing.assert_array_equal(image[0, ..., 0], noisy(*SIZE))
    assert image.dtype == output.dtype == np.float32
    posterior = model.posterior(image[0, ..., 0], seed=None)
    mean, deviation = posterior.moments(6)
    expected = np.stack([mean, deviation, *posterior.sample(3)], axis=-1)
    np.testing.assert_allclose(output[0], expected, atol=1e-3 * mean.std())


def test_readme_holds_what_the_zoo_and_a_biologist_want(unpacked):
    text = (unpacked / "README.md").read_text(encoding="utf-8")
    assert re.search(r"^#+ Validation$", text, re.MULTILINE)
    for part in ("PSNR 31.4 dB", "On noise.", "GaussianNoiseModel(", "2^31 bytes", "50 megapixels"):
        assert part in text
    assert (unpacked / "cover.png").stat().st_size < 500_000


def test_keras_user_loads_the_attachments(model, unpacked, rdf):
    names = [one["source"] for one in rdf["attachments"]]
    assert set(names) >= {"model.keras", "noise_model.json"}
    loaded = keras.saving.load_model(unpacked / "model.keras")
    image = noisy(16, 16)
    expected = model.posterior(image, seed=1).sample(2)
    np.testing.assert_allclose(loaded.posterior(image, seed=1).sample(2), expected, rtol=1e-5)
    noise_model = NoiseModel.load(unpacked / "noise_model.json")
    assert repr(noise_model) == repr(model.noise_model)


def test_channels_are_named_in_the_order_of_the_output(tmp_path):
    path = export(
        small_model(channels=2), tmp_path / "two.zip", noisy(2, 20, 17), 1, 2, metadata=METADATA
    )
    with zipfile.ZipFile(path) as archive:
        rdf = yaml.safe_load(archive.read("rdf.yaml"))
        with archive.open("test_output.npy") as file:
            assert np.load(file).shape == (1, 20, 17, 6)
    names = rdf["outputs"][0]["axes"][3]["channel_names"]
    assert names[1:4] == ["mean, channel 2", "uncertainty, channel 1", "uncertainty, channel 2"]


def test_missing_metadata_is_said_before_any_work(model, tmp_path, monkeypatch):
    monkeypatch.setattr(package_module, "sampling_function", pytest.fail)
    with pytest.raises(InputError, match="missing: description, authors, license"):
        export(model, tmp_path / "new" / "model.zip", noisy(*SIZE), name="Nuclei")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (noisy(3, 20, 20), "not a test image"),
        (noisy(7, 20), "not a test image"),
        (np.full((20, 20), np.nan), "NaN"),
        (noisy(20), "not an image"),
    ],
)
def test_refuses_images_that_test_nothing(model, tmp_path, image, reason):
    with pytest.raises(InputError, match=reason):
        export(model, tmp_path / "model.zip", image, metadata=METADATA)
    assert not any(tmp_path.iterdir())


def test_refuses_a_model_without_training(tmp_path):
    with pytest.raises(InputError, match="not been trained"):
        export(
            DivNoising(GaussianNoiseModel(5.0), base_channels=4, latent_channels=2),
            tmp_path / "model.zip",
            noisy(*SIZE),
            metadata=METADATA,
        )


def test_keeps_the_old_package_unless_told_and_when_it_fails(model, tmp_path, monkeypatch):
    path = tmp_path / "model.zip"
    path.write_bytes(b"precious")
    with pytest.raises(InputError, match="exists"):
        export(model, path, noisy(*SIZE), metadata=METADATA)

    def fail(*_):
        raise RuntimeError("disk full")

    monkeypatch.setattr(package_module, "write_cover", fail)
    with pytest.raises(RuntimeError, match="disk full"):
        export(model, path, noisy(*SIZE), 1, 2, metadata=METADATA, overwrite=True)
    assert path.read_bytes() == b"precious"
    assert [one.name for one in tmp_path.iterdir()] == ["model.zip"]


def test_warns_of_a_collapsed_posterior_before_the_work(tmp_path, monkeypatch, caplog):
    def work(*_):
        raise RuntimeError("the work")

    monkeypatch.setattr(package_module, "sampling_function", work)
    model = small_model()
    for head in model.encoder.convolutions()[1]:
        head.set_weights([np.zeros_like(weight) for weight in head.get_weights()])
    with pytest.raises(RuntimeError, match="the work"):
        export(model, tmp_path / "model.zip", noisy(*SIZE), metadata=METADATA)
    assert "collapsed" in caplog.text


def test_large_test_images_are_cut_to_their_centre(model, tmp_path):
    image = noisy(300, 40)
    path = export(model, tmp_path / "model.zip", image, 1, 2, metadata=METADATA)
    with zipfile.ZipFile(path) as archive, archive.open("test_input.npy") as file:
        np.testing.assert_array_equal(np.load(file)[0, ..., 0], image[22:278])
